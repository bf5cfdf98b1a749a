//! Changes of what is owed: borrowed, on other terms, paid down faster, refinanced, at other rates.

use super::Source;
use super::course::{Laid, Moment, Recurring};
use super::effect::{Effect, Needs};
use super::kind::{AddDebt, AdjustInterestRates, ModifyDebt, PayoffDebt, Refinance};
use super::said::{Names, named, words};
use super::words::{CostsPaid, DebtScope};
use crate::projection::debts::{DebtState, Extra};
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{DebtTerms, PaymentRule};
use crate::rate::Rate;
use crate::vocabulary::{AccountType, ExpenseCategory};

const ONE_OFF: Slot = Slot::Outside(Outside::OneOff);
const LENDERS: Slot = Slot::Outside(Outside::Lenders);

impl Effect for AddDebt {
    fn opens(&self) -> Option<AccountType> {
        Some(self.account_type)
    }

    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        if !self.account_type.is_liability() {
            refuse("account_type", "is not a debt: use add_asset");
        }
    }

    /// A payment that is said goes on until the debt is gone, whatever the term: nothing falls due at its end.
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let payment = self.payment.map_or(PaymentRule::Amortised { remaining_months: self.term_months }, PaymentRule::Fixed);
        let terms = DebtTerms { rate: self.rate, payment, ..DebtTerms::default() };
        let Some(slot) = moment.open(Some(terms)) else { return };
        let proceeds = self.proceeds_to_account_id.map(|account| moment.state.slot_of(account.0).unwrap_or(moment.state.main_cash));
        match proceeds {
            Some(to) => moment.books.post(slot, to, self.principal, Purpose::Transfer),
            None => moment.books.post(slot, ONE_OFF, self.principal, Purpose::OneOff),
        }
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        let into = self.proceeds_to_account_id.map(|account| format!(" into {}", names.name_of(account.0.0))).unwrap_or_default();
        let payment = self.payment.map(|payment| format!(", paying {} a month", payment.grouped())).unwrap_or_default();
        format!(
            "{} of {} is borrowed{into}, at {} over {} months{payment}",
            words(self.account_type.as_str()),
            self.principal.grouped(),
            self.rate.in_percent(),
            self.term_months,
        )
    }
}

/// The terms of the debt in a slot.
fn debt_in(debts: &mut [DebtState], slot: Slot) -> Option<&mut DebtState> {
    debts.iter_mut().find(|debt| debt.slot == slot)
}

impl Effect for ModifyDebt {
    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        if *self == (Self { principal: None, rate: None, term_months: None, payment: None }) {
            refuse("rate", "nothing is changed: say at least one of principal, rate, term_months, payment");
        }
    }

    /// Where both a term and a payment are said, the payment is made, as on a debt that is added.
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let Some(slot) = moment.object() else { return };
        if let Some(principal) = self.principal {
            let more = principal + moment.books.balance(slot);
            moment.books.post(slot, ONE_OFF, more, Purpose::OneOff);
        }
        let Some(debt) = debt_in(&mut moment.state.debts, slot) else { return };
        if self.principal.is_some() {
            debt.owes_another_amount();
        }
        self.rate.into_iter().for_each(|rate| debt.set_rate(rate, false));
        self.term_months.into_iter().for_each(|remaining_months| debt.set_payment(PaymentRule::Amortised { remaining_months }));
        self.payment.into_iter().for_each(|payment| debt.set_payment(PaymentRule::Fixed(payment)));
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        let parts = [
            self.principal.map(|principal| format!("{} owed", principal.grouped())),
            self.rate.map(|rate| format!("a rate of {}", rate.in_percent())),
            self.term_months.map(|months| format!("{months} months to go")),
            self.payment.map(|payment| format!("a payment of {} a month", payment.grouped())),
        ];
        format!("{} becomes one of {}", named(about, names), parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl Effect for PayoffDebt {
    fn recur(&self, month: &mut Recurring<'_, '_, '_>) {
        if let Some(debt) = month.object() {
            let from = month.state.main_cash;
            month.state.extras.push(Extra { from, debt, offered: self.extra_monthly });
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        format!("{} more a month is paid on {} until it is gone", self.extra_monthly.grouped(), named(about, names))
    }
}

impl Effect for Refinance {
    /// The old loan becomes the new one, with what is borrowed on top; its first payment falls due at the end of the month.
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let Some(slot) = moment.object() else { return };
        let cash = moment.state.main_cash;
        let costs = self.closing_costs.unwrap_or_default();
        match self.closing_costs_paid.unwrap_or(CostsPaid::Financed) {
            CostsPaid::Financed => moment.books.post(slot, LENDERS, costs, Purpose::Interest),
            CostsPaid::Cash => moment.books.post(cash, LENDERS, costs, Purpose::Spending(ExpenseCategory::BankFees)),
        }
        moment.books.post(slot, cash, self.cash_out.unwrap_or_default(), Purpose::Transfer);
        if let Some(debt) = debt_in(&mut moment.state.debts, slot) {
            debt.set_rate(self.rate, true);
            debt.set_payment(PaymentRule::Amortised { remaining_months: self.term_months });
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        let costs = self.closing_costs.filter(|costs| costs.is_positive()).map(|costs| {
            let how = match self.closing_costs_paid.unwrap_or(CostsPaid::Financed) {
                CostsPaid::Financed => "added to the loan",
                CostsPaid::Cash => "paid in cash",
            };
            format!(", at costs of {} {how}", costs.grouped())
        });
        let cash_out = self.cash_out.filter(|cash| cash.is_positive()).map(|cash| format!(", and {} is taken out", cash.grouped()));
        format!(
            "{} is refinanced at {} over {} months{}{}",
            named(about, names),
            self.rate.in_percent(),
            self.term_months,
            costs.unwrap_or_default(),
            cash_out.unwrap_or_default(),
        )
    }
}

impl Effect for AdjustInterestRates {
    fn needs(&self) -> Option<Needs> {
        Some(Needs::Debt(self.applies_to))
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        for (points, debt) in laid.points.iter_mut().zip(&laid.state.debts) {
            let is_meant = match self.applies_to {
                DebtScope::All => true,
                DebtScope::Variable => debt.is_variable,
                DebtScope::Type(account_type) => debt.account_type == account_type,
            };
            if is_meant {
                let sum = points.fraction().checked_add(self.percentage_points.fraction());
                *points = sum.map_or(*points, Rate::new);
            }
        }
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        let which = match self.applies_to {
            DebtScope::All => "all debts".to_owned(),
            DebtScope::Variable => "debts of variable rate".to_owned(),
            DebtScope::Type(account_type) => format!("each {}", words(account_type.as_str())),
        };
        let points = self.percentage_points.fraction();
        let moves = if points.is_sign_negative() { "fall" } else { "rise" };
        format!("interest rates of {which} {moves} by {} percentage points", points.abs())
    }
}

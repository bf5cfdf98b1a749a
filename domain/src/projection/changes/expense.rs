//! Changes of what goes out: spending that begins, becomes another, stops, what is spent once, and what is put aside.

use rust_decimal::Decimal;

use super::Source;
use super::course::{Laid, Moment};
use super::effect::{Effect, Needs, Reach};
use super::kind::{AddExpense, AdjustTotalExpenses, LumpSumExpense, ModifyExpense, RemoveExpense, SetSavingsTransfer};
use super::said::{Names, each, named, words};
use super::spread::Spread;
use super::words::AdjustMode;
use crate::calendar::Frequency;
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::debts;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::spending::FlowState;
use crate::projection::state::Rise;
use crate::rate::Rate;
use crate::vocabulary::ExpenseCategory;

impl Effect for AddExpense {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let annual = self.frequency.annual_amount(self.amount);
        bring(laid, self.category, annual, self.frequency);
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        format!("{} of {} begins", words(self.category.as_str()), each(self.amount, self.frequency))
    }
}

/// Brings spending from the main cash account that rises as its category does.
fn bring(laid: &mut Laid<'_, '_>, category: ExpenseCategory, annual: Money, frequency: Frequency) {
    let mut flow = FlowState::brought(category, annual, laid.span(frequency), laid.state.main_cash, laid.cause());
    flow.annual = laid.grown(flow.annual, flow.growth);
    laid.flows.push(flow);
}

impl Effect for ModifyExpense {
    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        if *self == (Self { amount: None, frequency: None, category: None }) {
            refuse("amount", "nothing is changed: say at least one of amount, frequency, category");
        }
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let Some(Source::Flow(id)) = laid.now_about() else { return };
        let Some((growth, rhythm)) = laid.flow(id).map(|flow| (flow.growth, flow.span.frequency())) else { return };
        let said = self.amount.map(|amount| self.frequency.unwrap_or(rhythm).annual_amount(amount));
        let annual = said.map(|annual| laid.grown(annual, growth));
        let Some(flow) = laid.flow(id) else { return };
        self.frequency.into_iter().for_each(|frequency| flow.set_frequency(frequency));
        annual.into_iter().for_each(|annual| flow.annual = annual);
        self.category.into_iter().for_each(|category| flow.set_expense(category));
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        let amount = match (self.amount, self.frequency) {
            (Some(amount), Some(frequency)) => Some(each(amount, frequency)),
            (Some(amount), None) => Some(format!("{} each time", amount.grouped())),
            (None, Some(frequency)) => Some(words(frequency.as_str())),
            (None, None) => None,
        };
        let parts: Vec<String> = [amount, self.category.map(|category| words(category.as_str()))].into_iter().flatten().collect();
        format!("{} becomes {}", named(about, names), parts.join(", "))
    }
}

impl Effect for RemoveExpense {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        if let Some(Source::Flow(id)) = laid.now_about() {
            laid.suspend_flow(id);
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        format!("{} stops", named(about, names))
    }
}

impl Effect for LumpSumExpense {
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let cash = moment.state.main_cash;
        let debt = self.pay_down_account_id.and_then(|account| moment.state.slot_of(account.0));
        let Some(debt) = debt else {
            let (to, purpose) = if self.category.is_tax() {
                moment.state.taxes.note_paid(self.category, self.amount);
                (Outside::TaxAuthorities, Purpose::Tax(self.category))
            } else {
                (Outside::Merchants, Purpose::Spending(self.category))
            };
            return moment.books.post(cash, Slot::Outside(to), self.amount, purpose);
        };
        // A payment on a debt counts as one, whatever it was called.
        let category = moment.state.account(debt).map_or(self.category, |account| debts::principal_category(account.account_type));
        let owed = (-moment.books.balance(debt)).at_least_zero();
        moment.books.post(cash, debt, self.amount.min(owed), Purpose::ExtraPayment(category));
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        match self.pay_down_account_id {
            Some(debt) => format!("{} is paid down on {}", self.amount.grouped(), names.name_of(debt.0.0)),
            None => format!("{} is spent once on {}", self.amount.grouped(), words(self.category.as_str())),
        }
    }
}

/// A total is adjusted by whole cents a month, or by a fraction that leaves something.
pub(super) fn check_adjustment(amount: Decimal, mode: AdjustMode, refuse: &mut dyn FnMut(&'static str, &'static str)) {
    match mode {
        AdjustMode::Absolute if Money::from_decimal_exact(amount).is_err() => {
            refuse("amount", "must be an amount of whole cents a month where the mode is absolute");
        }
        AdjustMode::Percent if amount < -Decimal::ONE || amount > Decimal::TEN || amount.scale() > 12 => {
            refuse("amount", "must be a fraction between -1 and 10, such as \"-0.1\" for 10 % less, where the mode is percent");
        }
        AdjustMode::Absolute | AdjustMode::Percent => {}
    }
}

/// `all income falls by 10 %`.
pub(super) fn adjustment_said(what: &str, amount: Decimal, mode: AdjustMode) -> String {
    let falls = amount.is_sign_negative();
    let by = match mode {
        AdjustMode::Absolute => format!("{} a month", Money::round(amount.abs()).grouped()),
        AdjustMode::Percent => Rate::new(amount.abs()).in_percent(),
    };
    format!("{what} {} by {by}", if falls { "falls" } else { "rises" })
}

impl Effect for AdjustTotalExpenses {
    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        check_adjustment(self.amount, self.mode, refuse);
    }

    fn reach(&self) -> Reach {
        Reach::WhatIsPaid
    }

    /// Of what is spent: neither taxes nor payments on debts, nor what is put aside.
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        match self.mode {
            AdjustMode::Percent => {
                let fraction = Fraction::of_rate(Rate::new(self.amount));
                laid.flows.iter_mut().filter(|flow| flow.is_spending()).for_each(|flow| flow.raise(fraction));
            }
            AdjustMode::Absolute => {
                let annual = Frequency::Monthly.annual_amount(Money::round(self.amount));
                if annual.is_negative() {
                    cut(laid, laid.grown(annual, Rise::Inflation));
                } else {
                    bring(laid, ExpenseCategory::Miscellaneous, annual, Frequency::Monthly);
                }
            }
        }
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        adjustment_said("all spending", self.amount, self.mode)
    }
}

/// Takes an amount a year off all that is spent now, in proportion, and no more than there is.
fn cut(laid: &mut Laid<'_, '_>, annual: Money) {
    let clock = *laid.clock();
    let is_spent = |flow: &&mut FlowState| flow.is_spending() && flow.is_active_in(clock.month);
    let spent = laid.flows.iter_mut().filter(is_spent).map(|flow| (flow.annual, flow.due(&clock)));
    let in_all = spent.fold((Money::ZERO, Money::ZERO), |(a_year, due), (more, more_due)| (a_year + more, due + more_due));
    let mut spread = Spread::new(laid, annual, in_all);
    for flow in laid.flows.iter_mut().filter(is_spent) {
        let part = spread.part(flow.annual, flow.due(&clock));
        flow.annual = part.annual;
        part.due.into_iter().for_each(|due| flow.set_due(due));
    }
}

impl Effect for SetSavingsTransfer {
    fn needs(&self) -> Option<Needs> {
        Some(Needs::Account(self.target_account_id.0))
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let Some(to) = laid.state.slot_of(self.target_account_id.0) else { return };
        laid.flows.iter_mut().filter(|flow| flow.puts_aside_into(to)).for_each(FlowState::suspend);
        let is_debt = laid.state.account(to).is_some_and(|account| account.class.is_liability());
        let span = laid.span(Frequency::Monthly);
        let annual = Frequency::Monthly.annual_amount(self.amount);
        laid.flows.push(FlowState::put_aside(annual, span, (laid.state.main_cash, to), is_debt, laid.cause()));
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        format!("{} a month is put aside into {}", self.amount.grouped(), names.name_of(self.target_account_id.0.0))
    }
}

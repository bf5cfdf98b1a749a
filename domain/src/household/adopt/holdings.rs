//! What is owned and owed, made real: acquired, revalued, sold, borrowed, on other terms.
//!
//! All of it happens once, so it can be told on its day only, and is told as balances of that day. Which account holds what is moved
//! at once; of a debt whose balance is told anew the last payment stays in its month.

use chrono::Datelike;

use super::reality::Reality;
use super::reason::Reason;
use crate::calendar::{Month, on_day};
use crate::household::accounts;
use crate::household::command::{AccountPatch, AssetDetailsPatch, Holding, LiabilityPatch, Told};
use crate::household::facts::{Account, Balance};
use crate::household::inputs::debt_input;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::Treatment;
use crate::projection::changes::Source;
use crate::projection::changes::kind::{AddAsset, AddDebt, LumpSumExpense, LumpSumIncome, ModifyAsset, ModifyDebt, Refinance, SellAsset};
use crate::projection::changes::words::{CostsPaid, GainTax, TaxTreatment};
use crate::system_flows::DebtInput;
use crate::vocabulary::{AccountClass, AccountType};

const OWNED: &str = "nothing can be owned or owed before its day";
const MOVED: &str = "money cannot have moved before its day";

fn about(reality: &Reality<'_>) -> Result<AccountId, Reason> {
    let Some(Source::Account(id)) = reality.change().source else { return Err(Reason::Gone("the account")) };
    reality.account(id, "the account").map(|_| id)
}

fn main_cash(reality: &Reality<'_>) -> Result<AccountId, Reason> {
    reality.home().main_cash().ok_or(Reason::Gone("an account that the money could come from or go to"))
}

fn not_sayable(rule: &str) -> Reason {
    Reason::NotSayable(rule.to_owned())
}

impl Reality<'_> {
    fn months_to_go(&self, id: AccountId) -> Option<u16> {
        self.home().accounts.get(&id).and_then(|state| debt_input(id, state)).as_ref().and_then(DebtInput::remaining_months)
    }

    fn tell(&mut self, id: AccountId, balance: Option<Balance>, terms: Option<LiabilityPatch>) -> Result<(), Reason> {
        let holding = Holding { balance, liability: terms.map(Told::Part), asset_details: None };
        Ok(accounts::change(&mut self.draft, id, AccountPatch::default(), holding)?)
    }

    /// What an account holds now, and what was paid for it where that is known. Told of today, or of the later day of the last balance.
    fn set_balance(&mut self, id: AccountId, balance: Money, cost_basis: Option<Money>) -> Result<(), Reason> {
        let today = self.today();
        let as_of_date = self.account(id, "the account")?.balance.as_ref().map_or(today, |known| known.as_of_date.max(today));
        let months_to_go = self.months_to_go(id);
        self.tell(id, Some(Balance { as_of_date, balance, cost_basis, market_value: None }), None)?;
        // The term is counted from the day of the balance: told of another day, it would end on another.
        if let Some(months) = months_to_go.filter(|months| self.months_to_go(id) != Some(*months)) {
            self.end_debt_in(id, months)?;
        }
        Ok(())
    }

    fn end_debt_in(&mut self, id: AccountId, months: u16) -> Result<(), Reason> {
        let day = self.account(id, "the debt")?.balance.as_ref().map_or(self.today(), |balance| balance.as_of_date);
        let maturity = on_day(Month::of(day).plus(i32::from(months)), day.day());
        self.tell(id, None, Some(LiabilityPatch { maturity_date: Some(Some(maturity)), ..Default::default() }))
    }

    /// Money arrives in an account, or leaves it.
    fn shift(&mut self, id: AccountId, more: Money) -> Result<(), Reason> {
        let state = self.account(id, "the account")?;
        let treatment = Treatment::of(state.account.account_type);
        let is_plain = treatment == Treatment::Plain;
        if !is_plain && more.is_negative() {
            return Err(not_sayable("taking money out of an investment or a retirement account is taxed, which a balance does not say"));
        }
        if !is_plain && treatment != Treatment::Investment {
            return Err(not_sayable("what is put into a retirement account counts towards the year's limit, which a balance does not say"));
        }
        let known = state.known_cost().unwrap_or(state.at_market());
        let (now, cost) = (state.at_market() + more, (!is_plain).then(|| known + more));
        if now.is_negative() && more.is_negative() {
            return Err(Reason::NotSayable(format!("{} holds no more than {}", state.account.name, state.at_market().grouped())));
        }
        self.set_balance(id, now, cost)
    }

    fn owed(&self, id: AccountId) -> Result<Money, Reason> {
        Ok(self.account(id, "the debt")?.current_balance())
    }

    fn open(&mut self, account_type: AccountType, holding: Holding) -> Result<AccountId, Reason> {
        let (id, _) = self.planned.opens().ok_or(Reason::Gone("the account"))?;
        if self.home().accounts.contains_key(&id) {
            return Err(Reason::NoEffect("what it brings is there already"));
        }
        let display_order = self.home().accounts.values().map(|state| state.account.display_order).max();
        let account = Account {
            name: self.change().name.clone(),
            account_type,
            institution: None,
            last_four: None,
            member_id: None,
            asset_group_id: None,
            active: true,
            // Behind all others, as in the scenario: which account pays first is a matter of their order.
            display_order: display_order.map_or(0, |last| last.saturating_add(1)),
            notes: self.change().notes.clone(),
        };
        let main_cash = self.home().main_cash();
        accounts::open(&mut self.draft, id, account, holding)?;
        if main_cash.is_some() && self.home().main_cash() != main_cash {
            return Err(not_sayable("a first checking account would be the one that everything is paid from"));
        }
        Ok(id)
    }
}

pub(super) fn add_asset(reality: &mut Reality<'_>, told: &AddAsset) -> Result<(), Reason> {
    reality.happens_now(OWNED)?;
    if told.account_type.class() == AccountClass::Retirement {
        return Err(not_sayable("what the law says of a retirement account depends on whose it is, which the change does not say"));
    }
    if let Some(from) = told.funded_from_account_id {
        reality.shift(from.0, -told.value)?;
    }
    let has_cost = matches!(Treatment::of(told.account_type), Treatment::Investment | Treatment::Property);
    let cost_basis = has_cost.then_some(told.value);
    let balance = Balance { as_of_date: reality.today(), balance: told.value, cost_basis, market_value: None };
    let acquired = AssetDetailsPatch { acquisition_date: Some(Some(reality.change().effective_date)), ..Default::default() };
    let asset_details = told.account_type.class().is_property().then_some(Told::Whole(acquired));
    reality.open(told.account_type, Holding { balance: Some(balance), liability: None, asset_details }).map(|_| ())
}

pub(super) fn modify_asset(reality: &mut Reality<'_>, told: &ModifyAsset) -> Result<(), Reason> {
    reality.happens_now(OWNED)?;
    let id = about(reality)?;
    let state = reality.account(id, "the account")?;
    // What was paid for it stays what it was; where nobody said, the plan takes what it was worth.
    let has_cost = matches!(Treatment::of(state.account.account_type), Treatment::Investment | Treatment::Property | Treatment::Roth);
    let cost = has_cost.then(|| state.known_cost().unwrap_or(state.at_market()).at_least_zero());
    reality.set_balance(id, told.value, cost)
}

pub(super) fn sell_asset(reality: &mut Reality<'_>, told: &SellAsset) -> Result<(), Reason> {
    reality.happens_now(OWNED)?;
    let (id, cash) = (about(reality)?, main_cash(reality)?);
    let state = reality.account(id, "the account")?;
    let price = told.sale_price.unwrap_or(state.at_market()).at_least_zero();
    let costs = told.selling_costs.unwrap_or_default();
    let gain = price - costs - state.known_cost().unwrap_or(state.at_market().at_least_zero());
    match Treatment::of(state.account.account_type) {
        Treatment::Deferred { .. } | Treatment::Roth | Treatment::Health => {
            return Err(not_sayable("taking everything out of a retirement account is taxed, which a balance does not say"));
        }
        Treatment::Investment if told.gain_tax != Some(GainTax::None) && !gain.is_zero() => {
            return Err(Reason::NotSayable(format!("its gain of {} is taxed this year, which a balance does not say", gain.grouped())));
        }
        Treatment::Plain | Treatment::Investment | Treatment::Property => {}
    }
    let debt = told.pay_off_account_id.map(|debt| debt.0);
    let owed = debt.map_or(Ok(Money::ZERO), |debt| reality.owed(debt))?;
    reality.set_balance(id, Money::ZERO, None)?;
    let sold = AccountPatch { active: Some(false), ..AccountPatch::default() };
    accounts::change(&mut reality.draft, id, sold, Holding::default())?;
    reality.shift(cash, price - costs - owed)?;
    debt.map_or(Ok(()), |debt| reality.set_balance(debt, Money::ZERO, None))
}

pub(super) fn add_debt(reality: &mut Reality<'_>, told: &AddDebt) -> Result<(), Reason> {
    reality.happens_now(OWNED)?;
    if told.account_type.class() == AccountClass::RevolvingDebt && told.payment.is_none() {
        return Err(not_sayable(
            "of a card or a line of credit the household pays the least, and not a term's equal payments: say a payment",
        ));
    }
    let today = reality.today();
    let terms = LiabilityPatch {
        interest_rate: Some(told.rate),
        original_balance: Some(Some(told.principal)),
        origination_date: Some(Some(today)),
        term_months: Some(Some(u32::from(told.term_months))),
        minimum_payment: Some(told.payment),
        ..Default::default()
    };
    let balance = Balance { as_of_date: today, balance: told.principal, cost_basis: None, market_value: None };
    reality.open(told.account_type, Holding { balance: Some(balance), liability: Some(Told::Whole(terms)), asset_details: None })?;
    told.proceeds_to_account_id.map_or(Ok(()), |to| reality.shift(to.0, told.principal))
}

pub(super) fn modify_debt(reality: &mut Reality<'_>, told: &ModifyDebt) -> Result<(), Reason> {
    reality.happens_now(OWNED)?;
    let id = about(reality)?;
    if let Some(principal) = told.principal {
        reality.set_balance(id, principal, None)?;
    }
    let payment = told.payment.map(Some).or(told.term_months.map(|_| None));
    let is_paid = payment.map(|_| false);
    let terms = LiabilityPatch {
        interest_rate: told.rate,
        minimum_payment: payment,
        interest_only: is_paid,
        in_forbearance: is_paid,
        ..Default::default()
    };
    reality.tell(id, None, Some(terms))?;
    told.term_months.map_or(Ok(()), |months| equal_payments(reality, id, months))
}

/// Equal payments over so many months from now on.
fn equal_payments(reality: &mut Reality<'_>, id: AccountId, months: u16) -> Result<(), Reason> {
    let state = reality.account(id, "the debt")?;
    if state.account.account_type.class() == AccountClass::RevolvingDebt {
        return Err(not_sayable("of a card or a line of credit the household pays the least, and not a term's equal payments"));
    }
    let balance = state.current_balance();
    reality.set_balance(id, balance, None)?;
    reality.end_debt_in(id, months)
}

pub(super) fn refinance(reality: &mut Reality<'_>, told: &Refinance) -> Result<(), Reason> {
    reality.happens_now(OWNED)?;
    let id = about(reality)?;
    let costs = told.closing_costs.unwrap_or_default();
    let cash_out = told.cash_out.unwrap_or_default();
    let (financed, paid) = match told.closing_costs_paid.unwrap_or(CostsPaid::Financed) {
        CostsPaid::Financed => (costs, Money::ZERO),
        CostsPaid::Cash => (Money::ZERO, costs),
    };
    let principal = reality.owed(id)? + financed + cash_out;
    if !(cash_out - paid).is_zero() {
        let cash = main_cash(reality)?;
        reality.shift(cash, cash_out - paid)?;
    }
    reality.set_balance(id, principal, None)?;
    let terms = LiabilityPatch {
        interest_rate: Some(told.rate),
        variable_rate: Some(None),
        original_balance: Some(Some(principal)),
        origination_date: Some(Some(reality.today())),
        term_months: Some(Some(u32::from(told.term_months))),
        maturity_date: Some(None),
        minimum_payment: Some(None),
        interest_only: Some(false),
        in_forbearance: Some(false),
        ..Default::default()
    };
    reality.tell(id, None, Some(terms))?;
    equal_payments(reality, id, told.term_months)
}

pub(super) fn receive(reality: &mut Reality<'_>, told: &LumpSumIncome) -> Result<(), Reason> {
    reality.happens_now(MOVED)?;
    if told.tax_treatment != TaxTreatment::Untaxed {
        return Err(not_sayable("it is taxed in April, which the balance that it arrives in does not say"));
    }
    let cash = main_cash(reality)?;
    reality.shift(cash, told.amount)
}

pub(super) fn spend(reality: &mut Reality<'_>, told: &LumpSumExpense) -> Result<(), Reason> {
    reality.happens_now(MOVED)?;
    if told.category.is_tax() && told.pay_down_account_id.is_none() {
        return Err(not_sayable("what is paid ahead of the year's tax is counted in April, which a balance does not say"));
    }
    let cash = main_cash(reality)?;
    let Some(debt) = told.pay_down_account_id.map(|debt| debt.0) else { return reality.shift(cash, -told.amount) };
    let owed = reality.owed(debt)?;
    let paid = told.amount.min(owed);
    reality.shift(cash, -paid)?;
    reality.set_balance(debt, owed - paid, None)
}

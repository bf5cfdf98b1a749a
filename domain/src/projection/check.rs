//! What the engine relies on in a plan. A plan made from a household passes; one made by hand is refused by name.

use rust_decimal::Decimal;

use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::plan::{DeductionAmount, DeductionTarget, PaymentRule, Plan};
use crate::rate::Rate;
use crate::vocabulary::AccountClass;

/// Why a plan cannot be projected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A horizon of nothing, or of more than 600 months.
    #[error("a projection has 1 to 600 months, not {0}")]
    Months(u16),
    /// Two accounts of one id.
    #[error("the account {0} is in the plan twice")]
    DuplicateAccount(AccountId),
    /// Something names an account that is not in the plan.
    #[error("the account {0} is not in the plan")]
    UnknownAccount(AccountId),
    /// Income cannot arrive in a house.
    #[error("the main account {0} is not a cash account")]
    MainAccountNotCash(AccountId),
    /// Debt terms of something that is owned.
    #[error("the account {0} has debt terms but is not a liability")]
    NotALiability(AccountId),
    /// A rate that leaves nothing, or one that no calculation holds.
    #[error("the rate {rate} ({what}) must be {accepted}")]
    RateOutOfRange {
        /// Which rate.
        what: &'static str,
        /// Its value.
        rate: Rate,
        /// What it may be, in words.
        accepted: &'static str,
    },
    /// An amount that cannot be negative.
    #[error("{0} must not be negative")]
    Negative(&'static str),
    /// More accounts than the ledger numbers.
    #[error("a plan has at most 60000 accounts")]
    TooManyAccounts,
}

/// More accounts than any household has, and fewer than a `u16` numbers.
const MAX_ACCOUNTS: usize = 60_000;

impl Plan {
    /// Checks what the engine relies on.
    ///
    /// # Errors
    /// The first [`PlanError`] found. A plan made from a household has none of them.
    pub fn check(&self) -> Result<(), PlanError> {
        if !(1..=600).contains(&self.months) {
            return Err(PlanError::Months(self.months));
        }
        if self.accounts.len() > MAX_ACCOUNTS {
            return Err(PlanError::TooManyAccounts);
        }
        self.check_rates()?;
        self.check_accounts()?;
        self.check_incomes()?;
        self.check_flows()
    }

    fn check_rates(&self) -> Result<(), PlanError> {
        let assumed = &self.assumptions;
        growth("inflation", assumed.inflation)?;
        growth("investment_return", assumed.investment_return)?;
        growth("salary_growth", assumed.salary_growth)?;
        growth("cash_yield", assumed.cash_yield)?;
        growth("property_appreciation", assumed.property_appreciation.unwrap_or_default())?;
        interest("overdraft_rate", assumed.overdraft_rate)?;
        for account in &self.accounts {
            growth("growth", account.growth.unwrap_or_default())?;
            if let Some(debt) = &account.debt {
                let bounds = [Some(debt.rate), debt.floor, debt.ceiling];
                bounds.into_iter().flatten().try_for_each(|rate| interest("interest_rate", rate))?;
                let payment = if let PaymentRule::Fixed(payment) = debt.payment { payment } else { Money::ZERO };
                not_negative("a debt's payment", payment)?;
                not_negative("escrow", debt.escrow)?;
            }
        }
        Ok(())
    }

    fn check_accounts(&self) -> Result<(), PlanError> {
        let mut ids: Vec<AccountId> = self.accounts.iter().map(|account| account.id).chain([self.overdraft]).collect();
        ids.sort_unstable();
        let twice = ids.iter().zip(ids.iter().skip(1)).find(|(one, next)| one == next);
        if let Some((id, _)) = twice {
            return Err(PlanError::DuplicateAccount(*id));
        }
        if let Some(account) = self.accounts.iter().find(|account| account.debt.is_some() && !account.account_type.is_liability()) {
            return Err(PlanError::NotALiability(account.id));
        }
        let main = self.accounts.iter().find(|account| account.id == self.main_cash);
        match main.map(|account| account.account_type.class()) {
            Some(AccountClass::Cash) => Ok(()),
            Some(_) => Err(PlanError::MainAccountNotCash(self.main_cash)),
            None => Err(PlanError::UnknownAccount(self.main_cash)),
        }
    }

    fn check_incomes(&self) -> Result<(), PlanError> {
        for income in &self.incomes {
            not_negative("annual gross", income.annual_gross)?;
            for deduction in &income.deductions {
                match deduction.amount {
                    DeductionAmount::Fixed(amount) => not_negative("a deduction", amount)?,
                    DeductionAmount::Percent(rate) if rate < Rate::ZERO => return Err(PlanError::Negative("a deduction")),
                    DeductionAmount::Percent(_) => {}
                }
                if let DeductionTarget::Account(id) = deduction.target {
                    self.known(id)?;
                }
            }
            let business = income.self_employment;
            business.map_or(Ok(()), |business| not_negative("business expenses", business.annual_expenses))?;
            let estimates = business.and_then(|business| business.quarterly_estimates);
            estimates.into_iter().flatten().try_for_each(|quarter| not_negative("an estimated payment", quarter))?;
        }
        Ok(())
    }

    fn check_flows(&self) -> Result<(), PlanError> {
        for flow in &self.flows {
            not_negative("a flow's amount", flow.amount)?;
            [flow.from, flow.to].into_iter().flatten().try_for_each(|id| self.known(id))?;
        }
        Ok(())
    }

    fn known(&self, id: AccountId) -> Result<(), PlanError> {
        if self.accounts.iter().any(|account| account.id == id) { Ok(()) } else { Err(PlanError::UnknownAccount(id)) }
    }
}

fn growth(what: &'static str, rate: Rate) -> Result<(), PlanError> {
    let fits = rate.fraction() > -Decimal::ONE && rate.fraction() <= Decimal::TEN;
    if fits { Ok(()) } else { Err(PlanError::RateOutOfRange { what, rate, accepted: "more than -1 and at most 10" }) }
}

fn interest(what: &'static str, rate: Rate) -> Result<(), PlanError> {
    let fits = rate.fraction() >= Decimal::ZERO && rate.fraction() <= Decimal::TEN;
    if fits { Ok(()) } else { Err(PlanError::RateOutOfRange { what, rate, accepted: "0 to 10" }) }
}

const fn not_negative(what: &'static str, amount: Money) -> Result<(), PlanError> {
    if amount.is_negative() { Err(PlanError::Negative(what)) } else { Ok(()) }
}

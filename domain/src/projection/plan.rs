//! What goes in: a plan. Everything that a forecast depends on, as plain values, and nothing of how a household is stored.
//!
//! The plan holds what recurs and what stands, not what follows from it: of the system flows it takes those of property (tax,
//! insurance, rent), but neither payroll's nor debts' nor taxes', which the engine derives itself from incomes and debt terms.
//! Taking both was how the predecessor counted taxes twice.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::{Date, Frequency, Month, PayFrequency};
use crate::ids::{AccountId, DeductionId, FlowId, IncomeId, MemberId};
use crate::money::Money;
use crate::rate::Rate;
use crate::tax::W4;
use crate::vocabulary::{AccountType, ExpenseCategory, FilingStatus, FlowType, IncomeCategory, IncomeType, State};

crate::vocabulary::words! {
    /// How often something that recurs falls into a month.
    pub enum CalendarMode {
        /// An equal twelfth of the year in every month in which it is active on any day.
        Smoothed => "smoothed",
        /// As often as it occurs in that month: a biweekly paycheck three times in some.
        Exact => "exact",
    }
}

/// What is assumed of the world: annual fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumptions {
    /// Raises the flows that inflate, and the tax thresholds of years without a file.
    pub inflation: Rate,
    /// Investment and retirement accounts.
    pub investment_return: Rate,
    /// Wages and self-employment.
    pub salary_growth: Rate,
    /// Cash accounts.
    pub cash_yield: Rate,
    /// Real property; else as inflation.
    pub property_appreciation: Option<Rate>,
    /// Interest on the overdraft.
    pub overdraft_rate: Rate,
}

impl Default for Assumptions {
    /// Those of spec 03: 3 % inflation, 7 % return, 3 % salary growth, nothing on cash, property as inflation, a free overdraft.
    fn default() -> Self {
        Self {
            inflation: Rate::percent(3),
            investment_return: Rate::percent(7),
            salary_growth: Rate::percent(3),
            cash_yield: Rate::ZERO,
            property_appreciation: None,
            overdraft_rate: Rate::ZERO,
        }
    }
}

/// A plan to project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Month 1.
    pub start: Month,
    /// How many months, 1 … 600.
    pub months: u16,
    /// How what recurs falls into months.
    pub calendar: CalendarMode,
    /// What is assumed.
    pub assumptions: Assumptions,
    /// Whether April brings last year's taxes and what was paid of them together.
    pub settle_taxes: bool,
    /// Whether thresholds and limits of years without a file rise with inflation.
    pub index_thresholds: bool,
    /// Everything that is owned or owed.
    pub accounts: Vec<PlanAccount>,
    /// Everything that is earned.
    pub incomes: Vec<PlanIncome>,
    /// Everything else that recurs.
    pub flows: Vec<PlanFlow>,
    /// Whose return it is.
    pub filer: PlanFiler,
    /// Where income arrives and spending comes from: a cash account.
    pub main_cash: AccountId,
    /// What the overdraft is called in balances, in the months in which there is one.
    pub overdraft: AccountId,
}

/// Something owned or owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanAccount {
    /// Its id.
    pub id: AccountId,
    /// What it is.
    pub account_type: AccountType,
    /// Its balance before month 1; of a liability what is owed, as a positive amount.
    pub opening: Money,
    /// How it is paid back; only for liabilities. One without terms bears no interest and stays as it is.
    pub debt: Option<DebtTerms>,
    /// Growth a year, where it differs from what its class does.
    pub growth: Option<Rate>,
}

/// How a debt is paid back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtTerms {
    /// Interest a year.
    pub rate: Rate,
    /// Not below this, for a variable rate.
    pub floor: Option<Rate>,
    /// Not above this, for a variable rate.
    pub ceiling: Option<Rate>,
    /// What is paid a month.
    pub payment: PaymentRule,
    /// Months from the start in which only interest is paid; part of the remaining term.
    pub interest_only_months: u16,
    /// Property tax and insurance collected with the payment. Spending, not debt: it goes on when the debt is paid.
    pub escrow: Money,
    /// Interest accrues, nothing is paid.
    pub in_forbearance: bool,
}

/// What is paid a month on a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentRule {
    /// This amount, until the debt is gone.
    Fixed(Money),
    /// Equal payments over the remaining months, of which the last takes what remains.
    Amortised {
        /// Months to the end, the interest-only ones included.
        remaining_months: u16,
    },
    /// The least payment of a revolving debt: interest and 1 % of the balance, at least 25.00.
    RevolvingMinimum,
    /// Nothing.
    None,
}

/// Something earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanIncome {
    /// Its id.
    pub id: IncomeId,
    /// Who earns it; without one, the first member.
    pub member: Option<MemberId>,
    /// How it is taxed.
    pub income_type: IncomeType,
    /// What it counts as.
    pub category: IncomeCategory,
    /// Gross a year.
    pub annual_gross: Money,
    /// How often it is paid.
    pub pay_frequency: PayFrequency,
    /// First day; the first payday of the exact calendar. Without one, it has always been there.
    pub start: Option<Date>,
    /// Last day, included.
    pub end: Option<Date>,
    /// The W-4, for wages.
    pub w4: PlanW4,
    /// What is taken out of it before the net.
    pub deductions: Vec<PlanDeduction>,
    /// For self-employment.
    pub self_employment: Option<SelfEmployment>,
}

/// What an employee told the employer: form W-4 and its state companion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanW4 {
    /// Step 1(c), where it differs from the household's.
    pub filing_status: Option<FilingStatus>,
    /// Steps 2 to 4.
    pub federal: W4,
    /// Additional state withholding a pay period.
    pub state_extra_withholding: Money,
}

/// Taken out of a paycheck, before or after taxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDeduction {
    /// Its id.
    pub id: DeductionId,
    /// How much.
    pub amount: DeductionAmount,
    /// Which wages it lowers.
    pub effect: WageEffect,
    /// Where it goes.
    pub target: DeductionTarget,
    /// What the employer adds; only where the target is an account.
    pub employer_match: Option<EmployerMatch>,
    /// The law's limit in the year of the plan's start; in later ones it rises with inflation where thresholds do.
    pub annual_cap: Option<Money>,
}

/// How much a deduction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeductionAmount {
    /// An amount a pay period.
    PerPeriod(Money),
    /// A fraction of gross.
    OfGross(Rate),
}

/// Which wages a deduction lowers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WageEffect {
    /// Those of the income tax: a traditional 401(k) and its like.
    IncomeTax,
    /// Those of income tax and FICA: an HSA through payroll, which some states tax all the same.
    PayrollHsa,
    /// Those of income tax and FICA: premiums, FSAs, commuting.
    Cafeteria,
    /// None: Roth, and everything after tax.
    None,
}

/// Where a deduction goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeductionTarget {
    /// To an account of the household.
    Account(AccountId),
    /// Spent.
    Spent(ExpenseCategory),
}

/// What an employer adds to a contribution: `rate` × what the employee puts in, up to `cap_fraction` of gross.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmployerMatch {
    /// `1` = dollar for dollar.
    pub rate: Rate,
    /// The employee's contribution is matched up to this fraction of gross.
    pub cap_fraction: Option<Rate>,
    /// The employer's own limit a calendar year.
    pub annual_cap: Option<Money>,
}

/// What the tax on self-employment needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfEmployment {
    /// Business expenses a year: they lower the taxable profit. What is really spent is in the flows.
    pub annual_expenses: Money,
    /// The four estimated payments a year as entered; else a safe-harbour quarter of the tax on this income.
    pub quarterly_estimates: Option<[Money; 4]>,
}

/// Something that recurs, other than wages, their deductions, taxes and debt payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFlow {
    /// Its id.
    pub id: FlowId,
    /// What it does and counts as.
    pub kind: FlowKind,
    /// Each time.
    pub amount: Money,
    /// How often.
    pub frequency: Frequency,
    /// First occurrence.
    pub start: Date,
    /// Last day, included.
    pub end: Option<Date>,
    /// Where it comes from; else the main cash account.
    pub from: Option<AccountId>,
    /// Where it goes to; else the main cash account. A liability: it is an extra payment, of what is owed at most.
    pub to: Option<AccountId>,
    /// Whether it rises at every anniversary: earned income with salaries, all else with inflation.
    pub inflates: bool,
}

/// A flow's type and the category that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowKind {
    /// Comes in. Taxed in the annual estimate where it is interest, dividends, gains or self-employment; else taken as net.
    Income(IncomeCategory),
    /// Goes out.
    Expense(ExpenseCategory),
    /// Moves.
    Transfer,
}

impl FlowKind {
    /// Its type.
    #[must_use]
    pub const fn flow_type(self) -> FlowType {
        match self {
            Self::Income(_) => FlowType::Income,
            Self::Expense(_) => FlowType::Expense,
            Self::Transfer => FlowType::Transfer,
        }
    }
}

/// Whose return it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFiler {
    /// The status.
    pub filing_status: FilingStatus,
    /// The state of residence, if any.
    pub state: Option<State>,
    /// Those who may earn, the first one first.
    pub members: Vec<PlanMember>,
    /// Birth dates of the children.
    pub children: Vec<Date>,
    /// Dependents that are no children.
    pub other_dependents: u32,
}

/// Somebody who may earn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanMember {
    /// Who.
    pub id: MemberId,
    /// When born.
    pub birth: Option<Date>,
}

/// Why a plan cannot be projected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
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
    #[error("the rate {rate} ({what}) must be more than -1 and at most 10")]
    RateOutOfRange {
        /// Which rate.
        what: &'static str,
        /// Its value.
        rate: Rate,
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
            Some(crate::vocabulary::AccountClass::Cash) => Ok(()),
            Some(_) => Err(PlanError::MainAccountNotCash(self.main_cash)),
            None => Err(PlanError::UnknownAccount(self.main_cash)),
        }
    }

    fn check_incomes(&self) -> Result<(), PlanError> {
        for income in &self.incomes {
            not_negative("annual gross", income.annual_gross)?;
            for deduction in &income.deductions {
                match deduction.amount {
                    DeductionAmount::PerPeriod(amount) => not_negative("a deduction", amount)?,
                    DeductionAmount::OfGross(rate) if rate < Rate::ZERO => return Err(PlanError::Negative("a deduction")),
                    DeductionAmount::OfGross(_) => {}
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
    if fits { Ok(()) } else { Err(PlanError::RateOutOfRange { what, rate }) }
}

fn interest(what: &'static str, rate: Rate) -> Result<(), PlanError> {
    let fits = rate.fraction() >= Decimal::ZERO && rate.fraction() <= Decimal::TEN;
    if fits { Ok(()) } else { Err(PlanError::RateOutOfRange { what, rate }) }
}

const fn not_negative(what: &'static str, amount: Money) -> Result<(), PlanError> {
    if amount.is_negative() { Err(PlanError::Negative(what)) } else { Ok(()) }
}

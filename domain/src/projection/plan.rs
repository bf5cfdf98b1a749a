//! What goes in: a plan. Everything that a forecast depends on, as plain values, and nothing of how a household is stored.
//!
//! The plan holds what recurs and what stands, not what follows from it: of the system flows it takes those of property (tax,
//! insurance, rent), but neither payroll's nor debts' nor taxes', which the engine derives itself from incomes and debt terms.
//! Taking both was how the predecessor counted taxes twice.

use serde::{Deserialize, Serialize};

use crate::calendar::{Date, Frequency, Month, PayFrequency};
pub use crate::flow_kind::FlowKind;
use crate::ids::{AccountId, DeductionId, FlowId, IncomeId, MemberId};
use crate::money::Money;
pub use crate::payroll::{DeductionAmount, DeductionType, EmployerMatch};
use crate::projection::changes::PlannedChange;
use crate::rate::Rate;
use crate::tax::W4;
use crate::vocabulary::{AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, State, WithdrawalOrder};

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

/// As the predecessor had it.
impl Default for CalendarMode {
    fn default() -> Self {
        Self::Smoothed
    }
}

impl CalendarMode {
    /// Whether nobody has chosen the other one.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::Smoothed)
    }
}

impl PlanAccount {
    /// An account of a type with nothing in it.
    #[must_use]
    pub const fn of(id: AccountId, account_type: AccountType) -> Self {
        Self { id, account_type, opening: Money::ZERO, cost_basis: None, owner: None, debt: None, growth: None }
    }
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
    /// What is drawn first when cash runs short.
    pub withdrawal_order: WithdrawalOrder,
    /// What is done differently, as it holds: in a scenario its own changes and those that it inherits.
    pub changes: Vec<PlannedChange>,
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
    /// What was paid for it, of investments and property: what it is sold for above that is a gain. Of a Roth account what was put
    /// in. Where it is not known, the opening balance.
    pub cost_basis: Option<Money>,
    /// Whose it is, for retirement accounts; without one, the first member's.
    pub owner: Option<MemberId>,
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
    /// The rate follows the market's.
    pub is_variable: bool,
}

/// No interest, and nothing is asked for: a debt without terms, and what a change says of one is laid over this.
impl Default for DebtTerms {
    fn default() -> Self {
        Self {
            rate: Rate::ZERO,
            floor: None,
            ceiling: None,
            payment: PaymentRule::None,
            interest_only_months: 0,
            escrow: Money::ZERO,
            in_forbearance: false,
            is_variable: false,
        }
    }
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
    /// What it is for.
    pub kind: DeductionType,
    /// How much.
    pub amount: DeductionAmount,
    /// Which wages it lowers.
    pub effect: WageEffect,
    /// Where it goes.
    pub target: DeductionTarget,
    /// What the employer adds; only where the target is an account that is owned.
    pub employer_match: Option<EmployerMatch>,
    /// A limit of the plan's own in the year of its start, beside the law's; later it rises with inflation where thresholds do.
    pub annual_cap: Option<Money>,
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
    /// The property that it comes from: it ends with that.
    pub property: Option<AccountId>,
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
    /// Whether health insurance covers more than one person: a higher limit of health savings.
    pub has_family_coverage: bool,
}

/// Somebody who may earn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanMember {
    /// Who.
    pub id: MemberId,
    /// When born.
    pub birth: Option<Date>,
    /// Lives on what was saved: their retirement accounts are drawn before 59½, too.
    pub retired: bool,
}

//! What could be done, and how much of it: amounts from the household's own figures.
//!
//! Rules of thumb, all of them ours and stated at their constants, since no published figure says how much a household can do: a tenth
//! of spending, a quarter of the largest thing that nobody needs, a raise of a twentieth. Whatever is paid on a debt at once leaves
//! three months of expenses, the threshold below which liquidity itself is worrying.

use rust_decimal::Decimal;

use crate::calendar::Date;
use crate::household::command::NewChange;
use crate::household::facts::DeductionAmount;
use crate::metrics::{HIGH_INTEREST_PERCENT, Metrics, ThresholdMetric};
use crate::money::Money;
use crate::projection::changes::kind::{
    AdjustTotalExpenses, LumpSumExpense, Modify401k, ModifyExpense, ModifyIncome, PayoffDebt, Refinance,
};
use crate::projection::changes::parameter::{DebtAccount, WageIncome};
use crate::projection::changes::words::AdjustMode;
use crate::projection::changes::{ChangeKind, Source};
use crate::rate::Rate;
use crate::templates::Figures;
use crate::text::Name;
use crate::vocabulary::{AccountClass, ExpenseCategory, PretaxDeductionType, words};

/// Spending can fall by a tenth.
const LEAST_PART_OF_SPENDING: i64 = 10;
/// What nobody needs can fall by a quarter: three of four parts stay.
const QUARTERS_THAT_STAY: i64 = 3;
/// A raise: 21 twentieths of what is earned.
const TWENTIETHS_AFTER_A_RAISE: i64 = 21;
/// What stays at hand where a debt is paid at once.
const MONTHS_THAT_STAY: i64 = 3;
/// Amounts a month are in tens, and there is nothing to do about less.
const ROUND_CENTS: i64 = 1_000;
/// In a year of projection.
const MONTHS: i64 = 12;

words! {
    /// What could be done. At equal effect, the one that stands first is offered first.
    pub enum ActionKind {
        /// All spending falls by an amount a month: what the figure lacks, at most a tenth.
        SpendLess => "spend_less",
        /// The largest expense that is not essential falls by a quarter.
        CutLargestExpense => "cut_largest_expense",
        /// The best paid job pays a twentieth more.
        EarnMore => "earn_more",
        /// The smallest debt is paid off at once.
        PayOffSmallestDebt => "pay_off_smallest_debt",
        /// The dearest debt is paid down at once.
        PayDownDearestDebt => "pay_down_dearest_debt",
        /// Half of what is left a month goes to the dearest debt.
        PayMoreOnDearestDebt => "pay_more_on_dearest_debt",
        /// The largest loan is refinanced at its own rate, over its first term.
        StretchLargestLoan => "stretch_largest_loan",
        /// Only what the employer matches goes into the 401(k).
        SaveOnlyWhatIsMatched => "save_only_what_is_matched",
    }
}

words! {
    /// What actions about a figure are for.
    pub enum ActionPlan {
        /// Have more at hand.
        BuildEmergencyFund => "build_emergency_fund",
        /// Have more left for debts, or owe less a month.
        ImproveDebtCoverage => "improve_debt_coverage",
        /// Keep more of what is earned.
        RaiseSavingsRate => "raise_savings_rate",
        /// Be rid of what costs most.
        TackleHighInterestDebt => "tackle_high_interest_debt",
        /// Spend less of what is earned on housing.
        LowerHousingCosts => "lower_housing_costs",
    }
}

impl ActionPlan {
    /// For a figure.
    #[must_use]
    pub const fn of(metric: ThresholdMetric) -> Self {
        match metric {
            ThresholdMetric::LiquidityMonths | ThresholdMetric::DaysCashOnHand => Self::BuildEmergencyFund,
            ThresholdMetric::Dscr | ThresholdMetric::DtiRatio => Self::ImproveDebtCoverage,
            ThresholdMetric::SavingsRate => Self::RaiseSavingsRate,
            ThresholdMetric::HighInterestDebtRatio => Self::TackleHighInterestDebt,
            ThresholdMetric::HousingRatio => Self::LowerHousingCosts,
        }
    }
}

impl ActionKind {
    /// What it is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SpendLess => "Spend less",
            Self::CutLargestExpense => "Cut the largest expense that is not essential",
            Self::EarnMore => "Earn more",
            Self::PayOffSmallestDebt => "Pay off the smallest debt",
            Self::PayDownDearestDebt => "Pay down the dearest debt",
            Self::PayMoreOnDearestDebt => "Pay more on the dearest debt",
            Self::StretchLargestLoan => "Stretch the largest loan",
            Self::SaveOnlyWhatIsMatched => "Save only what the employer matches",
        }
    }

    /// Where its amount comes from.
    #[must_use]
    pub const fn basis(self) -> &'static str {
        match self {
            Self::SpendLess => "What the figure lacks, rounded up to tens, and at most a tenth of what is spent.",
            Self::CutLargestExpense => "A quarter of the largest expense that is neither essential nor a debt's payment.",
            Self::EarnMore => "A twentieth more than the best paid job pays.",
            Self::PayOffSmallestDebt => "What is owed on it; three months of expenses stay at hand.",
            Self::PayDownDearestDebt => {
                "What is at hand beyond three months of expenses, at most what is owed at the highest rate above 7 %."
            }
            Self::PayMoreOnDearestDebt => "Half of what is left a month, on the debt with the highest rate above 7 %.",
            Self::StretchLargestLoan => "The loan's own rate, over the term that it had at first; what a new loan costs is not known here.",
            Self::SaveOnlyWhatIsMatched => "The part of pay that the employer matches, or nothing where none is.",
        }
    }

    /// The change that it is for a household, from a day on; none where there is nothing of the kind to do about this figure.
    pub(super) fn change(self, figures: &Figures<'_>, metrics: &Metrics, metric: ThresholdMetric, from: Date) -> Option<NewChange> {
        let (source, kind) = match self {
            Self::SpendLess => spend_less(figures, metrics, metric),
            Self::CutLargestExpense => cut_largest_expense(figures),
            Self::EarnMore => earn_more(figures),
            Self::PayOffSmallestDebt => pay_off_smallest_debt(figures, metrics),
            Self::PayDownDearestDebt => pay_down_dearest_debt(figures, metrics),
            Self::PayMoreOnDearestDebt => pay_more_on_dearest_debt(figures, metrics),
            Self::StretchLargestLoan => stretch_largest_loan(figures),
            Self::SaveOnlyWhatIsMatched => save_only_what_is_matched(figures),
        }?;
        let name = Name::parse(self.title()).ok()?;
        Some(NewChange { name, effective_date: from, end_date: None, enabled: true, order: None, notes: None, source, kind })
    }
}

/// What a change is about, and what it does.
type Told = Option<(Option<Source>, ChangeKind)>;

fn spend_less(figures: &Figures<'_>, metrics: &Metrics, metric: ThresholdMetric) -> Told {
    let lacking = round_up(lacking(metrics, metric)?);
    let amount = lacking.min(round_down(figures.monthly_spending().scaled(1, LEAST_PART_OF_SPENDING)));
    let kind = AdjustTotalExpenses { amount: (-amount).to_decimal(), mode: AdjustMode::Absolute };
    amount.is_positive().then_some((None, ChangeKind::AdjustTotalExpenses(kind)))
}

/// What would have to be left more a month, so that the figure comes to its threshold: of liquidity, within a year. None of a figure that
/// spending less does not better.
fn lacking(metrics: &Metrics, metric: ThresholdMetric) -> Option<Money> {
    let wanted = metric.threshold().warning;
    let surplus = metrics.monthly_surplus;
    let lacking = match metric {
        ThresholdMetric::Dscr => times(metrics.monthly_debt_service, wanted) - (surplus + metrics.monthly_debt_service),
        ThresholdMetric::SavingsRate => times(metrics.monthly_income, wanted) - surplus,
        ThresholdMetric::LiquidityMonths => lacking_at_hand(metrics, wanted),
        ThresholdMetric::DaysCashOnHand => lacking_at_hand(metrics, wanted.checked_div(Decimal::from(30)).unwrap_or_default()),
        ThresholdMetric::DtiRatio | ThresholdMetric::HighInterestDebtRatio | ThresholdMetric::HousingRatio => return None,
    };
    Some(lacking)
}

/// After a year of spending m less, liquid + 12 (surplus + m) shall be w (expenses − m): m = (w expenses − liquid − 12 surplus) / (12 + w).
fn lacking_at_hand(metrics: &Metrics, wanted: Decimal) -> Money {
    let missing = times(metrics.monthly_expenses, wanted) - metrics.liquid_assets - metrics.monthly_surplus.scaled(MONTHS, 1);
    let parts = Decimal::from(MONTHS).saturating_add(wanted);
    missing.to_decimal().checked_div(parts).map_or(Money::ZERO, Money::round)
}

fn cut_largest_expense(figures: &Figures<'_>) -> Told {
    let is_needless = |category: ExpenseCategory| !category.is_essential() && !category.is_debt_payment() && !category.is_tax();
    let mut running = figures.expenses().into_iter().filter(|expense| has_begun(figures, expense.source));
    let largest = running.find(|expense| expense.category.is_some_and(is_needless))?;
    let amount = largest.amount.scaled(QUARTERS_THAT_STAY, 4);
    let kind = ModifyExpense { amount: Some(amount), frequency: None, category: None };
    largest.amount.is_positive().then_some((Some(largest.source), ChangeKind::ModifyExpense(kind)))
}

fn earn_more(figures: &Figures<'_>) -> Told {
    let job = figures.jobs().into_iter().find(|job| has_begun(figures, job.source()))?;
    let amount = Some(job.annual.scaled(TWENTIETHS_AFTER_A_RAISE, 20));
    let kind = ModifyIncome { amount, frequency: None, category: None, tax_treatment: None };
    Some((Some(job.source()), ChangeKind::ModifyIncome(kind)))
}

/// Whether it comes in or goes out today already: what begins later is nothing to act on now.
fn has_begun(figures: &Figures<'_>, source: Source) -> bool {
    let home = figures.home;
    let start = match source {
        Source::Income(id) => home.incomes.get(&id).map(|state| state.income.start_date),
        Source::Flow(id) => {
            let entered = home.flows.get(&id).map(|flow| flow.start_date);
            entered.or_else(|| home.system_flows.get(&id).map(|flow| flow.start_date))
        }
        Source::Account(_) => None,
    };
    start.is_some_and(|start| start <= figures.today)
}

/// What is at hand beyond what has to stay.
fn spare(metrics: &Metrics) -> Money {
    metrics.liquid_assets - metrics.monthly_expenses.at_least_zero().scaled(MONTHS_THAT_STAY, 1)
}

fn pay_off_smallest_debt(figures: &Figures<'_>, metrics: &Metrics) -> Told {
    let smallest = figures.debts().into_iter().filter(|debt| debt.owed.is_positive()).min_by_key(|debt| (debt.owed, debt.id))?;
    let paid =
        LumpSumExpense { amount: smallest.owed, category: ExpenseCategory::OtherDebt, pay_down_account_id: Some(DebtAccount(smallest.id)) };
    (smallest.owed <= spare(metrics)).then_some((None, ChangeKind::LumpSumExpense(paid)))
}

/// The debt with the highest rate, where that is a high one.
fn dearest(figures: &Figures<'_>) -> Option<crate::templates::Debt> {
    let high = Rate::percent(HIGH_INTEREST_PERCENT);
    figures.debts().into_iter().find(|debt| debt.owed.is_positive()).filter(|debt| debt.rate > high)
}

fn pay_down_dearest_debt(figures: &Figures<'_>, metrics: &Metrics) -> Told {
    let dearest = dearest(figures)?;
    let spare = round_down(spare(metrics));
    let paid = LumpSumExpense {
        amount: dearest.owed.min(spare),
        category: ExpenseCategory::OtherDebt,
        pay_down_account_id: Some(DebtAccount(dearest.id)),
    };
    spare.is_positive().then_some((None, ChangeKind::LumpSumExpense(paid)))
}

fn pay_more_on_dearest_debt(figures: &Figures<'_>, metrics: &Metrics) -> Told {
    let dearest = dearest(figures)?;
    let extra_monthly = round_down(metrics.monthly_surplus.scaled(1, 2).min(dearest.owed));
    extra_monthly.is_positive().then_some((Some(dearest.source()), ChangeKind::PayoffDebt(PayoffDebt { extra_monthly })))
}

fn stretch_largest_loan(figures: &Figures<'_>) -> Told {
    let stretched = figures.debts().into_iter().filter_map(|debt| {
        let terms = figures.home.accounts.get(&debt.id)?.liability.as_ref()?;
        let is_loan = matches!(debt.account_type.class(), AccountClass::Mortgage | AccountClass::InstalmentDebt);
        let first = u16::try_from(terms.term_months?).ok()?;
        let is_fixed = terms.variable_rate.is_none() && !terms.in_forbearance && !terms.interest_only;
        let is_shorter = figures.remaining_months(debt.id).is_some_and(|left| left < first);
        (is_loan && is_fixed && is_shorter && debt.owed.is_positive()).then_some((debt, first))
    });
    let (loan, term_months) = stretched.max_by_key(|(debt, _)| (debt.owed, debt.id))?;
    let kind = Refinance { rate: loan.rate, term_months, closing_costs: None, closing_costs_paid: None, cash_out: None };
    Some((Some(loan.source()), ChangeKind::Refinance(kind)))
}

/// Of the best paid job that puts more into a 401(k) than is matched.
fn save_only_what_is_matched(figures: &Figures<'_>) -> Told {
    let (income_id, percentage) =
        figures.jobs().into_iter().filter(|job| job.is_wage && has_begun(figures, job.source())).find_map(|job| {
            let deductions = &figures.home.incomes.get(&job.id)?.pretax_deductions;
            let retirement = deductions.values().find(|deduction| deduction.deduction_type == PretaxDeductionType::Traditional401k)?;
            let DeductionAmount::Percent(saved) = retirement.amount else { return None };
            let matched = retirement.employer_match.as_ref().map_or(Some(Rate::ZERO), |matching| matching.cap_fraction)?;
            (saved > matched).then_some((job.id, matched))
        })?;
    Some((None, ChangeKind::Modify401k(Modify401k { percentage, income_id: Some(WageIncome(income_id)) })))
}

/// An amount so many times, rounded once.
fn times(amount: Money, factor: Decimal) -> Money {
    amount.to_decimal().checked_mul(factor).map_or(Money::ZERO, Money::round)
}

/// To tens, upwards.
fn round_up(amount: Money) -> Money {
    round_down(amount + Money::from_cents(ROUND_CENTS - 1))
}

/// To tens, downwards; never below nothing.
fn round_down(amount: Money) -> Money {
    let cents = amount.at_least_zero().cents();
    Money::from_cents(cents.saturating_sub(cents.checked_rem(ROUND_CENTS).unwrap_or_default()))
}

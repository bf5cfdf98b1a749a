//! How far a goal is, today and over a plan.
//!
//! *Percentage*: value over target, or target over value where little is wanted; never below 0 or above 100, two decimals. A goal
//! is good from 80 % on, a warning from 50 % on, and critical below (spec 02). Over a plan, a figure is that of its worst month; a
//! savings rate is that of the whole plan, since one month of a holiday says nothing; net worth is that at its day, or at the end.
//! *By a day*: the figure at the end of the day's month. Debts: the part of what is owed today that is gone by then.
//! *Retirement*: what is saved against 25 times a year's spending, taxes included, the inverse of the 4 % that W. Bengen found
//! could be drawn for thirty years ("Determining Withdrawal Rates Using Historical Data", Journal of Financial Planning, 1994).

use rust_decimal::{Decimal, RoundingStrategy};

use super::figure::{Figure, Unit};
use super::kind::{Comparison, Goal, GoalKind, GoalMetric};
use super::recommend;
use super::seek::Measure;
use crate::calendar::{Date, Month};
use crate::household::Household;
use crate::ids::MemberId;
use crate::metrics::{Metrics, Undefined};
use crate::money::Money;
use crate::projection::payoff::Payoff;
use crate::projection::{Projection, Row};
use crate::vocabulary::{AccountClass, words};

/// The inverse of the 4 % that can be drawn a year.
pub(crate) const YEARS_OF_SPENDING: i64 = 25;

words! {
    /// What a goal's percentage comes to.
    pub enum GoalStatus {
        /// 80 % or more.
        Good => "good",
        /// Below 80 %.
        Warning => "warning",
        /// Below 50 %.
        Critical => "critical",
    }
}

words! {
    /// What a reader of an evaluation should know: why there is no value, or not that of the day that was meant.
    pub enum Why {
        /// No income: there is no part of it.
        NoIncome => "no_income",
        /// No expenses: what is there lasts for ever.
        NoExpenses => "no_expenses",
        /// No debt payments: nothing has to be covered.
        NoDebtService => "no_debt_service",
        /// Nothing is owed.
        NoDebt => "no_debt",
        /// Nothing is owned.
        NoAssets => "no_assets",
        /// The age of the one who retires is not known.
        NoDateOfBirth => "no_date_of_birth",
        /// Paid as today, some debt never ends.
        NeverDebtFree => "never_debt_free",
        /// The plan ends before the day; the figure is that of its end.
        BeyondHorizon => "beyond_horizon",
    }
}

impl From<Undefined> for Why {
    fn from(reason: Undefined) -> Self {
        match reason {
            Undefined::NoIncome => Self::NoIncome,
            Undefined::NoExpenses => Self::NoExpenses,
            Undefined::NoDebtService => Self::NoDebtService,
            Undefined::NoDebt => Self::NoDebt,
            Undefined::NoAssets => Self::NoAssets,
        }
    }
}

/// How far a goal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// What there is.
    pub value: Option<Figure>,
    /// What is wanted.
    pub target: Figure,
    /// What both are in.
    pub unit: Unit,
    /// The day for which the value holds.
    pub as_of: Date,
    /// 0 … 100, two decimals.
    pub percentage: Decimal,
    /// By how much the target is exceeded, or, below zero, missed, in the unit of the value; of debts what is still owed on the day,
    /// below zero. None without a value.
    pub margin: Option<Decimal>,
    /// What that comes to.
    pub status: GoalStatus,
    /// All that is wanted is there.
    pub is_met: bool,
    /// Why there is no value, or not that of the day that was meant.
    pub reason: Option<Why>,
    /// What to do, as a sentence.
    pub recommendation: String,
}

/// What is found, before it is judged.
pub(super) struct Found {
    pub value: Option<Figure>,
    pub target: Figure,
    pub unit: Unit,
    pub as_of: Date,
    /// The part that is reached: 1 = all.
    pub part: Decimal,
    /// As of [`Evaluation::margin`].
    pub margin: Option<Decimal>,
    pub is_met: bool,
    pub reason: Option<Why>,
}

impl Measure for Evaluation {
    fn is_reached(&self) -> bool {
        self.is_met
    }
    fn margin(&self) -> Option<Decimal> {
        self.margin
    }
}

/// A household today.
#[derive(Clone, Copy, Debug)]
pub struct Now<'h> {
    /// The household.
    pub home: &'h Household,
    /// Its figures on that day.
    pub metrics: &'h Metrics,
    /// Its debts, paid as today.
    pub payoff: &'h Payoff,
}

/// How far a goal is today.
#[must_use]
pub fn today(goal: &Goal, now: Now<'_>) -> Evaluation {
    let (metrics, on) = (now.metrics, now.metrics.as_of_date);
    let measured = |metric: GoalMetric, target: Figure, comparison| measured(metric.today(metrics), metric, target, comparison, on);
    let found = match goal.kind {
        GoalKind::EmergencyFundMonths { months } => measured(GoalMetric::LiquidityMonths, Figure::Number(months), Comparison::AtLeast),
        GoalKind::MinDscr { ratio } => measured(GoalMetric::Dscr, Figure::Number(ratio), Comparison::AtLeast),
        GoalKind::MinSavingsRate { rate } => measured(GoalMetric::SavingsRate, Figure::Number(rate.fraction()), Comparison::AtLeast),
        GoalKind::NetWorthTarget { amount } | GoalKind::NetWorthTargetByDate { amount, .. } => {
            measured(GoalMetric::NetWorth, Figure::Amount(amount), Comparison::AtLeast)
        }
        GoalKind::RetirementAge { member_id, .. } => {
            let saved = metrics.liquid_assets + retirement_savings(now.home);
            let reason = if born(now.home, member_id).is_some() { None } else { Some(Why::NoDateOfBirth) };
            Found { reason, ..retirement(saved, metrics.monthly_expenses.scaled(12, 1), on) }
        }
        GoalKind::DebtFreeDate { by } => debts_today(now.payoff, by, on),
        GoalKind::Custom { metric, comparison, target } => measured(metric, metric.target(target), comparison),
    };
    let recommendation = recommend::today(goal, &found, metrics);
    judged(found, recommendation)
}

/// How far a goal is over a plan of the household; none where the plan has no month.
#[must_use]
pub fn in_plan(goal: &Goal, home: &Household, plan: &Projection) -> Option<Evaluation> {
    let last = plan.months.last()?;
    let worst = |metric: GoalMetric, target: Figure, comparison| worst(plan, last, metric, target, comparison);
    let found = match goal.kind {
        GoalKind::EmergencyFundMonths { months } => worst(GoalMetric::LiquidityMonths, Figure::Number(months), Comparison::AtLeast),
        GoalKind::MinDscr { ratio } => worst(GoalMetric::Dscr, Figure::Number(ratio), Comparison::AtLeast),
        GoalKind::MinSavingsRate { rate } => saved_of_all(plan, last, rate.fraction()),
        GoalKind::NetWorthTarget { amount } => net_worth(last, amount, None),
        GoalKind::NetWorthTargetByDate { amount, by } => {
            let (row, reason) = at(plan, last, by);
            row.map_or_else(|| before(plan, amount, by), |row| net_worth(row, amount, reason))
        }
        GoalKind::RetirementAge { member_id, age } => retired(home, plan, last, member_id, age),
        GoalKind::DebtFreeDate { by } => debts_in_plan(home, plan, last, by),
        GoalKind::Custom { metric, comparison, target } => worst(metric, metric.target(target), comparison),
    };
    let recommendation = recommend::in_plan(goal, &found);
    Some(judged(found, recommendation))
}

fn judged(found: Found, recommendation: String) -> Evaluation {
    let Found { value, target, unit, as_of, part, margin, is_met, reason } = found;
    let part = part.clamp(Decimal::ZERO, Decimal::ONE);
    let mut percentage = part.saturating_mul(Decimal::ONE_HUNDRED).round_dp_with_strategy(2, RoundingStrategy::ToZero);
    percentage.rescale(2);
    let status = if percentage < Decimal::from(50) {
        GoalStatus::Critical
    } else if percentage < Decimal::from(80) {
        GoalStatus::Warning
    } else {
        GoalStatus::Good
    };
    Evaluation { value, target, unit, as_of, percentage, margin, status, is_met, reason, recommendation }
}

/// A figure against what is wanted of it. Where there is none because nothing has to be covered, all is well; where there is none
/// because nothing is there, nothing is reached.
fn measured(value: Result<Figure, Undefined>, metric: GoalMetric, target: Figure, comparison: Comparison, as_of: Date) -> Found {
    let (value, part, reason) = match value {
        Ok(value) => (Some(value), part(value, target, comparison), None),
        Err(reason @ (Undefined::NoExpenses | Undefined::NoDebtService | Undefined::NoDebt)) => (None, Decimal::ONE, Some(reason.into())),
        Err(reason @ (Undefined::NoIncome | Undefined::NoAssets)) => (None, Decimal::ZERO, Some(reason.into())),
    };
    let margin = value.and_then(|value| margin(value, target, comparison));
    Found { value, target, unit: metric.unit(), as_of, part, margin, is_met: part >= Decimal::ONE, reason }
}

fn margin(value: Figure, target: Figure, comparison: Comparison) -> Option<Decimal> {
    let (value, target) = (value.number()?, target.number()?);
    match comparison {
        Comparison::AtLeast => value.checked_sub(target),
        Comparison::AtMost => target.checked_sub(value),
    }
}

/// How much of what is wanted is there: 1 where all is, less the farther away it is.
fn part(value: Figure, target: Figure, comparison: Comparison) -> Decimal {
    let (Some(value), Some(target)) = (value.number(), target.number()) else { return Decimal::ZERO };
    let (part, whole) = match comparison {
        Comparison::AtLeast if value >= target => return Decimal::ONE,
        Comparison::AtMost if value <= target => return Decimal::ONE,
        Comparison::AtLeast => (value, target),
        Comparison::AtMost => (target, value),
    };
    // Of nothing, or less, no part can be there.
    if whole > Decimal::ZERO { part.checked_div(whole).unwrap_or_default().max(Decimal::ZERO) } else { Decimal::ZERO }
}

/// The worst month. Months without the figure are no worse than others; where no month has it, the reason of the last counts.
fn worst(plan: &Projection, last: &Row, metric: GoalMetric, target: Figure, comparison: Comparison) -> Found {
    let figures =
        plan.months.iter().filter_map(|row| metric.in_month(row).ok().and_then(|figure| Some((row.date, figure.number()?, figure))));
    let worst = match comparison {
        Comparison::AtLeast => figures.min_by_key(|(date, number, _)| (*number, *date)),
        Comparison::AtMost => figures.min_by_key(|(date, number, _)| (std::cmp::Reverse(*number), *date)),
    };
    let (as_of, value) = worst.map_or((last.date, metric.in_month(last)), |(date, _, figure)| (date, Ok(figure)));
    measured(value, metric, target, comparison, as_of)
}

/// What is left of the income of all months.
fn saved_of_all(plan: &Projection, last: &Row, wanted: Decimal) -> Found {
    let (income, saved) =
        plan.months.iter().fold((Money::ZERO, Money::ZERO), |(income, saved), row| (income + row.total_income, saved + row.net_cash_flow));
    let rate = crate::ratio::ratio(saved, 1, income).map(Figure::Number).ok_or(Undefined::NoIncome);
    measured(rate, GoalMetric::SavingsRate, Figure::Number(wanted), Comparison::AtLeast, last.date)
}

fn net_worth(row: &Row, wanted: Money, reason: Option<Why>) -> Found {
    let found = measured(Ok(Figure::Amount(row.net_worth)), GoalMetric::NetWorth, Figure::Amount(wanted), Comparison::AtLeast, row.date);
    Found { reason, ..found }
}

/// A day before the plan begins: what there was then.
fn before(plan: &Projection, wanted: Money, by: Date) -> Found {
    let opening = Figure::Amount(plan.opening.net_worth);
    measured(Ok(opening), GoalMetric::NetWorth, Figure::Amount(wanted), Comparison::AtLeast, by)
}

/// The row of a day's month: none where the day lies before the plan, the last one where it lies beyond it.
fn at<'p>(plan: &'p Projection, last: &'p Row, day: Date) -> (Option<&'p Row>, Option<Why>) {
    let month = Month::of(day);
    let row = plan.months.iter().find(|row| Month::of(row.date) >= month);
    match row {
        Some(first) if first.month_number == 1 && Month::of(first.date) > month => (None, None),
        Some(row) => (Some(row), None),
        None => (Some(last), Some(Why::BeyondHorizon)),
    }
}

fn born(home: &Household, member: MemberId) -> Option<Date> {
    home.members.get(&member).and_then(|member| member.date_of_birth)
}

fn retirement_savings(home: &Household) -> Money {
    let kept = home.accounts.values().filter(|state| state.is_counted() && state.account.account_type.class() == AccountClass::Retirement);
    kept.map(crate::household::state::AccountState::at_market).sum()
}

/// What is saved against [`YEARS_OF_SPENDING`].
fn retirement(saved: Money, a_year: Money, as_of: Date) -> Found {
    let target = Figure::Amount(a_year.at_least_zero().scaled(YEARS_OF_SPENDING, 1));
    let part = part(Figure::Amount(saved), target, Comparison::AtLeast);
    let (value, margin) = (Figure::Amount(saved), margin(Figure::Amount(saved), target, Comparison::AtLeast));
    Found { value: Some(value), target, unit: Unit::Amount, as_of, part, margin, is_met: part >= Decimal::ONE, reason: None }
}

/// What is saved at the end of the month in which somebody reaches an age, against the spending of the year up to there.
fn retired(home: &Household, plan: &Projection, last: &Row, member: MemberId, age: u32) -> Found {
    let month = born(home, member).map(|birth| Month::of(birth).plus(i32::try_from(age).unwrap_or(i32::MAX).saturating_mul(12)));
    let at = month.and_then(|month| plan.months.iter().find(|row| Month::of(row.date) >= month));
    let reason = match (month, at) {
        (None, _) => Some(Why::NoDateOfBirth),
        (Some(_), None) => Some(Why::BeyondHorizon),
        (Some(_), Some(_)) => None,
    };
    let row = at.unwrap_or(last);
    let year = plan
        .months
        .iter()
        .filter(|other| other.month_number <= row.month_number && other.month_number.saturating_add(12) > row.month_number);
    let (months, spent) =
        year.fold((0_i64, Money::ZERO), |(months, spent), row| (months.saturating_add(1), spent + row.total_expenses + row.total_taxes));
    let found = retirement(row.liquid_assets + row.retirement_assets, spent.scaled(12, months.max(1)), row.date);
    Found { reason, ..found }
}

/// The part of what is owed that is gone by a day. `free`: the day of the last cent; `owed`: what is left on the wanted day.
fn debts(opening: Money, owed: Money, free: Option<Date>, by: Date, as_of: Date, reason: Option<Why>) -> Found {
    let part = if owed.is_positive() {
        let gone = (opening - owed).at_least_zero();
        gone.to_decimal().checked_div(opening.to_decimal()).unwrap_or_default()
    } else {
        Decimal::ONE
    };
    let (is_met, margin) = (!owed.is_positive(), Some(-owed.at_least_zero().to_decimal()));
    Found { value: free.map(Figure::Day), target: Figure::Day(by), unit: Unit::Date, as_of, part, margin, is_met, reason }
}

fn debts_today(payoff: &Payoff, by: Date, on: Date) -> Found {
    let opening: Money = payoff.debts.iter().map(|debt| debt.opening.at_least_zero()).sum();
    if payoff.debts.is_empty() {
        return debts(opening, opening, None, by, on, Some(Why::NoDebt));
    }
    let months = Month::of(by).since(payoff.start);
    let left = payoff.debts.iter().map(|debt| match usize::try_from(months) {
        Ok(index) => debt.balances.get(index).or(debt.balances.last()).copied().unwrap_or_default(),
        Err(_) => debt.opening, // before the first month
    });
    let free = payoff.months().map(|months| payoff.start.plus(i32::from(months).saturating_sub(1)).last_day());
    let reason = if free.is_some() { None } else { Some(Why::NeverDebtFree) };
    debts(opening, left.map(Money::at_least_zero).sum(), free, by, on, reason)
}

fn debts_in_plan(home: &Household, plan: &Projection, last: &Row, by: Date) -> Found {
    let is_debt = |id| home.accounts.get(&id).is_some_and(|state| state.account.account_type.is_liability());
    let opening: Money = plan.opening.balances.iter().filter(|(id, _)| is_debt(*id)).map(|(_, owed)| owed.at_least_zero()).sum();
    let owing = plan.months.iter().rev().find(|row| row.total_liabilities.is_positive());
    let free = match owing {
        None => plan.months.first(),
        Some(owing) => plan.months.iter().find(|row| row.month_number > owing.month_number),
    };
    let (row, beyond) = at(plan, last, by);
    let owed = row.map_or(opening, |row| row.total_liabilities);
    let reason = match free {
        Some(_) if owing.is_none() && opening.is_zero() => Some(Why::NoDebt),
        Some(_) => None,
        None => Some(beyond.unwrap_or(Why::BeyondHorizon)),
    };
    debts(opening, owed, free.map(|row| row.date), by, row.map_or(by, |row| row.date), reason)
}

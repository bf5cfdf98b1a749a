//! Goals on a path: what is asked of each, and how it answers month by month.
//!
//! A goal is met on a path exactly where [`crate::goals::in_plan`] would call it met of a projection with the path's rows: a figure holds
//! in its worst month, a savings rate over all months together, net worth, debts and retirement at their month. A property test holds
//! the two together in the world that the plan assumes. Deliberately absent: how far a goal is missed; a path says yes or no.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::kernel::Figures;
use super::script::Role;
use crate::calendar::{Date, Month};
use crate::goals::{Comparison, GoalKind, GoalMetric, Why, YEARS_OF_SPENDING};
use crate::money::Money;
use crate::projection::Plan;
use crate::rate::Rate;
use crate::ratio::ratio;

/// A question that every path answers with yes or no. Months are those of the plan, from 1; a month behind its last one is never reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wanted", rename_all = "snake_case")]
pub enum Target {
    /// At least so much net worth at the end of a month; 0: before the plan.
    NetWorth {
        /// So much.
        amount: Money,
        /// Then.
        by_month: u16,
    },
    /// A figure on the right side of its target, in every month that has it.
    Always {
        /// Which figure.
        metric: GoalMetric,
        /// On which side.
        comparison: Comparison,
        /// Of what.
        target: Decimal,
    },
    /// So much of the income of all months together is left.
    Saved {
        /// At least.
        rate: Rate,
    },
    /// Liquid assets and retirement savings are 25 times the spending of the year up to the end of a month, taxes included.
    Retired {
        /// Then.
        in_month: u16,
    },
    /// Nothing is owed at the end of a month; 0: before the plan.
    DebtFree {
        /// Then.
        by_month: u16,
    },
}

impl Target {
    /// What a goal asks of the paths of a plan, and what a reader should know of that. `birth`: of whoever retires.
    #[must_use]
    pub fn of(kind: &GoalKind, plan: &Plan, birth: Option<Date>) -> (Self, Option<Why>) {
        let at_least = |metric, target| (Self::Always { metric, comparison: Comparison::AtLeast, target }, None);
        match *kind {
            GoalKind::EmergencyFundMonths { months } => at_least(GoalMetric::LiquidityMonths, months),
            GoalKind::MinDscr { ratio } => at_least(GoalMetric::Dscr, ratio),
            GoalKind::MinSavingsRate { rate } => (Self::Saved { rate }, None),
            GoalKind::NetWorthTarget { amount } => (Self::NetWorth { amount, by_month: plan.months }, None),
            GoalKind::NetWorthTargetByDate { amount, by } => {
                let (by_month, reason) = number_in(plan, Month::of(by));
                (Self::NetWorth { amount, by_month }, reason)
            }
            GoalKind::RetirementAge { age, .. } => {
                let Some(birth) = birth else { return (Self::Retired { in_month: plan.months }, Some(Why::NoDateOfBirth)) };
                let months = i32::try_from(age).unwrap_or(i32::MAX).saturating_mul(12);
                let (in_month, reason) = number_in(plan, Month::of(birth).plus(months));
                (Self::Retired { in_month: in_month.max(1) }, reason)
            }
            GoalKind::DebtFreeDate { by } => {
                let (by_month, reason) = number_in(plan, Month::of(by));
                (Self::DebtFree { by_month }, reason)
            }
            GoalKind::Custom { metric, comparison, target } => (Self::Always { metric, comparison, target }, None),
        }
    }

    /// The month that decides it, where it is one.
    #[must_use]
    pub const fn month(&self) -> Option<u16> {
        match self {
            Self::NetWorth { by_month: month, .. } | Self::Retired { in_month: month } | Self::DebtFree { by_month: month } => Some(*month),
            Self::Always { .. } | Self::Saved { .. } => None,
        }
    }

    /// Before month 1.
    fn opened(&self, accounts: &[Role]) -> Verdict {
        let sum = |amount: &dyn Fn(&Role) -> f64| Money::from_cents(accounts.iter().map(amount).sum::<f64>().round() as i64);
        match self {
            Self::NetWorth { amount, by_month: 0 } => Verdict::decided(sum(&|account| account.opening) >= *amount),
            Self::DebtFree { by_month: 0 } => {
                let owed = |account: &Role| if account.class.is_liability() { (-account.opening).max(0.0) } else { 0.0 };
                Verdict::decided(!sum(&owed).is_positive())
            }
            Self::NetWorth { .. } | Self::DebtFree { .. } | Self::Retired { .. } | Self::Saved { .. } => Verdict::Missed,
            Self::Always { metric, .. } => Verdict::decided(is_fine_without(*metric)),
        }
    }

    /// After a month. Of what holds always, `Met` and `Missed` are how it stands where no month has had the figure yet.
    fn after(&self, number: usize, seen: &Seen, before: Verdict) -> Verdict {
        let month = &seen.month;
        match self {
            Self::NetWorth { amount, by_month } if usize::from(*by_month) == number => Verdict::decided(month.net_worth >= *amount),
            Self::DebtFree { by_month } if usize::from(*by_month) == number => Verdict::decided(!month.total_liabilities.is_positive()),
            Self::Retired { in_month } if usize::from(*in_month) == number => {
                let saved = month.liquid_assets + month.retirement_assets;
                let spent = seen.spent_in_a_year(number).at_least_zero();
                Verdict::decided(saved >= spent.scaled(YEARS_OF_SPENDING, 1))
            }
            Self::Always { metric, comparison, target } if before != Verdict::Broken => match figure(*metric, month) {
                Some(figure) if holds(figure, *comparison, *target) => Verdict::Kept,
                Some(_) => Verdict::Broken,
                None => before,
            },
            Self::Saved { rate } => {
                let kept = ratio(seen.saved, 1, seen.income);
                Verdict::decided(kept.is_some_and(|kept| kept >= rate.fraction()))
            }
            Self::NetWorth { .. } | Self::DebtFree { .. } | Self::Retired { .. } | Self::Always { .. } => before,
        }
    }
}

/// The number of a month in a plan: 0 where it lies before, the last one where it lies beyond.
fn number_in(plan: &Plan, month: Month) -> (u16, Option<Why>) {
    match u16::try_from(month.since(plan.start).saturating_add(1)) {
        Ok(number) if number <= plan.months => (number, None),
        Err(_) if month < plan.start => (0, None),
        Ok(_) | Err(_) => (plan.months, Some(Why::BeyondHorizon)),
    }
}

/// How a path stands to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Met,
    Missed,
    /// Held in every month so far.
    Kept,
    /// Did not hold in some month.
    Broken,
}

impl Verdict {
    const fn decided(is_met: bool) -> Self {
        if is_met { Self::Met } else { Self::Missed }
    }
}

/// What a path has seen, for those of its targets that one month does not decide.
#[derive(Clone, Debug, Default)]
struct Seen {
    month: Figures,
    income: Money,
    saved: Money,
    /// Expenses and taxes of the last twelve months, by number mod 12.
    spent: [Money; 12],
}

impl Seen {
    fn note(&mut self, number: usize, month: Figures) {
        self.income += month.total_income;
        self.saved += month.net_cash_flow();
        self.spent[number % 12] = month.total_expenses() + month.total_taxes;
        self.month = month;
    }

    /// Of the year up to this month; of a shorter one, as much as would be.
    fn spent_in_a_year(&self, number: usize) -> Money {
        let months = i64::try_from(number.clamp(1, 12)).unwrap_or(12);
        self.spent.iter().copied().sum::<Money>().scaled(12, months)
    }
}

/// A path's answers.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    verdicts: Vec<Verdict>,
    seen: Seen,
}

impl Judge {
    /// Before month 1.
    pub fn new(targets: &[Target], accounts: &[Role]) -> Self {
        Self { verdicts: targets.iter().map(|target| target.opened(accounts)).collect(), seen: Seen::default() }
    }

    /// A month is over.
    pub fn see(&mut self, number: usize, month: Figures, targets: &[Target]) {
        self.seen.note(number, month);
        for (target, verdict) in targets.iter().zip(&mut self.verdicts) {
            *verdict = target.after(number, &self.seen, *verdict);
        }
    }

    /// Whether each target is reached, when all months are over.
    pub fn reached(&self) -> impl Iterator<Item = bool> + '_ {
        self.verdicts.iter().map(|verdict| matches!(verdict, Verdict::Met | Verdict::Kept))
    }
}

/// A month's figure, as a row of the exact engine has it.
fn figure(metric: GoalMetric, month: &Figures) -> Option<Decimal> {
    let expenses = || month.total_expenses();
    match metric {
        GoalMetric::NetWorth => Some(month.net_worth.to_decimal()),
        GoalMetric::TotalAssets => Some(month.total_assets.to_decimal()),
        GoalMetric::TotalLiabilities => Some(month.total_liabilities.to_decimal()),
        GoalMetric::LiquidAssets => Some(month.liquid_assets.to_decimal()),
        GoalMetric::MonthlySurplus => Some(month.net_cash_flow().to_decimal()),
        GoalMetric::Dscr => ratio(month.total_income - month.total_taxes - month.spending, 1, month.debt_service),
        GoalMetric::LiquidityMonths => ratio(month.liquid_assets, 1, expenses()),
        GoalMetric::DaysCashOnHand => ratio(month.liquid_assets, 30, expenses()),
        GoalMetric::SavingsRate => ratio(month.net_cash_flow(), 1, month.total_income),
        GoalMetric::DebtToAsset => ratio(month.total_liabilities, 1, month.total_assets),
    }
}

fn holds(figure: Decimal, comparison: Comparison, target: Decimal) -> bool {
    match comparison {
        Comparison::AtLeast => figure >= target,
        Comparison::AtMost => figure <= target,
    }
}

/// Whether all is well where no month has the figure: nothing has to be covered.
const fn is_fine_without(metric: GoalMetric) -> bool {
    match metric {
        GoalMetric::Dscr | GoalMetric::LiquidityMonths | GoalMetric::DaysCashOnHand => true,
        GoalMetric::NetWorth
        | GoalMetric::TotalAssets
        | GoalMetric::TotalLiabilities
        | GoalMetric::LiquidAssets
        | GoalMetric::MonthlySurplus
        | GoalMetric::SavingsRate
        | GoalMetric::DebtToAsset => false,
    }
}

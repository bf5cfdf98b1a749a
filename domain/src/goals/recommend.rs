//! What to do about a goal, as a sentence with its amounts. Today's figures say how much a month; a plan says which month is short.

use rust_decimal::Decimal;

use super::evaluate::{Found, Why};
use super::figure::Figure;
use super::kind::{Comparison, Goal, GoalKind, GoalMetric};
use crate::calendar::{Date, Month};
use crate::metrics::Metrics;
use crate::money::Money;

const REACHED: &str = "This goal is reached.";

/// Of today's figures.
pub(super) fn today(goal: &Goal, found: &Found, metrics: &Metrics) -> String {
    if let Some(sentence) = of_both(goal, found) {
        return sentence;
    }
    match goal.kind {
        GoalKind::EmergencyFundMonths { months } => {
            let missing = times(metrics.monthly_expenses, months) - metrics.liquid_assets;
            format!("Put aside {missing} more: then cash and investments last for {months} months of expenses.")
        }
        GoalKind::MinDscr { ratio } => {
            let available = metrics.monthly_surplus + metrics.monthly_debt_service;
            let missing = times(metrics.monthly_debt_service, ratio) - available;
            format!("Have {missing} more left a month, or lower debt payments: then debts are covered {ratio} times.")
        }
        GoalKind::MinSavingsRate { rate } => {
            let missing = times(metrics.monthly_income, rate.fraction()) - metrics.monthly_surplus;
            format!("Keep {missing} more a month, by earning more or spending less.")
        }
        GoalKind::NetWorthTargetByDate { amount, by } => {
            let missing = amount - metrics.net_worth_at_market;
            let months = i64::from(Month::of(by).since(Month::of(metrics.as_of_date)));
            if months > 0 {
                format!("{missing} are missing: {} a month until {by}, growth apart.", missing.scaled(1, months))
            } else {
                format!("{missing} are missing, and the day has come.")
            }
        }
        GoalKind::NetWorthTarget { .. } | GoalKind::RetirementAge { .. } | GoalKind::DebtFreeDate { .. } | GoalKind::Custom { .. } => {
            plain(goal, found)
        }
    }
}

/// Of a plan.
pub(super) fn in_plan(goal: &Goal, found: &Found) -> String {
    of_both(goal, found).unwrap_or_else(|| plain(goal, found))
}

/// What is said of today and of a plan alike, whatever the goal is.
fn of_both(goal: &Goal, found: &Found) -> Option<String> {
    match (found.reason, &goal.kind) {
        (Some(Why::NoDateOfBirth), _) => Some("Enter the date of birth of whoever retires: then the plan knows when.".to_owned()),
        _ if found.is_met => Some(REACHED.to_owned()),
        (Some(Why::NoIncome), _) => Some("Enter an income: without one, no part of it is left.".to_owned()),
        (Some(Why::NoAssets), _) => Some("Enter what is owned: without assets, everything owed is too much.".to_owned()),
        _ => None,
    }
}

/// What is missing, and when.
fn plain(goal: &Goal, found: &Found) -> String {
    let (target, when) = (found.target, when(found.as_of));
    match (goal.kind, found.value) {
        (GoalKind::NetWorthTarget { amount } | GoalKind::NetWorthTargetByDate { amount, .. }, Some(Figure::Amount(there))) => {
            format!("{} are missing {when}.", amount - there)
        }
        (GoalKind::RetirementAge { age, .. }, Some(Figure::Amount(saved))) => {
            let missing = found.target.number().map_or(Money::ZERO, Money::round) - saved;
            format!("{missing} are missing {when} of 25 years' spending: save more, spend less, or retire later than at {age}.")
        }
        (GoalKind::DebtFreeDate { by }, Some(Figure::Day(free))) => {
            format!("Debts end on {free}: pay more a month, the dearest debt first, to be rid of them by {by}.")
        }
        (GoalKind::DebtFreeDate { by }, _) => format!("Some debt does not end: pay more a month on it, to be rid of all by {by}."),
        (GoalKind::EmergencyFundMonths { .. }, Some(there)) => {
            format!("Cash and investments are lowest {when}, at {there} months of expenses instead of {target}: put more aside before.")
        }
        (GoalKind::MinDscr { .. }, Some(there)) => {
            format!("Debts are covered least {when}, {there} times instead of {target}: earn more, spend less or borrow less by then.")
        }
        (GoalKind::MinSavingsRate { .. }, Some(there)) => {
            format!("Of the plan's income {there} is kept instead of {target}: earn more or spend less.")
        }
        (GoalKind::Custom { metric, comparison, .. }, Some(there)) => {
            format!("{} {when}: {there}. Wanted: {} {target}.", said(metric), side(comparison))
        }
        (_, _) => format!("{target} is wanted, and there is nothing {when}."),
    }
}

fn when(day: Date) -> String {
    format!("on {day}")
}

fn said(metric: GoalMetric) -> String {
    let words = metric.as_str().replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const fn side(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtLeast => "at least",
        Comparison::AtMost => "at most",
    }
}

/// An amount so many times, rounded once.
fn times(amount: Money, factor: Decimal) -> Money {
    amount.to_decimal().checked_mul(factor).map_or(Money::ZERO, Money::round)
}

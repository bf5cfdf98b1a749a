//! What usually helps: the change that is searched over where a question names none.
//!
//! | goal | change | between |
//! |---|---|---|
//! | `debt_free_date`; `custom` of `total_liabilities` or `debt_to_asset` at most | `payoff_debt.extra_monthly` on the debt that, paid as today, is gone last | a cent and what is owed on it |
//! | every other | `adjust_total_expenses.amount`, absolute: spend less | all of a month's expenses less, and nothing |
//!
//! Spending less moves every figure that a goal can be about: it stays as cash, pays for itself in months of an emergency fund, and
//! lowers what a retirement costs. A transfer between one's own accounts moves none of them but by its growth. Both begin with the plan.

use rust_decimal::Decimal;

use super::kind::{Comparison, Goal, GoalKind, GoalMetric};
use super::question::{Lever, named_after};
use crate::calendar::Date;
use crate::household::Household;
use crate::metrics;
use crate::money::Money;
use crate::projection::Plan;
use crate::projection::changes::kind::{AdjustTotalExpenses, PayoffDebt};
use crate::projection::changes::words::AdjustMode;
use crate::projection::changes::{ChangeKind, ScenarioChange, Source};
use crate::projection::payoff::{Strategy, payoff};
use crate::tax::TaxTables;

const CENT: Money = Money::from_cents(1);

/// The usual lever of a goal; none where it is about debts and nothing is owed.
pub(super) fn usual(home: &Household, goal: &Goal, plan: &Plan, tables: &TaxTables, today: Date) -> Option<Lever> {
    match goal.kind {
        GoalKind::DebtFreeDate { .. }
        | GoalKind::Custom { metric: GoalMetric::TotalLiabilities | GoalMetric::DebtToAsset, comparison: Comparison::AtMost, .. } => {
            pay_more(goal, plan, tables)
        }
        GoalKind::EmergencyFundMonths { .. }
        | GoalKind::MinDscr { .. }
        | GoalKind::MinSavingsRate { .. }
        | GoalKind::NetWorthTarget { .. }
        | GoalKind::NetWorthTargetByDate { .. }
        | GoalKind::RetirementAge { .. }
        | GoalKind::Custom { .. } => spend_less(home, goal, plan, today),
    }
}

fn spend_less(home: &Household, goal: &Goal, plan: &Plan, today: Date) -> Option<Lever> {
    let all = metrics::at(home, today).monthly_expenses.to_decimal();
    let kind = ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: -all, mode: AdjustMode::Absolute });
    let change = change(goal, plan, None, kind)?;
    Some(Lever { change, parameter: "amount", minimum: Some(-all), maximum: Some(Decimal::ZERO) })
}

fn pay_more(goal: &Goal, plan: &Plan, tables: &TaxTables) -> Option<Lever> {
    let debts = payoff(plan, tables, Strategy::Current, Money::ZERO).ok()?.debts;
    // One that is never gone comes last of all; of equals the larger one.
    let last = debts.iter().filter(|debt| debt.opening > CENT).max_by_key(|debt| (debt.end.months().unwrap_or(u16::MAX), debt.opening))?;
    let kind = ChangeKind::PayoffDebt(PayoffDebt { extra_monthly: CENT });
    let change = change(goal, plan, Some(Source::Account(last.account_id)), kind)?;
    let (minimum, maximum) = (Some(CENT.to_decimal()), Some(last.opening.to_decimal()));
    Some(Lever { change, parameter: "extra_monthly", minimum, maximum })
}

/// From the plan's first day on.
fn change(goal: &Goal, plan: &Plan, source: Option<Source>, kind: ChangeKind) -> Option<ScenarioChange> {
    let effective_date = plan.start.first_day();
    Some(ScenarioChange { name: named_after(goal)?, effective_date, end_date: None, enabled: true, order: 0, notes: None, source, kind })
}

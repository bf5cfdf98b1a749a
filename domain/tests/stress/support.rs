//! Plans to be put under stress.

use std::num::NonZeroUsize;

use domain::calendar::Frequency;
use domain::projection::changes::PlannedChange;
use domain::projection::{FlowKind, Plan};
use domain::stress::{Outcome, Point, StressRun, StressTest, run};
use domain::vocabulary::{ExpenseCategory, IncomeCategory};

use crate::projection_support::{flow, plan, tables};

pub const ONE: NonZeroUsize = NonZeroUsize::MIN;

/// Somebody with this much in checking, who gets (untaxed) and spends so much a month.
pub fn living(checking: &str, gets: &str, spends: &str, months: u16) -> Plan {
    let mut plan = plan(checking, months);
    plan.flows.push(flow(1, FlowKind::Income(IncomeCategory::OtherIncome), gets, Frequency::Monthly));
    plan.flows.push(flow(2, FlowKind::Expense(ExpenseCategory::Groceries), spends, Frequency::Monthly));
    plan
}

/// What a plan comes to under these tests.
pub fn stressed(plan: &Plan, tests: &[Vec<PlannedChange>]) -> StressRun {
    run(plan, tests, tables(), ONE).unwrap()
}

/// What a plan comes to under a test that ships.
pub fn under(plan: &Plan, test: StressTest) -> Outcome {
    stressed(plan, &[test.changes(plan)]).outcomes.remove(0)
}

/// A figure of every month, as text.
pub fn series<T: ToString>(points: &[Point], figure: impl Fn(&Point) -> T) -> Vec<String> {
    points.iter().map(|point| figure(point).to_string()).collect()
}

//! Changes for tests.

use domain::ids::{AccountId, ChangeId, FlowId, IncomeId};
use domain::money::Money;
use domain::projection::changes::{ChangeKind, PlannedChange, ScenarioChange, Source};
use domain::projection::{Plan, Row};
use domain::text::Name;
use uuid::Uuid;

use crate::projection_support::{date, rows};

pub const fn income(number: u128) -> Option<Source> {
    Some(Source::Income(IncomeId(Uuid::from_u128(number))))
}

pub const fn flow(number: u128) -> Option<Source> {
    Some(Source::Flow(FlowId(Uuid::from_u128(number))))
}

pub const fn account(number: u128) -> Option<Source> {
    Some(Source::Account(AccountId(Uuid::from_u128(number))))
}

/// A change from a day on.
pub fn change(from: &str, source: Option<Source>, kind: ChangeKind) -> ScenarioChange {
    ScenarioChange {
        name: Name::parse("Change").unwrap(),
        effective_date: date(from),
        end_date: None,
        enabled: true,
        order: 0,
        notes: None,
        source,
        kind,
    }
}

/// A change from a day to another, both included.
pub fn until(to: &str, change: ScenarioChange) -> ScenarioChange {
    ScenarioChange { end_date: Some(date(to)), ..change }
}

/// The same changes in a plan, in their order.
pub fn planned(changes: impl IntoIterator<Item = ScenarioChange>) -> Vec<PlannedChange> {
    let numbered = (0_u32..).zip(changes);
    numbered
        .map(|(order, change)| PlannedChange {
            id: ChangeId(Uuid::from_u128(u128::from(order) + 1)),
            change: ScenarioChange { order, ..change },
        })
        .collect()
}

pub fn with(plan: &Plan, changes: impl IntoIterator<Item = ScenarioChange>) -> Plan {
    Plan { changes: planned(changes), ..plan.clone() }
}

/// The rows of a plan with these changes.
pub fn changed(plan: &Plan, changes: impl IntoIterator<Item = ScenarioChange>) -> Vec<Row> {
    rows(&with(plan, changes))
}

/// By how much a figure differs from the plan's without the changes, month by month.
pub fn difference(plan: &Plan, changes: impl IntoIterator<Item = ScenarioChange>, figure: impl Fn(&Row) -> Money) -> Vec<String> {
    let (was, now) = (rows(plan), changed(plan, changes));
    was.iter().zip(&now).map(|(was, now)| (figure(now) - figure(was)).to_string()).collect()
}

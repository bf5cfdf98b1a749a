//! From an order to its solution: a plan with the change laid over it, projected at one value after the other; and from a solution to a
//! scenario that does what was found.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::evaluate::{Evaluation, in_plan};
use super::kind::Goal;
use super::question::{Order, new_change, tried};
use super::seek::{Found, GridError, seek};
use crate::calendar::{Date, Month};
use crate::household::command::{AssumptionsPatch, NewChange, NewScenario};
use crate::household::error::Thing;
use crate::household::facts::{Assumptions, Scenario};
use crate::household::{Household, HouseholdError};
use crate::ids::{AccountId, ChangeId, ScenarioId};
use crate::projection::changes::parameter::{ParameterError, Told};
use crate::projection::changes::{ChangeKind, PlannedChange, ScenarioChange, Source, Timing};
use crate::projection::{Plan, ProjectionError, project};
use crate::tax::TaxTables;
use crate::text::{Name, Notes};

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The value, and how it was found.
    pub found: Found<Evaluation>,
    /// The change with that value.
    pub change: ScenarioChange,
}

/// Why there is no solution.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// The household has moved on: what is sought cannot be tried any more.
    #[error(transparent)]
    Household(#[from] HouseholdError),
    /// A plan cannot be projected.
    #[error("at the value {value}: {cause}")]
    Projection {
        /// Which plan.
        value: Decimal,
        /// Why not.
        cause: ProjectionError,
    },
    /// A value between the bounds that the change does not take: a rule of changes has a hole.
    #[error("the value {value} between the bounds is refused: {}", said(.problems))]
    Value {
        /// Which.
        value: Decimal,
        /// Why.
        problems: Vec<(String, ParameterError)>,
    },
    /// The plan has no month.
    #[error("the plan has no month")]
    NoMonth,
    /// The bounds are none.
    #[error("the bounds: {0}")]
    Bounds(#[from] GridError),
}

fn said(problems: &[(String, ParameterError)]) -> String {
    problems.iter().map(|(field, problem)| format!("{field} {problem}")).collect::<Vec<_>>().join("; ")
}

/// Searches. `plan` is that of the order's scenario, `home` what it was made of, `look` is called before each projection, with how many
/// there were: whoever waits hears of it.
///
/// # Errors
/// [`SolveError`].
pub fn solve<E: From<SolveError>>(
    home: &Household,
    goal: &Goal,
    plan: &Plan,
    tables: &TaxTables,
    (order, today): (&Order, Date),
    mut look: impl FnMut(u32) -> Result<(), E>,
) -> Result<Solution, E> {
    let planned = tried(home, order, today).map_err(SolveError::from)?;
    let mut plan = laid(plan, order, &planned);
    let mut looks = 0;
    let found = seek(&order.grid().map_err(SolveError::from)?, order.prefer, |value| {
        look(looks)?;
        looks = looks.saturating_add(1);
        Ok::<_, E>(measured(home, goal, &mut plan, tables, order, &planned, value)?)
    })?;
    let change = ScenarioChange { kind: at(order, &planned.change.kind, found.value).map_err(E::from)?, ..planned.change };
    Ok(Solution { found, change })
}

/// The plan with the change in it.
fn laid(plan: &Plan, order: &Order, planned: &PlannedChange) -> Plan {
    if order.in_place_of.is_none() { plan.with_changes(std::slice::from_ref(planned)) } else { plan.clone() }
}

fn at(order: &Order, kind: &ChangeKind, value: Decimal) -> Result<ChangeKind, SolveError> {
    kind.with(&order.parameter, value).map_err(|problems| SolveError::Value { value, problems })
}

fn measured(
    home: &Household,
    goal: &Goal,
    plan: &mut Plan,
    tables: &TaxTables,
    order: &Order,
    planned: &PlannedChange,
    value: Decimal,
) -> Result<Evaluation, SolveError> {
    let kind = at(order, &planned.change.kind, value)?;
    plan.changes.iter_mut().filter(|other| other.id == planned.id).for_each(|other| other.change.kind = kind);
    let projection = project(plan, tables).map_err(|cause| SolveError::Projection { value, cause })?;
    in_plan(goal, home, &projection).ok_or(SolveError::NoMonth)
}

/// A scenario that does what was found. One that is laid over a scenario builds on it; one in place of a change of a scenario is a copy
/// of it with that value, since a child would do both. What lies before the plan's first month by now holds from there; what happened
/// once before it is left out, as it is in the projection of the scenario itself.
///
/// # Errors
/// The scenario is not there any more, or the household refuses what has become of it.
pub fn as_scenario(
    home: &Household,
    order: &Order,
    value: Decimal,
    months: u16,
    (name, description): (Name, Option<Notes>),
    (seed, today): (Uuid, Date),
) -> Result<(NewScenario, Vec<(ChangeId, NewChange)>), HouseholdError> {
    let id = order.scenario_id;
    let scenario = home.scenarios.get(&id).ok_or(HouseholdError::NotFound { thing: Thing::Scenario, id: id.0 })?;
    let refused = |_| HouseholdError::NotFound { thing: Thing::ScenarioChange, id: order.change_id().0 };
    let kind = order.change.kind.with(&order.parameter, value).map_err(refused)?;
    let change = ScenarioChange { kind, enabled: true, ..order.change.clone() };
    let first = Month::of(scenario.start_date.unwrap_or(today)).first_day();
    let new = NewScenario {
        name,
        description,
        parent_id: if order.in_place_of.is_some() { scenario.parent_id } else { Some(id).filter(|_| !scenario.is_baseline) },
        start_date: scenario.start_date,
        projection_months: Some(months),
        assumptions: if order.in_place_of.is_some() { assumed(scenario) } else { AssumptionsPatch::default() },
    };
    let changes = match order.in_place_of {
        None => vec![(copied(seed, order.change_id()), new_change(from(first, change), None))],
        Some(replaced) => copies(home, id, (replaced, change), seed, first),
    };
    Ok((new, changes))
}

fn copied(seed: Uuid, id: ChangeId) -> ChangeId {
    ChangeId(Uuid::new_v5(&seed, id.0.as_bytes()))
}

fn from(first: Date, change: ScenarioChange) -> ScenarioChange {
    ScenarioChange { effective_date: change.effective_date.max(first), ..change }
}

/// A scenario's own changes under new ids, one of them another; what is about an account that one of them opens is about the copy's.
fn copies(
    home: &Household,
    id: ScenarioId,
    (replaced, change): (ChangeId, ScenarioChange),
    seed: Uuid,
    first: Date,
) -> Vec<(ChangeId, NewChange)> {
    let mut own = home.scenario_changes.get(&id).cloned().unwrap_or_default();
    own.insert(replaced, change);
    let opened = |id: ChangeId, change: &ScenarioChange| PlannedChange { id, change: change.clone() }.opens().map(|(account, _)| account);
    let renamed: BTreeMap<AccountId, AccountId> =
        own.iter().filter_map(|(id, change)| Some((opened(*id, change)?, opened(copied(seed, *id), change)?))).collect();
    let is_over = |change: &ScenarioChange| {
        let happens_once = change.kind.change_type().timing() == Timing::Once;
        (happens_once && change.effective_date < first) || change.end_date.is_some_and(|end| end < first)
    };
    let mut standing: Vec<(ChangeId, ScenarioChange)> = own.into_iter().filter(|(_, change)| !is_over(change)).collect();
    standing.sort_by_key(|(id, change)| (change.effective_date, change.order, *id));
    let copy = |(id, change): (ChangeId, ScenarioChange)| {
        let order = Some(change.order);
        (copied(seed, id), new_change(about(from(first, change), &renamed), order))
    };
    standing.into_iter().map(copy).collect()
}

/// The same about other accounts.
fn about(change: ScenarioChange, renamed: &BTreeMap<AccountId, AccountId>) -> ScenarioChange {
    if renamed.is_empty() {
        return change;
    }
    let source = match change.source {
        Some(Source::Account(id)) => Some(Source::Account(renamed.get(&id).copied().unwrap_or(id))),
        other => other,
    };
    let other_id = |told: Told| {
        let id = if let Told::Text(text) = &told { Uuid::try_parse(text).ok().map(AccountId) } else { None };
        id.and_then(|id| renamed.get(&id)).map_or(told, |id| Told::Text(id.0.to_string()))
    };
    let parameters = change.kind.told().into_iter().map(|(name, told)| (name, other_id(told))).collect();
    let kind = change.kind.change_type().read(&parameters).unwrap_or(change.kind);
    ScenarioChange { source, kind, ..change }
}

/// All that a scenario assumes, as a patch.
fn assumed(scenario: &Scenario) -> AssumptionsPatch {
    let Assumptions {
        inflation_rate,
        investment_return_rate,
        salary_growth_rate,
        cash_yield_rate,
        property_appreciation_rate,
        settle_taxes,
        index_thresholds,
        withdrawal_order,
        calendar,
        overdraft_rate,
    } = scenario.assumptions.clone();
    AssumptionsPatch {
        inflation_rate: Some(inflation_rate),
        investment_return_rate: Some(investment_return_rate),
        salary_growth_rate: Some(salary_growth_rate),
        cash_yield_rate: Some(cash_yield_rate),
        property_appreciation_rate: Some(property_appreciation_rate),
        settle_taxes: Some(settle_taxes),
        index_thresholds: Some(index_thresholds),
        withdrawal_order: Some(withdrawal_order),
        calendar: Some(calendar),
        overdraft_rate: Some(overdraft_rate),
    }
}

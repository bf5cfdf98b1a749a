//! What plans do differently: written down here, checked against the household when it is written, and never refused later.
//!
//! The shape of a change's parameters and the rules among them are the engine's (`projection::changes`); here is what only a household
//! knows: what a change is about, whose accounts it names (`about`), and whether its days lie within what the plan projects. A change
//! may be about an account that another one opens; so that stays what `dependants` need.

mod about;
pub(super) mod dependants;

use self::about::About;
use super::command::{ChangePatch, NewChange};
use super::decide::Draft;
use super::error::{Checks, Conflict, HouseholdError, Rule, Thing, Violation};
use super::event::Event;
use super::scenarios::{copied, find, in_use, own};
use super::state::Household;
use crate::calendar::Date;
use crate::ids::{ChangeId, ScenarioId};
use crate::projection::changes::inherit::{self, Merge};
use crate::projection::changes::parameter::Parameters;
use crate::projection::changes::{ChangeKind, PlannedChange, ScenarioChange, Timing};
use uuid::Uuid;

const MOST_CHANGES: usize = 200;
/// Leaves room behind for those that come without an order.
const MOST_ORDER: u32 = 1_000_000;

/// What a scenario does differently, as it holds: its own enabled changes and those that it inherits, in the order in which they apply.
#[must_use]
pub fn effective_changes(home: &Household, scenario: ScenarioId) -> Vec<PlannedChange> {
    let mut chain: Vec<Vec<PlannedChange>> = home.ancestors(scenario).map(|(id, _)| own_changes(home, id)).collect();
    chain.reverse();
    inherit::effective(chain)
}

/// A scenario's own changes, disabled ones included.
pub(super) fn own_changes(home: &Household, scenario: ScenarioId) -> Vec<PlannedChange> {
    let own = home.scenario_changes.get(&scenario).into_iter().flatten();
    own.map(|(id, change)| PlannedChange { id: *id, change: change.clone() }).collect()
}

pub(super) fn add(draft: &mut Draft, scenario_id: ScenarioId, id: ChangeId, new: NewChange) -> Result<(), HouseholdError> {
    in_use(own(draft, scenario_id)?)?;
    let change = placed(draft, scenario_id, new);
    let mut checks = Checks::default();
    check(&mut checks, draft, scenario_id, &change, None);
    checks.finish()?;
    has_room(draft, scenario_id, 1)?;
    draft.record(Event::ScenarioChangeAdded { scenario_id, id, change });
    Ok(())
}

/// Several at once: all are checked, each as if those before it were there, and what is wrong with any of them is said of all.
pub(super) fn add_all(draft: &mut Draft, scenario_id: ScenarioId, changes: Vec<(ChangeId, NewChange)>) -> Result<(), HouseholdError> {
    in_use(own(draft, scenario_id)?)?;
    has_room(draft, scenario_id, changes.len())?;
    append(draft, scenario_id, changes)
}

/// Changes as they would be, were they appended to a scenario. Nobody writes them down: so the baseline, which has none, is as good as
/// any other.
pub(super) fn appended(
    mut draft: Draft,
    scenario_id: ScenarioId,
    changes: Vec<(ChangeId, NewChange)>,
) -> Result<Vec<PlannedChange>, HouseholdError> {
    find(&draft, scenario_id)?;
    append(&mut draft, scenario_id, changes)?;
    let planned = |event| if let Event::ScenarioChangeAdded { id, change, .. } = event { Some(PlannedChange { id, change }) } else { None };
    let added = draft.events.into_iter().filter_map(planned);
    Ok(added.collect())
}

fn append(draft: &mut Draft, scenario_id: ScenarioId, changes: Vec<(ChangeId, NewChange)>) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    for (place, (id, new)) in changes.into_iter().enumerate() {
        let change = placed(draft, scenario_id, new);
        let mut own = Checks::default();
        check(&mut own, draft, scenario_id, &change, None);
        checks.take_over(own, &format!("changes[{place}]"));
        draft.record(Event::ScenarioChangeAdded { scenario_id, id, change });
    }
    checks.finish()
}

/// A new change with its place: where none is told, behind all that are there.
fn placed(draft: &Draft, scenario_id: ScenarioId, new: NewChange) -> ScenarioChange {
    let orders = draft.household.scenario_changes.get(&scenario_id).into_iter().flatten().map(|(_, change)| change.order);
    let behind_all = || orders.max().map_or(0, |last| last.saturating_add(1).min(MOST_ORDER));
    ScenarioChange {
        name: new.name,
        effective_date: new.effective_date,
        end_date: new.end_date,
        enabled: new.enabled,
        order: new.order.unwrap_or_else(behind_all),
        notes: new.notes,
        source: new.source,
        kind: new.kind,
    }
}

pub(super) fn change(draft: &mut Draft, scenario_id: ScenarioId, id: ChangeId, patch: ChangePatch) -> Result<(), HouseholdError> {
    in_use(find(draft, scenario_id)?)?;
    let was = one(draft, scenario_id, id)?;
    let kind = patched_kind(&was.kind, &patch)?;
    let change = ScenarioChange {
        name: patch.name.unwrap_or_else(|| was.name.clone()),
        effective_date: patch.effective_date.unwrap_or(was.effective_date),
        end_date: patch.end_date.unwrap_or(was.end_date),
        enabled: patch.enabled.unwrap_or(was.enabled),
        order: patch.order.unwrap_or(was.order),
        notes: patch.notes.unwrap_or_else(|| was.notes.clone()),
        source: patch.source.unwrap_or(was.source),
        kind,
    };
    let mut checks = Checks::default();
    check(&mut checks, draft, scenario_id, &change, Some(&was));
    checks.finish()?;
    if change == was {
        return Ok(());
    }
    dependants::keep(draft, scenario_id, id, Event::ScenarioChangeChanged { scenario_id, id, change, was })
}

pub(super) fn remove(draft: &mut Draft, scenario_id: ScenarioId, id: ChangeId) -> Result<(), HouseholdError> {
    in_use(find(draft, scenario_id)?)?;
    let was = one(draft, scenario_id, id)?;
    dependants::keep(draft, scenario_id, id, Event::ScenarioChangeRemoved { scenario_id, id, was })
}

pub(super) fn reorder(draft: &mut Draft, scenario_id: ScenarioId, order: Vec<ChangeId>) -> Result<(), HouseholdError> {
    in_use(find(draft, scenario_id)?)?;
    let mut standing: Vec<(u32, ChangeId)> =
        draft.household.scenario_changes.get(&scenario_id).into_iter().flatten().map(|(id, change)| (change.order, *id)).collect();
    standing.sort_unstable();
    let was: Vec<ChangeId> = standing.iter().map(|(_, id)| *id).collect();
    let (mut told, mut known) = (order.clone(), was.clone());
    told.sort_unstable();
    known.sort_unstable();
    let mut checks = Checks::default();
    checks.require(told == known, "change_ids", || Rule::Required("every change of the scenario, each once"));
    checks.finish()?;
    let numbered = (0_u32..).zip(&order).all(|(place, id)| standing.iter().any(|(known, of)| of == id && *known == place));
    if !numbered {
        draft.record(Event::ScenarioChangesReordered { scenario_id, order, was });
    }
    Ok(())
}

/// What a merge would do; none where one of the two is not there.
#[must_use]
pub fn merge_report(home: &Household, into: ScenarioId, from: ScenarioId) -> Option<Merge> {
    let known = |id| home.scenarios.contains_key(&id);
    (known(into) && known(from)).then(|| inherit::merge(&effective_changes(home, from), &effective_changes(home, into)))
}

/// Copies are appended behind what is there, in the order in which they apply where they come from.
pub(super) fn merge(draft: &mut Draft, into: ScenarioId, from: ScenarioId, seed: Uuid) -> Result<(), HouseholdError> {
    in_use(own(draft, into)?)?;
    let unknown = || HouseholdError::Invalid(vec![Violation { field: "source_scenario_id".to_owned(), rule: Rule::UnknownScenario }]);
    let Merge { copied: copies, .. } = merge_report(&draft.household, into, from).ok_or_else(unknown)?;
    has_room(draft, into, copies.len())?;
    let orders = draft.household.scenario_changes.get(&into).into_iter().flatten().map(|(_, change)| change.order);
    let first = orders.max().map_or(0, |last| last.saturating_add(1));
    for (order, PlannedChange { id, change }) in (first..).zip(inherit::copies(&copies, |id| copied(seed, id))) {
        draft.record(Event::ScenarioChangeAdded { scenario_id: into, id, change: ScenarioChange { order, ..change } });
    }
    Ok(())
}

fn has_room(draft: &Draft, scenario: ScenarioId, more: usize) -> Result<(), HouseholdError> {
    let standing = draft.household.scenario_changes.get(&scenario).map_or(0, std::collections::BTreeMap::len);
    let full = standing.saturating_add(more) > MOST_CHANGES;
    if full { Err(Conflict::Full { things: "changes in a scenario", most: MOST_CHANGES }.into()) } else { Ok(()) }
}

fn one(draft: &Draft, scenario: ScenarioId, id: ChangeId) -> Result<ScenarioChange, HouseholdError> {
    find(draft, scenario)?;
    let change = draft.household.scenario_changes.get(&scenario).and_then(|changes| changes.get(&id)).cloned();
    change.ok_or(HouseholdError::NotFound { thing: Thing::ScenarioChange, id: id.0 })
}

/// The parameters that were told, laid over those that are there; of another type, alone.
fn patched_kind(was: &ChangeKind, patch: &ChangePatch) -> Result<ChangeKind, HouseholdError> {
    let change_type = patch.change_type.unwrap_or(was.change_type());
    if patch.parameters.is_none() && change_type == was.change_type() {
        return Ok(*was);
    }
    let mut parameters = if change_type == was.change_type() { was.told() } else { Parameters::new() };
    parameters.extend(patch.parameters.clone().unwrap_or_default());
    let violation = |(field, problem)| Violation { field: format!("parameters.{field}"), rule: Rule::Parameter(problem) };
    change_type.read(&parameters).map_err(|problems| HouseholdError::Invalid(problems.into_iter().map(violation).collect()))
}

fn check(checks: &mut Checks, draft: &Draft, scenario_id: ScenarioId, change: &ScenarioChange, was: Option<&ScenarioChange>) {
    check_days(checks, draft, scenario_id, change, was);
    checks.require(change.order <= MOST_ORDER, "order", || Rule::OutOfRange { min: "0".into(), max: MOST_ORDER.to_string() });
    // What it is about was accepted once: where that is gone now, it can still be called otherwise, disabled, or put in another place.
    let of_what = |change: &ScenarioChange| (change.source, change.kind, change.effective_date);
    if was.is_some_and(|was| of_what(was) == of_what(change)) {
        return;
    }
    About::of(&draft.household, scenario_id, change.effective_date).check(checks, change);
}

/// Days that were accepted once stay accepted, though the month goes on.
fn check_days(checks: &mut Checks, draft: &Draft, scenario_id: ScenarioId, change: &ScenarioChange, was: Option<&ScenarioChange>) {
    let first = draft.household.first_month(scenario_id, draft.today);
    let months = draft.household.scenarios.get(&scenario_id).map_or(1, |scenario| scenario.projection_months);
    let (first, last) = (first.first_day(), first.plus(i32::from(months).saturating_sub(1)).last_day());
    let inside = |day: Date| first <= day && day <= last;
    if was.is_none_or(|was| was.effective_date != change.effective_date) {
        checks.require(inside(change.effective_date), "effective_date", || Rule::OutsideHorizon { first, last });
    }
    let Some(end) = change.end_date else { return };
    let happens_once = change.kind.change_type().timing() == Timing::Once;
    checks.require(!happens_once, "end_date", || Rule::NotAllowedHere("this change happens once, on its effective_date"));
    let start = change.effective_date;
    checks.require(end >= start, "end_date", || Rule::EndsBeforeStart { start_field: "effective_date", start });
    if was.is_none_or(|was| was.end_date != Some(end)) {
        checks.require(inside(end) || end < start, "end_date", || Rule::OutsideHorizon { first, last });
    }
}

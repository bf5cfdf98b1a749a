//! Changes that are about what other changes bring: a house is bought, and sold again.
//!
//! What a change opens has an id only through that change (and a business has paychecks only through the change that makes a job of it). Were it removed, or did it open something else, those that are about it
//! would stay behind, do nothing, and look as if they did: so it is kept as they need it. To disable it is allowed. Then they have no
//! effect, and the description of the scenario says so.

use super::About;
use crate::household::decide::Draft;
use crate::household::error::{Checks, Conflict, HouseholdError};
use crate::household::event::Event;
use crate::household::facts::Scenario;
use crate::household::state::Household;
use crate::ids::{ChangeId, ScenarioId};
use crate::projection::changes::{PlannedChange, ScenarioChange};

/// A change that is about something that is not there.
pub(in crate::household) struct Lost<'h> {
    scenario_id: ScenarioId,
    scenario: &'h Scenario,
    change: &'h ScenarioChange,
}

/// The first change, in a scenario or in one that inherits from it, that was about something `before` and is about nothing `now`.
pub(in crate::household) fn lost<'h>(before: &Household, now: &'h Household, in_scenario: ScenarioId) -> Option<Lost<'h>> {
    let inherits = |id: ScenarioId| now.ancestors(id).any(|(ancestor, _)| ancestor == in_scenario);
    let heirs = now.scenarios.iter().filter(|(id, _)| inherits(**id));
    let all = heirs.flat_map(|(id, scenario)| {
        let own = now.scenario_changes.get(id).into_iter().flatten();
        own.map(move |(_, change)| Lost { scenario_id: *id, scenario, change })
    });
    let has_all = |home: &Household, lost: &Lost<'_>| {
        let mut checks = Checks::default();
        About::of(home, lost.scenario_id, lost.change.effective_date).check(&mut checks, lost.change);
        checks.finish().is_ok()
    };
    all.into_iter().find(|lost| !has_all(now, lost) && has_all(before, lost))
}

/// Records that a change becomes another or is removed, where all that are about what it opens still are about something.
pub(super) fn keep(draft: &mut Draft, scenario: ScenarioId, id: ChangeId, event: Event) -> Result<(), HouseholdError> {
    let change = draft.household.scenario_changes.get(&scenario).and_then(|changes| changes.get(&id));
    let is_needed =
        |change: &ScenarioChange| change.kind.makes_a_job_of_it() || PlannedChange { id, change: change.clone() }.opens().is_some();
    let before = change.is_some_and(is_needed).then(|| draft.household.clone());
    draft.record(event);
    let Some(lost) = before.as_ref().and_then(|before| lost(before, &draft.household, scenario)) else { return Ok(()) };
    let elsewhere = if lost.scenario_id == scenario { String::new() } else { format!(" of the scenario {}", lost.scenario.name) };
    Err(Conflict::InUse { by: format!("the change {}{elsewhere}", lost.change.name) }.into())
}

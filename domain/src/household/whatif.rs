//! What if? Changes that nobody has written down, checked as if they had been, for whoever tries something out: stress tests,
//! templates, decisions, next actions, goal seek.
//!
//! They are checked by the very rules of a scenario's own changes, so whatever was tried can be written down afterwards, and nothing
//! that could not is ever tried. Nothing is recorded here. Deliberately absent: the engine; whoever tries lays them over a plan
//! (`Plan::with_changes`).

use super::changes::appended;
use super::command::NewChange;
use super::decide::Draft;
use super::error::HouseholdError;
use super::state::Household;
use crate::calendar::Date;
use crate::ids::{ChangeId, ScenarioId};
use crate::projection::changes::PlannedChange;

/// Changes as they would be, were they appended to a scenario (the baseline, too), in the order in which they were told. A later one may
/// be about an account that an earlier one opens. `today` as the household has it.
///
/// # Errors
/// [`HouseholdError`]: there is no such scenario, or some are refused; the fields are `changes[0].effective_date` and the like, of all
/// that are wrong.
pub fn hypothetical(
    home: &Household,
    scenario: ScenarioId,
    changes: Vec<(ChangeId, NewChange)>,
    today: Date,
) -> Result<Vec<PlannedChange>, HouseholdError> {
    appended(Draft { household: home.clone(), events: Vec::new(), today }, scenario, changes)
}

//! Pinning the baseline to a day, and letting it go again.
//!
//! What the day's balances and flows were is not kept in the state, which would grow with every balance ever entered; the event says up
//! to which version the stream has to be replayed. Deliberately absent: pinning any other plan.

use super::decide::Draft;
use super::error::{Checks, HouseholdError, Rule};
use super::event::Event;
use super::facts::{BaselineMode, Pin};

pub(super) fn pin(draft: &mut Draft, pin: Pin) -> Result<(), HouseholdError> {
    let (opening, today) = (draft.opening()?, draft.today);
    let mut checks = Checks::default();
    checks.require(pin.as_of_date <= today, "as_of_date", || Rule::InTheFuture { today });
    let known_since = opening.opened_on;
    checks
        .require(pin.as_of_date >= known_since, "as_of_date", || Rule::OutOfRange { min: known_since.to_string(), max: today.to_string() });
    let id = opening.id.baseline();
    checks.finish()?;
    let was = match draft.household.baseline_mode {
        BaselineMode::Live => None,
        BaselineMode::Pinned(was) if was == pin => return Ok(()),
        BaselineMode::Pinned(was) => Some(was),
    };
    draft.record(Event::ScenarioPinned { id, as_of_date: pin.as_of_date, version: pin.version, was });
    Ok(())
}

pub(super) fn unpin(draft: &mut Draft) -> Result<(), HouseholdError> {
    let id = draft.opening()?.id.baseline();
    if let BaselineMode::Pinned(was) = draft.household.baseline_mode {
        draft.record(Event::ScenarioUnpinned { id, was });
    }
    Ok(())
}

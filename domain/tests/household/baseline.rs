//! A baseline that is pinned to a day, and let go again.

use domain::household::command::{AssumptionsPatch, Intent, ScenarioPatch};
use domain::household::facts::TimeZone;
use domain::household::facts::{BaselineMode, Pin};
use domain::household::{Event, HouseholdError};
use domain::vocabulary::Role;

use super::support::*;

fn pin(day: &str, version: u64) -> Intent {
    Intent::PinBaseline { as_of_date: date(day), version }
}

#[test]
fn a_pinned_baseline_says_its_day_until_it_is_let_go() {
    let home = given([opened("Ada")]);
    let pinned = home.when(pin(TODAY, 3)).then(["scenario.pinned"]);
    let to = Pin { as_of_date: date(TODAY), version: 3 };
    assert_eq!((pinned.state().baseline_mode, pinned.state().pin_of(HOUSE.baseline())), (BaselineMode::Pinned(to), Some(to)));
    let live = pinned.when(Intent::UnpinBaseline).then(["scenario.unpinned"]);
    assert_eq!(live.state().baseline_mode, BaselineMode::Live);
    assert_eq!(live.state(), home.state());
}

#[test]
fn pinning_to_the_same_again_and_letting_go_twice_append_nothing() {
    let home = given([opened("Ada")]);
    home.when(Intent::UnpinBaseline).then([]);
    let pinned = home.and([pin(TODAY, 3)]);
    pinned.when(pin(TODAY, 3)).then([]);
    let moved = pinned.when(pin(TODAY, 5)).then(["scenario.pinned"]);
    assert_eq!(
        moved.events.last().unwrap().sentence(),
        "The baseline was pinned to 2026-11-23, as known at version 5; it had been pinned to 2026-11-23"
    );
}

#[test]
fn a_day_that_is_not_known_is_refused() {
    let home = given([opened("Ada")]);
    home.when(pin("2026-11-24", 3)).then_invalid([("as_of_date", "in_the_future")]);
    home.when(pin("2026-11-22", 3)).then_invalid([("as_of_date", "out_of_range")]);
}

#[test]
fn an_edit_of_a_pinned_baseline_has_its_effect_over_the_reality_of_then() {
    let then = given([opened("Ada"), holds("Savings", domain::vocabulary::AccountType::Savings, "100.00")]);
    let patch = ScenarioPatch { projection_months: Some(12), ..Default::default() };
    let change = Intent::ChangeScenario { id: HOUSE.baseline(), patch, assumptions: AssumptionsPatch::default() };
    let now = then.clone().and([pin(TODAY, 5), holds("Brokerage", domain::vocabulary::AccountType::Brokerage, "900.00"), change]);
    let projected = now.state().plans_over(&then.state());
    assert_eq!(projected.accounts, then.state().accounts);
    assert_eq!(projected.scenarios[&HOUSE.baseline()].projection_months, 12);
}

#[test]
fn whoever_may_only_read_pins_nothing() {
    let home = given([opened("Ada"), Intent::GrantMembership { user_id: user("Vic"), role: Role::Viewer }]);
    for intent in [pin(TODAY, 3), Intent::UnpinBaseline] {
        assert_eq!(home.when_by(by("Vic"), intent).refused(), HouseholdError::NotAllowed { role: Role::Viewer });
    }
}

#[test]
fn every_event_of_a_pin_reads_back_as_it_was_written() {
    let home = given([opened("Ada"), pin(TODAY, 3), Intent::UnpinBaseline]);
    for event in home.events {
        assert_eq!(serde_json::from_str::<Event>(&serde_json::to_string(&event).unwrap()).unwrap(), event);
    }
}

/// Where clocks go forward at midnight, that midnight does not exist: the day ends all the same.
#[test]
fn a_day_ends_where_the_next_one_begins_in_every_zone() {
    let end = |zone: &str, day: &str| TimeZone::parse(zone).unwrap().end_of(date(day)).to_rfc3339();
    assert_eq!(end("UTC", "2026-02-28"), "2026-03-01T00:00:00+00:00");
    assert_eq!(end("America/Chicago", "2026-11-01"), "2026-11-02T06:00:00+00:00"); // 25 hours long
    assert_eq!(end("America/Santiago", "2026-09-05"), "2026-09-06T04:00:00+00:00"); // 24:00 is 01:00
}

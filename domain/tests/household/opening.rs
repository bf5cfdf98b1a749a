//! A household comes into being, and its tax settings change.

use domain::calendar::Date;
use domain::household::HouseholdError;
use domain::household::command::{HouseholdPatch, Intent};
use domain::household::error::Rule;
use domain::household::facts::{Profile, TimeZone};
use domain::tax::TaxError;
use domain::vocabulary::{FilingStatus, Relationship, Role, State, SystemFlowKind};

use super::support::*;

fn living_in(state: State) -> Profile {
    Profile { state: Some(state), ..profile() }
}

fn patched(patch: HouseholdPatch) -> Intent {
    Intent::ChangeHousehold(patch)
}

#[test]
fn who_opens_a_household_owns_it_and_is_its_primary_member() {
    let home = given([]).when(opened("Ada")).then(["household.opened", "membership.granted", "member.added", "scenario.created"]);
    let state = home.state();
    assert_eq!(state.role_of(user("Ada")), Some(Role::Owner));
    let ada = &state.members[&id("Ada")];
    assert_eq!((ada.relationship, ada.is_primary, ada.user_id), (Relationship::Oneself, true, Some(user("Ada"))));
}

#[test]
fn a_household_has_a_live_baseline_from_its_first_moment() {
    let state = given([opened("Ada")]).state();
    let (_, baseline) = state.baseline().unwrap();
    assert_eq!((baseline.projection_months, state.scenarios.len()), (120, 1));
}

#[test]
fn a_household_is_opened_once() {
    assert_eq!(given([opened("Ada")]).when(opened("Eve")).refused(), HouseholdError::AlreadyOpened);
}

#[test]
fn what_was_never_opened_is_not_there() {
    assert_eq!(given([]).when(Intent::RegenerateFlows).refused(), HouseholdError::NoSuchHousehold);
}

#[test]
fn a_household_lives_on_the_day_of_its_own_time_zone() {
    // At noon UTC on 23 November it is already the 24th on Kiribati's Line Islands, 14 hours ahead.
    let ahead = Profile { time_zone: TimeZone::parse("Pacific/Kiritimati").unwrap(), ..profile() };
    let opened_on = |profile: Profile| -> Date { given([opened_with(profile, "Ada")]).state().opening.unwrap().opened_on };
    assert_eq!((opened_on(profile()), opened_on(ahead)), (date("2026-11-23"), date("2026-11-24")));
}

#[test]
fn a_state_whose_income_tax_is_not_known_is_refused_by_name_when_it_is_said() {
    let nowhere = given([]).under(federal_tables());
    let error = nowhere.when(opened_with(living_in(State::California), "Ada")).refused();
    assert_eq!(violations(error.clone()), [("state".to_owned(), Rule::Tax(TaxError::StateNotSupported(State::California)))]);
    assert_eq!(error.to_string(), "state the income tax of CA is not supported yet");

    let home = nowhere.and([opened("Ada")]);
    home.when(patched(HouseholdPatch { state: Some(Some(State::NewYork)), ..Default::default() }))
        .then_invalid([("state", "not_supported")]);
}

#[test]
fn every_state_without_an_income_tax_works_and_withholds_nothing() {
    for state in [State::Alaska, State::Florida, State::Nevada, State::NewHampshire, State::SouthDakota] {
        given([opened_with(living_in(state), "Ada"), salaried("Acme", "96000.00")]);
    }
    let home = given([opened_with(living_in(State::Texas), "Ada"), salaried("Acme", "96000.00")]);
    assert_eq!(home.flows(SystemFlowKind::StateWithholding), []);
    assert_eq!(home.flow(SystemFlowKind::NetPay).amount, money("2937.16"));
}

#[test]
fn a_move_to_a_state_with_an_income_tax_is_another_paycheck_in_the_same_batch() {
    let home = given([opened("Ada"), salaried("Acme", "96000.00")]);
    let move_ = HouseholdPatch { state: Some(Some(State::Pennsylvania)), ..Default::default() };
    let home = home.when(patched(move_)).then(["household.changed", "system_flows.generated"]);
    // Pennsylvania takes 3.07 % of all wages: 113.35 of 3,692.31.
    assert_eq!(home.paid([SystemFlowKind::StateWithholding, SystemFlowKind::NetPay]), ["113.35", "2823.81"]);
}

#[test]
fn another_filing_status_is_another_paycheck_in_the_same_batch() {
    let home = given([opened("Ada"), salaried("Acme", "104000.00")]);
    let jointly = HouseholdPatch { filing_status: Some(FilingStatus::MarriedJointly), ..Default::default() };
    let home = home.when(patched(jointly)).then(["household.changed", "system_flows.generated"]);
    // Pub. 15-T 2026, standard, married jointly: 104,000 − 12,900 = 91,100; 2,480 + 12 % × (91,100 − 44,100) = 8,120; / 26.
    assert_eq!(home.flow(SystemFlowKind::FederalWithholding).amount, money("312.31"));
}

#[test]
fn a_household_that_is_told_what_it_is_already_does_not_change() {
    given([opened("Ada")]).when(patched(HouseholdPatch { name: Some(name("Home")), ..Default::default() })).then([]);
}

//! Copies of scenarios whose changes are about what other changes of them bring: in the copy they are about what the copy brings.

use domain::calendar::Month;
use domain::household::command::{ChangePatch, Intent};
use domain::household::plan;
use domain::ids::ScenarioId;
use domain::projection::changes::{ChangeType, Source};
use domain::projection::project;
use domain::vocabulary::AccountType;
use serde_json::json;
use uuid::Uuid;

use super::scenarios::{change, house_and_sale, scenario};
use super::support::*;

/// Ada with 20,000, who is given a house of 300,000 in December and sells it in June.
fn moving() -> Home {
    let plan = Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes: house_and_sale() };
    given([opened("Ada"), holds("Checking", AccountType::Checking, "20000"), plan])
}

/// What is at hand at the end of each month of a year from November 2026 on.
fn at_hand(home: &Home, called: &str) -> Vec<String> {
    let (state, law) = (home.state(), tables().in_force(2026).unwrap());
    let plan = plan(&state, id(called), Month::of(date(TODAY)), Some(9), law).unwrap();
    project(&plan, tables()).unwrap().months.iter().map(|row| row.liquid_assets.to_string()).collect()
}

fn merged(seed: u128) -> Intent {
    Intent::MergeScenario { into: id("Other"), from: id("Plan"), seed: Uuid::from_u128(seed) }
}

#[test]
fn a_clone_sells_the_house_that_it_bought_itself() {
    let home = moving().and([Intent::CloneScenario { id: id("Clone"), of: id("Plan"), name: None }]);
    let (plan, clone) = (at_hand(&home, "Plan"), at_hand(&home, "Clone"));
    // The house gains 3 % a year, (1.03)^(1/12) − 1 a month, in the seven months to the end of June; it is sold at the start of June,
    // after six: 300,000 and half a year's growth, 304,466.75 where each month is rounded to the cent.
    assert_eq!((plan[6].as_str(), plan[7].as_str()), ("20000.00", "324466.75"));
    assert_eq!(clone, plan);
}

#[test]
fn a_merge_brings_the_house_and_its_sale_and_a_second_one_nothing() {
    let home = moving().and([Intent::CreateScenario { id: id("Other"), scenario: scenario("Other") }]);
    let home = home.when(merged(1)).then(["scenario_change.added", "scenario_change.added"]);
    assert_eq!(at_hand(&home, "Other"), at_hand(&home, "Plan"));
    home.when(merged(2)).then([]);
}

#[test]
fn a_merge_sells_the_house_that_is_there_already() {
    let (bought, sold) = (house_and_sale().remove(0), house_and_sale().remove(1));
    let other = Intent::CreateScenarioWith { id: id("Other"), scenario: scenario("Other"), changes: vec![(id("Own house"), bought.1)] };
    let home = moving().and([other]).when(merged(1)).then(["scenario_change.added"]);
    assert_eq!(at_hand(&home, "Other"), at_hand(&home, "Plan"));
    let about = |called: &str| {
        let changes = home.state().scenario_changes.remove(&id::<ScenarioId>(called)).unwrap();
        changes.into_values().find_map(|change| change.source)
    };
    assert_eq!(about("Plan"), sold.1.source);
    assert_ne!(about("Other"), sold.1.source);
}

#[test]
fn a_change_whose_object_is_gone_can_still_be_disabled_and_called_otherwise_but_not_moved() {
    let patched = |patch| Intent::ChangeScenarioChange { scenario_id: id("Plan"), id: id("Quit"), patch };
    let (id_, mut quits) = change("Quit", ChangeType::RemoveIncome, "2027-01-01", json!({}));
    quits.source = Some(Source::Income(id("Acme")));
    let plan = Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes: vec![(id_, quits)] };
    let home = given([opened("Ada"), salaried("Acme", "60000"), plan, Intent::RemoveIncome { id: id("Acme") }]);
    let disabled = patched(ChangePatch { enabled: Some(false), ..Default::default() });
    let renamed = patched(ChangePatch { name: Some(name("Gone")), ..Default::default() });
    home.when(disabled).then(["scenario_change.changed"]);
    home.when(renamed).then(["scenario_change.changed"]);
    let moved = patched(ChangePatch { effective_date: Some(date("2027-02-01")), ..Default::default() });
    home.when(moved).then_invalid([("source.id", "unknown_income")]);
}

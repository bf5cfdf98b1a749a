//! Scenarios that come with their changes, and changes that nobody writes down: all or nothing, and each problem by its place.

use domain::calendar::Month;
use domain::household::command::{AssumptionsPatch, Intent, NewChange, NewScenario};
use domain::household::error::Rule;
use domain::household::whatif::hypothetical;
use domain::household::{HouseholdError, plan};
use domain::ids::{AccountId, ChangeId, ScenarioId};
use domain::projection::changes::parameter::{Parameters, Told};
use domain::projection::changes::{ChangeType, PlannedChange, Source};
use domain::projection::project;
use domain::vocabulary::{AccountType, IncomeType};
use serde_json::json;

use super::support::*;

pub fn change(called: &str, change_type: ChangeType, day: &str, parameters: serde_json::Value) -> (ChangeId, NewChange) {
    let told = |(name, value): (&String, &serde_json::Value)| (name.clone(), Told::from(value.clone()));
    let parameters: Parameters = parameters.as_object().unwrap().iter().map(told).collect();
    let new = NewChange {
        name: name(called),
        effective_date: date(day),
        end_date: None,
        enabled: true,
        order: None,
        notes: None,
        source: None,
        kind: change_type.read(&parameters).unwrap(),
    };
    (id(called), new)
}
/// Buys a house, and sells it again: the second change is about the account that the first one opens.
pub fn house_and_sale() -> Vec<(ChangeId, NewChange)> {
    let bought = change("House", ChangeType::AddAsset, "2026-12-01", json!({"value": "300000.00", "account_type": "primary_residence"}));
    let mut sold = change("Sale", ChangeType::SellAsset, "2027-06-01", json!({}));
    sold.1.source = Some(Source::Account(opened_by(&bought)));
    vec![bought, sold]
}
fn opened_by((id, new): &(ChangeId, NewChange)) -> AccountId {
    let ready = domain::projection::changes::ScenarioChange {
        name: new.name.clone(),
        effective_date: new.effective_date,
        end_date: None,
        enabled: true,
        order: 0,
        notes: None,
        source: None,
        kind: new.kind,
    };
    PlannedChange { id: *id, change: ready }.opens().unwrap().0
}
pub fn scenario(called: &str) -> NewScenario {
    NewScenario {
        name: name(called),
        description: None,
        parent_id: None,
        start_date: None,
        projection_months: None,
        assumptions: AssumptionsPatch::default(),
    }
}

#[test]
fn a_scenario_and_its_changes_are_made_together() {
    let home = given([opened("Ada")]);
    let create = Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes: house_and_sale() };
    let home = home.when(create).then(["scenario.created", "scenario_change.added", "scenario_change.added"]);
    let orders: Vec<u32> = home.state().scenario_changes[&id::<ScenarioId>("Plan")].values().map(|change| change.order).collect();
    assert_eq!(orders.len(), 2);
    assert!(orders.contains(&0) && orders.contains(&1), "each behind those before it: {orders:?}");
}

#[test]
fn one_wrong_change_refuses_all_of_them_and_each_problem_is_said_by_its_place() {
    let home = given([opened("Ada")]);
    let mut changes = house_and_sale();
    changes[0].1.effective_date = date("2050-01-01"); // then the house is not there either when it is sold
    let create = Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes: changes.clone() };
    let HouseholdError::Invalid(violations) = home.when(create).refused() else { panic!("not refused as invalid") };
    let said: Vec<_> = violations.iter().map(|violation| (violation.field.as_str(), violation.rule.code())).collect();
    assert_eq!(said, [("changes[0].effective_date", "outside_horizon"), ("changes[1].source.id", "unknown_account")]);
    assert!(!home.state().scenarios.contains_key(&id("Plan")));

    let home = home.and([Intent::CreateScenario { id: id("Plan"), scenario: scenario("Plan") }]);
    home.when(Intent::AddScenarioChanges { scenario_id: id("Plan"), changes }).refused();
    home.when(Intent::AddScenarioChanges { scenario_id: id("Plan"), changes: house_and_sale() })
        .then(["scenario_change.added", "scenario_change.added"]);
}

#[test]
fn what_is_only_tried_out_is_what_a_scenario_would_come_to() {
    let home = given([opened("Ada"), holds("Checking", AccountType::Checking, "20000")]);
    let (state, today) = (home.state(), date(TODAY));
    let (baseline, _) = state.baseline().unwrap();
    let tried = hypothetical(&state, baseline, house_and_sale(), today).unwrap();
    let (month, law) = (Month::of(today), tables().in_force(2026).unwrap());
    let with = plan(&state, baseline, month, Some(24), law).unwrap().with_changes(&tried);

    let written = home.and([Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes: house_and_sale() }]);
    let own = plan(&written.state(), id("Plan"), month, Some(24), law).unwrap();
    assert_eq!(with.changes, own.changes);
    assert_eq!(project(&with, tables()).unwrap(), project(&own, tables()).unwrap());
}

#[test]
fn what_could_not_be_written_down_is_not_tried_either() {
    let home = given([opened("Ada")]).state();
    let (baseline, _) = home.baseline().unwrap();
    let nowhere = id::<ScenarioId>("Nowhere");
    assert!(matches!(hypothetical(&home, nowhere, Vec::new(), date(TODAY)), Err(HouseholdError::NotFound { .. })));
    let mut changes = house_and_sale();
    changes[1].1.source = Some(Source::Account(id("Nothing")));
    let Err(HouseholdError::Invalid(violations)) = hypothetical(&home, baseline, changes, date(TODAY)) else { panic!("accepted") };
    assert_eq!(violations.len(), 1);
    assert_eq!((violations[0].field.as_str(), &violations[0].rule), ("changes[1].source.id", &Rule::UnknownAccount));
}

#[test]
fn only_a_job_or_a_business_becomes_the_other() {
    let benefits = domain::household::facts::Income { income_type: IncomeType::SocialSecurity, ..salary("Benefits", "24000") };
    let home = given([opened("Ada"), earning(benefits), salaried("Acme", "60000")])
        .and([Intent::CreateScenario { id: id("Plan"), scenario: scenario("Plan") }]);
    let switched = |source: &str, to: &str| {
        let (id_, new) = change("Switch", ChangeType::SwitchEmploymentType, "2027-01-01", json!({"to": to}));
        let change = NewChange { source: Some(Source::Income(id(source))), ..new };
        home.when(Intent::AddScenarioChange { scenario_id: id("Plan"), id: id_, change })
    };
    switched("Benefits", "w2").then_invalid([("source.id", "not_allowed_here")]);
    switched("Benefits", "self_employed").then_invalid([("source.id", "not_allowed_here")]);
    switched("Acme", "self_employed").then(["scenario_change.added"]);
}

#[test]
fn money_is_not_put_aside_where_it_is() {
    let home = given([opened("Ada"), holds("Checking", AccountType::Checking, "20000"), holds("Savings", AccountType::Savings, "0")])
        .and([Intent::CreateScenario { id: id("Plan"), scenario: scenario("Plan") }]);
    let into = |account: &str| {
        let told = json!({"amount": "100.00", "target_account_id": id::<AccountId>(account)});
        let (id_, change) = change("Save", ChangeType::SetSavingsTransfer, "2027-01-01", told);
        home.when(Intent::AddScenarioChange { scenario_id: id("Plan"), id: id_, change })
    };
    into("Checking").then_invalid([("parameters.target_account_id", "not_allowed_here")]);
    into("Savings").then(["scenario_change.added"]);
}

#[test]
fn a_business_that_has_become_a_job_by_then_has_deductions() {
    let business = domain::household::facts::Income { income_type: IncomeType::SelfEmployed, ..salary("Studio", "60000") };
    let home = given([opened("Ada"), earning(business)]).and([Intent::CreateScenario { id: id("Plan"), scenario: scenario("Plan") }]);
    let contributing = |day: &str| {
        let told = json!({"percentage": "0.1", "income_id": id::<domain::ids::IncomeId>("Studio")});
        let (id_, change) = change(&format!("From {day}"), ChangeType::Modify401k, day, told);
        Intent::AddScenarioChange { scenario_id: id("Plan"), id: id_, change }
    };
    home.when(contributing("2027-03-01")).then_invalid([("parameters.income_id", "not_allowed_here")]);
    let (id_, hired) = change("Hired", ChangeType::SwitchEmploymentType, "2027-02-01", json!({"to": "w2"}));
    let hired = NewChange { source: Some(Source::Income(id("Studio"))), ..hired };
    let home = home.and([Intent::AddScenarioChange { scenario_id: id("Plan"), id: id_, change: hired }]);
    home.when(contributing("2027-01-31")).then_invalid([("parameters.income_id", "not_allowed_here")]);
    home.when(contributing("2027-02-01")).then(["scenario_change.added"]);
}

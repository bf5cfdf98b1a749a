//! Changes that are about accounts which other changes open: their copies, and what must not be taken from under them.

use domain::calendar::Month;
use domain::household::command::{ChangePatch, Intent, NewChange, ScenarioPatch};
use domain::household::error::Conflict;
use domain::household::{HouseholdError, described, plan};
use domain::ids::{AccountId, ChangeId, ScenarioId};
use domain::projection::changes::parameter::{Parameters, Told};
use domain::projection::changes::{ChangeType, Source};
use domain::projection::project;
use domain::vocabulary::AccountType;
use serde_json::json;
use uuid::Uuid;

use super::scenarios::{change, scenario};
use super::support::*;

/// The id of the account that a change opens.
fn opened_by(called: &str) -> AccountId {
    AccountId(Uuid::new_v5(&id::<ChangeId>(called).0, b"account"))
}

fn house() -> (ChangeId, NewChange) {
    change("House", ChangeType::AddAsset, "2026-12-01", json!({"value": "300000.00", "account_type": "rental_property"}))
}

fn sale() -> (ChangeId, NewChange) {
    let (id, new) = change("Sale", ChangeType::SellAsset, "2027-06-01", json!({"sale_price": "350000.00"}));
    (id, NewChange { source: Some(Source::Account(opened_by("House"))), ..new })
}

/// Borrows 10,000 without interest, 100 a month, and pays it all back in February.
fn loan_and_repayment() -> [(ChangeId, NewChange); 2] {
    let terms = json!({"principal": "10000.00", "rate": "0", "term_months": 100, "account_type": "auto_loan"});
    let repaid = json!({"amount": "10000.00", "category": "auto_loan", "pay_down_account_id": opened_by("Loan")});
    [change("Loan", ChangeType::AddDebt, "2026-12-01", terms), change("Repay", ChangeType::LumpSumExpense, "2027-02-01", repaid)]
}

fn ada() -> Home {
    given([opened("Ada"), holds("Checking", AccountType::Checking, "20000.00")])
}

fn planning(called: &str, changes: Vec<(ChangeId, NewChange)>) -> Intent {
    Intent::CreateScenarioWith { id: id(called), scenario: scenario(called), changes }
}

/// Net worth and debts after a year.
fn in_a_year(home: &Home, called: &str) -> (String, String) {
    let law = tables().in_force(2026).unwrap();
    let plan = plan(&home.state(), id(called), Month::of(date(TODAY)), Some(12), law).unwrap();
    let last = project(&plan, tables()).unwrap().months.pop().unwrap();
    (last.net_worth.to_string(), last.total_liabilities.to_string())
}

/// 20,000 and 350,000 for the house; of the 10,000 that were spent, all has been paid back.
fn expected() -> (String, String) {
    ("360000.00".to_owned(), "0.00".to_owned())
}

fn whole_plan() -> Home {
    ada().and([planning("Plan", [house(), sale()].into_iter().chain(loan_and_repayment()).collect())])
}

#[test]
fn a_clone_sells_and_pays_back_what_it_brings_itself() {
    let home = whole_plan();
    assert_eq!(in_a_year(&home, "Plan"), expected());
    let home = home.and([Intent::CloneScenario { id: id("Clone"), of: id("Plan"), name: None }]);
    assert_eq!(in_a_year(&home, "Clone"), expected());
    let gone = |(_, line): &(_, String)| line.contains("something that is gone");
    assert!(!described(&home.state(), id("Clone"), date(TODAY)).iter().any(gone));
}

#[test]
fn a_merge_copies_changes_with_what_they_are_about_and_twice_does_nothing_more() {
    let home = whole_plan().and([Intent::CreateScenario { id: id("Empty"), scenario: scenario("Empty") }]);
    let merge = |seed| Intent::MergeScenario { into: id("Empty"), from: id("Plan"), seed: id(seed) };
    let home = home.when(merge("once")).then(["scenario_change.added"; 4]);
    assert_eq!(in_a_year(&home, "Empty"), expected());
    home.when(merge("twice")).then([]);
}

fn patched(called: &str, patch: ChangePatch) -> Intent {
    Intent::ChangeScenarioChange { scenario_id: id("Plan"), id: id(called), patch }
}

fn parameters(told: serde_json::Value) -> Option<Parameters> {
    Some(told.as_object().unwrap().iter().map(|(name, value)| (name.clone(), Told::from(value.clone()))).collect())
}

fn assert_in_use(refused: HouseholdError, by: &str) {
    assert_eq!(refused, HouseholdError::Conflict(Conflict::InUse { by: by.to_owned() }));
}

#[test]
fn what_others_are_about_is_neither_removed_nor_made_something_else() {
    let home = ada().and([planning("Plan", vec![house(), sale()])]);
    let removed = Intent::RemoveScenarioChange { scenario_id: id("Plan"), id: id("House") };
    assert_in_use(home.when(removed.clone()).refused(), "the change Sale");
    let later = ChangePatch { effective_date: Some(date("2027-07-01")), ..Default::default() };
    assert_in_use(home.when(patched("House", later)).refused(), "the change Sale");
    let nothing = parameters(json!({"amount": "300000.00", "tax_treatment": "untaxed"}));
    let gift = ChangePatch { change_type: Some(ChangeType::LumpSumIncome), parameters: nothing, ..Default::default() };
    assert_in_use(home.when(patched("House", gift)).refused(), "the change Sale");
    let cash = ChangePatch { parameters: parameters(json!({"account_type": "savings"})), ..Default::default() };
    assert_in_use(home.when(patched("House", cash)).refused(), "the change Sale");

    let land = ChangePatch { parameters: parameters(json!({"account_type": "land"})), ..Default::default() };
    let home = home.when(patched("House", land)).then(["scenario_change.changed"]);
    let home = home.and([Intent::RemoveScenarioChange { scenario_id: id("Plan"), id: id("Sale") }]);
    home.when(removed).then(["scenario_change.removed"]);
}

#[test]
fn what_a_child_is_about_stays_in_its_parent_and_the_child_with_it() {
    let child = domain::household::command::NewScenario { parent_id: Some(id("Plan")), ..scenario("Child") };
    let home = ada().and([
        planning("Plan", vec![house()]),
        planning("Other", vec![]),
        Intent::CreateScenarioWith { id: id("Child"), scenario: child, changes: vec![sale()] },
    ]);
    let removed = Intent::RemoveScenarioChange { scenario_id: id("Plan"), id: id("House") };
    assert_in_use(home.when(removed).refused(), "the change Sale of the scenario Child");
    let moved = |parent| Intent::ChangeScenario {
        id: id("Child"),
        patch: ScenarioPatch { parent_id: Some(parent), ..Default::default() },
        assumptions: Default::default(),
    };
    home.when(moved(Some(id::<ScenarioId>("Other")))).then_invalid([("parent_id", "not_allowed_here")]);
    home.when(moved(None)).then_invalid([("parent_id", "not_allowed_here")]);
}

#[test]
fn what_others_are_about_may_be_disabled_and_they_say_that_they_have_no_effect() {
    let off = || ChangePatch { enabled: Some(false), ..Default::default() };
    let home = ada().and([planning("Plan", vec![house(), sale()])]).and([patched("House", off())]);
    let lines: Vec<String> = described(&home.state(), id("Plan"), date(TODAY)).into_iter().map(|(_, line)| line).collect();
    let sold = "In June 2027: what House brings is sold for 350,000.00 (without effect: what brings it is disabled)";
    assert_eq!(lines, [sold]);
    // It can still be written about.
    let renamed = ChangePatch { name: Some(name("Sell it")), ..Default::default() };
    home.when(patched("Sale", renamed)).then(["scenario_change.changed"]);
}

//! What cannot be projected is refused when it is written down, with its field and the month, and never later inside a projection.

use domain::household::command::{AssumptionsPatch, ChangePatch, Intent, NewChange, NewScenario, ScenarioPatch};
use domain::ids::{ChangeId, ScenarioId};
use domain::projection::changes::{ChangeType, Source};
use domain::vocabulary::AccountType;
use serde_json::json;

use super::scenarios::{change, scenario};
use super::support::*;

/// Ada earns 96,000 a year and has 100,000 in a brokerage account and a house; `Long` looks 50 years ahead.
fn ada() -> Home {
    given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "20000.00"),
        holds("Brokerage", AccountType::Brokerage, "100000.00"),
        holds("House", AccountType::PrimaryResidence, "300000.00"),
        salaried("Acme", "96000.00"),
        Intent::CreateScenario { id: id("Long"), scenario: long("Long") },
    ])
}

fn long(called: &str) -> NewScenario {
    NewScenario { projection_months: Some(600), ..scenario(called) }
}

fn adding(to: &str, (id_, change): (ChangeId, NewChange)) -> Intent {
    Intent::AddScenarioChange { scenario_id: id(to), id: id_, change }
}

fn wild(called: &str) -> (ChangeId, NewChange) {
    change(called, ChangeType::OverrideInvestmentReturn, "2026-12-01", json!({"rate": "2"}))
}

fn tame(called: &str) -> (ChangeId, NewChange) {
    change(called, ChangeType::AddExpense, "2026-12-01", json!({"amount": "10.00", "frequency": "monthly", "category": "gifts"}))
}

fn returning(rate_: &str) -> AssumptionsPatch {
    AssumptionsPatch { investment_return_rate: Some(rate(rate_)), ..Default::default() }
}

fn assuming(of: &str, assumptions: AssumptionsPatch) -> Intent {
    Intent::ChangeScenario { id: id(of), patch: ScenarioPatch::default(), assumptions }
}

#[test]
fn a_change_that_outgrows_the_ledger_is_refused_when_it_is_written() {
    let mut earning = change("Billions", ChangeType::ModifyIncome, "2026-12-01", json!({"amount": "9000000000000.00"}));
    earning.1.source = Some(Source::Income(id("Acme")));
    let usury = json!({"principal": "30000.00", "rate": "1", "term_months": 600, "payment": "1.00", "account_type": "auto_loan"});
    for wrong in [
        change("Salaries", ChangeType::OverrideSalaryGrowth, "2026-12-01", json!({"rate": "1"})),
        change("Returns", ChangeType::OverrideInvestmentReturn, "2026-12-01", json!({"rate": "0.9"})),
        change("Prices", ChangeType::OverrideInflation, "2026-12-01", json!({"rate": "10"})),
        change("Usury", ChangeType::AddDebt, "2026-12-01", usury),
        earning,
    ] {
        let called = wrong.1.name.clone();
        let refused = ada().when(adding("Long", wrong)).refused();
        let found = violations(refused);
        let fields: Vec<_> = found.iter().map(|(field, rule)| (field.as_str(), rule.code())).collect();
        assert_eq!(fields, [("parameters", "not_projectable")], "{called}");
        assert!(found[0].1.to_string().contains("month "), "{called}: {}", found[0].1);
    }
    // In ten years, 100,000 at 200 % become 5.9 billion.
    let home = ada().and([Intent::CreateScenario { id: id("Short"), scenario: scenario("Short") }]);
    home.when(adding("Short", wild("Wild"))).then(["scenario_change.added"]);
}

#[test]
fn of_several_changes_the_one_at_fault_is_named() {
    let changes = vec![tame("One"), wild("Two"), tame("Three")];
    let add = Intent::AddScenarioChanges { scenario_id: id("Long"), changes: changes.clone() };
    ada().when(add).then_invalid([("changes[1].parameters", "not_projectable")]);
    let create = Intent::CreateScenarioWith { id: id("New"), scenario: long("New"), changes };
    ada().when(create).then_invalid([("changes[1].parameters", "not_projectable")]);
}

#[test]
fn an_assumption_that_outgrows_the_ledger_is_refused_with_its_field() {
    let home = ada();
    home.when(assuming("Long", returning("2"))).then_invalid([("investment_return_rate", "not_projectable")]);
    let both = AssumptionsPatch { cash_yield_rate: Some(rate("0.02")), ..returning("2") };
    home.when(assuming("Long", both.clone())).then_invalid([("investment_return_rate", "not_projectable")]);
    let new = NewScenario { assumptions: both, ..long("New") };
    // Either of the two alone would do: what the baseline assumes, or its ten years.
    let either = [("investment_return_rate", "not_projectable"), ("projection_months", "not_projectable")];
    home.when(Intent::CreateScenario { id: id("New"), scenario: new }).then_invalid(either);
    // Ten years are possible, fifty are not.
    let home =
        home.and([Intent::CreateScenario { id: id("Short"), scenario: NewScenario { assumptions: returning("2"), ..scenario("Short") } }]);
    let longer = ScenarioPatch { projection_months: Some(600), ..Default::default() };
    let change = Intent::ChangeScenario { id: id("Short"), patch: longer, assumptions: AssumptionsPatch::default() };
    home.when(change).then_invalid([("projection_months", "not_projectable")]);
}

#[test]
fn a_patch_an_order_and_a_merge_are_looked_at_too() {
    let home = ada().and([
        adding("Long", change("Returns", ChangeType::OverrideInvestmentReturn, "2026-12-01", json!({"rate": "0.05"}))),
        adding("Long", NewChange { enabled: false, ..wild("Wild").1 }.with(wild("Wild").0)),
        Intent::CreateScenario { id: id("Short"), scenario: scenario("Short") },
        adding("Short", wild("Short and wild")),
    ]);
    let patch = |id_: &str, patch| Intent::ChangeScenarioChange { scenario_id: id("Long"), id: id(id_), patch };
    let told = domain::projection::changes::parameter::Told::from(json!("2"));
    let wilder = ChangePatch { parameters: Some([("rate".to_owned(), told)].into()), ..Default::default() };
    home.when(patch("Returns", wilder)).then_invalid([("parameters", "not_projectable")]);
    let on = ChangePatch { enabled: Some(true), ..Default::default() };
    home.when(patch("Wild", on)).then_invalid([("enabled", "not_projectable")]);
    let merge = Intent::MergeScenario { into: id("Long"), from: id("Short"), seed: id("seed") };
    home.when(merge).then_invalid([("source_scenario_id", "not_projectable")]);
}

#[test]
fn what_a_scenario_inherits_must_not_break_it() {
    let child = NewScenario { parent_id: Some(id::<ScenarioId>("Short")), ..long("Child") };
    let home = ada().and([
        Intent::CreateScenario { id: id("Short"), scenario: scenario("Short") },
        Intent::CreateScenario { id: id("Child"), scenario: child },
    ]);
    let found = violations(home.when(adding("Short", wild("Wild"))).refused());
    assert_eq!((found[0].0.as_str(), found[0].1.code()), ("parameters", "not_projectable"));
    assert!(found[0].1.to_string().contains("Child"), "{}", found[0].1);
}

#[test]
fn a_change_is_not_to_blame_for_a_household_that_cannot_be_projected() {
    // 1.6^50 times 100,000 fits; times a billion it does not.
    let home = ada().and([assuming("Long", returning("0.6")), recorded("Brokerage", vec![balance("10000000000.00")])]);
    home.when(adding("Long", tame("Gifts"))).then(["scenario_change.added"]);
}

trait WithId {
    fn with(self, id: ChangeId) -> (ChangeId, NewChange);
}
impl WithId for NewChange {
    fn with(self, id: ChangeId) -> (ChangeId, NewChange) {
        (id, self)
    }
}

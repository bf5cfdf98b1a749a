//! The adoption as a whole: what is left of the scenario, of those that inherit from it, and of what is said of both.

use domain::calendar::Frequency;
use domain::household::command::AssumptionsPatch;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::*;
use domain::vocabulary::{AccountType, ExpenseCategory};

use super::super::support::*;
use super::*;

fn costs(amount: &str) -> ChangeKind {
    ChangeKind::AddExpense(AddExpense { amount: money(amount), frequency: Frequency::Monthly, category: ExpenseCategory::Childcare })
}

fn inflation(rate_: &str) -> ChangeKind {
    ChangeKind::OverrideInflation(OverrideInflation { rate: rate(rate_), duration_months: None })
}

fn ada() -> Home {
    given([opened("Ada"), holds("Checking", AccountType::Checking, "90000.00"), spends("Rent", "1500.00")])
}

#[test]
fn a_scenario_of_which_nothing_is_left_is_archived_and_remembers_its_day() {
    let home = ada().and([scenario("What if"), change("Nursery", TODAY, None, costs("900.00"))]);
    let after = home.when(adopted("What if")).then(["flow.added", "scenario_change.changed", "scenario.adopted", "scenario.archived"]);
    let told = after.state().scenarios[&id("What if")].clone();
    assert_eq!((told.archived, told.adopted_on), (true, Some(date(TODAY))));
    assert_eq!(after.events.iter().rev().nth(1).unwrap().sentence(), "A scenario became real on 2026-11-23: Nursery");
    // Taken out of the archive it is as the baseline is: nothing counts twice.
    let after = after.and([Intent::UnarchiveScenario { id: id("What if") }]);
    assert_eq!(projection(&after, id("What if")).months, projection(&after, HOUSE.baseline()).months);
}

#[test]
fn what_was_skipped_stays_a_plan_over_what_is_real_now() {
    let home = ada().and([
        scenario("What if"),
        change("Nursery", TODAY, None, costs("900.00")),
        change("Dear times", TODAY, None, inflation("0.06")),
    ]);
    let before = projection(&home, id("What if"));
    let after = home.when(adopted("What if")).then(["flow.added", "scenario_change.changed", "scenario.adopted"]);
    assert_eq!(projection(&after, id("What if")).months, before.months);
    let report = report(&after);
    assert_eq!((report.adopted[0].change_id, report.adopted[0].made[0].event.as_str()), (change_id("Nursery"), "flow.added"));
    assert_eq!(report.adopted[0].made[0].id, made::<Uuid>(1));
    assert_eq!((report.skipped[0].change_id, report.skipped[0].code.as_str()), (Some(change_id("Dear times")), "no_counterpart"));
    // A second time there is nothing to be done.
    after.when(adopted("What if")).then([]);
}

#[test]
fn what_is_inherited_becomes_real_too_and_counts_twice_nowhere() {
    let home = ada().and([
        scenario("Parent"),
        child_of("What if", Some("Parent")),
        child_of("Sibling", Some("Parent")),
        child_of("Child", Some("What if")),
        change_of("Parent", "Nursery", TODAY, None, costs("900.00")),
        change("Piano", TODAY, None, costs("120.00")),
        change_of("Sibling", "Football", TODAY, None, costs("30.00")),
        change_of("Child", "Chess", TODAY, None, costs("10.00")),
    ]);
    let of = |home: &Home, called: &str| projection(home, id(called)).months;
    let (child, what_if) = (of(&home, "Child"), of(&home, "What if"));
    let after = home.when(adopted("What if")).done();
    assert_eq!(of(&after, "Child"), child);
    assert_eq!(projection(&after, HOUSE.baseline()).months, what_if);
    // The sibling never had the piano: it is real, so it has it now; the nursery it has once.
    let spent = |called: &str| of(&after, called)[0].expense_by_category.get(ExpenseCategory::Childcare).to_string();
    assert_eq!([spent("Parent"), spent("Sibling"), spent("Child")], ["1020.00", "1050.00", "1030.00"]);
}

#[test]
fn what_the_scenario_assumes_otherwise_is_named() {
    let home = ada().and([scenario("What if"), change("Nursery", TODAY, None, costs("900.00"))]);
    let told = AssumptionsPatch { inflation_rate: Some(rate("0.05")), ..Default::default() };
    let home = home.and([Intent::ChangeScenario { id: id("What if"), patch: Default::default(), assumptions: told }]);
    let after = home.when(adopted("What if")).then(["flow.added", "scenario_change.changed", "scenario.adopted"]);
    let skipped = &report(&after).skipped;
    assert_eq!((skipped.len(), skipped[0].change_id, skipped[0].name.as_str()), (1, None, "inflation_rate"));
}

#[test]
fn the_baseline_and_what_is_put_away_cannot_be_adopted() {
    let home = ada().and([scenario("What if")]);
    assert_eq!(
        home.when(Intent::AdoptScenario { id: HOUSE.baseline(), seed: Uuid::nil() }).refused().to_string().split(' ').next(),
        Some("the")
    );
    let home = home.and([Intent::ArchiveScenario { id: id("What if") }]);
    assert!(home.when(adopted("What if")).refused().to_string().contains("archived"));
}

#[test]
fn what_it_was_about_may_be_gone() {
    let stops = change("Stop", TODAY, flow("Rent"), ChangeKind::RemoveExpense(RemoveExpense {}));
    let home = ada().and([scenario("What if"), stops, Intent::RemoveFlow { id: id("Rent") }]);
    stays_a_plan(&home, [("Stop", "gone")]);
}

#[test]
fn a_disabled_change_is_not_adopted() {
    let patch = ChangePatch { enabled: Some(false), ..Default::default() };
    let home = ada().and([
        scenario("What if"),
        change("Nursery", TODAY, None, costs("900.00")),
        Intent::ChangeScenarioChange { scenario_id: id("What if"), id: id("Nursery"), patch },
    ]);
    stays_a_plan(&home, []);
}

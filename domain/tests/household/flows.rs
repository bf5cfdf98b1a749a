//! Flows that people enter, which no regeneration ever touches.

use domain::calendar::Frequency;
use domain::household::command::{FlowPatch, Intent};
use domain::household::error::{Rule, Thing};
use domain::household::facts::{Flow, FlowKind, flow_kind};
use domain::household::{Event, HouseholdError};
use domain::vocabulary::{AccountType, ExpenseCategory, FlowType, IncomeCategory, SystemFlowKind};

use super::support::*;

fn groceries() -> Flow {
    Flow {
        name: name("Groceries"),
        kind: FlowKind::Expense(ExpenseCategory::Groceries),
        amount: money("150.00"),
        frequency: Frequency::Weekly,
        start_date: date("2026-01-05"),
        end_date: None,
        from_account_id: None,
        to_account_id: None,
        linked_account_id: None,
        member_id: None,
        active: true,
        notes: None,
    }
}
fn add(flow: Flow) -> Intent {
    Intent::AddFlow { id: id(flow.name.as_str()), flow }
}
fn change(patch: FlowPatch) -> Intent {
    Intent::ChangeFlow { id: id("Groceries"), patch }
}
fn eating() -> Home {
    given([opened("Ada"), add(groceries())])
}

#[test]
fn a_flow_is_added_changed_and_removed() {
    let home = given([opened("Ada")]).when(add(groceries())).then(["flow.added"]);
    let home = home.when(change(FlowPatch { amount: Some(money("160")), ..Default::default() })).then(["flow.changed"]);
    home.when(change(FlowPatch { amount: Some(money("160.00")), ..Default::default() })).then([]);
    let home = home.when(Intent::RemoveFlow { id: id("Groceries") }).then(["flow.removed"]);
    let gone = home.when(Intent::RemoveFlow { id: id("Groceries") }).refused();
    assert_eq!(gone, HouseholdError::NotFound { thing: Thing::Flow, id: id::<domain::ids::FlowId>("Groceries").0 });
}

#[test]
fn what_people_entered_stays_as_it_is_whatever_is_regenerated() {
    let home = eating().and([salaried("Acme", "96000.00"), raise("Acme", "104000.00"), Intent::RemoveIncome { id: id("Acme") }]);
    assert_eq!(home.state().flows.into_values().collect::<Vec<_>>(), [groceries()]);
    assert_eq!(home.state().system_flows.len(), 0);
}

#[test]
fn nobody_changes_a_derived_flow() {
    let home = given([opened("Ada"), salaried("Acme", "96000.00")]);
    let net = home.flow(SystemFlowKind::NetPay).id;
    let not_found = HouseholdError::NotFound { thing: Thing::Flow, id: net.0 };
    assert_eq!(home.when(Intent::RemoveFlow { id: net }).refused(), not_found);
    assert_eq!(home.when(Intent::ChangeFlow { id: net, patch: FlowPatch::default() }).refused(), not_found);
}

#[test]
fn a_category_belongs_to_its_type() {
    let of = flow_kind;
    assert_eq!(of(FlowType::Income, Some("salary")), Ok(FlowKind::Income(IncomeCategory::Salary)));
    assert_eq!(of(FlowType::Expense, Some("groceries")), Ok(FlowKind::Expense(ExpenseCategory::Groceries)));
    assert_eq!(of(FlowType::Transfer, None), Ok(FlowKind::Transfer));
    for (flow_type, category, code) in [
        (FlowType::Income, Some("groceries"), "not_allowed_here"),
        (FlowType::Expense, Some("salary"), "not_allowed_here"),
        (FlowType::Transfer, Some("groceries"), "not_allowed_here"),
        (FlowType::Income, None, "required"),
        (FlowType::Expense, None, "required"),
    ] {
        assert_eq!(of(flow_type, category).map_err(|rule| rule.code()), Err(code), "{flow_type} {category:?}");
    }
}

#[test]
fn a_new_type_needs_a_new_category() {
    let home = eating();
    let to = |flow_type, category: Option<&str>| {
        change(FlowPatch { flow_type: Some(flow_type), category: category.map(|word| Some(word.to_owned())), ..Default::default() })
    };
    home.when(to(FlowType::Income, None)).then_invalid([("category", "required")]);
    home.when(to(FlowType::Income, Some("gifts"))).then_invalid([("category", "not_allowed_here")]);
    let home = home.when(to(FlowType::Income, Some("bonus"))).then(["flow.changed"]);
    let Some(Event::FlowChanged { flow, was, .. }) = home.events.last() else { panic!() };
    assert_eq!((flow.kind.category(), was.kind.category()), (Some("bonus"), Some("groceries")));
}

#[test]
fn a_transfer_names_an_account_and_never_the_same_one_twice() {
    let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00")]);
    let transfer = |from: Option<&str>, to: Option<&str>| {
        add(Flow { kind: FlowKind::Transfer, from_account_id: from.map(id), to_account_id: to.map(id), ..groceries() })
    };
    home.when(transfer(None, None)).then_invalid([("from_account_id", "required")]);
    home.when(transfer(Some("Everyday"), Some("Everyday"))).then_invalid([("to_account_id", "not_allowed_here")]);
    home.when(transfer(Some("Everyday"), None)).then(["flow.added"]);
    home.when(transfer(None, Some("Everyday"))).then(["flow.added"]);
}

#[test]
fn everything_that_is_wrong_with_a_flow_is_said_at_once() {
    let wrong = Flow {
        amount: money("0"),
        from_account_id: Some(id("Nowhere")),
        linked_account_id: Some(id("Nowhere")),
        member_id: Some(id("Nobody")),
        end_date: Some(date("2026-01-04")),
        ..groceries()
    };
    given([opened("Ada")]).when(add(wrong)).then_invalid([
        ("amount", "not_positive"),
        ("from_account_id", "unknown_account"),
        ("linked_account_id", "unknown_account"),
        ("member_id", "unknown_member"),
        ("end_date", "ends_before_start"),
    ]);
}

#[test]
fn everything_that_is_wrong_with_a_change_of_a_flow_is_said_at_once() {
    let patch = FlowPatch {
        category: Some(Some("salary".to_owned())),
        amount: Some(money("-1")),
        end_date: Some(Some(date("2026-01-04"))),
        ..Default::default()
    };
    eating().when(change(patch)).then_invalid([
        ("category", "not_allowed_here"),
        ("amount", "not_positive"),
        ("end_date", "ends_before_start"),
    ]);
}

#[test]
fn an_end_names_the_start_that_it_lies_before() {
    let error = given([opened("Ada")]).when(add(Flow { end_date: Some(date("2026-01-04")), ..groceries() })).refused();
    assert_eq!(error.to_string(), "end_date is before start_date (2026-01-05)");
    assert_eq!(
        violations(error),
        [("end_date".to_owned(), Rule::EndsBeforeStart { start_field: "start_date", start: date("2026-01-05") })]
    );
    given([opened("Ada")]).when(add(Flow { end_date: Some(date("2026-01-05")), ..groceries() })).then(["flow.added"]);
}

//! Spending that begins, becomes another and stops, and what is put aside.

use domain::calendar::Frequency;
use domain::household::command::{AssetDetailsPatch, Holding, LiabilityPatch, Told};
use domain::household::facts::FlowKind;
use domain::ids::FlowId;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::*;
use domain::projection::changes::parameter::TargetAccount;
use domain::vocabulary::{AccountType, ExpenseCategory, SystemFlowKind};

use super::super::support::*;
use super::*;

fn ada() -> Home {
    given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "40000.00"),
        holds("Savings", AccountType::Savings, "1000.00"),
        salaried("Acme", "96000.00"),
        spends("Rent", "1500.00"),
        scenario("What if"),
    ])
}

fn costs(amount: &str, category: ExpenseCategory) -> ChangeKind {
    ChangeKind::AddExpense(AddExpense { amount: money(amount), frequency: Frequency::Monthly, category })
}

fn becomes(amount: &str) -> ChangeKind {
    ChangeKind::ModifyExpense(ModifyExpense { amount: Some(money(amount)), frequency: None, category: None })
}

fn put_aside(amount: &str, into: &str) -> ChangeKind {
    ChangeKind::SetSavingsTransfer(SetSavingsTransfer { amount: money(amount), target_account_id: TargetAccount(id(into)) })
}

#[test]
fn spending_that_begins_is_a_flow_of_its_days() {
    let home =
        ada().and([change("Nursery", "2027-01-15", None, costs("900.00", ExpenseCategory::Childcare)), until("Nursery", "2029-08-31")]);
    let after = becomes_real(&home, ["flow.added"]);
    let told = after.state().flows[&made::<FlowId>(1)].clone();
    assert_eq!((told.name.as_str(), told.kind, told.amount), ("Nursery", FlowKind::Expense(ExpenseCategory::Childcare), money("900.00")));
    assert_eq!((told.start_date, told.end_date), (date("2027-01-15"), Some(date("2029-08-31"))));
}

#[test]
fn rent_that_is_another_for_a_while_is_three_flows() {
    let home = ada().and([change("Sublet", "2027-03-01", flow("Rent"), becomes("700.00")), until("Sublet", "2027-08-31")]);
    let after = becomes_real(&home, ["flow.changed", "flow.added", "flow.added"]);
    let state = after.state();
    let of = |id: FlowId| (state.flows[&id].amount, state.flows[&id].start_date, state.flows[&id].end_date);
    assert_eq!(of(id("Rent")), (money("1500.00"), date("2026-01-05"), Some(date("2027-02-28"))));
    assert_eq!(of(made(1)), (money("700.00"), date("2027-03-05"), Some(date("2027-08-31"))));
    assert_eq!(of(made(2)), (money("1500.00"), date("2027-09-05"), None));
}

#[test]
fn rent_that_is_another_from_this_month_on_is_the_same_flow() {
    let after = becomes_real(&ada().and([change("Raise", "2026-11-01", flow("Rent"), becomes("1600.00"))]), ["flow.changed"]);
    let told = after.state().flows[&id("Rent")].clone();
    assert_eq!((told.amount, told.start_date), (money("1600.00"), date("2026-01-05")));
}

#[test]
fn what_stops_ends_with_the_month_before() {
    let stops = || ChangeKind::RemoveExpense(RemoveExpense {});
    let after = becomes_real(&ada().and([change("Move out", "2028-02-10", flow("Rent"), stops())]), ["flow.changed"]);
    assert_eq!(after.state().flows[&id("Rent")].end_date, Some(date("2028-01-31")));
    let after = becomes_real(&ada().and([change("Moved out", "2026-11-02", flow("Rent"), stops())]), ["flow.changed"]);
    assert_eq!(after.state().flows[&id("Rent")].end_date, Some(date("2026-10-31")));
}

#[test]
fn an_extra_payment_is_a_transfer_into_the_debt() {
    let home = ada().and([
        owes("Car", AccountType::AutoLoan, "12000.00", "0.06", LiabilityPatch { term_months: Some(Some(48)), ..Default::default() }),
        change("Faster", "2028-05-01", account_("Car"), ChangeKind::PayoffDebt(PayoffDebt { extra_monthly: money("125.00") })),
    ]);
    let after = becomes_real(&home, ["flow.added"]);
    let told = after.state().flows[&made::<FlowId>(1)].clone();
    assert_eq!((told.kind, told.amount, told.to_account_id), (FlowKind::Transfer, money("125.00"), Some(id("Car"))));
}

#[test]
fn what_is_put_aside_takes_the_place_of_what_was() {
    let home = ada().and([
        change("First", "2026-11-01", None, put_aside("200.00", "Savings")),
        change("Then", "2027-06-01", None, put_aside("450.00", "Savings")),
    ]);
    let after = becomes_real(&home, ["flow.added", "flow.changed", "flow.added"]);
    let state = after.state();
    let of = |id: FlowId| (state.flows[&id].amount, state.flows[&id].start_date, state.flows[&id].end_date);
    assert_eq!(of(made(1)), (money("200.00"), date("2026-11-01"), Some(date("2027-05-31"))));
    assert_eq!(of(made(2)), (money("450.00"), date("2027-06-01"), None));
}

#[test]
fn what_a_property_costs_is_told_of_the_property() {
    let details = AssetDetailsPatch { monthly_hoa: Some(Some(money("50.00"))), ..Default::default() };
    let house = Holding { balance: Some(balance("300000.00")), liability: None, asset_details: Some(Told::Whole(details)) };
    let home = ada().and([holding(account("House", AccountType::PrimaryResidence), house)]);
    let dues = home.flow(SystemFlowKind::HoaFees).id;
    let dearer = change("Dearer", TODAY, Some(Source::Flow(dues)), becomes("80.00"));
    let after = becomes_real(&home.and([dearer]), ["asset_details.changed"]);
    assert_eq!(after.amounts(SystemFlowKind::HoaFees), ["80.00"]);
}

#[test]
fn spending_that_begins_after_a_year_of_inflation_stays_a_plan() {
    // A flow's amount is one of today, and would have risen by the time: the scenario's is that of its first month.
    let home = ada().and([change("Later", "2028-06-01", None, costs("100.00", ExpenseCategory::Childcare))]);
    stays_a_plan(&home, [("Later", "future")]);
}

#[test]
fn totals_say_nothing_of_their_parts() {
    use domain::projection::changes::words::AdjustMode;
    let less =
        ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: rust_decimal::Decimal::new(-1, 1), mode: AdjustMode::Percent });
    let more = ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: rust_decimal::Decimal::new(1, 1), mode: AdjustMode::Percent });
    let home = ada().and([change("Frugal", TODAY, None, less), change("Diligent", TODAY, None, more)]);
    stays_a_plan(&home, [("Frugal", "no_counterpart"), ("Diligent", "no_counterpart")]);
}

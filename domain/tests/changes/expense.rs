//! What goes out.

use domain::calendar::Frequency;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{
    AddExpense, AdjustTotalExpenses, LumpSumExpense, ModifyExpense, RemoveExpense, SetSavingsTransfer,
};
use domain::projection::changes::parameter::{DebtAccount, TargetAccount};
use domain::projection::changes::words::AdjustMode;
use domain::projection::{Assumptions, FlowKind, PaymentRule, Plan, PlanFlow};
use domain::vocabulary::{AccountType, ExpenseCategory};

use crate::projection_support::{account, account_id, debt, flow, money, plan, rate, series};
use crate::support::{self, change, changed, difference, until};

const RENT: FlowKind = FlowKind::Expense(ExpenseCategory::Rent);

/// Somebody who pays 1,000 of rent a month, from 50,000 in checking.
fn tenant(months: u16) -> Plan {
    let mut plan = plan("50000.00", months);
    plan.flows.push(PlanFlow { inflates: true, ..flow(1, RENT, "1000.00", Frequency::Monthly) });
    plan
}

#[test]
fn added_spending_comes_on_top_and_rises_with_prices() {
    // Prices rise by a tenth in month 13: 300 becomes 330, 1,000 becomes 1,100.
    let plan = Plan { assumptions: Assumptions { inflation: rate("0.10"), ..tenant(1).assumptions }, ..tenant(14) };
    let childcare = AddExpense { amount: money("300.00"), frequency: Frequency::Monthly, category: ExpenseCategory::Childcare };
    let rows = changed(&plan, [until("2027-01-31", change("2026-12-01", None, ChangeKind::AddExpense(childcare)))]);
    assert_eq!(series(&rows, |row| row.total_expenses)[10..], ["1000.00", "1300.00", "1430.00", "1100.00"]);
    assert_eq!(rows[12].expense_by_category.get(ExpenseCategory::Childcare), money("330.00"));
}

#[test]
fn modified_spending_becomes_another_and_then_what_it_would_have_been() {
    let plan = Plan { assumptions: Assumptions { inflation: rate("0.10"), ..tenant(1).assumptions }, ..tenant(15) };
    let smaller = ModifyExpense { amount: Some(money("800.00")), frequency: None, category: None };
    let rows = changed(&plan, [until("2027-02-28", change("2026-12-01", support::flow(1), ChangeKind::ModifyExpense(smaller)))]);
    // 800 becomes 880 at the anniversary; the rent that comes back has risen to 1,100.
    assert_eq!(series(&rows, |row| row.total_expenses)[10..], ["1000.00", "800.00", "880.00", "880.00", "1100.00"]);
}

#[test]
fn another_rhythm_keeps_the_amount_of_each_time() {
    let weekly = ModifyExpense { amount: None, frequency: Some(Frequency::Weekly), category: Some(ExpenseCategory::VacationTravel) };
    let row = &changed(&tenant(1), [change("2026-01-01", support::flow(1), ChangeKind::ModifyExpense(weekly))])[0];
    // 52 x 1,000 / 12.
    assert_eq!(row.expense_by_category.get(ExpenseCategory::VacationTravel), money("4333.33"));
}

#[test]
fn removed_spending_stops_and_comes_back() {
    let rows =
        changed(&tenant(4), [until("2026-03-31", change("2026-02-01", support::flow(1), ChangeKind::RemoveExpense(RemoveExpense {})))]);
    assert_eq!(series(&rows, |row| row.total_expenses), ["1000.00", "0.00", "0.00", "1000.00"]);
}

#[test]
fn a_lump_sum_is_spent_once() {
    let wedding = LumpSumExpense { amount: money("12000.00"), category: ExpenseCategory::Gifts, pay_down_account_id: None };
    let rows = changed(&tenant(3), [change("2026-02-14", None, ChangeKind::LumpSumExpense(wedding))]);
    assert_eq!(series(&rows, |row| row.total_expenses), ["1000.00", "13000.00", "1000.00"]);
    assert_eq!(rows[1].change.spending, money("-13000.00"));
}

#[test]
fn a_lump_sum_on_a_debt_pays_no_more_than_is_owed() {
    let mut plan = plan("50000.00", 2);
    plan.accounts.push(debt(2, AccountType::StudentLoanFederal, "3000.00", "0", PaymentRule::None));
    let down = LumpSumExpense {
        amount: money("5000.00"),
        category: ExpenseCategory::StudentLoan,
        pay_down_account_id: Some(DebtAccount(account_id(2))),
    };
    let rows = changed(&plan, [change("2026-02-14", None, ChangeKind::LumpSumExpense(down))]);
    assert_eq!(series(&rows, |row| row.balances.get(account_id(2))), ["3000.00", "0.00"]);
    assert_eq!(series(&rows, |row| row.liquid_assets), ["50000.00", "47000.00"]);
    assert_eq!(series(&rows, |row| row.net_worth), ["47000.00", "47000.00"]);
}

#[test]
fn all_spending_rises_by_a_fraction_or_by_an_amount_a_month() {
    let mut plan = tenant(1);
    plan.flows.push(flow(2, FlowKind::Expense(ExpenseCategory::Groceries), "500.00", Frequency::Monthly));
    let adjusted = |amount: &str, mode| {
        let kind = ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: amount.parse().unwrap(), mode });
        changed(&plan, [change("2026-01-01", None, kind)])[0].clone()
    };
    assert_eq!(adjusted("0.2", AdjustMode::Percent).total_expenses, money("1800.00"));
    assert_eq!(adjusted("500", AdjustMode::Absolute).total_expenses, money("2000.00"));
    let less = adjusted("-300", AdjustMode::Absolute);
    // Two thirds of the 1,500 are rent: 200 of the 300 less.
    assert_eq!((less.total_expenses, less.expense_by_category.get(ExpenseCategory::Rent)), (money("1200.00"), money("800.00")));
    assert_eq!(adjusted("-99999", AdjustMode::Absolute).total_expenses, money("0.00"));
}

#[test]
fn what_is_put_aside_takes_the_place_of_what_was() {
    let mut plan = tenant(3);
    plan.accounts.push(account(2, AccountType::Savings, "0.00"));
    plan.flows.push(PlanFlow { to: Some(account_id(2)), ..flow(2, FlowKind::Transfer, "500.00", Frequency::Monthly) });
    let more = SetSavingsTransfer { amount: money("800.00"), target_account_id: TargetAccount(account_id(2)) };
    let rows = changed(&plan, [change("2026-02-01", None, ChangeKind::SetSavingsTransfer(more))]);
    assert_eq!(series(&rows, |row| row.balances.get(account_id(2))), ["500.00", "1300.00", "2100.00"]);
}

#[test]
fn what_begins_at_an_anniversary_is_what_was_said_until_the_next_one() {
    // Month 13 is January 2027: 250 as said; a year later it has risen by a tenth, to 275.
    let plan = Plan { assumptions: Assumptions { inflation: rate("0.10"), ..plan("50000.00", 1).assumptions }, ..plan("50000.00", 25) };
    let childcare = AddExpense { amount: money("250.00"), frequency: Frequency::Monthly, category: ExpenseCategory::Childcare };
    let rows = changed(&plan, [change("2027-01-01", None, ChangeKind::AddExpense(childcare))]);
    let paid = series(&rows, |row| row.total_expenses);
    assert_eq!([&paid[11], &paid[12], &paid[23], &paid[24]], ["0.00", "250.00", "250.00", "275.00"]);
}

#[test]
fn added_payments_on_debts_and_taxes_do_not_rise_with_prices() {
    let plan = Plan { assumptions: Assumptions { inflation: rate("0.10"), ..plan("50000.00", 1).assumptions }, ..plan("50000.00", 14) };
    let of = |category| {
        let added = AddExpense { amount: money("300.00"), frequency: Frequency::Monthly, category };
        let rows = changed(&plan, [change("2026-03-01", None, ChangeKind::AddExpense(added))]);
        [11, 13].map(|month| (rows[month].total_expenses + rows[month].total_taxes).to_string())
    };
    for category in [ExpenseCategory::StudentLoan, ExpenseCategory::OtherDebt, ExpenseCategory::EstimatedTax] {
        assert_eq!(of(category), ["300.00", "300.00"], "{category}");
    }
    assert_eq!(of(ExpenseCategory::Groceries), ["300.00", "330.00"]);
}

#[test]
fn a_total_falls_and_rises_by_exactly_what_was_said_in_every_month() {
    let mut plan = tenant(24);
    plan.flows.push(flow(2, FlowKind::Expense(ExpenseCategory::Groceries), "333.33", Frequency::Monthly));
    plan.flows.push(flow(3, FlowKind::Expense(ExpenseCategory::Childcare), "17.77", Frequency::Weekly));
    plan.flows.push(flow(4, FlowKind::Expense(ExpenseCategory::AutoInsurance), "1000.00", Frequency::Annually));
    for amount in ["-600.00", "-0.01", "600.00"] {
        let kind = ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: amount.parse().unwrap(), mode: AdjustMode::Absolute });
        let differs = difference(&plan, [change("2026-02-01", None, kind)], |row| row.total_expenses);
        assert_eq!(differs[0], "0.00");
        assert!(differs[1..].iter().all(|by| by == amount), "{amount}: {differs:?}");
    }
}

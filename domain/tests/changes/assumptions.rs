//! What is assumed of the world.

use domain::calendar::{Frequency, PayFrequency};
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{OverrideAssumptions, OverrideInflation, OverrideInvestmentReturn, OverrideSalaryGrowth};
use domain::projection::{FlowKind, Plan, PlanFlow};
use domain::vocabulary::{AccountType, ExpenseCategory};

use crate::projection_support::{account, account_id, flow, money, plan, rate, salary, series};
use crate::support::{change, changed, until};

/// 60,000 a year, 1,000 of rent a month, 10,000 invested, nothing grows.
fn still_life(months: u16) -> Plan {
    let mut plan = plan("50000.00", months);
    plan.accounts.push(account(2, AccountType::Brokerage, "10000.00"));
    plan.incomes.push(salary(1, "60000.00", PayFrequency::Monthly));
    plan.flows.push(PlanFlow { inflates: true, ..flow(1, FlowKind::Expense(ExpenseCategory::Rent), "1000.00", Frequency::Monthly) });
    plan
}

#[test]
fn assumptions_are_overridden_for_a_while() {
    let other =
        OverrideAssumptions { inflation_rate: Some(rate("0.05")), investment_return_rate: None, salary_growth_rate: Some(rate("0.10")) };
    let rows = changed(&still_life(25), [until("2027-06-30", change("2026-06-01", None, ChangeKind::OverrideAssumptions(other)))]);
    // The anniversary of month 13 lies within, that of month 25 does not.
    assert_eq!((rows[12].total_income, rows[12].total_expenses), (money("5500.00"), money("1050.00")));
    assert_eq!((rows[24].total_income, rows[24].total_expenses), (money("5500.00"), money("1050.00")));
    assert_eq!(rows[24].balances.get(account_id(2)), money("10000.00"));
}

#[test]
fn prices_rise_otherwise_for_so_many_months() {
    let six_percent = |duration_months| ChangeKind::OverrideInflation(OverrideInflation { rate: rate("0.06"), duration_months });
    let rent = |duration| {
        let rows = changed(&still_life(25), [change("2026-01-01", None, six_percent(duration))]);
        (rows[12].total_expenses.to_string(), rows[24].total_expenses.to_string())
    };
    assert_eq!(rent(Some(24)), ("1060.00".into(), "1060.00".into()));
    assert_eq!(rent(None), ("1060.00".into(), "1123.60".into()));
}

#[test]
fn investments_return_otherwise() {
    let twelve = OverrideInvestmentReturn { rate: rate("0.12"), duration_months: Some(12) };
    let rows = changed(&still_life(13), [change("2026-01-01", None, ChangeKind::OverrideInvestmentReturn(twelve))]);
    let held = series(&rows, |row| row.balances.get(account_id(2)));
    // (1.12)^(1/12) - 1 a month, rounded each month (Python's decimal with 50 digits).
    assert_eq!(held[..3], ["10094.89", "10190.68", "10287.38"]);
    assert_eq!(held[11..], ["11200.01", "11200.01"]);
}

#[test]
fn salaries_grow_otherwise() {
    let tenth = OverrideSalaryGrowth { rate: rate("0.10"), duration_months: None };
    let rows = changed(&still_life(13), [change("2026-03-01", None, ChangeKind::OverrideSalaryGrowth(tenth))]);
    assert_eq!((rows[11].total_income, rows[12].total_income), (money("5000.00"), money("5500.00")));
}

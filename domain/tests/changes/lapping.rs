//! Changes that overlap: what ends is as if it had never been, whatever else holds meanwhile.

use domain::calendar::PayFrequency;
use domain::projection::changes::kind::{AdjustTotalIncome, ModifyIncome, RemoveIncome};
use domain::projection::changes::words::AdjustMode;
use domain::projection::changes::{ChangeKind, ScenarioChange};
use domain::projection::{Assumptions, Plan};

use crate::projection_support::{money, plan, rate, rows, salary, series};
use crate::support::{change, changed, income, until};

fn employed(months: u16) -> Plan {
    let mut plan = plan("10000.00", months);
    plan.assumptions = Assumptions { salary_growth: rate("0.10"), ..plan.assumptions };
    plan.incomes.push(salary(1, "60000.00", PayFrequency::Monthly));
    plan
}

fn paying(annual: &str) -> ChangeKind {
    ChangeKind::ModifyIncome(ModifyIncome { amount: Some(money(annual)), frequency: None, category: None, tax_treatment: None })
}

#[test]
fn the_later_of_two_holds_and_when_it_ends_the_earlier_one_is_back() {
    let changes = [
        until("2026-06-30", change("2026-02-01", income(1), paying("72000.00"))),
        until("2026-04-30", change("2026-03-01", income(1), paying("84000.00"))),
    ];
    let rows = changed(&employed(7), changes);
    assert_eq!(series(&rows, |row| row.total_income), ["5000.00", "6000.00", "7000.00", "7000.00", "6000.00", "6000.00", "5000.00"]);
}

#[test]
fn the_earlier_of_two_may_end_first() {
    let changes = [
        until("2026-03-31", change("2026-02-01", income(1), paying("72000.00"))),
        until("2026-05-31", change("2026-03-01", income(1), paying("84000.00"))),
    ];
    let rows = changed(&employed(6), changes);
    assert_eq!(series(&rows, |row| row.total_income), ["5000.00", "6000.00", "7000.00", "7000.00", "7000.00", "5000.00"]);
}

#[test]
fn on_one_day_the_order_decides() {
    let raise = |annual: &str, order| ScenarioChange { order, ..change("2026-01-01", income(1), paying(annual)) };
    let one = Plan { changes: crate::support::planned([raise("72000.00", 0), raise("84000.00", 0)]), ..employed(1) };
    let mut other = one.clone();
    (other.changes[0].change.order, other.changes[1].change.order) = (1, 0);
    assert_eq!((rows(&one)[0].total_income, rows(&other)[0].total_income), (money("7000.00"), money("6000.00")));
}

#[test]
fn what_holds_since_before_the_plan_holds_from_its_first_month_on() {
    let changes = [until("2026-02-15", change("2025-06-01", income(1), paying("72000.00")))];
    assert_eq!(series(&changed(&employed(3), changes), |row| row.total_income), ["6000.00", "6000.00", "5000.00"]);
    let over = [until("2025-12-31", change("2025-06-01", income(1), paying("72000.00")))];
    assert_eq!(changed(&employed(3), over), rows(&employed(3)));
}

#[test]
fn what_was_stopped_for_a_year_has_grown_meanwhile() {
    let away = until("2027-01-31", change("2026-02-01", income(1), ChangeKind::RemoveIncome(RemoveIncome {})));
    let rows = changed(&employed(14), [away]);
    assert_eq!(series(&rows, |row| row.total_income)[11..], ["0.00", "0.00", "5500.00"]);
}

#[test]
fn adjustments_add_up_and_leave_nothing_behind() {
    let tenth = |from: &str, to: &str| {
        let kind = ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: "-0.1".parse().unwrap(), mode: AdjustMode::Percent });
        until(to, change(from, None, kind))
    };
    let rows = changed(&employed(14), [tenth("2026-02-01", "2026-12-31"), tenth("2026-03-01", "2027-01-31")]);
    // 5,000; 4,500; 4,050 ...; in month 13, grown to 5,500, only one of them is left.
    let incomes = series(&rows, |row| row.total_income);
    assert_eq!((incomes[0].as_str(), incomes[1].as_str(), incomes[11].as_str()), ("5000.00", "4500.00", "4050.00"));
    assert_eq!(incomes[12..], ["4950.00", "5500.00"]);
}

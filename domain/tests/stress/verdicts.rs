//! How a plan is judged.

use domain::projection::{PaymentRule, Plan};
use domain::stress::{StressMeasure, StressStatus, StressTest, Verdict};
use domain::vocabulary::AccountType;

use crate::projection_support::{date, debt, money};
use crate::support::{living, stressed, under};

fn verdict(plan: &Plan) -> Verdict {
    stressed(plan, &[]).baseline.verdict
}

/// A loan without interest of which 500.00 a month are paid back, and what is left for it.
fn owing(gets: &str) -> Plan {
    let mut plan = living("20000.00", gets, "2000.00", 3);
    plan.accounts.push(debt(2, AccountType::PersonalLoan, "6000.00", "0", PaymentRule::Fixed(money("500.00"))));
    plan
}

#[test]
fn whoever_has_three_months_and_owes_nothing_passes() {
    let verdict = verdict(&living("5000.00", "3000.00", "2000.00", 12));
    assert_eq!((verdict.status, verdict.first_breach, verdict.first_negative_cash_flow), (StressStatus::Passed, None, None));
    // 6,000 at the end of month 1: exactly 3 months. Nothing is owed, so nothing has to be covered.
    assert_eq!(verdict.minima.liquidity_months.unwrap().value.to_string(), "3.0000");
    assert_eq!((verdict.minima.dscr, verdict.shortfall), (None, None));
}

#[test]
fn less_than_three_months_of_liquidity_is_a_warning() {
    // 1,000 less every month: 6,000 (3.0 months), 5,000 (2.5), 4,000, 3,000.
    let verdict = verdict(&living("7000.00", "1000.00", "2000.00", 4));
    let breach = verdict.first_breach.unwrap();
    assert_eq!(
        (verdict.status, breach.status, breach.metric),
        (StressStatus::Warning, StressStatus::Warning, StressMeasure::LiquidityMonths)
    );
    assert_eq!((breach.limit.to_string(), breach.value.to_string()), ("3".into(), "2.5000".into()));
    assert_eq!((breach.month_number, breach.date, breach.length_months), (2, date("2026-02-28"), 3));
    let negative = verdict.first_negative_cash_flow.unwrap();
    assert_eq!((negative.month_number, negative.date, negative.net_cash_flow), (1, date("2026-01-31"), money("-1000.00")));
}

#[test]
fn less_than_one_month_of_liquidity_fails() {
    // The same for longer: exactly one month's spending in month 5, half of it in month 6, nothing in month 7, and then the overdraft.
    let verdict = verdict(&living("7000.00", "1000.00", "2000.00", 8));
    let breach = verdict.first_breach.unwrap();
    assert_eq!((verdict.status, breach.limit.to_string(), breach.value.to_string()), (StressStatus::Failed, "1".into(), "0.5000".into()));
    assert_eq!((breach.month_number, breach.length_months), (6, 3));
    let (cash, worth) = (verdict.minima.cash.unwrap(), verdict.minima.net_worth.unwrap());
    assert_eq!((cash.value, cash.month_number), (money("0.00"), 7));
    assert_eq!((worth.value, worth.month_number), (money("-1000.00"), 8));
    assert_eq!(verdict.shortfall.unwrap().month_number, 8);
}

#[test]
fn debts_covered_less_than_1_2_times_are_a_warning_and_less_than_0_8_times_fail() {
    let status = |gets| {
        let verdict = verdict(&owing(gets));
        (verdict.status, verdict.minima.dscr.unwrap().value.to_string())
    };
    // (2,600 - 2,000) / 500, and so on.
    assert_eq!(status("2600.00"), (StressStatus::Passed, "1.2000".into()));
    assert_eq!(status("2599.00"), (StressStatus::Warning, "1.1980".into()));
    assert_eq!(status("2400.00"), (StressStatus::Warning, "0.8000".into()));
    assert_eq!(status("2399.00"), (StressStatus::Failed, "0.7980".into()));
    let breach = verdict(&owing("2399.00")).first_breach.unwrap();
    assert_eq!((breach.metric, breach.limit.to_string(), breach.length_months), (StressMeasure::Dscr, "0.8".into(), 3));
}

#[test]
fn a_breach_is_as_long_as_its_months_in_a_row() {
    use domain::projection::changes::ChangeKind;
    use domain::projection::changes::kind::LumpSumExpense;
    use domain::vocabulary::ExpenseCategory;
    // 9,000 at once in February leave 3,000: a third of the month's 11,000 with rounding 0.2727. In March they are 1.5 months again.
    let mut plan = living("12000.00", "2000.00", "2000.00", 4);
    plan.changes = StressTest::IncomeMinus10.changes(&plan);
    plan.changes[0].change.effective_date = date("2026-02-10");
    plan.changes[0].change.kind = ChangeKind::LumpSumExpense(LumpSumExpense {
        amount: money("9000.00"),
        category: ExpenseCategory::Miscellaneous,
        pay_down_account_id: None,
    });
    let breach = verdict(&plan).first_breach.unwrap();
    assert_eq!((breach.month_number, breach.value.to_string(), breach.length_months), (2, "0.2727".into(), 1));
}

#[test]
fn a_test_is_told_beside_the_plan_without_it() {
    let plan = living("12000.00", "3000.00", "2000.00", 12);
    // 750 less a month: behind by 9,000 of 24,000 after twelve.
    let outcome = under(&plan, StressTest::IncomeMinus25);
    let drawdown = outcome.maximum_drawdown.unwrap();
    assert_eq!((outcome.baseline_status, outcome.course.verdict.status), (StressStatus::Passed, StressStatus::Passed));
    assert_eq!((drawdown.amount, drawdown.fraction.unwrap().to_string()), (money("9000.00"), "0.3750".into()));
    assert_eq!((drawdown.month_number, drawdown.date), (12, date("2026-12-31")));
    assert_eq!(outcome.maximum_liquid_drawdown, outcome.maximum_drawdown);
}

#[test]
fn who_fails_without_a_test_is_told_so() {
    let outcome = under(&living("1000.00", "2000.00", "2000.00", 3), StressTest::VariableRatesPlus2);
    assert_eq!((outcome.baseline_status, outcome.course.verdict.status), (StressStatus::Failed, StressStatus::Failed));
    // Nothing is owed at a variable rate: the test changes nothing, and nothing is behind.
    assert_eq!((outcome.maximum_drawdown, outcome.maximum_liquid_drawdown), (None, None));
}

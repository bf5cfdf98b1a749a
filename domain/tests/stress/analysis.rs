//! What tests say about a plan, and what would mend it.

use domain::projection::changes::PlannedChange;
use domain::projection::{PaymentRule, Plan};
use domain::stress::{Analysis, Remedy, StressMeasure, StressTest, analyze};
use domain::vocabulary::AccountType;

use crate::projection_support::{debt, money, tables};
use crate::support::{ONE, living};

fn analysis(plan: &Plan, tests: &[StressTest]) -> Analysis {
    let tests: Vec<Vec<PlannedChange>> = tests.iter().map(|test| test.changes(plan)).collect();
    analyze(plan, &tests, tables(), ONE).unwrap()
}

/// The amounts of a remedy as text: cut, cash, cut alone.
fn amounts(remedy: &Remedy) -> [Option<String>; 3] {
    [remedy.monthly_spending_cut, remedy.cash, remedy.monthly_spending_cut_alone].map(|amount| amount.map(|amount| amount.to_string()))
}

fn some<const N: usize>(amounts: [&str; N]) -> [Option<String>; N] {
    amounts.map(|amount| Some(amount.to_owned()))
}

/// Half of 3,000 comes in, 2,000 are spent: 500 less every month, and nothing of 6,000 is left at the end of the year.
fn half_a_year() -> Plan {
    living("6000.00", "3000.00", "2000.00", 12)
}

#[test]
fn the_score_is_the_mean_of_what_the_tests_reach() {
    // A tenth less: 6,700 after the first month, 3.35 months, and rising. Half: nothing at the end.
    let analysis = analysis(&half_a_year(), &[StressTest::IncomeMinus10, StressTest::IncomeMinus50]);
    assert_eq!(analysis.resilience_score.to_string(), "50.00");
    let scores: Vec<_> = analysis.scores.iter().map(|score| (score.score.to_string(), score.held_down_by)).collect();
    assert_eq!(scores, [("100.00".into(), None), ("0.00".into(), Some(StressMeasure::LiquidityMonths))]);
    let weakest = analysis.weakest_point.unwrap();
    assert_eq!((weakest.test, weakest.metric, weakest.month_number), (1, StressMeasure::LiquidityMonths, 12));
    assert_eq!((weakest.value.to_string(), weakest.limit.to_string()), ("0.0000".into(), "3".into()));
}

#[test]
fn a_score_is_cut_and_not_rounded() {
    // 5,999 + 0 a month at 2,000: 2.9995 of 3 months, 99.98333… %.
    let plan = living("5999.00", "2000.00", "2000.00", 2);
    assert_eq!(analysis(&plan, &[StressTest::VariableRatesPlus2]).resilience_score.to_string(), "99.98");
}

#[test]
fn whoever_passes_every_test_scores_100_and_needs_nothing() {
    let analysis = analysis(&living("90000.00", "3000.00", "2000.00", 12), &[StressTest::IncomeMinus10, StressTest::ExpensesPlus500]);
    assert_eq!((analysis.resilience_score.to_string(), analysis.weakest_point), ("100.00".into(), None));
    for remedy in &analysis.remedies {
        assert_eq!((amounts(remedy), remedy.is_enough), (some(["0.00"; 3]), true));
    }
}

#[test]
fn cash_or_spending_less_mends_liquidity() {
    let analysis = analysis(&half_a_year(), &[StressTest::IncomeMinus10, StressTest::IncomeMinus50]);
    let [not_failing, passing] = &analysis.remedies;
    // A ratio of 0.99995 reads 1.0000: 1,999.90 of 2,000 at the end of month 12 are enough. Spending c less, 12 c are there then,
    // and 12 c >= 0.99995 x (2,000 - c) from c = 153.84 on (153.8390…).
    assert_eq!((amounts(not_failing), not_failing.is_enough), (some(["0.00", "1999.90", "153.84"]), true));
    // 2.99995 x 2,000; and 12 c >= 2.99995 x (2,000 - c) from c = 400.00 on (399.9947… leaves 399.99 too little).
    assert_eq!((amounts(passing), passing.is_enough), (some(["0.00", "5999.90", "400.00"]), true));
}

#[test]
fn what_debts_lack_is_spent_less() {
    // 350 are left for a payment of 500: 0.7. For 0.79995, which reads 0.8, 49.975 are missing; for 1.19995, 249.975.
    let mut plan = living("20000.00", "2350.00", "2000.00", 3);
    plan.accounts.push(debt(2, AccountType::PersonalLoan, "6000.00", "0", PaymentRule::Fixed(money("500.00"))));
    let analysis = analysis(&plan, &[StressTest::VariableRatesPlus2]);
    let [not_failing, passing] = &analysis.remedies;
    assert_eq!(amounts(not_failing), some(["49.98", "0.00", "49.98"]));
    assert_eq!(amounts(passing), some(["249.98", "0.00", "249.98"]));
    // 0.7 / 1.2.
    assert_eq!((analysis.resilience_score.to_string(), analysis.weakest_point.unwrap().metric), ("58.33".into(), StressMeasure::Dscr));
}

#[test]
fn where_not_even_spending_nothing_would_do_that_is_said() {
    // 300 come in, 100 are spent, 500 are due: at most 0.6. Liquid: 700, 400, 100 of 600 a month.
    let mut plan = living("1000.00", "300.00", "100.00", 3);
    plan.accounts.push(debt(2, AccountType::PersonalLoan, "6000.00", "0", PaymentRule::Fixed(money("500.00"))));
    let [not_failing, _] = analysis(&plan, &[StressTest::VariableRatesPlus2]).remedies;
    // 0.99995 x 600 - 100.
    assert_eq!((amounts(&not_failing), not_failing.is_enough), ([None, Some("499.97".into()), None], false));
}

#[test]
fn an_overdraft_is_filled_before_cash_is_at_hand() {
    // 1,000 a month too little from the first on: 2,000 of overdraft after two months.
    let plan = living("0.00", "1000.00", "2000.00", 2);
    let [not_failing, _] = analysis(&plan, &[StressTest::VariableRatesPlus2]).remedies;
    // 2,000 for the overdraft and 0.99995 x 2,000 on top.
    assert_eq!(not_failing.cash, Some(money("3999.90")));
}

//! What each test that ships does.

use domain::calendar::PayFrequency;
use domain::projection::{DebtTerms, PaymentRule, Plan, PlanAccount};
use domain::stress::StressTest;
use domain::vocabulary::AccountType;

use crate::projection_support::{account, debt, money, rate, salary};
use crate::support::{living, series, stressed, under};

#[test]
fn income_falls_by_a_part_of_wages_and_of_all_else() {
    // 3,000 a month that come in untaxed, and 60,000 a year in wages: 8,000 a month.
    let mut plan = living("12000.00", "3000.00", "2000.00", 2);
    plan.incomes.push(salary(1, "60000.00", PayFrequency::Monthly));
    let income = |test| series(&under(&plan, test).course.series, |point| point.total_income);
    assert_eq!(income(StressTest::IncomeMinus10), ["7200.00", "7200.00"]);
    assert_eq!(income(StressTest::IncomeMinus25), ["6000.00", "6000.00"]);
    assert_eq!(income(StressTest::IncomeMinus50), ["4000.00", "4000.00"]);
    let taxes = |outcome: domain::stress::Outcome| outcome.course.series[0].total_taxes;
    let untouched = stressed(&plan, &[]).baseline.series[0].total_taxes;
    assert!(taxes(under(&plan, StressTest::IncomeMinus50)) < untouched, "taxes follow wages");
}

#[test]
fn expenses_rise_by_an_amount_a_month() {
    let plan = living("12000.00", "3000.00", "2000.00", 2);
    let spent = |test| series(&under(&plan, test).course.series, |point| point.total_expenses);
    assert_eq!(spent(StressTest::ExpensesPlus500), ["2500.00", "2500.00"]);
    assert_eq!(spent(StressTest::ExpensesPlus1000), ["3000.00", "3000.00"]);
}

#[test]
fn variable_rates_rise_by_two_points_and_fixed_ones_stay() {
    let mut plan = living("12000.00", "3000.00", "2000.00", 1);
    for (number, is_variable) in [(2, true), (3, false)] {
        let loan = debt(number, AccountType::Heloc, "12000.00", "0.06", PaymentRule::Fixed(money("100.00")));
        let terms = DebtTerms { is_variable, ceiling: Some(rate("0.10")), ..loan.debt.clone().unwrap() };
        plan.accounts.push(PlanAccount { debt: Some(terms), ..loan });
    }
    let owed = |points: &[domain::stress::Point]| series(points, |point| point.total_liabilities);
    // At 6 %: 12,000 + 60 - 100 = 11,960; at 8 %: 12,000 + 80 - 100 = 11,980.
    let run = stressed(&plan, &[StressTest::VariableRatesPlus2.changes(&plan)]);
    assert_eq!(owed(&run.baseline.series), ["23920.00"]);
    assert_eq!(owed(&run.outcomes[0].course.series), ["23940.00"]);
}

fn invested(months: u16) -> Plan {
    let mut plan = living("12000.00", "2000.00", "2000.00", months);
    plan.accounts.push(account(2, AccountType::Brokerage, "30000.00"));
    plan.accounts.push(account(3, AccountType::RothIra, "6000.00"));
    plan
}

#[test]
fn markets_fall_and_are_back_after_36_or_48_months() {
    let plan = invested(50);
    let worth = |test| series(&under(&plan, test).course.series, |point| point.net_worth);
    // 36,000 lose 7,200 and gain 200 a month; or lose 14,400 and gain 300 a month. 12,000 of cash stay.
    let mild = worth(StressTest::MarketMinus20);
    assert_eq!((mild[0].as_str(), mild[1].as_str(), mild[35].as_str()), ("40800.00", "41000.00", "47800.00"));
    assert_eq!((mild[36].as_str(), mild[37].as_str()), ("48000.00", "48000.00"));
    let harsh = worth(StressTest::MarketMinus40);
    assert_eq!((harsh[0].as_str(), harsh[1].as_str(), harsh[47].as_str()), ("33600.00", "33900.00", "47700.00"));
    assert_eq!((harsh[48].as_str(), harsh[49].as_str()), ("48000.00", "48000.00"));
}

#[test]
fn a_fall_of_markets_is_deepest_in_its_first_month() {
    let outcome = under(&invested(50), StressTest::MarketMinus20);
    let (all, liquid) = (outcome.maximum_drawdown.unwrap(), outcome.maximum_liquid_drawdown.unwrap());
    // 7,200 of 48,000; of what is liquid 6,000 of 42,000 = 0.142857…
    assert_eq!((all.amount, all.fraction.unwrap().to_string(), all.month_number), (money("7200.00"), "0.1500".into(), 1));
    assert_eq!((liquid.amount, liquid.fraction.unwrap().to_string(), liquid.month_number), (money("6000.00"), "0.1429".into(), 1));
}

#[test]
fn prices_rise_by_six_percent_for_two_years() {
    let mut plan = living("50000.00", "3000.00", "2000.00", 25);
    plan.flows[1].inflates = true;
    let spent = series(&under(&plan, StressTest::Inflation6).course.series, |point| point.total_expenses);
    // What is spent follows at the anniversaries: that of month 13 lies within the two years, that of month 25 behind them.
    assert_eq!((spent[11].as_str(), spent[12].as_str(), spent[24].as_str()), ("2000.00", "2120.00", "2120.00"));
}

#[test]
fn a_test_is_laid_behind_what_a_plan_does_on_its_first_day() {
    // 500 more a month from the first day on, in the plan; the test then takes half of 3,500, and not half of 3,000 and nothing of 500.
    let raise = {
        use domain::projection::changes::ChangeKind;
        use domain::projection::changes::kind::AdjustTotalIncome;
        use domain::projection::changes::words::AdjustMode;
        ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: 500.into(), mode: AdjustMode::Absolute })
    };
    let mut plan = living("12000.00", "3000.00", "2000.00", 1);
    plan.changes = StressTest::IncomeMinus10.changes(&plan);
    plan.changes[0].change.order = 7;
    plan.changes[0].change.kind = raise;
    let halved = under(&plan, StressTest::IncomeMinus50);
    assert_eq!(series(&halved.course.series, |point| point.total_income), ["1750.00"]);
}

#[test]
fn ids_of_tests_stay() {
    let ids: Vec<&str> = StressTest::ALL.iter().map(|test| test.as_str()).collect();
    let known = [
        "income_minus_10",
        "income_minus_25",
        "income_minus_50",
        "expenses_plus_500",
        "expenses_plus_1000",
        "variable_rates_plus_2",
        "market_minus_20",
        "market_minus_40",
        "inflation_6",
    ];
    assert_eq!(ids, known);
    let plan = living("0.00", "1.00", "1.00", 1);
    assert!(StressTest::ALL.iter().all(|test| test.changes(&plan).len() == 1), "every test changes something");
}

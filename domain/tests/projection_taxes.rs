//! The taxes of a projection, year by year, against figures worked out by hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod projection_support;

use domain::calendar::{Month, PayFrequency};
use domain::money::Money;
use domain::projection::{Plan, TaxYear, project_taxes};
use domain::vocabulary::State;
use projection_support::*;

fn tax_years(plan: &Plan) -> Vec<TaxYear> {
    project_taxes(plan, tables()).unwrap()
}

/// Single, 96,000 a year in 2026: taxable 79,900 after the standard deduction of 16,100; 1,240.00 + 4,560.00 + 22 % of 29,500 =
/// 12,290.00. Social Security 5,952.00, Medicare 1,392.00.
fn employed(months: u16) -> Plan {
    let mut plan = plan("0.00", months);
    plan.incomes.push(salary(1, "96000.00", PayFrequency::Monthly));
    plan
}

#[test]
fn a_tax_year_says_what_is_owed_what_was_paid_and_what_april_settles() {
    let years = tax_years(&employed(16));
    let year = &years[0];
    assert_eq!((year.year, year.months, year.is_complete, year.law_year), (2026, 12, true, 2026));
    assert_eq!(year.liability.federal_income_tax, money("12290.00"));
    assert_eq!((year.liability.payroll_tax, year.liability.self_employment_tax), (money("7344.00"), Money::ZERO));
    // Twelve paychecks of 1,024.17, 496.00 and 116.00.
    assert_eq!(year.paid.federal_income_tax, money("12290.04"));
    assert_eq!((year.paid.social_security_tax, year.paid.medicare_tax), (money("5952.00"), money("1392.00")));
    assert_eq!((year.settlement.april_of, year.settlement.is_booked), (2027, true));
    assert_eq!((year.settlement.federal, year.settlement.state), (money("-0.04"), Money::ZERO));
    assert_eq!(year.estimate.total_tax, money("19634.00"));
}

#[test]
fn the_last_year_of_a_plan_answers_for_its_own_months_and_is_settled_by_nobody() {
    let years = tax_years(&employed(16));
    // Four months of 2027, by the law of 2026 (indexed by an inflation of nothing): a third of 19,634.00; withheld 4 × 1,636.17.
    let year = &years[1];
    assert_eq!((year.year, year.months, year.is_complete, year.law_year), (2027, 4, false, 2026));
    assert_eq!((year.estimate.total_tax, year.liability.total), (money("19634.00"), money("6544.67")));
    assert_eq!((year.paid.total, year.settlement.total), (money("6544.68"), money("-0.01")));
    assert!(!year.settlement.is_booked);
    assert_eq!(years.len(), 2);
}

#[test]
fn a_year_that_is_not_settled_is_told_all_the_same() {
    let years = tax_years(&Plan { settle_taxes: false, ..employed(40) });
    let told: Vec<_> = years.iter().map(|year| (year.year, year.settlement.is_booked)).collect();
    assert_eq!(told, [(2026, false), (2027, false), (2028, false), (2029, false)]);
}

#[test]
fn what_was_booked_as_tax_is_what_was_paid_and_what_was_settled() {
    let mut plan = Plan { start: Month::new(2026, 9).unwrap(), ..employed(60) };
    plan.filer.state = Some(State::California);
    plan.assumptions.salary_growth = rate("0.04");
    let booked: Money = rows(&plan).iter().map(|row| row.total_taxes).sum();
    let years = tax_years(&plan);
    let settled: Money = years.iter().filter(|year| year.settlement.is_booked).map(|year| year.settlement.total).sum();
    let paid: Money = years.iter().map(|year| year.paid.total).sum();
    assert_eq!(booked, paid + settled);
    assert_eq!(years.iter().map(|year| year.months).collect::<Vec<_>>(), [4, 12, 12, 12, 12, 8]);
}

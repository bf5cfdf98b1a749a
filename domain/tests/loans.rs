//! Loan schedules against the worked cases, to the cent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::loans::{LoanError, LoanTerms, Schedule, amortised_payment, schedule};
use domain::money::Money;
use domain::rate::Rate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    principal: Money,
    apr_percent: Decimal,
    term_months: u16,
    extra_payment: Money,
    interest_only_months: u16,
    expected: Expected,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Expected {
    monthly_payment: Money,
    payoff_month: u16,
    total_interest: Money,
    final_payment: Money,
    interest_month_1: Option<Money>,
    principal_month_1: Option<Money>,
    interest_month_12: Option<Money>,
    principal_month_12: Option<Money>,
    interest_month_60: Option<Money>,
    principal_month_60: Option<Money>,
}

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn loan(principal: &str, rate: &str, term_months: u16) -> LoanTerms {
    LoanTerms {
        principal: money(principal),
        annual_rate: Rate::parse(rate).unwrap(),
        term_months,
        payment: None,
        extra_payment: Money::ZERO,
        interest_only_months: 0,
    }
}

fn as_expected(schedule: &Schedule) -> Expected {
    let at = |month: usize| schedule.months.get(month - 1);
    Expected {
        monthly_payment: schedule.monthly_payment,
        payoff_month: schedule.payoff_month,
        total_interest: schedule.total_interest,
        final_payment: schedule.final_payment,
        interest_month_1: at(1).map(|month| month.interest),
        principal_month_1: at(1).map(|month| month.principal),
        interest_month_12: at(12).map(|month| month.interest),
        principal_month_12: at(12).map(|month| month.principal),
        interest_month_60: at(60).map(|month| month.interest),
        principal_month_60: at(60).map(|month| month.principal),
    }
}

#[test]
fn all_worked_loans_agree_to_the_cent() {
    let cases: Cases = serde_json::from_str(include_str!("data/loan_cases.json")).unwrap();
    assert_eq!(cases.cases.len(), 20);
    for case in cases.cases {
        let terms = LoanTerms {
            principal: case.principal,
            annual_rate: Rate::new(case.apr_percent / Decimal::ONE_HUNDRED),
            term_months: case.term_months,
            payment: None,
            extra_payment: case.extra_payment,
            interest_only_months: case.interest_only_months,
        };
        assert_eq!(as_expected(&schedule(&terms).unwrap()), case.expected, "{}", case.id);
    }
}

#[test]
fn a_stated_payment_that_is_too_low_leaves_a_balloon_to_the_last_month() {
    let terms = LoanTerms { payment: Some(money("600.00")), ..loan("100000.00", "0.06", 12) };
    let schedule = schedule(&terms).unwrap();
    assert_eq!((schedule.monthly_payment, schedule.payoff_month), (money("600.00"), 12));
    // After 11 months of 600.00 at 0.5 %: 100000 × 1.005^11 − 600 × (1.005^11 − 1) / 0.005 = 98872.08, and a month's interest.
    assert_eq!(schedule.final_payment, money("99366.44"));
}

#[test]
fn a_payment_that_does_not_cover_the_interest_is_refused() {
    let terms = LoanTerms { payment: Some(money("500.00")), ..loan("100000.00", "0.06", 360) };
    let refused = LoanError::PaymentBelowInterest { payment: money("500.00"), interest: money("500.00") };
    assert_eq!(schedule(&terms), Err(vec![refused]));
    assert!(schedule(&LoanTerms { extra_payment: money("0.01"), ..terms }).is_ok());
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_field() {
    let terms = LoanTerms {
        principal: Money::ZERO,
        annual_rate: Rate::percent(101),
        term_months: 0,
        payment: Some(Money::ZERO),
        extra_payment: money("-1.00"),
        interest_only_months: 0,
    };
    let fields: Vec<&str> = schedule(&terms).unwrap_err().iter().map(LoanError::field).collect();
    assert_eq!(fields, ["principal", "annual_rate", "term_months", "payment", "extra_payment"]);
    let endless = LoanTerms { interest_only_months: 12, ..loan("1000.00", "0.05", 12) };
    assert_eq!(schedule(&endless), Err(vec![LoanError::InterestOnlyTooLong { term_months: 12 }]));
}

#[test]
fn a_loan_paid_off_within_its_interest_only_months_ends_there() {
    let terms = LoanTerms { extra_payment: money("500.00"), interest_only_months: 12, ..loan("1000.00", "0.12", 24) };
    let schedule = schedule(&terms).unwrap();
    assert_eq!((schedule.payoff_month, schedule.total_interest), (2, money("15.00")));
}

#[test]
fn the_amortised_payment_holds_at_the_ends_of_its_range() {
    assert_eq!(amortised_payment(money("1200.00"), Rate::ZERO, 12), money("100.00"));
    assert_eq!(amortised_payment(money("1000000.00"), Rate::ONE, 600), money("83333.33"));
    assert_eq!(amortised_payment(Money::LIMIT, Rate::parse("0.000000000001").unwrap(), 1), Money::LIMIT + money("0.83"));
}

proptest! {
    #[test]
    fn a_schedule_repays_exactly_what_was_borrowed(
        cents in 1_i64..100_000_000_000,
        rate in 0_i64..=1_000_000,
        term_months in 1_u16..=600,
        extra in 0_i64..500_000,
        interest_only in 0_u16..600,
    ) {
        let terms = LoanTerms {
            principal: Money::from_cents(cents),
            annual_rate: Rate::new(Decimal::new(rate, 6)),
            term_months,
            payment: None,
            extra_payment: Money::from_cents(extra),
            interest_only_months: interest_only % term_months,
        };
        let schedule = schedule(&terms).unwrap();
        let principal: Money = schedule.months.iter().map(|month| month.principal).sum();
        prop_assert_eq!(principal, terms.principal);
        let interest: Money = schedule.months.iter().map(|month| month.interest).sum();
        prop_assert_eq!(interest, schedule.total_interest);
        let last = schedule.months.last().unwrap();
        prop_assert_eq!((last.balance, last.month, last.payment), (Money::ZERO, schedule.payoff_month, schedule.final_payment));
        prop_assert!(schedule.months.iter().all(|month| month.payment == month.interest + month.principal));
    }
}

//! Paychecks against published ones, to the cent. Were the method or a table wrong by one bracket, whole columns would differ: on
//! failure every paycheck that missed is printed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use domain::calendar::PayFrequency;
use domain::money::Money;
use domain::tax::{PaycheckInput, TaxError, TaxTables, W4};
use domain::vocabulary::{FilingStatus, State};
use proptest::prelude::*;
use tax_support::{Csv, money, tables};

fn input(gross: Money) -> PaycheckInput {
    PaycheckInput {
        filing_status: FilingStatus::Single,
        pay_frequency: PayFrequency::Biweekly,
        gross,
        w4: W4::default(),
        pretax_retirement: Money::ZERO,
        cafeteria: Money::ZERO,
        payroll_hsa: Money::ZERO,
        state: None,
        year_to_date_wages: Money::ZERO,
    }
}

#[test]
fn the_190_paychecks_of_the_irs_for_2026_are_met_to_the_cent() {
    let cases = Csv::parse(include_str!("data/withholding_2026.csv"));
    let year = tables().year(2026).unwrap();
    let mut missed = Vec::new();
    for row in cases.rows() {
        let paycheck = year
            .paycheck(&PaycheckInput {
                filing_status: row.status("filing_status"),
                pay_frequency: PayFrequency::parse(row.text("pay_frequency")).unwrap(),
                pretax_retirement: row.money("pretax_retirement"),
                ..input(row.money("gross"))
            })
            .unwrap();
        if paycheck.federal_withholding != row.money("federal_withholding") {
            missed.push(format!("{row}: {}", paycheck.federal_withholding));
        }
    }
    assert_eq!(cases.rows().count(), 190);
    assert!(missed.is_empty(), "{} of 190 missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn the_224_paychecks_of_2024_and_2025_are_met_to_the_cent() {
    let cases = Csv::parse(include_str!("data/withholding_2024_2025.csv"));
    let mut missed = Vec::new();
    for row in cases.rows() {
        let year = tables().year(row.text("year").parse().unwrap()).unwrap();
        let paycheck = year
            .paycheck(&PaycheckInput {
                filing_status: row.status("filing_status"),
                pay_frequency: PayFrequency::parse(row.text("pay_frequency")).unwrap(),
                ..input(row.money("gross"))
            })
            .unwrap();
        if paycheck.federal_withholding != row.money("federal_withholding") {
            missed.push(format!("{row}: {}", paycheck.federal_withholding));
        }
    }
    assert_eq!(cases.rows().count(), 224);
    assert!(missed.is_empty(), "{} of 224 missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn step_2_withholds_on_half_the_brackets_as_the_checkbox_schedules_say() {
    let year = tables().year(2026).unwrap();
    let ticked = W4 { multiple_jobs: true, ..W4::default() };
    // 1,000 a week is 52,000 a year; Pub. 15-T (2026), Step 2 checkbox, single: 2,900 + 22 % above 33,250 = 7,025, over 52.
    let weekly = PaycheckInput { pay_frequency: PayFrequency::Weekly, w4: ticked.clone(), ..input(money("1000.00")) };
    assert_eq!(year.paycheck(&weekly).unwrap().federal_withholding, money("135.10"));
    // 10,000 a month is 120,000: married 5,800 + 22 % above 66,500 = 17,570, over 12; head of household
    // 19,603.50 + 32 % above 112,950.
    let monthly = PaycheckInput { pay_frequency: PayFrequency::Monthly, w4: ticked, ..input(money("10000.00")) };
    let of = |filing_status| year.paycheck(&PaycheckInput { filing_status, ..monthly.clone() }).unwrap().federal_withholding;
    assert_eq!(of(FilingStatus::MarriedJointly), money("1464.17"));
    assert_eq!(of(FilingStatus::QualifyingSurvivingSpouse), money("1464.17"));
    assert_eq!(of(FilingStatus::HeadOfHousehold), money("1821.63"));
}

#[test]
fn the_other_steps_of_the_w4_enter_where_worksheet_1a_puts_them() {
    let year = tables().year(2026).unwrap();
    let withheld = |w4: W4| year.paycheck(&PaycheckInput { w4, ..input(money("4000.00")) }).unwrap().federal_withholding;
    // 104,000 − 8,600 = 95,400: 5,800 + 22 % above 57,900 = 14,050, over 26.
    assert_eq!(withheld(W4::default()), money("540.38"));
    // 4(a) and 4(b) move the income by their difference: 98,000 → 14,622, over 26.
    let w4 = W4 { other_income: money("5000.00"), deductions: money("2400.00"), ..W4::default() };
    assert_eq!(withheld(w4), money("562.38"));
    // Credits beyond the tax end at zero before the extra amount is added: line 3c, then 4b.
    let w4 = W4 { credits: money("20000.00"), extra_withholding: money("25.00"), ..W4::default() };
    assert_eq!(withheld(w4), money("25.00"));
    // A credit of 2,200 is 84.6153… a paycheck: (14,050 − 2,200) / 26.
    assert_eq!(withheld(W4 { credits: money("2200.00"), ..W4::default() }), money("455.77"));
}

#[test]
fn social_security_ends_at_the_wage_base_and_additional_medicare_begins_at_200_000() {
    let year = tables().year(2026).unwrap();
    let at = |before: &str| {
        let paycheck = year.paycheck(&PaycheckInput { year_to_date_wages: money(before), ..input(money("10000.00")) }).unwrap();
        (paycheck.social_security.to_string(), paycheck.medicare.to_string())
    };
    assert_eq!(at("0.00"), ("620.00".into(), "145.00".into()));
    assert_eq!(at("180000.00"), ("279.00".into(), "145.00".into())); // 4,500 are left of 184,500
    assert_eq!(at("190000.00"), ("0.00".into(), "145.00".into()));
    assert_eq!(at("195000.00"), ("0.00".into(), "190.00".into())); // 5,000 above 200,000: 45 more
}

#[test]
fn retirement_contributions_spare_income_tax_and_cafeteria_plans_spare_both() {
    let year = tables().year(2026).unwrap();
    let plain = year.paycheck(&input(money("4000.00"))).unwrap();
    let retirement = year.paycheck(&PaycheckInput { pretax_retirement: money("400.00"), ..input(money("4000.00")) }).unwrap();
    let cafeteria = year.paycheck(&PaycheckInput { cafeteria: money("400.00"), ..input(money("4000.00")) }).unwrap();
    assert_eq!(retirement.federal_withholding, plain.federal_withholding - money("88.00"));
    assert_eq!((retirement.social_security, retirement.medicare), (plain.social_security, plain.medicare));
    assert_eq!(cafeteria.federal_withholding, retirement.federal_withholding);
    assert_eq!(cafeteria.social_security, plain.social_security - money("24.80"));
    assert_eq!(cafeteria.medicare, plain.medicare - money("5.80"));
}

#[test]
fn what_no_paycheck_can_be_is_refused_by_name() {
    let year = tables().year(2026).unwrap();
    let refused = |input: PaycheckInput| year.paycheck(&input).unwrap_err();
    assert_eq!(refused(input(money("-1.00"))), TaxError::Negative { field: "gross", amount: money("-1.00") });
    let more = PaycheckInput { pretax_retirement: money("600.00"), cafeteria: money("500.00"), ..input(money("1000.00")) };
    assert_eq!(refused(more).to_string(), "the deductions of 1100.00 are more than the pay of 1000.00");
    let w4 = W4 { credits: money("-1.00"), ..W4::default() };
    assert!(refused(PaycheckInput { w4, ..input(money("1000.00")) }).to_string().contains("w4.credits"));
}

#[test]
fn a_year_that_is_not_known_is_named_with_those_that_are() {
    let tables: &TaxTables = tables();
    let error = tables.year(1999).unwrap_err().to_string();
    assert!(error.contains("1999") && error.contains("2026"), "{error}");
    assert_eq!(tables.in_force(2041).unwrap().year(), 2026);
    assert!(matches!(tables.in_force(1999), Err(TaxError::UnknownYear { year: 1999, .. })));
}

proptest! {
    #[test]
    fn every_paycheck_adds_up_to_the_cent_and_never_below_zero(
        gross in 0_i64..3_000_000, retirement in 0_i64..100, cafeteria in 0_i64..100, before in 0_i64..30_000_000, extra in 0_i64..200_000,
        multiple_jobs: bool, status in proptest::sample::select(FilingStatus::ALL.to_vec()),
        pay_frequency in proptest::sample::select(PayFrequency::ALL.to_vec()),
    ) {
        let gross = Money::from_cents(gross);
        let w4 = W4 { multiple_jobs, extra_withholding: Money::from_cents(extra), ..W4::default() };
        let input = PaycheckInput {
            filing_status: status,
            pay_frequency,
            w4,
            pretax_retirement: gross.scaled(retirement, 200),
            cafeteria: gross.scaled(cafeteria, 201),
            state: Some(State::Texas),
            year_to_date_wages: Money::from_cents(before),
            ..input(gross)
        };
        let paycheck = tables().year(2026).unwrap().paycheck(&input).unwrap();
        let parts = [paycheck.federal_withholding, paycheck.social_security, paycheck.medicare, paycheck.state_withholding, paycheck.net];
        prop_assert!(parts.iter().all(|part| !part.is_negative()), "{paycheck:?}");
        prop_assert_eq!(parts.iter().sum::<Money>() + input.pretax_retirement + input.cafeteria, gross);
    }

    #[test]
    fn a_higher_pay_is_never_withheld_less(gross in 0_i64..5_000_000, more in 1_i64..500_000, multiple_jobs: bool) {
        let w4 = W4 { multiple_jobs, ..W4::default() };
        let withheld = |gross: i64| {
            let input = PaycheckInput { w4: w4.clone(), ..input(Money::from_cents(gross)) };
            tables().year(2026).unwrap().paycheck(&input).unwrap().federal_withholding
        };
        prop_assert!(withheld(gross) <= withheld(gross + more));
    }
}

//! What a household plans with beside the tax itself: limits, required distributions, Schedule A, payments that avoid a penalty.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use domain::money::Money;
use domain::tax::{Itemized, TaxError};
use domain::vocabulary::FilingStatus;
use tax_support::{money, tables};

#[test]
fn contribution_limits_are_those_of_each_year_and_age() {
    let limits = |year| tables().year(year).unwrap().contribution_limits().clone();
    let deferral = |year, age| limits(year).elective_deferral_at(age).to_string();
    assert_eq!([deferral(2024, 49), deferral(2024, 50), deferral(2024, 61)], ["23000.00", "30500.00", "30500.00"]);
    assert_eq!(
        [deferral(2025, 49), deferral(2025, 59), deferral(2025, 60), deferral(2025, 64)],
        ["23500.00", "31000.00", "34750.00", "31000.00"]
    );
    assert_eq!([deferral(2026, 30), deferral(2026, 55), deferral(2026, 63)], ["24500.00", "32500.00", "35750.00"]);
    assert_eq!([limits(2026).hsa_at(40, false), limits(2026).hsa_at(55, true)], [money("4400.00"), money("9750.00")]);
    assert_eq!([limits(2025).ira_at(49), limits(2026).ira_at(50)], [money("7000.00"), money("8600.00")]);
}

#[test]
fn distributions_are_required_from_the_age_of_the_birth_year() {
    let year = tables().year(2026).unwrap();
    let required = |in_year, born| year.required_distribution(in_year, born, money("500000.00"));
    assert_eq!([year.distributions_from_age(1950), year.distributions_from_age(1953), year.distributions_from_age(1960)], [72, 73, 75]);
    assert_eq!(required(2025, 1953), Money::ZERO); // 72
    assert_eq!(required(2026, 1953), money("18867.92")); // 73: divided by 26.5
    assert_eq!(required(2034, 1960), Money::ZERO); // 74, born in 1960
    assert_eq!(required(2035, 1960), money("20325.20")); // 75: divided by 24.6
    assert_eq!(required(2090, 1950), money("250000.00")); // 140: the table ends at 2.0
    assert_eq!(year.required_distribution(2026, 2030, money("1.00")), Money::ZERO);
}

#[test]
fn the_deduction_of_state_and_local_taxes_has_the_limit_of_its_year() {
    let itemized = Itemized { state_and_local_taxes: money("60000.00"), ..Itemized::default() };
    let deduction = |year, status, agi: &str| tables().year(year).unwrap().itemized_deductions(&itemized, status, money(agi)).unwrap();
    assert_eq!(deduction(2024, FilingStatus::MarriedJointly, "300000.00"), money("10000.00"));
    assert_eq!(deduction(2025, FilingStatus::MarriedJointly, "300000.00"), money("40000.00"));
    assert_eq!(deduction(2026, FilingStatus::Single, "300000.00"), money("40400.00"));
    assert_eq!(deduction(2026, FilingStatus::MarriedSeparately, "200000.00"), money("20200.00"));
    // 2025: 50,000 above 500,000 take 30 % of that off; never below 10,000.
    assert_eq!(deduction(2025, FilingStatus::MarriedJointly, "550000.00"), money("25000.00"));
    assert_eq!(deduction(2025, FilingStatus::MarriedJointly, "700000.00"), money("10000.00"));
}

#[test]
fn medical_expenses_and_gifts_count_above_their_floors() {
    let itemized = Itemized {
        mortgage_interest: money("12000.00"),
        charity: money("3000.00"),
        medical_expenses: money("10000.00"),
        ..Itemized::default()
    };
    let deduction = |year| tables().year(year).unwrap().itemized_deductions(&itemized, FilingStatus::Single, money("100000.00")).unwrap();
    assert_eq!(deduction(2025), money("17500.00")); // 12,000 + 3,000 + (10,000 − 7,500)
    assert_eq!(deduction(2026), money("17000.00")); // gifts above 0.5 % of the income
    // 2026, 100,000 into the highest bracket: 2/37 of what is deducted there is lost.
    let high = tables().year(2026).unwrap().itemized_deductions(&itemized, FilingStatus::Single, money("740600.00")).unwrap();
    assert_eq!(high, money("11351.35"));
    let wrong = Itemized { charity: money("-1.00"), ..Itemized::default() };
    let error = tables().year(2026).unwrap().itemized_deductions(&wrong, FilingStatus::Single, money("1.00")).unwrap_err();
    assert_eq!(error, TaxError::Negative { field: "itemized.charity", amount: money("-1.00") });
}

#[test]
fn a_safe_harbor_is_the_lesser_of_this_years_part_and_last_years_tax() {
    let year = tables().year(2026).unwrap();
    let required = |status, this: &str, last: Option<(&str, &str)>| {
        year.safe_harbor(status, money(this), last.map(|(tax, agi)| (money(tax), money(agi)))).required
    };
    assert_eq!(required(FilingStatus::Single, "20000.00", None), money("18000.00"));
    assert_eq!(required(FilingStatus::Single, "20000.00", Some(("15000.00", "120000.00"))), money("15000.00"));
    assert_eq!(required(FilingStatus::Single, "20000.00", Some(("15000.00", "160000.00"))), money("16500.00"));
    assert_eq!(required(FilingStatus::MarriedSeparately, "20000.00", Some(("15000.00", "80000.00"))), money("16500.00"));
    assert_eq!(required(FilingStatus::Single, "900.00", None), Money::ZERO);
    assert_eq!(year.home_sale_exclusion(FilingStatus::MarriedJointly), money("500000.00"));
}

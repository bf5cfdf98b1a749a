//! State income taxes against an independent calculator, household by household. On failure a table of hits per state is printed,
//! and the misses.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use std::collections::BTreeMap;

use domain::money::Money;
use domain::tax::{Earner, Itemized, Return};
use domain::vocabulary::{FilingStatus, State};
use tax_support::{Csv, Row, money, tables};

fn household(row: &Row<'_>) -> Return {
    let mut tax_return = Return::new(row.status("filing_status"));
    tax_return.state = State::parse(row.text("state"));
    for earner in row.text("earners").split_whitespace() {
        let parts: Vec<&str> = earner.split(':').collect();
        tax_return.earners.push(Earner {
            age: parts[0].parse().unwrap(),
            wages: money(parts[1]),
            pretax_401k: money(parts[2]),
            payroll_hsa: money(parts[3]),
            self_employment_net: money(parts[4]),
            ..Earner::default()
        });
    }
    tax_return.children_ages = row.text("children_ages").split_whitespace().map(|age| age.parse().unwrap()).collect();
    tax_return.interest = row.money("interest");
    tax_return.qualified_dividends = row.money("qualified_dividends");
    tax_return.nonqualified_dividends = row.money("nonqualified_dividends");
    tax_return.long_term_gains = row.money("long_term_gains");
    tax_return.short_term_gains = row.money("short_term_gains");
    tax_return.retirement_income = row.money("retirement_income");
    tax_return.social_security_benefits = row.money("social_security_benefits");
    tax_return
}

/// Refundable credits that are not computed, so that only the tax before them is compared: DC (its own credit for workers without
/// children), ID (the calculator takes food assistance into account), ME, NM, OK (relief for low incomes), OR (the kicker needs last
/// year's tax), WA (a credit on the federal earned income credit, and no income tax).
const BEFORE_REFUNDABLE_ONLY: [&str; 7] = ["DC", "ID", "ME", "NM", "OK", "OR", "WA"];

#[test]
fn every_state_with_an_income_tax_is_met_within_five_dollars() {
    let cases = Csv::parse(include_str!("data/tax_states.csv"));
    let mut hits: BTreeMap<&str, (u32, u32, u32)> = BTreeMap::new();
    let mut missed = Vec::new();
    for row in cases.rows() {
        let year = tables().year(row.text("year").parse().unwrap()).unwrap();
        let estimate = year.estimate(&household(&row), None).unwrap();
        let near = |column: &str, got: Money| (row.money(column) - got).abs() <= money("5.00");
        let count = hits.entry(row.text("state")).or_default();
        count.2 += 1;
        let before = near("state_income_tax_before_refundable_credits", estimate.state_income_tax_before_refundable_credits);
        let after = near("state_income_tax", estimate.state_income_tax);
        count.0 += u32::from(before);
        count.1 += u32::from(after);
        if !before || !(after || BEFORE_REFUNDABLE_ONLY.contains(&row.text("state"))) {
            missed.push(format!("{row}: {} / {}", estimate.state_income_tax_before_refundable_credits, estimate.state_income_tax));
        }
    }
    let table: Vec<String> = hits.iter().map(|(state, (before, after, of))| format!("{state}: {before}, {after} of {of}")).collect();
    assert!(missed.is_empty(), "{}\n{}", table.join("\n"), missed.join("\n"));
}

/// What a household itemizes, by what its state makes of it. Single, wages of 100,000; the federal standard deduction of 2025 is 15,750.
#[test]
fn a_state_itemizes_freely_or_only_as_the_federal_return_does() {
    let year = tables().year(2025).unwrap();
    let tax = |state: &str, itemized: &str| {
        let mut tax_return = Return::new(FilingStatus::Single);
        tax_return.state = State::parse(state);
        tax_return.earners.push(Earner { age: 40, wages: money("100000.00"), ..Earner::default() });
        tax_return.itemized_deductions = Some(money(itemized));
        year.estimate(&tax_return, None).unwrap().state_income_tax_before_refundable_credits
    };
    // 12,000 are less than the federal standard deduction, and more than California's 5,706: 6,294 at 9.3 %.
    assert_eq!(tax("CA", "0.00") - tax("CA", "12000.00"), money("585.34"));
    // The same in parts: the federal Schedule A, although nothing of it is taken there.
    let mut parts = Return::new(FilingStatus::Single);
    parts.state = State::parse("CA");
    parts.earners.push(Earner { age: 40, wages: money("100000.00"), ..Earner::default() });
    parts.itemized = Some(Itemized { mortgage_interest: money("9000.00"), charity: money("3000.00"), ..Itemized::default() });
    assert_eq!(year.estimate(&parts, None).unwrap().state_income_tax_before_refundable_credits, tax("CA", "12000.00"));
    // More than New York's 8,000: 4,000 at 6 %.
    assert_eq!(tax("NY", "0.00") - tax("NY", "12000.00"), money("240.00"));
    // Georgia, Virginia and Maryland itemize for who does federally; Illinois for nobody.
    for state in ["GA", "VA", "MD", "IL", "CO"] {
        assert_eq!(tax(state, "0.00"), tax(state, "12000.00"), "{state}");
    }
    assert_eq!(tax("IL", "0.00"), tax("IL", "20000.00"));
    // Federally itemized, Virginia's 8,750 become 20,750, at 5.75 %; Colorado starts from the federal taxable income: 4,250 at 4.4 %.
    assert_eq!(tax("VA", "0.00") - tax("VA", "20750.00"), money("690.00"));
    assert_eq!(tax("CO", "0.00") - tax("CO", "20000.00"), money("187.00"));
}

#[test]
fn a_later_year_indexes_the_law_of_the_states_that_index_it_and_no_other() {
    let year = tables().year(2026).unwrap();
    let tax = |state: &str, index: Option<&str>| {
        let mut tax_return = Return::new(FilingStatus::Single);
        tax_return.state = State::parse(state);
        tax_return.earners.push(Earner { age: 40, wages: money("120000.00"), ..Earner::default() });
        let index = index.map(|index| domain::rate::Rate::parse(index).unwrap());
        year.estimate(&tax_return, index).unwrap().state_income_tax_before_refundable_credits
    };
    for state in ["NJ", "NY", "GA", "PA", "VA"] {
        assert_eq!(tax(state, Some("1.5")), tax(state, None), "{state}");
    }
    for state in ["CA", "OR", "IL", "MN", "CO"] {
        assert!(tax(state, Some("1.5")) < tax(state, None), "{state}");
    }
}

/// Figures of policyengine-us 2.68.0. The deduction is of any income, and what of the benefits is not taxed counts towards it.
#[test]
fn west_virginias_senior_deduction_is_of_any_income_and_shared_with_the_benefits() {
    let owed = |year: i32, ages: &[u32], wages: &str, benefits: &str, pension: &str| {
        let status = if ages.len() == 2 { FilingStatus::MarriedJointly } else { FilingStatus::Single };
        let mut tax_return = Return { state: State::parse("WV"), ..Return::new(status) };
        tax_return.earners = ages.iter().map(|age| Earner { age: *age, ..Earner::default() }).collect();
        tax_return.earners[0].wages = money(wages);
        (tax_return.social_security_benefits, tax_return.retirement_income) = (money(benefits), money(pension));
        tables().year(year).unwrap().estimate(&tax_return, None).unwrap().state_income_tax_before_refundable_credits
    };
    for (year, wages, benefits, pension, expected) in [
        (2024, "60000.00", "0.00", "0.00", "1711.50"),
        (2025, "60000.00", "0.00", "0.00", "1609.50"),
        (2026, "60000.00", "0.00", "0.00", "1528.50"),
        (2025, "30000.00", "24000.00", "20000.00", "1837.72"),
        (2025, "30000.00", "6000.00", "0.00", "606.80"),
        (2026, "0.00", "24000.00", "20000.00", "309.35"),
    ] {
        assert_eq!(owed(year, &[67], wages, benefits, pension), money(expected), "{year} {wages} {benefits} {pension}");
    }
    // Of a couple in which one earns, the other has nothing to deduct it from.
    assert_eq!(owed(2025, &[67, 66], "50000.00", "0.00", "0.00"), money("1098.90"));
    assert_eq!(owed(2025, &[67, 66], "0.00", "36000.00", "50000.00"), money("1431.90"));
    assert_eq!(owed(2025, &[64], "60000.00", "0.00", "0.00"), money("1964.70"));
}

#[test]
fn california_gives_the_young_child_credit_without_earnings_too() {
    let with = |wages: &str, child: u32| {
        let mut tax_return = Return { state: State::parse("CA"), children_ages: vec![child], ..Return::new(FilingStatus::HeadOfHousehold) };
        tax_return.earners.push(Earner { age: 30, wages: money(wages), ..Earner::default() });
        tables().year(2025).unwrap().estimate(&tax_return, None).unwrap()
    };
    // 1,189.00 in 2025; of the first dollar 34 % × 85 % as earned income credit come on top: no cliff.
    assert_eq!(with("0.00", 5).state_income_tax, money("-1189.00"));
    assert!(with("0.00", 5).marginal_rate > domain::rate::Rate::parse("-1").unwrap());
    assert_eq!(with("0.00", 6).state_income_tax, Money::ZERO);
}

//! Worked households of many kinds against two independent calculators, line by line. On failure a table of hits per column is
//! printed, and every miss.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use domain::money::Money;
use domain::tax::{Earner, Estimate, Itemized, Return};
use tax_support::{Csv, Row, money, tables};

type Column = (&'static str, fn(&Estimate) -> Money);

/// What is compared, to a dollar.
const COLUMNS: [Column; 11] = [
    ("agi", |e| e.agi),
    ("taxable_income", |e| e.taxable_income),
    ("federal_income_tax_before_credits", |e| e.federal_income_tax_before_credits),
    ("alternative_minimum_tax", |e| e.alternative_minimum_tax),
    ("care_credit", |e| e.care_credit),
    ("child_and_other_dependent_credit", |e| e.child_tax_credit + e.other_dependent_credit),
    ("refundable_credits", |e| e.refundable_credits),
    ("self_employment_tax", |e| e.self_employment_tax),
    ("social_security_tax", |e| e.social_security_tax),
    ("additional_medicare_tax", |e| e.additional_medicare_tax),
    ("net_investment_income_tax", |e| e.net_investment_income_tax),
];

fn count(row: &Row<'_>, column: &str) -> u32 {
    row.text(column).parse().unwrap_or_else(|_| panic!("{column} of {row}"))
}

fn household(row: &Row<'_>) -> Return {
    let earner = |n: u8| Earner {
        age: count(row, &format!("age{n}")),
        wages: row.money(&format!("wages{n}")),
        pretax_401k: row.money(&format!("pretax_401k{n}")),
        payroll_hsa: row.money(&format!("payroll_hsa{n}")),
        self_employment_net: row.money(&format!("self_employment_net{n}")),
        ..Earner::default()
    };
    let itemized = || Itemized {
        state_and_local_taxes: row.money("state_and_local_taxes"),
        state_income_taxes: None,
        mortgage_interest: row.money("mortgage_interest"),
        charity: row.money("charity"),
        medical_expenses: row.money("medical_expenses"),
    };
    Return {
        earners: if row.text("age2").is_empty() { vec![earner(1)] } else { vec![earner(1), earner(2)] },
        children_ages: row.text("children_ages").split_whitespace().map(|age| age.parse().unwrap()).collect(),
        other_dependents: count(row, "other_dependents"),
        interest: row.money("interest"),
        qualified_dividends: row.money("qualified_dividends"),
        nonqualified_dividends: row.money("nonqualified_dividends"),
        short_term_gains: row.money("short_term_gains"),
        long_term_gains: row.money("long_term_gains"),
        social_security_benefits: row.money("social_security_benefits"),
        retirement_income: row.money("retirement_income"),
        itemized: (!row.text("charity").is_empty()).then(itemized),
        blind: count(row, "blind"),
        care_expenses: row.money("care_expenses"),
        student_loan_interest: row.money("student_loan_interest"),
        ..Return::new(row.status("filing_status"))
    }
}

#[test]
fn the_worked_households_are_met_in_every_line() {
    let cases = Csv::parse(include_str!("data/tax_households_worked.csv"));
    let (mut missed, mut hits, mut cases_seen) = (Vec::new(), [0; COLUMNS.len()], 0);
    for row in cases.rows() {
        cases_seen += 1;
        let year = tables().year(row.text("year").parse().unwrap()).unwrap();
        let estimate = year.estimate(&household(&row), None).unwrap();
        for ((column, value), hit) in COLUMNS.iter().zip(&mut hits) {
            let (expected, got) = (row.money(column), value(&estimate));
            match (expected - got).abs() <= money("1.00") {
                true => *hit += 1,
                false => missed.push(format!("{column}: expected {expected}, got {got}: {row}")),
            }
        }
    }
    let summary: Vec<String> = COLUMNS.iter().zip(hits).map(|((column, _), hit)| format!("{column}: {hit} of {cases_seen}")).collect();
    assert!(cases_seen >= 150 && missed.is_empty(), "{}\n{}", summary.join("\n"), missed.join("\n"));
}

#[test]
fn where_the_calculators_are_apart_the_reason_stands_beside_the_case() {
    let cases = Csv::parse(include_str!("data/tax_households_worked.csv"));
    for row in cases.rows() {
        let apart = (row.money("taxcalc_before_credits") - row.money("policyengine_before_credits")).abs() > money("1.00");
        assert!(!apart || !row.text("reason").is_empty(), "{row}");
    }
}

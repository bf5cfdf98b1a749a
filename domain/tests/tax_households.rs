//! Whole households against independent calculators. On failure a table of hits per column is printed, and every miss.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use domain::money::Money;
use domain::rate::Rate;
use domain::tax::{Earner, Estimate, Return, TaxError, TaxTables, YearFiles};
use domain::vocabulary::{FilingStatus, State};
use tax_support::{Csv, Row, money, tables};

type Column = (&'static str, fn(&Estimate) -> Money, &'static str);

/// What is compared, and how far it may be off: federal and payroll taxes by a dollar, states by five (spec 02).
const COLUMNS: [Column; 7] = [
    ("federal_income_tax_before_credits", |e| e.federal_income_tax_before_credits, "1.00"),
    ("social_security_tax", |e| e.social_security_tax, "1.00"),
    ("medicare_tax", |e| e.medicare_tax, "1.00"),
    ("additional_medicare_tax", |e| e.additional_medicare_tax, "1.00"),
    ("self_employment_tax", |e| e.self_employment_tax, "1.00"),
    ("net_investment_income_tax", |e| e.net_investment_income_tax, "1.00"),
    ("state_income_tax_before_refundable_credits", |e| e.state_income_tax_before_refundable_credits, "5.00"),
];

fn household(row: &Row<'_>) -> Return {
    let earner = |n: u8| Earner {
        age: row.text(&format!("age{n}")).parse().unwrap(),
        wages: row.money(&format!("wages{n}")),
        pretax_401k: row.money(&format!("pretax_401k{n}")),
        payroll_hsa: row.money(&format!("payroll_hsa{n}")),
        self_employment_net: if n == 1 { row.money("self_employment_net1") } else { Money::ZERO },
        ..Earner::default()
    };
    let mut tax_return = Return::new(row.status("filing_status"));
    tax_return.state = State::parse(row.text("state"));
    tax_return.earners.push(earner(1));
    if !row.text("age2").is_empty() {
        tax_return.earners.push(earner(2));
    }
    tax_return.children_ages = row.text("children_ages").split_whitespace().map(|age| age.parse().unwrap()).collect();
    tax_return.interest = row.money("interest");
    tax_return.qualified_dividends = row.money("qualified_dividends");
    tax_return.nonqualified_dividends = row.money("nonqualified_dividends");
    tax_return.long_term_gains = row.money("long_term_gains");
    tax_return.short_term_gains = row.money("short_term_gains");
    tax_return
}

#[test]
fn the_worked_households_are_met_in_every_column() {
    let cases = Csv::parse(include_str!("data/tax_households.csv"));
    let known = |row: &Row<'_>| tables().year(row.text("year").parse().unwrap()).is_ok();
    let (mut missed, mut hits) = (Vec::new(), [0; COLUMNS.len()]);
    let mut count = 0;
    for row in cases.rows().filter(known) {
        count += 1;
        let year = tables().year(row.text("year").parse().unwrap()).unwrap();
        let estimate = year.estimate(&household(&row), None).unwrap();
        for ((column, value, tolerance), hit) in COLUMNS.iter().zip(&mut hits) {
            let (expected, got) = (row.money(column), value(&estimate));
            match (expected - got).abs() <= money(tolerance) {
                true => *hit += 1,
                false => missed.push(format!("{column}: expected {expected}, got {got}: {row}")),
            }
        }
    }
    let summary: Vec<String> = COLUMNS.iter().zip(hits).map(|((column, ..), hit)| format!("{column}: {hit} of {count}")).collect();
    assert!(count == 90 && missed.is_empty(), "{}\n{}", summary.join("\n"), missed.join("\n"));
}

fn single(wages: &str) -> Return {
    let mut tax_return = Return::new(FilingStatus::Single);
    tax_return.earners.push(Earner { age: 40, wages: money(wages), ..Earner::default() });
    tax_return
}

fn estimate(tax_return: &Return) -> Estimate {
    tables().year(2026).unwrap().estimate(tax_return, None).unwrap()
}

#[test]
fn the_marginal_rate_is_what_the_next_dollar_costs() {
    // 100,000 of wages: 22 % income tax, 6.2 % and 1.45 % payroll taxes.
    assert_eq!(estimate(&single("100000.00")).marginal_rate, Rate::parse("0.2965").unwrap());
    // Above the wage base and the additional Medicare threshold: 35 % + 1.45 % + 0.9 %.
    assert_eq!(estimate(&single("300000.00")).marginal_rate, Rate::parse("0.3735").unwrap());
    // A credit that falls by 50 dollars at the next dollar of income is not a rate of 5000 %: 24 % + 1.45 % + 0.9 %.
    let mut parent = single("200000.00");
    parent.children_ages = vec![3];
    assert_eq!(estimate(&parent).marginal_rate, Rate::parse("0.2635").unwrap());
}

#[test]
fn children_lower_the_tax_and_then_are_paid_out() {
    let mut parent = single("30000.00");
    parent.filing_status = FilingStatus::HeadOfHousehold;
    parent.children_ages = vec![3, 9];
    let estimate = estimate(&parent);
    // 30,000 − 24,150 = 5,850 at 10 % is covered; of the remaining 3,815, at most 1,700 a child and 15 % above 2,500 is paid out.
    assert_eq!(estimate.federal_income_tax_before_credits, money("585.00"));
    assert_eq!(estimate.child_tax_credit, money("585.00"));
    // 3,400 additional child tax credit, and 7,316 − 21.06 % of (30,000 − 23,890) = 6,029.23 earned income credit.
    assert_eq!(estimate.refundable_credits, money("9429.23"));
    assert_eq!(estimate.federal_income_tax, money("-9429.23"));
}

#[test]
fn a_surviving_spouse_has_the_joint_brackets_but_not_what_only_a_joint_return_has() {
    let mut survivor = single("230000.00");
    survivor.filing_status = FilingStatus::QualifyingSurvivingSpouse;
    survivor.children_ages = vec![10];
    let alone = estimate(&survivor);
    assert_eq!(alone.standard_deduction, money("32200.00"));
    assert_eq!(alone.additional_medicare_tax, money("270.00")); // above 200,000, not 250,000: § 3101(b)(2)(C)
    assert_eq!(alone.child_tax_credit, money("700.00")); // 2,200 less 50 for each of 30,000 above 200,000: § 24(h)(3)
    survivor.filing_status = FilingStatus::MarriedJointly;
    let together = estimate(&survivor);
    assert_eq!(together.federal_income_tax_before_credits, alone.federal_income_tax_before_credits);
    assert_eq!((together.additional_medicare_tax, together.child_tax_credit), (Money::ZERO, money("2200.00")));
}

#[test]
fn a_child_of_seventeen_counts_as_another_dependent() {
    let mut parent = single("90000.00");
    parent.children_ages = vec![16, 17];
    parent.other_dependents = 1;
    let estimate = estimate(&parent);
    assert_eq!((estimate.child_tax_credit, estimate.other_dependent_credit), (money("2200.00"), money("1000.00")));
}

#[test]
fn at_65_the_standard_deduction_and_the_senior_deduction_rise() {
    let mut pensioner = Return::new(FilingStatus::Single);
    pensioner.earners.push(Earner { age: 65, ..Earner::default() });
    pensioner.retirement_income = money("85000.00");
    let estimate = estimate(&pensioner);
    assert_eq!(estimate.standard_deduction, money("18150.00"));
    assert_eq!(estimate.senior_deduction, money("5400.00")); // 6,000 less 6 % of what lies above 75,000
    assert_eq!(estimate.taxable_income, money("61450.00"));
}

#[test]
fn at_most_85_percent_of_the_benefits_are_taxed() {
    let benefits = |other: &str| {
        let mut retired = Return::new(FilingStatus::MarriedJointly);
        retired.social_security_benefits = money("40000.00");
        retired.retirement_income = money(other);
        estimate(&retired).agi - money(other)
    };
    assert_eq!(benefits("10000.00"), money("0.00")); // provisional income 30,000
    assert_eq!(benefits("20000.00"), money("4000.00")); // 40,000: half of what lies above 32,000
    assert_eq!(benefits("40000.00"), money("19600.00")); // 60,000: 6,000 + 85 % of 16,000
    assert_eq!(benefits("90000.00"), money("34000.00"));
}

#[test]
fn itemized_deductions_are_taken_where_they_are_more() {
    let mut owner = single("120000.00");
    owner.itemized_deductions = Some(money("15000.00"));
    let standard = estimate(&owner);
    assert_eq!((standard.standard_deduction, standard.itemized_deductions), (money("16100.00"), Money::ZERO));
    owner.itemized_deductions = Some(money("25000.00"));
    let itemized = estimate(&owner);
    assert_eq!((itemized.standard_deduction, itemized.itemized_deductions), (Money::ZERO, money("25000.00")));
    assert_eq!(itemized.taxable_income, money("95000.00"));
}

#[test]
fn thresholds_grow_with_the_index_and_the_tax_with_them() {
    let year = tables().year(2026).unwrap();
    let doubled = year.estimate(&single("200000.00"), Some(Rate::parse("2").unwrap())).unwrap();
    let plain = estimate(&single("100000.00"));
    // Twice the income under twice the thresholds is twice the tax, to the cent.
    assert_eq!(doubled.federal_income_tax, plain.federal_income_tax.scaled(2, 1));
    assert_eq!(doubled.social_security_tax, plain.social_security_tax.scaled(2, 1));
    assert_eq!(doubled.standard_deduction, money("32200.00"));
    assert_eq!(year.estimate(&single("100000.00"), Some(Rate::ONE)).unwrap(), plain);
}

#[test]
fn gains_push_a_rich_return_into_the_alternative_minimum_tax() {
    // 2026: all gains. 2,000,000 − 500,000 phases the exemption of 90,100 out, so the standard deduction alone is taxed at 20 % more.
    let mut seller = Return::new(FilingStatus::Single);
    seller.long_term_gains = money("2000000.00");
    let estimate = estimate(&seller);
    // Regular: 0 % to 49,450, 15 % to 545,500, 20 % above; taxable 1,983,900. AMT: the same rates on 2,000,000.
    assert_eq!(estimate.alternative_minimum_tax, money("3220.00"));
    assert_eq!(estimate.federal_income_tax_before_credits, money("365307.50"));
}

#[test]
fn every_state_and_the_district_are_known_in_every_year() {
    for year in tables().known_years() {
        let tables = tables().year(year).unwrap();
        let known: Vec<State> = tables.states().collect();
        assert_eq!(State::ALL.iter().filter(|state| !known.contains(state)).collect::<Vec<_>>(), Vec::<&State>::new(), "{year}");
        for state in State::ALL {
            let tax_return = Return { state: Some(*state), ..single("120000.00") };
            let tax = tables.estimate(&tax_return, None).unwrap().state_income_tax;
            assert!(tax < money("13000.00") && !tax.is_negative(), "{state} {year}: {tax}");
        }
    }
}

#[test]
fn a_state_whose_file_is_not_there_is_named() {
    let files: Vec<(&str, &str)> = vec![
        ("federal.toml", include_str!("../data/tax/2026/federal.toml")),
        ("payroll.toml", include_str!("../data/tax/2026/payroll.toml")),
        ("withholding.toml", include_str!("../data/tax/2026/withholding.toml")),
        ("limits.toml", include_str!("../data/tax/2026/limits.toml")),
        ("states/none.toml", include_str!("../data/tax/2026/states/none.toml")),
    ];
    let tables = TaxTables::load(&[YearFiles { year: 2026, files: &files }]).unwrap();
    let tax_return = Return { state: Some(State::California), ..single("50000.00") };
    let error = tables.year(2026).unwrap().estimate(&tax_return, None).unwrap_err();
    assert_eq!(error, TaxError::StateNotSupported(State::California));
    assert_eq!(error.to_string(), "the income tax of CA is not supported yet");
}

#[test]
fn negative_wages_are_refused_and_losses_are_not() {
    let year = tables().year(2026).unwrap();
    let error = year.estimate(&single("-1.00"), None).unwrap_err();
    assert_eq!(error.to_string(), "earners.wages is -1.00, and cannot be negative");
    let mut loser = single("50000.00");
    loser.long_term_gains = money("-10000.00");
    loser.earners[0].self_employment_net = money("-5000.00");
    let estimate = year.estimate(&loser, None).unwrap();
    assert_eq!(estimate.agi, money("42000.00")); // 3,000 of the capital loss count
    assert_eq!(estimate.self_employment_tax, Money::ZERO);
}

#[test]
fn rents_are_investment_income() {
    let landlord = Return { rental_income: money("50000.00"), ..single("300000.00") };
    // 350,000 − 200,000 = 150,000; the lesser is the rents, 3.8 % of 50,000.
    assert_eq!(estimate(&landlord).net_investment_income_tax, money("1900.00"));
}

#[test]
fn the_senior_deduction_ends_with_2028() {
    let mut retired = Return { retirement_income: money("50000.00"), ..single("0.00") };
    retired.earners[0].age = 70;
    let year = tables().year(2026).unwrap();
    let in_year = |year_of_law| year.law_in(year_of_law, FilingStatus::Single, None).estimate(&retired).unwrap().senior_deduction;
    assert_eq!([2026, 2028, 2029].map(in_year), [money("6000.00"), money("6000.00"), Money::ZERO]);
}

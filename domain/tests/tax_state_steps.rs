//! The state's part of an explanation, line by line, against forms that were filled in by hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use domain::money::Money;
use domain::tax::{Earner, Explanation, Itemized, NoteCode, Return, Section, TaxError};
use domain::vocabulary::{FilingStatus, State};
use tax_support::{money, tables};

fn single(state: &str, wages: &str) -> Return {
    let mut tax_return = Return::new(FilingStatus::Single);
    tax_return.state = State::parse(state);
    tax_return.earners.push(Earner { age: 40, wages: money(wages), ..Earner::default() });
    tax_return
}

fn explain(year: i32, tax_return: &Return) -> Explanation {
    tables().year(year).unwrap().explain(tax_return, None).unwrap()
}

fn lines(explained: &Explanation, section: Section) -> Vec<(&str, String)> {
    let of_section = explained.steps.iter().filter(|step| step.section == section);
    of_section.map(|step| (step.label.as_ref(), step.amount.to_string())).collect()
}

#[track_caller]
fn assert_lines(explained: &Explanation, section: Section, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(label, amount)| (*label, (*amount).to_owned())).collect();
    assert_eq!(lines(explained, section), expected);
}

fn deducted(explained: &Explanation) -> Money {
    explained.steps.iter().find(|step| step.section == Section::StateIncome && step.label == "itemized deductions").unwrap().amount
}

#[test]
fn california_is_told_from_the_federal_income_to_the_exemption_credit() {
    // Form 540 of 2025: 100,000 less 5,706; the slices of Schedule X; the exemption credit of 153.
    let explained = explain(2025, &single("CA", "100000.00"));
    let income = [("federal adjusted gross income", "100000.00"), ("standard deduction", "-5706.00")];
    assert_lines(&explained, Section::StateIncome, &income);
    assert_eq!(explained.state_taxable_income, money("94294.00"));
    let tax = [
        ("1 % of 11079.00 of taxable income", "110.79"),
        ("2 % of 15185.00 of taxable income", "303.70"),
        ("4 % of 15188.00 of taxable income", "607.52"),
        ("6 % of 16090.00 of taxable income", "965.40"),
        ("8 % of 15182.00 of taxable income", "1214.56"),
        ("9.3 % of 21570.00 of taxable income", "2006.01"),
        ("personal credits", "-153.00"),
    ];
    assert_lines(&explained, Section::StateTax, &tax);
    assert_eq!(explained.estimate.state_income_tax, money("5054.98"));
}

#[test]
fn a_retired_couple_in_new_york_is_told_why_nothing_is_due() {
    let mut couple = Return::new(FilingStatus::MarriedJointly);
    couple.state = State::parse("NY");
    couple.earners = vec![Earner { age: 67, ..Earner::default() }, Earner { age: 67, ..Earner::default() }];
    (couple.social_security_benefits, couple.retirement_income) = (money("48000.00"), money("40000.00"));
    let explained = explain(2025, &couple);
    // 64,000 of combined income: half of 12,000 and 85 % of 20,000 of the benefits are income, 23,000; 20,000 of pensions each are not.
    let income = [
        ("federal adjusted gross income", "63000.00"),
        ("taxable Social Security benefits", "-23000.00"),
        ("pension and annuity exclusion", "-40000.00"),
        ("standard deduction", "-16050.00"),
        ("deductions without income to take them from", "16050.00"),
    ];
    assert_lines(&explained, Section::StateIncome, &income);
    assert_lines(&explained, Section::StateTax, &[]);
    assert_eq!((explained.state_taxable_income, explained.estimate.state_income_tax), (Money::ZERO, Money::ZERO));
    let exclusion = explained.steps.iter().find(|step| step.label == "pension and annuity exclusion").unwrap();
    assert_eq!(exclusion.source, "N.Y. Tax Law § 612(c)(3-a)");
}

#[test]
fn new_jersey_follows_the_plan_at_work_and_not_the_health_savings() {
    let mut saver = single("NJ", "100000.00");
    (saver.earners[0].pretax_401k, saver.earners[0].payroll_hsa) = (money("10000.00"), money("4000.00"));
    let explained = explain(2025, &saver);
    let income =
        [("wages, as Form W-2 box 1", "86000.00"), ("health savings contributions", "4000.00"), ("personal exemptions", "-1000.00")];
    assert_lines(&explained, Section::StateIncome, &income);
    let tax = [
        ("1.4 % of 20000.00 of taxable income", "280.00"),
        ("1.75 % of 15000.00 of taxable income", "262.50"),
        ("3.5 % of 5000.00 of taxable income", "175.00"),
        ("5.525 % of 35000.00 of taxable income", "1933.75"),
        ("6.37 % of 14000.00 of taxable income", "891.80"),
    ];
    assert_lines(&explained, Section::StateTax, &tax);
    assert_eq!(explained.estimate.state_income_tax, money("3543.05"));
}

#[test]
fn pennsylvania_taxes_the_deferrals_and_forgives_small_incomes() {
    let mut saver = single("PA", "60000.00");
    saver.earners[0].pretax_401k = money("6000.00");
    let explained = explain(2025, &saver);
    let income = [("wages, as Form W-2 box 1", "54000.00"), ("retirement contributions from pay", "6000.00")];
    assert_lines(&explained, Section::StateIncome, &income);
    assert_lines(&explained, Section::StateTax, &[("3.07 % of 60000.00 of taxable income", "1842.00")]);
    // Schedule SP: 1,500 above 6,500 are six steps of 250, so 40 % are forgiven; 10 % of a federal credit of 7.65 % of 8,000.
    let tax = [("3.07 % of 8000.00 of taxable income", "245.60"), ("tax forgiveness", "-98.24"), ("earned income credit", "-61.20")];
    assert_lines(&explain(2025, &single("PA", "8000.00")), Section::StateTax, &tax);
}

#[test]
fn massachusetts_is_told_part_by_part() {
    let mut investor = single("MA", "100000.00");
    (investor.qualified_dividends, investor.short_term_gains) = (money("1000.00"), money("2000.00"));
    let explained = explain(2025, &investor);
    let income = [
        ("wages, as Form W-2 box 1", "100000.00"),
        ("dividends", "1000.00"),
        ("short-term gains", "2000.00"),
        ("Social Security, Medicare and self-employment tax", "-2000.00"),
        ("personal exemption", "-4400.00"),
    ];
    assert_lines(&explained, Section::StateIncome, &income);
    let tax = [
        ("tax on wages, interest and other income (part B)", "4680.00"),
        ("tax on dividends (part A)", "50.00"),
        ("tax on short-term gains (part A)", "170.00"),
    ];
    assert_lines(&explained, Section::StateTax, &tax);
}

#[test]
fn a_state_without_an_income_tax_says_so() {
    let explained = explain(2026, &single("TX", "100000.00"));
    assert_lines(&explained, Section::StateTax, &[("no state income tax", "0.00")]);
    assert_lines(&explained, Section::StateIncome, &[]);
}

#[test]
fn what_a_state_gives_back_below_an_income_is_told() {
    // Virginia 2025: nothing is due below 11,950; 11,000 less the standard deduction of 8,750 and the exemption of 930 are 1,320, at 2 %.
    let explained = explain(2025, &single("VA", "11000.00"));
    assert_eq!(
        lines(&explained, Section::StateTax)[..2],
        [("2 % of 1320.00 of taxable income", "26.40".to_owned()), ("no tax at this income", "-26.40".to_owned())]
    );
}

#[test]
fn a_states_income_tax_is_deducted_from_itself_only_where_its_law_lets_it() {
    let mut owner = single("CA", "100000.00");
    let mut paid = Itemized {
        state_and_local_taxes: money("9000.00"),
        state_income_taxes: Some(money("6000.00")),
        mortgage_interest: money("10000.00"),
        ..Itemized::default()
    };
    owner.itemized = Some(paid.clone());
    assert_eq!(deducted(&explain(2025, &owner)), money("-13000.00")); // 10,000 and the 3,000 that are property tax
    assert!(explain(2025, &owner).notes.is_empty());
    owner.state = State::parse("AZ");
    assert_eq!(deducted(&explain(2025, &owner)), money("-19000.00"));
    // Hawaii's law is that of Arizona below 100,000, and that of California from there on.
    owner.state = State::parse("HI");
    assert_eq!(deducted(&explain(2025, &owner)), money("-13000.00"));
    owner.earners[0].wages = money("99000.00");
    assert_eq!(deducted(&explain(2025, &owner)), money("-19000.00"));
    // Nobody can have paid more income tax than taxes.
    paid.state_income_taxes = Some(money("9000.01"));
    owner.itemized = Some(paid);
    let error = tables().year(2025).unwrap().explain(&owner, None).unwrap_err();
    assert!(matches!(error, TaxError::MoreThanContains { part: "itemized.state_income_taxes", .. }));
}

#[test]
fn where_it_is_not_told_all_state_and_local_taxes_are_taken_to_be_income_tax_and_a_note_says_so() {
    let mut owner = single("CA", "100000.00");
    let paid = Itemized { state_and_local_taxes: money("9000.00"), mortgage_interest: money("10000.00"), ..Itemized::default() };
    owner.itemized = Some(paid);
    let explained = explain(2025, &owner);
    assert_eq!(deducted(&explained), money("-10000.00"));
    let note = explained.notes.iter().find(|note| note.field == "itemized.state_income_taxes").unwrap();
    assert_eq!((note.code, note.given, note.allowed), (NoteCode::Assumed, Money::ZERO, money("9000.00")));
    // Illinois itemizes nothing, and Arizona lets all of it be deducted: nothing had to be assumed.
    for state in ["IL", "AZ", "TX"] {
        owner.state = State::parse(state);
        assert!(explain(2025, &owner).notes.is_empty(), "{state}");
    }
}

#[test]
fn what_is_below_the_federal_limit_is_property_tax_first() {
    // 2024: 10,000 of 18,000 are deducted; 7,000 of them are no income tax.
    let mut owner = single("MD", "200000.00");
    let paid = Itemized {
        state_and_local_taxes: money("18000.00"),
        state_income_taxes: Some(money("11000.00")),
        mortgage_interest: money("20000.00"),
        ..Itemized::default()
    };
    owner.itemized = Some(paid);
    assert_eq!(deducted(&explain(2024, &owner)), money("-27000.00"));
    // California, New York and Hawaii know no such limit: with 13,000 that are no income tax, 3,000 more than federally.
    owner.itemized.as_mut().unwrap().state_income_taxes = Some(money("5000.00"));
    assert_eq!(deducted(&explain(2024, &owner)), money("-30000.00"));
    for state in ["CA", "NY", "HI"] {
        owner.state = State::parse(state);
        assert_eq!(deducted(&explain(2024, &owner)), money("-33000.00"), "{state}");
    }
}

#[test]
fn california_and_new_york_do_not_follow_the_federal_floor_of_gifts() {
    let mut giver = single("CA", "100000.00");
    giver.itemized = Some(Itemized { charity: money("8000.00"), ..Itemized::default() });
    assert_eq!(deducted(&explain(2026, &giver)), money("-8000.00")); // federally less 500
    giver.itemized = Some(Itemized { charity: money("20000.00"), ..Itemized::default() });
    for (state, gifts) in [("NY", "-20000.00"), ("MD", "-19500.00")] {
        giver.state = State::parse(state);
        assert_eq!(deducted(&explain(2026, &giver)), money(gifts), "{state}");
    }
}

#[test]
fn the_federal_lines_name_the_section_that_lets_them() {
    let mut owner = single("TX", "100000.00");
    owner.itemized = Some(Itemized { mortgage_interest: money("20000.00"), ..Itemized::default() });
    (owner.children_ages, owner.care_expenses) = (vec![5], money("4000.00"));
    let explained = explain(2026, &owner);
    let step = |label: &str| explained.steps.iter().find(|step| step.label == label).unwrap();
    let interest = step("mortgage interest");
    assert!(interest.rule.contains("§ 163(h)") && interest.source.contains("§ 163(h)"), "{interest:?}");
    let care = step("credit for the care of children");
    assert!(care.rule.contains("§ 21") && care.source.contains("P.L. 119-21"), "{care:?}");
    assert!(explained.steps.iter().all(|step| !step.source.is_empty()));
}

//! What a return counts of what was told: limits, deductions and credits, each by hand from the text of the law.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use domain::money::Money;
use domain::tax::{Earner, Estimate, Explanation, Itemized, NoteCode, Return};
use domain::vocabulary::FilingStatus;
use tax_support::{money, tables};

fn explain(year: i32, tax_return: &Return) -> Explanation {
    tables().year(year).unwrap().explain(tax_return, None).unwrap()
}

fn estimate(year: i32, tax_return: &Return) -> Estimate {
    explain(year, tax_return).estimate
}

fn earner(age: u32, wages: &str) -> Earner {
    Earner { age, wages: money(wages), ..Earner::default() }
}

fn of(status: FilingStatus, earners: Vec<Earner>) -> Return {
    Return { earners, ..Return::new(status) }
}

fn single(wages: &str) -> Return {
    of(FilingStatus::Single, vec![earner(40, wages)])
}

/// `(field, code, given, allowed)` of every note.
fn notes(explained: &Explanation) -> Vec<(&str, NoteCode, String, String)> {
    explained.notes.iter().map(|note| (note.field.as_str(), note.code, note.given.to_string(), note.allowed.to_string())).collect()
}

fn note(field: &str, code: NoteCode, given: &str, allowed: &str) -> (String, NoteCode, String, String) {
    (field.to_owned(), code, given.to_owned(), allowed.to_owned())
}

fn assert_notes(explained: &Explanation, expected: &[(String, NoteCode, String, String)]) {
    let found: Vec<_> =
        notes(explained).into_iter().map(|(field, code, given, allowed)| (field.to_owned(), code, given, allowed)).collect();
    assert_eq!(found, expected);
}

#[test]
fn deferrals_above_the_limit_of_the_age_are_wages_again_and_the_answer_says_so() {
    let with = |age: u32, deferral: &str| {
        let mut saver = of(FilingStatus::Single, vec![earner(age, "150000.00")]);
        saver.earners[0].pretax_401k = money(deferral);
        explain(2025, &saver)
    };
    let young = with(40, "30000.00");
    assert_eq!(young.estimate.agi, money("126500.00")); // 150,000 − 23,500
    assert_notes(&young, &[note("earners[0].pretax_401k", NoteCode::AboveLimit, "30000.00", "23500.00")]);
    assert_eq!(with(50, "31000.00").estimate.agi, money("119000.00")); // 23,500 + 7,500
    assert_eq!(with(61, "40000.00").estimate.agi, money("115250.00")); // 23,500 + 11,250 from 60 to 63
    assert_notes(&with(50, "31000.00"), &[]);
    // FICA wages are the gross ones, whatever is deferred.
    assert_eq!(young.estimate.social_security_tax, money("9300.00"));
}

#[test]
fn a_couple_shares_one_family_limit_of_the_health_savings_account() {
    let saver = |age, amount: &str| Earner { payroll_hsa: money(amount), ..earner(age, "80000.00") };
    let couple = |first, second| explain(2026, &of(FilingStatus::MarriedJointly, vec![first, second]));
    // 8,750 together: the second has 3,750 left.
    let young = couple(saver(40, "5000.00"), saver(40, "5000.00"));
    assert_eq!(young.estimate.agi, money("151250.00"));
    assert_notes(&young, &[note("earners[1].payroll_hsa", NoteCode::AboveLimit, "5000.00", "3750.00")]);
    // The excess is wages of Social Security again, too: 160,000 − 8,750 at 6.2 %.
    assert_eq!(young.estimate.social_security_tax, money("9377.50"));
    // From 55 each has a catch-up of 1,000 of one's own.
    assert_notes(
        &couple(saver(55, "5000.00"), saver(56, "5000.00")),
        &[note("earners[1].payroll_hsa", NoteCode::AboveLimit, "5000.00", "4750.00")],
    );
    // Alone it is self-only coverage, unless it is said otherwise.
    let mut alone = of(FilingStatus::Single, vec![saver(40, "8750.00")]);
    assert_eq!(estimate(2026, &alone).agi, money("75600.00")); // 80,000 − 4,400
    alone.earners[0].hsa_family_coverage = Some(true);
    assert_eq!(estimate(2026, &alone).agi, money("71250.00"));
}

#[test]
fn what_has_to_be_taken_out_is_income_at_least() {
    let mut retired = of(FilingStatus::Single, vec![Earner { age: 75, tax_deferred_balance: money("500000.00"), ..Earner::default() }]);
    let explained = explain(2026, &retired);
    assert_eq!(explained.estimate.agi, money("20325.20")); // divided by 24.6
    assert_notes(&explained, &[note("earners[0].tax_deferred_distributions", NoteCode::RequiredDistribution, "0.00", "20325.20")]);
    retired.earners[0].tax_deferred_distributions = money("30000.00");
    let more = explain(2026, &retired);
    assert_eq!(more.estimate.agi, money("30000.00"));
    assert_notes(&more, &[]);
    // Born in 1954, 72 in 2026: nothing is required yet.
    retired.earners[0] = Earner { age: 72, tax_deferred_balance: money("500000.00"), ..Earner::default() };
    assert_eq!(estimate(2026, &retired).agi, Money::ZERO);
}

#[test]
fn what_is_taken_out_early_is_income_and_costs_a_tenth_on_top() {
    let mut early = single("60000.00");
    early.earners[0].early_distributions = money("10000.00");
    let (with, without) = (estimate(2026, &early), estimate(2026, &single("60000.00")));
    assert_eq!(with.agi, money("70000.00"));
    assert_eq!(with.early_distribution_tax, money("1000.00"));
    // 43,900 + 10,000 of taxable income: 6,500 more at 12 %, 3,500 at 22 %.
    assert_eq!(with.federal_income_tax - without.federal_income_tax, money("1550.00"));
    assert_eq!(with.total_tax - without.total_tax, money("2550.00"));
}

#[test]
fn an_ira_of_who_has_a_plan_at_work_is_deducted_less_and_less() {
    let with = |wages: &str, covered: bool| {
        let mut saver = single(wages);
        saver.earners[0] = Earner { traditional_ira: money("7000.00"), covered_by_plan: Some(covered), ..saver.earners[0].clone() };
        explain(2025, &saver)
    };
    assert_eq!(with("84000.00", false).estimate.ira_deduction, money("7000.00"));
    assert_eq!(with("79000.00", true).estimate.ira_deduction, money("7000.00"));
    assert_eq!(with("84000.00", true).estimate.ira_deduction, money("3500.00")); // half of 79,000 to 89,000
    assert_eq!(with("84005.00", true).estimate.ira_deduction, money("3500.00")); // the reduction is rounded down to tens
    assert_eq!(with("88900.00", true).estimate.ira_deduction, money("200.00")); // at least, § 219(g)(2)(B)
    assert_eq!(with("89000.00", true).estimate.ira_deduction, Money::ZERO);
    let half = with("84000.00", true);
    assert_notes(&half, &[note("earners[0].traditional_ira", NoteCode::PhasedOut, "7000.00", "3500.00")]);
    // A step of ten dollars is not a marginal rate of several hundred percent.
    assert_eq!(half.estimate.marginal_rate.to_string(), "0.2965");
    assert_notes(&with("5000.00", false), &[note("earners[0].traditional_ira", NoteCode::AboveLimit, "7000.00", "5000.00")]);
}

#[test]
fn a_spouse_may_use_the_others_earnings_and_has_a_phase_out_of_ones_own() {
    let worker = |wages: &str| Earner { pretax_401k: money("10000.00"), ..earner(45, wages) };
    let home = Earner { traditional_ira: money("7500.00"), ..earner(45, "0.00") };
    let couple = |wages: &str| estimate(2026, &of(FilingStatus::MarriedJointly, vec![worker(wages), home.clone()]));
    assert_eq!(couple("120000.00").ira_deduction, money("7500.00"));
    // 257,000 − 10,000 is half the way from 242,000 to 252,000.
    assert_eq!(couple("257000.00").ira_deduction, money("3750.00"));
    assert_eq!(couple("270000.00").ira_deduction, Money::ZERO);
}

#[test]
fn student_loan_interest_is_deducted_up_to_2_500_and_up_to_an_income() {
    let with = |status, wages: &str| {
        let mut graduate = of(status, vec![earner(30, wages)]);
        graduate.student_loan_interest = money("4000.00");
        estimate(2025, &graduate).student_loan_interest_deduction
    };
    assert_eq!(with(FilingStatus::Single, "85000.00"), money("2500.00"));
    assert_eq!(with(FilingStatus::Single, "91000.00"), money("1500.00")); // 6,000 of 15,000
    assert_eq!(with(FilingStatus::MarriedJointly, "185000.00"), money("1250.00")); // 15,000 of 30,000
    assert_eq!(with(FilingStatus::MarriedSeparately, "50000.00"), Money::ZERO);
}

#[test]
fn care_is_credited_up_to_the_expenses_of_two_and_the_lesser_earnings() {
    let with = |year, status, earners: Vec<Earner>| {
        let mut parents = of(status, earners);
        parents.children_ages = vec![3, 8, 14];
        parents.care_expenses = money("9000.00");
        estimate(year, &parents).care_credit
    };
    let couple = |first: &str, second: &str| vec![earner(35, first), earner(35, second)];
    assert_eq!(with(2025, FilingStatus::MarriedJointly, couple("60000.00", "50000.00")), money("1200.00")); // 20 % of 6,000
    // 2026, 110,000: 50 % less 48 steps, at least 35 %.
    assert_eq!(with(2026, FilingStatus::MarriedJointly, couple("60000.00", "50000.00")), money("2100.00"));
    // 170,000: 5 steps of 4,000 above 150,000 more.
    assert_eq!(with(2026, FilingStatus::MarriedJointly, couple("120000.00", "50000.00")), money("1800.00"));
    assert_eq!(with(2025, FilingStatus::MarriedJointly, couple("106000.00", "4000.00")), money("800.00")); // 20 % of 4,000
    assert_eq!(with(2025, FilingStatus::HeadOfHousehold, vec![earner(35, "36000.00")]), money("1237.50")); // all of the tax
    assert_eq!(with(2025, FilingStatus::MarriedSeparately, vec![earner(35, "60000.00")]), Money::ZERO);
}

#[test]
fn saving_on_a_small_income_is_credited_person_by_person() {
    let saver = |age, wages: &str, deferral: &str| Earner { pretax_401k: money(deferral), ..earner(age, wages) };
    let couple = |first, second| estimate(2026, &of(FilingStatus::MarriedJointly, vec![first, second]));
    // 52,000 − 3,500 = 48,500 of income: half of 2,000 and of 500; the tax of 10 % on 16,300 is more.
    assert_eq!(couple(saver(40, "40000.00", "3000.00"), saver(40, "12000.00", "500.00")).savers_credit, money("1250.00"));
    // A dollar more: 20 %.
    assert_eq!(couple(saver(40, "40001.00", "3000.00"), saver(40, "12000.00", "500.00")).savers_credit, money("500.00"));
    assert_eq!(couple(saver(40, "40000.00", "3000.00"), saver(17, "12000.00", "500.00")).savers_credit, money("1000.00"));
    assert_eq!(couple(saver(40, "90000.00", "3000.00"), saver(40, "12000.00", "500.00")).savers_credit, Money::ZERO);
    // What was taken out in the year counts against it.
    let mut both = saver(40, "40000.00", "3000.00");
    both.early_distributions = money("1500.00");
    assert_eq!(couple(both, saver(40, "10500.00", "500.00")).savers_credit, money("750.00")); // half of 3,000 − 1,500
}

#[test]
fn the_parts_of_schedule_a_are_taken_where_they_leave_less_tax() {
    let mut owner = single("150000.00");
    owner.itemized =
        Some(Itemized { state_and_local_taxes: money("45000.00"), mortgage_interest: money("12000.00"), ..Itemized::default() });
    let explained = explain(2025, &owner);
    assert_eq!(explained.estimate.itemized_deductions, money("52000.00"));
    assert_notes(&explained, &[note("itemized.state_and_local_taxes", NoteCode::AboveLimit, "45000.00", "40000.00")]);
    let lines: Vec<&str> = explained.steps.iter().map(|step| &*step.label).collect();
    assert!(lines.contains(&"state and local taxes") && lines.contains(&"mortgage interest"), "{lines:?}");
    owner.itemized = Some(Itemized { state_and_local_taxes: money("9000.00"), ..Itemized::default() });
    assert_eq!(estimate(2025, &owner).standard_deduction, money("15750.00"));
}

#[test]
fn the_alternative_minimum_tax_adds_the_taxes_back_and_allows_the_interest() {
    // 2025, single, all gains: the exemption of 88,100 is gone at 978,750. So the tax at gains rates on 2,000,000 less the interest.
    let mut seller = Return::new(FilingStatus::Single);
    seller.long_term_gains = money("2000000.00");
    seller.itemized =
        Some(Itemized { state_and_local_taxes: money("10000.00"), mortgage_interest: money("20000.00"), ..Itemized::default() });
    let itemized = estimate(2025, &seller);
    assert_eq!(itemized.itemized_deductions, money("30000.00"));
    assert_eq!(itemized.alternative_minimum_tax, money("2000.00")); // 20 % of the taxes of 10,000
    // 9,000 of interest are less than the standard deduction, and leave less tax: the minimum tax knows no standard deduction.
    seller.itemized = Some(Itemized { mortgage_interest: money("9000.00"), ..Itemized::default() });
    assert_eq!(estimate(2025, &seller).itemized_deductions, money("9000.00"));
}

#[test]
fn gifts_are_deducted_beside_the_standard_deduction_since_2026() {
    let mut giver = of(FilingStatus::MarriedJointly, vec![earner(40, "100000.00")]);
    giver.itemized = Some(Itemized { charity: money("5000.00"), ..Itemized::default() });
    let (before, since) = (estimate(2025, &giver), estimate(2026, &giver));
    assert_eq!((before.charity_deduction, before.taxable_income), (Money::ZERO, money("68500.00")));
    assert_eq!((since.charity_deduction, since.taxable_income), (money("2000.00"), money("65800.00")));
}

#[test]
fn the_highest_bracket_takes_back_the_lesser_of_deductions_and_income_in_it() {
    // § 68(a), 2026: 2/37 of the lesser of 50,000 and 700,000 − 640,600 (the bracket starts there).
    let mut rich = single("700000.00");
    rich.itemized = Some(Itemized { mortgage_interest: money("50000.00"), ..Itemized::default() });
    assert_eq!(estimate(2026, &rich).itemized_deductions, money("47297.30"));
    rich.earners[0].wages = money("650600.00"); // 10,000 in the bracket
    assert_eq!(estimate(2026, &rich).itemized_deductions, money("49459.46"));
    assert_eq!(estimate(2025, &rich).itemized_deductions, money("50000.00"));
}

#[test]
fn a_step_says_what_lies_in_each_bracket() {
    // 2026, single: 100,000 of wages and 60,000 of gains; 83,900 ordinary, then gains from there.
    let mut earning = single("100000.00");
    earning.long_term_gains = money("60000.00");
    let explained = explain(2026, &earning);
    let lines: Vec<(String, String)> = explained.steps.iter().map(|step| (step.label.to_string(), step.amount.to_string())).collect();
    for (label, amount) in [
        ("10 % of 12400.00 of taxable income", "1240.00"),
        ("12 % of 38000.00 of taxable income", "4560.00"),
        ("22 % of 33500.00 of taxable income", "7370.00"),
        ("15 % of 60000.00 of long-term gains and qualified dividends", "9000.00"),
    ] {
        assert!(lines.contains(&(label.to_owned(), amount.to_owned())), "{label}: {lines:?}");
    }
}

//! What holds for every return, however odd: sums, directions, bounds.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use domain::money::Money;
use domain::rate::Rate;
use domain::tax::{Earner, Estimate, Itemized, Return, Section};
use domain::vocabulary::{FilingStatus, State};
use proptest::prelude::*;
use tax_support::{money, tables};

fn estimate(tax_return: &Return) -> Estimate {
    tables().year(2026).unwrap().estimate(tax_return, None).unwrap()
}

fn of(filing_status: FilingStatus, wages: i64) -> Return {
    let mut tax_return = Return::new(filing_status);
    tax_return.earners.push(Earner { age: 40, wages: Money::from_cents(wages), ..Earner::default() });
    tax_return
}

/// No next dollar costs more, with one exception that the law makes: New York takes the benefit of its lower brackets, up to 60,350
/// dollars, back within 50,000 of income (Tax Law § 601(d-4)).
fn highest_rate(state: Option<State>) -> Rate {
    Rate::percent(if state == Some(State::NewYork) { 175 } else { 150 })
}

fn any_state() -> impl Strategy<Value = State> {
    proptest::sample::select(State::ALL.to_vec())
}

prop_compose! {
    fn any_return()(
        status in proptest::sample::select(FilingStatus::ALL.to_vec()),
        wages in 0_i64..100_000_000, profit in 0_i64..100_000_000, interest in 0_i64..20_000_000, dividends in 0_i64..20_000_000,
        gains in -1_000_000_i64..100_000_000, state in any_state(), children in proptest::collection::vec(0_u32..20, 0..4), age in 20_u32..90,
    ) -> Return {
        let mut tax_return = Return::new(status);
        let (wages, profit) = (Money::from_cents(wages), Money::from_cents(profit));
        tax_return.earners.push(Earner { age, wages, self_employment_net: profit, ..Earner::default() });
        tax_return.children_ages = children;
        tax_return.state = Some(state);
        tax_return.interest = Money::from_cents(interest);
        tax_return.qualified_dividends = Money::from_cents(dividends);
        tax_return.long_term_gains = Money::from_cents(gains);
        tax_return
    }
}

prop_compose! {
    /// With everything that a return can hold.
    fn any_whole_return()(
        base in any_return(), year in 2024_i32..=2026, of_earners in proptest::collection::vec((0_i64..4_000_000, 0_i64..1_000_000, 0_i64..900_000, 0_i64..300_000_000, 18_u32..90), 2),
        paid in proptest::option::of((0_i64..9_000_000, 0_i64..6_000_000, 0_i64..9_000_000, 0_i64..4_000_000)), told in proptest::option::of(0_i64..9_000_000),
        benefits in 0_i64..6_000_000, retirement in 0_i64..20_000_000, early in 0_i64..3_000_000, care in 0_i64..1_500_000, loans in 0_i64..500_000, rents in 0_i64..5_000_000, blind in 0_u32..2,
    ) -> (i32, Return) {
        let amount = Money::from_cents;
        let mut tax_return = base;
        if tax_return.filing_status == FilingStatus::MarriedJointly {
            tax_return.earners.push(tax_return.earners[0].clone());
        }
        for (earner, (deferral, hsa, ira, balance, age)) in tax_return.earners.iter_mut().zip(of_earners) {
            earner.age = age;
            earner.pretax_401k = amount(deferral).min(earner.wages);
            earner.payroll_hsa = amount(hsa).min(earner.wages - earner.pretax_401k);
            (earner.traditional_ira, earner.tax_deferred_balance, earner.early_distributions) = (amount(ira), amount(balance), amount(early));
        }
        tax_return.itemized = paid.map(|(taxes, interest, charity, medical)| Itemized {
            state_and_local_taxes: amount(taxes), state_income_taxes: (taxes % 3 > 0).then(|| amount(taxes / (taxes % 3 + 1))), mortgage_interest: amount(interest), charity: amount(charity), medical_expenses: amount(medical),
        });
        (tax_return.itemized_deductions, tax_return.rental_income) = (told.map(amount), amount(rents));
        (tax_return.social_security_benefits, tax_return.retirement_income) = (amount(benefits), amount(retirement));
        (tax_return.care_expenses, tax_return.student_loan_interest, tax_return.blind) = (amount(care), amount(loans), blind);
        (year, tax_return)
    }
}

#[test]
fn an_income_of_exactly_a_bracket_of_new_york_gives_back_no_more_than_the_bracket_below() {
    // 1,085,550 − 8,000 = 1,077,550, where the last-but-one bracket ends: its whole benefit is taken back, and nothing of the next.
    let tax = |cents: i64| {
        let tax_return = Return { state: Some(State::NewYork), ..of(FilingStatus::Single, cents) };
        tables().year(2024).unwrap().estimate(&tax_return, None).unwrap().state_income_tax
    };
    let (at, below, above) = (tax(108_555_000), tax(108_554_900), tax(108_555_100));
    assert!(at - below < Money::from_cents(100), "{below} {at}");
    // 16 % of 30,172: the income is 8,000 into the width of 50,000 when its taxable part enters the bracket.
    assert!(above - at > Money::from_cents(482_700) && above - at < Money::from_cents(482_900), "{at} {above}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn income_tax_before_credits_never_falls_with_wages((year, tax_return) in any_whole_return(), more in 1_i64..10_000_000) {
        let year = tables().year(year).unwrap();
        let mut richer = tax_return.clone();
        for earner in &mut richer.earners {
            // A business would blur it: more wages leave less of the wage base to the self-employment tax, and of its deduction. And
            // an IRA grows with the earnings that it may be paid from.
            (earner.self_employment_net, earner.traditional_ira) = (Money::ZERO, Money::ZERO);
        }
        let before = year.estimate(&richer, None).unwrap();
        richer.earners[0].wages += Money::from_cents(more);
        let after = year.estimate(&richer, None).unwrap();
        prop_assert!(before.federal_income_tax_before_credits <= after.federal_income_tax_before_credits);
        prop_assert!(before.net_investment_income_tax <= after.net_investment_income_tax);
        prop_assert!(before.social_security_tax <= after.social_security_tax && before.medicare_tax <= after.medicare_tax);
        prop_assert!(before.agi <= after.agi && before.taxable_income <= after.taxable_income);
    }

    #[test]
    fn two_single_returns_owe_at_least_what_the_joint_one_does(
        year in 2024_i32..=2026, wages in proptest::array::uniform2(0_i64..30_000_000), interest in proptest::array::uniform2(0_i64..10_000_000), age in 20_u32..65,
    ) {
        // Up to 700,000 of taxable income together: above, the joint 37 % bracket starts below twice the single one. Only the income tax
        // before credits: net investment income tax, additional Medicare tax and the earned income credit have thresholds that are
        // less than doubled for a couple; and no gains, which the other's income can push into a higher rate; and nobody of
        // 65, whose addition is more where unmarried, and whose senior deduction falls with the income of both.
        let year = tables().year(year).unwrap();
        let before_credits = |tax_return: &Return| year.estimate(tax_return, None).unwrap().federal_income_tax_before_credits;
        let earner = |n: usize| Earner { age, wages: Money::from_cents(wages[n]), ..Earner::default() };
        let single = |n: usize| Return { earners: vec![earner(n)], interest: Money::from_cents(interest[n]), ..Return::new(FilingStatus::Single) };
        let both = Money::from_cents(interest[0] + interest[1]);
        let joint = Return { earners: vec![earner(0), earner(1)], interest: both, ..Return::new(FilingStatus::MarriedJointly) };
        prop_assert!(before_credits(&joint) <= before_credits(&single(0)) + before_credits(&single(1)) + Money::from_cents(1));
    }

    #[test]
    fn the_next_dollar_costs_nothing_less_than_zero_outside_of_the_ranges_that_the_law_makes((year, tax_return) in any_whole_return()) {
        // The ranges are listed in the documentation of `domain::tax`. Without a state: those have credits of their own.
        let mut tax_return = tax_return;
        tax_return.state = None;
        for earner in &mut tax_return.earners {
            (earner.traditional_ira, earner.self_employment_net) = (Money::ZERO, Money::ZERO);
        }
        let marginal = tables().year(year).unwrap().estimate(&tax_return, None).unwrap().marginal_rate;
        let wages: Money = tax_return.earners.iter().map(|earner| earner.wages).sum();
        let phases_in = !tax_return.children_ages.is_empty() || wages < money("60000.00");
        let least = if phases_in { Rate::parse("-0.95").unwrap() } else { Rate::ZERO };
        prop_assert!(marginal >= least && marginal <= Rate::percent(150), "{marginal} {tax_return:?}");
    }

    #[test]
    fn the_total_is_the_sum_of_its_taxes_and_the_marginal_rate_is_one(tax_return in any_return()) {
        let e = estimate(&tax_return);
        let credits = e.child_tax_credit + e.other_dependent_credit + e.refundable_credits;
        prop_assert_eq!(e.federal_income_tax, e.federal_income_tax_before_credits - credits);
        let payroll = e.social_security_tax + e.medicare_tax + e.additional_medicare_tax + e.self_employment_tax;
        prop_assert_eq!(e.total_tax, e.federal_income_tax + e.net_investment_income_tax + payroll + e.state_income_tax);
        prop_assert!(e.marginal_rate <= highest_rate(tax_return.state), "{}", e.marginal_rate);
        prop_assert!(e.marginal_rate >= Rate::parse("-0.5").unwrap(), "{}", e.marginal_rate);
    }

    #[test]
    fn ten_billion_of_everything_overflows_nowhere(status in proptest::sample::select(FilingStatus::ALL.to_vec()), state in any_state(), factor in 1_i64..10, year in 2024_i32..=2026) {
        let huge = money("10000000000.00");
        let mut tax_return = Return::new(status);
        tax_return.state = Some(state);
        let earner = Earner { age: 80, wages: huge, self_employment_net: huge, traditional_ira: huge, tax_deferred_balance: huge, early_distributions: huge, ..Earner::default() };
        tax_return.earners = vec![earner; 2];
        for amount in [&mut tax_return.interest, &mut tax_return.qualified_dividends, &mut tax_return.long_term_gains, &mut tax_return.care_expenses] {
            *amount = huge;
        }
        (tax_return.social_security_benefits, tax_return.student_loan_interest) = (huge, huge);
        tax_return.itemized = Some(Itemized { state_and_local_taxes: huge, state_income_taxes: None, mortgage_interest: Money::ZERO, charity: huge, medical_expenses: huge });
        let explained = tables().year(year).unwrap().explain(&tax_return, Some(Rate::new(factor.into()))).unwrap();
        prop_assert!(explained.estimate.total_tax > huge && explained.estimate.total_tax < huge.scaled(9, 1));
    }

    #[test]
    fn the_steps_of_an_explanation_add_up_to_the_result((year, tax_return) in any_whole_return()) {
        let year = tables().year(year).unwrap();
        let explained = year.explain(&tax_return, None).unwrap();
        let sum = |sections: &[Section]| explained.steps.iter().filter(|step| sections.contains(&step.section)).map(|step| step.amount).sum::<Money>();
        let e = &explained.estimate;
        prop_assert_eq!(&year.estimate(&tax_return, None).unwrap(), e);
        prop_assert_eq!(sum(&[Section::Income]), e.agi);
        prop_assert_eq!(sum(&[Section::Income, Section::Deductions]), e.taxable_income);
        prop_assert_eq!(sum(&[Section::FederalTax, Section::PayrollTax, Section::StateTax]), e.total_tax);
        prop_assert_eq!(sum(&[Section::StateTax]), e.state_income_tax);
        prop_assert_eq!(sum(&[Section::StateIncome]), explained.state_taxable_income);
        // The state's tax is told slice by slice, from each of its lines a figure of the law with its source.
        prop_assert!(explained.steps.iter().all(|step| !step.source.is_empty() && !step.rule.is_empty() && !step.label.is_empty()));
    }

    #[test]
    fn the_steps_of_an_indexed_year_add_up_to_its_result((year, tax_return) in any_whole_return(), index in 101_i64..300) {
        let explained = tables().year(year).unwrap().explain(&tax_return, Some(Rate::percent(index))).unwrap();
        let sum = |section| explained.steps.iter().filter(|step| step.section == section).map(|step| step.amount).sum::<Money>();
        prop_assert_eq!(sum(Section::StateTax), explained.estimate.state_income_tax);
        prop_assert_eq!(sum(Section::StateIncome), explained.state_taxable_income);
    }

    #[test]
    fn a_states_tax_never_falls_with_the_wages_of_a_person_without_children(state in any_state(), year in 2024_i32..=2026, wages in 3_000_000_i64..200_000_000, more in 1_i64..20_000_000) {
        // Below 30,000 a part of the federal earned income credit grows with the wages; above, nothing that a state gives does.
        let tax = |wages: i64| {
            let tax_return = Return { state: Some(state), ..of(FilingStatus::Single, wages) };
            tables().year(year).unwrap().estimate(&tax_return, None).unwrap().state_income_tax
        };
        prop_assert!(tax(wages) <= tax(wages + more), "{} {}", tax(wages), tax(wages + more));
    }

    #[test]
    fn the_next_dollar_of_a_person_without_children_costs_something_and_at_most_one_and_a_half(state in any_state(), year in 2024_i32..=2026, wages in 2_500_000_i64..300_000_000) {
        let tax_return = Return { state: Some(state), ..of(FilingStatus::Single, wages) };
        let marginal = tables().year(year).unwrap().estimate(&tax_return, None).unwrap().marginal_rate;
        // More than itself only where New York takes the benefit of a bracket back: 30,172 over 50,000 of income, beside 37 % and 9.65 %.
        let most = if state == State::NewYork { Rate::percent(150) } else { Rate::ONE };
        prop_assert!(marginal > Rate::ZERO && marginal < most, "{state} {year}: {marginal}");
    }

    #[test]
    fn marrying_a_person_without_income_never_costs_federal_tax(wages in 0_i64..200_000_000, children in proptest::collection::vec(0_u32..20, 0..4)) {
        let with_children = |status| Return { children_ages: children.clone(), ..of(status, wages) };
        let (alone, together) = (estimate(&with_children(FilingStatus::Single)), estimate(&with_children(FilingStatus::MarriedJointly)));
        prop_assert!(together.federal_income_tax <= alone.federal_income_tax);
        prop_assert!(together.additional_medicare_tax <= alone.additional_medicare_tax);
    }

    #[test]
    fn a_state_under_an_index_taxes_the_indexed_income_alike(state in any_state(), wages in 2_000_000_i64..9_900_000, year in 2024_i32..=2026) {
        // Twice the income under twice the thresholds is twice the tax; below 200,000 wages meet no amount that the federal law fixes.
        let year = tables().year(year).unwrap();
        prop_assume!(year.is_state_indexed(state));
        let plain = year.estimate(&Return { state: Some(state), ..of(FilingStatus::Single, wages) }, None).unwrap();
        let twice = Return { state: Some(state), ..of(FilingStatus::Single, wages * 2) };
        let indexed = year.estimate(&twice, Some(Rate::percent(200))).unwrap();
        let off = (indexed.state_income_tax - plain.state_income_tax.scaled(2, 1)).abs();
        prop_assert!(off <= Money::from_cents(2), "{state}: {} and {}", indexed.state_income_tax, plain.state_income_tax);
    }
}

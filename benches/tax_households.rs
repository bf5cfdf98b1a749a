//! Households and paychecks whose taxes are measured: few, and each another kind of work for the law.
//!
//! What a return costs depends on which rules it meets: brackets alone, two earners with a business and children, benefits whose
//! taxable part is a worksheet of its own, or gains at their own rates with the minimum tax and the net investment income tax.

use std::fmt;

use domain::calendar::PayFrequency;
use domain::tax::{Earner, PaycheckInput, Return, W4};
use domain::vocabulary::{FilingStatus, State};

use crate::dollars;

/// The year whose law they are measured by.
pub const TAX_YEAR: i32 = 2026;

/// What is measured, and what it is called in a table.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// Its name.
    pub name: &'static str,
    /// Itself.
    pub subject: T,
}

impl<T> fmt::Display for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

fn named<T, const COUNT: usize>(subjects: [(&'static str, T); COUNT]) -> Vec<Named<T>> {
    subjects.into_iter().map(|(name, subject)| Named { name, subject }).collect()
}

fn earner(age: u32, wages: i64) -> Earner {
    Earner { age, wages: dollars(wages), ..Earner::default() }
}

/// A return of each kind.
#[must_use]
pub fn returns() -> Vec<Named<Return>> {
    named([
        ("one wage, TX", one_wage()),
        ("couple, children, business, CA", family()),
        ("retired couple, NY", retired()),
        ("high earner with gains, MA", high_earner(FilingStatus::Single, State::Massachusetts)),
        ("high earners with gains, NJ", high_earner(FilingStatus::MarriedJointly, State::NewJersey)),
        ("parent of three, low wages, NY", low_wages()),
    ])
}

fn one_wage() -> Return {
    let saver = Earner { pretax_401k: dollars(6_000), payroll_hsa: dollars(2_000), cafeteria: dollars(1_800), ..earner(34, 85_000) };
    Return { state: Some(State::Texas), earners: vec![saver], ..Return::new(FilingStatus::Single) }
}

fn family() -> Return {
    let employed = Earner { pretax_401k: dollars(14_500), cafeteria: dollars(4_200), ..earner(41, 145_000) };
    let with_business = Earner { self_employment_net: dollars(38_000), ..earner(39, 62_000) };
    Return {
        state: Some(State::California),
        earners: vec![employed, with_business],
        children_ages: vec![4, 9],
        interest: dollars(900),
        qualified_dividends: dollars(1_300),
        nonqualified_dividends: dollars(200),
        ..Return::new(FilingStatus::MarriedJointly)
    }
}

fn retired() -> Return {
    Return {
        state: Some(State::NewYork),
        earners: vec![earner(70, 0), earner(67, 0)],
        interest: dollars(4_000),
        qualified_dividends: dollars(9_000),
        long_term_gains: dollars(12_000),
        retirement_income: dollars(52_000),
        social_security_benefits: dollars(48_000),
        ..Return::new(FilingStatus::MarriedJointly)
    }
}

fn high_earner(status: FilingStatus, state: State) -> Return {
    let executive = Earner { pretax_401k: dollars(24_500), ..earner(52, 900_000) };
    Return {
        state: Some(state),
        earners: vec![executive, earner(50, 0)].into_iter().take(if status == FilingStatus::MarriedJointly { 2 } else { 1 }).collect(),
        interest: dollars(30_000),
        qualified_dividends: dollars(60_000),
        short_term_gains: dollars(-20_000),
        long_term_gains: dollars(600_000),
        itemized_deductions: Some(dollars(48_000)),
        ..Return::new(status)
    }
}

fn low_wages() -> Return {
    Return {
        state: Some(State::NewYork),
        earners: vec![earner(33, 31_000)],
        children_ages: vec![3, 7, 11],
        ..Return::new(FilingStatus::HeadOfHousehold)
    }
}

/// A paycheck of each kind.
#[must_use]
pub fn paychecks() -> Vec<Named<PaycheckInput>> {
    let form = W4 { credits: dollars(4_400), other_income: dollars(1_200), extra_withholding: dollars(25), ..W4::default() };
    let paycheck = |state, w4| PaycheckInput {
        filing_status: FilingStatus::MarriedJointly,
        pay_frequency: PayFrequency::Biweekly,
        gross: dollars(5_400),
        w4,
        pretax_retirement: dollars(540),
        cafeteria: dollars(180),
        payroll_hsa: dollars(0),
        state,
        year_to_date_wages: dollars(54_000),
    };
    let near_the_base = PaycheckInput { gross: dollars(16_000), year_to_date_wages: dollars(192_000), ..paycheck(None, W4::default()) };
    named([
        ("without a state", paycheck(None, form.clone())),
        ("over the wage base", near_the_base),
        ("TX", paycheck(Some(State::Texas), form.clone())),
        ("PA", paycheck(Some(State::Pennsylvania), form.clone())),
        ("CA", paycheck(Some(State::California), form.clone())),
        ("NY", paycheck(Some(State::NewYork), form)),
    ])
}

/// The family in each of some states: what one state's law costs more than another's.
pub fn family_in(states: impl Iterator<Item = State>) -> impl Iterator<Item = (State, Return)> {
    states.map(|state| (state, Return { state: Some(state), ..family() }))
}

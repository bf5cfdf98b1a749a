//! What the law lets a person contribute in a year, and what of it is left to each deduction.
//!
//! A limit is a person's, not a line's on a paycheck: a traditional and a Roth 401(k), and those of two jobs held at the same time,
//! share one. They are served in the order in which they were entered. What an employer adds to health savings counts towards their
//! limit; what employee and employer add to one employer's plan has a limit of its own (26 U.S.C. § 415(c)). Deliberately absent:
//! the family limit of health savings accounts is not divided between spouses (26 U.S.C. § 223(b)(5) lets them agree on any
//! division).

use std::collections::BTreeMap;

use super::facts::{DeductionAmount, Income};
use super::inputs::age_at_year_end;
use super::reconcile::is_wage;
use super::state::{Household, IncomeState};
use crate::ids::MemberId;
use crate::money::Money;
use crate::payroll::{ContributionLimit, Deduction, DeductionType};
use crate::tax::YearTables;

/// A year's limit of a person of the household.
fn amount(limit: ContributionLimit, home: &Household, member: Option<MemberId>, tables: &YearTables) -> Money {
    tables.contribution_limits().of(limit, age_at_year_end(home, member, tables.year()), home.is_family())
}

/// The deductions of a job in the order in which they are taken, each with what the law leaves to it.
pub(super) fn limited_deductions(home: &Household, state: &IncomeState, tables: &YearTables) -> Vec<Deduction> {
    let member = state.income.member_id;
    let shares = |other: &&IncomeState| {
        let job = &other.income;
        job.active && is_wage(job.income_type) && job.member_id == member && at_the_same_time(job, &state.income)
    };
    let earlier = home.incomes.values().take_while(|other| !std::ptr::eq(*other, state)).filter(shares);
    let mut contributed = BTreeMap::new();
    for other in earlier {
        limited(home, other, tables, &mut contributed);
    }
    limited(home, state, tables, &mut contributed)
}

/// One job's deductions, which add to what the person has contributed.
fn limited(
    home: &Household,
    state: &IncomeState,
    tables: &YearTables,
    contributed: &mut BTreeMap<ContributionLimit, Money>,
) -> Vec<Deduction> {
    let member = state.income.member_id;
    let additions_limit = tables.contribution_limits().annual_additions_at(age_at_year_end(home, member, tables.year()));
    let mut additions = Money::ZERO;
    let mut deductions = unlimited(state);
    for deduction in &mut deductions {
        let Some(limit) = deduction.kind.limit() else { continue };
        let contributed = contributed.entry(limit).or_default();
        let left = (amount(limit, home, member, tables) - *contributed).at_least_zero();
        let own = a_year_of(deduction.amount, &state.income).min(left);
        let gross = state.income.pay.annual();
        let offered = deduction.employer_match.map_or(Money::ZERO, |rule| rule.on(own, gross, 1));
        deduction.annual_limit = Some(left);
        deduction.match_limit = match limit {
            ContributionLimit::HealthSavings => Some(left - own),
            ContributionLimit::ElectiveDeferral => Some((additions_limit - additions - own).at_least_zero()),
            ContributionLimit::IndividualRetirement => None,
        };
        let matched = deduction.match_limit.map_or(offered, |most| offered.min(most));
        additions += own + matched;
        *contributed += if limit == ContributionLimit::HealthSavings { own + matched } else { own };
    }
    deductions
}

fn unlimited(state: &IncomeState) -> Vec<Deduction> {
    let pretax = state.pretax_deductions.iter().map(|(id, told)| Deduction {
        id: *id,
        kind: DeductionType::Pretax(told.deduction_type),
        amount: told.amount,
        annual_limit: None,
        match_limit: None,
        employer_match: told.employer_match,
    });
    let posttax = state.posttax_deductions.iter().map(|(id, told)| Deduction {
        id: *id,
        kind: DeductionType::Posttax(told.deduction_type),
        amount: told.amount,
        annual_limit: None,
        match_limit: None,
        employer_match: None,
    });
    pretax.chain(posttax).collect()
}

fn a_year_of(amount: DeductionAmount, income: &Income) -> Money {
    match amount {
        DeductionAmount::Fixed(amount) => amount.scaled(income.pay_frequency.periods_per_year(), 1),
        DeductionAmount::Percent(fraction) => fraction.of(income.pay.annual()),
    }
}

/// A job that had ended when another began took nothing from its limit.
fn at_the_same_time(one: &Income, other: &Income) -> bool {
    let begins_before_the_end_of = |first: &Income, second: &Income| second.end_date.is_none_or(|end| first.start_date <= end);
    begins_before_the_end_of(one, other) && begins_before_the_end_of(other, one)
}

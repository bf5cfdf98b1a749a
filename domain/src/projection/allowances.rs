//! What the law still lets be contributed in this calendar year.
//!
//! A limit is a person's, not a line's on a paycheck: a traditional and a Roth 401(k), and those of all jobs, share one; the
//! catch-up comes with the age at the end of each year (26 U.S.C. §§ 402(g), 414(v), 219(b)(5), 223(b)). An employer's contribution
//! to a health savings account counts towards its limit. What employee and employer add to one employer's plan has a limit of its
//! own (§ 415(c), on which the catch-up comes on top). In years beyond the last file limits rise with inflation, where the plan's
//! thresholds do; the law would round them down, and the catch-up of health savings is fixed in it.
//!
//! Deliberately absent: dividing the family's health savings between spouses, and the phase-out of Roth contributions by income.

use crate::calendar::{Date, age_on};
use crate::money::Money;
use crate::payroll::ContributionLimit;
use crate::projection::figures::UNKNOWN_AGE;
use crate::projection::plan::PlanFiler;
use crate::projection::year_book::Law;

/// A limit, and what has been used of it.
#[derive(Clone, Copy, Debug, Default)]
struct Allowance {
    annual: Money,
    used: Money,
}

/// One person's year.
#[derive(Clone, Copy, Debug, Default)]
struct Person {
    limits: [Allowance; ContributionLimit::ALL.len()],
    /// Of employee and employer together, to one employer's plan.
    additions: Money,
}

/// What everybody may contribute this year.
#[derive(Clone, Debug, Default)]
pub(super) struct Allowances {
    people: Vec<Person>,
}

/// Sums by limit: what one job asks for in a year.
pub(super) type ByLimit = [Money; ContributionLimit::ALL.len()];

impl Allowances {
    /// A year of which nothing has been used.
    pub fn open(filer: &PlanFiler, law: &Law<'_>, year_end: Date) -> Self {
        let limits = law.tables.contribution_limits();
        let of = |birth: Option<Date>| {
            let age = birth.map_or(UNKNOWN_AGE, |birth| age_on(birth, year_end));
            let annual = |limit: &ContributionLimit| match limit {
                ContributionLimit::HealthSavings => {
                    let whole = limits.of(*limit, age, filer.has_family_coverage);
                    let fixed = if age >= limits.hsa_catch_up_from_age { limits.hsa_catch_up } else { Money::ZERO };
                    law.inflated(whole - fixed, 1) + fixed
                }
                ContributionLimit::ElectiveDeferral | ContributionLimit::IndividualRetirement => {
                    law.inflated(limits.of(*limit, age, filer.has_family_coverage), 1)
                }
            };
            let mut person = Person { limits: Default::default(), additions: law.inflated(limits.annual_additions_at(age), 1) };
            for (allowance, limit) in person.limits.iter_mut().zip(ContributionLimit::ALL) {
                allowance.annual = annual(limit);
            }
            person
        };
        // As many as there are earners: there is always one.
        let members = filer.members.iter().map(|member| member.birth);
        let mut people: Vec<Person> = members.map(of).collect();
        if people.is_empty() {
            people.push(of(None));
        }
        Self { people }
    }

    /// A whole year's limit of a person.
    pub fn annual(&self, person: usize, limit: ContributionLimit) -> Money {
        self.person(person).and_then(|person| person.limits.get(limit.index())).map_or(Money::ZERO, |allowance| allowance.annual)
    }

    /// What has been used of it.
    pub fn used(&self, person: usize, limit: ContributionLimit) -> Money {
        self.person(person).and_then(|person| person.limits.get(limit.index())).map_or(Money::ZERO, |allowance| allowance.used)
    }

    /// As much of `asked` as a person's year leaves.
    pub fn take(&mut self, person: usize, limit: ContributionLimit, asked: Money) -> Money {
        let person = if person < self.people.len() { person } else { 0 };
        let allowance = self.people.get_mut(person).and_then(|person| person.limits.get_mut(limit.index()));
        allowance.map_or(Money::ZERO, |allowance| {
            let taken = asked.min((allowance.annual - allowance.used).at_least_zero());
            allowance.used += taken;
            taken
        })
    }

    /// What employee and employer together may add to one employer's plan in a year.
    pub fn additions(&self, person: usize) -> Money {
        self.person(person).map_or(Money::ZERO, |person| person.additions)
    }

    fn person(&self, person: usize) -> Option<&Person> {
        self.people.get(person).or_else(|| self.people.first())
    }
}

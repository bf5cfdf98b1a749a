//! What the law lets be contributed in a year: 401(k) and its kin, HSA, IRA.

use super::error::TableError;
use super::law_file::{LawFile, LawTable};
use crate::money::Money;
use crate::payroll::ContributionLimit;

/// The limits of one tax year, in dollars a year; ages are those reached by the end of the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContributionLimits {
    /// An employee's own deferrals to 401(k), 403(b) and TSP plans together, traditional and Roth: 26 U.S.C. § 402(g).
    pub elective_deferral: Money,
    /// What may be deferred on top: `(from age, amount)`, ascending; from 50, more from 60 to 63 since 2025 (§ 414(v)).
    pub elective_deferral_catch_up: Vec<(u32, Money)>,
    /// Employee and employer together, without catch-up: § 415(c).
    pub annual_additions: Money,
    /// HSA with self-only coverage, employer's contributions included: § 223(b).
    pub hsa_self_only: Money,
    /// HSA with family coverage.
    pub hsa_family: Money,
    /// HSA, on top, from [`Self::hsa_catch_up_from_age`].
    pub hsa_catch_up: Money,
    /// 55.
    pub hsa_catch_up_from_age: u32,
    /// Traditional and Roth IRAs together: § 219(b)(5).
    pub ira: Money,
    /// IRA, on top, from [`Self::ira_catch_up_from_age`].
    pub ira_catch_up: Money,
    /// 50.
    pub ira_catch_up_from_age: u32,
}

impl ContributionLimits {
    /// A person's limit of a kind at an age.
    #[must_use]
    pub fn of(&self, limit: ContributionLimit, age: u32, family_coverage: bool) -> Money {
        match limit {
            ContributionLimit::ElectiveDeferral => self.elective_deferral_at(age),
            ContributionLimit::HealthSavings => self.hsa_at(age, family_coverage),
            ContributionLimit::IndividualRetirement => self.ira_at(age),
        }
    }

    /// What employee and employer together may add to one employer's plan at an age: the catch-up comes on top (§ 414(v)(3)(A)).
    #[must_use]
    pub fn annual_additions_at(&self, age: u32) -> Money {
        self.annual_additions + (self.elective_deferral_at(age) - self.elective_deferral)
    }

    /// An employee's own deferrals at an age, the catch-up included.
    #[must_use]
    pub fn elective_deferral_at(&self, age: u32) -> Money {
        let catch_up = self.elective_deferral_catch_up.iter().rev().find(|(from, _)| age >= *from);
        self.elective_deferral + catch_up.map_or(Money::ZERO, |(_, amount)| *amount)
    }

    /// HSA contributions of one person at an age.
    #[must_use]
    pub fn hsa_at(&self, age: u32, family_coverage: bool) -> Money {
        let base = if family_coverage { self.hsa_family } else { self.hsa_self_only };
        if age >= self.hsa_catch_up_from_age { base + self.hsa_catch_up } else { base }
    }

    /// IRA contributions of one person at an age.
    #[must_use]
    pub fn ira_at(&self, age: u32) -> Money {
        if age >= self.ira_catch_up_from_age { self.ira + self.ira_catch_up } else { self.ira }
    }

    pub(super) fn load(file: &LawFile) -> Result<Self, TableError> {
        let (deferral, additions) = (file.table("elective_deferral")?, file.table("annual_additions")?);
        let (hsa, ira) = (file.table("health_savings")?, file.table("individual_retirement")?);
        Ok(Self {
            elective_deferral: money(&deferral, "limit")?,
            elective_deferral_catch_up: catch_up(&file.table("elective_deferral_catch_up")?)?,
            annual_additions: money(&additions, "limit")?,
            hsa_self_only: money(&hsa, "self_only")?,
            hsa_family: money(&hsa, "family")?,
            hsa_catch_up: money(&hsa, "catch_up")?,
            hsa_catch_up_from_age: hsa.whole("catch_up_from_age")?,
            ira: money(&ira, "limit")?,
            ira_catch_up: money(&ira, "catch_up")?,
            ira_catch_up_from_age: ira.whole("catch_up_from_age")?,
        })
    }
}

fn money(table: &LawTable<'_>, key: &str) -> Result<Money, TableError> {
    Money::from_decimal_exact(table.amount(key)?).map_err(|error| table.error(format!("{key:?} {error}")))
}

fn catch_up(table: &LawTable<'_>) -> Result<Vec<(u32, Money)>, TableError> {
    let (ages, amounts) = (table.wholes("from_age")?, table.amounts("limit")?);
    if ages.len() != amounts.len() || !ages.is_sorted_by(|younger, older| younger < older) {
        return Err(table.error("needs ascending ages in \"from_age\" and one \"limit\" for each"));
    }
    Ok(ages.into_iter().zip(amounts.into_iter().map(Money::round)).collect())
}

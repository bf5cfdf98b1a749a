//! What a household plans with, beside the tax itself: required distributions, the sale of a home, the payments that
//! avoid a penalty. Each is a small rule on figures of the year.

use rust_decimal::Decimal;
use serde::Serialize;

use super::error::TableError;
use super::law_file::LawFile;
use super::schedule::ByStatus;
use crate::money::Money;
use crate::vocabulary::FilingStatus;

/// Payments during the year that avoid a penalty, and how they are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SafeHarbor {
    /// A part of this year's tax.
    pub of_this_year: Money,
    /// All of last year's tax, or more where the income was high; none where last year's tax is not known.
    pub of_last_year: Option<Money>,
    /// The lesser of the two: what has to be withheld or paid in four instalments.
    pub required: Money,
}

/// The year's figures for planning.
#[derive(Clone, Debug)]
pub(super) struct PlanningLaw {
    by_status: ByStatus<StatusPlanning>,
    this_year_rate: Decimal,
    last_year_rate: Decimal,
    last_year_rate_high_income: Decimal,
    no_penalty_below: Decimal,
    distributions: DistributionLaw,
}

#[derive(Clone, Debug)]
struct StatusPlanning {
    home_sale_exclusion: Decimal,
    high_income: Decimal,
}

/// The age from which distributions are required, and the Uniform Lifetime Table.
#[derive(Clone, Debug)]
pub(super) struct DistributionLaw {
    /// `(born from, from age)`, ascending.
    from_age: Vec<(u32, u32)>,
    first_age: u32,
    divisor: Vec<Decimal>,
}

impl PlanningLaw {
    pub(super) fn load(federal: &LawFile, limits: &LawFile) -> Result<Self, TableError> {
        let estimated = federal.table("estimated_tax")?;
        Ok(Self {
            by_status: ByStatus::try_build(|status| StatusPlanning::load(federal, status))?,
            this_year_rate: estimated.rate("this_year_rate")?,
            last_year_rate: estimated.amount("last_year_rate")?,
            last_year_rate_high_income: estimated.amount("last_year_rate_high_income")?,
            no_penalty_below: estimated.amount("no_penalty_below")?,
            distributions: DistributionLaw::load(limits)?,
        })
    }

    pub(super) fn home_sale_exclusion(&self, status: FilingStatus) -> Money {
        Money::round(self.by_status.get(status).home_sale_exclusion)
    }

    /// 26 U.S.C. § 6654(d): the tax is the whole federal one after credits, payroll taxes of employees aside.
    pub(super) fn safe_harbor(&self, status: FilingStatus, this_year: Money, last_year: Option<(Money, Money)>) -> SafeHarbor {
        let this_year = this_year.at_least_zero().to_decimal();
        let of_this_year = Money::round(this_year * self.this_year_rate);
        let of_last_year = last_year.map(|(tax, agi)| {
            let high = agi.to_decimal() > self.by_status.get(status).high_income;
            Money::round(tax.at_least_zero().to_decimal() * if high { self.last_year_rate_high_income } else { self.last_year_rate })
        });
        let lesser = of_last_year.map_or(of_this_year, |of_last_year| of_last_year.min(of_this_year));
        let required = if this_year < self.no_penalty_below { Money::ZERO } else { lesser };
        SafeHarbor { of_this_year, of_last_year, required }
    }

    /// What has to be taken out in a year of what an account held at the end of the year before; nothing before the age of that birth
    /// year. In the first year it may be put off to 1 April of the next: the caller's business.
    pub(super) fn required_distribution(&self, year: i32, born: i32, balance: Money) -> Money {
        let Ok(age) = u32::try_from(year.saturating_sub(born)) else { return Money::ZERO };
        match self.distributions.divisor_at(age, born) {
            Some(divisor) => Money::round(balance.at_least_zero().to_decimal() / divisor),
            None => Money::ZERO,
        }
    }

    /// The age from which distributions are required of someone born in a year.
    pub(super) fn distributions_from_age(&self, born: i32) -> u32 {
        self.distributions.age_of(born)
    }
}

impl StatusPlanning {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        Ok(Self {
            home_sale_exclusion: file.table("home_sale_exclusion")?.of_status(status)?,
            high_income: file.table("estimated_tax")?.amount_for("high_income", status)?,
        })
    }
}

impl DistributionLaw {
    pub(super) fn load(file: &LawFile) -> Result<Self, TableError> {
        let table = file.table("required_distributions")?;
        let (born_from, ages, divisor) = (table.wholes("born_from")?, table.wholes("from_age")?, table.amounts("divisor")?);
        if born_from.len() != ages.len() || !born_from.is_sorted_by(|earlier, later| earlier < later) {
            return Err(table.error("needs ascending birth years in \"born_from\" and one \"from_age\" for each"));
        }
        if divisor.iter().any(Decimal::is_zero) || !divisor.is_sorted_by(|younger, older| younger > older) {
            return Err(table.error("needs divisors that fall with age and are not 0"));
        }
        Ok(Self { from_age: born_from.into_iter().zip(ages).collect(), first_age: table.whole("first_age")?, divisor })
    }

    fn age_of(&self, born: i32) -> u32 {
        let row = self.from_age.iter().rev().find(|(from, _)| i64::from(born) >= i64::from(*from));
        row.map_or(u32::MAX, |(_, age)| *age)
    }

    /// By what the balance is divided at an age; none before the age of that birth year.
    pub(super) fn divisor_at(&self, age: u32, born: i32) -> Option<Decimal> {
        if age < self.age_of(born) {
            return None;
        }
        let index = usize::try_from(age.checked_sub(self.first_age)?).ok()?;
        self.divisor.get(index).or(self.divisor.last()).copied()
    }
}

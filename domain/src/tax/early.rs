//! Money taken out of a retirement account too early: 26 U.S.C. § 72(t). Its many exceptions are deliberately absent.

use rust_decimal::Decimal;

use super::error::TableError;
use super::law_file::LawFile;
use crate::money::Money;

/// The additional tax on early distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyDistributions {
    additional_tax_rate: Decimal,
    /// From this age on, in months, there is no additional tax: 59½ years.
    pub until_age_months: u32,
}

impl EarlyDistributions {
    /// Form 5329, line 4: on the taxable part of what was taken out early.
    #[must_use]
    pub fn additional_tax(&self, taxable: Money) -> Money {
        Money::round(taxable.at_least_zero().to_decimal() * self.additional_tax_rate)
    }

    pub(super) fn load(limits: &LawFile) -> Result<Self, TableError> {
        let table = limits.table("early_distributions")?;
        Ok(Self { additional_tax_rate: table.rate("additional_tax_rate")?, until_age_months: table.whole("until_age_months")? })
    }
}

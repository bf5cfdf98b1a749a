//! From which age on money may be taken out of a retirement account without the additional tax of 26 U.S.C. § 72(t). The tax itself is
//! the return's; its many exceptions are deliberately absent.

use super::error::TableError;
use super::law_file::LawFile;

/// When a distribution is early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyDistributions {
    /// Before this age, in months: 59½ years.
    pub until_age_months: u32,
}

impl EarlyDistributions {
    pub(super) fn load(limits: &LawFile) -> Result<Self, TableError> {
        Ok(Self { until_age_months: limits.table("early_distributions")?.whole("until_age_months")? })
    }
}

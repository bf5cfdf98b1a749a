//! Pennsylvania's tax forgiveness: a part of the tax by income and dependents (72 P.S. § 7304; Schedule SP).

use rust_decimal::Decimal;

use super::input::StateInput;
use super::reduction::whole_steps;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// What differs by year or status.
#[derive(Clone, Debug)]
pub(super) struct ForgivenessLaw {
    base: Decimal,
    per_dependent: Decimal,
    step: Decimal,
    share_per_step: Decimal,
}

impl ForgivenessLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("tax_forgiveness")? else { return Ok(None) };
        let step = table.amount("step")?;
        if step.is_zero() {
            return Err(table.error("has a \"step\" of 0"));
        }
        let (base, per_dependent) = (table.amount_for("base", status)?, table.amount("per_dependent")?);
        Ok(Some(Self { base, per_dependent, step, share_per_step: table.rate("share_per_step")? }))
    }

    /// The part of the tax that remains due at an eligibility income.
    pub(super) fn due(&self, input: &StateInput<'_>, income: Decimal) -> Decimal {
        let children = Decimal::from(u32::try_from(input.children_ages.len()).unwrap_or(u32::MAX));
        let excess = (income - input.beyond_step - self.base - self.per_dependent * children).max(Decimal::ZERO);
        (whole_steps(excess, self.step) * self.share_per_step).min(Decimal::ONE)
    }
}

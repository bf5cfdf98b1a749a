//! New Jersey's exclusion of retirement income: of the pensions, and of all other income where next to nothing is earned.
//!
//! What counts is the income of all classes, in which Social Security never is (N.J.S.A. 54A:6-10, 54A:6-15; Worksheet D).

use rust_decimal::Decimal;

use super::input::StateInput;
use super::reduction::Tiers;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// What of this rule differs by year or status.
#[derive(Clone, Debug)]
pub(super) struct ExclusionLaw {
    from_age: u32,
    most: Decimal,
    /// The part that is excluded, by total income.
    share: Tiers,
    /// Up to here what the pensions leave of the exclusion goes to other income.
    earned_up_to: Decimal,
}

impl ExclusionLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("retirement_exclusion")? else { return Ok(None) };
        let share = Tiers::find(file, "retirement_exclusion.share", status, "share")?;
        Ok(Some(Self {
            from_age: table.whole("from_age")?,
            most: table.amount_for("most", status)?,
            share: share.ok_or_else(|| table.error("has no \"share\""))?,
            earned_up_to: table.amount("earned_up_to")?,
        }))
    }

    /// The return does not say whose pension it is: one filer of the age is enough.
    pub(super) fn exclusion(&self, input: &StateInput<'_>, total_income: Decimal) -> Decimal {
        if input.filers_from_age(self.from_age) == 0 {
            return Decimal::ZERO;
        }
        let a = &input.amounts;
        let earned = a.wages + a.self_employment.max(Decimal::ZERO);
        let income = if earned <= self.earned_up_to { total_income } else { a.retirement };
        (income.max(Decimal::ZERO) * self.share.at(input.stepped(total_income))).min(self.most)
    }
}

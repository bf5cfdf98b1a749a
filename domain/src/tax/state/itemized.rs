//! Where a state does not follow what the federal return itemizes.
//!
//! A tax on income is not deducted from itself in nearly every state; three or four let it be. Which part of the state and local
//! taxes is income tax, the return says, or it is taken to be all of it. What is under the federal limit of the taxes is property tax
//! first: the reading of the states' worksheets, which add back no more income tax than was deducted. Deliberately absent: the states'
//! own limits of high incomes. Of a total that was told, nothing is known apart: all of it
//! is followed.

use rust_decimal::Decimal;

use super::input::StateInput;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// What of this room differs by state, year or status.
#[derive(Clone, Debug)]
pub(super) struct ItemizedLaw {
    income_taxes: IncomeTaxes,
    /// The federal limit of the taxes is not followed.
    taxes_without_limit: bool,
    /// The federal floor of the gifts, since 2026, is not followed.
    gifts_without_floor: bool,
}

/// Whether state income taxes are deducted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IncomeTaxes {
    NotDeducted,
    Deducted,
    /// Only of who has a federal adjusted gross income below this (HI).
    DeductedBelow(Decimal),
}

impl ItemizedLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let Some(table) = file.find("itemized_deductions")? else {
            return Ok(Self { income_taxes: IncomeTaxes::NotDeducted, taxes_without_limit: false, gifts_without_floor: false });
        };
        let income_taxes = match (table.has("income_taxes_below"), table.is_on("income_taxes")?) {
            (true, _) => IncomeTaxes::DeductedBelow(table.amount_for("income_taxes_below", status)?),
            (false, true) => IncomeTaxes::Deducted,
            (false, false) => IncomeTaxes::NotDeducted,
        };
        let (taxes_without_limit, gifts_without_floor) = (table.is_on("taxes_without_limit")?, table.is_on("gifts_without_floor")?);
        Ok(Self { income_taxes, taxes_without_limit, gifts_without_floor })
    }

    /// Whether there is who may deduct them.
    pub(super) fn deducts_income_taxes(&self) -> bool {
        self.income_taxes != IncomeTaxes::NotDeducted
    }
}

impl StateInput<'_> {
    /// The itemized deductions as a state follows them.
    pub(super) fn follow(&mut self, law: &ItemizedLaw) {
        let agi = self.stepped(self.amounts.federal_agi);
        let a = &mut self.amounts;
        let income_taxes = match law.income_taxes {
            IncomeTaxes::Deducted => a.income_taxes_paid,
            IncomeTaxes::DeductedBelow(income) if agi < income => a.income_taxes_paid,
            IncomeTaxes::DeductedBelow(_) | IncomeTaxes::NotDeducted => Decimal::ZERO,
        };
        let paid = a.other_taxes_paid + income_taxes;
        let taxes = if law.taxes_without_limit { paid } else { paid.min(a.itemizable_taxes) };
        let gifts = if law.gifts_without_floor { a.gifts_below_floor } else { Decimal::ZERO };
        let more = taxes - a.itemizable_taxes + gifts;
        let followed = |itemized: Decimal| (itemized + more).max(Decimal::ZERO);
        a.itemizable = followed(a.itemizable);
        if self.itemizes {
            a.federal_itemized_deductions = followed(a.federal_itemized_deductions);
        }
    }
}

//! Where a state does not follow what the federal return itemizes.
//!
//! A tax on income is not deducted from itself in nearly every state; three or four let it be. Which part of the state and local
//! taxes is income tax, the return says, or it is taken to be all of it. What is under the federal limit of the taxes is property tax
//! first: the reading of the states' worksheets, which add back no more income tax than was deducted. Deliberately absent: states
//! that know no such limit at all, and their own limits of high incomes. Of a total that was told, nothing is known apart: all of it
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
            return Ok(Self { income_taxes: IncomeTaxes::NotDeducted, gifts_without_floor: false });
        };
        let income_taxes = match (table.has("income_taxes_below"), table.is_on("income_taxes")?) {
            (true, _) => IncomeTaxes::DeductedBelow(table.amount_for("income_taxes_below", status)?),
            (false, true) => IncomeTaxes::Deducted,
            (false, false) => IncomeTaxes::NotDeducted,
        };
        Ok(Self { income_taxes, gifts_without_floor: table.is_on("gifts_without_floor")? })
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
        let taken_out = match law.income_taxes {
            IncomeTaxes::Deducted => Decimal::ZERO,
            IncomeTaxes::DeductedBelow(income) if agi < income => Decimal::ZERO,
            IncomeTaxes::DeductedBelow(_) | IncomeTaxes::NotDeducted => a.deducted_income_taxes,
        };
        let put_back = if law.gifts_without_floor { a.gifts_below_floor } else { Decimal::ZERO };
        let followed = |itemized: Decimal| (itemized - taken_out + put_back).max(Decimal::ZERO);
        a.itemizable = followed(a.itemizable);
        if self.itemizes {
            a.federal_itemized_deductions = followed(a.federal_itemized_deductions);
        }
    }
}

//! Taking back the benefit of lower brackets from high incomes: in steps (CT), or over a width of income (NY).

use rust_decimal::Decimal;

use super::input::StateInput;
use super::reduction::whole_steps;
use super::tax::Bases;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// An amount for every step of income above a threshold, up to a most (CT).
#[derive(Clone, Debug)]
pub(super) struct StepLaw {
    above: Decimal,
    step: Decimal,
    amount: Decimal,
    most: Decimal,
}

impl StepLaw {
    pub(super) fn find(file: &LawFile, path: &str, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find(path)? else { return Ok(None) };
        let step = table.amount_for("step", status)?;
        if step.is_zero() {
            return Err(table.error("has a \"step\" of 0"));
        }
        let above = table.amount_for("above", status)?;
        Ok(Some(Self { above, step, amount: table.amount_for("per_step", status)?, most: table.amount_for("most", status)? }))
    }

    /// What a line of this table is called.
    pub(super) fn label(table: &str) -> &'static str {
        match table {
            "add_back" => "add-back of the lowest rate",
            _ => "recapture of lower rates",
        }
    }

    pub(super) fn addition(&self, income: Decimal) -> Decimal {
        (whole_steps((income - self.above).max(Decimal::ZERO), self.step) * self.amount).min(self.most)
    }
}

/// New York's supplemental tax: above an income the benefit of the lower brackets is taken back over a width, one bracket after the
/// other (N.Y. Tax Law § 601(d-4); Form IT-201, tax computation worksheets).
#[derive(Clone, Debug)]
pub(super) struct RecaptureLaw {
    rows: Vec<RecaptureRow>,
    above: Decimal,
    width: Decimal,
    /// Above it everything is taxed at the highest rate.
    flat_above: Decimal,
    flat_rate: Decimal,
}

#[derive(Clone, Copy, Debug)]
struct RecaptureRow {
    taxable_above: Decimal,
    base: Decimal,
    benefit: Decimal,
}

impl RecaptureLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("recapture")? else { return Ok(None) };
        let rows = file.table(&format!("recapture.{status}"))?;
        let (above, base, benefit) = (rows.amounts("taxable_above")?, rows.amounts("base")?, rows.amounts("benefit")?);
        if above.len() != base.len() || above.len() != benefit.len() || !above.is_sorted_by(|lower, upper| lower < upper) {
            return Err(rows.error("needs ascending thresholds, and one \"base\" and one \"benefit\" for each"));
        }
        let width = table.amount("width")?;
        if width.is_zero() {
            return Err(table.error("has a \"width\" of 0"));
        }
        let row = |(taxable_above, (base, benefit))| RecaptureRow { taxable_above, base, benefit };
        Ok(Some(Self {
            rows: above.into_iter().zip(base.into_iter().zip(benefit)).map(row).collect(),
            above: table.amount("above")?,
            width,
            flat_above: table.amount("flat_above")?,
            flat_rate: table.rate("flat_rate")?,
        }))
    }

    /// Where the taxable income enters a higher bracket below an income of that much more, the law itself jumps; the marginal dollar
    /// does not take that step.
    pub(super) fn addition(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal) -> Decimal {
        if input.stepped(bases.agi) > self.flat_above {
            return (bases.taxable * self.flat_rate - tax).max(Decimal::ZERO);
        }
        let taxable = input.stepped(bases.taxable);
        // "More than": an income of exactly a threshold is still of the bracket below it, here as in the brackets themselves.
        let Some(row) = self.rows.iter().rev().find(|row| taxable > row.taxable_above) else { return Decimal::ZERO };
        let phased_in = ((bases.agi - row.taxable_above.max(self.above)).max(Decimal::ZERO) / self.width).min(Decimal::ONE);
        row.base + row.benefit * phased_in
    }
}

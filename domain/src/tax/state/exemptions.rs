//! Amounts for each filer, dependent, child and aged person: exemptions in most states, credits in some.

use rust_decimal::Decimal;

use super::deductions::{Measure, PhaseOut};
use super::input::StateInput;
use super::reduction::Tiers;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// Amounts per person, taken off the income as exemptions or off the tax as credits.
#[derive(Clone, Debug)]
pub(super) struct ExemptionLaw {
    household: Decimal,
    filer: Decimal,
    dependent: Decimal,
    child: Decimal,
    child_below_age: u32,
    aged: Decimal,
    aged_from_age: u32,
    /// `(amount, federal income below)`: more for the aged with little income (IN).
    aged_extra: Option<(Decimal, Decimal)>,
    /// The figure by income is each filer's, not the dependents'.
    filers_only: bool,
    /// In all, at most this much.
    most: Option<Decimal>,
    /// The figure for each filer and dependent, by income.
    each: Option<Tiers>,
    each_dependent: Option<Tiers>,
    measure: Measure,
    phase_out: Option<PhaseOut>,
}

impl ExemptionLaw {
    pub(super) fn find(file: &LawFile, path: &str, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find(path)? else { return Ok(None) };
        Ok(Some(Self {
            household: table.optional_amount_for("household", status)?,
            filer: table.optional_amount_for("filer", status)?,
            dependent: table.optional_amount_for("dependent", status)?,
            child: table.optional_amount_for("child", status)?,
            child_below_age: if table.has("child_below_age") { table.whole("child_below_age")? } else { 0 },
            aged: table.optional_amount_for("aged", status)?,
            filers_only: table.is_on("filers_only")?,
            aged_from_age: if table.has("aged_from_age") { table.whole("aged_from_age")? } else { 65 },
            aged_extra: match table.has("aged_extra") {
                true => Some((table.amount("aged_extra")?, table.amount("aged_extra_below")?)),
                false => None,
            },
            most: if table.has("most") { Some(table.amount_for("most", status)?) } else { None },
            each: Tiers::find(file, &format!("{path}.by_income"), status, "amount")?,
            each_dependent: Tiers::find(file, &format!("{path}.dependent_by_income"), status, "amount")?,
            measure: Measure::find(file, path)?,
            phase_out: PhaseOut::find(file, &format!("{path}.phase_out"), status)?,
        }))
    }

    /// The sum for a household; `deducted` is what was taken off its income so far.
    pub(super) fn total(&self, input: &StateInput<'_>, agi: Decimal, deducted: Decimal) -> Decimal {
        let income = input.stepped(self.measure.of(input, agi, deducted));
        let reduced = |amount: Decimal| match &self.phase_out {
            Some(phase_out) if !amount.is_zero() => phase_out.apply(amount, input, agi, deducted),
            _ => amount,
        };
        let each = self.each.as_ref().map_or(Decimal::ZERO, |tiers| tiers.at(income));
        let each_dependent = self.each_dependent.as_ref().map_or(Decimal::ZERO, |tiers| tiers.at(income));
        let (filers, dependents) = (Decimal::from(input.filers), Decimal::from(input.dependents()));
        let for_filers = reduced(self.filer + each) * filers + reduced(self.household);
        let each = if self.filers_only { Decimal::ZERO } else { each };
        let for_dependents = reduced(self.dependent + each + each_dependent) * dependents;
        let for_children = reduced(self.child) * Decimal::from(input.children_below(self.child_below_age));
        let extra = self.aged_extra.filter(|(_, below)| input.stepped(input.amounts.federal_agi) < *below);
        let aged = self.aged + extra.map_or(Decimal::ZERO, |(amount, _)| amount);
        let for_aged = reduced(aged) * Decimal::from(input.filers_from_age(self.aged_from_age));
        let total = for_filers + for_dependents + for_children + for_aged;
        self.most.map_or(total, |most| total.min(most))
    }
}

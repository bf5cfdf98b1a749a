//! Other ways to the same tax that a state lets a household choose, or makes it take: spouses one by one, another rate on another
//! base, a table for low incomes.

use rust_decimal::Decimal;

use super::deductions::StandardLaw;
use super::input::StateInput;
use super::record::Silent;
use super::reduction::Tiers;
use super::tax::Bases;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// A couple's incomes taxed one by one on the same return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SeparateLaw {
    /// Each with the standard deduction of a single person, where that is less than together (AR, DE, KY).
    OwnDeductions { each: Decimal },
    /// With the joint deductions shared so that it is least (DC, MS).
    BestShare,
    /// The joint taxable income shared by income; there is no choice (MO).
    ByIncome,
}

impl SeparateLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("spouses_separately")? else { return Ok(None) };
        if status != FilingStatus::MarriedJointly {
            // Read all the same, so that the key counts as read.
            table.word("deductions", |_| Some(()))?;
        }
        let parse = |word: &str| match word {
            "own" => Some(Self::OwnDeductions { each: Decimal::ZERO }),
            "best" => Some(Self::BestShare),
            "by_income" => Some(Self::ByIncome),
            _ => None,
        };
        let law = table.word("deductions", parse)?;
        Ok(Some(match law {
            Self::OwnDeductions { .. } => Self::OwnDeductions { each: table.amount("each")? },
            Self::BestShare | Self::ByIncome => law,
        }))
    }

    /// The second person's income is what that person earned; everything else is the first one's, since the return does not say.
    pub(super) fn tax(
        self,
        schedule: &Schedule,
        input: &StateInput<'_>,
        bases: &Bases,
        standard: &StandardLaw,
        together: Decimal,
    ) -> Decimal {
        let [_, spouse] = input.people;
        let second = spouse.earned().max(Decimal::ZERO).min(bases.agi.max(Decimal::ZERO));
        let first = bases.agi - second;
        let separately = match self {
            Self::OwnDeductions { each } => {
                let beside = bases.deducted - standard.deduction(input, bases.agi, &mut Silent);
                schedule.tax(first - each - beside) + schedule.tax(second - each)
            }
            Self::BestShare => {
                // Both schedules rise alike, so the least tax is where the two taxable incomes are as near as they can be.
                let share = ((second - first + bases.deducted) / Decimal::TWO).clamp(Decimal::ZERO, bases.deducted.max(Decimal::ZERO));
                let first_share = (bases.deducted - share).min(first.max(Decimal::ZERO));
                schedule.tax(first - first_share) + schedule.tax((second - (bases.deducted - first_share)).max(Decimal::ZERO))
            }
            Self::ByIncome if bases.agi > Decimal::ZERO => {
                let part = bases.taxable * second / bases.agi;
                return schedule.tax(bases.taxable - part) + schedule.tax(part);
            }
            Self::ByIncome => return together,
        };
        separately.min(together)
    }
}

/// Another way to compute the tax that is taken where it is less: a rate on the income above an amount (IA).
#[derive(Clone, Debug)]
pub(super) struct AlternativeLaw {
    rate: Decimal,
    above: Decimal,
    above_aged: Decimal,
}

impl AlternativeLaw {
    pub(super) fn find(file: &LawFile, path: &str, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find(path)? else { return Ok(None) };
        let (above, above_aged) = (table.amount("above")?, table.amount("above_aged")?);
        let rate = table.rate("rate")?;
        // For couples and heads of household only.
        Ok((status != FilingStatus::Single).then_some(Self { rate, above, above_aged }))
    }

    pub(super) fn tax(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal) -> Decimal {
        let above = if input.aged > 0 { self.above_aged } else { self.above };
        let income = bases.agi + input.amounts.retirement;
        tax.min((income - above).max(Decimal::ZERO) * self.rate)
    }
}

/// A table by income in which the tax is lower than by the schedule; for some statuses another from two dependents on (AR).
#[derive(Clone, Debug)]
pub(super) struct LowIncomeLaw {
    few_dependents: Tiers,
    more_dependents: Option<Tiers>,
    up_to: [Decimal; 2],
}

impl LowIncomeLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let load = |path: String| -> Result<Option<(Tiers, Decimal)>, TableError> {
            let Some(table) = file.find(&path)? else { return Ok(None) };
            Ok(Some((Tiers::load(&table, "tax")?, table.amount("up_to")?)))
        };
        let Some((few_dependents, up_to)) = load(format!("low_income_tax.{status}"))? else { return Ok(None) };
        let more = load(format!("low_income_tax.{status}.two_dependents"))?;
        let more_up_to = more.as_ref().map_or(up_to, |(_, up_to)| *up_to);
        Ok(Some(Self { few_dependents, more_dependents: more.map(|(tiers, _)| tiers), up_to: [up_to, more_up_to] }))
    }

    pub(super) fn tax(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal) -> Decimal {
        let [few_up_to, more_up_to] = self.up_to;
        let (table, up_to) = match &self.more_dependents {
            Some(more) if input.dependents() > 1 => (more, more_up_to),
            Some(_) | None => (&self.few_dependents, few_up_to),
        };
        let income = input.stepped(bases.agi);
        if income < up_to { tax.min(table.at(income)) } else { tax }
    }
}

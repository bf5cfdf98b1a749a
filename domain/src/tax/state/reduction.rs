//! Two shapes that recur in every state: an amount that falls as income rises, and a figure that is looked up by income.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::tax::error::TableError;
use crate::tax::law_file::{LawFile, LawTable};
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// How an amount falls with income above a threshold.
#[derive(Clone, Debug)]
pub(super) enum Reduction {
    /// By an amount for every step of income, a part of a step counting as a whole.
    PerStep { above: Decimal, step: Decimal, amount: Decimal },
    /// By an amount for every full step of income.
    PerFullStep { above: Decimal, step: Decimal, amount: Decimal },
    /// By a share of itself for every step of income, a part of a step counting as a whole.
    SharePerStep { above: Decimal, step: Decimal, share: Decimal },
    /// By a part of the income.
    Rate(Schedule),
    /// Evenly to nothing over a width of income.
    Width { above: Decimal, width: Decimal },
    /// To nothing at once.
    Cliff { above: Decimal },
}

impl Reduction {
    /// The table `path`, where there is one: with `above` and one of `per_step`, `per_full_step`, `share_per_step` (and `step`),
    /// `width`, or `rate` (a schedule); with `above` alone it is a cliff. Figures may differ by status.
    pub(super) fn find(file: &LawFile, path: &str, status: FilingStatus) -> Result<Option<Self>, TableError> {
        if let Some(by_status) = file.find(&format!("{path}.{status}"))? {
            return Ok(Some(Self::Rate(by_status.schedule()?)));
        }
        let Some(table) = file.find(path)? else { return Ok(None) };
        let above = table.amount_for("above", status)?;
        let step = |key: &str| -> Result<Option<(Decimal, Decimal)>, TableError> {
            if !table.has(key) {
                return Ok(None);
            }
            let step = table.amount_for("step", status)?;
            if step.is_zero() { Err(table.error("has a \"step\" of 0")) } else { Ok(Some((step, table.amount_for(key, status)?))) }
        };
        if let Some((step, amount)) = step("per_step")? {
            return Ok(Some(Self::PerStep { above, step, amount }));
        }
        if let Some((step, amount)) = step("per_full_step")? {
            return Ok(Some(Self::PerFullStep { above, step, amount }));
        }
        if let Some((step, share)) = step("share_per_step")? {
            return Ok(Some(Self::SharePerStep { above, step, share }));
        }
        if table.has("width") {
            let width = table.amount_for("width", status)?;
            return if width.is_zero() { Err(table.error("has a \"width\" of 0")) } else { Ok(Some(Self::Width { above, width })) };
        }
        Ok(Some(Self::Cliff { above }))
    }

    /// What is left of `amount` at an income; never below zero. `beyond_step` is taken off the income where the rule takes steps.
    pub(super) fn apply(&self, amount: Decimal, income: Decimal, beyond_step: Decimal) -> Decimal {
        let excess = |above: Decimal| (income - above).max(Decimal::ZERO);
        let stepped = |above: Decimal| (income - beyond_step - above).max(Decimal::ZERO);
        let left = match self {
            Self::PerStep { above, step, amount: fall } => amount - whole_steps(stepped(*above), *step) * fall,
            Self::PerFullStep { above, step, amount: fall } => amount - (stepped(*above) / step).trunc() * fall,
            Self::SharePerStep { above, step, share } => {
                amount * (Decimal::ONE - whole_steps(stepped(*above), *step) * share).max(Decimal::ZERO)
            }
            Self::Rate(schedule) => amount - schedule.tax(income),
            Self::Width { above, width } => amount * (Decimal::ONE - (excess(*above) / width).min(Decimal::ONE)),
            Self::Cliff { above } if stepped(*above) > Decimal::ZERO => Decimal::ZERO,
            Self::Cliff { .. } => amount,
        };
        left.max(Decimal::ZERO)
    }
}

/// Steps of income, a part of one counting as a whole.
pub(super) fn whole_steps(excess: Decimal, step: Decimal) -> Decimal {
    (excess / step).round_dp_with_strategy(0, RoundingStrategy::AwayFromZero)
}

/// A figure by income: that of the highest threshold that the income is above (or at, for a table that says "at least").
#[derive(Clone, Debug)]
pub(super) struct Tiers {
    rows: Vec<(Decimal, Decimal)>,
    at_least: bool,
}

impl Tiers {
    /// From `above` (or `at_least`) and the figures under `key`; amounts, or text for rates.
    pub(super) fn load(table: &LawTable<'_>, key: &str) -> Result<Self, TableError> {
        let at_least = table.has("at_least");
        let thresholds = table.amounts(if at_least { "at_least" } else { "above" })?;
        let figures = table.amounts(key)?;
        if thresholds.len() != figures.len() || !thresholds.is_sorted_by(|lower, upper| lower < upper) {
            return Err(table.error(format!("needs ascending thresholds and one figure in {key:?} for each")));
        }
        Ok(Self { rows: thresholds.into_iter().zip(figures).collect(), at_least })
    }

    /// The table for this status: at `path.<status>`, else at `path` for all alike.
    pub(super) fn find(file: &LawFile, path: &str, status: FilingStatus, key: &str) -> Result<Option<Self>, TableError> {
        let table = match file.find(&format!("{path}.{status}"))? {
            Some(table) => Some(table),
            None => file.find(path)?,
        };
        table.map(|table| Self::load(&table, key)).transpose()
    }

    /// The figure at an income; the first one below every threshold.
    pub(super) fn at(&self, income: Decimal) -> Decimal {
        let reached = |threshold: Decimal| income > threshold || (self.at_least && income == threshold);
        let row = self.rows.iter().rev().find(|(threshold, _)| reached(*threshold)).or_else(|| self.rows.first());
        row.map_or(Decimal::ZERO, |(_, figure)| *figure)
    }
}

//! What a decision comes to: its scenario beside the one that it changes, and what is worth knowing of the difference, in sentences.
//!
//! Both plans are made of the same household on the same day and begin in the same month, so whatever differs comes from the decision.
//! Every figure in a sentence was measured by the engine. Deliberately absent: advice. What the figures mean, whoever reads them knows.

use rust_decimal::Decimal;

use super::plan::plan;
use super::state::Household;
use crate::calendar::{Date, Month};
use crate::ids::ScenarioId;
use crate::money::Money;
use crate::projection::attribution::{Attributed, attributed};
use crate::projection::comparison::{Difference, KeyFigures, Window, compare, key_figures};
use crate::projection::{ProjectionError, Term};
use crate::tax::{TaxError, TaxTables};

/// A scenario on one side of the scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Which.
    pub scenario_id: ScenarioId,
    /// At a glance.
    pub figures: KeyFigures,
    /// The worst month's debt service coverage; none where nothing is paid on debts.
    pub minimum_dscr: Option<Decimal>,
}

/// A scenario beside the one that it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The months that are compared.
    pub window: Window,
    /// Without the decision.
    pub base: Side,
    /// With it.
    pub decided: Side,
    /// What the second ends with beyond the first, and why.
    pub difference: Difference,
}

/// Why nothing can be weighed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotWeighed {
    /// A plan cannot be projected.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// The law of the year is not known.
    #[error(transparent)]
    Tax(#[from] TaxError),
}

/// Weighs a scenario against another over its own months. `None` where one of the two is not there.
///
/// # Errors
/// [`NotWeighed`].
pub fn weigh(
    home: &Household,
    base: ScenarioId,
    decided: ScenarioId,
    today: Date,
    tables: &TaxTables,
) -> Result<Option<Weighed>, NotWeighed> {
    let Some(months) = home.scenarios.get(&decided).map(|scenario| scenario.projection_months) else { return Ok(None) };
    let window = Window { first: home.first_month(decided, today), months };
    let law = tables.in_force(window.first.year())?;
    let plan = |scenario| plan(home, scenario, window.first, Some(months), law);
    let (Some(before), Some(after)) = (plan(base), plan(decided)) else { return Ok(None) };
    let (before, after) = (attributed(&before, tables)?, attributed(&after, tables)?);
    let weighed = || {
        Some(Weighed {
            window,
            base: side(base, &before, window)?,
            decided: side(decided, &after, window)?,
            difference: compare(&before, &after, window)?,
        })
    };
    Ok(weighed())
}

fn side(scenario_id: ScenarioId, of: &Attributed, window: Window) -> Option<Side> {
    let minimum_dscr = of.projection.months.iter().filter_map(|row| row.dscr).min();
    Some(Side { scenario_id, figures: key_figures(of, window)?, minimum_dscr })
}

impl Weighed {
    /// What is worth knowing, each as a sentence: net worth at the end first, then what it comes from, then what happens on the way.
    #[must_use]
    pub fn takeaways(&self) -> Vec<String> {
        let said = [
            Some(self.at_the_end()),
            self.largest_term(),
            self.least_liquid(),
            self.shortfall(),
            self.in_all("Taxes come", |figures| -figures.change.taxes),
            self.in_all("Interest and fees come", |figures| -figures.change.interest_and_fees),
            self.coverage(),
            self.debt_free(),
        ];
        said.into_iter().flatten().collect()
    }

    fn at_the_end(&self) -> String {
        let (base, decided) = (self.base.figures.final_net_worth, self.decided.figures.final_net_worth);
        let by = match self.difference.total {
            total if total.is_positive() => format!("{} higher than without the decision", total.grouped()),
            total if total.is_negative() => format!("{} lower than without the decision", total.abs().grouped()),
            _ => "the same as without the decision".to_owned(),
        };
        format!("After {} months, net worth is {by}: {} instead of {}", self.window.months, decided.grouped(), base.grouped())
    }

    fn largest_term(&self) -> Option<String> {
        let (term, part) = self.difference.terms.iter().max_by_key(|(_, part)| part.amount.abs())?;
        let direction = if part.amount.is_negative() { "lowers" } else { "raises" };
        (!part.amount.is_zero())
            .then(|| format!("The largest part of that is {}, which {direction} net worth by {}", said(*term), part.amount.abs().grouped()))
    }

    fn least_liquid(&self) -> Option<String> {
        let ((base, base_day), (decided, day)) = (self.base.figures.minimum_liquid_assets, self.decided.figures.minimum_liquid_assets);
        (base != decided).then(|| {
            format!(
                "Cash and investments are lowest in {}, at {}; without the decision in {}, at {}",
                Month::of(day),
                decided.grouped(),
                Month::of(base_day),
                base.grouped()
            )
        })
    }

    fn shortfall(&self) -> Option<String> {
        match (self.base.figures.first_shortfall, self.decided.figures.first_shortfall) {
            (None, None) => None,
            (None, Some((day, by))) => {
                Some(format!("Money runs short in {}, by {}; without the decision it does not", Month::of(day), by.grouped()))
            }
            (Some((day, _)), None) => Some(format!("Money no longer runs short; without the decision it does in {}", Month::of(day))),
            (Some((before, _)), Some((day, by))) => {
                Some(format!("Money runs short in {}, by {}; without the decision in {}", Month::of(day), by.grouped(), Month::of(before)))
            }
        }
    }

    fn in_all(&self, what: &str, figure: fn(&KeyFigures) -> Money) -> Option<String> {
        let more = figure(&self.decided.figures) - figure(&self.base.figures);
        let direction = if more.is_negative() { "less" } else { "more" };
        (!more.is_zero()).then(|| format!("{what} to {} {direction} over these months", more.abs().grouped()))
    }

    fn coverage(&self) -> Option<String> {
        let times = |dscr: Option<Decimal>| {
            dscr.map_or_else(|| "has nothing to cover".to_owned(), |dscr| format!("covers debt payments {dscr} times"))
        };
        let (base, decided) = (self.base.minimum_dscr, self.decided.minimum_dscr);
        (base != decided).then(|| format!("In the worst month, income {}; without the decision it {}", times(decided), times(base)))
    }

    fn debt_free(&self) -> Option<String> {
        let (base, decided) = (&self.base.figures, &self.decided.figures);
        match (base.debt_free_month, decided.debt_free_month) {
            (before, after) if before == after => None,
            (Some(before), Some(after)) => Some(format!("The last debt is gone in {after}; without the decision in {before}")),
            (None, Some(after)) => Some(format!(
                "The last debt is gone in {after}; without the decision {} is still owed at the end",
                base.final_liabilities.grouped()
            )),
            (_, None) => {
                Some(format!("At the end, {} is still owed; without the decision nothing is", decided.final_liabilities.grouped()))
            }
        }
    }
}

const fn said(term: Term) -> &'static str {
    match term {
        Term::Income => "income",
        Term::Taxes => "taxes",
        Term::Spending => "spending",
        Term::InvestmentGrowth => "the growth of investments",
        Term::Appreciation => "the growth of property",
        Term::InterestAndFees => "interest and fees",
        Term::OneOff => "what happens once",
    }
}

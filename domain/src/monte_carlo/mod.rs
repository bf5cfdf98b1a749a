//! Uncertainty: the same plan in many worlds (Monte Carlo), and in each that there has been (backtest).
//!
//! The exact engine takes a millisecond for thirty years, ten thousand paths would take it ten seconds. So it is run three times, and
//! what it did is replayed in floats: `record` watches a run, `script` makes of the runs what a path needs, `market` makes worlds,
//! `kernel` plays one path, `run` plays many. Where the world is as the plan assumes, a path is the engine's run to the cent.
//!
//! **Exact** in every path: growth by the path's own return (accounts with a growth of their own keep their ratio to the assumed
//! return, property without an appreciation of its own follows prices); whatever inflates or rises with wages, at each anniversary; who
//! pays when cash runs short, in the plan's order; required distributions; gains by average cost; interest on cash and overdraft. Changes
//! act on what a path has: a crash takes its part, a sale sells all, a price or a value that is said is that one.
//!
//! **First order**: taxes. Withheld tax, contributions at a limit, and each year's return answer to prices and wages along the slope that
//! the engine shows for one percentage point; distributions, gains and interest that differ from the recorded ones are taxed at that year's
//! marginal rates, in April. A return far from the recorded one is in another bracket, and its path pays somewhat too little or too much. A
//! debt that differs from the recorded one (charges on a card that inflate) is paid back in proportion, and a last payment pays all.
//!
//! **Not**: rates of debts and of cash do not move with the world; taxes on early withdrawals of a Roth account's earnings, and on more
//! of a home's gain than was recorded; mortality.
//!
//! **Goals** (`goals`) are met on a path as [`crate::goals`] would say of its rows.
//!
//! A path's stream of random numbers depends on seed and path alone, and its floats on nothing but IEEE 754 (`numeric`): the answer is the
//! same on every machine, and on any number of threads.
#![expect(
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "ten thousand paths in a second: floats in cents, below 2⁵³; every index is made by `record` and `script` for these very lists"
)]

mod backtest;
mod goals;
mod kernel;
mod market;
mod numeric;
mod record;
mod run;
mod script;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

pub use self::backtest::{Backtest, StartYear, WorstMonth, backtest};
pub use self::goals::Target;
use self::market::Market;
pub use self::market::{Correlation, Mix, Volatility, measured};
use self::run::Five;
pub use self::run::PERCENTILES;
use self::script::Script;
use crate::history::History;
use crate::money::Money;
use crate::projection::{Plan, ProjectionError};
use crate::rate::Rate;
use crate::tax::TaxTables;

/// Paths where nothing is said.
pub const USUAL_PATHS: u32 = 1_000;
/// The most paths.
pub const MOST_PATHS: u32 = 100_000;

/// Where a path's months come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Method {
    /// Independent months about what the plan assumes.
    Lognormal {
        /// Standard deviations of a year.
        volatility: Volatility,
        /// Between the three.
        correlation: Correlation,
    },
    /// Whole years of the past, drawn with replacement.
    Bootstrap {
        /// What the investments hold.
        allocation: Mix,
    },
}

/// What to play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// How many paths, 1 … [`MOST_PATHS`].
    pub paths: u32,
    /// The same seed gives the same answer.
    pub seed: u64,
    /// How months are made.
    pub method: Method,
    /// What every path is asked.
    pub goals: Vec<Target>,
}

/// What a simulation comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// By month.
    pub net_worth: Bands,
    /// By month.
    pub liquid_assets: Bands,
    /// The part of the paths in which the overdraft is never owed at the end of a month.
    pub probability_never_short: Rate,
    /// By goal: the part of the paths that reach it.
    pub goals: Vec<Rate>,
}

/// A list by month for each of [`PERCENTILES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bands(pub [Vec<Money>; PERCENTILES.len()]);

impl Bands {
    fn of(months: &[Five]) -> Self {
        let mut place = 0;
        Self([(); PERCENTILES.len()].map(|()| {
            place += 1;
            months.iter().map(|five| Money::from_cents(five[place - 1])).collect()
        }))
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// The plan cannot be projected.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// Whoever was told the progress did not want it any more.
    #[error("it was broken off")]
    BrokenOff,
}

/// Plays a plan in many worlds. `progress` is told percents, before each twentieth of a second or so of work, and may break it off.
///
/// # Errors
/// [`SimulationError`].
pub fn simulate(
    plan: &Plan,
    tables: &TaxTables,
    history: &History,
    simulation: &Simulation,
    threads: NonZeroUsize,
    progress: &mut dyn FnMut(u8) -> ControlFlow<()>,
) -> Result<Outcome, SimulationError> {
    let script = Script::of(plan, tables)?;
    let market = match &simulation.method {
        Method::Lognormal { volatility, correlation } => Market::lognormal(&plan.assumptions, volatility, correlation),
        Method::Bootstrap { allocation } => Market::Bootstrap(Market::years(&plan.assumptions, history, allocation)),
    };
    let paths = simulation.paths.max(1) as usize;
    let tally =
        run::play(&script, &market, (simulation.seed, paths), &simulation.goals, threads, progress).ok_or(SimulationError::BrokenOff)?;
    Ok(Outcome {
        net_worth: Bands::of(&tally.net_worth),
        liquid_assets: Bands::of(&tally.liquid_assets),
        probability_never_short: part(tally.never_short, paths),
        goals: tally.reached.iter().map(|reached| part(*reached, paths)).collect(),
    })
}

/// A part of a whole, to six decimals: a path in 100,000 shows.
fn part(count: usize, whole: usize) -> Rate {
    let millionths = (count * 1_000_000 + whole / 2) / whole.max(1);
    Rate::new(rust_decimal::Decimal::new(i64::try_from(millionths).unwrap_or(0), 6))
}

//! The backtest: a path for every year of the history in which a household could have begun.

use serde::{Deserialize, Serialize};

use super::kernel::Path;
use super::market::{Market, Mix};
use super::part;
use super::script::Script;
use crate::history::History;
use crate::money::Money;
use crate::projection::{Plan, ProjectionError};
use crate::rate::Rate;
use crate::tax::TaxTables;

/// What would have become of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Backtest {
    /// By the year in which it begins.
    pub start_years: Vec<StartYear>,
    /// The part of them in which it never runs short.
    pub success_rate: Rate,
    /// The same, of those whose months all lie in the table; absent where it is too short for any.
    pub success_rate_without_wrapping: Option<Rate>,
    /// The year with which least is left: the first one to run short, then the least final net worth.
    pub worst_start_year: i32,
}

/// A plan that begins in a year of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartYear {
    /// The past year of the plan's first twelve months.
    pub year: i32,
    /// Net worth at the end of the last month.
    pub final_net_worth: Money,
    /// The month with the least net worth.
    pub worst_month: WorstMonth,
    /// Whether the overdraft is never owed at the end of a month.
    pub never_short: bool,
    /// The first month in which it is.
    pub short_in_month: Option<u16>,
    /// Whether the table ends before the plan: its first year then follows its last.
    pub wraps: bool,
}

/// A month, and what there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorstMonth {
    /// From 1.
    pub month_number: u16,
    /// At its end.
    pub net_worth: Money,
}

/// Plays a plan from every year of the history on.
///
/// # Errors
/// As [`crate::projection::project`].
pub fn backtest(plan: &Plan, tables: &TaxTables, history: &History, mix: &Mix) -> Result<Backtest, ProjectionError> {
    let script = Script::of(plan, tables)?;
    let years = history.years();
    let market = Market::InOrder(Market::years(&plan.assumptions, history, mix));
    let needed = usize::from(plan.months).div_ceil(12);
    let start_years: Vec<StartYear> =
        years.iter().enumerate().map(|(place, year)| began(&script, &market, (place, year.year), place + needed > years.len())).collect();
    let rate = |of: &dyn Fn(&&StartYear) -> bool| {
        let asked = || start_years.iter().filter(of);
        (asked().count() > 0).then(|| part(asked().filter(|start| start.never_short).count(), asked().count()))
    };
    let worst = start_years.iter().min_by_key(|start| (start.short_in_month.unwrap_or(u16::MAX), start.final_net_worth, start.year));
    Ok(Backtest {
        success_rate: rate(&|_| true).unwrap_or_default(),
        success_rate_without_wrapping: rate(&|start| !start.wraps),
        worst_start_year: worst.map_or(0, |start| start.year),
        start_years,
    })
}

fn began(script: &Script, market: &Market, (place, year): (usize, i32), wraps: bool) -> StartYear {
    let mut path = Path::new(script, 0, place, &[]);
    let closes = (1_u16..).zip(&script.months).map(|(number, _)| (number, path.step(script, market, &[])));
    let closes: Vec<_> = closes.collect();
    let worst = closes.iter().min_by_key(|(number, close)| (close.net_worth, *number));
    let short_in_month = path.short_in.and_then(|month| u16::try_from(month).ok());
    StartYear {
        year,
        final_net_worth: Money::from_cents(closes.last().map_or(0, |(_, close)| close.net_worth)),
        worst_month: WorstMonth {
            month_number: worst.map_or(0, |(number, _)| *number),
            net_worth: Money::from_cents(worst.map_or(0, |(_, close)| close.net_worth)),
        },
        never_short: short_in_month.is_none(),
        short_in_month,
        wraps,
    }
}

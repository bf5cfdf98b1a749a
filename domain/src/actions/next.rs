//! Which actions are offered, and in which order.
//!
//! A figure that is worrying today gets the actions that better it within a year, best first: by how much of what the figure lacks they
//! bring (more than enough is no better than enough), then by what they do to net worth, then in the order of their list.

use std::cmp::Reverse;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use uuid::Uuid;

use super::candidate::ActionKind;
use super::measure::Measured;
use crate::calendar::Date;
use crate::household::command::NewChange;
use crate::household::whatif::hypothetical;
use crate::household::{Household, in_words, usual_day};
use crate::ids::{ChangeId, ScenarioId};
use crate::metrics::{self, Level, Metrics, Ratio, ThresholdMetric};
use crate::money::Money;
use crate::projection::{Plan, ProjectionError};
use crate::tax::TaxTables;
use crate::templates::Figures;

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Whose figures.
    pub home: &'a Household,
    /// What the actions are laid over.
    pub scenario: ScenarioId,
    /// Its plan.
    pub plan: &'a Plan,
    /// The household's day.
    pub today: Date,
    /// The law.
    pub tables: &'a TaxTables,
}

/// A figure, and what could be done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// Which figure.
    pub metric: ThresholdMetric,
    /// Today's.
    pub value: Ratio,
    /// How worrying that is; none where it cannot be judged.
    pub level: Option<Level>,
    /// What could be done, the best first; nothing where nothing has to be, or nothing would better it.
    pub actions: Vec<Action>,
}

/// Something that could be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What.
    pub kind: ActionKind,
    /// As a change.
    pub change: NewChange,
    /// As a sentence.
    pub sentence: String,
    /// What it comes to within a year.
    pub effect: Effect,
}

/// What an action comes to at the end of a year, against doing nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ActionEffect))]
pub struct Effect {
    /// The figure that it is about.
    pub figure: Shift,
    /// Which part of what the figure lacks it brings, 0 … 1 with four decimals; null where the figure lacks nothing by then.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "0.4120"))]
    pub gap_closed: Option<Decimal>,
    /// Of net worth.
    pub net_worth_change: Money,
    /// Of what is left in the year's last month.
    pub monthly_cash_flow_change: Money,
    /// The other figures that it changes.
    pub others: Vec<Shift>,
}

/// A figure at the end of a year, without an action and with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ActionShift))]
pub struct Shift {
    /// Which.
    pub metric: ThresholdMetric,
    /// Without it, decimal text; null where there is nothing to divide by.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "0.9512"))]
    pub before: Option<Decimal>,
    /// With it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "1.2031"))]
    pub after: Option<Decimal>,
    /// How worrying it is with it; null where it cannot be judged.
    pub level_after: Option<Level>,
}

/// What to do next about one figure, or about all that are worrying.
///
/// # Errors
/// [`ProjectionError`] of the plan; an action that cannot be projected is not offered.
pub fn next(ask: Ask<'_>, wanted: Option<ThresholdMetric>) -> Result<Vec<Situation>, ProjectionError> {
    let metrics = metrics::at(ask.home, ask.today);
    let Some(before) = Measured::of(ask.plan, ask.tables)? else { return Ok(Vec::new()) };
    let asked = ThresholdMetric::ALL.iter().copied().filter(|metric| wanted.is_none_or(|wanted| wanted == *metric));
    let situations = asked.map(|metric| {
        let value = metric.of(&metrics);
        let level = metric.level(value);
        let is_worrying = level.is_some_and(|level| level > Level::Good);
        let actions = if is_worrying { ranked(ask, &metrics, metric, &before) } else { Vec::new() };
        Situation { metric, value, level, actions }
    });
    // Whoever asks for one figure is told about it; else only what is worrying.
    Ok(situations.filter(|situation| wanted.is_some() || situation.level.is_some_and(|level| level > Level::Good)).collect())
}

fn ranked(ask: Ask<'_>, metrics: &Metrics, metric: ThresholdMetric, before: &Measured) -> Vec<Action> {
    let figures = Figures::of(ask.home, ask.today, ask.tables);
    let from = usual_day(ask.home, ask.scenario, ask.today);
    let tried = ActionKind::ALL.iter().filter_map(|kind| {
        let change = kind.change(&figures, metrics, metric, from)?;
        let id = ChangeId(Uuid::new_v5(&Uuid::NAMESPACE_OID, kind.as_str().as_bytes()));
        let planned = hypothetical(ask.home, ask.scenario, vec![(id, change.clone())], ask.today).ok()?;
        let sentence = planned.first().map(|planned| in_words(ask.home, &planned.change))?;
        let after = Measured::of(&ask.plan.with_changes(&planned), ask.tables).ok()??;
        let (worth, effect) = effect(metric, before, &after)?;
        Some((worth, Action { kind: *kind, change, sentence, effect }))
    });
    let mut tried: Vec<(Decimal, Action)> = tried.collect();
    tried.sort_by_key(|(worth, action)| (Reverse(*worth), Reverse(action.effect.net_worth_change), action.kind));
    tried.into_iter().map(|(_, action)| action).collect()
}

/// How much better the figure is, up to what it lacks, and everything beside; none where it is no better.
fn effect(metric: ThresholdMetric, before: &Measured, after: &Measured) -> Option<(Decimal, Effect)> {
    let figure = shift(metric, before, after);
    let (gap, gain) = gap_and_gain(&figure)?;
    if gain <= Decimal::ZERO {
        return None;
    }
    let part = |gap: Decimal| gain.min(gap).checked_div(gap).map(four_places);
    let others = ThresholdMetric::ALL.iter().filter(|other| **other != metric).map(|other| shift(*other, before, after));
    let effect = Effect {
        figure,
        gap_closed: gap.and_then(part),
        net_worth_change: after.net_worth() - before.net_worth(),
        monthly_cash_flow_change: after.net_cash_flow() - before.net_cash_flow(),
        others: others.filter(|shift| shift.before != shift.after).collect(),
    };
    Some((gap.map_or(gain, |gap| gain.min(gap)), effect))
}

/// Cut, so that all of it is said of nothing less.
fn four_places(part: Decimal) -> Decimal {
    let mut cut = part.round_dp_with_strategy(4, RoundingStrategy::ToZero);
    cut.rescale(4);
    cut
}

/// What the figure lacks without the action, if it lacks anything, and by how much the action betters it. None where one of the two cannot
/// be said; a figure that is gone because nothing is owed any more lacks nothing.
fn gap_and_gain(shift: &Shift) -> Option<(Option<Decimal>, Decimal)> {
    let (threshold, before) = (shift.metric.threshold(), shift.before?);
    let better = |from: Decimal, to: Decimal| if threshold.is_least { to.saturating_sub(from) } else { from.saturating_sub(to) };
    let gap = Some(better(before, threshold.warning)).filter(|gap| *gap > Decimal::ZERO);
    let ends_with_debt = match shift.metric {
        ThresholdMetric::Dscr | ThresholdMetric::HighInterestDebtRatio => true,
        ThresholdMetric::LiquidityMonths
        | ThresholdMetric::DaysCashOnHand
        | ThresholdMetric::DtiRatio
        | ThresholdMetric::SavingsRate
        | ThresholdMetric::HousingRatio => false,
    };
    match shift.after {
        Some(after) => Some((gap, better(before, after))),
        None if ends_with_debt => Some((gap, gap.unwrap_or(Decimal::ONE))),
        None => None,
    }
}

fn shift(metric: ThresholdMetric, before: &Measured, after: &Measured) -> Shift {
    let (before, after) = (before.figure(metric), after.figure(metric));
    Shift { metric, before, after, level_after: after.map(|value| metric.threshold().level(value)) }
}

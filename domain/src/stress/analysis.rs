//! How resilient a plan is: a score, the test that hits hardest, and what would mend it.
//!
//! The score: of each test, the part that it reaches of what passing asks for, `min(1, lowest liquidity / 3, lowest coverage / 1.2)`,
//! never below 0, an absent ratio counting as 1; of all tests their mean, times 100, cut after two decimals. So it is 100 if and
//! only if every test passes, and no test can make up for another by being passed with ease.

use std::num::NonZeroUsize;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use super::remedy::{Remedy, RemedyGoal, remedy};
use super::run::{StressRun, run};
use super::verdict::{LowRatio, StressMeasure, StressStatus, Verdict};
use crate::calendar::Date;
use crate::projection::changes::PlannedChange;
use crate::projection::{Plan, ProjectionError};
use crate::tax::TaxTables;

/// Decimals of a score.
const SCORE_PLACES: u32 = 2;

/// What one test contributes to the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressTestScore))]
pub struct TestScore {
    /// 0 … 100, two decimals.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "62.50"))]
    pub score: Decimal,
    /// The figure that holds it down; null where the test passes.
    pub held_down_by: Option<StressMeasure>,
}

/// The lowest point of the hardest test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressWeakestPoint))]
pub struct WeakestPoint {
    /// The place of the test among those that were run, from 0.
    #[serde(skip)]
    pub test: usize,
    /// Which figure is furthest below what passing asks for.
    pub metric: StressMeasure,
    /// The lowest that it comes to, decimal text.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.7412"))]
    pub value: Decimal,
    /// What passing asks for, decimal text.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1.2"))]
    pub limit: Decimal,
    /// The first month in which it is so low.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
}

/// What tests say about a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysis {
    /// The tests, and the plan without them.
    pub run: StressRun,
    /// 0 … 100, two decimals.
    pub resilience_score: Decimal,
    /// Of each test, in their order.
    pub scores: Vec<TestScore>,
    /// None where every test passes.
    pub weakest_point: Option<WeakestPoint>,
    /// So that no test fails; so that every test passes.
    pub remedies: [Remedy; 2],
}

/// Analyses a plan under tests.
///
/// # Errors
/// As of [`run`].
pub fn analyze(plan: &Plan, tests: &[Vec<PlannedChange>], tables: &TaxTables, threads: NonZeroUsize) -> Result<Analysis, ProjectionError> {
    let run = run(plan, tests, tables, threads)?;
    let reached: Vec<Reached> = run.outcomes.iter().map(|outcome| Reached::of(&outcome.course.verdict)).collect();
    let sum = reached.iter().fold(Decimal::ZERO, |sum, reached| sum.saturating_add(reached.part));
    let mean = sum.checked_div(Decimal::from(reached.len())).unwrap_or(Decimal::ONE);
    // The hardest first: what mends that one mends most of the others.
    let mut hardest_first: Vec<(usize, Reached)> = reached.iter().copied().enumerate().collect();
    hardest_first.sort_by_key(|(place, reached)| (reached.part, *place));
    let weakest_point = hardest_first.first().and_then(|(place, reached)| reached.weakest_point(*place));
    let ordered: Vec<&[PlannedChange]> = hardest_first.iter().filter_map(|(place, _)| tests.get(*place)).map(Vec::as_slice).collect();
    let mend = |goal| remedy(plan, &ordered, tables, goal);
    Ok(Analysis {
        resilience_score: percent(mean),
        scores: reached.iter().map(Reached::score).collect(),
        weakest_point,
        remedies: [mend(RemedyGoal::NoTestFails)?, mend(RemedyGoal::EveryTestPasses)?],
        run,
    })
}

/// The part that a test reaches of what passing asks for.
#[derive(Clone, Copy)]
struct Reached {
    /// 0 … 1.
    part: Decimal,
    /// What holds it below 1.
    by: Option<(StressMeasure, LowRatio)>,
}

impl Reached {
    fn of(verdict: &Verdict) -> Self {
        let low = |measure| match measure {
            StressMeasure::LiquidityMonths => verdict.minima.liquidity_months,
            StressMeasure::Dscr => verdict.minima.dscr,
        };
        let parts = StressMeasure::ALL.iter().filter_map(|measure| {
            let low = low(*measure)?;
            let part = low.value.checked_div(measure.limit(StressStatus::Warning)).unwrap_or_default().max(Decimal::ZERO);
            (part < Decimal::ONE).then_some((part, (*measure, low)))
        });
        let lowest = parts.min_by_key(|(part, _)| *part);
        lowest.map_or(Self { part: Decimal::ONE, by: None }, |(part, by)| Self { part, by: Some(by) })
    }

    fn score(&self) -> TestScore {
        TestScore { score: percent(self.part), held_down_by: self.by.map(|(measure, _)| measure) }
    }

    fn weakest_point(self, test: usize) -> Option<WeakestPoint> {
        let (metric, LowRatio { value, month_number, date }) = self.by?;
        Some(WeakestPoint { test, metric, value, limit: metric.limit(StressStatus::Warning), month_number, date })
    }
}

/// A part of 1, times 100: cut and not rounded, so that 100.00 is said of nothing less.
fn percent(part: Decimal) -> Decimal {
    let mut percent = part.saturating_mul(Decimal::ONE_HUNDRED).round_dp_with_strategy(SCORE_PLACES, RoundingStrategy::ToZero);
    percent.rescale(SCORE_PLACES);
    percent
}

//! Tests beside the plan without them. Each is a projection of its own, so they share the cores; what comes out does not depend on how
//! many there are.

use std::num::NonZeroUsize;

use rust_decimal::Decimal;
use serde::Serialize;

use super::verdict::{Point, StressStatus, Verdict, points};
use crate::calendar::Date;
use crate::money::Money;
use crate::projection::changes::PlannedChange;
use crate::projection::{Plan, Projection, ProjectionError, Row, project};
use crate::ratio::ratio;
use crate::tax::TaxTables;

/// How far a test puts a plan behind, at its worst, against the plan without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressDrawdown))]
pub struct Drawdown {
    /// By how much: the baseline's figure less the stressed one.
    pub amount: Money,
    /// Which part of the baseline's figure that is, decimal text; null where that is nothing or less.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "0.2150"))]
    pub fraction: Option<Decimal>,
    /// The first month in which it is so much.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
}

/// A projection judged, with its series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressCourse))]
pub struct Course {
    /// What it comes to.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Month by month.
    pub series: Vec<Point>,
}

/// What a test comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressOutcome))]
pub struct Outcome {
    /// Whether the plan passes without the test: what fails already is no fault of the test.
    pub baseline_status: StressStatus,
    /// The most that net worth is behind the baseline's; null where it never is.
    pub maximum_drawdown: Option<Drawdown>,
    /// The most that cash and investments are behind the baseline's; null where they never are.
    pub maximum_liquid_drawdown: Option<Drawdown>,
    /// The plan under the test.
    #[serde(flatten)]
    pub course: Course,
}

/// Tests of one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StressRun {
    /// The plan without any test.
    pub baseline: Course,
    /// The tests, in the order in which they were asked for.
    pub outcomes: Vec<Outcome>,
}

/// Runs tests of a plan on so many threads; with one, on the caller's.
///
/// # Errors
/// [`ProjectionError`] of the plan without a test, or else of the first test that has one.
pub fn run(plan: &Plan, tests: &[Vec<PlannedChange>], tables: &TaxTables, threads: NonZeroUsize) -> Result<StressRun, ProjectionError> {
    let mut projections = projected(plan, tests, tables, threads).into_iter();
    // The plan without a test comes first: see `projected`.
    let baseline = projections.next().unwrap_or_else(|| project(plan, tables))?;
    let course = Course::of(&baseline);
    let outcomes = projections.map(|stressed| Ok(Outcome::of(&baseline, course.verdict.status, &stressed?)));
    let outcomes = outcomes.collect::<Result<_, ProjectionError>>()?;
    Ok(StressRun { baseline: course, outcomes })
}

impl Course {
    fn of(projection: &Projection) -> Self {
        Self { verdict: Verdict::of(projection), series: points(projection) }
    }
}

impl Outcome {
    fn of(baseline: &Projection, baseline_status: StressStatus, stressed: &Projection) -> Self {
        let drawdown = |figure: fn(&Row) -> Money| drawdown(&baseline.months, &stressed.months, figure);
        Self {
            baseline_status,
            maximum_drawdown: drawdown(|row| row.net_worth),
            maximum_liquid_drawdown: drawdown(|row| row.liquid_assets),
            course: Course::of(stressed),
        }
    }
}

/// The first of the months in which the figure is furthest behind.
fn drawdown(baseline: &[Row], stressed: &[Row], figure: impl Fn(&Row) -> Money) -> Option<Drawdown> {
    let behind = baseline.iter().zip(stressed).map(|(was, is)| (figure(was) - figure(is), figure(was), is));
    let deepest = behind.filter(|(amount, ..)| amount.is_positive()).max_by_key(|(amount, _, row)| (*amount, u16::MAX - row.month_number));
    deepest.map(|(amount, was, row)| Drawdown { amount, fraction: ratio(amount, 1, was), month_number: row.month_number, date: row.date })
}

/// The plan without a test, then under each.
fn projected(
    plan: &Plan,
    tests: &[Vec<PlannedChange>],
    tables: &TaxTables,
    threads: NonZeroUsize,
) -> Vec<Result<Projection, ProjectionError>> {
    let one = |test: Option<&Vec<PlannedChange>>| match test {
        None => project(plan, tables),
        Some(changes) => project(&plan.with_changes(changes), tables),
    };
    let all: Vec<Option<&Vec<PlannedChange>>> = std::iter::once(None).chain(tests.iter().map(Some)).collect();
    let threads = threads.get().min(all.len());
    if threads == 1 {
        return all.into_iter().map(one).collect();
    }
    // A thread takes every n-th, so that none gets all the long ones; their places put them into their order again.
    let share = |thread: usize| all.iter().copied().enumerate().skip(thread).step_by(threads).map(|(place, test)| (place, one(test)));
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || share(thread).collect::<Vec<_>>())).collect();
        let mut done: Vec<_> = share(0).collect();
        for other in others {
            // A panic of the engine is the caller's, as it would be on one thread.
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, projection)| projection).collect()
}

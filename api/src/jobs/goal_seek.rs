//! Goal seek: which value of a number of a change reaches a goal.
//!
//! A solution is the result of a job, also where its request waited for it: it outlives the process, is bound to the household's version,
//! can be read at `/jobs/{id}`, and is kept for a day at least. Why not an event: a question that was answered is no fact about the
//! household; it would raise the version with every pull at a slider, and make every forecast stale that it was computed from. What is
//! made of a solution, a scenario, is an event.

use domain::calendar::{Date, Instant};
use domain::goals::question::{self, Order, Question};
use domain::goals::seek::{MOST_PROJECTIONS, Prefer};
use domain::goals::solve::{SolveError, solve};
use domain::goals::{Evaluation, Goal};
use domain::household::{Household, HouseholdError, in_words};
use domain::ids::{ChangeId, GoalId, HouseholdId, ScenarioId};
use domain::projection::changes::{ChangeType, ScenarioChange, Source};
use domain::tax::TaxTables;
use domain::text::Name;
use projections::forecasts::{NoForecast, PlannedScenario, guarded, start_month};
use projections::jobs::{Claimed, Interrupted, JobId, JobResult, Progress, Unfinished};
use projections::store::{Asker, Known, Store, Version};
use projections::track::Stage;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

use super::failure;
use crate::clock;
use crate::problem::Problem;
use crate::routes::{GoalStatusView, goal_status_of};

/// What is sought, and over how many months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalSeek {
    /// 1 … 600.
    pub months: u16,
    /// What is sought.
    #[serde(flatten)]
    pub order: Order,
}

/// A value that reaches a goal, or the nearest to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SolutionView {
    /// To apply it; the id of its job.
    #[schema(value_type = uuid::Uuid)]
    solution_id: JobId,
    /// Which goal.
    goal_id: GoalId,
    /// Over which scenario.
    scenario_id: ScenarioId,
    /// Whose state it was computed of.
    household_version: Version,
    /// Month 1 of the projections.
    start_month: String,
    /// How many months they have.
    months: u16,
    /// Which number of the change was sought.
    parameter: String,
    /// Its value, as text: an amount, a fraction, or a whole number, as the parameter is.
    #[schema(example = "833.34")]
    value: String,
    /// The goal is reached there; else it is reached nowhere that was looked at, and this is the nearest miss.
    reached: bool,
    /// Why it is not reached, and what there is at the nearest miss; null where it is reached.
    reason: Option<String>,
    /// The value is the least of those that reach the goal, or the greatest.
    prefer: Prefer,
    /// Projections that the search took, 40 at most.
    projections: u32,
    /// False where the response turned round among the values that were looked at: then another value may reach the goal, too.
    monotone: bool,
    /// Where was searched.
    bracket: BracketView,
    /// The goal at the minimum.
    at_minimum: GoalStatusView,
    /// The goal at the maximum.
    at_maximum: GoalStatusView,
    /// The goal at the value.
    goal_status: GoalStatusView,
    /// The change with the value.
    change: SoughtChangeView,
}

/// Where was searched.
#[derive(Debug, Serialize, ToSchema)]
pub struct BracketView {
    /// From there.
    minimum: String,
    /// To there.
    maximum: String,
    /// So finely.
    step: String,
    /// The value next to the answer at which the goal is missed; null where the answer is a bound, or misses itself.
    missed_at: Option<String>,
}

/// What a solution changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoughtChangeView {
    /// The change of the scenario whose number it is; null for a new one.
    change_id: Option<ChangeId>,
    /// What it does.
    change_type: ChangeType,
    /// What it is called.
    name: Name,
    /// From this day on.
    effective_date: Date,
    /// To this day.
    end_date: Option<Date>,
    /// What it is about.
    source: Option<Source>,
    /// As the type has them.
    #[schema(value_type = Object)]
    parameters: Value,
    /// As a sentence.
    line: String,
}

/// What of a stored solution is needed to make a scenario of it.
#[derive(Debug, Deserialize)]
pub struct KeptSolution {
    /// As text.
    pub value: Decimal,
    /// Of which version.
    pub household_version: Version,
    /// Over how many months.
    pub months: u16,
    /// Whether it reaches the goal.
    pub reached: bool,
    /// What it does.
    pub change: KeptChange,
}

/// A part of it.
#[derive(Debug, Deserialize)]
pub struct KeptChange {
    /// As a sentence.
    pub line: String,
}

/// A question that makes sense, and what it is about.
pub struct Prepared {
    /// What is sought.
    pub seek: GoalSeek,
    planned: PlannedScenario,
    goal: Goal,
    version: Version,
    today: Date,
}

/// Why a search ended without an answer.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Solve(#[from] SolveError),
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl Prepared {
    /// Looks at a question. `months`: as asked; else as long as the goal needs.
    ///
    /// # Errors
    /// 404 for the goal; 422 for everything else, by field.
    pub async fn of(store: &Store, whose: (HouseholdId, &Arc<Known>), question: Question, months: Option<u16>) -> Result<Self, Problem> {
        let (now, home) = (clock::now(), &whose.1.household);
        question::goal(home, question.goal_id)?;
        let unknown = || Problem::invalid("scenario_id", "unknown_scenario", "is not a scenario of this household");
        let scenario = home.scenarios.get(&question.scenario_id).ok_or_else(unknown)?;
        let goal = question::goal(home, question.goal_id)?;
        let start = start_month(home, question.scenario_id, now);
        let months = months.unwrap_or_else(|| question::months(home, goal, scenario.projection_months, start));
        let planned = store.scenario_plan(whose.0, whose.1, question.scenario_id, Some(months), now).await?;
        let today = today(home, now);
        let order = guarded(|| Ok(question::order(home, &planned.plan, store.tables(), question, today)))??;
        Ok(Self { goal: goal.clone(), seek: GoalSeek { months, order }, planned, version: whose.1.version, today })
    }

    /// Searches, here and now. `look` is called before each projection.
    fn search(&self, id: JobId, tables: &TaxTables, look: impl FnMut(u32) -> Result<(), Interrupted>) -> Result<SolutionView, Fault> {
        let (order, home, mut look) = (&self.seek.order, &self.planned.household, look);
        let look = |looks| look(looks).map_err(Ended::from);
        let solution = guarded(|| Ok(solve::<Ended>(home, &self.goal, &self.planned.plan, tables, (order, self.today), look)));
        let solution = solution.map_err(Fault::Forecast)?.map_err(Fault::Ended)?;
        Ok(self.shown(id, solution.found, &solution.change))
    }

    fn shown(&self, id: JobId, found: domain::goals::seek::Found<Evaluation>, change: &ScenarioChange) -> SolutionView {
        let (order, number) = (&self.seek.order, self.seek.order.number());
        let status = |evaluation: Evaluation| goal_status_of(order.goal_id, &self.goal, evaluation);
        let written = |value: Decimal| number.written(value);
        let bracket = BracketView {
            minimum: written(order.minimum),
            maximum: written(order.maximum),
            step: written(order.step),
            missed_at: found.missed_at.map(written),
        };
        let reason = (!found.is_reached).then(|| {
            let (minimum, maximum, said) = (&bracket.minimum, &bracket.maximum, &found.at_value.recommendation);
            format!(
                "No {} from {minimum} to {maximum} that was looked at reaches it; nearest is {}. {said}",
                order.parameter,
                written(found.value)
            )
        });
        let kind = serde_json::to_value(change.kind).unwrap_or_default();
        SolutionView {
            solution_id: id,
            goal_id: order.goal_id,
            scenario_id: order.scenario_id,
            household_version: self.version,
            start_month: self.planned.plan.start.to_string(),
            months: self.seek.months,
            parameter: order.parameter.clone(),
            value: written(found.value),
            reached: found.is_reached,
            reason,
            prefer: found.prefer,
            projections: found.projections,
            monotone: found.is_monotone,
            bracket,
            at_minimum: status(found.at_minimum),
            at_maximum: status(found.at_maximum),
            goal_status: status(found.at_value),
            change: SoughtChangeView {
                change_id: order.in_place_of,
                change_type: change.kind.change_type(),
                name: change.name.clone(),
                effective_date: change.effective_date,
                end_date: change.end_date,
                source: change.source,
                parameters: kind.get("parameters").cloned().unwrap_or_default(),
                line: in_words(&self.planned.household, change),
            },
        }
    }

    /// Searches, on a thread of its own: forty projections of 600 months take longer than others should wait behind them.
    ///
    /// # Errors
    /// 422 where a plan cannot be projected.
    pub async fn solved(self, id: JobId, tables: &'static TaxTables) -> Result<SolutionView, Problem> {
        let searched = tokio::task::spawn_blocking(move || self.search(id, tables, |_| Ok(()))).await;
        searched.map_err(|error| Problem::internal_at(Stage::Project, &error))?.map_err(Problem::from)
    }
}

impl SolutionView {
    /// As it is kept.
    #[must_use]
    pub fn result(&self) -> JobResult {
        // Plain data always serialises.
        JobResult { media_type: JobResult::JSON, text: serde_json::to_string(self).unwrap_or_default() }
    }
}

/// Today, where the household lives.
#[must_use]
pub fn today(home: &Household, now: Instant) -> Date {
    home.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default().date_at(now)
}

/// Why there is no solution.
enum Fault {
    Forecast(NoForecast),
    Ended(Ended),
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Forecast(error) => error.into(),
            Fault::Ended(Ended::Solve(SolveError::Household(error))) => error.into(),
            Fault::Ended(Ended::Solve(error @ (SolveError::Projection { .. } | SolveError::NoMonth))) => {
                Self::unprocessable("not-projectable", error.to_string())
            }
            Fault::Ended(error @ (Ended::Solve(SolveError::Value { .. } | SolveError::Bounds(_)) | Ended::Interrupted(_))) => {
                Self::internal_at(Stage::Project, &error)
            }
        }
    }
}

impl From<Fault> for Unfinished {
    fn from(fault: Fault) -> Self {
        let refused = |message: String| Self::Refused { stage: Stage::Project, message };
        match fault {
            Fault::Forecast(error) => failure::forecast(error.into()),
            Fault::Ended(Ended::Interrupted(reason)) => reason.into(),
            Fault::Ended(Ended::Solve(error @ (SolveError::Household(_) | SolveError::Projection { .. } | SolveError::NoMonth))) => {
                refused(error.to_string())
            }
            Fault::Ended(Ended::Solve(error @ (SolveError::Value { .. } | SolveError::Bounds(_)))) => Self::fault(Stage::Project, error),
        }
    }
}

/// As a job: of the household as it is when the job runs.
pub(super) async fn run(store: &Store, job: &Claimed, progress: &Progress, seek: GoalSeek) -> Result<JobResult, Unfinished> {
    let asker = Asker { user_id: job.origin.requested_by, household_id: Some(job.key.household_id) };
    progress.step(Stage::Load, 0)?;
    let gate = store.gate(asker, None).await.map_err(|error| failure::store(Stage::Load, error))?;
    let gate = gate.ok_or_else(|| failure::no_access(Stage::Load))?;
    let known = store.load(gate.household_id, gate.head).await.map_err(|error| failure::store(Stage::Load, error))?;
    let (now, scenario_id, months) = (clock::now(), seek.order.scenario_id, Some(seek.months));
    let refused = |error: HouseholdError| Unfinished::Refused { stage: Stage::Project, message: error.to_string() };
    let goal = question::goal(&known.household, seek.order.goal_id).map_err(refused)?.clone();
    let planned = store.scenario_plan(gate.household_id, &known, scenario_id, months, now).await.map_err(failure::forecast)?;
    let prepared = Prepared { seek, planned, goal, version: known.version, today: today(&known.household, now) };
    let look = |looks: u32| {
        let percent = looks.saturating_mul(100).checked_div(MOST_PROJECTIONS).unwrap_or_default();
        progress.step(Stage::Project, u8::try_from(percent).unwrap_or(100))
    };
    Ok(prepared.search(job.key.id, store.tables(), look)?.result())
}

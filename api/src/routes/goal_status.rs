//! How far a household is from what it wants: today, or over a scenario. Measured when it is asked for, of the household at its head.

use domain::calendar::Date;
use domain::goals::{Evaluation, Goal, GoalStatus, GoalType, Now, Unit, Why, in_plan, today};
use domain::household::Household;
use domain::ids::{GoalId, ScenarioId};
use domain::metrics;
use domain::money::Money;
use domain::projection::ENGINE_VERSION;
use domain::projection::payoff::Strategy;
use domain::text::Name;
use projections::forecasts::start_month;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Query, body};
use crate::clock;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Where to measure.
    pub struct StatusQuery {
        /// Over this scenario's projection; today where left out.
        scenario_id: Option<ScenarioId>,
    }
}

/// How far each active goal is.
#[derive(Serialize, ToSchema)]
pub struct GoalsView {
    /// Over which projection; null for today.
    scenario_id: Option<ScenarioId>,
    /// The day of today's figures; of a scenario the last day of its plan.
    as_of_date: Date,
    /// In the order in which they were set.
    items: Vec<GoalStatusView>,
}

/// How far a goal is.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoalStatusView {
    /// Which.
    goal_id: GoalId,
    /// What it is called.
    name: Name,
    /// What is wanted.
    goal_type: GoalType,
    /// The one that matters most.
    is_primary: bool,
    /// What there is, as text; null with a reason.
    value: Option<String>,
    /// What is wanted, as text. Of `retirement_age` the amount that would be enough.
    target: String,
    /// What both are in.
    unit: Unit,
    /// The day for which the value holds: of a scenario that of its worst month, or of the goal's own.
    as_of_date: Date,
    /// 0 … 100, decimal text.
    #[schema(example = "66.66")]
    percentage: String,
    /// By how much the target is exceeded, or, below zero, missed, in the unit; of debts what is still owed on the day, below zero.
    margin: Option<String>,
    /// Good from 80 % on, critical below 50 %.
    status: GoalStatus,
    /// All that is wanted is there.
    is_met: bool,
    /// Why there is no value, or not that of the day that was meant.
    reason: Option<Why>,
    /// What to do, as a sentence.
    recommendation: String,
}

pub fn routes() -> Routes {
    Routes::tagged("goals").get(
        "/api/v1/goals/status",
        status,
        Doc::query("Show how far the goals are").parameters::<StatusQuery>().answers::<GoalsView>().details(
            "Today's figures are those of the metrics. Over a scenario, a figure is that of its worst month, a savings rate that of all months \
             together, net worth that of its day or of the end. Debts count as gone by the part of today's that is paid by the day, today as \
             they are paid now. Retirement: savings against 25 times a year's spending, taxes included; over a scenario in the month in which \
             the age is reached.",
        ),
    )
}

async fn status(request: QueryRequest, query: Query<StatusQuery>) -> Result<Answer, Problem> {
    let (state, now) = (request.state().await?, clock::now());
    let (version, home) = (state.version.unsigned_abs(), &state.value.household);
    let (as_of_date, items) = match query.scenario_id {
        None => {
            let zone = home.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
            let metrics = metrics::at(home, zone.date_at(now));
            let plan = request.store().payoff_plan(state.household_id, &state.value, Strategy::Current, Money::ZERO, now).await?;
            let now = Now { home, metrics: &metrics, payoff: &plan.today };
            (metrics.as_of_date, shown(home, |goal| Some(today(goal, now))))
        }
        Some(scenario) => {
            let start = start_month(home, scenario, now);
            let forecast = request.store().computed(state.household_id, &state.value, scenario, start, None).await?;
            let projection = forecast.projection().map_err(|error| Problem::internal(&error))?;
            let last_day = projection.months.last().map_or_else(|| start.last_day(), |row| row.date);
            (last_day, shown(home, |goal| in_plan(goal, home, &projection)))
        }
    };
    // The turn of a day or of a month changes the figures as an event does.
    let tag = format!("{version}.{as_of_date}.{ENGINE_VERSION}");
    let view = GoalsView { scenario_id: query.scenario_id, as_of_date, items };
    Ok(request.unless_known(Answer::read(version, &view)?.with_etag(tag)))
}

fn shown(home: &Household, evaluate: impl Fn(&Goal) -> Option<Evaluation>) -> Vec<GoalStatusView> {
    let active = home.goals.iter().filter(|(_, goal)| goal.active);
    active.filter_map(|(id, goal)| evaluate(goal).map(|evaluation| view(*id, goal, evaluation))).collect()
}

/// An evaluation of a goal, as it goes out.
#[must_use]
pub fn view(goal_id: GoalId, goal: &Goal, evaluation: Evaluation) -> GoalStatusView {
    GoalStatusView {
        goal_id,
        name: goal.name.clone(),
        goal_type: goal.kind.goal_type(),
        is_primary: goal.is_primary,
        value: evaluation.value.map(|value| value.to_string()),
        target: evaluation.target.to_string(),
        unit: evaluation.unit,
        as_of_date: evaluation.as_of,
        percentage: evaluation.percentage.to_string(),
        margin: evaluation.margin.map(|margin| margin.to_string()),
        status: evaluation.status,
        is_met: evaluation.is_met,
        reason: evaluation.reason,
        recommendation: evaluation.recommendation,
    }
}

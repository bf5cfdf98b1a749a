//! Next actions: what could be done about figures that are worrying, with what it would come to; and a scenario of one of them.

use std::sync::Arc;

use domain::actions::{Action, ActionKind, ActionPlan, Ask, Effect, MEASURED_MONTHS, Situation, next};
use domain::calendar::Date;
use domain::household::command::{AssumptionsPatch, NewScenario};
use domain::household::{Event, Household, HouseholdError, Intent};
use domain::ids::{ChangeId, HouseholdId, ScenarioId};
use domain::metrics::{Level, Ratio, Threshold, ThresholdMetric};
use domain::projection::ENGINE_VERSION;
use domain::text::{Name, Notes};
use projections::forecasts::{NoForecast, guarded};
use projections::read_models::scenarios::{ScenarioChangeRow, ScenarioRow};
use projections::store::{Known, Store};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::life_events::added;
use super::stress_tests::scenario_of;
use super::template_shape::SuggestedView;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Json, Query, body};
use crate::clock;
use crate::command::{CommandRequest, Entered, Made};
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// About which figure.
    pub struct NextQuery {
        /// This one; every one that is worrying where left out.
        metric: Option<ThresholdMetric>,
        /// Laid over this plan; over the baseline where left out.
        scenario_id: Option<ScenarioId>,
    }
}

body! {
    /// Makes a scenario of an action, or adds it to one.
    pub struct ApplyActionBody {
        /// About which figure it was offered.
        metric: ThresholdMetric,
        /// Which one.
        action: ActionKind,
        /// The scenario that gets the change; a new one where left out.
        scenario_id: Option<ScenarioId>,
        /// What the new scenario is called; as the action where left out.
        name: Option<Name>,
    }
    check |told, at| {
        if told.scenario_id.is_some() && told.name.is_some() {
            at.refuse_field("name", "not_allowed_here", "is for a new scenario: say one of scenario_id and name");
        }
    }
}

/// What to do next.
#[derive(Serialize, ToSchema)]
pub struct NextActionsView {
    /// Over which plan.
    scenario_id: ScenarioId,
    /// The day of today's figures.
    as_of_date: Date,
    /// Figures that are worrying, or the one that was asked for.
    items: Vec<SituationView>,
}

/// A figure, and what could be done about it.
#[derive(Serialize, ToSchema)]
pub struct SituationView {
    /// Which figure.
    metric: ThresholdMetric,
    /// Today's, with the reason where there is none.
    value: Ratio,
    /// How worrying it is; null where it cannot be judged.
    status: Option<Level>,
    /// From where on it is worrying.
    threshold: Threshold,
    /// What actions about it are for.
    plan: ActionPlan,
    /// The best first; empty where nothing has to be done, or nothing would better the figure.
    actions: Vec<ActionView>,
}

/// Something that could be done.
#[derive(Serialize, ToSchema)]
pub struct ActionView {
    /// Which.
    action: ActionKind,
    /// Its place, from 1.
    rank: usize,
    /// What it is called.
    title: &'static str,
    /// Where its amount comes from.
    basis: &'static str,
    /// What it does, as a sentence.
    description: String,
    /// As changes of a scenario.
    changes: Vec<SuggestedView>,
    /// What it comes to at the end of a year, against doing nothing.
    effect: Effect,
}

/// What was made of an action.
#[derive(Serialize, ToSchema)]
pub struct AppliedActionView {
    /// The scenario.
    id: ScenarioId,
    /// About which figure.
    metric: ThresholdMetric,
    /// Which action.
    action: ActionKind,
    /// The scenario.
    scenario: ScenarioRow,
    /// The changes that it got.
    changes: Vec<ScenarioChangeRow>,
    /// The same in sentences.
    description: Vec<String>,
    /// What it comes to at the end of a year, as it was measured for this.
    effect: Effect,
}

pub fn routes() -> Routes {
    Routes::tagged("actions")
        .get(
            "/api/v1/actions/next",
            show,
            Doc::query("Say what to do next").parameters::<NextQuery>().answers::<NextActionsView>().details(
                "About each figure that is beyond its threshold: what would better it within a year, best first. Amounts are from the \
                 household's own figures. Each action was projected: `effect` compares the plan's twelfth month with it and without it, by the \
                 definitions of the metrics; the settlement of April is left out of both. Ranked by the part of what the figure lacks, then \
                 by net worth.",
            ),
        )
        .post(
            "/api/v1/actions/apply",
            apply,
            Doc::command("Make a scenario of an action").body::<ApplyActionBody>().creates::<AppliedActionView>().details(
                "Or add it to one. The action as it is offered now: one that is not offered (any more) is 422.",
            ),
        )
}

/// What is offered, and on which day.
struct Offered {
    scenario_id: ScenarioId,
    today: Date,
    situations: Vec<Situation>,
}

async fn offered(
    store: &Store,
    household_id: HouseholdId,
    known: &Arc<Known>,
    scenario: Option<ScenarioId>,
    metric: Option<ThresholdMetric>,
) -> Result<Offered, Problem> {
    let (scenario_id, now) = (scenario_of(&known.household, scenario)?, clock::now());
    let planned = store.scenario_plan(household_id, known, scenario_id, Some(MEASURED_MONTHS), now).await?;
    let zone = planned.household.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
    let today = zone.date_at(now);
    let ask = Ask { home: &planned.household, scenario: scenario_id, plan: &planned.plan, today, tables: store.tables() };
    let situations = guarded(|| next(ask, metric).map_err(NoForecast::from))?;
    Ok(Offered { scenario_id, today, situations })
}

async fn show(request: QueryRequest, query: Query<NextQuery>) -> Result<Answer, Problem> {
    let state = request.state().await?;
    let offered = offered(request.store(), state.household_id, &state.value, query.scenario_id, query.metric).await?;
    let (version, as_of_date) = (state.version.unsigned_abs(), offered.today);
    let view =
        NextActionsView { scenario_id: offered.scenario_id, as_of_date, items: offered.situations.into_iter().map(situation).collect() };
    // The turn of a day or of a month changes the figures as an event does.
    let tag = format!("{version}.{as_of_date}.{ENGINE_VERSION}");
    Ok(request.unless_known(Answer::read(version, &view)?.with_etag(tag)))
}

fn situation(situation: Situation) -> SituationView {
    let Situation { metric, value, level, actions } = situation;
    let ranked = (1..).zip(actions).map(|(rank, Action { kind, change, sentence, effect })| ActionView {
        action: kind,
        rank,
        title: kind.title(),
        basis: kind.basis(),
        description: sentence,
        changes: vec![SuggestedView::from(change)],
        effect,
    });
    let (threshold, plan) = (metric.threshold(), ActionPlan::of(metric));
    SituationView { metric, value, status: level, threshold, plan, actions: ranked.collect() }
}

async fn apply(request: CommandRequest, told: Json<ApplyActionBody>) -> Result<Answer, Problem> {
    let (digest, told) = (told.digest, told.body);
    let gate = match request.enter(digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    if !gate.role.may_write() {
        return Err(HouseholdError::NotAllowed { role: gate.role }.into());
    }
    let known = request.store().load(gate.household_id, gate.head).await?;
    let offered = offered(request.store(), gate.household_id, &known, told.scenario_id, Some(told.metric)).await?;
    let actions = offered.situations.into_iter().flat_map(|situation| situation.actions);
    let Some(action) = actions.into_iter().find(|action| action.kind == told.action) else {
        return Err(Problem::invalid("action", "not_offered", "is not offered about this figure now: see /actions/next"));
    };
    let changes = vec![(ChangeId(Uuid::now_v7()), action.change.clone())];
    let (id, intent) = match told.scenario_id {
        Some(scenario_id) => (scenario_id, Intent::AddScenarioChanges { scenario_id, changes }),
        None => {
            let id = ScenarioId(Uuid::now_v7());
            let name = told.name.map_or_else(|| Name::parse(action.kind.title()), Ok).map_err(|error| Problem::internal(&error))?;
            (id, Intent::CreateScenarioWith { id, scenario: new_scenario(name, &action), changes })
        }
    };
    let made = Made::Created(format!("/api/v1/scenarios/{id}"));
    let view = |home: &Household, events: &[Event]| applied(home, events, id, told.metric, &action);
    request.run(digest, |_| intent, made, view).await
}

fn new_scenario(name: Name, action: &Action) -> NewScenario {
    NewScenario {
        name,
        description: Notes::parse(action.kind.basis()).ok(),
        parent_id: None,
        start_date: None,
        projection_months: None,
        assumptions: AssumptionsPatch::default(),
    }
}

fn applied(home: &Household, events: &[Event], id: ScenarioId, metric: ThresholdMetric, action: &Action) -> Option<AppliedActionView> {
    let (changes, description) = added(home, events, id);
    let scenario = ScenarioRow::of(home, id)?;
    Some(AppliedActionView { id, metric, action: action.kind, scenario, changes, description, effect: action.effect.clone() })
}

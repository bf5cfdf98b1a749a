//! Goal seek: which value of a number reaches a goal, and a scenario of what was found.

use std::time::Instant;

use actix_web::web::Data;
use domain::calendar::Date;
use domain::goals::question::{Asked, NewSought, Question};
use domain::goals::seek::Prefer;
use domain::goals::solve::as_scenario;
use domain::household::{HouseholdError, Intent};
use domain::ids::{ChangeId, GoalId, ScenarioId};
use domain::projection::changes::{ChangeType, Source};
use domain::text::{Name, Notes};
use projections::jobs::{JobId, JobState, Jobs};
use projections::read_models::scenarios::ScenarioRow;
use projections::signals;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change_body::{SourceBody, ToldParameters};
use super::{Doc, JobView, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, body};
use crate::clock;
use crate::command::{CommandRequest, Entered, Made};
use crate::extract::Path;
use crate::jobs::goal_seek::{GoalSeek, KeptSolution, Prepared, SolutionView, today};
use crate::jobs::{Wish, Work, begin, record};
use crate::problem::Problem;

body! {
    /// The change whose number is sought: one of the scenario by its `change_id`, or a new one without that number.
    pub struct SoughtBody {
        /// A change of the scenario itself; then nothing else is said of it.
        change_id: Option<ChangeId>,
        /// What a new one does.
        change_type: Option<ChangeType>,
        /// What it is called; after the goal where left out.
        name: Option<Name>,
        /// It holds from this day on; from the first day of the plan where left out.
        effective_date: Option<Date>,
        /// To this day, included.
        end_date: Option<Date>,
        /// What it is about.
        source: Option<SourceBody>,
        /// As the type has them. The number that is sought may be left out, and is not looked at.
        parameters: Option<ToldParameters>,
    }
    check |told, at| {
        if told.change_id.is_none() && told.change_type.is_none() {
            at.refuse_field("change_type", "missing", "is missing: say it, or the change_id of a change of the scenario");
        }
        let others = [
            ("change_type", told.change_type.is_some()),
            ("name", told.name.is_some()),
            ("effective_date", told.effective_date.is_some()),
            ("end_date", told.end_date.is_some()),
            ("source", told.source.is_some()),
            ("parameters", told.parameters.is_some()),
        ];
        for (field, _) in others.into_iter().filter(|(_, said)| *said && told.change_id.is_some()) {
            at.refuse_field(field, "not_allowed_here", "is the scenario's change's own, whose change_id is said");
        }
    }
}

body! {
    /// Which value of which number reaches the goal?
    pub struct SolveBody {
        /// Over this scenario; the baseline where left out.
        scenario_id: Option<ScenarioId>,
        /// What is changed; what usually helps where left out.
        change: Option<SoughtBody>,
        /// Which number of the change; may be left out where it has only one.
        parameter: Option<String>,
        /// Searched from there, in the parameter's own unit. With a change of one's own it is needed.
        minimum: Option<Decimal>,
        /// Searched to there. With a change of one's own it is needed.
        maximum: Option<Decimal>,
        /// How finely; to the cent, the basis point, the month where left out.
        tolerance: Option<Decimal>,
        /// Of the values that reach the goal the least, or the greatest. Where left out, the one next to those that miss; where both bounds
        /// reach it, the one nearest to nothing.
        prefer: Option<Prefer>,
        /// Months of the projections; the scenario's own, or to the goal's day where that is later, where left out.
        months: Option<Between<1, 600>>,
        /// Answer with a job, and search meanwhile.
        is_async as "async": Option<bool>,
    }
}

body! {
    /// Makes a scenario of a solution.
    pub struct ApplyBody {
        /// What it is called; after the change where left out.
        name: Option<Name>,
        /// What it is for; what it does, as a sentence, where left out.
        description: Option<Notes>,
    }
}

/// A scenario that does what was found.
#[derive(Serialize, ToSchema)]
pub struct AppliedSolutionView {
    #[serde(flatten)]
    scenario: ScenarioRow,
    /// The changes that were made with it.
    change_ids: Vec<ChangeId>,
    /// Of which solution.
    solution_id: Uuid,
    /// The value that was found.
    value: String,
    /// Whether it reached the goal.
    reached: bool,
    /// The household's version that it was found of.
    solved_at_version: i64,
    /// Something has happened since: what was found may come to something else by now. `/goals/status?scenario_id=` says to what.
    household_moved_on: bool,
}

pub fn routes() -> Routes {
    Routes::tagged("goals")
        .post(
            "/api/v1/goals/{id}/solve",
            solve,
            Doc::command("Seek the value that reaches a goal")
                .body::<SolveBody>()
                .answers::<SolutionView>()
                .accepts::<JobView>()
                .details(
                    "Searches a number of a change between two bounds, with at most 40 projections, for the least burdensome value at which the \
                     goal is met over the scenario. Both bounds, the answer and the value next to it are projected, none is guessed; `monotone` \
                     is false where the response was seen to turn round. Where nothing reaches the goal, `reached` is false and the value is \
                     the nearest miss. Bounds may lie 17,179,869,184 steps apart (171,798,691.84 at the cent). Without a `change`: for debts, \
                     `payoff_debt.extra_monthly` on the debt that is gone last, from a cent to what is owed on it; for every other goal \
                     `adjust_total_expenses.amount`, from all of a month's expenses less to 0. Nothing of the household changes; the solution \
                     is a job's result, and is kept as long as one: 24 hours at least.",
                ),
        )
        .post(
            "/api/v1/goal-solutions/{id}/apply",
            apply,
            Doc::command("Make a scenario of a solution").body::<ApplyBody>().creates::<AppliedSolutionView>().details(
                "Of a new change: a scenario that builds on the one that was solved over. Of a change of the scenario: a copy of it with the \
                 value in that change. Where the household has moved on since, the scenario is made all the same, and `household_moved_on` \
                 says so. 409 where what the change is about has gone meanwhile, or the solution's job has not succeeded.",
            ),
        )
}

fn asked(change: Option<SoughtBody>) -> Asked {
    match change {
        None => Asked::Usual,
        Some(SoughtBody { change_id: Some(id), .. }) => Asked::OfScenario(id),
        Some(SoughtBody { change_type: None, .. }) => Asked::Usual, // the body's check lets none through
        Some(SoughtBody { change_type: Some(change_type), name, effective_date, end_date, source, parameters, .. }) => {
            let (source, parameters) = (source.map(Source::from), parameters.map(ToldParameters::into_inner).unwrap_or_default());
            Asked::New(Box::new(NewSought { change_type, name, effective_date, end_date, source, parameters }))
        }
    }
}

async fn solve(request: CommandRequest, jobs: Data<Jobs>, id: Path<GoalId>, told: Json<SolveBody>) -> Result<Answer, Problem> {
    let (goal_id, digest, told) = (id.into_inner(), told.digest, told.body);
    let gate = match request.enter(digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let begun = Instant::now();
    let known = request.store().load(gate.household_id, gate.head).await?;
    let months = told.months.map(|months| u16::try_from(months.get()).unwrap_or(u16::MAX));
    let question = Question {
        goal_id,
        scenario_id: told.scenario_id.unwrap_or_else(|| gate.household_id.baseline()),
        change: asked(told.change),
        parameter: told.parameter,
        minimum: told.minimum,
        maximum: told.maximum,
        tolerance: told.tolerance,
        prefer: told.prefer,
    };
    let prepared = Prepared::of(request.store(), (gate.household_id, &known), question, months).await?;
    let wish = Wish::of(&request, gate.household_id, Work::GoalSeek(Box::new(prepared.seek.clone())), false);
    if told.is_async == Some(true) {
        return begin(&request, &jobs, &gate, digest, &wish).await;
    }
    if !gate.role.may_write() {
        return Err(HouseholdError::NotAllowed { role: gate.role }.into());
    }
    let version = known.version.unsigned_abs();
    let solution = prepared.solved(wish.key.id, request.store().tables()).await?;
    let answer = Answer::done(version, &[], &solution)?;
    let answer = record(&request, &jobs, &gate, digest, (&wish, &solution.result(), answer)).await?;
    signals::job_ended(wish.work.kind(), JobState::Succeeded.as_str(), begun.elapsed());
    Ok(answer)
}

async fn apply(request: CommandRequest, jobs: Data<Jobs>, id: Path<JobId>, told: Json<ApplyBody>) -> Result<Answer, Problem> {
    let (solution_id, digest, told) = (id.into_inner(), told.digest, told.body);
    let gate = match request.enter(digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let (GoalSeek { order, .. }, kept) = kept(&request, &jobs, solution_id).await?;
    let known = request.store().load(gate.household_id, gate.head).await?;
    let (home, scenario) = (&known.household, Uuid::now_v7());
    let name = told.name.unwrap_or_else(|| order.change.name.clone());
    let description = told.description.or_else(|| Notes::parse(&kept.change.line).ok());
    let day = today(home, clock::now());
    let made = as_scenario(home, &order, kept.value, kept.months, (name, description), (scenario, day));
    let (new, changes) = made.map_err(outdated)?;
    let change_ids: Vec<ChangeId> = changes.iter().map(|(id, _)| *id).collect();
    let household_moved_on = known.version != kept.household_version;
    let value = order.number().written(kept.value);
    let id = ScenarioId(scenario);
    let intent = |_| Intent::CreateScenarioWith { id, scenario: new, changes };
    let view = |home: &_, _: &_| {
        Some(AppliedSolutionView {
            scenario: ScenarioRow::of(home, id)?,
            change_ids: change_ids.clone(),
            solution_id: solution_id.0,
            value: value.clone(),
            reached: kept.reached,
            solved_at_version: kept.household_version,
            household_moved_on,
        })
    };
    let answer = request.run(digest, intent, Made::Created(format!("/api/v1/scenarios/{id}")), view).await;
    // The body is not at fault for what the household refuses by now.
    answer.map_err(|problem| {
        let is_refused = problem.status() == actix_web::http::StatusCode::UNPROCESSABLE_ENTITY && !problem.errors().is_empty();
        if is_refused { Problem::conflict("outdated-solution", said(&problem)) } else { problem }
    })
}

fn outdated(error: HouseholdError) -> Problem {
    Problem::conflict("outdated-solution", format!("the household has moved on: {error}"))
}

fn said(problem: &Problem) -> String {
    let each = problem.errors().iter().map(|error| format!("{} {}", error.field, error.message));
    format!("the household has moved on: {}", each.collect::<Vec<_>>().join("; "))
}

/// A solution that somebody found, and what was asked for.
async fn kept(request: &CommandRequest, jobs: &Jobs, id: JobId) -> Result<(GoalSeek, KeptSolution), Problem> {
    let none = || Problem::not_found("goal-solution", "there is no such solution: they are kept for a day");
    let found = jobs.find(request.asker(), id).await?.ok_or_else(Problem::no_household)?;
    let (row, result) = found.value.ok_or_else(none)?;
    let Ok(Work::GoalSeek(seek)) = Work::stored(&row.kind, &row.parameters) else { return Err(none()) };
    let Some(result) = result else {
        return Err(Problem::conflict("no-solution", format!("there is no solution: the job is {}", row.state.as_str())));
    };
    let kept = serde_json::from_str(&result.text).map_err(|error| Problem::internal(&error))?;
    Ok((*seek, kept))
}

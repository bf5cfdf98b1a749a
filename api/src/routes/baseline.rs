//! The baseline: the plan that follows reality, or is pinned to a day of it.

use std::time::Instant;

use actix_web::web::Data;
use domain::calendar::Date;
use domain::household::{Household, HouseholdError, Intent};
use projections::jobs::{Begun, Claim, JobState, Jobs};
use projections::queries::{Part, Selection};
use projections::read_models::scenarios::ScenarioRow;
use projections::signals::{self, BaselineRefresh};
use projections::store::Gate;
use projections::track::Stage;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Json, body};
use crate::clock;
use crate::command::{CommandRequest, Entered, Made};
use crate::jobs::{Refreshed, Wish, Work, begin, project, too_many, worker_name};
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// What to do with the baseline.
    pub struct BaselineAction {
        /// `refresh`, `pin` or `unpin`.
        action: String,
        /// Of a refresh: answer with its job, and do it meanwhile. Else it is done before the answer is sent.
        is_async as "async": Option<bool>,
        /// Of a refresh: beside one that runs already.
        force: Option<bool>,
        /// Of a pin: whose balances and flows; today where left out.
        as_of_date: Option<Date>,
    }
    check |body, at| {
        let action = Action::of(&body.action);
        if action.is_none() {
            at.refuse_field("action", "unknown_word", "must be one of: refresh, pin, unpin");
        }
        for (field, said) in [("async", body.is_async), ("force", body.force)] {
            if said == Some(true) && action.is_some_and(|action| action != Action::Refresh) {
                at.refuse_field(field, "not_allowed_here", "is for a refresh: this is done at once");
            }
        }
        if body.as_of_date.is_some() && action.is_some_and(|action| action != Action::Pin) {
            at.refuse_field("as_of_date", "not_allowed_here", "is for a pin");
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Refresh,
    Pin,
    Unpin,
}

impl Action {
    fn of(word: &str) -> Option<Self> {
        match word {
            "refresh" => Some(Self::Refresh),
            "pin" => Some(Self::Pin),
            "unpin" => Some(Self::Unpin),
            _ => None,
        }
    }
}

/// Every household has exactly one.
const BASELINE: Selection = Selection { condition: "is_baseline", ..Selection::BY_ID };

pub fn routes() -> Routes {
    Routes::tagged("scenarios")
        .get("/api/v1/scenarios/baseline", show, Doc::query("Show the baseline").answers::<ScenarioRow>())
        .post(
            "/api/v1/scenarios/baseline",
            act,
            Doc::command("Refresh, pin or unpin the baseline")
                .body::<BaselineAction>()
                .answers::<ScenarioRow>()
                .accepts::<super::JobView>()
                .details(
                    "A baseline is never stale. `refresh` derives the system flows anew, by today's tables, and computes the projection now: as a \
                     job, also where the answer waits for it. A second one while one runs is 409 with that job's id; with `force` it runs beside it. \
                     `pin` lets it project the balances and flows as they were known at the end of a day, from that day's month on, until `unpin`; \
                     what it assumes stays editable.",
                ),
        )
}

async fn show(request: QueryRequest) -> Result<Answer, Problem> {
    let part = Part { limit: 1, ..Part::default() };
    let found = request.store().list::<ScenarioRow>(request.asker(), BASELINE, part).await?;
    let found = request.there(found)?;
    let row = found.value.first().ok_or_else(|| Problem::not_found("scenario", ""))?;
    Ok(request.unless_known(Answer::read(found.version.unsigned_abs(), row)?))
}

async fn act(request: CommandRequest, jobs: Data<Jobs>, action: Json<BaselineAction>) -> Result<Answer, Problem> {
    match Action::of(&action.action) {
        Some(Action::Pin) => pin(request, &action).await,
        Some(Action::Unpin) => request.run(action.digest, |_| Intent::UnpinBaseline, Made::Changed, |home, _| shown(home)).await,
        Some(Action::Refresh) | None => refresh(request, &jobs, &action).await, // the body's check lets nothing else through
    }
}

fn shown(home: &Household) -> Option<ScenarioRow> {
    ScenarioRow::of(home, home.baseline()?.0)
}

/// Which version a day ended with is in the stream alone: it is looked up here, and is part of the fact from then on.
async fn pin(request: CommandRequest, action: &Json<BaselineAction>) -> Result<Answer, Problem> {
    let gate = match request.enter(action.digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let as_of_date = action.as_of_date.unwrap_or_else(|| gate.time_zone.date_at(clock::now()));
    let version = request.store().reality_before(gate.household_id, gate.time_zone.end_of(as_of_date)).await?;
    let version =
        version.ok_or_else(|| Problem::invalid("as_of_date", "out_of_range", "is before the household's first day"))?.unsigned_abs();
    let intent = |_| Intent::PinBaseline { as_of_date, version };
    request.run(action.digest, intent, Made::Changed, |home, _| shown(home)).await
}

async fn refresh(request: CommandRequest, jobs: &Jobs, action: &Json<BaselineAction>) -> Result<Answer, Problem> {
    let digest = action.digest;
    let gate = match request.enter(digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let wish = Wish::of(&request, gate.household_id, Work::BaselineRefresh {}, action.force == Some(true));
    let answer = if action.is_async == Some(true) {
        begin(&request, jobs, &gate, digest, &wish).await
    } else {
        refresh_now(request, jobs, &gate, action, &wish).await
    };
    if answer.as_ref().is_err_and(Problem::names_a_job) {
        signals::baseline_refresh(BaselineRefresh::Duplicate);
    }
    answer
}

/// Done by the request itself, under the row of a job: whoever comes meanwhile finds it. If this process goes away, or the database for a
/// while, the job stays, and a worker does it.
async fn refresh_now(
    request: CommandRequest,
    jobs: &Jobs,
    gate: &Gate,
    action: &Json<BaselineAction>,
    wish: &Wish,
) -> Result<Answer, Problem> {
    if !gate.role.may_write() {
        return Err(HouseholdError::NotAllowed { role: gate.role }.into());
    }
    let claim = match jobs.take_new(&wish.new_job(&request), &worker_name()).await? {
        Ok(claim) => claim,
        Err(Begun::RunsAlready(id)) => {
            return match request.enter(action.digest).await? {
                Entered::Before(first) => Ok(first), // the same request, sent twice
                Entered::Now(_) => Err(Problem::runs_already(id.to_string(), "a refresh of this baseline runs already, as this job")),
            };
        }
        Err(Begun::Yes | Begun::Full | Begun::KeyTaken) => return Err(too_many()),
    };
    let begun = Instant::now();
    let done = carry_out(request, action, &claim).await;
    let (stage, _) = claim.progress().at();
    let (how, counted) = match &done {
        // Refused where the job was taken over meanwhile: the other one comes to the same.
        Ok((_, refreshed)) => {
            claim.succeed(&refreshed.result()).await?;
            (JobState::Succeeded, BaselineRefresh::Completed)
        }
        // The claim is dropped, and the job given back: a worker tries again.
        Err(problem) if problem.status().is_server_error() => return done.map(|(answer, _)| answer),
        Err(problem) => {
            claim.fail(stage, problem.detail()).await?;
            (JobState::Failed, BaselineRefresh::Failed)
        }
    };
    signals::baseline_refresh(counted);
    signals::job_ended(wish.work.kind(), how.as_str(), begun.elapsed());
    done.map(|(answer, _)| answer)
}

async fn carry_out(request: CommandRequest, action: &Json<BaselineAction>, claim: &Claim) -> Result<(Answer, Refreshed), Problem> {
    let (store, asker, progress) = (request.shared_store(), request.asker(), claim.progress());
    let household_id = claim.claimed().key.household_id;
    let cancelled = |_| Problem::conflict("cancelled", "the refresh was cancelled, or taken over by another process: ask for its job");
    progress.step(Stage::Append, 10).map_err(cancelled)?;
    let answer = request.run(action.digest, |_| Intent::RegenerateFlows, Made::Changed, |home, _| shown(home)).await?;
    progress.step(Stage::Project, 50).map_err(cancelled)?;
    let refreshed = project(&store, asker, household_id).await?.ok_or_else(Problem::no_household)?;
    Ok((answer, refreshed))
}

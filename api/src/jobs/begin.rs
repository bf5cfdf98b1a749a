//! From a request to a job that waits: 202, with the job's address.

use chrono::SubsecRound as _;
use domain::household::HouseholdError;
use domain::ids::HouseholdId;
use projections::jobs::{Begun, JobId, JobKey, JobResult, JobRow, JobState, Jobs, NewJob, Origin};
use projections::store::{self, Gate};
use uuid::Uuid;

use super::Work;
use crate::answer::Answer;
use crate::body::Digest;
use crate::clock;
use crate::command::{CommandRequest, Entered};
use crate::problem::Problem;
use crate::routes::JobView;
use crate::telemetry::{self, RequestIds};

/// PostgreSQL keeps microseconds; what is answered is what is stored.
const MICROSECONDS: u16 = 6;
/// When a household with too many jobs may ask again.
const RETRY_AFTER_SECONDS: u64 = 5;

/// A job that somebody asked for.
pub struct Wish {
    /// Which of whose.
    pub key: JobKey,
    /// What.
    pub work: Work,
    /// Beside one that runs.
    pub forced: bool,
    /// Who and when.
    pub origin: Origin,
    parameters: String,
}

impl Wish {
    /// By this request, now.
    #[must_use]
    pub fn of(request: &CommandRequest, household_id: HouseholdId, work: Work, forced: bool) -> Self {
        let ids = telemetry::current();
        let origin = Origin {
            requested_by: request.caller().user_id,
            requested_at: clock::now().trunc_subsecs(MICROSECONDS),
            request_id: ids.as_ref().map(|ids| ids.request_id.clone()),
            span_id: ids.as_ref().and_then(RequestIds::recorded_span),
            trace_id: ids.map(|ids| ids.trace_id),
        };
        let key = JobKey { household_id, id: JobId(Uuid::now_v7()) };
        Self { key, parameters: work.parameters().to_string(), work, forced, origin }
    }

    /// As a row.
    #[must_use]
    pub fn new_job(&self, request: &CommandRequest) -> NewJob<'_> {
        NewJob {
            key: self.key,
            kind: self.work.kind(),
            parameters: &self.parameters,
            exclusive: self.work.exclusive(),
            forced: self.forced,
            waited: request.waited(),
            origin: &self.origin,
        }
    }

    /// As its client sees it until somebody takes it.
    fn row(&self) -> JobRow {
        JobRow {
            id: self.key.id.0,
            kind: self.work.kind().to_owned(),
            parameters: self.work.parameters(),
            state: JobState::Queued,
            progress: 0,
            error_stage: None,
            error_message: None,
            requested_by: self.origin.requested_by.0,
            requested_at: self.origin.requested_at,
            started_at: None,
            finished_at: None,
            expires_at: None,
            cancel_requested: false,
        }
    }
}

/// Queues a job for a request that has come through the gate.
///
/// # Errors
/// 403 for who may only read; 409 with the id of one that runs already; 429 where the household has too many.
pub async fn begin(request: &CommandRequest, jobs: &Jobs, gate: &Gate, digest: Digest, wish: &Wish) -> Result<Answer, Problem> {
    if !gate.role.may_write() {
        return Err(HouseholdError::NotAllowed { role: gate.role }.into());
    }
    let location = format!("/api/v1/jobs/{}", wish.key.id);
    let answer = Answer::begun(gate.head.version.unsigned_abs(), location, &JobView::of(wish.row(), None)?)?;
    let kept = store::Answer { status: answer.status, location: answer.location.clone(), body: answer.body.clone() };
    let key = request.stored_key(digest);
    let begun = jobs.queue(&wish.new_job(request), key.as_ref().map(|key| (key, &kept, gate.head.version))).await?;
    if begun == Begun::Yes {
        return Ok(answer);
    }
    // The same request, sent twice, is answered twice; it does not stand in its own way.
    match (request.enter(digest).await?, begun) {
        (Entered::Before(first), _) => Ok(first),
        (Entered::Now(_), Begun::RunsAlready(id)) => Err(Problem::runs_already(id.to_string(), "the same work runs already, as this job")),
        (Entered::Now(_), Begun::Yes | Begun::Full | Begun::KeyTaken) => Err(too_many()),
    }
}

/// Keeps what its own request has done as a job that has ended, and the answer for its key with it.
///
/// # Errors
/// The database; a key that was used meanwhile is answered as then.
pub async fn record(
    request: &CommandRequest,
    jobs: &Jobs,
    gate: &Gate,
    digest: Digest,
    (wish, result, answer): (&Wish, &JobResult, Answer),
) -> Result<Answer, Problem> {
    let kept = store::Answer { status: answer.status, location: answer.location.clone(), body: answer.body.clone() };
    let key = request.stored_key(digest);
    let begun = jobs.record(&wish.new_job(request), result, key.as_ref().map(|key| (key, &kept, gate.head.version))).await?;
    if begun == Begun::Yes {
        return Ok(answer);
    }
    match request.enter(digest).await? {
        Entered::Before(first) => Ok(first),
        Entered::Now(_) => Err(too_many()),
    }
}

/// 429: the household has as many as it may have.
#[must_use]
pub fn too_many() -> Problem {
    Problem::too_many_requests(RETRY_AFTER_SECONDS)
}

//! A claim, from taking a job to ending it.
//!
//! The race that this guards: a worker is paused (SIGSTOP, a swapped-out machine, a cut cable) for longer than its lease, the job is taken
//! over and ends, and the first one wakes up and writes *its* end over it. So every statement names the claim's fencing number, and the
//! state; where the row has moved on, nothing is written, and the holder is told [`Interrupted::TakenOver`].
//!
//! Leases are measured by the database's clock alone. Were that stepped back, a heartbeat would lie in the future and a dead holder's job
//! wait for as long as the step: so a heartbeat from the future counts as old, and the holder's next beat, within a second, puts it right.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::{HouseholdId, UserId};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{BEAT, Begun, Interrupted, JobId, JobKey, JobResult, JobState, Jobs, LEASE, MOST_ATTEMPTS, NewJob, Origin};
use crate::database::DatabaseError;
use crate::track::Stage;

/// Progress is written at most this often.
const SHOWN_EVERY: Duration = Duration::from_millis(100);
/// An end that the database was away for is tried again this often; in between the claim beats on.
const MOST_TRIES: u32 = 30;

/// A job that was taken, and what it takes to do it.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Which of whose.
    pub key: JobKey,
    /// What kind of work.
    pub kind: String,
    /// What exactly, as JSON.
    pub parameters: String,
    /// For whom.
    pub origin: Origin,
    /// Which claim of this job this is.
    pub fencing: i64,
    /// How many claims ended with their process, this one included if it does.
    pub attempts: i32,
}

/// A job that is being worked on. Dropped without an end, the job is given back: whoever worked on it was dropped too.
pub struct Claim {
    jobs: Jobs,
    claimed: Arc<Claimed>,
    progress: Progress,
    beat: JoinHandle<()>,
    ended: bool,
}

/// How far somebody is, as they say it themselves; and whether they shall go on. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    at: Mutex<(Stage, u8)>,
    changed: Notify,
    /// 0, or an [`Interrupted`].
    interrupted: AtomicU8,
}

impl Default for Shared {
    fn default() -> Self {
        Self { at: Mutex::new((Stage::Job, 0)), changed: Notify::new(), interrupted: AtomicU8::new(0) }
    }
}

impl Progress {
    /// Says where the work is, in percent, and asks whether to go on. Neither blocks nor waits: to be called often, from any thread.
    ///
    /// # Errors
    /// Why the work has to stop here.
    pub fn step(&self, stage: Stage, percent: u8) -> Result<(), Interrupted> {
        *self.0.at.lock().unwrap_or_else(PoisonError::into_inner) = (stage, percent.min(100));
        self.0.changed.notify_one();
        match self.0.interrupted.load(Ordering::Acquire) {
            1 => Err(Interrupted::Cancelled),
            2 => Err(Interrupted::Stopping),
            3 => Err(Interrupted::TakenOver),
            _ => Ok(()),
        }
    }

    /// Lets the next step fail. The first reason stands.
    pub fn interrupt(&self, reason: Interrupted) {
        let number = match reason {
            Interrupted::Cancelled => 1,
            Interrupted::Stopping => 2,
            Interrupted::TakenOver => 3,
        };
        // Where there is a reason already, that one is as good.
        let _ = self.0.interrupted.compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Where the work is.
    #[must_use]
    pub fn at(&self) -> (Stage, u8) {
        *self.0.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a claim ends.
enum End<'a> {
    Succeeded(&'a JobResult),
    Failed(Stage, &'a str),
    Cancelled,
    /// Queued again, as if it had not been claimed.
    GivenBack,
}

impl Jobs {
    /// Takes jobs that wait, the oldest first, at most so many.
    ///
    /// # Errors
    /// The database.
    pub async fn take(&self, worker: &str, at_most: usize) -> Result<VecDeque<Claim>, DatabaseError> {
        let sql = "WITH next AS (SELECT household_id, id FROM jobs WHERE state = 'queued' ORDER BY requested_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) \
                   UPDATE jobs SET state = 'running', worker = $1, fencing = fencing + 1, attempts = attempts + 1, progress = 0, stage = 'job', \
                   started_at = clock_timestamp(), heartbeat_at = clock_timestamp() \
                   FROM next WHERE jobs.household_id = next.household_id AND jobs.id = next.id RETURNING jobs.household_id, jobs.id, jobs.kind, \
                   jobs.parameters::text AS parameters, jobs.requested_by, jobs.requested_at, jobs.request_id, jobs.trace_id, jobs.span_id, jobs.fencing, jobs.attempts";
        let rows = sqlx::query(sql).bind(worker).bind(i64::try_from(at_most).unwrap_or(i64::MAX)).fetch_all(self.store.pool()).await?;
        let claims = rows.iter().map(|row| Ok(self.hold(read(row)?))).collect::<Result<VecDeque<_>, sqlx::Error>>()?;
        if !claims.is_empty() {
            self.store.announcer().announce();
        }
        Ok(claims)
    }

    /// Begins a job that its own request does; `Err` of what stands against it.
    ///
    /// # Errors
    /// The database.
    pub async fn take_new(&self, job: &NewJob<'_>, worker: &str) -> Result<Result<Claim, Begun>, DatabaseError> {
        let begun = self.begin_running(job, worker).await?;
        if begun != Begun::Yes {
            return Ok(Err(begun));
        }
        let (kind, parameters, origin) = (job.kind.to_owned(), job.parameters.to_owned(), job.origin.clone());
        Ok(Ok(self.hold(Claimed { key: job.key, kind, parameters, origin, fencing: 1, attempts: 1 })))
    }

    /// Queues again what was held by somebody who is dead; ends what was cancelled, or has killed too many. Gives those that failed.
    ///
    /// # Errors
    /// The database.
    pub async fn take_over(&self) -> Result<Vec<Claimed>, DatabaseError> {
        let sql = "WITH dead AS (SELECT household_id, id, CASE WHEN cancel_requested THEN 'cancelled' WHEN attempts >= $1 THEN 'failed' ELSE 'queued' END \
                   AS becomes FROM jobs WHERE state = 'running' AND heartbeat_at NOT BETWEEN clock_timestamp() - $2 * interval '1 millisecond' \
                   AND clock_timestamp() + $2 * interval '1 millisecond' ORDER BY requested_at FOR UPDATE SKIP LOCKED LIMIT 100) \
                   UPDATE jobs SET state = becomes, error_stage = CASE becomes WHEN 'failed' THEN stage END, \
                   error_message = CASE becomes WHEN 'failed' THEN format('the process that ran it ended before it did, %s times', attempts) END, \
                   finished_at = CASE WHEN becomes <> 'queued' THEN clock_timestamp() END, \
                   expires_at = CASE WHEN becomes <> 'queued' THEN clock_timestamp() + $3 * interval '1 second' END \
                   FROM dead WHERE jobs.household_id = dead.household_id AND jobs.id = dead.id RETURNING jobs.household_id, jobs.id, jobs.kind, \
                   jobs.parameters::text AS parameters, jobs.requested_by, jobs.requested_at, jobs.request_id, jobs.trace_id, jobs.span_id, jobs.fencing, \
                   jobs.attempts, jobs.state";
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let rows = sqlx::query(sql).bind(MOST_ATTEMPTS).bind(lease).bind(self.kept_seconds()).fetch_all(self.store.pool()).await?;
        if !rows.is_empty() {
            tracing::warn!(jobs = rows.len(), "took over jobs whose process is gone");
            self.store.announcer().announce();
        }
        let failed = |row: &&PgRow| row.try_get::<String, _>("state").is_ok_and(|state| state == JobState::Failed.as_str());
        Ok(rows.iter().filter(failed).map(read).collect::<Result<_, _>>()?)
    }

    fn hold(&self, claimed: Claimed) -> Claim {
        let (claimed, progress) = (Arc::new(claimed), Progress::default());
        let beat = tokio::spawn(beat(self.clone(), Arc::clone(&claimed), progress.clone()));
        Claim { jobs: self.clone(), claimed, progress, beat, ended: false }
    }

    /// Says that a holder lives, and how far it is. `None` where the claim is none any more; else whether somebody wants it cancelled.
    async fn beat(&self, claimed: &Claimed, (stage, percent): (Stage, u8)) -> Result<Option<bool>, DatabaseError> {
        let sql = "UPDATE jobs SET heartbeat_at = clock_timestamp(), stage = $4, progress = $5 \
                   WHERE household_id = $1 AND id = $2 AND fencing = $3 AND state = 'running' RETURNING cancel_requested";
        let query = sqlx::query_scalar(sql).bind(claimed.key.household_id.0).bind(claimed.key.id.0).bind(claimed.fencing);
        Ok(query.bind(stage.as_str()).bind(i32::from(percent)).fetch_optional(self.store.pool()).await?)
    }

    /// Writes an end; false where the claim is none any more.
    async fn end(&self, claimed: &Claimed, end: &End<'_>) -> Result<bool, DatabaseError> {
        // Attempts count processes that died: whoever can give back has not.
        let sql = "UPDATE jobs SET state = $4, attempts = attempts - ($4 = 'queued')::int, \
                   progress = CASE $4 WHEN 'succeeded' THEN 100 WHEN 'queued' THEN 0 ELSE progress END, \
                   result = $5, result_type = $6, error_stage = $7, error_message = $8, \
                   finished_at = CASE WHEN $4 <> 'queued' THEN clock_timestamp() END, \
                   expires_at = CASE WHEN $4 <> 'queued' THEN clock_timestamp() + $9 * interval '1 second' END \
                   WHERE household_id = $1 AND id = $2 AND fencing = $3 AND state = 'running'";
        let (state, result, error) = match end {
            End::Succeeded(result) => (JobState::Succeeded, Some(*result), None),
            End::Failed(stage, message) => (JobState::Failed, None, Some((stage.as_str(), *message))),
            End::Cancelled => (JobState::Cancelled, None, None),
            End::GivenBack => (JobState::Queued, None, None),
        };
        let query = sqlx::query(sql)
            .bind(claimed.key.household_id.0)
            .bind(claimed.key.id.0)
            .bind(claimed.fencing)
            .bind(state.as_str())
            .bind(result.map(|result| result.text.as_str()))
            .bind(result.map(|result| result.media_type))
            .bind(error.map(|(stage, _)| stage))
            .bind(error.map(|(_, message)| message))
            .bind(self.kept_seconds());
        let ended = query.execute(self.store.pool()).await?.rows_affected() > 0;
        self.store.announcer().announce();
        Ok(ended)
    }

    pub(super) fn kept_seconds(&self) -> i64 {
        i64::try_from(self.kept_for.as_secs()).unwrap_or(i64::MAX)
    }
}

/// Beats until the claim is over. A database that is away is no reason to stop: nobody else can take the job over from it either.
async fn beat(jobs: Jobs, claimed: Arc<Claimed>, progress: Progress) {
    let mut shown = progress.at();
    loop {
        tokio::select! {
            () = tokio::time::sleep(BEAT) => {}
            () = progress.0.changed.notified() => tokio::time::sleep(SHOWN_EVERY).await,
        }
        let at = progress.at();
        match jobs.beat(&claimed, at).await {
            Ok(Some(cancel)) => {
                if cancel {
                    progress.interrupt(Interrupted::Cancelled);
                }
                if at != shown {
                    shown = at;
                    jobs.store.announcer().announce();
                }
            }
            Ok(None) => return progress.interrupt(Interrupted::TakenOver),
            Err(error) => tracing::debug!(%error, job = %claimed.key.id, "a heartbeat was not written"),
        }
    }
}

impl Claim {
    /// What there is to do.
    #[must_use]
    pub fn claimed(&self) -> Arc<Claimed> {
        Arc::clone(&self.claimed)
    }

    /// For whoever does it.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// There is a result. False where somebody else has the job by now, and this result is nobody's.
    ///
    /// # Errors
    /// The database, for longer than one waits for it: the lease runs out, and the job is done again.
    pub async fn succeed(self, result: &JobResult) -> Result<bool, DatabaseError> {
        self.end(End::Succeeded(result)).await
    }

    /// It cannot be done.
    ///
    /// # Errors
    /// As of [`Self::succeed`].
    pub async fn fail(self, stage: Stage, message: &str) -> Result<bool, DatabaseError> {
        self.end(End::Failed(stage, message)).await
    }

    /// It is not wanted any more.
    ///
    /// # Errors
    /// As of [`Self::succeed`].
    pub async fn cancel(self) -> Result<bool, DatabaseError> {
        self.end(End::Cancelled).await
    }

    /// Somebody else shall do it, at once.
    ///
    /// # Errors
    /// As of [`Self::succeed`].
    pub async fn give_back(self) -> Result<bool, DatabaseError> {
        self.end(End::GivenBack).await
    }

    /// Leaves it to whoever has it by now.
    pub fn leave(mut self) {
        self.ended = true;
    }

    async fn end(mut self, end: End<'_>) -> Result<bool, DatabaseError> {
        let mut tries = 1_u32;
        loop {
            match self.jobs.end(&self.claimed, &end).await {
                Err(DatabaseError::Unavailable(_)) if tries < MOST_TRIES => tokio::time::sleep(BEAT).await,
                result => {
                    self.ended = true;
                    return result;
                }
            }
            tries = tries.saturating_add(1);
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.beat.abort();
        // Without a runtime the process is on its way out: the lease runs out.
        if let (false, Ok(runtime)) = (self.ended, tokio::runtime::Handle::try_current()) {
            let (jobs, claimed) = (self.jobs.clone(), Arc::clone(&self.claimed));
            runtime.spawn(async move {
                if let Err(error) = jobs.end(&claimed, &End::GivenBack).await {
                    tracing::warn!(%error, job = %claimed.key.id, "a job was not given back: its lease runs out");
                }
            });
        }
    }
}

fn read(row: &PgRow) -> Result<Claimed, sqlx::Error> {
    let (household_id, id, user): (Uuid, Uuid, Uuid) = (row.try_get("household_id")?, row.try_get("id")?, row.try_get("requested_by")?);
    Ok(Claimed {
        key: JobKey { household_id: HouseholdId(household_id), id: JobId(id) },
        kind: row.try_get("kind")?,
        parameters: row.try_get("parameters")?,
        origin: Origin {
            requested_by: UserId(user),
            requested_at: row.try_get("requested_at")?,
            request_id: row.try_get("request_id")?,
            trace_id: row.try_get("trace_id")?,
            span_id: row.try_get("span_id")?,
        },
        fencing: row.try_get("fencing")?,
        attempts: row.try_get("attempts")?,
    })
}

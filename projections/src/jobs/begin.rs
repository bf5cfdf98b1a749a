//! A new job: one statement looks whether it may be, inserts it, and keeps the answer to its client's key.

use std::time::Duration;

use domain::calendar::Instant;
use domain::ids::UserId;
use sqlx::Row as _;
use uuid::Uuid;

use super::{JobId, JobKey, JobResult, JobState, Jobs, MOST_UNFINISHED};
use crate::database::DatabaseError;
use crate::store::{Answer, IdempotencyKey};

/// Two that begin at once see each other at the second look.
const MOST_LOOKS: u32 = 5;

/// A job that somebody wants.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Which of whose; the id is new.
    pub key: JobKey,
    /// What kind of work.
    pub kind: &'a str,
    /// What exactly, as JSON.
    pub parameters: &'a str,
    /// Of one household and this name, one at a time.
    pub exclusive: Option<&'a str>,
    /// Beside one that runs, all the same.
    pub forced: bool,
    /// For how long its request has been on its way: of an exclusive one, one that ended meanwhile was this one.
    pub waited: Duration,
    /// Who, when, within which request.
    pub origin: &'a Origin,
}

/// Who wanted a job, and when.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Who. The job acts with this user's rights, as they are when it runs.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Instant,
    /// The request's id.
    pub request_id: Option<String>,
    /// The request's trace.
    pub trace_id: Option<String>,
    /// The request's span, where it is recorded by an exporter: the job belongs to it.
    pub span_id: Option<String>,
}

/// What became of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is there.
    Yes,
    /// The same work is done by this one.
    RunsAlready(JobId),
    /// The household has [`MOST_UNFINISHED`] already.
    Full,
    /// The client's key was used meanwhile: its first answer stands.
    KeyTaken,
}

/// `$1` household · `$2` id · `$3` kind · `$4` parameters · `$5` exclusive · `$6` forced · `$7` microseconds waited · `$8` by · `$9` at · `$10` request ·
/// `$11` trace · `$12` state · `$13` worker · `$14` most unfinished · `$15…$20` the key's answer · `$21` span · `$22, $23` result, of one that is done · `$24` seconds kept. The key is taken first, as it is the only
/// one that may be taken by a row that is there: an answer that nobody is given any more makes room.
const BEGIN: &str = "WITH same AS (SELECT id, finished_at IS NULL AS unfinished FROM jobs WHERE household_id = $1 AND kind = $3 AND $5::text IS NOT NULL \
     AND (finished_at IS NULL OR (state = 'succeeded' AND finished_at >= clock_timestamp() - $7 * interval '1 microsecond')) \
     ORDER BY finished_at IS NULL DESC, requested_at, id LIMIT 1), \
     room AS (SELECT $12 = 'succeeded' OR count(*) < $14 AS there FROM jobs WHERE household_id = $1 AND state IN ('queued', 'running')), \
     open AS (SELECT FROM room WHERE there AND ($6 OR NOT EXISTS (SELECT FROM same))), \
     answered AS (INSERT INTO idempotency_keys AS kept (household_id, user_id, idempotency_key, request_hash, status, version, location, body) \
     SELECT $1, $8, $15, $16, $17, $18, $19, $20 FROM open WHERE $15::text IS NOT NULL \
     ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status, \
     version = excluded.version, location = excluded.location, body = excluded.body, recorded_at = now() \
     WHERE kept.recorded_at <= now() - interval '24 hours' RETURNING 1), \
     made AS (INSERT INTO jobs (household_id, id, kind, parameters, exclusive, requested_by, requested_at, request_id, trace_id, span_id, state, \
     worker, fencing, attempts, started_at, heartbeat_at, progress, result, result_type, finished_at, expires_at) \
     SELECT $1, $2, $3, $4::json, CASE WHEN EXISTS (SELECT FROM same WHERE unfinished) THEN NULL ELSE $5 END, $8, $9, $10, $11, $21, $12, $13, \
     ($12 = 'running')::int, ($12 = 'running')::int, \
     CASE $12 WHEN 'running' THEN clock_timestamp() WHEN 'succeeded' THEN clock_timestamp() - $7 * interval '1 microsecond' END, \
     CASE WHEN $12 = 'running' THEN clock_timestamp() END, CASE WHEN $12 = 'succeeded' THEN 100 ELSE 0 END, $22, $23, \
     CASE WHEN $12 = 'succeeded' THEN clock_timestamp() END, CASE WHEN $12 = 'succeeded' THEN clock_timestamp() + $24 * interval '1 second' END \
     FROM open WHERE $15::text IS NULL OR EXISTS (SELECT FROM answered) RETURNING 1) \
     SELECT EXISTS (SELECT FROM made) AS made, CASE WHEN $6 THEN NULL ELSE (SELECT id FROM same) END AS same, (SELECT there FROM room) AS room";

impl Jobs {
    /// Queues a job. `answer` is kept for the client's key in the same transaction, with the household's version that it names.
    ///
    /// # Errors
    /// The database.
    pub async fn queue(&self, job: &NewJob<'_>, answer: Option<(&IdempotencyKey, &Answer, i64)>) -> Result<Begun, DatabaseError> {
        let begun = self.begin(job, (JobState::Queued, None, None), answer).await?;
        if begun == Begun::Yes {
            self.store.announcer().announce();
        }
        Ok(begun)
    }

    /// A job that its own request does, at once: it runs from the beginning, claimed by `worker`.
    pub(super) async fn begin_running(&self, job: &NewJob<'_>, worker: &str) -> Result<Begun, DatabaseError> {
        self.begin(job, (JobState::Running, Some(worker), None), None).await
    }

    /// A job that its own request has done already: its result is kept like that of any other, and `answer` with it. It stands in
    /// nobody's way, however many there are.
    ///
    /// # Errors
    /// The database; then nothing is kept.
    pub async fn record(
        &self,
        job: &NewJob<'_>,
        result: &JobResult,
        answer: Option<(&IdempotencyKey, &Answer, i64)>,
    ) -> Result<Begun, DatabaseError> {
        let begun = self.begin(job, (JobState::Succeeded, None, Some(result)), answer).await?;
        if begun == Begun::Yes {
            self.store.announcer().announce();
        }
        Ok(begun)
    }

    async fn begin(
        &self,
        job: &NewJob<'_>,
        (state, worker, result): (JobState, Option<&str>, Option<&JobResult>),
        answer: Option<(&IdempotencyKey, &Answer, i64)>,
    ) -> Result<Begun, DatabaseError> {
        for _ in 0..MOST_LOOKS {
            let query = sqlx::query(BEGIN)
                .bind(job.key.household_id.0)
                .bind(job.key.id.0)
                .bind(job.kind)
                .bind(job.parameters)
                .bind(job.exclusive)
                .bind(job.forced)
                .bind(i64::try_from(job.waited.as_micros()).unwrap_or(i64::MAX))
                .bind(job.origin.requested_by.0)
                .bind(job.origin.requested_at)
                .bind(job.origin.request_id.as_deref())
                .bind(job.origin.trace_id.as_deref())
                .bind(state.as_str())
                .bind(worker)
                .bind(MOST_UNFINISHED)
                .bind(answer.map(|(key, _, _)| key.key.as_str()))
                .bind(answer.map(|(key, _, _)| key.request_hash.to_vec()))
                .bind(answer.map(|(_, answer, _)| i32::from(answer.status)))
                .bind(answer.map(|(_, _, version)| version))
                .bind(answer.and_then(|(_, answer, _)| answer.location.as_deref()))
                .bind(answer.map(|(_, answer, _)| answer.body.as_str()))
                .bind(job.origin.span_id.as_deref())
                .bind(result.map(|result| result.text.as_str()))
                .bind(result.map(|result| result.media_type))
                .bind(self.kept_seconds());
            let error = match query.fetch_one(self.store.pool()).await {
                Ok(row) => {
                    let (made, same, room): (bool, Option<Uuid>, bool) = (row.try_get("made")?, row.try_get("same")?, row.try_get("room")?);
                    return Ok(match (made, same, room) {
                        (true, _, _) => Begun::Yes,
                        (false, Some(id), _) => Begun::RunsAlready(JobId(id)),
                        (false, None, false) => Begun::Full,
                        (false, None, true) => Begun::KeyTaken,
                    });
                }
                Err(error) => error,
            };
            if error.as_database_error().and_then(|refusal| refusal.constraint()) != Some("jobs_one_at_a_time") {
                return Err(error.into());
            }
            // Another one was begun between our look and our insert: the next look finds it.
        }
        // Each time another one began and ended in between: as good as an answer that runs already, but nobody to name.
        Ok(Begun::Full)
    }
}

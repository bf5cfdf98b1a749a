//! A rebuild's own row: so that there is one at a time, a killed one goes on where it was, and anybody can see how far it is.
//!
//! Not a session lock: those do not survive a connection pooler. A run is held by whoever beats its heart; one that is silent for
//! [`SILENT_FOR`] is taken over by the next that asks for the same. The one that was taken for dead finds out at its next batch, and stops;
//! what it wrote meanwhile is right all the same, since a batch is written only onto the heads that it compared.

use std::time::Duration;

use sqlx::Row as _;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::report::{Progress, Report};
use super::scope::Model;
use super::{Cause, RebuildError};
use crate::connections::Connections;

const BEAT_EVERY: Duration = Duration::from_secs(2);
/// In seconds: several missed beats, so that a busy machine is not taken for a dead one.
const SILENT_FOR: i32 = 15;

/// A rebuild that this process works on.
#[derive(Debug)]
pub(super) struct Run {
    pool: Connections,
    id: Uuid,
    worker: Uuid,
    /// The last household that is done.
    pub(super) done_to: Option<Uuid>,
    /// What was done before it was resumed.
    pub(super) before: Report,
    heart: JoinHandle<()>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.heart.abort();
    }
}

/// What is rebuilt, and to which form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) model: Option<Model>,
    pub(super) fingerprint: &'a str,
    pub(super) cause: Cause,
}

impl Run {
    /// Begins a rebuild, or takes over one of the same kind that nobody works on any more.
    ///
    /// # Errors
    /// [`RebuildError::Busy`] where somebody works on one; the database.
    pub(super) async fn claim(pool: &Connections, wanted: Wanted<'_>) -> Result<Self, RebuildError> {
        let (worker, model) = (Uuid::now_v7(), wanted.model.map(Model::name));
        // One statement each: whoever comes second finds the row as the first one left it.
        let resumed = sqlx::query(
            "UPDATE rebuilds SET worker = $1, heartbeat_at = clock_timestamp() WHERE state = 'running' AND model IS NOT DISTINCT FROM $2 \
             AND fingerprint = $3 AND heartbeat_at < clock_timestamp() - make_interval(secs => $4) \
             RETURNING rebuild_id, done_to, households, events, row_count, differences, damaged",
        )
        .bind(worker)
        .bind(model)
        .bind(wanted.fingerprint)
        .bind(SILENT_FOR)
        .fetch_optional(pool)
        .await?;
        if let Some(row) = resumed {
            let count = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
            let before = Report {
                households: count("households")?,
                events: count("events")?,
                rows: count("row_count")?,
                differences: count("differences")?,
                damaged: count("damaged")?,
                ..Report::default()
            };
            return Ok(Self::of(pool, row.try_get("rebuild_id")?, worker, row.try_get("done_to")?, before));
        }
        let id = Uuid::now_v7();
        let abandon = "UPDATE rebuilds SET state = 'abandoned', ended_at = clock_timestamp() \
                       WHERE state = 'running' AND heartbeat_at < clock_timestamp() - make_interval(secs => $1)";
        sqlx::query(abandon).bind(SILENT_FOR).execute(pool).await?;
        let inserted = sqlx::query(
            "INSERT INTO rebuilds (rebuild_id, cause, model, fingerprint, worker) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(wanted.cause.as_str())
        .bind(model)
        .bind(wanted.fingerprint)
        .bind(worker)
        .execute(pool)
        .await?;
        if inserted.rows_affected() == 1 { Ok(Self::of(pool, id, worker, None, Report::default())) } else { Err(busy(pool).await) }
    }

    fn of(pool: &Connections, id: Uuid, worker: Uuid, done_to: Option<Uuid>, before: Report) -> Self {
        let heart = tokio::spawn(beat(pool.clone(), id, worker));
        Self { pool: pool.clone(), id, worker, done_to, before, heart }
    }

    /// That every household up to `done_to` is done.
    ///
    /// # Errors
    /// [`RebuildError::TakenOver`] where this process was taken for dead; the database.
    pub(super) async fn note(&self, done_to: Option<Uuid>, report: &Report, progress: &Progress) -> Result<(), RebuildError> {
        let sql = "UPDATE rebuilds SET heartbeat_at = clock_timestamp(), done_to = coalesce($3, done_to), households = $4, events = $5, \
                   row_count = $6, differences = $7, damaged = $8, households_in_all = $9, events_in_all = $10 \
                   WHERE rebuild_id = $1 AND worker = $2 AND state = 'running'";
        let noted = sqlx::query(sql)
            .bind(self.id)
            .bind(self.worker)
            .bind(done_to)
            .bind(signed(report.households))
            .bind(signed(report.events))
            .bind(signed(report.rows))
            .bind(signed(report.differences))
            .bind(signed(report.damaged))
            .bind(signed(progress.households_in_all))
            .bind(signed(progress.events_in_all))
            .execute(&self.pool)
            .await?;
        if noted.rows_affected() == 1 { Ok(()) } else { Err(RebuildError::TakenOver) }
    }

    /// The end of it. Where all read models of all households are in `form` now, the database remembers that.
    ///
    /// # Errors
    /// As [`Self::note`].
    pub(super) async fn finish(&self, form: Option<&str>) -> Result<(), RebuildError> {
        let sql = "WITH ended AS (UPDATE rebuilds SET state = 'finished', ended_at = clock_timestamp() \
                   WHERE rebuild_id = $1 AND worker = $2 AND state = 'running' RETURNING 1), \
                   form AS (INSERT INTO read_models_form (fingerprint) SELECT $3 FROM ended WHERE $3 IS NOT NULL \
                   ON CONFLICT ON CONSTRAINT read_models_form_pkey DO UPDATE SET fingerprint = excluded.fingerprint, recorded_at = excluded.recorded_at) \
                   SELECT count(*) FROM ended";
        let ended: i64 = sqlx::query_scalar(sql).bind(self.id).bind(self.worker).bind(form).fetch_one(&self.pool).await?;
        if ended == 1 { Ok(()) } else { Err(RebuildError::TakenOver) }
    }

    /// Leaves it to the next one that asks, at once.
    pub(super) async fn release(&self) {
        self.heart.abort();
        let sql = "UPDATE rebuilds SET heartbeat_at = '-infinity' WHERE rebuild_id = $1 AND worker = $2 AND state = 'running'";
        if let Err(error) = sqlx::query(sql).bind(self.id).bind(self.worker).execute(&self.pool).await {
            tracing::debug!(%error, "the rebuild is not released: it can be resumed in {SILENT_FOR} seconds");
        }
    }
}

async fn beat(pool: Connections, id: Uuid, worker: Uuid) {
    loop {
        tokio::time::sleep(BEAT_EVERY).await;
        let sql = "UPDATE rebuilds SET heartbeat_at = clock_timestamp() WHERE rebuild_id = $1 AND worker = $2 AND state = 'running'";
        if let Err(error) = sqlx::query(sql).bind(id).bind(worker).execute(&pool).await {
            tracing::warn!(%error, "the rebuild's heart missed a beat");
        }
    }
}

/// Who is in the way.
async fn busy(pool: &Connections) -> RebuildError {
    let sql = "SELECT extract(epoch FROM clock_timestamp() - started_at)::bigint AS running_s, households, households_in_all \
               FROM rebuilds WHERE state = 'running'";
    let read = |row: sqlx::postgres::PgRow| -> Result<RebuildError, sqlx::Error> {
        Ok(RebuildError::Busy {
            running_seconds: row.try_get("running_s")?,
            households: row.try_get("households")?,
            households_in_all: row.try_get("households_in_all")?,
        })
    };
    match sqlx::query(sql).fetch_optional(pool).await {
        Ok(Some(row)) => read(row).unwrap_or_else(RebuildError::from),
        // It has ended in this very moment: asking again will do.
        Ok(None) => RebuildError::Busy { running_seconds: 0, households: 0, households_in_all: 0 },
        Err(error) => error.into(),
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

//! Jobs as their household sees them: through the gate, like everything else of it.

use domain::calendar::Instant;
use domain::vocabulary::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row as _;
use uuid::Uuid;

use super::{JobId, JobState, Jobs};
use crate::queries::{AsOf, KeyPart, Part, Selection, read_gate};
use crate::read_models::table::{Row, Table};
use crate::store::{Asker, StoreError, gate_sql};

/// A job, but for its result, which may be large.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// Which.
    pub id: Uuid,
    /// What kind of work.
    pub kind: String,
    /// What exactly.
    pub parameters: Value,
    /// How far it is.
    pub state: JobState,
    /// In percent.
    pub progress: u8,
    /// Where it failed.
    pub error_stage: Option<String>,
    /// Why.
    pub error_message: Option<String>,
    /// Who wanted it.
    pub requested_by: Uuid,
    /// When.
    pub requested_at: Instant,
    /// When somebody began it, the last time.
    pub started_at: Option<Instant>,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// It is kept until then at least.
    pub expires_at: Option<Instant>,
    /// Somebody does not want it any more.
    pub cancel_requested: bool,
}

impl Row for JobRow {
    const TABLE: &'static Table = &Table {
        name: "jobs",
        key: &["id"],
        columns: &[
            "id",
            "kind",
            "parameters",
            "state",
            "progress",
            "error_stage",
            "error_message",
            "requested_by",
            "requested_at",
            "started_at",
            "finished_at",
            "expires_at",
            "cancel_requested",
        ],
        numeric: &[],
        removed_by: "id",
    };
}

impl JobRow {
    /// Of a household, the newest first: ids are ordered by time. The first argument, where there is one, is a state.
    pub const NEWEST_FIRST: Selection = Selection {
        condition: "($3::text[])[1] IS NULL OR state = ($3::text[])[1]",
        order: "id DESC",
        behind: "id < ($4::text[])[1]::uuid",
        key: &[KeyPart::Id],
    };
}

/// What a job came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResult {
    /// Of the text.
    pub media_type: String,
    /// The text itself.
    pub text: String,
}

/// What became of a wish to cancel.
#[derive(Clone, Debug, PartialEq)]
pub enum Cancelled {
    /// It is cancelled, or will be at its next step.
    Yes(JobRow),
    /// It had ended.
    TooLate(JobRow),
    /// The asker may only read.
    NotAllowed(Role),
}

impl Jobs {
    /// A part of the list of jobs; `None` where there is no such household for this asker.
    ///
    /// # Errors
    /// The database.
    pub async fn list(&self, asker: Asker, part: Part) -> Result<Option<AsOf<Vec<JobRow>>>, StoreError> {
        self.store.list::<JobRow>(asker, JobRow::NEWEST_FIRST, part).await
    }

    /// How many jobs wait, and how many run, of all households: for operators.
    ///
    /// # Errors
    /// The database.
    pub async fn unfinished(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running') FROM jobs \
                   WHERE state IN ('queued', 'running')";
        let (waiting, running): (i64, i64) = sqlx::query_as(sql).fetch_one(self.store.pool()).await?;
        Ok((waiting.unsigned_abs(), running.unsigned_abs()))
    }

    /// A job and its result, where there is one. `None` where there is no such household for this asker, `Some` of `None` where it has
    /// no such job.
    ///
    /// # Errors
    /// The database.
    pub async fn find(&self, asker: Asker, id: JobId) -> Result<Option<AsOf<Option<(JobRow, Option<StoredResult>)>>>, StoreError> {
        let sql = format!(
            "WITH {gate} SELECT gate.household_id, gate.version, gate.role, row_to_json(page)::text AS job, j.result, j.result_type FROM gate \
             LEFT JOIN jobs j ON j.household_id = gate.household_id AND j.id = $3 \
             LEFT JOIN LATERAL (SELECT {columns} FROM jobs WHERE household_id = gate.household_id AND id = j.id) page ON true",
            gate = gate_sql(asker.household_id.is_some()),
            columns = JobRow::TABLE.as_json(),
        );
        let row = sqlx::query(&sql)
            .bind(asker.household_id.map(|id| id.0))
            .bind(asker.user_id.0)
            .bind(id.0)
            .fetch_optional(self.store.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let as_of = read_gate(&row)?;
        let result: Option<String> = row.try_get("result")?;
        let media_type: Option<String> = row.try_get("result_type")?;
        let result = media_type.zip(result).map(|(media_type, text)| StoredResult { media_type, text });
        let job = read(&as_of, row.try_get("job")?)?.map(|job| (job, result));
        Ok(Some(as_of.with(job)))
    }

    /// Cancels a job: one that waits at once, one that runs at its next step. Twice is as good as once.
    ///
    /// # Errors
    /// The database.
    pub async fn cancel(&self, asker: Asker, id: JobId) -> Result<Option<AsOf<Option<Cancelled>>>, StoreError> {
        // What a statement changes it does not see: the row that is answered is the one that the update gives.
        let sql = format!(
            "WITH {gate}, cancelled AS (UPDATE jobs SET cancel_requested = true, \
             state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END, \
             finished_at = CASE state WHEN 'queued' THEN clock_timestamp() ELSE finished_at END, \
             expires_at = CASE state WHEN 'queued' THEN clock_timestamp() + $4 * interval '1 second' ELSE expires_at END \
             FROM gate WHERE jobs.household_id = gate.household_id AND jobs.id = $3 AND jobs.state IN ('queued', 'running') \
             AND gate.role = ANY($5) RETURNING {columns}) \
             SELECT gate.household_id, gate.version, gate.role, (SELECT row_to_json(cancelled)::text FROM cancelled) AS cancelled, \
             (SELECT row_to_json(page)::text FROM (SELECT {columns} FROM jobs WHERE household_id = gate.household_id AND id = $3) page) AS job \
             FROM gate",
            gate = gate_sql(asker.household_id.is_some()),
            columns = JobRow::TABLE.as_json(),
        );
        let writers: Vec<&str> = Role::ALL.iter().filter(|role| role.may_write()).map(|role| role.as_str()).collect();
        let row = sqlx::query(&sql)
            .bind(asker.household_id.map(|id| id.0))
            .bind(asker.user_id.0)
            .bind(id.0)
            .bind(self.kept_seconds())
            .bind(writers)
            .fetch_optional(self.store.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let as_of = read_gate(&row)?;
        let (cancelled, job) = (read(&as_of, row.try_get("cancelled")?)?, read(&as_of, row.try_get("job")?)?);
        if cancelled.is_some() {
            self.store.announcer().announce();
        }
        let outcome = match (cancelled, job) {
            (Some(job), _) => Some(Cancelled::Yes(job)),
            (None, Some(_)) if !as_of.role.may_write() => Some(Cancelled::NotAllowed(as_of.role)),
            (None, Some(job)) if job.state == JobState::Cancelled => Some(Cancelled::Yes(job)),
            (None, Some(job)) => Some(Cancelled::TooLate(job)),
            (None, None) => None,
        };
        Ok(Some(as_of.with(outcome)))
    }
}

fn read(as_of: &AsOf<()>, text: Option<String>) -> Result<Option<JobRow>, StoreError> {
    let job = text.map(|text| serde_json::from_str(&text)).transpose();
    job.map_err(|error| as_of.damaged(JobRow::TABLE.name, &error))
}

//! One statement: events, read models, head, snapshot and idempotency record commit together or not at all.
//!
//! Why one transaction: were the read models written after the commit, a crash in between would leave lists that are stale and look
//! fresh. Why one statement: a round trip costs more than its rows. Why no lock: the head moves only from the version that was decided
//! on, so one writer wins and the other decides again; behind it stands the unique key of `events`. Deliberately absent: rules, retries,
//! the clock.

use domain::household::{Event, Household};
use domain::ids::{HouseholdId, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::execute::StoredAnswer;
use super::hash_chain::{Hash, Link};
use super::{Known, SNAPSHOT_EVERY, STATE_FORM, Version};
use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::read_models;
use crate::read_models::table::TableChanges;

/// What is appended: facts, and what they were decided on.
#[derive(Debug)]
pub struct Batch<'a> {
    /// Whose.
    pub household_id: HouseholdId,
    /// What was known when it was decided.
    pub base: &'a Known,
    /// What happened, at least one event.
    pub events: &'a [Event],
    /// The state behind them.
    pub after: &'a Household,
    /// Who, when, why.
    pub metadata: &'a Value,
    /// The answer to keep for the client's key.
    pub answer: Option<&'a StoredAnswer>,
    /// A user who has no default household yet gets this one.
    pub default_for: Option<UserId>,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream has moved on since the decision: decide again.
    #[error("the household has changed meanwhile")]
    Conflict,
    /// Another request with this idempotency key was first: its answer stands.
    #[error("the idempotency key has been used meanwhile")]
    KeyTaken,
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// An event that canonical JSON cannot hold: a programming error.
    #[error("an event cannot be written: {0}")]
    Encoding(#[from] serde_json::Error),
}

impl AppendError {
    /// By the constraint's name: not every unique violation is a conflict of versions.
    fn by_constraint(error: sqlx::Error) -> Self {
        let constraint = error.as_database_error().and_then(|refusal| refusal.constraint());
        match constraint {
            Some("events_pkey" | "heads_pkey") => Self::Conflict,
            Some("idempotency_keys_pkey") => Self::KeyTaken,
            _ => Self::Database(error.into()),
        }
    }
}

/// Appends a batch; gives the version and hash of its last event.
///
/// # Errors
/// [`AppendError`]; nothing has been written.
pub async fn append(pool: &Connections, batch: &Batch<'_>) -> Result<(Version, Hash), AppendError> {
    let rows = EventRows::of(batch)?;
    let (version, hash) = rows.last(batch.base);
    let changes = read_models::changes(batch.base.version.saturating_add(1), batch.events, &batch.base.household, batch.after);
    let snapshot = batch.base.version / SNAPSHOT_EVERY != version / SNAPSHOT_EVERY;

    let mut statement = Statement::new(batch.base.version == 0, &changes.tables);
    let snapshot_parameter = snapshot.then(|| statement.snapshot());
    let answer_parameter = batch.answer.map(|_| statement.answer());
    let default_parameter = batch.default_for.map(|_| statement.default_household());
    let sql = statement.finish();

    let mut query = sqlx::query_scalar::<_, i64>(&sql)
        .bind(batch.household_id.0)
        .bind(batch.base.version)
        .bind(version)
        .bind(hash.as_slice())
        .bind(batch.base.hash.as_slice())
        .bind(serde_json::to_string(batch.metadata)?)
        .bind(rows.sequences)
        .bind(rows.types)
        .bind(rows.forms)
        .bind(rows.payloads)
        .bind(rows.previous)
        .bind(rows.hashes)
        .bind(batch.household_id.to_string());
    for TableChanges { rows, removed, .. } in &changes.tables {
        if !rows.is_empty() {
            query = query.bind(serde_json::to_string(rows)?);
        }
        if !removed.is_empty() {
            query = query.bind(removed.as_slice());
        }
    }
    if snapshot_parameter.is_some() {
        query = query.bind(STATE_FORM).bind(serde_json::to_string(batch.after)?);
    }
    if let (Some(_), Some(answer)) = (answer_parameter, batch.answer) {
        query = query
            .bind(answer.user_id.0)
            .bind(answer.key.as_str())
            .bind(answer.request_hash.as_slice())
            .bind(i32::from(answer.status))
            .bind(answer.location.as_deref())
            .bind(answer.body.as_str());
    }
    if let (Some(_), Some(user)) = (default_parameter, batch.default_for) {
        query = query.bind(user.0);
    }
    match query.fetch_one(pool).await.map_err(AppendError::by_constraint)? {
        1 => Ok((version, hash)),
        _ => Err(AppendError::Conflict),
    }
}

/// The columns of the events, each as one array.
struct EventRows {
    sequences: Vec<i64>,
    types: Vec<&'static str>,
    forms: Vec<String>,
    payloads: Vec<String>,
    previous: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
    last: Option<(Version, Hash)>,
}

impl EventRows {
    fn of(batch: &Batch<'_>) -> Result<Self, serde_json::Error> {
        let mut rows = Self {
            sequences: Vec::new(),
            types: Vec::new(),
            forms: Vec::new(),
            payloads: Vec::new(),
            previous: Vec::new(),
            hashes: Vec::new(),
            last: None,
        };
        let mut previous = batch.base.hash;
        for (sequence, event) in (batch.base.version.saturating_add(1)..).zip(batch.events) {
            let (payload, form) = (serde_json::to_value(event)?, cqrs_es::DomainEvent::event_version(event));
            let household_id: Uuid = batch.household_id.0;
            let link = Link {
                household_id,
                sequence,
                event_type: event.name(),
                event_version: &form,
                payload: &payload,
                metadata: batch.metadata,
            };
            let hash = link.hash(&previous)?;
            rows.sequences.push(sequence);
            rows.types.push(event.name());
            rows.payloads.push(serde_json::to_string(&payload)?);
            rows.forms.push(form);
            rows.previous.push(previous.to_vec());
            rows.hashes.push(hash.to_vec());
            rows.last = Some((sequence, hash));
            previous = hash;
        }
        Ok(rows)
    }

    fn last(&self, base: &Known) -> (Version, Hash) {
        self.last.unwrap_or((base.version, base.hash))
    }
}

/// The text of the statement, as it grows by the tables that the batch touches. There are as many texts as there are kinds of
/// command, so that each connection prepares them once.
struct Statement {
    parts: Vec<String>,
    parameters: usize,
}

impl Statement {
    /// `$1` household · `$2` version decided on · `$3` new version · `$4` its hash · `$5` hash decided on · `$6` metadata · `$7…$12` the events'
    /// columns · `$13` the household as text.
    const FIXED: usize = 13;

    fn new(first: bool, tables: &[TableChanges]) -> Self {
        // The first event makes the head; every later one moves it from exactly where it was. Where that finds no row, `head` is
        // empty, and nothing that follows writes anything.
        let head = if first {
            "head AS (INSERT INTO heads (household_id, version, hash) SELECT $1, $3, $4 WHERE $2 = 0::bigint AND length($5::bytea) = 32 \
             ON CONFLICT ON CONSTRAINT heads_pkey DO NOTHING RETURNING 1)"
        } else {
            "head AS (UPDATE heads SET version = $3, hash = $4, recorded_at = now() \
             WHERE household_id = $1 AND version = $2 AND hash = $5 RETURNING 1)"
        };
        let events = "events_written AS (INSERT INTO events \
             (household_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, prev_hash, hash) \
             SELECT $1, 'household', $13, e.sequence, e.event_type, e.event_version, e.payload::json, $6::json, e.prev_hash, e.hash \
             FROM unnest($7::bigint[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::bytea[]) \
             AS e (sequence, event_type, event_version, payload, prev_hash, hash) WHERE EXISTS (SELECT FROM head))";
        let mut statement = Self { parts: vec![head.to_owned(), events.to_owned()], parameters: Self::FIXED };
        for TableChanges { table, rows, removed } in tables {
            if !rows.is_empty() {
                let parameter = statement.next();
                statement.parts.push(table.upsert(parameter));
            }
            if !removed.is_empty() {
                let parameter = statement.next();
                statement.parts.push(table.removal(parameter));
            }
        }
        statement
    }

    fn next(&mut self) -> usize {
        self.parameters = self.parameters.saturating_add(1);
        self.parameters
    }

    fn snapshot(&mut self) {
        let (form, state) = (self.next(), self.next());
        self.parts.push(format!(
            "snapshot_written AS (INSERT INTO snapshots (household_id, version, form, state, hash) \
             SELECT $1, $3, ${form}, ${state}, $4 WHERE EXISTS (SELECT FROM head) ON CONFLICT (household_id) DO UPDATE \
             SET version = excluded.version, form = excluded.form, state = excluded.state, hash = excluded.hash)"
        ));
    }

    fn answer(&mut self) {
        let (user, key, request, status, location, body) = (self.next(), self.next(), self.next(), self.next(), self.next(), self.next());
        self.parts.push(format!(
            "answer_written AS (INSERT INTO idempotency_keys (household_id, user_id, idempotency_key, request_hash, status, version, location, body) \
             SELECT $1, ${user}, ${key}, ${request}, ${status}, $3, ${location}, ${body} WHERE EXISTS (SELECT FROM head))"
        ));
    }

    fn default_household(&mut self) {
        let user = self.next();
        self.parts.push(format!(
            "default_written AS (UPDATE users SET default_household_id = $1 \
             WHERE user_id = ${user} AND default_household_id IS NULL AND EXISTS (SELECT FROM head))"
        ));
    }

    fn finish(self) -> String {
        format!("WITH {} SELECT count(*) FROM head", self.parts.join(", "))
    }
}

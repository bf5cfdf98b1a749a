//! One statement: events, read models, head, snapshot and idempotency records commit together or not at all.
//!
//! Why one transaction: were the read models written after the commit, a crash in between would leave lists that are stale and look
//! fresh. Why one statement: a round trip costs more than its rows. Why no lock: the head moves only from the version that was decided
//! on, so one writer wins and the other decides again; behind it stands the unique key of `events`. Deliberately absent: rules, retries,
//! the clock, and more than one household in a statement.

use domain::household::{Event, Household};
use domain::ids::{HouseholdId, UserId};
use serde_json::Value;

use super::execute::StoredAnswer;
use super::hash_chain::{Hash, Link, WrittenLink, is_canonical};
use super::statement::{Part, Statement};
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

/// What is appended on behalf of one command or of several, each decided on the state behind the one before.
#[derive(Debug)]
pub(super) struct Append<'a> {
    pub household_id: HouseholdId,
    /// What the first was decided on.
    pub base: &'a Known,
    pub events: &'a [Event],
    pub rows: &'a EventRows,
    /// The state behind all of them.
    pub after: &'a Household,
    /// The answers to keep for their clients' keys.
    pub answers: &'a [StoredAnswer],
    pub default_for: Option<UserId>,
    /// Users who did not say which household they mean: it has to be their default one still, else nothing is appended.
    pub meant_by_default: &'a [UserId],
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
    let mut rows = EventRows::default();
    let behind = rows.add(batch.household_id, (batch.base.version, batch.base.hash), batch.events, batch.metadata)?;
    let append = Append {
        household_id: batch.household_id,
        base: batch.base,
        events: batch.events,
        rows: &rows,
        after: batch.after,
        answers: batch.answer.map(std::slice::from_ref).unwrap_or_default(),
        default_for: batch.default_for,
        meant_by_default: &[],
    };
    append.execute(pool).await?;
    Ok(behind)
}

impl Append<'_> {
    /// Sends it.
    ///
    /// # Errors
    /// [`AppendError`]; nothing has been written, or (a connection that was lost) nobody knows.
    pub(super) async fn execute(&self, pool: &Connections) -> Result<(), AppendError> {
        match self.statement()?.execute(pool).await.map_err(AppendError::by_constraint)? {
            1 => Ok(()),
            _ => Err(AppendError::Conflict),
        }
    }

    fn statement(&self) -> Result<Statement, AppendError> {
        let (version, hash) = self.rows.last().unwrap_or((self.base.version, self.base.hash));
        let mut statement = Statement::default();
        // The parameters that every part may use; see `statement`.
        statement
            .bind(self.household_id.0)?
            .bind(self.base.version)?
            .bind(version)?
            .bind(hash.to_vec())?
            .bind(self.base.hash.to_vec())?
            .bind(self.household_id.to_string())?;
        match self.meant_by_default {
            _ if self.base.version == 0 => statement.add(Part::OpenHead),
            [] => statement.add(Part::MoveHead),
            users => statement.add(Part::MoveHeadOfDefault).bind(users.iter().map(|user| user.0).collect::<Vec<_>>())?,
        };
        self.rows.write(&mut statement)?;
        let changes = read_models::changes(self.base.version.saturating_add(1), self.events, &self.base.household, self.after);
        for TableChanges { table, rows, removed } in changes.tables {
            if !rows.is_empty() {
                statement.add(Part::Upsert(table)).bind(serde_json::to_string(&rows)?)?;
            }
            if !removed.is_empty() {
                statement.add(Part::Remove(table)).bind(removed)?;
            }
        }
        if self.base.version / SNAPSHOT_EVERY != version / SNAPSHOT_EVERY {
            statement.add(Part::Snapshot).bind(STATE_FORM)?.bind(serde_json::to_string(self.after)?)?;
        }
        answers(&mut statement, self.answers)?;
        if let Some(user) = self.default_for {
            statement.add(Part::DefaultHousehold).bind(user.0)?;
        }
        Ok(statement)
    }
}

fn answers(statement: &mut Statement, answers: &[StoredAnswer]) -> Result<(), sqlx::Error> {
    if answers.is_empty() {
        return Ok(());
    }
    let column = |of: fn(&StoredAnswer) -> String| answers.iter().map(of).collect::<Vec<_>>();
    statement
        .add(Part::Answers)
        .bind(answers.iter().map(|answer| answer.user_id.0).collect::<Vec<_>>())?
        .bind(column(|answer| answer.key.clone()))?
        .bind(answers.iter().map(|answer| answer.request_hash.to_vec()).collect::<Vec<_>>())?
        .bind(answers.iter().map(|answer| i32::from(answer.status)).collect::<Vec<_>>())?
        .bind(answers.iter().map(|answer| answer.version).collect::<Vec<_>>())?
        .bind(answers.iter().map(|answer| answer.location.clone()).collect::<Vec<_>>())?
        .bind(column(|answer| answer.body.clone()))?;
    Ok(())
}

/// The columns of the events, each as one array, as far as they are not the same for all.
#[derive(Debug, Default)]
pub(super) struct EventRows {
    sequences: Vec<i64>,
    types: Vec<&'static str>,
    forms: Vec<String>,
    payloads: Vec<String>,
    previous: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
    /// Which command an event is of, counted from 1 as PostgreSQL counts the elements of an array.
    commands: Vec<i32>,
    /// Of each command.
    metadata: Vec<String>,
    last: Option<(Version, Hash)>,
}

impl EventRows {
    /// Adds the events of one command, which follow the event of this version and hash; gives those of the last one.
    ///
    /// # Errors
    /// An event that canonical JSON cannot hold.
    pub(super) fn add(
        &mut self,
        household: HouseholdId,
        (version, hash): (Version, Hash),
        events: &[Event],
        metadata: &Value,
    ) -> Result<(Version, Hash), serde_json::Error> {
        let metadata_text = serde_json::to_string(metadata)?;
        let metadata_is_canonical = is_canonical(metadata);
        let command = i32::try_from(self.metadata.len()).unwrap_or(i32::MAX).saturating_add(1);
        let mut previous = hash;
        for (sequence, event) in (version.saturating_add(1)..).zip(events) {
            let (value, form) = (serde_json::to_value(event)?, cqrs_es::DomainEvent::event_version(event));
            let (household_id, event_type, payload) = (household.0, event.name(), serde_json::to_string(&value)?);
            let hash = if metadata_is_canonical && is_canonical(&value) {
                let (event_version, payload, metadata) = (form.as_str(), payload.as_str(), metadata_text.as_str());
                WrittenLink { household_id, sequence, event_type, event_version, payload, metadata }.hash(&previous)
            } else {
                Link { household_id, sequence, event_type, event_version: &form, payload: &value, metadata }.hash(&previous)?
            };
            self.sequences.push(sequence);
            self.types.push(event_type);
            self.payloads.push(payload);
            self.forms.push(form);
            self.previous.push(previous.to_vec());
            self.hashes.push(hash.to_vec());
            self.commands.push(command);
            self.last = Some((sequence, hash));
            previous = hash;
        }
        self.metadata.push(metadata_text);
        Ok(self.last.unwrap_or((version, hash)))
    }

    /// Adds what another has, which follows this one.
    pub(super) fn append(&mut self, mut other: Self) {
        let commands_before = i32::try_from(self.metadata.len()).unwrap_or(i32::MAX);
        self.sequences.append(&mut other.sequences);
        self.types.append(&mut other.types);
        self.forms.append(&mut other.forms);
        self.payloads.append(&mut other.payloads);
        self.previous.append(&mut other.previous);
        self.hashes.append(&mut other.hashes);
        self.commands.extend(other.commands.iter().map(|command| command.saturating_add(commands_before)));
        self.metadata.append(&mut other.metadata);
        self.last = other.last.or(self.last);
    }

    /// How many events.
    pub(super) fn len(&self) -> usize {
        self.sequences.len()
    }

    fn last(&self) -> Option<(Version, Hash)> {
        self.last
    }

    /// One event, as most commands have it, goes in by scalars: an array for each column costs PostgreSQL a fifth more.
    fn write(&self, statement: &mut Statement) -> Result<(), sqlx::Error> {
        if let ([event_type], [form], [payload], [metadata]) =
            (self.types.as_slice(), self.forms.as_slice(), self.payloads.as_slice(), self.metadata.as_slice())
        {
            statement.add(Part::Event).bind(*event_type)?.bind(form.as_str())?.bind(payload.as_str())?.bind(metadata.as_str())?;
        } else {
            statement
                .add(Part::Events)
                .bind(self.sequences.as_slice())?
                .bind(self.types.as_slice())?
                .bind(self.forms.as_slice())?
                .bind(self.payloads.as_slice())?
                .bind(self.previous.as_slice())?
                .bind(self.hashes.as_slice())?
                .bind(self.commands.as_slice())?
                .bind(self.metadata.as_slice())?;
        }
        Ok(())
    }
}

impl From<sqlx::Error> for AppendError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

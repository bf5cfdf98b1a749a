//! A command from decision to append, through cqrs-es's framework, decided again where the household moved meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cqrs_es::{AggregateContext, AggregateError, CqrsFramework, EventEnvelope, EventStore};
use domain::household::{Actor, Command, Event, Household, HouseholdError, Intent};
use domain::ids::{HouseholdId, UserId};

use super::append::{AppendError, Batch, append};
use super::{Head, Known, Metadata, Replay, Store, StoreError, Version};

/// How often a command is decided before its client hears that the household is too busy. With the lanes of one process and a
/// handful of processes, the third attempt is rare.
const MOST_ATTEMPTS: u32 = 40;

/// A command on its way.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose.
    pub household_id: HouseholdId,
    /// What.
    pub command: Command,
    /// Who, when, why.
    pub metadata: Metadata,
    /// Where the gate found the stream's end: what is decided on is at least as new.
    pub seen: Head,
    /// `If-Match`: decide on exactly this version, or not at all.
    pub expected_version: Option<Version>,
    /// `Idempotency-Key`.
    pub idempotency: Option<IdempotencyKey>,
}

/// A client's key and what it asked with it.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// Who sent it: keys of two users are two keys.
    pub user_id: UserId,
    /// The key.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: [u8; 32],
}

/// What was decided, for whoever forms the answer; the append is still to come.
#[derive(Debug)]
pub struct Decided<'a> {
    /// The state behind the events.
    pub household: &'a Household,
    /// The version behind the events.
    pub version: Version,
    /// What happened; nothing where nothing changed.
    pub events: &'a [Event],
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header of a creation.
    pub location: Option<String>,
    /// JSON.
    pub body: String,
}

/// An answer that is kept for its key.
#[derive(Clone, Debug)]
pub struct StoredAnswer {
    pub(super) user_id: UserId,
    pub(super) key: String,
    pub(super) request_hash: [u8; 32],
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: String,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// It was carried out, or there was nothing to do.
    Answered {
        /// The answer.
        answer: Answer,
        /// The household's version behind it.
        version: Version,
    },
    /// It had been carried out before, under this key.
    Replayed(Replay),
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A rule of the household.
    #[error(transparent)]
    Refused(#[from] HouseholdError),
    /// `If-Match` names another version than the stream's last.
    #[error("the household is at version {current}")]
    OtherVersion {
        /// Where it is.
        current: Version,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Others were faster, each time.
    #[error("the household is being changed by many at once")]
    Contended,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A programming error, told to the operator.
    #[error("the command could not be carried out: {0}")]
    Internal(String),
}

impl Store {
    /// Carries out a command. `answer` forms the client's answer from what was decided, before the append, so that an answer and its
    /// idempotency record commit with the events.
    ///
    /// # Errors
    /// [`ExecuteError`]; nothing has been appended.
    pub async fn execute(&self, request: Request, answer: impl Fn(&Decided<'_>) -> Answer + Sync) -> Result<Executed, ExecuteError> {
        let _turn = self.lanes.turn(request.household_id).await;
        let refusal = match self.decide_and_append(&request, &answer).await {
            Err(refusal @ (ExecuteError::Refused(_) | ExecuteError::OtherVersion { .. })) => refusal,
            other => return other,
        };
        // The same request may have been carried out while this one waited: it is not refused for what it has done itself.
        self.first_answer(&request).await?.ok_or(refusal)
    }

    async fn decide_and_append<F>(&self, request: &Request, answer: &F) -> Result<Executed, ExecuteError>
    where
        F: Fn(&Decided<'_>) -> Answer + Sync,
    {
        let mut known = self.load(request.household_id, request.seen).await?;
        for attempt in 1..=MOST_ATTEMPTS {
            if let Some(expected) = request.expected_version
                && expected != known.version
            {
                known = self.load_head(request.household_id).await?;
                if expected != known.version {
                    return Err(ExecuteError::OtherVersion { current: known.version });
                }
            }
            match self.attempt(request, Arc::clone(&known), answer).await? {
                Outcome::Done(executed) => return Ok(executed),
                Outcome::KeyTaken => {
                    if let Some(first) = self.first_answer(request).await? {
                        return Ok(first);
                    }
                    self.remove_expired_answer(request).await?;
                }
                Outcome::Conflict => {
                    tracing::debug!(household = %request.household_id, attempt, version = known.version, "conflict: deciding again");
                    tokio::time::sleep(backoff(attempt)).await;
                    known = self.load_head(request.household_id).await?;
                }
            }
        }
        Err(ExecuteError::Contended)
    }

    async fn attempt<F>(&self, request: &Request, base: Arc<Known>, answer: &F) -> Result<Outcome, ExecuteError>
    where
        F: Fn(&Decided<'_>) -> Answer + Sync,
    {
        let result = Mutex::new(None);
        let attempt = Attempt { store: self, request, base, answer, result: &result };
        let mut metadata = request.metadata.clone();
        if let Actor::User(user) = request.command.actor {
            // The role that allows it is the one of the state that it is decided on.
            metadata.role = attempt.base.household.role_of(user).map(|role| role.as_str().to_owned());
        }
        let metadata = metadata.into_map(self.tables.version());
        let id = request.household_id.to_string();
        let framework = CqrsFramework::new(attempt, Vec::new(), self.tables);
        let told = framework.execute_with_metadata(&id, request.command.clone(), metadata).await;
        let outcome = result.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (told, outcome) {
            (Err(AggregateError::UserError(refusal)), _) => Err(refusal.into()),
            (_, Some(outcome)) => outcome,
            (Err(other), None) => Err(ExecuteError::Internal(other.to_string())),
            (Ok(()), None) => Err(ExecuteError::Internal("the framework did not commit".to_owned())),
        }
    }

    /// Removes answers that nobody is given any more, a thousand at a time so that no lock is held for long; gives how many.
    ///
    /// # Errors
    /// The database.
    pub async fn remove_expired_answers(&self) -> Result<u64, StoreError> {
        let sql = "DELETE FROM idempotency_keys WHERE ctid IN \
                   (SELECT ctid FROM idempotency_keys WHERE recorded_at <= now() - interval '24 hours' LIMIT 1000)";
        let mut removed = 0_u64;
        loop {
            let rows = sqlx::query(sql).execute(&self.pool).await?.rows_affected();
            removed = removed.saturating_add(rows);
            if rows == 0 {
                return Ok(removed);
            }
        }
    }

    /// The first answer to the request's key, where there was one within 24 hours.
    async fn first_answer(&self, request: &Request) -> Result<Option<Executed>, ExecuteError> {
        let Some(IdempotencyKey { user_id, key, request_hash }) = &request.idempotency else { return Ok(None) };
        match self.replay(request.household_id, *user_id, key).await? {
            Some(replay) if replay.request_hash == request_hash => Ok(Some(Executed::Replayed(replay))),
            Some(_) => Err(ExecuteError::KeyReused),
            None => Ok(None),
        }
    }

    /// Makes room for a new answer where the one under the request's key is older than 24 hours.
    async fn remove_expired_answer(&self, request: &Request) -> Result<(), ExecuteError> {
        let Some(IdempotencyKey { user_id, key, .. }) = &request.idempotency else { return Ok(()) };
        let sql = "DELETE FROM idempotency_keys WHERE household_id = $1 AND user_id = $2 AND idempotency_key = $3 \
                   AND recorded_at <= now() - interval '24 hours'";
        let query = sqlx::query(sql).bind(request.household_id.0).bind(user_id.0).bind(key);
        query.execute(&self.pool).await.map_err(StoreError::from)?;
        Ok(())
    }
}

/// What became of one attempt.
enum Outcome {
    Done(Executed),
    Conflict,
    KeyTaken,
}

/// One attempt, as cqrs-es's event store: its framework loads the aggregate from here, lets it handle the command, and commits here.
/// The framework's errors have no room for ours, so what became of the commit is left in `result`.
struct Attempt<'a, F> {
    store: &'a Store,
    request: &'a Request,
    base: Arc<Known>,
    answer: &'a F,
    result: &'a Mutex<Option<Result<Outcome, ExecuteError>>>,
}

/// The aggregate that the framework works on: a copy, since a refusal may leave it half-changed.
struct Working(Household);

impl AggregateContext<Household> for Working {
    fn aggregate(&mut self) -> &mut Household {
        &mut self.0
    }
}

type FrameworkError = AggregateError<HouseholdError>;

impl<F> EventStore<Household> for Attempt<'_, F>
where
    F: Fn(&Decided<'_>) -> Answer + Sync,
{
    type AC = Working;

    async fn load_events(&self, _: &str) -> Result<Vec<EventEnvelope<Household>>, FrameworkError> {
        Ok(Vec::new()) // asked by nobody: a command needs the state, not the events
    }

    async fn load_aggregate(&self, _: &str) -> Result<Working, FrameworkError> {
        Ok(Working(Household::clone(&self.base.household)))
    }

    async fn commit(
        &self,
        events: Vec<Event>,
        Working(after): Working,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Household>>, FrameworkError> {
        let outcome = self.write(&events, after, metadata).await;
        let conflict = !matches!(outcome, Ok(Outcome::Done(_)));
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        // The envelopes are for the framework's own queries, which run after the commit; ours ran inside it.
        if conflict { Err(AggregateError::AggregateConflict) } else { Ok(Vec::new()) }
    }
}

impl<F> Attempt<'_, F>
where
    F: Fn(&Decided<'_>) -> Answer + Sync,
{
    async fn write(&self, events: &[Event], after: Household, metadata: HashMap<String, String>) -> Result<Outcome, ExecuteError> {
        let Self { store, request, base, .. } = self;
        let version = base.version.saturating_add(Version::try_from(events.len()).unwrap_or(0));
        let answer = (self.answer)(&Decided { household: &after, version, events });
        let stored = request.idempotency.as_ref().map(|key| StoredAnswer::of(key, &answer));
        if events.is_empty() {
            return self.keep_answer(answer, stored, version).await;
        }
        let metadata = serde_json::to_value(metadata).map_err(|error| ExecuteError::Internal(error.to_string()))?;
        let batch = Batch {
            household_id: request.household_id,
            base,
            events,
            after: &after,
            metadata: &metadata,
            answer: stored.as_ref(),
            default_for: opener(&request.command.intent),
        };
        match append(&store.pool, &batch).await {
            Ok((version, hash)) => {
                store.remember(request.household_id, Arc::new(Known { household: Arc::new(after), version, hash }));
                store.announcer.announce();
                Ok(Outcome::Done(Executed::Answered { answer, version }))
            }
            Err(AppendError::Conflict) => Ok(Outcome::Conflict),
            Err(AppendError::KeyTaken) => Ok(Outcome::KeyTaken),
            Err(AppendError::Database(error)) => Err(StoreError::Database(error).into()),
            Err(AppendError::Encoding(error)) => Err(ExecuteError::Internal(error.to_string())),
        }
    }

    /// Nothing changed: there is no event, but a key's first answer is kept all the same.
    async fn keep_answer(&self, answer: Answer, stored: Option<StoredAnswer>, version: Version) -> Result<Outcome, ExecuteError> {
        if let Some(stored) = stored {
            let sql = "INSERT INTO idempotency_keys (household_id, user_id, idempotency_key, request_hash, status, version, location, body) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING";
            let query = sqlx::query(sql)
                .bind(self.request.household_id.0)
                .bind(stored.user_id.0)
                .bind(stored.key)
                .bind(stored.request_hash.as_slice())
                .bind(i32::from(stored.status))
                .bind(version)
                .bind(stored.location)
                .bind(stored.body);
            if query.execute(&self.store.pool).await.map_err(StoreError::from)?.rows_affected() == 0 {
                return Ok(Outcome::KeyTaken);
            }
        }
        Ok(Outcome::Done(Executed::Answered { answer, version }))
    }
}

impl StoredAnswer {
    fn of(key: &IdempotencyKey, answer: &Answer) -> Self {
        Self {
            user_id: key.user_id,
            key: key.key.clone(),
            request_hash: key.request_hash,
            status: answer.status,
            location: answer.location.clone(),
            body: answer.body.clone(),
        }
    }
}

/// Whoever opens a household gets it as the default one, where they have none.
fn opener(intent: &Intent) -> Option<UserId> {
    if let Intent::OpenHousehold { creator: Some(creator), .. } = intent { Some(creator.user_id) } else { None }
}

/// A random part of a time that doubles up to 32 ms: those who collided once shall not collide in step.
fn backoff(attempt: u32) -> Duration {
    Duration::from_micros(fastrand::u64(0..=1000_u64.saturating_mul(1 << attempt.min(5))))
}

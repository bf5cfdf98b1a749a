//! The same store behind cqrs-es's `PersistedEventRepository`, so that its own tools (`PersistedEventStore`, replays, upcasters) work on it.
//!
//! Differences from postgres-es, each for a reason that ARCHITECTURE.md tells: events go in with their read models and the head in one
//! statement; a lost connection is an error of the stream and not a panic; snapshots that cqrs-es offers are refused, since
//! cqrs-es 0.5 applies a command's events twice before it takes one.

use std::sync::Arc;

use cqrs_es::Aggregate;
use cqrs_es::persist::{PersistedEventRepository, PersistenceError, ReplayStream, SerializedEvent, SerializedSnapshot};
use domain::household::{Event, Household};
use domain::ids::HouseholdId;
use serde_json::Value;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::append::{AppendError, Batch, append};
use super::{Store, StoreError, Version};

const COLUMNS: &str = "SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata FROM events";

/// The store as cqrs-es sees it. An aggregate's id is the household's.
#[derive(Clone)]
pub struct HouseholdRepository {
    store: Store,
}

impl HouseholdRepository {
    /// A repository on a store.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    async fn select(&self, id: &str, after: Version) -> Result<Vec<SerializedEvent>, PersistenceError> {
        let household = household(id)?;
        let sql = format!(
            "{COLUMNS} WHERE household_id = $1 AND aggregate_type = 'household' AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence"
        );
        let rows = sqlx::query(&sql).bind(household.0).bind(id).bind(after).fetch_all(self.store.pool()).await.map_err(failed)?;
        rows.iter().map(|row| read(row).map_err(failed)).collect()
    }
}

impl PersistedEventRepository for HouseholdRepository {
    async fn get_events<A: Aggregate>(&self, id: &str) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.select(id, 0).await
    }

    async fn get_last_events<A: Aggregate>(&self, id: &str, last_sequence: usize) -> Result<Vec<SerializedEvent>, PersistenceError> {
        self.select(id, Version::try_from(last_sequence).unwrap_or(Version::MAX)).await
    }

    /// None: snapshots are taken and read by the store itself.
    async fn get_snapshot<A: Aggregate>(&self, _: &str) -> Result<Option<SerializedSnapshot>, PersistenceError> {
        Ok(None)
    }

    async fn persist<A: Aggregate>(
        &self,
        events: &[SerializedEvent],
        snapshot: Option<(String, Value, usize)>,
    ) -> Result<(), PersistenceError> {
        if snapshot.is_some() {
            return Err(PersistenceError::UnknownError("snapshots of cqrs-es 0.5 are not taken: use an event store without them".into()));
        }
        let Some(first) = events.first() else { return Ok(()) };
        let id = household(&first.aggregate_id)?;
        let base = self.store.load_head(id).await.map_err(unknown)?;
        if Version::try_from(first.sequence).ok() != Some(base.version.saturating_add(1)) {
            return Err(PersistenceError::OptimisticLockError);
        }
        let decoded: Vec<Event> = events.iter().map(|event| serde_json::from_value(event.payload.clone())).collect::<Result<_, _>>()?;
        let mut after = Household::clone(&base.household);
        decoded.iter().cloned().for_each(|event| after.fold(event));
        let batch = Batch {
            household_id: id,
            base: &base,
            events: &decoded,
            after: &after,
            metadata: &first.metadata,
            answer: None,
            default_for: None,
        };
        match append(self.store.pool(), &batch).await {
            Ok((version, hash)) => {
                self.store.remember(id, Arc::new(super::Known { household: Arc::new(after), version, hash }));
                Ok(())
            }
            Err(AppendError::Conflict | AppendError::KeyTaken) => Err(PersistenceError::OptimisticLockError),
            Err(AppendError::Database(error)) => Err(unknown(StoreError::Database(error))),
            Err(AppendError::Encoding(error)) => Err(error.into()),
        }
    }

    async fn stream_events<A: Aggregate>(&self, id: &str) -> Result<ReplayStream, PersistenceError> {
        let household = household(id)?;
        let sql = format!("{COLUMNS} WHERE household_id = $1 AND aggregate_type = $2 ORDER BY sequence");
        Ok(stream(self.store.clone(), sql, Some(household.0)))
    }

    /// In the global order: by transaction, then by position, below the oldest transaction that is still open.
    async fn stream_all_events<A: Aggregate>(&self) -> Result<ReplayStream, PersistenceError> {
        let sql = format!(
            "{COLUMNS} WHERE ($1::uuid IS NULL) AND aggregate_type = $2 \
             AND transaction_id < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY transaction_id, global_position"
        );
        Ok(stream(self.store.clone(), sql, None))
    }
}

/// Feeds rows as they come; an error of the database ends the stream as an error that its reader sees.
fn stream(store: Store, sql: String, household: Option<Uuid>) -> ReplayStream {
    use futures_util::TryStreamExt as _;
    let (mut feed, stream) = ReplayStream::new(200);
    tokio::spawn(async move {
        let mut connection = match store.pool().lease().await {
            Ok(connection) => connection,
            Err(error) => return drop(feed.push(Err(failed(error))).await),
        };
        let mut rows = sqlx::query(&sql).bind(household).bind(Household::TYPE).fetch(&mut *connection);
        loop {
            let next = match rows.try_next().await {
                Ok(None) => return,
                Ok(Some(row)) => read(&row).map_err(failed),
                Err(error) => Err(failed(error)),
            };
            let failed = next.is_err();
            if feed.push(next).await.is_err() || failed {
                return;
            }
        }
    });
    stream
}

fn household(id: &str) -> Result<HouseholdId, PersistenceError> {
    Uuid::parse_str(id).map(HouseholdId).map_err(|error| PersistenceError::UnknownError(Box::new(error)))
}

fn read(row: &PgRow) -> Result<SerializedEvent, sqlx::Error> {
    let sequence: i64 = row.try_get("sequence")?;
    Ok(SerializedEvent::new(
        row.try_get("aggregate_id")?,
        usize::try_from(sequence).unwrap_or(usize::MAX),
        row.try_get("aggregate_type")?,
        row.try_get("event_type")?,
        row.try_get("event_version")?,
        row.try_get("payload")?,
        row.try_get("metadata")?,
    ))
}

fn failed(error: sqlx::Error) -> PersistenceError {
    PersistenceError::ConnectionError(Box::new(error))
}

fn unknown(error: StoreError) -> PersistenceError {
    PersistenceError::UnknownError(Box::new(error))
}

//! A household as of a version: from the cache where that is new enough, else from snapshot and tail.

use std::sync::Arc;

use domain::household::{Event, Household};
use domain::ids::HouseholdId;
use sqlx::Row as _;

use super::hash_chain::GENESIS;
use super::{Known, STATE_FORM, Store, StoreError, Version};

impl Known {
    /// Before the first event.
    #[must_use]
    pub fn nothing() -> Self {
        Self { household: Arc::new(Household::default()), version: 0, hash: GENESIS }
    }
}

impl Store {
    /// The household as of `at_least` this version, or newer. Costs nothing where the cache has it.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn load(&self, id: HouseholdId, at_least: Version) -> Result<Arc<Known>, StoreError> {
        match self.cache.get(&id) {
            Some(known) if known.version >= at_least => Ok(known),
            Some(known) => self.catch_up(id, (*known).clone()).await,
            None => self.catch_up(id, Known::nothing()).await,
        }
    }

    /// The household as of its last event, whatever the cache has.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn load_head(&self, id: HouseholdId) -> Result<Arc<Known>, StoreError> {
        self.load(id, Version::MAX).await
    }

    /// Keeps what is known behind an append.
    pub(super) fn remember(&self, id: HouseholdId, known: Arc<Known>) {
        if self.cache.get(&id).is_none_or(|cached| cached.version <= known.version) {
            self.cache.insert(id, known);
        }
    }

    /// Forgets what is known: for a guess that turned out to be ahead of the stream.
    pub(super) fn forget(&self, id: HouseholdId) {
        self.cache.invalidate(&id);
    }

    async fn catch_up(&self, id: HouseholdId, from: Known) -> Result<Arc<Known>, StoreError> {
        // A cold load looks for a snapshot first; what is cached is newer than any snapshot that is worth its parsing.
        let base = if from.version == 0 { self.snapshot(id).await?.unwrap_or(from) } else { from };
        let known = Arc::new(self.fold_tail(id, base).await?);
        if known.version > 0 {
            self.remember(id, Arc::clone(&known));
        }
        Ok(known)
    }

    /// The last snapshot that this program understands and that is one of the stream's own.
    ///
    /// # Errors
    /// The database.
    pub async fn snapshot(&self, id: HouseholdId) -> Result<Option<Known>, StoreError> {
        // One that is not of this very stream (its event is not there, or is another one) does not count: every command would be
        // decided on it, and refused by the append, for ever.
        let sql = "SELECT s.version, s.state, s.hash FROM snapshots s JOIN events e ON e.household_id = s.household_id \
                   AND e.aggregate_type = 'household' AND e.aggregate_id = $3 AND e.sequence = s.version AND e.hash = s.hash \
                   WHERE s.household_id = $1 AND s.form = $2";
        let row = sqlx::query(sql).bind(id.0).bind(STATE_FORM).bind(id.to_string()).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let (version, state, hash): (Version, String, Vec<u8>) = (row.try_get("version")?, row.try_get("state")?, row.try_get("hash")?);
        // A snapshot is an opinion about the stream: one that does not parse is passed over, and the stream is replayed.
        let (Ok(household), Ok(hash)) = (serde_json::from_str(&state), hash.try_into()) else { return Ok(None) };
        Ok(Some(Known { household: Arc::new(household), version, hash }))
    }

    /// Everything behind `base`, folded onto it.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn fold_tail(&self, id: HouseholdId, base: Known) -> Result<Known, StoreError> {
        let sql = "SELECT sequence, payload::text AS payload, hash FROM events \
                   WHERE household_id = $1 AND aggregate_type = 'household' AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence";
        let rows = sqlx::query(sql).bind(id.0).bind(id.to_string()).bind(base.version).fetch_all(&self.pool).await?;
        let Known { household, mut version, mut hash } = base;
        if rows.is_empty() {
            return Ok(Known { household, version, hash });
        }
        let mut household = Arc::unwrap_or_clone(household);
        for row in rows {
            let (sequence, payload, row_hash): (Version, String, Vec<u8>) =
                (row.try_get("sequence")?, row.try_get("payload")?, row.try_get("hash")?);
            let damaged = |problem: String| StoreError::Damaged { household_id: id, version: sequence, problem };
            if sequence != version.saturating_add(1) {
                return Err(damaged(format!("expected version {} here", version.saturating_add(1))));
            }
            let event: Event = serde_json::from_str(&payload).map_err(|error| damaged(error.to_string()))?;
            household.fold(event);
            version = sequence;
            hash = row_hash.try_into().map_err(|_| damaged("its hash is not 32 bytes".to_owned()))?;
        }
        Ok(Known { household: Arc::new(household), version, hash })
    }
}

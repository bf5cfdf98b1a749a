//! A household as of a version: from the cache where that is new enough, else from snapshot and tail.

use std::sync::Arc;

use domain::household::{Event, Household};
use domain::ids::HouseholdId;
use sqlx::Row as _;
use tracing::Span;
use tracing::field::Empty;

use super::hash_chain::GENESIS;
use super::{Head, Known, STATE_FORM, Store, StoreError, Version};

impl Known {
    /// Before the first event.
    #[must_use]
    pub fn nothing() -> Self {
        Self { household: Arc::new(Household::default()), version: 0, hash: GENESIS }
    }
}

/// A household that needs no statement: its load is a moment in the trace all the same.
pub(super) fn remembered(id: HouseholdId, known: Arc<Known>) -> Arc<Known> {
    drop(tracing::debug_span!("load", household = %id, version = known.version, from = "memory"));
    known
}

impl Store {
    /// The newest version of a household that this process has seen. The stream may be longer.
    #[must_use]
    pub fn newest_known(&self, id: HouseholdId) -> Option<Version> {
        self.cache.get(&id).map(|known| known.version)
    }

    /// The household as of the head that was seen, or newer. Costs nothing where the cache has exactly that.
    ///
    /// What is cached is an opinion: one of another stream (the database was restored to an earlier state, and went on differently) is
    /// found out by its hash, forgotten, and read anew.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn load(&self, id: HouseholdId, seen: Head) -> Result<Arc<Known>, StoreError> {
        match self.cache.get(&id) {
            Some(known) if known.version == seen.version && known.hash == seen.hash => Ok(remembered(id, known)),
            _ => self.load_head(id).await,
        }
    }

    /// The household as of its last event, whatever the cache has.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    #[tracing::instrument(level = "debug", name = "load", skip_all, fields(household = %id, version = Empty, from = "database"))]
    pub async fn load_head(&self, id: HouseholdId) -> Result<Arc<Known>, StoreError> {
        let cached = self.cache.get(&id).map(|known| (*known).clone());
        let caught_up = match cached {
            Some(cached) => self.fold_tail(id, cached).await?,
            None => None,
        };
        let known = match caught_up {
            Some(known) => known,
            None => self.load_cold(id).await?,
        };
        let known = Arc::new(known);
        Span::current().record("version", known.version);
        if known.version > 0 {
            self.remember(id, Arc::clone(&known));
        }
        Ok(known)
    }

    /// From the last snapshot, or from the first event.
    async fn load_cold(&self, id: HouseholdId) -> Result<Known, StoreError> {
        self.cache.invalidate(&id);
        if let Some(snapshot) = self.snapshot(id).await?
            && let Some(known) = self.fold_tail(id, snapshot).await?
        {
            return Ok(known);
        }
        self.replay_all(id).await
    }

    /// Every event, folded onto nothing.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn replay_all(&self, id: HouseholdId) -> Result<Known, StoreError> {
        Ok(self.fold_tail(id, Known::nothing()).await?.unwrap_or_else(Known::nothing))
    }

    /// Keeps what is known behind an append.
    pub(super) fn remember(&self, id: HouseholdId, known: Arc<Known>) {
        if self.cache.get(&id).is_none_or(|cached| cached.version <= known.version) {
            self.cache.insert(id, known);
        }
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

    /// Everything behind `base`, folded onto it; `None` where the base is not of this stream: its own event is not there, or another.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn fold_tail(&self, id: HouseholdId, base: Known) -> Result<Option<Known>, StoreError> {
        self.fold_until(id, base, Version::MAX).await
    }

    /// The same, up to a version.
    ///
    /// # Errors
    /// As of [`Self::fold_tail`].
    pub(super) async fn fold_until(&self, id: HouseholdId, base: Known, last: Version) -> Result<Option<Known>, StoreError> {
        // The base's own event is read along, since only its hash tells whether what follows follows from it.
        let sql = "SELECT sequence, payload::text AS payload, prev_hash, hash FROM events \
                   WHERE household_id = $1 AND aggregate_type = 'household' AND aggregate_id = $2 AND sequence BETWEEN $3 AND $4 ORDER BY sequence";
        let rows = sqlx::query(sql).bind(id.0).bind(id.to_string()).bind(base.version).bind(last).fetch_all(&self.pool).await?;
        let mut rows = rows.iter();
        if base.version > 0 {
            let own: Option<Vec<u8>> = rows.next().map(|row| row.try_get("hash")).transpose()?;
            if own.as_deref() != Some(base.hash.as_slice()) {
                return Ok(None);
            }
        }
        let Known { household, mut version, mut hash } = base;
        let mut household = Arc::unwrap_or_clone(household);
        for row in rows {
            let (sequence, payload): (Version, String) = (row.try_get("sequence")?, row.try_get("payload")?);
            let (previous, own): (Vec<u8>, Vec<u8>) = (row.try_get("prev_hash")?, row.try_get("hash")?);
            let damaged = |problem: String| StoreError::Damaged { household_id: id, version: sequence, problem };
            if sequence != version.saturating_add(1) || previous != hash {
                return Err(damaged(format!("it does not follow from version {version}")));
            }
            let event: Event = serde_json::from_str(&payload).map_err(|error| damaged(error.to_string()))?;
            household.fold(event);
            version = sequence;
            hash = own.try_into().map_err(|_| damaged("its hash is not 32 bytes".to_owned()))?;
        }
        Ok(Some(Known { household: Arc::new(household), version, hash }))
    }
}

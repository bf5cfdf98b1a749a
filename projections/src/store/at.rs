//! A household as it was known at a version, and which version an instant came after.

use std::sync::Arc;

use domain::calendar::Instant;
use domain::ids::HouseholdId;

use super::{Known, Store, StoreError, Version};

/// Pinned households that are kept at hand: some 20 KB each, and read again for each new version of their present.
pub(super) const MOST_PINNED: u64 = 500;

impl Store {
    /// The household as of one of its versions. `None` where its stream does not reach so far.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn household_at(&self, id: HouseholdId, version: Version) -> Result<Option<Arc<Known>>, StoreError> {
        // What is cached is an opinion: a database that was restored and went on differently has another event under that number.
        if let Some(known) = self.pinned.get(&(id, version))
            && self.hash_at(id, version).await?.as_deref() == Some(known.hash.as_slice())
        {
            return Ok(Some(known));
        }
        let snapshot = self.snapshot(id).await?.filter(|snapshot| snapshot.version <= version);
        let from_snapshot = match snapshot {
            Some(snapshot) => self.fold_until(id, snapshot, version).await?,
            None => None,
        };
        let known = match from_snapshot {
            Some(known) => Some(known),
            None => self.fold_until(id, Known::nothing(), version).await?,
        };
        let known = known.filter(|known| known.version == version).map(Arc::new);
        if let Some(known) = &known {
            self.pinned.insert((id, version), Arc::clone(known));
        }
        Ok(known)
    }

    async fn hash_at(&self, id: HouseholdId, version: Version) -> Result<Option<Vec<u8>>, StoreError> {
        let sql =
            "SELECT hash FROM events WHERE household_id = $1 AND aggregate_type = 'household' AND aggregate_id = $2 AND sequence = $3";
        Ok(sqlx::query_scalar(sql).bind(id.0).bind(id.to_string()).bind(version).fetch_optional(self.pool()).await?)
    }

    /// The last event before an instant: what was known then. `None` before the first event.
    ///
    /// # Errors
    /// The database.
    pub async fn version_before(&self, id: HouseholdId, end: Instant) -> Result<Option<Version>, StoreError> {
        self.last_before(id, end, "").await
    }

    /// The last event before an instant that says something about reality, plans left out: two looks at the same reality find the same
    /// version, whatever was planned in between. `None` before the first event.
    ///
    /// # Errors
    /// The database.
    pub async fn reality_before(&self, id: HouseholdId, end: Instant) -> Result<Option<Version>, StoreError> {
        self.last_before(id, end, "AND event_type NOT LIKE 'scenario.%'").await
    }

    async fn last_before(&self, id: HouseholdId, end: Instant, only: &'static str) -> Result<Option<Version>, StoreError> {
        // Backwards along the primary key: a day of late is found at once, however long the stream is.
        let sql = format!(
            "SELECT sequence FROM events WHERE household_id = $1 AND aggregate_type = 'household' AND aggregate_id = $2 \
             AND recorded_at < $3 {only} ORDER BY sequence DESC LIMIT 1"
        );
        Ok(sqlx::query_scalar(&sql).bind(id.0).bind(id.to_string()).bind(end).fetch_optional(self.pool()).await?)
    }
}

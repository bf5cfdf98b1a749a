//! Jobs that ended go once they have been kept for as long as was promised.

use super::Jobs;
use crate::database::DatabaseError;

/// So many at a time: no lock is held for long, and no transaction is large.
const PORTION: i64 = 100;

impl Jobs {
    /// Removes jobs that are kept no longer; gives how many.
    ///
    /// # Errors
    /// The database.
    pub async fn remove_expired(&self) -> Result<u64, DatabaseError> {
        let sql = "WITH old AS (SELECT household_id, id FROM jobs WHERE expires_at < clock_timestamp() ORDER BY expires_at LIMIT $1 \
                   FOR UPDATE SKIP LOCKED) DELETE FROM jobs USING old WHERE jobs.household_id = old.household_id AND jobs.id = old.id";
        let mut removed = 0_u64;
        loop {
            let rows = sqlx::query(sql).bind(PORTION).execute(self.store.pool()).await?.rows_affected();
            removed = removed.saturating_add(rows);
            if rows == 0 {
                return Ok(removed);
            }
        }
    }
}

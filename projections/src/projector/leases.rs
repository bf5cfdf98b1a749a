//! Who projects which buckets: leases by the database's clock, and fencing numbers.
//!
//! A lease is a row of a *process*, not of a bucket: one row is written each second, not sixty-four. What a process owns is said by the
//! buckets. A bucket is free where nobody owns it, or where its owner's lease has run out; whoever takes it raises its fencing number.

use sqlx::Row as _;
use uuid::Uuid;

use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::subscription::{BUCKETS, Position, transaction};

/// A process that has not renewed its lease for this long is taken for dead.
const LEASE_MS: i64 = 3_000;
/// Two renewals may be late before that happens.
pub(super) const RENEWED_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

/// `$1` who · `$2` the process · `$3` milliseconds. Answers how many live, this one included. Those who have long been dead are forgotten.
const RENEW: &str = "WITH renewed AS (INSERT INTO projectors (projector_id, process, lease_until) \
     VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond') \
     ON CONFLICT ON CONSTRAINT projectors_pkey DO UPDATE SET lease_until = excluded.lease_until), \
     forgotten AS (DELETE FROM projectors WHERE projector_id <> $1 AND lease_until < clock_timestamp() - interval '1 minute') \
     SELECT 1 + count(*) FROM projectors WHERE projector_id <> $1 AND lease_until > clock_timestamp()";

const OWNED: &str = "SELECT bucket, fencing, transaction_id::text, global_position FROM projector_buckets WHERE owner = $1 ORDER BY bucket";

/// `$2` how many to keep.
const GIVE_BACK: &str = "UPDATE projector_buckets SET owner = NULL, moved_at = now() WHERE owner = $1 AND bucket IN \
     (SELECT bucket FROM projector_buckets WHERE owner = $1 ORDER BY bucket OFFSET $2 FOR UPDATE SKIP LOCKED)";

/// `$2` how many to take. Two that take at once pass over what the other is about to take.
const TAKE: &str = "UPDATE projector_buckets SET owner = $1, fencing = fencing + 1, moved_at = now() WHERE bucket IN \
     (SELECT bucket FROM projector_buckets WHERE owner IS NULL \
     OR owner NOT IN (SELECT projector_id FROM projectors WHERE lease_until > clock_timestamp()) \
     ORDER BY bucket LIMIT $2 FOR UPDATE SKIP LOCKED)";

const LEAVE: &str = "WITH gone AS (DELETE FROM projectors WHERE projector_id = $1) \
     UPDATE projector_buckets SET owner = NULL, moved_at = now() WHERE owner = $1";

/// A bucket that this process owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeldBucket {
    pub(super) bucket: i32,
    /// Of this ownership.
    pub(super) fencing: i64,
    /// As it was when this was read.
    pub(super) checkpoint: Position,
}

/// The leases of one process.
pub(super) struct Leases {
    pool: Connections,
    id: Uuid,
    process: String,
}

impl Leases {
    pub(super) const fn new(pool: Connections, id: Uuid, process: String) -> Self {
        Self { pool, id, process }
    }

    /// Renews the lease and moves towards the fair share; gives what is owned now. Not one transaction: each step is right by itself, and
    /// the next call mends what two processes did at once.
    pub(super) async fn renew(&self) -> Result<Vec<HeldBucket>, DatabaseError> {
        let live: i64 = sqlx::query_scalar(RENEW).bind(self.id).bind(&self.process).bind(LEASE_MS).fetch_one(&self.pool).await?;
        let share = share_of(live);
        let held = self.owned().await?;
        let number = i64::try_from(held.len()).unwrap_or(i64::MAX);
        let moved = match number.cmp(&share) {
            std::cmp::Ordering::Less => self.execute(TAKE, share.saturating_sub(number)).await?,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => self.execute(GIVE_BACK, share).await?,
        };
        if moved > 0 { self.owned().await } else { Ok(held) }
    }

    /// Gives everything back, and says that this process is gone.
    pub(super) async fn leave(&self) -> Result<(), DatabaseError> {
        sqlx::query(LEAVE).bind(self.id).execute(&self.pool).await?;
        Ok(())
    }

    async fn execute(&self, sql: &'static str, number: i64) -> Result<u64, DatabaseError> {
        Ok(sqlx::query(sql).bind(self.id).bind(number).execute(&self.pool).await?.rows_affected())
    }

    async fn owned(&self) -> Result<Vec<HeldBucket>, DatabaseError> {
        let rows = sqlx::query(OWNED).bind(self.id).fetch_all(&self.pool).await?;
        let read = |row: &sqlx::postgres::PgRow| {
            let transaction_id = transaction(row, "transaction_id")?.unwrap_or(0);
            Ok(HeldBucket {
                bucket: row.try_get("bucket")?,
                fencing: row.try_get("fencing")?,
                checkpoint: Position::new(transaction_id, row.try_get("global_position")?),
            })
        };
        rows.iter().map(read).collect::<Result<_, sqlx::Error>>().map_err(DatabaseError::from)
    }
}

/// Rounded up, so that nothing is left over.
fn share_of(live: i64) -> i64 {
    let live = live.max(1);
    (i64::from(BUCKETS).saturating_add(live).saturating_sub(1)).div_euclid(live)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_cover_every_bucket() {
        assert_eq!([1, 2, 3, 4, 63, 64, 65, 1_000].map(share_of), [64, 32, 22, 16, 2, 1, 1, 1]);
        for live in 1..200 {
            assert!(share_of(live) * live >= i64::from(BUCKETS), "{live}");
        }
    }
}

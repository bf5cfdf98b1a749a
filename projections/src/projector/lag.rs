//! How far the projectors are behind, and who has which bucket.

use std::time::Duration;

use domain::calendar::Instant;
use serde::Serialize;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::signals;
use crate::subscription::{Position, transaction};

/// How often the gauges are set.
const WATCHED_EVERY: Duration = Duration::from_secs(5);
/// More events than this are not counted: whoever is that far behind has to know it, and not by how much.
pub const MOST_COUNTED: i64 = 100_000;

/// `$1` how many to count. Events that are committed, also those that no reader may see yet. From the checkpoint that is furthest behind on.
const LAG: &str = "WITH first AS MATERIALIZED \
     (SELECT transaction_id, global_position FROM projector_buckets ORDER BY transaction_id, global_position LIMIT 1), \
     recent AS (SELECT household_bucket(household_id) AS bucket, transaction_id, global_position, recorded_at FROM events \
     WHERE (transaction_id, global_position) > ((SELECT transaction_id FROM first), (SELECT global_position FROM first)) \
     ORDER BY events.transaction_id, events.global_position LIMIT $1), \
     behind AS (SELECT b.bucket, count(*) AS events, min(recent.recorded_at) AS oldest FROM recent JOIN projector_buckets b \
     ON b.bucket = recent.bucket AND (recent.transaction_id, recent.global_position) > (b.transaction_id, b.global_position) \
     GROUP BY b.bucket) \
     SELECT b.bucket, b.fencing, b.transaction_id::text AS checkpoint, b.global_position, b.owner, p.process, p.lease_until, \
     p.lease_until > clock_timestamp() AS is_live, coalesce(behind.events, 0) AS events, \
     greatest(0, coalesce(extract(epoch FROM clock_timestamp() - behind.oldest), 0))::double precision AS seconds, \
     (SELECT count(*) FROM parked_households) AS parked \
     FROM projector_buckets b LEFT JOIN projectors p ON p.projector_id = b.owner LEFT JOIN behind ON behind.bucket = b.bucket \
     ORDER BY b.bucket";

/// How far everybody is behind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Lag {
    /// Committed events that no projector has covered; [`MOST_COUNTED`] stands for that or more.
    pub lag_events: i64,
    /// Age of the oldest of them.
    pub lag_seconds: f64,
    /// Households that are parked.
    pub parked_households: i64,
    /// One after the other.
    pub buckets: Vec<BucketLag>,
}

/// How far one bucket is behind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BucketLag {
    /// Which.
    pub bucket: i32,
    /// Who has it.
    pub owner: Option<Owner>,
    /// Of the present ownership, or of the last one.
    pub fencing: i64,
    /// Up to where it is covered.
    pub checkpoint: String,
    /// Committed events that are not covered.
    pub lag_events: i64,
    /// Age of the oldest of them.
    pub lag_seconds: f64,
}

/// Who has a bucket.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Owner {
    /// Of this run of the process.
    pub projector_id: Uuid,
    /// As `db7:4711`; none where it has long been dead.
    pub process: Option<String>,
    /// By the database's clock.
    pub lease_until: Option<Instant>,
    /// Whether that is still to come.
    pub is_live: bool,
}

/// How far the projectors are behind now.
///
/// # Errors
/// The database.
pub async fn lag(pool: &Connections) -> Result<Lag, DatabaseError> {
    let rows = sqlx::query(LAG).bind(MOST_COUNTED).fetch_all(pool).await?;
    let mut lag = Lag::default();
    for row in &rows {
        let bucket = bucket(row)?;
        lag.lag_events = lag.lag_events.saturating_add(bucket.lag_events);
        lag.lag_seconds = lag.lag_seconds.max(bucket.lag_seconds);
        lag.parked_households = row.try_get("parked")?;
        lag.buckets.push(bucket);
    }
    Ok(lag)
}

fn bucket(row: &PgRow) -> Result<BucketLag, sqlx::Error> {
    let owner: Option<Uuid> = row.try_get("owner")?;
    let owner = match owner {
        None => None,
        Some(projector_id) => Some(Owner {
            projector_id,
            process: row.try_get("process")?,
            lease_until: row.try_get("lease_until")?,
            is_live: row.try_get::<Option<bool>, _>("is_live")?.unwrap_or(false),
        }),
    };
    let checkpoint = Position::new(transaction(row, "checkpoint")?.unwrap_or(0), row.try_get("global_position")?);
    Ok(BucketLag {
        bucket: row.try_get("bucket")?,
        owner,
        fencing: row.try_get("fencing")?,
        checkpoint: checkpoint.to_string(),
        lag_events: row.try_get("events")?,
        lag_seconds: row.try_get("seconds")?,
    })
}

/// Sets the gauges until it is dropped: for every process that operators scrape, so that also a fleet of projectors that is gone is seen. While
/// the database is away they stay as they were.
pub async fn watch(pool: Connections) {
    loop {
        match lag(&pool).await {
            Ok(lag) => {
                let count = |number: i64| u64::try_from(number).unwrap_or(0);
                signals::projector_lag(count(lag.lag_events), Duration::try_from_secs_f64(lag.lag_seconds).unwrap_or_default());
                signals::parked_households(count(lag.parked_households));
            }
            Err(error) => tracing::debug!(%error, "the lag of the projectors is not known"),
        }
        tokio::time::sleep(WATCHED_EVERY).await;
    }
}

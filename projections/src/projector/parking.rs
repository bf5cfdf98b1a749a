//! Households that are set aside because their forecast failed.

use domain::calendar::Instant;
use domain::ids::HouseholdId;
use serde::Serialize;
use sqlx::Row as _;
use uuid::Uuid;

use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::store::Version;
use crate::wake;

/// A household that is set aside.
#[derive(Clone, Debug, Serialize)]
pub struct Parked {
    /// Which.
    pub household_id: HouseholdId,
    /// As of which version it failed.
    pub version: Version,
    /// At which point: see [`crate::track::Stage`].
    pub stage: String,
    /// How.
    pub error: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was tried last.
    pub parked_at: Instant,
}

/// The households that are parked, the longest first.
///
/// # Errors
/// The database.
pub async fn parked(pool: &Connections) -> Result<Vec<Parked>, DatabaseError> {
    let sql = "SELECT household_id, version, stage, error, attempts, parked_at FROM parked_households ORDER BY parked_at, household_id";
    let rows = sqlx::query(sql).fetch_all(pool).await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Parked {
            household_id: HouseholdId(row.try_get("household_id")?),
            version: row.try_get("version")?,
            stage: row.try_get("stage")?,
            error: row.try_get("error")?,
            attempts: row.try_get("attempts")?,
            parked_at: row.try_get("parked_at")?,
        })
    };
    rows.iter().map(read).collect::<Result<_, sqlx::Error>>().map_err(DatabaseError::from)
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAsked {
    /// Households that will be tried again.
    pub households: u64,
    /// Projectors that are there to do it.
    pub projectors: i64,
}

/// Asks the projectors to try a parked household again, or all of them.
///
/// # Errors
/// The database.
pub async fn ask_for_retry(pool: &Connections, household: Option<HouseholdId>) -> Result<RetryAsked, DatabaseError> {
    let asked = sqlx::query("UPDATE parked_households SET retry = true WHERE $1::uuid IS NULL OR household_id = $1")
        .bind(household.map(|id| id.0))
        .execute(pool)
        .await?;
    let projectors = sqlx::query_scalar("SELECT count(*) FROM projectors WHERE lease_until > clock_timestamp()").fetch_one(pool).await?;
    wake::announce_now(pool).await?;
    Ok(RetryAsked { households: asked.rows_affected(), projectors })
}

/// Those of some buckets that somebody asked to be tried again, a few at a time.
pub(super) async fn to_retry(pool: &Connections, buckets: &[i32], most: i64) -> Result<Vec<HouseholdId>, DatabaseError> {
    let sql = "SELECT household_id FROM parked_households WHERE retry AND household_bucket(household_id) = ANY ($1) \
               ORDER BY household_id LIMIT $2";
    let ids: Vec<Uuid> = sqlx::query_scalar(sql).bind(buckets).bind(most).fetch_all(pool).await?;
    Ok(ids.into_iter().map(HouseholdId).collect())
}

//! One page of the global order: one statement, hence one snapshot of the database for bound and rows.

use domain::calendar::Instant;
use domain::ids::HouseholdId;
use sqlx::Row as _;
use sqlx::postgres::{PgExecutor, PgRow};

use super::position::Position;
use crate::database::DatabaseError;
use crate::store::Version;

/// `$1`, `$2` where to begin · `$3` buckets or null · `$4` how many. Answers at least one row, with nulls where there is no event.
/// (`events.transaction_id` with its table: alone it would be the column of text, and sorted as text.)
const PAGE: &str = "WITH moment AS MATERIALIZED \
     (SELECT pg_snapshot_xmin(snapshot) AS below, pg_snapshot_xmax(snapshot) AS not_begun FROM pg_current_snapshot() AS snapshot), \
     page AS (SELECT transaction_id, global_position, household_id, sequence, event_type, recorded_at, metadata->>'trace_id' AS trace_id, \
     metadata->>'span_id' AS span_id \
     FROM events WHERE (transaction_id, global_position) > ($1::text::xid8, $2::bigint) \
     AND transaction_id < (SELECT below FROM moment) AND ($3::integer[] IS NULL OR household_bucket(household_id) = ANY ($3)) \
     ORDER BY transaction_id, global_position LIMIT $4) \
     SELECT moment.below::text, moment.not_begun::text, (SELECT transaction_id::text FROM events \
     WHERE transaction_id IS DISTINCT FROM pg_current_xact_id_if_assigned() ORDER BY events.transaction_id DESC LIMIT 1) AS youngest, \
     page.transaction_id::text, page.global_position, page.household_id, page.sequence, page.event_type, page.recorded_at, page.trace_id, page.span_id \
     FROM moment LEFT JOIN page ON true ORDER BY page.transaction_id, page.global_position";

/// An event, as far as the global order knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Where it stands.
    pub position: Position,
    /// Whose.
    pub household_id: HouseholdId,
    /// Its number in that household's stream.
    pub version: Version,
    /// As `income_source.changed`.
    pub event_type: String,
    /// When it was appended, by the database's clock.
    pub recorded_at: Instant,
    /// Of the request that caused it.
    pub trace_id: Option<String>,
    /// Of that request's span, where it was exported.
    pub span_id: Option<String>,
}

/// Some events in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In their order.
    pub events: Vec<Recorded>,
    /// Everything up to here, of these buckets, has been read: where the next page begins.
    pub up_to: Position,
    /// Whether there was no more to be had at this moment.
    pub is_last: bool,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// Ids of another cluster; see the traps.
    #[error(
        "{what} is of transaction {found}, but this PostgreSQL has only come to {not_begun}: the database was restored from a dump into another \
         cluster, whose order is not this one's; stop the projectors, then run `effluent doctor --restamp`"
    )]
    Restored {
        /// `an event` or `the place to read from`.
        what: &'static str,
        /// The id that cannot be.
        found: u64,
        /// The first id that this cluster has not handed out.
        not_begun: u64,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for SubscriptionError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The events behind `after`, of some buckets or of all, at most `limit` of them.
///
/// # Errors
/// [`SubscriptionError`].
pub async fn page<'c>(
    executor: impl PgExecutor<'c>,
    after: Position,
    buckets: Option<&[i32]>,
    limit: i64,
) -> Result<Page, SubscriptionError> {
    let rows = sqlx::query(PAGE)
        .bind(after.transaction_id().to_string())
        .bind(after.global_position())
        .bind(buckets)
        .bind(limit)
        .fetch_all(executor)
        .await?;
    // There is always one row.
    let moment = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    let (below, not_begun) = (transaction(moment, "below")?.unwrap_or(0), transaction(moment, "not_begun")?.unwrap_or(0));
    let youngest = transaction(moment, "youngest")?;
    if let Some(found) = youngest.filter(|youngest| *youngest >= not_begun) {
        return Err(SubscriptionError::Restored { what: "an event", found, not_begun });
    }
    if after.transaction_id() > not_begun {
        return Err(SubscriptionError::Restored { what: "the place to read from", found: after.transaction_id(), not_begun });
    }
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        events.extend(recorded(row)?);
    }
    let is_last = i64::try_from(events.len()).unwrap_or(i64::MAX) < limit;
    // A page that is not full says that there is nothing more below the bound: nor will there ever be.
    let up_to = match events.last() {
        Some(last) if !is_last => last.position,
        _ => after.max(Position::below_transaction(below)),
    };
    Ok(Page { events, up_to, is_last })
}

fn recorded(row: &PgRow) -> Result<Option<Recorded>, sqlx::Error> {
    let Some(transaction_id) = transaction(row, "transaction_id")? else { return Ok(None) };
    Ok(Some(Recorded {
        position: Position::new(transaction_id, row.try_get("global_position")?),
        household_id: HouseholdId(row.try_get("household_id")?),
        version: row.try_get("sequence")?,
        event_type: row.try_get("event_type")?,
        recorded_at: row.try_get("recorded_at")?,
        trace_id: row.try_get("trace_id")?,
        span_id: row.try_get("span_id")?,
    }))
}

/// sqlx does not know `xid8`: it travels as text.
pub(crate) fn transaction(row: &PgRow, column: &str) -> Result<Option<u64>, sqlx::Error> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))).transpose()
}

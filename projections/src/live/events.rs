//! A page of a household's events, as one who watches it sees them: that something happened, of which kind and when. What it was is asked
//! for with a query.

use domain::calendar::Instant;
use sqlx::Row as _;

use crate::queries::{AsOf, read_gate};
use crate::store::{Asker, Store, StoreError, Version, gate_sql};

/// Events of one page at most.
pub const PAGE: i64 = 100;

/// An event of the household's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The household's version behind it.
    pub version: Version,
    /// Its type, such as `income_source.changed`.
    pub event_type: String,
    /// When it was recorded.
    pub recorded_at: Instant,
}

/// Events behind a version, without a gap; the version that they are read as of is the stream's head.
pub type EventsPage = AsOf<Vec<RecordedEvent>>;

impl Store {
    /// The next events behind a version, at most [`PAGE`]; where no version is given, the last event alone. `None` where there is no such
    /// household for this asker, or not any more: it is asked with each page. The asker has to name the household.
    ///
    /// # Errors
    /// The database.
    pub async fn events_behind(&self, asker: Asker, version: Option<Version>) -> Result<Option<EventsPage>, StoreError> {
        let sql = format!(
            "WITH {gate} SELECT gate.household_id, gate.version, gate.role, e.sequence, e.event_type, e.recorded_at FROM gate \
             LEFT JOIN LATERAL (SELECT sequence, event_type, recorded_at FROM events WHERE household_id = $1 \
             AND aggregate_type = 'household' AND aggregate_id = $3 AND sequence > coalesce($4, gate.version - 1) \
             AND sequence <= gate.version ORDER BY sequence LIMIT $5) e ON true ORDER BY e.sequence",
            gate = gate_sql(true)
        );
        let household = asker.household_id.map(|id| id.0);
        let rows = sqlx::query(&sql)
            .bind(household)
            .bind(asker.user_id.0)
            .bind(household.map(|id| id.to_string()))
            .bind(version)
            .bind(PAGE)
            .fetch_all(self.pool())
            .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let as_of = read_gate(first)?;
        let mut events = Vec::new();
        for row in &rows {
            if let Some(version) = row.try_get("sequence")? {
                events.push(RecordedEvent { version, event_type: row.try_get("event_type")?, recorded_at: row.try_get("recorded_at")? });
            }
        }
        Ok(Some(as_of.with(events)))
    }
}

//! The forms W-4 that were replaced in a year: the state keeps the present one only, the stream knows the others.

use domain::calendar::{Date, Instant};
use domain::household::Event;
use domain::household::facts::TimeZone;
use domain::household::taxes::EarlierForm;
use domain::ids::HouseholdId;
use sqlx::Row as _;

use super::{Store, StoreError, Version};

impl Store {
    /// Forms that were replaced between an instant and a version, in that order; each held until the day of the household's on which it
    /// was, and at the latest until `today`: the database's clock may run ahead of this process's.
    ///
    /// # Errors
    /// The database, or a stream that is damaged.
    pub async fn replaced_forms(
        &self,
        id: HouseholdId,
        since: Instant,
        version: Version,
        (zone, today): (TimeZone, Date),
    ) -> Result<Vec<EarlierForm>, StoreError> {
        let sql = "SELECT sequence, recorded_at, payload::text AS payload FROM events WHERE household_id = $1 AND aggregate_type = 'household' \
                   AND aggregate_id = $2 AND sequence <= $3 AND recorded_at >= $4 AND event_type = 'withholding.changed' ORDER BY sequence";
        let rows = sqlx::query(sql).bind(id.0).bind(id.to_string()).bind(version).bind(since).fetch_all(self.pool()).await?;
        let mut forms = Vec::new();
        for row in &rows {
            let (sequence, recorded_at, payload): (Version, Instant, String) =
                (row.try_get("sequence")?, row.try_get("recorded_at")?, row.try_get("payload")?);
            let damaged =
                |error: serde_json::Error| StoreError::Damaged { household_id: id, version: sequence, problem: error.to_string() };
            if let Event::WithholdingChanged { income_id, was, .. } = serde_json::from_str(&payload).map_err(damaged)? {
                forms.push(EarlierForm { income_id, until: zone.date_at(recorded_at).min(today), form: was });
            }
        }
        Ok(forms)
    }
}

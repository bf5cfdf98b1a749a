//! What makes a forecast old without any event: the turn of a month, another engine, another law.
//!
//! Now and then all households of the buckets that this process owns are looked through, a few at a time, and only when no event waits.
//! Also the first time: a database that has never had a projector is brought up to date by it.

use std::time::Duration;

use domain::calendar::{Instant, Month};
use domain::household::facts::TimeZone;
use domain::ids::HouseholdId;
use domain::projection::ENGINE_VERSION;
use tokio::time;
use uuid::Uuid;

use crate::connections::Connections;
use crate::database::DatabaseError;

/// From the end of one look through everything to the next.
const EVERY: Duration = Duration::from_secs(15 * 60);
/// Households a look; most are found to be up to date.
const MOST: i64 = 32;

/// Those that are behind, in the order of their ids: `$1` the last one seen · `$2` buckets · `$3`, `$4` time zones and the months that it is
/// there · `$5` engine · `$6` law · `$7` how many. A plan that is pinned, or has a start date, does not move with the month; one that is archived is computed when it is asked for. One that is parked as it stands has been tried.
const BEHIND: &str = "SELECT home.household_id FROM households home JOIN heads h ON h.household_id = home.household_id \
     JOIN unnest($3::text[], $4::text[]) AS zone (name, month) ON zone.name = home.time_zone \
     WHERE home.household_id > $1 AND household_bucket(home.household_id) = ANY ($2) \
     AND (EXISTS (SELECT FROM scenarios s LEFT JOIN scenario_projections p ON p.household_id = s.household_id AND p.scenario_id = s.id \
     AND p.household_version = h.version AND p.hash = h.hash AND p.engine_version = $5 AND p.tables_version = $6 \
     AND (p.start_month >= zone.month OR s.mode <> 'live' OR s.start_date IS NOT NULL) \
     WHERE s.household_id = home.household_id AND NOT s.archived AND p.household_id IS NULL) \
     OR NOT EXISTS (SELECT FROM metric_history m WHERE m.household_id = home.household_id \
     AND m.as_of_date >= (zone.month || '-01')::date)) \
     AND NOT EXISTS (SELECT FROM parked_households k WHERE k.household_id = home.household_id AND k.version = h.version) \
     ORDER BY home.household_id LIMIT $7";

/// A look through all households, bit by bit.
#[derive(Debug)]
pub(super) struct Upkeep {
    /// Where it is; none between two of them.
    at: Option<Uuid>,
    next: time::Instant,
}

impl Upkeep {
    pub(super) fn due_at_once() -> Self {
        Self { at: None, next: time::Instant::now() }
    }

    /// There are buckets whose households have not been looked at.
    pub(super) fn begin_again(&mut self) {
        *self = Self::due_at_once();
    }

    /// Some households that are behind; none where it is not time, or where the end has been reached.
    pub(super) async fn some(
        &mut self,
        pool: &Connections,
        tables: &str,
        buckets: &[i32],
        now: Instant,
    ) -> Result<Vec<HouseholdId>, DatabaseError> {
        if time::Instant::now() < self.next {
            return Ok(Vec::new());
        }
        let (zones, months) = months_by_zone(pool, now).await?;
        let behind: Vec<Uuid> = sqlx::query_scalar(BEHIND)
            .bind(self.at.unwrap_or_default())
            .bind(buckets)
            .bind(zones)
            .bind(months)
            .bind(ENGINE_VERSION)
            .bind(tables)
            .bind(MOST)
            .fetch_all(pool)
            .await?;
        self.at = behind.last().copied();
        if self.at.is_none() {
            self.next = time::Instant::now() + EVERY;
        }
        Ok(behind.into_iter().map(HouseholdId).collect())
    }
}

/// The time zones that households live in, and the month that it is there. By our own tables of time zones: the database's may be others.
async fn months_by_zone(pool: &Connections, now: Instant) -> Result<(Vec<String>, Vec<String>), DatabaseError> {
    let zones: Vec<String> = sqlx::query_scalar("SELECT DISTINCT time_zone FROM households").fetch_all(pool).await?;
    let month = |zone: &String| Month::of(TimeZone::parse(zone).unwrap_or_default().date_at(now)).to_string();
    let months = zones.iter().map(month).collect();
    Ok((zones, months))
}

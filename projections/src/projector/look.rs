//! What there is of some households before they are brought up to date: where their streams end, and which forecasts are stored.

use std::collections::BTreeMap;

use domain::calendar::Month;
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::ENGINE_VERSION;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::store::{Head, read_head};

const HEADS: &str = "SELECT household_id, version, hash FROM heads WHERE household_id = ANY ($1)";
/// `$2` engine · `$3` law.
const STORED: &str = "SELECT household_id, scenario_id, household_version AS version, hash, start_month, months FROM scenario_projections \
     WHERE household_id = ANY ($1) AND engine_version = $2 AND tables_version = $3";

/// A forecast that is stored, of this engine and this law.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredForecast {
    head: Head,
    start_month: String,
    months: i32,
}

/// A household as it was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) head: Head,
    stored: BTreeMap<ScenarioId, StoredForecast>,
}

impl Found {
    /// Whether the forecast of a scenario is there: of this head and this horizon, from this month or a later one (another process's clock
    /// may be ahead).
    pub(super) fn has(&self, scenario: ScenarioId, head: Head, start_month: Month, months: u16) -> bool {
        self.stored.get(&scenario).is_some_and(|stored| {
            stored.head == head && stored.months == i32::from(months) && stored.start_month >= start_month.to_string()
        })
    }
}

/// Looks at some households. One without a stream is not among the answers.
pub(super) async fn at(
    pool: &Connections,
    households: &[Uuid],
    tables_version: &str,
) -> Result<BTreeMap<HouseholdId, Found>, DatabaseError> {
    let heads = sqlx::query(HEADS).bind(households).fetch_all(pool).await?;
    let stored = sqlx::query(STORED).bind(households).bind(ENGINE_VERSION).bind(tables_version).fetch_all(pool).await?;
    let mut found = BTreeMap::new();
    for row in &heads {
        found.insert(household_of(row)?, Found { head: head_of(row)?, stored: BTreeMap::new() });
    }
    for row in &stored {
        let forecast = StoredForecast { head: head_of(row)?, start_month: row.try_get("start_month")?, months: row.try_get("months")? };
        if let Some(found) = found.get_mut(&household_of(row)?) {
            found.stored.insert(ScenarioId(row.try_get("scenario_id")?), forecast);
        }
    }
    Ok(found)
}

fn household_of(row: &PgRow) -> Result<HouseholdId, sqlx::Error> {
    row.try_get("household_id").map(HouseholdId)
}

fn head_of(row: &PgRow) -> Result<Head, sqlx::Error> {
    read_head(row).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

//! Projections that are never stale.
//!
//! A stored projection is good only for exactly the stream's head (version and hash), start month, engine and law that it names; anything
//! else is computed on the spot from the household at its head, and answered. The check and the read are one statement, hence one
//! snapshot of the database. There is no setting that turns this off.
//!
//! Files: `computed` (once for all who ask at the same time), `held` (what this process computed lately), `keep` (how a computed one gets
//! into the table, off the answer's path), `journal` (written anew each time it is asked for). Whoever reads does not wait for the keeping, and a keeping that fails or is dropped costs
//! the next reader a computation, nothing else. Background projectors compute and keep through the same two doors.

mod accuracy;
mod compared;
mod computed;
mod held;
mod journal;
mod keep;
mod payoff;
mod planned;
mod stress;
mod tax_years;

use std::sync::Arc;

use domain::calendar::{Instant, Month};
use domain::household::facts::TimeZone;
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::{ENGINE_VERSION, Projection, ProjectionError};
use domain::tax::TaxError;
use sqlx::Row as _;

pub use self::accuracy::{LookBack, OldForecast};
pub use self::compared::{Compared, Comparison, ComparisonError};
pub(crate) use self::computed::Flights;
pub use self::computed::{Basis, compute, start_month};
pub(crate) use self::held::Held;
pub(crate) use self::keep::{KEPT_UNLESS_OLDER, Keeper};
pub use self::payoff::PayoffPlan;
pub use self::planned::{PlannedScenario, guarded};
pub use self::tax_years::TaxYears;
use crate::queries::{AsOf, read_gate};
use crate::signals;
use crate::store::{Asker, Head, Store, StoreError, gate_sql, read_head};

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastSource {
    /// It had been computed for exactly this.
    Stored,
    /// It was computed now.
    Computed,
}

impl ForecastSource {
    /// As it is written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Computed => "computed",
        }
    }
}

/// A forecast and what it was made of.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Whose.
    pub household_id: HouseholdId,
    /// The end of the stream that it reflects.
    pub head: Head,
    /// Of which plan.
    pub scenario_id: ScenarioId,
    /// Month 1.
    pub start_month: Month,
    /// How many months.
    pub months: u16,
    /// Whether that is the scenario's own horizon: any other is not kept.
    pub has_own_horizon: bool,
    /// The projection as JSON, as it is stored and sent: a stored one is not even parsed on its way out.
    pub json: String,
}

impl Forecast {
    /// The projection, parsed: for whoever wants another form of it than its JSON.
    ///
    /// # Errors
    /// A stored text that is no projection.
    pub fn projection(&self) -> Result<Projection, serde_json::Error> {
        serde_json::from_str(&self.json)
    }
}

/// A forecast that was asked for, and where it came from.
#[derive(Clone, Debug)]
pub struct Found {
    /// The forecast.
    pub forecast: Arc<Forecast>,
    /// Where it came from.
    pub source: ForecastSource,
}

/// Why there is no forecast of a household that is known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoForecast {
    /// The household has no such scenario.
    #[error("there is no such scenario")]
    NoSuchScenario,
    /// The plan cannot be projected.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// The law of the year is not known.
    #[error(transparent)]
    Tax(#[from] TaxError),
    /// A bug.
    #[error("the projection failed: {0}")]
    Broken(String),
}

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The household has none.
    #[error(transparent)]
    None(#[from] NoForecast),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// The forecast of a scenario as of the household's head; `None` where there is no such household for this asker. `months`
    /// differs from the scenario's own horizon only where a client asks so: then it is computed and not kept.
    ///
    /// # Errors
    /// [`ForecastError`].
    #[tracing::instrument(level = "debug", name = "query", skip_all, fields(table = "scenario_projections"))]
    pub async fn forecast(
        &self,
        asker: Asker,
        scenario_id: ScenarioId,
        months: Option<u16>,
        now: Instant,
    ) -> Result<Option<AsOf<Found>>, ForecastError> {
        let sql = format!(
            "WITH {gate} SELECT gate.household_id, gate.version, gate.hash, gate.role, p.start_month, p.months, p.projection, h.time_zone, \
             coalesce(s.start_date::text, s.pinned_to->>'as_of_date') AS first_day \
             FROM gate JOIN households h ON h.household_id = gate.household_id \
             LEFT JOIN scenarios s ON s.household_id = gate.household_id AND s.id = $3 \
             LEFT JOIN scenario_projections p ON p.household_id = gate.household_id AND p.scenario_id = $3 \
             AND p.household_version = gate.version AND p.hash = gate.hash AND p.engine_version = $4 AND p.tables_version = $5",
            gate = gate_sql(asker.household_id.is_some())
        );
        let row = sqlx::query(&sql)
            .bind(asker.household_id.map(|id| id.0))
            .bind(asker.user_id.0)
            .bind(scenario_id.0)
            .bind(ENGINE_VERSION)
            .bind(self.tables().version())
            .fetch_optional(self.pool())
            .await
            .map_err(StoreError::from)?;
        let Some(row) = row else { return Ok(None) };
        let (as_of, head) = (read_gate(&row)?, read_head(&row)?);
        let start_month = start_month_of(&row, now).map_err(StoreError::from)?;
        if let Some((months, json)) = stored(&row, start_month, months)? {
            let forecast =
                Forecast { household_id: as_of.household_id, head, scenario_id, start_month, months, has_own_horizon: true, json };
            signals::projection_read(ForecastSource::Stored.as_str());
            return Ok(Some(as_of.with(Found { forecast: Arc::new(forecast), source: ForecastSource::Stored })));
        }
        let known = self.load(as_of.household_id, head).await?;
        let start_month = computed::start_month(&known.household, scenario_id, now);
        let found = self.found_or_computed(as_of.household_id, &known, scenario_id, start_month, months).await?;
        if found.source == ForecastSource::Computed && found.forecast.has_own_horizon {
            self.keep_later(&found.forecast);
        }
        signals::projection_read(found.source.as_str());
        Ok(Some(AsOf { version: known.version, ..as_of.with(found) }))
    }
}

/// Month 1 of the scenario, as [`start_month`] has it, from what its row says.
fn start_month_of(row: &sqlx::postgres::PgRow, now: Instant) -> Result<Month, sqlx::Error> {
    let (zone, first_day): (String, Option<String>) = (row.try_get("time_zone")?, row.try_get("first_day")?);
    let today = || TimeZone::parse(&zone).unwrap_or_default().date_at(now);
    Ok(Month::of(first_day.and_then(|day| day.parse().ok()).unwrap_or_else(today)))
}

/// The stored forecast, where it starts in this month and has as many months as are asked for.
fn stored(row: &sqlx::postgres::PgRow, start_month: Month, months: Option<u16>) -> Result<Option<(u16, String)>, StoreError> {
    let stored_month: Option<String> = row.try_get("start_month")?;
    let stored_months: Option<i32> = row.try_get("months")?;
    let Some(stored_months) = stored_months.and_then(|months| u16::try_from(months).ok()) else { return Ok(None) };
    let fits = months.is_none_or(|months| months == stored_months);
    if stored_month.as_deref() != Some(start_month.to_string().as_str()) || !fits {
        return Ok(None);
    }
    Ok(Some((stored_months, row.try_get("projection")?)))
}

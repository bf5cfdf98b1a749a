//! Projections that are never stale.
//!
//! A stored projection is good only for exactly the household version, start month, engine and law that it names; anything else is
//! computed on the spot from the household at its head, stored, and answered. The check and the read are one statement, hence one
//! snapshot of the database. There is no setting that turns this off.

use domain::calendar::{Instant, Month};
use domain::household::{Household, plan};
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::{ENGINE_VERSION, Projection, ProjectionError, project};
use domain::tax::{TaxError, TaxTables};
use sqlx::Row as _;

use crate::queries::{AsOf, read_gate};
use crate::store::{Asker, Store, StoreError, Version, gate_sql, read_head};

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
    /// Whose plan.
    pub scenario_id: ScenarioId,
    /// Month 1.
    pub start_month: Month,
    /// How many months.
    pub months: u16,
    /// The projection as JSON, as it is stored and sent: a stored one is not even parsed on its way out.
    pub json: String,
    /// Where it came from.
    pub source: ForecastSource,
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

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The household has no such scenario.
    #[error("there is no such scenario")]
    NoSuchScenario,
    /// The plan cannot be projected.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// The law of the year is not known.
    #[error(transparent)]
    Tax(#[from] TaxError),
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
    pub async fn forecast(
        &self,
        asker: Asker,
        scenario_id: ScenarioId,
        months: Option<u16>,
        now: Instant,
    ) -> Result<Option<AsOf<Forecast>>, ForecastError> {
        let sql = format!(
            "WITH {gate} SELECT gate.household_id, gate.version, gate.hash, gate.role, p.start_month, p.months, p.projection, h.time_zone \
             FROM gate JOIN households h ON h.household_id = gate.household_id \
             LEFT JOIN scenario_projections p ON p.household_id = gate.household_id AND p.scenario_id = $3 \
             AND p.household_version = gate.version AND p.engine_version = $4 AND p.tables_version = $5",
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
        let as_of = read_gate(&row)?;
        let zone: String = row.try_get("time_zone").map_err(StoreError::from)?;
        let start_month = start_month(&zone, now);
        if let Some((months, json)) = stored(&row, start_month, months)? {
            let forecast = Forecast { scenario_id, start_month, months, json, source: ForecastSource::Stored };
            return Ok(Some(as_of.with(forecast)));
        }
        let known = self.load(as_of.household_id, read_head(&row)?).await?;
        let projection = compute(&known.household, scenario_id, start_month, months, self.tables())?;
        let json = serde_json::to_string(&projection).map_err(|error| StoreError::Damaged {
            household_id: as_of.household_id,
            version: known.version,
            problem: error.to_string(),
        })?;
        let months = u16::try_from(projection.months.len()).unwrap_or(u16::MAX);
        let forecast = Forecast { scenario_id, start_month, months, json, source: ForecastSource::Computed };
        if known.household.scenarios.get(&scenario_id).is_some_and(|plan| plan.projection_months == months) {
            self.keep(as_of.household_id, known.version, &forecast).await?;
        }
        Ok(Some(AsOf { version: known.version, ..as_of.with(forecast) }))
    }

    /// Keeps a forecast, unless a newer one is there already.
    async fn keep(&self, household_id: HouseholdId, version: Version, forecast: &Forecast) -> Result<(), StoreError> {
        let sql = "INSERT INTO scenario_projections \
                   (household_id, scenario_id, household_version, start_month, engine_version, tables_version, months, projection) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT scenario_projections_pkey DO UPDATE SET \
                   household_version = excluded.household_version, start_month = excluded.start_month, engine_version = excluded.engine_version, \
                   tables_version = excluded.tables_version, months = excluded.months, projection = excluded.projection, computed_at = now() \
                   WHERE (scenario_projections.household_version, scenario_projections.start_month) <= \
                   (excluded.household_version, excluded.start_month)";
        sqlx::query(sql)
            .bind(household_id.0)
            .bind(forecast.scenario_id.0)
            .bind(version)
            .bind(forecast.start_month.to_string())
            .bind(ENGINE_VERSION)
            .bind(self.tables().version())
            .bind(i32::from(forecast.months))
            .bind(&forecast.json)
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

/// The current month, where the household lives.
fn start_month(zone: &str, now: Instant) -> Month {
    let zone = domain::household::facts::TimeZone::parse(zone).unwrap_or_default();
    Month::of(zone.date_at(now))
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

/// The forecast of a scenario of a household, from a month on.
///
/// # Errors
/// [`ForecastError`].
pub fn compute(
    home: &Household,
    scenario: ScenarioId,
    start: Month,
    months: Option<u16>,
    tables: &TaxTables,
) -> Result<Projection, ForecastError> {
    let plan = plan(home, scenario, start, months, tables.in_force(start.year())?).ok_or(ForecastError::NoSuchScenario)?;
    Ok(project(&plan, tables)?)
}

//! Stored forecasts, beside a computation of the same.
//!
//! A forecast that names the head (version and hash), the present engine and the present law is compared byte for byte. One that names anything else is
//! never served, and so no drift; only one from the future, which no projector could replace, is.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::calendar::{Instant, Month};
use domain::household::Household;
use domain::ids::ScenarioId;
use domain::projection::ENGINE_VERSION;
use domain::tax::TaxTables;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::report::Finding;
use crate::forecasts::{compute, start_month};
use crate::store::Version;

/// The stored forecasts of some households (`$1`); `$2` engine and `$3` law of today. The text of one that is not to be compared stays
/// where it is: it is long. (Asked of the stream itself, since the head may be what is wrong.)
pub(super) const STORED: &str = "SELECT p.household_id, p.scenario_id, p.household_version, p.start_month, p.engine_version, p.tables_version, p.months, p.hash, \
     CASE WHEN p.engine_version = $2 AND p.tables_version = $3 AND p.household_version = (SELECT e.sequence FROM events e \
     WHERE e.household_id = p.household_id AND e.aggregate_type = 'household' AND e.aggregate_id = p.household_id::text \
     ORDER BY e.sequence DESC LIMIT 1) THEN p.projection END AS projection \
     FROM scenario_projections p WHERE p.household_id = ANY($1)";

/// Writes forecasts, over anything that is not newer: `$1` households, `$2` scenarios, `$3` versions, `$4` hashes, `$5` months of their
/// start, `$6` how many months, `$7` texts, `$8` engine, `$9` law.
pub(super) const WRITE: &str = "INSERT INTO scenario_projections \
     (household_id, scenario_id, household_version, hash, start_month, engine_version, tables_version, months, projection) \
     SELECT new.household_id, new.scenario_id, new.household_version, new.hash, new.start_month, $8, $9, new.months, new.projection \
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[], $5::text[], $6::integer[], $7::text[]) \
     AS new (household_id, scenario_id, household_version, hash, start_month, months, projection) \
     ON CONFLICT ON CONSTRAINT scenario_projections_pkey DO UPDATE SET household_version = excluded.household_version, hash = excluded.hash, \
     start_month = excluded.start_month, engine_version = excluded.engine_version, tables_version = excluded.tables_version, \
     months = excluded.months, projection = excluded.projection, computed_at = now()";

/// Removes forecasts: `$1` households, `$2` scenarios.
pub(super) const REMOVE: &str = "DELETE FROM scenario_projections old USING unnest($1::uuid[], $2::uuid[]) AS gone (household_id, scenario_id) \
     WHERE old.household_id = gone.household_id AND old.scenario_id = gone.scenario_id";

/// A stored forecast.
#[derive(Debug)]
pub(super) struct StoredForecast {
    scenario: Uuid,
    version: Version,
    start_month: String,
    engine: String,
    law: String,
    months: i32,
    hash: Vec<u8>,
    projection: Option<String>,
}

/// What a forecast should be.
#[derive(Debug)]
pub(super) struct Forecast {
    pub(super) start_month: String,
    pub(super) months: i32,
    pub(super) json: String,
}

/// What is to be done about a stored forecast.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) scenario: Uuid,
    pub(super) findings: Vec<Finding>,
    /// What belongs in its place; none where it belongs removed.
    pub(super) replacement: Option<Forecast>,
    /// It is not what a rebuild leaves behind, be it wrong or only old.
    pub(super) replace: bool,
}

/// What forecasts are computed with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Law {
    pub(super) tables: &'static TaxTables,
    /// Decides in which month a live forecast starts.
    pub(super) now: Instant,
    /// Compute anew what is only old: a rebuild does, a comparison does not.
    pub(super) refresh: bool,
}

impl StoredForecast {
    /// Of which plan.
    pub(super) const fn scenario(&self) -> ScenarioId {
        ScenarioId(self.scenario)
    }

    pub(super) fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            scenario: row.try_get(1)?,
            version: row.try_get(2)?,
            start_month: row.try_get(3)?,
            engine: row.try_get(4)?,
            law: row.try_get(5)?,
            months: row.try_get(6)?,
            hash: row.try_get(7)?,
            projection: row.try_get(8)?,
        })
    }

    /// Compares it with what the household at this version makes of it; `home` is what the plan is projected from.
    pub(super) fn examine(self, home: &Household, version: Version, hash: &[u8], law: Law) -> Examined {
        let scenario = self.scenario;
        let of_today = self.engine == ENGINE_VERSION && self.law == law.tables.version();
        if self.version > version {
            let finding = column("household_version", format!("at most {version}"), self.version.to_string());
            return Examined { scenario, findings: vec![finding], replacement: fresh(home, scenario, law), replace: true };
        }
        if !of_today || self.version < version || self.hash != hash {
            let replacement = law.refresh.then(|| fresh(home, scenario, law)).flatten();
            return Examined { scenario, findings: Vec::new(), replacement, replace: law.refresh };
        }
        let Ok(start) = Month::try_from(self.start_month.clone()) else {
            let finding = column("start_month", "a month such as 2026-01".to_owned(), self.start_month);
            return Examined { scenario, findings: vec![finding], replacement: fresh(home, scenario, law), replace: true };
        };
        let Some(expected) = forecast(home, scenario, start, law) else {
            return Examined { scenario, findings: vec![Finding::Surplus], replacement: None, replace: true };
        };
        let mut findings = Vec::new();
        if self.months != expected.months {
            findings.push(column("months", expected.months.to_string(), self.months.to_string()));
        }
        if self.start_month != expected.start_month {
            findings.push(column("start_month", expected.start_month.clone(), self.start_month));
        }
        let stored = self.projection.unwrap_or_default();
        if stored != expected.json {
            findings.push(column("projection", expected.json.clone(), stored));
        }
        Examined { scenario, replace: !findings.is_empty(), findings, replacement: Some(expected) }
    }
}

fn column(column: &'static str, expected: String, found: String) -> Finding {
    Finding::Column { column, expected: Some(expected), found: Some(found) }
}

/// The forecast that a query would compute now.
fn fresh(home: &Household, scenario: Uuid, law: Law) -> Option<Forecast> {
    forecast(home, scenario, start_month(home, ScenarioId(scenario), law.now), law)
}

/// None where there is no such scenario, or its plan cannot be projected (a panic of the engine included): then there is nothing to store.
fn forecast(home: &Household, scenario: Uuid, start: Month, law: Law) -> Option<Forecast> {
    let computed = || compute(home, ScenarioId(scenario), start, None, law.tables);
    let projection = catch_unwind(AssertUnwindSafe(computed)).ok()?.ok()?;
    let months = i32::try_from(projection.months.len()).ok()?;
    Some(Forecast { start_month: start.to_string(), months, json: serde_json::to_string(&projection).ok()? })
}

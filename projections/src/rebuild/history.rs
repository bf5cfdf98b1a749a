//! The recorded metrics of a household, beside those that its state at that version has on that day.
//!
//! Which days were recorded follows from when projectors ran, not from the stream: a row that is not there is no difference. One that is
//! there follows from the stream alone.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::calendar::Date;
use domain::household::Household;
use domain::metrics;
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::report::Finding;
use crate::store::Version;

/// The recorded metrics of some households (`$1`).
pub(super) const STORED: &str =
    "SELECT household_id, version, as_of_date, metrics::text AS metrics FROM metric_history WHERE household_id = ANY($1)";

/// What is recorded, by version: the days and their metrics.
pub(super) type History = BTreeMap<Version, Vec<(Date, String)>>;

/// A row that is not what it should be.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) version: Version,
    pub(super) day: Date,
    pub(super) finding: Finding,
    /// What should be there; none where nothing should.
    pub(super) expected: Option<String>,
}

impl Wrong {
    /// The row, as a difference names it.
    pub(super) fn key(&self) -> String {
        format!("as_of_date={} version={}", self.day, self.version)
    }

    /// One whose version the stream does not have.
    pub(super) const fn surplus(version: Version, day: Date) -> Self {
        Self { version, day, finding: Finding::Surplus, expected: None }
    }
}

/// Reads a row of [`STORED`].
pub(super) fn read(row: &PgRow) -> Result<(Uuid, Version, Date, String), sqlx::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
}

/// Compares what was recorded of a version with what the household has at it; `None` where that is the same.
pub(super) fn compare(home: &Household, version: Version, day: Date, recorded: String) -> Option<Wrong> {
    // A panic, or what cannot be written, is a bug of the metrics: then there is nothing to record.
    let measured = catch_unwind(AssertUnwindSafe(|| serde_json::to_string(&metrics::at(home, day)))).ok().and_then(Result::ok);
    let Some(expected) = measured else { return Some(Wrong::surplus(version, day)) };
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    if value(&recorded) == value(&expected) {
        return None;
    }
    let finding = Finding::Column { column: "metrics", expected: Some(expected.clone()), found: Some(recorded) };
    Some(Wrong { version, day, finding, expected: Some(expected) })
}

/// Puts what is expected in the place of what is wrong, or removes it.
///
/// # Errors
/// The database.
pub(super) async fn write(connection: &mut PgConnection, household: Uuid, wrong: &[Wrong]) -> Result<(), sqlx::Error> {
    for Wrong { version, day, expected, .. } in wrong {
        let sql = match expected {
            Some(_) => "UPDATE metric_history SET metrics = $4::jsonb WHERE household_id = $1 AND as_of_date = $2 AND version = $3",
            None => "DELETE FROM metric_history WHERE household_id = $1 AND as_of_date = $2 AND version = $3 AND $4::text IS NULL",
        };
        sqlx::query(sql).bind(household).bind(day).bind(version).bind(expected.as_deref()).execute(&mut *connection).await?;
    }
    Ok(())
}

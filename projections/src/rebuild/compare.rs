//! A household as its stream tells it, beside its rows in the tables: what differs, and what would mend it.

use std::collections::BTreeMap;

use domain::calendar::Instant;
use domain::household::Household;
use domain::ids::HouseholdId;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::forecasts::{Forecast, Law, StoredForecast};
use super::history::Wrong;
use super::layout::{Cell, Layout, TableLayout};
use super::replay::{Replay, hex};
use super::report::{Difference, Finding};
use super::scope::Model;
use crate::read_models;
use crate::read_models::accounts::BalanceRow;
use crate::read_models::table::Row as _;
use crate::store::Version;

/// Where a stream ends, as `heads` has it or as it should have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeadRow {
    pub(super) version: Version,
    pub(super) hash: Vec<u8>,
    pub(super) recorded_at: Instant,
}

/// The rows of a household as they are stored.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) head: Option<HeadRow>,
    /// By table, in the order of the layout.
    pub(super) tables: Vec<Vec<PgRow>>,
    pub(super) forecasts: Vec<StoredForecast>,
}

/// What the comparison of a household came to.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) household: HouseholdId,
    pub(super) events: u64,
    pub(super) rows: u64,
    pub(super) damaged: bool,
    pub(super) differences: Vec<Difference>,
    /// None where nothing is to be done, or nothing can be done.
    pub(super) repair: Option<Repair>,
}

/// What brings the rows of a household to what its stream says.
#[derive(Debug)]
pub(super) struct Repair {
    pub(super) household: Uuid,
    /// The end of the stream that was replayed.
    pub(super) version: Version,
    pub(super) hash: Vec<u8>,
    /// The head that the comparison saw: as long as it stands, the rows are those that were compared.
    pub(super) seen: Option<HeadRow>,
    /// The head behind the repair.
    pub(super) head: Option<HeadRow>,
    /// By table, in the order of the layout.
    pub(super) tables: Vec<TableRepair>,
    /// In place of the snapshot, which is wrong: version, state and hash, or nothing.
    pub(super) snapshot: Option<Option<(Version, String, Vec<u8>)>>,
    pub(super) forecasts: Vec<(Uuid, Option<Forecast>)>,
    pub(super) history: Vec<Wrong>,
}

/// Of one table.
#[derive(Debug, Default)]
pub(super) struct TableRepair {
    /// Whole rows, those that are there in another form included.
    pub(super) rows: Vec<Vec<Cell>>,
    /// Keys, part by part.
    pub(super) removed: Vec<Vec<Cell>>,
}

impl Repair {
    fn does_something(&self) -> bool {
        self.head != self.seen
            || self.snapshot.is_some()
            || !self.forecasts.is_empty()
            || !self.history.is_empty()
            || self.tables.iter().any(|table| !table.rows.is_empty() || !table.removed.is_empty())
    }
}

/// Compares what was replayed with what is stored.
///
/// # Errors
/// A stored column that cannot be read as text.
pub(super) fn compare(
    mut replay: Replay,
    stored: Stored,
    then: Option<&Household>,
    layout: &Layout,
    model: Option<Model>,
    law: Law,
) -> Result<Examined, sqlx::Error> {
    replay.end();
    let mut examined = Examined {
        household: replay.household(),
        events: replay.events,
        rows: 0,
        damaged: replay.damage.is_some(),
        differences: Vec::new(),
        repair: None,
    };
    if let Some((version, problem)) = replay.damage {
        examined.note("events", format!("version {version}"), Finding::Damaged { problem });
        return Ok(examined);
    }
    let wanted = |other: Model| model.is_none_or(|model| model == other);
    let mut repair = Repair {
        household: replay.id,
        version: replay.version,
        hash: replay.hash.to_vec(),
        head: stored.head.clone(),
        seen: stored.head,
        tables: Vec::new(),
        snapshot: None,
        forecasts: Vec::new(),
        history: Vec::new(),
    };
    if wanted(Model::HEADS) {
        repair.head = head(&replay, repair.seen.as_ref(), &mut examined);
    }
    if wanted(Model::SNAPSHOTS) && !replay.snapshot_findings.is_empty() {
        for finding in std::mem::take(&mut replay.snapshot_findings) {
            examined.note(Model::SNAPSHOTS.name(), "the snapshot".to_owned(), finding);
        }
        let state = serde_json::to_string(&replay.home).ok().filter(|_| replay.version > 0);
        repair.snapshot = Some(state.map(|state| (replay.version, state, replay.hash.to_vec())));
    }
    if wanted(Model::SCENARIO_PROJECTIONS) {
        let pinned = then.map(|then| replay.home.plans_over(then));
        for forecast in stored.forecasts {
            let home = pinned.as_ref().filter(|home| home.pin_of(forecast.scenario()).is_some()).unwrap_or(&replay.home);
            let forecast = forecast.examine(home, replay.version, &replay.hash, law);
            for finding in forecast.findings {
                examined.note(Model::SCENARIO_PROJECTIONS.name(), format!("scenario_id={}", forecast.scenario), finding);
            }
            if forecast.replace {
                repair.forecasts.push((forecast.scenario, forecast.replacement));
            }
        }
    }
    repair.forecasts.sort_by_key(|(scenario, _)| *scenario);
    // Only those were read that are wanted.
    repair.history = std::mem::take(&mut replay.history_findings);
    for wrong in &repair.history {
        examined.note(Model::METRIC_HISTORY.name(), wrong.key(), wrong.finding.clone());
    }
    let mut expected = expected_rows(replay, layout, &wanted);
    for ((table, expected), stored) in layout.tables.iter().zip(&mut expected).zip(stored.tables) {
        repair.tables.push(rows(table, std::mem::take(expected), &stored, &mut examined)?);
    }
    examined.repair = Some(repair).filter(Repair::does_something);
    Ok(examined)
}

impl Examined {
    fn note(&mut self, model: &'static str, key: String, finding: Finding) {
        self.differences.push(Difference { household: self.household, model, key, finding });
    }
}

/// The head that the stream has.
fn head(replay: &Replay, stored: Option<&HeadRow>, examined: &mut Examined) -> Option<HeadRow> {
    let expected = replay.recorded_at.map(|recorded_at| HeadRow { version: replay.version, hash: replay.hash.to_vec(), recorded_at });
    let mut note = |finding| examined.note(Model::HEADS.name(), "the head".to_owned(), finding);
    match (&expected, stored) {
        (None, None) => {}
        (Some(_), None) => note(Finding::Missing),
        (None, Some(_)) => note(Finding::Surplus),
        (Some(expected), Some(stored)) => {
            for (column, expected, found) in [
                ("version", expected.version.to_string(), stored.version.to_string()),
                ("hash", hex(&expected.hash), hex(&stored.hash)),
                ("recorded_at", expected.recorded_at.to_rfc3339(), stored.recorded_at.to_rfc3339()),
            ] {
                if expected != found {
                    note(Finding::Column { column, expected: Some(expected), found: Some(found) });
                }
            }
        }
    }
    expected
}

/// Every row that should be there, by table, in the order of the layout.
fn expected_rows(replay: Replay, layout: &Layout, wanted: &impl Fn(Model) -> bool) -> Vec<Vec<Vec<Cell>>> {
    let mut changes = read_models::all_rows(&replay.home);
    if wanted(Model::of(BalanceRow::TABLE)) {
        replay.balances.into_values().flatten().for_each(|row| changes.put(&row));
    }
    let mut expected: Vec<Vec<Vec<Cell>>> = layout.tables.iter().map(|_| Vec::new()).collect();
    for changes in changes.tables {
        let place = layout.tables.iter().zip(&mut expected).find(|(table, _)| table.table.name == changes.table.name);
        if let Some((table, expected)) = place
            && wanted(Model::of(table.table))
        {
            *expected = changes.rows.into_iter().map(|row| table.cells(row)).collect();
        }
    }
    expected
}

/// Compares the rows of one table, and says what would mend them.
fn rows(table: &TableLayout, expected: Vec<Vec<Cell>>, stored: &[PgRow], examined: &mut Examined) -> Result<TableRepair, sqlx::Error> {
    let mut repair = TableRepair::default();
    examined.rows = examined.rows.saturating_add(u64::try_from(expected.len()).unwrap_or(u64::MAX));
    let model = table.table.name;
    let mut left = BTreeMap::new();
    for row in stored {
        left.insert(stored_key(table, row)?, row);
    }
    for row in expected {
        let key = table.key(|column| row.get(table.position(column)).and_then(Option::as_deref));
        let Some(found) = left.remove(&key) else {
            examined.note(model, key, Finding::Missing);
            repair.rows.push(row);
            continue;
        };
        let mut differs = false;
        for (number, ((column, kind), expected)) in table.table.columns.iter().copied().zip(&table.kinds).zip(&row).enumerate() {
            let found: Option<&str> = found.try_get(number.saturating_add(1))?;
            if !kind.same(expected.as_deref(), found) {
                differs = true;
                let finding = Finding::Column { column, expected: expected.clone(), found: found.map(str::to_owned) };
                examined.note(model, key.clone(), finding);
            }
        }
        if differs {
            repair.rows.push(row);
        }
    }
    for (key, row) in left {
        examined.note(model, key, Finding::Surplus);
        let parts = table.table.key.iter().map(|column| row.try_get(table.position(column).saturating_add(1)));
        repair.removed.push(parts.collect::<Result<_, _>>()?);
    }
    Ok(repair)
}

/// The key of a stored row, in the form of [`TableLayout::key`].
fn stored_key(table: &TableLayout, row: &PgRow) -> Result<String, sqlx::Error> {
    let mut parts = BTreeMap::new();
    for column in table.table.key {
        let cell: Option<&str> = row.try_get(table.position(column).saturating_add(1))?;
        parts.insert(*column, cell);
    }
    Ok(table.key(|column| parts.get(column).copied().flatten()))
}

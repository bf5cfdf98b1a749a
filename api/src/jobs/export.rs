//! A scenario's projection as a document, in every form in which `GET …/projections` answers, for whoever wants more of it than an answer
//! should be waited for.

use domain::ids::ScenarioId;
use domain::projection::journal::Dialect;
use projections::jobs::{Claimed, JobResult, Progress, Unfinished};
use projections::queries::AsOf;
use projections::store::{Asker, Store};
use projections::track::Stage;
use serde::{Deserialize, Serialize};

use super::failure;
use crate::clock;
use crate::routes::{projection_as_csv, projection_as_json};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Of which plan.
    pub scenario_id: ScenarioId,
    /// In which form.
    pub format: ExportFormat,
    /// 1 … 600; the scenario's own horizon where nothing is said.
    pub months: Option<u16>,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// As `GET …/projections` answers.
    Json,
    /// A line a month.
    Csv,
    /// A journal for `bean-check`.
    Beancount,
    /// A journal for `hledger check`.
    Hledger,
}

impl ExportFormat {
    /// As they are written on the wire.
    pub const WORDS: &'static str = "json, csv, beancount, hledger";

    /// The one that is written so.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "beancount" => Some(Self::Beancount),
            "hledger" => Some(Self::Hledger),
            _ => None,
        }
    }
}

/// As a job.
pub(super) async fn run(store: &Store, job: &Claimed, progress: &Progress, export: Export) -> Result<JobResult, Unfinished> {
    let asker = Asker { user_id: job.origin.requested_by, household_id: Some(job.key.household_id) };
    match export.format {
        ExportFormat::Json | ExportFormat::Csv => rows(store, asker, progress, export).await,
        ExportFormat::Beancount => journal(store, asker, progress, export, Dialect::Beancount).await,
        ExportFormat::Hledger => journal(store, asker, progress, export, Dialect::Hledger).await,
    }
}

/// The forecast's rows.
async fn rows(store: &Store, asker: Asker, progress: &Progress, export: Export) -> Result<JobResult, Unfinished> {
    progress.step(Stage::Project, 0)?;
    let found = store.forecast(asker, export.scenario_id, export.months, clock::now()).await.map_err(failure::forecast)?;
    let found = found.ok_or_else(|| failure::no_access(Stage::Project))?;
    progress.step(Stage::Query, 80)?;
    let written = |error| Unfinished::fault(Stage::Query, error);
    if export.format == ExportFormat::Csv {
        return Ok(JobResult { media_type: "text/csv; charset=utf-8", text: projection_as_csv(&found).map_err(written)? });
    }
    Ok(JobResult { media_type: DOCUMENT_JSON, text: projection_as_json(store, &found, false, None).map_err(written)? })
}

/// The forecast's ledger.
async fn journal(store: &Store, asker: Asker, progress: &Progress, export: Export, dialect: Dialect) -> Result<JobResult, Unfinished> {
    progress.step(Stage::Load, 0)?;
    let gate = store.gate(asker, None).await.map_err(|error| failure::store(Stage::Load, error))?;
    let gate = gate.ok_or_else(|| failure::no_access(Stage::Load))?;
    let value = store.load(gate.household_id, gate.head).await.map_err(|error| failure::store(Stage::Load, error))?;
    let at = AsOf { household_id: gate.household_id, role: gate.role, version: value.version, value };
    progress.step(Stage::Project, 10)?;
    let text = store.journal(&at, export.scenario_id, export.months, clock::now(), dialect).await.map_err(failure::forecast)?;
    Ok(JobResult { media_type: "text/plain; charset=utf-8", text })
}

/// JSON, but a document of its own: not shown inside the job.
const DOCUMENT_JSON: &str = "application/json; charset=utf-8";

//! A scenario's projection as a document, for whoever wants more of it than an answer should be waited for.

use domain::ids::ScenarioId;
use projections::jobs::{Claimed, JobResult, Progress, Unfinished};
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
}

/// As a job.
pub(super) async fn run(store: &Store, job: &Claimed, progress: &Progress, export: Export) -> Result<JobResult, Unfinished> {
    let asker = Asker { user_id: job.origin.requested_by, household_id: Some(job.key.household_id) };
    progress.step(Stage::Project, 0)?;
    let found = store.forecast(asker, export.scenario_id, export.months, clock::now()).await.map_err(failure::forecast)?;
    let found = found.ok_or_else(|| failure::no_access(Stage::Project))?;
    progress.step(Stage::Query, 80)?;
    let written = |error| Unfinished::fault(Stage::Query, error);
    Ok(match export.format {
        ExportFormat::Json => {
            JobResult { media_type: DOCUMENT_JSON, text: projection_as_json(store, &found, false, None).map_err(written)? }
        }
        ExportFormat::Csv => JobResult { media_type: "text/csv; charset=utf-8", text: projection_as_csv(&found).map_err(written)? },
    })
}

/// JSON, but a document of its own: not shown inside the job.
const DOCUMENT_JSON: &str = "application/json; charset=utf-8";

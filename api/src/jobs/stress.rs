//! Stress tests in a batch, for whoever does not want to wait for them.

use domain::ids::ScenarioId;
use domain::stress::StressTest;
use projections::jobs::{Claimed, JobResult, Progress, Unfinished};
use projections::store::{Asker, Store};
use projections::track::Stage;
use serde::{Deserialize, Serialize};

use super::failure;
use crate::routes::stress_batch;

/// What is put to the test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StressBatch {
    /// By which tests, in this order.
    pub tests: Vec<StressTest>,
    /// Which plan.
    pub scenario_id: ScenarioId,
    /// 1 … 600.
    pub months: u16,
    /// With the monthly series.
    pub series: bool,
}

/// As a job: the household at its head when it runs.
pub(super) async fn run(store: &Store, job: &Claimed, progress: &Progress, batch: StressBatch) -> Result<JobResult, Unfinished> {
    let (user_id, household_id) = (job.origin.requested_by, job.key.household_id);
    progress.step(Stage::Load, 0)?;
    let asker = Asker { user_id, household_id: Some(household_id) };
    let gate = store.gate(asker, None).await.map_err(|error| failure::store(Stage::Load, error))?;
    let gate = gate.ok_or_else(|| failure::no_access(Stage::Load))?;
    let known = store.load(household_id, gate.head).await.map_err(|error| failure::store(Stage::Load, error))?;
    progress.step(Stage::Project, 10)?;
    let view = stress_batch(store, household_id, &known, batch).await.map_err(failure::forecast)?;
    let text = serde_json::to_string(&view).map_err(|error| Unfinished::fault(Stage::Project, error))?;
    Ok(JobResult { media_type: JobResult::JSON, text })
}

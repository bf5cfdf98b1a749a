//! Work that may take longer than a request: which kinds there are, and what each does.
//!
//! # Another kind
//! 1. A variant of [`Work`]; its fields are the parameters, as they are stored and shown. The variant's name is the kind on the wire.
//! 2. A file with its function, and an arm in [`Kinds::run`](Works::run):
//!    `async fn run(store: &Store, job: &Claimed, progress: &Progress, …) -> Result<JobResult, Unfinished>`.
//!
//! The function says how far it is with `progress.step(stage, percent)?`, often: there it hears that the job was cancelled, or that the process
//! ends. It may compute for long, and may be run twice, so it appends through the aggregate, with the rights of whoever asked, or
//! stores under a version, or just answers. What it returns is kept for its client: JSON inside the job, anything else as a document.
//!
//! A route begins one with [`begin`]: 202, with the job's address.

mod begin;
mod export;
mod failure;
pub mod goal_seek;
mod monte_carlo;
mod refresh;
mod runner;
mod stress;

use std::time::Duration;

use projections::jobs::{Claimed, JobResult, JobState, Jobs, Progress, Unfinished};
use projections::signals::{self, BaselineRefresh};
use projections::store::Store;
use projections::track::Stage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::begin::{Wish, begin, record, too_many};
pub use self::export::{Export, ExportFormat};
use self::goal_seek::GoalSeek;
pub use self::monte_carlo::{MonteCarlo, MonteCarloView, NoOutcome, Played, history, outcome};
pub use self::refresh::{Refreshed, project};
pub use self::runner::{Runner, Works, worker_name};
pub use self::stress::StressBatch;
use crate::background::Background;

/// What a job is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "parameters", rename_all = "snake_case")]
pub enum Work {
    /// Derives the system flows anew, and computes the baseline's projection.
    BaselineRefresh {},
    /// Writes a scenario's projection as a document.
    ProjectionExport(Export),
    /// Puts a scenario's plan to several tests.
    StressBatch(StressBatch),
    /// Seeks the value that reaches a goal.
    GoalSeek(Box<GoalSeek>),
    /// Plays a scenario in many worlds.
    MonteCarlo(MonteCarlo),
}

/// A stored job that this program does not understand: of a newer one, or of none.
#[derive(Debug, thiserror::Error)]
#[error("this program does not know what to do: {0}")]
struct UnknownWork(serde_json::Error);

impl Work {
    /// All of them, as they are on the wire.
    const KINDS: [&str; 5] = ["baseline_refresh", "projection_export", "stress_batch", "goal_seek", "monte_carlo"];

    /// The kind on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::BaselineRefresh {} => "baseline_refresh",
            Self::ProjectionExport(_) => "projection_export",
            Self::StressBatch(_) => "stress_batch",
            Self::GoalSeek(_) => "goal_seek",
            Self::MonteCarlo(_) => "monte_carlo",
        }
    }

    /// The parameters, as they are stored and shown.
    #[must_use]
    pub fn parameters(&self) -> Value {
        let whole = serde_json::to_value(self).unwrap_or_default();
        whole.get("parameters").cloned().unwrap_or_default()
    }

    /// Of this kind, a household has at most one at a time.
    #[must_use]
    pub const fn exclusive(&self) -> Option<&'static str> {
        match self {
            Self::BaselineRefresh {} => Some("baseline_refresh"),
            Self::ProjectionExport(_) | Self::StressBatch(_) | Self::GoalSeek(_) | Self::MonteCarlo(_) => None,
        }
    }

    fn of(job: &Claimed) -> Result<Self, UnknownWork> {
        let parameters: Value = serde_json::from_str(&job.parameters).map_err(UnknownWork)?;
        Self::stored(&job.kind, &parameters).map_err(UnknownWork)
    }

    /// What a stored job is about.
    ///
    /// # Errors
    /// It is of a newer program.
    pub fn stored(kind: &str, parameters: &Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({"kind": kind, "parameters": parameters}))
    }
}

/// What this program does.
pub struct Kinds {
    store: Store,
}

impl Works for Kinds {
    async fn run(&self, job: &Claimed, progress: &Progress) -> Result<JobResult, Unfinished> {
        match Work::of(job).map_err(|error| Unfinished::fault(Stage::Job, error))? {
            Work::BaselineRefresh {} => refresh::run(&self.store, job, progress).await,
            Work::ProjectionExport(export) => export::run(&self.store, job, progress, export).await,
            Work::StressBatch(batch) => stress::run(&self.store, job, progress, batch).await,
            Work::GoalSeek(seek) => goal_seek::run(&self.store, job, progress, *seek).await,
            Work::MonteCarlo(asked) => monte_carlo::run(&self.store, job, progress, asked).await,
        }
    }

    fn ended(&self, job: &Claimed, how: JobState, took: Duration) {
        let Ok(work) = Work::of(job) else { return }; // of another program
        signals::job_ended(work.kind(), how.as_str(), took);
        match (work, how) {
            (Work::BaselineRefresh {}, JobState::Succeeded) => signals::baseline_refresh(BaselineRefresh::Completed),
            (Work::BaselineRefresh {}, JobState::Failed) => signals::baseline_refresh(BaselineRefresh::Failed),
            (Work::BaselineRefresh {} | Work::ProjectionExport(_) | Work::StressBatch(_) | Work::GoalSeek(_) | Work::MonteCarlo(_), _) => {}
        }
    }
}

/// Lets this process run jobs, as many at once as it has cores, until its background stops.
pub fn start(background: &mut Background, jobs: Jobs, store: Store) {
    signals::begin_jobs(&Work::KINDS);
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let runner = Runner::new(jobs, Kinds { store }, cores);
    let waiter = background.waiter();
    background.add(|stop| runner.run(stop, waiter));
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ScenarioId;
    use domain::monte_carlo::{Method, Mix, Simulation};
    use domain::stress::StressTest;
    use serde_json::json;
    use uuid::Uuid;

    /// What is stored is read again, under the name that is shown.
    #[test]
    fn a_kind_on_the_wire_is_the_one_that_is_run() {
        let export = Export { scenario_id: ScenarioId(Uuid::nil()), format: ExportFormat::Csv, months: Some(12) };
        let batch = StressBatch { tests: vec![StressTest::Inflation6], scenario_id: ScenarioId(Uuid::nil()), months: 60, series: true };
        let method = Method::Bootstrap { allocation: Mix::default() };
        let simulation = Simulation { paths: 10, seed: u64::MAX, method, goals: vec![] };
        let many = Work::MonteCarlo(MonteCarlo { scenario_id: ScenarioId(Uuid::nil()), months: None, simulation });
        for work in [Work::BaselineRefresh {}, Work::ProjectionExport(export), Work::StressBatch(batch), many] {
            let stored = json!({"kind": work.kind(), "parameters": work.parameters()});
            assert_eq!(serde_json::from_value::<Work>(stored).unwrap(), work);
            assert!(Work::KINDS.contains(&work.kind()), "{} is not counted from the start", work.kind());
        }
        assert_eq!(Work::BaselineRefresh {}.parameters(), json!({}));
    }
}

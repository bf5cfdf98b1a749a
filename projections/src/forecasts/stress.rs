//! Plans under stress: computed when they are asked for, on the cores that there are, and not kept.
//!
//! All tests of 60 months are milliseconds, of 600 months tens of them, and an analysis projects hundreds of times: so none of it runs
//! where requests are served.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use domain::projection::Plan;
use domain::projection::changes::PlannedChange;
use domain::stress::{Analysis, StressRun, analyze, run};
use domain::tax::TaxTables;

use super::planned::guarded;
use super::{ForecastError, NoForecast};
use crate::store::Store;

/// One core where nobody knows how many there are.
fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

impl Store {
    /// A plan, and what it comes to under each of these tests.
    ///
    /// # Errors
    /// [`ForecastError`].
    pub async fn stressed(&self, plan: Plan, tests: Vec<Vec<PlannedChange>>) -> Result<StressRun, ForecastError> {
        aside(self.tables(), move |tables| Ok(run(&plan, &tests, tables, cores())?)).await
    }

    /// The same with its analysis.
    ///
    /// # Errors
    /// [`ForecastError`].
    pub async fn stress_analysis(&self, plan: Plan, tests: Vec<Vec<PlannedChange>>) -> Result<Analysis, ForecastError> {
        aside(self.tables(), move |tables| Ok(analyze(&plan, &tests, tables, cores())?)).await
    }
}

/// Beside the threads that serve requests.
async fn aside<T: Send + 'static>(
    tables: &'static TaxTables,
    work: impl FnOnce(&TaxTables) -> Result<T, NoForecast> + Send + 'static,
) -> Result<T, ForecastError> {
    let done = tokio::task::spawn_blocking(move || guarded(|| work(tables))).await;
    Ok(done.map_err(|error| NoForecast::Broken(error.to_string()))??)
}

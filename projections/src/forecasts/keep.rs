//! How a computed forecast gets into the table: behind the answer, and never over a newer one.
//!
//! Two guards. A forecast is written only while the stream still ends where it was computed: an older one is of no use to anybody. And
//! should the stream have moved while the statement was on its way, and somebody have stored the newer one, it stays: without that, a slow
//! writer would put an old one in its place, and every reader that follows would compute.
//!
//! The commit does not wait for the disk: losing a forecast costs a computation. Deliberately absent: a retry. Whoever reads next computes
//! and offers it again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::projection::ENGINE_VERSION;
use sqlx::{Executor, Postgres};
use tokio::sync::Notify;

use super::Forecast;
use crate::database::DatabaseError;
use crate::store::{Store, StoreError};
use crate::track::{Context, Stage, track, track_unavailable};

/// Forecasts that may wait; a quarter of a megabyte each. One more is dropped.
const MOST_WAITING: usize = 64;

/// The end of every statement that inserts into `scenario_projections`: a newer forecast stays, and so does the same one.
pub(crate) const KEPT_UNLESS_OLDER: &str = "ON CONFLICT ON CONSTRAINT scenario_projections_pkey DO UPDATE SET \
    household_version = excluded.household_version, hash = excluded.hash, start_month = excluded.start_month, \
    engine_version = excluded.engine_version, tables_version = excluded.tables_version, months = excluded.months, \
    projection = excluded.projection, computed_at = now() \
    WHERE (scenario_projections.household_version, scenario_projections.start_month) < \
    (excluded.household_version, excluded.start_month) \
    OR (scenario_projections.household_version, scenario_projections.start_month) = \
    (excluded.household_version, excluded.start_month) \
    AND (scenario_projections.hash, scenario_projections.engine_version, scenario_projections.tables_version, \
    scenario_projections.months) IS DISTINCT FROM \
    (excluded.hash, excluded.engine_version, excluded.tables_version, excluded.months)";

/// What waits to be stored: of each scenario the newest.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    waiting: Mutex<VecDeque<Arc<Forecast>>>,
    offered: Notify,
}

impl Keeper {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Arc<Forecast>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False where there is no room, or a newer one waits already.
    fn offer(&self, forecast: &Arc<Forecast>) -> bool {
        let mut waiting = self.waiting();
        if let Some(other) = waiting.iter_mut().find(|other| other.scenario_id == forecast.scenario_id) {
            let is_newer = (other.head.version, other.start_month) <= (forecast.head.version, forecast.start_month);
            if is_newer {
                *other = Arc::clone(forecast);
            }
            return is_newer;
        }
        if waiting.len() >= MOST_WAITING {
            return false;
        }
        waiting.push_back(Arc::clone(forecast));
        drop(waiting);
        self.offered.notify_one();
        true
    }

    async fn next(&self) -> Arc<Forecast> {
        loop {
            if let Some(forecast) = self.waiting().pop_front() {
                return forecast;
            }
            self.offered.notified().await;
        }
    }
}

impl Store {
    /// Keeps a forecast: true where it is the stored one now, and was not before. `executor` may be a transaction, whose other work then
    /// commits with it.
    ///
    /// # Errors
    /// The database.
    pub async fn keep<'e, E: Executor<'e, Database = Postgres>>(&self, executor: E, forecast: &Forecast) -> Result<bool, StoreError> {
        self.keep_by(executor, forecast, "SELECT 1").await
    }

    /// The same, with a commit that does not wait for the disk: of a statement that is a transaction by itself.
    async fn keep_at_ease(&self, forecast: &Forecast) -> Result<bool, StoreError> {
        self.keep_by(self.pool(), forecast, "SELECT set_config('synchronous_commit', 'off', true)").await
    }

    async fn keep_by<'e, E>(&self, executor: E, forecast: &Forecast, manner: &'static str) -> Result<bool, StoreError>
    where
        E: Executor<'e, Database = Postgres>,
    {
        let sql = format!(
            "WITH manner AS MATERIALIZED ({manner}) INSERT INTO scenario_projections \
             (household_id, scenario_id, household_version, hash, start_month, engine_version, tables_version, months, projection) \
             SELECT h.household_id, $2, h.version, h.hash, $5, $6, $7, $8, $9 FROM manner, heads h \
             WHERE h.household_id = $1 AND h.version = $3 AND h.hash = $4 \
             {KEPT_UNLESS_OLDER}"
        );
        let written = sqlx::query(&sql)
            .bind(forecast.household_id.0)
            .bind(forecast.scenario_id.0)
            .bind(forecast.head.version)
            .bind(forecast.head.hash.as_slice())
            .bind(forecast.start_month.to_string())
            .bind(ENGINE_VERSION)
            .bind(self.tables().version())
            .bind(i32::from(forecast.months))
            .bind(&forecast.json)
            .execute(executor)
            .await?;
        Ok(written.rows_affected() > 0)
    }

    /// Has a forecast stored behind the answer; where too many wait, it is let go.
    pub(super) fn keep_later(&self, forecast: &Arc<Forecast>) {
        if !self.keeper().offer(forecast) {
            tracing::debug!(scenario = %forecast.scenario_id, "a forecast is not kept: too many wait, or a newer one does");
        }
    }

    /// Stores what was computed, one after the other, until it is dropped; and says so to those who wait for news.
    pub async fn keep_what_is_computed(self) {
        loop {
            let forecast = self.keeper().next().await;
            match self.keep_at_ease(&forecast).await {
                Ok(true) => self.announcer().announce(),
                Ok(false) => {} // it is there, or the household has moved on
                Err(error) => {
                    let context =
                        Context { stage: Stage::Project, household: Some(forecast.household_id), command: Some("keep a forecast") };
                    match error {
                        StoreError::Database(DatabaseError::Unavailable(_)) => track_unavailable(&error, context),
                        StoreError::Database(DatabaseError::Failed(_)) | StoreError::Damaged { .. } => track(&error, context),
                    }
                }
            }
        }
    }
}

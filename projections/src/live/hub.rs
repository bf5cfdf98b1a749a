//! One question for all that is watched in a process.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::ENGINE_VERSION;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use uuid::Uuid;

use crate::store::{Store, StoreError, Version};
use crate::track::Chain;
use crate::wake::Waiter;

/// Without any announcement, the question is asked this often.
const AT_LEAST_EVERY: Duration = Duration::from_secs(1);
/// With however many announcements, it is asked no more often than this, …
const AT_MOST_EVERY: Duration = Duration::from_millis(20);
/// … and takes no more than one part in so many of the time, however many households are watched.
const SHARE: u32 = 5;

/// A forecast of a household's newest version that can be read without computing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Ready {
    /// Of which plan.
    pub scenario_id: ScenarioId,
    /// The version that it reflects.
    pub household_version: Version,
    /// Its month 1, such as `2026-11`.
    pub start_month: String,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobNews {
    /// Which.
    pub id: Uuid,
    /// What kind of work.
    pub kind: String,
    /// As in [`JobState`](crate::jobs::JobState).
    pub state: String,
    /// In percent.
    pub progress: u8,
}

/// What is known of a household that is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Where its stream ends; 0 until that was asked.
    pub version: Version,
    /// The forecasts of exactly that version.
    pub ready: BTreeSet<Ready>,
    /// The jobs that are not finished, or were finished within the last minute.
    pub jobs: BTreeSet<JobNews>,
}

/// Where streams end, what is stored of exactly that, and how far jobs are; `$1` the households.
const QUESTION: &str = "SELECT h.household_id, h.version, \
    (SELECT coalesce(json_agg(p), '[]')::text FROM (SELECT scenario_id, household_version, start_month FROM scenario_projections \
    WHERE household_id = h.household_id AND household_version = h.version AND hash = h.hash AND engine_version = $2 \
    AND tables_version = $3) p) AS ready, \
    (SELECT coalesce(json_agg(j), '[]')::text FROM (SELECT id, kind, state, progress FROM jobs WHERE household_id = h.household_id \
    AND (state IN ('queued', 'running') OR finished_at > now() - interval '1 minute')) j) AS jobs \
    FROM unnest($1::uuid[]) AS w (household_id) JOIN heads h ON h.household_id = w.household_id";

/// The households that are watched in this process.
#[derive(Debug)]
pub struct Hub {
    watched: Mutex<HashMap<HouseholdId, watch::Sender<News>>>,
    /// Somebody watches a household that nobody watched before: do not let them wait for the next second.
    begun: Notify,
    closed: watch::Sender<bool>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { watched: Mutex::default(), begun: Notify::default(), closed: watch::Sender::new(false) }
    }
}

/// Somebody's watch over a household. Dropped, it is over.
#[derive(Clone, Debug)]
pub struct Watch {
    news: watch::Receiver<News>,
    closed: watch::Receiver<bool>,
}

/// What a watch was woken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There is news.
    News,
    /// The process ends, and so shall whoever watches.
    Closed,
}

impl Watch {
    /// What is known now.
    #[must_use]
    pub fn news(&self) -> News {
        self.news.borrow().clone()
    }

    /// Whether all shall end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Returns at the next news since the last call, or when all shall end.
    pub async fn changed(&mut self) -> Change {
        if self.is_closed() {
            return Change::Closed;
        }
        tokio::select! {
            // An error says that the hub is gone.
            news = self.news.changed() => if news.is_ok() { Change::News } else { Change::Closed },
            _ = self.closed.changed() => Change::Closed,
        }
    }
}

impl Hub {
    fn watched(&self) -> MutexGuard<'_, HashMap<HouseholdId, watch::Sender<News>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a household. Whether the watcher may is not asked here.
    #[must_use]
    pub fn watch(&self, household: HouseholdId) -> Watch {
        let mut watched = self.watched();
        let news = watched.entry(household).or_insert_with(|| {
            self.begun.notify_one();
            watch::Sender::new(News::default())
        });
        Watch { news: news.subscribe(), closed: self.closed.subscribe() }
    }

    /// Ends every watch, those to come included: the process is about to stop.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Asks and tells, until it is dropped.
    pub async fn run(&self, store: Store, mut waiter: Waiter) {
        loop {
            let asked = Instant::now();
            if let Err(error) = self.ask(&store).await {
                tracing::debug!(error = %Chain(&error), "what is new could not be asked: trying again");
            }
            let rest = asked.elapsed().saturating_mul(SHARE).clamp(AT_MOST_EVERY, AT_LEAST_EVERY);
            tokio::time::sleep(rest).await;
            tokio::select! {
                () = waiter.next(AT_LEAST_EVERY) => {}
                () = self.begun.notified() => {}
            }
        }
    }

    /// The one question.
    async fn ask(&self, store: &Store) -> Result<(), StoreError> {
        let households: Vec<Uuid> = {
            let mut watched = self.watched();
            watched.retain(|_, news| news.receiver_count() > 0);
            watched.keys().map(|id| id.0).collect()
        };
        if households.is_empty() {
            return Ok(());
        }
        let question = sqlx::query(QUESTION).bind(households).bind(ENGINE_VERSION).bind(store.tables().version());
        let rows = question.fetch_all(store.pool()).await?;
        let all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let watched = self.watched();
        for (household, news) in all {
            if let Some(sender) = watched.get(&household) {
                sender.send_if_modified(|known| {
                    let is_new = *known != news;
                    *known = news;
                    is_new
                });
            }
        }
        Ok(())
    }
}

fn read(row: &sqlx::postgres::PgRow) -> Result<(HouseholdId, News), StoreError> {
    let (household_id, version) = (HouseholdId(row.try_get("household_id")?), row.try_get("version")?);
    let (ready, jobs): (String, String) = (row.try_get("ready")?, row.try_get("jobs")?);
    let damaged = |error: serde_json::Error| StoreError::Damaged { household_id, version, problem: error.to_string() };
    let news = News { version, ready: serde_json::from_str(&ready).map_err(damaged)?, jobs: serde_json::from_str(&jobs).map_err(damaged)? };
    Ok((household_id, news))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_watches_when_all_shall_end_is_told_and_so_is_who_comes_afterwards() {
        let hub = Hub::default();
        let mut before = hub.watch(HouseholdId(Uuid::from_u128(1)));
        hub.close();
        assert_eq!(before.changed().await, Change::Closed);
        assert_eq!(hub.watch(HouseholdId(Uuid::from_u128(2))).changed().await, Change::Closed);
    }

    #[tokio::test]
    async fn news_of_one_household_wakes_nobody_who_watches_another() {
        let hub = Hub::default();
        let (first, second) = (HouseholdId(Uuid::from_u128(1)), HouseholdId(Uuid::from_u128(2)));
        let (mut of_first, mut of_second) = (hub.watch(first), hub.watch(second));
        hub.watched().get(&first).unwrap().send_replace(News { version: 7, ..News::default() });
        assert_eq!((of_first.changed().await, of_first.news().version), (Change::News, 7));
        let waited = tokio::time::timeout(Duration::from_millis(50), of_second.changed()).await;
        assert!(waited.is_err(), "woken by {:?}", of_second.news());
    }
}

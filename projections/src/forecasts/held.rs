//! What this process computed lately, by scenario.
//!
//! It bridges the time until a forecast is in the table: who asks in between does not compute it again. What is held counts only for
//! exactly the head that the asker has just read from the database, so that it can be forgotten or outdated, never stale.

use std::sync::Arc;

use domain::ids::ScenarioId;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::Forecast;

/// Bytes of JSON: some hundred forecasts of ten years.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// The forecasts that are held.
#[derive(Debug)]
pub(crate) struct Held(Cache<ScenarioId, Arc<Forecast>>);

impl Default for Held {
    fn default() -> Self {
        let weight = |_: &ScenarioId, forecast: &Arc<Forecast>| u32::try_from(forecast.json.len()).unwrap_or(u32::MAX);
        // The one that was used longest ago goes: a new one is always let in.
        Self(Cache::builder().max_capacity(MOST_BYTES).weigher(weight).eviction_policy(EvictionPolicy::lru()).build())
    }
}

impl Held {
    pub(super) fn get(&self, scenario_id: ScenarioId) -> Option<Arc<Forecast>> {
        self.0.get(&scenario_id)
    }

    /// One of another horizon than the scenario's own is a guest: it would push out what everybody asks for.
    pub(super) fn insert(&self, forecast: &Arc<Forecast>) {
        if forecast.has_own_horizon {
            self.0.insert(forecast.scenario_id, Arc::clone(forecast));
        }
    }
}

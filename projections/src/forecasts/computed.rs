//! A forecast that is computed: once, for all who ask for the same at the same time.
//!
//! The race: a hundred readers come at once behind a command (a family's screens, a dashboard that was told of a new version), find
//! nothing stored, and each computes the same. Here the first one computes and the others wait for it. It computes where it is, in one
//! go: half a millisecond to two, less than it takes to hand the work to another thread and back on a machine whose cores are busy; and
//! since there is no point at which it could be given up half-way, a client who goes away takes nothing from those who wait. A panic of
//! the engine is an error for all of them, and the next one who asks tries again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::calendar::{Instant, Month};
use domain::household::{Household, plan};
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::{Projection, project};
use domain::tax::TaxTables;
use tokio::sync::OnceCell;

use super::{Forecast, ForecastError, ForecastSource, Found, NoForecast, guarded};
use crate::store::{Head, Known, Store, StoreError, Version};

/// What makes two computations the same. Engine and law are those of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    household_id: HouseholdId,
    head: Head,
    scenario_id: ScenarioId,
    start_month: Month,
    months: u16,
}

type Flight = Arc<OnceCell<Result<Arc<Forecast>, NoForecast>>>;

/// The computations that are under way.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<Key, Flight>>);

impl Flights {
    fn under_way(&self) -> MutexGuard<'_, HashMap<Key, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self, key: Key) -> Flight {
        Arc::clone(self.under_way().entry(key).or_default())
    }

    /// It has landed: who comes now finds what is held, and tries again where it failed.
    fn land(&self, key: &Key, flight: &Flight) {
        let mut under_way = self.under_way();
        if under_way.get(key).is_some_and(|current| Arc::ptr_eq(current, flight)) {
            under_way.remove(key);
        }
    }
}

/// What a scenario is computed from.
#[derive(Clone, Debug)]
pub struct Basis {
    /// The household, as of the version that the scenario looks at.
    pub household: Arc<Household>,
    /// Month 1.
    pub start_month: Month,
}

impl Store {
    /// The forecast of a scenario of a household as it is known, from a month on; of the scenario's own horizon where `months` is none.
    /// Who asks for the same at the same time, or shortly after, gets the same.
    ///
    /// # Errors
    /// [`ForecastError`]. An error is nobody's but theirs who waited for it: the next one computes again.
    pub async fn computed(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        scenario_id: ScenarioId,
        start_month: Month,
        months: Option<u16>,
    ) -> Result<Arc<Forecast>, ForecastError> {
        Ok(self.found_or_computed(household_id, known, scenario_id, start_month, months).await?.forecast)
    }

    /// The same, and whether it had been computed before this was asked.
    pub(super) async fn found_or_computed(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        scenario_id: ScenarioId,
        start_month: Month,
        months: Option<u16>,
    ) -> Result<Found, ForecastError> {
        let own_horizon = known.household.scenarios.get(&scenario_id).ok_or(NoForecast::NoSuchScenario)?.projection_months;
        let head = Head { version: known.version, hash: known.hash };
        let key = Key { household_id, head, scenario_id, start_month, months: months.unwrap_or(own_horizon) };
        if let Some(forecast) = self.held_for(&key) {
            return Ok(Found { forecast, source: ForecastSource::Stored });
        }
        let basis = self.basis(household_id, known, scenario_id, start_month).await?;
        let flight = self.flights().join(key);
        let computed = flight
            .get_or_init(async || {
                if let Some(forecast) = self.held_for(&key) {
                    return Ok(forecast); // it landed just before this one joined
                }
                let forecast = Arc::new(forecast_of(&basis, &key, own_horizon, self.tables())?);
                self.held().insert(&forecast);
                Ok(forecast)
            })
            .await
            .clone();
        self.flights().land(&key, &flight);
        Ok(Found { forecast: computed?, source: ForecastSource::Computed })
    }

    /// Which household a scenario is projected from: the one place that decides it. A plan follows reality, so it is the household at its
    /// head; a pinned baseline is today's plan over the reality of its day.
    pub(super) async fn basis(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        scenario_id: ScenarioId,
        start_month: Month,
    ) -> Result<Basis, ForecastError> {
        let Some(pin) = known.household.pin_of(scenario_id) else {
            return Ok(Basis { household: Arc::clone(&known.household), start_month });
        };
        let version = Version::try_from(pin.version).unwrap_or(Version::MAX);
        let then = self.household_at(household_id, version).await?.ok_or_else(|| StoreError::Damaged {
            household_id,
            version,
            problem: "a baseline is pinned to this version, which is not there".to_owned(),
        })?;
        Ok(Basis { household: Arc::new(known.household.plans_over(&then.household)), start_month })
    }

    fn held_for(&self, key: &Key) -> Option<Arc<Forecast>> {
        let is_it = |forecast: &Arc<Forecast>| {
            (forecast.household_id, forecast.head) == (key.household_id, key.head)
                && (forecast.start_month, forecast.months) == (key.start_month, key.months)
        };
        self.held().get(key.scenario_id).filter(is_it)
    }
}

fn forecast_of(basis: &Basis, key: &Key, own_horizon: u16, tables: &TaxTables) -> Result<Forecast, NoForecast> {
    let span = tracing::debug_span!("project", household = %key.household_id, version = key.head.version);
    let _here = span.enter();
    let json = guarded(|| {
        let projection = compute(&basis.household, key.scenario_id, basis.start_month, Some(key.months), tables)?;
        serde_json::to_string(&projection).map_err(|error| NoForecast::Broken(error.to_string()))
    })?;
    let Key { household_id, head, scenario_id, start_month, months } = *key;
    tracing::debug!(scenario = %scenario_id, version = head.version, %start_month, months, "a forecast was computed");
    Ok(Forecast { household_id, head, scenario_id, start_month, months, has_own_horizon: months == own_horizon, json })
}

/// Month 1 of a plan: the current month, where the household lives; of a pinned baseline that of its day; that of its start date where it has one.
#[must_use]
pub fn start_month(home: &Household, scenario: ScenarioId, now: Instant) -> Month {
    let zone = home.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
    home.first_month(scenario, zone.date_at(now))
}

/// The forecast of a scenario of a household, from a month on.
///
/// # Errors
/// [`NoForecast`].
pub fn compute(
    home: &Household,
    scenario: ScenarioId,
    start: Month,
    months: Option<u16>,
    tables: &TaxTables,
) -> Result<Projection, NoForecast> {
    let plan = plan(home, scenario, start, months, tables.in_force(start.year())?).ok_or(NoForecast::NoSuchScenario)?;
    Ok(project(&plan, tables)?)
}

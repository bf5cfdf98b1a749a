//! One household brought up to its head: the forecasts that are not stored yet, and its metrics on this day.

use std::sync::Arc;

use domain::calendar::{Date, Instant};
use domain::ids::HouseholdId;
use domain::metrics::{self, Metrics};
use tracing::Instrument as _;

use super::bench::{Bench, Panicked};
use super::look::Found;
use crate::database::DatabaseError;
use crate::forecasts::{Forecast, ForecastError, start_month};
use crate::store::{Known, Store, StoreError, Version};
use crate::track::Stage;

/// What came of a household.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) household_id: HouseholdId,
    pub(super) version: Version,
    /// Those that had to be computed.
    pub(super) forecasts: Vec<Arc<Forecast>>,
    pub(super) as_of_date: Date,
    /// A [`Metrics`] as JSON.
    pub(super) metrics: String,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Load(#[from] StoreError),
    #[error(transparent)]
    Forecast(#[from] ForecastError),
    #[error(transparent)]
    Panic(#[from] Panicked),
    #[error("the metrics cannot be written")]
    Metrics(#[from] serde_json::Error),
    /// What was computed cannot be stored.
    #[error(transparent)]
    Refused(DatabaseError),
}

impl Fault {
    pub(super) const fn stage(&self) -> Stage {
        match self {
            Self::Load(_) => Stage::Load,
            Self::Forecast(_) | Self::Panic(_) | Self::Metrics(_) | Self::Refused(_) => Stage::Project,
        }
    }

    /// The database that is away, where that is all: no fault of this household.
    pub(super) fn or_unavailable(self) -> Result<Self, DatabaseError> {
        match self {
            Self::Load(StoreError::Database(error @ DatabaseError::Unavailable(_)))
            | Self::Forecast(ForecastError::Store(StoreError::Database(error @ DatabaseError::Unavailable(_)))) => Err(error),
            fault @ (Self::Load(_) | Self::Forecast(_) | Self::Panic(_) | Self::Metrics(_) | Self::Refused(_)) => Ok(fault),
        }
    }
}

/// Brings a household up to date, from what was found of it.
pub(super) async fn bring_up(store: &Store, bench: &Bench, household_id: HouseholdId, found: &Found, now: Instant) -> Result<Done, Fault> {
    let known = store.load(household_id, found.head).await?;
    let head = crate::store::Head { version: known.version, hash: known.hash };
    let scenarios = known.household.scenarios.iter();
    let missing: Vec<_> = scenarios
        .filter(|(_, scenario)| !scenario.archived)
        .map(|(id, scenario)| (*id, start_month(&known.household, *id, now), scenario.projection_months))
        .filter(|(id, start_month, months)| !found.has(*id, head, *start_month, *months))
        .collect();
    let (store, runtime, version) = (store.clone(), tokio::runtime::Handle::current(), known.version);
    let compute = move || {
        let forecasts = async {
            let mut forecasts = Vec::with_capacity(missing.len());
            for (scenario, start_month, _) in missing {
                forecasts.push(store.computed(household_id, &known, scenario, start_month, None).await?);
            }
            Ok::<_, ForecastError>(forecasts)
        };
        let forecasts = runtime.block_on(forecasts.in_current_span())?;
        Ok::<_, Fault>((forecasts, measured(&known, now)))
    };
    let (forecasts, metrics) = bench.run(compute).await??;
    Ok(Done { household_id, version, forecasts, as_of_date: metrics.as_of_date, metrics: serde_json::to_string(&metrics)? })
}

/// The metrics of the day that it is where the household lives.
fn measured(known: &Known, now: Instant) -> Metrics {
    let zone = known.household.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
    metrics::at(&known.household, zone.date_at(now))
}

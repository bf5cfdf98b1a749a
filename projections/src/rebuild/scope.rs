//! What is verified or rebuilt.

use domain::calendar::Instant;
use domain::ids::HouseholdId;

use crate::read_models::TABLES;
use crate::read_models::table::Table;

/// A read model, by the name of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model(&'static str);

impl Model {
    /// Where each stream ends.
    pub const HEADS: Self = Self("heads");
    /// States that shorten a replay.
    pub const SNAPSHOTS: Self = Self("snapshots");
    /// Forecasts that were computed.
    pub const SCENARIO_PROJECTIONS: Self = Self("scenario_projections");

    /// Metrics that were recorded.
    pub const METRIC_HISTORY: Self = Self("metric_history");

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let inline = TABLES.iter().map(|table| Self::of(table));
        [Self::HEADS, Self::SNAPSHOTS].into_iter().chain(inline).chain([Self::SCENARIO_PROJECTIONS, Self::METRIC_HISTORY])
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|model| model.0 == name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }

    pub(super) const fn of(table: &'static Table) -> Self {
        Self(table.name)
    }
}

/// What is verified or rebuilt, and with how much of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// One household, or all of them.
    pub household: Option<HouseholdId>,
    /// One read model, or all of them.
    pub model: Option<Model>,
    /// Batches in hand at once. Each takes a connection of the pool and, while it folds, a core.
    pub workers: usize,
    /// The month in which forecasts start that are computed anew.
    pub now: Instant,
}

impl Scope {
    /// Everything, with one worker.
    #[must_use]
    pub const fn everything(now: Instant) -> Self {
        Self { household: None, model: None, workers: 1, now }
    }

    /// One household.
    #[must_use]
    pub const fn household(id: HouseholdId, now: Instant) -> Self {
        Self { household: Some(id), model: None, workers: 1, now }
    }

    /// The same with so many workers.
    #[must_use]
    pub const fn with_workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }
}

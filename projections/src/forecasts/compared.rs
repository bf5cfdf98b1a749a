//! Scenarios compared: each is projected from the same basis and plan as its forecast, over the months that all of them have, with every
//! posting watched. Computed on demand and not kept: four of them cost two milliseconds, and what they are compared over depends on all.

use std::sync::Arc;

use domain::calendar::Instant;
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::attribution::{Attributed, attributed};
use domain::projection::comparison::{Difference, KeyFigures, NoWindow, Window, compare, key_figures};

use super::{ForecastError, NoForecast, PlannedScenario, guarded};
use crate::store::{Known, Store};

/// Scenarios side by side.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The months that they are compared over.
    pub window: Window,
    /// Each, in the order in which they were asked for.
    pub compared: Vec<Compared>,
    /// What each of the others ends with beyond the first one, and why.
    pub differences: Vec<Difference>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Its plan, and the household that it was made of.
    pub planned: PlannedScenario,
    /// Over the common months.
    pub figures: KeyFigures,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// One of them cannot be projected.
    #[error(transparent)]
    Forecast(#[from] ForecastError),
    /// There are no such months.
    #[error(transparent)]
    NoWindow(#[from] NoWindow),
}

impl Store {
    /// Compares scenarios of a household as it is known; over so many months from the first one on that all of them have, or over the
    /// months that lie within all horizons.
    ///
    /// # Errors
    /// [`ComparisonError`].
    pub async fn comparison(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        scenarios: &[ScenarioId],
        months: Option<u16>,
        now: Instant,
    ) -> Result<Comparison, ComparisonError> {
        let mut planned = Vec::with_capacity(scenarios.len());
        for id in scenarios {
            planned.push(self.scenario_plan(household_id, known, *id, None, now).await?);
        }
        let horizons: Vec<_> = planned.iter().map(|planned| (planned.plan.start, planned.plan.months)).collect();
        let window = Window::of(&horizons, months)?;
        let tables = self.tables();
        let work = || {
            let mut projections: Vec<Attributed> = Vec::with_capacity(planned.len());
            for PlannedScenario { plan, .. } in &mut planned {
                plan.months = window.months_from(plan.start);
                projections.push(attributed(plan, tables)?);
            }
            side_by_side(&projections, window).ok_or_else(|| NoForecast::Broken("a projection is shorter than its plan".to_owned()))
        };
        let (figures, differences) = guarded(work).map_err(ForecastError::from)?;
        let compared = planned.into_iter().zip(figures).map(|(planned, figures)| Compared { planned, figures }).collect();
        Ok(Comparison { window, compared, differences })
    }
}

/// The figures of each, and what each of the others differs from the first one in.
fn side_by_side(projections: &[Attributed], window: Window) -> Option<(Vec<KeyFigures>, Vec<Difference>)> {
    let (first, others) = projections.split_first()?;
    let figures = projections.iter().map(|projection| key_figures(projection, window)).collect::<Option<_>>()?;
    let differences = others.iter().map(|other| compare(first, other, window)).collect::<Option<_>>()?;
    Some((figures, differences))
}

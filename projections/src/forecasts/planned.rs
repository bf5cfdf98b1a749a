//! A scenario's plan and what it was made of: where everything begins that asks the engine for something else than the stored rows.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::calendar::Instant;
use domain::household::{Household, plan};
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::Plan;

use super::computed::start_month;
use super::{ForecastError, NoForecast};
use crate::store::{Known, Store};

/// A scenario's plan.
#[derive(Clone, Debug)]
pub struct PlannedScenario {
    /// The household that it was made of: names, goals, and what else the plan does not know. Of a pinned baseline, that of its day.
    pub household: Arc<Household>,
    /// Of which scenario.
    pub scenario_id: ScenarioId,
    /// What the engine takes.
    pub plan: Plan,
}

impl Store {
    /// The plan that [`Store::forecast`] would compute of this very version of a household, over `months`, or the scenario's own horizon.
    ///
    /// # Errors
    /// [`ForecastError`].
    pub async fn scenario_plan(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        scenario_id: ScenarioId,
        months: Option<u16>,
        now: Instant,
    ) -> Result<PlannedScenario, ForecastError> {
        if !known.household.scenarios.contains_key(&scenario_id) {
            return Err(NoForecast::NoSuchScenario.into());
        }
        let start_month = start_month(&known.household, scenario_id, now);
        let household = self.basis(household_id, known, scenario_id, start_month).await?.household;
        let law = self.tables().in_force(start_month.year()).map_err(NoForecast::from)?;
        let plan = plan(&household, scenario_id, start_month, months, law).ok_or(NoForecast::NoSuchScenario)?;
        Ok(PlannedScenario { household, scenario_id, plan })
    }
}

/// What the engine computes of a plan. A panic of it is an error of this one question: the server goes on.
///
/// # Errors
/// What the work answers, or [`NoForecast::Broken`].
pub fn guarded<T>(work: impl FnOnce() -> Result<T, NoForecast>) -> Result<T, NoForecast> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(NoForecast::Broken(said(panic.as_ref()))))
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

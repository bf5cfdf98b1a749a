//! The plan of a scenario: what its forecast is computed from, for whoever computes something else from it.

use std::sync::Arc;

use domain::calendar::Instant;
use domain::goals::Goal;
use domain::household::plan;
use domain::ids::{GoalId, ScenarioId};
use domain::projection::Plan;

use super::computed::start_month;
use super::{ForecastError, NoForecast};
use crate::queries::AsOf;
use crate::store::{Known, Store, Version};

/// A scenario's plan, and the version that it was made of.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Of the household.
    pub version: Version,
    /// What is projected.
    pub plan: Plan,
    /// What the household wants, in the order of its ids; active goals alone.
    pub goals: Vec<(GoalId, Goal)>,
}

impl Store {
    /// The plan that [`Store::forecast`] projects, of this very version of a household.
    ///
    /// # Errors
    /// [`ForecastError`].
    pub async fn planned(
        &self,
        at: &AsOf<Arc<Known>>,
        scenario_id: ScenarioId,
        months: Option<u16>,
        now: Instant,
    ) -> Result<Planned, ForecastError> {
        let start_month = start_month(&at.value.household, scenario_id, now);
        let basis = self.basis(at.household_id, &at.value, scenario_id, start_month).await?;
        let law = self.tables().in_force(start_month.year()).map_err(NoForecast::from)?;
        let plan = plan(&basis.household, scenario_id, start_month, months, law).ok_or(NoForecast::NoSuchScenario)?;
        let active = at.value.household.goals.iter().filter(|(_, goal)| goal.active);
        let goals = active.map(|(id, goal)| (*id, goal.clone())).collect();
        Ok(Planned { version: at.version, plan, goals })
    }
}

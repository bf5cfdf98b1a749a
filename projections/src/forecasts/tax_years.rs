//! The tax years of a scenario: computed on demand from the same basis and plan as its forecast, and not kept. Few ask for them, and they
//! cost what a forecast costs.

use std::sync::Arc;

use domain::calendar::{Instant, Month};
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::{TaxYear, project_taxes};

use super::{ForecastError, PlannedScenario, guarded};
use crate::store::{Known, Store};

/// A scenario's tax years, and what they were made of.
#[derive(Clone, Debug)]
pub struct TaxYears {
    /// Month 1 of the plan.
    pub start_month: Month,
    /// In their order.
    pub years: Vec<TaxYear>,
}

impl Store {
    /// The tax years of a scenario of a household as it is known, over the scenario's own horizon.
    ///
    /// # Errors
    /// [`ForecastError`].
    pub async fn tax_years(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        scenario_id: ScenarioId,
        now: Instant,
    ) -> Result<TaxYears, ForecastError> {
        let PlannedScenario { plan, .. } = self.scenario_plan(household_id, known, scenario_id, None, now).await?;
        let years = guarded(|| Ok(project_taxes(&plan, self.tables())?))?;
        Ok(TaxYears { start_month: plan.start, years })
    }
}

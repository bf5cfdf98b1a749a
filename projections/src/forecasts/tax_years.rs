//! The tax years of a scenario: computed on demand from the same basis and plan as its forecast, and not kept. Few ask for them, and they
//! cost what a forecast costs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::calendar::{Instant, Month};
use domain::household::plan;
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::{TaxYear, project_taxes};

use super::computed::{said, start_month};
use super::{ForecastError, NoForecast};
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
        if !known.household.scenarios.contains_key(&scenario_id) {
            return Err(NoForecast::NoSuchScenario.into());
        }
        let start_month = start_month(&known.household, scenario_id, now);
        let basis = self.basis(household_id, known, scenario_id, start_month).await?;
        let tables = self.tables();
        let work = || {
            let law = tables.in_force(start_month.year())?;
            let plan = plan(&basis.household, scenario_id, start_month, None, law).ok_or(NoForecast::NoSuchScenario)?;
            Ok(project_taxes(&plan, tables)?)
        };
        let years = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(NoForecast::Broken(said(panic.as_ref()))))?;
        Ok(TaxYears { start_month, years })
    }
}

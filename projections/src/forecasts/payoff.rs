//! How a household's debts are paid back: computed on demand from the same basis and plan as the baseline's forecast, and not kept. It
//! costs less than a forecast, and every client asks with another amount.

use std::sync::Arc;

use domain::calendar::Instant;
use domain::household::Household;
use domain::ids::HouseholdId;
use domain::money::Money;
use domain::projection::payoff::{Payoff, Strategy, payoff};

use super::{ForecastError, NoForecast, PlannedScenario, guarded};
use crate::store::{Known, Store};

/// A household's debts paid back in a way, and as today.
#[derive(Clone, Debug)]
pub struct PayoffPlan {
    /// The household that it was computed of: names and types of the debts.
    pub household: Arc<Household>,
    /// As was asked.
    pub chosen: Payoff,
    /// As today.
    pub today: Payoff,
}

impl Store {
    /// The debts of a household as it is known, under its baseline's plan.
    ///
    /// # Errors
    /// [`ForecastError`].
    pub async fn payoff_plan(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        strategy: Strategy,
        extra_monthly: Money,
        now: Instant,
    ) -> Result<PayoffPlan, ForecastError> {
        let (baseline, _) = known.household.baseline().ok_or(NoForecast::NoSuchScenario)?;
        let PlannedScenario { household, plan, .. } = self.scenario_plan(household_id, known, baseline, None, now).await?;
        let tables = self.tables();
        let (chosen, today) = guarded(|| {
            let today = payoff(&plan, tables, Strategy::Current, Money::ZERO)?;
            let chosen = if strategy == Strategy::Current { today.clone() } else { payoff(&plan, tables, strategy, extra_monthly)? };
            Ok((chosen, today))
        })?;
        Ok(PayoffPlan { household, chosen, today })
    }
}

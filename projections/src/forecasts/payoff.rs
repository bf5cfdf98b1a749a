//! How a household's debts are paid back: computed on demand from the same basis and plan as the baseline's forecast, and not kept. It
//! costs less than a forecast, and every client asks with another amount.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::calendar::Instant;
use domain::household::{Household, plan};
use domain::ids::HouseholdId;
use domain::money::Money;
use domain::projection::payoff::{Payoff, Strategy, payoff};

use super::computed::{said, start_month};
use super::{ForecastError, NoForecast};
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
        let start_month = start_month(&known.household, baseline, now);
        let household = self.basis(household_id, known, baseline, start_month).await?.household;
        let tables = self.tables();
        let work = || {
            let law = tables.in_force(start_month.year())?;
            let plan = plan(&household, baseline, start_month, None, law).ok_or(NoForecast::NoSuchScenario)?;
            let today = payoff(&plan, tables, Strategy::Current, Money::ZERO)?;
            let chosen = if strategy == Strategy::Current { today.clone() } else { payoff(&plan, tables, strategy, extra_monthly)? };
            Ok((chosen, today))
        };
        let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(NoForecast::Broken(said(panic.as_ref()))));
        let (chosen, today) = done?;
        Ok(PayoffPlan { household, chosen, today })
    }
}

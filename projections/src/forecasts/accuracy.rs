//! What the baseline forecast for today some months ago: the household is loaded as of the end of that day, from its stream, and planned
//! as it would have been then (over what its baseline was pinned to, where it was). Computed on demand and not kept: the past does not
//! change, but today does.

use std::sync::Arc;

use domain::accuracy::{Accuracy, MONTHS_AGO, NoForecast as Why, accuracy, same_day_before, whole_months};
use domain::calendar::{Date, Instant};
use domain::household::Household;
use domain::ids::{HouseholdId, ScenarioId};
use domain::projection::{Plan, project};

use super::{ForecastError, NoForecast, PlannedScenario, guarded};
use crate::store::{Known, Store, Version};

/// A look back to a forecast.
#[derive(Clone, Debug)]
pub struct LookBack {
    /// How many months ago it was made.
    pub months_ago: u16,
    /// On which day.
    pub forecast_on: Date,
    /// What it was, or why there is none.
    pub found: Result<OldForecast, Why>,
}

/// A forecast of an earlier day, held against today.
#[derive(Clone, Debug)]
pub struct OldForecast {
    /// What the household was at the end of that day.
    pub version: Version,
    /// The household that was projected: names of what is gone since.
    pub household: Arc<Household>,
    /// What was projected.
    pub plan: Plan,
    /// After how many months of the plan it is today.
    pub month_number: u16,
    /// What it said, and what came.
    pub accuracy: Accuracy,
}

impl Store {
    /// The baseline of a household as it is known, with what it forecast for today one, three, six and twelve months ago.
    ///
    /// # Errors
    /// [`ForecastError`]. That there was no household yet, or none that could be projected, is an answer.
    pub async fn look_back(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        now: Instant,
    ) -> Result<(ScenarioId, Vec<LookBack>), ForecastError> {
        let (baseline, _) = known.household.baseline().ok_or(NoForecast::NoSuchScenario)?;
        let zone = known.household.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
        let today = zone.date_at(now);
        let mut looks = Vec::with_capacity(MONTHS_AGO.len());
        for months_ago in MONTHS_AGO {
            let forecast_on = same_day_before(today, months_ago);
            let version = self.version_before(household_id, zone.end_of(forecast_on)).await?;
            let found = match version {
                Some(version) => self.old_forecast(household_id, known, baseline, version, (forecast_on, today)).await?,
                None => Err(Why::NoHouseholdYet),
            };
            looks.push(LookBack { months_ago, forecast_on, found });
        }
        Ok((baseline, looks))
    }

    /// The forecast of a version, which was the newest at the end of a day, for today.
    async fn old_forecast(
        &self,
        household_id: HouseholdId,
        known: &Arc<Known>,
        baseline: ScenarioId,
        version: Version,
        (day, today): (Date, Date),
    ) -> Result<Result<OldForecast, Why>, ForecastError> {
        let Some(then) = self.household_at(household_id, version).await? else { return Ok(Err(Why::NoHouseholdYet)) };
        let zone = then.household.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
        let opened_on = then.household.pin_of(baseline).map_or(day, |pin| pin.as_of_date);
        let month_number = whole_months(opened_on, today).max(1);
        // Any instant of that day: a plan begins with its month.
        let morning = zone.end_of(day.pred_opt().unwrap_or(day));
        let planned = self.scenario_plan(household_id, &then, baseline, Some(month_number), morning).await;
        let computed = planned.and_then(|PlannedScenario { household, plan, .. }| {
            let projection = guarded(|| Ok(project(&plan, self.tables())?))?;
            let row = projection.months.last().ok_or_else(|| NoForecast::Broken("a projection without months".to_owned()))?;
            let accuracy = accuracy(&plan, row, &known.household, opened_on);
            Ok(OldForecast { version, household, plan, month_number, accuracy })
        });
        match computed {
            Ok(forecast) => Ok(Ok(forecast)),
            Err(ForecastError::None(NoForecast::Projection(_) | NoForecast::Tax(_))) => Ok(Err(Why::NotProjectable)),
            Err(error) => Err(error),
        }
    }
}

//! A scenario's forecast as a plain-text journal, for tools that are not ours. Written when it is asked for, and not kept.

use std::sync::Arc;

use domain::calendar::Instant;
use domain::ids::ScenarioId;
use domain::projection::ENGINE_VERSION;
use domain::projection::journal::{Dialect, Heading, journal};

use super::{ForecastError, PlannedScenario, guarded};
use crate::queries::AsOf;
use crate::store::{Known, Store};

impl Store {
    /// The journal of what [`Store::forecast`] would answer about this very version of a household.
    ///
    /// # Errors
    /// [`ForecastError`].
    pub async fn journal(
        &self,
        at: &AsOf<Arc<Known>>,
        scenario_id: ScenarioId,
        months: Option<u16>,
        now: Instant,
        dialect: Dialect,
    ) -> Result<String, ForecastError> {
        let PlannedScenario { household, plan, .. } = self.scenario_plan(at.household_id, &at.value, scenario_id, months, now).await?;
        let home = &household;
        let scenario = home.scenarios.get(&scenario_id).map_or("", |scenario| scenario.name.as_str());
        let title = format!("{scenario}: forecast of household version {}, engine {ENGINE_VERSION}", at.version);
        let account_names = home.accounts.iter().map(|(id, state)| (*id, state.account.name.to_string())).collect();
        let currency = home.opening.as_ref().map(|opening| opening.profile.currency.clone()).unwrap_or_default();
        let heading = Heading { title: &title, currency: currency.as_str(), account_names: &account_names };
        Ok(guarded(|| Ok(journal(&plan, self.tables(), heading, dialect)?))?)
    }
}

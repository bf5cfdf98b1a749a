//! A scenario's forecast as a plain-text journal, for tools that are not ours. Written when it is asked for, and not kept.

use std::sync::Arc;

use domain::calendar::Instant;
use domain::household::plan;
use domain::ids::ScenarioId;
use domain::projection::journal::{Dialect, Heading, journal};
use domain::projection::{ENGINE_VERSION, ProjectionError};

use super::{ForecastError, NoForecast, computed};
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
        let none = |reason: NoForecast| ForecastError::None(reason);
        let start_month = computed::start_month(&at.value.household, scenario_id, now);
        let basis = self.basis(at.household_id, &at.value, scenario_id, start_month).await?;
        let home = &basis.household;
        let law = self.tables().in_force(start_month.year()).map_err(|error| none(error.into()))?;
        let plan = plan(home, scenario_id, start_month, months, law).ok_or_else(|| none(NoForecast::NoSuchScenario))?;
        let scenario = home.scenarios.get(&scenario_id).map_or("", |scenario| scenario.name.as_str());
        let title = format!("{scenario}: forecast of household version {}, engine {ENGINE_VERSION}", at.version);
        let account_names = home.accounts.iter().map(|(id, state)| (*id, state.account.name.to_string())).collect();
        let currency = home.opening.as_ref().map(|opening| opening.profile.currency.clone()).unwrap_or_default();
        let heading = Heading { title: &title, currency: currency.as_str(), account_names: &account_names };
        let written = journal(&plan, self.tables(), heading, dialect);
        written.map_err(|error: ProjectionError| none(error.into()))
    }
}

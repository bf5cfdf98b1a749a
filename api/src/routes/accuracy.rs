//! Forecast against reality: what the baseline said of today some months ago, and what came.

use domain::accuracy::{AccountAccuracy, Deviation, NoForecast, Remark};
use domain::calendar::Date;
use domain::household::{Household, origin_name};
use domain::ids::{AccountId, ScenarioId};
use domain::money::Money;
use domain::projection::ENGINE_VERSION;
use domain::projection::attribution::Origin;
use projections::forecasts::{LookBack, OldForecast};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::clock;
use crate::problem::Problem;
use crate::query::QueryRequest;

/// What the baseline forecast for today, and what came.
#[derive(Serialize, ToSchema)]
pub struct AccuracyView {
    /// The baseline.
    scenario_id: ScenarioId,
    /// Today, where the household lives.
    as_of_date: Date,
    /// The forecasts of one, three, six and twelve months ago.
    items: Vec<LookBackView>,
}

/// A forecast of an earlier day.
#[derive(Serialize, ToSchema)]
pub struct LookBackView {
    /// How many months ago it was made.
    months_ago: u16,
    /// On which day: it is what was known at its end.
    forecast_on: Date,
    /// The household's version then; null where there is no forecast.
    forecast_version: Option<i64>,
    /// The month of the plan after which it is today; null where there is no forecast.
    month_number: Option<u16>,
    /// In all; null where there is no forecast.
    net_worth: Option<Deviation>,
    /// Each account that was forecast, or came since.
    accounts: Vec<AccountAccuracyView>,
    /// Why there is no forecast.
    reason: Option<NoForecast>,
}

/// What was forecast of an account, and what came. Of a debt, amounts are owed.
#[derive(Serialize, ToSchema)]
pub struct AccountAccuracyView {
    /// Which.
    account_id: AccountId,
    /// What it is called; null where it is gone.
    name: Option<String>,
    /// Whether its amounts are owed.
    is_liability: bool,
    /// As it was forecast.
    forecast: Money,
    /// As it is known today.
    actual: Money,
    /// What came less what was forecast.
    error: Money,
    /// Of what came, four decimals; null where that is nothing.
    #[schema(value_type = Option<String>, example = "-0.0250")]
    error_fraction: Option<String>,
    /// The day of the balance that is known today.
    balance_as_of: Option<Date>,
    /// What to know about it.
    remark: Option<Remark>,
}

pub fn routes() -> Routes {
    Routes::tagged("scenarios").get(
        "/api/v1/scenarios/baseline/accuracy",
        show,
        Doc::query("Hold old forecasts against reality").answers::<AccuracyView>().details(
            "What the baseline forecast for today one, three, six and twelve months ago, by what the household was at the end of those days, \
             against the balances that are known today. A plan books whole months from what it opens with: N months later it is the day \
             after its month N. An error is what came less what was forecast; the errors of the accounts, those of debts taken away, add up \
             to that of net worth. Computed by today's engine and law.",
        ),
    )
}

async fn show(request: QueryRequest) -> Result<Answer, Problem> {
    let (state, now) = (request.state().await?, clock::now());
    let home = &state.value.household;
    let as_of_date = home.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default().date_at(now);
    let (scenario_id, looks) = request.store().look_back(state.household_id, &state.value, now).await?;
    let view = AccuracyView { scenario_id, as_of_date, items: looks.iter().map(|look| of_look(look, home)).collect() };
    // The turn of a day changes the figures as an event does.
    let version = state.version.unsigned_abs();
    let tag = format!("{version}.{as_of_date}.{ENGINE_VERSION}");
    Ok(request.unless_known(Answer::read(version, &view)?.with_etag(tag)))
}

fn of_look(look: &LookBack, today: &Household) -> LookBackView {
    let LookBack { months_ago, forecast_on, found } = look;
    let forecast = found.as_ref().ok();
    let accounts = |forecast: &OldForecast| forecast.accuracy.accounts.iter().map(|account| of_account(account, forecast, today)).collect();
    LookBackView {
        months_ago: *months_ago,
        forecast_on: *forecast_on,
        forecast_version: forecast.map(|forecast| forecast.version),
        month_number: forecast.map(|forecast| forecast.month_number),
        net_worth: forecast.map(|forecast| forecast.accuracy.net_worth),
        accounts: forecast.map_or_else(Vec::new, accounts),
        reason: found.as_ref().err().copied(),
    }
}

fn of_account(account: &AccountAccuracy, forecast: &OldForecast, today: &Household) -> AccountAccuracyView {
    let AccountAccuracy { account_id, is_liability, deviation, balance_as_of, remark } = *account;
    let name_in = |home: &Household| origin_name(home, &forecast.plan, Origin::Account(account_id));
    AccountAccuracyView {
        account_id,
        name: name_in(today).or_else(|| name_in(&forecast.household)),
        is_liability,
        forecast: deviation.forecast,
        actual: deviation.actual,
        error: deviation.error,
        error_fraction: deviation.error_fraction.map(|fraction| fraction.to_string()),
        balance_as_of,
        remark,
    }
}

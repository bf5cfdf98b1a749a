//! Forecast against reality: what a plan of an earlier day said of today, and what came.
//!
//! A plan opens with what is known on its day and books whole months from there on. So what it says of the same day N months later is
//! what it has after its month N, whatever date that row bears: a plan of 24 August has booked three months of pay and rent when it is
//! 24 November. Counting by the rows' dates would take one month more, and find every household that saves too optimistic.
//!
//! *Error*: what came less what was forecast; as a fraction, of what came (the percentage error of R. Hyndman and G. Athanasopoulos,
//! "Forecasting: Principles and Practice", section 5.8). Of a debt both are what is owed. *What came* is what is known today: an account
//! whose balance nobody has told since then has not been measured, and says so. Deliberately absent: the store, which finds the household
//! of the earlier day, and the law and the engine of that day: a forecast is computed again by today's, so that what is measured is the
//! household's plan and not our corrections.

use std::collections::BTreeMap;

use chrono::{Datelike, Months};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::calendar::{Date, Month};
use crate::household::Household;
use crate::household::state::AccountState;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::{Plan, Row};
use crate::ratio::ratio;

/// How many months ago the forecasts were made that are looked at.
pub const MONTHS_AGO: [u16; 4] = [1, 3, 6, 12];

crate::vocabulary::words! {
    /// Why there is nothing to compare with.
    pub enum NoForecast {
        /// The household was not there yet.
        NoHouseholdYet => "no_household_yet",
        /// It could not be projected: the law of that year is not known here, or the figures were beyond what can be computed.
        NotProjectable => "not_projectable",
    }
}

crate::vocabulary::words! {
    /// What a reader of an account's error should know.
    pub enum Remark {
        /// It was not there then, or not in use.
        NewSince => "new_since",
        /// It is not there any more, or not in use.
        GoneSince => "gone_since",
        /// Nobody has told its balance since: what is known today is what was known then, or before.
        NotTold => "not_told",
    }
}

/// What was forecast, and what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deviation {
    /// As it was forecast.
    pub forecast: Money,
    /// As it is known today.
    pub actual: Money,
    /// What came less what was forecast.
    pub error: Money,
    /// Of what came, four decimals; null where that is nothing.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "-0.0250"))]
    pub error_fraction: Option<Decimal>,
}

impl Deviation {
    fn of(forecast: Money, actual: Money) -> Self {
        let error = actual - forecast;
        Self { forecast, actual, error, error_fraction: ratio(error, 1, actual.abs()) }
    }
}

/// How good the forecast of an account was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountAccuracy {
    /// Which.
    pub account_id: AccountId,
    /// Whether its amounts are owed.
    pub is_liability: bool,
    /// Forecast and reality.
    pub deviation: Deviation,
    /// The day of the balance that is known today.
    pub balance_as_of: Option<Date>,
    /// What to know about it.
    pub remark: Option<Remark>,
}

/// How good a forecast was. The errors of the accounts, those of debts taken away, add up to that of net worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// Assets less liabilities.
    pub net_worth: Deviation,
    /// Each account that was forecast, in the order of the forecast, then those that came since.
    pub accounts: Vec<AccountAccuracy>,
}

/// The same day so many months before; the last one of a month that is shorter.
#[must_use]
pub fn same_day_before(today: Date, months: u16) -> Date {
    today.checked_sub_months(Months::new(u32::from(months))).unwrap_or(Date::MIN)
}

/// How many months a plan that opened on one day has booked by the same time of day on another: whole months.
#[must_use]
pub fn whole_months(from: Date, to: Date) -> u16 {
    let months = Month::of(to).since(Month::of(from));
    // The last day of a month stands for all days that the month does not have.
    let is_there = to.day() >= from.day() || to == Month::of(to).last_day();
    u16::try_from(if is_there { months } else { months.saturating_sub(1) }).unwrap_or(0)
}

/// What a plan of an earlier day forecast, by the row of its last booked month, against what is known today. `since`: that day.
#[must_use]
pub fn accuracy(plan: &Plan, forecast: &Row, today: &Household, since: Date) -> Accuracy {
    let owed = |account_type: crate::vocabulary::AccountType| account_type.is_liability();
    let mut is_owed: BTreeMap<AccountId, bool> =
        plan.ledger_accounts().iter().map(|account| (account.id, owed(account.account_type))).collect();
    is_owed.insert(plan.overdraft, true);
    let now: Vec<(AccountId, &AccountState)> = today.accounts_in_order().filter(|(_, state)| state.is_counted()).collect();
    let known = |id: AccountId| now.iter().find(|(known, _)| *known == id).map(|(_, state)| *state);
    let forecast_ones = forecast.balances.iter().map(|(id, amount)| {
        let remark = if id == plan.overdraft { None } else { Some(Remark::GoneSince) };
        of_account(id, is_owed.get(&id).copied().unwrap_or(false), amount, known(id), since, remark)
    });
    let forecast_ones: Vec<AccountAccuracy> = forecast_ones.collect();
    let new_ones = now.iter().filter(|(id, _)| !forecast_ones.iter().any(|account| account.account_id == *id));
    let new_ones: Vec<AccountAccuracy> = new_ones
        .map(|(id, state)| {
            let account = of_account(*id, owed(state.account.account_type), Money::ZERO, Some(state), since, None);
            AccountAccuracy { remark: Some(Remark::NewSince), ..account }
        })
        .collect();
    let accounts = [forecast_ones, new_ones].concat();
    let worth = |account: &AccountAccuracy| if account.is_liability { -account.deviation.actual } else { account.deviation.actual };
    Accuracy { net_worth: Deviation::of(forecast.net_worth, accounts.iter().map(worth).sum()), accounts }
}

/// `if_gone`: what to say where it is not there today.
fn of_account(
    account_id: AccountId,
    is_liability: bool,
    forecast: Money,
    today: Option<&AccountState>,
    since: Date,
    if_gone: Option<Remark>,
) -> AccountAccuracy {
    let balance_as_of = today.and_then(|state| state.balance.as_ref()).map(|balance| balance.as_of_date);
    let remark = match today {
        None => if_gone,
        Some(_) if balance_as_of.is_none_or(|day| day <= since) => Some(Remark::NotTold),
        Some(_) => None,
    };
    let deviation = Deviation::of(forecast, today.map_or(Money::ZERO, AccountState::at_market));
    AccountAccuracy { account_id, is_liability, deviation, balance_as_of, remark }
}

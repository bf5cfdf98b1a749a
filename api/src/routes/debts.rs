//! Getting out of debt: what paying one debt after the other comes to, against paying as today. Keeps nothing.

use std::sync::Arc;

use domain::calendar::{Date, Month};
use domain::household::Household;
use domain::ids::AccountId;
use domain::money::Money;
use domain::projection::payoff::{DebtPayoff, End, NeverEnds, Payoff, Strategy};
use domain::rate::Rate;
use domain::text::Name;
use domain::vocabulary::AccountType;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Json, body};
use crate::clock;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// How to pay.
    pub struct PayoffBody {
        /// Which debt gets what is beyond the regular payments.
        strategy: Strategy,
        /// A month, on top of what is paid today; nothing where left out. Not for `current`.
        extra_monthly: Option<Money> where not_negative,
    }
    check |told, at| {
        if told.strategy == Strategy::Current && told.extra_monthly.is_some_and(Money::is_positive) {
            at.refuse_field("extra_monthly", "not_allowed_here", "is more than what is paid today: choose snowball or avalanche");
        }
    }
}

/// How the debts are paid back.
#[derive(Serialize, ToSchema)]
pub struct PayoffView {
    /// As was asked.
    strategy: Strategy,
    /// As was asked.
    extra_monthly: Money,
    /// Month 1.
    start_month: String,
    /// Months to the last cent, 0 where nothing is owed; null where some debt never ends.
    months: Option<u16>,
    /// The last day of that month.
    debt_free_date: Option<Date>,
    /// All interest until then; null where some debt never ends.
    total_interest: Option<Money>,
    /// Paid as today.
    current: ComparisonView,
    /// How many months earlier than paid as today; null where one of the two never ends.
    months_saved: Option<i32>,
    /// How much less interest than paid as today; null where one of the two never ends.
    interest_saved: Option<Money>,
    /// Each debt, in the order of accounts.
    debts: Vec<DebtView>,
}

/// What paying as today comes to.
#[derive(Serialize, ToSchema)]
pub struct ComparisonView {
    /// Months to the last cent; null where there is none.
    months: Option<u16>,
    /// The last day of that month.
    debt_free_date: Option<Date>,
    /// All interest until then.
    total_interest: Option<Money>,
    /// Why there is no last cent: of one debt, or of the first of all that never ends.
    never_ends: Option<NeverEnds>,
}

/// One debt.
#[derive(Serialize, ToSchema)]
pub struct DebtView {
    /// Which.
    account_id: AccountId,
    /// What it is called.
    name: Option<Name>,
    /// What it is.
    account_type: Option<AccountType>,
    /// What is owed before month 1.
    balance: Money,
    /// Interest a year, within floor and ceiling of a variable rate.
    annual_rate: Rate,
    /// Its place in the order in which debts are paid, from 1; null with `current`.
    place: Option<u16>,
    /// The month of its last cent; null where there is none.
    months: Option<u16>,
    /// The last day of that month.
    payoff_date: Option<Date>,
    /// All interest until then.
    interest: Option<Money>,
    /// Why there is no last cent.
    never_ends: Option<NeverEnds>,
    /// Paid as today.
    current: ComparisonView,
    /// What is owed after each month from month 1 on, until it is gone; 600 months where it never is.
    balances: Vec<Money>,
    /// What is paid on it in each of these months.
    payments: Vec<Money>,
}

pub fn routes() -> Routes {
    Routes::tagged("debts").post(
        "/api/v1/debts/payoff-plan",
        payoff_plan,
        Doc::query("Plan the way out of debt").body::<PayoffBody>().answers::<PayoffView>().details(
            "Changes nothing. Debts are paid month by month as the baseline's projection has them, transfers to them and charges to them \
             included. `snowball` puts `extra_monthly`, and what debts that are gone were paid, on the smallest balance; `avalanche` on the \
             highest rate; the order is that at the start, equals in the order of accounts. `current` pays each debt as today. Who pays \
             for it is not looked at.",
        ),
    )
}

async fn payoff_plan(request: QueryRequest, told: Json<PayoffBody>) -> Result<Answer, Problem> {
    let (strategy, extra_monthly) = (told.strategy, told.extra_monthly.unwrap_or_default());
    let state = request.state().await?;
    let plan = request.store().payoff_plan(state.household_id, &state.value, strategy, extra_monthly, clock::now()).await?;
    let (chosen, today, version) = (&plan.chosen, &plan.today, state.version.unsigned_abs());
    let view = PayoffView {
        strategy,
        extra_monthly,
        start_month: chosen.start.to_string(),
        months: chosen.months(),
        debt_free_date: last_day(chosen.start, chosen.months()),
        total_interest: chosen.interest(),
        current: in_all(today),
        months_saved: both(today.months(), chosen.months()).map(|(today, chosen)| i32::from(today) - i32::from(chosen)),
        interest_saved: both(today.interest(), chosen.interest()).map(|(today, chosen)| today - chosen),
        debts: chosen.debts.iter().map(|debt| of_debt(&plan.household, debt, chosen.start, today)).collect(),
    };
    Answer::read(version, &view)
}

fn both<T>(one: Option<T>, other: Option<T>) -> Option<(T, T)> {
    one.zip(other)
}

/// The last day of month 1, 2, …; none where nothing is owed, or for ever.
fn last_day(start: Month, months: Option<u16>) -> Option<Date> {
    let months = months.filter(|months| *months > 0)?;
    Some(start.plus(i32::from(months) - 1).last_day())
}

fn in_all(payoff: &Payoff) -> ComparisonView {
    ComparisonView {
        months: payoff.months(),
        debt_free_date: last_day(payoff.start, payoff.months()),
        total_interest: payoff.interest(),
        never_ends: payoff.debts.iter().find_map(|debt| debt.end.never()),
    }
}

fn of_end(end: End, start: Month) -> ComparisonView {
    ComparisonView {
        months: end.months(),
        debt_free_date: last_day(start, end.months()),
        total_interest: end.interest(),
        never_ends: end.never(),
    }
}

fn of_debt(home: &Arc<Household>, debt: &DebtPayoff, start: Month, today: &Payoff) -> DebtView {
    let account = home.accounts.get(&debt.account_id).map(|state| &state.account);
    // Whatever is owed at some time is owed in both.
    let as_today = today.debts.iter().find(|other| other.account_id == debt.account_id).map_or(debt.end, |other| other.end);
    DebtView {
        account_id: debt.account_id,
        name: account.map(|account| account.name.clone()),
        account_type: account.map(|account| account.account_type),
        balance: debt.opening,
        annual_rate: debt.annual_rate,
        place: debt.place,
        months: debt.end.months(),
        payoff_date: last_day(start, debt.end.months()),
        interest: debt.end.interest(),
        never_ends: debt.end.never(),
        current: of_end(as_today, start),
        balances: debt.balances.clone(),
        payments: debt.payments.clone(),
    }
}

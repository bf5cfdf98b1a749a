//! Payments of estimated tax for the year: when they are due, and what is planned for each.

use serde::Serialize;

use super::expected::paydays_of;
use super::paydays::of_year;
use crate::calendar::{Date, on_day};
use crate::household::inputs;
use crate::household::state::Household;
use crate::ids::IncomeId;
use crate::money::Money;
use crate::tax::{TaxError, YearTables};
use crate::vocabulary::IncomeType;

/// A payment of estimated tax as the flow of a self-employed income makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EstimatedPayment {
    /// Whose tax.
    pub income_id: IncomeId,
    /// The day.
    pub due_date: Date,
    /// How much.
    pub amount: Money,
    /// Whether somebody said this amount; else it is a safe-harbour quarter of the tax that self-employment adds.
    pub is_entered: bool,
    /// Whether the day has passed, so that it is taken to be paid.
    pub is_past: bool,
}

/// 26 U.S.C. § 6654(c)(2): April 15, June 15, September 15, and January 15 of the following year.
pub(super) fn due_dates(year: i32) -> [Date; 4] {
    let january = of_year(year, 1);
    [3, 5, 8, 12].map(|months_later| on_day(january.plus(months_later), 15))
}

/// Those of every self-employed income: due while it lasts.
pub(super) fn planned(home: &Household, today: Date, year: i32, tables: &YearTables) -> Result<Vec<EstimatedPayment>, TaxError> {
    let known_since = home.opening.as_ref().map(|opening| opening.opened_on);
    let own = |income_type| income_type == IncomeType::SelfEmployed;
    let mut planned = Vec::new();
    for (id, state) in home.incomes.iter().filter(|(_, state)| state.income.active && own(state.income.income_type)) {
        let income = &state.income;
        let days = paydays_of(income, year, known_since);
        if days.in_year() == 0 || !income.pay.annual().is_positive() {
            continue;
        }
        let begun = |due: &Date| days.is_assumed || income.start_date <= *due;
        let lasts = |due: &Date| income.end_date.is_none_or(|end| *due <= end);
        let is_entered = state.self_employment.as_ref().is_some_and(|own| own.quarterly_estimates.is_some());
        let amounts = inputs::quarterly_estimates(home, state, tables)?;
        planned.extend(
            due_dates(year)
                .into_iter()
                .zip(amounts)
                .filter(|(due, _)| begun(due) && lasts(due))
                .map(|(due_date, amount)| EstimatedPayment { income_id: *id, due_date, amount, is_entered, is_past: due_date <= today }),
        );
    }
    Ok(planned)
}

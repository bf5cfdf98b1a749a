//! What would bring the balance to nothing, or just as far as no penalty is due: more withheld from the paychecks that are left, or
//! payments on the due dates that are left. Each is enough by itself.
//!
//! Withholding comes first for whoever has a job: it counts as paid in equal parts over the year, whenever it was taken (26 U.S.C.
//! § 6654(g)(1)), and a payment on a later due date does not mend an earlier one.

use chrono::Datelike;
use serde::Serialize;

use super::payments::{EstimatedPayment, due_dates};
use super::withholding::JobYear;
use super::{FederalSettlement, SafeHarbour, StateSettlement};
use crate::calendar::Date;
use crate::ids::IncomeId;
use crate::money::Money;
use crate::payroll::{Job, payslip};
use crate::tax::{TaxError, W4, YearTables};
use crate::vocabulary::StateWithholdingMethod;

/// Below a dollar a return is even.
const EVEN_BELOW: Money = Money::from_cents(100);

/// What could be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suggestions {
    /// On the forms of one of these jobs: the best paid one first.
    pub withholding: Vec<WithholdingSuggestion>,
    /// Estimated payments on the due dates that are left; null where nothing would have to be paid.
    pub quarterly: Option<QuarterlySuggestion>,
}

/// Other amounts on a job's Form W-4 and on its state's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WithholdingSuggestion {
    /// Of which job.
    pub income_id: IncomeId,
    /// What it is called.
    pub name: String,
    /// Paydays that are left in the year.
    pub remaining_pay_periods: i64,
    /// What Step 4(c) of Form W-4 should say.
    pub extra_withholding: Money,
    /// By how much that is more than now, a pay period; less where it is negative.
    pub change_per_pay_period: Money,
    /// What would still be due (positive) or refunded (negative) on the federal return.
    pub federal_balance_after: Money,
    /// What the state's form should say.
    pub state_additional_withholding: Money,
    /// By how much that is more than now, a pay period; less where it is negative.
    pub state_change_per_pay_period: Money,
    /// What would still be due (positive) or refunded (negative) on the state's return.
    pub state_balance_after: Money,
    /// False where the paychecks that are left cannot cover it: the rest is for an estimated payment.
    pub is_enough: bool,
    /// What Step 4(c) should say to avoid a penalty and no more; null where none is expected, or no payday is left.
    pub safe_harbor_extra_withholding: Option<Money>,
    /// What Step 4(c) would have had to say all year: the amount with which to begin a year like this one.
    pub whole_year_extra_withholding: Money,
}

/// Payments on the due dates that are left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarterlySuggestion {
    /// Each date with its payments, in place of what is planned for it.
    pub payments: Vec<DuePayment>,
    /// What would still be due (positive) or refunded (negative) on the federal return.
    pub federal_balance_after: Money,
    /// The federal payment of each date that avoids a penalty and no more; null where none is expected.
    pub safe_harbor_payment: Option<Money>,
    /// The self-employed income whose four payments these would be; null where nobody is self-employed.
    pub income_id: Option<IncomeId>,
    /// As that income's `quarterly_estimates`: April, June, September, January. What has passed stays as it was.
    pub quarterly_estimates: Option<Vec<Money>>,
}

/// What to pay on a due date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DuePayment {
    /// The day.
    pub due_date: Date,
    /// To the federal government, Form 1040-ES.
    pub federal: Money,
    /// To the state, on the same dates (some states have others).
    pub state: Money,
}

/// For a day of a year.
pub(super) fn suggestions(
    jobs: &[JobYear],
    planned: &[EstimatedPayment],
    today: Date,
    federal: &FederalSettlement,
    state: &StateSettlement,
    harbor: &SafeHarbour,
    law: &YearTables,
) -> Result<Suggestions, TaxError> {
    let year = today.year();
    // What would be due, had the present forms held all year.
    let withheld: Money = jobs.iter().map(|job| job.told.federal_withholding).sum();
    let on_present_forms: Money = jobs.iter().map(|job| job.slip.federal_withholding.scaled(job.told.pay_periods, 1)).sum();
    let of_a_whole_year = federal.balance + withheld - on_present_forms;
    let balances = Balances { federal: federal.balance, state: state.balance, of_a_whole_year };
    let mut withholding = Vec::new();
    for job in jobs {
        withholding.extend(of_job(job, balances, harbor, law)?);
    }
    let pay = |id: IncomeId| jobs.iter().find(|job| job.told.income_id == id).map(|job| job.told.gross).unwrap_or_default();
    withholding.sort_by_key(|suggestion| std::cmp::Reverse(pay(suggestion.income_id)));
    Ok(Suggestions { withholding, quarterly: quarterly(planned, (today, year), federal, state, harbor) })
}

/// What is due (positive) or refunded (negative).
#[derive(Clone, Copy, Debug)]
struct Balances {
    federal: Money,
    state: Money,
    /// Of the federal return, had the present forms held all year.
    of_a_whole_year: Money,
}

fn of_job(job: &JobYear, balances: Balances, harbor: &SafeHarbour, law: &YearTables) -> Result<Option<WithholdingSuggestion>, TaxError> {
    let (told, periods) = (&job.told, job.told.remaining_pay_periods);
    // What is not there cannot be withheld: no more than the net pay of a period, the federal part first.
    let most = if periods > 0 { job.slip.net } else { Money::ZERO };
    let change = change(balances.federal, told.extra_withholding, periods, most);
    let state_change = match told.state_withholding_method {
        StateWithholdingMethod::State | StateWithholdingMethod::AnnualisedLiability => {
            self::change(balances.state, told.state_additional_withholding, periods, most - change.at_least_zero())
        }
        StateWithholdingMethod::None => Money::ZERO,
    };
    // What the paycheck then withholds, and not what was asked for: an amount of now may be cut to the pay that there is, and some states
    // let the federal tax be deducted.
    let (extra_withholding, state_extra_withholding) = (told.extra_withholding + change, told.state_additional_withholding + state_change);
    let form = W4 { extra_withholding, ..job.job.w4.clone() };
    let then = payslip(&Job { w4: form, state_extra_withholding, ..job.job.clone() }, law)?;
    let after = |balance: Money, then: Money, now: Money| balance - (then - now).scaled(periods, 1);
    let federal_balance_after = after(balances.federal, then.federal_withholding, job.slip.federal_withholding);
    let state_balance_after = after(balances.state, then.state_withholding, job.slip.state_withholding);
    let avoids_penalty = Some(share_up(harbor.short_by, periods).min(most)).filter(|more| more.is_positive());
    let is_due = balances.federal >= EVEN_BELOW;
    let helps = is_due || !change.is_zero() || !state_change.is_zero();
    Ok(helps.then(|| WithholdingSuggestion {
        income_id: told.income_id,
        name: told.name.clone(),
        remaining_pay_periods: periods,
        extra_withholding,
        change_per_pay_period: change,
        federal_balance_after,
        state_additional_withholding: state_extra_withholding,
        state_change_per_pay_period: state_change,
        state_balance_after,
        is_enough: federal_balance_after < EVEN_BELOW && state_balance_after < EVEN_BELOW,
        safe_harbor_extra_withholding: avoids_penalty.map(|more| told.extra_withholding + more),
        whole_year_extra_withholding: (told.extra_withholding + share_up(balances.of_a_whole_year, told.pay_periods)).at_least_zero(),
    }))
}

/// What would have to be withheld more a pay period, at most `most`; less where too much is, down to nothing beyond the tables.
fn change(balance: Money, now: Money, periods: i64, most: Money) -> Money {
    if balance.abs() < EVEN_BELOW || periods == 0 {
        Money::ZERO
    } else if balance.is_positive() {
        share_up(balance, periods).min(most)
    } else {
        -share_down(-balance, periods).min(now)
    }
}

fn quarterly(
    planned: &[EstimatedPayment],
    (today, year): (Date, i32),
    federal: &FederalSettlement,
    state: &StateSettlement,
    harbor: &SafeHarbour,
) -> Option<QuarterlySuggestion> {
    let dates: Vec<Date> = due_dates(year).into_iter().filter(|due| *due > today).collect();
    let left = i64::try_from(dates.len()).ok().filter(|left| *left > 0)?;
    let standing: Money = planned.iter().filter(|payment| !payment.is_past).map(|payment| payment.amount).sum();
    let owed = (federal.balance + standing).at_least_zero();
    let owed_to_state = if state.balance < EVEN_BELOW { Money::ZERO } else { state.balance };
    let is_even = federal.balance.abs() < EVEN_BELOW && owed_to_state.is_zero();
    if is_even || (owed < EVEN_BELOW && owed_to_state.is_zero() && standing.is_zero()) {
        return None;
    }
    let (each, each_to_state) = (share_up(owed, left), share_up(owed_to_state, left));
    let income_id = planned.iter().max_by_key(|payment| payment.amount).map(|payment| payment.income_id);
    let instead = |due: &Date| {
        let of = |own: bool| planned.iter().filter(move |it| it.due_date == *due && (Some(it.income_id) == income_id) == own);
        let (own, others): (Money, Money) = (of(true).map(|it| it.amount).sum(), of(false).map(|it| it.amount).sum());
        if *due > today { (each - others).at_least_zero() } else { own }
    };
    Some(QuarterlySuggestion {
        payments: dates.into_iter().map(|due_date| DuePayment { due_date, federal: each, state: each_to_state }).collect(),
        federal_balance_after: federal.balance + standing - each.scaled(left, 1),
        safe_harbor_payment: (!harbor.is_met).then(|| share_up(harbor.short_by + standing, left)),
        income_id,
        quarterly_estimates: income_id.map(|_| due_dates(year).iter().map(instead).collect()),
    })
}

/// A part that, `parts` times, is not less than the whole.
fn share_up(whole: Money, parts: i64) -> Money {
    let parts = parts.max(1);
    Money::from_cents(whole.cents().saturating_add(parts - 1).div_euclid(parts))
}

/// A part that, `parts` times, is not more than the whole.
fn share_down(whole: Money, parts: i64) -> Money {
    Money::from_cents(whole.cents().div_euclid(parts.max(1)))
}

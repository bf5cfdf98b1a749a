//! When cash runs short: cash is drawn first, then investments, tax-deferred and Roth accounts in the plan's order, then the
//! overdraft; it is repaid first.
//!
//! Nothing is clamped: an account below zero is lifted to zero by money that comes from a named place. After this step the
//! overdraft is only owed where every account that may be drawn is empty. A retirement account may be drawn from the month on in
//! which its owner is 59½, when nothing of it is early any more; and earlier where its owner is retired, who has nothing else to
//! live on and pays the additional tax. Deliberately absent: selling a house, or the retirement savings of somebody who works,
//! which is a decision, not an overdraft.

use serde::{Deserialize, Serialize};

use crate::calendar::Date;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::ledger::{Cause, Purpose, Slot};
use crate::projection::state::State;

/// The first month in which no liquid account could pay, and how deep it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shortfall {
    /// The month's number.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
    /// What was owed on the overdraft at its end.
    pub depth: Money,
    /// The most that is owed at the end of any month.
    pub deepest: Money,
    /// What the overdraft is called in balances.
    pub overdraft_account_id: AccountId,
}

/// Lifts what stands below zero, then repays the overdraft from what may be drawn.
pub(super) fn cover(state: &State<'_>, books: &mut Books<'_>) {
    books.because(Cause::Household);
    for short in &state.covered {
        let missing = -books.balance(*short);
        if missing.is_positive() {
            let missing = draw(state, books, *short, missing, Purpose::Cover);
            books.post(Slot::Overdraft, *short, missing, Purpose::Cover);
        }
    }
    let owed = -books.balance(Slot::Overdraft);
    if owed.is_positive() {
        draw(state, books, Slot::Overdraft, owed, Purpose::Repay);
    }
}

/// Draws an amount from the sources in their order; what none of them has is left.
fn draw(state: &State<'_>, books: &mut Books<'_>, to: Slot, mut missing: Money, purpose: Purpose) -> Money {
    for source in &state.sources {
        if missing.is_positive() && books.holdings.may_be_drawn(*source) {
            let amount = missing.min(books.balance(*source)).at_least_zero();
            books.post(*source, to, amount, purpose);
            missing -= amount;
        }
    }
    missing
}

/// Keeps the first shortfall, and how deep it becomes.
pub(super) fn watch(seen: &mut Option<Shortfall>, state: &State<'_>, books: &Books<'_>) {
    let depth = -books.balance(Slot::Overdraft);
    if !depth.is_positive() {
        return;
    }
    let first = seen.get_or_insert(Shortfall {
        month_number: state.clock.number,
        date: state.clock.last_day,
        depth,
        deepest: depth,
        overdraft_account_id: state.overdraft,
    });
    first.deepest = first.deepest.max(depth);
}

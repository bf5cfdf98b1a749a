//! When cash runs short: liquid accounts are drawn in the order cash → investment, then the overdraft; it is repaid first.
//!
//! Nothing is clamped: an account below zero is lifted to zero by money that comes from a named place. After this step the
//! overdraft is only owed where every liquid account is empty. Deliberately absent: selling retirement accounts or a house, which
//! is a decision, not an overdraft.

use serde::{Deserialize, Serialize};

use crate::calendar::Date;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::ledger::{Purpose, Slot};
use crate::projection::state::State;

/// The first month in which no liquid account could pay, and how deep it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Lifts what stands below zero, then repays the overdraft from what liquid accounts hold.
pub(super) fn cover(state: &State<'_>, books: &mut Books<'_>) {
    for short in &state.covered {
        let mut missing = -books.balance(*short);
        if !missing.is_positive() {
            continue;
        }
        for source in &state.liquid {
            let amount = missing.min(books.balance(*source)).at_least_zero();
            books.post(*source, *short, amount, Purpose::Cover);
            missing -= amount;
        }
        books.post(Slot::Overdraft, *short, missing, Purpose::Cover);
    }
    let mut owed = -books.balance(Slot::Overdraft);
    if owed.is_zero() {
        return;
    }
    for source in &state.liquid {
        let amount = owed.min(books.balance(*source)).at_least_zero();
        books.post(*source, Slot::Overdraft, amount, Purpose::Repay);
        owed -= amount;
    }
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

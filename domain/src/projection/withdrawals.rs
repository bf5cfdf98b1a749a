//! Required minimum distributions: what the law wants taken out of tax-deferred accounts from a certain age on.
//!
//! In December, in one amount: the law asks for a year's amount by the end of the year, and whatever was drawn before (to live on,
//! or by a transfer) counts towards it; monthly parts would force out more than is required from whoever draws later in the year.
//! The amount is that of 26 U.S.C. § 401(a)(9): the balance of all such accounts of a member at the end of the year before, by the
//! divisor of the Uniform Lifetime Table; in the plan's first year the opening balance, and the whole year's amount. It arrives in
//! the main cash account and is income.
//!
//! Deliberately absent: putting the first distribution off to April, staying in the plan of an employer for whom one still works,
//! a spouse more than ten years younger, and inherited accounts.

use chrono::Datelike;

use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::ledger::{Cause, Purpose, Slot};
use crate::projection::plan::Plan;
use crate::projection::state::State;
use crate::projection::taxes::TaxOffice;

/// A member of whom distributions are or will be required, once there is something to distribute.
#[derive(Clone, Debug)]
pub(super) struct Distributee {
    /// Among the plan's members.
    pub place: usize,
    /// From which they are required; a change may open one more.
    pub accounts: Vec<Slot>,
    born: i32,
    /// In all of them, at the end of the year before.
    held: Money,
}

impl Distributee {
    /// What has to be taken out this year of so much at the end of the last one.
    pub fn required(&self, taxes: &TaxOffice<'_>, held: Money) -> Money {
        taxes.required_distribution(self.born, held)
    }
}

/// Everybody with a birth date; an account without an owner is the first member's.
pub(super) fn distributees(plan: &Plan, books: &Books<'_>) -> Vec<Distributee> {
    let slots = || (0_u16..).zip(&plan.accounts).map(|(index, _)| Slot::Account(index));
    let known = plan.filer.members.iter().enumerate().filter_map(|(place, member)| Some((place, member.birth?.year())));
    let all = known.map(|(place, born)| {
        let theirs = slots().filter(|slot| books.holdings.owner(*slot) == place && books.holdings.is_distributed(*slot));
        let accounts: Vec<Slot> = theirs.collect();
        Distributee { place, born, held: held(&accounts, books), accounts }
    });
    all.collect()
}

fn held(accounts: &[Slot], books: &Books<'_>) -> Money {
    accounts.iter().map(|slot| books.balance(*slot).at_least_zero()).sum()
}

/// In January, before anything is booked: what the accounts held at the end of the year before.
pub(super) fn open_month(state: &mut State<'_>, books: &Books<'_>) {
    if state.clock.month.number() == 1 {
        state.distributees.iter_mut().for_each(|member| member.held = held(&member.accounts, books));
    }
}

/// In December: takes out what is still required.
pub(super) fn take_required(state: &mut State<'_>, books: &mut Books<'_>) {
    if state.clock.month.number() != 12 {
        return;
    }
    for member in &state.distributees {
        let required = member.required(&state.taxes, member.held);
        let withdrawn: Money = member.accounts.iter().map(|slot| books.holdings.withdrawn(*slot)).sum();
        let mut missing = (required - withdrawn).at_least_zero();
        for slot in &member.accounts {
            let amount = missing.min(books.balance(*slot)).at_least_zero();
            books.because(Cause::of(*slot));
            books.post(*slot, state.main_cash, amount, Purpose::RequiredDistribution);
            missing -= amount;
            state.distribution_required |= amount.is_positive();
        }
    }
}

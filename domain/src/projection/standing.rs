//! What a month stands on: what is known of each account beside its balance, for an observer that replays a projection in another
//! world (Monte Carlo).
//!
//! It is a view of the engine's state, taken when everything of a month has been paid and before what ran short is covered. Nothing
//! is computed for whoever does not look. Deliberately absent: balances, which follow from the postings.

use crate::calendar::Month;
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::books::Tally;
use crate::projection::holdings::{Holdings, Treatment};
use crate::projection::ledger::Slot;
use crate::projection::plan::Assumptions;
use crate::projection::state::State;
use crate::vocabulary::AccountClass;

/// The state of a month, to be looked at.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    state: &'a State<'a>,
    holdings: &'a Holdings,
    tally: &'a Tally,
}

/// What a month's row counts; growth, and what is only moved, is not among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Gross income and employers' matches.
    pub income: Money,
    /// Of all kinds.
    pub taxes: Money,
    /// Of all categories.
    pub spending: Money,
    /// Regular payments on debts.
    pub debt_service: Money,
    /// Payments on debts beyond the regular ones.
    pub extra_payments: Money,
}

/// What is known of an account beside its balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StandingAccount {
    /// What it counts as.
    pub class: AccountClass,
    /// What taking money out of it means for the return.
    pub treatment: Treatment,
    /// What it grows by this month.
    pub growth: Fraction,
    /// Whether that is interest.
    pub is_interest: bool,
    /// Whether it may be drawn when cash runs short.
    pub may_be_drawn: bool,
    /// Whether what is taken out of it now is early.
    pub is_early: bool,
}

impl<'a> Standing<'a> {
    pub(super) const fn new(state: &'a State<'a>, holdings: &'a Holdings, tally: &'a Tally) -> Self {
        Self { state, holdings, tally }
    }

    /// What was booked: what is still to come is not counted.
    pub(crate) const fn counted(&self) -> Counted {
        let Tally { total_income: income, total_taxes: taxes, spending, debt_service, extra_payments, .. } = *self.tally;
        Counted { income, taxes, spending, debt_service, extra_payments }
    }

    /// 1 = the month in which the plan starts.
    pub(crate) const fn number(&self) -> u16 {
        self.state.clock.number
    }

    /// Its place in the calendar.
    pub(crate) const fn month(&self) -> Month {
        self.state.clock.month
    }

    /// Whether wages and prices rose at its beginning.
    pub(crate) const fn is_anniversary(&self) -> bool {
        self.state.clock.is_anniversary()
    }

    /// What is assumed in this month.
    pub(crate) const fn assumptions(&self) -> &Assumptions {
        &self.state.assumptions
    }

    /// A month's interest on the overdraft.
    pub(crate) const fn overdraft_interest(&self) -> Fraction {
        self.state.overdraft_interest
    }

    /// Where income arrives and spending comes from.
    pub(crate) const fn main_cash(&self) -> Slot {
        self.state.main_cash
    }

    /// The accounts in their order.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = StandingAccount> + '_ {
        (0_u16..).zip(&self.state.accounts).map(|(index, account)| {
            let slot = Slot::Account(index);
            StandingAccount {
                class: account.class,
                treatment: self.holdings.treatment(slot),
                growth: account.growth.monthly,
                is_interest: account.growth.is_interest,
                may_be_drawn: self.holdings.may_be_drawn(slot),
                is_early: self.holdings.is_early_now(slot),
            }
        })
    }

    /// What pays when cash runs short, in its order; some of it may not be drawn yet.
    pub(crate) fn sources(&self) -> &[Slot] {
        &self.state.sources
    }

    /// What must not stay below zero.
    pub(crate) fn covered(&self) -> &[Slot] {
        &self.state.covered
    }

    /// For each member of whom distributions are required, now or later: the accounts, and what has to be taken out this year of so
    /// much at the end of the last one.
    pub(crate) fn distributions(&self, held: Money) -> impl Iterator<Item = (&[Slot], Money)> + '_ {
        self.state.distributees.iter().map(move |member| (member.accounts.as_slice(), member.required(&self.state.taxes, held)))
    }
}

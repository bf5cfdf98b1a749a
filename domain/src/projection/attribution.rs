//! What each cent of a projection came from: an income, a flow, an account, a change.
//!
//! The engine is run once, and every posting from or to the outside is put on the sheet of its month, under its term and the thing
//! that it was booked because of. The rows' terms come from the ledger's sums and these from the postings, one by one: that they
//! agree in every month is a property test, and what a comparison's "0.00 unattributed" rests on.
//!
//! Whose a cent is. What is paid, withheld, deducted and matched of an income is the income's; what a flow moves is the flow's;
//! growth, interest, escrow and the value of something are the account's; what a change brings (an income, spending, an account with
//! all its growth or interest) and what it books itself (a lump sum, a sale, a shock of the market) is the change's. A thing that a
//! change only modifies stays the thing's own, whole: two projections that differ in a raise differ under the income. What April
//! settles is the household's: a return is of everything together, and no part of it is anybody's alone.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::changes::Course;
use super::{Cause, Observer, Plan, Posting, Projection, ProjectionError, Row, Slot, Term, project_observed};
use crate::calendar::Month;
use crate::ids::{AccountId, ChangeId, FlowId, IncomeId};
use crate::money::Money;
use crate::tax::TaxTables;

/// What money came or went because of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// An income of the plan.
    Income(IncomeId),
    /// A flow of the plan.
    Flow(FlowId),
    /// An account of the plan, or the overdraft.
    Account(AccountId),
    /// A change, or what it brought.
    Change(ChangeId),
    /// All of it together.
    Household,
}

crate::vocabulary::words! {
    /// Which kind of thing an [`Origin`] is.
    pub enum OriginType {
        /// An income.
        Income => "income",
        /// A flow.
        Flow => "flow",
        /// An account, or the overdraft.
        Account => "account",
        /// A change of a scenario, or what it brought.
        Change => "change",
        /// All of it together.
        Household => "household",
    }
}

impl Origin {
    /// Which kind of thing.
    #[must_use]
    pub const fn origin_type(self) -> OriginType {
        match self {
            Self::Income(_) => OriginType::Income,
            Self::Flow(_) => OriginType::Flow,
            Self::Account(_) => OriginType::Account,
            Self::Change(_) => OriginType::Change,
            Self::Household => OriginType::Household,
        }
    }

    /// Its id; the household has none here.
    #[must_use]
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::Income(id) => Some(id.0),
            Self::Flow(id) => Some(id.0),
            Self::Account(id) => Some(id.0),
            Self::Change(id) => Some(id.0),
            Self::Household => None,
        }
    }
}

/// A projection, and where every cent of its terms came from.
#[derive(Clone, Debug)]
pub struct Attributed {
    /// Month 1.
    pub start: Month,
    /// The projection.
    pub projection: Projection,
    /// What the overdraft is called in balances.
    pub overdraft: AccountId,
    /// A figure for each month. As in [`super::Change`]: what lowers net worth is negative.
    sheets: BTreeMap<(Term, Origin), Vec<Money>>,
    /// Every account that balances can name: whose it is, and whether it is owed.
    accounts: BTreeMap<AccountId, (Origin, bool)>,
}

/// Projects a plan and says where every cent came from.
///
/// # Errors
/// As [`super::project`].
pub fn attributed(plan: &Plan, tables: &TaxTables) -> Result<Attributed, ProjectionError> {
    let mut seen = Sheets { months: usize::from(plan.months), by_cause: BTreeMap::new() };
    let projection = project_observed(plan, tables, &mut seen)?;
    let origins = Origins::of(plan);
    let mut sheets: BTreeMap<(Term, Origin), Vec<Money>> = BTreeMap::new();
    for ((term, cause), months) in seen.by_cause {
        // Accounts that a change opened, and what it booked itself, are one: the change.
        match sheets.entry((term, origins.of_cause(cause))) {
            std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(months)),
            std::collections::btree_map::Entry::Occupied(mut known) => {
                known.get_mut().iter_mut().zip(months).for_each(|(sum, month)| *sum += month);
            }
        }
    }
    Ok(Attributed { start: plan.start, projection, overdraft: plan.overdraft, sheets, accounts: origins.accounts() })
}

impl Attributed {
    /// The months of a row range, from month `first` (1 = the first row) on.
    pub(super) fn rows(&self, first: u16, months: u16) -> &[Row] {
        let from = usize::from(first.saturating_sub(1));
        self.projection.months.get(from..from.saturating_add(usize::from(months))).unwrap_or_default()
    }

    /// What a term got in a month, by what it came from; what is nothing is left out.
    pub fn of_month(&self, month_number: u16) -> impl Iterator<Item = (Term, Origin, Money)> + '_ {
        let at = usize::from(month_number).checked_sub(1);
        let amount = move |months: &Vec<Money>| at.and_then(|at| months.get(at)).copied().unwrap_or_default();
        self.sheets.iter().map(move |((term, origin), months)| (*term, *origin, amount(months))).filter(|(.., amount)| !amount.is_zero())
    }

    /// What each term got in all of `months` months from month `first` on, by what it came from.
    pub(super) fn totals(&self, first: u16, months: u16) -> impl Iterator<Item = (Term, Origin, Money)> + '_ {
        let from = usize::from(first.saturating_sub(1));
        let sum = move |amounts: &[Money]| amounts.iter().skip(from).take(usize::from(months)).sum();
        self.sheets.iter().map(move |((term, origin), amounts)| (*term, *origin, sum(amounts)))
    }

    /// Whose an account of a row is, and what it adds to net worth: what is owed is negative.
    pub(super) fn worth(&self, account: AccountId, shown: Money) -> (Origin, Money) {
        let (origin, is_owed) = self.accounts.get(&account).copied().unwrap_or((Origin::Account(account), false));
        (origin, if is_owed { -shown } else { shown })
    }
}

/// A figure for each month, by term and cause.
struct Sheets {
    months: usize,
    by_cause: BTreeMap<(Term, Cause), Vec<Money>>,
}

impl Sheets {
    fn add(&mut self, month_number: u16, slot: Slot, cause: Cause, amount: Money) {
        let Slot::Outside(outside) = slot else { return };
        let months = self.months;
        let sheet = self.by_cause.entry((outside.term(), cause)).or_insert_with(|| vec![Money::ZERO; months]);
        if let Some(month) = usize::from(month_number).checked_sub(1).and_then(|at| sheet.get_mut(at)) {
            *month += amount;
        }
    }
}

impl Observer for Sheets {
    fn posted(&mut self, month_number: u16, posting: &Posting, cause: Cause) {
        self.add(month_number, posting.from, cause, posting.amount);
        self.add(month_number, posting.to, cause, -posting.amount);
    }
}

/// Causes by their place in a plan, to ids.
struct Origins<'p> {
    plan: &'p Plan,
    /// The changes that open the accounts behind the plan's own, in the ledger's order.
    openers: Vec<ChangeId>,
}

impl<'p> Origins<'p> {
    fn of(plan: &'p Plan) -> Self {
        Self { plan, openers: Course::of(plan).openers().collect() }
    }

    /// The engine names no place that is not in the plan.
    fn of_cause(&self, cause: Cause) -> Origin {
        let found = match cause {
            Cause::Income(place) => at(&self.plan.incomes, place).map(|income| Origin::Income(income.id)),
            Cause::Flow(place) => at(&self.plan.flows, place).map(|flow| Origin::Flow(flow.id)),
            Cause::Change(place) => at(&self.plan.changes, place).map(|planned| Origin::Change(planned.id)),
            Cause::Account(place) => usize::try_from(place).ok().and_then(|place| self.of_account(place)),
            Cause::Overdraft => Some(Origin::Account(self.plan.overdraft)),
            Cause::Household => None,
        };
        found.unwrap_or(Origin::Household)
    }

    fn of_account(&self, place: usize) -> Option<Origin> {
        match self.plan.accounts.get(place) {
            Some(own) => Some(Origin::Account(own.id)),
            None => place.checked_sub(self.plan.accounts.len()).and_then(|place| self.openers.get(place)).map(|id| Origin::Change(*id)),
        }
    }

    fn accounts(&self) -> BTreeMap<AccountId, (Origin, bool)> {
        let all = self.plan.ledger_accounts();
        let of_each = all.iter().enumerate().map(|(place, account)| {
            (account.id, (self.of_account(place).unwrap_or(Origin::Account(account.id)), account.account_type.is_liability()))
        });
        of_each.chain([(self.plan.overdraft, (Origin::Account(self.plan.overdraft), true))]).collect()
    }
}

fn at<T>(list: &[T], place: u32) -> Option<&T> {
    usize::try_from(place).ok().and_then(|place| list.get(place))
}

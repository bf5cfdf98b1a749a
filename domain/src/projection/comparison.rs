//! Two projections of one household, and where their difference comes from.
//!
//! Both are ledgers, so the difference of what they end with *is* the difference of what they began with plus the differences of the
//! seven terms, month by month: nothing has to be estimated, and nothing is left over. Each part is opened down to the income, flow,
//! account or change that it comes from ([`super::attribution`]).
//!
//! Plans need not begin in one month, or go equally far: a scenario may start later, a baseline may be pinned to a day in the past.
//! They are compared over the months that all of them have ([`Window`]). What each of them is worth before the first of these is its
//! *opening*, account by account; so what one plan went through before another began is in the openings, and the terms compare the
//! same months. Deliberately absent: what a difference is worth in money of another year.

use std::collections::BTreeMap;

use super::attribution::{Attributed, Origin};
use super::changes::PlannedChange;
use super::{Change, Plan, Row, Term};
use crate::calendar::{Date, Month};
use crate::ids::{AccountId, ChangeId};
use crate::money::Money;
use crate::projection::row::Breakdown;

/// The longest projection there is.
const MOST_MONTHS: u16 = 600;

/// The months over which plans are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first one.
    pub first: Month,
    /// How many.
    pub months: u16,
}

/// Why there is no such window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWindow {
    /// There is no plan.
    #[error("there is nothing to compare")]
    Nothing,
    /// One plan ends before another begins.
    #[error("the plans have no month in common: one ends in {ends}, another begins in {begins}")]
    Apart {
        /// The last month of the one that ends first.
        ends: Month,
        /// The first month of the one that begins last.
        begins: Month,
    },
    /// So many months reach further than the plan that begins first can be projected.
    #[error("reaches beyond the 600 months of the plan that begins first: at most {most} months can be compared")]
    TooFar {
        /// As many as can be.
        most: u16,
    },
}

impl Window {
    /// The months that plans (each by its first month and its horizon) have in common; or, where somebody says how many, so many from
    /// the first common one on, whatever the horizons.
    ///
    /// # Errors
    /// [`NoWindow`].
    pub fn of(plans: &[(Month, u16)], asked: Option<u16>) -> Result<Self, NoWindow> {
        let begins = plans.iter().map(|(start, _)| *start);
        let (Some(earliest), Some(first)) = (begins.clone().min(), begins.max()) else { return Err(NoWindow::Nothing) };
        let length = |months: i32| u16::try_from(months.clamp(0, i32::from(MOST_MONTHS))).unwrap_or(MOST_MONTHS);
        if let Some(months) = asked {
            let most = length(i32::from(MOST_MONTHS).saturating_sub(first.since(earliest)));
            return if months <= most { Ok(Self { first, months }) } else { Err(NoWindow::TooFar { most }) };
        }
        let ends = plans.iter().map(|(start, months)| start.plus(i32::from(*months) - 1)).min().unwrap_or(first);
        match length(ends.since(first).saturating_add(1)) {
            0 => Err(NoWindow::Apart { ends, begins: first }),
            months => Ok(Self { first, months }),
        }
    }

    /// For how many months a plan that begins in `start` has to be projected.
    #[must_use]
    pub fn months_from(&self, start: Month) -> u16 {
        u16::try_from(self.first.since(start)).unwrap_or(0).saturating_add(self.months)
    }

    /// The number that its first month has in a projection.
    fn number_in(&self, projection: &Attributed) -> u16 {
        u16::try_from(self.first.since(projection.start)).unwrap_or(0).saturating_add(1)
    }
}

/// What tells a projection at a glance, over a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFigures {
    /// Before the first month.
    pub opening_net_worth: Money,
    /// After the last month.
    pub final_net_worth: Money,
    /// The same, of cash and investments.
    pub final_liquid_assets: Money,
    /// The same, of retirement accounts.
    pub final_retirement_assets: Money,
    /// The same, of what is owed.
    pub final_liabilities: Money,
    /// The least that cash and investments come to, and on which day (a month's last) for the first time.
    pub minimum_liquid_assets: (Money, Date),
    /// The last day of the first month in which no liquid account could pay, and what is owed on the overdraft then.
    pub first_shortfall: Option<(Date, Money)>,
    /// The most that is owed on the overdraft at the end of any month.
    pub deepest_shortfall: Money,
    /// The first month from whose end on nothing is owed. None where something is owed at the end.
    pub debt_free_month: Option<Month>,
    /// Spending and debt payments, as rows have them.
    pub total_expenses: Money,
    /// All terms, each over all months.
    pub change: Change,
}

/// The key figures of a projection. `None` where it does not have the months.
#[must_use]
pub fn key_figures(of: &Attributed, window: Window) -> Option<KeyFigures> {
    let number = window.number_in(of);
    let rows = of.rows(number, window.months);
    let (last, first) = (rows.last()?, rows.first()?);
    let least = rows.iter().min_by_key(|row| row.liquid_assets).unwrap_or(first);
    let owed = |row: &Row| row.balances.get(of.overdraft);
    let short = rows.iter().find(|row| owed(row).is_positive());
    let free = rows.iter().rposition(|row| row.total_liabilities.is_positive()).map_or(0, |owing| owing.saturating_add(1));
    Some(KeyFigures {
        opening_net_worth: before(of, number).0,
        final_net_worth: last.net_worth,
        final_liquid_assets: last.liquid_assets,
        final_retirement_assets: last.retirement_assets,
        final_liabilities: last.total_liabilities,
        minimum_liquid_assets: (least.liquid_assets, least.date),
        first_shortfall: short.map(|row| (row.date, owed(row))),
        deepest_shortfall: rows.iter().map(owed).max().unwrap_or_default(),
        debt_free_month: rows.get(free).map(|row| Month::of(row.date)),
        total_expenses: rows.iter().map(|row| row.total_expenses).sum(),
        change: sum(rows),
    })
}

/// What one plan ends with beyond another, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of net worth at the end: the second plan's less the first one's.
    pub total: Money,
    /// Of what they are worth before the first month, by account.
    pub opening: Part,
    /// Of each term, in the order of [`Term::ALL`].
    pub terms: Vec<(Term, Part)>,
    /// Month by month.
    pub months: Vec<MonthDifference>,
}

/// A part of a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// All of it, from the rows.
    pub amount: Money,
    /// What it comes from, from the postings; the largest first. What is alike in both is left out.
    pub causes: Vec<CauseDifference>,
}

/// What one thing does to a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseDifference {
    /// The thing.
    pub origin: Origin,
    /// What it comes to in the first plan.
    pub from: Money,
    /// In the second one.
    pub to: Money,
}

impl CauseDifference {
    /// The second's less the first's.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.to - self.from
    }
}

/// What differs in a month, the second plan's less the first one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthDifference {
    /// Its last day.
    pub date: Date,
    /// At its end.
    pub net_worth: Money,
    /// At its end.
    pub liquid_assets: Money,
    /// Of each term in the month.
    pub change: Change,
}

impl Difference {
    /// The parts, the opening first.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        std::iter::once(&self.opening).chain(self.terms.iter().map(|(_, part)| part))
    }

    /// What of the total no cause explains: nothing, as both are ledgers. It is computed, and not asserted.
    #[must_use]
    pub fn unattributed(&self) -> Money {
        self.total - self.parts().flat_map(|part| &part.causes).map(CauseDifference::amount).sum::<Money>()
    }
}

/// Compares two projections over a window. `None` where one of them does not have the months.
#[must_use]
pub fn compare(from: &Attributed, to: &Attributed, window: Window) -> Option<Difference> {
    let [from, to] = [from, to].map(|projection| Side::of(projection, window));
    let (from, to) = (from?, to?);
    let term = |term: Term| {
        let of =
            |side: &Side<'_>| side.totals.iter().filter(|((of, _), _)| *of == term).map(|((_, origin), sum)| (*origin, *sum)).collect();
        (term, Part::new(to.change.get(term) - from.change.get(term), of(&from), of(&to)))
    };
    Some(Difference {
        total: to.net_worth - from.net_worth,
        opening: Part::new(to.opening.0 - from.opening.0, from.opening.1.clone(), to.opening.1.clone()),
        terms: Term::ALL.iter().copied().map(term).collect(),
        months: from.rows.iter().zip(to.rows).map(|(from, to)| MonthDifference::of(from, to)).collect(),
    })
}

/// The changes that one of two plans has and the other has not, and that are about a thing or name it: who asks why an income differs
/// finds the raise.
#[must_use]
pub fn changes_about(origin: Origin, from: &Plan, to: &Plan) -> Vec<ChangeId> {
    let Some(id) = origin.id() else { return Vec::new() };
    let is_about = |planned: &PlannedChange| {
        let change = &planned.change;
        change.source.is_some_and(|source| source.id() == id) || change.kind.references().iter().any(|(_, named)| named.id() == id)
    };
    let has = |plan: &Plan, id: ChangeId| plan.changes.iter().any(|planned| planned.id == id);
    let only = |of: &Plan, other: &Plan| -> Vec<ChangeId> {
        of.changes.iter().filter(|planned| is_about(planned) && !has(other, planned.id)).map(|planned| planned.id).collect()
    };
    [only(from, to), only(to, from)].concat()
}

/// What each thing comes to.
type ByOrigin = BTreeMap<Origin, Money>;

/// One of the two.
struct Side<'a> {
    rows: &'a [Row],
    /// At the end.
    net_worth: Money,
    /// Before the first month: in all, by account.
    opening: (Money, ByOrigin),
    /// Of the rows.
    change: Change,
    /// Of the postings.
    totals: BTreeMap<(Term, Origin), Money>,
}

impl<'a> Side<'a> {
    fn of(projection: &'a Attributed, window: Window) -> Option<Self> {
        let number = window.number_in(projection);
        let rows = projection.rows(number, window.months);
        let (net_worth, balances) = before(projection, number);
        let mut by_account = ByOrigin::new();
        for (account, shown) in balances.iter() {
            let (origin, worth) = projection.worth(account, shown);
            *by_account.entry(origin).or_default() += worth;
        }
        Some(Self {
            rows,
            net_worth: rows.last()?.net_worth,
            opening: (net_worth, by_account),
            change: sum(rows),
            totals: projection.totals(number, window.months).map(|(term, origin, sum)| ((term, origin), sum)).collect(),
        })
    }
}

impl Part {
    fn new(amount: Money, mut from: ByOrigin, to: ByOrigin) -> Self {
        let mut causes: Vec<CauseDifference> =
            to.into_iter().map(|(origin, to)| CauseDifference { origin, from: from.remove(&origin).unwrap_or_default(), to }).collect();
        causes.extend(from.into_iter().map(|(origin, from)| CauseDifference { origin, from, to: Money::ZERO }));
        causes.retain(|cause| cause.from != cause.to);
        causes.sort_by_key(|cause| (std::cmp::Reverse(cause.amount().abs()), cause.origin));
        Self { amount, causes }
    }
}

impl MonthDifference {
    fn of(from: &Row, to: &Row) -> Self {
        let change = Change::from_terms(|term| to.change.get(term) - from.change.get(term));
        Self { date: to.date, net_worth: to.net_worth - from.net_worth, liquid_assets: to.liquid_assets - from.liquid_assets, change }
    }
}

/// Net worth and balances before a month.
fn before(projection: &Attributed, number: u16) -> (Money, &Breakdown<AccountId>) {
    let opening = &projection.projection.opening;
    match projection.rows(number.saturating_sub(1), 1) {
        [row] if number > 1 => (row.net_worth, &row.balances),
        _ => (opening.net_worth, &opening.balances),
    }
}

/// All terms of all months.
fn sum(rows: &[Row]) -> Change {
    Change::from_terms(|term| rows.iter().map(|row| row.change.get(term)).sum())
}

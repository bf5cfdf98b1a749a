//! A projection with its tax years kept open to questions: what would a year's taxes be, were these lines of its return others?
//!
//! Monte Carlo replays a projection in worlds in which more or less is earned and withdrawn, and cannot compute a return for each
//! month of each of ten thousand paths. It asks here, once, how each year's taxes answer to a little more of each line, and goes on
//! with the slopes. Every answer is a difference of two whole returns under that year's law.

use crate::money::Money;
use crate::projection::figures::{Taxable, Unearned};
use crate::projection::ledger::Observer;
use crate::projection::plan::{Plan, PlanFiler};
use crate::projection::year_book::YearBook;
use crate::projection::{ProjectionError, engine};
use crate::tax::{Liability, TaxTables};

/// How much more of a line is asked about: enough to see through the rounding of tax tables, little enough to stay in a bracket.
pub(crate) const PROBE: Money = Money::from_cents(1_000_000);

/// The books of a projection's years.
pub(crate) struct ObservedRun<'t> {
    books: Vec<YearBook<'t>>,
    filer: PlanFiler,
}

/// The taxes of one calendar year of a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct YearTaxes {
    /// The calendar year.
    pub year: i32,
    /// What is owed for it.
    pub owed: Money,
    /// What April settled of it, where the plan has that April and settles taxes.
    pub settled: Option<Money>,
    /// What more is owed for [`PROBE`] more of: distributions, long-term gains, interest, and distributions that are early (the
    /// additional tax alone).
    pub on_retirement: Money,
    /// See there.
    pub on_gains: Money,
    /// See there.
    pub on_interest: Money,
    /// See there.
    pub on_early: Money,
}

/// Projects a plan before an observer, and keeps the books of its years.
///
/// # Errors
/// As [`crate::projection::project`].
pub(crate) fn run_observed<'t>(
    plan: &Plan,
    tables: &'t TaxTables,
    observer: &mut dyn Observer,
) -> Result<ObservedRun<'t>, ProjectionError> {
    let (_, taxes) = engine::run_and_keep_years(plan, tables, &mut *engine::changes_of(plan), observer)?;
    let (books, filer) = taxes.into_years();
    Ok(ObservedRun { books, filer })
}

impl ObservedRun<'_> {
    /// Every year's taxes and slopes, in their order.
    ///
    /// # Errors
    /// A return that cannot be computed.
    pub fn years(&mut self) -> Result<Vec<YearTaxes>, ProjectionError> {
        let Self { books, filer } = self;
        books
            .iter_mut()
            .map(|book| {
                let (year, owed) = (book.year, book.owed(filer)?);
                let due = book.due(owed);
                let settled = book.is_settled.then_some(due.federal + due.state);
                let mut more = |taxable| -> Result<Money, ProjectionError> {
                    book.once.unearned.note(taxable, PROBE);
                    let Liability { total, .. } = book.owed(filer)?;
                    book.once.unearned.note(taxable, -PROBE);
                    Ok(total - owed.total)
                };
                Ok(YearTaxes {
                    year,
                    owed: owed.total,
                    settled,
                    on_retirement: more(Taxable::Retirement)?,
                    on_gains: more(Taxable::Gains)?,
                    on_interest: more(Taxable::Interest)?,
                    on_early: more(Taxable::Early)?,
                })
            })
            .collect()
    }

    /// What would be owed for every year, were what accounts yield and what is taken out of them as in another run of the same plan.
    ///
    /// # Errors
    /// A return that cannot be computed.
    pub fn owed_with_realised_of(&mut self, other: &ObservedRun<'_>) -> Result<Vec<Money>, ProjectionError> {
        let Self { books, filer } = self;
        let swapped = |own: &mut Unearned, others: &Unearned| std::mem::replace(own, own.with_realised_of(others));
        let owed = books.iter_mut().zip(&other.books).map(|(book, others)| {
            let recurring = swapped(&mut book.figures.unearned, &others.figures.unearned);
            let once = swapped(&mut book.once.unearned, &others.once.unearned);
            let owed = book.owed(filer)?.total;
            (book.figures.unearned, book.once.unearned) = (recurring, once);
            Ok(owed)
        });
        owed.collect()
    }
}

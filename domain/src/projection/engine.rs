//! A month's eight steps, in their order, one call each.
//!
//! The order is spec 03's. Changes of a scenario come in as [`Changes`]: step 2 hands them the state before anything of the month
//! is booked; the baseline has none. The overdraft is looked at once, when everything of the month has been paid and before what
//! is left grows: whoever is paid on the last of a month is not short because rent fell due on the first.

use crate::projection::ProjectionError;
use crate::projection::books::Books;
use crate::projection::ledger::{Ledger, Observer};
use crate::projection::plan::Plan;
use crate::projection::row::{self, Projection, Row};
use crate::projection::shortfall::{self, Shortfall};
use crate::projection::state::State;
use crate::projection::{ENGINE_VERSION, debts, growth, income, spending};
use crate::tax::TaxTables;

/// What changes the plan on its way.
pub(super) trait Changes {
    /// Applies what takes effect in the state's month, or has ended before it.
    fn apply(&mut self, state: &mut State<'_>, books: &mut Books<'_>);

    /// The anniversary's growth has come over the state.
    fn grown(&mut self, state: &mut State<'_>);
}

/// The baseline's: none.
pub(super) struct NoChanges;

impl Changes for NoChanges {
    fn apply(&mut self, _state: &mut State<'_>, _books: &mut Books<'_>) {}
    fn grown(&mut self, _state: &mut State<'_>) {}
}

/// Projects a plan month by month.
pub(super) fn run(
    plan: &Plan,
    tables: &TaxTables,
    changes: &mut dyn Changes,
    observer: &mut dyn Observer,
) -> Result<Projection, ProjectionError> {
    let (mut state, opening) = State::new(plan, tables)?;
    let mut books = Books::new(Ledger::new(opening), observer);
    let opening = row::opening(&state, &books);
    let mut shortfall: Option<Shortfall> = None;
    let mut months: Vec<Row> = Vec::with_capacity(usize::from(plan.months));
    for number in 1..=plan.months {
        months.push(month(number, &mut state, &mut books, changes)?);
        shortfall::watch(&mut shortfall, &state, &books);
    }
    Ok(Projection { engine_version: ENGINE_VERSION.into(), opening, shortfall, months })
}

/// One month.
fn month(number: u16, state: &mut State<'_>, books: &mut Books<'_>, changes: &mut dyn Changes) -> Result<Row, ProjectionError> {
    books.open_month(number);
    state.open_month(number)?; // 1: what starts or ends follows from the dates of each span
    changes.apply(state, books); // 2
    if state.clock.is_anniversary() {
        state.grow(); // 3
        changes.grown(state);
    }
    income::book(state, books)?; // 4
    spending::book(state, books); // 5
    debts::book(state, books); // 6
    shortfall::cover(state, books);
    growth::book(state, books); // 7
    if books.ledger.is_sound() { Ok(row::write(state, books)) } else { Err(ProjectionError::OutOfRange { month_number: number }) } // 8
}

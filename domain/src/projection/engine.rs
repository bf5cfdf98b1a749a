//! A month's eight steps, in their order, one call each.
//!
//! The order is spec 03's. Changes of a scenario come in as [`Changes`]: step 2 hands them the state before anything of the month
//! is booked; the baseline has none. The overdraft is looked at once, when everything of the month has been paid and before what
//! is left grows: whoever is paid on the last of a month is not short because rent fell due on the first.

use crate::projection::ProjectionError;
use crate::projection::books::Books;
use crate::projection::changes::Course;
use crate::projection::ledger::Observer;
use crate::projection::plan::Plan;
use crate::projection::row::{self, Projection, Row};
use crate::projection::shortfall::{self, Shortfall};
use crate::projection::state::State;
use crate::projection::taxes::TaxOffice;
use crate::projection::{ENGINE_VERSION, debts, growth, income, spending, withdrawals};
use crate::tax::TaxTables;

/// What changes the plan on its way.
pub(super) trait Changes {
    /// Applies what takes effect in the state's month, or has ended before it.
    fn apply(&mut self, state: &mut State<'_>, books: &mut Books<'_>);

    /// The anniversary's growth has come over the state.
    fn grown(&mut self, state: &mut State<'_>);
}

/// The baseline's: none.
struct NoChanges;

impl Changes for NoChanges {
    fn apply(&mut self, _state: &mut State<'_>, _books: &mut Books<'_>) {}
    fn grown(&mut self, _state: &mut State<'_>) {}
}

/// The changes of a plan: the one place that decides it, for the months as for the tax years.
pub(super) fn changes_of(plan: &Plan) -> Box<dyn Changes + '_> {
    if plan.changes.is_empty() { Box::new(NoChanges) } else { Box::new(Course::of(plan)) }
}

/// Projects a plan month by month.
pub(super) fn run(
    plan: &Plan,
    tables: &TaxTables,
    changes: &mut dyn Changes,
    observer: &mut dyn Observer,
) -> Result<Projection, ProjectionError> {
    let (state, books) = State::new(plan, tables, observer)?;
    play(plan.months, state, books, changes).map(|(projection, _)| projection)
}

/// The same, with the books of all its tax years.
pub(super) fn run_and_keep_years<'t>(
    plan: &Plan,
    tables: &'t TaxTables,
    changes: &mut dyn Changes,
    observer: &mut dyn Observer,
) -> Result<(Projection, TaxOffice<'t>), ProjectionError> {
    let (mut state, books) = State::new(plan, tables, observer)?;
    state.taxes.keep_years();
    play(plan.months, state, books, changes)
}

fn play<'t>(
    plan_months: u16,
    mut state: State<'t>,
    mut books: Books<'_>,
    changes: &mut dyn Changes,
) -> Result<(Projection, TaxOffice<'t>), ProjectionError> {
    let opening = row::opening(&state, &books);
    let mut shortfall: Option<Shortfall> = None;
    let mut months: Vec<Row> = Vec::with_capacity(usize::from(plan_months));
    for number in 1..=plan_months {
        months.push(month(number, &mut state, &mut books, changes)?);
        shortfall::watch(&mut shortfall, &state, &books);
    }
    Ok((Projection { engine_version: ENGINE_VERSION.into(), opening, shortfall, months }, state.taxes))
}

/// One month.
fn month(number: u16, state: &mut State<'_>, books: &mut Books<'_>, changes: &mut dyn Changes) -> Result<Row, ProjectionError> {
    books.open_month(number);
    state.open_month(number)?; // 1: what starts or ends follows from the dates of each span
    books.holdings.open_month(state.clock.month);
    withdrawals::open_month(state, books);
    changes.apply(state, books); // 2
    note_withdrawals(state, books, Recurrence::Once);
    if state.clock.is_anniversary() {
        state.grow(); // 3
        changes.grown(state);
    }
    income::book(state, books)?; // 4
    spending::book(state, books); // 5
    debts::book(state, books); // 6
    note_withdrawals(state, books, Recurrence::Monthly);
    withdrawals::take_required(state, books);
    note_withdrawals(state, books, Recurrence::Once);
    books.show_standing(state);
    shortfall::cover(state, books);
    note_withdrawals(state, books, Recurrence::Monthly);
    growth::book(state, books); // 7
    if books.ledger.is_sound() { Ok(row::write(state, books)) } else { Err(ProjectionError::OutOfRange { month_number: number }) } // 8
}

/// Whether withdrawals go on month by month, or happened once: only what goes on is scaled to a whole year.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recurrence {
    Monthly,
    Once,
}

/// Puts on the return what was realised since the last time.
fn note_withdrawals(state: &mut State<'_>, books: &mut Books<'_>, recurrence: Recurrence) {
    state.taxes.note_realised(&books.holdings.take_realised(), recurrence == Recurrence::Monthly);
}

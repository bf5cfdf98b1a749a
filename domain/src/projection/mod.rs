//! The projection engine: a plan in, a projection out. A ledger, not a spreadsheet.
//!
//! Each month is a set of balanced postings between accounts of the household and named outside places, and from that follow the
//! invariants that the property tests check to the cent: every posting balances; the change of net worth is the sum of its terms;
//! the change of an account is the sum of its postings; nothing is clamped away; the same plan gives the same bytes.
//!
//! This room knows nothing of households, events or databases: who has those makes a [`Plan`] of them. Read [`plan`] (what goes
//! in), `engine` (a month's eight steps, one call each), [`ledger`] (how money moves) and [`row`] (what comes out); the steps are a
//! file each. Its callers stand beside it and not in it: [`attribution`] (what each cent came from), [`comparison`], [`payoff`],
//! [`journal`]. Deliberately absent: the clock and floating point.
//!
//! Conventions. Month 1 is the plan's first month, and a row's date its last day. Anniversaries fall on months 13, 25, … In the
//! *smoothed* calendar a year's amount is split into twelfths that add up to it, counted from month 1, and what starts or ends
//! counts in every month in which it is active on any day; in the *exact* calendar a month gets the occurrences that fall into it.

mod allowances;
pub mod attribution;
mod books;
pub mod changes;
mod check;
mod clock;
pub mod comparison;
mod debts;
mod deductions;
mod engine;
mod figures;
mod growth;
mod holdings;
mod income;
pub mod journal;
pub mod ledger;
mod observed;
pub mod payoff;
pub mod plan;
pub mod row;
mod sale;
mod shortfall;
mod spending;
pub mod standing;
mod state;
mod tax_years;
mod taxes;
mod withdrawals;
mod year_book;

pub use check::PlanError;
pub(crate) use figures::{EarnerFigures, Figures, Taxable};
pub(crate) use holdings::Treatment;
pub use ledger::{Cause, Change, Observer, Outside, Posting, Purpose, Slot, Term};
pub(crate) use observed::{ObservedRun, PROBE, YearTaxes, run_observed};
pub use plan::{
    Assumptions, CalendarMode, DebtTerms, DeductionAmount, DeductionTarget, DeductionType, EmployerMatch, FlowKind, PaymentRule, Plan,
    PlanAccount, PlanDeduction, PlanFiler, PlanFlow, PlanIncome, PlanMember, PlanW4, SelfEmployment, WageEffect,
};
pub use row::{Breakdown, Flag, Opening, Projection, Row};
pub use sale::GainTax;
pub use shortfall::Shortfall;
pub(crate) use spending::{inflates, taxable};
pub use tax_years::{Settlement, TaxLiability, TaxYear, TaxesPaid, project_taxes};

use crate::tax::{TaxError, TaxTables};

/// Raised whenever the same plan may give other cents than before, by another engine or by other law in the files: stored projections of another version are computed again.
pub const ENGINE_VERSION: &str = "3";

/// Why there is no projection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProjectionError {
    /// The plan contradicts itself.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Its taxes cannot be computed.
    #[error(transparent)]
    Tax(#[from] TaxError),
    /// An amount grew beyond what is counted in cents (92 quadrillion).
    #[error("in month {month_number} an amount grows beyond what can be computed")]
    OutOfRange {
        /// The month in which it did not fit.
        month_number: u16,
    },
}

/// Projects a plan.
///
/// # Errors
/// [`ProjectionError`]: the plan contradicts itself, its year or state has no tax law here, or an amount outgrows the ledger.
pub fn project(plan: &Plan, tables: &TaxTables) -> Result<Projection, ProjectionError> {
    project_observed(plan, tables, &mut ())
}

/// Projects a plan, and shows every posting to an observer: a journal, an explanation, a test.
///
/// # Errors
/// As [`project`].
pub fn project_observed(plan: &Plan, tables: &TaxTables, observer: &mut dyn Observer) -> Result<Projection, ProjectionError> {
    engine::run(plan, tables, &mut *engine::changes_of(plan), observer)
}

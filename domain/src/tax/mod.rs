//! Taxes of the United States: the annual return of a household, and one paycheck.
//!
//! The law is data (`domain/data/tax`: a folder per year, a source on every table), read and checked by [`TaxTables`]; the rules
//! that are no table are small functions here, each named after the form whose lines it computes. This room knows nothing of
//! households, members or events: small input structs in, values out, so that it can be read, tested and measured alone.
//!
//! Why a return and not an income: deductions, brackets and credits exist once per return. The tax of one income is the difference
//! of two returns. Why exact decimals inside: a line is rounded to the cent once, where it is booked. Rules in dollars and years
//! are not repeated in code: what changes from year to year stands in the files.
//!
//! Read [`Return`] and [`Estimate`] first, then `federal` (Form 1040 in its order), `payroll`, `withholding` (Pub. 15-T) and `state`
//! (one shape for most, rules found by the name of their table). `explain` writes the lines of a computed return down for a person;
//! `planning` has what is no tax but goes by the same files: Schedule A, required distributions, safe harbours.
//!
//! State withholding is the state's tax on a year of the paycheck, over the periods of the year: the states' own withholding tables
//! are not here. Local income taxes are not, nor part-year and nonresident returns.

mod early;
mod error;
mod estimate;
mod explain;
mod federal;
mod law_file;
mod limits;
mod notes;
mod payroll;
mod planning;
mod schedule;
mod shipped;
mod state;
mod tables;
mod tax_return;
mod withholding;
mod year_law;

pub use early::EarlyDistributions;
pub use error::{TableError, TaxError};
pub use estimate::Estimate;
pub use explain::{Explanation, Section, Step};
pub use limits::ContributionLimits;
pub use notes::{Note, NoteCode};
pub use payroll::Fica;
pub use planning::SafeHarbor;
pub use tables::{TaxTables, YearFiles, YearTables};
pub use tax_return::{Earner, Itemized, Return};
pub use withholding::{Paycheck, PaycheckInput, W4};
pub use year_law::{Liability, YearLaw};

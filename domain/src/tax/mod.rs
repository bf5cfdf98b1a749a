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
//! # Where the next dollar does not cost what the last one did
//! The marginal rate is the derivative of the total tax: the return is computed again with one dollar more. It is between 0 and 1.5
//! but in these ranges, which the law makes:
//! - below zero: while the earned income credit phases in (7.65 to 45 % of earnings), the additional child tax credit (15 %, or with
//!   three children the payroll taxes beyond the earned income credit), the care credit up to the lesser earnings of a couple, an IRA
//!   up to the earnings, and the states' own credits on earnings;
//! - above 1.5: New York's recapture of the benefit of its lower brackets (Tax Law § 601(d-4)).
//!
//! The tax jumps at these cliffs; the marginal rate stands at their step, so that a jump of 50 dollars is no rate of 5000 %: the child
//! tax credit (50 for each 1,000 of income), the rates of the care credit (a point for each 2,000) and of the saver's credit, the IRA
//! deduction (tens of dollars, and 200 at the end), the earned income credit (all of it at the limit of investment income), net
//! earnings of 400 (self-employment tax on all of them), business income of 1,000 (a deduction of 400, since 2026), and the states'
//! stepped exemptions and credits.
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

//! What can go wrong: a question that cannot be answered ([`TaxError`]), or a file of law that is wrong ([`TableError`]).

use crate::money::Money;
use crate::vocabulary::State;

/// Why a tax cannot be computed. Each names what is not known or not possible, so that it can stand in an answer as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaxError {
    /// There is no file of law for this year.
    #[error("tax year {year} is not known: the tables go from {first} to {last}")]
    UnknownYear {
        /// The year that was asked for.
        year: i32,
        /// The first year that is known.
        first: i32,
        /// The last year that is known.
        last: i32,
    },
    /// The state has an income tax, and this version does not know it.
    #[error("the income tax of {0} is not supported yet")]
    StateNotSupported(State),
    /// An amount that must not be negative is.
    #[error("{field} is {amount}, and cannot be negative")]
    Negative {
        /// The field's name in the contract.
        field: &'static str,
        /// What it was.
        amount: Money,
    },
    /// An amount beyond [`Money::LIMIT`]: exact arithmetic is only promised below it.
    #[error("{field} is {amount}, beyond what is computed")]
    TooLarge {
        /// The field's name in the contract.
        field: &'static str,
        /// What it was.
        amount: Money,
    },
    /// A part is more than what it is a part of.
    #[error("{part} is {amount}, more than the {whole} of {of} that it is a part of")]
    MoreThanContains {
        /// The part's name in the contract.
        part: &'static str,
        /// What it was.
        amount: Money,
        /// The name of what contains it.
        whole: &'static str,
        /// What that was.
        of: Money,
    },
    /// More is deducted from the pay than there is.
    #[error("the deductions of {deductions} are more than the pay of {pay}")]
    DeductionsExceedPay {
        /// What is deducted before taxes.
        deductions: Money,
        /// What they are deducted from.
        pay: Money,
    },
}

/// A file of law that is wrong: which file, which table in it, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: [{table}] {problem}")]
pub struct TableError {
    /// The file, as `2026/federal.toml`.
    pub file: String,
    /// The table in it, as `income_tax.single`; empty for the file as a whole.
    pub table: String,
    /// What is wrong, in words.
    pub problem: String,
}

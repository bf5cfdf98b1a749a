//! What may be wrong with a parameter: a sentence for people, a stable word for clients.

use crate::money::MoneyError;
use crate::rate::RateError;

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// It has to be there.
    #[error("is missing")]
    Missing,
    /// Something has to be there.
    #[error("must not be null")]
    Null,
    /// Another JSON type.
    #[error("must be {expected}, not {found}")]
    WrongType {
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// No parameter of this change.
    #[error("is not known here: {}", known_are(.known))]
    Unknown {
        /// Those that are.
        known: Vec<&'static str>,
    },
    /// Not an amount of whole cents.
    #[error("{0}")]
    Money(MoneyError),
    /// Not a fraction.
    #[error("{0}")]
    Rate(RateError),
    /// Not an id.
    #[error("is not an id: ids are UUIDs")]
    NotAnId,
    /// Not a whole number.
    #[error("must be a whole number")]
    NotWhole,
    /// Not one of a closed list.
    #[error("must be one of: {}", .words.join(", "))]
    UnknownWord {
        /// The list.
        words: Vec<&'static str>,
    },
    /// Nothing where something is needed.
    #[error("must be more than zero")]
    NotPositive,
    /// Below zero where that means nothing.
    #[error("must not be negative")]
    Negative,
    /// Outside its range.
    #[error("must be between {least} and {most}")]
    OutOfRange {
        /// The least that it may be.
        least: &'static str,
        /// The most that it may be.
        most: &'static str,
    },
    /// A rule between parameters.
    #[error("{0}")]
    Together(&'static str),
}

fn known_are(known: &[&str]) -> String {
    if known.is_empty() { "this change has no parameters".to_owned() } else { format!("known are {}", known.join(", ")) }
}

impl ParameterError {
    /// A stable word for clients.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Null => "null",
            Self::WrongType { .. } => "wrong_type",
            Self::Unknown { .. } => "unknown_field",
            Self::Money(MoneyError::NotAnAmount) => "not_an_amount",
            Self::Money(MoneyError::TooManyDecimals) | Self::Rate(RateError::TooManyDecimals) => "too_many_decimals",
            Self::Money(MoneyError::TooLarge) => "too_large",
            Self::Rate(RateError::NotARate) => "not_a_rate",
            Self::NotAnId => "not_an_id",
            Self::NotWhole => "not_whole",
            Self::UnknownWord { .. } => "unknown_word",
            Self::NotPositive => "not_positive",
            Self::Negative => "negative",
            Self::OutOfRange { .. } | Self::Rate(RateError::OutOfRange) => "out_of_range",
            Self::Together(_) => "not_allowed_here",
        }
    }
}

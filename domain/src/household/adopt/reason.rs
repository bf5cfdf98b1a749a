//! Why a change cannot be made real.

use crate::calendar::Date;
use crate::household::error::HouseholdError;
use crate::money::Money;

/// Why a change of a scenario stays a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The household has no facts of this kind.
    #[error("{0}")]
    NoCounterpart(&'static str),
    /// It has ended.
    #[error("it was over on {0}")]
    Over(Date),
    /// It happened before the plan begins.
    #[error("it happened before this month, so that no figure of the scenario holds it: recorded balances say what came of it")]
    Past,
    /// It cannot be said ahead.
    #[error("{rule}: adopt it on {day}")]
    Future {
        /// When it can be.
        day: Date,
        /// Why not now.
        rule: &'static str,
    },
    /// What it is about, or names, is not there.
    #[error("{0} is not in the household, or no longer in use")]
    Gone(&'static str),
    /// Nothing would be another.
    #[error("it changes nothing: {0}")]
    NoEffect(&'static str),
    /// The facts are of this kind, but cannot say this.
    #[error("{0}")]
    NotSayable(String),
    /// A rule of the house forbids it.
    #[error("the household refuses it: {0}")]
    Refused(HouseholdError),
    /// Told as facts it would not come to the same.
    #[error("told as facts it would not come to the scenario's figures: {0}")]
    Differs(Difference),
}

impl Reason {
    /// A stable word for clients.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCounterpart(_) => "no_counterpart",
            Self::Over(_) => "over",
            Self::Past => "past",
            Self::Future { .. } => "future",
            Self::Gone(_) => "gone",
            Self::NoEffect(_) => "no_effect",
            Self::NotSayable(_) => "not_sayable",
            Self::Refused(_) => "refused",
            Self::Differs(_) => "differs",
        }
    }
}

impl From<HouseholdError> for Reason {
    fn from(refusal: HouseholdError) -> Self {
        Self::Refused(refusal)
    }
}

/// The first figure that would be another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The last day of its month.
    pub date: Date,
    /// Which figure.
    pub figure: &'static str,
    /// By how much it would be more.
    pub by: Money,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { date, figure, by } = self;
        if by.is_zero() {
            return write!(f, "{figure} would be another in the month to {date}");
        }
        let side = if by.is_negative() { "less" } else { "more" };
        write!(f, "{figure} would be {} {side} in the month to {date}", by.abs().grouped())
    }
}

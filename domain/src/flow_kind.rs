//! What a flow does, and what for: one word for entered, derived and projected flows alike.

use serde::{Deserialize, Serialize};

use crate::vocabulary::{ExpenseCategory, FlowType, IncomeCategory};

/// A flow's type with the category that belongs to it: which categories it may have follows from its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flow_type", content = "category", rename_all = "snake_case")]
pub enum FlowKind {
    /// Comes in from outside.
    Income(IncomeCategory),
    /// Goes out.
    Expense(ExpenseCategory),
    /// Moves between accounts of the household.
    Transfer,
}

impl FlowKind {
    /// Without its category.
    #[must_use]
    pub const fn flow_type(self) -> FlowType {
        match self {
            Self::Income(_) => FlowType::Income,
            Self::Expense(_) => FlowType::Expense,
            Self::Transfer => FlowType::Transfer,
        }
    }

    /// The category's word, where it has one.
    #[must_use]
    pub const fn category(self) -> Option<&'static str> {
        match self {
            Self::Income(category) => Some(category.as_str()),
            Self::Expense(category) => Some(category.as_str()),
            Self::Transfer => None,
        }
    }
}

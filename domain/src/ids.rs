//! A type for each kind of id, so that none can stand where another belongs.
//!
//! Ids of what people enter come in with the command (UUIDv7, made at the edge). Ids of system flows and of what the aggregate
//! opens by itself are UUIDv5 of household, source and kind: the same fact has the same id in every replay.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// A household: a stream of events, a shard, a wall.
    HouseholdId,
    /// Somebody who can log in.
    UserId,
    /// A person of a household.
    MemberId,
    /// An account or other thing of value, or a debt.
    AccountId,
    /// Accounts that belong together, such as a house and its mortgage.
    AssetGroupId,
    /// A source of income.
    IncomeId,
    /// A pre-tax or post-tax deduction of an income.
    DeductionId,
    /// A recurring flow, entered or derived.
    FlowId,
    /// A scenario, the baseline included.
    ScenarioId,
    /// A change of a scenario.
    ChangeId,
    /// What is to be reached.
    GoalId,
    /// Something that somebody decides.
    DecisionId,
}

impl HouseholdId {
    /// Its baseline, which is there from the opening on.
    #[must_use]
    pub fn baseline(self) -> ScenarioId {
        ScenarioId(self.derive(&["scenario", "baseline"]))
    }

    /// An id that follows from this household and some words, the same in every replay.
    #[must_use]
    pub fn derive(self, words: &[&str]) -> Uuid {
        Uuid::new_v5(&self.0, words.join("/").as_bytes())
    }
}

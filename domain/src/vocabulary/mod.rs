//! The words of the field, each listed once, a file for each subject: account types and their classes, categories and their groups,
//! statuses.
//!
//! Every enum here is spelled on the wire, in events and in the database exactly as in spec 02; [`words!`] keeps the spelling
//! beside the variant, so that parsing, printing and listing cannot disagree.

/// An enum whose variants are words: `ALL`, `as_str`, `parse`, serde and `Display` from one list.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one of them, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its place in [`Self::ALL`], from 0.
            #[must_use]
            #[expect(clippy::as_conversions, reason = "the discriminants of a list of words are 0, 1, 2 …")]
            pub const fn index(self) -> usize {
                self as usize
            }

            /// As it is written everywhere outside Rust.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one that is written so, if any is.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        // Not derived: utoipa's derive does not see through `$word`, and would describe the names that the variants have in Rust.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let words = utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
                words.enum_values(Some(Self::ALL.iter().map(|word| word.as_str()))).into()
            }
        }
        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

mod accounts;
mod expenses;
mod flows;
mod incomes;
mod pay;
mod people;
mod states;
mod withdrawals;

pub use self::accounts::{AccountClass, AccountType};
pub use self::expenses::ExpenseCategory;
pub use self::flows::{FlowType, SystemFlowKind};
pub use self::incomes::{IncomeCategory, IncomeType};
pub use self::pay::{PosttaxDeductionType, PretaxDeductionType, StateWithholdingMethod};
pub use self::people::{EmploymentStatus, FilingStatus, Relationship, Role};
pub use self::states::State;
pub use self::withdrawals::{WithdrawalOrder, WithdrawalSource};

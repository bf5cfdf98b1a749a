//! The closed lists that only changes know.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::parameter::{Parameter, ParameterError, Told, read_word};
use crate::payroll::DeductionType;
pub use crate::projection::sale::GainTax;
use crate::vocabulary::{AccountClass, AccountType, PosttaxDeductionType, PretaxDeductionType, words};

#[cfg(feature = "openapi")]
use super::parameter::NamedSchemas;
#[cfg(feature = "openapi")]
use utoipa::openapi::{RefOr, Schema};

words! {
    /// How an income is taxed.
    pub enum TaxTreatment {
        /// Through payroll: withholding, Social Security and Medicare.
        W2 => "w2",
        /// As profit: self-employment tax, and estimated payments.
        SelfEmployed => "self_employed",
        /// Not at all: it arrives as it is.
        Untaxed => "untaxed",
    }
}

impl TaxTreatment {
    /// In a sentence.
    pub(super) const fn said(self) -> &'static str {
        match self {
            Self::W2 => "taxed as wages",
            Self::SelfEmployed => "taxed as profit",
            Self::Untaxed => "untaxed",
        }
    }
}

words! {
    /// A kind of thing that a change can be about.
    pub enum SourceKind {
        /// A source of income.
        Income => "income",
        /// A flow.
        Flow => "flow",
        /// An account.
        Account => "account",
    }
}

words! {
    /// As what somebody works.
    pub enum Employment {
        /// An employee.
        W2 => "w2",
        /// One's own employer.
        SelfEmployed => "self_employed",
    }
}

words! {
    /// How a total is adjusted.
    pub enum AdjustMode {
        /// By an amount a month.
        Absolute => "absolute",
        /// By a fraction of it.
        Percent => "percent",
    }
}

words! {
    /// How the costs of closing a loan are paid.
    pub enum CostsPaid {
        /// Added to the loan.
        Financed => "financed",
        /// From the main cash account.
        Cash => "cash",
    }
}

/// Declares a choice that is written as a word: one of its own, or the word of a type that fits.
macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident of $fits:path { $($(#[$variant_doc:meta])* $variant:ident => $word:literal),+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// Those of one type.
            Type(AccountType),
        }

        impl $name {
            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ Self::Type(account_type) => account_type.as_str() }
            }
            /// The one that is written so, if any is.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => AccountType::parse(word).filter(|known| $fits(*known)).map(Self::Type) }
            }
            /// All words, in their order.
            fn words() -> impl Iterator<Item = &'static str> {
                let types = AccountType::ALL.iter().filter(|known| $fits(**known)).map(|known| known.as_str());
                [$($word),+].into_iter().chain(types)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl From<$name> for String {
            fn from(scope: $name) -> Self {
                scope.as_str().to_owned()
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(word: String) -> Result<Self, String> {
                Self::parse(&word).ok_or_else(|| format!("{word:?} is neither {} nor a type of account that fits", [$($word),+].join(", ")))
            }
        }
        impl Parameter for $name {
            fn read(told: &Told) -> Result<Self, ParameterError> {
                read_word(told, Self::parse, || Self::words().collect())
            }
            #[cfg(feature = "openapi")]
            fn schema(_: &mut NamedSchemas) -> RefOr<Schema> {
                one_of(Self::words())
            }
        }
    )+};
}

#[cfg(feature = "openapi")]
fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> RefOr<Schema> {
    let text = utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
    text.enum_values(Some(words.map(str::to_owned).collect::<Vec<_>>())).into()
}

/// What has a price on a market: investments, retirement accounts, and property.
const fn has_a_market_value(account_type: AccountType) -> bool {
    let class = account_type.class();
    matches!(class, AccountClass::Investment | AccountClass::Retirement) || class.is_property()
}

scopes! {
    /// Which debts.
    DebtScope of AccountType::is_liability {
        /// Every one.
        All => "all",
        /// Those whose rate is variable.
        Variable => "variable"
    }
    /// Which investments.
    InvestmentScope of has_a_market_value {
        /// Every investment and retirement account.
        All => "all"
    }
}

/// What is deducted from pay, before or after taxes, by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeductionWord(pub DeductionType);

impl DeductionWord {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self.0 {
            DeductionType::Pretax(kind) => kind.as_str(),
            DeductionType::Posttax(kind) => kind.as_str(),
        }
    }

    /// The one that is written so, if any is.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let pretax = PretaxDeductionType::parse(word).map(DeductionType::Pretax);
        pretax.or_else(|| PosttaxDeductionType::parse(word).map(DeductionType::Posttax)).map(Self)
    }

    fn words() -> impl Iterator<Item = &'static str> {
        let pretax = PretaxDeductionType::ALL.iter().map(|kind| kind.as_str());
        pretax.chain(PosttaxDeductionType::ALL.iter().map(|kind| kind.as_str()))
    }
}

impl From<DeductionWord> for String {
    fn from(word: DeductionWord) -> Self {
        word.as_str().to_owned()
    }
}
impl TryFrom<String> for DeductionWord {
    type Error = String;
    fn try_from(word: String) -> Result<Self, String> {
        Self::parse(&word).ok_or_else(|| format!("{word:?} is not a deduction"))
    }
}
impl Parameter for DeductionWord {
    fn read(told: &Told) -> Result<Self, ParameterError> {
        read_word(told, Self::parse, || Self::words().collect())
    }
    #[cfg(feature = "openapi")]
    fn schema(_: &mut NamedSchemas) -> RefOr<Schema> {
        one_of(Self::words())
    }
}

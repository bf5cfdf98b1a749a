//! Parameters of a change: how one is read from what was told, what it may be, and what of the household it refers to.
//!
//! A change type only lists its parameters with their types (see [`super::kind`]); everything that has to be known of a parameter
//! follows from its type and stands here. So a template, a search over "any numeric parameter" and an HTTP body read the same
//! parameters in the same way, with all problems at once. Deliberately absent: what the household has; a [`Reference`] says what is
//! to be looked up, and whoever has a household does so.

mod error;
pub(super) mod rules;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use uuid::Uuid;

pub use self::error::ParameterError;
use crate::calendar::Frequency;
use crate::ids::{AccountId, IncomeId, MemberId};
use crate::money::{Money, MoneyError, parse_decimal};
use crate::rate::Rate;
use crate::vocabulary::{AccountType, ExpenseCategory, IncomeCategory};

#[cfg(feature = "openapi")]
use utoipa::openapi::{RefOr, Schema};

/// Schemas that others refer to by their names.
#[cfg(feature = "openapi")]
pub type NamedSchemas = Vec<(String, RefOr<Schema>)>;

/// A value as it was told, before its type is known. A number is its characters: none passes through a float.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// As it was written.
    Number(String),
    /// A string.
    Text(String),
    /// An array or an object: no parameter is one.
    Structure(&'static str),
}

/// What was told, by name.
pub type Parameters = BTreeMap<String, Told>;

impl Told {
    /// What it is, for a sentence.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Structure(kind) => kind,
        }
    }

    /// The characters of a number, or of a string that should be one.
    fn number(&self) -> Option<&str> {
        match self {
            Self::Number(text) | Self::Text(text) => Some(text),
            Self::Null | Self::Flag(_) | Self::Structure(_) => None,
        }
    }
}

impl From<serde_json::Value> for Told {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(flag) => Self::Flag(flag),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(_) => Self::Structure("an array"),
            serde_json::Value::Object(_) => Self::Structure("an object"),
        }
    }
}

/// What a parameter refers to in the household, and what that has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// An account from which money comes or into which it goes: whatever is owned and is not the machinery's.
    Owned(AccountId),
    /// Any account into which money can be put aside, debts included.
    Any(AccountId),
    /// A debt.
    Debt(AccountId),
    /// A person.
    Member(MemberId),
    /// An income that is paid through payroll.
    WageIncome(IncomeId),
}

impl Reference {
    /// Of what is named.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Owned(id) | Self::Any(id) | Self::Debt(id) => id.0,
            Self::Member(id) => id.0,
            Self::WageIncome(id) => id.0,
        }
    }
}

/// What kind of number a parameter is: on it depends how finely it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// An amount: cents.
    Money,
    /// A fraction, or a rate a year.
    Fraction,
    /// A whole number: months.
    Whole,
    /// An amount or a fraction: the change's `mode` says which.
    AmountOrFraction,
}

/// A type that a parameter can have.
pub trait Parameter: Sized {
    /// Whether it has to be there.
    const REQUIRED: bool = true;
    /// What number it is that can be searched over; none where it is none.
    const NUMBER: Option<Number> = None;

    /// Reads a value that is there and not null.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(told: &Told) -> Result<Self, ParameterError>;

    /// What it means that it is not there (or null, where `null`).
    ///
    /// # Errors
    /// It has to be there.
    fn absent(null: bool) -> Result<Self, ParameterError> {
        Err(if null { ParameterError::Null } else { ParameterError::Missing })
    }

    /// What of the household it refers to.
    fn reference(&self) -> Option<Reference> {
        None
    }

    /// The same, where accounts are known by other ids.
    #[must_use]
    fn renamed(self, _account: &dyn Fn(AccountId) -> AccountId) -> Self {
        self
    }

    /// Its form in the OpenAPI document; what that refers to by name is added to `named`.
    #[cfg(feature = "openapi")]
    fn schema(named: &mut NamedSchemas) -> RefOr<Schema>;
}

impl<T: Parameter> Parameter for Option<T> {
    const REQUIRED: bool = false;
    const NUMBER: Option<Number> = T::NUMBER;

    fn read(told: &Told) -> Result<Self, ParameterError> {
        T::read(told).map(Some)
    }
    fn absent(_null: bool) -> Result<Self, ParameterError> {
        Ok(None)
    }
    fn reference(&self) -> Option<Reference> {
        self.as_ref().and_then(T::reference)
    }
    fn renamed(self, account: &dyn Fn(AccountId) -> AccountId) -> Self {
        self.map(|named| named.renamed(account))
    }
    #[cfg(feature = "openapi")]
    fn schema(named: &mut NamedSchemas) -> RefOr<Schema> {
        T::schema(named)
    }
}

/// A schema that others refer to by its name.
#[cfg(feature = "openapi")]
pub(super) fn by_name<T: utoipa::ToSchema>(named: &mut NamedSchemas) -> RefOr<Schema> {
    T::schemas(named);
    named.push((T::name().into_owned(), T::schema()));
    utoipa::openapi::Ref::from_schema_name(T::name()).into()
}

impl Parameter for Money {
    const NUMBER: Option<Number> = Some(Number::Money);

    fn read(told: &Told) -> Result<Self, ParameterError> {
        let text = told.number().ok_or(ParameterError::WrongType { expected: "an amount", found: told.kind() })?;
        Self::parse(text).map_err(ParameterError::Money)
    }
    #[cfg(feature = "openapi")]
    fn schema(named: &mut NamedSchemas) -> RefOr<Schema> {
        by_name::<Self>(named)
    }
}

impl Parameter for Rate {
    const NUMBER: Option<Number> = Some(Number::Fraction);

    fn read(told: &Told) -> Result<Self, ParameterError> {
        let text = told.number().ok_or(ParameterError::WrongType { expected: "a fraction", found: told.kind() })?;
        Self::parse(text).map_err(ParameterError::Rate)
    }
    #[cfg(feature = "openapi")]
    fn schema(named: &mut NamedSchemas) -> RefOr<Schema> {
        by_name::<Self>(named)
    }
}

impl Parameter for u16 {
    const NUMBER: Option<Number> = Some(Number::Whole);

    /// Digits; a number such as `36.0` is whole, too.
    fn read(told: &Told) -> Result<Self, ParameterError> {
        let text = told.number().ok_or(ParameterError::WrongType { expected: "a whole number", found: told.kind() })?;
        let whole = parse_decimal(text).filter(Decimal::is_integer).ok_or(ParameterError::NotWhole)?;
        Self::try_from(whole).map_err(|_| ParameterError::OutOfRange { least: "0", most: "65535" })
    }
    #[cfg(feature = "openapi")]
    fn schema(_: &mut NamedSchemas) -> RefOr<Schema> {
        <Self as utoipa::PartialSchema>::schema()
    }
}

/// An amount of money, or a fraction: which of the two, another parameter says.
impl Parameter for Decimal {
    const NUMBER: Option<Number> = Some(Number::AmountOrFraction);

    fn read(told: &Told) -> Result<Self, ParameterError> {
        let text = told.number().ok_or(ParameterError::WrongType { expected: "a number", found: told.kind() })?;
        parse_decimal(text).map(|number| number.normalize()).ok_or(ParameterError::Money(MoneyError::NotAnAmount))
    }
    #[cfg(feature = "openapi")]
    fn schema(named: &mut NamedSchemas) -> RefOr<Schema> {
        by_name::<Money>(named)
    }
}

/// Reads one of a closed list of words.
pub(super) fn read_word<T>(
    told: &Told,
    parse: impl Fn(&str) -> Option<T>,
    words: impl FnOnce() -> Vec<&'static str>,
) -> Result<T, ParameterError> {
    match told {
        Told::Text(text) => parse(text).ok_or_else(|| ParameterError::UnknownWord { words: words() }),
        Told::Null | Told::Flag(_) | Told::Number(_) | Told::Structure(_) => {
            Err(ParameterError::WrongType { expected: "one of its words, as a string", found: told.kind() })
        }
    }
}

macro_rules! words_as_parameters {
    ($($words:ty),+ $(,)?) => {$(
        impl Parameter for $words {
            fn read(told: &Told) -> Result<Self, ParameterError> {
                read_word(told, Self::parse, || Self::ALL.iter().map(|word| word.as_str()).collect())
            }
            #[cfg(feature = "openapi")]
            fn schema(named: &mut NamedSchemas) -> RefOr<Schema> {
                by_name::<Self>(named)
            }
        }
    )+};
}
words_as_parameters!(
    Frequency,
    IncomeCategory,
    ExpenseCategory,
    AccountType,
    super::words::TaxTreatment,
    super::words::Employment,
    super::words::AdjustMode,
    super::words::GainTax,
    super::words::CostsPaid,
);

fn read_id(told: &Told) -> Result<Uuid, ParameterError> {
    match told {
        Told::Text(text) => Uuid::try_parse(text).map_err(|_| ParameterError::NotAnId),
        Told::Null | Told::Flag(_) | Told::Number(_) | Told::Structure(_) => {
            Err(ParameterError::WrongType { expected: "an id, as a string", found: told.kind() })
        }
    }
}

/// An id that may be an account's.
trait Id {
    fn known_as(self, account: &dyn Fn(AccountId) -> AccountId) -> Self;
}
impl Id for AccountId {
    fn known_as(self, account: &dyn Fn(AccountId) -> AccountId) -> Self {
        account(self)
    }
}
impl Id for MemberId {
    fn known_as(self, _: &dyn Fn(AccountId) -> AccountId) -> Self {
        self
    }
}
impl Id for IncomeId {
    fn known_as(self, _: &dyn Fn(AccountId) -> AccountId) -> Self {
        self
    }
}

/// Ids with what they have to be: the type of a parameter says which look-up it needs.
macro_rules! references {
    ($($(#[$doc:meta])* $name:ident($id:ty) => $reference:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $id);

        impl Parameter for $name {
            fn read(told: &Told) -> Result<Self, ParameterError> {
                read_id(told).map(|id| Self(<$id>::from(id)))
            }
            fn reference(&self) -> Option<Reference> {
                Some(Reference::$reference(self.0))
            }
            fn renamed(self, account: &dyn Fn(AccountId) -> AccountId) -> Self {
                Self(self.0.known_as(account))
            }
            #[cfg(feature = "openapi")]
            fn schema(named: &mut NamedSchemas) -> RefOr<Schema> {
                by_name::<$id>(named)
            }
        }
    )+};
}
references! {
    /// An account that is owned.
    OwnedAccount(AccountId) => Owned,
    /// An account into which money can be put aside.
    TargetAccount(AccountId) => Any,
    /// A debt.
    DebtAccount(AccountId) => Debt,
    /// A person.
    OneMember(MemberId) => Member,
    /// An income that is paid through payroll.
    WageIncome(IncomeId) => WageIncome,
}

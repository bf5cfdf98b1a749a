//! The types that a field can have: how each is read from text, and what its schema is.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::calendar::{Date, Instant, Month};
use domain::money::{Money, MoneyError};
use domain::rate::{Rate, RateError};
use domain::text::{Line, TextError};
use rust_decimal::Decimal;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use uuid::Uuid;

use super::at::At;
use super::schema::{Schemas, nullable};
use super::value::Value;
use super::{Body, FromField, from_object};

/// A free text may have this many characters, where its type says no other limit.
const LONGEST_TEXT: usize = 4000;
/// A list in a body may have this many elements.
const MOST_ELEMENTS: usize = 10_000;

/// "must be a string, not a number".
fn wrong_type<T>(value: Value<'_>, expected: &str, at: At<'_>) -> Option<T> {
    at.refuse("wrong_type", format!("must be {expected}, not {}", value.kind().with_article()))
}

fn string_schema(format: Option<KnownFormat>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(format.map(SchemaFormat::KnownFormat)).into()
}

/// What stands in a PATCH for a field that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not mentioned: leave it.
    #[default]
    Absent,
    /// `null`: empty it.
    Null,
    /// Set it.
    Value(T),
}

impl<T> Patch<T> {
    /// `None` to leave it, `Some(None)` to empty it, `Some(Some(value))` to set it.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }
}

/// What stands in a PATCH for a field that cannot be emptied: `None` leaves it, and `null` is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Given<T>(pub Option<T>);

impl<T: FromField> FromField for Option<T> {
    const REQUIRED: bool = false;

    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        T::read(value, at).map(Some)
    }
    fn absent(_: At<'_>) -> Option<Self> {
        Some(None)
    }
    fn null(_: At<'_>) -> Option<Self> {
        Some(None)
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        nullable(T::schema(schemas))
    }
}

impl<T: FromField> FromField for Patch<T> {
    const REQUIRED: bool = false;

    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        T::read(value, at).map(Self::Value)
    }
    fn absent(_: At<'_>) -> Option<Self> {
        Some(Self::Absent)
    }
    fn null(_: At<'_>) -> Option<Self> {
        Some(Self::Null)
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        nullable(T::schema(schemas))
    }
}

impl<T: FromField> FromField for Given<T> {
    const REQUIRED: bool = false;

    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        T::read(value, at).map(|value| Self(Some(value)))
    }
    fn absent(_: At<'_>) -> Option<Self> {
        Some(Self(None))
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        T::schema(schemas)
    }
}

impl<T: FromField> FromField for Box<T> {
    const REQUIRED: bool = T::REQUIRED;

    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        T::read(value, at).map(Self::new)
    }
    fn absent(at: At<'_>) -> Option<Self> {
        T::absent(at).map(Self::new)
    }
    fn null(at: At<'_>) -> Option<Self> {
        T::null(at).map(Self::new)
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        T::schema(schemas)
    }
}

impl<T: FromField> FromField for Vec<T> {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(elements) = value.elements() else { return wrong_type(value, "an array", at) };
        if elements.len() > MOST_ELEMENTS {
            return at.refuse("too_many", format!("must have at most {MOST_ELEMENTS} elements"));
        }
        // Every element is read, so that all problems are found, before one that failed ends it.
        let read: Vec<Option<T>> = elements
            .into_iter()
            .enumerate()
            .map(|(index, element)| {
                let at = at.element(index);
                if element.kind() == super::Kind::Null { T::null(at) } else { T::read(element, at) }
            })
            .collect();
        read.into_iter().collect()
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        ArrayBuilder::new().items(T::schema(schemas)).max_items(Some(MOST_ELEMENTS)).into()
    }
}

impl<T: FromField> FromField for BTreeMap<String, T> {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(object) = value.object() else { return wrong_type(value, "an object", at) };
        object.refuse_repeated(at);
        let read: Vec<Option<(String, T)>> =
            object.iter().map(|(name, _)| object.read::<T>(name, at).map(|value| (name.to_owned(), value))).collect();
        read.into_iter().collect()
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(T::schema(schemas))).into()
    }
}

impl FromField for bool {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        match (value.boolean(), value) {
            (Some(answer), _) => Some(answer),
            (None, Value::Text(_)) => at.refuse("wrong_type", "must be true or false"),
            (None, Value::Json(_)) => wrong_type(value, "true or false", at),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

impl FromField for String {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let text = read_text(value, at)?;
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            return at.refuse("control_character", TextError::ControlCharacter.to_string());
        }
        if text.chars().count() > LONGEST_TEXT {
            return at.refuse("too_long", TextError::TooLong { max: LONGEST_TEXT }.to_string());
        }
        Some(text.into_owned())
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).max_length(Some(LONGEST_TEXT)).into()
    }
}

fn read_text<'a>(value: Value<'a>, at: At<'_>) -> Option<std::borrow::Cow<'a, str>> {
    match value.string() {
        Some(text) => Some(text),
        None if value.kind() == super::Kind::String => at.refuse("not_text", "is not Unicode text: half a surrogate pair"),
        None => wrong_type(value, "a string", at),
    }
}

impl<const MAX: usize> FromField for Line<MAX> {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let text = read_text(value, at)?;
        Self::parse(&text).map_or_else(
            |error| {
                let code = match error {
                    TextError::Empty => "empty",
                    TextError::TooLong { .. } => "too_long",
                    TextError::ControlCharacter => "control_character",
                };
                at.refuse(code, error.to_string())
            },
            Some,
        )
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        <Self as utoipa::PartialSchema>::schema()
    }
}

impl FromField for Money {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.decimal() else { return wrong_type(value, "an amount such as \"96000.00\"", at) };
        Self::parse(&text).map_or_else(
            |error| {
                let code = match error {
                    MoneyError::NotAnAmount => "not_an_amount",
                    MoneyError::TooManyDecimals => "too_many_decimals",
                    MoneyError::TooLarge => "too_large",
                };
                at.refuse(code, error.to_string())
            },
            Some,
        )
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        schemas.of::<Self>()
    }
}

/// A decimal whose meaning another field decides: whole cents or a fraction.
impl FromField for Decimal {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.decimal() else { return wrong_type(value, "a number such as \"0.06\" or \"250.00\"", at) };
        domain::money::parse_decimal(&text).map_or_else(|| at.refuse("not_a_number", "must be a decimal number"), Some)
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^-?\d+(\.\d+)?$")).into()
    }
}

impl FromField for Rate {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.decimal() else { return wrong_type(value, "a rate such as \"0.065\"", at) };
        Self::parse(&text).map_or_else(
            |error| {
                let code = match error {
                    RateError::NotARate => "not_a_rate",
                    RateError::TooManyDecimals => "too_many_decimals",
                    RateError::OutOfRange => "out_of_range",
                };
                at.refuse(code, error.to_string())
            },
            Some,
        )
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        schemas.of::<Self>()
    }
}

impl FromField for Date {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.string() else { return wrong_type(value, "a date such as \"2026-01-31\"", at) };
        match parse_date(&text) {
            Some(date) => Some(date),
            None => at.refuse("not_a_date", "is not a date of the calendar: write it as YYYY-MM-DD, such as \"2026-01-31\""),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        string_schema(Some(KnownFormat::Date))
    }
}

/// A day of the calendar, written `YYYY-MM-DD`. Ten characters: chrono alone would also read "2026-1-5" and a year of five digits;
/// and it knows a year 0, which the calendar (and PostgreSQL) does not.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == 10 && text.starts_with(|c: char| c.is_ascii_digit()) && date.year() > 0).then_some(date)
}

impl FromField for Month {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.string() else { return wrong_type(value, "a month such as \"2026-11\"", at) };
        match Self::try_from(text.clone().into_owned()) {
            Ok(month) if text.len() == 7 => Some(month),
            _ => at.refuse("not_a_month", "is not a month: write it as YYYY-MM, such as \"2026-11\""),
        }
    }
    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        schemas.of::<Self>()
    }
}

impl FromField for Instant {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.string() else { return wrong_type(value, "an instant such as \"2026-01-31T12:00:00Z\"", at) };
        match chrono::DateTime::parse_from_rfc3339(&text) {
            Ok(instant) => Some(instant.to_utc()),
            Err(_) => at.refuse("not_an_instant", "is not an instant: write it as RFC 3339, such as \"2026-01-31T12:00:00Z\""),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        string_schema(Some(KnownFormat::DateTime))
    }
}

impl FromField for Uuid {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.string() else { return wrong_type(value, "an id", at) };
        // The hyphenated form only: whoever compares ids as text must not meet two spellings of one.
        match Self::try_parse(&text) {
            Ok(id) if text.len() == 36 => Some(id),
            _ => at.refuse("not_an_id", "is not an id: ids are UUIDs such as \"01890a5d-ac96-774b-bcce-b302099a8057\""),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        string_schema(Some(KnownFormat::Uuid))
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Between<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Between<MIN, MAX> {
    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The number, where a length or a count is needed; numbers below zero give zero.
    #[must_use]
    pub fn to_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }
}

/// The text of a whole number, JSON's or a query parameter's; `1.0` and `1e2` are not written as whole numbers and are refused.
fn read_integer(value: Value<'_>, min: i128, max: i128, at: At<'_>) -> Option<i128> {
    let Some(text) = value.number() else { return wrong_type(value, "a whole number", at) };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return at.refuse("not_an_integer", "must be a whole number");
    }
    match text.parse::<i128>() {
        Ok(number) if (min..=max).contains(&number) => Some(number),
        _ => at.refuse("out_of_range", format!("must be from {min} to {max}")),
    }
}

impl<const MIN: i64, const MAX: i64> FromField for Between<MIN, MAX> {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let number = read_integer(value, i128::from(MIN), i128::from(MAX), at)?;
        i64::try_from(number).ok().map(Self)
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(number(MIN)).maximum(number(MAX)).into()
    }
}

/// A bound of a schema; utoipa has no signed 64-bit numbers, and no bound of ours needs them.
fn number(bound: i64) -> Option<isize> {
    isize::try_from(bound).ok()
}

macro_rules! integers {
    ($($integer:ty),+) => {$(
        impl FromField for $integer {
            fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
                let number = read_integer(value, i128::from(<$integer>::MIN), i128::from(<$integer>::MAX), at)?;
                <$integer>::try_from(number).ok()
            }
            fn schema(_: &mut Schemas) -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::Integer).minimum(i64::try_from(<$integer>::MIN).ok().and_then(number)).into()
            }
        }
    )+};
}
integers!(u8, u16, u32, u64, i32, i64);

/// A body that reads itself from query parameters needs no JSON at all.
pub(super) fn from_query<B: Body>(query: &str) -> Result<B, Vec<crate::problem::FieldError>> {
    let pairs: Vec<(String, String)> = url_pairs(query);
    let object = super::Object::from_pairs(pairs.iter().map(|(name, value)| (name.clone(), Value::Text(value))));
    from_object(&object)
}

fn url_pairs(query: &str) -> Vec<(String, String)> {
    // serde_urlencoded cannot fail on pairs of strings but for broken percent-escapes, which it replaces.
    actix_web::web::Query::<Vec<(String, String)>>::from_query(query).map(actix_web::web::Query::into_inner).unwrap_or_default()
}

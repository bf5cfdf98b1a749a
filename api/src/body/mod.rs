//! Request bodies: declared once, read with all their problems at once, described in the OpenAPI document by the same lines.
//!
//! # How a route file looks
//! One file per resource under `routes/`: body → command, view → body. It holds no rule and no SQL.
//!
//! ```text
//! body! {
//!     /// Opens an account.
//!     pub struct NewAccount {
//!         /// What the household calls it.
//!         name: Name,
//!         /// What it is.
//!         account_type: AccountType,
//!         /// What is in it, or owed.
//!         current_balance: Option<Money>,
//!         /// When that was so; today where left out.
//!         as_of_date: Option<Date>,
//!         /// Terms, where it is a debt.
//!         liability: Option<LiabilityTerms>,       // another body!
//!     }
//! }
//!
//! body! {
//!     /// Which accounts to list.
//!     pub struct AccountList { limit: Option<Limit>, cursor: Option<CursorText>, member_id: Option<MemberId> }
//! }
//!
//! /// An account, as it goes out.
//! #[derive(Serialize, ToSchema)]
//! pub struct AccountView { id: AccountId, name: Name, current_balance: Money }
//!
//! pub fn routes() -> Routes {
//!     Routes::tagged("accounts")
//!         .get("/api/v1/accounts", list, Doc::query("List the accounts").parameters::<AccountList>().lists::<AccountView>())
//!         .post("/api/v1/accounts", open, Doc::command("Open an account").body::<NewAccount>().creates::<AccountView>())
//!         .get("/api/v1/accounts/{id}", show, Doc::query("Show an account").answers::<AccountView>())
//! }
//!
//! async fn open(request: CommandRequest, new: Json<NewAccount>) -> Result<Answer, Problem> { … }
//! async fn list(caller: Caller, household: HouseholdChoice, list: Query<AccountList>) -> Result<Answer, Problem> { … }
//! async fn show(caller: Caller, household: HouseholdChoice, id: Path<AccountId>) -> Result<Answer, Problem> { … }
//! ```
//!
//! # What a field's type says
//! | type | absent | null | otherwise |
//! |---|---|---|---|
//! | `T` | missing | refused | read |
//! | `Option<T>` | `None` | `None` | read |
//! | [`Given<T>`] (a field of a PATCH that cannot be emptied) | `Given(None)` | refused | read |
//! | [`Patch<T>`] (a field of a PATCH that can) | `Absent` | `Null` | read |
//!
//! A rule about one field stands behind its type, by a name of [`rules`]: `amount: Money where positive`. One that needs two fields
//! stands behind the struct: `check |flow, at| if … { at.refuse_field("end_date", "ends_before_start", "…") }`;
//! it runs where each field by itself is good. A field whose name is a Rust keyword is written `kind as "type": …`.
//!
//! # Why our own reader
//! serde stops at the first problem, and would read a number into a float before [`Money`](domain::money::Money) sees it. Here a
//! number is parsed from its text by the type that it becomes. Deliberately absent: defaults (they are the domain's), and rules
//! that need to know the household.

mod at;
mod extract;
mod fields;
pub mod rules;
mod schema;
mod value;
mod words;

pub use at::{At, Problems};
pub use extract::{BODY_LIMIT_BYTES, Digest, Json, JsonOrCsv, Query, Upload};
pub use fields::{Between, Given, Patch, parse_date};
pub use schema::{Property, Schemas, described, nullable, object};
pub use value::{Kind, Object, Value};

use utoipa::openapi::{RefOr, Schema};

use crate::problem::FieldError;

/// A type that a field can have.
pub trait FromField: Sized {
    /// Whether a body without the field is refused.
    const REQUIRED: bool = true;

    /// Reads a value that is there and not null; notes what is wrong with it.
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self>;

    /// What it means that the field is not there.
    fn absent(at: At<'_>) -> Option<Self> {
        at.refuse("missing", "is missing")
    }

    /// What it means that the field is null.
    fn null(at: At<'_>) -> Option<Self> {
        at.refuse("null", "must not be null")
    }

    /// Its form, for the OpenAPI document.
    fn schema(schemas: &mut Schemas) -> RefOr<Schema>;
}

/// The body of a request, or its query parameters. Made by [`body!`].
pub trait Body: FromField {
    /// The fields, as they are written on the wire.
    const FIELDS: &'static [&'static str];

    /// Reads all fields, and notes every problem of every one.
    fn read_object(object: &Object<'_>, at: At<'_>) -> Option<Self>;

    /// The fields, for the OpenAPI document.
    fn properties(schemas: &mut Schemas) -> Vec<Property>;
}

/// Reads a body from fields.
///
/// # Errors
/// Every field at fault.
pub fn from_object<B: Body>(object: &Object<'_>) -> Result<B, Vec<FieldError>> {
    let problems = Problems::default();
    let body = B::read_object(object, problems.root());
    match (body, problems.into_errors()) {
        (Some(body), errors) if errors.is_empty() => Ok(body),
        (_, errors) => Err(errors),
    }
}

/// Reads a body from a well-formed JSON value.
///
/// # Errors
/// Every field at fault.
pub fn from_value<B: Body>(value: Value<'_>) -> Result<B, Vec<FieldError>> {
    match value.object() {
        Some(object) => from_object(&object),
        None if value.kind() == Kind::Object => Err(vec![FieldError::new("", "not_text", "has a field whose name is not Unicode text")]),
        None => Err(vec![FieldError::new("", "wrong_type", format!("must be a JSON object, not {}", value.kind().with_article()))]),
    }
}

/// Declares a body: the struct, its reader and its schema. See the module's documentation.
macro_rules! body {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident { $( $(#[doc = $field_doc:literal])* $field:ident $(as $wire:literal)? : $type:ty $(where $rule:ident)? ),* $(,)? }
        $(check $check:expr)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name { $( $(#[doc = $field_doc])* #[allow(missing_docs, reason = "said by the type")] pub $field: $type ),* }

        impl $crate::body::Body for $name {
            const FIELDS: &'static [&'static str] = &[$( $crate::body::wire_name!($field $($wire)?) ),*];

            fn read_object(object: &$crate::body::Object<'_>, at: $crate::body::At<'_>) -> Option<Self> {
                object.refuse_others(<Self as $crate::body::Body>::FIELDS, at);
                $(
                    let name = $crate::body::wire_name!($field $($wire)?);
                    let $field = object.read::<$type>(name, at);
                    $( if let Some(value) = &$field { $crate::body::rules::$rule(value, at.field(name)); } )?
                )*
                let body = Self { $( $field: $field? ),* };
                $(
                    let check: fn(&Self, $crate::body::At<'_>) = $check;
                    check(&body, at);
                )?
                Some(body)
            }

            fn properties(schemas: &mut $crate::body::Schemas) -> Vec<$crate::body::Property> {
                let _ = &schemas; // a body without fields describes none
                vec![$( $crate::body::Property {
                    name: $crate::body::wire_name!($field $($wire)?),
                    doc: concat!($($field_doc, "\n"),*),
                    schema: <$type as $crate::body::FromField>::schema(schemas),
                    required: <$type as $crate::body::FromField>::REQUIRED,
                } ),*]
            }
        }

        impl $crate::body::FromField for $name {
            fn read(value: $crate::body::Value<'_>, at: $crate::body::At<'_>) -> Option<Self> {
                match value.object() {
                    Some(object) => <Self as $crate::body::Body>::read_object(&object, at),
                    None => at.refuse("wrong_type", format!("must be an object, not {}", value.kind().with_article())),
                }
            }

            fn schema(schemas: &mut $crate::body::Schemas) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                schemas.named(stringify!($name).to_owned(), |schemas| {
                    let properties = <Self as $crate::body::Body>::properties(schemas);
                    $crate::body::object(concat!($($doc, "\n"),*), properties)
                })
            }
        }
    };
}

macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

pub(crate) use {body, wire_name};

body! {
    /// No fields: the body may be left out.
    pub struct Nothing {}
}

#[cfg(test)]
mod tests;

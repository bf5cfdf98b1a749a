//! How the scalars of the domain look in the OpenAPI document. Beside the types, because Rust lets nobody else say it; behind a
//! feature, because whoever only computes needs no document.

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::calendar::Month;
use crate::ids;
use crate::money::Money;
use crate::rate::Rate;
use crate::text::Line;

fn text(pattern: &str, example: &str, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).description(Some(description)).examples([example]).into()
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        let limit = Money::LIMIT;
        text(
            r"^-?\d{1,14}(\.\d{1,2})?$",
            "96000.00",
            &format!("An amount in the household's currency, as decimal text with at most two decimals, between -{limit} and {limit}."),
        )
    }
}
impl ToSchema for Money {}

impl PartialSchema for Rate {
    fn schema() -> RefOr<Schema> {
        text(r"^-?\d{1,2}(\.\d{1,12})?$", "0.065", "A fraction, as decimal text: 0.065 is 6.5 %. Between -10 and 10.")
    }
}
impl ToSchema for Rate {}

impl PartialSchema for Month {
    fn schema() -> RefOr<Schema> {
        text(r"^\d{4}-\d{2}$", "2026-11", "A calendar month.")
    }
}
impl ToSchema for Month {}

impl<const MAX: usize> PartialSchema for Line<MAX> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(MAX)).into()
    }
}
impl<const MAX: usize> ToSchema for Line<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }
}

macro_rules! uuids {
    ($($id:ident),+ $(,)?) => {$(
        impl PartialSchema for ids::$id {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
            }
        }
        impl ToSchema for ids::$id {}
    )+};
}
uuids!(HouseholdId, UserId, MemberId, AccountId, AssetGroupId, IncomeId, DeductionId, FlowId, ScenarioId, ChangeId, GoalId, DecisionId);

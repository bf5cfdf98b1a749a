//! What is said of a change of a scenario: bodies → commands.
//!
//! The engine's own table of changes says which parameters a type has; they are read by it, together with the rest of the body, so that
//! all its problems are told at once, and described from it in the OpenAPI document.

use domain::calendar::Date;
use domain::household::command::{ChangePatch, NewChange};
use domain::ids::{ChangeId, ScenarioId};
use domain::projection::changes::parameter::{Parameters, Told};
use domain::projection::changes::words::SourceKind;
use domain::projection::changes::{ChangeKind, ChangeType, Source};
use domain::text::{Name, Notes};
use utoipa::openapi::schema::{AnyOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use crate::body::{At, Between, Body, FromField, Given, Kind, Object, Patch, Property, Schemas, Value, body, object};

/// As an order is read; the domain has the last word.
type Order = Between<0, 1_000_000>;

body! {
    /// What a change is about.
    pub struct SourceBody {
        /// What it is.
        kind as "type": SourceKind,
        /// Which one.
        id: Uuid,
    }
}

impl From<SourceBody> for Source {
    fn from(body: SourceBody) -> Self {
        Self::of(body.kind, body.id)
    }
}

/// Parameters as they were told: which there may be, and what they may be, follows from the type of the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldParameters(Parameters);

impl ToldParameters {
    /// By name.
    #[must_use]
    pub fn into_inner(self) -> Parameters {
        self.0
    }
}

impl FromField for ToldParameters {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(object) = value.object() else {
            return at.refuse("wrong_type", format!("must be an object, not {}", value.kind().with_article()));
        };
        object.refuse_repeated(at);
        Some(Self(object.iter().map(|(name, value)| (name.to_owned(), told(value))).collect()))
    }

    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        schemas.named("ChangeParameters".to_owned(), |schemas| {
            let each = ChangeType::ALL.iter().map(|change_type| parameters_of(*change_type, schemas));
            let description = "As the change_type has them; on a PATCH, those that are mentioned, and null takes one away.";
            let any = AnyOfBuilder::new().schema_type(Type::Object).description(Some(description));
            each.fold(any, AnyOfBuilder::item).into()
        })
    }
}

/// `AddIncomeParameters`: the parameters of one type.
fn parameters_of(change_type: ChangeType, schemas: &mut Schemas) -> RefOr<Schema> {
    let pascal = change_type.as_str().split('_').flat_map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
    });
    let name: String = pascal.chain("Parameters".chars()).collect();
    schemas.named(name, |schemas| {
        let properties = change_type.parameters().iter().map(|parameter| Property {
            name: parameter.name,
            doc: parameter.doc,
            schema: schemas.bringing(parameter.schema),
            required: parameter.required,
        });
        object(&format!("{} Parameters of {change_type}.", change_type.doc()), properties.collect())
    })
}

/// A value as it was told.
pub(super) fn told(value: Value<'_>) -> Told {
    match value.kind() {
        Kind::Null => Told::Null,
        Kind::Boolean => Told::Flag(value.boolean().unwrap_or_default()),
        Kind::Number => Told::Number(value.number().unwrap_or_default().to_owned()),
        Kind::String => value.string().map_or(Told::Structure("text that is not Unicode"), |text| Told::Text(text.into_owned())),
        Kind::Array => Told::Structure("an array"),
        Kind::Object => Told::Structure("an object"),
    }
}

/// A new change. Written out, since its parameters are read by another field.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChangeBody {
    name: Name,
    effective_date: Date,
    end_date: Option<Date>,
    enabled: Option<bool>,
    order: Option<Order>,
    notes: Option<Notes>,
    source: Option<SourceBody>,
    kind: ChangeKind,
}

impl Body for NewChangeBody {
    const FIELDS: &'static [&'static str] =
        &["change_type", "name", "effective_date", "end_date", "enabled", "order", "notes", "source", "parameters"];

    fn read_object(object: &Object<'_>, at: At<'_>) -> Option<Self> {
        object.refuse_others(Self::FIELDS, at);
        let change_type = object.read::<ChangeType>("change_type", at);
        let parameters = object.read::<Option<ToldParameters>>("parameters", at);
        let kind = change_type.zip(parameters).and_then(|(change_type, told)| read_kind(change_type, told, at));
        let name = object.read("name", at);
        let effective_date = object.read("effective_date", at);
        let end_date = object.read("end_date", at);
        let enabled = object.read("enabled", at);
        let order = object.read("order", at);
        let notes = object.read("notes", at);
        let source = object.read("source", at);
        Some(Self {
            name: name?,
            effective_date: effective_date?,
            end_date: end_date?,
            enabled: enabled?,
            order: order?,
            notes: notes?,
            source: source?,
            kind: kind?,
        })
    }

    fn properties(schemas: &mut Schemas) -> Vec<Property> {
        fn property<T: FromField>(name: &'static str, doc: &'static str, schemas: &mut Schemas) -> Property {
            Property { name, doc, schema: T::schema(schemas), required: T::REQUIRED }
        }
        vec![
            property::<ChangeType>("change_type", "What it does.", schemas),
            property::<Name>("name", "What it is called.", schemas),
            property::<Date>("effective_date", "It holds from this day on; its month counts whole.", schemas),
            property::<Option<Date>>("end_date", "To this day, included; only of what does not happen once.", schemas),
            property::<Option<bool>>("enabled", "A disabled change is as if it were not there; true where left out.", schemas),
            property::<Option<Order>>("order", "Among those of one day, smallest first; behind all others where left out.", schemas),
            property::<Option<Notes>>("notes", "What somebody wanted to remember.", schemas),
            property::<Option<SourceBody>>("source", "What it is about.", schemas),
            property::<Option<ToldParameters>>("parameters", "", schemas),
        ]
    }
}

fn read_kind(change_type: ChangeType, told: Option<ToldParameters>, at: At<'_>) -> Option<ChangeKind> {
    let parameters = told.map(|told| told.0).unwrap_or_default();
    match change_type.read(&parameters) {
        Ok(kind) => Some(kind),
        Err(problems) => {
            let at = at.field("parameters");
            problems.iter().for_each(|(field, problem)| at.refuse_field(field, problem.code(), problem.to_string()));
            None
        }
    }
}

impl FromField for NewChangeBody {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        match value.object() {
            Some(object) => Self::read_object(&object, at),
            None => at.refuse("wrong_type", format!("must be an object, not {}", value.kind().with_article())),
        }
    }

    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        schemas.named("NewScenarioChange".to_owned(), |schemas| {
            let properties = Self::properties(schemas);
            object("Lets a scenario do something differently.", properties)
        })
    }
}

impl From<NewChangeBody> for NewChange {
    fn from(body: NewChangeBody) -> Self {
        Self {
            name: body.name,
            effective_date: body.effective_date,
            end_date: body.end_date,
            enabled: body.enabled.unwrap_or(true),
            order: body.order.map(to_u32),
            notes: body.notes,
            source: body.source.map(Source::from),
            kind: body.kind,
        }
    }
}

body! {
    /// Changes a change; what is not mentioned stays.
    pub struct ChangePatchBody {
        /// What it does; another type needs its own parameters.
        change_type: Given<ChangeType>,
        /// What it is called.
        name: Given<Name>,
        /// It holds from this day on.
        effective_date: Given<Date>,
        /// To this day, included.
        end_date: Patch<Date>,
        /// A disabled change is as if it were not there.
        enabled: Given<bool>,
        /// Among those of one day, smallest first.
        order: Given<Order>,
        /// What somebody wanted to remember.
        notes: Patch<Notes>,
        /// What it is about.
        source: Patch<SourceBody>,
        /// Those that are mentioned change; null takes one away.
        parameters: Given<ToldParameters>,
    }
}

impl From<ChangePatchBody> for ChangePatch {
    fn from(body: ChangePatchBody) -> Self {
        Self {
            name: body.name.0,
            effective_date: body.effective_date.0,
            end_date: body.end_date.into_option(),
            enabled: body.enabled.0,
            order: body.order.0.map(to_u32),
            notes: body.notes.into_option(),
            source: body.source.into_option().map(|source| source.map(Source::from)),
            change_type: body.change_type.0,
            parameters: body.parameters.0.map(|told| told.0),
        }
    }
}

body! {
    /// Merges another scenario into this one.
    pub struct MergeFrom {
        /// The one whose changes are copied.
        source_scenario_id: ScenarioId,
    }
}

body! {
    /// Puts the changes of a scenario in another order.
    pub struct ChangeOrder {
        /// Every change of the scenario, each once, in the order in which those of one day take effect.
        change_ids: Vec<ChangeId>,
    }
}

fn to_u32<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> u32 {
    u32::try_from(number.get()).unwrap_or(u32::MAX)
}

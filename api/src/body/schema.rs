//! The schemas of the OpenAPI document, collected while the routes are described.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

/// Named schemas, each once. Two different ones of one name would make the document lie: they are remembered as a clash, and a
/// test says that there is none.
#[derive(Default)]
pub struct Schemas {
    named: BTreeMap<String, RefOr<Schema>>,
    clashes: Vec<String>,
}

impl Schemas {
    /// The schema of a type that knows its own, as a reference to the named ones.
    pub fn of<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        for (name, schema) in nested {
            self.insert(name, schema);
        }
        self.named(T::name().into_owned(), |_| T::schema())
    }

    /// A reference to the schema of this name, which `describe` makes where it is not there yet.
    pub fn named(&mut self, name: String, describe: impl FnOnce(&mut Self) -> RefOr<Schema>) -> RefOr<Schema> {
        let schema = describe(self);
        self.insert(name.clone(), schema);
        Ref::from_schema_name(name).into()
    }

    /// A schema that brings those with it that it refers to by name.
    pub fn bringing(&mut self, make: impl FnOnce(&mut Vec<(String, RefOr<Schema>)>) -> RefOr<Schema>) -> RefOr<Schema> {
        let mut nested = Vec::new();
        let schema = make(&mut nested);
        for (name, schema) in nested {
            self.insert(name, schema);
        }
        schema
    }

    fn insert(&mut self, name: String, schema: RefOr<Schema>) {
        match self.named.get(&name) {
            Some(there) if *there != schema => self.clashes.push(name),
            Some(_) => {}
            None => drop(self.named.insert(name, schema)),
        }
    }

    /// Names that stand for two different schemas.
    #[must_use]
    pub fn clashes(&self) -> &[String] {
        &self.clashes
    }

    /// All of them.
    #[must_use]
    pub fn into_named(self) -> BTreeMap<String, RefOr<Schema>> {
        self.named
    }
}

/// One field of a body.
pub struct Property {
    /// As it is written on the wire.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its form.
    pub schema: RefOr<Schema>,
    /// Whether a body without it is refused.
    pub required: bool,
}

/// An object of these fields and no others.
#[must_use]
pub fn object(doc: &str, properties: Vec<Property>) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(doc.trim())).additional_properties(Some(AdditionalProperties::FreeForm(false)));
    for property in properties {
        object = object.property(property.name, described(property.schema, property.doc));
        if property.required {
            object = object.required(property.name);
        }
    }
    object.into()
}

/// A schema with a sentence about this use of it. (In OpenAPI 3.1 a reference may carry one.)
#[must_use]
pub fn described(schema: RefOr<Schema>, doc: &str) -> RefOr<Schema> {
    let doc = doc.trim();
    if doc.is_empty() {
        return schema;
    }
    match schema {
        RefOr::Ref(mut reference) => {
            reference.description = doc.to_owned();
            RefOr::Ref(reference)
        }
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(match object.description {
                Some(general) => format!("{doc} {general}"),
                None => doc.to_owned(),
            });
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(doc.to_owned());
            RefOr::T(Schema::Array(array))
        }
        RefOr::T(Schema::OneOf(mut one_of)) => {
            one_of.description = Some(doc.to_owned());
            RefOr::T(Schema::OneOf(one_of))
        }
        RefOr::T(other) => RefOr::T(other),
    }
}

/// The same, or null.
#[must_use]
pub fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Type(one) = object.schema_type {
                object.schema_type = SchemaType::Array(vec![one, Type::Null]);
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = SchemaType::Array(vec![Type::Array, Type::Null]);
            RefOr::T(Schema::Array(array))
        }
        other @ (RefOr::Ref(_) | RefOr::T(_)) => {
            let null = ObjectBuilder::new().schema_type(Type::Null).build();
            RefOr::T(Schema::OneOf(OneOfBuilder::new().item(null).item(other).build()))
        }
    }
}

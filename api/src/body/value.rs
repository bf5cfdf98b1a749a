//! JSON as text: a number stays the characters that were sent until the field's own type parses them, so that no amount ever
//! passes through a float; and a query parameter reads like a JSON string that may also be a number or a boolean.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::FromField;
use super::at::At;

/// A value that has not been given a meaning yet.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// The text of one well-formed JSON value.
    Json(&'a str),
    /// The text of a query parameter.
    Text(&'a str),
}

/// What kind of JSON a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string, or a query parameter.
    String,
    /// `[…]`.
    Array,
    /// `{…}`.
    Object,
}

impl Kind {
    /// For a sentence: "is a number, not …".
    #[must_use]
    pub const fn with_article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

impl<'a> Value<'a> {
    /// The value of a whole document. The error says where the JSON breaks; it is never about meaning.
    ///
    /// # Errors
    /// The document is not well-formed JSON.
    pub fn parse(document: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&RawValue>(document).map(|raw| Self::Json(raw.get()))
    }

    /// By its first character, which well-formed JSON never leaves in doubt.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Text(_) => Kind::String,
            Self::Json(text) => match text.as_bytes().first() {
                Some(b'n') => Kind::Null,
                Some(b't' | b'f') => Kind::Boolean,
                Some(b'"') => Kind::String,
                Some(b'[') => Kind::Array,
                Some(b'{') => Kind::Object,
                _ => Kind::Number,
            },
        }
    }

    /// The characters of a string; `None` for another kind, and for a string that is no text (half a surrogate pair).
    #[must_use]
    pub fn string(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Json(text) if self.kind() == Kind::String => {
                // Most strings have no escapes and are lent as they stand.
                let inner = text.strip_prefix('"')?.strip_suffix('"')?;
                if inner.contains('\\') { serde_json::from_str::<String>(text).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
            }
            Self::Json(_) => None,
        }
    }

    /// The characters of a number, or of a query parameter.
    #[must_use]
    pub fn number(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(text) => (self.kind() == Kind::Number).then_some(text),
        }
    }

    /// The characters of a number, or of a string that should be one.
    #[must_use]
    pub fn decimal(self) -> Option<Cow<'a, str>> {
        self.number().map(Cow::Borrowed).or_else(|| self.string())
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(self) -> Option<bool> {
        match self {
            Self::Text("true") | Self::Json("true") => Some(true),
            Self::Text("false") | Self::Json("false") => Some(false),
            Self::Text(_) | Self::Json(_) => None,
        }
    }

    /// The elements of an array; those of a query parameter are separated by commas.
    #[must_use]
    pub fn elements(self) -> Option<Vec<Value<'a>>> {
        match self {
            Self::Text(text) => Some(text.split(',').map(Value::Text).collect()),
            Self::Json(text) if self.kind() == Kind::Array => {
                let raw: Vec<&'a RawValue> = serde_json::from_str(text).ok()?;
                Some(raw.into_iter().map(|element| Value::Json(element.get())).collect())
            }
            Self::Json(_) => None,
        }
    }

    /// The fields of an object.
    #[must_use]
    pub fn object(self) -> Option<Object<'a>> {
        match self {
            Self::Json(text) if self.kind() == Kind::Object => serde_json::Deserializer::from_str(text).deserialize_map(Fields).ok(),
            Self::Json(_) | Self::Text(_) => None,
        }
    }
}

/// The fields of an object by name, and the names that came twice.
#[derive(Debug, Default)]
pub struct Object<'a> {
    fields: BTreeMap<String, Value<'a>>,
    repeated: Vec<String>,
}

impl<'a> Object<'a> {
    /// From pairs, as a query string has them.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, Value<'a>)>) -> Self {
        let mut object = Self::default();
        for (name, value) in pairs {
            object.insert(name, value);
        }
        object
    }

    fn insert(&mut self, name: String, value: Value<'a>) {
        match self.fields.entry(name) {
            Entry::Occupied(first) => self.repeated.push(first.key().clone()),
            Entry::Vacant(place) => drop(place.insert(value)),
        }
    }

    /// The fields, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// Reads the field of this name as its type has it; a problem is noted under the field's path.
    pub fn read<T: FromField>(&self, name: &str, at: At<'_>) -> Option<T> {
        let at = at.field(name);
        match self.fields.get(name) {
            None => T::absent(at),
            Some(value) if value.kind() == Kind::Null => T::null(at),
            Some(value) => T::read(*value, at),
        }
    }

    /// Notes every field that came twice, and every one that is not among `known`.
    pub fn refuse_others(&self, known: &[&str], at: At<'_>) {
        self.refuse_repeated(at);
        for name in self.fields.keys().filter(|name| !known.contains(&name.as_str())) {
            let message = match known {
                [] => "is not known here: nothing is expected".to_owned(),
                known => format!("is not known here: known are {}", known.join(", ")),
            };
            at.refuse_field(name, "unknown_field", message);
        }
    }

    /// Notes every field that came twice: which of the two was meant, nobody can know.
    pub fn refuse_repeated(&self, at: At<'_>) {
        for name in &self.repeated {
            at.refuse_field(name, "repeated_field", "stands there more than once");
        }
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
        let mut object = Object::default();
        while let Some(name) = map.next_key::<String>()? {
            let raw: &'de RawValue = map.next_value()?;
            object.insert(name, Value::Json(raw.get()));
        }
        Ok(object)
    }
}

//! What follows from an entry of the table in [`super::kind`]: the struct with its parameters, how it is read with all its problems at
//! once, what it refers to, and the enums over all types.

use super::kind::ParameterSpec;
use super::parameter::{Parameter, ParameterError, Parameters, Told};

/// Declares the types of changes: what each is called, when it holds, what it is about, and its parameters with their rules.
macro_rules! changes {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident = $word:literal, $timing:ident, of $object:ident {
            $( $(#[doc = $field_doc:literal])* $field:ident: $type:ty $(where $rule:ident)? ),* $(,)?
        }
    )+) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name { $( $(#[doc = $field_doc])* pub $field: $type ),* }

            impl $name {
                const PARAMETERS: &'static [ParameterSpec] = &[$( ParameterSpec {
                    name: stringify!($field),
                    doc: concat!($($field_doc),*),
                    required: <$type as Parameter>::REQUIRED,
                    number: <$type as Parameter>::NUMBER,
                    #[cfg(feature = "openapi")]
                    schema: <$type as Parameter>::schema,
                } ),*];

                fn read(told: &Parameters) -> Result<Self, Vec<(String, ParameterError)>> {
                    let mut problems = unknown(told, Self::PARAMETERS);
                    $( let $field = read_one::<$type>(told, stringify!($field), &mut problems); )*
                    $( $( if let Some(value) = value_of(&$field) { note(rules::$rule(value), stringify!($field), &mut problems); } )? )*
                    let read = Self::assembled($( $field ),*);
                    if let Some(read) = &read {
                        read.check(&mut |field, problem| problems.push((field.to_owned(), ParameterError::Together(problem))));
                    }
                    match read {
                        Some(read) if problems.is_empty() => Ok(read),
                        Some(_) | None => Err(problems),
                    }
                }

                fn assembled($( $field: Option<$type> ),*) -> Option<Self> {
                    Some(Self { $( $field: $field? ),* })
                }

                fn renamed(self, account: &dyn Fn(AccountId) -> AccountId) -> Self {
                    let _ = account; // of a change without parameters
                    Self { $( $field: self.$field.renamed(account) ),* }
                }

                fn references(&self) -> Vec<(&'static str, Reference)> {
                    let all: Vec<(&'static str, Option<Reference>)> = vec![$( (stringify!($field), self.$field.reference()) ),*];
                    all.into_iter().filter_map(|(field, reference)| Some((field, reference?))).collect()
                }
            }
        )+

        /// What a change does, with its parameters.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "change_type", content = "parameters")]
        pub enum ChangeKind {
            $( $(#[doc = $doc])* #[serde(rename = $word)] $name($name) ),+
        }

        $crate::vocabulary::words! {
            /// A type of change.
            pub enum ChangeType { $( $(#[doc = $doc])* $name => $word ),+ }
        }

        impl ChangeType {
            /// When a change of this type holds.
            #[must_use]
            pub const fn timing(self) -> Timing {
                match self { $( Self::$name => Timing::$timing ),+ }
            }

            /// What it is about.
            #[must_use]
            pub const fn object(self) -> Object {
                match self { $( Self::$name => Object::$object ),+ }
            }

            /// Its parameters.
            #[must_use]
            pub const fn parameters(self) -> &'static [ParameterSpec] {
                match self { $( Self::$name => $name::PARAMETERS ),+ }
            }

            /// What it does, in a sentence.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $( Self::$name => concat!($($doc),*) ),+ }
            }

            /// Reads what was told.
            ///
            /// # Errors
            /// Every parameter at fault.
            pub fn read(self, told: &Parameters) -> Result<ChangeKind, Vec<(String, ParameterError)>> {
                match self { $( Self::$name => $name::read(told).map(ChangeKind::$name) ),+ }
            }
        }

        impl ChangeKind {
            /// Without its parameters.
            #[must_use]
            pub const fn change_type(&self) -> ChangeType {
                match self { $( Self::$name(_) => ChangeType::$name ),+ }
            }

            /// What it refers to in the household, by parameter.
            #[must_use]
            pub fn references(&self) -> Vec<(&'static str, Reference)> {
                match self { $( Self::$name(told) => told.references() ),+ }
            }

            /// The same, where accounts are known by other ids.
            #[must_use]
            pub fn renamed(self, account: &dyn Fn(AccountId) -> AccountId) -> Self {
                match self { $( Self::$name(told) => Self::$name(told.renamed(account)) ),+ }
            }

            /// What it does.
            pub(super) fn effect(&self) -> &dyn Effect {
                match self { $( Self::$name(told) => told ),+ }
            }
        }
    };
}
pub(super) use changes;

/// Everything that was told and is no parameter.
pub(super) fn unknown(told: &Parameters, specs: &[ParameterSpec]) -> Vec<(String, ParameterError)> {
    let known = || specs.iter().map(|spec| spec.name).collect::<Vec<_>>();
    let others = told.keys().filter(|name| !specs.iter().any(|spec| spec.name == name.as_str()));
    others.map(|name| (name.clone(), ParameterError::Unknown { known: known() })).collect()
}

pub(super) fn read_one<T: Parameter>(told: &Parameters, name: &str, problems: &mut Vec<(String, ParameterError)>) -> Option<T> {
    let read = match told.get(name) {
        None => T::absent(false),
        Some(Told::Null) => T::absent(true),
        Some(value) => T::read(value),
    };
    read.map_err(|problem| problems.push((name.to_owned(), problem))).ok()
}

pub(super) fn note(held: Result<(), ParameterError>, name: &str, problems: &mut Vec<(String, ParameterError)>) {
    if let Err(problem) = held {
        problems.push((name.to_owned(), problem));
    }
}

/// A parameter's value for a rule about it, optional or not.
pub(super) trait Inner<T> {
    fn inner(&self) -> Option<&T>;
}
impl<T> Inner<T> for T {
    fn inner(&self) -> Option<&T> {
        Some(self)
    }
}
impl<T> Inner<T> for Option<T> {
    fn inner(&self) -> Option<&T> {
        self.as_ref()
    }
}

pub(super) fn value_of<T, P: Inner<T>>(read: &Option<P>) -> Option<&T> {
    read.as_ref().and_then(Inner::inner)
}

//! Where a value comes from, and what is wrong with it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::KEYS;

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A line of the file.
    File(PathBuf, &'static str),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "the flag {flag}"),
            Self::Environment(name) => write!(f, "the environment variable {name}"),
            Self::File(path, key) => write!(f, "`{key}` in {}", path.display()),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// What the command line says; the names are those of [`Key::flag`].
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// Flag → value.
    pub values: BTreeMap<&'static str, String>,
}

/// A setting's names and form.
pub(super) struct Key {
    /// The environment variable.
    pub name: &'static str,
    /// The key in the file.
    pub file: &'static str,
    /// The flag, if there is one.
    pub flag: Option<&'static str>,
    /// What is accepted.
    pub form: &'static str,
}

impl Key {
    pub const fn new(name: &'static str, file: &'static str, form: &'static str) -> Self {
        Self { name, file, flag: None, form }
    }

    pub const fn with_flag(name: &'static str, file: &'static str, flag: &'static str, form: &'static str) -> Self {
        Self { name, file, flag: Some(flag), form }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A value.
    #[error("{name} (from {origin}) {message}; accepted: {form}")]
    Value {
        /// The setting.
        name: &'static str,
        /// Where the value came from.
        origin: Source,
        /// What is wrong with it; never the value itself, which may be a secret.
        message: String,
        /// What is accepted.
        form: &'static str,
    },
    /// A line of the file.
    #[error("`{key}` in {} is not known; known are {known}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What there is.
        known: String,
    },
    /// The file itself.
    #[error("the configuration file {} {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Everything that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
impl std::error::Error for ConfigErrors {}

/// The sources of one start.
pub(super) struct Sources<'a> {
    flags: &'a Flags,
    environment: &'a dyn Fn(&str) -> Option<String>,
    path: PathBuf,
    file: toml::Table,
    errors: Vec<ConfigError>,
}

/// Read where no other file is named, if it is there.
const USUAL_FILE: &str = "effluent.toml";

impl<'a> Sources<'a> {
    pub fn open(flags: &'a Flags, environment: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let named = flags.config.clone().or_else(|| environment("EFFLUENT_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| PathBuf::from(USUAL_FILE));
        let mut sources = Self { flags, environment, path: path.clone(), file: toml::Table::new(), errors: Vec::new() };
        match std::fs::read_to_string(&path) {
            Ok(text) => sources.take_file(&path, &text),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => sources.errors.push(ConfigError::File { path, message: format!("cannot be read: {error}") }),
        }
        sources
    }

    fn take_file(&mut self, path: &Path, text: &str) {
        match text.parse::<toml::Table>() {
            Ok(table) => self.file = table,
            // Only the line: the message of the parser repeats what stands there.
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count().saturating_add(1);
                self.errors.push(ConfigError::File { path: path.to_owned(), message: format!("is not TOML: line {line}") });
            }
        }
        for key in self.file.keys().filter(|key| KEYS.iter().all(|known| known.file != key.as_str())) {
            let known = KEYS.map(|known| known.file).join(", ");
            self.errors.push(ConfigError::Unknown { path: path.to_owned(), key: key.clone(), known });
        }
    }

    /// A setting that has a default.
    pub fn read<T>(&mut self, key: &Key, parse: fn(&str) -> Result<T, String>, default: &str) -> Option<Setting<T>> {
        let (text, source) = self.find(key)?.unwrap_or_else(|| (default.to_owned(), Source::Default));
        self.parse(key, &text, source, parse)
    }

    /// A setting that may be absent. `None` where it is wrong, `Some(None)` where it is not there.
    pub fn read_optional<T>(&mut self, key: &Key, parse: fn(&str) -> Result<T, String>) -> Option<Option<Setting<T>>> {
        match self.find(key)? {
            None => Some(None),
            Some((text, source)) => self.parse(key, &text, source, parse).map(Some),
        }
    }

    fn parse<T>(&mut self, key: &Key, text: &str, source: Source, parse: fn(&str) -> Result<T, String>) -> Option<Setting<T>> {
        match parse(text) {
            Ok(value) => Some(Setting { value, source }),
            Err(message) => {
                self.refuse(key, source, &message);
                None
            }
        }
    }

    /// The text of a setting by the first source that has one. An empty variable is one that is not set.
    fn find(&mut self, key: &Key) -> Option<Option<(String, Source)>> {
        if let Some((flag, value)) = key.flag.and_then(|flag| self.flags.values.get_key_value(flag)) {
            return Some(Some((value.clone(), Source::Flag(flag))));
        }
        if let Some(value) = (self.environment)(key.name).filter(|value| !value.is_empty()) {
            return Some(Some((value, Source::Environment(key.name))));
        }
        let source = Source::File(self.path.clone(), key.file);
        match self.file.get(key.file) {
            None => Some(None),
            Some(toml::Value::String(text)) => Some(Some((text.clone(), source))),
            Some(toml::Value::Integer(number)) => Some(Some((number.to_string(), source))),
            Some(
                other @ (toml::Value::Float(_)
                | toml::Value::Boolean(_)
                | toml::Value::Datetime(_)
                | toml::Value::Array(_)
                | toml::Value::Table(_)),
            ) => {
                self.refuse(key, source, &format!("is of type {}", other.type_str()));
                None
            }
        }
    }

    pub fn refuse(&mut self, key: &Key, origin: Source, message: &str) {
        self.errors.push(ConfigError::Value { name: key.name, origin, message: message.to_owned(), form: key.form });
    }

    pub fn into_errors(self) -> ConfigErrors {
        ConfigErrors(self.errors)
    }
}

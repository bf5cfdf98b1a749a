//! Text from outside, parsed: trimmed, of a bounded length, without control characters.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A line of text of 1 to `MAX` characters. Whoever holds one knows that it can be stored, shown and put into a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

/// What a person or a thing is called.
pub type Name = Line<200>;
/// What somebody wanted to remember; may have several lines.
pub type Notes = Line<4000>;

/// Why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than allowed.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The most characters that it may have.
        max: usize,
    },
    /// A control character, such as a NUL, which no database text can hold and no reader can see.
    #[error("must not contain control characters")]
    ControlCharacter,
}

impl<const MAX: usize> Line<MAX> {
    /// Parses a text: white space around it is dropped.
    ///
    /// # Errors
    /// [`TextError`] says which of its reasons.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(TextError::ControlCharacter);
        }
        if text.chars().count() > MAX { Err(TextError::TooLong { max: MAX }) } else { Ok(Self(text.to_owned())) }
    }

    /// As it was parsed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
impl<const MAX: usize> Serialize for Line<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
impl<'de, const MAX: usize> Deserialize<'de> for Line<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_bounded_and_visible() {
        assert_eq!(Name::parse("  Ada ").unwrap().as_str(), "Ada");
        assert_eq!(Name::parse(" \n "), Err(TextError::Empty));
        assert_eq!(Name::parse("a\0b"), Err(TextError::ControlCharacter));
        assert_eq!(Name::parse(&"ä".repeat(201)), Err(TextError::TooLong { max: 200 }));
        assert!(Name::parse(&"ä".repeat(200)).is_ok());
    }
}

//! E-mail addresses and passwords as fields of a body.

use std::fmt;

use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};

use crate::body::{At, FromField, Schemas, Value};

/// An e-mail address in lower case. ASCII only: what "lower case" is beyond it differs between locales, and with it who is who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// RFC 5321 § 4.5.3.1.3: a path has at most 256 octets, its brackets included.
    const LONGEST: usize = 254;

    /// Parses an address. That it has the form of one is all that can be known without sending something there.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, host) = text.rsplit_once('@')?;
        let local_is_good = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label_is_good = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let is_good = text.len() <= Self::LONGEST && local_is_good && host.split('.').all(label_is_good);
        is_good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// In lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromField for Email {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let Some(text) = value.string() else { return at.refuse("wrong_type", "must be a string") };
        Self::parse(&text).or_else(|| at.refuse("not_an_email", "is not an e-mail address such as \"ada@example.com\""))
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
            .max_length(Some(Self::LONGEST))
            .into()
    }
}

/// A password as it was typed. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordText(String);

impl PasswordText {
    /// NIST SP 800-63B § 5.1.1.2: at least 8 characters, at least 64 allowed, no rules about kinds of characters.
    const SHORTEST: usize = 8;
    /// Enough for any sentence; more would only be work for argon2.
    const LONGEST_BYTES: usize = 1024;

    /// As it was typed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// For a password that is being chosen: why it should not be, if so. (One that is being tried is just tried.)
    #[must_use]
    pub fn weakness(&self, email: &Email) -> Option<(&'static str, &'static str)> {
        if self.0.chars().count() < Self::SHORTEST {
            return Some(("too_short", "must have at least 8 characters"));
        }
        let first = self.0.chars().next();
        if self.0.chars().all(|c| Some(c) == first) {
            return Some(("too_simple", "must not be one character over and over"));
        }
        let local = email.as_str().split('@').next().unwrap_or_default();
        let lower = self.0.to_ascii_lowercase();
        if lower == email.as_str() || lower == local {
            return Some(("is_the_email", "must not be the e-mail address"));
        }
        None
    }
}

impl fmt::Debug for PasswordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password]")
    }
}

impl FromField for PasswordText {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        match value.string() {
            Some(text) if text.len() <= Self::LONGEST_BYTES => Some(Self(text.into_owned())),
            Some(_) => at.refuse("too_long", "must have at most 1024 bytes"),
            None => at.refuse("wrong_type", "must be a string"),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .max_length(Some(Self::LONGEST_BYTES))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_is_one_user_however_it_is_typed() {
        assert_eq!(Email::parse(" Ada.Lovelace+Home@Example.COM ").unwrap().as_str(), "ada.lovelace+home@example.com");
        assert!(Email::parse("demo@localhost").is_some());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ada@exa_mple.com",
            "ada@.com",
            "ada..b@example.com",
            "ädä@example.com",
            "a@b@c d",
            &long,
            "a\0@b.c",
        ] {
            assert!(Email::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_password_that_is_being_chosen_is_long_enough_and_not_the_address() {
        let email = Email::parse("ada.lovelace@example.com").unwrap();
        let weakness = |text: &str| PasswordText(text.to_owned()).weakness(&email).map(|(code, _)| code);
        assert_eq!(weakness("1234567"), Some("too_short"));
        assert_eq!(weakness("ÄÄÄÄÄÄÄÄÄ"), Some("too_simple"));
        assert_eq!(weakness("Ada.Lovelace"), Some("is_the_email"));
        assert_eq!(weakness("correct horse"), None);
    }

    #[test]
    fn a_password_is_never_printed() {
        assert_eq!(format!("{:?}", PasswordText("hunter2hunter2".to_owned())), "[password]");
    }
}

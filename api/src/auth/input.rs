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

/// Enough for any sentence; more would only be work for argon2.
const LONGEST_PASSWORD_BYTES: usize = 1024;

/// A password that is being tried. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordText(String);

/// A password that is being chosen. Never printed.
///
/// NIST SP 800-63B § 5.1.1.2: at least 8 characters, at least 64 allowed, no rules about kinds of characters.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(PasswordText);

impl PasswordText {
    /// As it was typed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl NewPassword {
    const SHORTEST: usize = 8;

    /// As it was typed.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether it is the address, or the part of it that everybody sees.
    #[must_use]
    pub fn is_the_email(&self, email: &Email) -> bool {
        let lower = self.expose().to_ascii_lowercase();
        lower == email.as_str() || email.as_str().split('@').next() == Some(lower.as_str())
    }

    fn weakness(text: &str) -> Option<(&'static str, &'static str)> {
        let first = text.chars().next();
        if text.chars().count() < Self::SHORTEST {
            Some(("too_short", "must have at least 8 characters"))
        } else if text.chars().all(|c| Some(c) == first) {
            Some(("too_simple", "must not be one character over and over"))
        } else {
            None
        }
    }
}

impl fmt::Debug for PasswordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password]")
    }
}
impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password]")
    }
}

impl FromField for PasswordText {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        match value.string() {
            Some(text) if text.len() <= LONGEST_PASSWORD_BYTES => Some(Self(text.into_owned())),
            Some(_) => at.refuse("too_long", "must have at most 1024 bytes"),
            None => at.refuse("wrong_type", "must be a string"),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        password_schema(None)
    }
}

impl FromField for NewPassword {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        let password = PasswordText::read(value, at)?;
        match Self::weakness(password.expose()) {
            Some((code, message)) => at.refuse(code, message),
            None => Some(Self(password)),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        password_schema(Some(Self::SHORTEST))
    }
}

fn password_schema(shortest: Option<usize>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .min_length(shortest)
        .max_length(Some(LONGEST_PASSWORD_BYTES))
        .into()
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
        let code = |text: &str| NewPassword::weakness(text).map(|(code, _)| code);
        assert_eq!((code("1234567"), code("ÄÄÄÄÄÄÄÄÄ"), code("correct horse")), (Some("too_short"), Some("too_simple"), None));
        let email = Email::parse("ada.lovelace@example.com").unwrap();
        let chosen = |text: &str| NewPassword(PasswordText(text.to_owned())).is_the_email(&email);
        assert!(chosen("Ada.Lovelace") && chosen("ada.lovelace@example.com") && !chosen("lovelace's own"));
    }

    #[test]
    fn a_password_is_never_printed() {
        let typed = PasswordText("hunter2hunter2".to_owned());
        assert_eq!(format!("{typed:?} {:?}", NewPassword(typed.clone())), "[password] [password]");
    }
}

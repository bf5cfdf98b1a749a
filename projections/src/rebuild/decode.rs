//! An event from its columns: the one place where a replay looks at names and forms.
//!
//! Every event is in its first form today. A second form of one brings a `cqrs_es::persist::EventUpcaster`, and this is where it is asked:
//! by name and form, before the payload is read. Until then a form that this program does not know (a newer one wrote it) is refused:
//! read as if it were the old one, it would give rows that look right.

use cqrs_es::DomainEvent as _;
use domain::household::Event;

/// Why an event cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// Not the JSON of an event.
    #[error("its payload cannot be read: {0}")]
    Payload(#[from] serde_json::Error),
    /// The payload is that of another event than the row says.
    #[error("it is called {column:?}, and its payload is of a {payload:?}")]
    OtherName {
        /// In the column.
        column: String,
        /// In the payload.
        payload: &'static str,
    },
    /// Written by a program that knows more.
    #[error("form {form:?} of {name} is not known to this program")]
    UnknownForm {
        /// Of which event.
        name: &'static str,
        /// Its form.
        form: String,
    },
}

/// The event that a row holds.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn decode(event_type: &str, event_version: &str, payload: &str) -> Result<Event, Unreadable> {
    let event: Event = serde_json::from_str(payload)?;
    let name = event.name();
    if name != event_type {
        return Err(Unreadable::OtherName { column: event_type.to_owned(), payload: name });
    }
    if event.event_version() != event_version {
        return Err(Unreadable::UnknownForm { name, form: event_version.to_owned() });
    }
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: &str = r#"{"type": "tax_year.began", "data": {"tax_year": 2027, "was": 2026}}"#;

    #[test]
    fn an_event_is_read_by_its_name_and_its_form() {
        assert_eq!(decode("tax_year.began", "1", BEGAN).unwrap(), Event::TaxYearBegan { tax_year: 2027, was: 2026 });
    }

    #[test]
    fn a_form_of_tomorrow_another_name_or_a_broken_payload_is_refused() {
        for (name, form, payload) in
            [("tax_year.began", "2", BEGAN), ("member.added", "1", BEGAN), ("tax_year.began", "1", r#"{"type": "tax_year.began"}"#)]
        {
            assert!(decode(name, form, payload).is_err(), "{name} {form} {payload}");
        }
    }
}

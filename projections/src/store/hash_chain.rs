//! The hash chain of a household's stream (spec 05, "Exact forms").
//!
//! `hash` = SHA-256(previous hash ‖ RFC 8785 bytes of the event); the first event's previous hash is 32 zero bytes. What the database
//! assigns (time, position, transaction) is not covered, so that a stream keeps its chain when it moves to another database.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// Before the first event.
pub const GENESIS: Hash = [0; 32];

/// What a hash covers.
#[derive(Serialize)]
pub struct Link<'a> {
    /// Whose stream.
    pub household_id: Uuid,
    /// From 1.
    pub sequence: i64,
    /// The event's name on the wire.
    pub event_type: &'a str,
    /// Its form.
    pub event_version: &'a str,
    /// What happened.
    pub payload: &'a Value,
    /// Who, when, why.
    pub metadata: &'a Value,
}

/// What a hash covers, as the text that is stored: written by ourselves, so that it is canonical already (see [`is_canonical`]).
#[derive(Clone, Copy, Debug)]
pub(super) struct WrittenLink<'a> {
    pub household_id: Uuid,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
    pub payload: &'a str,
    pub metadata: &'a str,
}

impl WrittenLink<'_> {
    /// The same as [`Link::hash`], in a tenth of the time.
    pub(super) fn hash(&self, previous: &Hash) -> Hash {
        let Self { household_id, sequence, event_type, event_version, payload, metadata } = self;
        let canonical = format!(
            r#"{{"event_type":"{event_type}","event_version":"{event_version}","household_id":"{household_id}","metadata":{metadata},"payload":{payload},"sequence":{sequence}}}"#
        );
        Sha256::new_with_prefix(previous).chain_update(canonical).finalize().into()
    }
}

/// Whether what `serde_json` writes of a value is its canonical JSON. It writes members in the order of their names' bytes, strings with
/// the shortest escapes and integers as they are: RFC 8785 differs only in the order of names beyond ASCII, in fractions, and in integers that a float does not hold.
pub(super) fn is_canonical(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.as_i64().is_some_and(|number| number.unsigned_abs() < 1 << 53),
        Value::Array(items) => items.iter().all(is_canonical),
        Value::Object(members) => members.iter().all(|(name, member)| name.is_ascii() && is_canonical(member)),
    }
}

impl Link<'_> {
    /// The event's hash, given that of the one before.
    ///
    /// # Errors
    /// A value that canonical JSON cannot hold; our events have integers and text only, so this means a programming error.
    pub fn hash(&self, previous: &Hash) -> Result<Hash, serde_json::Error> {
        let mut digest = Sha256::new_with_prefix(previous);
        digest.update(serde_json_canonicalizer::to_vec(self)?);
        Ok(digest.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn link<'a>(sequence: i64, payload: &'a Value, metadata: &'a Value) -> Link<'a> {
        Link { household_id: Uuid::nil(), sequence, event_type: "member.added", event_version: "1", payload, metadata }
    }

    #[test]
    fn the_hash_is_sha_256_over_the_previous_hash_and_canonical_json() {
        let (payload, metadata) = (json!({"b": 1, "a": "ä"}), json!({}));
        let canonical = r#"{"event_type":"member.added","event_version":"1","household_id":"00000000-0000-0000-0000-000000000000","metadata":{},"payload":{"a":"ä","b":1},"sequence":1}"#;
        let expected: Hash = Sha256::digest([&GENESIS[..], canonical.as_bytes()].concat()).into();
        assert_eq!(link(1, &payload, &metadata).hash(&GENESIS).unwrap(), expected);
    }

    #[test]
    fn what_is_written_hashes_to_the_same() {
        let metadata = json!({"actor_id": "a \"b\" \\ c", "trace_id": "\u{1}\u{1f}\u{7f}\n\t\r\u{8}\u{c}/"});
        let payload = json!({"type": "x", "data": {"é": null}, "b": [1, -2, i64::MAX, true], "a": "Zoë \u{2028} 🦀", "": {}});
        let plain =
            json!({"type": "x", "data": {"B": null, "a": "Zoë \u{2028} 🦀", "_": [1, -2, 9_007_199_254_740_991_i64, true]}, "": {}});
        assert!(is_canonical(&metadata) && is_canonical(&plain) && !is_canonical(&payload) && !is_canonical(&json!({"a": 0.5})));
        let (payload, metadata_text) = (plain.to_string(), metadata.to_string());
        let written = WrittenLink {
            household_id: Uuid::nil(),
            sequence: 17,
            event_type: "member.added",
            event_version: "1",
            payload: &payload,
            metadata: &metadata_text,
        };
        assert_eq!(written.hash(&GENESIS), link(17, &plain, &metadata).hash(&GENESIS).unwrap());
    }

    #[test]
    fn every_covered_part_changes_the_hash() {
        let (payload, other, metadata) = (json!({"a": 1}), json!({"a": 2}), json!({}));
        let hash = link(1, &payload, &metadata).hash(&GENESIS).unwrap();
        assert_ne!(hash, link(2, &payload, &metadata).hash(&GENESIS).unwrap());
        assert_ne!(hash, link(1, &other, &metadata).hash(&GENESIS).unwrap());
        assert_ne!(hash, link(1, &payload, &payload).hash(&GENESIS).unwrap());
        assert_ne!(hash, link(1, &payload, &metadata).hash(&hash).unwrap());
    }
}

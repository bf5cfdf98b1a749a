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
    fn every_covered_part_changes_the_hash() {
        let (payload, other, metadata) = (json!({"a": 1}), json!({"a": 2}), json!({}));
        let hash = link(1, &payload, &metadata).hash(&GENESIS).unwrap();
        assert_ne!(hash, link(2, &payload, &metadata).hash(&GENESIS).unwrap());
        assert_ne!(hash, link(1, &other, &metadata).hash(&GENESIS).unwrap());
        assert_ne!(hash, link(1, &payload, &payload).hash(&GENESIS).unwrap());
        assert_ne!(hash, link(1, &payload, &metadata).hash(&hash).unwrap());
    }
}

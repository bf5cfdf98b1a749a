//! The hash chain of a household, computed again by the formula of the audit's contract and by no code of the program.
//!
//! The fault: a chain that its own writer checks proves nothing but that both have the same bug. An auditor has the table, SHA-256 and RFC
//! 8785, and must come to the same hashes; and whoever changed, removed, inserted or moved an event behind the triggers' back must
//! be found, at the first event that is not what was written. Were a part left out of the hash (the metadata, say), a change of
//! that part would pass here unnoticed.

use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Executor;
use support::{Client, TestServer};

use crate::household::{StoredEvent, stored_events};

/// The first event that is not what was written, if there is one.
fn first_break(events: &[StoredEvent]) -> Option<i64> {
    let mut previous = vec![0; 32];
    for (expected, event) in (1..).zip(events) {
        let covered = json!({
            "household_id": event.household_id,
            "sequence": event.sequence,
            "event_type": event.event_type,
            "event_version": event.event_version,
            "payload": event.payload,
            "metadata": event.metadata,
        });
        let canonical = serde_json_canonicalizer::to_vec(&covered).unwrap();
        let hash = Sha256::digest([previous.as_slice(), &canonical].concat()).to_vec();
        if event.sequence != expected || event.prev_hash != previous || event.hash != hash {
            return Some(expected);
        }
        previous = hash;
    }
    None
}

/// The chain of the household holds, from the first event to the head.
pub async fn assert_chain_holds(home: &Client) {
    let events = stored_events(home, "events").await;
    assert_eq!(first_break(&events), None);
    let head = "SELECT hash FROM heads WHERE household_id::text = $1";
    let mut database = home.server().database().connect().await;
    let head: Vec<u8> = sqlx::query_scalar(head).bind(home.id("household")).fetch_one(&mut database).await.unwrap();
    assert_eq!(Some(&head), events.last().map(|event| &event.hash), "the head is not the hash of the last event");
}

/// A household with events of many kinds, and text that only a careful encoder writes as RFC 8785 wants it.
async fn home() -> Client {
    let home = TestServer::start().await.household_earning("Müller & Söhne", "96000.00").await;
    home.post("/members", json!({"name": "Zoë \"Zo\" O'Neil 🦀", "relationship": "child", "date_of_birth": "2019-02-28"}))
        .await
        .expect_status(201);
    home.account("Car", "vehicle", "18000.00").await;
    home.patch("/income-sources/{Müller & Söhne}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(200);
    home.delete("/accounts/{Car}").await.expect_status(200);
    home
}

#[tokio::test]
async fn an_auditor_computes_the_hashes_that_are_stored() {
    let home = home().await;
    assert_chain_holds(&home).await;
}

#[tokio::test]
async fn whatever_is_done_to_a_copy_of_the_events_is_found_where_it_was_done() {
    let home = home().await;
    let last = stored_events(&home, "events").await.len();
    assert!(last >= 12, "too few events to tamper with: {last}");
    let tampering = [
        ("a payload", 4, "UPDATE copy SET payload = replace(payload::text, '\"data\"', '\"Data\"')::json WHERE sequence = 4"),
        ("an actor", 5, "UPDATE copy SET metadata = (metadata::jsonb || '{\"actor_id\": \"somebody else\"}')::json WHERE sequence = 5"),
        ("a kind", 6, "UPDATE copy SET event_type = 'member.removed' WHERE sequence = 6"),
        ("a form", 6, "UPDATE copy SET event_version = '2' WHERE sequence = 6"),
        ("a hash", 7, "UPDATE copy SET hash = sha256('x') WHERE sequence = 7"),
        ("one removed", 5, "DELETE FROM copy WHERE sequence = 5"),
        (
            "one removed and the gap closed",
            5,
            "DELETE FROM copy WHERE sequence = 5; UPDATE copy SET sequence = sequence - 1 WHERE sequence > 5",
        ),
        ("two exchanged", 6, "UPDATE copy SET sequence = 15 - sequence WHERE sequence IN (6, 9)"),
        (
            "one inserted",
            6,
            "UPDATE copy SET sequence = sequence + 1 WHERE sequence > 5; INSERT INTO copy \
            (household_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, prev_hash, hash) \
            SELECT household_id, aggregate_type, aggregate_id, 6, event_type, event_version, payload, metadata, prev_hash, hash \
            FROM copy WHERE sequence = 5",
        ),
        ("the first one", 1, "DELETE FROM copy WHERE sequence = 1"),
    ];
    let mut database = home.server().database().connect().await;
    for (what, place, statements) in tampering {
        database.execute("DROP TABLE IF EXISTS copy; CREATE TABLE copy AS SELECT * FROM events").await.unwrap();
        assert_eq!(first_break(&stored_events(&home, "copy").await), None, "the copy itself");
        database.execute(statements).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(first_break(&stored_events(&home, "copy").await), Some(place), "{what}");
    }
}

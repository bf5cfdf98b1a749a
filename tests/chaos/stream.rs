//! A household's stream, read straight from the table, and what has to hold of it whoever wrote it.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};

use crate::checker::{Complaint, Rule};
use crate::model::State;

/// An event as it lies in the table.
#[derive(Clone, Debug)]
pub struct Stored {
    /// From 1.
    pub sequence: usize,
    /// Its name.
    pub event_type: String,
    /// What happened.
    pub data: Value,
    /// Of the request that caused it.
    pub request_id: String,
    /// Of the command that caused it.
    pub key: Option<String>,
    /// Which transaction wrote it.
    pub transaction: String,
    payload: Value,
    metadata: Value,
    event_version: String,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

/// A household's events and what they add up to.
#[derive(Debug)]
pub struct Stream {
    /// In their order.
    pub events: Vec<Stored>,
    /// What is held at each version, from 0 on.
    pub states: Vec<State>,
    /// The events of each request, by their place in `events`.
    pub by_request: HashMap<String, Vec<usize>>,
}

impl Stream {
    /// Reads a household's events, replays them, and says what is wrong with them.
    pub async fn read(household: &str, database: &mut PgConnection) -> (Self, Vec<Complaint>) {
        let sql = "SELECT sequence, event_type, event_version, payload, metadata, prev_hash, hash, transaction_id::text AS transaction \
                   FROM events WHERE household_id::text = $1 ORDER BY sequence, transaction_id, global_position";
        let rows = sqlx::query(sql).bind(household).fetch_all(&mut *database).await.expect("the events");
        let events: Vec<Stored> = rows.iter().map(stored).collect();
        let mut by_request: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, event) in events.iter().enumerate() {
            by_request.entry(event.request_id.clone()).or_default().push(place);
        }
        let mut complaints = Vec::new();
        let states = replay(&events, &mut complaints);
        check_chain(household, &events, &mut complaints);
        check_once(&events, &by_request, &mut complaints);
        check_head(household, &events, database, &mut complaints).await;
        (Self { events, states, by_request }, complaints)
    }

    /// The number of the last event.
    pub fn head(&self) -> usize {
        self.states.len() - 1
    }
}

fn stored(row: &PgRow) -> Stored {
    let (payload, metadata): (Value, Value) = (row.get("payload"), row.get("metadata"));
    Stored {
        sequence: usize::try_from(row.get::<i64, _>("sequence")).expect("from 1 on"),
        event_type: row.get("event_type"),
        data: payload["data"].clone(),
        request_id: metadata["request_id"].as_str().unwrap_or_default().to_owned(),
        key: metadata["idempotency_key"].as_str().map(str::to_owned),
        transaction: row.get("transaction"),
        payload,
        metadata,
        event_version: row.get("event_version"),
        prev_hash: row.get("prev_hash"),
        hash: row.get("hash"),
    }
}

/// The state at each version. Of two events with one number the second is complained of, and left out.
fn replay(events: &[Stored], complaints: &mut Vec<Complaint>) -> Vec<State> {
    let mut states = vec![State::default()];
    for (place, event) in events.iter().enumerate() {
        let mut complain = |rule, text: String| complaints.push(Complaint { rule, text });
        let next = states.len();
        if event.sequence < next {
            complain(Rule::Fork, format!("two events have the number {}: {event:?}", event.sequence));
            continue;
        }
        if event.sequence > next {
            complain(Rule::Gap, format!("there is no event {next}, and one with the number {}", event.sequence));
            break;
        }
        let mut state = states[next - 1].clone();
        for wrong in state.apply(event.sequence, &event.event_type, &event.data) {
            complain(Rule::DecidedOnAnother, format!("event {} ({}): {wrong}", event.sequence, event.event_type));
        }
        let ends_its_batch = events.get(place + 1).is_none_or(|next| next.request_id != event.request_id);
        if ends_its_batch {
            for wrong in state.check() {
                complain(Rule::Derived, format!("behind event {}: {wrong}", event.sequence));
            }
        }
        states.push(state);
    }
    states
}

/// Each event's hash is that of its content and of the event before: computed here, by nobody's code but this.
fn check_chain(household: &str, events: &[Stored], complaints: &mut Vec<Complaint>) {
    let mut before = vec![0_u8; 32];
    for event in events {
        let covered = json!({"household_id": household, "sequence": event.sequence, "event_type": event.event_type,
            "event_version": event.event_version, "payload": event.payload, "metadata": event.metadata});
        let bytes = serde_json_canonicalizer::to_vec(&covered).expect("plain JSON");
        let hash = Sha256::new_with_prefix(&event.prev_hash).chain_update(bytes).finalize();
        if event.prev_hash != before || event.hash[..] != hash[..] {
            complaints.push(Complaint { rule: Rule::Chain, text: format!("event {} does not follow from the one before", event.sequence) });
        }
        before.clone_from(&event.hash);
    }
}

/// A request is one transaction, with numbers in a row; a key is one request.
fn check_once(events: &[Stored], by_request: &HashMap<String, Vec<usize>>, complaints: &mut Vec<Complaint>) {
    let mut keys: HashMap<&str, &str> = HashMap::new();
    for event in events {
        if let Some(key) = &event.key
            && let Some(other) = keys.insert(key, &event.request_id)
            && other != event.request_id
        {
            complaints.push(Complaint {
                rule: Rule::Doubled,
                text: format!("{other} and {} were both carried out under {key}", event.request_id),
            });
        }
    }
    for (request, places) in by_request {
        let first = &events[places[0]];
        let one = places
            .iter()
            .zip(first.sequence..)
            .all(|(place, n)| (&events[*place].transaction, events[*place].sequence) == (&first.transaction, n));
        if !one {
            let numbers: Vec<usize> = places.iter().map(|place| events[*place].sequence).collect();
            complaints.push(Complaint { rule: Rule::Doubled, text: format!("{request} is not one batch: {numbers:?}") });
        }
    }
}

/// The head is the last event.
async fn check_head(household: &str, events: &[Stored], database: &mut PgConnection, complaints: &mut Vec<Complaint>) {
    let sql = "SELECT version, hash FROM heads WHERE household_id::text = $1";
    let head: Option<(i64, Vec<u8>)> = sqlx::query_as(sql).bind(household).fetch_optional(database).await.expect("the head");
    let last = events.last().map(|event| (i64::try_from(event.sequence).expect("small"), event.hash.clone()));
    if head != last {
        let (head, last) = (head.map(|(version, _)| version), last.map(|(version, _)| version));
        complaints.push(Complaint { rule: Rule::Head, text: format!("the head says {head:?}, the last event is {last:?}") });
    }
}

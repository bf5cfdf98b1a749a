//! What these tests share: a household through several processes, requests that are sent at once, and a look behind the program's
//! back at the stream and at what follows from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::household::Household;
use domain::ids::HouseholdId;
use domain::tax::TaxTables;
use projections::database::{DatabaseUrl, connect};
use projections::store::{Known, Store};
use serde_json::{Value, json};
use sqlx::Row as _;
use support::{Answer, Client, Request, TestServer};
use tokio::sync::Barrier;

/// One user in one household that earns 96,000.00 at Acme, through this many server processes on one database.
pub async fn home_through(processes: usize) -> Vec<Client> {
    let first = TestServer::start().await;
    let home = first.household_earning("Acme", "96000.00").await;
    let mut homes = vec![home];
    while homes.len() < processes {
        homes.push(homes[0].through(&first.another().await));
    }
    homes
}

/// Sends all of them at once: none is sent before the last one is ready to be.
pub async fn at_once(requests: impl IntoIterator<Item = Request>) -> Vec<Answer> {
    let requests: Vec<Request> = requests.into_iter().collect();
    let ready = Arc::new(Barrier::new(requests.len()));
    let send = |request: Request| {
        let ready = Arc::clone(&ready);
        tokio::spawn(async move {
            ready.wait().await;
            request.await
        })
    };
    let sent: Vec<_> = requests.into_iter().map(send).collect();
    let mut answers = Vec::new();
    for one in sent {
        answers.push(one.await.unwrap());
    }
    answers
}

/// The household's id, as the program's own code wants it.
pub fn id_of(home: &Client) -> HouseholdId {
    HouseholdId(home.id("household").parse().unwrap())
}

/// A store of this process's own, acting as the server does, with an empty cache.
pub async fn store_of(home: &Client) -> Store {
    let url = DatabaseUrl::parse(&home.server().database().url()).unwrap();
    Store::new(connect(&url, 4).await.unwrap(), TaxTables::shipped().unwrap(), 10)
}

/// The household as its whole stream says, from the first event on.
pub async fn replayed(home: &Client) -> Known {
    store_of(home).await.replay_all(id_of(home)).await.unwrap()
}

/// The same bytes mean the same state.
pub fn bytes_of(household: &Household) -> String {
    serde_json::to_string(household).unwrap()
}

/// An event as it lies in the table.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    pub household_id: String,
    pub sequence: i64,
    pub event_type: String,
    pub event_version: String,
    pub payload: Value,
    pub metadata: Value,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

impl StoredEvent {
    /// A part of what happened.
    #[track_caller]
    pub fn data(&self, name: &str) -> &Value {
        self.payload.pointer(&format!("/data/{name}")).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }
}

/// The household's events behind a version, in order.
pub async fn events_after(home: &Client, version: u64) -> Vec<StoredEvent> {
    let after = i64::try_from(version).unwrap();
    let mut events = stored_events(home, "events").await;
    events.retain(|event| event.sequence > after);
    events
}

/// The household's events in a table, in order.
pub async fn stored_events(home: &Client, table: &str) -> Vec<StoredEvent> {
    let sql = format!(
        "SELECT household_id::text, sequence, event_type, event_version, payload, metadata, prev_hash, hash FROM {table} \
         WHERE household_id::text = $1 ORDER BY sequence"
    );
    let rows = sqlx::query(&sql).bind(home.id("household")).fetch_all(&mut home.server().database().connect().await).await.unwrap();
    let read = |row: &sqlx::postgres::PgRow| StoredEvent {
        household_id: row.get("household_id"),
        sequence: row.get("sequence"),
        event_type: row.get("event_type"),
        event_version: row.get("event_version"),
        payload: row.get("payload"),
        metadata: row.get("metadata"),
        prev_hash: row.get("prev_hash"),
        hash: row.get("hash"),
    };
    rows.iter().map(read).collect()
}

/// The flows that the household derives, by id.
pub async fn system_flows(home: &Client) -> BTreeMap<String, Value> {
    let listed = home.get("/flows?system=true&limit=100").await.expect_status(200);
    let flows = listed.list_at("/items");
    let by_id: BTreeMap<String, Value> = flows.iter().map(|flow| (flow["id"].as_str().unwrap().to_owned(), flow.clone())).collect();
    assert_eq!(by_id.len(), flows.len(), "a flow is listed twice: {listed}");
    by_id
}

/// What the stream derives is what stands: nothing is left to be generated.
pub async fn assert_flows_follow_the_stream(home: &Client) {
    let regenerated = home.post("/flows/regenerate", json!({})).await.expect_status(200);
    assert_eq!((regenerated.at("/outcome"), regenerated.events()), ("unchanged", vec![]), "{regenerated}");
}

/// The stream ends where the head says, without a gap and without a fork; gives its version.
pub async fn assert_stream_is_whole(home: &Client) -> u64 {
    let events = events_after(home, 0).await;
    let numbers: Vec<i64> = events.iter().map(|event| event.sequence).collect();
    let expected: Vec<i64> = (1..=i64::try_from(events.len()).unwrap()).collect();
    assert_eq!(numbers, expected, "a gap in the stream");
    let head = format!("SELECT version FROM heads WHERE household_id = '{}'", home.id("household"));
    assert_eq!(home.server().database().number(&head).await, *numbers.last().unwrap(), "the head is not the last event");
    u64::try_from(events.len()).unwrap()
}

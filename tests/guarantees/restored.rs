//! A database that was restored to an earlier state and went on differently: what a process still remembers is not believed.
//!
//! The fault: a backup is restored under running servers. One of them has a household of the lost timeline in its cache; the stream goes
//! on through another, past the version that the first one remembers. The guard: what is cached counts only where its hash is the
//! stream's at that version, and a tail is folded only onto its own event. Without it the first server answers what never happened,
//! and its next command appends facts that were decided on it.

use projections::read_models::TABLES;
use serde_json::json;
use sqlx::Executor;
use support::Client;

use crate::crash::assert_read_models_are_the_replay;
use crate::hash_chain::assert_chain_holds;
use crate::household::home_through;

/// Every table of a household, but the events, which a restore cuts off.
fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name).chain(["heads", "snapshots", "scenario_projections", "idempotency_keys"])
}

async fn back_up(home: &Client) {
    let mut owner = home.server().database().connect().await;
    for table in tables() {
        owner.execute(format!("CREATE TABLE saved_{table} AS TABLE {table}").as_str()).await.unwrap();
    }
}

async fn restore(home: &Client, version: u64) {
    let mut owner = home.server().database().connect().await;
    let mut restore = format!("BEGIN; ALTER TABLE events DISABLE TRIGGER USER; DELETE FROM events WHERE sequence > {version};");
    for table in tables() {
        restore.push_str(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table};"));
    }
    restore.push_str("ALTER TABLE events ENABLE TRIGGER USER; COMMIT;");
    owner.execute(restore.as_str()).await.unwrap();
}

async fn rename(home: &Client, name: &str) -> u64 {
    home.patch("/households/{household}", json!({"name": name})).await.expect_status(200).version()
}

async fn raise(home: &Client, salary: &str) -> u64 {
    home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": salary})).await.expect_status(200).version()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_remembers_a_lost_timeline_reads_and_decides_on_what_is_there() {
    let home = &home_through(1).await[0];
    let kept = home.version().await;
    back_up(home).await;
    raise(home, "192000.00").await;
    let lost = home.get("/income-sources/{Acme}/paycheck").await.expect_status(200);
    assert_eq!(lost.at("/gross"), "16000.00");
    restore(home, kept).await;

    let paycheck = home.get("/income-sources/{Acme}/paycheck").await.expect_status(200);
    assert_eq!((paycheck.version(), paycheck.at("/gross")), (kept, "8000.00"));
    let forecast = home.get("/scenarios/{baseline}/projections?months=1").await.expect_status(200);
    assert_eq!((forecast.version(), forecast.at("/months/0/total_income")), (kept, "8000.00"));
    // What was true in the lost timeline only is a change now, and the version that is there is the one that may be named.
    let again = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "192000.00"})).if_match(kept).await.expect_status(200);
    assert_eq!(again.events(), ["income_source.changed", "system_flows.generated"]);
    assert_read_models_are_the_replay(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_went_on_past_a_lost_timeline_is_not_folded_onto_it() {
    let homes = home_through(2).await;
    let (first, second) = (&homes[0], &homes[1]);
    let kept = first.version().await;
    back_up(first).await;
    let lost = rename(first, "Lost").await;
    restore(first, kept).await;
    // The other process knows nothing of the lost timeline, and goes on past its version.
    while raise(second, &format!("{}.00", 100_000 + second.version().await)).await <= lost + 2 {}

    first.post("/accounts/{Checking}", json!({"current_balance": "77.00"})).await.expect_status(200);
    let shown = first.get("/households/{household}").await.expect_status(200);
    assert_ne!(shown.at("/name"), "Lost");
    rename(first, "Found").await;
    assert_read_models_are_the_replay(first).await;
    assert_chain_holds(first).await;
}

//! A snapshot is a shortcut and never another truth.
//!
//! The faults: cqrs-es 0.5's own snapshots apply a command's events twice, and lose those of a command that crosses the boundary; a
//! snapshot of another shape or with damaged text would be decided upon as if it were the household. The guards: ours is the state
//! behind a whole batch, written with it; one that does not parse, or whose hash is not that of the stream's event at its version, is
//! passed over. Without them the state below differs from the replay, or no command is ever taken again.

use serde_json::json;
use sqlx::Executor;
use support::{Client, TestServer};

use crate::household::{bytes_of, home_through, id_of, replayed, store_of};

async fn record_balance(home: &Client, n: u64) {
    home.post("/accounts/{Checking}", json!({"current_balance": format!("{n}.50")})).await.expect_status(200);
}

/// Records balances until the household has this version.
async fn grow_to(home: &Client, version: u64) {
    for n in home.version().await..version {
        record_balance(home, n).await;
    }
    assert_eq!(home.version().await, version);
}

/// The version of the household's snapshot.
async fn snapshot_version(home: &Client) -> i64 {
    let sql = format!("SELECT coalesce(max(version), 0) FROM snapshots WHERE household_id = '{}'", home.id("household"));
    home.server().database().number(&sql).await
}

/// What a process that knows nothing yet loads, from the snapshot on, is what the whole stream says, byte for byte.
async fn assert_snapshot_and_tail_are_the_replay(home: &Client) {
    let store = store_of(home).await;
    let snapshot = store.snapshot(id_of(home)).await.unwrap().expect("a snapshot that counts");
    assert_eq!(snapshot.version, snapshot_version(home).await);
    let (loaded, whole) = (store.fold_tail(id_of(home), snapshot).await.unwrap().expect("a snapshot of this stream"), replayed(home).await);
    assert_eq!((loaded.version, loaded.hash), (whole.version, whole.hash));
    assert_eq!(bytes_of(&loaded.household), bytes_of(&whole.household));
}

/// The command that crosses the boundary has events on both sides of it, and one that must not be applied twice: the account that
/// the household opens for itself is counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_taken_in_the_middle_of_a_batch_neither_loses_nor_repeats_an_event() {
    let home = &TestServer::start().await.household().await;
    grow_to(home, 99).await;
    assert_eq!(snapshot_version(home).await, 0);
    let salary = home.salary("Acme", "96000.00").await;
    assert!(salary.version() > 100 && salary.events().contains(&"account.opened"), "{salary}");
    assert_eq!(snapshot_version(home).await, i64::try_from(salary.version()).unwrap());
    assert_snapshot_and_tail_are_the_replay(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_stream_is_loaded_from_its_snapshot_and_a_cold_server_answers_the_same() {
    let home = &home_through(1).await[0];
    grow_to(home, 260).await;
    assert!(snapshot_version(home).await >= 200);
    assert_snapshot_and_tail_are_the_replay(home).await;

    let cold = home.through(&home.server().another().await);
    for path in ["/households/{household}", "/accounts", "/income-sources", "/flows", "/scenarios", "/accounts/{Checking}/balances"] {
        assert_eq!(cold.get(path).await.expect_status(200).text(), home.get(path).await.expect_status(200).text(), "{path}");
    }
    // The cold one computes it, from snapshot and tail; it is not stored, so the warm one computes it too, from its cache.
    let forecast = "/scenarios/{baseline}/projections?months=24";
    let (computed, expected) = (cold.get(forecast).await.expect_status(200), home.get(forecast).await.expect_status(200));
    assert_eq!((computed.at("/source"), computed.version()), ("computed", 260));
    assert_eq!(computed.text(), expected.text());
    // And it decides on it: the change is one from what really was before.
    let raise = cold.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(200);
    assert_eq!((raise.version(), raise.events()), (262, vec!["income_source.changed", "system_flows.generated"]));
    assert_snapshot_and_tail_are_the_replay(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_damaged_is_passed_over_and_does_no_harm() {
    let home = TestServer::start().await.household_earning("Acme", "96000.00").await;
    grow_to(&home, 100).await;
    assert_eq!(snapshot_version(&home).await, 100);
    let mut database = home.server().database().connect().await;
    database.execute("CREATE TABLE intact AS SELECT * FROM snapshots").await.unwrap();
    let damages = [
        "hash = sha256('x')", // first: while the snapshot is at the head, its hash is what the next event follows
        "state = 'x'",
        "state = '{}'",
        "form = form + 1, state = '{\"of\": \"another release\"}'",
        "version = version - 1",
        "version = version + 1000",
    ];
    for (damage, version) in damages.into_iter().zip(100..) {
        let statements = format!("DELETE FROM snapshots; INSERT INTO snapshots SELECT * FROM intact; UPDATE snapshots SET {damage}");
        database.execute(statements.as_str()).await.unwrap();
        let cold = home.through(&home.server().another().await);
        let forecast = cold.get("/scenarios/{baseline}/projections?months=2").await.expect_status(200);
        assert_eq!((forecast.version(), forecast.at("/months/0/total_income")), (version, "8000.00"), "{damage}");
        record_balance(&cold, version).await;
        assert_eq!(home.version().await, version + 1, "{damage}");
    }
    // The next one replaces it.
    grow_to(&home, 200).await;
    assert_snapshot_and_tail_are_the_replay(&home).await;
}

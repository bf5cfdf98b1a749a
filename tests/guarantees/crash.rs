//! A process that is killed takes nothing with it that it has acknowledged, and leaves nothing half done.
//!
//! The faults: an answer that leaves before the commit is a promise that a crash breaks; a read model that is written after the
//! commit (as stock cqrs-es does) is stale for ever when the process dies in between, and looks fresh; events without their head, or a
//! head without its events, would block or fork the stream. The guard: one statement writes all of it. Without it, a kill between
//! the two leaves tables that are no longer what a replay of the stream says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::household::{Event, Household};
use projections::read_models::accounts::BalanceRow;
use projections::read_models::table::{Row as _, Table};
use projections::read_models::{TABLES, all_rows};
use serde_json::{Value, json};
use sqlx::{Connection, Executor};
use support::{Answer, Client, Request, TestServer};
use tokio::sync::Notify;

use crate::hash_chain::assert_chain_holds;
use crate::household::{assert_flows_follow_the_stream, assert_stream_is_whole, events_after, replayed};

const KILLS: usize = 3;
/// Acknowledged before each kill: enough for every writer to be in the middle of its next.
const WRITES: u32 = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_was_acknowledged_before_kill_9_is_there_and_nothing_is_half_done() {
    let server = TestServer::start().await;
    let home = server.household_earning("Acme", "96000.00").await;
    for _ in 0..KILLS {
        let acknowledged = write_until_killed(&home).await;
        server.start_again().await;
        let head = assert_stream_is_whole(&home).await;
        assert_chain_holds(&home).await;
        assert_recorded(&home, &acknowledged).await;
        assert_read_models_are_the_replay(&home).await;
        assert_eq!(home.version().await, head);
        assert_flows_follow_the_stream(&home).await;
    }
}

/// The same without any luck: the write is held up at each table in turn, and dies there with its process. Whatever were written in
/// another transaction than the rest would be there, or be missing, alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_dies_at_any_table_has_written_nothing() {
    let server = TestServer::start().await;
    let home = server.household_earning("Acme", "96000.00").await;
    for table in ["heads", "events", "income_sources", "flows", "idempotency_keys"] {
        let before = (assert_stream_is_whole(&home).await, stored_rows(&home, TABLES).await);
        let raise = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).idempotency_key(table);
        die_at(&server, table, raise).await;
        server.start_again().await;
        assert_eq!((assert_stream_is_whole(&home).await, stored_rows(&home, TABLES).await), before, "died at {table}");
        let left = format!("SELECT count(*) FROM idempotency_keys WHERE idempotency_key = '{table}'");
        assert_eq!(server.database().number(&left).await, 0, "died at {table}");
    }
    assert_flows_follow_the_stream(&home).await;
}

/// Sends a command that has to wait for a table, and kills server and connection while it waits.
async fn die_at(server: &TestServer, table: &str, command: Request) {
    let (mut locker, mut killer) = (server.database().connect().await, server.database().connect().await);
    let mut lock = locker.begin().await.unwrap();
    lock.execute(format!("LOCK TABLE {table} IN EXCLUSIVE MODE").as_str()).await.unwrap(); // readers may pass
    let sent = tokio::spawn(command.try_send());
    let terminate = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE relation = $1::regclass AND NOT granted \
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let waiting = format!("SELECT count(*) {}", &terminate[terminate.find("FROM pg_locks").unwrap()..]);
    while sqlx::query_scalar::<_, i64>(&waiting).bind(table).fetch_one(&mut killer).await.unwrap() == 0 {
        assert!(!sent.is_finished(), "the command did not have to wait for {table}");
        tokio::task::yield_now().await;
    }
    server.kill9();
    sqlx::query(terminate).bind(table).execute(&mut killer).await.unwrap();
    while sqlx::query_scalar::<_, i64>(&waiting).bind(table).fetch_one(&mut killer).await.unwrap() > 0 {
        tokio::task::yield_now().await;
    }
    lock.rollback().await.unwrap();
    assert!(sent.await.unwrap().is_err(), "a server that is dead has answered");
}

/// Writes of several kinds at once, until the server dies under them; what was acknowledged.
async fn write_until_killed(home: &Client) -> Vec<Answer> {
    let (count, enough) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
    let writers: Vec<_> = (0..6_u32)
        .map(|writer| {
            let (home, count, enough) = (home.clone(), Arc::clone(&count), Arc::clone(&enough));
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    let Ok(answer) = write(&home, writer, n).try_send().await else { break }; // killed
                    assert!([200, 201].contains(&answer.status()), "{answer}");
                    acknowledged.push(answer);
                    if count.fetch_add(1, Ordering::SeqCst) + 1 >= WRITES {
                        enough.notify_one();
                    }
                }
                acknowledged
            })
        })
        .collect();
    enough.notified().await;
    home.server().kill9();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    acknowledged
}

fn write(home: &Client, writer: u32, n: u32) -> Request {
    match writer {
        0 => home.post("/accounts", json!({"name": format!("Savings {n}"), "account_type": "savings", "current_balance": "1.00"})),
        1 => home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": format!("{}.00", 60_000 + 12 * n)})),
        _ => home.post("/accounts/{Checking}", json!({"current_balance": format!("{n}.{writer:02}")})),
    }
}

/// Each acknowledged command's events end at the version that it was told, in its own order.
async fn assert_recorded(home: &Client, acknowledged: &[Answer]) {
    let recorded: BTreeMap<u64, String> =
        events_after(home, 0).await.into_iter().map(|event| (u64::try_from(event.sequence).unwrap(), event.event_type)).collect();
    for answer in acknowledged {
        let names = answer.events();
        for (version, name) in (answer.version() + 1 - names.len() as u64..).zip(names) {
            assert_eq!(recorded.get(&version).map(String::as_str), Some(name), "{answer} was acknowledged");
        }
    }
}

/// Every table of the household holds exactly the rows that a replay of its stream makes.
pub async fn assert_read_models_are_the_replay(home: &Client) {
    let expected = rows_of(home, &replayed(home).await.household).await;
    for (name, stored) in stored_rows(home, TABLES).await {
        assert_eq!(stored, expected.get(name).cloned().unwrap_or_default(), "{name}");
    }
}

/// Rows by table and key.
type Rows = BTreeMap<&'static str, BTreeMap<String, Value>>;

/// The rows that should be there.
async fn rows_of(home: &Client, household: &Household) -> Rows {
    let mut rows = Rows::new();
    for changes in all_rows(household).tables {
        rows.entry(changes.table.name).or_default().extend(by_key(changes.table, changes.rows));
    }
    // A balance is a row of its event; an account that is gone has none.
    let balances = events_after(home, 0).await.into_iter().filter_map(|event| match serde_json::from_value(event.payload).unwrap() {
        Event::BalanceRecorded { account_id, balance, .. } if household.accounts.contains_key(&account_id) => {
            Some(serde_json::to_value(BalanceRow::of(account_id, event.sequence, &balance)).unwrap())
        }
        _ => None,
    });
    rows.insert(BalanceRow::TABLE.name, by_key(BalanceRow::TABLE, balances));
    rows
}

/// The rows that are there; amounts as text, as they are answered.
async fn stored_rows(home: &Client, tables: &'static [&'static Table]) -> Rows {
    let mut database = home.server().database().connect().await;
    let mut rows = Rows::new();
    for table in tables {
        let text = |column: &str| if table.numeric.contains(&column) { "::text" } else { "" };
        let columns: Vec<String> = table.columns.iter().map(|column| format!("'{column}', \"{column}\"{}", text(column))).collect();
        let sql = format!("SELECT json_build_object({}) FROM {} WHERE household_id::text = $1", columns.join(", "), table.name);
        let stored: Vec<Value> = sqlx::query_scalar(&sql).bind(home.id("household")).fetch_all(&mut database).await.unwrap();
        rows.insert(table.name, by_key(table, stored));
    }
    rows
}

fn by_key(table: &Table, rows: impl IntoIterator<Item = Value>) -> BTreeMap<String, Value> {
    let key = |row: &Value| table.key.iter().map(|column| row[column].to_string()).collect::<Vec<_>>().join(" ");
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

//! A rebuild is not noticed by those who read and write meanwhile, and leaves nothing behind that a stream does not say.
//!
//! The faults: a reader that finds a list half-filled; an append that commits between the replay and the write, and is overwritten; one that
//! waits for the write with an older snapshot, and whose DELETE then does not see the row that the rebuild has put back; a rebuild that dies
//! half-way; two at once; a program of another form that answers from rows of the old one. The guards: a household is switched in one
//! transaction, under the lock of its head, onto the head that was compared; the head's row is replaced, so that whoever waited for it
//! decides anew; progress and a heartbeat in the table `rebuilds`; healing on access until the tables are of the program's form.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, Executor};
use support::{Client, Database, TestServer};

use crate::verify::verified;

/// Far more than it takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const READ_TABLES: &str = "households, members, memberships, accounts, balances, asset_groups, income_sources, withholding, deductions, \
    self_employment, flows, scenarios, goals, decision_runs, snapshots";

/// Waits until a query with one number answers more than zero.
async fn until(database: &Database, query: &str) {
    let waited = async {
        while database.number(query).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap_or_else(|_| panic!("never: {query}"));
}

/// Somebody waits for a lock.
const SOMEBODY_WAITS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Puts other households beside this one, which differ from it in their ids alone; with their events and heads, and no row of a read
/// model: those have to be built. (A copy's hashes are those of its original, so its chain holds, and its hashes would not.)
async fn copy_streams(home: &Client, copies: u32) {
    let id = home.id("household");
    let copy = format!(
        "CREATE TEMPORARY TABLE copies AS SELECT gen_random_uuid() AS id FROM generate_series(1, {copies}); \
         INSERT INTO events (household_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, prev_hash, hash) \
         SELECT c.id, aggregate_type, c.id::text, sequence, event_type, event_version, replace(payload::text, '{id}', c.id::text)::json, \
         metadata, prev_hash, hash FROM events, copies c WHERE household_id = '{id}'; \
         INSERT INTO heads (household_id, version, hash) SELECT c.id, version, hash FROM heads, copies c WHERE household_id = '{id}'; \
         DROP TABLE copies"
    );
    home.server().database().connect().await.execute(copy.as_str()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rebuild_under_load_shows_no_half_and_loses_nothing() {
    let server = TestServer::start().await;
    let mut homes = Vec::new();
    for _ in 0..4 {
        let home = server.household_earning("Acme", "96000.00").await;
        for n in 0..8 {
            home.account(&format!("Savings {n}"), "savings", "10.00").await;
        }
        homes.push(home);
    }
    copy_streams(&homes[0], 250).await;
    let whole = homes[0].get("/accounts").await.expect_status(200).list_at("/items").len();
    // All of the first household's accounts but one are gone, so are all rows of the copies; a value of each other household is wrong.
    let id = homes[0].id("household");
    let tamper = format!(
        "DELETE FROM accounts WHERE household_id = '{id}' AND name <> 'Checking'; DELETE FROM flows WHERE household_id <> '{id}'; \
         UPDATE accounts SET name = 'Somebody''s' WHERE household_id <> '{id}'; DELETE FROM balances; \
         INSERT INTO scenarios SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'name', 'Nobody''s'))).* FROM scenarios s"
    );
    server.database().connect().await.execute(tamper.as_str()).await.unwrap();

    let running = Arc::new(AtomicBool::new(true));
    let mut busy = Vec::new();
    for (number, home) in homes.iter().enumerate() {
        busy.push(tokio::spawn(write(home.clone(), number, Arc::clone(&running))));
    }
    busy.push(tokio::spawn(read_all_or_one(homes[0].clone(), whole, Arc::clone(&running))));
    let rebuilt = server.database().run(&["projections", "rebuild"]).await;
    assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    assert!(rebuilt.output.starts_with("rebuilt 254 households"), "{rebuilt:?}");
    tokio::time::sleep(Duration::from_millis(200)).await; // the reader sees what is there now
    running.store(false, Ordering::SeqCst);
    for task in busy {
        assert!(task.await.unwrap() > 0, "a reader or writer did nothing meanwhile");
    }
    assert_eq!(verified(&homes[0]).await.first, []);
    // And once more: there is nothing left to mend.
    let again = server.database().run(&["projections", "rebuild"]).await;
    assert!(again.output.contains(": 0 differences mended"), "{again:?}");
}

/// Commands that add, change and remove rows, one after the other; how many.
async fn write(home: Client, number: usize, running: Arc<AtomicBool>) -> u32 {
    let mut done = 0;
    while running.load(Ordering::SeqCst) {
        home.post("/accounts/{Checking}", json!({"current_balance": format!("{done}.00")})).await.expect_status(200);
        if number > 0 {
            let opened = home.post("/accounts", json!({"name": "Soon gone", "account_type": "savings", "current_balance": "1.00"})).await;
            let opened = opened.expect_status(201);
            home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": format!("{}.00", 60_000 + done)})).await.expect_status(200);
            home.delete(&format!("/accounts/{}", opened.at("/id"))).await.expect_status(200);
        }
        done += 1;
    }
    done
}

/// Reads a household that has one of its accounts or all of them: nothing in between, and never less than before; how often.
async fn read_all_or_one(home: Client, whole: usize, running: Arc<AtomicBool>) -> u32 {
    let (mut reads, mut most) = (0, 0);
    while running.load(Ordering::SeqCst) {
        let listed = home.get("/accounts").await.expect_status(200).list_at("/items").len();
        assert!(listed == 1 || listed == whole, "{listed} of {whole} accounts: a half");
        assert!(listed >= most, "{listed} accounts, and {most} before");
        most = listed;
        reads += 1;
    }
    assert_eq!(most, whole, "the rebuild was not seen");
    reads
}

/// The rebuild has compared both households, and waits for the head of the first; meanwhile the second one moves on. What was compared of
/// it is of yesterday.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_appended_between_comparison_and_switch_is_not_overwritten() {
    let server = TestServer::start().await;
    let (first, second) = (server.household().await, server.household().await);
    let database = server.database();
    let mut owner = database.connect().await;
    owner.execute("UPDATE accounts SET current_balance = 1.00").await.unwrap();
    let mut lock = owner.begin().await.unwrap();
    let head = format!("SELECT FROM heads WHERE household_id = '{}' FOR UPDATE", first.id("household"));
    lock.execute(head.as_str()).await.unwrap();
    let rebuild = database.start(&["projections", "rebuild"]);
    until(database, SOMEBODY_WAITS).await;
    second.post("/accounts/{Checking}", json!({"current_balance": "77.00"})).await.expect_status(200);
    lock.commit().await.unwrap();

    let rebuilt = rebuild.ended().await;
    assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    assert_eq!(second.get("/accounts/{Checking}").await.expect_status(200).at("/current_balance"), "77.00");
    assert_eq!(verified(&first).await.first, []);
}

/// The append waits for the head with a snapshot in which the account's row is missing; the rebuild has just put it back. It must not
/// stay for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_waited_for_the_rebuild_removes_the_row_that_the_rebuild_put_back() {
    let home = TestServer::start().await.household_earning("Acme", "96000.00").await;
    home.account("Old", "savings", "10.00").await;
    let database = home.server().database();
    let mut owner = database.connect().await;
    owner.execute("DELETE FROM accounts WHERE name = 'Old'; UPDATE scenarios SET name = 'x'").await.unwrap();

    // Scenarios are written last: the rebuild has locked the head and put the account back when it has to wait here.
    let mut lock = owner.begin().await.unwrap();
    lock.execute("LOCK TABLE scenarios IN EXCLUSIVE MODE").await.unwrap();
    let rebuild = database.start(&["projections", "rebuild"]);
    until(database, SOMEBODY_WAITS).await;
    let removal = tokio::spawn(home.delete("/accounts/{Old}").into_future());
    until(database, &SOMEBODY_WAITS.replace("count(*)", "greatest(count(*) - 1, 0)")).await;
    lock.commit().await.unwrap();

    let rebuilt = rebuild.ended().await;
    assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    removal.await.unwrap().expect_status(200);
    assert_eq!(verified(&home).await.first, []);
    home.get("/accounts/{Old}").await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_was_killed_leaves_whole_households_and_goes_on_where_it_was() {
    let home = TestServer::start().await.household_earning("Acme", "96000.00").await;
    copy_streams(&home, 420).await;
    let database = home.server().database();
    let mut owner = database.connect().await;
    owner.execute(format!("TRUNCATE {READ_TABLES}").as_str()).await.unwrap();
    // It cannot have this head, so it gets stuck behind its first batches.
    let mut lock = owner.begin().await.unwrap();
    lock.execute("SELECT FROM heads ORDER BY household_id DESC LIMIT 1 FOR UPDATE").await.unwrap();
    let mut first = database.start(&["projections", "rebuild"]);
    until(database, SOMEBODY_WAITS).await;
    until(database, "SELECT count(done_to) FROM rebuilds").await;

    let second = database.run(&["projections", "rebuild"]).await;
    assert!(second.code == Some(1) && second.log.contains("another rebuild is running"), "{second:?}");
    first.kill9();
    let half = "SELECT count(*) FROM heads h WHERE (SELECT count(*) FROM households t WHERE t.household_id = h.household_id) \
                <> (SELECT count(*) FROM scenarios t WHERE t.household_id = h.household_id)";
    assert_eq!(database.number(half).await, 0);
    let done = database.number("SELECT count(*) FROM households").await;
    assert!((200..421).contains(&done), "{done} of 421 households were done");
    lock.rollback().await.unwrap();

    let too_early = database.run(&["projections", "rebuild"]).await;
    assert!(too_early.code == Some(1) && too_early.log.contains("15 s"), "{too_early:?}");
    owner.execute("UPDATE rebuilds SET heartbeat_at = heartbeat_at - interval '1 minute'").await.unwrap();
    let resumed = database.run(&["projections", "rebuild"]).await;
    // Had it begun anew, it would have counted some households twice.
    assert!(resumed.code == Some(0) && resumed.output.starts_with("rebuilt 421 households"), "{resumed:?}");
    assert_eq!(database.number("SELECT count(*) FROM rebuilds WHERE state = 'finished'").await, 1);
    assert_eq!(verified(&home).await.first, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_form_is_rebuilt_by_itself_and_never_answered_from() {
    let server = TestServer::start().await;
    let (asked, waiting) = (server.household_earning("Acme", "96000.00").await, server.household_earning("Apex", "60000.00").await);
    let database = server.database();
    let own_form: String =
        sqlx::query_scalar("SELECT fingerprint FROM read_models_form").fetch_one(&mut database.connect().await).await.unwrap();
    assert_eq!(database.number("SELECT count(*) FROM rebuilds").await, 0, "a new database needs none");
    let incomes = asked.get("/income-sources").await.expect_status(200).text();
    server.stop().await;

    // As a program of another form would leave it; and somebody holds up the rebuild.
    let old = "UPDATE read_models_form SET fingerprint = 'another'; UPDATE income_sources SET annual_gross = 0; DELETE FROM flows; \
               INSERT INTO rebuilds (rebuild_id, cause, fingerprint, worker, heartbeat_at) \
               VALUES (gen_random_uuid(), 'command', 'another', gen_random_uuid(), now() + interval '1 hour')";
    database.connect().await.execute(old).await.unwrap();
    server.start_again().await;
    assert_eq!(asked.get("/income-sources").await.expect_status(200).text(), incomes);
    assert!(!asked.get("/flows?system=true").await.expect_status(200).list_at("/items").is_empty());
    let id = waiting.id("household");
    let still_old = format!("SELECT count(*) FROM income_sources WHERE household_id = '{id}' AND annual_gross = 0");
    assert_eq!(database.number(&still_old).await, 1);

    database.connect().await.execute("UPDATE rebuilds SET heartbeat_at = now() - interval '1 hour'").await.unwrap();
    until(database, &format!("SELECT count(*) FROM read_models_form WHERE fingerprint = '{own_form}'")).await;
    assert_eq!(database.number(&still_old).await, 0);
    assert_eq!(database.number("SELECT count(*) FROM rebuilds WHERE cause = 'form' AND state = 'finished' AND households = 2").await, 1);
    assert_eq!(verified(&asked).await.first, []);
}

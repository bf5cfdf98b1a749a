//! Commands of one household that come while an append is under way go into the next statement together; to their clients they are as if
//! each had been alone.
//!
//! The faults that this could bring: a command that is refused because of what another one was about to do and then did not; a bad one
//! that takes its neighbours down; a client that hangs up and takes the answers of those who waited with it; rows of two commands in one
//! statement that do not see each other. The guards: what was decided on something that is not appended counts only once it is; a
//! group that the database refuses is tried again one by one; an append belongs to no client; a row is made from the state behind the
//! group. Each test holds an append up in the database, so that the others have to wait.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use domain::calendar::Instant;
use domain::household::facts::Balance;
use domain::household::{Actor, Command, Intent};
use domain::ids::AccountId;
use domain::money::Money;
use projections::store::{self, Decided, Executed, Head, Metadata};
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use support::{Answer, Client, Request};
use tokio::task::JoinHandle;

use crate::crash::assert_read_models_are_the_replay;
use crate::hash_chain::assert_chain_holds;
use crate::household::{assert_stream_is_whole, events_after, home_through, id_of, store_of};

/// Long enough for a command to be decided and to wait, on a machine that has other things to do. One that is later is in a later group.
const TO_BE_WAITING: Duration = Duration::from_millis(300);

fn sent(request: Request) -> JoinHandle<Answer> {
    tokio::spawn(async move { request.await })
}

async fn answers(sent: Vec<JoinHandle<Answer>>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for one in sent {
        answers.push(one.await.unwrap());
    }
    answers
}

/// Nobody moves the household's head until the transaction ends; `first` is the append that waits for it.
async fn hold_up<'c, T>(
    home: &Client,
    locker: &'c mut PgConnection,
    first: impl FnOnce() -> JoinHandle<T>,
) -> (sqlx::Transaction<'c, sqlx::Postgres>, JoinHandle<T>) {
    let mut lock = locker.begin().await.unwrap();
    lock.execute(format!("SELECT FROM heads WHERE household_id = '{}' FOR UPDATE", home.id("household")).as_str()).await.unwrap();
    let first = first();
    let waiting =
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
    while home.server().database().number(waiting).await == 0 {
        assert!(!first.is_finished(), "the command did not have to wait");
        tokio::task::yield_now().await;
    }
    (lock, first)
}

fn balance(home: &Client, n: u32) -> Request {
    home.post("/accounts/{Checking}", json!({"current_balance": format!("{n}.50")}))
}

/// The database fails on this balance of an account, after a while, as on a bug of ours.
async fn fail_on(home: &Client, condition: &str) {
    let mut owner = home.server().database().connect().await;
    let function = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
                    $$ BEGIN PERFORM pg_sleep(1); RAISE EXCEPTION 'planted' USING ERRCODE = 'check_violation'; END $$";
    owner.execute(function).await.unwrap();
    let trigger = format!("CREATE TRIGGER fail BEFORE INSERT ON events FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION fail()");
    owner.execute(trigger.as_str()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_wait_for_an_append_share_the_next_and_each_is_answered_as_if_alone() {
    let home = &home_through(1).await[0];
    let version = home.version().await;
    let mut locker = home.server().database().connect().await;
    let (lock, first) = hold_up(home, &mut locker, || sent(balance(home, 1_000))).await;
    let mut waiting = vec![first];
    waiting.extend((1..=20).map(|n| sent(balance(home, 1_000 + n).idempotency_key(&format!("key-{n}")))));
    tokio::time::sleep(TO_BE_WAITING).await;
    lock.rollback().await.unwrap();

    let answers = answers(waiting).await;
    let events = events_after(home, version).await;
    assert_eq!(events.len(), 21);
    for answer in &answers {
        let answer = answer.clone().expect_status(200);
        let own = events.iter().find(|event| event.sequence.unsigned_abs() == answer.version()).unwrap();
        assert_eq!(own.data("balance")["balance"], answer.at("/current_balance"), "an answer shows another command's event");
        assert_eq!(own.metadata["request_id"].as_str(), answer.header("x-request-id"), "an event has another command's metadata");
    }
    assert_eq!(answers.iter().map(Answer::version).collect::<BTreeSet<_>>().len(), 21);
    let transactions = format!(
        "SELECT count(DISTINCT transaction_id) FROM events WHERE household_id = '{}' AND sequence > {version}",
        home.id("household")
    );
    let transactions = home.server().database().number(&transactions).await;
    assert!(transactions < 15, "{transactions} transactions for 21 commands, 20 of which waited for one");
    // A key of one in a group is a key like any other.
    let again = balance(home, 1_007).idempotency_key("key-7").await;
    assert_eq!((again.header("idempotency-hit"), again.at("/current_balance")), (Some("true"), "1007.50"));
    assert_stream_is_whole(home).await;
    assert_chain_holds(home).await;
    assert_read_models_are_the_replay(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_not_refused_for_what_the_one_before_it_failed_to_do() {
    let home = &home_through(1).await[0];
    home.account("Savings", "savings", "5.00").await;
    fail_on(home, "NEW.event_type = 'account.removed'").await;
    let removal = sent(home.delete("/accounts/{Savings}"));
    tokio::time::sleep(TO_BE_WAITING).await;
    // Where the removal is appended, the account is gone; it will not be.
    let change = home.patch("/accounts/{Savings}", json!({"name": "Rainy days"})).await;
    assert_eq!(change.expect_status(200).at("/name"), "Rainy days");
    removal.await.unwrap().expect_status(500);
    assert_read_models_are_the_replay(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_refused_for_what_the_one_before_it_did() {
    let home = &home_through(1).await[0];
    home.account("Savings", "savings", "5.00").await;
    let mut locker = home.server().database().connect().await;
    let (lock, first) = hold_up(home, &mut locker, || sent(balance(home, 1))).await;
    let removal = sent(home.delete("/accounts/{Savings}"));
    tokio::time::sleep(TO_BE_WAITING).await;
    let change = sent(home.patch("/accounts/{Savings}", json!({"name": "Rainy days"})));
    tokio::time::sleep(TO_BE_WAITING).await;
    lock.rollback().await.unwrap();
    first.await.unwrap().expect_status(200);
    removal.await.unwrap().expect_status(200);
    change.await.unwrap().expect_status(404);
}

/// Together, the removal of an account would not see the balance that the same statement writes.
#[tokio::test(flavor = "multi_thread")]
async fn a_balance_and_the_removal_of_its_account_together_leave_nothing_behind() {
    let home = &home_through(1).await[0];
    home.account("Savings", "savings", "5.00").await;
    let mut locker = home.server().database().connect().await;
    let (lock, first) = hold_up(home, &mut locker, || sent(balance(home, 1))).await;
    let recorded = sent(home.post("/accounts/{Savings}", json!({"current_balance": "6.00"})));
    tokio::time::sleep(TO_BE_WAITING).await;
    let removal = sent(home.delete("/accounts/{Savings}"));
    tokio::time::sleep(TO_BE_WAITING).await;
    lock.rollback().await.unwrap();
    for one in [first, recorded, removal] {
        one.await.unwrap().expect_status(200);
    }
    assert_read_models_are_the_replay(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_the_database_refuses_fails_alone() {
    let home = &home_through(1).await[0];
    fail_on(home, "NEW.payload->'data'->'balance'->>'balance' = '13.50'").await;
    let mut locker = home.server().database().connect().await;
    let (lock, first) = hold_up(home, &mut locker, || sent(balance(home, 1))).await;
    let waiting: Vec<_> = (10..20).map(|n| sent(balance(home, n))).collect();
    tokio::time::sleep(TO_BE_WAITING).await;
    lock.rollback().await.unwrap();
    first.await.unwrap().expect_status(200);
    for (n, answer) in (10..20).zip(answers(waiting).await) {
        answer.expect_status(if n == 13 { 500 } else { 200 });
    }
    assert_stream_is_whole(home).await;
}

/// Here without HTTP: a web server may or may not drop what it does for a client that has gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_takes_nobodys_answer_along() {
    let home = &home_through(1).await[0];
    let (version, store) = (home.version().await, store_of(home).await);
    store.load_head(id_of(home)).await.unwrap();
    let execute = |n: i64| {
        let (store, request) = (store.clone(), recording(home, n));
        tokio::spawn(async move {
            let answer = |_: &Decided<'_>| Ok(store::Answer { status: 200, location: None, body: String::new() });
            store.execute(request, answer).await
        })
    };
    let mut locker = home.server().database().connect().await;
    let (lock, first) = hold_up(home, &mut locker, || execute(1)).await;
    let waiting: Vec<_> = (2..6).map(execute).collect();
    tokio::time::sleep(TO_BE_WAITING).await;
    first.abort();
    tokio::time::sleep(TO_BE_WAITING).await;
    lock.rollback().await.unwrap();
    for one in waiting {
        assert!(matches!(one.await.unwrap().unwrap(), Executed::Answered { .. }));
    }
    assert_eq!(assert_stream_is_whole(home).await, version + 5, "what was decided before the client hung up is carried out once");
}

/// A balance of the household's checking account, by nobody in particular.
fn recording(home: &Client, n: i64) -> store::Request {
    let decided_at = Instant::from(SystemTime::now());
    let balance = Balance { as_of_date: decided_at.date_naive(), balance: Money::from_cents(n), cost_basis: None, market_value: None };
    let account_id = AccountId(home.id("Checking").parse().unwrap());
    let metadata = Metadata {
        actor_kind: "system",
        actor_id: "test".to_owned(),
        role: None,
        request_id: None,
        correlation_id: None,
        causation_id: None,
        trace_id: None,
        span_id: None,
        idempotency_key: None,
        decided_at,
    };
    store::Request {
        household_id: id_of(home),
        command: Command { decided_at, actor: Actor::System, intent: Intent::RecordBalances { account_id, balances: vec![balance] } },
        metadata,
        seen: Head::NOTHING,
        expected_version: None,
        idempotency: None,
    }
}

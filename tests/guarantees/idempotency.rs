//! The same request with the same key is carried out once, however often and however simultaneously it arrives.
//!
//! The race: a client that heard nothing sends again, while the first is still under way. Both find no answer under the key, both
//! decide, both append: two accounts for one click (the predecessor's bugs 12 and 13). The guard: the answer is written under its key in
//! the transaction of its events, and a key can be taken once; who comes second is given the first one's answer. Without the guard
//! (an answer that is kept after the commit, or a second one that is judged by what the first has done) the second is carried out
//! too, or is refused because of the first.

use serde_json::json;
use support::{Answer, Client, Request, TestServer};

use crate::household::{assert_stream_is_whole, at_once, home_through};

/// Of ten requests some then share a process, and its lanes and cache, and some do not.
const PROCESSES: usize = 3;

/// What a client can tell of an answer, but for whether it was given before.
fn told(answer: &Answer) -> (u16, u64, Option<&str>, String) {
    (answer.status(), answer.version(), answer.header("location"), answer.text())
}

/// Ten equal answers, nine of them given again; the one.
#[track_caller]
fn assert_one_effect(answers: Vec<Answer>, status: u16) -> Answer {
    assert_eq!(answers.len(), 10);
    let first = answers[0].clone().expect_status(status);
    for answer in &answers {
        assert_eq!(told(answer), told(&first));
    }
    let given_again = answers.iter().filter(|answer| answer.header("idempotency-hit") == Some("true")).count();
    assert_eq!(given_again, 9);
    first
}

/// The same request ten times at once, with one key, taking turns through the processes.
async fn ten_times(homes: &[Client], request: impl Fn(&Client) -> Request) -> Vec<Answer> {
    at_once((0..10).map(|n| request(&homes[n % homes.len()]).idempotency_key("only-once"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_opened_ten_times_at_once_with_one_key_is_one_account() {
    let homes = home_through(PROCESSES).await;
    let version = homes[0].version().await;
    let body = json!({"name": "Savings", "account_type": "savings", "current_balance": "100.00"});
    let opened = assert_one_effect(ten_times(&homes, |home| home.post("/accounts", body.clone())).await, 201);
    assert_eq!(opened.version(), version + 2);
    assert_eq!(homes[0].get("/accounts").await.list_at("/items").iter().filter(|account| account["name"] == "Savings").count(), 1);
    assert_eq!(assert_stream_is_whole(&homes[0]).await, version + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_household_opened_ten_times_at_once_with_one_key_is_one_household() {
    let first = TestServer::start().await;
    let user = first.user().await;
    let users = [user.clone(), user.through(&first.another().await), user.through(&first.another().await)];
    let body = json!({"name": "Home", "filing_status": "single", "state": "TX"});
    let opened = assert_one_effect(ten_times(&users, |user| user.post("/households", body.clone())).await, 201);
    let listed = user.get("/households").await.expect_status(200);
    assert_eq!(listed.list_at("/items").len(), 1, "{listed}");
    assert_eq!(listed.at("/items/0/id"), opened.at("/id"));
    assert_eq!(listed.list_at("/items")[0]["version"], json!(opened.version()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_changes_nothing_sent_ten_times_at_once_is_answered_once() {
    let homes = home_through(PROCESSES).await;
    let version = homes[0].version().await;
    let first = assert_one_effect(ten_times(&homes, |home| home.post("/flows/regenerate", json!({}))).await, 200);
    assert_eq!((first.version(), first.events()), (version, vec![]));
    assert_eq!(assert_stream_is_whole(&homes[0]).await, version);
}

/// The second removal finds nothing to remove. Judged by that it would be a 404; it is the first one's answer that counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_sent_ten_times_at_once_is_never_told_that_there_is_nothing() {
    let homes = home_through(PROCESSES).await;
    assert_one_effect(ten_times(&homes, |home| home.delete("/income-sources/{Acme}")).await, 200);
    assert_stream_is_whole(&homes[0]).await;
}

/// The second finds another version than it demands: the one that the first has made.
#[tokio::test(flavor = "multi_thread")]
async fn a_conditional_command_sent_ten_times_at_once_is_never_told_that_it_is_behind() {
    let homes = home_through(PROCESSES).await;
    let version = homes[0].version().await;
    let body = json!({"current_balance": "17.00"});
    let answers = ten_times(&homes, |home| home.post("/accounts/{Checking}", body.clone()).if_match(version)).await;
    assert_eq!(assert_one_effect(answers, 200).version(), version + 1);
    assert_eq!(assert_stream_is_whole(&homes[0]).await, version + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_used_for_another_request_is_refused_and_does_nothing() {
    let home = &home_through(1).await[0];
    let set = |balance: &str| home.post("/accounts/{Checking}", json!({"current_balance": balance})).idempotency_key("k");
    let first = set("17.00").await.expect_status(200);
    set("18.00").await.expect_status(422);
    home.post("/flows/regenerate", json!({})).idempotency_key("k").await.expect_status(422);
    let account = home.get("/accounts/{Checking}").await.expect_status(200);
    assert_eq!((account.version(), account.at("/current_balance")), (first.version(), "17.00"));
    assert_eq!(told(&set("17.00").await), told(&first));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_users_key_is_another_key() {
    let home = &home_through(1).await[0];
    let email = "grace@example.com";
    let register = json!({"email": email, "password": "correct horse battery staple"});
    home.server().anonymous().post("/api/auth/register", register).await.expect_status(201);
    home.post("/households/{household}/memberships", json!({"email": email, "role": "owner"})).await.expect_status(201);
    let grace = home.logged_in(email).await;
    let open = |user: &Client| {
        let body = json!({"name": "Savings", "account_type": "savings", "current_balance": "100.00"});
        user.post("/accounts", body).idempotency_key("k")
    };
    let (hers, his) = (open(&grace).await.expect_status(201), open(home).await.expect_status(201));
    assert_ne!(hers.at("/id"), his.at("/id"));
    assert_eq!(his.header("idempotency-hit"), None);
}

/// An answer that was only remembered by the process would be carried out again after its end.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_outlives_the_server() {
    let home = &home_through(1).await[0];
    let request = || home.post("/accounts/{Checking}", json!({"current_balance": "17.00"})).idempotency_key("k");
    let first = request().await.expect_status(200);
    home.server().stop().await;
    home.server().start_again().await;
    let again = request().await;
    assert_eq!((again.header("idempotency-hit"), told(&again)), (Some("true"), told(&first)));
    assert_eq!(assert_stream_is_whole(home).await, first.version());
}

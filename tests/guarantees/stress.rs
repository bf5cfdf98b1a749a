//! A burst of writes is taken as a whole, and is read at once.
//!
//! The fault: a server under load queues what it has acknowledged (the predecessor's poller was up to 30 seconds behind), refuses
//! a part of it, or lets one balance overwrite another. The guard: an answer is sent after the one transaction that wrote event, read
//! models and head. Were the balances written behind the answer, the list below would lack some of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::Answer;

use crate::household::{assert_stream_is_whole, at_once, events_after, home_through};

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_balances_at_once_are_all_taken_and_read_at_once() {
    let homes = home_through(1).await;
    let home = &homes[0];
    let version = home.version().await;

    let answers = at_once((0..100).map(|n| home.post("/accounts/{Checking}/", json!({"current_balance": balance(n)})))).await;
    let forecast = home.get("/scenarios/{baseline}/projections").await.expect_status(200);

    let versions: BTreeSet<u64> = answers.iter().map(|answer| answer.clone().expect_status(200).version()).collect();
    assert_eq!(versions, (version + 1..=version + 100).collect(), "every one has a version of its own");
    let last = answers.iter().max_by_key(|answer| answer.version()).unwrap();
    assert_eq!(forecast.version(), version + 100, "the projection is not at the head");
    assert_eq!(forecast.at(&format!("/opening/balances/{}", home.id("Checking"))), last.at("/current_balance"));

    let recorded: BTreeSet<String> =
        events_after(home, version).await.iter().map(|event| event.data("balance")["balance"].as_str().unwrap().to_owned()).collect();
    assert_eq!(recorded, (0..100).map(balance).collect());
    let account = home.get("/accounts/{Checking}").await.expect_status(200);
    assert_eq!(account.at("/current_balance"), last.at("/current_balance"));
    assert_eq!(balances(&home.get("/accounts/{Checking}/balances?limit=200").await), 101, "with the one that it was opened with");
    assert_eq!(assert_stream_is_whole(home).await, version + 100);
}

fn balance(n: u32) -> String {
    format!("{}.25", 1_000 + n)
}

fn balances(list: &Answer) -> usize {
    assert_eq!(list.clone().expect_status(200).value("/next_cursor"), &Value::Null);
    list.list_at("/items").iter().map(|item| item["balance"].as_str().unwrap()).collect::<BTreeSet<_>>().len()
}

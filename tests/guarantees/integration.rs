//! A forecast is never older than what was acknowledged before it was asked for.
//!
//! The fault (the predecessor's bug 14): a projection was stored, then an income changed, and for up to 30 seconds the stored one
//! was still shown. The guard: a stored projection counts only where it names exactly the head's version, checked in the statement that
//! reads it; else it is computed from a state at the head. Without the check the second round reads the first one's figures; with
//! a cache that does not ask the database, another process than the writer's does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use support::{Answer, Client};

use crate::household::home_through;

const ROUNDS: u64 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_at_once_after_a_raise_contains_it_fifty_times_of_fifty() {
    let homes = homes(1).await;
    read_after_each_raise(&homes[0], &homes[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_through_another_process_contains_a_raise_fifty_times_of_fifty() {
    let homes = homes(2).await;
    read_after_each_raise(&homes[0], &homes[1]).await;
}

async fn read_after_each_raise(writer: &Client, reader: &Client) {
    let mut stored = 0;
    for round in 0..ROUNDS {
        let raise = raise(writer, round).await;
        let shown = reader.get("/scenarios/{baseline}/projections").await.expect_status(200);
        let computed = reader.post("/scenarios/{baseline}/compute", json!({})).await.expect_status(200);
        for forecast in [&shown, &computed] {
            assert_eq!((version_of(forecast), first_income(forecast)), (raise.version(), monthly(round)), "round {round}");
        }
        stored += u64::from(computed.at("/source") == "stored");
    }
    // Else the rounds would have proved nothing about stored ones.
    assert_eq!(stored, ROUNDS, "a forecast that was just computed was not stored");
}

/// The race: a slow reader computes on an older state and stores it over a newer one, or answers with figures of one version
/// under the number of another.
#[tokio::test(flavor = "multi_thread")]
async fn forecasts_read_while_incomes_change_are_each_of_one_version_and_none_is_old() {
    let homes = homes(3).await;
    let acknowledged = Arc::new(AtomicU64::new(homes[0].version().await));
    let done = Arc::new(AtomicBool::new(false));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let readers: Vec<_> = homes
        .iter()
        .map(|reader| {
            let (reader, acknowledged, done, seen) = (reader.clone(), acknowledged.clone(), done.clone(), seen.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    let at_least = acknowledged.load(Ordering::SeqCst);
                    let forecast = reader.get("/scenarios/{baseline}/projections").await.expect_status(200);
                    assert!(version_of(&forecast) >= at_least, "{at_least} was acknowledged before this was asked: {forecast}");
                    seen.lock().unwrap().push((version_of(&forecast), first_income(&forecast)));
                }
            })
        })
        .collect();
    let mut written = BTreeMap::from([(acknowledged.load(Ordering::SeqCst), "8000.00".to_owned())]);
    for round in 0..ROUNDS {
        let raise = raise(&homes[0], round).await;
        acknowledged.store(raise.version(), Ordering::SeqCst);
        written.insert(raise.version(), monthly(round));
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert!(!seen.is_empty());
    for (version, income) in &seen {
        assert_eq!(written.get(version), Some(income), "version {version} did not have this income");
    }
    let last = homes[1].get("/scenarios/{baseline}/projections").await.expect_status(200);
    assert_eq!((version_of(&last), first_income(&last)), (written.last_key_value().unwrap().0.to_owned(), monthly(ROUNDS - 1)));
}

/// A household whose baseline is a year long: a shorter forecast is as stale as a longer one, and sooner computed.
async fn homes(processes: usize) -> Vec<Client> {
    let homes = home_through(processes).await;
    homes[0].patch("/scenarios/{baseline}", json!({"projection_months": 12})).await.expect_status(200);
    homes
}

async fn raise(home: &Client, round: u64) -> Answer {
    let salary = format!("{}.00", 60_000 + 1_200 * round);
    home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": salary})).await.expect_status(200)
}

fn monthly(round: u64) -> String {
    format!("{}.00", 5_000 + 100 * round)
}

fn first_income(forecast: &Answer) -> String {
    forecast.at("/months/0/total_income").to_owned()
}

/// The version that the body names, which is also the one in the header.
fn version_of(forecast: &Answer) -> u64 {
    let version = u64::try_from(forecast.number_at("/household_version")).unwrap();
    assert_eq!(version, forecast.version());
    version
}

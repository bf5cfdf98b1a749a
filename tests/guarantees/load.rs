//! Many writers of one household at once: nothing is generated twice, nothing is lost.
//!
//! The race (it was the predecessor's bugs 3, 4 and 8 to 10): two writers read the same state, both decide, both write. Of two regenerations
//! both would add every flow; of two changes one would overwrite the other. The guard is the append: the head moves only from the
//! version that was decided on. Without it (a head that moves from anywhere) these tests see forks, lost changes and two winners
//! of one `If-Match`. Lanes and caches live in one process, so each promise is tried through three as well.

use std::collections::{BTreeMap, BTreeSet};

use domain::household::{Event, Household};
use projections::store::{Batch, append};
use serde_json::{Value, json};
use support::{Answer, Client};

use crate::household::{
    assert_flows_follow_the_stream, assert_stream_is_whole, at_once, events_after, home_through, id_of, store_of, system_flows,
};

#[tokio::test(flavor = "multi_thread")]
async fn ten_regenerations_at_once_generate_once() {
    ten_regenerations(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_regenerations_at_once_through_three_processes_generate_once() {
    ten_regenerations(3).await;
}

async fn ten_regenerations(processes: usize) {
    let homes = home_through(processes).await;
    let home = &homes[0];
    let expected = system_flows(home).await;
    take_away_the_flows(home).await;
    assert_eq!(system_flows(home).await, BTreeMap::new());
    let version = home.version().await;

    let answers = at_once((0..10).map(|n| homes[n % processes].post("/flows/regenerate", json!({})))).await;

    let (generated, unchanged): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().map(|answer| answer.expect_status(200)).partition(|answer| answer.at("/outcome") == "generated");
    assert_eq!((generated.len(), unchanged.len()), (1, 9), "{generated:?}");
    assert_eq!(usize::try_from(generated[0].number_at("/added")).unwrap(), expected.len());
    let appended: Vec<String> = events_after(home, version).await.into_iter().map(|event| event.event_type).collect();
    assert_eq!(appended, ["system_flows.generated"]);
    for home in &homes {
        assert_eq!(system_flows(home).await, expected, "not the flows, or not under the ids, that stood before");
    }
    assert_stream_is_whole(home).await;
}

/// Leaves the household as a release that knew of no derived flows would have: without that there is nothing to generate, since they
/// are recorded together with what they follow from.
async fn take_away_the_flows(home: &Client) {
    let (store, household_id) = (store_of(home).await, id_of(home));
    let base = store.load_head(household_id).await.unwrap();
    let removed = base.household.system_flows.values().cloned().collect();
    let event = Event::SystemFlowsGenerated { added: Vec::new(), changed: Vec::new(), removed };
    let mut after = Household::clone(&base.household);
    after.fold(event.clone());
    let metadata = json!({"actor_kind": "system", "actor_id": "an earlier release"});
    let batch = Batch { household_id, base: &base, events: &[event], after: &after, metadata: &metadata, answer: None, default_for: None };
    append(store.pool(), &batch).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_changes_of_ten_incomes_at_once_are_all_recorded() {
    ten_incomes_change(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_changes_of_ten_incomes_at_once_through_three_processes_are_all_recorded() {
    ten_incomes_change(3).await;
}

async fn ten_incomes_change(processes: usize) {
    let homes = home_through(processes).await;
    let home = &homes[0];
    for n in 0..10 {
        home.salary(&format!("Job {n}"), "24000.00").await;
    }
    let version = home.version().await;

    let raise = |n: usize| homes[n % processes].patch(&format!("/income-sources/{{Job {n}}}"), json!({"gross_annual_salary": salary(n)}));
    let answers = at_once((0..10).map(raise)).await;

    for answer in &answers {
        let answer = answer.clone().expect_status(200);
        assert_eq!(answer.events(), ["income_source.changed", "system_flows.generated"]);
    }
    let versions: BTreeSet<u64> = answers.iter().map(Answer::version).collect();
    assert_eq!(versions, (1..=10).map(|n| version + 2 * n).collect(), "each change has versions of its own");
    let events = events_after(home, version).await;
    let changed: BTreeSet<&str> =
        events.iter().filter(|event| event.event_type == "income_source.changed").map(|event| event.data("id").as_str().unwrap()).collect();
    assert_eq!((events.len(), changed.len()), (20, 10));

    for home in &homes {
        let flows = system_flows(home).await;
        for n in 0..10 {
            let income = home.get(&format!("/income-sources/{{Job {n}}}")).await.expect_status(200);
            assert_eq!(income.at("/gross_annual_salary"), salary(n));
            assert_eq!(gross(&flows, income.at("/id")), monthly(n));
        }
    }
    assert_flows_follow_the_stream(home).await;
    assert_stream_is_whole(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_changes_of_one_income_at_once_are_all_recorded() {
    one_income_changes_ten_times(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_changes_of_one_income_at_once_through_three_processes_are_all_recorded() {
    one_income_changes_ten_times(3).await;
}

async fn one_income_changes_ten_times(processes: usize) {
    let homes = home_through(processes).await;
    let home = &homes[0];
    let version = home.version().await;

    let raise = |n: usize| homes[n % processes].patch("/income-sources/{Acme}", json!({"gross_annual_salary": salary(n)}));
    let answers = at_once((0..10).map(raise)).await;

    let by_version: BTreeMap<u64, Answer> =
        answers.into_iter().map(|answer| answer.expect_status(200)).map(|answer| (answer.version(), answer)).collect();
    assert_eq!(by_version.keys().copied().collect::<Vec<_>>(), (1..=10).map(|n| version + 2 * n).collect::<Vec<_>>());
    let events = events_after(home, version).await;
    let changes: Vec<_> = events.iter().filter(|event| event.event_type == "income_source.changed").collect();
    assert_eq!((events.len(), changes.len()), (20, 10));
    for pair in changes.windows(2) {
        assert_eq!(pair[0].data("income"), pair[1].data("was"), "a change was decided on a state that another one had replaced");
    }
    let recorded: BTreeSet<String> = by_version.values().map(|answer| answer.at("/gross_annual_salary").to_owned()).collect();
    assert_eq!(recorded, (0..10).map(salary).collect(), "an answer shows another change than its own");

    let (last_version, last) = by_version.last_key_value().unwrap();
    for home in &homes {
        let income = home.get("/income-sources/{Acme}").await.expect_status(200);
        assert_eq!((income.version(), income.at("/gross_annual_salary")), (*last_version, last.at("/gross_annual_salary")));
        let n = (0..10).find(|n| salary(*n) == last.at("/gross_annual_salary")).unwrap();
        assert_eq!(gross(&system_flows(home).await, income.at("/id")), monthly(n));
    }
    assert_flows_follow_the_stream(home).await;
    assert_stream_is_whole(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_commands_on_one_version_at_once_one_is_taken() {
    ten_on_one_version(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_commands_on_one_version_at_once_through_three_processes_one_is_taken() {
    ten_on_one_version(3).await;
}

async fn ten_on_one_version(processes: usize) {
    let homes = home_through(processes).await;
    let home = &homes[0];
    let version = home.version().await;
    // A change of a balance alone follows from nothing but the request, so only the version can refuse it.
    let set = |n: usize| homes[n % processes].post("/accounts/{Checking}", json!({"current_balance": salary(n)})).if_match(version);
    let answers = at_once((0..10).map(set)).await;

    let (taken, refused): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status() == 200);
    assert_eq!(taken.len(), 1, "{answers:?}");
    let current = taken[0].version();
    for answer in refused {
        let answer = answer.clone().expect_status(412);
        assert_eq!((u64::try_from(answer.number_at("/current_version")).unwrap(), answer.version()), (current, current), "{answer}");
        assert_eq!(answer.header("etag"), Some(format!("\"{current}\"").as_str()));
    }
    assert_eq!(assert_stream_is_whole(home).await, current);
    let account = home.get("/accounts/{Checking}").await.expect_status(200);
    assert_eq!(account.at("/current_balance"), taken[0].at("/current_balance"));
}

/// Ten different salaries, each a whole number of dollars a month.
fn salary(n: usize) -> String {
    format!("{}.00", 60_000 + 1_200 * n)
}

fn monthly(n: usize) -> String {
    format!("{}.00", 5_000 + 100 * n)
}

/// The gross amount that is derived from an income, of which there is exactly one.
fn gross(flows: &BTreeMap<String, Value>, income: &str) -> String {
    let derived: Vec<&Value> =
        flows.values().filter(|flow| flow["kind"] == "gross_income" && flow["source"]["id"].as_str() == Some(income)).collect();
    assert_eq!(derived.len(), 1, "gross income of {income}: {derived:?}");
    derived[0]["amount"].as_str().unwrap().to_owned()
}

//! What lies in the table of forecasts can be missing, old, or of another engine; what is answered cannot.
//!
//! The faults: a hundred readers behind one command compute the same a hundred times; a slow writer puts an old forecast over a newer one; a
//! row that another engine, another law, another month or another history left behind is taken for the present; and a table that cannot
//! be written makes reads fail. Each test says which line of `projections/src/forecasts/` it misses when that is taken out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::{HouseholdId, ScenarioId, UserId};
use fastrand::Rng;
use projections::forecasts::{Forecast, ForecastSource, compute, start_month};
use projections::store::{Asker, Store};
use serde_json::{Value, json};
use sqlx::types::chrono::Utc;
use support::{Answer, Client, TestServer};

use crate::household::{at_once, home_through, id_of, replayed, store_of};

/// No projector, which would store forecasts of its own accord.
const ALONE: (&str, &str) = ("EFFLUENT_PROJECTOR", "off");
/// Longer than any of these waits takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Without the flights (a cell of its own for each caller), the readers of one version compute several times; without what is held,
/// those who come between the answer and the table do.
#[tokio::test(flavor = "multi_thread")]
async fn readers_who_come_at_once_after_a_command_compute_once() {
    let server = TestServer::start_with(&[ALONE, ("EFFLUENT_LOG", "info,projections::forecasts=debug")]).await;
    let home = server.household_earning("Acme", "96000.00").await;
    for round in 0..10 {
        let raise = raise(&home, 60_000 + 1_200 * round).await;
        let read = at_once((0..24).map(|_| home.get("/scenarios/{baseline}/projections"))).await;
        assert!(read.iter().all(|forecast| forecast.status() == 200 && forecast.version() == raise.version()));
        let computed = read.iter().filter(|forecast| forecast.at("/source") == "computed").count();
        assert!(computed >= 1, "round {round}: nobody computed what could not have been stored");
    }
    let mut computations = BTreeMap::new();
    for line in server.log().lines().filter(|line| line.contains("a forecast was computed")) {
        let (_, version) = line.split_once("\"version\":").unwrap_or_else(|| panic!("no version in {line}"));
        let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
        *computations.entry(digits.parse::<u64>().unwrap()).or_insert(0) += 1;
    }
    assert!(computations.len() >= 10, "the log does not tell of the computations: {computations:?}");
    assert!(computations.values().all(|times| *times == 1), "computed more than once, by version: {computations:?}");
}

/// Without `WHERE (scenario_projections.household_version, …) < …`, the slow writer's statement, which began before the household moved and
/// waited for the row, puts its older forecast over the newer one.
#[tokio::test(flavor = "multi_thread")]
async fn a_keep_that_was_held_back_never_overwrites_a_newer_forecast() {
    let (home, store) = home_and_store().await;
    raise(&home, 60_000).await;
    store.keep(store.pool(), &*forecast_now(&home, &store).await).await.unwrap();
    let older_version = raise(&home, 66_000).await.version();
    let older = forecast_now(&home, &store).await;
    let mut holder = home.server().database().connect().await;
    run(&mut holder, "BEGIN").await;
    run(&mut holder, "SELECT FROM scenario_projections FOR UPDATE").await;
    let slow = tokio::spawn({
        let (store, older) = (store.clone(), Arc::clone(&older));
        async move { store.keep(store.pool(), &older).await.unwrap() }
    });
    wait_until(
        &home,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO scenario_projections%'",
    )
    .await;
    let newer_version = raise(&home, 72_000).await.version();
    let newer = forecast_now(&home, &store).await;
    assert!(store.keep(&mut holder, &newer).await.unwrap());
    run(&mut holder, "COMMIT").await;
    assert!(!slow.await.unwrap(), "the older one says that it was stored");
    assert_eq!((older.head.version, newer.head.version), (signed(older_version), signed(newer_version)));
    assert_eq!(stored_version(&home).await, newer_version);
    assert!(!store.keep(store.pool(), &older).await.unwrap() && !store.keep(store.pool(), &newer).await.unwrap());
    assert_eq!(stored_version(&home).await, newer_version);
}

/// Without `h.version = $3 AND h.hash = $4`, a forecast of a version that is past, or of a history that a restored database does not
/// know, is stored where there was none, and stands in the way of those that follow.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_of_the_present_head_is_not_kept() {
    let (home, store) = home_and_store().await;
    let past = forecast_now(&home, &store).await;
    raise(&home, 60_000).await;
    let mut elsewhere = Forecast::clone(&*forecast_now(&home, &store).await);
    elsewhere.head.hash = [7; 32];
    for forecast in [&*past, &elsewhere] {
        assert!(!store.keep(store.pool(), forecast).await.unwrap(), "{:?} was kept", forecast.head);
    }
    assert_eq!(home.server().database().number("SELECT count(*) FROM scenario_projections").await, 0);
}

/// Whatever is done to a household, in whatever order, through whichever process: the forecast that is read behind it is that of the whole
/// stream, replayed and projected by the engine alone. Without the comparison of versions in the reading statement, this fails in the second
/// round.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_after_each_command_is_what_the_engine_makes_of_the_whole_stream() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let homes = home_through(2).await;
    homes[0].account("Card", "credit_card", "900.00").await;
    for round in 0..20 {
        let writer = &homes[random.usize(..2)];
        let command = something(&mut random, writer, round).await;
        let home = &homes[random.usize(..2)];
        let query = if random.u8(..4) == 0 { "?months=24" } else { "" };
        // Twice: computed, and held or stored.
        for _ in 0..2 {
            let read = home.get(&format!("/scenarios/{{baseline}}/projections{query}")).await.expect_status(200);
            assert_eq!(read.version(), command.version(), "seed {seed}, round {round}");
            let expected = by_the_engine(home, &read).await;
            assert_eq!(projected(&read), expected, "seed {seed}, round {round}, behind {command}");
        }
    }
}

/// Without one of the conditions of the join (or the comparison of months), the row that differs in it is served.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_another_engine_law_month_version_or_history_is_never_served() {
    let (home, store) = home_and_store().await;
    let forecast = forecast_now(&home, &store).await;
    assert!(store.keep(store.pool(), &forecast).await.unwrap());
    let mut database = home.server().database().connect().await;
    run(&mut database, r#"UPDATE scenario_projections SET projection = '{"months":[],"marked":true}'"#).await;
    // What is asked is a store that holds nothing: what the row says, where it is good, is what is answered.
    let read = read_by_a_new_process(&home).await;
    assert_eq!((read.0, read.1.contains("marked")), (ForecastSource::Stored, true), "the row itself is not read: this test proves nothing");
    for other in [
        "engine_version = 'another'",
        "tables_version = 'another'",
        "start_month = '1999-01'",
        "household_version = household_version - 1",
        "household_version = household_version + 1",
        "hash = decode(repeat('07', 32), 'hex')",
    ] {
        run(&mut database, "BEGIN").await;
        run(&mut database, &format!("UPDATE scenario_projections SET {other}")).await;
        run(&mut database, "COMMIT").await;
        let (source, json) = read_by_a_new_process(&home).await;
        assert_eq!((source, json.as_str()), (ForecastSource::Computed, forecast.json.as_str()), "a row with {other} was taken for good");
        run(&mut database, "DELETE FROM scenario_projections").await;
        assert!(store.keep(store.pool(), &forecast).await.unwrap());
        run(&mut database, r#"UPDATE scenario_projections SET projection = '{"months":[],"marked":true}'"#).await;
    }
}

/// The table may be full, locked or not writable: what is read does not depend on it, and the operators hear of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_that_cannot_be_kept_is_answered_all_the_same() {
    let home = TestServer::start_with(&[ALONE]).await.household_earning("Acme", "96000.00").await;
    let mut database = home.server().database().connect().await;
    run(&mut database, "ALTER TABLE scenario_projections ADD CONSTRAINT nothing_fits CHECK (months < 0)").await;
    for round in 0..3 {
        let raise = raise(&home, 60_000 + round).await;
        let read = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
        assert_eq!((read.version(), read.at("/source")), (raise.version(), "computed"));
    }
    let is_told = || home.server().log().lines().any(|line| line.contains("a fault") && line.contains("nothing_fits"));
    let begun = std::time::Instant::now();
    while !is_told() {
        assert!(begun.elapsed() < PATIENCE, "nobody heard that forecasts cannot be stored");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    run(&mut database, "ALTER TABLE scenario_projections DROP CONSTRAINT nothing_fits").await;
    let raise = raise(&home, 70_000).await;
    home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    wait_until(&home, &format!("SELECT count(*) FROM scenario_projections WHERE household_version = {}", raise.version())).await;
}

/// A client has heard of a version before the server that it asks has it: it is waited for, and one that does not come is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_about_to_come_is_waited_for() {
    let homes = home_through(2).await;
    let next = homes[0].version().await + 2; // the raise and its flows
    for (round, query) in (0..).zip(["/scenarios/{baseline}/projections?months=12", "/income-sources", "/households/{household}"]) {
        let awaited = next + 2 * round;
        let reader = homes[1].get(query).header("x-min-version", &awaited.to_string());
        let reading = tokio::spawn(async move { reader.await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!reading.is_finished(), "{query} was answered before the version was there");
        assert_eq!(raise(&homes[0], 60_000 + 1_200 * round).await.version(), awaited);
        let read = reading.await.unwrap().expect_status(200);
        assert!(read.version() >= awaited);
    }
    let never = homes[0].version().await + 1;
    assert_eq!(homes[1].get("/income-sources").header("x-min-version", &never.to_string()).await.status(), 412);
}

/// Any command that a family might send, by chance.
async fn something(random: &mut Rng, home: &Client, round: u32) -> Answer {
    let amount = format!("{}.{:02}", random.u32(1..9_000), random.u8(..100));
    let answer = match random.u8(..7) {
        0 => home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": format!("{}.00", random.u32(30_000..300_000))})).await,
        1 => home.post("/accounts/{Checking}", json!({"current_balance": amount})).await,
        2 => home.post("/accounts/{Card}", json!({"current_balance": amount})).await,
        3 => home.post("/accounts", json!({"name": format!("Pot {round}"), "account_type": "savings", "current_balance": amount})).await,
        4 => {
            let flow = json!({"name": format!("Bill {round}"), "flow_type": "expense", "category": "groceries", "amount": amount,
                "frequency": "monthly", "start_date": "2026-01-01", "from_account_id": "{Checking}"});
            home.post("/flows", flow).await
        }
        5 => home.patch("/scenarios/{baseline}", json!({"projection_months": random.u32(12..60)})).await,
        _ => home.patch("/scenarios/{baseline}", json!({"inflation_rate": format!("0.0{}", random.u8(1..6))})).await,
    };
    assert!(answer.status() < 300, "{answer}");
    answer
}

/// The projection of an answer, without what says whence it is.
fn projected(answer: &Answer) -> Value {
    let mut projection = answer.json().clone();
    let fields = projection.as_object_mut().unwrap();
    for name in ["scenario_id", "household_version", "version", "tables_version", "start_month", "source"] {
        fields.remove(name).unwrap_or_else(|| panic!("no {name} in {answer}"));
    }
    projection
}

/// The same, from the first event on, by the engine alone.
async fn by_the_engine(home: &Client, answer: &Answer) -> Value {
    let household = replayed(home).await.household;
    let months = u16::try_from(answer.list_at("/months").len()).unwrap();
    let tables = domain::tax::TaxTables::shipped().unwrap();
    let scenario = baseline(home).await;
    let month = start_month(&household, scenario, Utc::now());
    serde_json::to_value(compute(&household, scenario, month, Some(months), tables).unwrap()).unwrap()
}

/// A household through a server, and a store of this process beside it.
async fn home_and_store() -> (Client, Store) {
    let home = TestServer::start_with(&[ALONE]).await.household_earning("Acme", "96000.00").await;
    let store = store_of(&home).await;
    (home, store)
}

/// The forecast of the present head, computed here and not kept.
async fn forecast_now(home: &Client, store: &Store) -> Arc<Forecast> {
    let known = store.load_head(id_of(home)).await.unwrap();
    let scenario = baseline(home).await;
    let month = start_month(&known.household, scenario, Utc::now());
    store.computed(id_of(home), &known, scenario, month, None).await.unwrap()
}

async fn read_by_a_new_process(home: &Client) -> (ForecastSource, String) {
    let asker = Asker { user_id: UserId(home.id("user").parse().unwrap()), household_id: Some(HouseholdId(id_of(home).0)) };
    let found = store_of(home).await.forecast(asker, baseline(home).await, None, Utc::now()).await.unwrap().unwrap().value;
    (found.source, found.forecast.json.clone())
}

async fn baseline(home: &Client) -> ScenarioId {
    let shown = home.get("/scenarios/baseline").await.expect_status(200);
    ScenarioId(shown.at("/id").parse().unwrap())
}

async fn raise(home: &Client, salary: u64) -> Answer {
    home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": format!("{salary}.00")})).await.expect_status(200)
}

async fn stored_version(home: &Client) -> u64 {
    u64::try_from(home.server().database().number("SELECT household_version FROM scenario_projections").await).unwrap()
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap()
}

async fn run(database: &mut sqlx::PgConnection, sql: &str) {
    sqlx::query(sql).execute(database).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Waits until a count is not zero.
async fn wait_until(home: &Client, count: &str) {
    let begun = std::time::Instant::now();
    while home.server().database().number(count).await == 0 {
        assert!(begun.elapsed() < PATIENCE, "still nothing: {count}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

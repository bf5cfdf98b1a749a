//! Projectors keep forecasts up to date, and can be killed, paused, doubled and starved without anything becoming wrong.
//!
//! The faults: a process that was paused past its lease wakes up and writes over what its successor has done; a checkpoint that moves
//! without its rows loses a household for good; one household that cannot be projected stops all others; ten events are ten computations;
//! and a query that trusts a projector answers what was true before it stopped. Each test says what it misses when the guard is out.

use std::time::{Duration, Instant};

use domain::ids::HouseholdId;
use projections::projector::{Progress, Projector};
use projections::store::Store;
use serde_json::{Value, json};
use sqlx::Executor;
use sqlx::types::chrono::Utc;
use support::{Client, Database, Shutdown, TestProjector, TestServer, run_effluent};

use crate::household::{home_through, id_of, store_of};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[expect(clippy::disallowed_methods, reason = "this is a process of its own")]
fn projector_on(store: Store) -> Projector {
    Projector::new(store, Utc::now).unwrap()
}

async fn home_and_projector() -> (Client, Projector) {
    let home = home_through(1).await.remove(0);
    let projector = projector_on(store_of(&home).await);
    (home, projector)
}

/// Passes until nothing is behind; what they did in all.
async fn settle(database: &Database, projector: &mut Projector) -> Progress {
    let (begun, mut all) = (Instant::now(), Progress::default());
    loop {
        projector.renew().await.unwrap();
        let now = projector.pass().await.unwrap();
        all.events += now.events;
        all.households += now.households;
        all.forecasts += now.forecasts;
        all.parked += now.parked;
        all.lost_buckets += now.lost_buckets;
        if !now.is_more && lag(database).await == 0 {
            return all;
        }
        assert!(begun.elapsed() < PATIENCE, "{all:?}");
    }
}

/// Events that no checkpoint covers.
async fn lag(database: &Database) -> i64 {
    let sql = "SELECT count(*) FROM events e JOIN projector_buckets b ON b.bucket = household_bucket(e.household_id) \
               AND (e.transaction_id, e.global_position) > (b.transaction_id, b.global_position)";
    database.number(sql).await
}

async fn run(database: &Database, sql: &str) {
    database.connect().await.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn raise(home: &Client, salary: u64) -> u64 {
    let body = json!({"gross_annual_salary": format!("{salary}.00")});
    home.patch("/income-sources/{Acme}", body).await.expect_status(200).version()
}

async fn stored_version(home: &Client) -> i64 {
    let sql =
        format!("SELECT coalesce(max(household_version), 0) FROM scenario_projections WHERE household_id = '{}'", home.id("household"));
    home.server().database().number(&sql).await
}

/// Waits until something is so.
async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Without the gathering of a page's events by household, there are ten computations; without the look at what is stored, the restart
/// computes once more.
#[tokio::test]
async fn ten_events_in_a_burst_are_one_computation_of_the_newest_version() {
    let (home, mut projector) = home_and_projector().await;
    let database = home.server().database();
    settle(database, &mut projector).await;
    let mut version = 0;
    for round in 0..5 {
        version = raise(&home, 100_000 + round).await; // two events each: the income, and its flows
    }
    let done = settle(database, &mut projector).await;
    assert_eq!((done.events, done.forecasts), (10, 1), "{done:?}");
    assert_eq!(u64::try_from(stored_version(&home).await).unwrap(), version);
    let shown = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    assert_eq!((shown.at("/source"), shown.version()), ("stored", version));

    run(database, "UPDATE projector_buckets SET transaction_id = '0', global_position = 0, owner = NULL").await;
    let again = settle(database, &mut projector_on(store_of(&home).await)).await;
    assert!(again.events > 10 && again.forecasts == 0, "what is stored was computed again: {again:?}");
}

/// Without the fencing number in the statement, the first one writes what it holds in its hands when it wakes up.
#[tokio::test]
async fn one_that_was_paused_past_its_lease_writes_nothing_when_it_wakes_up() {
    let (home, mut paused) = home_and_projector().await;
    let database = home.server().database();
    settle(database, &mut paused).await;
    let version = raise(&home, 101_000).await;
    run(database, "UPDATE projectors SET lease_until = clock_timestamp() - interval '1 second'").await;
    let mut successor = projector_on(store_of(&home).await);
    assert_eq!(successor.renew().await.unwrap(), 64, "what has run out is anybody's");
    // The lease is its own again, the buckets are not: the one that is too late does not know yet.
    run(database, "UPDATE projectors SET lease_until = clock_timestamp() + interval '1 hour'").await;

    let before = (stored_version(&home).await, database.number("SELECT count(*) FROM metric_history").await, lag(database).await);
    let begun = Instant::now();
    let mut woken = paused.pass().await.unwrap();
    while woken.events == 0 && begun.elapsed() < PATIENCE {
        woken = paused.pass().await.unwrap(); // a transaction of another test holds the reader up
    }
    assert_eq!((woken.lost_buckets, woken.households), (1, 0), "{woken:?}");
    let after = (stored_version(&home).await, database.number("SELECT count(*) FROM metric_history").await, lag(database).await);
    assert_eq!(before, after, "it wrote");

    settle_without_renewal(database, &mut successor).await;
    assert_eq!(u64::try_from(stored_version(&home).await).unwrap(), version);
}

/// Nobody has taken its buckets, and still: a lease that has run out is no leave to write. Without the look at the lease it writes.
#[tokio::test]
async fn one_whose_lease_has_run_out_writes_nothing_before_it_has_renewed_it() {
    let (home, mut projector) = home_and_projector().await;
    let database = home.server().database();
    settle(database, &mut projector).await;
    let version = raise(&home, 101_000).await;
    run(database, "UPDATE projectors SET lease_until = clock_timestamp() - interval '1 second'").await;
    let begun = Instant::now();
    let mut late = projector.pass().await.unwrap();
    while late.events == 0 && begun.elapsed() < PATIENCE {
        late = projector.pass().await.unwrap();
    }
    assert_eq!((late.lost_buckets, late.households), (1, 0), "{late:?}");
    assert!(lag(database).await > 0);
    settle(database, &mut projector).await;
    assert_eq!(u64::try_from(stored_version(&home).await).unwrap(), version);
}

async fn settle_without_renewal(database: &Database, projector: &mut Projector) {
    let begun = Instant::now();
    while lag(database).await > 0 {
        projector.pass().await.unwrap();
        assert!(begun.elapsed() < PATIENCE, "still behind");
    }
}

/// Held up at each table in turn, and given up there with its connection. Were the checkpoint written by a statement of its own, one of the
/// two would be there without the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_projector_that_dies_at_any_table_has_written_neither_rows_nor_checkpoint() {
    let (home, mut projector) = home_and_projector().await;
    let database = home.server().database();
    settle(database, &mut projector).await;
    for (round, table) in (0..).zip(["projector_buckets", "scenario_projections", "metric_history", "parked_households"]) {
        let account = home.account(&format!("Jar {round}"), "cash", "100.00").await;
        let written = "SELECT (SELECT max(household_version) FROM scenario_projections) + (SELECT count(*) FROM metric_history)";
        let before = database.number(written).await;
        let (mut locker, mut killer) = (database.connect().await, database.connect().await);
        locker.execute(format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE").as_str()).await.unwrap(); // readers may pass
        let mut held_up = projector_on(store_of(&home).await);
        if table == "projector_buckets" {
            locker.execute("COMMIT").await.unwrap();
        }
        // It takes over where the one before it was, whose lease is over.
        run(database, "UPDATE projectors SET lease_until = clock_timestamp()").await;
        held_up.renew().await.unwrap();
        if table == "projector_buckets" {
            locker.execute("BEGIN; SELECT FROM projector_buckets FOR UPDATE").await.unwrap();
        }
        let begun = Instant::now();
        let dying = tokio::spawn(async move { while begun.elapsed() < PATIENCE && held_up.pass().await.is_ok() {} });
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity \
                       WHERE datname = current_database() AND query LIKE '%projector_buckets%')";
        until(&format!("nothing waits for {table}"), || async { database.number(waiting).await > 0 }).await;
        dying.abort();
        let kill = waiting.replace("count(*)", "count(pg_terminate_backend(pid))");
        sqlx::query(&kill).execute(&mut killer).await.unwrap();
        until("the connection is not gone", || async { database.number(waiting).await == 0 }).await;
        locker.execute("ROLLBACK").await.unwrap();
        assert_eq!(database.number(written).await, before, "died at {table}");
        assert!(lag(database).await > 0, "died at {table}: the checkpoint has moved without its rows");

        run(database, "UPDATE projectors SET lease_until = clock_timestamp()").await;
        settle(database, &mut projector).await;
        assert_eq!(u64::try_from(stored_version(&home).await).unwrap(), account.version(), "died at {table}");
    }
}

/// A salary of ten million millions is a salary, and its forecast is more than the engine's numbers hold. Without parking, the page that
/// holds its event is read for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_household_whose_forecast_fails_is_parked_and_the_others_go_on() {
    let server = TestServer::start().await;
    let (sick, well) = (server.household_earning("Acme", "96000.00").await, server.household_earning("Acme", "96000.00").await);
    let database = server.database();
    let mut projector = projector_on(store_of(&well).await);
    settle(database, &mut projector).await;
    raise(&sick, 10_000_000_000_000).await;
    let version = raise(&well, 101_000).await;
    let done = settle(database, &mut projector).await;
    assert_eq!((done.parked, done.forecasts), (1, 1), "{done:?}");
    assert_eq!(u64::try_from(stored_version(&well).await).unwrap(), version);

    let status = status(database).await;
    assert_eq!(status["parked"][0]["household_id"], json!(sick.id("household")), "{status}");
    assert_eq!((&status["parked"][0]["stage"], &status["parked"][0]["attempts"]), (&json!("project"), &json!(1)), "{status}");
    assert_eq!(status["lag_events"], json!(0), "a parked household holds nobody up: {status}");
    let text = run_effluent(database, &["projections", "status"]).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("parked households: 1") && text.contains(&sick.id("household")), "{text}");
    let parked = |metrics: support::Metrics| metrics.value("effluent_projector_parked_households", &[]);
    until("the gauge does not move", || async { parked(server.metrics().await) == Some(1.0) }).await;

    // Asked for, it is tried again, and fails again.
    let retried = run_effluent(database, &["projections", "retry", "--household", &sick.id("household")]).await;
    assert!(retried.status.success() && String::from_utf8_lossy(&retried.stdout).starts_with("1 parked household will"), "{retried:?}");
    projector.renew().await.unwrap();
    projector.pass().await.unwrap();
    assert_eq!(database.number("SELECT attempts::bigint FROM parked_households WHERE NOT retry").await, 2);
    // Its next event mends it.
    let mended = raise(&sick, 96_000).await;
    settle(database, &mut projector).await;
    assert_eq!(u64::try_from(stored_version(&sick).await).unwrap(), mended);
    assert_eq!(database.number("SELECT count(*) FROM parked_households").await, 0);
}

/// Without the second attempt household by household, what the database refuses of one is refused of all that are written with it.
#[tokio::test]
async fn a_household_whose_rows_are_refused_is_parked_alone() {
    let server = TestServer::start().await;
    let (sick, well) = (server.household_earning("Acme", "96000.00").await, server.household_earning("Acme", "96000.00").await);
    let refuse = format!("ALTER TABLE metric_history ADD CONSTRAINT refused CHECK (household_id <> '{}')", sick.id("household"));
    run(server.database(), &refuse).await;
    let mut projector = projector_on(store_of(&well).await);
    let done = settle(server.database(), &mut projector).await;
    assert_eq!((done.households, done.parked), (1, 1), "{done:?}");
    assert_eq!((stored_version(&sick).await, stored_version(&well).await > 0), (0, true));
    run(server.database(), "ALTER TABLE metric_history DROP CONSTRAINT refused").await;
    // Asked for by command, and healthy by now.
    run_effluent(server.database(), &["projections", "retry"]).await;
    settle(server.database(), &mut projector).await;
    assert_eq!((server.database().number("SELECT count(*) FROM parked_households").await, stored_version(&sick).await > 0), (0, true));
}

/// One row a month, one on every change, and none for what changes no figure.
#[tokio::test]
async fn metrics_are_recorded_when_they_change_and_once_a_month() {
    let (home, mut projector) = home_and_projector().await;
    let database = home.server().database();
    let rows = || async { database.number("SELECT count(*) FROM metric_history").await };
    settle(database, &mut projector).await;
    assert_eq!(rows().await, 1);
    home.post("/accounts/{Checking}", json!({"current_balance": "6000.00"})).await.expect_status(200);
    settle(database, &mut projector).await;
    assert_eq!(rows().await, 2);
    let assets = "SELECT count(*) FROM metric_history WHERE metrics->>'total_assets' = '6000.00'";
    assert_eq!(database.number(assets).await, 1);
    home.patch("/accounts/{Checking}", json!({"name": "Everyday"})).await.expect_status(200);
    settle(database, &mut projector).await;
    assert_eq!(rows().await, 2, "a name is no figure");
    // The month turns: a new process looks through everything first.
    run(database, "UPDATE metric_history SET as_of_date = as_of_date - 40; UPDATE scenario_projections SET start_month = '2001-01'").await;
    let mut next_month = projector_on(store_of(&home).await);
    run(database, "UPDATE projectors SET lease_until = clock_timestamp()").await;
    let done = settle(database, &mut next_month).await;
    assert_eq!((rows().await, done.events, done.forecasts), (3, 0, 1), "{done:?}");
    assert_eq!(database.number("SELECT count(*) FROM scenario_projections WHERE start_month > '2001-01'").await, 1);
}

/// A query that trusted the projector would answer with the salary of before.
#[tokio::test(flavor = "multi_thread")]
async fn forecasts_are_fresh_with_the_projector_working_paused_and_stopped() {
    let home = home_through(1).await.remove(0);
    let database = home.server().database();
    let projector = TestProjector::start(database).await;
    let home = &home;
    let is_stored_at = |version: u64| async move { u64::try_from(stored_version(home).await).unwrap() == version };
    let version = raise(home, 102_000).await;
    until("the projector stores nothing", || is_stored_at(version)).await;
    let ready = read(home).await;
    assert_eq!(ready, (version, "8500.00".to_owned(), "stored".to_owned()), "nobody but the projector can have stored it");

    projector.pause();
    let paused = raise(home, 108_000).await;
    assert_eq!(read(home).await, (paused, "9000.00".to_owned(), "computed".to_owned()));
    // Somebody has stored an older one meanwhile, as a slow process may: it is not served.
    let version = raise(home, 114_000).await;
    run(database, &format!("UPDATE scenario_projections SET household_version = {paused}")).await;
    assert_eq!(read(home).await, (version, "9500.00".to_owned(), "computed".to_owned()));
    projector.wake();
    let version = raise(home, 120_000).await;
    until("the projector does not go on", || is_stored_at(version)).await;

    assert!(projector.stop().await.success());
    let version = raise(home, 126_000).await;
    assert_eq!(read(home).await, (version, "10500.00".to_owned(), "computed".to_owned()));
}

async fn read(home: &Client) -> (u64, String, String) {
    let shown = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    (shown.version(), shown.at("/months/0/total_income").to_owned(), shown.at("/source").to_owned())
}

/// One in `serve`, one beside it, a third that joins. Killed, paused and asked to end, their households are always somebody's.
#[tokio::test(flavor = "multi_thread")]
async fn buckets_move_when_a_projector_dies_joins_sleeps_or_ends() {
    let server = TestServer::start_with(&[("EFFLUENT_PROJECTOR", "on")]).await;
    let database = server.database();
    let homes = [server.household().await, server.household().await, server.household().await];
    let one = TestProjector::start(database).await;
    let has = |owner: &TestProjector, least: i64| {
        let of_it = format!(
            "SELECT count(*) FROM projector_buckets b JOIN projectors p ON p.projector_id = b.owner WHERE p.process LIKE '%:{}'",
            owner.id()
        );
        async move { database.number(&of_it).await >= least }
    };
    until("one that joins gets no share", || has(&one, 32)).await;
    let two = TestProjector::start(database).await;
    until("a third one gets no share", || has(&two, 20)).await;
    all_are_projected(&homes).await;

    two.kill9();
    until("the buckets of a dead one stay its own", || has(&one, 32)).await;
    all_are_projected(&homes).await;

    let fencing = "SELECT sum(fencing)::bigint FROM projector_buckets";
    let before = database.number(fencing).await;
    one.pause();
    until("the buckets of a sleeping one stay its own", || async { !has(&one, 1).await }).await;
    all_are_projected(&homes).await;
    assert!(database.number(fencing).await >= before + 32, "an owner changed without a new fencing number");
    one.wake();
    until("one that has slept gets no share any more", || has(&one, 32)).await;
    all_are_projected(&homes).await;

    let begun = Instant::now();
    assert!(one.stop().await.success());
    let left = format!("SELECT count(*) FROM projectors WHERE process LIKE '%:{}'", one.id());
    assert_eq!(database.number(&left).await, 0, "it did not say that it went");
    assert!(!has(&one, 1).await, "{:?} after it was asked to end", begun.elapsed());
    all_are_projected(&homes).await;
}

/// Each gets a new version, and a forecast of it without anybody asking for one.
async fn all_are_projected(homes: &[Client]) {
    for home in homes {
        let version = home.account("Another", "cash", "1.00").await.version();
        until("a household is nobody's", || async { u64::try_from(stored_version(home).await).unwrap() == version }).await;
    }
}

/// Its connections are cut, and new ones refused. Without the way back in its loop it would end, or need a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_projector_survives_a_restart_of_the_database() {
    let server = TestServer::start_on(Database::create_on_own_postgres().await, &[]).await;
    let home = server.household().await;
    let projector = TestProjector::start(server.database()).await;
    all_are_projected(std::slice::from_ref(&home)).await;
    server.database().halt(Shutdown::Kill).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    server.database().resume().await;
    until("the server does not come back", || async { home.get("/health/ready").await.status() == 200 }).await;
    all_are_projected(&[home]).await;
    let complaints = projector.log().lines().filter(|line| line.contains("the database is away")).count();
    assert!((1..=4).contains(&complaints), "said {complaints} times:\n{}", projector.log());
}

async fn status(database: &Database) -> Value {
    let output = run_effluent(database, &["projections", "status", "--json"]).await;
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_status_names_the_lag_of_each_bucket_its_owner_and_the_sizes() {
    let home = home_through(1).await.remove(0);
    let database = home.server().database();
    let behind = status(database).await;
    let events = database.number("SELECT count(*) FROM events").await;
    assert_eq!((&behind["lag_events"], behind["buckets"].as_array().map(Vec::len)), (&json!(events), Some(64)), "{behind}");
    let bucket = bucket_of(&behind, id_of(&home));
    assert_eq!((&bucket["lag_events"], &bucket["owner"]), (&json!(events), &Value::Null), "{bucket}");
    settle(database, &mut projector_on(store_of(&home).await)).await;
    let caught_up = status(database).await;
    let bucket = bucket_of(&caught_up, id_of(&home));
    assert_eq!((&caught_up["lag_events"], &bucket["fencing"], &bucket["owner"]["is_live"]), (&json!(0), &json!(1), &json!(true)));
    let model = |name: &str| caught_up["read_models"].as_array().unwrap().iter().find(|model| model["name"] == name).unwrap().clone();
    assert_eq!((&model("accounts")["rows"], &model("scenario_projections")["rows"]), (&json!(2), &json!(1)), "{caught_up}");
    assert!(model("metric_history")["bytes"].as_i64().unwrap() > 0);
}

fn bucket_of(status: &Value, household: HouseholdId) -> Value {
    let number = projections::subscription::bucket_of(household);
    status["buckets"].as_array().unwrap().iter().find(|bucket| bucket["bucket"] == json!(number)).unwrap().clone()
}

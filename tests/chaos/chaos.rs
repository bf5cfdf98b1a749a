//! Random clients at work while everything around the program fails.
//!
//! In `make test` each kind of fault comes once. `make chaos` goes on for `CHAOS_SECONDS`; `CHAOS_SEED` tries a run again.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use support::{Database, Proxy, TestProjector, TestServer};
use tokio::time::{Instant, sleep, timeout};

use crate::checker::check;
use crate::client::{Crowd, ended};
use crate::faults::{Fault, Injector};
use crate::{CLIENTS, QUIET, seed};

/// Two of everything.
const SERVERS: usize = 2;
/// However long everything was broken: so soon after the last fault each process works again, by itself.
const RECOVERY: Duration = Duration::from_secs(10);
/// Clients that wait for the outcome of a command get it in this time.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_fails_every_answer_is_explained() {
    let seed = seed();
    let mut rng = Rng::with_seed(seed);
    let database = Database::create_on_own_postgres().await;
    let (mut servers, mut ways) = (Vec::new(), Vec::new());
    for _ in 0..SERVERS {
        let way = Proxy::to(&database).await;
        let settings = [QUIET, &[("DATABASE_URL", way.url())]].concat();
        servers.push(TestServer::start_on(database.clone(), &settings).await);
        ways.push(way);
    }
    let projectors = vec![Arc::new(TestProjector::start(&database).await), Arc::new(TestProjector::start(&database).await)];
    let crowd = Crowd::new(servers.clone(), 3, seed).await;
    let working = crowd.work(CLIENTS, usize::MAX);

    let (rng_of_faults, history) = (rng.fork(), &crowd.history);
    let mut injector = Injector { servers: &servers, ways: &ways, database: &database, projectors, history, rng: rng_of_faults };
    let end = Instant::now() + Duration::from_secs(seconds());
    let (mut faults, mut injected) = (Vec::new(), Vec::new());
    loop {
        if faults.is_empty() {
            faults = Fault::ALL.to_vec();
            rng.shuffle(&mut faults);
        }
        injector.pause().await;
        let Some(fault) = faults.pop() else { continue };
        injected.push(timeout(PATIENCE, injector.inject(fault)).await.unwrap_or_else(|_| panic!("{fault:?} does not end")));
        if faults.is_empty() && Instant::now() >= end {
            break;
        }
    }
    for server in &servers {
        recovers(server).await;
    }
    crowd.stop();
    timeout(PATIENCE, ended(working)).await.expect("a client waits for ever");

    let report = check(&crowd.history, &crowd.households(), &mut database.connect().await).await;
    println!("injected:\n  {}\nchecked: {report}", injected.join("\n  "));
    report.assert_explained();
    assert!(report.count("acknowledged") > 50 && report.count("reads") > 50, "little was tried: {report}");
    projectors_catch_up(&database).await;
    assert_no_drift(&database).await;
}

/// How long to go on, at least; each kind of fault comes once in any case.
fn seconds() -> u64 {
    std::env::var("CHAOS_SECONDS").map_or(0, |seconds| seconds.parse().expect("CHAOS_SECONDS is a number"))
}

/// Projectors forget nothing: a checkpoint covers every event, and none of the households is parked.
async fn projectors_catch_up(database: &Database) {
    let behind = "SELECT count(*) FROM events e JOIN projector_buckets b ON b.bucket = household_bucket(e.household_id) \
                  AND (e.transaction_id, e.global_position) > (b.transaction_id, b.global_position)";
    let end = Instant::now() + PATIENCE;
    while database.number(behind).await > 0 {
        assert!(Instant::now() < end, "the projectors do not catch up");
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(database.number("SELECT count(*) FROM parked_households").await, 0, "a household is parked");
    println!("projectors: nothing behind, nothing parked");
}

/// Every read model is what a replay of the streams makes.
pub async fn assert_no_drift(database: &Database) {
    let verified = database.run(&["projections", "verify"]).await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
    println!("{}", verified.output.trim());
}

/// The process that was there through it all answers, commands too, without being touched.
async fn recovers(server: &TestServer) {
    let user = server.anonymous();
    let body = || json!({"email": "nobody@example.com", "password": "correct horse battery staple"});
    let end = Instant::now() + RECOVERY;
    loop {
        let ready = user.get("/health/ready").await.status();
        let asked = user.post("/api/auth/token", body()).await.status();
        if (ready, asked) == (200, 401) {
            return;
        }
        assert!(Instant::now() < end, "not back: readiness is {ready}, a log-in is {asked}");
        sleep(Duration::from_millis(100)).await;
    }
}

//! A job runs, is done once, and its end is written by whoever holds it; it outlives its process and never stands in its household's way.
//!
//! The faults: two workers that take the same row do the work twice; a process that dies with a job leaves a flag that nobody takes down,
//! and a household that can never refresh again; one that was paused past its lease wakes up and writes its end over that of its successor; a
//! job that kills its process kills one process after the other. The guards: `SKIP LOCKED`, a lease by the database's clock, a fencing number
//! in every statement, and a bound on attempts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::background::Background;
use api::jobs::{Runner, Works};
use chrono::Utc;
use domain::ids::{HouseholdId, UserId};
use domain::tax::TaxTables;
use projections::database::{DatabaseUrl, connect};
use projections::jobs::{
    Begun, Claim, Claimed, Interrupted, JobId, JobKey, JobResult, JobState, Jobs, NewJob, Origin, Progress, Unfinished,
};
use projections::store::Store;
use projections::track::Stage;
use serde_json::json;
use support::{Database, HeldUp, TestServer};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn store_on(database: &Database) -> (Store, DatabaseUrl) {
    let url = DatabaseUrl::parse(&database.url()).unwrap();
    (Store::new(connect(&url, 4).await.unwrap(), TaxTables::shipped().unwrap(), 10), url)
}

async fn jobs_on(database: &Database) -> Jobs {
    Jobs::beside(&store_on(database).await.0, DAY)
}

fn origin() -> Origin {
    Origin { requested_by: UserId(Uuid::nil()), requested_at: Utc::now(), request_id: None, trace_id: None, span_id: None }
}

fn a_job(origin: &Origin, household: u128) -> NewJob<'_> {
    let key = JobKey { household_id: HouseholdId(Uuid::from_u128(household)), id: JobId(Uuid::now_v7()) };
    NewJob { key, kind: "counting", parameters: "{}", exclusive: None, forced: false, waited: Duration::ZERO, origin }
}

fn a_result() -> JobResult {
    JobResult { media_type: JobResult::JSON, text: "{}".to_owned() }
}

async fn take_one(jobs: &Jobs, worker: &str) -> Claim {
    jobs.take(worker, 1).await.unwrap().pop_front().expect("a job that waits")
}

/// As if the holder had been silent for longer than its lease.
async fn let_the_lease_run_out(database: &Database) {
    let sql = "UPDATE jobs SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE state = 'running'";
    sqlx::query(sql).execute(&mut database.connect().await).await.unwrap();
}

/// Counts how often it did each job, and stops where it is told to.
#[derive(Default)]
struct Counting {
    done: Arc<Mutex<BTreeMap<JobId, u32>>>,
    /// Goes on until it is interrupted.
    endless: bool,
    panics: bool,
}

impl Works for Counting {
    async fn run(&self, job: &Claimed, progress: &Progress) -> Result<JobResult, Unfinished> {
        *self.done.lock().unwrap().entry(job.key.id).or_default() += 1;
        progress.step(Stage::Query, 50)?;
        assert!(!self.panics, "as the test wants it");
        tokio::time::sleep(Duration::from_millis(1)).await;
        if self.endless {
            loop {
                progress.step(Stage::Query, 50)?;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Ok(a_result())
    }

    fn ended(&self, _: &Claimed, _: JobState, _: Duration) {}
}

async fn until(database: &Database, query: &str, wanted: i64) {
    let (begun, mut connection) = (std::time::Instant::now(), database.connect().await);
    while sqlx::query_scalar::<_, i64>(query).fetch_one(&mut connection).await.unwrap() != wanted {
        assert!(begun.elapsed() < Duration::from_secs(60), "{query} does not become {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Without `SKIP LOCKED` (or with a claim in two statements) some of them are done twice.
#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_jobs_is_done_once_by_one_of_many_workers() {
    let database = Database::create().await;
    let (done, origin) = (Arc::<Mutex<BTreeMap<JobId, u32>>>::default(), origin());
    let mut processes = Vec::new();
    for _ in 0..4 {
        let (store, url) = store_on(&database).await;
        let jobs = Jobs::beside(&store, DAY);
        let runner = Runner::new(jobs.clone(), Counting { done: Arc::clone(&done), ..Counting::default() }, 3);
        let mut background = Background::start(&store, &url);
        let waiter = background.waiter();
        background.add(|stop| runner.run(stop, waiter));
        processes.push((jobs, background));
    }
    for n in 0..100 {
        let (jobs, _) = &processes[n % processes.len()];
        assert_eq!(jobs.queue(&a_job(&origin, 1 + n as u128 % 10), None).await.unwrap(), Begun::Yes);
    }
    until(&database, "SELECT count(*) FROM jobs WHERE state = 'succeeded' AND attempts = 1 AND fencing = 1", 100).await;
    let done = done.lock().unwrap().clone();
    assert_eq!((done.len(), done.values().copied().max()), (100, Some(1)));
    for (_, background) in processes {
        background.stop().await;
    }
}

/// A worker that is paused past its lease and wakes up.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_written_only_by_whoever_holds_the_job() {
    let database = Database::create().await;
    let (jobs, origin) = (jobs_on(&database).await, origin());
    jobs.queue(&a_job(&origin, 1), None).await.unwrap();
    let paused = take_one(&jobs, "paused").await;
    let progress = paused.progress();
    let_the_lease_run_out(&database).await;
    jobs.take_over().await.unwrap();
    assert!(!paused.give_back().await.unwrap(), "it is nobody's before somebody takes it");
    let successor = take_one(&jobs, "successor").await;
    assert_eq!(successor.claimed().fencing, 2);
    assert_eq!(progress.step(Stage::Job, 10), Ok(()), "it has not been told yet");
    let late = take_over_of(&jobs, &database, successor).await;
    let last = take_one(&jobs, "last").await;
    assert!(!late.succeed(&a_result()).await.unwrap(), "somebody else has it");
    assert!(last.fail(Stage::Query, "for a reason").await.unwrap());
    let ended = "SELECT count(*) FROM jobs WHERE state = 'failed' AND error_stage = 'query' AND worker = 'last'";
    assert_eq!(database.number(ended).await, 1);
}

/// Its holder hears with its next beat that it holds nothing any more.
async fn take_over_of(jobs: &Jobs, database: &Database, claim: Claim) -> Claim {
    let_the_lease_run_out(database).await;
    jobs.take_over().await.unwrap();
    let begun = std::time::Instant::now();
    while claim.progress().step(Stage::Job, 20) != Err(Interrupted::TakenOver) {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    claim
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_process_three_times_fails_with_its_stage() {
    let database = Database::create().await;
    let (jobs, origin) = (jobs_on(&database).await, origin());
    jobs.queue(&a_job(&origin, 1), None).await.unwrap();
    for attempt in 1..=3 {
        let claim = take_one(&jobs, "to be killed").await;
        assert_eq!(claim.claimed().attempts, attempt);
        claim.progress().step(Stage::Append, 30).unwrap();
        until(&database, "SELECT count(*) FROM jobs WHERE stage = 'append' AND progress = 30", 1).await;
        claim.leave(); // as the dead do
        let_the_lease_run_out(&database).await;
        assert_eq!(jobs.take_over().await.unwrap().len(), usize::from(attempt == 3));
    }
    let failed = "SELECT count(*) FROM jobs WHERE state = 'failed' AND error_stage = 'append' AND error_message LIKE '%3 times%'";
    assert_eq!(database.number(failed).await, 1);
    assert!(jobs.take("nobody", 1).await.unwrap().is_empty());
}

/// The clock of the database is stepped back: a heartbeat lies in the future, and its holder is dead.
#[tokio::test]
async fn a_heartbeat_from_the_future_is_an_old_one() {
    let database = Database::create().await;
    let (jobs, origin) = (jobs_on(&database).await, origin());
    jobs.queue(&a_job(&origin, 1), None).await.unwrap();
    take_one(&jobs, "to be killed").await.leave();
    sqlx::query("UPDATE jobs SET heartbeat_at = now() + interval '1 hour'").execute(&mut database.connect().await).await.unwrap();
    jobs.take_over().await.unwrap();
    assert_eq!(take_one(&jobs, "successor").await.claimed().attempts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_asked_to_end_gives_its_jobs_back_and_that_is_no_attempt() {
    let database = Database::create().await;
    let ((store, url), origin) = (store_on(&database).await, origin());
    let jobs = Jobs::beside(&store, DAY);
    let runner = Runner::new(jobs.clone(), Counting { endless: true, ..Counting::default() }, 2);
    let mut background = Background::start(&store, &url);
    let waiter = background.waiter();
    background.add(|stop| runner.run(stop, waiter));
    jobs.queue(&a_job(&origin, 1), None).await.unwrap();
    until(&database, "SELECT count(*) FROM jobs WHERE state = 'running'", 1).await;
    background.stop().await;
    assert_eq!(database.number("SELECT count(*) FROM jobs WHERE state = 'queued' AND attempts = 0").await, 1);
}

/// Whoever held it was dropped in the middle: a request whose server ends, a task that was aborted.
#[tokio::test]
async fn a_claim_that_is_dropped_without_an_end_is_given_back_at_once() {
    let database = Database::create().await;
    let (jobs, origin) = (jobs_on(&database).await, origin());
    let taken = jobs.take_new(&a_job(&origin, 1), "a request").await.unwrap();
    drop(taken.unwrap_or_else(|refused| panic!("{refused:?}")));
    until(&database, "SELECT count(*) FROM jobs WHERE state = 'queued' AND attempts = 0", 1).await;
    assert_eq!(take_one(&jobs, "a worker").await.claimed().fencing, 2);
}

/// A panic takes its job with it, and not its process.
#[tokio::test(flavor = "multi_thread")]
async fn work_that_panics_fails_with_its_stage_and_says_nothing_of_the_inside() {
    let database = Database::create().await;
    let ((store, url), origin) = (store_on(&database).await, origin());
    let jobs = Jobs::beside(&store, DAY);
    let runner = Runner::new(jobs.clone(), Counting { panics: true, ..Counting::default() }, 2);
    let mut background = Background::start(&store, &url);
    let waiter = background.waiter();
    background.add(|stop| runner.run(stop, waiter));
    jobs.queue(&a_job(&origin, 1), None).await.unwrap();
    until(&database, "SELECT count(*) FROM jobs WHERE state = 'failed' AND error_stage = 'query' AND error_message NOT LIKE '%test%'", 1)
        .await;
    background.stop().await;
}

/// One that ended goes when its time has come, and not before; one that has not ended never does.
#[tokio::test]
async fn a_job_is_kept_until_its_time_has_come() {
    let database = Database::create().await;
    let (jobs, origin) = (jobs_on(&database).await, origin());
    for household in 1..=3 {
        jobs.queue(&a_job(&origin, household), None).await.unwrap();
    }
    for _ in 0..2 {
        take_one(&jobs, "worker").await.succeed(&a_result()).await.unwrap();
    }
    assert_eq!(jobs.remove_expired().await.unwrap(), 0);
    let sql = "UPDATE jobs SET expires_at = now() - interval '1 second' WHERE household_id::text LIKE '%1'";
    sqlx::query(sql).execute(&mut database.connect().await).await.unwrap();
    assert_eq!(jobs.remove_expired().await.unwrap(), 1);
    assert_eq!(database.number("SELECT count(*) FROM jobs").await, 2);
}

/// A refresh that died with its process, synchronous or not: whoever asks meanwhile is told of it, another process does it, and the household
/// can refresh again. The predecessor's flag stood for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_whose_process_is_killed_is_done_by_another() {
    let server = TestServer::start().await;
    let home = server.household_earning("Acme", "96000.00").await;
    for asynchronous in [true, false] {
        let held = HeldUp::every_cold_load(&server).await;
        let asked = tokio::spawn(home.post("/scenarios/baseline", json!({"action": "refresh", "async": asynchronous})).try_send());
        until(server.database(), "SELECT count(*) FROM jobs WHERE state = 'running'", 1).await;
        server.kill9();
        let dead = asked.await.unwrap();
        assert_eq!(dead.is_ok(), asynchronous, "{dead:?}");
        server.start_again().await;
        let job = home.get("/jobs?state=running").await.expect_status(200).at("/items/0/id").to_owned();
        let waiting = home.post("/scenarios/baseline", json!({"action": "refresh"})).await.expect_status(409);
        assert_eq!(waiting.at("/job_id"), job);
        held.release().await;
        let_the_lease_run_out(server.database()).await;
        until(server.database(), "SELECT count(*) FROM jobs WHERE state = 'succeeded' AND attempts = 2", 1).await;
        home.post("/scenarios/baseline", json!({"action": "refresh"})).await.expect_status(200);
        sqlx::query("DELETE FROM jobs").execute(&mut server.database().connect().await).await.unwrap();
    }
}

//! Clients at work: many tasks, several households, several processes, and every call kept.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use serde_json::json;
use support::{Client, TestServer};
use tokio::task::JoinSet;

use crate::generator::{self, Action, Ask, World};
use crate::history::{Answered, Call, History, Reply};
use crate::model::Kind;

/// Longer than any answer may take: a process waits 3 s for a connection, at most a few times in a request.
const PATIENCE: Duration = Duration::from_secs(25);
/// A client that got no answer waits for so long before its next request.
const PAUSE: Duration = Duration::from_millis(50);
/// Whoever waits for the outcome of a command asks so often at most: for half a minute.
const MOST_REPEATS: usize = 600;

/// A household that several clients work in.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its id.
    pub id: String,
    /// Its user, through the first server; other servers are reached `through` it.
    pub user: Client,
    world: Arc<Mutex<World>>,
}

/// Clients that are to work on households through servers.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The processes.
    pub servers: Vec<TestServer>,
    /// What they work in.
    pub homes: Vec<Home>,
    /// What has come of it.
    pub history: Arc<History>,
    seed: u64,
    stop: Arc<AtomicBool>,
    hired: Arc<AtomicUsize>,
}

impl Crowd {
    /// Opens households on these servers, which share a database.
    pub async fn new(servers: Vec<TestServer>, households: usize, seed: u64) -> Self {
        let mut homes = Vec::new();
        for _ in 0..households {
            let user = servers[0].household_earning("Acme", "96000.00").await;
            let baseline = user.get("/scenarios/baseline").await.expect_status(200);
            let scenario = baseline.at("/id").to_owned();
            // A year, so that a projection costs less than the calls around it.
            let short = user.patch(&format!("/scenarios/{scenario}"), json!({"projection_months": 12})).await.expect_status(200);
            let mut world = World { version: usize::try_from(short.version()).expect("small"), ..World::default() };
            let known = [(Kind::Household, "household"), (Kind::Account, "Checking"), (Kind::Income, "Acme")];
            known.iter().for_each(|(kind, name)| world.learn(*kind, &user.id(name)));
            world.learn(Kind::Scenario, &scenario);
            homes.push(Home { id: user.id("household"), user, world: Arc::new(Mutex::new(world)) });
        }
        Self { servers, homes, history: Arc::new(History::new()), seed, stop: Arc::default(), hired: Arc::default() }
    }

    /// The ids of the households, in order.
    pub fn households(&self) -> Vec<String> {
        self.homes.iter().map(|home| home.id.clone()).collect()
    }

    /// Lets so many clients work until each has made `calls` calls, or [`Self::stop`] is called; the tasks end by themselves then.
    pub fn work(&self, clients: usize, calls: usize) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let first = self.hired.fetch_add(clients, Ordering::SeqCst);
        for number in first..first + clients {
            let crowd = self.clone();
            let worker = Worker {
                number,
                household: number % self.homes.len(),
                rng: Rng::with_seed(self.seed.wrapping_add(number as u64)),
                sent: 0,
                crowd,
            };
            tasks.spawn(worker.run(calls));
        }
        tasks
    }

    /// Asks the clients to end; those who wait for an outcome still get it.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}

/// Waits for clients to end. One that panicked fails the test.
pub async fn ended(mut tasks: JoinSet<()>) {
    while let Some(task) = tasks.join_next().await {
        task.expect("a client");
    }
}

/// One client.
struct Worker {
    number: usize,
    household: usize,
    rng: Rng,
    sent: usize,
    crowd: Crowd,
}

impl Worker {
    async fn run(mut self, calls: usize) {
        while self.sent < calls && !self.crowd.stop.load(Ordering::SeqCst) {
            let name = format!("{}-{}", self.number, self.sent);
            let home = self.home();
            let ask = generator::next(&mut self.rng, &mut home.world.lock().unwrap(), &name);
            let call = self.call(&ask).await;
            if ask.key.is_some() && ask.wrong.is_none() && call.is_unknown() {
                self.find_out(&ask).await;
            }
        }
    }

    fn home(&self) -> Home {
        self.crowd.homes[self.household].clone()
    }

    /// The outcome of a command is not known: the same again under its key, until it is.
    async fn find_out(&mut self, ask: &Ask) {
        for _ in 0..MOST_REPEATS {
            if !self.call(ask).await.is_unknown() {
                return;
            }
        }
    }

    /// Sends a request through any of the processes, keeps what came of it, and learns from it.
    async fn call(&mut self, ask: &Ask) -> Call {
        let process = self.rng.usize(0..self.crowd.servers.len());
        let request_id = format!("client-{}-{}", self.number, self.sent);
        self.sent += 1;
        let started = self.crowd.history.now();
        let reply = self.send(ask, process, &request_id).await;
        let call = Call {
            client: self.number,
            household: self.household,
            process,
            ask: ask.clone(),
            request_id,
            started,
            ended: self.crowd.history.now(),
            reply,
        };
        self.learn(&call);
        self.crowd.history.add(call.clone());
        if call.is_unknown() {
            tokio::time::sleep(PAUSE).await;
        }
        call
    }

    async fn send(&self, ask: &Ask, process: usize, request_id: &str) -> Reply {
        let client = self.home().user.through(&self.crowd.servers[process]);
        let mut request = client.request(ask.method.clone(), &ask.path).header("x-request-id", request_id);
        if let Some(body) = &ask.body {
            request = request.json(body.clone());
        }
        if let Some(key) = &ask.key {
            request = request.idempotency_key(key);
        }
        if let Some(version) = ask.if_match {
            request = request.if_match(version as u64);
        }
        if let Some(version) = ask.min_version {
            request = request.header("x-min-version", &version.to_string());
        }
        match tokio::time::timeout(PATIENCE, request.try_send()).await {
            Err(_) => Reply::Hung,
            Ok(Err(error)) => Reply::Nothing(format!("{error:?}")),
            Ok(Ok(answer)) => Reply::Answered(Answered {
                status: answer.status(),
                version: answer.header("x-household-version").and_then(|version| version.parse().ok()),
                again: answer.header("idempotency-hit") == Some("true"),
                retry_after: answer.header("retry-after").is_some(),
                body: answer.json().clone(),
            }),
        }
    }

    fn learn(&self, call: &Call) {
        let home = self.home();
        let mut world = home.world.lock().unwrap();
        if let Some(version) = call.answered().and_then(|answered| answered.version) {
            world.version = world.version.max(version);
        }
        let Some(answered) = call.succeeded() else { return };
        match &call.ask.action {
            Action::Create(kind) if !answered.again => world.learn(*kind, answered.body["id"].as_str().unwrap_or_default()),
            Action::Remove(kind, id) => world.forget(*kind, id),
            _ => {}
        }
        if call.ask.key.is_some() {
            world.remember(&call.ask);
        }
    }
}

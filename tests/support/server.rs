//! Real servers, as processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::database::blocking;
use crate::{Client, Database, Metrics};

/// Shared by all servers of a test process, as instances of one installation share it.
pub const JWT_SECRET: &str = "the-secret-of-the-tests-which-is-long-enough-0123456789";

/// How long a server may take to start or to end before the test gives up. Far more than either takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server with a database of its own. Cheap to clone; it ends with the last clone, and when the test process ends.
#[derive(Clone, Debug)]
pub struct TestServer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    settings: Vec<(String, String)>,
    process: Mutex<Process>,
    transport: reqwest::Client,
}

impl TestServer {
    /// A server on a new database.
    pub async fn start() -> Self {
        Self::start_on(Database::create().await, &[]).await
    }

    /// A server on a new database, with settings beside the usual ones or in their place.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_on(Database::create().await, settings).await
    }

    /// A server on a database that exists.
    pub async fn start_on(database: Database, settings: &[(&str, &str)]) -> Self {
        let settings: Vec<(String, String)> = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let process = Mutex::new(Process::serve(&database, &settings).await);
        let transport = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self(Arc::new(Inner { database, settings, process, transport }))
    }

    /// Another process on the same database.
    pub async fn another(&self) -> Self {
        let settings: Vec<(&str, &str)> = self.0.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Self::start_on(self.0.database.clone(), &settings).await
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// As `http://127.0.0.1:43210`. Another one after each [`Self::start_again`].
    pub fn address(&self) -> String {
        self.0.process.lock().unwrap().address.clone()
    }

    /// What Prometheus would read from it now.
    pub async fn metrics(&self) -> Metrics {
        let address = self.0.process.lock().unwrap().metrics.clone();
        let answer = self.transport().get(&address).send().await.unwrap_or_else(|error| panic!("{address}: {error:?}"));
        assert_eq!(answer.status().as_u16(), 200, "{address}");
        Metrics::parse(&answer.text().await.expect("a text"))
    }

    /// The number of its process.
    pub fn process_id(&self) -> u32 {
        self.0.process.lock().unwrap().child.id()
    }

    /// What it has written to its standard error so far.
    pub fn log(&self) -> String {
        self.0.process.lock().unwrap().log.lock().unwrap().clone()
    }

    /// Ends the process as `kill -9` does, in the middle of whatever it is doing.
    pub fn kill9(&self) {
        let mut process = self.0.process.lock().unwrap();
        process.child.kill().expect("the server's process");
        process.child.wait().expect("the server's process");
    }

    /// Sets the clock of the process to be off by so many seconds; it is when this returns. A process that is started again has a right one.
    pub async fn step_clock(&self, seconds: i64) {
        let said = format!("the clock is off by {seconds} s");
        let before = self.log().matches(&said).count();
        if let Some(tie) = self.0.process.lock().unwrap().child.stdin.as_mut() {
            writeln!(tie, "{seconds}").expect("the server's process");
        }
        let begun = Instant::now();
        while self.log().matches(&said).count() == before {
            assert!(begun.elapsed() < PATIENCE, "the clock was not set");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Asks the process to end (SIGTERM) and waits until it has.
    pub async fn stop(&self) -> ExitStatus {
        self.terminate();
        let begun = Instant::now();
        loop {
            // Not held while waiting: clients whose answers the process still owes ask for its address meanwhile.
            let ended = self.0.process.lock().unwrap().child.try_wait().expect("the server's process");
            if let Some(status) = ended {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end; it said:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Asks the process to end (SIGTERM), and goes on: to see what it does with requests that are on their way.
    pub fn terminate(&self) {
        let id = self.0.process.lock().unwrap().child.id().to_string();
        // The shell has `kill` built in, where a bare machine has no program of that name.
        let status = Command::new("/bin/sh").args(["-c", r#"kill -s TERM "$1""#, "sh", &id]).status().expect("a shell");
        assert!(status.success(), "the server's process is gone");
    }

    /// Starts the process again after [`Self::kill9`] or [`Self::stop`]. Clients of this server find it under its new address.
    pub async fn start_again(&self) {
        let process = Process::serve(&self.0.database, &self.0.settings).await;
        *self.0.process.lock().unwrap() = process;
    }

    /// Somebody who is not logged in.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(self.clone())
    }

    /// A new user, logged in, without a household.
    pub async fn user(&self) -> Client {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let email = format!("ada.{}@example.com", NEXT.fetch_add(1, Ordering::Relaxed));
        Client::registered(self.clone(), &email).await
    }

    /// A new user in a household of her own: single, in a state without an income tax, with `{Checking}` holding 5000.00.
    pub async fn household(&self) -> Client {
        let home = self.user().await.household(json!({"name": "Home", "filing_status": "single", "state": "TX"})).await;
        home.account("Checking", "checking", "5000.00").await;
        home
    }

    /// The same, with a salary that is paid monthly.
    pub async fn household_earning(&self, employer: &str, gross_annual: &str) -> Client {
        let home = self.household().await;
        home.salary(employer, gross_annual).await;
        home
    }

    pub(crate) fn transport(&self) -> &reqwest::Client {
        &self.0.transport
    }
}

/// One process and what it says.
#[derive(Debug)]
struct Process {
    child: Child,
    address: String,
    metrics: String,
    log: Arc<Mutex<String>>,
}

impl Process {
    /// Starts a server and waits for the line that says where it listens.
    async fn serve(database: &Database, settings: &[(String, String)]) -> Self {
        let url = database.url();
        let settings = settings.to_vec();
        blocking(move || {
            let mut command = effluent(&["serve"], &url);
            command.envs(settings).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
            let log = collect(child.stderr.take().expect("a pipe"));
            let announced = announced_addresses(child.stdout.take().expect("a pipe"));
            let Ok((address, metrics)) = announced.recv_timeout(PATIENCE) else {
                let _ = child.kill();
                panic!("the server did not say where it listens; it ended with {:?} and said:\n{}", child.wait(), log.lock().unwrap());
            };
            Self { child, address, metrics, log }
        })
        .await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- what {} said:\n{}", self.address, self.log.lock().map(|log| log.clone()).unwrap_or_default());
        }
    }
}

/// Runs a command of the program on a database; it has to succeed.
pub(crate) fn run_to_end(arguments: &[&str], database_url: &str) {
    let mut command = effluent(arguments, database_url);
    // The program under test ends with its standard input, so that has to stay open while it works.
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let tie = child.stdin.take();
    let output = child.wait_with_output().expect("its output");
    drop(tie);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "effluent {arguments:?} ended with {}:\n{said}", output.status);
}

/// The program, in an environment without the settings of the developer's own.
pub(crate) fn effluent(arguments: &[&str], database_url: &str) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env_clear();
    for kept in ["PATH", "HOME", "TMPDIR", "RUST_BACKTRACE"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.envs([
        ("DATABASE_URL", database_url),
        ("EFFLUENT_BIND", "127.0.0.1:0"),
        ("EFFLUENT_METRICS_BIND", "127.0.0.1:0"),
        ("EFFLUENT_JWT_SECRET", JWT_SECRET),
        ("EFFLUENT_RATE_LIMIT", "off"),
        // What a test does not start does nothing behind its back; those that are about projectors start some.
        ("EFFLUENT_PROJECTOR", "off"),
        ("EFFLUENT_LOG", "info"),
    ]);
    // With a DATABASE_URL nothing is kept here; somewhere else than the clone, should that change unnoticed.
    command.env("EFFLUENT_DATA_DIR", std::env::temp_dir().join("effluent-tests-unused"));
    command
}

/// The program that cargo has built with the tests: beside the folder that the running test lies in.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps");
    folder.join("effluent-under-test")
}

/// Collects all that is written to a pipe, in a thread that ends with it: a full pipe would hold up the server.
pub(crate) fn collect(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let collected = Arc::new(Mutex::new(String::new()));
    let collector = Arc::clone(&collected);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let mut text = collector.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    collected
}

/// The addresses in `effluent listens on http://127.0.0.1:43210`, and in the line about metrics before it, once they come; the rest is read
/// and thrown away.
fn announced_addresses(pipe: impl Read + Send + 'static) -> Receiver<(String, String)> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut metrics = String::new();
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if let Some(address) = line.trim().strip_prefix("metrics on ") {
                metrics = address.to_owned();
            }
            if let Some(address) = line.trim().strip_prefix("effluent listens on ") {
                let _ = sender.send((address.trim_end_matches('/').to_owned(), metrics.clone()));
            }
        }
    });
    receiver
}

//! What is measured: a private PostgreSQL that syncs its commits, the release binary of the server on it, and households in it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use api::demo;
use api::private_postgres::{Options, PrivatePostgres};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::http::{Asker, Connection, request};
use crate::load::CLIENTS;

/// How many households are written to in turn.
pub const HOUSEHOLDS: usize = 256;

/// A server at work. Everything ends with this value.
pub struct World {
    pub postgres: PrivatePostgres,
    pub server: Server,
    /// For scripts and logs; removed in the end.
    pub folder: PathBuf,
    /// The demo user, in the demo household.
    pub demo: Asker,
    /// The baseline of that household, by its id.
    pub scenario: String,
    /// Where its projection is found.
    pub baseline: String,
    /// An account of it.
    pub checking: String,
    pub targets: Vec<Target>,
    log: PathBuf,
}

/// Where forecasts are kept up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projectors {
    /// In the server's own process, as `effluent serve` has it.
    Within,
    /// Nowhere: as if `effluent projector` ran on other machines.
    Elsewhere,
}

/// An account whose balance changes.
pub struct Target {
    pub asker: Asker,
    pub path: String,
}

/// The server's process.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl World {
    pub async fn create() -> Self {
        let folder = std::env::temp_dir().join(format!("effluent-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for scripts");
        let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(".data").join("postgresql");
        let options = Options { durable: true, temporary: true, fetched: Some(fetched), ..Options::default() };
        let database = std::env::temp_dir().join(format!("effluent-bench-{}-postgres", std::process::id()));
        let postgres = PrivatePostgres::start_with(&database, &options).unwrap_or_else(|error| panic!("{error}"));
        let log = folder.join("server.log");
        let server = Server::start(&postgres.url(), &log, Projectors::Within);
        let mut connection = Connection::open(server.address).await;
        let log_in = json!({"email": demo::EMAIL, "password": demo::PASSWORD});
        let tokens = connection.json(&request("POST", "/api/auth/token", None, &log_in)).await;
        let demo = Asker { token: text(&tokens, "/access"), household: None };
        let baseline = connection.json(&request("GET", "/api/v1/scenarios/baseline", Some(&demo), &Value::Null)).await;
        let accounts = connection.json(&request("GET", "/api/v1/accounts?limit=1", Some(&demo), &Value::Null)).await;
        let targets = households(server.address, &demo, HOUSEHOLDS).await;
        Self {
            postgres,
            server,
            folder,
            demo,
            baseline: format!("/api/v1/scenarios/{}/projections", text(&baseline, "/id")),
            scenario: text(&baseline, "/id"),
            checking: format!("/api/v1/accounts/{}", text(&accounts, "/items/0/id")),
            targets,
            log,
        }
    }

    /// A new process in place of the server's, which remembers nothing.
    pub fn restart(&mut self, projectors: Projectors) {
        self.server.end();
        self.server = Server::start(&self.postgres.url(), &self.log, projectors);
    }
}

/// So many households of a user, made by all clients at once.
pub async fn households(server: SocketAddr, user: &Asker, number: usize) -> Vec<Target> {
    let clients = (0..CLIENTS).map(|client| async move {
        let mut connection = Connection::open(server).await;
        let mut targets = Vec::new();
        for number in (client..number).step_by(CLIENTS) {
            targets.push(household(&mut connection, user, number).await);
        }
        targets
    });
    join_all(clients).await.into_iter().flatten().collect()
}

impl Drop for World {
    fn drop(&mut self) {
        // Where it cannot be removed, some kilobytes stay behind under /tmp.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// A household with a salary and an account: every command on it goes through the payroll once.
async fn household(connection: &mut Connection, user: &Asker, number: usize) -> Target {
    let home = json!({"name": format!("Home {number}"), "filing_status": "single", "state": "TX"});
    let home = connection.json(&request("POST", "/api/v1/households", Some(user), &home)).await;
    let asker = Asker { household: Some(text(&home, "/id")), ..user.clone() };
    let salary = json!({"name": "Acme", "income_type": "w2", "gross_annual_salary": "96000.00", "pay_frequency": "monthly", "start_date": "2026-01-01"});
    connection.json(&request("POST", "/api/v1/income-sources", Some(&asker), &salary)).await;
    let account = json!({"name": "Checking", "account_type": "checking", "current_balance": "5000.00"});
    let account = connection.json(&request("POST", "/api/v1/accounts", Some(&asker), &account)).await;
    Target { path: format!("/api/v1/accounts/{}", text(&account, "/id")), asker }
}

/// A text in an answer, by its JSON pointer.
pub fn text(answer: &Value, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {answer}")).to_owned()
}

impl Server {
    /// As in service, but for the limits on how much one client may ask; it logs a line a request, into a file.
    fn start(database_url: &str, log: &Path, projectors: Projectors) -> Self {
        let log = File::create(log).expect("a log");
        let mut command = Command::new(program());
        command.args(["serve", "--demo", "--bind", "127.0.0.1:0"]);
        if projectors == Projectors::Elsewhere {
            command.arg("--no-projector");
        }
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        command.envs([
            ("DATABASE_URL", database_url),
            ("EFFLUENT_RATE_LIMIT", "off"),
            ("EFFLUENT_METRICS_BIND", "127.0.0.1:0"),
            ("EFFLUENT_JWT_SECRET", "the-secret-of-the-benches-which-is-long-enough-0123456789"),
        ]);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let address = said.find_map(|line| line.strip_prefix("effluent listens on http://")?.trim().parse().ok());
        // What it says after that is read, too: a server whose output nobody takes has failed.
        thread::spawn(move || said.for_each(drop));
        let Some(address) = address else { panic!("the server did not start: {:?}", child.wait()) };
        Self { child, address }
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Memory of the process now and at its most, in megabytes: what `proc(5)` calls `VmRSS` and `VmHWM`.
    pub fn memory_mb(&self) -> (f64, f64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the server's process");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux");
            line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
        };
        (field("VmRSS"), field("VmHWM"))
    }

    fn end(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// The release binary, beside the folder that this program lies in.
fn program() -> PathBuf {
    let bench = std::env::current_exe().expect("the program's own path");
    let folder = bench.parent().and_then(Path::parent).expect("target/release/deps");
    let program = folder.join("effluent");
    assert!(program.is_file(), "{} is not there: run `make bench`, which builds it first", program.display());
    program
}

//! The reference: `pgbench` writing the same rows to the same tables of the same PostgreSQL, in another database.
//!
//! The same bytes: account, balance, event and metadata are taken from what the server itself wrote. The same indexes and checks: the
//! tables are made by the same migrations. What the reference leaves out is what makes the server a server: HTTP, who may do what, the
//! decision, the hash chain, reading anything.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use api::private_postgres::PrivatePostgres;
use projections::database::{self, DatabaseUrl};
use serde_json::{Map, Value};
use sqlx::{Connection, PgConnection};

use crate::load::{CLIENTS, Run};

const DATABASE: &str = "reference";
/// Household `n` of the reference.
const HOUSEHOLD: &str = "('00000000-0000-4000-8000-' || lpad(:h::text, 12, '0'))::uuid";

/// How the same rows are written.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One statement: one round trip, one implicit transaction.
    Statement,
    /// `BEGIN`, a statement for each table, `END`.
    Transaction,
}

/// The reference database, and where its scripts lie.
pub struct Reference {
    url: String,
    folder: PathBuf,
    rows: Rows,
    households: usize,
}

/// What one command wrote.
struct Rows {
    account: Map<String, Value>,
    balance: Map<String, Value>,
    event: Map<String, Value>,
}

impl Reference {
    /// Copies what the last balance command wrote in `source`, for so many households.
    pub async fn create(postgres: &PrivatePostgres, folder: PathBuf, households: usize) -> Self {
        let mut source = PgConnection::connect(&postgres.url()).await.expect("the server's database");
        sqlx::query(&format!("CREATE DATABASE {DATABASE}")).execute(&mut source).await.expect("a superuser");
        let row = async |source: &mut PgConnection, sql: &str| -> Map<String, Value> {
            let text: String = sqlx::query_scalar(sql).fetch_one(source).await.expect("a row of the server's");
            serde_json::from_str(&text).expect("an object")
        };
        let event = "SELECT to_jsonb(e)::text FROM (SELECT household_id, event_type, event_version, payload::text, metadata::text, \
                     prev_hash, hash FROM events WHERE event_type = 'balance.recorded' ORDER BY global_position DESC LIMIT 1) e";
        let event = row(&mut source, event).await;
        let account = "SELECT to_jsonb(a)::text FROM accounts a ORDER BY balance_as_of DESC NULLS LAST, current_balance DESC LIMIT 1";
        let account = row(&mut source, account).await;
        let balance = row(&mut source, "SELECT to_jsonb(b)::text FROM balances b ORDER BY version DESC LIMIT 1").await;

        let url = postgres.url_of(DATABASE);
        let mut owner = database::connect_as_owner(&DatabaseUrl::parse(&url).expect("an address")).await.expect("the reference");
        database::migrate(&mut owner).await.expect("the same migrations");
        let household = HOUSEHOLD.replace(":h", "h");
        let heads = format!("INSERT INTO heads (household_id, version, hash) SELECT {household}, 1, $1 FROM generate_series(1, $2) h");
        sqlx::query(&heads).bind(vec![0_u8; 32]).bind(households as i32).execute(&mut owner).await.expect("heads");
        let accounts = format!(
            "INSERT INTO accounts SELECT (jsonb_populate_record(NULL::accounts, $1::jsonb || jsonb_build_object('household_id', {household}))).* \
             FROM generate_series(1, $2) h"
        );
        let text = Value::Object(account.clone()).to_string();
        sqlx::query(&accounts).bind(text).bind(households as i32).execute(&mut owner).await.expect("accounts");
        sqlx::query("VACUUM ANALYZE heads, accounts").execute(&mut owner).await.expect("statistics");
        Self { url, folder, rows: Rows { account, balance, event }, households }
    }

    /// Lets `pgbench` write for so long; `households` is how many of them it writes to.
    pub fn write(&self, postgres: &PrivatePostgres, shape: Shape, one_household: bool, duration: Duration) -> Run {
        let last = if one_household { 1 } else { self.households };
        let script = format!("\\set h random(1, {last})\n{}", self.rows.script(shape));
        self.run(postgres, &self.url, &script, CLIENTS, duration)
    }

    /// Lets `pgbench` read, with any script, in any database.
    pub fn run(&self, postgres: &PrivatePostgres, url: &str, script: &str, clients: usize, duration: Duration) -> Run {
        let (file, log) = (self.folder.join("script.sql"), self.folder.join("latencies"));
        fs::write(&file, script).expect("a script");
        let mut pgbench = program(postgres).expect("it was there before");
        pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log"]);
        pgbench.arg(format!("--client={clients}")).arg(format!("--time={}", duration.as_secs()));
        pgbench.arg(format!("--log-prefix={}", log.display())).arg("--file").arg(&file).arg(url);
        let output = pgbench.output().expect("pgbench runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "pgbench failed: {said}{}", String::from_utf8_lossy(&output.stderr));
        let latencies_ms = self.take_latencies();
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
        let operations = latencies_ms.len() as u64;
        Run { operations, duration: operations as f64 / rate.expect("a rate"), latencies_ms }
    }

    /// Reads and removes the logs: `client transaction latency_us script …` a line.
    fn take_latencies(&self) -> Vec<f64> {
        let mut latencies_ms = Vec::new();
        for entry in fs::read_dir(&self.folder).expect("the folder").map(|entry| entry.expect("a file").path()) {
            if entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with("latencies.")) {
                let log = fs::read_to_string(&entry).expect("a log");
                let of_line = |line: &str| line.split(' ').nth(2)?.parse::<f64>().ok();
                latencies_ms.extend(log.lines().filter_map(of_line).map(|microseconds| microseconds / 1e3));
                fs::remove_file(&entry).expect("a log");
            }
        }
        latencies_ms
    }
}

/// `pgbench`, where this PostgreSQL has one.
pub fn program(postgres: &PrivatePostgres) -> Option<Command> {
    postgres.program("pgbench")
}

impl Rows {
    fn script(&self, shape: Shape) -> String {
        let literal_of = |name: &str| literal(self.event.get(name).unwrap_or(&Value::Null));
        let hash = literal_of("hash");
        let (account_columns, account_values) = columns(&self.account, "version");
        let changes: Vec<String> =
            account_columns.split(", ").filter(|name| *name != "id").map(|name| format!("{name} = excluded.{name}")).collect();
        let version = match shape {
            Shape::Statement => "version",
            Shape::Transaction => ":version",
        };
        let (balance_columns, balance_values) = columns(&self.balance, version);
        let head = format!("UPDATE heads SET version = version + 1, hash = {hash}, recorded_at = now() WHERE household_id = {HOUSEHOLD}");
        let event = format!(
            "INSERT INTO events (household_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, prev_hash, hash) \
             SELECT household_id, 'household', household_id::text, {version}, {}, {}, {}, {}, {}, {hash}",
            literal_of("event_type"),
            literal_of("event_version"),
            literal_of("payload"),
            literal_of("metadata"),
            literal_of("prev_hash"),
        );
        let account = format!("INSERT INTO accounts (household_id, {account_columns}) SELECT household_id, {account_values}");
        let conflict = format!("ON CONFLICT (household_id, id) DO UPDATE SET {}", changes.join(", "));
        let balance = format!("INSERT INTO balances (household_id, {balance_columns}) SELECT household_id, {balance_values}");
        match shape {
            Shape::Statement => format!(
                "WITH head AS ({head} RETURNING household_id, version), event AS ({event} FROM head), \
                 account AS ({account} FROM head {conflict}), balance AS ({balance} FROM head) SELECT count(*) FROM head;\n"
            ),
            Shape::Transaction => {
                let from = format!("FROM (SELECT {HOUSEHOLD} AS household_id) household");
                // `WHERE true`: without it, ON after FROM would be read as a join.
                format!(
                    "BEGIN;\n{head} RETURNING version \\gset\n{event} {from};\n{account} {from} WHERE true {conflict};\n{balance} {from};\nEND;\n"
                )
            }
        }
    }
}

/// Names and literals of a row's columns but the household's; the version comes from the head.
fn columns(row: &Map<String, Value>, version: &str) -> (String, String) {
    let others = || row.iter().filter(|(name, _)| *name != "household_id");
    let names: Vec<&str> = others().map(|(name, _)| name.as_str()).collect();
    let values: Vec<String> = others().map(|(name, value)| if name == "version" { version.to_owned() } else { literal(value) }).collect();
    (names.join(", "), values.join(", "))
}

/// A literal that holds the value byte for byte. Colons are escaped: `pgbench` would take what follows one for a variable.
fn literal(value: &Value) -> String {
    let text = match value {
        Value::Null => return "NULL".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''").replace(':', r"\072"))
}

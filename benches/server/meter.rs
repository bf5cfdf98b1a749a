//! What a load costs: CPU time of everybody who takes part, and what PostgreSQL wrote to its log.

use std::fs;

use sqlx::{Connection, PgConnection};

use crate::load::Run;

/// Ticks of `/proc/*/stat` a second: fixed by Linux for every program.
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads the meters.
pub struct Meter {
    server: u32,
    postmaster: u32,
    connection: PgConnection,
}

/// CPU seconds and bytes, since the beginning of each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    pub server_s: f64,
    pub postgres_s: f64,
    /// The load generator, or `pgbench`.
    pub client_s: f64,
    pub wal_bytes: f64,
}

/// Rounds of one load, added up.
#[derive(Debug, Default)]
pub struct Tally {
    pub operations: u64,
    pub duration: f64,
    pub latencies_ms: Vec<f64>,
    pub cost: Reading,
}

impl Meter {
    /// For a server process on a PostgreSQL whose superuser connects with `url`.
    pub async fn new(server: u32, url: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.expect("PostgreSQL");
        let pid_file: String =
            sqlx::query_scalar("SELECT pg_read_file('postmaster.pid')").fetch_one(&mut connection).await.expect("a superuser");
        let postmaster = pid_file.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process id");
        Self { server, postmaster, connection }
    }

    /// The meters now.
    pub async fn read(&mut self) -> Reading {
        let wal: i64 = sqlx::query_scalar("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
            .fetch_one(&mut self.connection)
            .await
            .expect("the log");
        let own = Times::of("self").expect("Linux");
        Reading {
            server_s: Times::of(&self.server.to_string()).expect("the server's process").own,
            postgres_s: self.postgres(),
            client_s: own.own + own.children_that_ended,
            wal_bytes: wal as f64,
        }
    }

    /// Makes the next load begin as every other: no dirty pages from before.
    pub async fn checkpoint(&mut self) {
        sqlx::query("CHECKPOINT").execute(&mut self.connection).await.expect("a superuser");
    }

    fn postgres(&self) -> f64 {
        let postmaster = Times::of(&self.postmaster.to_string()).expect("the postmaster");
        let processes = fs::read_dir("/proc").expect("Linux").filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let children = processes.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter_map(|process| Times::of(&process));
        let children: f64 = children.filter(|times| times.parent == self.postmaster).map(|times| times.own).sum();
        postmaster.own + postmaster.children_that_ended + children
    }
}

struct Times {
    parent: u32,
    own: f64,
    children_that_ended: f64,
}

impl Times {
    /// `None` where the process has ended meanwhile. See proc(5) for the numbers of the fields.
    fn of(process: &str) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: (ticks(14)? + ticks(15)?) / TICKS_PER_SECOND,
            children_that_ended: (ticks(16)? + ticks(17)?) / TICKS_PER_SECOND,
        })
    }
}

impl Tally {
    /// Adds a round: what was done, and what the meters said before and behind it.
    pub fn add(&mut self, run: Run, before: Reading, behind: Reading) {
        self.operations += run.operations;
        self.duration += run.duration;
        self.latencies_ms.extend(run.latencies_ms);
        self.cost.server_s += behind.server_s - before.server_s;
        self.cost.postgres_s += behind.postgres_s - before.postgres_s;
        self.cost.client_s += behind.client_s - before.client_s;
        self.cost.wal_bytes += behind.wal_bytes - before.wal_bytes;
    }

    /// Operations a second.
    pub fn rate(&self) -> f64 {
        self.operations as f64 / self.duration
    }

    /// Of each operation, of a quantity summed over all.
    pub fn each(&self, sum: f64) -> f64 {
        sum / self.operations.max(1) as f64
    }

    /// The latency that this fraction of the operations stayed below, in milliseconds.
    pub fn quantile_ms(&self, fraction: f64) -> f64 {
        let mut sorted = self.latencies_ms.clone();
        sorted.sort_by(f64::total_cmp);
        let index = (sorted.len() as f64 * fraction) as usize;
        sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }
}

//! `effluent doctor`: what is set, and what is wrong, and what to do about it. Goes on after the first thing that is wrong.

use clap::Args;
use projections::Connections;
use projections::database::{self, DatabaseUrl};
use projections::subscription;

use super::database::Database;
use super::{Failure, print};
use crate::clock;
use crate::config::Config;

pub const EXAMPLES: &str = "Examples:
  DATABASE_URL=postgres://effluent@localhost/effluent effluent doctor
  DATABASE_URL=postgres://owner@localhost/effluent effluent doctor --restamp";

#[derive(Args)]
pub struct Options {
    /// First give the events an order of this PostgreSQL's own, as is needed after a dump was restored into another one. No server and no
    /// projector may run meanwhile
    #[arg(long)]
    restamp: bool,
}

/// The oldest PostgreSQL that is supported: 14.0.
const OLDEST_SERVER: i32 = 140_000;
/// Clocks that differ by more than this put events into the wrong order for people who read them.
const MOST_CLOCK_DIFFERENCE_MS: i64 = 2_000;

#[derive(Debug, thiserror::Error)]
#[error("{0} of the checks failed")]
struct Unwell(usize);

/// One check: its name, and what it found.
struct Finding {
    check: &'static str,
    result: Result<String, String>,
}

pub async fn run(config: &Config, options: &Options) -> Result<(), Failure> {
    if options.restamp {
        restamp(config).await?;
    }
    let mut report = String::from("settings\n");
    for setting in config.describe() {
        report.push_str(&format!("  {:<28} {}  (from {})\n", setting.name, setting.value, setting.source));
    }
    report.push_str("checks\n");
    let mut failed = 0;
    for Finding { check, result } in findings(config).await {
        let (mark, text) = match &result {
            Ok(text) => ("ok", text),
            Err(text) => ("!!", text),
        };
        failed += usize::from(result.is_err());
        report.push_str(&format!("  {mark} {check:<12} {text}\n"));
    }
    print(&report)?;
    if failed > 0 { Err(Unwell(failed).into()) } else { Ok(()) }
}

async fn restamp(config: &Config) -> Result<(), Failure> {
    let database = Database::open(config).await?;
    let events = subscription::restamp(&mut database::connect_as_owner(&database.url).await?).await?;
    print(&format!("{events} events have an order of this PostgreSQL's own; projectors begin at the first of them\n"))?;
    database.close().await
}

async fn findings(config: &Config) -> Vec<Finding> {
    let Some(url) = &config.database_url else {
        let text = format!("none is set: `effluent serve` will run a private one under {}", config.data_dir.value.display());
        return vec![Finding { check: "database", result: Ok(text) }];
    };
    let pool = match database::connect(&url.value, 1).await {
        Ok(pool) => pool,
        Err(error) => return vec![Finding { check: "database", result: Err(unreachable(&url.value, &error)) }],
    };
    let mut findings = server(&pool).await;
    let migrations = migrations(&pool).await;
    if migrations.is_ok() {
        let order = subscription::check_order(&pool).await.map(|()| "the events are in an order of this PostgreSQL's own".to_owned());
        findings.push(Finding { check: "order", result: order.map_err(|error| error.to_string()) });
    }
    findings.push(Finding { check: "migrations", result: migrations });
    findings
}

fn unreachable(url: &DatabaseUrl, error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{url} cannot be reached{cause}; start it, or correct DATABASE_URL")
}

async fn server(pool: &Connections) -> Vec<Finding> {
    let asked = clock::now();
    let facts = match database::server_facts(pool).await {
        Ok(facts) => facts,
        Err(error) => return vec![Finding { check: "database", result: Err(error.to_string()) }],
    };
    let version = format!("PostgreSQL {}.{}", facts.version_number / 10_000, facts.version_number % 10_000);
    let database = if facts.version_number >= OLDEST_SERVER {
        Ok(format!("{version}, as {}", facts.role))
    } else {
        Err(format!("{version} is too old: 14 or newer is needed"))
    };
    let difference_ms = facts.now.signed_duration_since(asked).num_milliseconds();
    let clock = if difference_ms.abs() <= MOST_CLOCK_DIFFERENCE_MS {
        Ok(format!("the database's differs by {difference_ms} ms"))
    } else {
        Err(format!("the database's differs by {difference_ms} ms: set both by NTP"))
    };
    vec![Finding { check: "database", result: database }, Finding { check: "clock", result: clock }]
}

async fn migrations(pool: &Connections) -> Result<String, String> {
    match database::pending_migrations(pool).await {
        Ok(pending) if pending.is_empty() => Ok("all applied".to_owned()),
        Ok(pending) => Err(format!("missing: {}; run `effluent migrate`", pending.join(", "))),
        Err(error) => Err(error.to_string()),
    }
}

//! `effluent projections verify`: do the tables say what the streams say? Writes nothing, and may run beside anything.

use projections::rebuild::{self, Report};

use super::progress::Shown;
use super::{Failure, Selection, open, print, seconds};
use crate::config::Config;

pub const EXAMPLES: &str = "Examples:
  DATABASE_URL=postgres://effluent@localhost/effluent effluent projections verify
  effluent projections verify --model accounts --household 0197b3c0-0000-7000-8000-000000000000";

/// The tables and the streams are not of one mind.
#[derive(Debug, thiserror::Error)]
#[error("{0} differences: `effluent projections rebuild` mends what follows from a stream")]
struct Drift(u64);

pub async fn run(config: &Config, selection: &Selection) -> Result<(), Failure> {
    let (database, store) = open(config).await?;
    let mut shown = Shown::new(true);
    let verified = rebuild::verify(&store, &selection.scope(), &mut shown).await;
    shown.end();
    store.pool().close().await;
    let closed = database.close().await;
    let report = verified?;
    print(&summary(&report))?;
    closed?;
    if report.is_clean() { Ok(()) } else { Err(Drift(report.differences).into()) }
}

fn summary(report: &Report) -> String {
    let Report { households, events, rows, differences, damaged, took, .. } = report;
    let damaged = if *damaged > 0 { format!(", {damaged} streams damaged") } else { String::new() };
    format!("verified {households} households, {events} events, {rows} rows: {differences} differences{damaged} ({})\n", seconds(*took))
}

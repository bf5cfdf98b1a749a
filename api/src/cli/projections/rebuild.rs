//! `effluent projections rebuild`: the read models, made anew from the streams while reads and writes go on.

use projections::rebuild::{self, Cause, Report};

use super::progress::Shown;
use super::{Failure, Selection, open, print, seconds};
use crate::config::Config;

pub const EXAMPLES: &str = "Examples:
  DATABASE_URL=postgres://effluent@localhost/effluent effluent projections rebuild
  effluent projections rebuild --model accounts --household 0197b3c0-0000-7000-8000-000000000000";

/// What a rebuild cannot mend.
#[derive(Debug, thiserror::Error)]
#[error("the streams of {0} households are damaged, and their read models were left as they are: `effluent projections verify` says where")]
struct Damaged(u64);

pub async fn run(config: &Config, selection: &Selection) -> Result<(), Failure> {
    let (database, store) = open(config).await?;
    let mut shown = Shown::new(false);
    let rebuilt = rebuild::rebuild(&store, &selection.scope(), Cause::Command, &mut shown).await;
    shown.end();
    store.pool().close().await;
    let closed = database.close().await;
    let report = rebuilt?;
    print(&summary(&report))?;
    closed?;
    if report.damaged == 0 { Ok(()) } else { Err(Damaged(report.damaged).into()) }
}

fn summary(report: &Report) -> String {
    let Report { households, events, rows, differences, damaged, took, .. } = report;
    let mended = differences.saturating_sub(*damaged);
    format!("rebuilt {households} households, {events} events, {rows} rows: {mended} differences mended ({})\n", seconds(*took))
}

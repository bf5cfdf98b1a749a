//! `effluent projections status`: lag by bucket, parked households, sizes.

use clap::Args;
use projections::projector::lag::{BucketLag, Lag, MOST_COUNTED, lag};
use projections::projector::{ModelSize, Parked, parked, sizes};
use serde::Serialize;

use super::super::print;
use super::{Failure, open};
use crate::config::Config;

pub const EXAMPLES: &str = "Examples:
  DATABASE_URL=postgres://effluent@localhost/effluent effluent projections status
  effluent projections status --json";

#[derive(Args)]
pub struct Options {
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Everything at once.
#[derive(Serialize)]
struct Status {
    #[serde(flatten)]
    lag: Lag,
    parked: Vec<Parked>,
    read_models: Vec<ModelSize>,
}

pub async fn run(config: &Config, options: &Options) -> Result<(), Failure> {
    let (database, store) = open(config).await?;
    let pool = store.pool();
    let status = Status { lag: lag(pool).await?, parked: parked(pool).await?, read_models: sizes(pool).await? };
    if options.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&status)?))?;
    } else {
        print(&status.for_people())?;
    }
    pool.close().await;
    database.close().await
}

impl Status {
    fn for_people(&self) -> String {
        let Lag { lag_events, lag_seconds, .. } = self.lag;
        let or_more = if lag_events >= MOST_COUNTED { " or more" } else { "" };
        let mut text = format!("lag: {lag_events}{or_more} events, the oldest {lag_seconds:.1} s old\n\n");
        text.push_str(&table(&["bucket", "lag_events", "lag_seconds", "fencing", "owner"], self.lag.buckets.iter().map(bucket)));
        text.push_str(&format!("\nparked households: {}\n", self.parked.len()));
        if !self.parked.is_empty() {
            let columns = ["household", "version", "attempts", "parked_at", "stage", "error"];
            text.push('\n');
            text.push_str(&table(&columns, self.parked.iter().map(household)));
            text.push_str("they are tried again when their next event comes, or with `effluent projections retry`\n");
        }
        text.push_str("\nread models\n\n");
        let sizes = self.read_models.iter().map(|model| vec![model.name.to_owned(), model.rows.to_string(), model.bytes.to_string()]);
        text.push_str(&table(&["name", "rows", "bytes"], sizes));
        text
    }
}

fn bucket(lag: &BucketLag) -> Vec<String> {
    let owner = lag.owner.as_ref().map(|owner| {
        let process = owner.process.clone().unwrap_or_else(|| owner.projector_id.to_string());
        if owner.is_live { process } else { format!("{process}, whose lease has run out") }
    });
    vec![
        lag.bucket.to_string(),
        lag.lag_events.to_string(),
        format!("{:.1}", lag.lag_seconds),
        lag.fencing.to_string(),
        owner.unwrap_or_else(|| "nobody".to_owned()),
    ]
}

fn household(parked: &Parked) -> Vec<String> {
    vec![
        parked.household_id.to_string(),
        parked.version.to_string(),
        parked.attempts.to_string(),
        parked.parked_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        parked.stage.clone(),
        parked.error.clone(),
    ]
}

/// Columns as wide as their widest cell; the last one as it is.
fn table(names: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut lines = vec![names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    lines.extend(rows);
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["1".to_owned(), "long".to_owned()], vec!["1000000".to_owned(), String::new()]];
        assert_eq!(table(&["id", "text"], rows.into_iter()), "id       text\n1        long\n1000000\n");
    }
}

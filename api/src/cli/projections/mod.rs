//! `effluent projections …`: what operators do with read models. A file per subcommand.

mod progress;
mod rebuild;
mod retry;
mod status;
mod verify;

use std::time::Duration;

use clap::{Args, Subcommand};
use domain::ids::HouseholdId;
use domain::tax::TaxTables;
use projections::database;
use projections::rebuild::{Model, Scope};
use projections::store::Store;

use super::database::Database;
use super::{Failure, print};
use crate::clock;
use crate::config::Config;

pub const EXAMPLES: &str = "Examples:
  effluent projections verify
  effluent projections rebuild --model accounts
  effluent projections status";

#[derive(Subcommand)]
pub enum Command {
    /// Build the read models anew from the events and switch to them, while reads and writes go on
    #[command(after_help = rebuild::EXAMPLES)]
    Rebuild(Selection),
    /// Replay every stream, compare with every read model, and print each difference; exit code 1 where there is one
    #[command(after_help = verify::EXAMPLES)]
    Verify(Selection),
    /// Print how far the projectors are behind, which households are parked, and how large the read models are
    #[command(after_help = status::EXAMPLES)]
    Status(status::Options),
    /// Have parked households tried again
    #[command(after_help = retry::EXAMPLES)]
    Retry(retry::Options),
}

#[derive(Debug, thiserror::Error)]
#[error("the schema of this database is not up to date, {0} is missing: run `effluent migrate` first")]
struct OldSchema(String);

/// Does what was asked for.
pub async fn run(config: &Config, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Rebuild(selection) => rebuild::run(config, selection).await,
        Command::Verify(selection) => verify::run(config, selection).await,
        Command::Status(options) => status::run(config, options).await,
        Command::Retry(options) => retry::run(config, options).await,
    }
}

/// What is verified or rebuilt.
#[derive(Args)]
pub struct Selection {
    /// Only this household
    #[arg(long, value_name = "ID", value_parser = household_id)]
    household: Option<HouseholdId>,
    /// Only this read model, by the name of its table
    #[arg(long, value_name = "NAME", value_parser = model())]
    model: Option<String>,
}

impl Selection {
    fn scope(&self) -> Scope {
        Scope {
            household: self.household,
            model: self.model.as_deref().and_then(Model::named),
            ..Scope::everything(clock::now()).with_workers(workers())
        }
    }
}

/// A batch for each core, and one more that is read meanwhile.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).saturating_add(1)
}

/// The database, with the schema that this program needs: none of these commands changes it. A store on it with a connection for each
/// worker and two for whatever else is to be said.
async fn open(config: &Config) -> Result<(Database, Store), Failure> {
    let tables = TaxTables::shipped()?;
    let database = Database::open(config).await?;
    let connections = u32::try_from(workers()).unwrap_or(u32::MAX).saturating_add(2);
    let pool = database::connect(&database.url, connections).await?;
    let missing = database::pending_migrations(&pool).await?;
    if missing.is_empty() { Ok((database, Store::new(pool, tables, 0))) } else { Err(OldSchema(missing.join(", ")).into()) }
}

/// `--household`.
fn household_id(text: &str) -> Result<HouseholdId, String> {
    text.parse().map(HouseholdId).map_err(|_| "it is not a UUID".to_owned())
}

/// `--model`: an unknown one is answered with those that there are.
fn model() -> clap::builder::PossibleValuesParser {
    Model::all().map(Model::name).collect::<Vec<_>>().into()
}

/// `1.234 s`.
fn seconds(took: Duration) -> String {
    format!("{}.{:03} s", took.as_secs(), took.subsec_millis())
}

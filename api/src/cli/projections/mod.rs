//! `effluent projections …`: what operators do with read models. A file per subcommand.

mod rebuild;
mod verify;

use clap::Subcommand;
use domain::ids::HouseholdId;
use projections::Connections;
use projections::database;

use super::Failure;
use super::database::Database;
use crate::config::Config;

pub const EXAMPLES: &str = "Examples:
  effluent projections verify
  effluent projections rebuild --model accounts";

#[derive(Subcommand)]
pub enum Command {
    /// Build the read models anew from the events and switch to them, while reads and writes go on
    #[command(after_help = rebuild::EXAMPLES)]
    Rebuild(rebuild::Options),
    /// Replay every stream, compare with every read model, and print each difference; exit code 1 where there is one
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Options),
}

#[derive(Debug, thiserror::Error)]
#[error("the schema of this database is not up to date, {0} is missing: run `effluent migrate` first")]
struct OldSchema(String);

/// Does what was asked for.
pub async fn run(config: &Config, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Rebuild(options) => rebuild::run(config, options).await,
        Command::Verify(options) => verify::run(config, options).await,
    }
}

/// The database, with the schema that this program needs: none of these commands changes it.
async fn open(config: &Config) -> Result<(Database, Connections), Failure> {
    let database = Database::open(config).await?;
    let pool = database::connect(&database.url, config.database_connections.value).await?;
    let missing = database::pending_migrations(&pool).await?;
    if missing.is_empty() { Ok((database, pool)) } else { Err(OldSchema(missing.join(", ")).into()) }
}

/// `--household`.
fn household_id(text: &str) -> Result<HouseholdId, String> {
    text.parse().map(HouseholdId).map_err(|_| "is not a UUID".to_owned())
}

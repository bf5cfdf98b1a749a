//! `effluent migrate`.

use super::database::Database;
use super::{Failure, print};
use crate::config::Config;

pub const EXAMPLES: &str = "Example:\n  DATABASE_URL=postgres://effluent@localhost/effluent effluent migrate";

pub async fn run(config: &Config) -> Result<(), Failure> {
    let database = Database::open(config).await?;
    let applied = database.migrate().await?;
    print(&match applied {
        0 => "the schema is up to date\n".to_owned(),
        1 => "applied 1 migration\n".to_owned(),
        several => format!("applied {several} migrations\n"),
    })?;
    database.close().await
}

//! `effluent projections retry`: what was parked is tried again, by the projectors that run.

use clap::Args;
use domain::ids::HouseholdId;
use projections::projector;

use super::super::print;
use super::{Failure, open};
use crate::config::Config;

pub const EXAMPLES: &str = "Example:
  DATABASE_URL=postgres://effluent@localhost/effluent effluent projections retry";

#[derive(Args)]
pub struct Options {
    /// Only this household
    #[arg(long, value_name = "ID", value_parser = super::household_id)]
    household: Option<HouseholdId>,
}

pub async fn run(config: &Config, options: &Options) -> Result<(), Failure> {
    let (database, store) = open(config).await?;
    let pool = store.pool();
    let asked = projector::ask_for_retry(pool, options.household).await?;
    let households = match asked.households {
        0 => "nothing to retry: no such household is parked".to_owned(),
        1 => "1 parked household will be tried again".to_owned(),
        several => format!("{several} parked households will be tried again"),
    };
    let by_whom = match (asked.households, asked.projectors) {
        (0, _) => "",
        (_, 0) => ", once a projector runs: none does now (see `effluent projector`)",
        _ => ": see `effluent projections status`",
    };
    print(&format!("{households}{by_whom}\n"))?;
    pool.close().await;
    database.close().await
}

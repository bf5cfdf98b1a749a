//! `effluent projections rebuild`: the read models, made anew from the streams.

use clap::Args;
use domain::ids::HouseholdId;

use super::{Failure, open};
use crate::config::Config;

pub const EXAMPLES: &str = "Example:
  DATABASE_URL=postgres://effluent@localhost/effluent effluent projections rebuild --model accounts";

#[derive(Args)]
pub struct Options {
    /// Only this household
    #[arg(long, value_name = "ID", value_parser = super::household_id)]
    pub household: Option<HouseholdId>,
    /// Only this read model, such as accounts
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

pub async fn run(config: &Config, options: &Options) -> Result<(), Failure> {
    let (database, pool) = open(config).await?;
    let _ = options;
    pool.close().await;
    database.close().await
}

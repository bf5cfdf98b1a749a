//! `effluent projector`: a process that keeps forecasts up to date and runs jobs, and answers nobody but Prometheus.

use domain::tax::TaxTables;
use projections::jobs::Jobs;
use projections::store::Store;
use projections::{database, signals};

use super::database::Database;
use super::stop::Stop;
use super::{Failure, print};
use crate::background::Background;
use crate::config::Config;
use crate::jobs;
use crate::metrics_server;
use crate::startup::{HOUSEHOLDS_IN_MEMORY, StartError};

pub const EXAMPLES: &str =
    "Any number of them share the households out among themselves, with those that run inside of `effluent serve`. When one dies, \
the others have its share within seconds.

Example:
  DATABASE_URL=postgres://effluent@localhost/effluent EFFLUENT_METRICS_BIND=127.0.0.1:9465 effluent projector";

pub async fn run(config: &Config) -> Result<(), Failure> {
    let mut stop = Stop::listen()?;
    let database = tokio::select! {
        database = Database::open(config) => database?,
        () = stop.asked() => return Ok(()),
    };
    let projected = project(config, &database, &mut stop).await;
    let closed = database.close().await;
    projected.and(closed)
}

async fn project(config: &Config, database: &Database, stop: &mut Stop) -> Result<(), Failure> {
    let metrics = metrics_server::start(config)?;
    print(&metrics.introduction())?;
    database.migrate().await?;
    let pool = database::connect(&database.url, config.database_connections.value).await?;
    signals::watch_connections(&pool);
    let tables = TaxTables::shipped().map_err(StartError::Tables)?;
    let store = Store::new(pool.clone(), tables, HOUSEHOLDS_IN_MEMORY);
    let mut background = Background::start(&store, &database.url);
    background.watch_projectors(&store);
    background.bring_read_models_to_form(&store).await?;
    background.project(&store)?;
    jobs::start(&mut background, Jobs::beside(&store, config.job_retention.value), store);
    print("effluent projects\n")?;
    stop.asked().await;
    background.stop().await;
    pool.close().await;
    metrics.stop().await;
    Ok(())
}

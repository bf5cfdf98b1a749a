//! `effluent serve`: database, migrations, server, and the way back in the opposite order.

use clap::Args;
use projections::database::{self, DatabaseUrl};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Failure, print};
use crate::config::Config;
use crate::startup::Application;

pub const EXAMPLES: &str = "Examples:
  effluent serve
  effluent serve --bind 0.0.0.0:8000
  DATABASE_URL=postgres://effluent@localhost/effluent effluent serve --bind 127.0.0.1:0";

#[derive(Args)]
pub struct Options {
    /// Where to listen; port 0 takes any that is free [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<String>,
}

/// A database to work with, for as long as this is kept.
pub struct Database {
    /// Where it is.
    pub url: DatabaseUrl,
}

#[derive(Debug, thiserror::Error)]
#[error("DATABASE_URL is not set; accepted: postgres://user:password@host:5432/effluent")]
struct NoDatabase;

/// The one that the configuration names.
pub async fn database(config: &Config) -> Result<Database, Failure> {
    match &config.database_url {
        Some(url) => Ok(Database { url: url.value.clone() }),
        None => Err(NoDatabase.into()),
    }
}

pub async fn run(config: &Config, _options: &Options) -> Result<(), Failure> {
    // Before anything else: a signal that comes while the database starts must not leave it behind.
    let mut stop = Stop::listen()?;
    let database = database(config).await?;
    let mut owner = database::connect_as_owner(&database.url).await?;
    database::migrate(&mut owner).await?;
    drop(owner);
    let pool = database::connect(&database.url, config.database_connections.value).await?;
    let application = Application::build(config, pool.clone())?;
    print(&format!("effluent listens on http://{}\n", application.address()))?;

    let handle = application.handle();
    let mut running = std::pin::pin!(application.run());
    tokio::select! {
        ended = &mut running => ended?,
        () = stop.asked() => {
            tracing::info!("stopping: no new connections, requests in flight are finished");
            drop(handle.stop(true));
            tokio::select! {
                ended = &mut running => ended?,
                () = stop.asked() => tracing::warn!("stopping at once: asked a second time"),
            }
        }
    }
    pool.close().await;
    Ok(())
}

/// SIGTERM or SIGINT.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

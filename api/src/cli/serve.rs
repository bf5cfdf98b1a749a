//! `effluent serve`: database, migrations, server, and the way back in the opposite order.

use actix_web::dev::ServerHandle;
use clap::Args;
use projections::{database, signals};
use tokio::task::JoinHandle;

use super::database::Database;
use super::demo::refuse_in_production;
use super::stop::Stop;
use super::{Failure, print};
use crate::background::Background;
use crate::config::{Config, Projecting};
use crate::demo;
use crate::jobs;
use crate::metrics_server;
use crate::startup::Application;

pub const EXAMPLES: &str = "Examples:
  effluent serve --demo
  effluent serve --bind 0.0.0.0:8000
  effluent serve --no-projector
  DATABASE_URL=postgres://effluent@localhost/effluent effluent serve --bind 127.0.0.1:0";

#[derive(Args)]
pub struct Options {
    /// Where to listen; port 0 takes any that is free [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<String>,
    /// Load the demo household first, and say how to log in
    #[arg(long)]
    pub demo: bool,
    /// Leave the keeping of forecasts to other processes (`effluent projector`)
    #[arg(long)]
    pub no_projector: bool,
}

pub async fn run(config: &Config, options: &Options) -> Result<(), Failure> {
    if options.demo {
        refuse_in_production(config)?;
    }
    // Before anything else: a signal that comes while the database starts must be heard. (What was started ends with us.)
    let mut stop = Stop::listen()?;
    let database = tokio::select! {
        database = Database::open(config) => database?,
        () = stop.asked() => return Ok(()),
    };
    let served = serve(config, options, &database, &mut stop).await;
    let closed = database.close().await;
    served.and(closed)
}

async fn serve(config: &Config, options: &Options, database: &Database, stop: &mut Stop) -> Result<(), Failure> {
    if database.belongs_to_another() {
        tracing::warn!(
            "the private PostgreSQL of this data folder belongs to another process and ends with it: for several servers set DATABASE_URL, \
             for one of its own choose another --data-dir"
        );
    }
    let metrics = metrics_server::start(config)?;
    print(&metrics.introduction())?;
    database.migrate().await?;
    let pool = database::connect(&database.url, config.database_connections.value).await?;
    signals::watch_connections(&pool);
    let application = Application::build(config, pool.clone())?;
    let (address, handle) = (application.address(), application.handle());
    let mut background = Background::start(&application.store(), &database.url);
    background.bring_read_models_to_form(&application.store()).await?;
    jobs::start(&mut background, application.jobs(), application.store());
    background.watch_projectors(&application.store());
    if config.projector.value == Projecting::On {
        background.project(&application.store())?;
    }
    let live = application.live();
    let (watched, store, waiter) = (live.clone(), application.store(), background.waiter());
    background.add_helper(async move { watched.hub.run(store, waiter).await });
    let mut running = actix_web::rt::spawn(application.run());
    if options.demo {
        demo::load(address).await?;
    }
    print(&format!("effluent listens on http://{address}\n"))?;
    if options.demo {
        print(&demo::introduction(address))?;
    }
    tokio::select! {
        ended = &mut running => ended??,
        () = stop.asked() => {
            // A stream of news would never be finished.
            live.hub.close();
            drain(&handle, &mut running, stop).await?;
        }
    }
    background.stop().await;
    pool.close().await;
    metrics.stop().await;
    Ok(())
}

/// Takes no more connections and finishes what has begun; asked a second time, it leaves at once.
async fn drain(handle: &ServerHandle, running: &mut JoinHandle<std::io::Result<()>>, stop: &mut Stop) -> Result<(), Failure> {
    tracing::info!("stopping: no new connections, requests in flight are finished");
    drop(handle.stop(true));
    tokio::select! {
        ended = running => ended??,
        () = stop.asked() => tracing::warn!("stopping at once: asked a second time"),
    }
    Ok(())
}

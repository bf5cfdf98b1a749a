//! `effluent demo`: serves on a port of its own for as long as the demo takes to load, because it is loaded over HTTP.

use std::net::{Ipv4Addr, SocketAddr};

use projections::database;

use super::database::Database;
use super::{Failure, print};
use crate::config::{Config, Environment, RateLimit, Setting, Source};
use crate::demo;
use crate::startup::Application;

pub const EXAMPLES: &str = "Example:\n  DATABASE_URL=postgres://effluent@localhost/effluent effluent demo";

#[derive(Debug, thiserror::Error)]
#[error("the demo user's password is known to everybody: it is not loaded with EFFLUENT_ENV=production")]
pub struct NotInProduction;

/// The demo has no place among other people's data.
pub fn refuse_in_production(config: &Config) -> Result<(), NotInProduction> {
    match config.environment.value {
        Environment::Development => Ok(()),
        Environment::Production => Err(NotInProduction),
    }
}

pub async fn run(config: &Config) -> Result<(), Failure> {
    refuse_in_production(config)?;
    let database = Database::open(config).await?;
    database.migrate().await?;
    let pool = database::connect(&database.url, config.database_connections.value).await?;
    let loopback = Config {
        bind: Setting { value: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), source: Source::Default },
        rate_limit: Setting { value: RateLimit::Off, source: Source::Default },
        ..config.clone()
    };
    let application = Application::build(&loopback, pool.clone())?;
    let (address, handle) = (application.address(), application.handle());
    let running = actix_web::rt::spawn(application.run());
    let loaded = demo::load(address).await;
    handle.stop(true).await;
    running.await??;
    pool.close().await;
    let state = if loaded? { "loaded" } else { "there already" };
    print(&format!("the demo household is {state}; its user is {}, with the password {}\n", demo::EMAIL, demo::PASSWORD))?;
    database.close().await
}

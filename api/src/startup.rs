//! Wiring, and nothing else: from a configuration to a server that listens. Tests start the same thing on port 0.

use std::any::Any;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::{Compress, DefaultHeaders, NormalizePath, from_fn};
#[cfg(any(target_os = "linux", target_os = "android"))]
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer};
use domain::tax::{TableError, TaxTables};
use projections::Connections;
use projections::jobs::Jobs;
use projections::store::Store;
use projections::users::Users;
#[cfg(any(target_os = "linux", target_os = "android"))]
use socket2::SockRef;

use crate::auth::password::PasswordError;
use crate::auth::{Passwords, Sessions, Tokens};
use crate::config::{Config, RateLimit};
use crate::limits::{self, Limits};
use crate::routes::stream::Live;
use crate::{routes, telemetry};

/// A request that is being answered when the server is told to stop has this long.
const DRAIN_SECONDS: u64 = 30;
/// An idle connection is closed after this long; also the longest that draining waits for one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often answers to idempotency keys that are older than a day are removed.
const FORGET_ANSWERS_EVERY: Duration = Duration::from_secs(600);
/// How often quiet clients are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// A client that takes nothing of what it is sent, or acknowledges nothing, for so long is cut off.
#[cfg(any(target_os = "linux", target_os = "android"))]
const TAKES_NOTHING_FOR: Duration = Duration::from_secs(20);

/// Households whose state is kept at hand: some 20 KB each.
pub const HOUSEHOLDS_IN_MEMORY: u64 = 5_000;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {cause}; choose another address with --bind or EFFLUENT_BIND, such as EFFLUENT_BIND=127.0.0.1:8001"
    )]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        cause: std::io::Error,
    },
    /// Passwords cannot be hashed.
    #[error("passwords cannot be hashed")]
    Passwords(#[from] PasswordError),
    /// A table of law that this binary carries is wrong: a build that should not have left the house.
    #[error("the tax tables cannot be read: {0}")]
    Tables(&'static TableError),
}

/// The parts that handlers ask for, made once and shared by all threads.
#[derive(Clone)]
pub struct Parts {
    pool: Data<Connections>,
    store: Data<Store>,
    jobs: Data<Jobs>,
    users: Data<Users>,
    tokens: Data<Tokens>,
    sessions: Data<Sessions>,
    passwords: Data<Passwords>,
    limits: Data<Limits>,
    live: Data<Live>,
}

impl Parts {
    /// From a configuration and a pool.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn new(config: &Config, pool: Connections) -> Result<Self, StartError> {
        let tables = TaxTables::shipped().map_err(StartError::Tables)?;
        let secret = &config.jwt_secret.value;
        let (users, tokens) = (Users::new(pool.clone()), Tokens::new(secret));
        let limits = match config.rate_limit.value {
            RateLimit::On => Limits::on(),
            RateLimit::Off => Limits::off(),
        };
        let store = Store::new(pool.clone(), tables, HOUSEHOLDS_IN_MEMORY);
        Ok(Self {
            jobs: Data::new(Jobs::beside(&store, config.job_retention.value)),
            store: Data::new(store),
            pool: Data::new(pool),
            sessions: Data::new(Sessions::new(users.clone(), tokens.clone(), secret)),
            users: Data::new(users),
            tokens: Data::new(tokens),
            passwords: Data::new(Passwords::new(cores())?),
            limits: Data::new(limits),
            live: Data::new(Live::default()),
        })
    }

    /// Gives an application the parts, and the routes that use them.
    pub fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.pool.clone())
            .app_data(self.store.clone())
            .app_data(self.jobs.clone())
            .app_data(self.users.clone())
            .app_data(self.tokens.clone())
            .app_data(self.sessions.clone())
            .app_data(self.passwords.clone())
            .app_data(self.limits.clone())
            .app_data(self.live.clone())
            .configure(routes::configure);
    }
}

/// The application with its middlewares. A macro, because the type of an [`App`] cannot be written down; tests use it too.
macro_rules! application {
    ($parts:expr) => {{
        let parts: $crate::startup::Parts = $parts;
        // The last one wrapped is the first to see a request.
        App::new()
            .configure(|config| parts.configure(config))
            .default_service(web::to(routes::unknown_address))
            .wrap(from_fn(limits::by_address))
            .wrap(DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")))
            .wrap(Compress::default())
            .wrap(from_fn(telemetry::trace_request))
            .wrap(NormalizePath::trim())
    }};
}

/// A server that listens, and has not answered anything yet.
pub struct Application {
    server: Server,
    address: SocketAddr,
    store: Data<Store>,
    jobs: Data<Jobs>,
    live: Data<Live>,
}

impl Application {
    /// Listens where the configuration says. Port 0 takes any that is free.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn build(config: &Config, pool: Connections) -> Result<Self, StartError> {
        let parts = Parts::new(config, pool)?;
        let wanted = config.bind.value;
        let refused = |cause| StartError::Bind { address: wanted, cause };
        let (limits, store) = (parts.limits.clone(), parts.store.clone());
        let (jobs, live) = (parts.jobs.clone(), parts.live.clone());
        let server = HttpServer::new(move || application!(parts.clone()))
            .workers(cores())
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(DRAIN_SECONDS)
            .on_connect(|connection, _| give_up_on_who_does_not_read(connection))
            // Signals are the command line's: it also has a database to stop.
            .disable_signals()
            .bind(wanted)
            .map_err(refused)?;
        let address = server.addrs().first().copied().unwrap_or(wanted);
        actix_web::rt::spawn(forget_the_quiet(limits));
        actix_web::rt::spawn(forget_old_answers(store.clone()));
        Ok(Self { server: server.run(), address, store, jobs, live })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The store that it answers from.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::clone(&self.store)
    }

    /// The jobs that it begins.
    #[must_use]
    pub fn jobs(&self) -> Jobs {
        Jobs::clone(&self.jobs)
    }

    /// Who watches what.
    #[must_use]
    pub fn live(&self) -> Data<Live> {
        self.live.clone()
    }

    /// What stops it.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers requests until it is stopped.
    ///
    /// # Errors
    /// The listening socket failed.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}

/// A server cannot tell a client that does not read from one that is slow: it waits for room in the socket, for ever. The system can, and
/// closes the connection (TCP_USER_TIMEOUT), so that neither an answer nor a stream is held for somebody who has gone to sleep.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn give_up_on_who_does_not_read(connection: &dyn Any) {
    if let Some(socket) = connection.downcast_ref::<TcpStream>()
        && let Err(error) = SockRef::from(socket).set_tcp_user_timeout(Some(TAKES_NOTHING_FOR))
    {
        tracing::debug!(%error, "a connection has no time limit");
    }
}

/// Elsewhere the system decides by itself when a connection is dead.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn give_up_on_who_does_not_read(_: &dyn Any) {}

/// Answers are given again for 24 hours; nobody needs them afterwards.
async fn forget_old_answers(store: Data<Store>) {
    loop {
        tokio::time::sleep(FORGET_ANSWERS_EVERY).await;
        if let Err(error) = store.remove_expired_answers().await {
            tracing::warn!(%error, "old answers were not removed: trying again later");
        }
    }
}

async fn forget_the_quiet(limits: Data<Limits>) {
    loop {
        tokio::time::sleep(FORGET_EVERY).await;
        limits.forget_the_quiet();
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

#[cfg(test)]
mod tests;

//! Connections: as the owner (migrations, nothing else) and as the application (everything else).
//!
//! Why two: `events` is append-only by the privileges of the role `effluent_app`; a server that ran as the owner could be talked
//! into anything. Where the role does not exist (an owner who may not create roles), the application runs as who it is, and the
//! triggers alone hold the line; [`connect`] says so in the log.
//!
//! Limits: a connection is waited for at most [`ACQUIRE_TIMEOUT`], then the caller hears [`DatabaseError::Unavailable`] (a 503).
//! A connection that has been idle for a second is tried before it is lent: a restarted database costs nobody an error, and a
//! busy one pays no round trip for it.

use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::connections::Connections;

/// How long a request waits for a free connection, or for a database that is coming back.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// Idle for longer than this, and a connection is tried before it is lent.
pub(crate) const TRUSTED_WHILE_IDLE_FOR: Duration = Duration::from_secs(1);
/// Prepared statements kept on each connection; every statement of ours is one of a fixed set.
const STATEMENT_CACHE: usize = 500;
/// No statement of a request runs longer, and no transaction is left open: one that hangs must not hold what others wait for.
const SESSION_LIMITS: [(&str, &str); 2] = [("statement_timeout", "30s"), ("idle_in_transaction_session_timeout", "60s")];
/// The role that the application acts as.
const APP_ROLE: &str = "effluent_app";

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It is away, starting, stopping, or out of connections: ask again in a moment.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// It refused: a fault of ours.
    #[error("the database refused a statement")]
    Failed(#[source] sqlx::Error),
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) { Self::Unavailable(error) } else { Self::Failed(error) }
    }
}

/// Whether an error says "not now" rather than "not so".
#[must_use]
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Database(refusal) = error {
        // Classes of SQLSTATE: 08 connection, 28 log-in, 40 rolled back (deadlock), 53 resources (connections, disk, memory), 55 a
        // lock not to be had, 57 cancelled (a time limit), shutdown and start; 25006 a write on a standby and 3D000 a database that
        // is not there (yet) are what a fail-over looks like.
        return refusal.code().is_some_and(|code| {
            ["08", "28", "40", "53", "55", "57"].iter().any(|class| code.starts_with(class)) || code == "25006" || code == "3D000"
        });
    }
    // A conversation that is cut in the middle of a message, or that ends before it began (a balancer with nobody behind it), comes as one that
    // went against the protocol.
    matches!(
        error,
        sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
    )
}

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The database itself.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A migration failed, or is not the one that was applied under its number.
    #[error("the migrations cannot be applied")]
    Migration(#[source] MigrateError),
}

/// A `DATABASE_URL` that is not one.
#[derive(Debug, thiserror::Error)]
#[error("is not an address of a PostgreSQL database, such as postgres://user:password@host:5432/effluent")]
pub struct UrlError;

/// Where a database is. Its password is never printed.
#[derive(Clone)]
pub struct DatabaseUrl(PgConnectOptions);

impl DatabaseUrl {
    /// Parses `postgres://user:password@host:5432/effluent`, or one with `?host=/run/postgresql` for a socket.
    ///
    /// # Errors
    /// [`UrlError`], without the text: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let options = PgConnectOptions::from_str(text).ok().filter(|_| known).ok_or(UrlError)?;
        Ok(Self(
            options
                .application_name("effluent")
                .statement_cache_capacity(STATEMENT_CACHE)
                // Statements are traced by who sends them; the driver's own lines would repeat them, with their values.
                .disable_statement_logging(),
        ))
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
impl std::fmt::Display for DatabaseUrl {
    /// `effluent@localhost:5432/effluent`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (user, host, port) = (self.0.get_username(), self.0.get_host(), self.0.get_port());
        write!(f, "{user}@{host}:{port}/{}", self.0.get_database().unwrap_or(user))
    }
}

static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!("../migrations");
    // A rollback is the previous binary on the newer schema: migrations that it does not know are none of its business.
    migrator.set_ignore_missing(true);
    migrator
});

/// One connection as the owner, for migrations.
///
/// # Errors
/// The database cannot be reached, or refuses the log-in.
pub async fn connect_as_owner(url: &DatabaseUrl) -> Result<PgConnection, DatabaseError> {
    Ok(url.0.connect().await?)
}

/// Applies what has not been applied yet; gives how many that were. Two processes at once take turns (an advisory lock).
///
/// # Errors
/// [`SchemaError`].
pub async fn migrate(owner: &mut PgConnection) -> Result<usize, SchemaError> {
    let before = pending_on(owner).await.map_err(DatabaseError::from)?.len();
    match MIGRATOR.run(&mut *owner).await {
        Ok(()) => Ok(before),
        Err(MigrateError::Execute(cause)) => Err(SchemaError::Database(cause.into())),
        Err(error) => Err(SchemaError::Migration(error)),
    }
}

/// The pool that the server works with, acting as `effluent_app` where that role exists.
///
/// # Errors
/// The database cannot be reached, or refuses the log-in.
pub async fn connect(url: &DatabaseUrl, most_connections: u32) -> Result<Connections, DatabaseError> {
    let mut probe = connect_as_owner(url).await?;
    let acts_as_app: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, 'MEMBER'))")
            .bind(APP_ROLE)
            .fetch_one(&mut probe)
            .await?;
    probe.close().await?;

    let options = url.0.clone().options(SESSION_LIMITS);
    let role = acts_as_app.then_some(APP_ROLE);
    if role.is_none() {
        tracing::warn!("the role {APP_ROLE} does not exist here: running with the privileges of the log-in");
    }
    let options = role.into_iter().fold(options, |options, role| options.options([("role", role)]));
    Ok(Connections::on(pool_options(most_connections).connect_with(options).await?, role))
}

/// One connection that stays open to listen on, without the limits of a request.
pub(crate) fn listening_pool(url: &DatabaseUrl) -> sqlx::PgPool {
    PgPoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy_with(url.0.clone())
}

/// The pool's limits, without a connection yet.
fn pool_options(most_connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(most_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_lifetime(Duration::from_secs(30 * 60))
        .idle_timeout(Duration::from_secs(10 * 60))
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move {
                if used.idle_for > TRUSTED_WHILE_IDLE_FOR && connection.ping().await.is_err() {
                    return Ok(false);
                }
                Ok(true)
            })
        })
}

/// A pool that connects when it is first used: for tools that must start without a database, and for tests.
#[must_use]
pub fn connect_lazily(url: &DatabaseUrl, most_connections: u32) -> Connections {
    Connections::on(pool_options(most_connections).connect_lazy_with(url.0.clone()), None)
}

/// The migrations of this binary that have not been applied, by name.
///
/// # Errors
/// The database cannot be reached.
pub async fn pending_migrations(pool: &Connections) -> Result<Vec<String>, DatabaseError> {
    Ok(pending_on(&mut *pool.lease().await?).await?)
}

/// What a process needs of the database to do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Migrations of this binary that have not been applied, by name.
    pub pending_migrations: Vec<String>,
    /// The role that the connections act as; `None` where that is whoever logs in.
    pub role: Option<&'static str>,
    /// Whether that role is there, and the log-in may still act as it: else no new connection can be made.
    pub role_is_usable: bool,
    /// Processes that keep forecasts up to date; `None` where the schema does not tell.
    pub live_projectors: Option<i64>,
}

/// Whether the database has what a process needs.
///
/// # Errors
/// It cannot be reached.
pub async fn readiness(pool: &Connections) -> Result<Readiness, DatabaseError> {
    let role = pool.role();
    match looked_at(pool, role).await {
        // "role … does not exist", "permission denied to set role …": where no connection is left, this is how a new one fails.
        Err(sqlx::Error::Database(refusal)) if role.is_some() && matches!(refusal.code().as_deref(), Some("22023" | "42501")) => {
            Ok(Readiness { pending_migrations: Vec::new(), role, role_is_usable: false, live_projectors: None })
        }
        found => Ok(found?),
    }
}

async fn looked_at(pool: &Connections, role: Option<&'static str>) -> Result<Readiness, sqlx::Error> {
    let mut connection = pool.lease().await?;
    let sql = "SELECT $1::text IS NULL OR EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(session_user, oid, 'MEMBER'))";
    let role_is_usable = sqlx::query_scalar(sql).bind(role).fetch_one(&mut *connection).await?;
    let pending_migrations = pending_on(&mut connection).await?;
    let live_projectors = if pending_migrations.is_empty() {
        let sql = "SELECT count(*) FROM projectors WHERE lease_until > clock_timestamp()";
        Some(sqlx::query_scalar(sql).fetch_one(&mut *connection).await?)
    } else {
        None
    };
    Ok(Readiness { pending_migrations, role, role_is_usable, live_projectors })
}

async fn pending_on(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&mut *connection).await?;
    let applied: Vec<i64> = if there {
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(connection).await?
    } else {
        Vec::new()
    };
    let pending = MIGRATOR.iter().filter(|migration| !applied.contains(&migration.version));
    Ok(pending.map(|migration| format!("{:04} {}", migration.version, migration.description)).collect())
}

/// The database's own clock and version, for `effluent doctor`.
///
/// # Errors
/// The database cannot be reached.
pub async fn server_facts(pool: &Connections) -> Result<ServerFacts, DatabaseError> {
    let (now, version, role): (domain::calendar::Instant, i32, String) =
        sqlx::query_as("SELECT clock_timestamp(), current_setting('server_version_num')::int, current_user::text").fetch_one(pool).await?;
    Ok(ServerFacts { now, version_number: version, role })
}

/// What a database says about itself.
#[derive(Clone, Debug)]
pub struct ServerFacts {
    /// Its clock.
    pub now: domain::calendar::Instant,
    /// `150004` for 15.4.
    pub version_number: i32,
    /// Who it thinks that we are.
    pub role: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let url = DatabaseUrl::parse("postgres://ada:hunter2@db.example:6432/effluent").unwrap();
        assert_eq!(
            (url.to_string().as_str(), format!("{url:?}").as_str()),
            ("ada@db.example:6432/effluent", "ada@db.example:6432/effluent")
        );
        for wrong in ["", "mysql://a@b/c", "postgres//a", "db.example"] {
            assert!(!DatabaseUrl::parse(wrong).unwrap_err().to_string().contains("b/c"), "{wrong}");
        }
    }

    #[test]
    fn a_lost_connection_is_not_a_fault_of_ours() {
        assert!(is_unavailable(&sqlx::Error::PoolTimedOut));
        assert!(is_unavailable(&sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::ConnectionRefused))));
        assert!(is_unavailable(&sqlx::Error::Protocol("unexpected response from SSLRequest: 0x00".to_owned())));
        assert!(!is_unavailable(&sqlx::Error::RowNotFound));
    }
}

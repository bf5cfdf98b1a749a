//! Configuration: every value with where it came from. Flags win over the environment, that over the TOML file, that over the
//! default.
//!
//! All that is wrong is reported at once, each with its name, its source and the accepted form; a start with a wrong value does
//! not happen. A name that nobody knows is an error in the file (it is ours), and none in the environment (it is everybody's).
//! Secrets are [`Secret`]s, which do not print.

mod secret;
mod source;
mod values;

pub use secret::Secret;
pub use source::{ConfigError, ConfigErrors, Flags, Setting, Source};
pub use values::{Environment, LogFormat, Projecting, RateLimit};

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use projections::database::DatabaseUrl;

use source::{Key, Sources};

/// What the development secret is; production refuses it.
const DEVELOPMENT_SECRET: &str = "effluent-development-secret-never-in-production";
/// A shorter secret could be guessed: HS256 wants as many bytes as its hash has (RFC 7518 § 3.2).
const SHORTEST_SECRET_BYTES: usize = 32;

/// Ours in full; what the driver and the server have to say only where it is a warning.
const DEFAULT_LOG: &str = "info,sqlx=warn,actix_server=warn";

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// `EFFLUENT_ENV`: what may go wrong quietly.
    pub environment: Setting<Environment>,
    /// `DATABASE_URL`: without it, a private server is run under the data folder.
    pub database_url: Option<Setting<DatabaseUrl>>,
    /// `EFFLUENT_BIND`: where to listen; port 0 takes any that is free.
    pub bind: Setting<SocketAddr>,
    /// `EFFLUENT_DATA_DIR`: where the private database lives.
    pub data_dir: Setting<PathBuf>,
    /// `EFFLUENT_JWT_SECRET`: what tokens are signed with.
    pub jwt_secret: Setting<Secret>,
    /// `EFFLUENT_METRICS_BIND`: where Prometheus asks.
    pub metrics_bind: Setting<SocketAddr>,
    /// `EFFLUENT_LOG`: which lines, as directives such as `info,api=debug`.
    pub log: Setting<String>,
    /// `EFFLUENT_LOG_FORMAT`: for people or for programs.
    pub log_format: Setting<LogFormat>,
    /// `EFFLUENT_RATE_LIMIT`: off for load tests.
    pub rate_limit: Setting<RateLimit>,
    /// `EFFLUENT_DB_CONNECTIONS`: how many connections to the database at most.
    pub database_connections: Setting<u32>,
    /// `EFFLUENT_JOB_RETENTION_HOURS`: for how long a job's result is kept.
    pub job_retention: Setting<Duration>,
    /// `EFFLUENT_PROJECTOR`: whether `effluent serve` also projects.
    pub projector: Setting<Projecting>,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: where traces go. (The other `OTEL_*` are read by OpenTelemetry itself.)
    pub otlp_endpoint: Option<Setting<String>>,
}

/// One line about a setting, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Name of the environment variable.
    pub name: &'static str,
    /// Its value; of a secret, only that it is set.
    pub value: String,
    /// Where it came from.
    pub source: String,
}

impl Config {
    /// From the flags of this call, this process's environment, and the file that either of them names.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(flags: &Flags) -> Result<Self, ConfigErrors> {
        Self::from_sources(flags, &|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// The same with another environment, for tests.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn from_sources(flags: &Flags, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut sources = Sources::open(flags, environment);
        let config = Self::read(&mut sources);
        let errors = sources.into_errors();
        match config {
            Some(config) if errors.0.is_empty() => Ok(config),
            _ => Err(errors),
        }
    }

    fn read(sources: &mut Sources<'_>) -> Option<Self> {
        // Each is read before one that failed ends it: `?` comes last.
        let environment = sources.read(&ENV, values::environment, "development");
        let database_url = sources.read_optional(&DATABASE_URL, values::database_url);
        let bind = sources.read(&BIND, values::address, "127.0.0.1:8000");
        let data_dir = sources.read(&DATA_DIR, values::path, "./.data");
        let jwt_secret = sources.read(&JWT_SECRET, values::secret, DEVELOPMENT_SECRET);
        let metrics_bind = sources.read(&METRICS_BIND, values::address, "127.0.0.1:9464");
        let log = sources.read(&LOG, values::log, DEFAULT_LOG);
        let log_format = sources.read(&LOG_FORMAT, values::log_format, "auto");
        let rate_limit = sources.read(&RATE_LIMIT, values::rate_limit, "on");
        let database_connections = sources.read(&DB_CONNECTIONS, values::connections, "20");
        let job_retention = sources.read(&JOB_RETENTION_HOURS, values::retention, "24");
        let projector = sources.read(&PROJECTOR, values::projecting, "on");
        let otlp_endpoint = sources.read_optional(&OTLP_ENDPOINT, values::endpoint);
        if let (Some(environment), Some(secret)) = (&environment, &jwt_secret)
            && environment.value == Environment::Production
            && secret.value.expose() == DEVELOPMENT_SECRET
        {
            sources.refuse(&JWT_SECRET, secret.source.clone(), "is the development secret, which production refuses");
        }
        Some(Self {
            environment: environment?,
            database_url: database_url?,
            bind: bind?,
            data_dir: data_dir?,
            jwt_secret: jwt_secret?,
            metrics_bind: metrics_bind?,
            log: log?,
            log_format: log_format?,
            rate_limit: rate_limit?,
            database_connections: database_connections?,
            job_retention: job_retention?,
            projector: projector?,
            otlp_endpoint: otlp_endpoint?,
        })
    }

    /// Every setting with its value and its source; secrets are only said to be set.
    #[must_use]
    pub fn describe(&self) -> Vec<Described> {
        let line = |key: &Key, value: String, source: &Source| Described { name: key.name, value, source: source.to_string() };
        let mut lines = vec![line(&ENV, self.environment.value.as_str().to_owned(), &self.environment.source)];
        lines.push(match &self.database_url {
            Some(url) => line(&DATABASE_URL, url.value.to_string(), &url.source),
            None => line(&DATABASE_URL, "a private server under the data folder".to_owned(), &Source::Default),
        });
        lines.extend([
            line(&BIND, self.bind.value.to_string(), &self.bind.source),
            line(&DATA_DIR, self.data_dir.value.display().to_string(), &self.data_dir.source),
            line(&JWT_SECRET, format!("{:?}", self.jwt_secret.value), &self.jwt_secret.source),
            line(&METRICS_BIND, self.metrics_bind.value.to_string(), &self.metrics_bind.source),
            line(&LOG, self.log.value.clone(), &self.log.source),
            line(&LOG_FORMAT, self.log_format.value.as_str().to_owned(), &self.log_format.source),
            line(&RATE_LIMIT, self.rate_limit.value.as_str().to_owned(), &self.rate_limit.source),
            line(&DB_CONNECTIONS, self.database_connections.value.to_string(), &self.database_connections.source),
            line(&JOB_RETENTION_HOURS, (self.job_retention.value.as_secs() / 3600).to_string(), &self.job_retention.source),
            line(&PROJECTOR, self.projector.value.as_str().to_owned(), &self.projector.source),
        ]);
        if let Some(endpoint) = &self.otlp_endpoint {
            lines.push(line(&OTLP_ENDPOINT, endpoint.value.clone(), &endpoint.source));
        }
        lines
    }
}

const ENV: Key = Key::new("EFFLUENT_ENV", "environment", "development or production");
const DATABASE_URL: Key = Key::new("DATABASE_URL", "database_url", "postgres://user:password@host:5432/effluent");
const BIND: Key = Key::with_flag("EFFLUENT_BIND", "bind", "--bind", "an address and a port, such as 127.0.0.1:8000 or [::]:8000");
const DATA_DIR: Key = Key::with_flag("EFFLUENT_DATA_DIR", "data_dir", "--data-dir", "a folder, such as ./.data");
const JWT_SECRET: Key =
    Key::new("EFFLUENT_JWT_SECRET", "jwt_secret", "at least 32 bytes of your own, such as the output of `openssl rand -hex 32`");
const METRICS_BIND: Key = Key::new("EFFLUENT_METRICS_BIND", "metrics_bind", "an address and a port, such as 127.0.0.1:9464");
const LOG: Key = Key::new("EFFLUENT_LOG", "log", "a level, or directives such as info,api=debug,sqlx=warn");
const LOG_FORMAT: Key = Key::new("EFFLUENT_LOG_FORMAT", "log_format", "auto, json or pretty");
const RATE_LIMIT: Key = Key::new("EFFLUENT_RATE_LIMIT", "rate_limit", "on or off");
const DB_CONNECTIONS: Key = Key::new("EFFLUENT_DB_CONNECTIONS", "database_connections", "a number of connections from 1 to 1000");
const JOB_RETENTION_HOURS: Key = Key::new("EFFLUENT_JOB_RETENTION_HOURS", "job_retention_hours", "a number of hours from 24 to 8760");
const PROJECTOR: Key = Key::with_flag("EFFLUENT_PROJECTOR", "projector", "--no-projector", "on or off");
const OTLP_ENDPOINT: Key =
    Key::new("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint", "the address of a collector, such as http://localhost:4318");
/// All of them: what the file may say.
const KEYS: [&Key; 13] = [
    &ENV,
    &DATABASE_URL,
    &BIND,
    &DATA_DIR,
    &JWT_SECRET,
    &METRICS_BIND,
    &LOG,
    &LOG_FORMAT,
    &RATE_LIMIT,
    &DB_CONNECTIONS,
    &JOB_RETENTION_HOURS,
    &PROJECTOR,
    &OTLP_ENDPOINT,
];

#[cfg(test)]
mod tests;

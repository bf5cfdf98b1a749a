//! How each value is read from its text. An error is a predicate ("is not …"); the name and the accepted form are put around it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use projections::database::DatabaseUrl;
use tracing_subscriber::EnvFilter;

use super::{SHORTEST_SECRET_BYTES, Secret};

/// A few words of which one is chosen.
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident by $parse:ident { $($(#[$doc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        pub(super) fn $parse(text: &str) -> Result<$name, String> {
            match text { $($word => Ok($name::$variant),)+ _ => Err("is none of them".to_owned()) }
        }
    };
}

choice! {
    /// Where this process runs.
    pub enum Environment by environment {
        /// On somebody's own machine: the development secret will do.
        Development => "development",
        /// With other people's data.
        Production => "production",
    }
}

choice! {
    /// What log lines look like.
    pub enum LogFormat by log_format {
        /// Pretty on a terminal, JSON elsewhere.
        Auto => "auto",
        /// For programs.
        Json => "json",
        /// For people.
        Pretty => "pretty",
    }
}

choice! {
    /// Whether requests are counted.
    pub enum RateLimit by rate_limit {
        /// Yes.
        On => "on",
        /// No: for load tests.
        Off => "off",
    }
}

choice! {
    /// Whether a server keeps forecasts up to date beside answering.
    pub enum Projecting by projecting {
        /// Yes.
        On => "on",
        /// No: `effluent projector` does, elsewhere, or nobody: queries compute what they need.
        Off => "off",
    }
}

pub(super) fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    DatabaseUrl::parse(text).map_err(|error| error.to_string())
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    // Names too: `localhost:8000`.
    let resolved = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    resolved.ok_or_else(|| "is not an address with a port".to_owned())
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(PathBuf::from(text)) }
}

pub(super) fn secret(text: &str) -> Result<Secret, String> {
    if text.len() < SHORTEST_SECRET_BYTES { Err(format!("has only {} bytes", text.len())) } else { Ok(Secret::new(text)) }
}

pub(super) fn log(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| format!("is not understood: {error}"))
}

pub(super) fn connections(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| "is not".to_owned())
}

/// Results are promised for a day at least, and nobody needs them for more than a year.
pub(super) fn retention(text: &str) -> Result<Duration, String> {
    let hours = text.parse::<u64>().ok().filter(|hours| (24..=8760).contains(hours));
    hours.map(|hours| Duration::from_secs(hours.saturating_mul(3600))).ok_or_else(|| "is not".to_owned())
}

pub(super) fn endpoint(text: &str) -> Result<String, String> {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    match scheme {
        Some("http") => Ok(text.to_owned()),
        // A collector or agent nearby takes traces on to whoever is paid for them, and has the keys for that.
        Some("https") => Err("is https, which is the task of a collector nearby".to_owned()),
        _ => Err("does not begin with http://".to_owned()),
    }
}

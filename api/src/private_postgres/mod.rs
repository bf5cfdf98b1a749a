//! A PostgreSQL of one's own, so that `make run` and the tests need nothing but a Rust toolchain.
//!
//! A file per step: `binaries` finds an installed server, `fetch` brings one where there is none, `account` chooses who runs it
//! (PostgreSQL refuses root), `folder` says whether it runs already, `process` creates and runs it, `server` puts them together.
//!
//! Two questions decide the shape, and both are answered by the operating system rather than by files that can be stale:
//!
//! - *Does a server run here?* It inherits an advisory lock on its log file as its standard error, and so do all its processes.
//!   Whoever gets that lock knows that none of them is left, whatever `postmaster.pid` says; who does not get it uses what runs.
//! - *Does its starter still live?* The server hangs on a pipe whose other end only the starter holds. However that process
//!   ends, SIGKILL included, the pipe ends with it and `watch.sh` stops the server. The same pipe carries signals while both
//!   live, so nothing here needs `unsafe`, a `kill` program, or `PR_SET_PDEATHSIG` (bound to a thread, and to Linux).
//!
//! Deliberately absent: migrations, roles, pools. This module hands out an address.

mod account;
mod binaries;
mod fetch;
mod folder;
mod process;
mod server;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use server::{Options, PrivatePostgres, Shutdown};

/// How long a server that another process starts or stops may take. After a crash it first replays its log, which can take minutes.
const PATIENCE: Duration = Duration::from_secs(300);
/// The step of every wait: short beside a start (about 100 ms), cheap beside a long one.
const STEP: Duration = Duration::from_millis(20);

/// Why there is no private server. Each is one line that says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum PrivatePostgresError {
    /// The setting that names the binaries points to something else.
    #[error("EFFLUENT_POSTGRES_BIN={}: {reason}; it has to be the folder that holds postgres and initdb", directory.display())]
    BadSetting {
        /// The value of the setting.
        directory: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing installed, and nothing that could fetch it.
    #[error(
        "no PostgreSQL {} or newer was found and none could be fetched ({reason}): install the PostgreSQL server, or set EFFLUENT_POSTGRES_BIN to its binaries, or DATABASE_URL to a server that runs",
        binaries::OLDEST_MAJOR
    )]
    NotFound {
        /// What was tried and how it ended.
        reason: String,
    },
    /// The data were written by a major version of PostgreSQL that is not here.
    #[error(
        "{} was written by PostgreSQL {needed}, which is not installed here ({reason}): install it, set EFFLUENT_POSTGRES_BIN to it, or move that folder away",
        directory.display()
    )]
    OtherMajor {
        /// The folder of the cluster.
        directory: PathBuf,
        /// The major version that wrote it.
        needed: u32,
        /// What was tried and how it ended.
        reason: String,
    },
    /// Root cannot run PostgreSQL, and no other account of this machine can.
    #[error("PostgreSQL does not run as root, and the account {account} cannot be used on {}: {reason}", directory.display())]
    NoAccount {
        /// The account that was to run it.
        account: String,
        /// The folder that it has to work in.
        directory: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// A program of PostgreSQL's failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Its name.
        program: &'static str,
        /// The end of what it printed, in one line.
        output: String,
    },
    /// The server ended before it accepted connections.
    #[error("PostgreSQL did not start: {reason} (its log: {})", log.display())]
    DidNotStart {
        /// The last lines of its log, in one line.
        reason: String,
        /// The whole log.
        log: PathBuf,
    },
    /// Another process holds the server's folder, and does not get further.
    #[error("{} is in use by a server that neither accepts connections nor ends within {waited_s} s", directory.display())]
    Busy {
        /// The folder of the server.
        directory: PathBuf,
        /// How long was waited.
        waited_s: u64,
    },
    /// The server does not end.
    #[error("PostgreSQL did not stop within {waited_s} s")]
    DidNotStop {
        /// How long was waited.
        waited_s: u64,
    },
    /// The operating system refused something.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was being done, as an infinitive.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Says what was being done to which path when the operating system refused.
trait Doing<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, PrivatePostgresError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, PrivatePostgresError> {
        self.map_err(|source| PrivatePostgresError::Io { doing, path: path.to_owned(), source })
    }
}

/// The last lines of a program's output as one line, for a message.
fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let start = lines.len().saturating_sub(count);
    lines.get(start..).unwrap_or_default().join("; ")
}

//! Jobs: rows for everything that may take longer than a request.
//!
//! The faults that this guards against: a task that another household could read; a result that was gone before its client asked; work
//! without a status; work that died with its process, or was done twice; a refresh that nobody could start again since its flag stood.
//! So a job is a row of its household, read through the same gate as everything else; its result stays for a stated time; and whoever works
//! on it holds a *claim*, which is worth something only as long as its holder lives:
//!
//! - claimed with `FOR UPDATE SKIP LOCKED`: two workers never wait for each other and never take the same row;
//! - a holder says each [`BEAT`] that it lives, by the clock of the database; after [`LEASE`] without that, the row is queued again;
//! - each claim counts `fencing` up, and everything that a holder writes names its number: one that was paused past its lease and wakes up
//!   writes nothing;
//! - a job whose process dies [`MOST_ATTEMPTS`] times fails, with the stage that it was at: one that kills its process must not kill all.
//!
//! Therefore a job may run twice (the first time to its end, but for the last statement). What it does has to be repeatable: append
//! through the aggregate, store under a version.
//!
//! Files: `begin` (a new row, with the answer to its client's key), `claim` (from claim to end), `read` (list, one, cancel), `expire`.
//! Why no crate: none that takes sqlx 0.8 has fencing, progress, cancelling and households at once; what is left of one is this module.
//! Deliberately absent: priorities, schedules, dependencies between jobs, retries of what failed (its client decides that).

mod begin;
mod claim;
mod expire;
mod read;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use domain::ids::HouseholdId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::begin::{Begun, NewJob, Origin};
pub use self::claim::{Claim, Claimed, Progress};
pub use self::read::{Cancelled, JobRow, StoredResult};
use crate::database::DatabaseError;
use crate::store::Store;
use crate::track::Stage;

/// A holder says this often that it lives.
pub const BEAT: Duration = Duration::from_secs(1);
/// One that has not said so for this long is taken for dead.
pub const LEASE: Duration = Duration::from_secs(5);
/// A job is begun at most this often; each time but the last, its process died.
pub const MOST_ATTEMPTS: i32 = 3;
/// A household has at most this many jobs that have not ended: the others of all households wait behind them.
pub const MOST_UNFINISHED: i64 = 20;

/// A job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub Uuid);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.as_hyphenated(), f)
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Nobody works on it.
    Queued,
    /// Somebody does.
    Running,
    /// There is a result.
    Succeeded,
    /// There is an error.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
}

impl JobState {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Nothing more will happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobResult {
    /// `application/json` is shown inside the job; anything else is a document to be fetched.
    pub media_type: &'static str,
    /// The text.
    pub text: String,
}

impl JobResult {
    /// The media type of a result that is shown inside its job.
    pub const JSON: &'static str = "application/json";
}

/// Why somebody who works on a job has to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    /// Somebody does not want it any more.
    #[error("the job was cancelled")]
    Cancelled,
    /// This process ends; another one goes on with it.
    #[error("the process that runs the job ends")]
    Stopping,
    /// The claim ran out: somebody else has the job.
    #[error("the job has been taken over")]
    TakenOver,
}

/// Why a job came to no result.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// It was told to stop.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// The database is away: no fault of the job's, which is queued again.
    #[error(transparent)]
    Unavailable(DatabaseError),
    /// A rule stands against it: told to the client as it is.
    #[error("{message}")]
    Refused {
        /// Where.
        stage: Stage,
        /// Which, as a sentence.
        message: String,
    },
    /// A fault of ours: told to the operators; the client hears where.
    #[error("a fault at {}", stage.as_str())]
    Fault {
        /// Where.
        stage: Stage,
        /// What.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
}

impl Unfinished {
    /// An error of the database, which may just be away.
    #[must_use]
    pub fn database(stage: Stage, error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(_) => Self::Unavailable(error),
            DatabaseError::Failed(_) => Self::fault(stage, error),
        }
    }

    /// A fault of ours.
    #[must_use]
    pub fn fault(stage: Stage, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fault { stage, cause: cause.into() }
    }
}

/// The jobs of all households. Cheap to clone.
#[derive(Clone)]
pub struct Jobs {
    store: Store,
    /// Results are kept for this long.
    kept_for: Duration,
}

impl Jobs {
    /// The jobs beside a store. Those that end are kept for `kept_for`.
    #[must_use]
    pub fn beside(store: &Store, kept_for: Duration) -> Self {
        Self { store: store.clone(), kept_for }
    }
}

/// Which job of whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobKey {
    /// Whose.
    pub household_id: HouseholdId,
    /// Which.
    pub id: JobId,
}

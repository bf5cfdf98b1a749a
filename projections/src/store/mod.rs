//! The event store of households.
//!
//! A command costs one round trip on the warm path: it is decided on what the process remembers of the household (`guess`), and the
//! append (`append`: events, read models, head, snapshot, idempotency record in one statement, all or nothing) says whether that was true.
//! Where it was not, or where there is nothing to append, the command goes through the `gate` first (who asks, where the stream ends, whether this
//! key was answered before), and is decided again. Commands of one household that come at once share an append (`lanes`, `group`).
//!
//! Files: `gate`, `guess`, `load` (cache → snapshot → tail), `execute` (the loop), `attempt` (cqrs-es's framework around a decision), `lanes` (turns and
//! queues), `group` (what is appended together), `append` and `statement` (what it consists of, and its text), `answers` (to idempotency
//! keys), `repository` (the same store behind cqrs-es's `PersistedEventRepository`, for its tools), `hash_chain`.

mod answers;
mod append;
mod at;
mod attempt;
mod execute;
mod forms;
mod gate;
mod group;
mod guess;
pub mod hash_chain;
mod lanes;
mod load;
mod metadata;
mod repository;
mod statement;
mod weight;

use std::sync::Arc;

use domain::household::Household;
use domain::ids::{HouseholdId, UserId};
use domain::tax::TaxTables;

pub use self::append::{AppendError, Batch, append};
pub use self::execute::{Answer, Decided, ExecuteError, Executed, FormAnswer, IdempotencyKey, Request};
pub use self::gate::{Asker, Gate, Replay};
pub(crate) use self::gate::{gate_sql, read_head};
pub use self::guess::Guess;
use self::hash_chain::Hash;
use self::lanes::Lanes;
pub use self::metadata::Metadata;
pub use self::repository::HouseholdRepository;
use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::forecasts::{Flights, Held, Keeper};
use crate::rebuild::Healing;
use crate::wake::Announcer;

/// The number of the last event of a household's stream; 0 before the first.
pub type Version = i64;

/// Events between two snapshots: a cold load folds at most this many.
pub const SNAPSHOT_EVERY: Version = 100;

/// The shape of [`Household`] in a snapshot. Raise it whenever the state changes its shape: older snapshots are passed over.
pub const STATE_FORM: i32 = 4;

/// Where a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// The number of its last event.
    pub version: Version,
    /// Of that event.
    pub hash: Hash,
}

impl Head {
    /// Before the first event.
    pub const NOTHING: Self = Self { version: 0, hash: hash_chain::GENESIS };
}

/// A household as of a version.
#[derive(Clone, Debug)]
pub struct Known {
    /// What is known.
    pub household: Arc<Household>,
    /// As of which event.
    pub version: Version,
    /// Of that event.
    pub hash: Hash,
}

/// Why a household could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What the database holds is not what was written. Nothing is decided on it.
    #[error("the stream of household {household_id} is damaged at version {version}: {problem}")]
    Damaged {
        /// Whose.
        household_id: HouseholdId,
        /// Where.
        version: Version,
        /// How.
        problem: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The event store, with this process's cache of states.
#[derive(Clone)]
pub struct Store {
    pool: Connections,
    tables: &'static TaxTables,
    cache: moka::sync::Cache<HouseholdId, Arc<Known>>,
    /// Households as of the versions that their baselines are pinned to.
    pinned: moka::sync::Cache<(HouseholdId, Version), Arc<Known>>,
    /// The default households of users, as the gate has found them.
    defaults: moka::sync::Cache<UserId, HouseholdId>,
    /// Households that somebody else has written to, a moment ago.
    doubted: moka::sync::Cache<HouseholdId, ()>,
    lanes: Arc<Lanes>,
    announcer: Announcer,
    forecasts: Arc<Forecasts>,
    healing: Arc<Healing>,
}

/// What is computed, held and kept of forecasts: see [`crate::forecasts`].
#[derive(Debug, Default)]
struct Forecasts {
    flights: Flights,
    held: Held,
    keeper: Keeper,
}

impl Store {
    /// A store on these connections. `most_cached` bounds the memory of the cache, in households of ordinary size (see `weight`).
    #[must_use]
    pub fn new(pool: Connections, tables: &'static TaxTables, most_cached: u64) -> Self {
        Self {
            pool,
            tables,
            cache: moka::sync::Cache::builder()
                .max_capacity(most_cached.saturating_mul(weight::OF_AN_ORDINARY_ONE))
                .weigher(|_, known: &Arc<Known>| weight::of(known))
                .build(),
            pinned: moka::sync::Cache::new(most_cached.min(at::MOST_PINNED)),
            defaults: moka::sync::Cache::new(guess::MOST_DEFAULTS),
            doubted: moka::sync::Cache::builder().max_capacity(guess::MOST_DOUBTED).time_to_live(guess::DOUBTED_FOR).build(),
            lanes: Arc::new(Lanes::default()),
            announcer: Announcer::default(),
            forecasts: Arc::default(),
            healing: Healing::not_needed(),
        }
    }

    /// The law that this store decides by.
    #[must_use]
    pub const fn tables(&self) -> &'static TaxTables {
        self.tables
    }

    /// Tells other processes of what this one has done.
    #[must_use]
    pub const fn announcer(&self) -> &Announcer {
        &self.announcer
    }

    /// Where its statements go.
    #[must_use]
    pub const fn pool(&self) -> &Connections {
        &self.pool
    }

    pub(crate) fn healing(&self) -> &Healing {
        &self.healing
    }

    pub(crate) fn flights(&self) -> &Flights {
        &self.forecasts.flights
    }

    pub(crate) fn held(&self) -> &Held {
        &self.forecasts.held
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        &self.forecasts.keeper
    }
}

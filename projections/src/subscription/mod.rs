//! A reader of all events, of all households, in an order that cannot skip one.
//!
//! The difficulty: `global_position` is handed out before the commit. Of two transactions the one with the lower position may commit
//! later, so that a reader who remembers "the last position seen" never meets it. So a reader stops below the oldest transaction that was
//! still running in its snapshot (`pg_snapshot_xmin`): whatever lies below is committed or gone, for ever. And it goes by
//! `(transaction_id, global_position)`, since what lies above that bound may hold any position. Three traps:
//!
//! - **a · ids of another cluster.** Transaction ids belong to a cluster. A dump that is restored into a younger one brings events with ids that
//!   this cluster has yet to hand out: they would stay out of sight for long, and a checkpoint among them would pass over everything that
//!   is appended meanwhile. Such ids are seen at once (an event that is visible cannot be of a transaction that has not begun), and
//!   nothing is read: [`SubscriptionError::Restored`].
//! - **b · positions are no order of commits**, not even below the bound: the transaction that began later may have got the lower position. Hence
//!   the id first.
//! - **c · bound and rows are of one snapshot.** A bound that was taken after the rows covers transactions that the rows do not show.
//!   Hence one statement.
//!
//! What it costs: a transaction that stays open anywhere in the cluster holds readers up, but never makes them skip. Deliberately absent: any
//! state. Where a reader stands is its own to keep, in the transaction of what it made of the events.

mod position;
mod reader;
mod restamp;

pub use self::position::{Position, PositionError};
pub(crate) use self::reader::transaction;
pub use self::reader::{Page, Recorded, SubscriptionError, page};
pub use self::restamp::{check_order, restamp};

use domain::ids::HouseholdId;

/// Into so many buckets are households divided, for sharing out work. Fixed: `household_bucket` in the schema says the same.
pub const BUCKETS: i32 = 64;

/// The bucket of a household, from 0 to [`BUCKETS`] - 1: by the last byte of its id, which is random in every version of UUIDs that ids are made of.
#[must_use]
pub fn bucket_of(household: HouseholdId) -> i32 {
    let [.., last] = household.0.into_bytes();
    i32::from(last).rem_euclid(BUCKETS)
}

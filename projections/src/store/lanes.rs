//! Commands of one household take turns within this process.
//!
//! Why: ten commands at once on one household would otherwise all decide on the same version, and nine of them for nothing. This is
//! manners, not the guarantee: two processes know nothing of each other's lanes, and what keeps a household consistent is the append.
//! A fixed number of lanes, shared by hash, so that memory does not grow with households.

use domain::ids::HouseholdId;
use tokio::sync::{Mutex, MutexGuard};

const LANES: usize = 1024;

/// The lanes of a process.
pub(super) struct Lanes(Vec<Mutex<()>>);

impl Default for Lanes {
    fn default() -> Self {
        Self((0..LANES).map(|_| Mutex::new(())).collect())
    }
}

impl Lanes {
    /// Waits for this household's turn; it lasts until the guard is dropped.
    pub(super) async fn turn(&self, household: HouseholdId) -> Option<MutexGuard<'_, ()>> {
        let (high, low) = household.0.as_u64_pair();
        let lane = usize::try_from((high ^ low) % 1024).ok()?;
        Some(self.0.get(lane)?.lock().await)
    }
}

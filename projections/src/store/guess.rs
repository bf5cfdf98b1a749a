//! What this process believes about a request without asking the database: which household is meant, and what is known of it.
//!
//! An opinion. Who acts on it has the database check it in the very statement that appends: version and hash of the head (and with the state
//! the memberships, which are part of it), and that a household which was not named is the user's default one still.

use std::time::Duration;

use domain::household::facts::TimeZone;
use domain::ids::{HouseholdId, UserId};

use super::{Asker, Store, Version};

/// Users whose default household is remembered: some 50 bytes each.
pub(super) const MOST_DEFAULTS: u64 = 20_000;
/// Households that are not guessed about for a moment.
pub(super) const MOST_DOUBTED: u64 = 10_000;
/// How long. A household that two processes write to in turns would cost a useless round trip with every command.
pub(super) const DOUBTED_FOR: Duration = Duration::from_secs(1);

/// Whom a request is probably about. Only a member of the household gets one.
#[derive(Clone, Copy, Debug)]
pub struct Guess {
    /// Which household.
    pub household_id: HouseholdId,
    /// Its version, as far as this process knows.
    pub version: Version,
    /// Decides which day it is for the household.
    pub time_zone: TimeZone,
    /// Who meant this household by not saying which.
    pub(super) meant_by_default: Option<UserId>,
}

impl Store {
    /// What is believed; `None` where the gate has to be asked.
    #[must_use]
    pub fn guess(&self, asker: Asker) -> Option<Guess> {
        let household_id = asker.household_id.or_else(|| self.defaults.get(&asker.user_id))?;
        if self.doubted.contains_key(&household_id) {
            return None;
        }
        let known = self.lanes.tip(household_id).or_else(|| self.cache.get(&household_id))?;
        let opening = known.household.opening.as_ref()?;
        known.household.role_of(asker.user_id)?;
        Some(Guess {
            household_id,
            version: known.version,
            time_zone: opening.profile.time_zone,
            meant_by_default: asker.household_id.is_none().then_some(asker.user_id),
        })
    }
}

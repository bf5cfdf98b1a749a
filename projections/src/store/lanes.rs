//! Commands of one household take turns within this process, and wait for the disk together.
//!
//! Why turns: ten commands at once on one household would otherwise all decide on the same version, and nine of them for nothing. Why
//! together: an append takes a millisecond, most of it spent waiting for a disk, and a decision a tenth of that. So a turn lasts as long
//! as a decision: the next command is decided on the state that the one before has just decided, appended or not, and what was decided while
//! one append is under way goes into the next one, as one [`Group`] in one statement. A decision counts for nothing until then: where the
//! append finds that the household has moved, everything that was decided on top of it is decided again.
//!
//! This is manners and speed, not the guarantee: two processes know nothing of each other's lanes, and what keeps a household consistent is the
//! append. A fixed number of lanes, shared by hash, so that memory does not grow with households; a queue is there only while it has something
//! in it. Deliberately absent: groups of several households, which would tie their transactions together.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError};
use std::time::Duration;

use domain::ids::HouseholdId;
use tokio::sync::{Mutex, MutexGuard, oneshot};

use super::Known;
use super::group::{Decision, Group, Told, Why};

const LANES: u16 = 1024;
/// A command that does not get its turn in this time is told that the household is busy.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// So is one that finds so many before it: they take some seconds on a slow disk.
const MOST_WAITING: usize = 512;

/// The lanes of a process.
pub(super) struct Lanes(Vec<Lane>);

#[derive(Default)]
struct Lane {
    turn: Mutex<()>,
    queues: StdMutex<HashMap<HouseholdId, Queue>>,
}

/// What was decided about a household and is not known to be appended. The group that is under way is with whoever appends it.
struct Queue {
    /// The state behind the last decision.
    tip: Arc<Known>,
    groups: VecDeque<Group>,
}

/// The right to decide about a household, on what everybody before has decided; it lasts until this is dropped.
pub(super) struct Turn<'a> {
    queues: &'a StdMutex<HashMap<HouseholdId, Queue>>,
    household: HouseholdId,
    _turn: MutexGuard<'a, ()>,
}

/// The household is busy: too many commands wait for it.
#[derive(Debug)]
pub(super) struct Busy;

/// What becomes of a decision that was handed over.
pub(super) struct HandedOver {
    pub told: oneshot::Receiver<Told>,
    /// Nobody appends this household's groups yet: whoever handed it over has to see to it.
    pub nobody_appends: bool,
}

/// Takes the groups of a household out of its queue, one after the other. Whoever is left in the queue when it is dropped is told.
pub(super) struct Work {
    lanes: Arc<Lanes>,
    household: HouseholdId,
    ended: bool,
}

impl Default for Lanes {
    fn default() -> Self {
        Self((0..LANES).map(|_| Lane::default()).collect())
    }
}

impl Lanes {
    #[expect(clippy::indexing_slicing, reason = "there are exactly LANES of them")]
    fn lane(&self, household: HouseholdId) -> &Lane {
        let (high, low) = household.0.as_u64_pair();
        &self.0[usize::from(u16::try_from((high ^ low) % u64::from(LANES)).unwrap_or_default())]
    }

    /// Waits for this household's turn.
    pub(super) async fn turn(&self, household: HouseholdId) -> Result<Turn<'_>, Busy> {
        let lane = self.lane(household);
        let turn = match lane.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => tokio::time::timeout(LONGEST_WAIT, lane.turn.lock()).await.map_err(|_| Busy)?,
        };
        let waiting = lock(&lane.queues).get(&household).map_or(0, |queue| queue.groups.iter().map(Group::waiting).sum());
        if waiting >= MOST_WAITING { Err(Busy) } else { Ok(Turn { queues: &lane.queues, household, _turn: turn }) }
    }

    /// The state behind everything that was decided here and is not known to be appended.
    pub(super) fn tip(&self, household: HouseholdId) -> Option<Arc<Known>> {
        lock(&self.lane(household).queues).get(&household).map(|queue| Arc::clone(&queue.tip))
    }

    /// The right to append the groups of a household; one at a time has it.
    pub(super) fn work(self: &Arc<Self>, household: HouseholdId) -> Work {
        Work { lanes: Arc::clone(self), household, ended: false }
    }
}

impl Turn<'_> {
    /// What the next decision is made on where something is under way.
    pub(super) fn tip(&self) -> Option<Arc<Known>> {
        lock(self.queues).get(&self.household).map(|queue| Arc::clone(&queue.tip))
    }

    /// Hands over what was decided on `base`, which is the tip where there is one, and ends the turn.
    pub(super) fn hand_over(self, base: &Arc<Known>, decision: Decision) -> HandedOver {
        let mut queues = lock(self.queues);
        let nobody_appends = !queues.contains_key(&self.household);
        let queue = queues.entry(self.household).or_insert_with(|| Queue { tip: Arc::clone(base), groups: VecDeque::new() });
        let (tell, told) = oneshot::channel();
        queue.tip = Arc::clone(&decision.after);
        match queue.groups.back_mut() {
            Some(group) if group.takes(&decision) => group.add(decision, tell),
            _ => queue.groups.push_back(Group::of(base, decision, tell)),
        }
        HandedOver { told, nobody_appends }
    }

    /// Ends the turn; waits until the state that it was about has been appended, or not. `true`: it was the household's head at a moment
    /// since this was asked.
    pub(super) async fn witness(self) -> bool {
        let told = {
            let mut queues = lock(self.queues);
            let Some(queue) = queues.get_mut(&self.household) else { return false };
            let (tell, told) = oneshot::channel();
            match queue.groups.back_mut() {
                Some(group) => group.wait(tell),
                // What is under way may have been appended already, and somebody else's events after it. So this waits for it only.
                None => queue.groups.push_back(Group::of_nothing(&queue.tip, tell)),
            }
            told
        };
        drop(self);
        matches!(told.await, Ok(Told::Appended))
    }
}

impl Work {
    /// The next group; `None` when there is none, and then the right has ended.
    pub(super) fn next(&mut self) -> Option<Group> {
        let mut queues = lock(&self.lanes.lane(self.household).queues);
        let next = queues.get_mut(&self.household).and_then(|queue| queue.groups.pop_front());
        if next.is_none() {
            queues.remove(&self.household);
            self.ended = true;
        }
        next
    }

    /// Ends the right; everybody in the queue decides again, on what is read anew.
    pub(super) fn give_up(mut self, why: Why) {
        for group in self.end() {
            group.tell_again(why);
        }
    }

    fn end(&mut self) -> VecDeque<Group> {
        self.ended = true;
        let queue = lock(&self.lanes.lane(self.household).queues).remove(&self.household);
        queue.map(|queue| queue.groups).unwrap_or_default()
    }
}

impl Drop for Work {
    /// A panic, or a runtime that ends: whoever waits hears that the process failed, from the end of their channel.
    fn drop(&mut self) {
        if !self.ended {
            drop(self.end());
        }
    }
}

fn lock(queues: &StdMutex<HashMap<HouseholdId, Queue>>) -> StdMutexGuard<'_, HashMap<HouseholdId, Queue>> {
    queues.lock().unwrap_or_else(PoisonError::into_inner)
}

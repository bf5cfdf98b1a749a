//! Which versions a call can have met, by the clock on the wall.
//!
//! A household never goes back: whatever anybody was told before a call began was there when it began, and whatever was asked for only after it
//! had ended was not there yet. So every call has a window of versions, and its answer has to be true at one of them. Any client's knowledge
//! counts for every other's: the processes answer as one.

use std::time::Duration;

use crate::history::Call;
use crate::stream::Stream;

/// What was known when.
#[derive(Debug)]
pub struct Timeline {
    /// When an answer ended, and the newest version that anybody had been told by then.
    told: Vec<(Duration, usize)>,
    /// When a command began, and the oldest event that any command wrote which began then or later.
    begun: Vec<(Duration, usize)>,
    head: usize,
}

impl Timeline {
    /// Of the calls of one household.
    pub fn new(calls: &[&Call], stream: &Stream) -> Self {
        let version = |call: &&Call| Some((call.ended, call.answered()?.version?));
        let mut told: Vec<(Duration, usize)> = calls.iter().filter_map(version).collect();
        told.sort_unstable();
        let mut newest = 0;
        for (_, version) in &mut told {
            newest = newest.max(*version);
            *version = newest;
        }
        let first = |call: &&Call| Some((call.started, stream.events[*stream.by_request.get(&call.request_id)?.first()?].sequence));
        let mut begun: Vec<(Duration, usize)> = calls.iter().filter_map(first).collect();
        begun.sort_unstable();
        let mut oldest = usize::MAX;
        for (_, version) in begun.iter_mut().rev() {
            oldest = oldest.min(*version);
            *version = oldest;
        }
        Self { told, begun, head: stream.head() }
    }

    /// The oldest and the newest version at which the call's answer may be true.
    pub fn window(&self, call: &Call) -> (usize, usize) {
        let before = self.told.partition_point(|(ended, _)| *ended < call.started);
        let oldest = before.checked_sub(1).map_or(0, |last| self.told[last].1);
        let behind = self.begun.partition_point(|(started, _)| *started <= call.ended);
        let newest = self.begun.get(behind).map_or(self.head, |(_, first)| first.saturating_sub(1));
        (oldest, newest.min(self.head))
    }
}

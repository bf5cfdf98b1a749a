//! Who goes on where something was divided: an income or a flow that became another from a month on is two things then, and whatever
//! is said of it from that month on is said of the second.
//!
//! It concerns the changes that are adopted after it as well as those that stay plans, in this scenario and in all others: they
//! would be about something that has ended.

use uuid::Uuid;

use crate::calendar::Month;
use crate::household::decide::Draft;
use crate::household::event::Event;
use crate::ids::ChangeId;
use crate::projection::changes::parameter::Told;
use crate::projection::changes::words::SourceKind;
use crate::projection::changes::{ScenarioChange, Source};

/// What goes on in place of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Successor {
    of: Uuid,
    from: Month,
    is: Uuid,
}

/// All of them, in the order in which they came about.
#[derive(Clone, Debug, Default)]
pub(super) struct Successors(Vec<Successor>);

impl Successors {
    /// From a month on the one takes the place of the other.
    pub(super) fn add(&mut self, of: Uuid, from: Month, is: Uuid) {
        self.0.push(Successor { of, from, is });
    }

    /// What a thing is in a month.
    fn resolve(&self, id: Uuid, month: Month) -> Uuid {
        let next = |id: &Uuid| self.0.iter().rev().find(|known| known.of == *id && known.from <= month).map(|known| known.is);
        // Each is newer than what it succeeds: the chain ends.
        std::iter::successors(Some(id), next).take(self.0.len().saturating_add(1)).last().unwrap_or(id)
    }

    /// The change about what goes on when it begins, which is not before `today`'s month; none where it is about that already.
    pub(super) fn follow(&self, change: &ScenarioChange, this_month: Month) -> Option<ScenarioChange> {
        let month = Month::of(change.effective_date).max(this_month);
        let source = change.source.map(|source| match source {
            Source::Income(id) => Source::of(SourceKind::Income, self.resolve(id.0, month)),
            Source::Flow(id) => Source::of(SourceKind::Flow, self.resolve(id.0, month)),
            Source::Account(_) => source,
        });
        let named = |(name, told): (String, Told)| {
            let id = if let Told::Text(text) = &told { Uuid::try_parse(text).ok() } else { None };
            let now = id.map(|id| self.resolve(id, month)).filter(|now| Some(*now) != id);
            (name, now.map_or(told, |now| Told::Text(now.to_string())))
        };
        let parameters = change.kind.told().into_iter().map(named).collect();
        let kind = change.kind.change_type().read(&parameters).unwrap_or(change.kind);
        let followed = ScenarioChange { source, kind, ..change.clone() };
        (followed != *change).then_some(followed)
    }

    /// Every change that is still a plan, in every scenario.
    pub(super) fn lead(&self, draft: &mut Draft, adopted: impl Fn(ChangeId) -> bool) {
        if self.0.is_empty() {
            return;
        }
        let this_month = Month::of(draft.today);
        let all =
            draft.household.scenario_changes.iter().flat_map(|(scenario, changes)| changes.iter().map(|(id, was)| (*scenario, *id, was)));
        let led: Vec<Event> = all
            .filter(|(_, id, _)| !adopted(*id))
            .filter_map(|(scenario_id, id, was)| {
                let change = self.follow(was, this_month)?;
                Some(Event::ScenarioChangeChanged { scenario_id, id, change, was: was.clone() })
            })
            .collect();
        led.into_iter().for_each(|event| draft.record(event));
    }
}

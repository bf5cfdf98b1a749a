//! What holds where scenarios build on each other, and what happens where one is merged into another.

use super::kind::{ChangeType, Timing};
use super::parameter::Reference;
use std::collections::BTreeMap;

use super::{PlannedChange, ScenarioChange, Source};
use crate::calendar::Date;
use crate::ids::{AccountId, ChangeId};

/// What a SET change sets: its kind and source, and what its parameters name (the job, the account, the deduction).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    change_type: ChangeType,
    source: Option<Source>,
    names: Vec<(&'static str, Reference)>,
    word: Option<&'static str>,
}

impl ScenarioChange {
    /// What it sets; none for a change that adds up.
    #[must_use]
    pub fn setting(&self) -> Option<Setting> {
        let change_type = self.kind.change_type();
        let setting =
            || Setting { change_type, source: self.source, names: self.kind.references(), word: self.kind.effect().distinguishing_word() };
        (change_type.timing() == Timing::Set).then(setting)
    }

    /// The days on which it is felt; what happens once, on its day.
    fn days(&self) -> (Date, Date) {
        let last = if self.kind.change_type().timing() == Timing::Once { Some(self.effective_date) } else { self.last_day() };
        (self.effective_date, last.unwrap_or(Date::MAX))
    }

    /// Whether two say the same: what, about what, and when. What they are called does not matter.
    #[must_use]
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        (self.kind, self.source, self.effective_date, self.end_date) == (other.kind, other.source, other.effective_date, other.end_date)
    }

    /// Whether two are of one kind and about the same, on some day both. (What is about nothing that is there, and adds up, does not
    /// contradict its like.)
    #[must_use]
    pub fn conflicts_with(&self, other: &Self) -> bool {
        let same_object = match (self.setting(), other.setting()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.kind.change_type() == other.kind.change_type() && self.source.is_some() && self.source == other.source,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let ((from, to), (other_from, other_to)) = (self.days(), other.days());
        same_object && from <= other_to && other_from <= to
    }
}

/// The changes that hold at the end of a chain of scenarios, the root's first: all that are enabled, but a SET change gives way to
/// those of its descendants that set the same. In the order in which they apply.
#[must_use]
pub fn effective<'c>(chain: impl IntoIterator<Item = Vec<PlannedChange>> + 'c) -> Vec<PlannedChange> {
    let mut holding: Vec<PlannedChange> = Vec::new();
    for own in chain {
        let own: Vec<PlannedChange> = own.into_iter().filter(|planned| planned.change.enabled).collect();
        let set: Vec<Setting> = own.iter().filter_map(|planned| planned.change.setting()).collect();
        holding.retain(|planned| planned.change.setting().is_none_or(|setting| !set.contains(&setting)));
        holding.extend(own);
    }
    holding.sort_by_key(PlannedChange::key);
    holding
}

/// What a merge does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// To be copied, with their ids where they come from. What is about an account that something skipped opens there is about the one
    /// that is opened here.
    pub copied: Vec<PlannedChange>,
    /// There already, by content.
    pub skipped: Vec<ChangeId>,
    /// Copied, and of the same kind about the same on the same days as one that is there: which of the two, somebody should decide.
    pub conflicts: Vec<Clash>,
}

/// Two changes that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The one that was copied, by its id where it came from.
    pub change_id: ChangeId,
    /// The one that was there.
    pub with_change_id: ChangeId,
}

/// What merging `from` into `into` does: both as they hold, inherited changes included. A change that stands twice in `from` is
/// copied once.
#[must_use]
pub fn merge(from: &[PlannedChange], into: &[PlannedChange]) -> Merge {
    let mut merge = Merge::default();
    let here = opened_here(from, into);
    for planned in from.iter().map(|planned| translated(planned, &here)) {
        let there = into.iter().chain(&merge.copied);
        if there.into_iter().any(|other| other.change.says_the_same_as(&planned.change)) {
            merge.skipped.push(planned.id);
            continue;
        }
        let clashing = into.iter().filter(|other| other.change.conflicts_with(&planned.change));
        merge.conflicts.extend(clashing.map(|other| Clash { change_id: planned.id, with_change_id: other.id }));
        merge.copied.push(planned);
    }
    merge
}

/// For each account that is opened in `from` by what `into` says, too (or `from` had said before): the one that it is.
fn opened_here(from: &[PlannedChange], into: &[PlannedChange]) -> BTreeMap<AccountId, AccountId> {
    let mut here = BTreeMap::new();
    let mut others: Vec<PlannedChange> = Vec::new();
    for planned in from.iter().filter(|planned| planned.opens().is_some()) {
        let planned = translated(planned, &here);
        let twin = into.iter().chain(&others).find(|other| other.change.says_the_same_as(&planned.change));
        match (planned.opens(), twin.and_then(PlannedChange::opens)) {
            (Some((own, _)), Some((known, _))) => drop(here.insert(own, known)),
            _ => others.push(planned),
        }
    }
    here
}

fn translated(planned: &PlannedChange, accounts: &BTreeMap<AccountId, AccountId>) -> PlannedChange {
    let to = |id: AccountId| accounts.get(&id).copied().unwrap_or(id);
    PlannedChange { id: planned.id, change: planned.change.clone().with_accounts(&to) }
}

/// Copies of changes that belong together, under other ids. A copy opens another account than its original: what was about that is about
/// this one.
#[must_use]
pub fn copies(changes: Vec<PlannedChange>, id_of_copy: impl Fn(ChangeId) -> ChangeId) -> Vec<PlannedChange> {
    let account = |planned: &PlannedChange| planned.opens().map(|(id, _)| id);
    let opened = changes.iter().filter_map(|original| {
        let copy = PlannedChange { id: id_of_copy(original.id), ..original.clone() };
        Some((account(original)?, account(&copy)?))
    });
    let accounts: BTreeMap<AccountId, AccountId> = opened.collect();
    changes.iter().map(|original| PlannedChange { id: id_of_copy(original.id), ..translated(original, &accounts) }).collect()
}

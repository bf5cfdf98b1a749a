//! What holds where scenarios build on each other, and what happens where one is merged into another.

use std::collections::BTreeMap;

use super::kind::{ChangeType, Timing};
use super::parameter::Reference;
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
/// those of its descendants that set the same, for good: also on days on which the descendant's does not hold. In the order in which they apply.
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

/// Accounts that changes open, by the change that did, with what the same account is called among others.
type Names = BTreeMap<AccountId, AccountId>;

impl ScenarioChange {
    /// The same change, about the accounts as they are known elsewhere.
    fn among(&self, names: &Names) -> Self {
        let account = |id: AccountId| names.get(&id).copied().unwrap_or(id);
        let source = match self.source {
            Some(Source::Account(id)) => Some(Source::Account(account(id))),
            Some(Source::Income(_) | Source::Flow(_)) | None => self.source,
        };
        Self { source, kind: self.kind.renamed(&account), ..self.clone() }
    }
}

/// Copies of changes under ids of their own. What is about an account that one of them opens is about the one that its copy opens.
#[must_use]
pub fn copies(changes: &[PlannedChange], id_of: impl Fn(ChangeId) -> ChangeId) -> Vec<PlannedChange> {
    let under_its_own = |planned: &PlannedChange| PlannedChange { id: id_of(planned.id), ..planned.clone() };
    let renamed = |planned: &PlannedChange| Some((planned.opens()?.0, under_its_own(planned).opens()?.0));
    let names: Names = changes.iter().filter_map(renamed).collect();
    changes.iter().map(|planned| PlannedChange { id: id_of(planned.id), change: planned.change.among(&names) }).collect()
}

/// What a merge does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// To be copied, by their ids where they come from.
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
/// copied once. What is about an account that a change opens which is there already, is about the account of that one.
#[must_use]
pub fn merge(from: &[PlannedChange], into: &[PlannedChange]) -> Merge {
    let (mut merge, names) = (Merge::default(), known_already(from, into));
    for planned in from {
        let change = planned.change.among(&names);
        if into.iter().chain(&merge.copied).any(|other| other.change.says_the_same_as(&change)) {
            merge.skipped.push(planned.id);
            continue;
        }
        let clashing = into.iter().filter(|other| other.change.conflicts_with(&change));
        merge.conflicts.extend(clashing.map(|other| Clash { change_id: planned.id, with_change_id: other.id }));
        merge.copied.push(PlannedChange { id: planned.id, change });
    }
    merge
}

/// The accounts that changes of `from` open, where another change opens the same: one of `into`, or an earlier one of `from` itself.
fn known_already(from: &[PlannedChange], into: &[PlannedChange]) -> Names {
    let mut names = Names::new();
    // What pays for one may be what another opens: each round knows those that depend on the round before.
    loop {
        let known = names.len();
        for (place, planned) in from.iter().enumerate() {
            let Some((id, _)) = planned.opens().filter(|(id, _)| !names.contains_key(id)) else { continue };
            let change = planned.change.among(&names);
            let mut others = into.iter().chain(from.iter().take(place));
            let same = others.find(|other| other.change.among(&names).says_the_same_as(&change));
            names.extend(same.and_then(PlannedChange::opens).map(|(known_as, _)| (id, names.get(&known_as).copied().unwrap_or(known_as))));
        }
        if names.len() == known {
            return names;
        }
    }
}

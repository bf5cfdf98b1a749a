//! A household while a change is made real: what there is, on which days the change holds, and how it is told.

use uuid::Uuid;

use super::reason::Reason;
use super::successors::Successors;
use crate::calendar::{Date, Frequency, Month, PayFrequency};
use crate::household::decide::Draft;
use crate::household::state::{AccountState, Household};
use crate::ids::AccountId;
use crate::projection::changes::{PlannedChange, ScenarioChange};

/// Ids of what is made. Each follows from the command's own, behind which it sorts: what is new stands behind what was there, as in a
/// plan what changes bring stands behind the plan's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ids {
    seed: Uuid,
    made: u16,
}

impl Ids {
    /// From a UUIDv7 of the command.
    pub(super) const fn from(seed: Uuid) -> Self {
        Self { seed, made: 0 }
    }

    fn next(&mut self) -> Uuid {
        self.made = self.made.saturating_add(1);
        let within = u128::from(u16::MAX);
        Uuid::from_u128((self.seed.as_u128() & !within) | u128::from(self.made))
    }
}

/// The months in which a change that stands holds, from this one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The first one.
    pub first: Month,
    /// The last one, where it ends.
    pub last: Option<Month>,
}

/// What there is, and the change that is being made real.
pub(super) struct Reality<'a> {
    /// The household as it would be.
    pub draft: Draft,
    /// The change.
    pub planned: &'a PlannedChange,
    /// Ids of what it makes.
    pub ids: Ids,
    /// What was divided so far.
    pub successors: Successors,
}

impl<'a> Reality<'a> {
    /// As it is so far.
    pub(super) const fn home(&self) -> &Household {
        &self.draft.household
    }

    /// The change.
    pub(super) const fn change(&self) -> &'a ScenarioChange {
        &self.planned.change
    }

    /// The day of the adoption.
    pub(super) const fn today(&self) -> Date {
        self.draft.today
    }

    /// Month 1 of the baseline.
    pub(super) fn this_month(&self) -> Month {
        Month::of(self.draft.today)
    }

    /// The id of something new.
    pub(super) fn new_id<T: From<Uuid>>(&mut self) -> T {
        T::from(self.ids.next())
    }

    /// The months in which the change holds.
    pub(super) fn window(&self) -> Result<Window, Reason> {
        let change = self.change();
        let last = change.last_day();
        match last.filter(|day| Month::of(*day) < self.this_month()) {
            Some(day) => Err(Reason::Over(day)),
            None => Ok(Window { first: Month::of(change.effective_date).max(self.this_month()), last: last.map(Month::of) }),
        }
    }

    /// The first day of something that the change begins, in a rhythm: its own day, or, where that was in an earlier month, its first
    /// occurrence in this one or later. Nothing is said to have happened before.
    pub(super) fn begins(&self, rhythm: Frequency) -> Date {
        let said = self.change().effective_date;
        if Month::of(said) >= self.this_month() { said } else { occurrence_from(said, rhythm, self.this_month().first_day()) }
    }

    /// Of what the facts say without a date: it holds from the day on which it is told, for good.
    pub(super) fn holds_from_today_on(&self) -> Result<(), Reason> {
        let Window { last, .. } = self.window()?;
        let day = self.change().effective_date;
        if day > self.today() {
            return Err(Reason::Future { day, rule: "the household's facts hold from the day on which they are told" });
        }
        match last {
            None => Ok(()),
            Some(_) => Err(Reason::NotSayable("the household's facts hold until they are told otherwise, and this change ends".into())),
        }
    }

    /// Of what happens once: in this month, and not later than today.
    pub(super) fn happens_now(&self, rule: &'static str) -> Result<(), Reason> {
        let day = self.change().effective_date;
        if Month::of(day) < self.this_month() {
            return Err(Reason::Past);
        }
        if day > self.today() { Err(Reason::Future { day, rule }) } else { Ok(()) }
    }

    /// An account that is there and in use.
    pub(super) fn account(&self, id: AccountId, what: &'static str) -> Result<&AccountState, Reason> {
        self.home().accounts.get(&id).filter(|state| state.is_counted()).ok_or(Reason::Gone(what))
    }
}

/// The first occurrence on a day or later of what recurs from its anchor.
pub(super) fn occurrence_from(anchor: Date, rhythm: Frequency, day: Date) -> Date {
    let Some(before) = day.pred_opt().filter(|before| *before >= anchor) else { return anchor };
    rhythm.occurrence(anchor, rhythm.occurrences_between(anchor, anchor, before)).unwrap_or(day)
}

/// The pay frequency of a rhythm, where payroll knows it.
pub(super) fn pay_frequency(rhythm: Frequency) -> Result<PayFrequency, Reason> {
    PayFrequency::ALL.iter().copied().find(|known| known.frequency() == rhythm).ok_or_else(|| {
        Reason::NotSayable(format!("an income is paid weekly, biweekly, semimonthly or monthly, and not {}", rhythm.as_str()))
    })
}

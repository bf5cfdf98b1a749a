//! Changes as a template suggests them, and how they become changes of a scenario.
//!
//! A plan counts whole months (see `projection::changes`): what holds for three months ends with the last day of the third. Where a plan
//! ends before a suggestion does, the change holds to the plan's end and says so in its notes; one that would begin behind the end is left
//! out, since nothing would ever be seen of it.

use chrono::Months;

use crate::calendar::{Date, Month};
use crate::household::command::NewChange;
use crate::projection::changes::{ChangeKind, Source};
use crate::text::{Name, Notes};

/// A change that a template suggests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    /// What it is called.
    pub name: &'static str,
    /// It holds from this day on.
    pub from: Date,
    /// To this day, included; of what stands.
    pub to: Option<Date>,
    /// What it is about.
    pub source: Option<Source>,
    /// What it does.
    pub kind: ChangeKind,
}

impl Suggested {
    /// A change from a day on.
    pub(super) const fn new(name: &'static str, from: Date, kind: ChangeKind) -> Self {
        Self { name, from, to: None, source: None, kind }
    }

    /// About something that is there.
    pub(super) const fn about(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// So many months later.
    pub(super) fn after(mut self, months: u16) -> Self {
        self.from = self.from.checked_add_months(Months::new(u32::from(months))).unwrap_or(Date::MAX);
        self
    }

    /// For so many months, at least one.
    pub(super) fn lasting(mut self, months: u16) -> Self {
        self.to = Some(Month::of(self.from).plus(i32::from(months.max(1)).saturating_sub(1)).last_day());
        self
    }

    /// As a change of a plan that ends on a day; none where it begins behind it.
    #[must_use]
    pub fn within(self, last: Date) -> Option<NewChange> {
        let Self { name, from, to, source, kind } = self;
        let name = Name::parse(name).ok()?;
        let beyond = to.filter(|day| *day > last);
        let notes = beyond.and_then(|day| Notes::parse(&format!("Lasts to {day}, which is beyond the end of the plan.")).ok());
        let end_date = to.filter(|_| beyond.is_none());
        (from <= last).then_some(NewChange { name, effective_date: from, end_date, enabled: true, order: None, notes, source, kind })
    }
}

//! Flows that begin, become others or stop, from one month to another.
//!
//! A flow has days, so that it can say when. Where it becomes another from a later month on, it ends with the month before, and another
//! one goes on in its rhythm; where that is to end, a third one is again as the first. What is another from this month on, for good, is
//! the same flow.

use super::reality::{Reality, Window, occurrence_from};
use super::reason::Reason;
use crate::calendar::{Date, Month};
use crate::household::facts::{Flow, FlowKind};
use crate::household::flows;
use crate::ids::{AccountId, FlowId};

/// The days of a thing that has them, and how they are divided among what was, what the change says, and what is again.
pub(super) struct Division {
    /// What was ends on this day, where it has begun by then.
    pub ends: Option<Date>,
    /// The first month of what the change says.
    pub first: Month,
    /// Its last day.
    pub until: Option<Date>,
    /// What was goes on in this month.
    pub again: Option<Month>,
}

/// Divides the days from `start` to `end` by a window; nothing where they do not meet. What was begins before this month does not
/// count: a plan begins with this one.
pub(super) fn divide(start: Date, end: Option<Date>, window: Window, this_month: Month) -> Option<Division> {
    let (start_month, end_month) = (Month::of(start), end.map(Month::of));
    let meet = window.last.is_none_or(|last| start_month <= last) && end_month.is_none_or(|end| window.first <= end);
    let first = window.first.max(start_month);
    let stops = window.last.filter(|last| end_month.is_none_or(|end| *last < end));
    let has_begun = start_month < first && first > this_month;
    meet.then(|| Division {
        ends: has_begun.then(|| first.plus(-1).last_day()),
        first,
        until: stops.map(Month::last_day).or(end),
        again: stops.map(|last| last.plus(1)),
    })
}

impl Reality<'_> {
    /// A flow that was entered and is in use.
    pub(super) fn flow(&self, id: FlowId) -> Result<Flow, Reason> {
        self.home().flows.get(&id).filter(|flow| flow.active).cloned().ok_or(Reason::Gone("the flow"))
    }

    /// Adds a flow that the change brings.
    pub(super) fn add_flow(&mut self, flow: Flow) -> Result<FlowId, Reason> {
        let id = self.new_id();
        flows::add(&mut self.draft, id, flow)?;
        Ok(id)
    }

    /// Money that is moved every month, from the main cash account where `from` is none, in the change's window.
    pub(super) fn transfer(&mut self, amount: crate::money::Money, to: AccountId) -> Result<(), Reason> {
        let rhythm = crate::calendar::Frequency::Monthly;
        let flow = Flow { kind: FlowKind::Transfer, to_account_id: Some(to), ..self.new_flow(FlowKind::Transfer, amount, rhythm)? };
        self.add_flow(flow).map(|_| ())
    }

    /// A flow of the change's days and name.
    pub(super) fn new_flow(
        &self,
        kind: FlowKind,
        amount: crate::money::Money,
        frequency: crate::calendar::Frequency,
    ) -> Result<Flow, Reason> {
        self.window()?;
        let change = self.change();
        let start_date = self.begins(frequency);
        Ok(Flow {
            name: change.name.clone(),
            kind,
            amount,
            frequency,
            start_date,
            // A change whose last day lies before its first occurrence is felt in its months all the same.
            end_date: change.last_day().map(|day| day.max(start_date)),
            from_account_id: None,
            to_account_id: None,
            linked_account_id: None,
            member_id: None,
            active: true,
            notes: change.notes.clone(),
        })
    }

    /// Lets a flow be another one in the change's window; none stops it.
    pub(super) fn alter_flow(&mut self, id: FlowId, altered: Option<Flow>) -> Result<(), Reason> {
        let was = self.flow(id)?;
        let division = divide(was.start_date, was.end_date, self.window()?, self.this_month());
        let Division { ends, first, until, again } = division.ok_or(Reason::NoEffect("the flow is not there in those months"))?;
        let goes_on = |flow: &Flow, from: Month| occurrence_from(flow.start_date, flow.frequency, from.first_day());
        let again = again.map(|month| Flow { start_date: goes_on(&was, month), ..was.clone() });
        // The flow itself is what comes first: what was, else what the change says, else what is again.
        let mut follow = Vec::new();
        let own = match (ends, altered) {
            (Some(end), altered) => {
                follow.extend(altered.map(|flow| Flow { start_date: goes_on(&flow, first), end_date: until, ..flow }));
                follow.extend(again);
                Some(Flow { end_date: Some(end), ..was.clone() })
            }
            (None, Some(flow)) => {
                follow.extend(again);
                Some(Flow { end_date: until, ..flow })
            }
            (None, None) => again.or_else(|| self.ended_before(&was)),
        };
        let own = own.unwrap_or(Flow { active: false, ..was.clone() });
        if own != was {
            flows::put(&mut self.draft, id, own, was)?;
        }
        for flow in follow {
            let from = Month::of(flow.start_date);
            let next: FlowId = self.add_flow(flow)?;
            self.successors.add(id.0, from, next.0);
        }
        Ok(())
    }

    /// Of what stops with this month, and had begun before: it ended with the last one.
    fn ended_before(&self, was: &Flow) -> Option<Flow> {
        let end = self.this_month().plus(-1).last_day();
        (was.start_date <= end).then(|| Flow { end_date: Some(end), ..was.clone() })
    }
}

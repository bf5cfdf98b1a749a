//! The household: one stream of events, one version, one way in.
//!
//! [`Household::decide`] turns a [`Command`] into events or a refusal, [`Household::fold`] turns events into a state; both are pure.
//! `cqrs-es` drives them through its [`Aggregate`] trait. Files: what is said ([`facts`], [`command`]), what happened ([`event`]), what
//! is known ([`state`], `apply`), the rules (`decide`, `reconcile`, and a room each: `members`, `accounts`, `incomes`, `limits`,
//! `flows`, `scenarios`, `changes`, `life_events`, `decisions`, `baseline`, `goals`), a plan made real ([`adopt`]), what the engines are given
//! (`inputs`, `plan`), what the things in their answers are called (`origins`), what the year's taxes come to ([`taxes`]), what somebody
//! only tries out ([`whatif`]), and in plain sentences a plan
//! (`described`) and an event (`sentence`).

mod accounts;
pub mod adopt;
mod apply;
mod baseline;
mod changes;
pub mod command;
mod decide;
mod decisions;
mod described;
pub mod error;
pub mod event;
pub mod facts;
mod flows;
mod goals;
mod incomes;
pub mod inputs;
mod life_events;
mod limits;
mod members;
mod origins;
mod plan;
mod projectable;
mod reconcile;
mod said;
mod scenarios;
mod sentence;
pub mod state;
pub mod taxes;
pub mod weighed;
pub mod whatif;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;

pub use self::changes::{effective_changes, merge_report};
pub use self::command::{Actor, Command, Intent};
pub use self::decisions::{base_of, filled};
pub use self::described::{described, in_words};
pub use self::error::HouseholdError;
pub use self::event::Event;
pub(crate) use self::inputs::remaining_months;
pub use self::life_events::{horizon, suggested, usual_day};
pub use self::origins::origin_name;
pub(crate) use self::plan::is_property_flow;
pub use self::plan::plan;
pub use self::state::Household;
use crate::tax::TaxTables;

impl Aggregate for Household {
    const TYPE: &'static str = "household";
    type Command = Command;
    type Event = Event;
    type Error = HouseholdError;
    /// The law. The only thing that a decision needs beside the state and the command, and it does not change while a server runs.
    type Services = &'static TaxTables;

    async fn handle(&mut self, command: Command, tables: &Self::Services, sink: &EventSink<Self>) -> Result<(), HouseholdError> {
        // All of it is decided before any of it is written: `write` applies each event to `self` at once, so a refusal in between
        // would leave a half-changed household behind.
        for event in self.decide(command, tables)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        self.fold(event);
    }
}

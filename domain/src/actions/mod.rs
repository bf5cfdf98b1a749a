//! Next actions: what a household could do about a figure that is worrying, ranked by what it would come to.
//!
//! Nothing here is advice from a book: each candidate is a change of the plan with an amount from the household's own figures, the
//! engine projects a year with it and without it, and what does not better the figure is not offered. Files: `candidate` (what could
//! be done, and how much of it), `measure` (the figures of a projected year, defined as [`crate::metrics`] defines today's), `next`
//! (which are offered, in which order). Deliberately absent: storing anything; whoever likes an action makes a scenario of its change.

mod candidate;
mod measure;
mod next;

pub use self::candidate::{ActionKind, ActionPlan};
pub use self::measure::MEASURED_MONTHS;
pub use self::next::{Action, Ask, Effect, Shift, Situation, next};

//! What a household wants to reach, and how far it is: [`Goal`] says it, [`evaluate`] measures it today or over a projection.
//!
//! Today's figures are those of [`crate::metrics`], a plan's those of its rows; a figure that both have (DSCR, liquidity) means in
//! each what it means there. The two questions that one day's figures cannot answer are asked of a plan in both cases: when debts
//! end ([`crate::projection::payoff`], paid as today), and what is there when somebody retires (a projection only; today's answer
//! is what has been saved so far).
//!
//! Which value of a change reaches a goal is a search over projections: what is asked ([`question`]) of which change (`lever` where it is not
//! said), the search itself, which knows no goals ([`seek`]), and what comes of it ([`solve`]). Deliberately absent: the clock, and every stored figure.

mod evaluate;
mod figure;
mod kind;
mod lever;
pub mod question;
mod recommend;
pub mod seek;
pub mod solve;

pub(crate) use self::evaluate::YEARS_OF_SPENDING;
pub use self::evaluate::{Evaluation, GoalStatus, Now, Why, in_plan, today};
pub use self::figure::{Figure, Unit};
pub use self::kind::{Comparison, Goal, GoalKind, GoalMetric, GoalTerms, GoalType};

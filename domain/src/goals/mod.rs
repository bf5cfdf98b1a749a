//! What a household wants to reach, and how far it is: [`Goal`] says it, [`evaluate`] measures it today or over a projection.
//!
//! Today's figures are those of [`crate::metrics`], a plan's those of its rows; a figure that both have (DSCR, liquidity) means in
//! each what it means there. The two questions that one day's figures cannot answer are asked of a plan in both cases: when debts
//! end ([`crate::projection::payoff`], paid as today), and what is there when somebody retires (a projection only; today's answer
//! is what has been saved so far).
//!
//! Deliberately absent: changes that would reach a goal (that is a search over projections), the clock, and every stored figure.

mod evaluate;
mod figure;
mod kind;
mod recommend;

pub use self::evaluate::{Evaluation, GoalStatus, Now, Why, in_plan, today};
pub use self::figure::{Figure, Unit};
pub use self::kind::{Comparison, Goal, GoalKind, GoalMetric, GoalTerms, GoalType};

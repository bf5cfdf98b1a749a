//! What each type of change means, by figures computed by hand: one test for each type, in the file of its family.
//!
//! The plans stand in a still world (nothing grows) from January 2026, so that a reader can follow every figure in the head.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test may be about some variants only")]

#[path = "../projection_support/mod.rs"]
mod projection_support;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../scenario_properties/wishes.rs"]
mod wishes;

mod assets;
mod assumptions;
mod comparison;
mod debts;
mod expense;
mod income;
mod inheritance;
mod lapping;
mod market;
mod parameters;
mod payroll;
mod sentences;
mod support;
mod taxes;
mod worlds;

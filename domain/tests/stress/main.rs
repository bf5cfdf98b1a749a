//! Stress tests, by figures computed by hand: what each one that ships does, how a plan is judged, and what would mend it.
//!
//! The plans stand in a still world (nothing grows) from January 2026, so that a reader can follow every figure in the head.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../projection_support/mod.rs"]
mod projection_support;

mod analysis;
mod properties;
mod support;
mod templates;
mod verdicts;

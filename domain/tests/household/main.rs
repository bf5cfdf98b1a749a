//! The household aggregate, from outside: given what happened, when something is asked, then these events and this state.
//!
//! Everything goes through cqrs-es's own test framework, that is through `Aggregate::handle`, as in production. Amounts are computed
//! by hand from the published tables, and the computation stands beside them. A file per room of `household/`; `properties` holds
//! what must be true of every household.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../projection_support/mod.rs"]
mod projection_support;

mod accounts;
mod accuracy;
mod actions;
mod adopt;
mod baseline;
mod cash;
mod commands;
mod copies;
mod debts;
mod deductions;
mod described;
mod flows;
mod forecast;
mod goals;
mod life_events;
mod life_events_properties;
mod members;
mod metrics;
mod openers;
mod opening;
mod payroll;
mod projectable;
mod properties;
mod property;
mod scenarios;
mod self_employment;
mod support;
mod tax_years;
mod taxes;

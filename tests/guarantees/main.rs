//! The promises of spec 01, a file per promise. Each opens with the race or the fault that it guards against, and has been seen
//! to fail without the guard.

mod append_only;
mod conformance;
mod crash;
mod freshness;
mod guess;
mod hash_chain;
mod household;
mod idempotency;
mod integration;
mod jobs;
mod load;
mod model;
mod news;
mod projector;
mod rebuild;
mod restored;
mod round_trips;
mod running;
mod signals;
mod snapshots;
mod state_form;
mod stock_tools;
mod stress;
mod subscription;
mod telemetry;
mod together;
mod verify;

//! Effluent over HTTP and on the command line. Holds no rule: those are in `domain`; and no SQL: that is in `projections`.
//!
//! A request goes through [`telemetry`] (its ids), [`limits`], a route of [`routes`] (whose arguments are read by [`extract`] and
//! [`body`]), then the one path of all commands ([`command`]) or of all queries ([`query`]), and comes back as an [`answer`] or a [`problem`].

pub mod answer;
pub mod auth;
pub mod background;
pub mod body;
mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod demo;
pub mod extract;
pub mod jobs;
pub mod limits;
pub mod metrics_server;
pub mod openapi;
pub mod private_postgres;
pub mod problem;
pub mod query;
mod refusal;
pub mod routes;
pub mod startup;
pub mod telemetry;

pub use cli::main;

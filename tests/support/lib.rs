//! What the black-box tests share. A test reads like this:
//!
//! ```no_run
//! # use serde_json::json;
//! # async fn test() {
//! use support::TestServer;
//! let home = TestServer::start().await.household_earning("Acme", "96000.00").await;
//! let raise = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(200);
//! let forecast = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
//! assert_eq!((forecast.version(), forecast.at("/months/0/total_income")), (raise.version(), "8666.67"));
//! # }
//! ```
//!
//! Nothing here reaches into the program: servers are processes, started as a user starts them, and clients speak HTTP. One
//! PostgreSQL is started per test process and ends with it; each test has a database of its own, copied from a migrated one.

mod answer;
mod client;
mod command;
mod database;
mod held_up;
mod metrics;
mod otlp;
mod projector;
mod proxy;
mod server;
mod stream;

pub use answer::Answer;
pub use api::private_postgres::Shutdown;
pub use client::{Client, Request};
pub use command::{Ended, Running};
pub use database::Database;
pub use held_up::HeldUp;
pub use metrics::Metrics;
pub use otlp::{OtlpReceiver, Received, Span};
pub use projector::{TestProjector, run_effluent};
pub use proxy::Proxy;
pub use server::{JWT_SECRET, TestServer};
pub use stream::{EventStream, StreamEvent};

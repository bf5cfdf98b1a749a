//! Everything of Effluent that talks to PostgreSQL; decides nothing.
//!
//! Read [`store`] first (how a command becomes events, and why that is one statement), then [`read_models`] (how lists are never
//! stale), [`queries`] (how they are read) and [`forecasts`] (how a projection is never stale). [`database`] makes connections: as the owner
//! for migrations, as the application for everything else. [`jobs`] keeps what takes longer than a request. Nobody outside this crate sees SQL or an error of the driver.

pub mod connections;
pub mod database;
pub mod forecasts;
pub mod jobs;
pub mod live;
pub mod projector;
pub mod queries;
pub mod read_models;
pub mod rebuild;
pub mod signals;
pub mod store;
pub mod subscription;
pub mod trace;
pub mod track;
pub mod users;
pub mod wake;

pub use connections::Connections;

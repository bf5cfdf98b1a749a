//! Everything of Effluent that talks to PostgreSQL; decides nothing.
//!
//! Read [`database`] first: two kinds of connection, one of which may change the schema. Nobody outside this crate sees SQL or
//! an error of the driver.

pub mod database;
pub mod users;

pub use sqlx::PgPool;

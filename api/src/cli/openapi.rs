//! `effluent openapi`: needs neither configuration nor database.

use super::{Failure, print};

pub const EXAMPLES: &str = "Example:\n  effluent openapi > openapi.json";

pub fn run() -> Result<(), Failure> {
    Ok(print(&crate::openapi::json())?)
}

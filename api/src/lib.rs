//! Effluent over HTTP and on the command line.

pub mod private_postgres;

/// The program: parses the command line and runs it.
#[must_use]
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::FAILURE
}

//! Who is asking, and how they prove it.
//!
//! - [`password`]: argon2id, off the async threads, as many at once as there are cores.
//! - [`access`]: short-lived access tokens (JWT, HS256), checked without the database.
//! - [`refresh`]: rotating refresh tokens, one family per log-in, in the database as hashes.
//!
//! Deliberately absent: what somebody may do. Membership of a household is asked of the database with every request.

pub mod access;
mod input;
pub mod password;
pub mod refresh;

pub use access::Tokens;
pub use input::{Email, NewPassword, PasswordText};
pub use password::Passwords;
pub use refresh::Sessions;

/// Randomness of the operating system.
///
/// # Errors
/// It has none to give: nothing secret can be made then.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

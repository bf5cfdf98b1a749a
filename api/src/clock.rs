//! What time it is: the one place where this program asks. Below the edge, time is an argument.
//!
//! One place, so that a test can step the clock of a real server. Nothing may depend on its going forward: the order of events is that of
//! their numbers, a lease and the age of an idempotency key are measured by the database's clock, and a wait by a monotonic one.

use std::sync::OnceLock;

use chrono::Utc;
use domain::calendar::Instant;

static SOURCE: OnceLock<fn() -> Instant> = OnceLock::new();

/// The time now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Instant {
    SOURCE.get().map_or_else(Utc::now, |source| source())
}

/// For tests of clocks that are wrong: from now on the time is what `source` says. Only the first call counts; this program makes none.
pub fn replace(source: fn() -> Instant) {
    SOURCE.get_or_init(|| source);
}

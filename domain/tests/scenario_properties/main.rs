//! What holds with any set of changes: over awkward plans, and over the plans of households that came about by random commands. Two
//! thousand of each property, in a debug build.
//!
//! The ledger's invariants in every month: every posting balances, what net worth changes by is the sum of its terms, what an account
//! changes by is the sum of its postings, nothing is clamped away, and the same plan gives the same bytes, on one thread or on several.
//! And what scenarios promise: a disabled change is as if it were absent, a clone is its original, an empty child its parent, and a merge
//! done twice is done once. (That the difference of two such plans adds up is next door, in `changes/comparison.rs`.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test may be about some variants only")]

#[path = "../household/commands.rs"]
mod commands;
#[path = "../projection_support/mod.rs"]
mod projection_support;
#[allow(dead_code, reason = "each test binary uses its part")]
#[path = "../household/support.rs"]
mod support;

mod homes;
mod plans;
mod threads;
mod wishes;

use std::collections::BTreeMap;

use domain::money::Money;
use domain::projection::{Plan, Posting, Projection, Row};
use proptest::test_runner::TestCaseError;

use self::projection_support::Journal;
use self::projection_support::checks::{check_months, check_rows};

/// As many random plans as each property is tried on.
const CASES: u32 = 2_000;

/// The five invariants, in every month.
fn check(plan: &Plan, projection: &Projection, journal: Journal) -> Result<(), TestCaseError> {
    let mut by_month: BTreeMap<u16, Vec<Posting>> = BTreeMap::new();
    for (month, posting) in journal.0 {
        by_month.entry(month).or_default().push(posting);
    }
    check_months(&plan.ledger_accounts(), projection, &by_month)?;
    check_rows(projection)
}

/// Rows as figures, without the ids of accounts.
fn figures(projection: Projection) -> Vec<(Row, Vec<Money>)> {
    let amounts = |row: &Row| row.balances.iter().map(|(_, amount)| amount).collect();
    projection.months.into_iter().map(|row| (Row { balances: [].into_iter().collect(), ..row.clone() }, amounts(&row))).collect()
}

//! The conformance kit: what any store of streams has to keep, written once, put to every store that these tests use.
//!
//! The faults: a conflict that is taken for success (`ON CONFLICT DO NOTHING` writes nothing and says nothing), a number that two
//! writers give out at once (max + 1), half a batch, a reader that has gone past what commits late. The guards differ by store (a head
//! that moves from one version only, a unique key, a lock in memory); the rules do not. That the kit catches a store which lacks its
//! guard is a test of its own, below.
//!
//! `kit` says what a store is asked for, `writing` and `reading` are the rules, `brake` stops a writer inside its transaction; the
//! stores are `ours` (by its append, by its commands, and behind cqrs-es's trait), `stock` (postgres-es as it comes), `memory` and
//! `plain` (a right one of twenty lines, and four wrong ones).

mod brake;
mod facts;
mod kit;
pub mod memory;
mod ours;
mod plain;
mod reading;
mod stock;
mod writing;

use support::Database;

use self::kit::{Report, Subject};
use self::memory::Memory;
use self::ours::{Ours, Way};
use self::plain::{Flaw, Plain};
use self::stock::Stock;

async fn every_rule(store: &impl Subject) -> Report {
    let mut report = Report::default();
    writing::check(store, &mut report).await;
    reading::check(store, &mut report).await;
    report
}

async fn assert_ours_conforms(way: Way) {
    let report = every_rule(&Ours::create(&Database::create().await, way).await).await;
    report.assert_breaks_only(&[]);
    assert_eq!(report.not_asked(), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn our_append_keeps_every_rule() {
    assert_ours_conforms(Way::Append).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_commands_through_three_processes_keep_every_rule() {
    assert_ours_conforms(Way::Execute).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_store_behind_the_trait_of_the_framework_keeps_every_rule() {
    assert_ours_conforms(Way::Repository).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_in_memory_keeps_every_rule_that_it_can_be_asked_for() {
    let report = every_rule(&Memory::default()).await;
    report.assert_breaks_only(&[]);
    // It writes under a lock: there is no half-way in which a writer could be slow, or die.
    let half_way = [
        "a_follower_skips_nothing_that_commits_late",
        "a_killed_writer_leaves_nothing",
        "a_slow_writer_and_a_quick_one_do_not_both_win",
        "a_slow_writer_holds_up_no_other_stream",
        "an_aborted_writer_leaves_nothing",
    ];
    assert_eq!(report.not_asked(), half_way);
}

/// What stock postgres-es does not keep: it writes whatever number it is given, and it has no order over all streams (its
/// `stream_all_events` sorts by number, so that what comes later appears in the middle of what was read). See ARCHITECTURE.md.
#[tokio::test(flavor = "multi_thread")]
async fn stock_postgres_es_keeps_every_rule_but_those_of_the_global_order_and_the_gap() {
    let report = every_rule(&Stock::create(&Database::create().await).await).await;
    report.assert_breaks_only(&[
        "a_follower_sees_everything_once_and_in_order",
        "a_follower_skips_nothing_that_commits_late",
        "nothing_is_written_ahead_of_the_stream",
    ]);
}

/// Else the wrong ones below might be caught for something that they have in common with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_store_that_is_right_keeps_every_rule() {
    let report = every_rule(&Plain::create(&Database::create().await, None).await).await;
    report.assert_breaks_only(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_store_that_is_wrong_is_caught_by_the_kit() {
    let database = Database::create().await;
    for (flaw, caught_by) in [
        (Flaw::SwallowsConflicts, &["a_conflict_is_reported_and_leaves_nothing", "of_64_contenders_one_wins"][..]),
        (Flaw::MaxPlusOneWithoutKey, &["a_slow_writer_and_a_quick_one_do_not_both_win"]),
        (Flaw::FactByFact, &["a_killed_writer_leaves_nothing", "an_aborted_writer_leaves_nothing"]),
        (Flaw::RemembersLastPosition, &["a_follower_skips_nothing_that_commits_late"]),
    ] {
        let report = every_rule(&Plain::create(&database, Some(flaw)).await).await;
        caught_by.iter().for_each(|rule| report.assert_breaks(rule));
    }
}

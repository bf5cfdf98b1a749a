//! The same plan on several threads at once: nothing that one projection does is felt by another.

use std::hash::{DefaultHasher, Hasher};

use domain::projection::{Plan, project};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::CASES;
use super::projection_support::tables;
use super::wishes::changed_plan;

const THREADS: usize = 3;

fn digest(plan: &Plan) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(&serde_json::to_vec(&project(plan, tables()).unwrap()).unwrap());
    hasher.finish()
}

#[test]
fn the_same_plan_gives_the_same_bytes_on_any_number_of_threads_at_once() {
    let mut runner = TestRunner::deterministic();
    let plans: Vec<Plan> = (0..CASES).map(|_| changed_plan().new_tree(&mut runner).unwrap().current()).collect();
    let alone: Vec<u64> = plans.iter().map(digest).collect();
    // Each begins elsewhere and goes round: so all of them meet in the same plans, and in different ones.
    let round = |thread: usize| {
        let first = thread * plans.len() / (2 * THREADS);
        let mut digests: Vec<u64> = plans.iter().cycle().skip(first).take(plans.len()).map(digest).collect();
        digests.rotate_right(first);
        digests
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || round(thread))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
}

//! The same plan on several threads at once: nothing that one projection does is felt by another.

use domain::projection::{Plan, Projection, project};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::CASES;
use super::projection_support::tables;
use super::wishes::changed_plan;

const THREADS: usize = 3;
/// As many at a time: what all of them come to stays in memory.
const AT_ONCE: usize = 100;

fn projected(plan: &Plan) -> Projection {
    project(plan, tables()).unwrap()
}

#[test]
fn the_same_plan_comes_to_the_same_on_any_number_of_threads_at_once() {
    let mut runner = TestRunner::deterministic();
    let plans: Vec<Plan> = (0..CASES).map(|_| changed_plan().new_tree(&mut runner).unwrap().current()).collect();
    for plans in plans.chunks(AT_ONCE) {
        let alone: Vec<Projection> = plans.iter().map(projected).collect();
        // Each begins elsewhere and goes round: so they meet in the same plans, and in different ones.
        let round = |thread: usize| {
            let first = thread * plans.len() / (2 * THREADS);
            let expected = plans.iter().zip(&alone).cycle().skip(first).take(plans.len());
            for (plan, alone) in expected {
                assert_eq!(&projected(plan), alone);
            }
        };
        std::thread::scope(|scope| (0..THREADS).for_each(|thread| drop(scope.spawn(move || round(thread)))));
    }
}

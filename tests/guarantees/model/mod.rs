//! The whole store, read models and all, does what a household in plain maps does: whatever is asked, in whatever order.
//!
//! The fault: a rule that holds in each test by itself, and not after the sequence that nobody thought of: a repeat behind a restart, a
//! stale condition behind a refusal, a list behind a removal. Sequences are made up (`steps`), a household of maps foretells every answer
//! (`home`), and two real servers on one real PostgreSQL are asked (`world`). After each step every list, from the process that did not
//! write, is what the household of maps says, and the version is the number of events. A sequence that fails is cut down to a short one,
//! and printed with its seed.
//!
//! `EFFLUENT_MODEL_CASES=200` looks longer; `EFFLUENT_MODEL_SEED=…` looks at the same sequences again.

mod home;
mod steps;
mod world;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use self::steps::Reference;
use self::world::{Machine, World};

const CASES: u32 = 6;
const MOST_STEPS: usize = 30;

#[test]
fn the_store_and_its_lists_do_what_a_household_in_plain_maps_does() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap_or_else(|_| panic!("{name}={text:?}")));
    let cases = number("EFFLUENT_MODEL_CASES").map_or(CASES, |cases| u32::try_from(cases).unwrap());
    let seed = number("EFFLUENT_MODEL_SEED").unwrap_or_else(|| fastrand::u64(..));
    let config = Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config.clone(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));

    let world = World::start();
    let result = world.on_this_thread(|| {
        runner.run(&Reference::sequential_strategy(1..MOST_STEPS), |(initial, steps, seen)| {
            Machine::test_sequential(config.clone(), initial, steps, seen);
            Ok(())
        })
    });
    drop(world);
    if let Err(failure) = result {
        panic!("EFFLUENT_MODEL_SEED={seed}: {failure}");
    }
}

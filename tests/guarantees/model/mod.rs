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

use std::rc::Rc;

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
    if let Err(failure) = compared(&World::start(&[]), cases, 300, seed) {
        panic!("EFFLUENT_MODEL_SEED={seed}: {failure}");
    }
}

/// Else it would prove nothing. What is wrong is planted in the database, so that it is the program as it is that is found out.
#[test]
fn a_program_whose_lists_or_whose_memory_lie_is_found_out() {
    let ignores = |what: &str| {
        let (operation, table, answer) = match what {
            "removed accounts stay" => ("DELETE", "accounts", "NULL"),
            "changed accounts stay as they were" => ("UPDATE", "accounts", "OLD"),
            "derived flows are not written" => ("INSERT", "flows", "NULL"),
            "answers to keys are forgotten" => ("INSERT", "idempotency_keys", "NULL"),
            _ => unreachable!("{what}"),
        };
        [
            format!("CREATE FUNCTION lie() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN {answer}; END $$"),
            format!("CREATE TRIGGER lies BEFORE {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION lie()"),
        ]
    };
    for lie in
        ["removed accounts stay", "changed accounts stay as they were", "derived flows are not written", "answers to keys are forgotten"]
    {
        // One try at cutting it down: the crate that makes up the sequences insists on it.
        let found_out = compared(&World::start(&ignores(lie)), 40, 1, fastrand::u64(..));
        assert!(found_out.is_err(), "nobody noticed that {lie}");
    }
}

/// Compares as many sequences as are asked for, and cuts down the first one that fails in so many tries.
fn compared(world: &Rc<World>, cases: u32, max_shrink_iters: u32, seed: u64) -> Result<(), String> {
    let config = Config { cases, max_shrink_iters, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config.clone(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    #[expect(clippy::result_large_err, reason = "of the framework, which gives the sequence that failed")]
    let result = world.on_this_thread(|| {
        runner.run(&Reference::sequential_strategy(1..MOST_STEPS), |(initial, steps, seen)| {
            Machine::test_sequential(config.clone(), initial, steps, seen);
            Ok(())
        })
    });
    result.map_err(|failure| failure.to_string())
}

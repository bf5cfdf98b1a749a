//! Changes in many worlds: a scenario's paths are its exact run where the world is as it assumes.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::projection_support::awkward::cases;
use crate::projection_support::worlds::{some_goal, still_world};
use crate::wishes::changed_plan;

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn without_volatility_every_path_of_a_scenario_is_the_exact_engines_run(plan in changed_plan(), goals in vec(some_goal(), 0..8)) {
        prop_assert_eq!(still_world(&plan, &goals), None);
    }
}

//! Changes in many worlds: a scenario's paths are its exact run where the world is as it assumes.

use proptest::prelude::*;

use crate::projection_support::awkward::cases;
use crate::projection_support::worlds::still_world;
use crate::properties::changed_plan;

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn without_volatility_every_path_of_a_scenario_is_the_exact_engines_run(plan in changed_plan()) {
        prop_assert_eq!(still_world(&plan), None);
    }
}

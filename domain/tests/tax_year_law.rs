//! The law of a year, taken once, answers as the tables do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::money::Money;
use domain::rate::Rate;
use domain::tax::{Earner, Liability, Return, TaxTables};
use domain::vocabulary::{FilingStatus, State};
use proptest::prelude::*;
use proptest::sample::select;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_owed_is_what_the_estimate_says(
        status in select(FilingStatus::ALL.to_vec()),
        state in proptest::option::of(select(State::ALL.to_vec())),
        wages in 0_i64..60_000_000,
        profit in -1_000_000_i64..20_000_000,
        index in select(vec![None, Some("1"), Some("1.03"), Some("1.343916379344")]),
    ) {
        let tables = TaxTables::shipped().unwrap().year(2026).unwrap();
        let earner = Earner { age: 40, wages: Money::from_cents(wages), self_employment_net: Money::from_cents(profit), ..Earner::default() };
        let tax_return = Return { state, earners: vec![earner], children_ages: vec![7], ..Return::new(status) };
        let index = index.map(|index| Rate::parse(index).unwrap());
        let (law, estimate) = (tables.law(status, index), tables.estimate(&tax_return, index).unwrap());
        let owed = Liability { total: estimate.total_tax, state: estimate.state_income_tax };
        prop_assert_eq!(law.liability(&tax_return).unwrap(), owed);
        prop_assert_eq!(law.estimate(&tax_return).unwrap(), estimate);
    }
}

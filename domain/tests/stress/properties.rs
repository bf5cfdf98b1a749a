//! What holds under any test of any plan.

use std::num::NonZeroUsize;

use domain::projection::Plan;
use domain::projection::changes::PlannedChange;
use domain::stress::{StressMeasure, StressStatus, StressTest, analyze, run};
use proptest::prelude::*;

use crate::projection_support::awkward::{awkward_plan, cases};
use crate::projection_support::{rows, tables};
use crate::support::{ONE, stressed};

prop_compose! {
    /// Of a horizon at which tests are run.
    fn some_plan()(plan in awkward_plan()) -> Plan {
        Plan { months: plan.months.min(60), ..plan }
    }
}

fn every_test(plan: &Plan) -> Vec<Vec<PlannedChange>> {
    StressTest::ALL.iter().map(|test| test.changes(plan)).collect()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn tests_run_together_come_to_what_each_comes_to_alone(plan in some_plan()) {
        let tests = every_test(&plan);
        let together = stressed(&plan, &tests);
        prop_assert_eq!(together.outcomes.len(), tests.len());
        for (test, outcome) in tests.iter().zip(&together.outcomes) {
            let alone = stressed(&plan, std::slice::from_ref(test));
            prop_assert_eq!(&alone.outcomes[0], outcome);
            prop_assert_eq!(&alone.baseline, &together.baseline);
        }
    }

    #[test]
    fn a_test_of_no_changes_is_the_plan_itself(plan in some_plan()) {
        let run = stressed(&plan, &[vec![]]);
        prop_assert_eq!(&run.outcomes[0].course, &run.baseline);
        prop_assert_eq!(run.outcomes[0].baseline_status, run.baseline.verdict.status);
        prop_assert!(run.outcomes[0].maximum_drawdown.is_none() && run.outcomes[0].maximum_liquid_drawdown.is_none());
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bytes(plan in some_plan(), threads in 2_usize..13) {
        let bytes = |threads: NonZeroUsize| {
            let run = run(&plan, &every_test(&plan), tables(), threads).unwrap();
            (serde_json::to_vec(&run.baseline).unwrap(), serde_json::to_vec(&run.outcomes).unwrap())
        };
        prop_assert_eq!(bytes(NonZeroUsize::new(threads).unwrap()), bytes(ONE));
    }

    #[test]
    fn a_verdict_is_that_of_the_rows(plan in some_plan()) {
        let (verdict, rows) = (stressed(&plan, &[]).baseline.verdict, rows(&plan));
        let below = |status| rows.iter().filter(|row| StressMeasure::ALL.iter().any(|measure| measure.breaches(row, status))).count();
        let expected = match (below(StressStatus::Failed), below(StressStatus::Warning)) {
            (0, 0) => StressStatus::Passed,
            (0, _) => StressStatus::Warning,
            _ => StressStatus::Failed,
        };
        prop_assert_eq!(verdict.status, expected);
        prop_assert_eq!(verdict.first_breach.is_none(), expected == StressStatus::Passed);
        if let Some(breach) = verdict.first_breach {
            let (first, length) = (usize::from(breach.month_number) - 1, usize::from(breach.length_months));
            prop_assert!(rows[..first].iter().all(|row| !breach.metric.breaches(row, breach.status)));
            prop_assert!(rows[first..first + length].iter().all(|row| breach.metric.breaches(row, breach.status)));
            prop_assert!(rows.get(first + length).is_none_or(|row| !breach.metric.breaches(row, breach.status)));
        }
        let negative = rows.iter().find(|row| row.net_cash_flow.is_negative()).map(|row| row.month_number);
        prop_assert_eq!(verdict.first_negative_cash_flow.map(|month| month.month_number), negative);
    }
}

/// Each case projects hundreds of times: they stay few in longer runs, too.
fn few() -> ProptestConfig {
    ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn the_score_is_100_where_every_test_passes_and_only_there(plan in some_plan()) {
        let plan = Plan { months: plan.months.min(24), ..plan };
        let tests = [StressTest::IncomeMinus25, StressTest::MarketMinus40].map(|test| test.changes(&plan));
        let analysis = analyze(&plan, &tests, tables(), ONE).unwrap();
        let passes = analysis.run.outcomes.iter().all(|outcome| outcome.course.verdict.status == StressStatus::Passed);
        prop_assert_eq!(analysis.resilience_score.to_string() == "100.00", passes);
        prop_assert_eq!(analysis.weakest_point.is_none(), passes);
        let needs_nothing = analysis.remedies[1].cash.is_some_and(|cash| cash.is_zero())
            && analysis.remedies[1].monthly_spending_cut.is_some_and(|cut| cut.is_zero());
        prop_assert_eq!(needs_nothing, passes);
    }

    #[test]
    fn the_cash_that_mends_a_plan_is_enough_and_a_cent_less_is_not(plan in some_plan()) {
        let plan = Plan { months: plan.months.min(24), ..plan };
        let tests = [StressTest::IncomeMinus50, StressTest::ExpensesPlus1000].map(|test| test.changes(&plan));
        let [remedy, _] = analyze(&plan, &tests, tables(), ONE).unwrap().remedies;
        // Beside a cut, the cash is that of another plan.
        prop_assume!(remedy.monthly_spending_cut.is_none_or(|cut| cut.is_zero()));
        let Some(cash) = remedy.cash else { return Ok(()) };
        let holds = |cash: domain::money::Money| {
            let mut plan = plan.clone();
            let main = plan.main_cash;
            plan.accounts.iter_mut().find(|account| account.id == main).unwrap().opening += cash;
            let failing = |changes: &Vec<PlannedChange>| {
                rows(&plan.with_changes(changes)).iter().any(|row| StressMeasure::LiquidityMonths.breaches(row, StressStatus::Failed))
            };
            !tests.iter().any(failing)
        };
        prop_assert!(holds(cash));
        if cash.is_positive() {
            prop_assert!(!holds(cash - domain::money::Money::from_cents(1)));
        }
    }
}

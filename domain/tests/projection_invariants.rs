//! The five invariants of the ledger, over awkward random plans: short of cash, paying off, 600 months, zero rates, falling markets.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod projection_support;

use std::collections::BTreeMap;

use domain::money::Money;
use domain::projection::{Flag, FlowKind, Plan, PlanAccount, Posting, Projection};
use projection_support::awkward::{awkward_plan, cases};
use projection_support::checks::{check_months, check_rows};
use projection_support::journal;
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_cent_appears_or_disappears(plan in awkward_plan()) {
        let (projection, journal) = journal(&plan);
        let mut by_month: BTreeMap<u16, Vec<Posting>> = BTreeMap::new();
        for (month, posting) in journal.0 {
            by_month.entry(month).or_default().push(posting);
        }
        prop_assert_eq!(projection.months.len(), usize::from(plan.months));
        check_months(&plan.accounts, &projection, &by_month)?;
        check_rows(&projection)?;
        let short = projection.months.iter().find(|row| row.flags.contains(&Flag::Shortfall));
        prop_assert_eq!(projection.shortfall.map(|first| first.month_number), short.map(|row| row.month_number));
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn the_same_plan_gives_the_same_bytes_and_they_can_be_read_back(plan in awkward_plan()) {
        let (one, _) = journal(&plan);
        let (other, _) = journal(&plan.clone());
        let bytes = serde_json::to_vec(&one).unwrap();
        prop_assert_eq!(&bytes, &serde_json::to_vec(&other).unwrap());
        // Beyond ten trillion a balance is printed but no longer accepted.
        let readable = one.months.iter().all(|row| row.total_assets.max(row.total_liabilities) < Money::LIMIT);
        prop_assert!(!readable || serde_json::from_slice::<Projection>(&bytes).unwrap() == one);
    }

    #[test]
    fn a_shorter_horizon_is_the_beginning_of_a_longer_one(plan in awkward_plan()) {
        let (long, _) = journal(&plan);
        let (short, _) = journal(&Plan { months: plan.months.div_ceil(2), ..plan });
        prop_assert_eq!(&long.months[..short.months.len()], &short.months[..]);
    }

    #[test]
    fn what_is_owed_never_falls_below_zero_by_a_payment(plan in awkward_plan()) {
        let (projection, _) = journal(&plan);
        for account in plan.accounts.iter().filter(|account| account.account_type.is_liability() && !account.opening.is_negative()) {
            // Income and refunds that flow straight into a debt may leave a credit; a payment may not.
            let credited = plan.flows.iter().any(|flow| flow.to == Some(account.id) && matches!(flow.kind, FlowKind::Income(_)));
            let lowest = projection.months.iter().map(|row| row.balances.get(account.id)).min().unwrap();
            prop_assert!(credited || !lowest.is_negative(), "{} at {}", account.account_type, lowest);
        }
    }
}

/// The awkward plans must be awkward, or the invariants above are checked on nothing.
#[test]
fn random_plans_reach_shortfall_payoff_growth_of_debt_and_required_distributions() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut short, mut repaid, mut grown, mut limited, mut distributed) = (0, 0, 0, 0, 0);
    for _ in 0..120 {
        let plan = awkward_plan().new_tree(&mut runner).unwrap().current();
        let (projection, _) = journal(&plan);
        let flagged = |flag| projection.months.iter().any(|row| row.flags.contains(&flag));
        short += usize::from(flagged(Flag::Shortfall));
        grown += usize::from(flagged(Flag::NegativeAmortisation));
        distributed += usize::from(flagged(Flag::RequiredDistribution));
        limited += usize::from(flagged(Flag::LimitReached));
        let paid_off = |account: &PlanAccount| {
            let last = projection.months.last().unwrap().balances.get(account.id);
            account.account_type.is_liability() && account.opening.is_positive() && last.is_zero()
        };
        repaid += usize::from(plan.accounts.iter().any(paid_off));
    }
    let seen = [("short", short), ("repaid", repaid), ("grown", grown), ("limited", limited), ("distributed", distributed)];
    assert!(seen.iter().all(|(_, times)| *times > 5), "{seen:?}");
}

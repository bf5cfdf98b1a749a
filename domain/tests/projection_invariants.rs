//! The five invariants of the ledger, over awkward random plans: short of cash, paying off, 600 months, zero rates, falling markets.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod projection_support;

use std::collections::BTreeMap;

use domain::money::Money;
use domain::projection::{Change, Flag, FlowKind, Outside, Plan, PlanAccount, Posting, Projection, Slot};
use domain::vocabulary::AccountClass;
use projection_support::awkward::{awkward_plan, cases};
use projection_support::{OVERDRAFT, journal};
use proptest::prelude::*;

/// What a slot got out of a posting.
fn received(posting: &Posting, slot: Slot) -> Money {
    let into = if posting.to == slot { posting.amount } else { Money::ZERO };
    let out = if posting.from == slot { posting.amount } else { Money::ZERO };
    into - out
}

/// The terms of change, from postings alone.
fn explained(postings: &[Posting]) -> Change {
    let from = |places: &[Outside]| -> Money {
        places.iter().flat_map(|place| postings.iter().map(|posting| -received(posting, Slot::Outside(*place)))).sum()
    };
    Change {
        income: from(&[Outside::Employers, Outside::Payers]),
        taxes: from(&[Outside::TaxAuthorities]),
        spending: from(&[Outside::Merchants]),
        investment_growth: from(&[Outside::Market]),
        appreciation: from(&[Outside::Appraisal]),
        interest_and_fees: from(&[Outside::Lenders]),
        one_off: from(&[Outside::OneOff]),
    }
}

fn shown(account: &PlanAccount, signed: Money) -> Money {
    if account.account_type.is_liability() { -signed } else { signed }
}

/// A row agrees with the postings of its month, and with itself.
fn check_months(plan: &Plan, projection: &Projection, by_month: &BTreeMap<u16, Vec<Posting>>) -> Result<(), TestCaseError> {
    let mut balances: Vec<Money> = plan.accounts.iter().map(|account| shown(account, account.opening)).collect();
    let (mut overdraft, mut net_worth) = (Money::ZERO, projection.opening.net_worth);
    for row in &projection.months {
        let postings = by_month.get(&row.month_number).map_or(&[][..], Vec::as_slice);
        prop_assert!(postings.iter().all(|posting| posting.amount.is_positive() && posting.from != posting.to));
        for ((index, account), balance) in (0_u16..).zip(&plan.accounts).zip(&mut balances) {
            *balance += postings.iter().map(|posting| received(posting, Slot::Account(index))).sum();
            prop_assert_eq!(row.balances.get(account.id), shown(account, *balance), "month {}", row.month_number);
            let covered = matches!(account.account_type.class(), AccountClass::Cash | AccountClass::Investment | AccountClass::Retirement);
            prop_assert!(!covered || !balance.is_negative(), "month {}: {} stays below zero", row.month_number, account.account_type);
        }
        overdraft -= postings.iter().map(|posting| received(posting, Slot::Overdraft)).sum();
        prop_assert_eq!(row.balances.get(OVERDRAFT), overdraft);
        prop_assert!(!overdraft.is_negative());
        prop_assert!(overdraft.is_zero() || row.liquid_assets.is_zero(), "month {}: overdrawn beside liquid assets", row.month_number);
        prop_assert_eq!(row.flags.contains(&Flag::Shortfall), overdraft.is_positive());
        let in_clearing: Money = postings.iter().map(|posting| received(posting, Slot::PayrollClearing)).sum();
        prop_assert_eq!(in_clearing, Money::ZERO, "payroll does not net to zero in month {}", row.month_number);
        prop_assert_eq!(row.change, explained(postings), "month {}", row.month_number);
        prop_assert_eq!(row.net_worth - net_worth, row.change.sum(), "month {}", row.month_number);
        net_worth = row.net_worth;
    }
    Ok(())
}

fn check_rows(projection: &Projection) -> Result<(), TestCaseError> {
    for row in &projection.months {
        prop_assert_eq!(row.net_worth, row.total_assets - row.total_liabilities);
        prop_assert_eq!(row.assets_by_class.total(), row.total_assets);
        prop_assert_eq!(row.liabilities_by_class.total(), row.total_liabilities);
        prop_assert_eq!(row.income_by_category.total(), row.total_income);
        prop_assert_eq!(row.taxes_by_category.total(), row.total_taxes);
        prop_assert_eq!(row.expense_by_category.total(), row.total_expenses);
        prop_assert_eq!((row.total_income, -row.total_taxes), (row.change.income, row.change.taxes));
        prop_assert_eq!(row.net_cash_flow, row.total_income - row.total_taxes - row.total_expenses);
    }
    Ok(())
}

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
        check_months(&plan, &projection, &by_month)?;
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

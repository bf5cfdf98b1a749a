//! What has to hold of every projection, in every month.

use std::collections::BTreeMap;

use domain::money::Money;
use domain::projection::{Change, Flag, Outside, PlanAccount, Posting, Projection, Slot};
use domain::vocabulary::AccountClass;
use proptest::prelude::*;

use super::OVERDRAFT;

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

/// A row agrees with the postings of its month, and with itself. `accounts` as the ledger numbers them: the plan's, then those that
/// changes open, with nothing in them.
pub fn check_months(
    accounts: &[PlanAccount],
    projection: &Projection,
    by_month: &BTreeMap<u16, Vec<Posting>>,
) -> Result<(), TestCaseError> {
    let mut balances: Vec<Money> = accounts.iter().map(|account| shown(account, account.opening)).collect();
    let (mut overdraft, mut net_worth) = (Money::ZERO, projection.opening.net_worth);
    for row in &projection.months {
        let postings = by_month.get(&row.month_number).map_or(&[][..], Vec::as_slice);
        prop_assert!(postings.iter().all(|posting| posting.amount.is_positive() && posting.from != posting.to));
        for ((index, account), balance) in (0_u16..).zip(accounts).zip(&mut balances) {
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

pub fn check_rows(projection: &Projection) -> Result<(), TestCaseError> {
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

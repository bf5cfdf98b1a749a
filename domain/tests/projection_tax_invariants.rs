//! What holds of taxes and withdrawals in every projection, over awkward random plans.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod projection_support;

use chrono::Datelike;
use domain::ids::AccountId;
use domain::money::Money;
use domain::projection::{CalendarMode, Plan, PlanAccount, PlanMember, Posting, Projection, Purpose, Slot, project_taxes};
use domain::vocabulary::AccountType;
use projection_support::awkward::{awkward_plan, cases};
use projection_support::{OVERDRAFT, journal, tables};
use proptest::prelude::*;

const DEFERRED: [AccountType; 5] =
    [AccountType::Traditional401k, AccountType::TraditionalIra, AccountType::SepIra, AccountType::SimpleIra, AccountType::Tsp];
const PAID_BY_RULE: [AccountType; 2] = [AccountType::Pension, AccountType::Annuity];
const ROTH: [AccountType; 2] = [AccountType::Roth401k, AccountType::RothIra];

fn owner<'p>(plan: &'p Plan, account: &PlanAccount) -> &'p PlanMember {
    plan.filer.members.iter().find(|member| Some(member.id) == account.owner).unwrap_or(&plan.filer.members[0])
}

/// The account that a slot stands for.
fn account(plan: &Plan, slot: Slot) -> Option<&PlanAccount> {
    match slot {
        Slot::Account(index) => plan.accounts.get(usize::from(index)),
        Slot::Overdraft | Slot::PayrollClearing | Slot::Outside(_) => None,
    }
}

fn is_one_of(plan: &Plan, slot: Slot, types: &[&[AccountType]]) -> bool {
    account(plan, slot).is_some_and(|account| types.iter().any(|types| types.contains(&account.account_type)))
}

/// What a member took out of these accounts in a calendar year, rollovers and conversions aside.
fn taken_out(plan: &Plan, postings: &[(u16, Posting)], accounts: &[AccountId], year: i32) -> Money {
    let in_year = |month: u16| plan.start.plus(i32::from(month) - 1).year() == year;
    let counts = |posting: &Posting| {
        account(plan, posting.from).is_some_and(|account| accounts.contains(&account.id))
            && !is_one_of(plan, posting.to, &[&DEFERRED, &PAID_BY_RULE, &ROTH])
            && posting.purpose != Purpose::InvestmentGrowth
    };
    postings.iter().filter(|(month, posting)| in_year(*month) && counts(posting)).map(|(_, posting)| posting.amount).sum()
}

/// Every December that has a December before it in the plan: as much has been taken out as the law wants, or nothing is left.
fn check_distributions(plan: &Plan, projection: &Projection, postings: &[(u16, Posting)]) -> Result<(), TestCaseError> {
    for member in plan.filer.members.iter().filter(|member| member.birth.is_some()) {
        let accounts = plan.accounts.iter().filter(|held| DEFERRED.contains(&held.account_type) && owner(plan, held).id == member.id);
        let accounts: Vec<_> = accounts.map(|account| account.id).collect();
        let born = member.birth.unwrap().year();
        let decembers: Vec<_> = projection.months.iter().filter(|row| row.date.month() == 12).collect();
        for pair in decembers.windows(2) {
            let year = pair[1].date.year();
            let held = accounts.iter().map(|id| pair[0].balances.get(*id)).sum();
            let required = tables().in_force(year).unwrap().required_distribution(year, born, held);
            let nothing_left = accounts.iter().all(|id| pair[1].balances.get(*id).is_zero());
            let taken = taken_out(plan, postings, &accounts, year);
            prop_assert!(taken >= required || nothing_left, "{year}: {taken} of {required}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn what_a_year_owes_less_what_was_paid_is_what_april_settles(plan in awkward_plan()) {
        let (projection, _) = journal(&plan);
        let years = project_taxes(&plan, tables()).unwrap();
        prop_assert_eq!(years.iter().map(|year| year.months).sum::<u16>(), plan.months);
        for year in &years {
            let (owed, paid, due) = (&year.liability, &year.paid, &year.settlement);
            let parts = [owed.federal_income_tax, owed.payroll_tax, owed.self_employment_tax, owed.early_withdrawal_tax, owed.state_income_tax];
            prop_assert_eq!(parts.iter().sum::<Money>(), owed.total);
            prop_assert_eq!(owed.total - paid.total, due.total, "{}", year.year);
            prop_assert_eq!(owed.state_income_tax - paid.state_income_tax, due.state);
            let april = i32::from(year.months > 0) * (year.year + 1) * 12 + 4;
            let last = plan.start.plus(i32::from(plan.months) - 1);
            let is_in_plan = last.year() * 12 + i32::try_from(last.number()).unwrap() >= april;
            prop_assert_eq!(due.is_booked, is_in_plan && plan.settle_taxes);
        }
        // In the exact calendar January may pay a quarter of a year that lies before the plan.
        if plan.calendar == CalendarMode::Smoothed {
            let booked: Money = projection.months.iter().map(|row| row.total_taxes).sum();
            let settled: Money = years.iter().filter(|year| year.settlement.is_booked).map(|year| year.settlement.total).sum();
            prop_assert_eq!(booked, settled + years.iter().map(|year| year.paid.total).sum::<Money>());
        }
    }

    #[test]
    fn required_distributions_are_taken_and_savings_are_drawn_before_anything_is_owed(plan in awkward_plan()) {
        let (projection, journal) = journal(&plan);
        check_distributions(&plan, &projection, &journal.0)?;
        let drawn = plan.accounts.iter().filter(|held| [&DEFERRED[..], &ROTH].iter().any(|types| types.contains(&held.account_type)));
        let of_the_retired: Vec<_> = drawn.filter(|held| owner(&plan, held).retired).map(|held| held.id).collect();
        for row in projection.months.iter().filter(|row| row.balances.get(OVERDRAFT).is_positive()) {
            let left: Money = of_the_retired.iter().map(|id| row.balances.get(*id)).sum();
            prop_assert!(left.is_zero(), "month {}: overdrawn beside {left}", row.month_number);
        }
    }
}

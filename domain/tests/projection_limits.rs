//! What the law lets be contributed, in a projection: by person, calendar year and age. Limits of 2025: 23,500 and from 50 on 7,500;
//! of 2026: 24,500, from 50 on 8,000, from 60 to 63 11,250; employee and employer 72,000; health savings 4,400 or 8,750.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod projection_support;

use domain::calendar::{Month, PayFrequency};
use domain::projection::{
    DeductionAmount, DeductionTarget, DeductionType, EmployerMatch, Flag, Plan, PlanDeduction, PlanIncome, WageEffect, project_taxes,
};
use domain::vocabulary::{AccountType, PretaxDeductionType};
use projection_support::*;

/// Into account 2, so much a month.
fn contribution(kind: PretaxDeductionType, monthly: &str) -> PlanDeduction {
    let effect = if kind == PretaxDeductionType::Traditional401k { WageEffect::IncomeTax } else { WageEffect::None };
    let deduction = deduction(1, DeductionAmount::Fixed(money(monthly)), effect, DeductionTarget::Account(account_id(2)));
    PlanDeduction { kind: DeductionType::Pretax(kind), ..deduction }
}

fn job(number: u128, deductions: Vec<PlanDeduction>) -> PlanIncome {
    PlanIncome { deductions, ..salary(number, "240000.00", PayFrequency::Monthly) }
}

fn saver(birth: &str, months: u16, jobs: Vec<PlanIncome>) -> Plan {
    let mut plan = plan("0.00", months);
    plan.filer.members[0].birth = Some(date(birth));
    plan.accounts.push(account(2, AccountType::Traditional401k, "0.00"));
    plan.incomes = jobs;
    plan
}

fn saved(plan: &Plan) -> Vec<String> {
    series(&rows(plan), |row| row.balances.get(account_id(2)))
}

#[test]
fn the_limit_of_deferrals_is_a_persons_over_all_jobs_and_the_month_says_so() {
    let traditional = contribution(PretaxDeductionType::Traditional401k, "1500.00");
    let roth = contribution(PretaxDeductionType::Roth401k, "500.00");
    let plan = saver("1985-06-15", 12, vec![job(1, vec![traditional.clone(), roth]), job(2, vec![traditional])]);
    // 3,500 a month: seven months, and nothing is left of 24,500.
    let saved = saved(&plan);
    assert_eq!((saved[6].as_str(), saved[11].as_str()), ("24500.00", "24500.00"));
    let flagged: Vec<_> = rows(&plan).iter().map(|row| row.flags.contains(&Flag::LimitReached)).collect();
    assert_eq!(flagged, [vec![false; 7], vec![true; 5]].concat());
    // 1,500 and 1,500 of each 3,500 lower the wages: 21,000.
    let agi = project_taxes(&plan, tables()).unwrap()[0].estimate.agi;
    assert_eq!(agi, money("459000.00"));
}

#[test]
fn another_persons_limit_is_another() {
    let traditional = contribution(PretaxDeductionType::Traditional401k, "3000.00");
    let mut plan = saver("1985-06-15", 12, vec![job(1, vec![traditional.clone()]), job(2, vec![traditional])]);
    let spouse = domain::ids::MemberId(uuid::Uuid::from_u128(2));
    plan.filer.members.push(domain::projection::PlanMember { id: spouse, birth: None, retired: false });
    plan.incomes[1].member = Some(spouse);
    assert_eq!(saved(&plan)[11], "49000.00");
}

#[test]
fn the_catch_up_comes_in_the_year_of_the_birthday_and_changes_with_age() {
    let jobs = || vec![job(1, vec![contribution(PretaxDeductionType::Traditional401k, "5000.00")])];
    let of_2025_and_2026 = |birth| {
        let saved = saved(&Plan { start: Month::new(2025, 1).unwrap(), ..saver(birth, 24, jobs()) });
        (saved[11].clone(), saved[23].clone())
    };
    // 49 and 50: 23,500, then 32,500. 59 and 60: 31,000, then 35,750. 63 and 64: 34,750, then 32,500.
    assert_eq!(of_2025_and_2026("1976-12-31"), ("23500.00".into(), "56000.00".into()));
    assert_eq!(of_2025_and_2026("1966-07-01"), ("31000.00".into(), "66750.00".into()));
    assert_eq!(of_2025_and_2026("1962-07-01"), ("34750.00".into(), "67250.00".into()));
}

#[test]
fn employee_and_employer_together_have_a_limit_to_which_the_catch_up_is_added() {
    let matching = EmployerMatch { rate: rate("3"), cap_fraction: None, annual_cap: None };
    let generous = PlanDeduction { employer_match: Some(matching), ..contribution(PretaxDeductionType::Traditional401k, "5000.00") };
    let saved = |birth| saved(&saver(birth, 12, vec![job(1, vec![generous.clone()])])).pop().unwrap();
    assert_eq!((saved("1985-06-15"), saved("1970-06-15")), ("72000.00".into(), "80000.00".into()));
}

#[test]
fn the_limit_of_health_savings_counts_what_the_employer_adds_and_is_higher_for_families() {
    let matching = EmployerMatch { rate: rate("0.5"), cap_fraction: None, annual_cap: None };
    let health = PlanDeduction { employer_match: Some(matching), ..contribution(PretaxDeductionType::Hsa, "300.00") };
    let mut plan = saver("1985-06-15", 12, vec![job(1, vec![health])]);
    assert_eq!(saved(&plan)[11], "4400.00");
    plan.filer.has_family_coverage = true;
    assert_eq!(saved(&plan)[11], "5400.00");
}

#[test]
fn limits_of_years_without_a_file_rise_with_inflation_and_may_be_left_alone() {
    let mut plan = saver("1985-06-15", 24, vec![job(1, vec![contribution(PretaxDeductionType::Traditional401k, "5000.00")])]);
    plan.assumptions.inflation = rate("0.1");
    // 24,500 in 2026, 26,950 in 2027.
    assert_eq!(saved(&plan)[23], "51450.00");
    plan.index_thresholds = false;
    assert_eq!(saved(&plan)[23], "49000.00");
}

#[test]
fn the_months_before_the_plan_have_used_their_part_of_the_limit() {
    let jobs = vec![job(1, vec![contribution(PretaxDeductionType::Traditional401k, "3000.00")])];
    let mut plan = Plan { start: Month::new(2026, 7).unwrap(), ..saver("1985-06-15", 6, jobs) };
    // Six months used half of it, though they asked for 18,000: as the paychecks spread it. So the year comes out at the limit.
    assert_eq!(saved(&plan)[5], "12250.00");
    assert_eq!(project_taxes(&plan, tables()).unwrap()[0].estimate.agi, money("215500.00")); // 240,000 − 24,500
    // A job that begins with the plan has taken nothing before.
    plan.incomes[0].start = Some(date("2026-07-01"));
    assert_eq!(saved(&plan)[5], "18000.00");
}

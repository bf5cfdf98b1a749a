//! Living on what was saved: withdrawals, required distributions, conversions, benefits, and their taxes, by hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod projection_support;

use domain::calendar::{Frequency, Month, PayFrequency};
use domain::ids::MemberId;
use domain::money::Money;
use domain::projection::{CalendarMode, Flag, FlowKind, Plan, PlanAccount, PlanFlow, PlanIncome, PlanMember, TaxYear, project_taxes};
use domain::vocabulary::{AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, WithdrawalOrder, WithdrawalSource};
use projection_support::*;
use uuid::Uuid;

const GROCERIES: FlowKind = FlowKind::Expense(ExpenseCategory::Groceries);

/// A single person of this birth date, in a still world.
fn born(birth: &str, checking: &str, months: u16) -> Plan {
    let mut plan = plan(checking, months);
    plan.filer.members[0].birth = Some(date(birth));
    plan
}

/// From one account to another in March 2026, once.
fn once(from: u128, to: u128, amount: &str) -> PlanFlow {
    let move_it = flow(1, FlowKind::Transfer, amount, Frequency::Annually);
    let (from, to) = (Some(account_id(from)), Some(account_id(to)));
    PlanFlow { start: date("2026-03-01"), end: Some(date("2026-03-31")), from, to, ..move_it }
}

fn tax_years(plan: &Plan) -> Vec<TaxYear> {
    project_taxes(plan, tables()).unwrap()
}

fn balances(plan: &Plan, account: u128) -> Vec<String> {
    series(&rows(plan), |row| row.balances.get(account_id(account)))
}

/// Born in 1951: 73 in 2024, when the divisor is 26.5.
fn required() -> Plan {
    let mut plan = Plan { start: Month::new(2024, 1).unwrap(), ..born("1951-03-10", "0.00", 24) };
    plan.accounts.push(account(2, AccountType::TraditionalIra, "500000.00"));
    plan
}

#[test]
fn what_the_law_requires_is_taken_out_in_december_and_taxed_in_april() {
    let rows = rows(&required());
    // 500,000 / 26.5 = 18,867.92; then 481,132.08 / 25.5 = 18,867.92.
    let ira = |month: usize| rows[month - 1].balances.get(account_id(2)).to_string();
    assert_eq!((ira(11), ira(12), ira(24)), ("500000.00".into(), "481132.08".into(), "462264.16".into()));
    let flagged: Vec<_> = rows.iter().filter(|row| row.flags.contains(&Flag::RequiredDistribution)).map(|row| row.month_number).collect();
    assert_eq!(flagged, [12, 24]);
    // 14,600 and 1,950 for the age: 2,317.92 are taxable, at 10 %.
    assert_eq!(rows[15].total_taxes, money("231.79"));
}

#[test]
fn what_was_withdrawn_during_the_year_counts_towards_what_is_required() {
    let mut plan = required();
    let (from, to) = (Some(account_id(2)), Some(CHECKING));
    plan.flows.push(PlanFlow { from, to, ..flow(1, FlowKind::Transfer, "1000.00", Frequency::Monthly) });
    // Twelve thousand were taken; 6,867.92 are left to take.
    assert_eq!(balances(&plan, 2)[10..12], ["489000.00", "481132.08"]);
}

#[test]
fn a_rollover_counts_towards_nothing_and_is_not_taxed() {
    let mut plan = Plan { calendar: CalendarMode::Exact, ..required() };
    plan.accounts.push(account(3, AccountType::Traditional401k, "0.00"));
    plan.flows.push(PlanFlow { start: date("2024-03-01"), end: Some(date("2024-03-31")), ..once(2, 3, "100000.00") });
    let rows = rows(&plan);
    assert_eq!(rows[11].balances.get(CHECKING), money("18867.92"));
    assert_eq!(rows[15].total_taxes, money("231.79"));
}

#[test]
fn distributions_are_required_of_each_member_from_their_own_accounts() {
    let mut plan = required();
    plan.filer.filing_status = FilingStatus::MarriedJointly;
    // Born in 1960: not before 75.
    let spouse = MemberId(Uuid::from_u128(2));
    plan.filer.members.push(PlanMember { id: spouse, birth: Some(date("1960-01-01")), retired: true });
    plan.accounts.push(PlanAccount { owner: Some(spouse), ..account(3, AccountType::Tsp, "300000.00") });
    plan.accounts.push(account(4, AccountType::RothIra, "200000.00"));
    let last = rows(&plan).remove(11);
    let left = [2, 3, 4].map(|number| last.balances.get(account_id(number)).to_string());
    assert_eq!(left, ["481132.08", "300000.00", "200000.00"]);
}

/// 62 years old, a thousand in each kind of account, a thousand spent a month.
fn living_on_savings() -> Plan {
    let mut plan = born("1964-01-10", "0.00", 5);
    let accounts = [AccountType::Brokerage, AccountType::Traditional401k, AccountType::RothIra, AccountType::Savings, AccountType::Hsa];
    plan.accounts.extend((2..).zip(accounts).map(|(number, account_type)| account(number, account_type, "1000.00")));
    plan.flows.push(flow(1, GROCERIES, "1000.00", Frequency::Monthly));
    plan
}

#[test]
fn cash_then_taxable_then_tax_deferred_then_roth_and_health_savings_never() {
    let plan = living_on_savings();
    let drawn_in = |account| balances(&plan, account).iter().position(|balance| balance == "0.00");
    assert_eq!([5, 2, 3, 4, 6].map(drawn_in), [Some(0), Some(1), Some(2), Some(3), None]);
    assert_eq!(rows(&plan)[4].balances.get(OVERDRAFT), money("1000.00"));
}

#[test]
fn the_order_of_withdrawals_is_the_plans() {
    let drawn_in = |order, account| {
        let plan = Plan { withdrawal_order: order, ..living_on_savings() };
        balances(&plan, account).iter().position(|balance| balance == "0.00").unwrap()
    };
    for order in WithdrawalOrder::ALL {
        // Cash in month 1, then the three in the order of the name.
        let accounts = order.sources().map(|source| match source {
            WithdrawalSource::Taxable => 2,
            WithdrawalSource::TaxDeferred => 3,
            WithdrawalSource::Roth => 4,
        });
        assert_eq!(accounts.map(|account| drawn_in(*order, account)), [1, 2, 3], "{order}");
        let name = order.sources().map(|source| format!("{source:?}").to_lowercase()).join("_");
        assert_eq!(order.as_str().replace("tax_deferred", "taxdeferred"), name);
    }
}

#[test]
fn a_worker_draws_retirement_accounts_from_the_month_of_59_and_a_half() {
    // Born in September 1966: 59½ in March 2026, when the account repays what was overdrawn before.
    let mut plan = born("1966-09-10", "0.00", 4);
    plan.accounts.push(account(2, AccountType::TraditionalIra, "9000.00"));
    plan.flows.push(flow(1, GROCERIES, "1000.00", Frequency::Monthly));
    assert_eq!(balances(&plan, 2), ["9000.00", "9000.00", "6000.00", "5000.00"]);
    assert_eq!(balances(&plan, 999), ["1000.00", "2000.00", "0.00", "0.00"]);
    assert!(tax_years(&plan)[0].liability.early_withdrawal_tax.is_zero());
}

#[test]
fn the_retired_draw_earlier_and_pay_a_tenth_on_top() {
    let mut plan = born("1976-01-10", "0.00", 16);
    plan.filer.members[0].retired = true;
    plan.accounts.push(account(2, AccountType::TraditionalIra, "100000.00"));
    plan.flows.push(flow(1, GROCERIES, "1000.00", Frequency::Monthly));
    // 12,000 of income lie within the standard deduction; the additional tax is 1,200.00, and is drawn too.
    let rows = rows(&plan);
    assert_eq!(rows[15].total_taxes, money("1200.00"));
    assert_eq!(rows[15].balances.get(account_id(2)), money("82800.00"));
    let year = &tax_years(&plan)[0];
    assert_eq!((year.estimate.agi, year.liability.early_withdrawal_tax), (money("12000.00"), money("1200.00")));
}

#[test]
fn money_taken_out_early_is_income_and_taxed_a_tenth_on_top() {
    let mut plan = Plan { calendar: CalendarMode::Exact, ..plan("0.00", 16) };
    plan.accounts.push(account(2, AccountType::Traditional401k, "50000.00"));
    plan.flows.push(once(2, 1, "30000.00"));
    // 30,000 − 16,100 = 13,900: 10 % of 12,400 and 12 % of 1,500 = 1,420.00; and 3,000.00.
    assert_eq!(rows(&plan)[15].total_taxes, money("4420.00"));
}

#[test]
fn what_was_put_into_a_roth_account_comes_out_first_and_untaxed() {
    let mut plan = Plan { calendar: CalendarMode::Exact, ..plan("0.00", 16) };
    plan.accounts.push(PlanAccount { cost_basis: Some(money("4000.00")), ..account(2, AccountType::RothIra, "50000.00") });
    plan.flows.push(once(2, 1, "10000.00"));
    let year = &tax_years(&plan)[0];
    assert_eq!((year.estimate.agi, year.liability.early_withdrawal_tax), (money("6000.00"), money("600.00")));
    plan.filer.members[0].birth = Some(date("1960-01-01"));
    assert_eq!(tax_years(&plan)[0].liability.total, Money::ZERO);
}

#[test]
fn a_conversion_to_roth_is_income_but_not_early_and_becomes_its_basis() {
    let mut plan = Plan { calendar: CalendarMode::Exact, ..plan("0.00", 16) };
    plan.accounts.push(account(2, AccountType::TraditionalIra, "50000.00"));
    plan.accounts.push(account(3, AccountType::RothIra, "0.00"));
    plan.flows.push(once(2, 3, "30000.00"));
    let year = &tax_years(&plan)[0];
    assert_eq!((year.estimate.agi, year.liability.total), (money("30000.00"), money("1420.00")));
    // Taken out at once, nothing more is taxed.
    plan.flows.push(PlanFlow { start: date("2026-04-01"), end: Some(date("2026-04-30")), ..once(3, 1, "30000.00") });
    assert_eq!(tax_years(&plan)[0].liability.total, money("1420.00"));
}

#[test]
fn what_leaves_an_investment_account_is_sold_with_its_part_of_the_basis() {
    let mut plan = Plan { calendar: CalendarMode::Exact, ..plan("0.00", 12) };
    let shares = PlanAccount { cost_basis: Some(money("40000.00")), ..account(2, AccountType::Brokerage, "100000.00") };
    plan.accounts.extend([shares, account(3, AccountType::Crypto, "0.00")]);
    // Half is sold: 50,000 less 20,000.
    plan.flows.push(once(2, 1, "50000.00"));
    assert_eq!(tax_years(&plan)[0].estimate.agi, money("30000.00"));
    // Moved within the household's investments first, it takes its basis along.
    plan.flows =
        vec![once(2, 3, "50000.00"), PlanFlow { start: date("2026-05-01"), end: Some(date("2026-05-31")), ..once(3, 1, "50000.00") }];
    assert_eq!(tax_years(&plan)[0].estimate.agi, money("30000.00"));
    // Of an unknown basis the opening balance is taken for it.
    plan.accounts[1].cost_basis = None;
    assert_eq!(tax_years(&plan)[0].estimate.agi, Money::ZERO);
}

#[test]
fn growth_is_taxed_when_it_is_sold_and_contributions_are_not() {
    let mut plan = Plan { calendar: CalendarMode::Exact, ..plan("50000.00", 12) };
    plan.accounts.push(PlanAccount { growth: Some(rate("0.2")), ..account(2, AccountType::Brokerage, "100000.00") });
    let put_in = PlanFlow { start: date("2026-01-01"), end: Some(date("2026-01-31")), ..once(1, 2, "20000.00") };
    let all_of_it = PlanFlow { start: date("2026-12-01"), end: Some(date("2026-12-31")), ..once(2, 1, "9999999.00") };
    plan.flows.extend([put_in, all_of_it]);
    // 120,000 growing for eleven months: 120,000 × 1.2^(11/12) = 141,828.68 by Python's decimal, give or take the cents of rounding.
    let gain = tax_years(&plan)[0].estimate.agi;
    assert!((gain - money("21828.68")).abs() <= money("0.06"), "{gain}");
}

/// Retired on 24,000 of Social Security and a pension of 30,000 a year.
fn on_benefits(start: (i32, u32), months: u16) -> Plan {
    let mut plan = Plan { start: Month::new(start.0, start.1).unwrap(), ..born("1960-06-15", "0.00", months) };
    let paid =
        |number, income_type, category, annual| PlanIncome { income_type, category, ..salary(number, annual, PayFrequency::Monthly) };
    plan.incomes = vec![
        paid(1, IncomeType::SocialSecurity, IncomeCategory::SocialSecurity, "24000.00"),
        paid(2, IncomeType::Retirement, IncomeCategory::Pension, "30000.00"),
    ];
    plan
}

#[test]
fn benefits_are_taxed_as_the_worksheet_has_it_in_a_whole_year_and_in_part_of_one() {
    // Provisional income 30,000 + 12,000 = 42,000. Half of 25,000 to 34,000: 4,500; 85 % of the 8,000 above: 6,800; below 85 % of
    // the benefits. Adjusted gross income 30,000 + 11,300.
    let whole = &tax_years(&on_benefits((2026, 1), 12))[0];
    assert_eq!(whole.estimate.agi, money("41300.00"));
    let part = &tax_years(&on_benefits((2026, 10), 3))[0];
    assert_eq!((part.estimate.agi, part.months), (money("41300.00"), 3));
    assert_eq!(part.liability.total, whole.liability.total.scaled(3, 12));
}

#[test]
fn benefits_rise_with_prices_and_a_pension_does_not() {
    let mut plan = on_benefits((2026, 1), 13);
    plan.assumptions.inflation = rate("0.03");
    let income = series(&rows(&plan), |row| row.total_income);
    assert_eq!((income[0].as_str(), income[12].as_str()), ("4500.00", "4560.00"));
}

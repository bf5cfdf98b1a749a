//! Wages: gross in, taxes, deductions and net pay out, to the cent. Withholding by IRS Publication 15-T (2026), percentage method.

use domain::calendar::{Frequency, PayFrequency};
use domain::flow_kind::FlowKind;
use domain::household::command::{IncomePatch, Intent};
use domain::household::error::Thing;
use domain::household::facts::{Income, Pay, Withholding};
use domain::household::{Event, HouseholdError};
use domain::ids::IncomeId;
use domain::system_flows::SourceType;
use domain::vocabulary::{AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, SystemFlowKind};

use super::support::*;
use SystemFlowKind::{FederalWithholding, GrossIncome, Medicare, NetPay, SocialSecurity};

const SLIP: [SystemFlowKind; 5] = [GrossIncome, SocialSecurity, Medicare, FederalWithholding, NetPay];

fn earning_at_acme(gross: &str) -> Home {
    given([opened("Ada"), salaried("Acme", gross)])
}

#[test]
fn a_salary_is_a_paycheck_to_the_cent() {
    // 96,000 / 26 = 3,692.31; × 6.2 % = 228.92; × 1.45 % = 53.54.
    // Federal: 26 × 3,692.31 − 8,600 = 87,400.06; 5,800 + 22 % × (87,400.06 − 57,900) = 12,290.01; / 26 = 472.69.
    assert_eq!(earning_at_acme("96000.00").paid(SLIP), ["3692.31", "228.92", "53.54", "472.69", "2937.16"]);
}

#[test]
fn gross_comes_into_payroll_clearing_and_net_leaves_it_for_the_main_account() {
    let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00"), salaried("Acme", "96000.00")]);
    let (clearing, state) = home.account_of_type(AccountType::PayrollClearing);
    assert!(state.opened_by_system);
    let (gross, net) = (home.flow(GrossIncome), home.flow(NetPay));
    assert_eq!((gross.from_account_id, gross.to_account_id), (None, Some(clearing)));
    assert_eq!((net.from_account_id, net.to_account_id), (Some(clearing), Some(id("Everyday"))));
    assert_eq!((gross.category, net.category), (FlowKind::Income(IncomeCategory::Salary), FlowKind::Transfer));
    for (kind, category) in [
        (FederalWithholding, ExpenseCategory::FederalIncomeTax),
        (SocialSecurity, ExpenseCategory::SocialSecurityTax),
        (Medicare, ExpenseCategory::MedicareTax),
    ] {
        let tax = home.flow(kind);
        assert_eq!((tax.category, tax.from_account_id, tax.to_account_id), (FlowKind::Expense(category), Some(clearing), None));
    }
}

#[test]
fn a_flow_says_what_it_was_derived_from_and_when_it_begins_and_ends() {
    let until = Income { end_date: Some(date("2027-06-30")), ..salary("Acme", "96000.00") };
    let net = given([opened("Ada"), earning(until)]).flow(NetPay);
    assert_eq!((net.source.source_type, net.source.id), (SourceType::IncomeSource, id::<IncomeId>("Acme").0));
    assert_eq!((net.start_date, net.end_date), (date("2026-01-01"), Some(date("2027-06-30"))));
    assert_eq!((net.frequency, net.member_id, net.name.as_str()), (Frequency::Biweekly, Some(id("Ada")), "Acme: net pay"));
}

/// The predecessor showed a new salary beside old flows for up to 30 seconds.
#[test]
fn a_raise_and_its_new_paycheck_are_one_batch() {
    let home = earning_at_acme("96000.00").when(raise("Acme", "104000.00")).then(["income_source.changed", "system_flows.generated"]);
    // 104,000 − 8,600 = 95,400; 5,800 + 22 % × 37,500 = 14,050; / 26 = 540.38.
    assert_eq!(home.paid(SLIP), ["4000.00", "248.00", "58.00", "540.38", "3153.62"]);
}

#[test]
fn a_raise_says_what_was_before_and_changes_the_flows_it_touches_without_replacing_them() {
    let home = earning_at_acme("96000.00").when(raise("Acme", "104000.00")).done();
    let [.., Event::IncomeSourceChanged { was, income, .. }, Event::SystemFlowsGenerated { added, changed, removed }] = &home.events[..]
    else {
        panic!("{:#?}", home.events)
    };
    assert_eq!((was.pay.annual(), income.pay.annual()), (money("96000.00"), money("104000.00")));
    assert_eq!((added.len(), changed.len(), removed.len()), (0, 5, 0));
    assert!(changed.iter().all(|flow| flow.now.id == flow.was.id && flow.now.amount > flow.was.amount));
}

#[test]
fn a_change_that_changes_nothing_appends_nothing() {
    earning_at_acme("96000.00").when(raise("Acme", "96000.00")).then([]);
    earning_at_acme("96000.00").when(w4("Acme", Withholding::default())).then([]);
}

#[test]
fn regenerating_when_nothing_changed_appends_nothing() {
    earning_at_acme("96000.00").when(Intent::RegenerateFlows).then([]);
}

#[test]
fn regenerating_mends_flows_that_were_lost() {
    let mut home = earning_at_acme("96000.00");
    let lost = home.events.pop().unwrap();
    assert_eq!(lost.name(), "system_flows.generated");
    let home = home.when(Intent::RegenerateFlows).then(["system_flows.generated"]);
    assert_eq!(home.events.last(), Some(&lost));
}

#[test]
fn another_name_renames_the_flows_and_moves_no_money() {
    let patch = IncomePatch { name: Some(name("Acme Inc.")), ..Default::default() };
    let home = earning_at_acme("96000.00").when(changed_income("Acme", patch)).then(["income_source.changed", "system_flows.generated"]);
    assert_eq!(home.flow(NetPay).name, "Acme Inc.: net pay");
    assert_eq!(home.flow(NetPay).amount, money("2937.16"));
}

#[test]
fn an_income_that_is_removed_or_paused_takes_its_flows_along() {
    let home = earning_at_acme("96000.00");
    let removed = home.when(Intent::RemoveIncome { id: id("Acme") }).then(["income_source.removed", "system_flows.generated"]);
    let patch = IncomePatch { active: Some(false), ..Default::default() };
    let paused = home.when(changed_income("Acme", patch)).then(["income_source.changed", "system_flows.generated"]);
    for home in [removed, paused] {
        assert_eq!(home.state().system_flows.len(), 0);
    }
}

#[test]
fn an_income_of_nothing_has_no_flows() {
    given([opened("Ada")]).when(salaried("Acme", "0.00")).then(["income_source.added"]);
}

#[test]
fn every_pay_frequency_divides_the_year() {
    for (pay_frequency, gross) in [
        (PayFrequency::Weekly, "1846.15"),
        (PayFrequency::Biweekly, "3692.31"),
        (PayFrequency::Semimonthly, "4000.00"),
        (PayFrequency::Monthly, "8000.00"),
    ] {
        let flow = given([opened("Ada"), earning(Income { pay_frequency, ..salary("Acme", "96000.00") })]).flow(GrossIncome);
        assert_eq!((flow.amount, flow.frequency), (money(gross), pay_frequency.frequency()));
    }
}

#[test]
fn hourly_wages_are_rate_times_hours_and_a_new_rate_keeps_the_hours() {
    let pay = Pay::Hourly { hourly_rate: money("25.00"), expected_annual_hours: 1040 };
    let home = given([opened("Ada"), earning(Income { income_type: IncomeType::W2Hourly, pay, ..salary("Shop", "0") })]);
    // 25.00 × 1,040 / 26 = 1,000.00
    assert_eq!(home.flow(GrossIncome).amount, money("1000.00"));
    assert_eq!(home.flow(GrossIncome).category, FlowKind::Income(IncomeCategory::HourlyWages));
    let home = home.and([changed_income("Shop", IncomePatch { hourly_rate: Some(money("26.00")), ..Default::default() })]);
    assert_eq!(home.flow(GrossIncome).amount, money("1040.00"));
}

#[test]
fn what_is_no_wage_goes_straight_into_the_main_account_untaxed() {
    for (income_type, category) in [
        (IncomeType::Rental, IncomeCategory::RentalIncome),
        (IncomeType::Investment, IncomeCategory::Dividends),
        (IncomeType::Retirement, IncomeCategory::RetirementDistribution),
        (IncomeType::SocialSecurity, IncomeCategory::SocialSecurity),
        (IncomeType::Other, IncomeCategory::OtherIncome),
    ] {
        let income = Income { income_type, pay_frequency: PayFrequency::Monthly, ..salary("Source", "24000.00") };
        let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00"), earning(income)]);
        let flow = home.flow(GrossIncome);
        assert_eq!((flow.amount, flow.category), (money("2000.00"), FlowKind::Income(category)));
        assert_eq!((flow.to_account_id, home.state().system_flows.len()), (Some(id("Everyday")), 1));
    }
}

#[test]
fn the_w4_decides_about_withholding() {
    let withheld = |form: Withholding| earning_at_acme("104000.00").and([w4("Acme", form)]).flow(FederalWithholding).amount.to_string();
    // Step 2 checkbox, single: 104,000; 8,983 + 24 % × (104,000 − 60,900) = 19,327; / 26.
    assert_eq!(withheld(Withholding { multiple_jobs: true, ..Default::default() }), "743.35");
    // Two children and one other dependent: (14,050 − 2 × 2,200 − 500) / 26.
    assert_eq!(withheld(Withholding { qualifying_children: 2, other_dependents: 1, ..Default::default() }), "351.92");
    // Step 3 as an amount goes before the counts: (14,050 − 1,000) / 26.
    assert_eq!(withheld(Withholding { qualifying_children: 2, credits: Some(money("1000")), ..Default::default() }), "501.92");
    // 104,000 + 5,200 − 2,600 − 8,600 = 98,000; 5,800 + 22 % × 40,100 = 14,622; / 26 = 562.38; + 50.
    let steps_4 =
        Withholding { other_income: money("5200"), deductions: money("2600"), extra_withholding: money("50"), ..Default::default() };
    assert_eq!(withheld(steps_4), "612.38");
    // Head of household: 104,000 − 8,600 = 95,400; 7,740 + 22 % × (95,400 − 83,000) = 10,468; / 26.
    let head = Withholding { filing_status: Some(FilingStatus::HeadOfHousehold), ..Default::default() };
    assert_eq!(withheld(head), "402.62");
}

#[test]
fn extra_withholding_takes_the_pay_to_zero_and_not_below() {
    let all = Withholding { extra_withholding: money("99999.00"), ..Default::default() };
    let home = earning_at_acme("104000.00").and([w4("Acme", all)]);
    // 4,000 − 248 − 58 is all that is left to withhold.
    assert_eq!(home.paid(SLIP), ["4000.00", "248.00", "58.00", "3694.00", "0.00"]);
}

#[test]
fn above_the_wage_base_a_year_s_payroll_taxes_are_spread_over_its_periods() {
    // Social Security: 184,500 × 6.2 % = 11,439.00 / 26. Medicare: 260,000 × 1.45 % + 60,000 × 0.9 % = 4,310.00 / 26.
    assert_eq!(earning_at_acme("260000.00").paid([SocialSecurity, Medicare]), ["439.96", "165.77"]);
}

#[test]
fn two_earners_are_two_paychecks_through_one_clearing_account() {
    let bo = Income { member_id: Some(id("Bo")), ..salary("Zinc", "104000.00") };
    let home = earning_at_acme("96000.00").and([joined("Bo", domain::vocabulary::Relationship::Spouse), earning(bo)]);
    home.account_of_type(AccountType::PayrollClearing);
    assert_eq!(home.amounts(NetPay), ["2937.16", "3153.62"]);
}

#[test]
fn everything_that_is_wrong_with_an_income_is_said_at_once() {
    let wrong = Income { member_id: Some(id("Nobody")), end_date: Some(date("2025-12-31")), ..salary("Acme", "-1.00") };
    let form = Withholding { credits: Some(money("-1")), extra_withholding: money("-1"), qualifying_children: 100, ..Default::default() };
    let intent = Intent::AddIncome { id: id("Acme"), income: wrong, withholding: Some(form) };
    given([opened("Ada")]).when(intent).then_invalid([
        ("member_id", "unknown_member"),
        ("gross_annual_salary", "negative"),
        ("end_date", "ends_before_start"),
        ("w4.credits", "negative"),
        ("w4.extra_withholding", "negative"),
        ("w4.qualifying_children", "out_of_range"),
    ]);
}

#[test]
fn an_income_that_is_not_there_is_named() {
    let refusal = given([opened("Ada")]).when(raise("Acme", "1.00")).refused();
    assert_eq!(refusal, HouseholdError::NotFound { thing: Thing::IncomeSource, id: id::<IncomeId>("Acme").0 });
}

//! Incomes that begin, become others and stop.

use domain::calendar::{Frequency, PayFrequency};
use domain::household::facts::{FlowKind, Pay};
use domain::ids::{FlowId, IncomeId};
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::*;
use domain::projection::changes::parameter::OneMember;
use domain::projection::changes::words::{Employment, TaxTreatment};
use domain::vocabulary::{AccountType, IncomeCategory, IncomeType, PretaxDeductionType};

use super::super::support::*;
use super::*;

/// Ada, with 96,000 at Acme and 4,000 in her checking account.
fn ada() -> Home {
    given([opened("Ada"), holds("Checking", AccountType::Checking, "4000.00"), salaried("Acme", "96000.00"), scenario("What if")])
}

fn added(amount: &str, frequency: Frequency, category: IncomeCategory, tax_treatment: TaxTreatment) -> ChangeKind {
    ChangeKind::AddIncome(AddIncome { amount: money(amount), frequency, category, tax_treatment, member_id: Some(OneMember(id("Ada"))) })
}

fn modified(amount: &str) -> ModifyIncome {
    ModifyIncome { amount: Some(money(amount)), frequency: None, category: None, tax_treatment: None }
}

#[test]
fn a_new_job_is_a_source_of_income_from_its_day_on() {
    let job = added("2000.00", Frequency::Biweekly, IncomeCategory::Salary, TaxTreatment::W2);
    let home = ada().and([change("Beta", "2027-02-15", None, job), until("Beta", "2029-06-30")]);
    let after = becomes_real(&home, ["income_source.added"]);
    let told = after.state().incomes.get(&made::<IncomeId>(1)).unwrap().income.clone();
    assert_eq!((told.name.as_str(), told.income_type, told.member_id), ("Beta", IncomeType::W2, Some(id("Ada"))));
    // 26 × 2,000.00
    assert_eq!((told.pay.annual(), told.pay_frequency), (money("52000.00"), PayFrequency::Biweekly));
    assert_eq!((told.start_date, told.end_date), (date("2027-02-15"), Some(date("2029-06-30"))));
}

#[test]
fn a_job_that_a_scenario_has_had_since_spring_is_said_to_begin_this_month() {
    // Written in April; monthly on the 20th.
    let job = added("500.00", Frequency::Monthly, IncomeCategory::SelfEmployment, TaxTreatment::SelfEmployed);
    let home = ada().on("2026-04-02").and([change("Shop", "2026-04-20", None, job)]).on(TODAY);
    let after = becomes_real(&home, ["income_source.added"]);
    let told = after.state().incomes.get(&made::<IncomeId>(1)).unwrap().income.clone();
    assert_eq!((told.start_date, told.income_type), (date("2026-11-20"), IncomeType::SelfEmployed));
}

#[test]
fn an_untaxed_income_is_a_flow() {
    let support = added("300.00", Frequency::Monthly, IncomeCategory::ChildSupportReceived, TaxTreatment::Untaxed);
    let after = becomes_real(&ada().and([change("Support", "2026-12-05", None, support)]), ["flow.added"]);
    let told = after.state().flows.get(&made::<FlowId>(1)).unwrap().clone();
    assert_eq!((told.kind, told.amount), (FlowKind::Income(IncomeCategory::ChildSupportReceived), money("300.00")));
}

#[test]
fn what_no_source_of_income_can_say_stays_a_plan() {
    let bonus = added("300.00", Frequency::Monthly, IncomeCategory::Bonus, TaxTreatment::W2);
    let quarterly = added("300.00", Frequency::Quarterly, IncomeCategory::Salary, TaxTreatment::W2);
    let dividends = added("300.00", Frequency::Monthly, IncomeCategory::Dividends, TaxTreatment::Untaxed);
    let home = ada().and([
        change("Bonus", "2026-12-01", None, bonus),
        change("Quarterly", "2026-12-01", None, quarterly),
        change("Dividends", "2026-12-01", None, dividends),
    ]);
    stays_a_plan(&home, [("Bonus", "not_sayable"), ("Quarterly", "not_sayable"), ("Dividends", "not_sayable")]);
}

#[test]
fn a_raise_of_today_is_the_same_job_with_another_pay() {
    let home = ada().and([change("Raise", "2026-11-01", income("Acme"), ChangeKind::ModifyIncome(modified("104000.00")))]);
    let after = becomes_real(&home, ["income_source.changed"]);
    let told = after.state().incomes.get(&id("Acme")).unwrap().income.clone();
    assert_eq!((told.pay, told.end_date), (Pay::Salary { gross_annual_salary: money("104000.00") }, None));
}

#[test]
fn a_raise_said_as_an_amount_a_year_leaves_the_paydays_as_they_are() {
    let a_year = ModifyIncome { frequency: Some(Frequency::Annually), ..modified("104000.00") };
    let home = ada().and([change("Raise", "2026-11-01", income("Acme"), ChangeKind::ModifyIncome(a_year))]);
    let after = becomes_real(&home, ["income_source.changed"]);
    let told = after.state().incomes.get(&id("Acme")).unwrap().income.clone();
    assert_eq!((told.pay, told.pay_frequency), (Pay::Salary { gross_annual_salary: money("104000.00") }, PayFrequency::Biweekly));
}

#[test]
fn a_raise_of_next_summer_ends_the_job_before_and_goes_on_with_the_same_deductions() {
    let saving = deduction(PretaxDeductionType::Traditional401k, percent("0.05"));
    let home =
        ada().and([deducted(saving), change("Raise", "2027-07-10", income("Acme"), ChangeKind::ModifyIncome(modified("104000.00")))]);
    let after = becomes_real(&home, ["income_source.added", "pretax_deduction.added", "income_source.changed"]);
    let state = after.state();
    let (was, goes_on) = (&state.incomes[&id("Acme")], &state.incomes[&made::<IncomeId>(1)]);
    assert_eq!(was.income.end_date, Some(date("2027-06-30")));
    assert_eq!((goes_on.income.pay.annual(), goes_on.income.name.as_str()), (money("104000.00"), "Acme"));
    // Every other Thursday since 1 January 2026: the 39th after it is 1 July 2027 (546 days).
    assert_eq!(goes_on.income.start_date, date("2027-07-01"));
    assert_eq!(goes_on.pretax_deductions.len(), 1);
}

#[test]
fn a_second_raise_is_one_of_the_job_that_goes_on_and_so_is_one_of_another_plan() {
    let raised = |amount| ChangeKind::ModifyIncome(modified(amount));
    let home = ada().and([
        scenario("Other"),
        change_of("Other", "Quit", "2027-10-01", income("Acme"), ChangeKind::RemoveIncome(RemoveIncome {})),
        change_of("Other", "Leave", "2027-02-01", income("Acme"), ChangeKind::RemoveIncome(RemoveIncome {})),
        change("Raise", "2027-04-01", income("Acme"), raised("104000.00")),
        change("Second", "2027-08-01", income("Acme"), raised("112000.00")),
    ]);
    let after = becomes_real(&home, ["income_source.added", "income_source.changed", "income_source.added", "income_source.changed"]);
    let state = after.state();
    let of = |id: IncomeId| (state.incomes[&id].income.pay.annual(), state.incomes[&id].income.end_date);
    assert_eq!(of(id("Acme")), (money("96000.00"), Some(date("2027-03-31"))));
    assert_eq!(of(made(1)), (money("104000.00"), Some(date("2027-07-31"))));
    assert_eq!(of(made(2)), (money("112000.00"), None));
    let about = |called: &str| state.scenario_changes[&id("Other")][&change_id(called)].source;
    assert_eq!((about("Quit"), about("Leave")), (Some(Source::Income(made(2))), income("Acme")));
}

#[test]
fn a_leave_is_a_gap_between_two_jobs() {
    let home =
        ada().and([change("Leave", "2027-03-01", income("Acme"), ChangeKind::RemoveIncome(RemoveIncome {})), until("Leave", "2027-05-31")]);
    let after = becomes_real(&home, ["income_source.added", "income_source.changed"]);
    let state = after.state();
    assert_eq!(state.incomes[&id("Acme")].income.end_date, Some(date("2027-02-28")));
    assert_eq!(state.incomes[&made::<IncomeId>(1)].income.start_date.to_string()[..7], *"2027-06");
}

#[test]
fn a_job_that_stops_with_this_month_ended_with_the_last_one() {
    let home = ada().and([change("Quit", "2026-11-10", income("Acme"), ChangeKind::RemoveIncome(RemoveIncome {}))]);
    let after = becomes_real(&home, ["income_source.changed"]);
    assert_eq!(after.state().incomes[&id("Acme")].income.end_date, Some(date("2026-10-31")));
}

#[test]
fn a_job_that_becomes_a_business_loses_what_was_deducted() {
    let home = ada().and([
        deducted(deduction(PretaxDeductionType::HealthInsurance, fixed("100.00"))),
        change("Freelance", TODAY, income("Acme"), ChangeKind::SwitchEmploymentType(SwitchEmploymentType { to: Employment::SelfEmployed })),
    ]);
    let after = becomes_real(&home, ["pretax_deduction.removed", "income_source.changed"]);
    assert_eq!(after.state().incomes[&id("Acme")].income.income_type, IncomeType::SelfEmployed);
}

//! What is taken out of pay.

use domain::household::facts::DeductionAmount;
use domain::ids::DeductionId;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::*;
use domain::projection::changes::words::DeductionWord;
use domain::vocabulary::{AccountType, IncomeType, PretaxDeductionType};

use super::super::support::*;
use super::*;

fn ada() -> Home {
    given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "4000.00"),
        holds("Plan", AccountType::Traditional401k, "10000.00"),
        salaried("Acme", "78000.00"),
        deducted(deduction(PretaxDeductionType::Traditional401k, percent("0.05"))),
        scenario("What if"),
    ])
}

fn to_401k(percentage: &str) -> ChangeKind {
    ChangeKind::Modify401k(Modify401k { percentage: rate(percentage), income_id: None })
}

#[test]
fn another_contribution_is_the_same_deduction_of_another_part() {
    let after = becomes_real(&ada().and([change("More", TODAY, None, to_401k("0.08"))]), ["pretax_deduction.changed"]);
    let told = after.state().incomes[&id("Acme")].pretax_deductions[&id("traditional_401k")].clone();
    assert_eq!(told.amount, percent("0.08"));
}

#[test]
fn a_contribution_of_next_year_is_told_next_year() {
    let home = ada().and([change("More", "2027-01-01", None, to_401k("0.08"))]);
    stays_a_plan(&home, [("More", "future")]);
    becomes_real(&home.on("2027-01-01"), ["pretax_deduction.changed"]);
}

#[test]
fn savings_for_health_need_an_account_to_go_to() {
    let save = ChangeKind::ModifyHsa(ModifyHsa { percentage: rate("0.02"), income_id: None });
    let home = ada().and([change("Health", TODAY, None, save)]);
    stays_a_plan(&home, [("Health", "not_sayable")]);
    let home = home.and([holds("Health account", AccountType::Hsa, "500.00")]);
    let after = becomes_real(&home, ["pretax_deduction.added"]);
    let told = after.state().incomes[&id("Acme")].pretax_deductions[&made::<DeductionId>(1)].clone();
    assert_eq!((told.deduction_type, told.target_account_id), (PretaxDeductionType::Hsa, Some(id("Health account"))));
}

#[test]
fn an_amount_a_month_is_one_of_each_paycheck_where_cents_allow() {
    let premium = |amount: &str| {
        let deduction_type = DeductionWord::parse("dental_insurance").unwrap();
        ChangeKind::ModifyDeductions(ModifyDeductions { deduction_type, amount: money(amount), income_id: None })
    };
    // 12 × 65.00 = 26 × 30.00
    let after = becomes_real(&ada().and([change("Teeth", TODAY, None, premium("65.00"))]), ["pretax_deduction.added"]);
    let told = after.state().incomes[&id("Acme")].pretax_deductions[&made::<DeductionId>(1)].clone();
    assert_eq!(told.amount, DeductionAmount::Fixed(money("30.00")));
    stays_a_plan(&ada().and([change("Teeth", TODAY, None, premium("60.00"))]), [("Teeth", "not_sayable")]);
}

#[test]
fn more_that_is_withheld_is_a_line_of_the_form() {
    let more = ChangeKind::ModifyWithholding(ModifyWithholding { extra_monthly: money("130.00"), income_id: None });
    // 12 × 130.00 = 26 × 60.00
    let after = becomes_real(&ada().and([change("Withheld", TODAY, None, more)]), ["withholding.changed"]);
    assert_eq!(after.state().incomes[&id("Acme")].withholding.extra_withholding, money("60.00"));
}

#[test]
fn estimates_are_those_of_the_first_business() {
    let shop = domain::household::facts::Income { income_type: IncomeType::SelfEmployed, ..salary("Shop", "40000.00") };
    let pay = || ChangeKind::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount: money("1500.00") });
    let home = ada().and([earning(shop), change("Ahead", TODAY, None, pay())]);
    let after = becomes_real(&home, ["self_employment.changed"]);
    let own = after.state().incomes[&id("Shop")].self_employment.clone().unwrap();
    assert_eq!(own.quarterly_estimates, Some([money("1500.00"); 4]));
    // Without a business they are paid as a flow, from any day on.
    becomes_real(&ada().and([change("Ahead", "2027-04-15", None, pay())]), ["flow.added"]);
}

//! What changes do to the tax years of a plan: the same as to its months.

use domain::calendar::PayFrequency;
use domain::money::Money;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{RemoveIncome, SellAsset};
use domain::projection::{Plan, PlanAccount, TaxYear, project_taxes};
use domain::vocabulary::AccountType;

use crate::projection_support::{account as owned, money, plan, rows, salary, tables};
use crate::support::{account, change, income, with};

fn tax_years(plan: &Plan) -> Vec<TaxYear> {
    project_taxes(plan, tables()).unwrap()
}

/// All that the months book as taxes is what the years say was paid, and what was settled within the plan.
fn assert_years_are_those_of_the_rows(plan: &Plan) {
    let booked: Money = rows(plan).iter().map(|row| row.total_taxes).sum();
    let told = |year: &TaxYear| year.paid.total + if year.settlement.is_booked { year.settlement.total } else { Money::ZERO };
    assert_eq!(tax_years(plan).iter().map(told).sum::<Money>(), booked);
}

#[test]
fn the_tax_years_of_a_plan_know_an_income_that_ends() {
    let mut employed = plan("0.00", 28);
    employed.incomes.push(salary(1, "96000.00", PayFrequency::Monthly));
    let quits = with(&employed, [change("2026-07-01", income(1), ChangeKind::RemoveIncome(RemoveIncome {}))]);
    let agi = |plan: &Plan| tax_years(plan).iter().map(|year| year.estimate.agi.to_string()).collect::<Vec<_>>();
    assert_eq!(agi(&employed)[..2], ["96000.00", "96000.00"]);
    // Six months of 8,000 in the first year, and nothing in the second.
    assert_eq!(agi(&quits)[..2], ["48000.00", "0.00"]);
    // 48,000 − 16,100 = 31,900: 1,240.00 and 12 % of 19,500.
    assert_eq!(tax_years(&quits)[0].liability.federal_income_tax, money("3580.00"));
    assert_years_are_those_of_the_rows(&employed);
    assert_years_are_those_of_the_rows(&quits);
}

#[test]
fn the_gain_of_a_home_that_a_change_sells_is_taxed_in_its_year_above_the_exclusion() {
    let mut owner = plan("0.00", 16);
    let home = PlanAccount { cost_basis: Some(money("200000.00")), ..owned(2, AccountType::PrimaryResidence, "600000.00") };
    owner.accounts.push(home);
    let sells = SellAsset {
        sale_price: Some(money("650000.00")),
        selling_costs: Some(money("39000.00")),
        pay_off_account_id: None,
        gain_tax: None,
    };
    let sold = with(&owner, [change("2026-03-01", account(2), ChangeKind::SellAsset(sells))]);
    // 650,000 − 39,000 − 200,000 − 250,000 = 161,000; less 16,100, nothing up to 49,450, 15 % of 95,450.
    assert_eq!(tax_years(&sold)[0].liability.total, money("14317.50"));
    assert_eq!(rows(&sold)[15].total_taxes, money("14317.50"), "April of the next year");
    assert_years_are_those_of_the_rows(&sold);
}

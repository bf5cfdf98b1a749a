//! What comes in.

use domain::calendar::{Frequency, Month, PayFrequency};
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{AddIncome, AdjustTotalIncome, LumpSumIncome, ModifyIncome, RemoveIncome, SwitchEmploymentType};
use domain::projection::changes::words::{AdjustMode, Employment, TaxTreatment};
use domain::projection::{Assumptions, FlowKind, Plan};
use domain::vocabulary::{ExpenseCategory, IncomeCategory};

use crate::projection_support::{flow, money, plan, rate, salary, series};
use crate::support::{change, changed, difference, income, until};

const NOTHING: ModifyIncome = ModifyIncome { amount: None, frequency: None, category: None, tax_treatment: None };

/// Somebody who earns 60,000 a year, 5,000 a month.
fn employed(months: u16) -> Plan {
    let mut plan = plan("10000.00", months);
    plan.incomes.push(salary(1, "60000.00", PayFrequency::Monthly));
    plan
}

fn adding(amount: &str, frequency: Frequency, category: IncomeCategory, tax_treatment: TaxTreatment) -> ChangeKind {
    ChangeKind::AddIncome(AddIncome { amount: money(amount), frequency, category, tax_treatment, member_id: None })
}

#[test]
fn an_added_income_comes_from_its_first_to_its_last_month() {
    let gift = adding("1000.00", Frequency::Monthly, IncomeCategory::OtherIncome, TaxTreatment::Untaxed);
    let rows = changed(&plan("0.00", 6), [until("2026-05-02", change("2026-03-20", None, gift))]);
    assert_eq!(series(&rows, |row| row.total_income), ["0.00", "0.00", "1000.00", "1000.00", "1000.00", "0.00"]);
    assert_eq!(series(&rows, |row| row.total_taxes)[..6], ["0.00"; 6]);
    assert_eq!(rows[5].net_worth, money("3000.00"));
}

#[test]
fn an_added_job_is_paid_through_payroll() {
    // 26 x 2,000 = 52,000 a year, 4,333.33 a month; 6.2 % of it is 268.67, 1.45 % is 62.83.
    let job = adding("2000.00", Frequency::Biweekly, IncomeCategory::Salary, TaxTreatment::W2);
    let row = &changed(&plan("0.00", 1), [change("2026-01-01", None, job)])[0];
    assert_eq!(row.total_income, money("4333.33"));
    assert_eq!(row.taxes_by_category.get(ExpenseCategory::SocialSecurityTax), money("268.67"));
    assert_eq!(row.taxes_by_category.get(ExpenseCategory::MedicareTax), money("62.83"));
    assert_eq!(row.liquid_assets, money("4333.33") - row.total_taxes);
}

#[test]
fn a_modified_income_becomes_another_and_then_what_it_would_have_been() {
    // Salaries grow by a tenth in month 13: 72,000 becomes 79,200 (6,600 a month), and what it would have been 66,000 (5,500).
    let plan = Plan { assumptions: Assumptions { salary_growth: rate("0.10"), ..employed(1).assumptions }, ..employed(15) };
    let raise = ModifyIncome { amount: Some(money("72000.00")), frequency: Some(Frequency::Annually), ..NOTHING };
    let rows = changed(&plan, [until("2027-02-28", change("2026-12-01", income(1), ChangeKind::ModifyIncome(raise)))]);
    assert_eq!(series(&rows, |row| row.total_income)[10..], ["5000.00", "6000.00", "6600.00", "6600.00", "5500.00"]);
}

#[test]
fn an_amount_without_a_frequency_is_told_as_the_source_tells_it() {
    let raise = ChangeKind::ModifyIncome(ModifyIncome { amount: Some(money("72000.00")), ..NOTHING });
    assert_eq!(changed(&employed(1), [change("2026-01-01", income(1), raise)])[0].total_income, money("6000.00"));
    let mut plan = plan("0.00", 1);
    plan.flows.push(flow(1, FlowKind::Income(IncomeCategory::ChildSupportReceived), "400.00", Frequency::Monthly));
    let more =
        ChangeKind::ModifyIncome(ModifyIncome { amount: Some(money("450.00")), category: Some(IncomeCategory::TrustIncome), ..NOTHING });
    let row = &changed(&plan, [change("2026-01-01", crate::support::flow(1), more)])[0];
    assert_eq!((row.total_income, row.income_by_category.get(IncomeCategory::TrustIncome)), (money("450.00"), money("450.00")));
}

#[test]
fn an_income_that_is_no_longer_taxed_arrives_whole() {
    let untaxed = ChangeKind::ModifyIncome(ModifyIncome { tax_treatment: Some(TaxTreatment::Untaxed), ..NOTHING });
    let row = &changed(&employed(1), [change("2026-01-01", income(1), untaxed)])[0];
    assert_eq!((row.total_taxes, row.liquid_assets), (money("0.00"), money("15000.00")));
}

#[test]
fn a_flow_that_becomes_a_wage_goes_through_payroll() {
    let mut plan = plan("0.00", 2);
    plan.flows.push(flow(1, FlowKind::Income(IncomeCategory::Salary), "1000.00", Frequency::Monthly));
    let wage = ChangeKind::ModifyIncome(ModifyIncome { tax_treatment: Some(TaxTreatment::W2), ..NOTHING });
    let rows = changed(&plan, [until("2026-01-31", change("2026-01-01", crate::support::flow(1), wage))]);
    assert_eq!(series(&rows, |row| row.total_income), ["1000.00", "1000.00"]);
    // 6.2 % and 1.45 % of 1,000; a twelfth of 12,000 a year bears no income tax.
    assert_eq!(series(&rows, |row| row.total_taxes), ["76.50", "0.00"]);
}

#[test]
fn a_removed_income_stops_and_comes_back() {
    let gone = ChangeKind::RemoveIncome(RemoveIncome {});
    let rows = changed(&employed(4), [until("2026-03-15", change("2026-02-01", income(1), gone))]);
    assert_eq!(series(&rows, |row| row.total_income), ["5000.00", "0.00", "0.00", "5000.00"]);
    assert_eq!(series(&rows, |row| row.total_taxes)[1..3], ["0.00", "0.00"]);
}

#[test]
fn a_job_that_becomes_a_business_is_taxed_as_one() {
    let own = ChangeKind::SwitchEmploymentType(SwitchEmploymentType { to: Employment::SelfEmployed });
    let rows = changed(&employed(2), [change("2026-02-01", income(1), own)]);
    assert_eq!(rows[1].income_by_category.get(IncomeCategory::SelfEmployment), money("5000.00"));
    assert_eq!(rows[0].taxes_by_category.get(ExpenseCategory::SocialSecurityTax), money("310.00"));
    assert_eq!(rows[1].taxes_by_category.get(ExpenseCategory::SocialSecurityTax), money("0.00"));
    assert!(rows[1].taxes_by_category.get(ExpenseCategory::EstimatedTax).is_positive());
}

#[test]
fn a_lump_sum_comes_in_once() {
    let inheritance = ChangeKind::LumpSumIncome(LumpSumIncome { amount: money("25000.00"), tax_treatment: TaxTreatment::Untaxed });
    let differs = difference(&employed(3), [change("2026-02-10", None, inheritance)], |row| row.net_worth);
    assert_eq!(differs, ["0.00", "25000.00", "25000.00"]);
}

#[test]
fn a_bonus_is_taxed_in_april_of_the_next_year() {
    let bonus = ChangeKind::LumpSumIncome(LumpSumIncome { amount: money("10000.00"), tax_treatment: TaxTreatment::W2 });
    let differs = difference(&employed(16), [change("2026-02-10", None, bonus)], |row| row.net_worth);
    assert_eq!((differs[1].as_str(), differs[14].as_str()), ("10000.00", "10000.00"));
    // A single person's 60,000 less 16,100 is 43,900: 10,000 more reach from the 12 % bracket (to 50,400) into that of 22 %: 6,500 at
    // 12 % are 780.00, 3,500 at 22 % are 770.00; Social Security and Medicare take 765.00. Together 2,315.00.
    assert_eq!(differs[15], "7685.00");
}

#[test]
fn what_comes_once_in_the_last_months_of_a_year_counts_once_for_its_taxes() {
    // A plan from October 2026: 15,000 of wages in three months, of a year of 60,000. 10,000 more in November are 10,000 more on that
    // year's return, not 40,000; and the plan answers for all of their tax: as above 2,315.00, in April (month 7).
    let late = Plan { start: Month::new(2026, 10).unwrap(), ..employed(7) };
    let bonus = |tax_treatment| ChangeKind::LumpSumIncome(LumpSumIncome { amount: money("10000.00"), tax_treatment });
    let differs = |tax_treatment| difference(&late, [change("2026-11-10", None, bonus(tax_treatment))], |row| row.net_worth);
    assert_eq!(differs(TaxTreatment::W2)[5..], ["10000.00", "7685.00"]);
    // Of 10,000 of profit 92.35 % bear 15.3 %: 9,235.00 bear 1,412.96 (rounded as 1,145.14 of Social Security and 267.82 of Medicare),
    // of which half, 706.48, lowers the income. A fifth of what is left, 9,293.52, is deducted for the business (26 U.S.C. § 199A):
    // 1,858.70. 10,000 − 706.48 − 1,858.70 = 7,434.82 of income: 6,500 at 12 % are 780.00, 934.82 at 22 % are 205.66.
    // 1,412.96 + 985.66 = 2,398.62.
    assert_eq!(differs(TaxTreatment::SelfEmployed)[5..], ["10000.00", "7601.38"]);
    assert_eq!(differs(TaxTreatment::Untaxed)[5..], ["10000.00", "10000.00"]);
}

#[test]
fn all_income_falls_by_a_fraction_or_by_an_amount_a_month() {
    let mut plan = employed(1);
    plan.flows.push(flow(1, FlowKind::Income(IncomeCategory::ChildSupportReceived), "1000.00", Frequency::Monthly));
    let adjusted = |amount: &str, mode| {
        let kind = ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: amount.parse().unwrap(), mode });
        changed(&plan, [change("2026-01-01", None, kind)])[0].clone()
    };
    let tenth = adjusted("-0.1", AdjustMode::Percent);
    assert_eq!((tenth.total_income, tenth.income_by_category.get(IncomeCategory::Salary)), (money("5400.00"), money("4500.00")));
    // 600 a month less of 6,000: 500 of the 5,000, 100 of the 1,000.
    let less = adjusted("-600", AdjustMode::Absolute);
    assert_eq!((less.total_income, less.income_by_category.get(IncomeCategory::Salary)), (money("5400.00"), money("4500.00")));
    assert_eq!(adjusted("-999999", AdjustMode::Absolute).total_income, money("0.00"));
    assert_eq!(adjusted("250", AdjustMode::Absolute).total_income, money("6250.00"));
}

#[test]
fn income_that_nobody_earns_yet_comes_untaxed() {
    let kind = ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: "250".parse().unwrap(), mode: AdjustMode::Absolute });
    let row = &changed(&plan("0.00", 1), [change("2026-01-01", None, kind)])[0];
    assert_eq!((row.total_income, row.total_taxes), (money("250.00"), money("0.00")));
}

#[test]
fn an_adjustment_also_counts_for_what_comes_later() {
    let half = ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: "-0.5".parse().unwrap(), mode: AdjustMode::Percent });
    let gift = adding("1000.00", Frequency::Monthly, IncomeCategory::OtherIncome, TaxTreatment::Untaxed);
    let rows = changed(&plan("0.00", 3), [change("2026-01-01", None, half), change("2026-02-01", None, gift)]);
    assert_eq!(series(&rows, |row| row.total_income), ["0.00", "500.00", "500.00"]);
}

#[test]
fn a_raise_at_an_anniversary_is_what_was_said_until_the_next_one() {
    // Month 13 is January 2027: 150,000 a year as said, 12,500 a month; a year later 3 % more, 154,500 a year.
    let plan = Plan { assumptions: Assumptions { salary_growth: rate("0.03"), ..employed(1).assumptions }, ..employed(25) };
    let raise = ChangeKind::ModifyIncome(ModifyIncome { amount: Some(money("150000.00")), ..NOTHING });
    let rows = changed(&plan, [change("2027-01-01", income(1), raise)]);
    let paid = series(&rows, |row| row.total_income);
    assert_eq!([&paid[11], &paid[12], &paid[23], &paid[24]], ["5000.00", "12500.00", "12500.00", "12875.00"]);
}

#[test]
fn all_income_rises_and_falls_by_exactly_what_was_said_in_every_month() {
    let mut plan = plan("0.00", 24);
    plan.incomes = vec![salary(1, "61234.56", PayFrequency::Biweekly), salary(2, "33333.33", PayFrequency::Monthly)];
    plan.flows.push(flow(1, FlowKind::Income(IncomeCategory::ChildSupportReceived), "417.77", Frequency::Monthly));
    for amount in ["-600.00", "0.01", "700.00"] {
        let kind = ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: amount.parse().unwrap(), mode: AdjustMode::Absolute });
        let differs = difference(&plan, [change("2026-02-01", None, kind)], |row| row.total_income);
        assert_eq!(differs[0], "0.00");
        assert!(differs[1..].iter().all(|by| by == amount), "{amount}: {differs:?}");
    }
}

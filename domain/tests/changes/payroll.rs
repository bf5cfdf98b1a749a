//! What is taken out of pay.

use domain::calendar::{Frequency, PayFrequency};
use domain::ids::{IncomeId, MemberId};
use domain::payroll::DeductionType;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{AddIncome, Modify401k, ModifyDeductions, ModifyHsa, ModifyWithholding, SetQuarterlyEstimates};
use domain::projection::changes::parameter::{OneMember, WageIncome};
use domain::projection::changes::words::{DeductionWord, TaxTreatment};
use domain::projection::{
    CalendarMode, DeductionAmount, DeductionTarget, EmployerMatch, Flag, Plan, PlanAccount, PlanDeduction, PlanMember, WageEffect,
};
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, IncomeType, PosttaxDeductionType, PretaxDeductionType};
use uuid::Uuid;

use crate::projection_support::{account, account_id, deduction, money, plan, rate, rows, salary, series};
use crate::support::{change, changed, difference, until, with};

/// Two jobs of 120,000 and 60,000 a year, a 401(k) and an HSA account.
fn employed(months: u16) -> Plan {
    let mut plan = plan("50000.00", months);
    plan.accounts.push(account(2, AccountType::Traditional401k, "0.00"));
    plan.accounts.push(account(3, AccountType::Hsa, "0.00"));
    plan.incomes = vec![salary(1, "120000.00", PayFrequency::Monthly), salary(2, "60000.00", PayFrequency::Monthly)];
    plan
}

fn job(number: u128) -> Option<WageIncome> {
    Some(WageIncome(IncomeId(Uuid::from_u128(number))))
}

#[test]
fn contributions_to_a_401k_become_a_part_of_pay_up_to_the_limit() {
    let mut plan = employed(12);
    plan.incomes.truncate(1);
    let third = ChangeKind::Modify401k(Modify401k { percentage: rate("0.3"), income_id: None });
    let rows = changed(&plan, [change("2026-01-01", None, third)]);
    // 3,000 a month; the law's limit for 2026 is 24,500 (Notice 2025-67): 500 are left in September.
    let balances = series(&rows, |row| row.balances.get(account_id(2)));
    assert_eq!(balances[6..10], ["21000.00", "24000.00", "24500.00", "24500.00"]);
    assert!(rows[8].flags.contains(&Flag::LimitReached) && !rows[7].flags.contains(&Flag::LimitReached));
}

#[test]
fn an_existing_contribution_keeps_its_match_and_comes_back_as_it_was() {
    let mut plan = employed(3);
    let matching = EmployerMatch { rate: rate("0.5"), cap_fraction: Some(rate("0.06")), annual_cap: None };
    let kind = DeductionType::Pretax(PretaxDeductionType::Traditional401k);
    let four_percent = DeductionAmount::Percent(rate("0.04"));
    let own = deduction(1, four_percent, WageEffect::IncomeTax, DeductionTarget::Account(account_id(2)));
    plan.incomes[0].deductions.push(PlanDeduction { kind, employer_match: Some(matching), ..own });
    let tenth = ChangeKind::Modify401k(Modify401k { percentage: rate("0.10"), income_id: job(1) });
    let rows = changed(&plan, [until("2026-02-28", change("2026-02-01", None, tenth))]);
    // 400 + 200; 1,000 + half of the first 600; 400 + 200.
    assert_eq!(series(&rows, |row| row.balances.get(account_id(2))), ["600.00", "1900.00", "2500.00"]);
}

#[test]
fn without_a_job_every_job_contributes() {
    let tenth = ChangeKind::Modify401k(Modify401k { percentage: rate("0.10"), income_id: None });
    let row = &changed(&employed(1), [change("2026-01-01", None, tenth)])[0];
    assert_eq!(row.balances.get(account_id(2)), money("1500.00"));
}

/// Two people with a job each, and nothing but checking.
fn couple(months: u16) -> Plan {
    let mut plan = employed(months);
    plan.accounts.truncate(1);
    plan.filer.members.push(PlanMember { id: SPOUSE, birth: None, retired: false });
    plan.incomes[1].member = Some(SPOUSE);
    plan
}

const SPOUSE: MemberId = MemberId(Uuid::from_u128(2));

/// The accounts that the changes open: what they are, whose, and what is in them month by month.
fn opened(plan: &Plan) -> Vec<(AccountType, Option<u128>, Vec<String>)> {
    let rows = rows(plan);
    let opened = plan.ledger_accounts().into_iter().skip(plan.accounts.len());
    let all = opened.map(|account| {
        let balances = series(&rows, |row| row.balances.get(account.id));
        (account.account_type, account.owner.map(|owner| owner.0.as_u128()), balances)
    });
    all.collect()
}

#[test]
fn contributions_of_who_has_no_plan_yet_go_into_one_that_is_opened() {
    let tenth = ChangeKind::Modify401k(Modify401k { percentage: rate("0.10"), income_id: None });
    let plan = with(&couple(3), [until("2026-02-28", change("2026-02-01", None, tenth))]);
    let (first, second) = (vec!["0.00", "1000.00", "1000.00"], vec!["0.00", "500.00", "500.00"]);
    let texts = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let retirement = AccountType::Traditional401k;
    assert_eq!(opened(&plan), [(retirement, Some(1), texts(first)), (retirement, Some(2), texts(second))]);
    assert_eq!(rows(&plan)[1].change.spending, money("0.00"));
}

#[test]
fn contributions_go_into_the_plan_that_is_there() {
    let tenth = |job| ChangeKind::Modify401k(Modify401k { percentage: rate("0.10"), income_id: job });
    let with_plan = |owner| {
        let mut plan = couple(1);
        plan.accounts.push(PlanAccount { owner, ..account(2, AccountType::Traditional401k, "0.00") });
        with(&plan, [change("2026-01-01", None, tenth(job(2)))])
    };
    // One that is nobody's, and the earner's own; that of somebody else is not.
    for (owner, in_it, opens) in [(None, "500.00", 0), (Some(SPOUSE), "500.00", 0), (Some(MemberId(Uuid::from_u128(1))), "0.00", 1)] {
        let plan = with_plan(owner);
        assert_eq!((rows(&plan)[0].balances.get(account_id(2)), opened(&plan).len()), (money(in_it), opens), "{owner:?}");
        assert_eq!(rows(&plan)[0].retirement_assets, money("500.00"));
    }
}

#[test]
fn health_savings_and_other_plans_are_opened_too_and_only_where_something_is_put_aside() {
    let roth = DeductionWord(DeductionType::Posttax(PosttaxDeductionType::RothIra));
    let monthly =
        |amount: &str| ChangeKind::ModifyDeductions(ModifyDeductions { deduction_type: roth, amount: money(amount), income_id: None });
    let hsa = |part: &str| ChangeKind::ModifyHsa(ModifyHsa { percentage: rate(part), income_id: job(2) });
    let from = |kind| change("2026-01-01", None, kind);
    let both = with(&couple(1), [from(monthly("300.00")), from(hsa("0.02"))]);
    let hundred = |text: &str| vec![text.to_owned()];
    assert_eq!(opened(&both), [(AccountType::RothIra, Some(1), hundred("300.00")), (AccountType::Hsa, Some(2), hundred("100.00"))]);
    assert!(opened(&with(&couple(1), [from(monthly("0.00")), from(hsa("0"))])).is_empty());
}

#[test]
fn a_job_that_a_change_brings_contributes_to_a_plan_of_who_has_it() {
    let job = AddIncome {
        amount: money("4000.00"),
        frequency: Frequency::Monthly,
        category: IncomeCategory::Salary,
        tax_treatment: TaxTreatment::W2,
        member_id: Some(OneMember(SPOUSE)),
    };
    let mut plan = couple(1);
    plan.incomes.clear();
    let tenth = ChangeKind::Modify401k(Modify401k { percentage: rate("0.10"), income_id: None });
    let plan = with(&plan, [change("2026-01-01", None, ChangeKind::AddIncome(job)), change("2026-01-01", None, tenth)]);
    assert_eq!(opened(&plan), [(AccountType::Traditional401k, Some(2), vec!["400.00".to_owned()])]);
}

#[test]
fn contributions_to_an_hsa_become_a_part_of_pay() {
    let part = ChangeKind::ModifyHsa(ModifyHsa { percentage: rate("0.02"), income_id: job(2) });
    let rows = changed(&employed(2), [change("2026-02-01", None, part)]);
    assert_eq!(series(&rows, |row| row.balances.get(account_id(3))), ["0.00", "100.00"]);
    // Payroll taxes are computed on 4,900 instead of 5,000: 6.20 less.
    let social_security = |row: usize| rows[row].taxes_by_category.get(ExpenseCategory::SocialSecurityTax);
    assert_eq!(social_security(0) - social_security(1), money("6.20"));
}

#[test]
fn more_is_withheld_and_april_gives_it_back() {
    let more = ChangeKind::ModifyWithholding(ModifyWithholding { extra_monthly: money("200.00"), income_id: job(2) });
    let differs = difference(&employed(16), [until("2026-03-31", change("2026-02-01", None, more))], |row| row.total_taxes);
    assert_eq!(differs[..4], ["0.00", "200.00", "200.00", "0.00"]);
    assert_eq!((differs[14].as_str(), differs[15].as_str()), ("0.00", "-400.00"));
}

#[test]
fn a_deduction_becomes_an_amount_a_month() {
    let kind = DeductionWord(DeductionType::Pretax(PretaxDeductionType::HealthInsurance));
    let premium =
        |amount: &str| ChangeKind::ModifyDeductions(ModifyDeductions { deduction_type: kind, amount: money(amount), income_id: None });
    let rows = changed(
        &employed(4),
        [
            until("2026-03-31", change("2026-02-01", None, premium("250.00"))),
            until("2026-03-31", change("2026-03-01", None, premium("300.00"))),
        ],
    );
    let paid: Vec<String> = rows.iter().map(|row| row.expense_by_category.get(ExpenseCategory::HealthInsurance).to_string()).collect();
    assert_eq!(paid, ["0.00", "250.00", "300.00", "0.00"]);
}

#[test]
fn estimated_taxes_become_an_amount_a_quarter() {
    let estimates = || ChangeKind::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount: money("1200.00") });
    let paid = |plan: &Plan| {
        let rows = changed(plan, [change("2026-02-01", None, estimates())]);
        rows.iter().map(|row| row.taxes_by_category.get(ExpenseCategory::EstimatedTax).to_string()).collect::<Vec<_>>()
    };
    // A third of a quarter each month; in the exact calendar on the days on which they fall due.
    assert_eq!(paid(&employed(3)), ["0.00", "400.00", "400.00"]);
    let exact = Plan { calendar: CalendarMode::Exact, ..employed(7) };
    assert_eq!(paid(&exact), ["0.00", "0.00", "0.00", "1200.00", "0.00", "1200.00", "0.00"]);
}

#[test]
fn a_business_pays_the_estimates_that_are_set() {
    let mut plan = employed(2);
    plan.incomes.truncate(1);
    plan.incomes[0].income_type = IncomeType::SelfEmployed;
    let estimates = ChangeKind::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount: money("3000.00") });
    let rows = changed(&plan, [change("2026-02-01", None, estimates)]);
    assert_eq!(rows[1].total_taxes, money("1000.00"));
    assert_ne!(rows[0].total_taxes, money("1000.00"));
}

#[test]
fn a_bonus_once_a_year_is_withheld_from_like_pay() {
    // Only that its rhythm is one that payroll does not know: 12,000 a year, paid in month 1 of the exact calendar.
    let mut plan = employed(2);
    plan.incomes.clear();
    let bonus = AddIncome {
        amount: money("12000.00"),
        frequency: Frequency::Annually,
        category: IncomeCategory::Bonus,
        tax_treatment: TaxTreatment::W2,
        member_id: None,
    };
    let rows = changed(&Plan { calendar: CalendarMode::Exact, ..plan }, [change("2026-01-10", None, ChangeKind::AddIncome(bonus))]);
    assert_eq!(series(&rows, |row| row.total_income), ["12000.00", "0.00"]);
    assert_eq!(rows[0].taxes_by_category.get(ExpenseCategory::SocialSecurityTax), money("744.00"));
}

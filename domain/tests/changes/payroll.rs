//! What is taken out of pay.

use domain::calendar::{Frequency, Month, PayFrequency};
use domain::ids::{IncomeId, MemberId};
use domain::money::Money;
use domain::payroll::DeductionType;
use domain::projection::changes::kind::{
    AddIncome, Modify401k, ModifyDeductions, ModifyHsa, ModifyIncome, ModifyWithholding, RemoveIncome, SetQuarterlyEstimates,
    SwitchEmploymentType,
};
use domain::projection::changes::parameter::{OneMember, WageIncome};
use domain::projection::changes::words::{DeductionWord, Employment, TaxTreatment};
use domain::projection::changes::{ChangeKind, ScenarioChange};
use domain::projection::{
    CalendarMode, DeductionAmount, DeductionTarget, EmployerMatch, Flag, FlowKind, Plan, PlanAccount, PlanDeduction, PlanMember, WageEffect,
};
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, IncomeType, PosttaxDeductionType, PretaxDeductionType};
use uuid::Uuid;

use crate::projection_support::{account, account_id, deduction, flow, money, plan, rate, rows, salary, series};
use crate::support::{change, changed, difference, income, until, with};

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

/// What is put into the 401(k) month by month.
fn contributed(plan: &Plan, changes: impl IntoIterator<Item = ScenarioChange>) -> Vec<String> {
    let rows = changed(plan, changes);
    let held: Vec<Money> = rows.iter().map(|row| row.balances.get(account_id(2))).collect();
    let before = std::iter::once(Money::ZERO).chain(held.iter().copied());
    before.zip(&held).map(|(before, now)| (*now - before).to_string()).collect()
}

fn contributing(part: &str, income_id: Option<WageIncome>) -> ChangeKind {
    ChangeKind::Modify401k(Modify401k { percentage: rate(part), income_id })
}

fn new_job(monthly: &str) -> ChangeKind {
    ChangeKind::AddIncome(AddIncome {
        amount: money(monthly),
        frequency: Frequency::Monthly,
        category: IncomeCategory::Salary,
        tax_treatment: TaxTreatment::W2,
        member_id: None,
    })
}

#[test]
fn every_job_contributes_those_that_begin_later_too() {
    let mut plan = employed(5);
    plan.incomes.truncate(1);
    let tenth = || contributing("0.10", None);
    let begins = |day| change(day, None, new_job("5000.00"));
    // A tenth of 10,000, and of 5,000 more.
    let later = [change("2026-02-01", None, tenth()), begins("2026-04-01")];
    assert_eq!(contributed(&plan, later), ["0.00", "1000.00", "1000.00", "1500.00", "1500.00"]);
    let on_the_same_day = [change("2026-02-01", None, tenth()), begins("2026-02-01")];
    assert_eq!(contributed(&plan, on_the_same_day)[1], "1500.00");
    let quits = change("2026-04-01", income(1), ChangeKind::RemoveIncome(RemoveIncome {}));
    let changes_jobs = [change("2026-02-01", None, tenth()), quits, begins("2026-04-01")];
    assert_eq!(contributed(&plan, changes_jobs)[2..4], ["1000.00", "500.00"]);

    let mut plan = employed(5);
    plan.incomes[1].income_type = IncomeType::SelfEmployed;
    let to = |to| ChangeKind::SwitchEmploymentType(SwitchEmploymentType { to });
    let hired = [change("2026-02-01", None, tenth()), change("2026-04-01", income(2), to(Employment::W2))];
    assert_eq!(contributed(&plan, hired)[2..4], ["1000.00", "1500.00"]);
    // And the named one, once it is a job; before that there is no paycheck to take it from.
    let named = [change("2026-02-01", None, contributing("0.10", job(2))), change("2026-04-01", income(2), to(Employment::W2))];
    assert_eq!(contributed(&plan, named)[1..4], ["0.00", "0.00", "500.00"]);
}

#[test]
fn of_what_is_set_for_every_job_and_for_one_the_later_counts() {
    let (all, one) = (|part| contributing(part, None), |part| contributing(part, job(1)));
    let both = |first, then| contributed(&employed(2), [change("2026-01-01", None, first), change("2026-02-01", None, then)]);
    // 10,000 and 5,000 of pay: a tenth of both, then a twentieth of the first; and the other way round.
    assert_eq!(both(all("0.10"), one("0.05")), ["1500.00", "1000.00"]);
    assert_eq!(both(one("0.05"), all("0.10")), ["500.00", "1500.00"]);
}

#[test]
fn an_income_that_leaves_payroll_loses_what_was_taken_out_of_pay_and_what_was_added() {
    let matching = EmployerMatch { rate: rate("0.5"), cap_fraction: None, annual_cap: None };
    let own = deduction(1, DeductionAmount::Percent(rate("0.04")), WageEffect::IncomeTax, DeductionTarget::Account(account_id(2)));
    let kind = DeductionType::Pretax(PretaxDeductionType::Traditional401k);
    let mut plan = employed(3);
    plan.incomes.truncate(1);
    plan.incomes[0].deductions.push(PlanDeduction { kind, employer_match: Some(matching), ..own });
    for treatment in [TaxTreatment::SelfEmployed, TaxTreatment::Untaxed] {
        let modified = ModifyIncome { amount: None, frequency: None, category: None, tax_treatment: Some(treatment) };
        let change = until("2026-02-28", change("2026-02-01", income(1), ChangeKind::ModifyIncome(modified)));
        // 400 and 200 of match; nothing; and the same again.
        assert_eq!(contributed(&plan, [change]), ["600.00", "0.00", "600.00"], "{treatment}");
    }
}

fn estimating(quarterly: &str) -> ChangeKind {
    ChangeKind::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount: money(quarterly) })
}

fn estimates_paid(plan: &Plan, changes: impl IntoIterator<Item = ScenarioChange>) -> Vec<String> {
    series(&changed(plan, changes), |row| row.taxes_by_category.get(ExpenseCategory::EstimatedTax))
}

#[test]
fn estimated_taxes_take_the_place_of_those_before_with_a_business_or_without() {
    let later = [change("2026-02-01", None, estimating("600.00")), change("2026-04-01", None, estimating("900.00"))];
    assert_eq!(estimates_paid(&employed(5), later), ["0.00", "200.00", "200.00", "300.00", "300.00"]);

    let mut plan = employed(3);
    let entered = FlowKind::Expense(ExpenseCategory::EstimatedTax);
    plan.flows.push(flow(1, entered, "900.00", Frequency::Quarterly));
    let set = || until("2026-02-28", change("2026-02-01", None, estimating("1500.00")));
    assert_eq!(estimates_paid(&plan, [set()]), ["300.00", "500.00", "300.00"]);
    plan.incomes[1].income_type = IncomeType::SelfEmployed;
    assert_eq!(estimates_paid(&plan, [set()])[1], "500.00");
}

#[test]
fn estimates_that_were_set_for_a_while_leave_those_behind_as_they_were() {
    // A business whose profit grows in July: what it pays ahead was computed in January, and stays for the year.
    let mut plan = employed(18);
    plan.start = Month::new(2026, 7).unwrap();
    plan.assumptions.salary_growth = rate("0.10");
    plan.incomes[1].income_type = IncomeType::SelfEmployed;
    let set = until("2027-08-31", change("2026-11-01", None, estimating("3000.00")));
    let differs = difference(&plan, [set], |row| row.taxes_by_category.get(ExpenseCategory::EstimatedTax));
    assert_ne!(differs[13], "0.00");
    assert_eq!(differs[14..], ["0.00"; 4]);
}

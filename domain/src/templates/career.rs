//! Work: begun, lost, paid better, and a business beside it.

use super::figures::{Job, permille, round_figure, whole};
use super::form::{AnswerUnit, Form, amount, amount_or_nothing, fraction, months};
use super::suggested::Suggested;
use crate::calendar::Frequency;
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::{AddIncome, AdjustTotalExpenses, LumpSumExpense, LumpSumIncome, ModifyIncome, RemoveIncome};
use crate::projection::changes::parameter::OneMember;
use crate::projection::changes::words::{AdjustMode, TaxTreatment};
use crate::rate::Rate;
use crate::vocabulary::{ExpenseCategory, IncomeCategory};

const NO_JOB: &str = "nobody here earns anything by working";

/// The best paid job, whichever way it is paid.
pub(super) fn any_job(form: &mut Form<'_>, label: &'static str) -> Option<Job> {
    form.choose(form.figures.job_choice("income_id", label, |_| true, NO_JOB))
}

/// A job paid through payroll.
pub(super) fn wage_job(form: &mut Form<'_>, label: &'static str) -> Option<Job> {
    form.choose(form.figures.job_choice("income_id", label, |job| job.is_wage, "nobody here has a job that is paid through payroll"))
}

/// A job that pays so much a year.
pub(super) const fn pays(annual: Money) -> ChangeKind {
    ChangeKind::ModifyIncome(ModifyIncome { amount: Some(annual), frequency: None, category: None, tax_treatment: None })
}

/// An income that stops.
pub(super) const STOPS: ChangeKind = ChangeKind::RemoveIncome(RemoveIncome {});

pub(super) fn new_job(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The job");
    let job = any_job(form, "Which job is left?");
    let tenth_more = job.map(|job| job.annual.scaled(110, 100));
    let asked = amount("gross_annual_salary", AnswerUnit::Annual, "What will the new one pay a year, before taxes?");
    let salary = form.ask(asked.usually(tenth_more, "10 % more than now"));
    form.step("The change");
    let gap = form.ask(months("gap_months", "How many months lie between the two?", 0, 60).usually(Some(0), "the usual"));
    let bonus = form.ask(amount("signing_bonus", AnswerUnit::Once, "What does the new one pay for coming?").optional());
    let (job, salary, gap) = (job?, salary?, gap?);
    let between = (gap > 0).then(|| Suggested::new("Between two jobs", form.when, STOPS).about(job.source()).lasting(gap));
    let begins = Suggested::new("New job", form.when, pays(salary)).about(job.source()).after(gap);
    let paid = |amount| ChangeKind::LumpSumIncome(LumpSumIncome { amount, tax_treatment: TaxTreatment::W2 });
    let bonus = bonus.map(|amount| Suggested::new("Signing bonus", form.when, paid(amount)).after(gap));
    Some(between.into_iter().chain([begins]).chain(bonus).collect())
}

pub(super) fn raise(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The raise");
    let job = any_job(form, "Which pay rises?");
    let asked = fraction("raise_rate", AnswerUnit::Part, "By how much of the present pay?");
    let part = form.ask(asked.usually(Some(Rate::percent(5)), "5 %"));
    let (job, part) = (job?, part?);
    Some(vec![Suggested::new("Raise", form.when, pays(job.annual + part.of(job.annual))).about(job.source())])
}

/// Unemployment insurance replaces about half of the pay in most states, up to a state's maximum; some 450 a week are paid on average
/// (U.S. Department of Labor, ETA 5159), and 26 weeks in most states.
const BENEFIT_AT_MOST: Money = whole(1_950);
const BENEFIT_MONTHS: u16 = 6;

pub(super) fn job_loss(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The job");
    let job = any_job(form, "Which job is lost?");
    let lasts = form.figures.liquid_months().map_or(BENEFIT_MONTHS, |months| months.clamp(3, 12));
    let asked = months("months_without_work", "How many months until the next one?", 1, 120);
    let without = form.ask(asked.usually(Some(lasts), "as many as what is at hand lasts, 3 to 12"));
    let asked = amount("next_gross_annual_salary", AnswerUnit::Annual, "What will the next one pay a year, before taxes?");
    let salary = form.ask(asked.usually(job.map(|job| job.annual), "as much as now"));
    form.step("What helps");
    let severance = form.ask(amount("severance", AnswerUnit::Once, "What does the employer pay for going?").optional());
    let half = job.filter(|job| job.is_wage).map(|job| job.annual.scaled(1, 24).min(BENEFIT_AT_MOST));
    let asked = amount_or_nothing("monthly_benefit", AnswerUnit::Monthly, "How much does unemployment insurance pay a month?");
    let benefit = form.ask(asked.optional().usually(half, "half of the pay, at most 1,950.00"));
    let asked = months("benefit_months", "For how many months?", 0, 60);
    let benefit_months = form.ask(asked.usually(Some(BENEFIT_MONTHS), "26 weeks, as in most states"));
    let asked = fraction("spending_cut_rate", AnswerUnit::Part, "How much of all spending is saved meanwhile?").optional();
    let cut = form.ask(asked);
    let (job, without, salary, benefit_months) = (job?, without?, salary?, benefit_months?.min(without?));
    let mut changes = vec![Suggested::new("Without work", form.when, STOPS).about(job.source()).lasting(without)];
    let paid = |amount| ChangeKind::LumpSumIncome(LumpSumIncome { amount, tax_treatment: TaxTreatment::W2 });
    changes.extend(severance.map(|amount| Suggested::new("Severance", form.when, paid(amount))));
    if let Some(amount) = benefit.filter(|amount| amount.is_positive() && benefit_months > 0) {
        let kind = ChangeKind::AddIncome(AddIncome {
            amount,
            frequency: Frequency::Monthly,
            category: IncomeCategory::Unemployment,
            tax_treatment: TaxTreatment::Untaxed,
            member_id: job.member.map(OneMember),
        });
        changes.push(Suggested::new("Unemployment benefit", form.when, kind).lasting(benefit_months));
    }
    if let Some(part) = cut.filter(|part| !part.is_zero()) {
        changes.push(Suggested::new("Spending less", form.when, spending_falls(part)).lasting(without));
    }
    if salary != job.annual {
        changes.push(Suggested::new("Next job", form.when, pays(salary)).about(job.source()).after(without));
    }
    Some(changes)
}

/// All spending falls by a part.
pub(super) fn spending_falls(part: Rate) -> ChangeKind {
    ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: -part.fraction(), mode: AdjustMode::Percent })
}

pub(super) fn side_business(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The business");
    let people = form.figures.grown_ups();
    let member = form.choose(form.figures.member_choice("member_id", "Whose is it?", people, "there is nobody here").optional());
    let tenth = form.figures.jobs().first().and_then(|job| round_figure(permille(100).of(job.annual.scaled(1, 12)), 10));
    let asked = amount("monthly_profit", AnswerUnit::Monthly, "What will it bring a month, after its costs and before taxes?");
    let profit = form.ask(asked.usually(tenth.or(Some(whole(500))), "a tenth of the best pay, or 500.00"));
    form.step("The start");
    let asked = amount_or_nothing("startup_costs", AnswerUnit::Once, "What does it cost to begin?");
    let costs = form.ask(asked.usually(profit.map(|profit| profit.scaled(3, 1)), "three months of its profit"));
    let asked = months("months_to_profit", "After how many months does it bring something?", 0, 120);
    let wait = form.ask(asked.usually(Some(3), "three months"));
    let (profit, costs, wait) = (profit?, costs?, wait?);
    let spent = |amount| {
        ChangeKind::LumpSumExpense(LumpSumExpense { amount, category: ExpenseCategory::BusinessEquipment, pay_down_account_id: None })
    };
    let brings = ChangeKind::AddIncome(AddIncome {
        amount: profit,
        frequency: Frequency::Monthly,
        category: IncomeCategory::SelfEmployment,
        tax_treatment: TaxTreatment::SelfEmployed,
        member_id: member.map(OneMember),
    });
    let start = Some(costs).filter(|costs| costs.is_positive()).map(|costs| Suggested::new("Starting a business", form.when, spent(costs)));
    Some(start.into_iter().chain([Suggested::new("Side business", form.when, brings).after(wait)]).collect())
}

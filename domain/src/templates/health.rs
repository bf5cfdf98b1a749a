//! Health: what an illness costs, and what is put aside for it.

use super::career::{pays, wage_job};
use super::figures::{part, permille, whole};
use super::form::{AnswerUnit, Form, amount_or_nothing, fraction, months};
use super::spending::{monthly, once};
use super::suggested::Suggested;
use crate::calendar::{Month, age_on};
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::ModifyHsa;
use crate::projection::changes::parameter::WageIncome;
use crate::vocabulary::ExpenseCategory;

/// Of a disability, insurance pays about six tenths of the pay.
const SICK_PAY: i64 = 600;

/// An employer's plan lets a person pay at most 10,600 out of pocket in 2026 (45 CFR § 156.130; CMS notice of May 2025).
const OUT_OF_POCKET: Money = whole(10_600);

pub(super) fn major_medical_event(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The bills");
    let asked = amount_or_nothing("out_of_pocket", AnswerUnit::Once, "What has to be paid out of pocket?");
    let bills = form.ask(asked.usually(Some(OUT_OF_POCKET), "the most that a plan may ask of one person in 2026"));
    let asked = amount_or_nothing("follow_up_monthly", AnswerUnit::Monthly, "What does the care afterwards cost a month?");
    let care = form.ask(asked.usually(Some(whole(200)), "200.00"));
    let care_months = form.ask(months("follow_up_months", "For how many months?", 1, 600).usually(Some(12), "a year"));
    form.step("The work");
    let job = form.choose(form.figures.job_choice("income_id", "Whose work stops?", |_| true, "").optional());
    let away = form.ask(months("months_away", "For how many months?", 1, 120).usually(Some(2), "two months"));
    let asked = fraction("sick_pay_rate", AnswerUnit::Part, "How much of the pay goes on?");
    let sick = form.ask(asked.usually(Some(permille(SICK_PAY)), "60 %, as disability insurance pays"));
    let (bills, care, care_months, away, sick) = (bills?, care?, care_months?, away?, sick?);
    let mut changes: Vec<Suggested> = once(form, "Medical bills", bills, ExpenseCategory::MedicalExpenses).into_iter().collect();
    let care = monthly(form, "Care afterwards", care, ExpenseCategory::MedicalExpenses);
    changes.extend(care.map(|care| care.lasting(care_months)));
    changes.extend(job.map(|job| Suggested::new("Sick pay", form.when, pays(sick.of(job.annual))).about(job.source()).lasting(away)));
    Some(changes)
}

pub(super) fn hsa(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The contribution");
    let job = wage_job(form, "From which pay?");
    let most = job.and_then(|job| {
        let birth = figures.owner(job.member).and_then(|id| figures.home.members.get(&id)).and_then(|member| member.date_of_birth);
        let age = birth.map_or(0, |birth| age_on(birth, Month::of(figures.today).last_day()));
        let limit = figures.law()?.contribution_limits().hsa_at(age, figures.home.is_family());
        Some(part(limit, job.annual))
    });
    let asked = fraction("percentage", AnswerUnit::Part, "Which part of the pay goes into the health savings account?");
    let percentage = form.ask(asked.usually(most.or(Some(permille(30))), "the most that the law allows a year"));
    let (job, percentage) = (job?, percentage?);
    let kind = ChangeKind::ModifyHsa(ModifyHsa { percentage, income_id: Some(WageIncome(job.id)) });
    Some(vec![Suggested::new("Health savings", form.when, kind)])
}

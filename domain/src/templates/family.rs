//! People come and go: a child, a partner.
//!
//! What another person adds to the month's spending is taken from the household's own (see `Figures::share_of`). Deliberately absent:
//! filing status and dependants. No change of a scenario alters who is on the return, and each template's description says so.

use super::career::{STOPS, spending_falls};
use super::figures::{round_figure, whole};
use super::form::{AnswerUnit, Form, amount, amount_or_nothing, fraction, months};
use super::spending::{monthly, once};
use super::suggested::Suggested;
use crate::calendar::Frequency;
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::AddIncome;
use crate::projection::changes::words::TaxTreatment;
use crate::vocabulary::{ExpenseCategory, IncomeCategory, Relationship};

/// A birth under an employer's plan: 2,854 out of pocket on average (Peterson-KFF Health System Tracker, 2022).
const BIRTH: Money = whole(2_900);
/// 11,582 a year (Child Care Aware of America, 2023).
const CHILDCARE: Money = whole(970);
/// Twelve weeks of leave (29 U.S.C. § 2612).
const LEAVE_MONTHS: u16 = 3;

pub(super) fn new_baby(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The birth");
    let asked = amount_or_nothing("birth_costs", AnswerUnit::Once, "What does the birth cost out of pocket?");
    let birth = form.ask(asked.usually(Some(BIRTH), "the average under an employer's plan"));
    let asked = form.figures.job_choice("leave_income_id", "Whose pay stops during an unpaid leave?", |_| true, "");
    let leave = form.choose(asked.optional().usually(None, ""));
    let asked = months("leave_months", "For how many months?", 1, 60);
    let leave_months = form.ask(asked.usually(Some(LEAVE_MONTHS), "twelve weeks, as the law grants them"));
    form.step("The years after");
    let share = round_figure(form.figures.share_of(3), 10).or(Some(whole(300)));
    let asked = amount_or_nothing("monthly_costs", AnswerUnit::Monthly, "What does the child cost a month?");
    let costs = form.ask(asked.usually(share, "a child's share of the present spending, or 300.00"));
    let asked = amount_or_nothing("childcare_monthly", AnswerUnit::Monthly, "What does childcare cost a month?");
    let care = form.ask(asked.usually(Some(CHILDCARE), "the country's average"));
    let asked = months("childcare_after_months", "After how many months does it begin?", 0, 120);
    let after = form.ask(asked.usually(Some(LEAVE_MONTHS), "after the leave"));
    let asked = months("childcare_months", "For how many months?", 1, 240);
    let care_months = form.ask(asked.usually(Some(57), "up to the age of five"));
    let (birth, leave_months, costs, care, after, care_months) = (birth?, leave_months?, costs?, care?, after?, care_months?);
    let mut changes: Vec<Suggested> = once(form, "Birth", birth, ExpenseCategory::MedicalExpenses).into_iter().collect();
    changes.extend(leave.map(|job| Suggested::new("Unpaid leave", form.when, STOPS).about(job.source()).lasting(leave_months)));
    changes.extend(monthly(form, "A child's needs", costs, ExpenseCategory::HouseholdSupplies));
    let care = monthly(form, "Childcare", care, ExpenseCategory::Childcare);
    changes.extend(care.map(|care| care.after(after).lasting(care_months)));
    Some(changes)
}

pub(super) fn marriage(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.fits(!form.figures.is_married(), "the household is married already");
    form.step("The wedding");
    let tenth = round_figure(form.figures.annual_income().scaled(1, 10), 100).or(Some(whole(10_000)));
    let asked = amount_or_nothing("wedding_costs", AnswerUnit::Once, "What does the wedding cost?");
    let wedding = form.ask(asked.usually(tenth, "a tenth of the gross income of a year, or 10,000.00"));
    form.step("Two households become one");
    let equal = form.figures.jobs().first().map(|job| job.annual.scaled(1, 12));
    let asked = amount("partner_monthly_income", AnswerUnit::Monthly, "What does the partner earn a month, before taxes?").optional();
    let income = form.ask(asked.usually(equal, "as much as the best paid job here"));
    let share = round_figure(form.figures.share_of(5), 10);
    let asked = amount("partner_monthly_costs", AnswerUnit::Monthly, "What does the partner add to the month's spending?").optional();
    let costs = form.ask(asked.usually(share, "a second grown-up's share of the present spending"));
    let mut changes: Vec<Suggested> = once(form, "Wedding", wedding?, ExpenseCategory::Miscellaneous).into_iter().collect();
    let earned = |amount| {
        ChangeKind::AddIncome(AddIncome {
            amount,
            frequency: Frequency::Monthly,
            category: IncomeCategory::Salary,
            tax_treatment: TaxTreatment::W2,
            member_id: None,
        })
    };
    changes.extend(income.map(|amount| Suggested::new("The partner's income", form.when, earned(amount))));
    changes.extend(costs.and_then(|amount| monthly(form, "The partner's share", amount, ExpenseCategory::HouseholdSupplies)));
    Some(changes)
}

/// Half of all divorces cost 7,000 or less per side (Martindale-Nolo Research, 2019).
const LAWYERS: Money = whole(7_000);

pub(super) fn divorce(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.fits(figures.is_married(), "nobody here is married");
    form.step("The separation");
    let asked = amount_or_nothing("legal_costs", AnswerUnit::Once, "What do lawyers and court cost?");
    let legal = form.ask(asked.usually(Some(LAWYERS), "what half of all divorces cost at most"));
    let half = round_figure(figures.liquid().scaled(1, 2), 1);
    let asked = amount("settlement", AnswerUnit::Once, "What does the other one get of cash and investments?").optional();
    let settlement = form.ask(asked.usually(half, "half of it"));
    form.step("What leaves, and what stays");
    let spouse = figures.home.members.iter().find(|(_, member)| member.relationship == Relationship::Spouse).map(|(id, _)| *id);
    let theirs = spouse.and_then(|member| figures.jobs().into_iter().find(|job| job.member == Some(member)));
    let asked = figures.job_choice("income_id", "Which income leaves?", |_| true, "").optional();
    let income = form.choose(asked.usually(theirs, "the spouse's"));
    let asked = fraction("spending_cut_rate", AnswerUnit::Part, "How much of all spending leaves with it?");
    let cut = form.ask(asked.usually(Some(figures.part_of(5)), "a second grown-up's share"));
    form.step("Support");
    let child = form.ask(amount("child_support", AnswerUnit::Monthly, "Child support to be paid, a month?").optional());
    let spousal = form.ask(amount("spousal_support", AnswerUnit::Monthly, "Spousal support to be paid, a month?").optional());
    let received = form.ask(amount("support_received", AnswerUnit::Monthly, "Support received, a month?").optional());
    let (legal, cut) = (legal?, cut?);
    let mut changes: Vec<Suggested> = once(form, "Divorce", legal, ExpenseCategory::Miscellaneous).into_iter().collect();
    changes.extend(settlement.and_then(|amount| once(form, "Settlement", amount, ExpenseCategory::Miscellaneous)));
    changes.extend(income.map(|job| Suggested::new("The other income leaves", form.when, STOPS).about(job.source())));
    changes.extend((!cut.is_zero()).then(|| Suggested::new("One less to live on it", form.when, spending_falls(cut))));
    changes.extend(child.and_then(|amount| monthly(form, "Child support", amount, ExpenseCategory::ChildSupportPaid)));
    changes.extend(spousal.and_then(|amount| monthly(form, "Spousal support", amount, ExpenseCategory::AlimonyPaid)));
    let support = |amount| {
        ChangeKind::AddIncome(AddIncome {
            amount,
            frequency: Frequency::Monthly,
            category: IncomeCategory::AlimonyReceived,
            tax_treatment: TaxTreatment::Untaxed,
            member_id: None,
        })
    };
    changes.extend(received.map(|amount| Suggested::new("Support received", form.when, support(amount))));
    Some(changes)
}

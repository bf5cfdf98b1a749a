//! Learning, and paying for it.

use super::career::{STOPS, pays};
use super::debts::extra_on;
use super::figures::{Debt, whole};
use super::form::{AnswerUnit, Form, amount, amount_or_nothing, fraction, months};
use super::spending::monthly;
use super::suggested::Suggested;
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::AddDebt;
use crate::projection::changes::parameter::OwnedAccount;
use crate::vocabulary::{AccountType, ExpenseCategory};

/// Tuition and fees in the state at a public four-year college, 2025/26: 11,950 (College Board, Trends in College Pricing 2025).
const TUITION: Money = whole(11_950);
/// Books and supplies, the same source, rounded.
const BOOKS: Money = whole(1_300);
/// Federal Direct Loans to undergraduates, first paid out from July 2025 to June 2026: 6.39 % (20 U.S.C. § 1087e(b)).
const LOAN_RATE: (i64, u32) = (639, 4);
/// The standard plan repays in ten years.
const LOAN_MONTHS: u16 = 120;

pub(super) fn back_to_school(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The studies");
    let asked = amount_or_nothing("annual_tuition", AnswerUnit::Annual, "Tuition and fees a year?");
    let tuition = form.ask(asked.usually(Some(TUITION), "a public college in the own state"));
    let books = form.ask(
        amount_or_nothing("annual_books", AnswerUnit::Annual, "Books and supplies a year?").usually(Some(BOOKS), "the country's average"),
    );
    let study = form.ask(months("study_months", "For how many months?", 1, 120).usually(Some(24), "two years"));
    form.step("The work");
    let asked = form.figures.job_choice("income_id", "Which pay stops meanwhile?", |_| true, "").optional();
    let job = form.choose(asked.usually(None, ""));
    let more = job.map(|job| job.annual.scaled(120, 100));
    let asked = amount("gross_annual_salary", AnswerUnit::Annual, "What does it come to a year afterwards, before taxes?").optional();
    let salary = form.ask(asked.usually(more, "20 % more than now"));
    form.step("A loan");
    let principal = form.ask(amount("loan_amount", AnswerUnit::Once, "How much is borrowed?").optional());
    let usual = crate::rate::Rate::new(rust_decimal::Decimal::new(LOAN_RATE.0, LOAN_RATE.1));
    let rate = form.ask(fraction("rate", AnswerUnit::RateAYear, "At what rate?").usually(Some(usual), "a federal loan of this year"));
    let term_months = form.ask(months("term_months", "For how many months?", 1, 600).usually(Some(LOAN_MONTHS), "ten years"));
    let (tuition, books, study, rate, term_months) = (tuition?, books?, study?, rate?, term_months?);
    let mut changes: Vec<Suggested> = [
        monthly(form, "Tuition", tuition.scaled(1, 12), ExpenseCategory::CollegeTuition),
        monthly(form, "Books", books.scaled(1, 12), ExpenseCategory::BooksSupplies),
    ]
    .into_iter()
    .flatten()
    .map(|cost| cost.lasting(study))
    .collect();
    if let Some(job) = job {
        changes.push(Suggested::new("Studying", form.when, STOPS).about(job.source()).lasting(study));
        let after = salary.filter(|salary| *salary != job.annual);
        changes.extend(after.map(|salary| Suggested::new("After the studies", form.when, pays(salary)).about(job.source()).after(study)));
    }
    let borrowed = |principal| {
        ChangeKind::AddDebt(AddDebt {
            principal,
            rate,
            term_months,
            payment: None,
            account_type: AccountType::StudentLoanFederal,
            proceeds_to_account_id: form.figures.payers().first().map(|payer| OwnedAccount(payer.id)),
        })
    };
    changes.extend(principal.map(|principal| Suggested::new("Student loan", form.when, borrowed(principal))));
    Some(changes)
}

pub(super) fn pay_off_student_loans(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The loan");
    let is_student_loan = |debt: &Debt| matches!(debt.account_type, AccountType::StudentLoanFederal | AccountType::StudentLoanPrivate);
    let asked = form.figures.debt_choice("account_id", "Which one goes first?", is_student_loan, "there is no student loan");
    let debt = form.choose(asked);
    extra_on(form, debt, "Paying off a student loan")
}

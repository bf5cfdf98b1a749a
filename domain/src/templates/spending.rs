//! What is spent: the changes that most templates make, and the templates of one change of an income or an expense.

use super::figures::{Recurring, permille, round_figure, whole};
use super::form::{AnswerType, AnswerUnit, Form, amount, months};
use super::suggested::Suggested;
use crate::calendar::Frequency;
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::{AddExpense, AddIncome, LumpSumExpense, ModifyExpense, ModifyIncome, RemoveExpense, RemoveIncome};
use crate::projection::changes::parameter::OneMember;
use crate::projection::changes::words::TaxTreatment;
use crate::vocabulary::{ExpenseCategory, IncomeCategory};

/// Something that is paid once, if it is anything.
pub(super) fn once(form: &Form<'_>, name: &'static str, amount: Money, category: ExpenseCategory) -> Option<Suggested> {
    let kind = ChangeKind::LumpSumExpense(LumpSumExpense { amount, category, pay_down_account_id: None });
    amount.is_positive().then(|| Suggested::new(name, form.when, kind))
}

/// Something that is paid every month, if it is anything.
pub(super) fn monthly(form: &Form<'_>, name: &'static str, amount: Money, category: ExpenseCategory) -> Option<Suggested> {
    let kind = ChangeKind::AddExpense(AddExpense { amount, frequency: Frequency::Monthly, category });
    amount.is_positive().then(|| Suggested::new(name, form.when, kind))
}

/// How long what is added lasts; to the end where it is left open.
fn lasting(form: &mut Form<'_>) -> Option<u16> {
    form.ask(months("duration_months", "For how many months? Left open: for good.", 1, 600).optional())
}

fn for_so_long(suggested: Suggested, months: Option<u16>) -> Vec<Suggested> {
    vec![match months {
        Some(months) => suggested.lasting(months),
        None => suggested,
    }]
}

pub(super) fn add_income(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The income");
    let tenth = round_figure(permille(100).of(form.figures.monthly_income()), 10);
    let asked = amount("amount", AnswerUnit::EachTime, "How much each time, before taxes?");
    let amount = form.ask(asked.usually(tenth.or(Some(whole(500))), "a tenth of the present income of a month, or 500.00"));
    let frequency = form.word(("frequency", "How often?"), Frequency::ALL, Frequency::as_str, Frequency::Monthly);
    let category = form.word(("category", "What is it?"), IncomeCategory::ALL, IncomeCategory::as_str, IncomeCategory::Salary);
    form.step("Whose, and how it is taxed");
    let treatment = form.word(("tax_treatment", "How is it taxed?"), TaxTreatment::ALL, TaxTreatment::as_str, TaxTreatment::W2);
    let people = form.figures.grown_ups();
    let member = form.choose(form.figures.member_choice("member_id", "Who earns it?", people, "there is nobody here").optional());
    let months = lasting(form);
    let (amount, frequency, category, tax_treatment) = (amount?, frequency?, category?, treatment?);
    let kind = ChangeKind::AddIncome(AddIncome { amount, frequency, category, tax_treatment, member_id: member.map(OneMember) });
    Some(for_so_long(Suggested::new("Another income", form.when, kind), months))
}

fn which_income(form: &mut Form<'_>, label: &'static str) -> Option<Recurring> {
    let sources = form.figures.sources_of_income();
    let about = ("source_id", AnswerType::IncomeOrFlow, label);
    form.choose(form.figures.recurring_choice(about, sources, "nothing comes in here"))
}

pub(super) fn modify_income(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The income");
    let source = which_income(form, "Which one changes?");
    let more = source.map(|source| source.amount.scaled(105, 100));
    let asked = amount("amount", AnswerUnit::EachTime, "What does it become: a year of an income, each time of a flow?");
    let amount = form.ask(asked.usually(more, "5 % more than now"));
    let months = lasting(form);
    let (source, amount) = (source?, amount?);
    let kind = ChangeKind::ModifyIncome(ModifyIncome { amount: Some(amount), frequency: None, category: None, tax_treatment: None });
    Some(for_so_long(Suggested::new("Another amount comes in", form.when, kind).about(source.source), months))
}

pub(super) fn remove_income(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The income");
    let source = which_income(form, "Which one ends?");
    let months = lasting(form);
    let suggested = Suggested::new("An income ends", form.when, ChangeKind::RemoveIncome(RemoveIncome {})).about(source?.source);
    Some(for_so_long(suggested, months))
}

pub(super) fn add_expense(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The expense");
    let part = round_figure(permille(50).of(form.figures.monthly_spending()), 10);
    let asked = amount("amount", AnswerUnit::EachTime, "How much each time?");
    let amount = form.ask(asked.usually(part.or(Some(whole(100))), "5 % of what is spent in a month, or 100.00"));
    let frequency = form.word(("frequency", "How often?"), Frequency::ALL, Frequency::as_str, Frequency::Monthly);
    let category = expense_category(form, ExpenseCategory::Miscellaneous);
    let months = lasting(form);
    let kind = ChangeKind::AddExpense(AddExpense { amount: amount?, frequency: frequency?, category: category? });
    Some(for_so_long(Suggested::new("Another expense", form.when, kind), months))
}

/// What an expense is for.
pub(super) fn expense_category(form: &mut Form<'_>, usual: ExpenseCategory) -> Option<ExpenseCategory> {
    form.word(("category", "What is it for?"), ExpenseCategory::ALL, ExpenseCategory::as_str, usual)
}

fn which_expense(form: &mut Form<'_>, label: &'static str) -> Option<Recurring> {
    let expenses = form.figures.expenses();
    form.choose(form.figures.recurring_choice(("flow_id", AnswerType::Flow, label), expenses, "no expense is known here"))
}

pub(super) fn modify_expense(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The expense");
    let expense = which_expense(form, "Which one changes?");
    let less = expense.map(|expense| expense.amount.scaled(90, 100));
    let amount = form.ask(amount("amount", AnswerUnit::EachTime, "What does it become, each time?").usually(less, "10 % less than now"));
    let months = lasting(form);
    let (expense, amount) = (expense?, amount?);
    let kind = ChangeKind::ModifyExpense(ModifyExpense { amount: Some(amount), frequency: None, category: None });
    Some(for_so_long(Suggested::new("Another amount is spent", form.when, kind).about(expense.source), months))
}

pub(super) fn remove_expense(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The expense");
    let expense = which_expense(form, "Which one ends?");
    let months = lasting(form);
    let suggested = Suggested::new("An expense ends", form.when, ChangeKind::RemoveExpense(RemoveExpense {})).about(expense?.source);
    Some(for_so_long(suggested, months))
}

pub(super) fn large_purchase(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The purchase");
    let month = round_figure(form.figures.monthly_income(), 100).or(Some(whole(2_500)));
    let amount =
        form.ask(amount("amount", AnswerUnit::Once, "What does it cost?").usually(month, "the gross income of a month, or 2,500.00"));
    let category = expense_category(form, ExpenseCategory::HomeImprovement);
    once(form, "Large purchase", amount?, category?).map(|change| vec![change])
}

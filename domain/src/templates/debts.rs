//! What is owed: paid faster, refinanced, and borrowed anew.

use std::cmp::Reverse;

use super::figures::{Debt, permille, round_figure, whole};
use super::form::{AnswerUnit, Form, amount, amount_or_nothing, fraction, months};
use super::housing::is_mortgage;
use super::suggested::Suggested;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::{AddDebt, LumpSumExpense, PayoffDebt, Refinance};
use crate::projection::changes::parameter::{DebtAccount, OwnedAccount};
use crate::projection::changes::words::CostsPaid;
use crate::rate::Rate;
use crate::vocabulary::{AccountType, ExpenseCategory};

const NO_DEBT: &str = "nothing is owed here";

/// More is paid on a debt every month.
pub(super) fn extra_on(form: &mut Form<'_>, debt: Option<Debt>, name: &'static str) -> Option<Vec<Suggested>> {
    let half = round_figure(form.figures.monthly_surplus().scaled(1, 2), 10).or(Some(whole(50)));
    let asked = amount("extra_monthly", AnswerUnit::Monthly, "How much is paid on top of the regular payment, a month?");
    let extra = form.ask(asked.usually(half, "half of what is left of a month, or 50.00"));
    let kind = ChangeKind::PayoffDebt(PayoffDebt { extra_monthly: extra? });
    Some(vec![Suggested::new(name, form.when, kind).about(debt?.source())])
}

pub(super) fn accelerate_debt(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The debt");
    let debt = form.choose(form.figures.debt_choice("account_id", "Which debt is paid faster?", |_| true, NO_DEBT));
    extra_on(form, debt, "Paying a debt faster")
}

pub(super) fn lump_sum_payoff(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The debt");
    let debt = form.choose(figures.debt_choice("account_id", "Which debt is paid down?", |_| true, NO_DEBT));
    // What is at hand beyond the three months of expenses that a household keeps for a rainy day.
    let spare = (figures.liquid() - figures.monthly_expenses().scaled(3, 1)).at_least_zero();
    let usual = debt.map(|debt| if spare.is_positive() { spare.min(debt.owed) } else { debt.owed.scaled(1, 10) });
    let asked = amount("amount", AnswerUnit::Once, "How much is paid at once?");
    let asked = debt.map_or(asked, |debt| asked.at_most(debt.owed));
    let amount = form.ask(asked.usually(usual, "what is at hand beyond three months of expenses, or a tenth of the debt"));
    let (debt, amount) = (debt?, amount?);
    let kind = ChangeKind::LumpSumExpense(LumpSumExpense {
        amount,
        category: ExpenseCategory::OtherDebt,
        pay_down_account_id: Some(DebtAccount(debt.id)),
    });
    Some(vec![Suggested::new("Paying down a debt", form.when, kind)])
}

/// What a new mortgage costs: 2 to 5 % of it (Consumer Financial Protection Bureau).
const CLOSING: i64 = 30;

pub(super) fn refinance(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The loan");
    let asked = figures.debt_choice(
        "account_id",
        "Which loan is replaced?",
        |debt| debt.account_type.class().is_instalment(),
        "there is no loan with a term",
    );
    let loans: Vec<Debt> = figures.debts().into_iter().filter(|debt| debt.account_type.class().is_instalment()).collect();
    let largest = loans.into_iter().min_by_key(|debt| (!is_mortgage(debt), Reverse(debt.owed), debt.id));
    let debt = form.choose(asked.usually(largest, "the largest mortgage, or loan"));
    form.step("The new terms");
    let less = debt.map(|debt| Rate::new(debt.rate.fraction() - permille(10).fraction()));
    let rate = form.ask(fraction("rate", AnswerUnit::RateAYear, "At what rate?").usually(less, "one point less than now"));
    let left = debt.map(|debt| figures.remaining_months(debt.id).unwrap_or(if is_mortgage(&debt) { 360 } else { 60 }));
    let term_months =
        form.ask(months("term_months", "For how many months?", 1, 600).usually(left, "as long as the old one would have lasted"));
    let costs = debt.map(|debt| if is_mortgage(&debt) { permille(CLOSING).of(debt.owed) } else { whole(0) });
    let asked = amount_or_nothing("closing_costs", AnswerUnit::Once, "What does it cost to close?");
    let costs = form.ask(asked.usually(costs, "3 % of a mortgage, nothing of another loan"));
    let paid = form.word(("closing_costs_paid", "How is that paid?"), CostsPaid::ALL, CostsPaid::as_str, CostsPaid::Financed);
    let cash_out = form.ask(amount("cash_out", AnswerUnit::Once, "How much is borrowed on top?").optional());
    let (debt, rate, term_months, costs, paid) = (debt?, rate?, term_months?, costs?, paid?);
    let kind = ChangeKind::Refinance(Refinance { rate, term_months, closing_costs: Some(costs), closing_costs_paid: Some(paid), cash_out });
    Some(vec![Suggested::new("Refinancing", form.when, kind).about(debt.source())])
}

/// A personal loan of 24 months cost about 11.7 % in 2025 (Federal Reserve, statistical release G.19).
const LOAN_RATE: i64 = 117;

const LOANS: [AccountType; 8] = [
    AccountType::PersonalLoan,
    AccountType::AutoLoan,
    AccountType::StudentLoanFederal,
    AccountType::StudentLoanPrivate,
    AccountType::SecondMortgage,
    AccountType::BoatLoan,
    AccountType::FamilyLoan,
    AccountType::OtherLiability,
];

pub(super) fn take_loan(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The loan");
    let months_of_income = round_figure(figures.monthly_income().scaled(2, 1), 100).or(Some(whole(5_000)));
    let principal = form.ask(
        amount("principal", AnswerUnit::Once, "How much is borrowed?").usually(months_of_income, "two months of gross income, or 5,000.00"),
    );
    let account_type = form.word(("account_type", "What kind of loan is it?"), &LOANS, AccountType::as_str, AccountType::PersonalLoan);
    form.step("The terms");
    let rate = form
        .ask(fraction("rate", AnswerUnit::RateAYear, "At what rate?").usually(Some(permille(LOAN_RATE)), "11.7 %, about what banks ask"));
    let term_months = form.ask(months("term_months", "For how many months?", 1, 600).usually(Some(36), "three years"));
    let to = form.choose(figures.asset_choice("to_account_id", "Where does the money arrive?", figures.payers(), "").optional());
    let kind = ChangeKind::AddDebt(AddDebt {
        principal: principal?,
        rate: rate?,
        term_months: term_months?,
        payment: None,
        account_type: account_type?,
        proceeds_to_account_id: to.map(|account| OwnedAccount(account.id)),
    });
    Some(vec![Suggested::new("Loan", form.when, kind)])
}

//! Money put aside, received, and spent on a car; and taxes paid ahead.

use super::figures::{permille, round_figure, whole};
use super::form::{AnswerType, AnswerUnit, Choice, Choosing, Form, amount, amount_or_nothing, fraction, months};
use super::spending::monthly;
use super::suggested::Suggested;
use crate::household::taxes::{Beside, tax_summary};
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::{
    AddAsset, AddDebt, LumpSumExpense, LumpSumIncome, SellAsset, SetQuarterlyEstimates, SetSavingsTransfer,
};
use crate::projection::changes::parameter::{DebtAccount, OwnedAccount, TargetAccount};
use crate::projection::changes::words::{GainTax, TaxTreatment};
use crate::vocabulary::{AccountClass, AccountType, ExpenseCategory};

/// A new car cost 6 to 7 % in 2025 (Federal Reserve, G.19; Experian, State of the Automotive Finance Market), for 20 % down and 48 months by
/// the rule of thumb "20/4/10".
const CAR_RATE: i64 = 67;
const CAR_MONTHS: u16 = 48;

/// What is paid now for one car: all of a category, else what is usual.
fn per_car(form: &Form<'_>, category: ExpenseCategory, usual: Money) -> Money {
    let expenses = form.figures.expenses();
    let paid: Money = expenses.iter().filter(|expense| expense.category == Some(category)).map(|expense| expense.monthly).sum();
    let cars = form.figures.assets(|class| class == AccountClass::PersonalProperty);
    let cars = cars.iter().filter(|asset| asset.account_type == AccountType::Vehicle).count();
    if paid.is_positive() { paid.scaled(1, i64::try_from(cars.max(1)).unwrap_or(1)) } else { usual }
}

pub(super) fn buy_car(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The car");
    let third = round_figure(figures.annual_income().scaled(35, 100), 500).or(Some(whole(20_000)));
    let price = form
        .ask(amount("price", AnswerUnit::Once, "What does it cost?").usually(third, "35 % of the gross income of a year, or 20,000.00"));
    let cars = figures.assets(|class| class == AccountClass::PersonalProperty);
    let cars = cars.into_iter().filter(|asset| asset.account_type == AccountType::Vehicle).collect();
    let asked = figures.asset_choice("trade_in_account_id", "Which car is sold for it?", cars, "").optional();
    let old = form.choose(asked.usually(None, ""));
    form.step("The money");
    let payer =
        form.choose(figures.asset_choice("from_account_id", "Which account pays?", figures.payers(), "there is no account that could pay"));
    let fifth = price.map(|price| price.scaled(20, 100));
    let down = form.ask(
        amount_or_nothing("down_payment", AnswerUnit::Once, "How much of the price is paid at once?").usually(fifth, "20 % of the price"),
    );
    let rate =
        form.ask(fraction("rate", AnswerUnit::RateAYear, "At what rate is the rest borrowed?").usually(Some(permille(CAR_RATE)), "6.7 %"));
    let term_months = form.ask(months("term_months", "For how many months?", 1, 120).usually(Some(CAR_MONTHS), "four years"));
    form.step("What it costs to drive");
    let usual = per_car(form, ExpenseCategory::AutoInsurance, whole(150));
    let asked = amount_or_nothing("insurance_monthly", AnswerUnit::Monthly, "Insurance a month, beyond what is paid now?");
    let insurance = form.ask(asked.usually(Some(usual), "what is paid now for a car, or 150.00"));
    let usual = per_car(form, ExpenseCategory::GasFuel, whole(150));
    let asked = amount_or_nothing("fuel_monthly", AnswerUnit::Monthly, "Fuel a month, beyond what is paid now?");
    let fuel = form.ask(asked.usually(Some(usual), "what is paid now for a car, or 150.00"));
    if let Some((price, down)) = price.zip(down) {
        form.together(down <= price, "down_payment", "is more than the price");
    }
    let (price, payer, down, rate, term_months, insurance, fuel) = (price?, payer?, down?, rate?, term_months?, insurance?, fuel?);
    let account = Some(OwnedAccount(payer.id));
    let borrowed = ChangeKind::AddDebt(AddDebt {
        principal: price - down,
        rate,
        term_months,
        payment: None,
        account_type: AccountType::AutoLoan,
        proceeds_to_account_id: account,
    });
    let sold = ChangeKind::SellAsset(SellAsset {
        sale_price: None,
        selling_costs: None,
        pay_off_account_id: None,
        // What one's own car loses in value is nobody's deduction, and it rarely gains (26 U.S.C. § 165(c)).
        gain_tax: Some(GainTax::None),
    });
    let bought = ChangeKind::AddAsset(AddAsset { value: price, account_type: AccountType::Vehicle, funded_from_account_id: account });
    let mut changes: Vec<Suggested> =
        old.map(|old| Suggested::new("The old car goes", form.when, sold).about(old.source())).into_iter().collect();
    changes.extend((price > down).then(|| Suggested::new("Car loan", form.when, borrowed)));
    changes.push(Suggested::new("Car", form.when, bought));
    changes.extend(monthly(form, "Car insurance", insurance, ExpenseCategory::AutoInsurance));
    changes.extend(monthly(form, "Fuel", fuel, ExpenseCategory::GasFuel));
    Some(changes)
}

/// As what an inheritance comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Estate {
    Money,
    Investments,
}

pub(super) fn inheritance(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The inheritance");
    let year = round_figure(figures.annual_income(), 1_000).or(Some(whole(50_000)));
    let amount = form.ask(amount("amount", AnswerUnit::Once, "How much is it?").usually(year, "the gross income of a year, or 50,000.00"));
    let kinds = [(Estate::Money, "money"), (Estate::Investments, "investments")];
    let things = kinds.map(|(estate, word)| (estate, Choice { value: word.to_owned(), label: word.to_owned() })).to_vec();
    let asked = Choosing::new("form", AnswerType::Word, "As what does it come?", things, "").usually(Some(Estate::Money), "the usual");
    let estate = form.choose(asked);
    form.step("What is done with it");
    let asked = figures.debt_choice("pay_down_account_id", "Which debt is paid down from it?", |_| true, "").optional();
    let debt = form.choose(asked.usually(None, ""));
    let (amount, estate) = (amount?, estate?);
    let comes = match estate {
        Estate::Money => ChangeKind::LumpSumIncome(LumpSumIncome { amount, tax_treatment: TaxTreatment::Untaxed }),
        Estate::Investments => {
            ChangeKind::AddAsset(AddAsset { value: amount, account_type: AccountType::Brokerage, funded_from_account_id: None })
        }
    };
    let paid = debt.map(|debt| {
        let kind = ChangeKind::LumpSumExpense(LumpSumExpense {
            amount: amount.min(debt.owed),
            category: ExpenseCategory::OtherDebt,
            pay_down_account_id: Some(DebtAccount(debt.id)),
        });
        Suggested::new("A debt is paid down from it", form.when, kind)
    });
    Some([Suggested::new("Inheritance", form.when, comes)].into_iter().chain(paid).collect())
}

pub(super) fn savings_goal(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The goal");
    let three = round_figure(figures.monthly_expenses().scaled(3, 1), 100).or(Some(whole(3_000)));
    let amount = form.ask(
        amount("amount", AnswerUnit::Once, "How much is to be saved, on top of what is there?")
            .usually(three, "three months of expenses, or 3,000.00"),
    );
    let months = form.ask(months("saving_months", "In how many months?", 1, 600).usually(Some(24), "two years"));
    let main = figures.home.main_cash();
    let accounts = figures.assets(|class| class.is_liquid() || class == AccountClass::Retirement);
    let mut accounts: Vec<_> = accounts.into_iter().filter(|account| Some(account.id) != main).collect();
    accounts.sort_by_key(|account| account.account_type.class() != AccountClass::Cash);
    let asked = figures.asset_choice(
        "target_account_id",
        "Into which account?",
        accounts,
        "there is no account beside the one that bills are paid from",
    );
    let target = form.choose(asked.usually_first("the largest one of cash, or else of investments"));
    let (amount, months, target) = (amount?, months?, target?);
    // Rounded up, so that the goal is reached.
    let monthly = Money::from_cents(amount.cents().saturating_add(i64::from(months).saturating_sub(1)).div_euclid(i64::from(months)));
    let kind = ChangeKind::SetSavingsTransfer(SetSavingsTransfer { amount: monthly, target_account_id: TargetAccount(target.id) });
    Some(vec![Suggested::new("Saving", form.when, kind).lasting(months)])
}

pub(super) fn quarterly_estimates(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The payments");
    // A year that the law does not know leaves nothing to suggest.
    let summary = tax_summary(figures.home, figures.today, &Beside::default(), figures.tables).ok().flatten();
    let due = summary.map_or(Money::ZERO, |year| (year.federal.tax - year.federal.withheld).at_least_zero());
    let quarter = Money::from_cents(due.cents().saturating_add(3).div_euclid(4));
    let asked = amount_or_nothing("quarterly_amount", AnswerUnit::Quarterly, "How much is paid each quarter?");
    let amount = form.ask(asked.usually(Some(quarter), "a quarter of this year's federal tax that is not withheld from pay"));
    let kind = ChangeKind::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount: amount? });
    Some(vec![Suggested::new("Estimated taxes", form.when, kind)])
}

//! Where a household lives: moving, buying, selling.

use std::cmp::Reverse;

use super::career::pays;
use super::figures::{Debt, permille, round_figure, whole};
use super::form::{AnswerUnit, Form, amount, amount_or_nothing, fraction, months};
use super::spending::{monthly, once};
use super::suggested::Suggested;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::{AddAsset, AddDebt, AdjustTotalExpenses, RemoveExpense, SellAsset};
use crate::projection::changes::parameter::{DebtAccount, OwnedAccount};
use crate::projection::changes::words::AdjustMode;
use crate::rate::Rate;
use crate::vocabulary::{AccountClass, AccountType, ExpenseCategory};

pub(super) fn relocation(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The move");
    let month = round_figure(form.figures.monthly_spending(), 100);
    let asked = amount_or_nothing("moving_costs", AnswerUnit::Once, "What does the move cost?");
    let costs = form.ask(asked.usually(month.or(Some(whole(3_000))), "what is spent in a month, or 3,000.00"));
    let asked = fraction("living_cost_rate", AnswerUnit::Part, "By how much is life dearer there?");
    let dearer = form.ask(asked.usually(Some(permille(50)), "5 %"));
    form.step("The work");
    let job = form.choose(form.figures.job_choice("income_id", "Which pay is another one there?", |_| true, "").optional());
    let asked = amount("gross_annual_salary", AnswerUnit::Annual, "What does it come to a year, before taxes?").optional();
    let salary = form.ask(asked.usually(job.map(|job| job.annual), "as much as now"));
    let (costs, dearer) = (costs?, dearer?);
    let mut changes: Vec<Suggested> = once(form, "Moving", costs, ExpenseCategory::Miscellaneous).into_iter().collect();
    if !dearer.is_zero() {
        let kind = ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: dearer.fraction(), mode: AdjustMode::Percent });
        changes.push(Suggested::new("Dearer life", form.when, kind));
    }
    if let Some((job, salary)) = job.zip(salary).filter(|(job, salary)| *salary != job.annual) {
        changes.push(Suggested::new("Pay after the move", form.when, pays(salary)).about(job.source()));
    }
    Some(changes)
}

/// What lenders have long taken as the most that a household can carry: a house of three years' gross income.
const YEARS_OF_INCOME: i64 = 3;
/// About the average rate of a 30-year fixed mortgage in the years 2023 to 2025 (Freddie Mac, Primary Mortgage Market Survey: 6 to 7 %).
const MORTGAGE_RATE: i64 = 65;
const MORTGAGE_MONTHS: u16 = 360;
/// About the effective property tax on owner-occupied homes in the United States (American Community Survey; Tax Foundation: 0.9 to 1.1 %).
const PROPERTY_TAX: i64 = 11;
const INSURANCE: i64 = 5;
const MAINTENANCE: i64 = 10;
const CLOSING: i64 = 30;

/// What a house costs while one lives in it, of its price.
struct Upkeep {
    property_tax: Rate,
    insurance: Rate,
    maintenance: Rate,
}

impl Upkeep {
    fn ask(form: &mut Form<'_>) -> Option<Self> {
        form.step("What it costs to live there");
        let asked = fraction("property_tax_rate", AnswerUnit::RateAYear, "Property tax a year, of the price?");
        let property_tax = form.ask(asked.usually(Some(permille(PROPERTY_TAX)), "1.1 %, about the country's average"));
        let asked = fraction("insurance_rate", AnswerUnit::RateAYear, "Insurance a year, of the price?");
        let insurance = form.ask(asked.usually(Some(permille(INSURANCE)), "0.5 %"));
        let asked = fraction("maintenance_rate", AnswerUnit::RateAYear, "Repairs a year, of the price?");
        let maintenance = form.ask(asked.usually(Some(permille(MAINTENANCE)), "1 %, the rule of thumb"));
        Some(Self { property_tax: property_tax?, insurance: insurance?, maintenance: maintenance? })
    }

    fn suggested(&self, form: &Form<'_>, price: Money) -> impl Iterator<Item = Suggested> {
        let month = |rate: Rate| rate.of(price).scaled(1, 12);
        [
            monthly(form, "Property tax", month(self.property_tax), ExpenseCategory::PropertyTax),
            monthly(form, "Home insurance", month(self.insurance), ExpenseCategory::HomeownersInsurance),
            monthly(form, "Repairs", month(self.maintenance), ExpenseCategory::HomeMaintenance),
        ]
        .into_iter()
        .flatten()
    }
}

pub(super) fn home_purchase(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The house");
    let usual = round_figure(figures.annual_income().scaled(YEARS_OF_INCOME, 1), 1_000);
    let price = form.ask(amount("price", AnswerUnit::Once, "What does it cost?").usually(usual, "three times the gross income of a year"));
    let asked = fraction("closing_cost_rate", AnswerUnit::Part, "What does buying cost on top, of the price?");
    let closing = form.ask(asked.usually(Some(permille(CLOSING)), "3 %"));
    form.step("The money");
    let payer =
        form.choose(figures.asset_choice("from_account_id", "Which account pays?", figures.payers(), "there is no account that could pay"));
    let fifth = price.map(|price| price.scaled(20, 100).min(figures.liquid()));
    let asked = amount_or_nothing("down_payment", AnswerUnit::Once, "How much of the price is paid at once?");
    let down = form.ask(asked.usually(fifth, "20 % of the price, at most what is at hand"));
    let rate = form
        .ask(fraction("rate", AnswerUnit::RateAYear, "At what rate is the rest borrowed?").usually(Some(permille(MORTGAGE_RATE)), "6.5 %"));
    let asked = months("term_months", "For how many months?", 1, 600);
    let term_months = form.ask(asked.usually(Some(MORTGAGE_MONTHS), "30 years"));
    let upkeep = Upkeep::ask(form);
    form.step("What ends");
    let rents = figures.expenses().into_iter().filter(|expense| expense.category == Some(ExpenseCategory::Rent)).collect();
    let asked = figures.recurring_choice(("rent_flow_id", super::form::AnswerType::Flow, "Which rent ends?"), rents, "");
    let rent = form.choose(asked.optional());
    if let Some((price, down)) = price.zip(down) {
        form.together(down <= price, "down_payment", "is more than the price");
    }
    let (price, closing, payer, down, rate, term_months, upkeep) = (price?, closing?, payer?, down?, rate?, term_months?, upkeep?);
    let borrowed = ChangeKind::AddDebt(AddDebt {
        principal: price - down,
        rate,
        term_months,
        payment: None,
        account_type: AccountType::PrimaryMortgage,
        proceeds_to_account_id: Some(OwnedAccount(payer.id)),
    });
    let bought = ChangeKind::AddAsset(AddAsset {
        value: price,
        account_type: AccountType::PrimaryResidence,
        funded_from_account_id: Some(OwnedAccount(payer.id)),
    });
    let mortgage = (price > down).then(|| Suggested::new("Mortgage", form.when, borrowed));
    let mut changes: Vec<Suggested> = mortgage.into_iter().chain([Suggested::new("House", form.when, bought)]).collect();
    changes.extend(once(form, "Closing costs", closing.of(price), ExpenseCategory::BankFees));
    changes.extend(upkeep.suggested(form, price));
    changes
        .extend(rent.map(|rent| Suggested::new("No more rent", form.when, ChangeKind::RemoveExpense(RemoveExpense {})).about(rent.source)));
    Some(changes)
}

/// Agents and closing: 5 to 6 % of the price are usual.
const SELLING: i64 = 60;
/// A month's rent of a house in two hundredths of its price: sixteen to seventeen years of rent buy it.
const RENT: i64 = 5;

pub(super) fn home_sale(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    let figures = form.figures;
    form.step("The sale");
    let houses = figures.assets(|class| class == AccountClass::RealProperty);
    let home = form.choose(figures.asset_choice("account_id", "What is sold?", houses, "no house or land is owned"));
    let price = form.ask(amount("sale_price", AnswerUnit::Once, "For how much?").usually(home.map(|home| home.worth), "what it is worth"));
    let asked = fraction("selling_cost_rate", AnswerUnit::Part, "What does selling cost, of the price?");
    let costs = form.ask(asked.usually(Some(permille(SELLING)), "6 %"));
    let asked = figures.debt_choice("mortgage_account_id", "Which debt is paid off from it?", is_mortgage, "").optional();
    let usual = home.and_then(|home| mortgage_of(form, home.id));
    let mortgage = form.choose(asked.usually(usual, "the mortgage that belongs to it"));
    form.step("Afterwards");
    let lived_in = home.is_some_and(|home| home.account_type == AccountType::PrimaryResidence);
    let rent = price.filter(|_| lived_in).and_then(|price| round_figure(permille(RENT).of(price), 10));
    let asked = amount("rent", AnswerUnit::Monthly, "What rent is paid from then on?").optional();
    let rent = form.ask(asked.usually(rent, "0.5 % of the price a month"));
    let (home, price, costs) = (home?, price?, costs?);
    let sold = ChangeKind::SellAsset(SellAsset {
        sale_price: Some(price),
        selling_costs: Some(costs.of(price)),
        pay_off_account_id: mortgage.map(|debt| DebtAccount(debt.id)),
        gain_tax: None,
    });
    let sale = Suggested::new("Sale", form.when, sold).about(home.source());
    Some([sale].into_iter().chain(rent.and_then(|rent| monthly(form, "Rent", rent, ExpenseCategory::Rent))).collect())
}

pub(super) fn is_mortgage(debt: &Debt) -> bool {
    debt.account_type.class() == AccountClass::Mortgage
}

/// The mortgage in the group of a house; where it is in none, the largest one that is in none.
fn mortgage_of(form: &Form<'_>, house: AccountId) -> Option<Debt> {
    let group = |id: AccountId| form.figures.home.accounts.get(&id).and_then(|state| state.account.asset_group_id);
    let mut mortgages: Vec<Debt> = form.figures.debts().into_iter().filter(is_mortgage).collect();
    mortgages.retain(|debt| group(debt.id) == group(house));
    mortgages.into_iter().min_by_key(|debt| (Reverse(debt.owed), debt.id))
}

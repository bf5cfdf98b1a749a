//! What is owned and owed.

use domain::household::command::LiabilityPatch;
use domain::ids::AccountId;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::*;
use domain::projection::changes::parameter::{DebtAccount, OwnedAccount};
use domain::projection::changes::words::{CostsPaid, GainTax, TaxTreatment};
use domain::vocabulary::{AccountType, ExpenseCategory};

use super::super::support::*;
use super::*;

fn term(months: u32) -> LiabilityPatch {
    LiabilityPatch { term_months: Some(Some(months)), ..Default::default() }
}

fn ada() -> Home {
    given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "40000.00"),
        holds("House", AccountType::PrimaryResidence, "300000.00"),
        owes("Mortgage", AccountType::PrimaryMortgage, "200000.00", "0.06", term(300)),
        salaried("Acme", "96000.00"),
        scenario("What if"),
    ])
}

/// The account that a change of this name opens.
fn opened_by(called: &str) -> AccountId {
    AccountId(Uuid::new_v5(&change_id(called).0, b"account"))
}

/// Nothing is skipped; the balances are the scenario's in every month, the flows from the second month on.
#[track_caller]
fn becomes_real_today(home: &Home) -> Home {
    let expected = projection(home, id("What if"));
    let after = home.when(adopted("What if")).done();
    assert_eq!(report(&after).skipped, []);
    same_figures(&expected, &projection(&after, HOUSE.baseline()), 1);
    after
}

fn held(home: &Home, account: AccountId) -> String {
    home.state().accounts[&account].current_balance().to_string()
}

#[test]
fn a_car_that_is_bought_today_is_an_account_and_its_price_has_left_the_other() {
    let car = ChangeKind::AddAsset(AddAsset {
        value: money("15000.00"),
        account_type: AccountType::Vehicle,
        funded_from_account_id: Some(OwnedAccount(id("Checking"))),
    });
    let after = becomes_real_today(&ada().and([change("Car", TODAY, None, car)]));
    assert_eq!((held(&after, id("Checking")), held(&after, opened_by("Car"))), ("25000.00".into(), "15000.00".into()));
    assert_eq!(after.state().accounts[&opened_by("Car")].known_cost(), Some(money("15000.00")));
}

#[test]
fn nothing_can_be_owned_before_its_day() {
    let car = |from| {
        let funded_from_account_id = Some(OwnedAccount(id("Checking")));
        change(
            "Car",
            from,
            None,
            ChangeKind::AddAsset(AddAsset { value: money("15000.00"), account_type: AccountType::Vehicle, funded_from_account_id }),
        )
    };
    stays_a_plan(&ada().and([car("2026-11-24")]), [("Car", "future")]);
    stays_a_plan(&ada().and([car("2027-05-01")]), [("Car", "future")]);
    // On its day it can be.
    becomes_real_today(&ada().and([car("2027-05-01")]).on("2027-05-01"));
    // A month later it is what the balances say: the scenario does not count it any more either.
    stays_a_plan(&ada().and([car("2027-05-01")]).on("2027-06-01"), [("Car", "past")]);
}

#[test]
fn a_loan_of_today_is_a_debt_with_its_terms() {
    let loan = ChangeKind::AddDebt(AddDebt {
        principal: money("12000.00"),
        rate: rate("0.05"),
        term_months: 48,
        payment: None,
        account_type: AccountType::AutoLoan,
        proceeds_to_account_id: Some(OwnedAccount(id("Checking"))),
    });
    let after = becomes_real_today(&ada().and([change("Loan", TODAY, None, loan)]));
    let told = after.state().accounts[&opened_by("Loan")].clone();
    let terms = told.liability.unwrap();
    assert_eq!((terms.interest_rate, terms.term_months, terms.origination_date), (rate("0.05"), Some(48), Some(date(TODAY))));
    assert_eq!(held(&after, id("Checking")), "52000.00");
}

#[test]
fn a_house_that_is_worth_more_is_a_balance_and_keeps_what_it_cost() {
    let worth = ChangeKind::ModifyAsset(ModifyAsset { value: money("340000.00") });
    let after = becomes_real_today(&ada().and([change("Appraisal", TODAY, account_("House"), worth)]));
    assert_eq!(held(&after, id("House")), "340000.00");
    assert_eq!(after.state().accounts[&id("House")].known_cost(), Some(money("300000.00")));
}

#[test]
fn a_house_that_is_sold_is_gone_and_its_price_has_paid_the_mortgage() {
    let sale = ChangeKind::SellAsset(SellAsset {
        sale_price: Some(money("310000.00")),
        selling_costs: Some(money("18600.00")),
        pay_off_account_id: Some(DebtAccount(id("Mortgage"))),
        gain_tax: Some(GainTax::HomeSaleExclusion),
    });
    let after = becomes_real_today(&ada().and([change("Sale", TODAY, account_("House"), sale)]));
    assert!(!after.state().accounts[&id("House")].account.active);
    // 40,000 + 310,000 − 18,600 − 200,000
    assert_eq!((held(&after, id("Checking")), held(&after, id("Mortgage"))), ("131400.00".into(), "0.00".into()));
}

#[test]
fn a_gain_that_is_taxed_in_april_stays_a_plan() {
    let sale = ChangeKind::SellAsset(SellAsset {
        sale_price: Some(money("900000.00")),
        selling_costs: None,
        pay_off_account_id: None,
        gain_tax: None,
    });
    stays_a_plan(&ada().and([change("Sale", TODAY, account_("House"), sale)]), [("Sale", "differs")]);
}

#[test]
fn a_refinance_of_today_is_the_same_debt_on_other_terms() {
    let better = ChangeKind::Refinance(Refinance {
        rate: rate("0.045"),
        term_months: 360,
        closing_costs: Some(money("4000.00")),
        closing_costs_paid: Some(CostsPaid::Cash),
        cash_out: Some(money("10000.00")),
    });
    let after = becomes_real_today(&ada().and([change("Better", TODAY, account_("Mortgage"), better)]));
    let terms = after.state().accounts[&id("Mortgage")].liability.clone().unwrap();
    assert_eq!((terms.interest_rate, terms.term_months), (rate("0.045"), Some(360)));
    // 40,000 − 4,000 + 10,000
    assert_eq!((held(&after, id("Checking")), held(&after, id("Mortgage"))), ("46000.00".into(), "210000.00".into()));
}

#[test]
fn other_terms_leave_the_months_to_go_as_they_were() {
    // The balance is of September: told anew in November, the 300 months would be counted from there.
    let home = given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "40000.00"),
        owes(
            "Mortgage",
            AccountType::PrimaryMortgage,
            "200000.00",
            "0.06",
            LiabilityPatch { origination_date: Some(Some(date("2020-01-01"))), ..term(360) },
        ),
        recorded("Mortgage", vec![balance_on("2026-11-23", "200000.00")]),
        scenario("What if"),
    ]);
    let less = ModifyDebt { principal: Some(money("150000.00")), rate: Some(rate("0.05")), term_months: None, payment: None };
    becomes_real_today(&home.on("2027-01-15").and([change("Less", "2027-01-15", account_("Mortgage"), ChangeKind::ModifyDebt(less))]));
}

#[test]
fn a_windfall_of_today_is_a_balance_and_a_taxed_one_stays_a_plan() {
    let gift = |tax_treatment| ChangeKind::LumpSumIncome(LumpSumIncome { amount: money("5000.00"), tax_treatment });
    let after = becomes_real_today(&ada().and([change("Gift", TODAY, None, gift(TaxTreatment::Untaxed))]));
    assert_eq!(held(&after, id("Checking")), "45000.00");
    stays_a_plan(&ada().and([change("Prize", TODAY, None, gift(TaxTreatment::W2))]), [("Prize", "not_sayable")]);
    let later = ada().and([change("Gift", "2027-02-01", None, gift(TaxTreatment::Untaxed))]);
    stays_a_plan(&later, [("Gift", "future")]);
}

#[test]
fn what_is_paid_down_today_is_owed_no_more() {
    let down = ChangeKind::LumpSumExpense(LumpSumExpense {
        amount: money("30000.00"),
        category: ExpenseCategory::MortgagePrincipal,
        pay_down_account_id: Some(DebtAccount(id("Mortgage"))),
    });
    let after = becomes_real_today(&ada().and([change("Down", TODAY, None, down)]));
    assert_eq!((held(&after, id("Checking")), held(&after, id("Mortgage"))), ("10000.00".into(), "170000.00".into()));
    let wedding = LumpSumExpense { amount: money("50000.00"), category: ExpenseCategory::Miscellaneous, pay_down_account_id: None };
    stays_a_plan(&ada().and([change("Wedding", TODAY, None, ChangeKind::LumpSumExpense(wedding))]), [("Wedding", "not_sayable")]);
}

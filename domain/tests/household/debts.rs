//! What is due on debts each month.

use domain::calendar::Frequency;
use domain::flow_kind::FlowKind;
use domain::household::command::{AccountPatch, Holding, Intent, LiabilityPatch, Told};
use domain::vocabulary::{AccountType, ExpenseCategory, SystemFlowKind};

use super::support::*;
use SystemFlowKind::DebtPayment;

fn plain() -> LiabilityPatch {
    LiabilityPatch::default()
}
fn term(months: u32) -> LiabilityPatch {
    LiabilityPatch { term_months: Some(Some(months)), ..plain() }
}
fn at_least(amount: &str) -> LiabilityPatch {
    LiabilityPatch { minimum_payment: Some(Some(money(amount))), ..plain() }
}
/// What is due a month; nothing where there is no flow.
fn due(account_type: AccountType, owed: &str, annual_rate: &str, terms: LiabilityPatch) -> String {
    let home = given([opened("Ada"), owes("Debt", account_type, owed, annual_rate, terms)]);
    home.amounts(DebtPayment).pop().unwrap_or_default()
}

#[test]
fn a_debt_is_paid_every_month_from_the_main_account() {
    let home = given([
        opened("Ada"),
        holds("Everyday", AccountType::Checking, "1.00"),
        owes("Card", AccountType::CreditCard, "5000.00", "0.24", at_least("35.00")),
    ]);
    let flow = home.flow(DebtPayment);
    assert_eq!((flow.amount, flow.frequency, flow.start_date), (money("35.00"), Frequency::Monthly, date(TODAY)));
    assert_eq!((flow.from_account_id, flow.to_account_id), (Some(id("Everyday")), None));
}

#[test]
fn the_entered_minimum_goes_before_everything_else_but_never_beyond_what_is_owed() {
    assert_eq!(due(AccountType::AutoLoan, "24000.00", "0.06", LiabilityPatch { ..at_least("700.00") }), "700.00");
    let interest_only = LiabilityPatch { interest_only: Some(true), ..at_least("700.00") };
    assert_eq!(due(AccountType::Heloc, "24000.00", "0.06", interest_only), "700.00");
    // 50.00 and a month of 12 % on it.
    assert_eq!(due(AccountType::AutoLoan, "50.00", "0.12", at_least("100.00")), "50.50");
}

#[test]
fn an_instalment_debt_is_repaid_in_its_term() {
    // 24,000 × 0.005 / (1 − 1.005^−48)
    assert_eq!(due(AccountType::AutoLoan, "24000.00", "0.06", term(48)), "563.64");
    assert_eq!(due(AccountType::FamilyLoan, "12000.00", "0", term(24)), "500.00");
    // Borrowed two years ago for five: 36 months are left.
    let begun = LiabilityPatch { origination_date: Some(Some(date("2024-11-01"))), ..term(60) };
    assert_eq!(due(AccountType::PersonalLoan, "12000.00", "0", begun), "333.33");
    let until = LiabilityPatch { maturity_date: Some(Some(date("2027-11-30"))), ..plain() };
    assert_eq!(due(AccountType::PersonalLoan, "12000.00", "0", until), "1000.00");
    // Past its maturity all of it is due.
    let overdue = LiabilityPatch { maturity_date: Some(Some(date("2020-01-31"))), ..plain() };
    assert_eq!(due(AccountType::PersonalLoan, "1200.00", "0.12", overdue), "1212.00");
}

#[test]
fn the_remaining_term_is_counted_from_the_balance_and_so_does_not_change_overnight() {
    let home = given([opened("Ada"), owes("Car", AccountType::AutoLoan, "24000.00", "0.06", term(48))]);
    home.clone().on("2026-12-31").when(Intent::RegenerateFlows).then([]);
    let later = home.on("2026-12-31").when(recorded("Car", vec![balance_on("2026-12-23", "23556.36")]));
    later.then(["balance.recorded", "system_flows.generated"]);
}

#[test]
fn a_revolving_debt_takes_interest_and_one_percent_and_at_least_25() {
    for account_type in
        [AccountType::CreditCard, AccountType::StoreCard, AccountType::Heloc, AccountType::PersonalLoc, AccountType::BusinessLoc]
    {
        // 5,000 × 24 % / 12 = 100.00, and 50.00.
        assert_eq!(due(account_type, "5000.00", "0.24", plain()), "150.00", "{account_type}");
        assert_eq!(due(account_type, "500.00", "0.24", plain()), "25.00", "{account_type}");
        // All of it: 20.00 and its interest.
        assert_eq!(due(account_type, "20.00", "0.24", plain()), "20.40", "{account_type}");
    }
}

#[test]
fn interest_only_is_a_twelfth_of_the_year_s_interest() {
    assert_eq!(due(AccountType::PrimaryMortgage, "100000.00", "0.06", LiabilityPatch { interest_only: Some(true), ..term(360) }), "500.00");
}

#[test]
fn nothing_is_due_in_forbearance_or_on_nothing_owed_or_where_the_terms_do_not_say() {
    assert_eq!(
        due(AccountType::StudentLoanFederal, "9000.00", "0.05", LiabilityPatch { in_forbearance: Some(true), ..at_least("99.00") }),
        ""
    );
    assert_eq!(due(AccountType::CreditCard, "0.00", "0.24", at_least("35.00")), "");
    assert_eq!(due(AccountType::AutoLoan, "9000.00", "0.05", plain()), "");
    let unknown_balance = holding(account("Card", AccountType::CreditCard), Holding::default());
    assert_eq!(given([opened("Ada"), unknown_balance]).flows(DebtPayment), []);
}

#[test]
fn escrow_comes_on_top_of_the_payment() {
    let escrow = |terms: LiabilityPatch| LiabilityPatch { escrow: Some(Some(money("400.00"))), ..terms };
    assert_eq!(due(AccountType::PrimaryMortgage, "240000.00", "0.06", escrow(at_least("1500.00"))), "1900.00");
    // 240,000 × 0.005 / (1 − 1.005^−360) = 1,438.92
    assert_eq!(due(AccountType::PrimaryMortgage, "240000.00", "0.06", escrow(term(360))), "1838.92");
}

#[test]
fn a_new_balance_or_new_terms_and_the_new_payment_are_one_batch() {
    let home = given([opened("Ada"), owes("Card", AccountType::CreditCard, "5000.00", "0.24", plain())]);
    let home = home.when(recorded("Card", vec![balance("4000.00")])).then(["balance.recorded", "system_flows.generated"]);
    assert_eq!(home.amounts(DebtPayment), ["120.00"]);
    let cheaper = LiabilityPatch { interest_rate: Some(rate("0.12")), ..plain() };
    let change = Holding { liability: Some(Told::Part(cheaper)), ..Default::default() };
    let home = home.when(Intent::ChangeAccount { id: id("Card"), patch: AccountPatch::default(), holding: change });
    assert_eq!(home.then(["liability.changed", "system_flows.generated"]).amounts(DebtPayment), ["80.00"]);
}

#[test]
fn a_debt_that_is_paid_off_or_put_aside_is_paid_no_more() {
    let home = given([opened("Ada"), owes("Card", AccountType::CreditCard, "5000.00", "0.24", plain())]);
    let paid_off = home.when(recorded("Card", vec![balance("0.00")])).then(["balance.recorded", "system_flows.generated"]);
    let patch = AccountPatch { active: Some(false), ..Default::default() };
    let aside = home.when(Intent::ChangeAccount { id: id("Card"), patch, holding: Holding::default() }).done();
    assert_eq!((paid_off.flows(DebtPayment).len(), aside.flows(DebtPayment).len()), (0, 0));
}

/// The event would be stored and never parsed again: the end of the household.
#[test]
fn a_payment_is_an_amount_that_can_be_read_again() {
    let all = domain::money::Money::LIMIT.to_string();
    assert_eq!(due(AccountType::TaxDebt, &all, "1", term(1)), all);
}

#[test]
fn a_payment_counts_as_what_it_is_paid_for() {
    for (account_type, category) in [
        (AccountType::PrimaryMortgage, ExpenseCategory::MortgagePrincipal),
        (AccountType::SecondMortgage, ExpenseCategory::MortgagePrincipal),
        (AccountType::RentalMortgage, ExpenseCategory::RentalMortgage),
        (AccountType::AutoLoan, ExpenseCategory::AutoLoan),
        (AccountType::StudentLoanPrivate, ExpenseCategory::StudentLoan),
        (AccountType::PersonalLoan, ExpenseCategory::PersonalLoan),
        (AccountType::StoreCard, ExpenseCategory::CreditCardPayment),
        (AccountType::Heloc, ExpenseCategory::HelocPayment),
        (AccountType::MedicalDebt, ExpenseCategory::OtherDebt),
    ] {
        let home = given([opened("Ada"), owes("Debt", account_type, "100.00", "0", at_least("10.00"))]);
        assert_eq!(home.flow(DebtPayment).category, FlowKind::Expense(category), "{account_type}");
    }
}

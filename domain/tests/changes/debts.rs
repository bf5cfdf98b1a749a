//! What is owed.

use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{AddDebt, AdjustInterestRates, ModifyDebt, PayoffDebt, Refinance};
use domain::projection::changes::parameter::OwnedAccount;
use domain::projection::changes::words::{CostsPaid, DebtScope};
use domain::projection::{DebtTerms, PaymentRule, Plan, PlanAccount};
use domain::vocabulary::AccountType;

use crate::projection_support::{CHECKING, debt, money, plan, rate, series};
use crate::support::{self, change, changed, until, with};

/// Somebody with 50,000 in checking who owes 12,000 at 6 %, interest only by a payment of 60.
fn indebted(months: u16) -> Plan {
    let mut plan = plan("50000.00", months);
    plan.accounts.push(debt(2, AccountType::PersonalLoan, "12000.00", "0.06", PaymentRule::Fixed(money("60.00"))));
    plan
}

fn owed(rows: &[domain::projection::Row]) -> Vec<String> {
    series(rows, |row| row.total_liabilities)
}

#[test]
fn what_is_borrowed_arrives_and_is_paid_back_in_its_term() {
    let loan = AddDebt {
        principal: money("12000.00"),
        rate: rate("0.06"),
        term_months: 12,
        payment: None,
        account_type: AccountType::PersonalLoan,
        proceeds_to_account_id: Some(OwnedAccount(CHECKING)),
    };
    let plan = with(&plan("1000.00", 13), [change("2026-01-20", None, ChangeKind::AddDebt(loan))]);
    let rows = crate::projection_support::rows(&plan);
    // 12,000 at 0.5 % a month over 12 payments: 1,032.80 (the annuity formula in 50 digits: 1032.7971...). After the first payment
    // 12,000 + 60 - 1,032.80 = 11,027.20 are owed.
    assert_eq!(rows[0].total_liabilities, money("11027.20"));
    assert_eq!(rows[0].liquid_assets, money("11967.20"));
    assert_eq!(rows[0].change.one_off, money("0.00"));
    assert!(rows[10].total_liabilities.is_positive());
    assert_eq!((rows[11].total_liabilities, rows[12].total_expenses), (money("0.00"), money("0.00")));
}

#[test]
fn what_is_borrowed_for_something_that_is_no_account_is_gone() {
    let loan = AddDebt {
        principal: money("12000.00"),
        rate: rate("0"),
        term_months: 12,
        payment: Some(money("500.00")),
        account_type: AccountType::StudentLoanFederal,
        proceeds_to_account_id: None,
    };
    let rows = changed(&plan("20000.00", 2), [change("2026-01-20", None, ChangeKind::AddDebt(loan))]);
    assert_eq!(owed(&rows), ["11500.00", "11000.00"]);
    assert_eq!(rows[0].change.one_off, money("-12000.00"));
}

#[test]
fn a_debt_on_other_terms_follows_them() {
    let less =
        ModifyDebt { principal: Some(money("10000.00")), rate: Some(rate("0.12")), term_months: None, payment: Some(money("200.00")) };
    let rows = changed(&indebted(3), [change("2026-02-01", support::account(2), ChangeKind::ModifyDebt(less))]);
    // From February on 10,000 at 1 % a month, less 200: 9,900; 9,900 + 99 - 200 = 9,799.
    assert_eq!(owed(&rows), ["12000.00", "9900.00", "9799.00"]);
    assert_eq!(rows[1].change.one_off, money("2000.00"));
}

#[test]
fn a_debt_with_another_term_is_paid_back_in_it() {
    let shorter = ModifyDebt { principal: None, rate: None, term_months: Some(12), payment: None };
    let rows = changed(&indebted(13), [change("2026-01-01", support::account(2), ChangeKind::ModifyDebt(shorter))]);
    assert_eq!((rows[0].total_liabilities, rows[11].total_liabilities), (money("11027.20"), money("0.00")));
}

#[test]
fn of_a_term_and_a_payment_the_payment_is_made() {
    let both = ModifyDebt { principal: None, rate: None, term_months: Some(12), payment: Some(money("160.00")) };
    let rows = changed(&indebted(2), [change("2026-01-01", support::account(2), ChangeKind::ModifyDebt(both))]);
    // 12,000 bear 60, less 160: 11,900; they bear 59.50.
    assert_eq!(owed(&rows), ["11900.00", "11799.50"]);
}

#[test]
fn paying_more_ends_with_the_debt() {
    let mut plan = plan("50000.00", 5);
    plan.accounts.push(debt(2, AccountType::PersonalLoan, "1000.00", "0", PaymentRule::Fixed(money("50.00"))));
    let faster = PayoffDebt { extra_monthly: money("300.00") };
    let rows = changed(&plan, [change("2026-02-01", support::account(2), ChangeKind::PayoffDebt(faster))]);
    // 950, then 350 less a month: 600, 250, and the last 250.
    assert_eq!(owed(&rows), ["950.00", "600.00", "250.00", "0.00", "0.00"]);
    assert_eq!(series(&rows, |row| row.liquid_assets), ["49950.00", "49600.00", "49250.00", "49000.00", "49000.00"]);
}

#[test]
fn a_refinanced_loan_has_the_new_terms_and_what_was_added_to_it() {
    let mut plan = plan("50000.00", 2);
    plan.accounts.push(debt(2, AccountType::PrimaryMortgage, "100000.00", "0.06", PaymentRule::Fixed(money("500.00"))));
    let new = |closing_costs_paid| Refinance {
        rate: rate("0.03"),
        term_months: 180,
        closing_costs: Some(money("2000.00")),
        closing_costs_paid,
        cash_out: Some(money("5000.00")),
    };
    let refinanced = |paid| changed(&plan, [change("2026-02-10", support::account(2), ChangeKind::Refinance(new(paid)))])[1].clone();
    // January: 500 of interest, paid by 500: 100,000 are owed. February, financed: 107,000 at 0.25 % bear 267.50; the payment over
    // 180 months is 738.92 (in 50 digits: 738.9223...): 106,528.58 are owed.
    let financed = refinanced(Some(CostsPaid::Financed));
    assert_eq!((financed.total_liabilities, financed.liquid_assets), (money("106528.58"), money("53761.08")));
    assert_eq!(financed.change.interest_and_fees, money("-2267.50"));
    assert_eq!(financed, refinanced(None));
    // In cash: 105,000 bear 262.50; the payment is 725.11 (725.1107...).
    let in_cash = refinanced(Some(CostsPaid::Cash));
    assert_eq!((in_cash.total_liabilities, in_cash.liquid_assets), (money("104537.39"), money("51774.89")));
    assert_eq!(in_cash.change.interest_and_fees, money("-2262.50"));
}

#[test]
fn interest_rates_rise_by_points_and_fall_back() {
    let mut plan = indebted(3);
    let card = debt(3, AccountType::CreditCard, "1000.00", "0.20", PaymentRule::None);
    let variable = DebtTerms { is_variable: true, ceiling: Some(rate("0.215")), ..card.debt.clone().unwrap() };
    plan.accounts.push(PlanAccount { debt: Some(variable), ..card });
    let interest = |applies_to| {
        let rise = AdjustInterestRates { percentage_points: rate("2"), applies_to };
        let rise = until("2026-02-28", change("2026-02-01", None, ChangeKind::AdjustInterestRates(rise)));
        series(&changed(&plan, [rise]), |row| row.change.interest_and_fees)
    };
    // The loan bears 60.00 a month, at 8 % 80.00. The card: 1,000 at 20 % 16.67; 1,016.67 at 21.5 % (its ceiling) 18.22, at 20 %
    // 16.94; then 1,034.89 at 20 % 17.25, or 1,033.61 at 20 % 17.23.
    assert_eq!(interest(DebtScope::Variable), ["-76.67", "-78.22", "-77.25"]);
    assert_eq!(interest(DebtScope::Type(AccountType::CreditCard)), ["-76.67", "-78.22", "-77.25"]);
    let all = interest(DebtScope::All);
    assert_eq!(all[..2], ["-76.67", "-98.22"]);
    let loans = interest(DebtScope::Type(AccountType::PersonalLoan));
    assert_eq!(loans[..2], ["-76.67", "-96.94"]);
}

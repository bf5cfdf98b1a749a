//! Shocks of the market.

use domain::projection::Plan;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{AddAsset, AdjustInvestmentValue};
use domain::projection::changes::words::InvestmentScope;
use domain::vocabulary::AccountType;

use crate::projection_support::{account, account_id, money, plan, rate, series};
use crate::support::{change, changed};

fn invested(months: u16) -> Plan {
    let mut plan = plan("1000.00", months);
    plan.accounts.push(account(2, AccountType::Brokerage, "10000.00"));
    plan.accounts.push(account(3, AccountType::RothIra, "20000.00"));
    plan
}

fn shock(fraction: &str, applies_to: InvestmentScope, recovery_months: Option<u16>) -> ChangeKind {
    ChangeKind::AdjustInvestmentValue(AdjustInvestmentValue { fraction: rate(fraction), applies_to, recovery_months })
}

#[test]
fn investments_lose_a_part_and_recover_in_equal_steps() {
    let rows = changed(&invested(7), [change("2026-02-10", None, shock("-0.2", InvestmentScope::All, Some(4)))]);
    let held = |number| series(&rows, |row| row.balances.get(account_id(number)));
    assert_eq!(held(2), ["10000.00", "8000.00", "8500.00", "9000.00", "9500.00", "10000.00", "10000.00"]);
    assert_eq!(held(3), ["20000.00", "16000.00", "17000.00", "18000.00", "19000.00", "20000.00", "20000.00"]);
    assert_eq!(rows[1].change.investment_growth, money("-6000.00"));
    assert_eq!(rows[0].liquid_assets - rows[1].liquid_assets, money("2000.00"));
}

#[test]
fn one_type_of_account_loses_for_good() {
    let brokerage = InvestmentScope::Type(AccountType::Brokerage);
    let rows = changed(&invested(3), [change("2026-02-10", None, shock("-0.4", brokerage, None))]);
    assert_eq!(series(&rows, |row| row.balances.get(account_id(2))), ["10000.00", "6000.00", "6000.00"]);
    assert_eq!(rows[2].balances.get(account_id(3)), money("20000.00"));
}

#[test]
fn the_value_of_property_falls_as_an_appraisal() {
    let mut plan = invested(3);
    plan.accounts.push(account(4, AccountType::PrimaryResidence, "300000.00"));
    let homes = InvestmentScope::Type(AccountType::PrimaryResidence);
    let rows = changed(&plan, [change("2026-02-10", None, shock("-0.1", homes, Some(1)))]);
    assert_eq!(series(&rows, |row| row.balances.get(account_id(4))), ["300000.00", "270000.00", "300000.00"]);
    assert_eq!((rows[1].change.appreciation, rows[1].change.investment_growth), (money("-30000.00"), money("0.00")));
}

#[test]
fn what_is_bought_at_the_bottom_recovers_too() {
    // 9,000 given at the bottom, where prices stand at 90 %: they rise by a ninth of that within two months.
    let gift = AddAsset { value: money("9000.00"), account_type: AccountType::Crypto, funded_from_account_id: None };
    let changes =
        [change("2026-01-10", None, shock("-0.1", InvestmentScope::All, Some(2))), change("2026-01-10", None, ChangeKind::AddAsset(gift))];
    let rows = changed(&plan("0.00", 3), changes);
    assert_eq!(series(&rows, |row| row.net_worth), ["8100.00", "8550.00", "9000.00"]);
}

//! Where money arrives and bills are paid from.

use domain::household::command::{AccountPatch, AssetDetailsPatch, Holding, Intent, LiabilityPatch, Told};
use domain::household::facts::Account;
use domain::vocabulary::{AccountType, SystemFlowKind};

use super::support::*;

#[test]
fn a_household_without_any_cash_account_gets_a_checking_account_that_is_named_and_visible() {
    let home = given([opened("Ada")]);
    let home =
        home.when(salaried("Acme", "96000.00")).then(["income_source.added", "account.opened", "account.opened", "system_flows.generated"]);
    let (checking, state) = home.account_of_type(AccountType::Checking);
    assert_eq!(state.account.name.as_str(), "Checking (opened for your pay and bills)");
    assert!(state.opened_by_system && state.account.active);
    assert_eq!(home.flow(SystemFlowKind::NetPay).to_account_id, Some(checking));
}

#[test]
fn without_checking_the_first_cash_account_is_used_and_none_is_opened() {
    let home = given([opened("Ada"), holds("Rainy day", AccountType::Savings, "1.00"), salaried("Acme", "96000.00")]);
    assert_eq!(home.flow(SystemFlowKind::NetPay).to_account_id, Some(id("Rainy day")));
    assert_eq!(home.state().accounts.len(), 2, "savings and payroll clearing");
}

#[test]
fn a_checking_account_goes_before_every_other_and_the_order_of_lists_decides_among_several() {
    let second = Account { display_order: 2, ..account("Second", AccountType::Checking) };
    let first = Account { display_order: 1, ..account("First", AccountType::Checking) };
    let home = given([opened("Ada"), holds("Rainy day", AccountType::Savings, "1.00"), salaried("Acme", "96000.00")]);
    let home = home.when(holding(second, Holding::default())).then(["account.opened", "system_flows.generated"]);
    assert_eq!(home.flow(SystemFlowKind::NetPay).to_account_id, Some(id("Second")));
    let home = home.when(holding(first, Holding::default())).then(["account.opened", "system_flows.generated"]);
    assert_eq!(home.flow(SystemFlowKind::NetPay).to_account_id, Some(id("First")));
}

#[test]
fn a_house_with_costs_needs_cash_too() {
    let details = AssetDetailsPatch { monthly_hoa: Some(Some(money("75.00"))), ..Default::default() };
    let house = Holding { asset_details: Some(Told::Whole(details)), ..Default::default() };
    let home = given([opened("Ada")]).when(holding(account("House", AccountType::PrimaryResidence), house)).done();
    let (checking, _) = home.account_of_type(AccountType::Checking);
    assert_eq!(home.flow(SystemFlowKind::HoaFees).from_account_id, Some(checking));
}

#[test]
fn nothing_is_opened_that_no_flow_needs() {
    let waiting = LiabilityPatch { in_forbearance: Some(true), ..Default::default() };
    given([opened("Ada")]).when(owes("Study", AccountType::StudentLoanFederal, "9000.00", "0.05", waiting)).then([
        "account.opened",
        "liability.changed",
        "balance.recorded",
    ]);
}

/// A second account under the id of a removed one would be the same thing to everybody who remembers the first.
#[test]
fn an_account_that_was_removed_comes_back_as_another_one() {
    let home = given([opened("Ada"), salaried("Acme", "96000.00")]);
    let (before, _) = home.account_of_type(AccountType::Checking);
    let home = home.when(Intent::RemoveAccount { id: before }).then(["account.removed", "account.opened", "system_flows.generated"]);
    let (after, _) = home.account_of_type(AccountType::Checking);
    assert_ne!(before, after);
    assert_eq!(home.flow(SystemFlowKind::NetPay).to_account_id, Some(after));
}

#[test]
fn pay_never_goes_to_an_account_that_is_no_longer_used() {
    let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00"), salaried("Acme", "96000.00")]);
    let patch = AccountPatch { active: Some(false), ..Default::default() };
    let home = home.when(Intent::ChangeAccount { id: id("Everyday"), patch, holding: Holding::default() }).then([
        "account.changed",
        "account.opened",
        "system_flows.generated",
    ]);
    assert_ne!(home.flow(SystemFlowKind::NetPay).to_account_id, Some(id("Everyday")));
}

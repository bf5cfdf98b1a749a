//! What is owned.

use domain::calendar::Frequency;
use domain::ids::MemberId;
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{AddAsset, ModifyAsset, SellAsset};
use domain::projection::changes::parameter::{DebtAccount, OwnedAccount};
use domain::projection::changes::words::GainTax;
use domain::projection::{FlowKind, PaymentRule, Plan, PlanAccount, PlanFlow, PlanMember};
use domain::vocabulary::{AccountType, ExpenseCategory, WithdrawalOrder};
use uuid::Uuid;

use crate::projection_support::{CHECKING, account, account_id, date, debt, flow, money, plan, rows, series};
use crate::support::{self, change, changed, planned, with};

fn owner(months: u16) -> Plan {
    let mut plan = plan("50000.00", months);
    plan.accounts.push(account(2, AccountType::PrimaryResidence, "300000.00"));
    plan
}

#[test]
fn an_asset_that_is_paid_for_costs_what_it_is_worth() {
    let car =
        AddAsset { value: money("20000.00"), account_type: AccountType::Vehicle, funded_from_account_id: Some(OwnedAccount(CHECKING)) };
    let rows = changed(&plan("50000.00", 2), [change("2026-02-01", None, ChangeKind::AddAsset(car))]);
    assert_eq!(series(&rows, |row| row.net_worth), ["50000.00", "50000.00"]);
    assert_eq!(series(&rows, |row| row.liquid_assets), ["50000.00", "30000.00"]);
    assert_eq!(rows[1].change.one_off, money("0.00"));
}

#[test]
fn an_asset_that_nobody_pays_for_is_a_gift() {
    let gift = AddAsset { value: money("20000.00"), account_type: AccountType::Brokerage, funded_from_account_id: None };
    let plan = with(&plan("50000.00", 2), [change("2026-02-01", None, ChangeKind::AddAsset(gift))]);
    let rows = rows(&plan);
    assert_eq!(series(&rows, |row| row.net_worth), ["50000.00", "70000.00"]);
    assert_eq!((rows[1].change.one_off, rows[1].total_income), (money("20000.00"), money("0.00")));
    let (opened, _) = plan.changes[0].opens().unwrap();
    assert_eq!(rows[1].balances.get(opened), money("20000.00"));
}

#[test]
fn an_asset_is_worth_what_is_said() {
    let rows =
        changed(&owner(3), [change("2026-02-01", support::account(2), ChangeKind::ModifyAsset(ModifyAsset { value: money("280000.00") }))]);
    assert_eq!(series(&rows, |row| row.balances.get(account_id(2))), ["300000.00", "280000.00", "280000.00"]);
    assert_eq!(rows[1].change.one_off, money("-20000.00"));
}

#[test]
fn a_house_is_sold_its_mortgage_paid_off_and_its_costs_end() {
    let mut plan = owner(3);
    plan.accounts.push(debt(3, AccountType::PrimaryMortgage, "200000.00", "0", PaymentRule::Fixed(money("1000.00"))));
    let tax = flow(1, FlowKind::Expense(ExpenseCategory::PropertyTax), "300.00", Frequency::Monthly);
    plan.flows.push(PlanFlow { property: Some(account_id(2)), ..tax });
    let sale = SellAsset {
        sale_price: Some(money("320000.00")),
        selling_costs: Some(money("19200.00")),
        pay_off_account_id: Some(DebtAccount(account_id(3))),
        gain_tax: Some(GainTax::None),
    };
    let rows = changed(&plan, [change("2026-02-15", support::account(2), ChangeKind::SellAsset(sale))]);
    // January: 1,000 paid on the mortgage, 300 of tax. February: 320,000 - 199,000 - 19,200 = 101,800 come in, and neither is due again.
    assert_eq!(series(&rows, |row| row.liquid_assets), ["48700.00", "150500.00", "150500.00"]);
    assert_eq!(series(&rows, |row| row.total_liabilities), ["199000.00", "0.00", "0.00"]);
    assert_eq!(series(&rows, |row| row.balances.get(account_id(2))), ["300000.00", "0.00", "0.00"]);
    // 20,000 more than it was worth, less the costs.
    assert_eq!((rows[1].change.appreciation, rows[1].change.spending), (money("20000.00"), money("-19200.00")));
}

#[test]
fn a_sale_below_what_is_owed_is_completed_from_cash() {
    let mut plan = owner(1);
    plan.accounts.push(debt(3, AccountType::PrimaryMortgage, "310000.00", "0", PaymentRule::None));
    let sale = SellAsset {
        sale_price: None,
        selling_costs: None,
        pay_off_account_id: Some(DebtAccount(account_id(3))),
        gain_tax: Some(GainTax::None),
    };
    let row = &changed(&plan, [change("2026-01-15", support::account(2), ChangeKind::SellAsset(sale))])[0];
    assert_eq!((row.liquid_assets, row.total_liabilities), (money("40000.00"), money("0.00")));
}

#[test]
fn what_a_change_brings_can_be_sold_by_a_later_one() {
    let boat = AddAsset { value: money("30000.00"), account_type: AccountType::Boat, funded_from_account_id: Some(OwnedAccount(CHECKING)) };
    let first = change("2026-01-10", None, ChangeKind::AddAsset(boat));
    let (id, _) = planned([first.clone()])[0].opens().unwrap();
    let sale = SellAsset { sale_price: Some(money("25000.00")), selling_costs: None, pay_off_account_id: None, gain_tax: None };
    let about = Some(domain::projection::changes::Source::Account(id));
    let rows = changed(&plan("50000.00", 2), [first, change("2026-02-10", about, ChangeKind::SellAsset(sale))]);
    assert_eq!(series(&rows, |row| row.liquid_assets), ["20000.00", "45000.00"]);
}

fn acquired(value: &str, account_type: AccountType, funded_from: Option<u128>) -> ChangeKind {
    let funded_from_account_id = funded_from.map(|number| OwnedAccount(account_id(number)));
    ChangeKind::AddAsset(AddAsset { value: money(value), account_type, funded_from_account_id })
}

#[test]
fn a_retirement_account_that_a_change_brings_is_the_first_members() {
    let mut old = plan("0.00", 24);
    old.filer.members[0].birth = Some(date("1950-03-01"));
    let changed = with(&old, [change("2026-02-10", None, acquired("100000.00", AccountType::TraditionalIra, None))]);
    let (ira, _) = changed.changes[0].opens().unwrap();
    // Nothing was held at the end of 2025; at 77 the law wants 1/22.9 of what was held at the end of 2026: 4,366.81.
    let balances = series(&rows(&changed), |row| row.balances.get(ira));
    assert_eq!([&balances[11], &balances[22], &balances[23]], ["100000.00", "100000.00", "95633.19"]);
}

#[test]
fn what_a_spouses_account_pays_for_is_the_spouses() {
    let mut couple = plan("0.00", 24);
    let spouse = MemberId(Uuid::from_u128(2));
    couple.filer.members.push(PlanMember { id: spouse, birth: Some(date("1950-03-01")), retired: false });
    couple.accounts.push(PlanAccount { owner: Some(spouse), ..account(2, AccountType::Traditional401k, "300000.00") });
    let rolled_over = acquired("100000.00", AccountType::TraditionalIra, Some(2));
    let rows = changed(&couple, [change("2026-02-10", None, rolled_over)]);
    // At 76: 300,000 / 23.7 = 12,658.23. At 77, both accounts together: 287,341.77 / 22.9 = 12,547.68.
    let held = series(&rows, |row| row.retirement_assets);
    assert_eq!([&held[10], &held[11], &held[23]], ["300000.00", "287341.77", "274794.09"]);
}

#[test]
fn what_a_change_brings_pays_in_its_turn_when_cash_runs_short() {
    let mut retired = plan("1000.00", 3);
    retired.filer.members[0].retired = true;
    retired.accounts.push(account(2, AccountType::TraditionalIra, "50000.00"));
    retired.flows.push(flow(1, FlowKind::Expense(ExpenseCategory::Rent), "1000.00", Frequency::Monthly));
    let left = |withdrawal_order, account_type| {
        let gift = change("2026-01-10", None, acquired("10000.00", account_type, None));
        let plan = with(&Plan { withdrawal_order, ..retired.clone() }, [gift]);
        let (opened, _) = plan.changes[0].opens().unwrap();
        let last = rows(&plan).pop().unwrap();
        [opened, account_id(2)].map(|account| last.balances.get(account).to_string())
    };
    // January is paid from checking, February and March from what comes first.
    let (usual, roth_first) = (WithdrawalOrder::TaxableDeferredRoth, WithdrawalOrder::TaxableRothDeferred);
    assert_eq!(left(usual, AccountType::RothIra), ["10000.00", "48000.00"]);
    assert_eq!(left(roth_first, AccountType::RothIra), ["8000.00", "50000.00"]);
    assert_eq!(left(usual, AccountType::Brokerage), ["8000.00", "50000.00"]);
    assert_eq!(left(WithdrawalOrder::DeferredTaxableRoth, AccountType::Brokerage), ["10000.00", "48000.00"]);
}

fn sold_for(price: Option<&str>) -> ChangeKind {
    let sale_price = price.map(money);
    ChangeKind::SellAsset(SellAsset { sale_price, selling_costs: None, pay_off_account_id: None, gain_tax: Some(GainTax::None) })
}

#[test]
fn what_was_sold_is_gone_and_can_be_neither_sold_again_nor_revalued() {
    let house = support::account(2);
    let revalued = ChangeKind::ModifyAsset(ModifyAsset { value: money("400000.00") });
    let costly = SellAsset {
        sale_price: Some(money("330000.00")),
        selling_costs: Some(money("9000.00")),
        pay_off_account_id: Some(DebtAccount(account_id(3))),
        gain_tax: Some(GainTax::LongTerm),
    };
    let mut plan = owner(5);
    plan.accounts.push(debt(3, AccountType::PersonalLoan, "1000.00", "0", PaymentRule::None));
    let changes = [
        change("2026-02-15", house, sold_for(Some("320000.00"))),
        change("2026-03-15", house, ChangeKind::SellAsset(costly)),
        change("2026-04-15", house, revalued),
    ];
    let rows = changed(&plan, changes);
    // 50,000 + 300,000 - 1,000; 20,000 more than it was worth; then nothing, not even the costs or the debt of a sale.
    assert_eq!(series(&rows, |row| row.net_worth), ["349000.00", "369000.00", "369000.00", "369000.00", "369000.00"]);
    assert_eq!(series(&rows, |row| row.total_liabilities)[4], "1000.00");
}

#[test]
fn what_is_bought_after_everything_was_sold_can_be_sold_again() {
    let mut plan = plan("50000.00", 5);
    plan.accounts.push(account(2, AccountType::Brokerage, "10000.00"));
    let monthly = FlowKind::Transfer;
    plan.flows.push(PlanFlow { to: Some(account_id(2)), start: date("2026-03-01"), ..flow(1, monthly, "500.00", Frequency::Monthly) });
    let sale = |day| change(day, support::account(2), sold_for(None));
    let rows = changed(&plan, [sale("2026-02-01"), sale("2026-05-01")]);
    // Sold at the start of its month, before the month's transfer.
    assert_eq!(series(&rows, |row| row.balances.get(account_id(2))), ["10000.00", "0.00", "500.00", "1000.00", "500.00"]);
}

#[test]
fn a_roth_account_that_is_sold_early_is_taxed_as_a_withdrawal() {
    let mut plan = plan("0.00", 16);
    let roth = PlanAccount { cost_basis: Some(money("30000.00")), ..account(2, AccountType::RothIra, "50000.00") };
    plan.accounts.push(roth);
    let sale = SellAsset { sale_price: None, selling_costs: None, pay_off_account_id: None, gain_tax: None };
    let sold = changed(&plan, [change("2026-03-01", support::account(2), ChangeKind::SellAsset(sale))]);
    // At 40, what is beyond the contributions is income and early: 20,000 - 16,100 = 3,900 at 10 %, and 10 % of 20,000.
    assert_eq!(sold[15].total_taxes, money("2390.00"));
    assert_eq!((sold[2].liquid_assets, sold[2].retirement_assets), (money("50000.00"), money("0.00")));
    let moved = changed(&plan, [change("2026-03-01", None, acquired("50000.00", AccountType::Savings, Some(2)))]);
    assert_eq!(moved[15].total_taxes, money("2390.00"), "as taking it out by any other way");
}

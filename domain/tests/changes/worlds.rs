//! Changes in many worlds: a scenario's paths are its exact run where the world is as it assumes.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use domain::history::History;
use domain::money::Money;
use domain::monte_carlo::{Method, Mix, Simulation, simulate};
use domain::projection::changes::ChangeKind;
use domain::projection::changes::kind::{AddAsset, AdjustInvestmentValue, ModifyAsset, SellAsset, SetSavingsTransfer};
use domain::projection::changes::parameter::{OwnedAccount, TargetAccount};
use domain::projection::changes::words::InvestmentScope;
use domain::projection::{Plan, project};
use domain::vocabulary::AccountType;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::projection_support::awkward::cases;
use crate::projection_support::worlds::{some_goal, still_world};
use crate::projection_support::{account, account_id, money, plan, rate, tables};
use crate::support::{account as about, change, with};
use crate::wishes::changed_plan;

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn without_volatility_every_path_of_a_scenario_is_the_exact_engines_run(plan in changed_plan(), goals in vec(some_goal(), 0..8)) {
        prop_assert_eq!(still_world(&plan, &goals), None);
    }
}

/// A world in which every year has the same return and prices as assumed: played by paths of a plan that assumes 4 %, and projected by
/// the exact engine of one that assumes what the world has.
fn in_a_better_world(plan: &Plan) -> (Money, Money) {
    let table = History::parse("year,stocks,bills,bonds,inflation\n2000,9,9,9,0\n").unwrap();
    let asked = Simulation { paths: 1, seed: 1, method: Method::Bootstrap { allocation: Mix::default() }, goals: vec![] };
    let outcome = simulate(plan, tables(), &table, &asked, NonZeroUsize::MIN, &mut |_| ControlFlow::Continue(())).unwrap();
    let mut exact = plan.clone();
    exact.assumptions.investment_return = rate("0.09");
    let last = project(&exact, tables()).unwrap().months.pop().unwrap();
    (*outcome.net_worth.0[2].last().unwrap(), last.net_worth)
}

/// 10,000 in a brokerage account and 200,000 in a Roth IRA, a house and a car, and nobody earns or pays taxes.
fn owner() -> Plan {
    let mut plan = plan("5000.00", 60);
    plan.settle_taxes = false;
    plan.assumptions.investment_return = rate("0.04");
    plan.accounts.push(account(2, AccountType::Brokerage, "10000.00"));
    plan.accounts.push(account(3, AccountType::RothIra, "200000.00"));
    plan.accounts.push(account(4, AccountType::Vehicle, "20000.00"));
    plan
}

#[test]
fn changes_act_on_what_a_path_has_and_not_on_what_was_assumed() {
    let sale = |sale_price: Option<&str>| {
        let (selling_costs, pay_off_account_id, gain_tax) = (None, None, None);
        ChangeKind::SellAsset(SellAsset { sale_price: sale_price.map(money), selling_costs, pay_off_account_id, gain_tax })
    };
    let crash = AdjustInvestmentValue { fraction: rate("-0.3"), applies_to: InvestmentScope::All, recovery_months: Some(24) };
    let crash = || ChangeKind::AdjustInvestmentValue(crash);
    let gift = AddAsset { value: money("9000.00"), account_type: AccountType::Brokerage, funded_from_account_id: None };
    let bought = AddAsset { funded_from_account_id: Some(OwnedAccount(account_id(2))), ..gift };
    let worth = ModifyAsset { value: money("50000.00") };
    let a_month = |amount| SetSavingsTransfer { amount: money(amount), target_account_id: TargetAccount(account_id(2)) };
    for (name, changes) in [
        ("sold for what it is worth", vec![change("2027-02-01", about(2), sale(None))]),
        ("sold for what is said", vec![change("2027-02-01", about(2), sale(Some("12000.00")))]),
        ("a crash", vec![change("2027-02-01", None, crash())]),
        ("sold at the bottom", vec![change("2027-02-01", None, crash()), change("2027-03-01", about(2), sale(None))]),
        ("given", vec![change("2027-02-01", None, ChangeKind::AddAsset(gift))]),
        ("bought with investments", vec![change("2027-02-01", None, ChangeKind::AddAsset(bought))]),
        ("worth what is said", vec![change("2027-02-01", about(3), ChangeKind::ModifyAsset(worth))]),
        ("saved", vec![change("2026-02-01", None, ChangeKind::SetSavingsTransfer(a_month("50.00")))]),
        (
            "saved through a crash",
            vec![change("2026-02-01", None, ChangeKind::SetSavingsTransfer(a_month("50.00"))), change("2027-02-01", None, crash())],
        ),
    ] {
        let (found, exact) = in_a_better_world(&with(&owner(), changes));
        // A cent a month.
        assert!((found - exact).abs() <= money("0.60"), "{name}: {found} for {exact}");
    }
}

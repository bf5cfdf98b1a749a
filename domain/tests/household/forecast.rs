//! Derived flows and the forecast of the same household tell the same month.
//!
//! The engine derives debt payments itself, month by month, from the terms that the flows are derived from too: were the two to
//! read them differently, a household would see one payment in its list of flows and another in its projection.

use domain::calendar::Month;
use domain::household::command::{Intent, LiabilityPatch};
use domain::household::plan;
use domain::money::Money;
use domain::projection::{Row, project};
use domain::vocabulary::{AccountType, FlowType, PretaxDeductionType, SystemFlowKind};
use proptest::prelude::*;

use super::properties::opening_of_an_account;
use super::support::*;

/// The first month of the baseline; nothing where amounts outgrow the ledger.
fn first_month(home: &Home) -> Option<Row> {
    let state = home.state();
    let (baseline, _) = state.baseline().unwrap();
    let plan = plan(&state, baseline, Month::of(date(TODAY)), Some(1), tables().in_force(2026).unwrap()).unwrap();
    project(&plan, tables()).ok()?.months.into_iter().next()
}

/// What the derived flows spend a month.
fn spent(home: &Home) -> Money {
    let flows = home.state().system_flows.into_values().filter(|flow| flow.category.flow_type() == FlowType::Expense);
    flows.map(|flow| flow.frequency.monthly_amount(flow.amount)).sum()
}

#[test]
fn a_debt_costs_in_the_forecast_what_its_flow_says() {
    let escrow = |terms: LiabilityPatch| LiabilityPatch { escrow: Some(Some(money("650.00"))), ..terms };
    let plain = LiabilityPatch::default;
    let term = || LiabilityPatch { term_months: Some(Some(48)), ..plain() };
    let minimum = || LiabilityPatch { minimum_payment: Some(Some(money("700.00"))), ..plain() };
    let interest_only = |terms: LiabilityPatch| LiabilityPatch { interest_only: Some(true), ..terms };
    let resting = |terms: LiabilityPatch| LiabilityPatch { in_forbearance: Some(true), ..terms };
    for (account_type, owed, terms, expected) in [
        (AccountType::AutoLoan, "24000.00", term(), "563.64"),
        (AccountType::AutoLoan, "24000.00", interest_only(term()), "120.00"),
        (AccountType::AutoLoan, "24000.00", interest_only(plain()), "120.00"),
        (AccountType::AutoLoan, "24000.00", interest_only(minimum()), "700.00"),
        (AccountType::AutoLoan, "24000.00", plain(), "0.00"),
        (AccountType::AutoLoan, "24000.00", resting(minimum()), "0.00"),
        (AccountType::CreditCard, "24000.00", plain(), "360.00"),
        (AccountType::PrimaryMortgage, "24000.00", escrow(term()), "1213.64"),
        (AccountType::PrimaryMortgage, "24000.00", escrow(plain()), "0.00"),
        (AccountType::PrimaryMortgage, "24000.00", escrow(resting(term())), "0.00"),
        (AccountType::PrimaryMortgage, "0.00", escrow(term()), "0.00"),
    ] {
        let told = format!("{account_type} {owed} {terms:?}");
        let home = given([opened("Ada"), owes("Debt", account_type, owed, "0.06", terms)]);
        assert_eq!((spent(&home).to_string().as_str(), first_month(&home).unwrap().total_expenses), (expected, money(expected)), "{told}");
    }
}

/// A year is twelve equal months there and 26 paychecks here: they may differ by the cents that 26 roundings make. Below the limits
/// only: the engine takes contributions until the year's limit is reached, a flow has one amount for the whole year.
#[test]
fn a_salary_is_taxed_and_deducted_in_the_forecast_as_on_the_paycheck() {
    use SystemFlowKind as K;
    let near = |forecast: Money, flows: Money| (forecast - flows).abs() <= money("0.10");
    for gross in ["60000.00", "104000.00", "260000.00"] {
        let home = given([
            opened("Ada"),
            salaried("Acme", gross),
            deducted(deduction(PretaxDeductionType::Traditional401k, percent("0.04"))),
            deducted(deduction(PretaxDeductionType::Roth401k, percent("0.02"))),
            deducted(deduction(PretaxDeductionType::Hsa, percent("0.01"))),
            deducted(deduction(PretaxDeductionType::HealthInsurance, fixed("120.00"))),
        ]);
        let month = first_month(&home).unwrap();
        let monthly = |kinds: &[SystemFlowKind]| -> Money {
            let flows = kinds.iter().flat_map(|kind| home.flows(*kind));
            flows.map(|flow| flow.frequency.monthly_amount(flow.amount)).sum()
        };
        let taxes = monthly(&[K::FederalWithholding, K::SocialSecurity, K::Medicare]);
        assert!(near(month.total_taxes, taxes), "{gross}: taxes of {} in the forecast, {taxes} on paychecks", month.total_taxes);
        let saved = monthly(&[K::PretaxRetirement, K::PretaxHsa]) + month.change.investment_growth;
        assert!(near(month.retirement_assets, saved), "{gross}: {} saved in the forecast, {saved} on paychecks", month.retirement_assets);
        let net = monthly(&[K::NetPay]);
        assert!(near(month.liquid_assets, net), "{gross}: {} left in the forecast, {net} on paychecks", month.liquid_assets);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_household_owns_and_owes_costs_in_the_forecast_what_the_flows_say(accounts in prop::collection::vec(opening_of_an_account(), 1..6)) {
        let group = Intent::CreateAssetGroup { id: id("Home"), name: name("Home") };
        let home = given([opened("Ada"), group]);
        // An account that is refused is left out.
        let home = accounts.into_iter().fold(home, |home, intent| home.clone().when(intent).accepted().unwrap_or(home));
        let largest = home.state().system_flows.values().map(|flow| flow.amount).max();
        if let Some(month) = first_month(&home).filter(|_| largest.is_none_or(|amount| amount < Money::LIMIT)) {
            prop_assert_eq!(month.total_expenses, spent(&home));
        }
    }
}

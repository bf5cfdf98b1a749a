//! Derived flows and the forecast of the same household tell the same month.
//!
//! The engine derives debt payments itself, month by month, from the terms that the flows are derived from too: were the two to
//! read them differently, a household would see one payment in its list of flows and another in its projection.

use domain::calendar::Month;
use domain::household::command::{AssetDetailsPatch, AssumptionsPatch, Holding, Intent, LiabilityPatch, MemberPatch, Told};
use domain::household::facts::{Account, Balance};
use domain::household::plan;
use domain::money::Money;
use domain::projection::{Row, project};
use domain::vocabulary::{AccountType, EmploymentStatus, FlowType, PretaxDeductionType, Relationship, SystemFlowKind, WithdrawalOrder};
use proptest::prelude::*;

use super::commands::opening_of_an_account;
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

#[test]
fn what_taxes_need_to_know_of_people_and_holdings_is_in_the_plan() {
    let patch = MemberPatch { employment_status: Some(Some(EmploymentStatus::Retired)), ..Default::default() };
    let order = AssumptionsPatch { withdrawal_order: Some(WithdrawalOrder::RothTaxableDeferred), ..Default::default() };
    let bought = Holding { balance: Some(Balance { cost_basis: Some(money("40000.00")), ..balance("100000.00") }), ..Default::default() };
    let house = AssetDetailsPatch { acquisition_cost: Some(Some(money("250000.00"))), ..Default::default() };
    let house = Holding { balance: Some(balance("600000.00")), asset_details: Some(Told::Whole(house)), ..Default::default() };
    let home = given([
        opened("Ada"),
        Intent::ChangeMember { id: id("Ada"), patch },
        joined("Bo", Relationship::Spouse),
        holding(Account { member_id: Some(id("Bo")), ..account("Ira", AccountType::TraditionalIra) }, Holding::default()),
        holding(account("Shares", AccountType::Brokerage), bought),
        holding(account("House", AccountType::PrimaryResidence), house),
    ]);
    let (baseline, _) = home.state().baseline().map(|(id, scenario)| (id, scenario.clone())).unwrap();
    let home = home.and([Intent::ChangeScenario { id: baseline, patch: Default::default(), assumptions: order }]);
    let plan = plan(&home.state(), baseline, Month::of(date(TODAY)), Some(1), tables().in_force(2026).unwrap()).unwrap();
    let of = |called| plan.accounts.iter().find(|account| account.id == id(called)).unwrap();
    assert_eq!((of("Shares").cost_basis, of("House").cost_basis), (Some(money("40000.00")), Some(money("250000.00"))));
    assert_eq!((of("Ira").owner, of("Ira").cost_basis, of("Shares").owner), (Some(id("Bo")), None, None));
    assert_eq!(plan.filer.members.iter().map(|member| member.retired).collect::<Vec<_>>(), [true, false]);
    assert!(plan.filer.has_family_coverage);
    assert_eq!(plan.withdrawal_order, WithdrawalOrder::RothTaxableDeferred);
}

//! What a house costs and brings, and what its lender pays for it.

use domain::calendar::Frequency;
use domain::flow_kind::FlowKind;
use domain::household::command::{AssetDetailsPatch, Holding, Intent, LiabilityPatch, Told};
use domain::household::facts::Account;
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, SystemFlowKind};

use super::support::*;
use SystemFlowKind::{DebtPayment, HoaFees, HomeownersInsurance, PropertyTax, RentalIncome};

const COSTS: [SystemFlowKind; 3] = [PropertyTax, HomeownersInsurance, HoaFees];

/// A property of the group "Home" with 6,000 of tax and 1,800 of insurance a year, and 75 of fees a month.
fn property(account_type: AccountType, monthly_rent: Option<&str>) -> Intent {
    let details = AssetDetailsPatch {
        annual_property_tax: Some(Some(money("6000.00"))),
        annual_insurance: Some(Some(money("1800.00"))),
        monthly_hoa: Some(Some(money("75.00"))),
        monthly_rent: monthly_rent.map(|rent| Some(money(rent))),
        ..Default::default()
    };
    let told = Holding { asset_details: Some(Told::Whole(details)), ..Default::default() };
    holding(Account { asset_group_id: Some(id("Home")), ..account("House", account_type) }, told)
}
fn mortgage(group: Option<&str>, terms: LiabilityPatch) -> Intent {
    let liability = LiabilityPatch { interest_rate: Some(rate("0.06")), escrow: Some(Some(money("650.00"))), ..terms };
    let told = Holding { balance: Some(balance("240000.00")), liability: Some(Told::Whole(liability)), asset_details: None };
    holding(Account { asset_group_id: group.map(id), ..account("Mortgage", AccountType::PrimaryMortgage) }, told)
}
fn term() -> LiabilityPatch {
    LiabilityPatch { term_months: Some(Some(360)), ..Default::default() }
}
fn owning(intent: Intent) -> Home {
    let group = Intent::CreateAssetGroup { id: id("Home"), name: name("Home") };
    given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00"), group, intent])
}
fn residence() -> Home {
    owning(property(AccountType::PrimaryResidence, None))
}

#[test]
fn a_home_costs_a_twelfth_of_its_year_every_month() {
    let home = residence();
    assert_eq!(home.paid(COSTS), ["500.00", "150.00", "75.00"]);
    for (kind, category) in [
        (PropertyTax, ExpenseCategory::PropertyTax),
        (HomeownersInsurance, ExpenseCategory::HomeownersInsurance),
        (HoaFees, ExpenseCategory::HoaFees),
    ] {
        let flow = home.flow(kind);
        assert_eq!((flow.category, flow.frequency), (FlowKind::Expense(category), Frequency::Monthly));
        assert_eq!((flow.from_account_id, flow.to_account_id), (Some(id("Everyday")), None));
    }
}

#[test]
fn a_rented_out_property_brings_rent_and_its_costs_are_the_business_s() {
    let home = owning(property(AccountType::RentalProperty, Some("2000.00")));
    let rent = home.flow(RentalIncome);
    assert_eq!((rent.amount, rent.category), (money("2000.00"), FlowKind::Income(IncomeCategory::RentalIncome)));
    assert_eq!((rent.from_account_id, rent.to_account_id), (None, Some(id("Everyday"))));
    assert_eq!(home.flow(PropertyTax).category, FlowKind::Expense(ExpenseCategory::RentalTax));
    assert_eq!(home.flow(HomeownersInsurance).category, FlowKind::Expense(ExpenseCategory::RentalInsurance));
}

#[test]
fn a_car_has_no_property_costs() {
    assert_eq!(owning(property(AccountType::Vehicle, None)).state().system_flows.len(), 0);
}

#[test]
fn what_the_lender_pays_out_of_escrow_is_not_paid_twice() {
    let home = residence().when(mortgage(Some("Home"), term())).done();
    // 1,438.92 and the escrow; the fees of the owners' association stay the household's.
    assert_eq!(home.paid([DebtPayment]), ["2088.92"]);
    assert_eq!(home.paid(COSTS), ["0.00", "0.00", "75.00"]);
}

#[test]
fn the_escrow_of_another_house_s_mortgage_covers_nothing_here() {
    assert_eq!(residence().and([mortgage(None, term())]).paid(COSTS), ["500.00", "150.00", "75.00"]);
}

/// Otherwise property tax and insurance would disappear from the household's books while nobody pays escrow.
#[test]
fn tax_and_insurance_are_the_household_s_while_no_escrow_is_paid() {
    let waiting = LiabilityPatch { in_forbearance: Some(true), ..term() };
    let without_payment = LiabilityPatch::default();
    for terms in [waiting, without_payment] {
        let home = residence().and([mortgage(Some("Home"), terms)]);
        assert_eq!(home.flows(DebtPayment), []);
        assert_eq!(home.paid(COSTS), ["500.00", "150.00", "75.00"]);
    }
    let paid_off = residence().and([mortgage(Some("Home"), term()), recorded("Mortgage", vec![balance("0.00")])]);
    assert_eq!(paid_off.paid(COSTS), ["500.00", "150.00", "75.00"]);
}

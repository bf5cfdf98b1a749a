//! What a house costs and brings, month by month.

use super::{Flows, Movement, Origin, Source, SourceType};
use crate::calendar::{Date, Frequency};
use crate::flow_kind::FlowKind;
use crate::ids::{AccountId, MemberId};
use crate::money::Money;
use crate::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, SystemFlowKind};

/// A property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyInput {
    /// Which.
    pub account_id: AccountId,
    /// What it is called.
    pub name: String,
    /// Whose.
    pub member_id: Option<MemberId>,
    /// What it is.
    pub account_type: AccountType,
    /// A year.
    pub annual_property_tax: Option<Money>,
    /// A year.
    pub annual_insurance: Option<Money>,
    /// A month.
    pub monthly_hoa: Option<Money>,
    /// A month.
    pub monthly_rent: Option<Money>,
    /// Property tax and insurance are paid by a lender out of escrow, so they are in that debt's payment already.
    pub escrowed: bool,
    /// First occurrence.
    pub start_date: Date,
}

pub(super) fn property_flows(property: &PropertyInput, main_cash: Option<AccountId>, flows: &mut Flows) {
    let origin = Origin {
        source: Source { source_type: SourceType::Account, id: property.account_id.0 },
        name: &property.name,
        member_id: property.member_id,
        start_date: property.start_date,
        end_date: None,
    };
    let rented = matches!(property.account_type, AccountType::RentalProperty | AccountType::CommercialProperty);
    let (tax, insurance) = match rented {
        true => (ExpenseCategory::RentalTax, ExpenseCategory::RentalInsurance),
        false => (ExpenseCategory::PropertyTax, ExpenseCategory::HomeownersInsurance),
    };
    let yearly = |amount: Option<Money>| amount.filter(|_| !property.escrowed).unwrap_or_default().scaled(1, 12);
    for (kind, category, amount) in [
        (SystemFlowKind::PropertyTax, tax, yearly(property.annual_property_tax)),
        (SystemFlowKind::HomeownersInsurance, insurance, yearly(property.annual_insurance)),
        (SystemFlowKind::HoaFees, ExpenseCategory::HoaFees, property.monthly_hoa.unwrap_or_default()),
    ] {
        let category = FlowKind::Expense(category);
        flows.add(origin, "", Movement { kind, category, amount, frequency: Frequency::Monthly, from: main_cash, to: None });
    }
    let rent = Movement {
        kind: SystemFlowKind::RentalIncome,
        category: FlowKind::Income(IncomeCategory::RentalIncome),
        amount: property.monthly_rent.unwrap_or_default(),
        frequency: Frequency::Monthly,
        from: None,
        to: main_cash,
    };
    flows.add(origin, "", rent);
}

//! A change of each type, for the large household: what a scenario costs beyond the plan that it changes.

use domain::calendar::{Date, Frequency};
use domain::ids::{AccountId, ChangeId, FlowId, IncomeId};
use domain::payroll::DeductionType;
use domain::projection::Plan;
use domain::projection::changes::kind::*;
use domain::projection::changes::parameter::{DebtAccount, OwnedAccount, TargetAccount};
use domain::projection::changes::words::*;
use domain::projection::changes::{ChangeKind, ChangeType, Object, PlannedChange, ScenarioChange, Source};
use domain::text::{Name, TextError};
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, PretaxDeductionType};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{basis_points, dollars, large_household};

const fn account(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

/// The large household over so many months with one change of a type, in force from its second month to its end.
///
/// # Errors
/// The name of the change is not one.
pub fn with_a_change(change_type: ChangeType, months: u16) -> Result<Plan, TextError> {
    let source = match change_type.object() {
        Object::Nothing => None,
        Object::Income | Object::IncomeOrFlow => Some(Source::Income(IncomeId(Uuid::from_u128(1)))),
        Object::ExpenseFlow => Some(Source::Flow(FlowId(Uuid::from_u128(1)))),
        // The house, and the mortgage on it.
        Object::Asset => Some(Source::Account(account(5))),
        Object::Debt => Some(Source::Account(account(6))),
    };
    let plan = large_household(months);
    let change = ScenarioChange {
        name: Name::parse(change_type.as_str())?,
        effective_date: plan.start.plus(1).first_day(),
        end_date: None::<Date>,
        enabled: true,
        order: 0,
        notes: None,
        source,
        kind: kind(change_type),
    };
    Ok(Plan { changes: vec![PlannedChange { id: ChangeId(Uuid::from_u128(1)), change }], ..plan })
}

fn kind(change_type: ChangeType) -> ChangeKind {
    let (monthly, tax_treatment) = (Frequency::Monthly, TaxTreatment::W2);
    let groceries = ExpenseCategory::Groceries;
    let tenth_less = Decimal::new(-1, 1);
    match change_type {
        ChangeType::AddIncome => ChangeKind::AddIncome(AddIncome {
            amount: dollars(3_000),
            frequency: monthly,
            category: IncomeCategory::Salary,
            tax_treatment,
            member_id: None,
        }),
        ChangeType::ModifyIncome => {
            ChangeKind::ModifyIncome(ModifyIncome { amount: Some(dollars(140_000)), frequency: None, category: None, tax_treatment: None })
        }
        ChangeType::RemoveIncome => ChangeKind::RemoveIncome(RemoveIncome {}),
        ChangeType::AddExpense => ChangeKind::AddExpense(AddExpense { amount: dollars(800), frequency: monthly, category: groceries }),
        ChangeType::ModifyExpense => {
            ChangeKind::ModifyExpense(ModifyExpense { amount: Some(dollars(900)), frequency: None, category: None })
        }
        ChangeType::RemoveExpense => ChangeKind::RemoveExpense(RemoveExpense {}),
        ChangeType::AddAsset => ChangeKind::AddAsset(AddAsset {
            value: dollars(20_000),
            account_type: AccountType::Brokerage,
            funded_from_account_id: Some(OwnedAccount(account(1))),
        }),
        ChangeType::ModifyAsset => ChangeKind::ModifyAsset(ModifyAsset { value: dollars(600_000) }),
        ChangeType::SellAsset => ChangeKind::SellAsset(SellAsset {
            sale_price: None,
            selling_costs: Some(dollars(30_000)),
            pay_off_account_id: Some(DebtAccount(account(6))),
            gain_tax: None,
        }),
        ChangeType::AddDebt => ChangeKind::AddDebt(AddDebt {
            principal: dollars(30_000),
            rate: basis_points(700),
            term_months: 60,
            payment: None,
            account_type: AccountType::AutoLoan,
            proceeds_to_account_id: Some(OwnedAccount(account(1))),
        }),
        ChangeType::ModifyDebt => {
            ChangeKind::ModifyDebt(ModifyDebt { principal: None, rate: Some(basis_points(500)), term_months: Some(180), payment: None })
        }
        ChangeType::PayoffDebt => ChangeKind::PayoffDebt(PayoffDebt { extra_monthly: dollars(500) }),
        ChangeType::Refinance => ChangeKind::Refinance(Refinance {
            rate: basis_points(500),
            term_months: 360,
            closing_costs: Some(dollars(6_000)),
            closing_costs_paid: None,
            cash_out: None,
        }),
        ChangeType::LumpSumIncome => ChangeKind::LumpSumIncome(LumpSumIncome { amount: dollars(25_000), tax_treatment }),
        ChangeType::LumpSumExpense => {
            ChangeKind::LumpSumExpense(LumpSumExpense { amount: dollars(9_000), category: groceries, pay_down_account_id: None })
        }
        ChangeType::Modify401k => ChangeKind::Modify401k(Modify401k { percentage: basis_points(1_500), income_id: None }),
        ChangeType::ModifyHsa => ChangeKind::ModifyHsa(ModifyHsa { percentage: basis_points(200), income_id: None }),
        ChangeType::AdjustTotalExpenses => {
            ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: tenth_less, mode: AdjustMode::Percent })
        }
        ChangeType::AdjustTotalIncome => ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount: tenth_less, mode: AdjustMode::Percent }),
        ChangeType::SetSavingsTransfer => {
            ChangeKind::SetSavingsTransfer(SetSavingsTransfer { amount: dollars(700), target_account_id: TargetAccount(account(3)) })
        }
        ChangeType::ModifyWithholding => ChangeKind::ModifyWithholding(ModifyWithholding { extra_monthly: dollars(100), income_id: None }),
        ChangeType::ModifyDeductions => ChangeKind::ModifyDeductions(ModifyDeductions {
            deduction_type: DeductionWord(DeductionType::Pretax(PretaxDeductionType::HealthInsurance)),
            amount: dollars(500),
            income_id: None,
        }),
        ChangeType::SwitchEmploymentType => ChangeKind::SwitchEmploymentType(SwitchEmploymentType { to: Employment::SelfEmployed }),
        ChangeType::SetQuarterlyEstimates => ChangeKind::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount: dollars(1_500) }),
        ChangeType::OverrideAssumptions => ChangeKind::OverrideAssumptions(OverrideAssumptions {
            inflation_rate: Some(basis_points(400)),
            investment_return_rate: Some(basis_points(500)),
            salary_growth_rate: None,
        }),
        ChangeType::OverrideInflation => {
            ChangeKind::OverrideInflation(OverrideInflation { rate: basis_points(600), duration_months: Some(24) })
        }
        ChangeType::OverrideInvestmentReturn => {
            ChangeKind::OverrideInvestmentReturn(OverrideInvestmentReturn { rate: basis_points(500), duration_months: None })
        }
        ChangeType::OverrideSalaryGrowth => {
            ChangeKind::OverrideSalaryGrowth(OverrideSalaryGrowth { rate: basis_points(100), duration_months: None })
        }
        ChangeType::AdjustInterestRates => {
            ChangeKind::AdjustInterestRates(AdjustInterestRates { percentage_points: basis_points(20_000), applies_to: DebtScope::All })
        }
        ChangeType::AdjustInvestmentValue => ChangeKind::AdjustInvestmentValue(AdjustInvestmentValue {
            fraction: basis_points(-2_000),
            applies_to: InvestmentScope::All,
            recovery_months: Some(36),
        }),
    }
}

//! From a household to the plan that the projection engine takes.
//!
//! Of the derived flows only those of property go in: payroll, taxes and debt payments the engine derives itself from incomes and
//! terms, month by month, as they change. Both would be counting twice, which is what the predecessor did.

use super::changes::effective_changes;
use super::facts::{Flow, Scenario};
use super::inputs::{category, contribution_account, debt_input, job};
use super::state::{AccountState, Household, IncomeState};
use crate::calendar::Month;
use crate::ids::{AccountId, FlowId, HouseholdId, IncomeId, ScenarioId};
use crate::payroll::{Deduction, DeductionType, Reduces};
use crate::projection::{
    Assumptions, DebtTerms, DeductionTarget, PaymentRule, Plan, PlanAccount, PlanDeduction, PlanFiler, PlanFlow, PlanIncome, PlanMember,
    PlanW4, SelfEmployment, WageEffect, inflates,
};
use crate::system_flows::{DebtInput, SourceType, SystemFlow, expense_of, monthly_payment};
use crate::tax::YearTables;
use crate::vocabulary::{AccountClass, AccountType, EmploymentStatus, PretaxDeductionType, Relationship, SystemFlowKind};

/// The plan of a scenario: the household as it stands, from `start` on. `None` for a scenario that is not there.
#[must_use]
pub fn plan(home: &Household, id: ScenarioId, start: Month, months: Option<u16>, tables: &YearTables) -> Option<Plan> {
    let opening = home.opening.as_ref()?;
    let scenario = home.scenarios.get(&id)?;
    let mut accounts: Vec<PlanAccount> =
        home.accounts_in_order().filter(|(_, state)| state.is_counted()).map(|(id, state)| account(id, state)).collect();
    let main_cash = home.main_cash().unwrap_or_else(|| open_wallet(opening.id, &mut accounts));
    let profile = &opening.profile;
    let people = |wanted: fn(Relationship) -> bool| home.members.iter().filter(move |(_, member)| wanted(member.relationship));
    let children: Vec<_> = people(is_dependent).filter_map(|(_, member)| member.date_of_birth).collect();
    let dependents_of_unknown_age = people(is_dependent).filter(|(_, member)| member.date_of_birth.is_none()).count();
    let known = |id: Option<AccountId>| id.filter(|id| accounts.iter().any(|account| account.id == *id));
    let entered = home.flows.iter().filter(|(_, flow)| flow.active).map(|(id, flow)| entered_flow(*id, flow, &known));
    let derived = home.system_flows.values().filter(|flow| is_property_flow(flow.kind)).map(|flow| derived_flow(flow, &known));
    let incomes = home.incomes.iter().filter(|(_, state)| state.income.active);
    Some(Plan {
        start,
        months: months.unwrap_or(scenario.projection_months),
        calendar: scenario.assumptions.calendar,
        assumptions: assumptions(scenario),
        settle_taxes: scenario.assumptions.settle_taxes,
        index_thresholds: scenario.assumptions.index_thresholds,
        incomes: incomes.map(|(id, state)| income(home, *id, state, tables, &known)).collect(),
        flows: entered.chain(derived).collect(),
        filer: PlanFiler {
            filing_status: profile.filing_status,
            state: profile.state,
            members: earners(home),
            children,
            other_dependents: u32::try_from(dependents_of_unknown_age).unwrap_or(u32::MAX),
            has_family_coverage: home.is_family(),
        },
        main_cash,
        overdraft: AccountId(opening.id.derive(&["account", "overdraft"])),
        changes: effective_changes(home, id),
        withdrawal_order: scenario.assumptions.withdrawal_order,
        accounts,
    })
}

const fn is_dependent(relationship: Relationship) -> bool {
    matches!(relationship, Relationship::Child | Relationship::Dependent)
}

/// The primary member first: an income without an owner is theirs.
fn earners(home: &Household) -> Vec<PlanMember> {
    let mut earners: Vec<_> = home.members.iter().filter(|(_, member)| !is_dependent(member.relationship)).collect();
    earners.sort_by_key(|(id, member)| (!member.is_primary, **id));
    earners
        .into_iter()
        .map(|(id, member)| PlanMember {
            id: *id,
            birth: member.date_of_birth,
            retired: member.employment_status == Some(EmploymentStatus::Retired),
        })
        .collect()
}

/// A household without any cash account: money still needs somewhere to arrive.
fn open_wallet(household: HouseholdId, accounts: &mut Vec<PlanAccount>) -> AccountId {
    let id = AccountId(household.derive(&["account", "wallet"]));
    accounts.push(PlanAccount::of(id, AccountType::Cash));
    id
}

fn assumptions(scenario: &Scenario) -> Assumptions {
    let told = &scenario.assumptions;
    Assumptions {
        inflation: told.inflation_rate,
        investment_return: told.investment_return_rate,
        salary_growth: told.salary_growth_rate,
        cash_yield: told.cash_yield_rate,
        property_appreciation: told.property_appreciation_rate,
        overdraft_rate: told.overdraft_rate,
    }
}

fn account(id: AccountId, state: &AccountState) -> PlanAccount {
    PlanAccount {
        id,
        account_type: state.account.account_type,
        opening: state.at_market(),
        cost_basis: state.known_cost(),
        owner: state.account.member_id,
        debt: debt(id, state),
        growth: state.asset_details.as_ref().and_then(|details| details.growth_rate),
    }
}

fn debt(id: AccountId, state: &AccountState) -> Option<DebtTerms> {
    let account_type = state.account.account_type;
    if !account_type.is_liability() {
        return None;
    }
    let terms = state.liability.clone().unwrap_or_default();
    let input = debt_input(id, state);
    let remaining = input.as_ref().and_then(DebtInput::remaining_months);
    let payment = match (terms.minimum_payment, account_type.class(), remaining) {
        (Some(minimum), _, _) => PaymentRule::Fixed(minimum),
        (None, AccountClass::RevolvingDebt, _) => PaymentRule::RevolvingMinimum,
        (None, _, Some(remaining_months)) => PaymentRule::Amortised { remaining_months },
        // Interest for ever: the rule behind the interest-only months never comes to its turn.
        (None, _, None) if terms.interest_only => PaymentRule::RevolvingMinimum,
        (None, _, None) => PaymentRule::None,
    };
    // As the derived flows have it: a minimum goes before interest only, and escrow is collected with a payment or not at all.
    let interest_only = terms.interest_only && terms.minimum_payment.is_none();
    let collected = terms.escrow.filter(|_| input.as_ref().and_then(monthly_payment).is_some());
    let is_variable = terms.variable_rate.is_some();
    let variable = terms.variable_rate.unwrap_or_default();
    Some(DebtTerms {
        rate: terms.interest_rate,
        floor: variable.floor,
        ceiling: variable.ceiling,
        payment,
        interest_only_months: if interest_only { remaining.unwrap_or(u16::MAX) } else { 0 },
        escrow: collected.unwrap_or_default(),
        in_forbearance: terms.in_forbearance,
        is_variable,
    })
}

fn income(
    home: &Household,
    id: IncomeId,
    state: &IncomeState,
    tables: &YearTables,
    known: &impl Fn(Option<AccountId>) -> Option<AccountId>,
) -> PlanIncome {
    let told = &state.income;
    let job = job(home, state, tables);
    let deductions = job.deductions.iter().map(|deduction| planned(home, state, deduction, known)).collect();
    PlanIncome {
        id,
        member: told.member_id,
        income_type: told.income_type,
        category: category(told.income_type),
        annual_gross: told.pay.annual(),
        pay_frequency: told.pay_frequency,
        start: Some(told.start_date),
        end: told.end_date,
        w4: PlanW4 {
            filing_status: state.withholding.filing_status,
            federal: job.w4,
            state_extra_withholding: state.withholding.state_additional_withholding,
        },
        deductions,
        self_employment: state
            .self_employment
            .as_ref()
            .map(|own| SelfEmployment { annual_expenses: own.estimated_annual_expenses, quarterly_estimates: own.quarterly_estimates }),
    }
}

fn planned(
    home: &Household,
    state: &IncomeState,
    deduction: &Deduction,
    known: &impl Fn(Option<AccountId>) -> Option<AccountId>,
) -> PlanDeduction {
    let target = known(contribution_account(home, state, deduction.id));
    PlanDeduction {
        id: deduction.id,
        kind: deduction.kind,
        amount: deduction.amount,
        effect: match (deduction.kind.reduces(), deduction.kind) {
            (Reduces::IncomeTaxWages, _) => WageEffect::IncomeTax,
            (Reduces::AllWages, DeductionType::Pretax(PretaxDeductionType::Hsa)) => WageEffect::PayrollHsa,
            (Reduces::AllWages, _) => WageEffect::Cafeteria,
            (Reduces::Nothing, _) => WageEffect::None,
        },
        target: target.map_or_else(|| DeductionTarget::Spent(expense_of(deduction.kind)), DeductionTarget::Account),
        employer_match: deduction.employer_match,
        // The law's limits the engine knows itself, by calendar year and age.
        annual_cap: None,
    }
}

pub(crate) const fn is_property_flow(kind: SystemFlowKind) -> bool {
    matches!(
        kind,
        SystemFlowKind::PropertyTax | SystemFlowKind::HomeownersInsurance | SystemFlowKind::HoaFees | SystemFlowKind::RentalIncome
    )
}

fn entered_flow(id: FlowId, flow: &Flow, known: &impl Fn(Option<AccountId>) -> Option<AccountId>) -> PlanFlow {
    PlanFlow {
        id,
        kind: flow.kind,
        amount: flow.amount,
        frequency: flow.frequency,
        start: flow.start_date,
        end: flow.end_date,
        from: known(flow.from_account_id),
        to: known(flow.to_account_id),
        inflates: inflates(flow.kind),
        property: None,
    }
}

fn derived_flow(flow: &SystemFlow, known: &impl Fn(Option<AccountId>) -> Option<AccountId>) -> PlanFlow {
    PlanFlow {
        id: flow.id,
        kind: flow.category,
        amount: flow.amount,
        frequency: flow.frequency,
        start: flow.start_date,
        end: flow.end_date,
        from: known(flow.from_account_id),
        to: known(flow.to_account_id),
        inflates: inflates(flow.category),
        property: (flow.source.source_type == SourceType::Account).then_some(AccountId(flow.source.id)),
    }
}

//! From a household to what the engines take: their small input structs, with every account already chosen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;

use super::facts::{Income, Withholding};
use super::limits::limited_deductions;
use super::reconcile::{is_wage, pays_wages};
use super::state::{AccountState, Household, IncomeState};
use crate::calendar::{Date, age_on};
use crate::ids::{AccountId, DeductionId, HouseholdId, IncomeId, MemberId};
use crate::money::Money;
use crate::payroll::{DeductionType, Job, Reduces, payslip};
use crate::system_flows::{
    ContributionTarget, DebtInput, EmploymentInput, Inputs, PropertyInput, SelfEmployedInput, WageInput, monthly_payment, plan_account,
};
use crate::tax::{Earner, Return, TaxError, W4, YearTables};
use crate::vocabulary::{AccountClass, AccountType, FilingStatus, IncomeCategory, IncomeType, PretaxDeductionType, Relationship};

/// What system flows are made of.
pub(super) fn system_flow_inputs(home: &Household, household_id: HouseholdId, tables: &YearTables) -> Result<Inputs, TaxError> {
    let paying = || home.incomes.iter().filter(|(_, state)| state.income.active && state.income.pay.annual().is_positive());
    let incomes = paying().map(|(id, state)| employment(home, *id, state, tables)).collect::<Result<_, _>>()?;
    let active = || home.accounts.iter().filter(|(_, state)| state.account.active);
    Ok(Inputs {
        household_id,
        main_cash: home.main_cash(),
        payroll_clearing: home.payroll_clearing(),
        incomes,
        debts: active().filter_map(|(id, state)| debt(*id, state)).collect(),
        properties: active().filter_map(|(id, state)| property(home, *id, state)).collect(),
    })
}

fn employment(home: &Household, id: IncomeId, state: &IncomeState, tables: &YearTables) -> Result<EmploymentInput, TaxError> {
    let income = &state.income;
    let wages = if is_wage(income.income_type) {
        WageInput::Payroll { job: job(home, state, tables), targets: targets(home, state) }
    } else if income.income_type == IncomeType::SelfEmployed {
        WageInput::SelfEmployed(SelfEmployedInput {
            annual_gross: income.pay.annual(),
            quarterly_estimates: quarterly_estimates(home, state, tables)?,
            tax_year: tables.year(),
        })
    } else {
        WageInput::Plain { annual_gross: income.pay.annual() }
    };
    Ok(EmploymentInput {
        id,
        name: income.name.to_string(),
        member_id: income.member_id,
        category: category(income.income_type),
        pay_frequency: income.pay_frequency,
        start_date: income.start_date,
        end_date: income.end_date,
        wages,
    })
}

/// What an income counts as.
pub(super) const fn category(income_type: IncomeType) -> IncomeCategory {
    match income_type {
        IncomeType::W2 => IncomeCategory::Salary,
        IncomeType::W2Hourly => IncomeCategory::HourlyWages,
        IncomeType::SelfEmployed => IncomeCategory::SelfEmployment,
        IncomeType::Rental => IncomeCategory::RentalIncome,
        IncomeType::Investment => IncomeCategory::Dividends,
        IncomeType::Retirement => IncomeCategory::RetirementDistribution,
        IncomeType::SocialSecurity => IncomeCategory::SocialSecurity,
        IncomeType::Other => IncomeCategory::OtherIncome,
    }
}

/// A W-2 income as payroll sees it.
#[must_use]
pub fn job(home: &Household, state: &IncomeState, tables: &YearTables) -> Job {
    job_on(home, state, &state.withholding, tables)
}

/// The same with another form handed in: one of earlier in the year, or one that somebody thinks of.
pub(super) fn job_on(home: &Household, state: &IncomeState, form: &Withholding, tables: &YearTables) -> Job {
    let profile = home.opening.as_ref().map(|opening| &opening.profile);
    let household_status = profile.map_or(FilingStatus::Single, |profile| profile.filing_status);
    // Form W-4, Step 3 (a) and (b): a figure for each child under 17 and each other dependent, or the sum as it was entered.
    let children = tables.step_3_credit(form.qualifying_children, form.other_dependents);
    Job {
        filing_status: form.filing_status.unwrap_or(household_status),
        state: profile.and_then(|profile| profile.state),
        pay_frequency: state.income.pay_frequency,
        annual_gross: state.income.pay.annual(),
        w4: W4 {
            multiple_jobs: form.multiple_jobs,
            credits: form.credits.unwrap_or(children),
            other_income: form.other_income,
            deductions: form.deductions,
            extra_withholding: form.extra_withholding,
        },
        state_extra_withholding: form.state_additional_withholding,
        deductions: limited_deductions(home, state, tables),
    }
}

pub(super) fn age_at_year_end(home: &Household, member: Option<MemberId>, year: i32) -> u32 {
    let birth = member.and_then(|id| home.members.get(&id)).and_then(|member| member.date_of_birth);
    let year_end = Date::from_ymd_opt(year, 12, 31).unwrap_or(Date::MAX);
    birth.map_or(DEFAULT_AGE, |birth| age_on(birth, year_end))
}

/// Of a member whose date of birth is not known: no catch-up contribution, no addition for age.
const DEFAULT_AGE: u32 = 40;

/// Where a deduction goes, if it is held in a plan.
pub(super) fn contribution_account(home: &Household, state: &IncomeState, deduction: DeductionId) -> Option<AccountId> {
    targets(home, state).into_iter().find(|target| target.deduction_id == deduction).map(|target| target.account_id)
}

/// Every deduction that goes into an account of the household.
fn targets(home: &Household, state: &IncomeState) -> Vec<ContributionTarget> {
    destinations(state)
        .filter_map(|(deduction_id, kind, named)| {
            let account_id = target_of(home, state.income.member_id, kind, named)?;
            Some(ContributionTarget { deduction_id, account_id })
        })
        .collect()
}

/// Every deduction, with the account that was named for it.
fn destinations(state: &IncomeState) -> impl Iterator<Item = (DeductionId, DeductionType, Option<AccountId>)> {
    let pretax = state.pretax_deductions.iter().map(|(id, line)| (*id, DeductionType::Pretax(line.deduction_type), line.target_account_id));
    let posttax =
        state.posttax_deductions.iter().map(|(id, line)| (*id, DeductionType::Posttax(line.deduction_type), line.target_account_id));
    pretax.chain(posttax)
}

/// The named account while it is in use; else, for what is held in a plan, the member's account of that type.
fn target_of(home: &Household, member: Option<MemberId>, kind: DeductionType, named: Option<AccountId>) -> Option<AccountId> {
    let in_use = named.filter(|id| home.accounts.get(id).is_some_and(|state| state.account.active));
    in_use.or_else(|| plan_of(home, member, plan_account(kind)?))
}

/// A member's account of a type in use, else one that is nobody's.
pub(super) fn plan_of(home: &Household, member: Option<MemberId>, account_type: AccountType) -> Option<AccountId> {
    let fits = |state: &AccountState| state.account.active && state.account.account_type == account_type;
    let of = |owner: Option<MemberId>| {
        home.accounts_in_order().find(|(_, state)| fits(state) && state.account.member_id == owner).map(|(id, _)| id)
    };
    of(member).or_else(|| of(None))
}

/// Plans that contributions need and that nobody has: by member and type, each once, in a fixed order.
pub(super) fn missing_plan_accounts(home: &Household) -> BTreeSet<(Option<MemberId>, AccountType)> {
    let wages = home.incomes.values().filter(|state| pays_wages(&state.income));
    wages
        .flat_map(|state| destinations(state).map(|(_, kind, named)| (state.income.member_id, kind, named)))
        .filter(|(member, kind, named)| target_of(home, *member, *kind, *named).is_none())
        .filter_map(|(member, kind, _)| Some((member, plan_account(kind)?)))
        .collect()
}

/// The payments that were entered, else a safe-harbour quarter each: of 90 % of this income's share of the tax that all
/// self-employment adds to the household's year (26 U.S.C. § 6654(d)(1)(B)(i)), rounded up to the cent, so that four equal payments
/// are not less. Together and by profit, since each income by itself would count as the last one added, at the highest rate.
pub(super) fn quarterly_estimates(home: &Household, state: &IncomeState, tables: &YearTables) -> Result<[Money; 4], TaxError> {
    if let Some(entered) = state.self_employment.as_ref().and_then(|own| own.quarterly_estimates) {
        return Ok(entered);
    }
    let all: Money = home.incomes.values().filter(|other| counts_as_business(other, tables.year())).map(profit).sum();
    let with = tables.estimate(&tax_return(home, tables, |_| true)?, None)?;
    let without = tables.estimate(&tax_return(home, tables, |other| other.income.income_type != IncomeType::SelfEmployed)?, None)?;
    let added = (with.total_tax - without.total_tax).at_least_zero().scaled(90, 100).scaled(profit(state).cents(), all.cents());
    Ok([Money::from_cents(added.cents().saturating_add(3).div_euclid(4)); 4])
}

fn counts_as_business(state: &IncomeState, year: i32) -> bool {
    state.income.income_type == IncomeType::SelfEmployed && is_earned_in(&state.income, year)
}

/// Gross less what it costs, a year.
fn profit(state: &IncomeState) -> Money {
    let expenses = state.self_employment.as_ref().map(|own| own.estimated_annual_expenses).unwrap_or_default();
    (state.income.pay.annual() - expenses).at_least_zero()
}

/// The household's return for a year of those of its incomes that are `wanted`, as they stand.
fn tax_return(home: &Household, tables: &YearTables, wanted: impl Fn(&IncomeState) -> bool) -> Result<Return, TaxError> {
    let profile = home.opening.as_ref().map(|opening| &opening.profile);
    let mut tax_return = Return::new(profile.map_or(FilingStatus::Single, |profile| profile.filing_status));
    tax_return.state = profile.and_then(|profile| profile.state);
    add_dependents(&mut tax_return, home, tables.year());
    let mut earners: BTreeMap<Option<MemberId>, Earner> = BTreeMap::new();
    let counted = |state: &&IncomeState| is_earned_in(&state.income, tables.year()) && wanted(state);
    for state in home.incomes.values().filter(counted) {
        let (member, annual) = (state.income.member_id, state.income.pay.annual());
        let age = age_at_year_end(home, member, tables.year());
        let earner = earners.entry(member).or_insert_with(|| Earner { age, ..Earner::default() });
        match state.income.income_type {
            IncomeType::W2 | IncomeType::W2Hourly => add_wages(earner, home, state, tables)?,
            IncomeType::SelfEmployed => earner.self_employment_net += profit(state),
            IncomeType::SocialSecurity => tax_return.social_security_benefits += annual,
            IncomeType::Retirement => tax_return.retirement_income += annual,
            IncomeType::Investment => tax_return.nonqualified_dividends += annual,
            IncomeType::Rental => tax_return.rental_income += annual,
            IncomeType::Other => tax_return.other_income += annual,
        }
    }
    tax_return.earners = earners.into_values().collect();
    Ok(tax_return)
}

fn add_dependents(tax_return: &mut Return, home: &Household, year: i32) {
    let year_end = Date::from_ymd_opt(year, 12, 31).unwrap_or(Date::MAX);
    for member in home.members.values().filter(|member| matches!(member.relationship, Relationship::Child | Relationship::Dependent)) {
        match member.date_of_birth.map(|birth| age_on(birth, year_end)).filter(|age| *age < 17) {
            Some(age) => tax_return.children_ages.push(age),
            None => tax_return.other_dependents = tax_return.other_dependents.saturating_add(1),
        }
    }
}

/// Whether any day of a year is paid by an income. Which day it is today does not matter: a set of flows that depended on it would
/// be another one tomorrow.
fn is_earned_in(income: &Income, year: i32) -> bool {
    income.active && income.start_date.year() <= year && income.end_date.is_none_or(|end| end.year() >= year)
}

/// What the paychecks of a year deduct, and not what was asked for: deductions beyond the pay are cut there, and a return that
/// deducted more than was earned would be refused, and with it every command of the household.
fn add_wages(earner: &mut Earner, home: &Household, state: &IncomeState, tables: &YearTables) -> Result<(), TaxError> {
    let job = job(home, state, tables);
    let periods = job.pay_frequency.periods_per_year();
    let mut left = job.annual_gross;
    earner.wages += job.annual_gross;
    for line in &payslip(&job, tables)?.deductions {
        let deducted = match (line.kind.reduces(), line.kind) {
            (Reduces::IncomeTaxWages, _) => &mut earner.pretax_401k,
            (Reduces::AllWages, DeductionType::Pretax(PretaxDeductionType::Hsa)) => &mut earner.payroll_hsa,
            (Reduces::AllWages, _) => &mut earner.cafeteria,
            (Reduces::Nothing, _) => continue,
        };
        let year = line.amount.scaled(periods, 1).min(left);
        left -= year;
        *deducted += year;
    }
    Ok(())
}

fn debt(id: AccountId, state: &AccountState) -> Option<DebtInput> {
    let resting = state.liability.as_ref().is_some_and(|terms| terms.in_forbearance);
    debt_input(id, state).filter(|_| !resting)
}

/// A debt with a balance, as its payments are derived from.
pub(super) fn debt_input(id: AccountId, state: &AccountState) -> Option<DebtInput> {
    let terms = state.liability.clone().unwrap_or_default();
    let balance = state.balance.as_ref().filter(|_| state.account.account_type.is_liability())?;
    Some(DebtInput {
        account_id: id,
        name: state.account.name.to_string(),
        member_id: state.account.member_id,
        account_type: state.account.account_type,
        balance: balance.balance,
        as_of_date: balance.as_of_date,
        interest_rate: terms.interest_rate,
        minimum_payment: terms.minimum_payment,
        interest_only: terms.interest_only,
        maturity_date: terms.maturity_date,
        origination_date: terms.origination_date,
        term_months: terms.term_months,
        escrow: terms.escrow,
        start_date: state.opened_on,
    })
}

/// Payments that are left on a debt, where its terms say so.
pub(crate) fn remaining_months(id: AccountId, state: &AccountState) -> Option<u16> {
    debt_input(id, state)?.remaining_months()
}

fn property(home: &Household, id: AccountId, state: &AccountState) -> Option<PropertyInput> {
    let details = state.asset_details.as_ref()?;
    let account = &state.account;
    if account.account_type.class() != AccountClass::RealProperty {
        return None;
    }
    Some(PropertyInput {
        account_id: id,
        name: account.name.to_string(),
        member_id: account.member_id,
        account_type: account.account_type,
        annual_property_tax: details.annual_property_tax,
        annual_insurance: details.annual_insurance,
        monthly_hoa: details.monthly_hoa,
        monthly_rent: details.monthly_rent,
        escrowed: is_escrowed(home, state),
        start_date: state.opened_on,
    })
}

/// A mortgage of the same asset group collects escrow: tax and insurance of the house are in its payment, as long as there is one.
fn is_escrowed(home: &Household, property: &AccountState) -> bool {
    let Some(group) = property.account.asset_group_id else { return false };
    let together = home.accounts.iter().filter(|(_, state)| state.account.active && state.account.asset_group_id == Some(group));
    let collects = |debt: &DebtInput| debt.escrow.is_some_and(Money::is_positive) && monthly_payment(debt).is_some();
    together.filter_map(|(id, state)| debt(*id, state)).any(|debt| collects(&debt))
}

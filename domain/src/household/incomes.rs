//! Sources of income, with everything that payroll needs to know about them.

use rust_decimal::Decimal;

use super::command::{IncomePatch, PosttaxDeductionPatch, PretaxDeductionPatch};
use super::decide::Draft;
use super::error::{Checks, Conflict, HouseholdError, Rule, Thing};
use super::event::Event;
use super::facts::{DeductionAmount, Income, Pay, PosttaxDeduction, PretaxDeduction, SelfEmployment, Withholding};
use super::reconcile::is_wage;
use super::state::IncomeState;
use crate::ids::{AccountId, DeductionId, IncomeId};
use crate::money::Money;
use crate::payroll::{AmountType, DeductionType};
use crate::rate::Rate;
use crate::system_flows::plan_account;
use crate::vocabulary::{AccountType, IncomeType};

const MOST_INCOMES: usize = 100;
const MOST_DEDUCTIONS: usize = 50;

pub(super) fn add(draft: &mut Draft, id: IncomeId, income: Income, withholding: Option<Withholding>) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    check(&mut checks, draft, &income);
    withholding.iter().for_each(|form| check_withholding(&mut checks, "w4.", form));
    checks.finish()?;
    if draft.household.incomes.len() >= MOST_INCOMES {
        return Err(Conflict::Full { things: "income sources", most: MOST_INCOMES }.into());
    }
    draft.record(Event::IncomeSourceAdded { id, income });
    withholding.map_or(Ok(()), |form| put_withholding(draft, id, form))
}

pub(super) fn change(draft: &mut Draft, id: IncomeId, patch: IncomePatch, withholding: Option<Withholding>) -> Result<(), HouseholdError> {
    let was = find(draft, id)?.income.clone();
    let income = patched(patch, &was);
    let mut checks = Checks::default();
    check(&mut checks, draft, &income);
    withholding.iter().for_each(|form| check_withholding(&mut checks, "w4.", form));
    checks.finish()?;
    if income != was {
        draft.record(Event::IncomeSourceChanged { id, income, was });
    }
    withholding.map_or(Ok(()), |form| put_withholding(draft, id, form))
}

/// An income as it is from now on, whole.
pub(super) fn put(draft: &mut Draft, id: IncomeId, income: Income, was: Income) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    check(&mut checks, draft, &income);
    checks.finish()?;
    draft.record(Event::IncomeSourceChanged { id, income, was });
    Ok(())
}

pub(super) fn remove(draft: &mut Draft, id: IncomeId) -> Result<(), HouseholdError> {
    let was = find(draft, id)?.income.clone();
    draft.record(Event::IncomeSourceRemoved { id, was });
    Ok(())
}

pub(super) fn set_withholding(draft: &mut Draft, id: IncomeId, withholding: Withholding) -> Result<(), HouseholdError> {
    find(draft, id)?;
    let mut checks = Checks::default();
    check_withholding(&mut checks, "", &withholding);
    checks.finish()?;
    put_withholding(draft, id, withholding)
}

fn put_withholding(draft: &mut Draft, income_id: IncomeId, withholding: Withholding) -> Result<(), HouseholdError> {
    let was = find(draft, income_id)?.withholding.clone();
    if withholding != was {
        draft.record(Event::WithholdingChanged { income_id, withholding, was });
    }
    Ok(())
}

pub(super) fn set_self_employment(draft: &mut Draft, income_id: IncomeId, self_employment: SelfEmployment) -> Result<(), HouseholdError> {
    let state = find(draft, income_id)?;
    let was = state.self_employment.clone();
    let mut checks = Checks::default();
    checks.require(state.income.income_type == IncomeType::SelfEmployed, "income_id", || {
        Rule::NotAllowedHere("only an income of type self_employed has expenses and estimated payments of its own")
    });
    not_negative(&mut checks, "estimated_annual_expenses", self_employment.estimated_annual_expenses);
    for payment in self_employment.quarterly_estimates.iter().flatten() {
        not_negative(&mut checks, "quarterly_estimates", *payment);
    }
    fraction(&mut checks, "retirement_contribution_rate", self_employment.retirement_contribution_rate);
    checks.finish()?;
    if was.as_ref() != Some(&self_employment) {
        draft.record(Event::SelfEmploymentChanged { income_id, self_employment, was });
    }
    Ok(())
}

pub(super) fn add_pretax(
    draft: &mut Draft,
    income_id: IncomeId,
    id: DeductionId,
    deduction: PretaxDeduction,
) -> Result<(), HouseholdError> {
    let income = find(draft, income_id)?;
    let mut checks = Checks::default();
    check_room(&mut checks, income);
    check_pretax(&mut checks, draft, income, &deduction);
    checks.finish()?;
    draft.record(Event::PretaxDeductionAdded { income_id, id, deduction });
    Ok(())
}

pub(super) fn change_pretax(
    draft: &mut Draft,
    income_id: IncomeId,
    id: DeductionId,
    patch: PretaxDeductionPatch,
) -> Result<(), HouseholdError> {
    let income = find(draft, income_id)?;
    let was = income.pretax_deductions.get(&id).cloned().ok_or_else(|| no_deduction(id))?;
    let mut checks = Checks::default();
    let deduction = PretaxDeduction {
        deduction_type: patch.deduction_type.unwrap_or(was.deduction_type),
        amount: patched_amount(&mut checks, patch.amount_type, patch.amount, was.amount),
        employer_match: patch.employer_match.unwrap_or(was.employer_match),
        target_account_id: patch.target_account_id.unwrap_or(was.target_account_id),
    };
    put_pretax(draft, income_id, id, deduction, checks)
}

/// A deduction as it is from now on, whole; `checks` holds what is wrong with it already.
pub(super) fn put_pretax(
    draft: &mut Draft,
    income_id: IncomeId,
    id: DeductionId,
    deduction: PretaxDeduction,
    mut checks: Checks,
) -> Result<(), HouseholdError> {
    let income = find(draft, income_id)?;
    let was = income.pretax_deductions.get(&id).cloned().ok_or_else(|| no_deduction(id))?;
    check_pretax(&mut checks, draft, income, &deduction);
    checks.finish()?;
    if deduction != was {
        draft.record(Event::PretaxDeductionChanged { income_id, id, deduction, was });
    }
    Ok(())
}

pub(super) fn remove_pretax(draft: &mut Draft, income_id: IncomeId, id: DeductionId) -> Result<(), HouseholdError> {
    let was = find(draft, income_id)?.pretax_deductions.get(&id).cloned().ok_or_else(|| no_deduction(id))?;
    draft.record(Event::PretaxDeductionRemoved { income_id, id, was });
    Ok(())
}

pub(super) fn add_posttax(
    draft: &mut Draft,
    income_id: IncomeId,
    id: DeductionId,
    deduction: PosttaxDeduction,
) -> Result<(), HouseholdError> {
    let income = find(draft, income_id)?;
    let mut checks = Checks::default();
    check_room(&mut checks, income);
    check_deduction(&mut checks, draft, income, deduction.amount, deduction.target_account_id);
    checks.finish()?;
    draft.record(Event::PosttaxDeductionAdded { income_id, id, deduction });
    Ok(())
}

pub(super) fn change_posttax(
    draft: &mut Draft,
    income_id: IncomeId,
    id: DeductionId,
    patch: PosttaxDeductionPatch,
) -> Result<(), HouseholdError> {
    let income = find(draft, income_id)?;
    let was = income.posttax_deductions.get(&id).cloned().ok_or_else(|| no_deduction(id))?;
    let mut checks = Checks::default();
    let deduction = PosttaxDeduction {
        deduction_type: patch.deduction_type.unwrap_or(was.deduction_type),
        amount: patched_amount(&mut checks, patch.amount_type, patch.amount, was.amount),
        target_account_id: patch.target_account_id.unwrap_or(was.target_account_id),
    };
    put_posttax(draft, income_id, id, deduction, checks)
}

/// A deduction as it is from now on, whole; `checks` holds what is wrong with it already.
pub(super) fn put_posttax(
    draft: &mut Draft,
    income_id: IncomeId,
    id: DeductionId,
    deduction: PosttaxDeduction,
    mut checks: Checks,
) -> Result<(), HouseholdError> {
    let income = find(draft, income_id)?;
    let was = income.posttax_deductions.get(&id).cloned().ok_or_else(|| no_deduction(id))?;
    check_deduction(&mut checks, draft, income, deduction.amount, deduction.target_account_id);
    checks.finish()?;
    if deduction != was {
        draft.record(Event::PosttaxDeductionChanged { income_id, id, deduction, was });
    }
    Ok(())
}

pub(super) fn remove_posttax(draft: &mut Draft, income_id: IncomeId, id: DeductionId) -> Result<(), HouseholdError> {
    let was = find(draft, income_id)?.posttax_deductions.get(&id).cloned().ok_or_else(|| no_deduction(id))?;
    draft.record(Event::PosttaxDeductionRemoved { income_id, id, was });
    Ok(())
}

fn patched(patch: IncomePatch, was: &Income) -> Income {
    let known_hours = match was.pay {
        Pay::Hourly { expected_annual_hours, .. } => expected_annual_hours,
        Pay::Salary { .. } => Pay::FULL_TIME_HOURS,
    };
    let pay = match (patch.gross_annual_salary, patch.hourly_rate, patch.expected_annual_hours, was.pay) {
        (Some(gross_annual_salary), _, _, _) => Pay::Salary { gross_annual_salary },
        (None, Some(hourly_rate), hours, _) => Pay::Hourly { hourly_rate, expected_annual_hours: hours.unwrap_or(known_hours) },
        (None, None, Some(expected_annual_hours), Pay::Hourly { hourly_rate, .. }) => Pay::Hourly { hourly_rate, expected_annual_hours },
        (None, None, _, pay) => pay,
    };
    let was = was.clone();
    Income {
        name: patch.name.unwrap_or(was.name),
        member_id: patch.member_id.unwrap_or(was.member_id),
        income_type: patch.income_type.unwrap_or(was.income_type),
        pay,
        pay_frequency: patch.pay_frequency.unwrap_or(was.pay_frequency),
        start_date: patch.start_date.unwrap_or(was.start_date),
        end_date: patch.end_date.unwrap_or(was.end_date),
        active: patch.active.unwrap_or(was.active),
    }
}

fn patched_amount(checks: &mut Checks, amount_type: Option<AmountType>, amount: Option<Decimal>, was: DeductionAmount) -> DeductionAmount {
    let wanted = DeductionAmount::of(amount_type.unwrap_or(was.amount_type()), amount.unwrap_or(was.amount()));
    let rule = Rule::NotAllowedHere("a fixed amount is whole cents, a percentage is a fraction such as \"0.06\"");
    checks.or_else(wanted.ok_or(rule), "amount", was)
}

fn find(draft: &Draft, id: IncomeId) -> Result<&IncomeState, HouseholdError> {
    draft.household.incomes.get(&id).ok_or(HouseholdError::NotFound { thing: Thing::IncomeSource, id: id.0 })
}

fn no_deduction(id: DeductionId) -> HouseholdError {
    HouseholdError::NotFound { thing: Thing::Deduction, id: id.0 }
}

fn check(checks: &mut Checks, draft: &Draft, income: &Income) {
    checks.require(income.member_id.is_none_or(|id| draft.household.members.contains_key(&id)), "member_id", || Rule::UnknownMember);
    match income.pay {
        Pay::Salary { gross_annual_salary } => not_negative(checks, "gross_annual_salary", gross_annual_salary),
        Pay::Hourly { hourly_rate, expected_annual_hours } => {
            not_negative(checks, "hourly_rate", hourly_rate);
            checks.require(expected_annual_hours <= 8784, "expected_annual_hours", || Rule::OutOfRange {
                min: "0".into(),
                max: "8784".into(),
            });
            // A rate at its limit times a year of hours must still be an amount.
            checks.require(income.pay.annual() <= Money::LIMIT, "hourly_rate", || Rule::OutOfRange {
                min: "0".into(),
                max: Money::LIMIT.to_string(),
            });
        }
    }
    if let Some(end) = income.end_date {
        checks.require(end >= income.start_date, "end_date", || Rule::EndsBeforeStart {
            start_field: "start_date",
            start: income.start_date,
        });
    }
}

fn check_withholding(checks: &mut Checks, path: &str, form: &Withholding) {
    for (field, amount) in [
        ("credits", form.credits.unwrap_or_default()),
        ("other_income", form.other_income),
        ("deductions", form.deductions),
        ("extra_withholding", form.extra_withholding),
        ("state_additional_withholding", form.state_additional_withholding),
    ] {
        not_negative(checks, &format!("{path}{field}"), amount);
    }
    for (field, count) in [
        ("qualifying_children", form.qualifying_children),
        ("other_dependents", form.other_dependents),
        ("state_allowances", form.state_allowances),
    ] {
        checks.require(count <= 99, format!("{path}{field}"), || Rule::OutOfRange { min: "0".into(), max: "99".into() });
    }
}

fn check_pretax(checks: &mut Checks, draft: &Draft, income: &IncomeState, deduction: &PretaxDeduction) {
    check_deduction(checks, draft, income, deduction.amount, deduction.target_account_id);
    if let Some(rule) = deduction.employer_match {
        let held = plan_account(DeductionType::Pretax(deduction.deduction_type)).is_some() || deduction.target_account_id.is_some();
        checks.require(held, "employer_match", || Rule::NotAllowedHere("there is no account that the employer could add to"));
        fraction(checks, "employer_match.rate", rule.rate);
        fraction(checks, "employer_match.cap_fraction", rule.cap_fraction.unwrap_or_default());
        not_negative(checks, "employer_match.annual_cap", rule.annual_cap.unwrap_or_default());
    }
}

fn check_deduction(checks: &mut Checks, draft: &Draft, income: &IncomeState, amount: DeductionAmount, target: Option<AccountId>) {
    let payroll = is_wage(income.income.income_type);
    checks.require(payroll, "income_id", || Rule::NotAllowedHere("only a W-2 income has payroll deductions"));
    match amount {
        DeductionAmount::Fixed(amount) => not_negative(checks, "amount", amount),
        DeductionAmount::Percent(rate) => fraction(checks, "amount", rate),
    }
    if let Some(id) = target {
        let account = draft.household.accounts.get(&id);
        checks.require(account.is_some(), "target_account_id", || Rule::UnknownAccount);
        if let Some(state) = account {
            let kind = state.account.account_type;
            let takes = !kind.is_liability() && kind != AccountType::PayrollClearing;
            checks.require(takes, "target_account_id", || Rule::WrongAccountType(kind));
        }
    }
}

fn check_room(checks: &mut Checks, income: &IncomeState) {
    let taken = income.pretax_deductions.len().saturating_add(income.posttax_deductions.len());
    checks.require(taken < MOST_DEDUCTIONS, "income_id", || Rule::NotAllowedHere("an income has at most 50 deductions"));
}

fn not_negative(checks: &mut Checks, field: &str, amount: Money) {
    checks.require(!amount.is_negative(), field, || Rule::Negative);
}

fn fraction(checks: &mut Checks, field: &str, rate: Rate) {
    let holds = (Rate::ZERO..=Rate::ONE).contains(&rate);
    checks.require(holds, field, || Rule::OutOfRange { min: "0".into(), max: "1".into() });
}

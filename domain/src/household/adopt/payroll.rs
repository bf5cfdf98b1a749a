//! What is taken out of pay, made real. None of these facts has a date: they hold from the day on which they are told.

use super::income::income;
use super::reality::Reality;
use super::reason::Reason;
use crate::calendar::{Frequency, Month};
use crate::household::error::Checks;
use crate::household::facts::{DeductionAmount, FlowKind, PosttaxDeduction, PretaxDeduction, SelfEmployment};
use crate::household::incomes;
use crate::household::inputs::plan_of;
use crate::household::reconcile::is_wage;
use crate::household::state::IncomeState;
use crate::ids::{AccountId, DeductionId, FlowId, IncomeId};
use crate::money::Money;
use crate::payroll::DeductionType;
use crate::projection::changes::kind::{Modify401k, ModifyDeductions, ModifyHsa, ModifyWithholding, SetQuarterlyEstimates};
use crate::projection::changes::parameter::WageIncome;
use crate::projection::changes::{is_deferral, is_hsa};
use crate::rate::Rate;
use crate::system_flows::plan_account;
use crate::vocabulary::{ExpenseCategory, IncomeType, PretaxDeductionType};

/// The jobs that are meant: the named one, or each.
fn jobs(reality: &Reality<'_>, named: Option<WageIncome>) -> Result<Vec<IncomeId>, Reason> {
    if let Some(WageIncome(id)) = named {
        return income(reality, id).map(|_| vec![id]);
    }
    let wages = |state: &IncomeState| state.income.active && is_wage(state.income.income_type);
    let all: Vec<IncomeId> = reality.home().incomes.iter().filter(|(_, state)| wages(state)).map(|(id, _)| *id).collect();
    if all.is_empty() { Err(Reason::Gone("a job")) } else { Ok(all) }
}

/// The named job, or the first that pays this month.
fn one_job(reality: &Reality<'_>, named: Option<WageIncome>) -> Result<IncomeId, Reason> {
    if let Some(WageIncome(id)) = named {
        return income(reality, id).map(|_| id);
    }
    let paying = |state: &IncomeState| is_wage(state.income.income_type) && is_paid_in(state, reality.this_month());
    reality.home().incomes.iter().find(|(_, state)| paying(state)).map(|(id, _)| *id).ok_or(Reason::Gone("a job"))
}

fn is_paid_in(state: &IncomeState, month: Month) -> bool {
    let income = &state.income;
    income.active && Month::of(income.start_date) <= month && income.end_date.is_none_or(|end| month <= Month::of(end))
}

/// The account of the household that such contributions of an earner go to; none where they are spent. As in a plan: their own, else one
/// that is nobody's.
fn account_for(reality: &Reality<'_>, job: IncomeId, kind: DeductionType) -> Result<Option<AccountId>, Reason> {
    let Some(wanted) = plan_account(kind) else { return Ok(None) };
    let home = reality.home();
    let primary = || home.members.iter().find(|(_, member)| member.is_primary).map(|(id, _)| *id);
    let earner = income(reality, job)?.income.member_id.or_else(primary);
    plan_of(home, earner, wanted).map(Some).ok_or_else(|| {
        Reason::NotSayable(format!("there is no {} account that it could go to: the scenario opens one, so open it first", wanted.as_str()))
    })
}

/// Lets a kind of deduction of a job take this: the first one that there is, and the others nothing; one is added where there is none.
fn deduct(
    reality: &mut Reality<'_>,
    job: IncomeId,
    is_meant: impl Fn(DeductionType) -> bool,
    usual: DeductionType,
    amount: DeductionAmount,
) -> Result<(), Reason> {
    let state = income(reality, job)?.clone();
    let mut amounts = std::iter::once(amount).chain(std::iter::repeat(DeductionAmount::Fixed(Money::ZERO)));
    let mut found = false;
    let before = state.pretax_deductions.iter().filter(|(_, told)| is_meant(DeductionType::Pretax(told.deduction_type)));
    for ((id, was), amount) in before.zip(amounts.by_ref()) {
        found = true;
        incomes::put_pretax(&mut reality.draft, job, *id, PretaxDeduction { amount, ..was.clone() }, Checks::default())?;
    }
    let after = state.posttax_deductions.iter().filter(|(_, told)| is_meant(DeductionType::Posttax(told.deduction_type)));
    for ((id, was), amount) in after.zip(amounts) {
        found = true;
        incomes::put_posttax(&mut reality.draft, job, *id, PosttaxDeduction { amount, ..was.clone() }, Checks::default())?;
    }
    if found {
        return Ok(());
    }
    let (target_account_id, id): (_, DeductionId) = (account_for(reality, job, usual)?, reality.new_id());
    match usual {
        DeductionType::Pretax(deduction_type) => {
            let deduction = PretaxDeduction { deduction_type, amount, employer_match: None, target_account_id };
            incomes::add_pretax(&mut reality.draft, job, id, deduction)?;
        }
        DeductionType::Posttax(deduction_type) => {
            incomes::add_posttax(&mut reality.draft, job, id, PosttaxDeduction { deduction_type, amount, target_account_id })?;
        }
    }
    Ok(())
}

fn contribute(
    reality: &mut Reality<'_>,
    named: Option<WageIncome>,
    part: Rate,
    usual: PretaxDeductionType,
    is_meant: fn(DeductionType) -> bool,
) -> Result<(), Reason> {
    reality.holds_from_today_on()?;
    for job in jobs(reality, named)? {
        deduct(reality, job, is_meant, DeductionType::Pretax(usual), DeductionAmount::Percent(part))?;
    }
    Ok(())
}

pub(super) fn set_401k(reality: &mut Reality<'_>, told: &Modify401k) -> Result<(), Reason> {
    contribute(reality, told.income_id, told.percentage, PretaxDeductionType::Traditional401k, is_deferral)
}

pub(super) fn set_hsa(reality: &mut Reality<'_>, told: &ModifyHsa) -> Result<(), Reason> {
    contribute(reality, told.income_id, told.percentage, PretaxDeductionType::Hsa, is_hsa)
}

/// An amount a month as one of each paycheck.
fn per_paycheck(state: &IncomeState, monthly: Money) -> Result<Money, Reason> {
    let (year, periods) = (Frequency::Monthly.annual_amount(monthly), state.income.pay_frequency.periods_per_year());
    let each = year.scaled(1, periods);
    if each.scaled(periods, 1) == year {
        return Ok(each);
    }
    let (said, nearest) = (monthly.grouped(), each.grouped());
    Err(Reason::NotSayable(format!(
        "{said} a month are no whole cents in each of {periods} paychecks a year: {nearest} would come nearest"
    )))
}

pub(super) fn set_deduction(reality: &mut Reality<'_>, told: &ModifyDeductions) -> Result<(), Reason> {
    reality.holds_from_today_on()?;
    let (job, kind) = (one_job(reality, told.income_id)?, told.deduction_type.0);
    let amount = DeductionAmount::Fixed(per_paycheck(income(reality, job)?, told.amount)?);
    deduct(reality, job, |other| other == kind, kind, amount)
}

pub(super) fn set_withholding(reality: &mut Reality<'_>, told: &ModifyWithholding) -> Result<(), Reason> {
    reality.holds_from_today_on()?;
    let job = one_job(reality, told.income_id)?;
    let state = income(reality, job)?;
    let extra_withholding = per_paycheck(state, told.extra_monthly)?;
    let form = crate::household::facts::Withholding { extra_withholding, ..state.withholding.clone() };
    Ok(incomes::set_withholding(&mut reality.draft, job, form)?)
}

/// The first business pays them, and the others none; where there is none, they are paid as any tax that is paid ahead. Either way in
/// the place of what was paid as a flow of its own.
pub(super) fn set_estimates(reality: &mut Reality<'_>, told: &SetQuarterlyEstimates) -> Result<(), Reason> {
    let ended = end_estimates_that_were_entered(reality)?;
    let month = reality.this_month();
    let is_business = |state: &IncomeState| state.income.income_type == IncomeType::SelfEmployed && is_paid_in(state, month);
    let businesses: Vec<IncomeId> = reality.home().incomes.iter().filter(|(_, state)| is_business(state)).map(|(id, _)| *id).collect();
    if businesses.is_empty() {
        let flow = reality.new_flow(FlowKind::Expense(ExpenseCategory::EstimatedTax), told.quarterly_amount, Frequency::Quarterly)?;
        if flow.amount.is_positive() {
            return reality.add_flow(flow).map(|_| ());
        }
        return if ended { Ok(()) } else { Err(Reason::NoEffect("nothing is paid ahead")) };
    }
    reality.holds_from_today_on()?;
    for (place, id) in businesses.into_iter().enumerate() {
        let quarter = if place == 0 { told.quarterly_amount } else { Money::ZERO };
        let nothing = || SelfEmployment {
            estimated_annual_expenses: Money::ZERO,
            quarterly_estimates: None,
            retirement_contribution_rate: Rate::ZERO,
        };
        let own = income(reality, id)?.self_employment.clone().unwrap_or_else(nothing);
        let own = SelfEmployment { quarterly_estimates: Some([quarter; 4]), ..own };
        incomes::set_self_employment(&mut reality.draft, id, own)?;
    }
    Ok(())
}

/// Says whether there were any.
fn end_estimates_that_were_entered(reality: &mut Reality<'_>) -> Result<bool, Reason> {
    let estimates = FlowKind::Expense(ExpenseCategory::EstimatedTax);
    let entered = reality.home().flows.iter().filter(|(_, flow)| flow.active && flow.kind == estimates);
    let entered: Vec<FlowId> = entered.map(|(id, _)| *id).collect();
    let mut ended = false;
    for id in entered {
        match reality.alter_flow(id, None) {
            Err(Reason::NoEffect(_)) => {}
            other => {
                other?;
                ended = true;
            }
        }
    }
    Ok(ended)
}

//! Sources of income, their W-4, their deductions, and self-employment.

use domain::calendar::{Date, PayFrequency};
use domain::household::Household;
use domain::household::facts::{DeductionAmount, EmployerMatch, Pay};
use domain::ids::{DeductionId, IncomeId};
use domain::money::Money;
use domain::payroll::{AmountType, DeductionStage};
use domain::rate::Rate;
use domain::text::Name;
use domain::vocabulary::{FilingStatus, IncomeType};
use uuid::Uuid;

use super::table::read_model;

read_model! {
    /// A source of income.
    pub struct IncomeRow in "income_sources" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What it is called, mostly the employer.
        name: Name,
        /// Who earns it.
        member_id: Option<Uuid>,
        /// How it is earned and taxed.
        income_type: IncomeType,
        /// A year, of a salary.
        gross_annual_salary: @numeric Option<Money>,
        /// Of hourly wages.
        hourly_rate: @numeric Option<Money>,
        /// Of hourly wages.
        expected_annual_hours: Option<u32>,
        /// Gross a year, however it is told.
        annual_gross: @numeric Money,
        /// How often it is paid.
        pay_frequency: PayFrequency,
        /// First day.
        start_date: Date,
        /// Last day.
        end_date: Option<Date>,
        /// An inactive income pays nothing.
        active: bool,
    }
}

impl IncomeRow {
    /// The row of an income.
    #[must_use]
    pub fn of(home: &Household, id: IncomeId) -> Option<Self> {
        let income = &home.incomes.get(&id)?.income;
        let (salary, rate, hours) = match income.pay {
            Pay::Salary { gross_annual_salary } => (Some(gross_annual_salary), None, None),
            Pay::Hourly { hourly_rate, expected_annual_hours } => (None, Some(hourly_rate), Some(expected_annual_hours)),
        };
        Some(Self {
            id: id.0,
            name: income.name.clone(),
            member_id: income.member_id.map(Uuid::from),
            income_type: income.income_type,
            gross_annual_salary: salary,
            hourly_rate: rate,
            expected_annual_hours: hours,
            annual_gross: income.pay.annual(),
            pay_frequency: income.pay_frequency,
            start_date: income.start_date,
            end_date: income.end_date,
            active: income.active,
        })
    }
}

read_model! {
    /// Form W-4 of an income.
    pub struct WithholdingRow in "withholding" key ["income_id"] removed_by "income_id" {
        /// Of which.
        income_id: Uuid,
        /// Step 1(c); the household's where it is not said.
        filing_status: Option<FilingStatus>,
        /// Step 2(c).
        multiple_jobs: bool,
        /// Step 3: children under 17.
        qualifying_children: u32,
        /// Step 3: others.
        other_dependents: u32,
        /// Step 3 as an amount; goes before the two counts.
        credits: @numeric Option<Money>,
        /// Step 4(a), a year.
        other_income: @numeric Money,
        /// Step 4(b), a year.
        deductions: @numeric Money,
        /// Step 4(c), a pay period.
        extra_withholding: @numeric Money,
        /// On the state's form.
        state_allowances: u32,
        /// On the state's form, a pay period.
        state_additional_withholding: @numeric Money,
    }
}

impl WithholdingRow {
    /// The row of an income's W-4.
    #[must_use]
    pub fn of(home: &Household, id: IncomeId) -> Option<Self> {
        let form = &home.incomes.get(&id)?.withholding;
        Some(Self {
            income_id: id.0,
            filing_status: form.filing_status,
            multiple_jobs: form.multiple_jobs,
            qualifying_children: form.qualifying_children,
            other_dependents: form.other_dependents,
            credits: form.credits,
            other_income: form.other_income,
            deductions: form.deductions,
            extra_withholding: form.extra_withholding,
            state_allowances: form.state_allowances,
            state_additional_withholding: form.state_additional_withholding,
        })
    }
}

read_model! {
    /// A deduction of an income.
    pub struct DeductionRow in "deductions" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// Of which income.
        income_id: Uuid,
        /// When it is taken.
        stage: DeductionStage,
        /// What for.
        deduction_type: String,
        /// How the amount is told.
        amount_type: AmountType,
        /// Money a pay period, or a fraction of gross.
        amount: @numeric String,
        /// What the employer adds.
        employer_match: Option<EmployerMatch>,
        /// Where it goes; else the member's account of that type.
        target_account_id: Option<Uuid>,
    }
}

impl DeductionRow {
    /// The row of a deduction, before or after taxes.
    #[must_use]
    pub fn of(home: &Household, income_id: IncomeId, id: DeductionId) -> Option<Self> {
        let income = home.incomes.get(&income_id)?;
        let pretax = income
            .pretax_deductions
            .get(&id)
            .map(|line| (DeductionStage::Pretax, line.deduction_type.as_str(), line.amount, line.employer_match, line.target_account_id));
        let posttax = || {
            let line = income.posttax_deductions.get(&id)?;
            Some((DeductionStage::Posttax, line.deduction_type.as_str(), line.amount, None, line.target_account_id))
        };
        let (stage, deduction_type, amount, employer_match, target) = pretax.or_else(posttax)?;
        Some(Self {
            id: id.0,
            income_id: income_id.0,
            stage,
            deduction_type: deduction_type.to_owned(),
            amount_type: amount.amount_type(),
            amount: match amount {
                DeductionAmount::Fixed(amount) => amount.to_string(),
                DeductionAmount::Percent(fraction) => fraction.to_string(),
            },
            employer_match,
            target_account_id: target.map(Uuid::from),
        })
    }
}

read_model! {
    /// Expenses and estimated payments of the self-employed.
    pub struct SelfEmploymentRow in "self_employment" key ["income_id"] removed_by "income_id" {
        /// Of which income.
        income_id: Uuid,
        /// A year.
        estimated_annual_expenses: @numeric Money,
        /// April, June, September, January; none means a safe-harbour quarter each.
        quarterly_estimates: Option<Vec<Money>>,
        /// Of profit.
        retirement_contribution_rate: @numeric Rate,
    }
}

impl SelfEmploymentRow {
    /// The row of a self-employed income.
    #[must_use]
    pub fn of(home: &Household, id: IncomeId) -> Option<Self> {
        let own = home.incomes.get(&id)?.self_employment.as_ref()?;
        Some(Self {
            income_id: id.0,
            estimated_annual_expenses: own.estimated_annual_expenses,
            quarterly_estimates: own.quarterly_estimates.map(Vec::from),
            retirement_contribution_rate: own.retirement_contribution_rate,
        })
    }
}

//! What each job pays and withholds in the year: the figures of the system flows, once for every payday.
//!
//! The same paycheck as the flows have it ([`payslip`]), so that the two cannot say different things. The form that was in force on a
//! payday counts for it: a form handed in in October withholds from the paychecks behind it, or the suggestion of this page would,
//! once taken, overshoot by the months that have been paid already.

use serde::Serialize;

use super::paydays::Paydays;
use crate::calendar::{Date, PayFrequency};
use crate::household::facts::Withholding;
use crate::household::inputs::{job, job_on};
use crate::household::reconcile::is_wage;
use crate::household::state::{Household, IncomeState};
use crate::ids::{IncomeId, MemberId};
use crate::money::Money;
use crate::payroll::{DeductionType, Job, Payslip, Reduces, payslip};
use crate::projection::EarnerFigures;
use crate::tax::{TaxError, YearTables};
use crate::vocabulary::{PretaxDeductionType, StateWithholdingMethod};

/// A form that was in force until another one was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierForm {
    /// Of which income.
    pub income_id: IncomeId,
    /// The day on which another one was handed in: paychecks of that day and before are withheld by this one.
    pub until: Date,
    /// What it said.
    pub form: Withholding,
}

/// What one W-2 income pays and withholds in the year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobWithholding {
    /// Which.
    pub income_id: IncomeId,
    /// What it is called.
    pub name: String,
    /// How often it is paid.
    pub pay_frequency: PayFrequency,
    /// Paydays in the year.
    pub pay_periods: i64,
    /// Of these, still to come.
    pub remaining_pay_periods: i64,
    /// Gross pay of the year.
    pub gross: Money,
    /// Federal income tax withheld in the year.
    pub federal_withholding: Money,
    /// Social Security withheld in the year.
    pub social_security: Money,
    /// Medicare withheld in the year, the additional one included.
    pub medicare: Money,
    /// State income tax withheld in the year.
    pub state_withholding: Money,
    /// How that is found: by the state's own method, as the state's tax on a year of this pay, or not at all.
    pub state_withholding_method: StateWithholdingMethod,
    /// Form W-4, Step 4(c), a pay period: what is withheld beyond the tables.
    pub extra_withholding: Money,
    /// On the state's form, a pay period.
    pub state_additional_withholding: Money,
}

/// A job, and what follows from it for the year.
#[derive(Clone, Debug)]
pub(super) struct JobYear {
    pub member: Option<MemberId>,
    pub job: Job,
    /// A paycheck from now on.
    pub slip: Payslip,
    /// Wages that Social Security and Medicare are taken from.
    pub fica_wages: Money,
    pub figures: EarnerFigures,
    pub told: JobWithholding,
}

/// Every job that pays something in the year.
pub(super) fn jobs(
    home: &Household,
    today: Date,
    year: i32,
    earlier: &[EarlierForm],
    tables: &YearTables,
) -> Result<Vec<JobYear>, TaxError> {
    let known_since = home.opening.as_ref().map(|opening| opening.opened_on);
    let paying = home.incomes.iter().filter(|(_, state)| state.income.active && is_wage(state.income.income_type));
    let mut jobs = Vec::new();
    for (id, state) in paying {
        let income = &state.income;
        let span = (income.start_date, income.end_date);
        let paydays = Paydays::new(income.pay_frequency.frequency(), span, year, known_since);
        if paydays.in_year() > 0 && income.pay.annual().is_positive() {
            jobs.push(job_year(home, *id, state, paydays, today, earlier, tables)?);
        }
    }
    Ok(jobs)
}

fn job_year(
    home: &Household,
    id: IncomeId,
    state: &IncomeState,
    paydays: Paydays,
    today: Date,
    earlier: &[EarlierForm],
    tables: &YearTables,
) -> Result<JobYear, TaxError> {
    let (job, income) = (job(home, state, tables), &state.income);
    let slip = payslip(&job, tables)?;
    let gross = income.pay.annual().scaled(paydays.in_year(), paydays.in_a_full_year());
    let figures = figures(&slip, gross, paydays.in_year());
    let mut told = JobWithholding {
        income_id: id,
        name: income.name.to_string(),
        pay_frequency: income.pay_frequency,
        pay_periods: paydays.in_year(),
        remaining_pay_periods: paydays.after(today),
        gross,
        federal_withholding: Money::ZERO,
        social_security: Money::ZERO,
        medicare: Money::ZERO,
        state_withholding: Money::ZERO,
        state_withholding_method: slip.state_withholding_method,
        extra_withholding: state.withholding.extra_withholding,
        state_additional_withholding: state.withholding.state_additional_withholding,
    };
    let mut paid = 0;
    let opened_on = home.opening.as_ref().map(|opening| opening.opened_on);
    for (until, form) in forms(id, state, earlier, opened_on) {
        let times = paydays.in_year() - paydays.after(until) - paid;
        if times > 0 {
            told.add(&payslip(&job_on(home, state, &form, tables), tables)?, times);
            paid += times;
        }
    }
    told.add(&slip, paydays.in_year() - paid);
    let fica_wages = figures.wages - figures.payroll_hsa - figures.cafeteria;
    Ok(JobYear { member: income.member_id, job, slip, fica_wages, figures, told })
}

/// The forms that held before the present one, each until its day.
///
/// What is told while a household is being set up (on its first day), and what follows a form that said nothing, describes how it has
/// been all year: whoever mends a slip on that day has not changed jobs. Only the extra amounts count from the day on which they were
/// told, since what has been paid was paid without them.
fn forms(id: IncomeId, state: &IncomeState, earlier: &[EarlierForm], opened_on: Option<Date>) -> Vec<(Date, Withholding)> {
    let mut forms: Vec<(Date, Withholding)> = Vec::new();
    let mut next = state.withholding.clone();
    for was in earlier.iter().filter(|form| form.income_id == id).rev() {
        let describes = Some(was.until) == opened_on || was.form == Withholding::default();
        let form = if describes {
            Withholding {
                extra_withholding: was.form.extra_withholding,
                state_additional_withholding: was.form.state_additional_withholding,
                ..next
            }
        } else {
            was.form.clone()
        };
        forms.push((was.until, form.clone()));
        next = form;
    }
    forms.reverse();
    forms
}

impl JobWithholding {
    fn add(&mut self, slip: &Payslip, times: i64) {
        self.federal_withholding += slip.federal_withholding.scaled(times, 1);
        self.social_security += slip.social_security.scaled(times, 1);
        self.medicare += slip.medicare.scaled(times, 1);
        self.state_withholding += slip.state_withholding.scaled(times, 1);
    }
}

/// What the paychecks of the year put on the return: what they deduct, not what was asked for.
fn figures(slip: &Payslip, gross: Money, times: i64) -> EarnerFigures {
    let mut figures = EarnerFigures { wages: gross, ..EarnerFigures::default() };
    let mut left = gross;
    for line in &slip.deductions {
        let deducted = match (line.kind.reduces(), line.kind) {
            (Reduces::IncomeTaxWages, _) => &mut figures.pretax_401k,
            (Reduces::AllWages, DeductionType::Pretax(PretaxDeductionType::Hsa)) => &mut figures.payroll_hsa,
            (Reduces::AllWages, _) => &mut figures.cafeteria,
            (Reduces::Nothing, _) => continue,
        };
        let year = line.amount.scaled(times, 1).min(left);
        left -= year;
        *deducted += year;
    }
    figures
}

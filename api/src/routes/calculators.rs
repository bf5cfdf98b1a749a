//! Stateless calculators: a paycheck, a loan. They know no household, and keep nothing.

use actix_web::web::Data;
use chrono::Datelike;
use domain::calendar::PayFrequency;
use domain::loans::{self, LoanTerms, Schedule};
use domain::money::Money;
use domain::rate::Rate;
use domain::tax::{Paycheck, PaycheckInput, TaxError, W4};
use domain::vocabulary::{FilingStatus, State, StateWithholdingMethod};
use projections::store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::rules::LARGEST_OF_A_YEAR;
use crate::body::{Between, Json, body};
use crate::clock;
use crate::extract::Caller;
use crate::problem::{FieldError, Problem};

body! {
    /// Form W-4, Steps 2 to 4.
    pub struct W4Body {
        /// Step 2(c).
        multiple_jobs: Option<bool>,
        /// Step 3, a year.
        credits: Option<Money> where of_a_household,
        /// Step 4(a), a year.
        other_income: Option<Money> where of_a_household,
        /// Step 4(b), a year.
        deductions: Option<Money> where of_a_household,
        /// Step 4(c), a pay period.
        extra_withholding: Option<Money> where of_a_household,
    }
}

body! {
    /// One paycheck.
    pub struct PaycheckBody {
        /// The year of the paycheck; the current one where left out.
        tax_year: Option<Between<1900, 9999>>,
        /// On the W-4.
        filing_status: FilingStatus,
        /// How often it is paid.
        pay_frequency: PayFrequency,
        /// Gross pay.
        gross: Money where of_a_household,
        /// The rest of the W-4.
        w4: Option<W4Body>,
        /// 401(k) and the like: lowers income tax wages, not FICA wages.
        pretax_retirement: Option<Money> where of_a_household,
        /// Premiums, payroll HSA, FSAs, commuting: lowers both.
        cafeteria: Option<Money> where of_a_household,
        /// The HSA in `cafeteria`: some states tax it all the same.
        payroll_hsa: Option<Money> where of_a_household,
        /// The state whose income tax is withheld.
        state: Option<State>,
        /// FICA wages paid by this employer earlier in the year.
        year_to_date_wages: Option<Money> where of_a_household,
    }
    check |told, at| {
        let a_year = told.gross.scaled(told.pay_frequency.periods_per_year(), 1);
        if told.gross <= LARGEST_OF_A_YEAR && a_year > LARGEST_OF_A_YEAR {
            at.refuse_field("gross", "too_large", format!("comes to {a_year} a year, which must be at most {LARGEST_OF_A_YEAR}"));
        }
    }
}

body! {
    /// A loan.
    pub struct LoanBody {
        /// What is borrowed.
        principal: Money where positive,
        /// A fraction a year.
        annual_rate: Rate,
        /// Months to the end.
        term_months: Between<0, 65_535>,
        /// A month; the amortised one where left out.
        payment: Option<Money> where positive,
        /// A month, on top, to principal.
        extra_payment: Option<Money> where not_negative,
        /// Months at the start in which only interest is due.
        interest_only_months: Option<Between<0, 65_535>>,
    }
}

/// One paycheck, to the cent.
#[derive(Serialize, ToSchema)]
pub struct PaycheckView {
    /// Federal income tax withheld.
    federal_withholding: Money,
    /// 6.2 % up to the wage base.
    social_security: Money,
    /// 1.45 %, and 0.9 % of what lies above 200,000 a year.
    medicare: Money,
    /// State income tax withheld.
    state_withholding: Money,
    /// How that was found: by the state's own method, as the state's tax on a year of this pay, or not at all.
    state_withholding_method: StateWithholdingMethod,
    /// What is left.
    net: Money,
}

/// A loan, month by month.
#[derive(Serialize, ToSchema)]
pub struct ScheduleView {
    /// The regular payment.
    monthly_payment: Money,
    /// The month in which the last cent is paid.
    payoff_month: u16,
    /// All interest.
    total_interest: Money,
    /// What remained to be paid in the last month.
    final_payment: Money,
    /// Every month up to the last.
    months: Vec<ScheduleMonthView>,
}

/// One month of a loan.
#[derive(Serialize, ToSchema)]
pub struct ScheduleMonthView {
    /// 1 = the first.
    month: u16,
    /// Everything paid.
    payment: Money,
    /// The interest in it.
    interest: Money,
    /// The rest of it.
    principal: Money,
    /// What is owed afterwards.
    balance: Money,
}

pub fn routes() -> Routes {
    Routes::tagged("calculators")
        .post(
            "/api/v1/taxes/paycheck",
            paycheck,
            Doc::user("Compute a paycheck").body::<PaycheckBody>().answers::<PaycheckView>().details(
                "Federal: IRS Publication 15-T, percentage method for automated systems. State: by the method that the state publishes \
                     for employers, with a certificate filled in for the filers of the status and nobody else; where that method is not \
                     known here, its tax on a year of this pay in equal parts, marked `annualised_liability`. What states make employees \
                     pay beside income tax (disability, family leave, unemployment) is not computed.",
            ),
        )
        .post(
            "/api/v1/loans/schedule",
            schedule,
            Doc::user("Compute a loan's schedule")
                .body::<LoanBody>()
                .answers::<ScheduleView>()
                .details("Interest and payment are rounded to the cent half up each month; the last payment is what remains."),
        )
}

async fn paycheck(_: Caller, told: Json<PaycheckBody>, store: Data<Store>) -> Result<Answer, Problem> {
    let told = told.body;
    let year = told.tax_year.map_or_else(|| clock::now().year(), |year| i32::try_from(year.get()).unwrap_or_default());
    let tables = store.tables().year(year).map_err(refused)?;
    let form = told.w4;
    let input = PaycheckInput {
        filing_status: told.filing_status,
        pay_frequency: told.pay_frequency,
        gross: told.gross,
        w4: form.map(W4::from).unwrap_or_default(),
        pretax_retirement: told.pretax_retirement.unwrap_or_default(),
        cafeteria: told.cafeteria.unwrap_or_default(),
        payroll_hsa: told.payroll_hsa.unwrap_or_default(),
        state: told.state,
        year_to_date_wages: told.year_to_date_wages.unwrap_or_default(),
    };
    match tables.paycheck(&input) {
        Ok(paycheck) => Answer::plain(&PaycheckView::from(paycheck)),
        Err(error @ TaxError::DeductionsExceedPay { .. }) if input.cafeteria > input.gross => {
            Err(Problem::invalid("cafeteria", "more_than_pay", message(&error)))
        }
        Err(error) => Err(refused(error)),
    }
}

/// Each refusal of the tax law names the field that it is about.
pub fn refused(error: TaxError) -> Problem {
    let message = message(&error);
    match error {
        TaxError::UnknownYear { .. } => Problem::invalid("tax_year", "unknown_year", message),
        TaxError::StateNotSupported(_) => Problem::invalid("state", "not_supported", message),
        TaxError::Negative { field, .. } => Problem::invalid(field, "negative", message),
        TaxError::TooLarge { field, .. } => Problem::invalid(field, "too_large", message),
        TaxError::MoreThanContains { part, .. } => Problem::invalid(part, "more_than_contains", message),
        TaxError::DeductionsExceedPay { .. } => Problem::invalid("pretax_retirement", "more_than_pay", message),
    }
}

/// As it reads behind the name of its field.
pub fn message(error: &TaxError) -> String {
    match error {
        TaxError::UnknownYear { year, first, last } => format!("must be from {first} to {last}: the law of {year} is not known here"),
        TaxError::StateNotSupported(_) => error.to_string(),
        TaxError::Negative { .. } => "must not be negative".to_owned(),
        TaxError::TooLarge { .. } => format!("must be at most {}", Money::LIMIT),
        TaxError::MoreThanContains { whole, of, .. } => format!("must be at most {of}, the {whole} that it is a part of"),
        TaxError::DeductionsExceedPay { deductions, pay } => {
            format!("must leave the deductions at most the pay of {pay}: they come to {deductions}")
        }
    }
}

async fn schedule(_: Caller, told: Json<LoanBody>) -> Result<Answer, Problem> {
    let terms = LoanTerms {
        principal: told.principal,
        annual_rate: told.annual_rate,
        term_months: to_u16(told.term_months),
        payment: told.payment,
        extra_payment: told.extra_payment.unwrap_or_default(),
        interest_only_months: told.interest_only_months.map_or(0, to_u16),
    };
    let field_error = |error: loans::LoanError| FieldError::new(error.field(), error.code(), error.to_string());
    let schedule = loans::schedule(&terms).map_err(|errors| Problem::invalid_fields(errors.into_iter().map(field_error).collect()))?;
    Answer::plain(&ScheduleView::from(schedule))
}

fn to_u16<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> u16 {
    u16::try_from(number.get()).unwrap_or(u16::MAX)
}

impl From<W4Body> for W4 {
    fn from(form: W4Body) -> Self {
        Self {
            multiple_jobs: form.multiple_jobs.unwrap_or_default(),
            credits: form.credits.unwrap_or_default(),
            other_income: form.other_income.unwrap_or_default(),
            deductions: form.deductions.unwrap_or_default(),
            extra_withholding: form.extra_withholding.unwrap_or_default(),
        }
    }
}

impl From<Paycheck> for PaycheckView {
    fn from(paycheck: Paycheck) -> Self {
        let Paycheck { federal_withholding, social_security, medicare, state_withholding, state_withholding_method, net } = paycheck;
        Self { federal_withholding, social_security, medicare, state_withholding, state_withholding_method, net }
    }
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        let month = |month: loans::ScheduleMonth| ScheduleMonthView {
            month: month.month,
            payment: month.payment,
            interest: month.interest,
            principal: month.principal,
            balance: month.balance,
        };
        Self {
            monthly_payment: schedule.monthly_payment,
            payoff_month: schedule.payoff_month,
            total_interest: schedule.total_interest,
            final_payment: schedule.final_payment,
            months: schedule.months.into_iter().map(month).collect(),
        }
    }
}

//! Step 4: income is booked gross; taxes, deductions and employers' matches follow; the rest is net pay.
//!
//! Wages pass through payroll clearing, which is empty again after every paycheck: gross = taxes + deductions + net, to the cent.
//! Where deductions and taxes are more than the gross, the net is negative and the main cash account pays: nothing is clamped.
//! Other income arrives in the main cash account and is taxed in the annual estimate; the self-employed pay ahead of it. Business
//! expenses only lower the taxable profit here: what is spent is in the flows.

use crate::calendar::{Month, PayFrequency};
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::ProjectionError;
use crate::projection::books::Books;
use crate::projection::clock::{Clock, Portion, Span};
use crate::projection::debts;
use crate::projection::figures::{EarnerFigures, Taxable};
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{
    DeductionAmount, DeductionTarget, EmployerMatch, Plan, PlanDeduction, PlanIncome, PlanW4, SelfEmployment, WageEffect,
};
use crate::projection::state::{Rise, Slots, State, raised};
use crate::projection::taxes::{self, Pay, QUARTER_MONTHS, TaxOffice, Withholding};
use crate::projection::plan::CalendarMode;
use crate::rate::Rate;
use crate::tax::TaxError;
use crate::vocabulary::{ExpenseCategory, IncomeCategory, IncomeType};

/// An income, ready to be paid.
#[derive(Clone, Debug)]
pub(super) struct IncomeState {
    /// Gross a year.
    pub annual: Money,
    /// What raises it.
    pub growth: Rise,
    /// What is taken out of it.
    pub deductions: Vec<DeductionState>,
    span: Span,
    category: IncomeCategory,
    kind: Kind,
    earner: usize,
    pay_frequency: PayFrequency,
    w4: PlanW4,
    /// Of the calendar year; forgotten when the pay changes or the year turns.
    withholding: Option<Withholding>,
}

/// How an income is booked.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Through payroll.
    Wages,
    /// Gross, with estimated taxes.
    SelfEmployed(Estimates),
    /// Gross, taxed in April.
    Unearned(Taxable),
}

/// What a self-employed person pays ahead.
#[derive(Clone, Copy, Debug)]
struct Estimates {
    business_expenses: Money,
    entered: Option<Money>,
    /// A year's payments; forgotten when the year turns.
    annual: Option<Money>,
    /// The quarter of the year before that falls due in January.
    last_quarter: Option<Money>,
}

impl IncomeState {
    /// An income of the plan.
    pub fn new(
        income: &PlanIncome,
        plan: &Plan,
        slots: &Slots<'_>,
        span: impl Fn(Option<crate::calendar::Date>, Option<crate::calendar::Date>, crate::calendar::Frequency) -> Span,
    ) -> Self {
        let span = span(income.start, income.end, income.pay_frequency.frequency());
        let january = Month::new(plan.start.year(), 1).unwrap_or(plan.start);
        let elapsed = span.months_between(january, plan.start.plus(-1));
        let kind = kind_of(income);
        let deduction = |deduction: &PlanDeduction| DeductionState::new(deduction, income, slots, elapsed);
        let member = |id| plan.filer.members.iter().position(|member| member.id == id);
        Self {
            annual: income.annual_gross,
            growth: rise_of(income.income_type),
            deductions: income.deductions.iter().map(deduction).collect(),
            span,
            category: income.category,
            kind,
            earner: income.member.and_then(member).unwrap_or(0),
            pay_frequency: income.pay_frequency,
            w4: income.w4.clone(),
            withholding: None,
        }
    }

    /// A raise, or a cut: what is withheld is computed again.
    pub fn set_annual(&mut self, annual: Money) {
        if annual != self.annual {
            self.annual = annual;
            self.withholding = None;
        }
    }

    /// What a whole year at the present pay puts on a return.
    fn annual_figures(&self) -> EarnerFigures {
        let mut figures = EarnerFigures { wages: self.annual, ..EarnerFigures::default() };
        for deduction in &self.deductions {
            deduction.note(&mut figures, deduction.asked_in_a_year(self.annual));
        }
        figures
    }

    /// What is withheld in this calendar year, computed once.
    fn withholding(&mut self, taxes: &TaxOffice<'_>, clock: &Clock) -> Result<Withholding, TaxError> {
        if let Some(known) = self.withholding {
            return Ok(known);
        }
        let year = clock.month.plus(1 - i32::try_from(clock.month.number()).unwrap_or(1));
        let months_in_year = u16::try_from(self.span.months_between(year, year.plus(11))).unwrap_or(12);
        let pay = Pay { annual: self.annual_figures(), pay_frequency: self.pay_frequency, w4: &self.w4, months_in_year };
        let computed = taxes.withholding(&pay)?;
        self.withholding = Some(computed);
        Ok(computed)
    }
}

/// What an income of this type counts as on the return.
const fn kind_of(income: &PlanIncome) -> Kind {
    let taxable = match income.income_type {
        IncomeType::W2 | IncomeType::W2Hourly => return Kind::Wages,
        IncomeType::SelfEmployed => return Kind::SelfEmployed(Estimates::of(income.self_employment)),
        IncomeType::Rental => Taxable::Rent,
        IncomeType::Retirement => Taxable::Retirement,
        IncomeType::SocialSecurity => Taxable::Benefits,
        IncomeType::Other => Taxable::Other,
        IncomeType::Investment => match income.category {
            IncomeCategory::CapitalGains => Taxable::Gains,
            IncomeCategory::Interest => Taxable::Interest,
            IncomeCategory::Salary
            | IncomeCategory::HourlyWages
            | IncomeCategory::Overtime
            | IncomeCategory::Bonus
            | IncomeCategory::Commission
            | IncomeCategory::Tips
            | IncomeCategory::SelfEmployment
            | IncomeCategory::Freelance
            | IncomeCategory::BusinessIncome
            | IncomeCategory::Dividends
            | IncomeCategory::RentalIncome
            | IncomeCategory::Royalties
            | IncomeCategory::SocialSecurity
            | IncomeCategory::Pension
            | IncomeCategory::RetirementDistribution
            | IncomeCategory::Disability
            | IncomeCategory::Unemployment
            | IncomeCategory::ChildSupportReceived
            | IncomeCategory::AlimonyReceived
            | IncomeCategory::TrustIncome
            | IncomeCategory::OtherIncome => Taxable::Dividends,
        },
    };
    Kind::Unearned(taxable)
}

/// Earned income rises with salaries, benefits and rents with prices; pensions and the rest stay as they are.
const fn rise_of(income_type: IncomeType) -> Rise {
    match income_type {
        IncomeType::W2 | IncomeType::W2Hourly | IncomeType::SelfEmployed => Rise::Salaries,
        IncomeType::SocialSecurity | IncomeType::Rental => Rise::Inflation,
        IncomeType::Investment | IncomeType::Retirement | IncomeType::Other => Rise::Never,
    }
}

impl Estimates {
    const fn of(business: Option<SelfEmployment>) -> Self {
        let (business_expenses, entered) = match business {
            Some(business) => (business.annual_expenses, business.quarterly_estimates),
            None => (Money::ZERO, None),
        };
        let entered = match entered {
            Some([april, june, september, january]) => {
                Some(Money::from_cents(april.cents() + june.cents() + september.cents() + january.cents()))
            }
            None => None,
        };
        Self { business_expenses, entered, annual: entered, last_quarter: None }
    }

    fn turn_year(&mut self) {
        self.last_quarter = self.annual.map(|annual| annual.part(3, 4));
        self.annual = self.entered;
    }
}

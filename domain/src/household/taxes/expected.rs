//! The return that the household expects for the year: everything that is earned in it, by the days on which it is paid.
//!
//! The same figures and the same return as the projection engine's ([`Figures`]), filled from paydays instead of booked months.

use super::distributions::{Distributions, RequiredDistribution};
use super::paydays::{Paydays, of_year};
use super::withholding::JobYear;
use crate::calendar::Date;
use crate::household::facts::Income;
use crate::household::state::{Household, IncomeState};
use crate::ids::MemberId;
use crate::money::Money;
use crate::projection::{Figures, FlowKind, Plan, PlanFiler, PlanFlow, Taxable, taxable};
use crate::tax::{Return, YearTables};
use crate::vocabulary::{ExpenseCategory, IncomeType};

/// Taxes that flows of their own pay ahead in the year.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Prepaid {
    pub federal: Money,
    pub state: Money,
}

impl Prepaid {
    /// Social Security and Medicare, of wages that are entered as what arrives, settle nothing on a return.
    fn note(&mut self, category: ExpenseCategory, amount: Money) {
        if category == ExpenseCategory::StateIncomeTax {
            self.state += amount;
        } else if !matches!(category, ExpenseCategory::SocialSecurityTax | ExpenseCategory::MedicareTax) {
            self.federal += amount;
        }
    }
}

/// The return, and what flows pay of it.
pub(super) struct Expected {
    pub tax_return: Return,
    pub prepaid: Prepaid,
    pub required: Vec<RequiredDistribution>,
}

/// `plan`: the household's own, for its filer and its flows.
pub(super) fn expected(home: &Household, plan: &Plan, jobs: &[JobYear], year: i32, law: &YearTables) -> Expected {
    let known_since = home.opening.as_ref().map(|opening| opening.opened_on);
    let mut figures = Figures::empty(plan.filer.members.len());
    for job in jobs {
        let earner = figures.earner(position(&plan.filer, job.member));
        earner.wages += job.figures.wages;
        earner.pretax_401k += job.figures.pretax_401k;
        earner.payroll_hsa += job.figures.payroll_hsa;
        earner.cafeteria += job.figures.cafeteria;
    }
    for state in home.incomes.values().filter(|state| state.income.active) {
        let paydays = paydays_of(&state.income, year, known_since);
        let share = |annual: Money| annual.scaled(paydays.in_year(), paydays.in_a_full_year());
        let gross = share(state.income.pay.annual());
        match state.income.income_type {
            IncomeType::W2 | IncomeType::W2Hourly => {}
            IncomeType::SelfEmployed => {
                figures.earner(position(&plan.filer, state.income.member_id)).self_employment += gross - share(expenses(state));
            }
            IncomeType::Rental => figures.note(Taxable::Rent, gross),
            IncomeType::Investment => figures.note(Taxable::Dividends, gross),
            IncomeType::Retirement => figures.note(Taxable::Retirement, gross),
            IncomeType::SocialSecurity => figures.note(Taxable::Benefits, gross),
            IncomeType::Other => figures.note(Taxable::Other, gross),
        }
    }
    let mut prepaid = Prepaid::default();
    let mut distributions = Distributions::of(plan);
    for flow in &plan.flows {
        let amount = amount_in(flow, year, home.system_flows.contains_key(&flow.id));
        distributions.note(flow, amount);
        match flow.kind {
            FlowKind::Expense(category) if category.is_tax() => prepaid.note(category, amount),
            FlowKind::Income(_) | FlowKind::Expense(_) | FlowKind::Transfer => figures.note(taxable(flow.kind), amount),
        }
    }
    let required = distributions.required(plan, year, law);
    figures.note(Taxable::Retirement, distributions.taken() + required.iter().map(|one| one.amount).sum());
    Expected { tax_return: figures.to_return(&plan.filer, of_year(year, 12).last_day()), prepaid, required }
}

/// On which days of a year an income is paid.
pub(super) fn paydays_of(income: &Income, year: i32, known_since: Option<Date>) -> Paydays {
    Paydays::new(income.pay_frequency.frequency(), (income.start_date, income.end_date), year, known_since)
}

/// All occurrences of a flow in a year. A flow that follows from a property begins on the day on which the property was entered here,
/// which says nothing about the property.
fn amount_in(flow: &PlanFlow, year: i32, follows_from_property: bool) -> Money {
    let known_since = Some(flow.start).filter(|_| follows_from_property);
    let days = Paydays::new(flow.frequency, (flow.start, flow.end), year, known_since);
    flow.amount.scaled(days.in_year(), 1)
}

/// Which earner of the return; the first, for what is nobody's.
pub(super) fn position(filer: &PlanFiler, member: Option<MemberId>) -> usize {
    member.and_then(|id| filer.members.iter().position(|member| member.id == id)).unwrap_or(0)
}

fn expenses(state: &IncomeState) -> Money {
    state.self_employment.as_ref().map(|own| own.estimated_annual_expenses).unwrap_or_default()
}

//! Step 4: income is booked gross; taxes, deductions and employers' matches follow; the rest is net pay.
//!
//! Wages pass through payroll clearing, which is empty again after every paycheck: gross = taxes + deductions + net, to the cent.
//! Where deductions and taxes are more than the gross, the net is negative and the main cash account pays: nothing is clamped.
//! Other income arrives in the main cash account and is taxed in the annual estimate; the self-employed pay ahead of it. Business
//! expenses only lower the taxable profit here: what is spent is in the flows.

mod terms;

pub(super) use self::terms::{Brought, is_a_payday};

use crate::calendar::{Month, PayFrequency};
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::ProjectionError;
use crate::projection::allowances::{Allowances, ByLimit};
use crate::projection::books::Books;
use crate::projection::clock::{Clock, Portion, Span};
use crate::projection::deductions::{DeductionState, Room};
use crate::projection::figures::{EarnerFigures, Figures, Taxable};
use crate::projection::ledger::{Cause, Outside, Purpose, Slot};
use crate::projection::plan::{CalendarMode, Plan, PlanIncome, PlanW4, SelfEmployment};
use crate::projection::state::{Rise, Slots, State};
use crate::projection::taxes::{self, Pay, QUARTER_MONTHS, TaxOffice, Withholding};
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
    /// What its bookings are because of: itself, or the change that brings it.
    pub cause: Cause,
    span: Span,
    category: IncomeCategory,
    kind: Kind,
    earner: usize,
    pay_frequency: PayFrequency,
    w4: PlanW4,
    /// A year, withheld on top of the tax: takes the place of the W-4's.
    extra_withheld: Option<Money>,
    /// A change has stopped it.
    suspended: bool,
    /// What is paid this month, where a change says it to the cent.
    this_month: Option<Money>,
    /// What employee and employer have added to the employer's plan this calendar year.
    added: Money,
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

/// What a self-employed person pays ahead: what a change sets, else what was entered, else what was computed.
#[derive(Clone, Copy, Debug)]
struct Estimates {
    business_expenses: Money,
    set: Option<[Money; 4]>,
    entered: Option<[Money; 4]>,
    /// Of this year; forgotten when it turns. Computed also while something else is set: so what is set for a while leaves behind what
    /// would have been.
    computed: Option<[Money; 4]>,
    /// The quarter of the year before that falls due in January.
    last_quarter: Option<Money>,
}

impl IncomeState {
    /// The income at a place in the plan.
    pub fn new((place, income): (u32, &PlanIncome), plan: &Plan, slots: &Slots<'_>, allowances: &mut Allowances) -> Self {
        let span = Span::new(income.start, income.end, income.pay_frequency.frequency(), plan.start);
        let january = Month::new(plan.start.year(), 1).unwrap_or(plan.start);
        let elapsed = span.months_between(january, plan.start.plus(-1));
        let member = |id| plan.filer.members.iter().position(|member| member.id == id);
        let earner = income.member.and_then(member).unwrap_or(0);
        let mut added = Money::ZERO;
        let mut room = Room { allowances, person: earner, added: &mut added };
        let deductions =
            income.deductions.iter().map(|deduction| DeductionState::new(deduction, income, slots, elapsed, &mut room)).collect();
        Self {
            annual: income.annual_gross,
            growth: rise_of(income.income_type),
            deductions,
            cause: Cause::Income(place),
            span,
            category: income.category,
            kind: kind_of(income),
            earner,
            pay_frequency: income.pay_frequency,
            w4: income.w4.clone(),
            extra_withheld: None,
            suspended: false,
            this_month: None,
            added,
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
    fn annual_figures(&self, allowances: &Allowances) -> EarnerFigures {
        let mut figures = EarnerFigures { wages: self.annual, ..EarnerFigures::default() };
        let mut asked = ByLimit::default();
        for deduction in &self.deductions {
            deduction.note(&mut figures, deduction.asked_in_a_year(self.annual, self.earner, allowances, &mut asked));
        }
        figures
    }

    /// What is withheld in this calendar year, computed once.
    fn withholding(&mut self, taxes: &TaxOffice<'_>, clock: &Clock) -> Result<Withholding, TaxError> {
        if let Some(known) = self.withholding {
            return Ok(known);
        }
        let (first, last) = clock.year_in_plan();
        let share_of_year = (self.span.months_between(first, last), last.since(first).saturating_add(1));
        let pay = Pay { annual: self.annual_figures(&taxes.allowances), pay_frequency: self.pay_frequency, w4: &self.w4, share_of_year };
        let computed = taxes.withholding(&pay)?.and_federal(self.extra_withheld.unwrap_or_default());
        self.withholding = Some(computed);
        Ok(computed)
    }
}

/// What an income of this type counts as on the return.
fn kind_of(income: &PlanIncome) -> Kind {
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
    fn of(business: Option<SelfEmployment>) -> Self {
        let entered = business.and_then(|business| business.quarterly_estimates);
        let business_expenses = business.map_or(Money::ZERO, |business| business.annual_expenses);
        Self { business_expenses, set: None, entered, computed: None, last_quarter: None }
    }

    /// What is paid for this year.
    fn quarters(&self) -> Option<[Money; 4]> {
        self.set.or(self.entered).or(self.computed)
    }

    fn turn_year(&mut self) {
        self.last_quarter = self.quarters().map(|[_, _, _, january]| january);
        self.computed = None;
    }

    /// What is paid this month, and whether it is for the year before. A quarter falls due also in a month without a payday;
    /// January's, for a business that was there in December.
    fn due(&self, portion: Portion, clock: &Clock, span: &Span) -> (Money, bool) {
        let quarters = self.quarters().unwrap_or_default();
        let is_january = clock.month.number() == 1;
        match clock.calendar() {
            CalendarMode::Smoothed => (portion.of(quarters.iter().sum()), false),
            CalendarMode::Exact if !span.is_active_in(clock.month.plus(if is_january { -1 } else { 0 })) => (Money::ZERO, false),
            CalendarMode::Exact => {
                let due = QUARTER_MONTHS.iter().zip(quarters).find(|(month, _)| **month == clock.month.number());
                let amount = due.map_or(Money::ZERO, |(_, amount)| amount);
                (if is_january { self.last_quarter.unwrap_or(amount) } else { amount }, is_january)
            }
        }
    }
}

/// The calendar year turns: limits are whole again (and higher, where the law's limits rise), withholding is computed anew.
pub(super) fn open_year(state: &mut State<'_>) {
    let inflation = Fraction::of_rate(state.assumptions.inflation);
    let rise = if state.taxes.indexes_thresholds() { inflation } else { Fraction::ZERO };
    for income in &mut state.incomes {
        income.withholding = None;
        income.added = Money::ZERO;
        income.deductions.iter_mut().for_each(|deduction| deduction.turn_year(rise));
        if let Kind::SelfEmployed(estimates) = &mut income.kind {
            estimates.turn_year();
        }
    }
}

/// Books every income's share of the month, and in April what last year's taxes still cost.
pub(super) fn book(state: &mut State<'_>, books: &mut Books<'_>) -> Result<(), ProjectionError> {
    plan_estimates(state)?;
    let State { incomes, taxes, clock, main_cash, limit_reached, .. } = state;
    let mut month = PayMonth { taxes, clock, main_cash: *main_cash, limit_reached };
    for income in incomes.iter_mut() {
        let portion = income.portion(month.clock);
        books.because(income.cause);
        match income.kind {
            Kind::SelfEmployed(estimates) => month.pay_self_employed(income, &estimates, portion, books),
            _ if portion == Portion::Nothing => {}
            Kind::Wages => month.pay_wages(income, portion, books)?,
            Kind::Unearned(taxable) => month.pay_unearned(income, taxable, portion, books),
        }
    }
    books.because(Cause::Household);
    taxes::settle_in_april(&mut state.taxes, &state.clock, state.main_cash, books)
}

/// What the bookings of one month's pay share.
struct PayMonth<'s, 't> {
    taxes: &'s mut TaxOffice<'t>,
    clock: &'s Clock,
    main_cash: Slot,
    limit_reached: &'s mut bool,
}

impl PayMonth<'_, '_> {
    /// Gross into clearing; deductions, matches and taxes out of it; what is left is the net.
    fn pay_wages(&mut self, income: &mut IncomeState, portion: Portion, books: &mut Books<'_>) -> Result<(), TaxError> {
        let withholding = income.withholding(self.taxes, self.clock)?;
        let gross = income.gross(portion);
        let (employers, clearing) = (Slot::Outside(Outside::Employers), Slot::PayrollClearing);
        books.post(employers, clearing, gross, Purpose::Income(income.category));
        self.taxes.earner(income.earner).wages += gross;
        let mut net = gross - self.deduct(income, gross, portion, clearing, books);
        for (category, annual) in withholding.parts() {
            let amount = portion.of(annual);
            books.post(clearing, Slot::Outside(Outside::TaxAuthorities), amount, Purpose::Tax(category));
            self.taxes.note_paid(category, amount);
            net -= amount;
        }
        books.post(clearing, self.main_cash, net, Purpose::NetPay);
        Ok(())
    }

    /// Gross into the main cash account; contributions and estimated taxes out of it.
    fn pay_self_employed(&mut self, income: &mut IncomeState, estimates: &Estimates, portion: Portion, books: &mut Books<'_>) {
        let gross = income.gross(portion);
        books.post(Slot::Outside(Outside::Payers), self.main_cash, gross, Purpose::Income(income.category));
        self.taxes.earner(income.earner).self_employment += gross - portion.of(estimates.business_expenses);
        self.deduct(income, gross, portion, self.main_cash, books);
        let (amount, for_last_year) = estimates.due(portion, self.clock, &income.span);
        let category = ExpenseCategory::EstimatedTax;
        books.post(self.main_cash, Slot::Outside(Outside::TaxAuthorities), amount, Purpose::Tax(category));
        if for_last_year {
            self.taxes.note_paid_for_last_year(category, amount);
        } else {
            self.taxes.note_paid(category, amount);
        }
    }

    fn pay_unearned(&mut self, income: &mut IncomeState, taxable: Taxable, portion: Portion, books: &mut Books<'_>) {
        let gross = income.gross(portion);
        books.post(Slot::Outside(Outside::Payers), self.main_cash, gross, Purpose::Income(income.category));
        self.taxes.note(taxable, gross);
        self.deduct(income, gross, portion, self.main_cash, books);
    }

    /// Takes every deduction out of `from`, and adds what the employer puts in. Returns what was taken.
    fn deduct(&mut self, income: &mut IncomeState, gross: Money, portion: Portion, from: Slot, books: &mut Books<'_>) -> Money {
        let mut taken_in_all = Money::ZERO;
        for deduction in &mut income.deductions {
            let mut room = Room { allowances: &mut self.taxes.allowances, person: income.earner, added: &mut income.added };
            let taken = deduction.take(gross, portion, books, &mut room);
            *self.limit_reached |= taken.limit_reached;
            books.post(from, deduction.to, taken.amount, deduction.purpose);
            let employers = Slot::Outside(Outside::Employers);
            books.post(employers, deduction.to, taken.matched, Purpose::Income(income.category));
            deduction.note(self.taxes.earner(income.earner), taken.amount);
            taken_in_all += taken.amount;
        }
        taken_in_all
    }
}

/// Computes what the self-employed pay ahead in this calendar year, where it has neither been entered nor computed: the tax of the
/// household's year at present figures, less what it would be without that income; nine tenths of it, in quarters.
fn plan_estimates(state: &mut State<'_>) -> Result<(), TaxError> {
    let asks = |income: &IncomeState| matches!(income.kind, Kind::SelfEmployed(Estimates { entered: None, computed: None, .. }));
    for index in 0..state.incomes.len() {
        let Some(asking) = state.incomes.get(index).filter(|income| asks(income)) else { continue };
        if !asking.is_active_in(state.clock.month) {
            continue;
        }
        let with = state.taxes.tax_on(&expected(state, None))?;
        let without = state.taxes.tax_on(&expected(state, Some(index)))?;
        let annual = state.taxes.to_be_paid_ahead(with - without);
        if let Some(Kind::SelfEmployed(estimates)) = state.incomes.get_mut(index).map(|income| &mut income.kind) {
            estimates.computed = Some([0, 1, 2, 3].map(|quarter| annual.part(quarter, 4)));
        }
    }
    Ok(())
}

/// A whole year at the present figures of all incomes that are paid this month, but for one.
fn expected(state: &State<'_>, without: Option<usize>) -> Figures {
    let mut figures = state.taxes.no_figures();
    let paid = state.incomes.iter().enumerate().filter(|(index, income)| Some(*index) != without && income.is_active_in(state.clock.month));
    for (_, income) in paid {
        match income.kind {
            Kind::Wages => {
                let annual = income.annual_figures(&state.taxes.allowances);
                let earner = figures.earner(income.earner);
                earner.wages += annual.wages;
                earner.pretax_401k += annual.pretax_401k;
                earner.payroll_hsa += annual.payroll_hsa;
                earner.cafeteria += annual.cafeteria;
            }
            Kind::SelfEmployed(estimates) => {
                figures.earner(income.earner).self_employment += income.annual - estimates.business_expenses;
            }
            Kind::Unearned(taxable) => figures.note(taxable, income.annual),
        }
    }
    figures
}

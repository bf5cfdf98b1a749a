//! Step 5: expenses, transfers and contributions, and income that is no paycheck.
//!
//! A flow into a liability is a payment beyond the regular one: it waits for step 6, where interest comes first and where no more
//! is paid than is owed.

use crate::calendar::{Frequency, Month};
use crate::fixed::Fraction;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::clock::{Clock, Span};
use crate::projection::debts::Extra;
use crate::projection::ledger::{Cause, Outside, Purpose, Slot};
use crate::projection::plan::{FlowKind, PlanFlow};
use crate::projection::state::{Rise, Slots, State, raised};
use crate::projection::taxes::Taxable;
use crate::vocabulary::{ExpenseCategory, IncomeCategory};

/// A flow, ready to be booked.
#[derive(Clone, Debug)]
pub(super) struct FlowState {
    /// When it occurs.
    pub span: Span,
    /// All occurrences of a year.
    pub annual: Money,
    /// What raises it.
    pub growth: Rise,
    /// The property that it comes from.
    pub property: Option<AccountId>,
    /// What its bookings are because of: itself, or the change that brings it.
    pub cause: Cause,
    from: Slot,
    to: Slot,
    booking: Booking,
    /// A change has stopped it.
    suspended: bool,
    /// What falls into this month, where a change says it to the cent.
    this_month: Option<Money>,
}

/// How a flow is booked.
#[derive(Clone, Copy, Debug)]
enum Booking {
    /// At once.
    Post(Purpose, Taxable),
    /// In step 6.
    ExtraPayment,
}

impl FlowState {
    /// The flow at a place in the plan.
    pub fn new((place, flow): (u32, &PlanFlow), plan_start: Month, slots: &Slots<'_>) -> Self {
        let span = Span::new(Some(flow.start), flow.end, flow.frequency, plan_start);
        let account = |id: Option<_>| id.map_or_else(|| slots.main_cash(), |id| slots.of(id));
        let (from, to) = (account(flow.from), account(flow.to));
        let pays_debt = flow.to.is_some() && slots.is_liability(to);
        let (from, to, booking) = match flow.kind {
            FlowKind::Income(category) => {
                (Slot::Outside(Outside::Payers), to, Booking::Post(Purpose::Income(category), taxable(flow.kind)))
            }
            FlowKind::Expense(_) | FlowKind::Transfer if pays_debt => (from, to, Booking::ExtraPayment),
            FlowKind::Expense(category) => {
                let (to, booking) = spent_on(category);
                (from, to, booking)
            }
            FlowKind::Transfer => (from, to, Booking::Post(Purpose::Transfer, Taxable::No)),
        };
        let annual = flow.frequency.annual_amount(flow.amount);
        let growth = rise_of(flow.inflates, flow.kind);
        let cause = Cause::Flow(place);
        Self { span, annual, growth, property: flow.property, cause, from, to, booking, suspended: false, this_month: None }
    }

    /// Spending that a change brings, from the main cash account. It rises as if it had been entered.
    pub fn brought(category: ExpenseCategory, annual: Money, span: Span, main_cash: Slot, cause: Cause) -> Self {
        let (to, booking) = spent_on(category);
        let kind = FlowKind::Expense(category);
        let growth = rise_of(inflates(kind), kind);
        Self { span, annual, growth, property: None, cause, from: main_cash, to, booking, suspended: false, this_month: None }
    }

    /// Money that a change puts aside every month; into a debt, a payment beyond the regular one. It stays what it was set to.
    pub fn put_aside(annual: Money, span: Span, (main_cash, to): (Slot, Slot), is_debt: bool, cause: Cause) -> Self {
        let booking = if is_debt { Booking::ExtraPayment } else { Booking::Post(Purpose::Transfer, Taxable::No) };
        Self { span, annual, growth: Rise::Never, property: None, cause, from: main_cash, to, booking, suspended: false, this_month: None }
    }

    /// What falls into this month.
    pub fn due(&self, clock: &Clock) -> Money {
        let share = || self.span.portion(clock).of(self.annual);
        if self.suspended { Money::ZERO } else { self.this_month.unwrap_or_else(share) }
    }

    /// This falls into this month, whatever would be its share of the year.
    pub const fn set_due(&mut self, amount: Money) {
        self.this_month = Some(amount);
    }

    /// Rises by a fraction.
    pub fn raise(&mut self, by: Fraction) {
        self.annual = raised(self.annual, by);
        self.this_month = self.this_month.map(|due| raised(due, by));
    }

    /// It stops.
    pub const fn suspend(&mut self) {
        self.suspended = true;
    }

    /// It comes so often from now on, each time as much as before.
    pub fn set_frequency(&mut self, frequency: Frequency) {
        self.annual = self.annual.scaled(frequency.times_per_year(), self.span.times_per_year());
        self.span = self.span.in_rhythm(frequency);
    }

    /// Spending of another kind from now on; a payment on a debt stays one.
    pub fn set_expense(&mut self, category: ExpenseCategory) {
        if self.is_spending() {
            (self.to, self.booking) = spent_on(category);
        }
    }

    /// Income of another kind from now on.
    pub const fn set_income(&mut self, category: IncomeCategory) {
        if let Booking::Post(Purpose::Income(_), _) = self.booking {
            self.booking = Booking::Post(Purpose::Income(category), taxable_income(category));
        }
    }

    /// Income that is taxed as profit, or not at all, from now on.
    pub const fn set_taxable(&mut self, taxable: Taxable) {
        if let Booking::Post(Purpose::Income(category), _) = self.booking {
            self.booking = Booking::Post(Purpose::Income(category), taxable);
        }
    }

    /// What it counts as, if it is income.
    pub const fn income_category(&self) -> Option<IncomeCategory> {
        match self.booking {
            Booking::Post(Purpose::Income(category), _) => Some(category),
            Booking::Post(..) | Booking::ExtraPayment => None,
        }
    }

    /// Whether it is spent: neither a tax, nor a payment on a debt, nor put aside.
    pub const fn is_spending(&self) -> bool {
        matches!(self.booking, Booking::Post(Purpose::Spending(_), _))
    }

    /// Whether it pays this tax.
    pub fn pays_tax(&self, category: ExpenseCategory) -> bool {
        matches!(self.booking, Booking::Post(Purpose::Tax(paid), _) if paid == category)
    }

    /// Whether it puts money aside into this account.
    pub fn puts_aside_into(&self, slot: Slot) -> bool {
        self.to == slot && matches!(self.booking, Booking::Post(Purpose::Transfer, _) | Booking::ExtraPayment)
    }

    /// Whether it occurs on any day of a month.
    pub fn is_active_in(&self, month: Month) -> bool {
        !self.suspended && self.span.is_active_in(month)
    }
}

/// Where spending of a category goes, and how it is booked.
fn spent_on(category: ExpenseCategory) -> (Slot, Booking) {
    if category.is_tax() {
        (Slot::Outside(Outside::TaxAuthorities), Booking::Post(Purpose::Tax(category), Taxable::Prepaid(category)))
    } else {
        (Slot::Outside(Outside::Merchants), Booking::Post(Purpose::Spending(category), taxable_expense(category)))
    }
}

/// Spending rises with prices; debt payments and taxes follow their own rules, and a transfer is what it was set to.
pub(crate) const fn inflates(kind: FlowKind) -> bool {
    match kind {
        FlowKind::Expense(category) => !category.is_debt_payment() && !category.is_tax() && !matches!(category, ExpenseCategory::OtherDebt),
        FlowKind::Income(_) => true,
        FlowKind::Transfer => false,
    }
}

/// Earned income rises with salaries, everything else that inflates with prices.
fn rise_of(inflates: bool, kind: FlowKind) -> Rise {
    match (inflates, kind) {
        (false, _) => Rise::Never,
        (true, FlowKind::Income(category)) if is_earned(category) => Rise::Salaries,
        (true, FlowKind::Income(_) | FlowKind::Expense(_) | FlowKind::Transfer) => Rise::Inflation,
    }
}

pub(super) const fn is_earned(category: IncomeCategory) -> bool {
    matches!(
        category,
        IncomeCategory::Salary
            | IncomeCategory::HourlyWages
            | IncomeCategory::Overtime
            | IncomeCategory::Bonus
            | IncomeCategory::Commission
            | IncomeCategory::Tips
            | IncomeCategory::SelfEmployment
            | IncomeCategory::Freelance
            | IncomeCategory::BusinessIncome
    )
}

/// What the annual estimate makes of a flow.
pub(crate) fn taxable(kind: FlowKind) -> Taxable {
    match kind {
        FlowKind::Income(category) => taxable_income(category),
        FlowKind::Expense(category) if category.is_tax() => Taxable::Prepaid(category),
        FlowKind::Expense(category) => taxable_expense(category),
        FlowKind::Transfer => Taxable::No,
    }
}

/// What the annual estimate makes of an income that is entered as a flow. Wages entered so are what arrives: their taxes are paid
/// (whoever wants them computed enters an income). What the law does not tax, or not without knowing more, is not taxed.
pub(super) const fn taxable_income(category: IncomeCategory) -> Taxable {
    match category {
        IncomeCategory::SelfEmployment | IncomeCategory::Freelance | IncomeCategory::BusinessIncome => Taxable::SelfEmployment,
        IncomeCategory::Dividends => Taxable::Dividends,
        IncomeCategory::Interest => Taxable::Interest,
        IncomeCategory::CapitalGains => Taxable::Gains,
        IncomeCategory::RentalIncome => Taxable::Rent,
        IncomeCategory::SocialSecurity => Taxable::Benefits,
        IncomeCategory::Pension | IncomeCategory::RetirementDistribution => Taxable::Retirement,
        IncomeCategory::Royalties | IncomeCategory::Unemployment | IncomeCategory::TrustIncome => Taxable::Other,
        IncomeCategory::Salary
        | IncomeCategory::HourlyWages
        | IncomeCategory::Overtime
        | IncomeCategory::Bonus
        | IncomeCategory::Commission
        | IncomeCategory::Tips
        | IncomeCategory::Disability
        | IncomeCategory::ChildSupportReceived
        | IncomeCategory::AlimonyReceived
        | IncomeCategory::OtherIncome => Taxable::No,
    }
}

/// The running costs of a rented-out property lower its taxable rent; its mortgage's principal does not.
fn taxable_expense(category: ExpenseCategory) -> Taxable {
    if category.is_rental() && category != ExpenseCategory::RentalMortgage { Taxable::RentalCost } else { Taxable::No }
}

/// Books every flow's share of the month.
pub(super) fn book(state: &mut State<'_>, books: &mut Books<'_>) {
    for flow in &state.flows {
        let amount = flow.due(&state.clock);
        match flow.booking {
            Booking::Post(purpose, taxable) => {
                state.taxes.note(taxable, amount);
                books.because(flow.cause);
                books.post(flow.from, flow.to, amount, purpose);
            }
            Booking::ExtraPayment if amount.is_zero() => {}
            Booking::ExtraPayment => state.extras.push(Extra { from: flow.from, debt: flow.to, offered: amount }),
        }
    }
}

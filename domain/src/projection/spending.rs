//! Step 5: expenses, transfers and contributions, and income that is no paycheck.
//!
//! A flow into a liability is a payment beyond the regular one: it waits for step 6, where interest comes first and where no more
//! is paid than is owed.

use crate::calendar::Month;
use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::clock::Span;
use crate::projection::debts::Extra;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{FlowKind, PlanFlow};
use crate::projection::state::{Rise, Slots, State};
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
    from: Slot,
    to: Slot,
    booking: Booking,
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
    /// A flow of the plan.
    pub fn new(flow: &PlanFlow, plan_start: Month, slots: &Slots<'_>) -> Self {
        let span = Span::new(Some(flow.start), flow.end, flow.frequency, plan_start);
        let account = |id: Option<_>| id.map_or_else(|| slots.main_cash(), |id| slots.of(id));
        let (from, to) = (account(flow.from), account(flow.to));
        let pays_debt = flow.to.is_some() && slots.is_liability(to);
        let (from, to, booking) = match flow.kind {
            FlowKind::Income(category) => {
                (Slot::Outside(Outside::Payers), to, Booking::Post(Purpose::Income(category), taxable(flow.kind)))
            }
            FlowKind::Expense(_) | FlowKind::Transfer if pays_debt => (from, to, Booking::ExtraPayment),
            FlowKind::Expense(category) if category.is_tax() => {
                (from, Slot::Outside(Outside::TaxAuthorities), Booking::Post(Purpose::Tax(category), taxable(flow.kind)))
            }
            FlowKind::Expense(category) => {
                (from, Slot::Outside(Outside::Merchants), Booking::Post(Purpose::Spending(category), taxable(flow.kind)))
            }
            FlowKind::Transfer => (from, to, Booking::Post(Purpose::Transfer, Taxable::No)),
        };
        Self { span, annual: flow.frequency.annual_amount(flow.amount), growth: rise_of(flow), from, to, booking }
    }
}

/// Earned income rises with salaries, everything else that inflates with prices.
fn rise_of(flow: &PlanFlow) -> Rise {
    match (flow.inflates, flow.kind) {
        (false, _) => Rise::Never,
        (true, FlowKind::Income(category)) if is_earned(category) => Rise::Salaries,
        (true, FlowKind::Income(_) | FlowKind::Expense(_) | FlowKind::Transfer) => Rise::Inflation,
    }
}

const fn is_earned(category: IncomeCategory) -> bool {
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
const fn taxable_income(category: IncomeCategory) -> Taxable {
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
        let amount = flow.span.portion(&state.clock).of(flow.annual);
        match flow.booking {
            Booking::Post(purpose, taxable) => {
                state.taxes.note(taxable, amount);
                books.post(flow.from, flow.to, amount, purpose);
            }
            Booking::ExtraPayment if amount.is_zero() => {}
            Booking::ExtraPayment => state.extras.push(Extra { from: flow.from, debt: flow.to, offered: amount }),
        }
    }
}

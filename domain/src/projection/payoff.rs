//! Out of debt: every debt of a plan month by month, as it is paid today, or with more put on one after the other.
//!
//! The months are the engine's: the same state, the same [`DebtState`] and the same books, of which only the steps that move a debt
//! are taken (income that is paid into one, flows, step 6). So a single debt agrees with [`crate::loans::schedule`], and paying as
//! today agrees with the projection, both to the cent. It stands in this room and not beside it for that reason alone.
//!
//! *Freed* money: what a debt that is gone was paid last stays set aside for debts, as do the transfers that went to it, and so does
//! whatever its last month did not need. With snowball and avalanche that, and what is paid on top a month, goes to the first
//! debt of an order that is fixed at the start; what that one does not need goes to the next in the same month. The least payment
//! of a card falls with its balance, and what it falls by is not set aside: it is what the household pays today.
//!
//! Deliberately absent: where the money comes from. The main account of this computation runs as low as it must.

use serde::{Deserialize, Serialize};

use crate::calendar::Month;
use crate::ids::AccountId;
use crate::loans::{Due, MAX_TERM_MONTHS};
use crate::money::Money;
use crate::projection::ProjectionError;
use crate::projection::books::Books;
use crate::projection::debts::{Charge, DebtState};
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{DeductionTarget, Plan, PlanAccount, PlanFlow};
use crate::projection::state::State;
use crate::projection::{income, spending};
use crate::rate::Rate;
use crate::tax::TaxTables;
use crate::vocabulary::{ExpenseCategory, words};

words! {
    /// Which debt is paid first with what is beyond the regular payments.
    pub enum Strategy {
        /// The smallest balance: the first debt is gone soonest.
        Snowball => "snowball",
        /// The highest rate: the least interest.
        Avalanche => "avalanche",
        /// None: every debt is paid as it is today.
        Current => "current",
    }
}

words! {
    /// Why a debt is never gone.
    pub enum NeverEnds {
        /// Interest accrues, and nothing is asked for.
        InForbearance => "in_forbearance",
        /// Nothing is paid on it: its terms name neither a payment nor a term.
        NoPayment => "no_payment",
        /// Only its interest is paid.
        InterestOnly => "interest_only",
        /// What is paid does not cover its interest: it grows.
        PaymentBelowInterest => "payment_below_interest",
        /// As much is charged to it as is paid on it.
        NewCharges => "new_charges",
        /// It shrinks, but is not gone after 600 months.
        TooSlow => "too_slow",
    }
}

/// How the debts of a plan are paid back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payoff {
    /// Month 1.
    pub start: Month,
    /// Every debt of which something is owed at the start or later, in the order of the plan.
    pub debts: Vec<DebtPayoff>,
}

/// How one debt is paid back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtPayoff {
    /// Which.
    pub account_id: AccountId,
    /// What is owed before month 1.
    pub opening: Money,
    /// Interest a year, within floor and ceiling.
    pub annual_rate: Rate,
    /// Its place in the order, from 1; none where every debt is paid as today.
    pub place: Option<u16>,
    /// What comes of it.
    pub end: End,
    /// What is owed after month 1, 2, …, up to the month in which it is gone, or 600.
    pub balances: Vec<Money>,
    /// What is paid on it in each of those months.
    pub payments: Vec<Money>,
}

/// What comes of a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Gone for good, with the last cent in this month.
    Paid {
        /// 1 = the first.
        months: u16,
        /// All interest until then.
        interest: Money,
    },
    /// Still owed after 600 months.
    Never(NeverEnds),
}

impl End {
    /// The month of the last cent; none where there is none.
    #[must_use]
    pub const fn months(&self) -> Option<u16> {
        match self {
            Self::Paid { months, .. } => Some(*months),
            Self::Never(_) => None,
        }
    }

    /// All interest until then; none where it never ends.
    #[must_use]
    pub const fn interest(&self) -> Option<Money> {
        match self {
            Self::Paid { interest, .. } => Some(*interest),
            Self::Never(_) => None,
        }
    }

    /// Why it never ends, where it does not.
    #[must_use]
    pub const fn never(&self) -> Option<NeverEnds> {
        match self {
            Self::Paid { .. } => None,
            Self::Never(reason) => Some(*reason),
        }
    }
}

impl Payoff {
    /// Months until nothing is owed any more, 0 where nothing is owed now; none where some debt never ends.
    #[must_use]
    pub fn months(&self) -> Option<u16> {
        self.debts.iter().try_fold(0, |most, debt| debt.end.months().map(|months| months.max(most)))
    }

    /// The interest of all debts until then; none where some debt never ends.
    #[must_use]
    pub fn interest(&self) -> Option<Money> {
        self.debts.iter().map(|debt| debt.end.interest()).sum()
    }
}

/// Pays the debts of a plan back, for 600 months at most, whatever the plan's own horizon. `extra_monthly` is paid on top of the
/// regular payments; paying as today leaves it out.
///
/// # Errors
/// [`ProjectionError`], as the projection of the plan has it.
pub fn payoff(plan: &Plan, tables: &TaxTables, strategy: Strategy, extra_monthly: Money) -> Result<Payoff, ProjectionError> {
    let plan = only_debts(plan);
    let watcher = &mut ();
    let (mut state, mut books) = State::new(&plan, tables, watcher)?;
    let mut debts = std::mem::take(&mut state.debts);
    let accounts = plan.accounts.iter().filter(|account| account.account_type.is_liability());
    let mut courses: Vec<Course<'_>> = accounts.map(Course::new).collect();
    let order = order(strategy, &debts, &courses);
    let can_come_back = plan.flows.iter().any(|flow| flow.from.is_some_and(|from| courses.iter().any(|course| course.is(from))));
    for number in 1..=MAX_TERM_MONTHS {
        open_month(number, &mut state, &mut books)?;
        let freed = pay_as_today(&state, &mut books, &mut debts, &mut courses);
        state.extras.clear();
        let mut spare = extra_monthly.at_least_zero() + freed;
        for index in &order {
            if let (Some(debt), Some(course)) = (debts.get(*index), courses.get_mut(*index)) {
                let amount = spare.min(owed(&books, debt)).at_least_zero();
                course.pay(&mut books, state.main_cash, debt.slot, amount);
                spare -= amount;
            }
        }
        for (debt, course) in debts.iter().zip(&mut courses) {
            course.close_month(owed(&books, debt));
        }
        if !books.ledger.is_sound() {
            return Err(ProjectionError::OutOfRange { month_number: number });
        }
        if !can_come_back && courses.iter().all(Course::is_gone) {
            break;
        }
    }
    let place = |index: usize| (1..).zip(&order).find(|(_, listed)| **listed == index).map(|(place, _)| place);
    let told = courses.into_iter().zip(&debts).enumerate().filter(|(_, (course, _))| course.was_owed);
    let debts = told.map(|(index, (course, debt))| course.told(debt.annual_rate(), place(index))).collect();
    Ok(Payoff { start: plan.start, debts })
}

/// The plan without what moves no debt: its payrolls cost more than all debts together. Where one pays into a debt, all stay: they
/// share the limits of what is contributed.
fn only_debts(plan: &Plan) -> Plan {
    let is_debt = |id: AccountId| plan.accounts.iter().any(|account| account.id == id && account.account_type.is_liability());
    let moves = |flow: &&PlanFlow| flow.from.is_some_and(is_debt) || flow.to.is_some_and(is_debt);
    let mut deductions = plan.incomes.iter().flat_map(|income| &income.deductions);
    let pays = deductions.any(|deduction| matches!(deduction.target, DeductionTarget::Account(id) if is_debt(id)));
    Plan {
        flows: plan.flows.iter().filter(moves).cloned().collect(),
        incomes: if pays { plan.incomes.clone() } else { Vec::new() },
        ..plan.clone()
    }
}

/// The debts by their place in the state, the first to be paid first. Equals stay in the order of the plan.
fn order(strategy: Strategy, debts: &[DebtState], courses: &[Course<'_>]) -> Vec<usize> {
    let mut order: Vec<(usize, Money, Rate)> = courses
        .iter()
        .zip(debts)
        .enumerate()
        .filter(|(_, (course, _))| course.was_owed)
        .map(|(index, (course, debt))| (index, course.opening, debt.annual_rate()))
        .collect();
    match strategy {
        Strategy::Current => order.clear(),
        Strategy::Snowball => order.sort_by_key(|(_, opening, _)| *opening),
        Strategy::Avalanche => order.sort_by_key(|(_, _, rate)| std::cmp::Reverse(*rate)),
    }
    order.into_iter().map(|(index, ..)| index).collect()
}

/// The engine's steps up to the debts'.
fn open_month(number: u16, state: &mut State<'_>, books: &mut Books<'_>) -> Result<(), ProjectionError> {
    books.open_month(number);
    state.open_month(number)?;
    if state.clock.is_anniversary() {
        state.grow();
    }
    income::book(state, books)?;
    spending::book(state, books);
    Ok(())
}

/// Interest, regular payments and the extra payments of flows, as step 6 books them; answers what of them was not needed.
fn pay_as_today(state: &State<'_>, books: &mut Books<'_>, debts: &mut [DebtState], courses: &mut [Course<'_>]) -> Money {
    let mut freed = Money::ZERO;
    for (debt, course) in debts.iter_mut().zip(courses) {
        let before = owed(books, debt);
        course.open_month(before);
        // Beyond the largest amount of the house no payment catches up with the interest; it is left there.
        let charge = if before > Money::LIMIT { None } else { debt.charge(before) };
        let Some(charge) = charge else { continue };
        books.post(debt.slot, Slot::Outside(Outside::Lenders), charge.interest, Purpose::Interest);
        course.note(before, &charge);
        course.pay(books, state.main_cash, debt.slot, charge.payment);
        let mut unused = (course.regular - charge.payment).at_least_zero();
        for extra in state.extras.iter().filter(|extra| extra.debt == debt.slot) {
            let amount = extra.offered.min(owed(books, debt).at_least_zero());
            course.pay(books, extra.from, debt.slot, amount);
            unused += extra.offered - amount;
        }
        if course.was_owed {
            freed += unused;
        }
    }
    freed
}

fn owed(books: &Books<'_>, debt: &DebtState) -> Money {
    -books.balance(debt.slot)
}

/// A debt on its way.
struct Course<'p> {
    account: &'p PlanAccount,
    opening: Money,
    /// Something was owed on it at some time: else nothing that is meant for it is paid today.
    was_owed: bool,
    /// What its lender asked for last, were enough owed.
    regular: Money,
    interest: Money,
    balances: Vec<Money>,
    payments: Vec<Money>,
    /// The last month.
    last: LastMonth,
}

/// What tells why a debt does not end.
#[derive(Clone, Copy)]
struct LastMonth {
    /// Owed before it, but for what was charged in it.
    before: Money,
    interest: Money,
    due: Due,
    paid: Money,
}

impl<'p> Course<'p> {
    fn new(account: &'p PlanAccount) -> Self {
        let opening = account.opening;
        Self {
            account,
            opening,
            was_owed: opening.is_positive(),
            regular: Money::ZERO,
            interest: Money::ZERO,
            balances: Vec::new(),
            payments: Vec::new(),
            last: LastMonth { before: opening, interest: Money::ZERO, due: Due::Nothing, paid: Money::ZERO },
        }
    }

    fn is(&self, id: AccountId) -> bool {
        self.account.id == id
    }

    /// `owed`: what is owed once the month's charges are on it.
    fn open_month(&mut self, owed: Money) {
        let before = self.balances.last().copied().unwrap_or(self.opening);
        self.was_owed |= owed.is_positive();
        self.last = LastMonth { before, interest: Money::ZERO, due: Due::Nothing, paid: Money::ZERO };
    }

    /// What its lender charges and asks for.
    fn note(&mut self, owed: Money, charge: &Charge) {
        let Charge { interest, due, payment } = *charge;
        self.interest += interest;
        (self.last.interest, self.last.due) = (interest, due);
        if owed.is_positive() {
            self.regular = match due {
                Due::Amount(amount) => amount.at_least_zero(),
                Due::Interest | Due::RevolvingMinimum if payment < owed + interest => payment,
                // In its last month it asks for what is left, and not for a regular payment.
                Due::Interest | Due::RevolvingMinimum | Due::Everything | Due::Nothing => self.regular,
            };
        }
    }

    fn pay(&mut self, books: &mut Books<'_>, from: Slot, debt: Slot, amount: Money) {
        if amount.is_positive() {
            books.post(from, debt, amount, Purpose::ExtraPayment(ExpenseCategory::OtherDebt));
            self.last.paid += amount;
        }
    }

    fn close_month(&mut self, owed: Money) {
        self.balances.push(owed);
        self.payments.push(self.last.paid);
    }

    fn is_gone(&self) -> bool {
        self.balances.last().is_none_or(|owed| !owed.is_positive())
    }

    /// Gone after the last month at whose end something was owed.
    fn told(self, annual_rate: Rate, place: Option<u16>) -> DebtPayoff {
        let end = if self.is_gone() { self.paid() } else { End::Never(self.reason()) };
        let Self { mut balances, mut payments, account, opening, .. } = self;
        if let End::Paid { months, .. } = end {
            balances.truncate(usize::from(months));
            payments.truncate(usize::from(months));
        }
        DebtPayoff { account_id: account.id, opening, annual_rate, place, end, balances, payments }
    }

    fn paid(&self) -> End {
        let owing = self.balances.iter().rposition(|owed| owed.is_positive()).map_or(0, |last| last.saturating_add(1));
        End::Paid { months: u16::try_from(owing).map_or(MAX_TERM_MONTHS, |owing| owing.saturating_add(1)), interest: self.interest }
    }

    fn reason(&self) -> NeverEnds {
        let LastMonth { before, interest, due, paid } = self.last;
        let after = self.balances.last().copied().unwrap_or(before);
        let charged = after - before - interest + paid;
        if after < before {
            NeverEnds::TooSlow
        } else if charged.is_positive() && paid >= interest && paid.is_positive() {
            NeverEnds::NewCharges
        } else if self.account.debt.as_ref().is_some_and(|terms| terms.in_forbearance) {
            NeverEnds::InForbearance
        } else if paid.is_zero() {
            NeverEnds::NoPayment
        } else if due == Due::Interest {
            NeverEnds::InterestOnly
        } else {
            NeverEnds::PaymentBelowInterest
        }
    }
}

//! The books of a month: the ledger, the tally for the row's breakdowns, and whoever watches.

use crate::money::Money;
use crate::projection::holdings::Holdings;
use crate::projection::ledger::{Cause, Ledger, Observer, Posting, Purpose, Slot};
use crate::projection::standing::Standing;
use crate::projection::state::State;
use crate::vocabulary::{ExpenseCategory, IncomeCategory};

/// One sum for each income category.
pub(super) type IncomeSums = [Money; IncomeCategory::ALL.len()];
/// One sum for each expense category.
pub(super) type ExpenseSums = [Money; ExpenseCategory::ALL.len()];

/// What was booked in a month, by category.
pub(super) struct Tally {
    /// Income.
    pub income: IncomeSums,
    /// Taxes, spending and debt payments: their categories do not overlap with each other's totals below.
    pub expenses: ExpenseSums,
    /// Income of all categories.
    pub total_income: Money,
    /// Taxes of all kinds.
    pub total_taxes: Money,
    /// Regular payments on debts.
    pub debt_service: Money,
    /// Payments on debts beyond the regular ones.
    pub extra_payments: Money,
    /// Spending of all categories.
    pub spending: Money,
}

impl Tally {
    const EMPTY: Self = Self {
        income: [Money::ZERO; IncomeCategory::ALL.len()],
        expenses: [Money::ZERO; ExpenseCategory::ALL.len()],
        total_income: Money::ZERO,
        total_taxes: Money::ZERO,
        debt_service: Money::ZERO,
        extra_payments: Money::ZERO,
        spending: Money::ZERO,
    };

    /// Spending and debt payments: what leaves the household's cash in a month, taxes apart.
    pub fn total_expenses(&self) -> Money {
        self.spending + self.debt_service + self.extra_payments
    }

    fn note(&mut self, purpose: Purpose, amount: Money) {
        let category = match purpose {
            Purpose::Income(category) => {
                self.total_income += amount;
                return add_to(self.income.get_mut(category.index()), amount);
            }
            Purpose::Tax(category) => {
                self.total_taxes += amount;
                category
            }
            Purpose::Spending(category) => {
                self.spending += amount;
                category
            }
            Purpose::DebtService(category) => {
                self.debt_service += amount;
                category
            }
            Purpose::ExtraPayment(category) => {
                self.extra_payments += amount;
                category
            }
            Purpose::NetPay
            | Purpose::Contribution
            | Purpose::Transfer
            | Purpose::Interest
            | Purpose::InvestmentGrowth
            | Purpose::Appreciation
            | Purpose::RequiredDistribution
            | Purpose::Cover
            | Purpose::Repay
            | Purpose::OneOff => return,
        };
        add_to(self.expenses.get_mut(category.index()), amount);
    }
}

fn add_to(sum: Option<&mut Money>, amount: Money) {
    if let Some(sum) = sum {
        *sum += amount;
    }
}

/// The one way in which money moves.
pub(super) struct Books<'o> {
    /// All balances.
    pub ledger: Ledger,
    /// What was paid for what the accounts hold, and what withdrawals put on the return.
    pub holdings: Holdings,
    /// What was booked this month.
    pub tally: Tally,
    month_number: u16,
    cause: Cause,
    observer: &'o mut dyn Observer,
}

impl<'o> Books<'o> {
    pub fn new(ledger: Ledger, holdings: Holdings, observer: &'o mut dyn Observer) -> Self {
        Self { ledger, holdings, tally: Tally::EMPTY, month_number: 0, cause: Cause::Household, observer }
    }

    pub fn open_month(&mut self, number: u16) {
        self.ledger.open_month();
        self.tally = Tally::EMPTY;
        self.month_number = number;
        self.cause = Cause::Household;
    }

    /// What is posted from now on is so because of this.
    pub const fn because(&mut self, cause: Cause) {
        self.cause = cause;
    }

    /// What is in a slot; negative where it is owed.
    pub fn balance(&self, slot: Slot) -> Money {
        self.ledger.balance(slot)
    }

    /// Moves `amount` from one slot to another. Nothing is not a posting; a negative amount moves the other way (a refund), and
    /// lowers the sums of its category.
    pub fn post(&mut self, from: Slot, to: Slot, amount: Money, purpose: Purpose) {
        if amount.is_zero() || from == to {
            return;
        }
        self.tally.note(purpose, amount);
        let posting = if amount.is_negative() {
            Posting { from: to, to: from, amount: -amount, purpose }
        } else {
            Posting { from, to, amount, purpose }
        };
        self.ledger.carry_out(&posting);
        if self.holdings.are_concerned(from, to) && !purpose.is_revaluation() {
            self.holdings.follow(&posting, self.ledger.held(posting.from), self.ledger.held(posting.to));
        }
        self.observer.posted(self.month_number, &posting, self.cause);
    }

    /// Shows the observer what the month stands on.
    pub fn show_standing(&mut self, state: &State<'_>) {
        self.observer.standing(&Standing::new(state, &self.holdings, &self.tally));
    }

    /// As [`Books::post`], for an amount that may not have fitted into the arithmetic: then the projection ends with an error.
    pub fn post_computed(&mut self, from: Slot, to: Slot, amount: Option<Money>, purpose: Purpose) {
        match amount {
            Some(amount) => self.post(from, to, amount, purpose),
            None => self.ledger.break_off(),
        }
    }
}

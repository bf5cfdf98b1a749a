//! The ledger: balanced postings between the household's accounts and named outside places.
//!
//! A [`Posting`] takes an amount from one slot and puts the same amount into another, so one that does not balance cannot be
//! written down. Every outside slot belongs to one term of change ([`Change`]): what came from outside in a month *is* the
//! explanation of the month's net worth, and nothing has to be reconciled afterwards. A liability's slot is negative (what is
//! owed); rows turn the sign.
//!
//! Deliberately absent: clamping. An account may stand below zero within a month; the shortfall step then says where the missing
//! money came from.

use std::ops::Neg;

use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::projection::standing::Standing;
use crate::vocabulary::{ExpenseCategory, IncomeCategory};

/// Where money comes from and goes to beyond the household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    /// Those who pay wages.
    Employers,
    /// Those who pay any other income.
    Payers,
    /// Federal and state.
    TaxAuthorities,
    /// Whoever is paid for living.
    Merchants,
    /// What investments and cash earn or lose.
    Market,
    /// What property gains or loses in value.
    Appraisal,
    /// Interest and fees of debts.
    Lenders,
    /// What happens once: a windfall, a loss, a revaluation.
    OneOff,
}

/// A place where money is, or where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The account at this place in the plan.
    Account(u16),
    /// The liability that takes what no liquid account could pay.
    Overdraft,
    /// Between gross and net: empty before and after every month.
    PayrollClearing,
    /// Not the household's.
    Outside(Outside),
}

/// Because of what something is booked, by its place in the plan: an income or flow that a change brings has that change as its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The income at this place in the plan.
    Income(u32),
    /// The flow at this place in the plan.
    Flow(u32),
    /// The account in this slot: the plan's own, then those that changes open, in the order in which they do.
    Account(u32),
    /// What is owed on the overdraft.
    Overdraft,
    /// The change at this place in the plan.
    Change(u32),
    /// Nothing less than all of it: the settlement of a year's taxes, what is moved where cash runs short.
    Household,
}

impl Cause {
    /// What is in a slot is why it grows, or bears interest.
    pub(super) fn of(slot: Slot) -> Self {
        match slot {
            Slot::Account(index) => Self::Account(u32::from(index)),
            Slot::Overdraft => Self::Overdraft,
            Slot::PayrollClearing | Slot::Outside(_) => Self::Household,
        }
    }
}

/// What a posting is for; the categories are those of the row's breakdowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Gross income, or an employer's match.
    Income(IncomeCategory),
    /// Withheld, estimated or settled tax.
    Tax(ExpenseCategory),
    /// Spending.
    Spending(ExpenseCategory),
    /// The interest or the principal in a regular payment.
    DebtService(ExpenseCategory),
    /// A payment of principal beyond the regular one.
    ExtraPayment(ExpenseCategory),
    /// From payroll clearing to the main cash account.
    NetPay,
    /// From pay into an account.
    Contribution,
    /// Between accounts.
    Transfer,
    /// Interest that a debt accrues, or fees that are added to it.
    Interest,
    /// What an investment or cash earns.
    InvestmentGrowth,
    /// What a property gains.
    Appreciation,
    /// What the law wants taken out of a tax-deferred account.
    RequiredDistribution,
    /// A liquid account, or the overdraft, pays for another that ran short.
    Cover,
    /// The overdraft is paid back.
    Repay,
    /// A change revalues something, or brings it about; what was paid for it, if anything, the change says itself.
    OneOff,
}

impl Purpose {
    /// Changes what something is worth, and not who has it: nothing is bought or sold.
    pub(crate) const fn is_revaluation(self) -> bool {
        match self {
            Self::InvestmentGrowth | Self::Appreciation | Self::OneOff => true,
            Self::Income(_)
            | Self::Tax(_)
            | Self::Spending(_)
            | Self::DebtService(_)
            | Self::ExtraPayment(_)
            | Self::NetPay
            | Self::Contribution
            | Self::Transfer
            | Self::Interest
            | Self::RequiredDistribution
            | Self::Cover
            | Self::Repay => false,
        }
    }
}

/// An amount that leaves one slot and arrives in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Where it leaves.
    pub from: Slot,
    /// Where it arrives.
    pub to: Slot,
    /// How much: more than zero.
    pub amount: Money,
    /// What for.
    pub purpose: Purpose,
}

/// Whoever wants to see every posting: a journal, an attribution, a test.
pub trait Observer {
    /// Called for each posting, in order, with what it was booked because of.
    fn posted(&mut self, month_number: u16, posting: &Posting, cause: Cause);

    /// Called once a month, when everything of it has been paid and before cash that ran short is covered: what the month stands on.
    fn standing(&mut self, _standing: &Standing<'_>) {}
}

/// Nobody.
impl Observer for () {
    fn posted(&mut self, _month_number: u16, _posting: &Posting, _cause: Cause) {}
}

/// Why net worth changed in a month, by the outside places that it came from. What lowers net worth is negative; the sum is the
/// change of net worth, to the cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Gross income and employers' matches.
    pub income: Money,
    /// Taxes paid (negative), refunds.
    pub taxes: Money,
    /// Spending (negative); no debt payments, which move what is owed.
    pub spending: Money,
    /// Growth of investments and retirement accounts, yield of cash.
    pub investment_growth: Money,
    /// Growth of property.
    pub appreciation: Money,
    /// Interest and fees of debts (negative).
    pub interest_and_fees: Money,
    /// What happens once.
    pub one_off: Money,
}

crate::vocabulary::words! {
    /// A term of [`Change`].
    pub enum Term {
        /// Gross income and employers' matches.
        Income => "income",
        /// Taxes paid, refunds.
        Taxes => "taxes",
        /// Spending.
        Spending => "spending",
        /// Growth of investments and retirement accounts, yield of cash.
        InvestmentGrowth => "investment_growth",
        /// Growth of property.
        Appreciation => "appreciation",
        /// Interest and fees of debts.
        InterestAndFees => "interest_and_fees",
        /// What happens once.
        OneOff => "one_off",
    }
}

impl Change {
    /// From what each term comes to.
    pub(super) fn from_terms(of: impl Fn(Term) -> Money) -> Self {
        Self {
            income: of(Term::Income),
            taxes: of(Term::Taxes),
            spending: of(Term::Spending),
            investment_growth: of(Term::InvestmentGrowth),
            appreciation: of(Term::Appreciation),
            interest_and_fees: of(Term::InterestAndFees),
            one_off: of(Term::OneOff),
        }
    }
}

impl Outside {
    /// The term that an outside place belongs to.
    #[must_use]
    pub const fn term(self) -> Term {
        match self {
            Self::Employers | Self::Payers => Term::Income,
            Self::TaxAuthorities => Term::Taxes,
            Self::Merchants => Term::Spending,
            Self::Market => Term::InvestmentGrowth,
            Self::Appraisal => Term::Appreciation,
            Self::Lenders => Term::InterestAndFees,
            Self::OneOff => Term::OneOff,
        }
    }
}

impl Change {
    /// All terms together: the change of net worth.
    #[must_use]
    pub fn sum(&self) -> Money {
        self.income + self.taxes + self.spending + self.investment_growth + self.appreciation + self.interest_and_fees + self.one_off
    }

    /// A term.
    #[must_use]
    pub const fn get(&self, term: Term) -> Money {
        match term {
            Term::Income => self.income,
            Term::Taxes => self.taxes,
            Term::Spending => self.spending,
            Term::InvestmentGrowth => self.investment_growth,
            Term::Appreciation => self.appreciation,
            Term::InterestAndFees => self.interest_and_fees,
            Term::OneOff => self.one_off,
        }
    }

    /// The term of an outside place ([`Outside::term`]), in one step: this is the engine's innermost line, and two cost 3 % of it.
    const fn term_mut(&mut self, outside: Outside) -> &mut Money {
        match outside {
            Outside::Employers | Outside::Payers => &mut self.income,
            Outside::TaxAuthorities => &mut self.taxes,
            Outside::Merchants => &mut self.spending,
            Outside::Market => &mut self.investment_growth,
            Outside::Appraisal => &mut self.appreciation,
            Outside::Lenders => &mut self.interest_and_fees,
            Outside::OneOff => &mut self.one_off,
        }
    }
}

/// The balances of all slots, and what came from outside since the month was opened.
#[derive(Clone, Debug)]
pub struct Ledger {
    accounts: Vec<Money>,
    overdraft: Money,
    clearing: Money,
    change: Change,
    /// An amount did not fit, or a slot does not exist: the ledger is no longer to be trusted.
    broken: bool,
}

impl Ledger {
    /// A ledger of accounts by their signed opening balances.
    pub(super) fn new(accounts: Vec<Money>) -> Self {
        Self { accounts, overdraft: Money::ZERO, clearing: Money::ZERO, change: Change::default(), broken: false }
    }

    /// What is in a slot; negative where it is owed. For an outside slot its term of change in this month.
    #[must_use]
    pub fn balance(&self, slot: Slot) -> Money {
        match slot {
            Slot::Account(index) => self.accounts.get(usize::from(index)).copied().unwrap_or_default(),
            Slot::Overdraft => self.overdraft,
            Slot::PayrollClearing => self.clearing,
            Slot::Outside(outside) => self.change.get(outside.term()),
        }
    }

    /// What is in an account; nothing in any other slot.
    pub(super) fn held(&self, slot: Slot) -> Money {
        match slot {
            Slot::Account(index) => self.accounts.get(usize::from(index)).copied().unwrap_or_default(),
            Slot::Overdraft | Slot::PayrollClearing | Slot::Outside(_) => Money::ZERO,
        }
    }

    /// The accounts' signed balances, in the order of the plan.
    #[must_use]
    pub fn accounts(&self) -> &[Money] {
        &self.accounts
    }

    /// What came from outside since the month was opened.
    #[must_use]
    pub const fn change(&self) -> Change {
        self.change
    }

    /// Whether every amount has fitted so far.
    pub(super) const fn is_sound(&self) -> bool {
        !self.broken
    }

    /// Marks an amount that could not even be computed.
    pub(super) const fn break_off(&mut self) {
        self.broken = true;
    }

    /// One more account, with nothing in it.
    pub(super) fn open_account(&mut self) {
        self.accounts.push(Money::ZERO);
    }

    /// Opens a month: nothing has come from outside yet.
    pub(super) fn open_month(&mut self) {
        self.change = Change::default();
    }

    /// Carries a posting out: both sides or, where one does not fit, the ledger is broken and the projection ends with an error.
    pub(super) fn carry_out(&mut self, posting: &Posting) {
        self.add(posting.from, posting.amount.neg());
        self.add(posting.to, posting.amount);
    }

    fn add(&mut self, slot: Slot, amount: Money) {
        let (place, amount) = match slot {
            Slot::Account(index) => (self.accounts.get_mut(usize::from(index)), amount),
            Slot::Overdraft => (Some(&mut self.overdraft), amount),
            Slot::PayrollClearing => (Some(&mut self.clearing), amount),
            // What leaves an outside place raises net worth.
            Slot::Outside(outside) => (Some(self.change.term_mut(outside)), amount.neg()),
        };
        let sum = place.as_ref().and_then(|place| place.cents().checked_add(amount.cents()));
        match (place, sum) {
            (Some(place), Some(sum)) => *place = Money::from_cents(sum),
            _ => self.broken = true,
        }
    }
}

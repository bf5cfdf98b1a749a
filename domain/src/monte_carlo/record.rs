//! Records one run of the exact engine, month by month: what came and went in each account, apart from what depends on the world.
//!
//! A posting ends up in one of four places. What *moves in proportion* (a debt's interest and payments, the sale of a house, what a
//! shock does to a portfolio) is kept one by one with the account that it is in proportion to; so is what a change sets to a value. *Growth* is kept as what the rounding of
//! cents added to the rate. What *covers* a shortfall, and required distributions, are not kept: a path decides them anew. All else is
//! one sum for each account and month.

use crate::money::Money;
use crate::monte_carlo::market::real;
use crate::projection::Treatment;
use crate::projection::changes::words::GainTax;
use crate::projection::changes::{ChangeKind, PlannedChange, Source};
use crate::projection::ledger::{Cause, Observer, Outside, Posting, Purpose, Slot};
use crate::projection::plan::{Plan, PlanAccount};
use crate::projection::standing::{Counted, Standing, StandingAccount};
use crate::vocabulary::{AccountClass, AccountType};

/// What a required distribution is asked of: large, so that its rounding to the cent does not count.
const HELD: Money = Money::from_cents(1_000_000_000_000);

/// A run. All amounts in cents.
pub(super) struct Record {
    /// The accounts, those too that changes open on the way.
    pub accounts: Vec<Account>,
    /// The months.
    pub months: Vec<Month>,
    /// By change: what it does to an account.
    touches: Vec<Touch>,
    /// The running balances.
    balances: Vec<i64>,
}

/// What a change does to an account, beside what any posting does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// Nothing.
    Usual,
    /// It is worth, or owed, what is said, whatever there was.
    Sets,
    /// It is sold as a whole, for what is said or what it is worth; and whether more of a gain is taxed.
    Sells { is_taxed: bool },
}

impl Touch {
    fn of(planned: &PlannedChange, accounts: &[PlanAccount]) -> Self {
        let kind = &planned.change.kind;
        let ChangeKind::SellAsset(sale) = kind else {
            let sets = matches!(kind, ChangeKind::ModifyAsset(_) | ChangeKind::ModifyDebt(_));
            return if sets { Self::Sets } else { Self::Usual };
        };
        let is_home = |account: &PlanAccount| {
            account.account_type == AccountType::PrimaryResidence && planned.change.source == Some(Source::Account(account.id))
        };
        // Most gains of a home are excluded, and where nobody says how, a home's is a home's.
        let is_taxed = match sale.gain_tax {
            Some(GainTax::LongTerm) => true,
            Some(GainTax::HomeSaleExclusion | GainTax::None) => false,
            None => !accounts.iter().any(is_home),
        };
        Self::Sells { is_taxed }
    }
}

/// What an account is from its beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    /// What it counts as.
    pub class: AccountClass,
    /// What taking money out of it means for the return.
    pub treatment: Treatment,
    /// Before month 1.
    pub opening: i64,
    /// What was paid for it, before month 1.
    pub basis: i64,
}

/// A month.
#[derive(Debug)]
pub(super) struct Month {
    /// By account, before anything was booked.
    pub start: Vec<i64>,
    /// By account, what came less what went.
    pub net: Vec<i64>,
    /// By account, what the plan itself wanted out of tax-deferred savings.
    pub drawn: Vec<i64>,
    /// By account, what of it was there to be taken.
    pub taken: Vec<i64>,
    /// By account, what it grew by beyond balance × rate: the rounding to cents, and what was credited although it did not stand there.
    pub grown: Vec<(i64, i64)>,
    /// Paid to the tax authorities.
    pub taxes: i64,
    /// What the row counts of [`Month::moves`], by [`Count`].
    pub counted_moves: [i64; Count::ALL.len()],
    /// What is in proportion to something.
    pub moves: Vec<Move>,
    /// What it stood on.
    pub standing: Option<Stood>,
}

/// A posting in proportion to an account's balance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    /// Where it left.
    pub from: Option<usize>,
    /// Where it arrived.
    pub to: Option<usize>,
    /// How much.
    pub amount: i64,
    /// In proportion to what.
    pub by: usize,
    /// All that stood there, and nothing was left: the sale of everything, a debt's last payment.
    pub is_all: bool,
    /// Nobody bought or sold: what was paid for it stays what it was.
    pub is_revaluation: bool,
    /// What was taken out of tax-deferred savings to be spent.
    pub taken: i64,
    /// In what the row counts it, and whether it lowers that.
    pub counts: Option<(Count, bool)>,
    /// What the change does that it is because of.
    pub touch: Touch,
}

/// What a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Income,
    Taxes,
    Spending,
    DebtService,
    ExtraPayments,
}

impl Count {
    pub const ALL: [Self; 5] = [Self::Income, Self::Taxes, Self::Spending, Self::DebtService, Self::ExtraPayments];

    /// A sum of a month.
    pub fn of(self, counted: &Counted) -> i64 {
        let sum = match self {
            Self::Income => counted.income,
            Self::Taxes => counted.taxes,
            Self::Spending => counted.spending,
            Self::DebtService => counted.debt_service,
            Self::ExtraPayments => counted.extra_payments,
        };
        sum.cents()
    }
}

/// A negative amount is booked the other way round: then it lowers its sum.
fn counts(posting: &Posting, from: Option<usize>, to_a_debt: bool) -> Option<(Count, bool)> {
    let into_the_world = matches!(posting.to, Slot::Outside(_));
    match posting.purpose {
        Purpose::Income(_) => Some((Count::Income, from.is_some())),
        Purpose::Tax(_) => Some((Count::Taxes, !into_the_world)),
        Purpose::Spending(_) => Some((Count::Spending, !into_the_world)),
        Purpose::DebtService(_) => Some((Count::DebtService, !to_a_debt)),
        Purpose::ExtraPayment(_) => Some((Count::ExtraPayments, !to_a_debt)),
        Purpose::NetPay
        | Purpose::Contribution
        | Purpose::Transfer
        | Purpose::Interest
        | Purpose::InvestmentGrowth
        | Purpose::Appreciation
        | Purpose::RequiredDistribution
        | Purpose::Cover
        | Purpose::Repay
        | Purpose::OneOff => None,
    }
}

/// A month's [`Standing`], kept.
#[derive(Debug)]
pub(super) struct Stood {
    /// The calendar year.
    pub year: i32,
    /// 1 … 12.
    pub calendar_month: u32,
    /// Whether wages and prices rose.
    pub is_anniversary: bool,
    /// Assumed inflation a year.
    pub inflation: f64,
    /// Assumed growth of wages a year.
    pub salary_growth: f64,
    /// What the row counts.
    pub counted: Counted,
    /// A month's interest on the overdraft.
    pub overdraft_interest: f64,
    /// Where income arrives.
    pub main_cash: usize,
    /// By account.
    pub accounts: Vec<StandingAccount>,
    /// What pays when cash runs short, in its order.
    pub sources: Vec<usize>,
    /// What must not stay below zero.
    pub covered: Vec<usize>,
    /// In December: for each member the accounts, and the part of them that has to be taken out.
    pub distributions: Vec<(Vec<usize>, f64)>,
}

impl Record {
    /// Before month 1.
    pub fn of(plan: &Plan) -> Self {
        let accounts: Vec<Account> = plan
            .ledger_accounts()
            .iter()
            .map(|account| {
                let class = account.account_type.class();
                let opening = account.opening.cents();
                let opening = if class.is_liability() { -opening } else { opening };
                let basis = account.cost_basis.map_or(opening, Money::cents).max(0);
                Account { class, treatment: Treatment::of(account.account_type), opening, basis }
            })
            .collect();
        let balances = accounts.iter().map(|account| account.opening).collect();
        let touches = plan.changes.iter().map(|planned| Touch::of(planned, &plan.accounts)).collect();
        Self { accounts, months: Vec::with_capacity(usize::from(plan.months)), touches, balances }
    }

    fn month(&mut self, number: u16) -> &mut Month {
        while self.months.len() < usize::from(number) {
            let count = self.balances.len();
            self.months.push(Month {
                start: self.balances.clone(),
                net: vec![0; count],
                drawn: vec![0; count],
                taken: vec![0; count],
                grown: vec![(0, 0); count],
                taxes: 0,
                counted_moves: [0; Count::ALL.len()],
                moves: Vec::new(),
                standing: None,
            });
        }
        let last = self.months.len() - 1;
        &mut self.months[last]
    }

    /// What a posting takes, or pays off, to the last cent. Cash is not meant: it is full or empty as it comes.
    fn emptied_by(&self, cents: i64, from: Option<usize>, to: Option<usize>) -> Option<usize> {
        let is_debt = |index: &usize| self.accounts[*index].class.is_liability();
        let is_sold =
            |index: &usize| !is_debt(index) && self.accounts[*index].class != AccountClass::Cash && self.balances[*index] == cents;
        let is_paid_off = |index: &usize| is_debt(index) && self.balances[*index] == -cents;
        from.filter(is_sold).or_else(|| to.filter(is_paid_off))
    }

    /// To what a posting is in proportion, if it is.
    fn proportional_to(&self, posting: &Posting, from: Option<usize>, to: Option<usize>) -> Option<usize> {
        let class = |index: usize| self.accounts[index].class;
        let revalues = |slot| matches!(slot, Slot::Outside(Outside::OneOff | Outside::Market | Outside::Appraisal));
        let debt = [from, to].into_iter().flatten().find(|index| class(*index).is_liability());
        if matches!(posting.purpose, Purpose::Interest | Purpose::DebtService(_) | Purpose::ExtraPayment(_)) {
            debt
        } else if revalues(posting.from) {
            to.filter(|to| class(*to) != AccountClass::Cash)
        } else if revalues(posting.to) {
            from.filter(|from| class(*from) != AccountClass::Cash)
        } else {
            from.filter(|from| is_held_whole(class(*from)))
        }
    }
}

/// What is sold as a whole, or not at all.
const fn is_held_whole(class: AccountClass) -> bool {
    matches!(class, AccountClass::RealProperty | AccountClass::PersonalProperty | AccountClass::Business)
}

fn account(slot: Slot) -> Option<usize> {
    match slot {
        Slot::Account(index) => Some(usize::from(index)),
        Slot::Overdraft | Slot::PayrollClearing | Slot::Outside(_) => None,
    }
}

impl Observer for Record {
    fn posted(&mut self, number: u16, posting: &Posting, cause: Cause) {
        let (from, to, cents) = (account(posting.from), account(posting.to), posting.amount.cents());
        // Opened lazily here, so that the month's start is what stands before its first posting.
        self.month(number);
        let before = to.or(from).map_or(0, |index| self.balances[index]);
        let emptied = self.emptied_by(cents, from, to);
        let by = emptied.or_else(|| self.proportional_to(posting, from, to));
        if let Some(from) = from {
            self.balances[from] -= cents;
        }
        if let Some(to) = to {
            self.balances[to] += cents;
        }
        let there = from.map_or(0, |from| self.balances[from].saturating_add(cents).max(0) - self.balances[from].max(0));
        let is_tax = |slot| slot == Slot::Outside(Outside::TaxAuthorities);
        let deferred = |index: usize| matches!(self.accounts[index].treatment, Treatment::Deferred { .. });
        let stays = |to: usize| deferred(to) || self.accounts[to].treatment == Treatment::Roth;
        let is_drawn = from.is_some_and(deferred) && !posting.purpose.is_revaluation() && !to.is_some_and(stays);
        let counts = counts(posting, from, to.is_some_and(|to| self.accounts[to].class.is_liability()));
        let touch = if let Cause::Change(place) = cause { self.touches.get(place as usize).copied() } else { None };
        let touch = touch.unwrap_or(Touch::Usual);
        let month = self.month(number);
        month.taxes += if is_tax(posting.to) {
            cents
        } else if is_tax(posting.from) {
            -cents
        } else {
            0
        };
        if matches!(posting.purpose, Purpose::Cover | Purpose::Repay | Purpose::RequiredDistribution) {
            return;
        }
        // Growth before the growth step (a shock of the market, a sale above the balance) is in proportion to what there is.
        let grows = posting.purpose.is_revaluation() && month.standing.is_some();
        if let Some(index) = to.or(from).filter(|_| grows) {
            month.grown[index] = (before, if to.is_some() { cents } else { -cents });
            return;
        }
        if let Some(by) = by {
            let (is_revaluation, taken) = (posting.purpose.is_revaluation(), if is_drawn { there } else { 0 });
            if let Some((count, lowers)) = counts {
                month.counted_moves[count as usize] += if lowers { -cents } else { cents };
            }
            month.moves.push(Move { from, to, amount: cents, by, is_all: emptied.is_some(), is_revaluation, taken, counts, touch });
            return;
        }
        if let Some(from) = from {
            month.net[from] -= cents;
            month.drawn[from] += if is_drawn { cents } else { 0 };
            month.taken[from] += if is_drawn { there } else { 0 };
        }
        if let Some(to) = to {
            month.net[to] += cents;
        }
    }

    fn standing(&mut self, standing: &Standing<'_>) {
        let accounts: Vec<StandingAccount> = standing.accounts().collect();
        let number = standing.number();
        self.month(number);
        let indices = |slots: &[Slot]| slots.iter().filter_map(|slot| account(*slot)).collect::<Vec<_>>();
        let calendar_month = standing.month().number();
        let distributions = if calendar_month == 12 {
            let share = |required: Money| required.cents() as f64 / HELD.cents() as f64;
            standing.distributions(HELD).map(|(slots, required)| (indices(slots), share(required))).collect()
        } else {
            Vec::new()
        };
        let assumptions = standing.assumptions();
        let (numerator, denominator) = standing.overdraft_interest().parts();
        let stood = Stood {
            year: standing.month().year(),
            calendar_month,
            is_anniversary: standing.is_anniversary(),
            inflation: real(assumptions.inflation),
            salary_growth: real(assumptions.salary_growth),
            counted: standing.counted(),
            overdraft_interest: numerator as f64 / denominator as f64,
            main_cash: account(standing.main_cash()).unwrap_or(0),
            accounts,
            sources: indices(standing.sources()),
            covered: indices(standing.covered()),
            distributions,
        };
        self.month(number).standing = Some(stood);
    }
}

//! The state that a month works on: compact, dense, and open to changes.
//!
//! It is built once from the plan. A change of a scenario mutates it at the start of a month (a raise sets an income's annual
//! amount, a refinance a debt's rate); whatever was derived from what it mutates is derived again by itself (withholding is kept
//! per year and forgotten by [`IncomeState::set_annual`]). Deliberately absent: ids beyond what rows print, and anything that an
//! event or a database knows.

use crate::fixed::Fraction;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::ProjectionError;
use crate::projection::books::Books;
use crate::projection::clock::Clock;
use crate::projection::debts::{DebtState, Extra};
use crate::projection::growth::Growth;
use crate::projection::holdings::{self, Holdings};
use crate::projection::income::{self, IncomeState};
use crate::projection::ledger::{Ledger, Observer, Slot};
use crate::projection::plan::{Assumptions, Plan, PlanAccount};
use crate::projection::spending::FlowState;
use crate::projection::taxes::TaxOffice;
use crate::projection::withdrawals::{self, Distributee};
use crate::tax::TaxTables;
use crate::vocabulary::{AccountClass, AccountType, WithdrawalOrder};

/// What is known of an account beside its balance.
#[derive(Clone, Debug)]
pub(super) struct AccountState {
    /// As rows print it.
    pub id: AccountId,
    /// What it is.
    pub account_type: AccountType,
    /// What it counts as.
    pub class: AccountClass,
    /// What it does by itself every month.
    pub growth: Growth,
    /// Growth a year, where the plan says so itself.
    pub own_growth: Option<crate::rate::Rate>,
    /// Whose it is, by their place among the plan's members, where somebody is named.
    pub owner: Option<usize>,
    /// It has been sold as a whole.
    sold: bool,
}

/// Everything that a month reads and writes, but for the balances, which are the ledger's.
pub(super) struct State<'t> {
    /// Which month it is.
    pub clock: Clock,
    /// What is assumed of the world.
    pub assumptions: Assumptions,
    /// The accounts in the order of the plan.
    pub accounts: Vec<AccountState>,
    /// What is earned.
    pub incomes: Vec<IncomeState>,
    /// What else recurs.
    pub flows: Vec<FlowState>,
    /// What is owed, with its terms.
    pub debts: Vec<DebtState>,
    /// Extra payments that flows make this month; they wait for the interest.
    pub extras: Vec<Extra>,
    /// Taxes by calendar year.
    pub taxes: TaxOffice<'t>,
    /// Where income arrives and spending comes from.
    pub main_cash: Slot,
    /// The main cash account, the other cash accounts, then investments and retirement accounts in the order of the plan: so they
    /// pay for what runs short.
    pub sources: Vec<Slot>,
    order: WithdrawalOrder,
    /// Of whom distributions are required, now or later.
    pub distributees: Vec<Distributee>,
    /// The accounts that must not stay below zero.
    pub covered: Vec<Slot>,
    /// A month's interest on the overdraft.
    pub overdraft_interest: Fraction,
    /// As balances print it.
    pub overdraft: AccountId,
    /// Some deduction reached its limit this month.
    pub limit_reached: bool,
    /// Some distribution was required this month.
    pub distribution_required: bool,
    /// Some debt grew this month, because less was paid than its interest.
    pub negative_amortisation: bool,
}

/// Ids to slots, for as long as the state is being built.
pub(super) struct Slots<'p> {
    by_id: Vec<(AccountId, Slot)>,
    plan: &'p Plan,
}

impl<'p> Slots<'p> {
    fn new(plan: &'p Plan) -> Self {
        let mut by_id: Vec<(AccountId, Slot)> =
            (0_u16..).zip(&plan.accounts).map(|(index, account)| (account.id, Slot::Account(index))).collect();
        by_id.sort_unstable_by_key(|(id, _)| *id);
        Self { by_id, plan }
    }

    /// The slot of an account. The plan has been checked: whatever it names is there.
    pub fn of(&self, id: AccountId) -> Slot {
        let found = self.by_id.binary_search_by_key(&id, |(known, _)| *known).ok().and_then(|at| self.by_id.get(at));
        found.map_or(Slot::Overdraft, |(_, slot)| *slot)
    }

    /// The account in a slot.
    pub fn account(&self, slot: Slot) -> Option<&'p PlanAccount> {
        match slot {
            Slot::Account(index) => self.plan.accounts.get(usize::from(index)),
            Slot::Overdraft | Slot::PayrollClearing | Slot::Outside(_) => None,
        }
    }

    /// Whether it is a debt.
    pub fn is_liability(&self, slot: Slot) -> bool {
        self.account(slot).is_some_and(|account| account.account_type.is_liability())
    }

    /// The main cash account.
    pub fn main_cash(&self) -> Slot {
        self.of(self.plan.main_cash)
    }
}

impl<'t> State<'t> {
    /// The state before month 1, and the books with the opening balances.
    pub fn new<'o>(plan: &Plan, tables: &'t TaxTables, observer: &'o mut dyn Observer) -> Result<(Self, Books<'o>), ProjectionError> {
        plan.check()?;
        let slots = Slots::new(plan);
        let clock = Clock::start(plan.start, plan.calendar);
        let main_cash = slots.main_cash();
        let numbered = || (0_u16..).zip(&plan.accounts);
        let covered = numbered().filter(|(_, account)| must_not_stay_below_zero(account.account_type.class()));
        let owner = |account: &PlanAccount| plan.filer.members.iter().position(|member| Some(member.id) == account.owner);
        let mut taxes = TaxOffice::new(plan, tables)?;
        let opening = plan.accounts.iter().map(|account| signed(account.account_type.class(), account.opening));
        let books = Books::new(Ledger::new(opening.collect()), Holdings::new(plan, taxes.early_until_age_months()), observer);
        let mut state = Self {
            clock,
            assumptions: plan.assumptions,
            accounts: plan.accounts.iter().map(|account| AccountState::new(account, owner(account))).collect(),
            incomes: (0_u32..).zip(&plan.incomes).map(|income| IncomeState::new(income, plan, &slots, &mut taxes.allowances)).collect(),
            flows: (0_u32..).zip(&plan.flows).map(|flow| FlowState::new(flow, plan.start, &slots)).collect(),
            debts: numbered()
                .filter(|(_, account)| account.account_type.is_liability())
                .map(|(index, account)| DebtState::new(account, Slot::Account(index)))
                .collect(),
            extras: Vec::new(),
            taxes,
            main_cash,
            sources: holdings::withdrawal_order(plan, &slots),
            order: plan.withdrawal_order,
            distributees: withdrawals::distributees(plan, &books),
            covered: covered.map(|(index, _)| Slot::Account(index)).collect(),
            overdraft_interest: Fraction::monthly_interest(plan.assumptions.overdraft_rate),
            overdraft: plan.overdraft,
            limit_reached: false,
            distribution_required: false,
            negative_amortisation: false,
        };
        state.refresh_growth();
        Ok((state, books))
    }

    /// The account in a slot.
    pub fn account(&self, slot: Slot) -> Option<&AccountState> {
        match slot {
            Slot::Account(index) => self.accounts.get(usize::from(index)),
            Slot::Overdraft | Slot::PayrollClearing | Slot::Outside(_) => None,
        }
    }

    /// What a slot holds has been sold.
    pub fn mark_sold(&mut self, slot: Slot) {
        if let Slot::Account(index) = slot {
            self.accounts.get_mut(usize::from(index)).into_iter().for_each(|account| account.sold = true);
        }
    }

    /// Whether what a slot held has been sold, and nothing was put into it since: there is nothing that could be sold, or be worth
    /// another amount.
    pub fn is_gone(&self, slot: Slot, books: &Books<'_>) -> bool {
        self.account(slot).is_some_and(|account| account.sold) && !books.balance(slot).is_positive()
    }

    /// Computes what accounts grow by, from the assumptions: at the start, and after a change of them. Each rate's root is taken
    /// once.
    pub fn refresh_growth(&mut self) {
        let mut known = Vec::new();
        for account in &mut self.accounts {
            account.growth = Growth::of(account.class, account.own_growth, &self.assumptions, &mut known);
        }
    }

    /// Step 3: at each anniversary of the start, salaries and what inflates rise. Debt payments and taxes do not.
    pub fn grow(&mut self) {
        let anniversary = Anniversary::of(&self.assumptions);
        anniversary.raise(&mut self.incomes, &mut self.flows);
        for debt in &mut self.debts {
            debt.escrow = anniversary.raised(debt.escrow, Rise::Inflation);
        }
    }

    /// Where an account is, if it is there.
    pub fn slot_of(&self, id: AccountId) -> Option<Slot> {
        (0_u16..).zip(&self.accounts).find(|(_, account)| account.id == id).map(|(index, _)| Slot::Account(index))
    }

    /// Opens an account in the middle of a plan, with nothing in it; `owner` is their place among the plan's members. It pays behind
    /// those of its kind when cash runs short. `None` where there are more accounts than slots.
    pub fn open_account(&mut self, account: &PlanAccount, owner: usize, books: &mut Books<'_>) -> Option<Slot> {
        let slot = Slot::Account(u16::try_from(self.accounts.len()).ok()?);
        let class = account.account_type.class();
        books.ledger.open_account();
        self.accounts.push(AccountState::new(account, Some(owner)));
        if class.is_liability() {
            self.debts.push(DebtState::new(account, slot));
        }
        books.holdings.open_account(account.account_type, owner);
        let turn = |slot: Slot| self.account(slot).and_then(|account| holdings::turn_in(self.order, account.account_type));
        if let Some(own) = turn(slot) {
            let behind = self.sources.iter().position(|other| turn(*other) > Some(own)).unwrap_or(self.sources.len());
            self.sources.insert(behind, slot);
        }
        if books.holdings.is_distributed(slot) {
            self.distributees.iter_mut().filter(|member| member.place == owner).for_each(|member| member.accounts.push(slot));
        }
        if must_not_stay_below_zero(class) {
            self.covered.push(slot);
        }
        self.refresh_growth();
        Some(slot)
    }

    /// Moves on to month `number`, and in January to the next calendar year.
    pub fn open_month(&mut self, number: u16) -> Result<(), ProjectionError> {
        self.clock = self.clock.at(number);
        self.limit_reached = false;
        self.distribution_required = false;
        self.negative_amortisation = false;
        let year_turns = self.taxes.open_month(&self.clock, self.assumptions.inflation)?;
        if year_turns {
            income::open_year(self);
        }
        Ok(())
    }
}

impl AccountState {
    fn new(account: &PlanAccount, owner: Option<usize>) -> Self {
        let account_type = account.account_type;
        Self {
            id: account.id,
            account_type,
            class: account_type.class(),
            growth: Growth::NONE,
            own_growth: account.growth,
            owner,
            sold: false,
        }
    }
}

/// A liability's slot is negative; whoever prints it turns the sign again.
pub(super) fn signed(class: AccountClass, balance: Money) -> Money {
    if class.is_liability() { -balance } else { balance }
}

/// Accounts from which nothing can be taken that is not there. A house or a business may be entered below zero, and stays so.
const fn must_not_stay_below_zero(class: AccountClass) -> bool {
    match class {
        AccountClass::Cash | AccountClass::Investment | AccountClass::Retirement | AccountClass::Receivable => true,
        AccountClass::RealProperty
        | AccountClass::PersonalProperty
        | AccountClass::Business
        | AccountClass::RevolvingDebt
        | AccountClass::Mortgage
        | AccountClass::InstalmentDebt
        | AccountClass::System => false,
    }
}

/// An anniversary's growth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anniversary {
    salaries: Fraction,
    inflation: Fraction,
}

impl Anniversary {
    /// What is assumed when it comes.
    pub fn of(assumed: &Assumptions) -> Self {
        Self { salaries: Fraction::of_rate(assumed.salary_growth), inflation: Fraction::of_rate(assumed.inflation) }
    }

    /// An amount once it has risen.
    pub fn raised(&self, amount: Money, rise: Rise) -> Money {
        match rise {
            Rise::Salaries => raised(amount, self.salaries),
            Rise::Inflation => raised(amount, self.inflation),
            Rise::Never => amount,
        }
    }

    /// Raises incomes and flows.
    pub fn raise(&self, incomes: &mut [IncomeState], flows: &mut [FlowState]) {
        for income in incomes {
            income.set_annual(self.raised(income.annual, income.growth));
        }
        for flow in flows {
            flow.annual = self.raised(flow.annual, flow.growth);
        }
    }
}

/// What rises at an anniversary, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rise {
    /// With salaries.
    Salaries,
    /// With prices.
    Inflation,
    /// Not.
    Never,
}

/// An amount that does not fit stays at the end of the range, where the ledger breaks off on booking it.
pub(super) fn raised(amount: Money, rise: Fraction) -> Money {
    let end = if amount.is_negative() { Money::from_cents(i64::MIN) } else { Money::from_cents(i64::MAX) };
    rise.of(amount).map_or(end, |more| amount + more)
}

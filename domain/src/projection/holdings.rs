//! What was paid for what is held, and what the law says of taking it out.
//!
//! Every posting passes here ([`crate::projection::books::Books::post`]), so that no way out of an account can forget its taxes:
//! whatever leaves an investment account sells a part of it and takes the basis along in proportion; whatever leaves a
//! tax-deferred account is income; what leaves a Roth account takes the contributions first (26 U.S.C. § 408A(d)(4)). Between
//! accounts of one kind the basis moves on, and nothing is taxed; from tax-deferred to Roth is a conversion: income, but not early.
//! Growth and losses change the value and never the basis.
//!
//! Only what is there can be sold: an account that stands below zero within a month, until others have paid for it, gave no more
//! than it had.
//!
//! Where a basis is not known, the opening balance is taken for it: only what grows in the plan is a gain. Deliberately absent: the
//! basis of nondeductible contributions to a traditional IRA, the exceptions to the additional tax on early distributions, the five
//! years that a Roth account must exist, and what health savings are spent on: taking them out is not taxed.

use crate::calendar::Month;
use crate::money::Money;
use crate::projection::ledger::{Posting, Slot};
use crate::projection::plan::{Plan, PlanAccount, PlanMember};
use crate::projection::state::{Slots, signed};
use crate::vocabulary::{AccountClass, AccountType, WithdrawalOrder, WithdrawalSource};

/// What taking money out of an account means for the return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Nothing: cash, debts, money owed to the household.
    Plain,
    /// A part is sold.
    Investment,
    /// Sold as a whole, and only by [`crate::projection::sale`].
    Property,
    /// All of it is income.
    Deferred {
        /// It is drawn when cash runs short, and distributions from it are required: 401(k), TSP and IRAs, but no pension or annuity,
        /// which pay by a rule of their own.
        is_drawn: bool,
    },
    /// Nothing, but for early withdrawals beyond what was put in.
    Roth,
    /// Nothing: it pays for health.
    Health,
}

impl Treatment {
    /// By the account's type.
    pub const fn of(account_type: AccountType) -> Self {
        match account_type.class() {
            AccountClass::Investment => Self::Investment,
            AccountClass::RealProperty | AccountClass::PersonalProperty | AccountClass::Business => Self::Property,
            AccountClass::Retirement if matches!(account_type, AccountType::Roth401k | AccountType::RothIra) => Self::Roth,
            AccountClass::Retirement if matches!(account_type, AccountType::Hsa) => Self::Health,
            AccountClass::Retirement => Self::Deferred { is_drawn: !matches!(account_type, AccountType::Pension | AccountType::Annuity) },
            AccountClass::Cash
            | AccountClass::Receivable
            | AccountClass::RevolvingDebt
            | AccountClass::Mortgage
            | AccountClass::InstalmentDebt
            | AccountClass::System => Self::Plain,
        }
    }

    /// Where it stands in the order of withdrawals; `None`: it is not drawn.
    pub const fn source(self) -> Option<WithdrawalSource> {
        match self {
            Self::Investment => Some(WithdrawalSource::Taxable),
            Self::Deferred { is_drawn: true } => Some(WithdrawalSource::TaxDeferred),
            Self::Roth => Some(WithdrawalSource::Roth),
            Self::Plain | Self::Property | Self::Deferred { is_drawn: false } | Self::Health => None,
        }
    }
}

/// What is known of an account beside its balance.
#[derive(Clone, Copy, Debug)]
struct Holding {
    treatment: Treatment,
    basis: Money,
    owner: Owner,
    /// Taken out of a tax-deferred account in this calendar year.
    withdrawn: Money,
}

/// Whose an account is, and what that means for taking money out of it.
#[derive(Clone, Copy, Debug)]
struct Owner {
    /// The place among the plan's members.
    place: usize,
    /// The month in which the owner is 59½: from then on nothing that is taken out is early.
    free_from: Month,
    /// Its owner lives on it, whatever the age.
    is_retired: bool,
}

/// What withdrawals and sales put on the return.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Realised {
    /// Long-term gains, or losses.
    pub gains: Money,
    /// Income from retirement accounts.
    pub retirement: Money,
    /// The part of it that was taken out too early.
    pub early: Money,
}

/// All accounts' holdings, in the order of the plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdings {
    held: Vec<Holding>,
    members: Vec<Owner>,
    month: Option<Month>,
    realised: Realised,
}

/// Money that has left an account: how much of what was there, and its basis.
#[derive(Clone, Copy, Debug)]
struct Parcel {
    from: Treatment,
    amount: Money,
    basis: Money,
}

impl Holdings {
    /// Those of a plan. `until_age_months`: from then on a withdrawal is not early.
    pub fn new(plan: &Plan, until_age_months: u32) -> Self {
        let months = i32::try_from(until_age_months).unwrap_or(i32::MAX);
        let numbered = plan.filer.members.iter().enumerate();
        let owner =
            |(place, member): (usize, &PlanMember)| Owner { place, free_from: free_from(member, months), is_retired: member.retired };
        let mut holdings = Self { held: Vec::new(), members: numbered.map(owner).collect(), month: None, realised: Realised::default() };
        let place = |told| plan.filer.members.iter().position(|member| Some(member.id) == told);
        let holding = |account: &PlanAccount| Holding {
            treatment: Treatment::of(account.account_type),
            basis: account.cost_basis.unwrap_or_else(|| signed(account.account_type.class(), account.opening)).at_least_zero(),
            owner: holdings.member(place(account.owner).unwrap_or(0)),
            withdrawn: Money::ZERO,
        };
        let held = plan.accounts.iter().map(holding).collect();
        holdings.held = held;
        holdings
    }

    /// The member in this place; where nobody is, one who is never old enough.
    fn member(&self, place: usize) -> Owner {
        self.members.get(place).copied().unwrap_or(Owner { place, free_from: NEVER, is_retired: false })
    }

    /// Opens a month; in January nothing has been withdrawn yet.
    pub fn open_month(&mut self, month: Month) {
        self.month = Some(month);
        if month.number() == 1 {
            self.held.iter_mut().for_each(|holding| holding.withdrawn = Money::ZERO);
        }
    }

    /// The treatment of a slot.
    pub fn treatment(&self, slot: Slot) -> Treatment {
        self.holding(slot).map_or(Treatment::Plain, |holding| holding.treatment)
    }

    /// Whether the law wants a part of it taken out every year from a certain age on.
    pub fn is_distributed(&self, slot: Slot) -> bool {
        self.treatment(slot) == Treatment::Deferred { is_drawn: true }
    }

    /// What was paid for what a slot holds.
    pub fn basis(&self, slot: Slot) -> Money {
        self.holding(slot).map_or(Money::ZERO, |holding| holding.basis)
    }

    /// For whoever puts something into a slot, or revalues it, without paying for it; and for a sale that has settled the gain itself.
    pub fn set_basis(&mut self, slot: Slot, basis: Money) {
        if let Some(holding) = self.holding_mut(slot) {
            holding.basis = basis;
        }
    }

    /// Taken out of a tax-deferred account in this calendar year.
    pub fn withdrawn(&self, slot: Slot) -> Money {
        self.holding(slot).map_or(Money::ZERO, |holding| holding.withdrawn)
    }

    /// Whether it may be drawn when cash runs short: retirement accounts in retirement only, or once nothing is early any more.
    pub fn may_be_drawn(&self, slot: Slot) -> bool {
        let Some(holding) = self.holding(slot) else { return false };
        match holding.treatment {
            Treatment::Deferred { .. } | Treatment::Roth => holding.owner.is_retired || !self.is_early(holding),
            Treatment::Plain | Treatment::Investment | Treatment::Property | Treatment::Health => true,
        }
    }

    /// Whether what is taken out now is early.
    pub fn is_early_now(&self, slot: Slot) -> bool {
        self.holding(slot).is_some_and(|holding| self.is_early(holding))
    }

    /// What has been realised since this was last asked.
    pub fn take_realised(&mut self) -> Realised {
        std::mem::take(&mut self.realised)
    }

    /// Whether money between these slots may buy or sell something: most postings are between cash and the world, and do not.
    pub fn are_concerned(&self, from: Slot, to: Slot) -> bool {
        self.treatment(from) != Treatment::Plain || self.treatment(to) != Treatment::Plain
    }

    /// One more account, with nothing in it: whoever puts something in without paying for it says what its basis is. `owner`: their
    /// place among the plan's members.
    pub fn open_account(&mut self, account_type: AccountType, owner: usize) {
        let (treatment, owner) = (Treatment::of(account_type), self.member(owner));
        self.held.push(Holding { treatment, basis: Money::ZERO, owner, withdrawn: Money::ZERO });
    }

    /// Whose it is, by their place among the plan's members: the first one's, where nobody is named.
    pub fn owner(&self, slot: Slot) -> usize {
        self.holding(slot).map_or(0, |holding| holding.owner.place)
    }

    /// Follows a posting that has been carried out, by the balances that it left.
    pub fn follow(&mut self, posting: &Posting, from_balance: Money, to_balance: Money) {
        let (from, to) = (self.treatment(posting.from), self.treatment(posting.to));
        let there = (from_balance + posting.amount).at_least_zero();
        let left = there - from_balance.at_least_zero();
        let parcel = if from == Treatment::Plain {
            Parcel { from, amount: posting.amount, basis: posting.amount }
        } else {
            self.take_out(posting.from, there, left)
        };
        self.realise(posting.from, to, &parcel);
        let arrived = to_balance.at_least_zero() - (to_balance - posting.amount).at_least_zero();
        self.put_in(posting.to, to, arrived, &parcel);
    }

    fn take_out(&mut self, slot: Slot, there: Money, amount: Money) -> Parcel {
        let Some(holding) = self.holding_mut(slot) else { return Parcel { from: Treatment::Plain, amount, basis: amount } };
        let basis = match holding.treatment {
            Treatment::Investment | Treatment::Property if amount == there => holding.basis,
            Treatment::Investment | Treatment::Property => holding.basis.scaled(amount.cents(), there.cents()),
            Treatment::Roth => holding.basis.min(amount),
            Treatment::Plain | Treatment::Deferred { .. } | Treatment::Health => Money::ZERO,
        };
        holding.basis -= basis;
        Parcel { from: holding.treatment, amount, basis }
    }

    fn realise(&mut self, slot: Slot, to: Treatment, parcel: &Parcel) {
        let Some(holding) = self.holding(slot) else { return };
        let is_early = self.is_early(holding);
        match (parcel.from, to) {
            (Treatment::Investment, Treatment::Investment) | (Treatment::Roth, Treatment::Roth) => {}
            (Treatment::Deferred { .. }, Treatment::Deferred { .. }) => {}
            (Treatment::Investment, _) => self.realised.gains += parcel.amount - parcel.basis,
            (Treatment::Deferred { .. }, _) => {
                self.realised.retirement += parcel.amount;
                let is_conversion = to == Treatment::Roth;
                if is_early && !is_conversion {
                    self.realised.early += parcel.amount;
                }
                if let Some(holding) = self.holding_mut(slot).filter(|_| !is_conversion) {
                    holding.withdrawn += parcel.amount;
                }
            }
            (Treatment::Roth, _) if is_early => {
                self.realised.retirement += parcel.amount - parcel.basis;
                self.realised.early += parcel.amount - parcel.basis;
            }
            (Treatment::Roth | Treatment::Plain | Treatment::Property | Treatment::Health, _) => {}
        }
    }

    fn put_in(&mut self, slot: Slot, to: Treatment, arrived: Money, parcel: &Parcel) {
        let moves_on = (parcel.from, to) == (Treatment::Roth, Treatment::Roth) || (parcel.from, to) == (Treatment::Investment, to);
        let gain = if moves_on && to != Treatment::Property { parcel.amount - parcel.basis } else { Money::ZERO };
        if let Some(holding) = self.holding_mut(slot) {
            holding.basis += (arrived - gain).at_least_zero();
        }
    }

    fn is_early(&self, holding: &Holding) -> bool {
        self.month.is_none_or(|month| month < holding.owner.free_from)
    }

    fn holding(&self, slot: Slot) -> Option<&Holding> {
        match slot {
            Slot::Account(index) => self.held.get(usize::from(index)),
            Slot::Overdraft | Slot::PayrollClearing | Slot::Outside(_) => None,
        }
    }

    fn holding_mut(&mut self, slot: Slot) -> Option<&mut Holding> {
        match slot {
            Slot::Account(index) => self.held.get_mut(usize::from(index)),
            Slot::Overdraft | Slot::PayrollClearing | Slot::Outside(_) => None,
        }
    }
}

/// Later than every plan.
const NEVER: Month = Month::LAST;

/// The month in which a member reaches the age. Of unknown age: at once where retired, else never.
fn free_from(member: &PlanMember, months: i32) -> Month {
    match member.birth {
        Some(birth) => Month::of(birth).plus(months),
        None if member.retired => Month::FIRST,
        None => NEVER,
    }
}

/// The accounts that pay when cash runs short: the main cash account, the other cash accounts, then the sources in the plan's order.
pub(super) fn withdrawal_order(plan: &Plan, slots: &Slots<'_>) -> Vec<Slot> {
    let numbered = (0_u16..).zip(&plan.accounts).map(|(index, account)| (Slot::Account(index), account.account_type));
    let turn = |account_type| turn_in(plan.withdrawal_order, account_type);
    let mut drawn: Vec<(usize, Slot)> = numbered.filter_map(|(slot, account_type)| Some((turn(account_type)?, slot))).collect();
    drawn.sort_by_key(|(turn, slot)| (*turn, *slot != slots.main_cash()));
    drawn.into_iter().map(|(_, slot)| slot).collect()
}

/// When an account of a type pays: cash first, 0, then the sources in this order; `None`: it is not drawn.
pub(super) fn turn_in(order: WithdrawalOrder, account_type: AccountType) -> Option<usize> {
    if account_type.class() == AccountClass::Cash {
        return Some(0);
    }
    let source = Treatment::of(account_type).source()?;
    order.sources().iter().position(|known| *known == source).map(|place| place.saturating_add(1))
}

//! What is known about a household at a version: the fold of its events.
//!
//! Ordered maps throughout, so that whatever is derived from a state comes out in the same order in every replay. Balances: the
//! state keeps the current one of each account (latest as-of date, then latest recorded); older ones stand in the stream and in
//! the read model, so that a state, a snapshot and a command do not grow with the number of balances ever entered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{
    Account, AssetDetails, Balance, BaselineMode, Deductions, Flow, Income, Liability, Member, Pin, PosttaxDeduction, PretaxDeduction,
    Profile, Scenario, SelfEmployment, Withholding,
};
use crate::calendar::Date;
use crate::goals::Goal;
use crate::ids::{AccountId, AssetGroupId, ChangeId, DecisionId, FlowId, GoalId, HouseholdId, IncomeId, MemberId, ScenarioId, UserId};
use crate::money::Money;
use crate::projection::changes::ScenarioChange;
use crate::system_flows::SystemFlow;
use crate::templates::Decision;
use crate::text::Name;
use crate::vocabulary::{AccountType, Relationship, Role};

/// A household as its events tell it. The default one has not been opened yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Household {
    /// None until the household is opened.
    pub opening: Option<Opening>,
    /// Its people.
    pub members: BTreeMap<MemberId, Member>,
    /// Who may see or change it.
    pub memberships: BTreeMap<UserId, Role>,
    /// What it owns and owes.
    pub accounts: BTreeMap<AccountId, AccountState>,
    /// How many accounts it has opened by itself, those included that are gone: the next one's id follows from it.
    pub accounts_opened_by_system: u32,
    /// What belongs together.
    pub asset_groups: BTreeMap<AssetGroupId, Name>,
    /// What it earns.
    pub incomes: BTreeMap<IncomeId, IncomeState>,
    /// What its people entered.
    pub flows: BTreeMap<FlowId, Flow>,
    /// What follows from the rest.
    pub system_flows: BTreeMap<FlowId, SystemFlow>,
    /// Its plans.
    pub scenarios: BTreeMap<ScenarioId, Scenario>,
    /// What they do differently.
    #[serde(default)]
    pub scenario_changes: BTreeMap<ScenarioId, BTreeMap<ChangeId, ScenarioChange>>,
    /// Which reality the baseline is a plan over; no other plan can be pinned.
    pub baseline_mode: BaselineMode,
    /// What it wants to reach.
    pub goals: BTreeMap<GoalId, Goal>,
    /// What it thinks about, and has decided.
    pub decisions: BTreeMap<DecisionId, Decision>,
}

/// What the opening of a household fixed, and what has been changed of it since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Which household this is.
    pub id: HouseholdId,
    /// The household itself.
    pub profile: Profile,
    /// The day, in its own time zone.
    pub opened_on: Date,
    /// Whose tables the system flows are made with.
    pub tax_year: i32,
}

/// An account with all that is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// What it is.
    pub account: Account,
    /// The current balance; none until one is recorded.
    pub balance: Option<Balance>,
    /// The terms, of a debt.
    pub liability: Option<Liability>,
    /// What is known about a thing of value.
    pub asset_details: Option<AssetDetails>,
    /// The day on which it was opened here.
    pub opened_on: Date,
    /// Opened by the household itself, because a flow needed it.
    pub opened_by_system: bool,
}

impl AccountState {
    /// What it holds now; zero until a balance is recorded.
    #[must_use]
    pub fn current_balance(&self) -> Money {
        self.balance.as_ref().map_or(Money::ZERO, |balance| balance.balance)
    }

    /// What it is worth: the market value that was recorded with the current balance, else that balance. A debt is what is owed.
    #[must_use]
    pub fn at_market(&self) -> Money {
        let market_value = self.balance.as_ref().and_then(|balance| balance.market_value);
        market_value.filter(|_| !self.account.account_type.is_liability()).unwrap_or(self.current_balance())
    }

    /// What was paid for it: the cost basis that was recorded with the current balance, else what it was acquired for, else that
    /// balance (money at hand cost what it is). A debt is what is owed.
    #[must_use]
    pub fn at_cost(&self) -> Money {
        let Some(balance) = self.balance.as_ref() else { return Money::ZERO };
        self.known_cost().unwrap_or(balance.balance)
    }

    /// What was paid for it, where somebody told: the cost basis that was recorded with the current balance, else what it was
    /// acquired for. None of a debt.
    #[must_use]
    pub fn known_cost(&self) -> Option<Money> {
        let recorded = self.balance.as_ref().and_then(|balance| balance.cost_basis);
        let acquired_for = || self.asset_details.as_ref().and_then(|details| details.acquisition_cost);
        recorded.or_else(acquired_for).filter(|_| !self.account.account_type.is_liability())
    }

    /// Counts as something that the household owns or owes: in use, and not part of the machinery.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        self.account.active && !matches!(self.account.account_type, AccountType::PayrollClearing)
    }
}

/// An income with all that is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomeState {
    /// What it is.
    pub income: Income,
    /// Form W-4.
    pub withholding: Withholding,
    /// Before the net.
    pub pretax_deductions: Deductions<PretaxDeduction>,
    /// After taxes.
    pub posttax_deductions: Deductions<PosttaxDeduction>,
    /// Where one is one's own employer.
    pub self_employment: Option<SelfEmployment>,
}

impl IncomeState {
    /// An income of which nothing but itself is known yet.
    #[must_use]
    pub fn new(income: Income) -> Self {
        Self {
            income,
            withholding: Withholding::default(),
            pretax_deductions: Deductions::new(),
            posttax_deductions: Deductions::new(),
            self_employment: None,
        }
    }
}

impl Household {
    /// The baseline, which exists from the opening on.
    #[must_use]
    pub fn baseline(&self) -> Option<(ScenarioId, &Scenario)> {
        self.scenarios.iter().find(|(_, scenario)| scenario.is_baseline).map(|(id, scenario)| (*id, scenario))
    }

    /// The day that a plan is pinned to, if it is.
    #[must_use]
    pub fn pin_of(&self, scenario: ScenarioId) -> Option<Pin> {
        match self.baseline_mode {
            BaselineMode::Pinned(pin) if self.scenarios.get(&scenario).is_some_and(|plan| plan.is_baseline) => Some(pin),
            BaselineMode::Pinned(_) | BaselineMode::Live => None,
        }
    }

    /// Today's plans over the reality of `then`: what a pinned baseline projects. Its assumptions stay editable, and an edit has its effect.
    #[must_use]
    pub fn plans_over(&self, then: &Self) -> Self {
        let (scenarios, scenario_changes) = (self.scenarios.clone(), self.scenario_changes.clone());
        Self { scenarios, scenario_changes, baseline_mode: self.baseline_mode, ..then.clone() }
    }

    /// What a user may do here, if anything.
    #[must_use]
    pub fn role_of(&self, user: UserId) -> Option<Role> {
        self.memberships.get(&user).copied()
    }

    /// Accounts in the order of lists: display order, then the order in which they were opened.
    pub fn accounts_in_order(&self) -> impl Iterator<Item = (AccountId, &AccountState)> {
        let mut accounts: Vec<_> = self.accounts.iter().map(|(id, account)| (*id, account)).collect();
        accounts.sort_by_key(|(id, account)| (account.account.display_order, account.opened_by_system, *id));
        accounts.into_iter()
    }

    /// Where net pay arrives and bills are paid from: the first active checking account, else the first active cash account.
    #[must_use]
    pub fn main_cash(&self) -> Option<AccountId> {
        let usable = |id: &AccountId, wanted: &dyn Fn(AccountType) -> bool| {
            self.accounts.get(id).is_some_and(|state| state.account.active && wanted(state.account.account_type))
        };
        let order: Vec<AccountId> = self.accounts_in_order().map(|(id, _)| id).collect();
        let first = |wanted: &dyn Fn(AccountType) -> bool| order.iter().copied().find(|id| usable(id, wanted));
        first(&|kind| kind == AccountType::Checking).or_else(|| first(&|kind| kind.class() == crate::vocabulary::AccountClass::Cash))
    }

    /// Where gross pay comes in and everything goes out again.
    #[must_use]
    pub fn payroll_clearing(&self) -> Option<AccountId> {
        self.accounts.iter().find(|(_, state)| state.account.account_type == AccountType::PayrollClearing).map(|(id, _)| *id)
    }

    /// More than one person is covered by the household's plans (health savings accounts have a family limit).
    #[must_use]
    pub fn is_family(&self) -> bool {
        self.members.values().any(|member| member.relationship != Relationship::Oneself)
    }
}

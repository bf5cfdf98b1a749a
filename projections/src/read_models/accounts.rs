//! Accounts with their current balance, terms and details; every balance that was ever recorded; what belongs together.

use domain::calendar::Date;
use domain::household::Household;
use domain::household::facts::{AssetDetails, Balance, Liability};
use domain::household::state::AccountState;
use domain::ids::{AccountId, AssetGroupId};
use domain::money::Money;
use domain::rate::Rate;
use domain::text::{Name, Notes};
use domain::vocabulary::{AccountClass, AccountType};
use uuid::Uuid;

use super::table::read_model;

read_model! {
    /// An account: something owned or owed.
    pub struct AccountRow in "accounts" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What it is called.
        name: Name,
        /// What it is.
        account_type: AccountType,
        /// What it counts as.
        class: AccountClass,
        /// A debt: its balance is positive and says what is owed.
        is_liability: bool,
        /// Where it is held.
        institution: Option<Name>,
        /// Of the account number.
        last_four: Option<String>,
        /// Whose it is; none means everybody's.
        member_id: Option<Uuid>,
        /// What it belongs together with.
        asset_group_id: Option<Uuid>,
        /// An inactive account takes no part in anything.
        active: bool,
        /// Where it stands in lists, smallest first.
        display_order: i32,
        /// What somebody wanted to remember.
        notes: Option<Notes>,
        /// The current balance: latest as-of date, then latest recorded. Zero until one is recorded.
        current_balance: @numeric Money,
        /// The day for which it holds.
        balance_as_of: Option<Date>,
        /// What was paid for it.
        cost_basis: @numeric Option<Money>,
        /// What it would sell for, where that is not the balance.
        market_value: @numeric Option<Money>,
        /// The terms, of a debt.
        liability: Option<Liability>,
        /// What is known about a thing of value.
        asset_details: Option<AssetDetails>,
        /// The day on which it was opened here.
        opened_on: Date,
        /// Opened by the household itself, because a flow needed it.
        opened_by_system: bool,
    }
}

impl AccountRow {
    /// The row of an account.
    #[must_use]
    pub fn of(home: &Household, id: AccountId) -> Option<Self> {
        home.accounts.get(&id).map(|state| Self::from_state(id, state))
    }

    fn from_state(id: AccountId, state: &AccountState) -> Self {
        let account = &state.account;
        let balance = state.balance.as_ref();
        Self {
            id: id.0,
            name: account.name.clone(),
            account_type: account.account_type,
            class: account.account_type.class(),
            is_liability: account.account_type.is_liability(),
            institution: account.institution.clone(),
            last_four: account.last_four.as_ref().map(|digits| digits.as_str().to_owned()),
            member_id: account.member_id.map(Uuid::from),
            asset_group_id: account.asset_group_id.map(Uuid::from),
            active: account.active,
            display_order: account.display_order,
            notes: account.notes.clone(),
            current_balance: state.current_balance(),
            balance_as_of: balance.map(|balance| balance.as_of_date),
            cost_basis: balance.and_then(|balance| balance.cost_basis),
            market_value: balance.and_then(|balance| balance.market_value),
            liability: state.liability.clone(),
            asset_details: state.asset_details.clone(),
            opened_on: state.opened_on,
            opened_by_system: state.opened_by_system,
        }
    }
}

read_model! {
    /// What an account held on a day, as it was recorded in one version of the household.
    pub struct BalanceRow in "balances" key ["account_id", "version"] removed_by "account_id" {
        /// Of which.
        account_id: Uuid,
        /// The household's version in which it was recorded.
        version: i64,
        /// The day for which it holds.
        as_of_date: Date,
        /// What it held.
        balance: @numeric Money,
        /// What was paid for it.
        cost_basis: @numeric Option<Money>,
        /// What it would sell for, where that is not the balance.
        market_value: @numeric Option<Money>,
    }
}

impl BalanceRow {
    /// The row of a recorded balance.
    #[must_use]
    pub fn of(account: AccountId, version: i64, balance: &Balance) -> Self {
        Self {
            account_id: account.0,
            version,
            as_of_date: balance.as_of_date,
            balance: balance.balance,
            cost_basis: balance.cost_basis,
            market_value: balance.market_value,
        }
    }
}

read_model! {
    /// Accounts that belong together, such as a house and its mortgage, with what they come to.
    pub struct AssetGroupRow in "asset_groups" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What it is called.
        name: Name,
        /// What its things of value would sell for.
        market_value: @numeric Money,
        /// What is owed on them.
        debt: @numeric Money,
        /// Market value less debt.
        equity: @numeric Money,
        /// Debt over market value, to four places; none without a value.
        loan_to_value: @numeric Option<Rate>,
    }
}

impl AssetGroupRow {
    /// The row of a group.
    #[must_use]
    pub fn of(home: &Household, id: AssetGroupId) -> Option<Self> {
        let name = home.asset_groups.get(&id)?.clone();
        let (mut market_value, mut debt) = (Money::ZERO, Money::ZERO);
        for state in home.accounts.values().filter(|state| state.account.active && state.account.asset_group_id == Some(id)) {
            let balance = state.current_balance();
            if state.account.account_type.is_liability() {
                debt += balance;
            } else {
                market_value += state.balance.as_ref().and_then(|held| held.market_value).unwrap_or(balance);
            }
        }
        let ratio = debt.to_decimal().checked_div(market_value.to_decimal()).map(|ratio| Rate::new(ratio.round_dp(4)));
        Some(Self { id: id.0, name, market_value, debt, equity: market_value - debt, loan_to_value: ratio })
    }
}

//! Accounts, their balances, the terms of debts, the details of things of value, and what belongs together.

use rust_decimal::Decimal;

use super::command::{AccountPatch, Holding, Told};
use super::decide::Draft;
use super::error::{Checks, Conflict, HouseholdError, Rule, Thing};
use super::event::Event;
use super::facts::{Account, AssetDetails, Balance, Liability};
use super::state::AccountState;
use crate::ids::{AccountId, AssetGroupId};
use crate::money::Money;
use crate::rate::Rate;
use crate::text::Name;
use crate::vocabulary::AccountType;

const MOST_ACCOUNTS: usize = 500;
const MOST_GROUPS: usize = 200;

pub(super) fn open(draft: &mut Draft, id: AccountId, account: Account, holding: Holding) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    checks.require(account.account_type != AccountType::PayrollClearing, "account_type", || {
        Rule::NotAllowedHere("the payroll clearing account is opened by the household itself")
    });
    check(&mut checks, draft, &account);
    let (liability, asset_details) = told(&mut checks, &holding, None);
    check_holding(&mut checks, draft, account.account_type, &holding, liability.as_ref(), asset_details.as_ref());
    checks.finish()?;
    if draft.household.accounts.len() >= MOST_ACCOUNTS {
        return Err(Conflict::Full { things: "accounts", most: MOST_ACCOUNTS }.into());
    }
    draft.record(Event::AccountOpened { id, account, opened_on: draft.today, opened_by_system: false });
    hold(draft, id, holding.balance, liability, asset_details)
}

pub(super) fn change(draft: &mut Draft, id: AccountId, patch: AccountPatch, holding: Holding) -> Result<(), HouseholdError> {
    let was = editable(draft, id)?.account.clone();
    let account = patch.over(&was);
    let mut checks = Checks::default();
    let same_side = account.account_type.is_liability() == was.account_type.is_liability();
    checks.require(same_side && account.account_type != AccountType::PayrollClearing, "account_type", || {
        Rule::NotAllowedHere("an asset cannot become a debt, nor a debt an asset: open another account")
    });
    check(&mut checks, draft, &account);
    let (liability, asset_details) = told(&mut checks, &holding, draft.household.accounts.get(&id));
    check_holding(&mut checks, draft, account.account_type, &holding, liability.as_ref(), asset_details.as_ref());
    checks.finish()?;
    if account != was {
        draft.record(Event::AccountChanged { id, account, was });
    }
    hold(draft, id, holding.balance, liability, asset_details)
}

/// Removes an account that nothing points to. Derived flows do not count: they follow.
pub(super) fn remove(draft: &mut Draft, id: AccountId) -> Result<(), HouseholdError> {
    let was = editable(draft, id)?.account.clone();
    let home = &draft.household;
    let flow = home
        .flows
        .values()
        .find(|flow| [flow.from_account_id, flow.to_account_id, flow.linked_account_id].contains(&Some(id)))
        .map(|flow| format!("the flow {}", flow.name));
    let deduction = home.incomes.values().find(|state| {
        state.pretax_deductions.values().any(|deduction| deduction.target_account_id == Some(id))
            || state.posttax_deductions.values().any(|deduction| deduction.target_account_id == Some(id))
    });
    if let Some(by) = flow.or(deduction.map(|state| format!("a deduction of {}", state.income.name))) {
        return Err(Conflict::InUse { by }.into());
    }
    draft.record(Event::AccountRemoved { id, was });
    Ok(())
}

pub(super) fn record_balances(draft: &mut Draft, id: AccountId, balances: Vec<Balance>) -> Result<(), HouseholdError> {
    let account_type = editable(draft, id)?.account.account_type;
    let mut checks = Checks::default();
    for (row, balance) in balances.iter().enumerate() {
        let path = if balances.len() == 1 { String::new() } else { format!("{row}.") };
        check_balance(&mut checks, draft, account_type, &path, "balance", balance);
    }
    checks.finish()?;
    balances.into_iter().for_each(|balance| record_balance(draft, id, balance));
    Ok(())
}

/// The terms and details as they would be: a part is laid over what is known, a whole over nothing.
fn told(checks: &mut Checks, holding: &Holding, known: Option<&AccountState>) -> (Option<Liability>, Option<AssetDetails>) {
    let known_terms = known.and_then(|state| state.liability.clone());
    let liability = holding.liability.clone().map(|told| {
        let (patch, base) = match told {
            Told::Whole(patch) => (patch, None),
            Told::Part(patch) => (patch, known_terms),
        };
        checks.require(base.is_some() || patch.interest_rate.is_some(), "liability.interest_rate", || {
            Rule::Required("a debt has a rate, if only \"0\"")
        });
        patch.over(&base.unwrap_or_default())
    });
    let known_details = known.and_then(|state| state.asset_details.clone()).unwrap_or_default();
    let asset_details = holding.asset_details.clone().map(|told| match told {
        Told::Whole(patch) => patch.over(&AssetDetails::default()),
        Told::Part(patch) => patch.over(&known_details),
    });
    (liability, asset_details)
}

fn hold(
    draft: &mut Draft,
    id: AccountId,
    balance: Option<Balance>,
    liability: Option<Liability>,
    asset_details: Option<AssetDetails>,
) -> Result<(), HouseholdError> {
    if let Some(liability) = liability {
        let was = editable(draft, id)?.liability.clone();
        if was.as_ref() != Some(&liability) {
            draft.record(Event::LiabilityChanged { account_id: id, liability, was });
        }
    }
    if let Some(asset_details) = asset_details {
        let was = editable(draft, id)?.asset_details.clone();
        if was.as_ref() != Some(&asset_details) {
            draft.record(Event::AssetDetailsChanged { account_id: id, asset_details, was });
        }
    }
    if let Some(balance) = balance {
        record_balance(draft, id, balance);
    }
    Ok(())
}

/// The same fact is appended once: a balance that says what is known already changes nothing.
fn record_balance(draft: &mut Draft, account_id: AccountId, balance: Balance) {
    let was = draft.household.accounts.get(&account_id).and_then(|state| state.balance.clone());
    if was.as_ref() != Some(&balance) {
        draft.record(Event::BalanceRecorded { account_id, balance, was });
    }
}

pub(super) fn create_group(draft: &mut Draft, id: AssetGroupId, name: Name) -> Result<(), HouseholdError> {
    if draft.household.asset_groups.len() >= MOST_GROUPS {
        return Err(Conflict::Full { things: "asset groups", most: MOST_GROUPS }.into());
    }
    draft.record(Event::AssetGroupCreated { id, name });
    Ok(())
}

pub(super) fn rename_group(draft: &mut Draft, id: AssetGroupId, name: Name) -> Result<(), HouseholdError> {
    let was = group(draft, id)?;
    if name != was {
        draft.record(Event::AssetGroupChanged { id, name, was });
    }
    Ok(())
}

/// Its accounts stay and belong to no group.
pub(super) fn remove_group(draft: &mut Draft, id: AssetGroupId) -> Result<(), HouseholdError> {
    let was = group(draft, id)?;
    let members: Vec<(AccountId, Account)> = draft
        .household
        .accounts
        .iter()
        .filter(|(_, state)| state.account.asset_group_id == Some(id))
        .map(|(account_id, state)| (*account_id, state.account.clone()))
        .collect();
    for (account_id, was) in members {
        let account = Account { asset_group_id: None, ..was.clone() };
        draft.record(Event::AccountChanged { id: account_id, account, was });
    }
    draft.record(Event::AssetGroupRemoved { id, was });
    Ok(())
}

fn group(draft: &Draft, id: AssetGroupId) -> Result<Name, HouseholdError> {
    draft.household.asset_groups.get(&id).cloned().ok_or(HouseholdError::NotFound { thing: Thing::AssetGroup, id: id.0 })
}

fn editable(draft: &Draft, id: AccountId) -> Result<&AccountState, HouseholdError> {
    let state = draft.household.accounts.get(&id).ok_or(HouseholdError::NotFound { thing: Thing::Account, id: id.0 })?;
    if state.account.account_type == AccountType::PayrollClearing { Err(Conflict::SystemAccount.into()) } else { Ok(state) }
}

fn check(checks: &mut Checks, draft: &Draft, account: &Account) {
    let home = &draft.household;
    let member = account.member_id.is_none_or(|id| home.members.contains_key(&id));
    checks.require(member, "member_id", || Rule::UnknownMember);
    let group = account.asset_group_id.is_none_or(|id| home.asset_groups.contains_key(&id));
    checks.require(group, "asset_group_id", || Rule::UnknownAssetGroup);
}

fn check_holding(
    checks: &mut Checks,
    draft: &Draft,
    account_type: AccountType,
    holding: &Holding,
    liability: Option<&Liability>,
    details: Option<&AssetDetails>,
) {
    if let Some(balance) = &holding.balance {
        check_balance(checks, draft, account_type, "", "current_balance", balance);
    }
    if let Some(liability) = liability {
        checks.require(account_type.is_liability(), "liability", || Rule::WrongAccountType(account_type));
        check_liability(checks, liability);
    }
    if let Some(details) = details {
        checks.require(!account_type.is_liability(), "asset_details", || Rule::WrongAccountType(account_type));
        check_details(checks, draft, details);
    }
}

/// `field` is what the request calls the balance itself.
fn check_balance(checks: &mut Checks, draft: &Draft, account_type: AccountType, path: &str, field: &str, balance: &Balance) {
    // A day of grace: the client's today may be ahead of the household's.
    let latest = draft.today.succ_opt().unwrap_or(draft.today);
    checks.require(balance.as_of_date <= latest, format!("{path}as_of_date"), || Rule::InTheFuture { today: draft.today });
    for (field, amount) in [("cost_basis", balance.cost_basis), ("market_value", balance.market_value)] {
        not_negative(checks, &format!("{path}{field}"), amount);
    }
    let owed = Some(balance.balance).filter(|_| account_type.is_liability());
    not_negative(checks, &format!("{path}{field}"), owed);
}

fn check_liability(checks: &mut Checks, liability: &Liability) {
    let within = |rate: Rate| (Rate::ZERO..=Rate::ONE).contains(&rate);
    let range = || Rule::OutOfRange { min: "0".into(), max: "1".into() };
    checks.require(within(liability.interest_rate), "liability.interest_rate", range);
    if let Some(variable) = &liability.variable_rate {
        for (field, rate) in [("margin", variable.margin), ("floor", variable.floor), ("ceiling", variable.ceiling)] {
            checks.require(rate.is_none_or(within), format!("liability.variable_rate.{field}"), range);
        }
    }
    for (field, amount) in [
        ("original_balance", liability.original_balance),
        ("minimum_payment", liability.minimum_payment),
        ("escrow", liability.escrow),
        ("credit_limit", liability.credit_limit),
    ] {
        not_negative(checks, &format!("liability.{field}"), amount);
    }
    checks.require(liability.term_months.is_none_or(|term| (1..=600).contains(&term)), "liability.term_months", || Rule::OutOfRange {
        min: "1".into(),
        max: "600".into(),
    });
    checks.require(liability.payment_day.is_none_or(|day| (1..=31).contains(&day)), "liability.payment_day", || Rule::OutOfRange {
        min: "1".into(),
        max: "31".into(),
    });
    if let (Some(start), Some(end)) = (liability.origination_date, liability.maturity_date) {
        checks.require(end >= start, "liability.maturity_date", || Rule::EndsBeforeStart { start_field: "origination_date", start });
    }
}

fn check_details(checks: &mut Checks, draft: &Draft, details: &AssetDetails) {
    let acquired = details.acquisition_date.is_none_or(|date| date <= draft.today);
    checks.require(acquired, "asset_details.acquisition_date", || Rule::InTheFuture { today: draft.today });
    not_negative(checks, "asset_details.acquisition_cost", details.acquisition_cost);
    // As `Plan::check` has it: growth that leaves something.
    let growth = details.growth_rate.unwrap_or_default().fraction();
    checks.require(growth > -Decimal::ONE && growth <= Decimal::TEN, "asset_details.growth_rate", || Rule::OutOfRange {
        min: "more than -1".into(),
        max: "10".into(),
    });
    for (field, amount) in [
        ("annual_property_tax", details.annual_property_tax),
        ("annual_insurance", details.annual_insurance),
        ("monthly_hoa", details.monthly_hoa),
        ("monthly_rent", details.monthly_rent),
    ] {
        not_negative(checks, &format!("asset_details.{field}"), amount);
    }
}

fn not_negative(checks: &mut Checks, field: &str, amount: Option<Money>) {
    checks.require(amount.is_none_or(|amount| !amount.is_negative()), field, || Rule::Negative);
}

//! Read models that are written in the command's own transaction: every list is then a plain SELECT that cannot be stale.
//!
//! [`changes`] says which rows a batch of events writes and removes; every row is made from the state behind the batch. The same rows,
//! made from a full replay, are what a check compares with. Naming them all happens here, once.

pub mod accounts;
pub mod decisions;
pub mod flows;
pub mod goals;
pub mod households;
pub mod incomes;
pub mod scenarios;
pub mod table;

use std::collections::BTreeSet;

use domain::household::state::IncomeState;
use domain::household::{Event, Household};
use domain::ids::{AccountId, AssetGroupId, ChangeId, DecisionId, DeductionId, FlowId, GoalId, IncomeId, MemberId, ScenarioId, UserId};

use self::accounts::{AccountRow, AssetGroupRow, BalanceRow};
use self::decisions::DecisionRunRow;
use self::flows::FlowRow;
use self::goals::GoalRow;
use self::households::{HouseholdRow, MemberRow, MembershipRow};
use self::incomes::{DeductionRow, IncomeRow, SelfEmploymentRow, WithholdingRow};
use self::scenarios::{ScenarioChangeRow, ScenarioRow};
use self::table::{Changes, Row, Table};

/// Every inline read model.
pub const TABLES: &[&Table] = &[
    HouseholdRow::TABLE,
    MemberRow::TABLE,
    MembershipRow::TABLE,
    AccountRow::TABLE,
    BalanceRow::TABLE,
    AssetGroupRow::TABLE,
    IncomeRow::TABLE,
    WithholdingRow::TABLE,
    DeductionRow::TABLE,
    SelfEmploymentRow::TABLE,
    FlowRow::TABLE,
    ScenarioRow::TABLE,
    ScenarioChangeRow::TABLE,
    GoalRow::TABLE,
    DecisionRunRow::TABLE,
];

/// A thing whose row has to be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Touched {
    Household,
    Member(MemberId),
    Membership(UserId),
    Account(AccountId),
    AssetGroup(AssetGroupId),
    Income(IncomeId),
    Withholding(IncomeId),
    SelfEmployment(IncomeId),
    Deduction(IncomeId, DeductionId),
    Flow(FlowId),
    Scenario(ScenarioId),
    ScenarioChange(ScenarioId, ChangeId),
    Goal(GoalId),
    Decision(DecisionId),
}

/// What `events` do to the read models, given the states before and behind them; the first event is that of version `first`.
#[must_use]
pub fn changes(first: i64, events: &[Event], before: &Household, after: &Household) -> Changes {
    let mut changes = Changes::default();
    let mut touched = BTreeSet::new();
    for (version, event) in (first..).zip(events) {
        touch(event, before, &mut touched);
        // Balances are rows of events, not of the state: every one that was ever recorded stays, as long as its account does. (Commands that
        // are appended together may record one and then remove the account.)
        if let Event::BalanceRecorded { account_id, balance, .. } = event
            && after.accounts.contains_key(account_id)
        {
            changes.put(&BalanceRow::of(*account_id, version, balance));
        }
    }
    // A group's sums change with its accounts, whichever way they changed.
    if touched.iter().any(|thing| matches!(thing, Touched::Account(_) | Touched::AssetGroup(_))) {
        touched.extend(after.asset_groups.keys().copied().map(Touched::AssetGroup));
    }
    for thing in touched {
        write(thing, after, &mut changes);
    }
    changes
}

/// Every row of a household but its balances, made from a state alone: for a rebuild and a check.
#[must_use]
pub fn all_rows(home: &Household) -> Changes {
    let mut changes = Changes::default();
    let incomes = home.incomes.iter().flat_map(|(id, state)| {
        [Touched::Income(*id), Touched::Withholding(*id), Touched::SelfEmployment(*id)].into_iter().chain(deductions_of(*id, state))
    });
    let things = [Touched::Household]
        .into_iter()
        .chain(home.members.keys().copied().map(Touched::Member))
        .chain(home.memberships.keys().copied().map(Touched::Membership))
        .chain(home.accounts.keys().copied().map(Touched::Account))
        .chain(home.asset_groups.keys().copied().map(Touched::AssetGroup))
        .chain(incomes)
        .chain(home.flows.keys().copied().map(Touched::Flow))
        .chain(home.system_flows.keys().copied().map(Touched::Flow))
        .chain(home.scenarios.keys().copied().map(Touched::Scenario))
        .chain(home.scenario_changes.keys().flat_map(|id| changes_of(home, *id)))
        .chain(home.goals.keys().copied().map(Touched::Goal))
        .chain(home.decisions.keys().copied().map(Touched::Decision));
    for thing in things {
        write(thing, home, &mut changes);
    }
    changes
}

fn deductions_of(income: IncomeId, state: &IncomeState) -> impl Iterator<Item = Touched> {
    state.pretax_deductions.keys().chain(state.posttax_deductions.keys()).map(move |id| Touched::Deduction(income, *id))
}

fn changes_of(home: &Household, scenario: ScenarioId) -> impl Iterator<Item = Touched> {
    let changes = home.scenario_changes.get(&scenario).into_iter().flat_map(|changes| changes.keys());
    changes.map(move |id| Touched::ScenarioChange(scenario, *id))
}

fn touch(event: &Event, before: &Household, touched: &mut BTreeSet<Touched>) {
    match event {
        Event::HouseholdOpened { .. } | Event::HouseholdChanged { .. } | Event::TaxYearBegan { .. } => {
            touched.insert(Touched::Household);
        }
        Event::MemberAdded { id, .. } | Event::MemberChanged { id, .. } | Event::MemberRemoved { id, .. } => {
            touched.insert(Touched::Member(*id));
        }
        Event::MembershipGranted { user_id, .. } | Event::MembershipChanged { user_id, .. } | Event::MembershipRevoked { user_id, .. } => {
            touched.insert(Touched::Membership(*user_id));
        }
        Event::AccountOpened { id, .. }
        | Event::AccountChanged { id, .. }
        | Event::AccountRemoved { id, .. }
        | Event::BalanceRecorded { account_id: id, .. }
        | Event::LiabilityChanged { account_id: id, .. }
        | Event::AssetDetailsChanged { account_id: id, .. } => {
            touched.insert(Touched::Account(*id));
        }
        Event::AssetGroupCreated { id, .. } | Event::AssetGroupChanged { id, .. } | Event::AssetGroupRemoved { id, .. } => {
            touched.insert(Touched::AssetGroup(*id));
        }
        Event::IncomeSourceAdded { id, .. } | Event::IncomeSourceChanged { id, .. } => {
            touched.extend([Touched::Income(*id), Touched::Withholding(*id)]);
        }
        Event::IncomeSourceRemoved { id, .. } => {
            touched.extend([Touched::Income(*id), Touched::Withholding(*id), Touched::SelfEmployment(*id)]);
            touched.extend(before.incomes.get(id).into_iter().flat_map(|state| deductions_of(*id, state)));
        }
        Event::WithholdingChanged { income_id, .. } => {
            touched.insert(Touched::Withholding(*income_id));
        }
        Event::SelfEmploymentChanged { income_id, .. } => {
            touched.insert(Touched::SelfEmployment(*income_id));
        }
        Event::PretaxDeductionAdded { income_id, id, .. }
        | Event::PretaxDeductionChanged { income_id, id, .. }
        | Event::PretaxDeductionRemoved { income_id, id, .. }
        | Event::PosttaxDeductionAdded { income_id, id, .. }
        | Event::PosttaxDeductionChanged { income_id, id, .. }
        | Event::PosttaxDeductionRemoved { income_id, id, .. } => {
            touched.insert(Touched::Deduction(*income_id, *id));
        }
        Event::FlowAdded { id, .. } | Event::FlowChanged { id, .. } | Event::FlowRemoved { id, .. } => {
            touched.insert(Touched::Flow(*id));
        }
        Event::SystemFlowsGenerated { added, changed, removed } => {
            let ids = added.iter().chain(changed.iter().map(|flow| &flow.now)).chain(removed).map(|flow| Touched::Flow(flow.id));
            touched.extend(ids);
        }
        Event::ScenarioRemoved { id, .. } => {
            touched.insert(Touched::Scenario(*id));
            touched.extend(changes_of(before, *id));
        }
        Event::ScenarioChangeAdded { scenario_id, id, .. }
        | Event::ScenarioChangeChanged { scenario_id, id, .. }
        | Event::ScenarioChangeRemoved { scenario_id, id, .. } => {
            touched.insert(Touched::ScenarioChange(*scenario_id, *id));
        }
        Event::ScenarioChangesReordered { scenario_id, order, .. } => {
            touched.extend(order.iter().map(|id| Touched::ScenarioChange(*scenario_id, *id)));
        }
        Event::ScenarioCreated { id, .. }
        | Event::ScenarioArchived { id }
        | Event::ScenarioAdopted { id, .. }
        | Event::ScenarioUnarchived { id }
        | Event::ScenarioChanged { id, .. }
        | Event::ScenarioPinned { id, .. }
        | Event::ScenarioUnpinned { id, .. } => {
            touched.insert(Touched::Scenario(*id));
        }
        Event::GoalAdded { id, .. } | Event::GoalChanged { id, .. } | Event::GoalRemoved { id, .. } => {
            touched.insert(Touched::Goal(*id));
        }
        Event::DecisionDrafted { id, .. }
        | Event::DecisionChanged { id, .. }
        | Event::DecisionCompleted { id, .. }
        | Event::DecisionRemoved { id, .. } => {
            touched.insert(Touched::Decision(*id));
        }
    }
}

/// The row as it is behind the batch: written where the thing is there, removed where it is not.
fn write(thing: Touched, home: &Household, changes: &mut Changes) {
    match thing {
        Touched::Household => {
            if let Some(row) = HouseholdRow::of(home) {
                changes.put(&row);
            }
        }
        Touched::Member(id) => put_or_remove(changes, id.0, MemberRow::of(home, id)),
        Touched::Membership(user) => put_or_remove(changes, user.0, MembershipRow::of(home, user)),
        Touched::Account(id) => {
            let row = AccountRow::of(home, id);
            if row.is_none() {
                changes.remove::<BalanceRow>(id.0);
            }
            put_or_remove(changes, id.0, row);
        }
        Touched::AssetGroup(id) => put_or_remove(changes, id.0, AssetGroupRow::of(home, id)),
        Touched::Income(id) => put_or_remove(changes, id.0, IncomeRow::of(home, id)),
        Touched::Withholding(id) => put_or_remove(changes, id.0, WithholdingRow::of(home, id)),
        Touched::SelfEmployment(id) => put_or_remove(changes, id.0, SelfEmploymentRow::of(home, id)),
        Touched::Deduction(income, id) => put_or_remove(changes, id.0, DeductionRow::of(home, income, id)),
        Touched::Flow(id) => put_or_remove(changes, id.0, FlowRow::of(home, id)),
        Touched::Scenario(id) => {
            let row = ScenarioRow::of(home, id);
            if row.is_none() {
                changes.remove_from(&scenarios::STORED_FORECASTS, id.0);
            }
            put_or_remove(changes, id.0, row);
        }
        Touched::ScenarioChange(scenario, id) => put_or_remove(changes, id.0, ScenarioChangeRow::of(home, scenario, id)),
        Touched::Goal(id) => put_or_remove(changes, id.0, GoalRow::of(home, id)),
        Touched::Decision(id) => put_or_remove(changes, id.0, DecisionRunRow::of(home, id)),
    }
}

fn put_or_remove<R: Row>(changes: &mut Changes, id: uuid::Uuid, row: Option<R>) {
    match row {
        Some(row) => changes.put(&row),
        None => changes.remove::<R>(id),
    }
}

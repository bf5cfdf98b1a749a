//! How much memory a household's state takes, as far as a cache has to know: it is bounded by bytes, since one household may be
//! fifty times the size of another.

use std::collections::BTreeMap;

use domain::household::Household;
use domain::household::state::IncomeState;

use super::Known;

/// What a household with one job, an account and what follows from them takes: the measure in which a cache's room is given.
pub(super) const OF_AN_ORDINARY_ONE: u64 = 32 * 1024;
/// Entries that a node of a `BTreeMap` has room for, filled or not.
const ROOM_OF_A_NODE: usize = 11;
/// Of which so many are there on average, where entries came one after the other.
const FILLED_OF_A_NODE: usize = 6;
/// Text of an entry, outside of the map: a name or two, now and then a note.
const TEXT_OF_AN_ENTRY: usize = 96;

/// In bytes, give or take a third.
pub(super) fn of(known: &Known) -> u32 {
    let Household {
        opening: _,
        members,
        memberships,
        accounts,
        accounts_opened_by_system: _,
        asset_groups,
        incomes,
        flows,
        system_flows,
        scenarios,
        scenario_changes,
        baseline_mode: _,
        goals,
        decisions,
    } = known.household.as_ref();
    let deductions = |income: &IncomeState| map(&income.pretax_deductions).saturating_add(map(&income.posttax_deductions));
    [
        size_of::<Known>(),
        size_of::<Household>(),
        map(members),
        map(memberships),
        map(accounts),
        map(asset_groups),
        map(incomes),
        incomes.values().map(deductions).sum(),
        map(flows),
        map(system_flows),
        map(scenarios),
        scenario_changes.values().map(map).sum(),
        map(goals),
        map(decisions),
        decisions.values().map(|decision| map(&decision.answers)).sum(),
    ]
    .into_iter()
    .sum::<usize>()
    .try_into()
    .unwrap_or(u32::MAX)
}

fn map<K, V>(entries: &BTreeMap<K, V>) -> usize {
    let nodes = entries.len().div_ceil(FILLED_OF_A_NODE);
    let node = size_of::<(K, V)>().saturating_mul(ROOM_OF_A_NODE);
    nodes.saturating_mul(node).saturating_add(entries.len().saturating_mul(TEXT_OF_AN_ENTRY))
}

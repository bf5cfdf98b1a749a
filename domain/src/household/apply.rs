//! The fold: one event onto a state. Total and unfailing, since what has happened cannot be refused; a replay of the same events
//! gives the same state, to the byte.

use std::collections::BTreeMap;

use super::event::{ChangedFlow, Event};
use super::facts::{Balance, BaselineMode, Pin, Scenario};
use super::state::{AccountState, Household, IncomeState, Opening};
use crate::ids::{AccountId, IncomeId, ScenarioId};
use crate::system_flows::SystemFlow;

impl Household {
    /// What is known once `event` has happened.
    pub fn fold(&mut self, event: Event) {
        match event {
            Event::HouseholdOpened { id, profile, opened_on, tax_year } => {
                self.opening = Some(Opening { id, profile, opened_on, tax_year });
            }
            Event::HouseholdChanged { profile, .. } => self.on_opening(|opening| opening.profile = profile),
            Event::TaxYearBegan { tax_year, .. } => self.on_opening(|opening| opening.tax_year = tax_year),
            Event::MemberAdded { id, member } | Event::MemberChanged { id, member, .. } => put(&mut self.members, id, member),
            Event::MemberRemoved { id, .. } => take(&mut self.members, id),
            Event::MembershipGranted { user_id, role } | Event::MembershipChanged { user_id, role, .. } => {
                put(&mut self.memberships, user_id, role);
            }
            Event::MembershipRevoked { user_id, .. } => take(&mut self.memberships, user_id),
            Event::AccountOpened { id, account, opened_on, opened_by_system } => {
                let opened = self.accounts_opened_by_system.saturating_add(u32::from(opened_by_system));
                self.accounts_opened_by_system = opened;
                let state = AccountState { account, balance: None, liability: None, asset_details: None, opened_on, opened_by_system };
                put(&mut self.accounts, id, state);
            }
            Event::AccountChanged { id, account, .. } => self.on_account(id, |state| state.account = account),
            Event::AccountRemoved { id, .. } => take(&mut self.accounts, id),
            Event::BalanceRecorded { account_id, balance, .. } => self.on_account(account_id, |state| state.record(balance)),
            Event::LiabilityChanged { account_id, liability, .. } => {
                self.on_account(account_id, |state| state.liability = Some(liability));
            }
            Event::AssetDetailsChanged { account_id, asset_details, .. } => {
                self.on_account(account_id, |state| state.asset_details = Some(asset_details));
            }
            Event::AssetGroupCreated { id, name } | Event::AssetGroupChanged { id, name, .. } => put(&mut self.asset_groups, id, name),
            Event::AssetGroupRemoved { id, .. } => take(&mut self.asset_groups, id),
            Event::IncomeSourceAdded { id, income } => put(&mut self.incomes, id, IncomeState::new(income)),
            Event::IncomeSourceChanged { id, income, .. } => self.on_income(id, |state| state.income = income),
            Event::IncomeSourceRemoved { id, .. } => take(&mut self.incomes, id),
            Event::WithholdingChanged { income_id, withholding, .. } => self.on_income(income_id, |state| state.withholding = withholding),
            Event::SelfEmploymentChanged { income_id, self_employment, .. } => {
                self.on_income(income_id, |state| state.self_employment = Some(self_employment));
            }
            Event::PretaxDeductionAdded { income_id, id, deduction } | Event::PretaxDeductionChanged { income_id, id, deduction, .. } => {
                self.on_income(income_id, |state| put(&mut state.pretax_deductions, id, deduction));
            }
            Event::PretaxDeductionRemoved { income_id, id, .. } => {
                self.on_income(income_id, |state| take(&mut state.pretax_deductions, id))
            }
            Event::PosttaxDeductionAdded { income_id, id, deduction } | Event::PosttaxDeductionChanged { income_id, id, deduction, .. } => {
                self.on_income(income_id, |state| put(&mut state.posttax_deductions, id, deduction));
            }
            Event::PosttaxDeductionRemoved { income_id, id, .. } => {
                self.on_income(income_id, |state| take(&mut state.posttax_deductions, id));
            }
            Event::FlowAdded { id, flow } | Event::FlowChanged { id, flow, .. } => put(&mut self.flows, id, flow),
            Event::FlowRemoved { id, .. } => take(&mut self.flows, id),
            Event::SystemFlowsGenerated { added, changed, removed } => self.on_system_flows(added, changed, removed),
            Event::ScenarioPinned { as_of_date, version, .. } => self.baseline_mode = BaselineMode::Pinned(Pin { as_of_date, version }),
            Event::ScenarioUnpinned { .. } => self.baseline_mode = BaselineMode::Live,
            Event::ScenarioArchived { id } => self.on_scenario(id, |scenario| scenario.archived = true),
            Event::ScenarioAdopted { id, on, .. } => self.on_scenario(id, |scenario| scenario.adopted_on = Some(on)),
            Event::ScenarioUnarchived { id } => self.on_scenario(id, |scenario| scenario.archived = false),
            Event::ScenarioRemoved { id, .. } => {
                take(&mut self.scenarios, id);
                take(&mut self.scenario_changes, id);
            }
            Event::ScenarioChangeAdded { scenario_id, id, change } | Event::ScenarioChangeChanged { scenario_id, id, change, .. } => {
                put(self.scenario_changes.entry(scenario_id).or_default(), id, change);
            }
            Event::ScenarioChangeRemoved { scenario_id, id, .. } => {
                if let Some(changes) = self.scenario_changes.get_mut(&scenario_id) {
                    take(changes, id);
                }
            }
            Event::ScenarioChangesReordered { scenario_id, order, .. } => {
                let changes = self.scenario_changes.entry(scenario_id).or_default();
                for (place, id) in (0..).zip(order) {
                    if let Some(change) = changes.get_mut(&id) {
                        change.order = place;
                    }
                }
            }
            Event::GoalAdded { id, goal } | Event::GoalChanged { id, goal, .. } => put(&mut self.goals, id, goal),
            Event::GoalRemoved { id, .. } => take(&mut self.goals, id),
            Event::DecisionDrafted { id, decision } | Event::DecisionChanged { id, decision, .. } => {
                put(&mut self.decisions, id, decision);
            }
            Event::DecisionCompleted { id, made } => {
                if let Some(decision) = self.decisions.get_mut(&id) {
                    decision.made = Some(made);
                }
            }
            Event::DecisionRemoved { id, .. } => take(&mut self.decisions, id),
            Event::ScenarioCreated { id, scenario } | Event::ScenarioChanged { id, scenario, .. } => put(&mut self.scenarios, id, scenario),
        }
    }

    fn on_opening(&mut self, change: impl FnOnce(&mut Opening)) {
        if let Some(opening) = &mut self.opening {
            change(opening);
        }
    }

    fn on_account(&mut self, id: AccountId, change: impl FnOnce(&mut AccountState)) {
        if let Some(state) = self.accounts.get_mut(&id) {
            change(state);
        }
    }

    fn on_scenario(&mut self, id: ScenarioId, change: impl FnOnce(&mut Scenario)) {
        if let Some(scenario) = self.scenarios.get_mut(&id) {
            change(scenario);
        }
    }

    fn on_income(&mut self, id: IncomeId, change: impl FnOnce(&mut IncomeState)) {
        if let Some(state) = self.incomes.get_mut(&id) {
            change(state);
        }
    }

    fn on_system_flows(&mut self, added: Vec<SystemFlow>, changed: Vec<ChangedFlow>, removed: Vec<SystemFlow>) {
        for gone in removed {
            take(&mut self.system_flows, gone.id);
        }
        for flow in added.into_iter().chain(changed.into_iter().map(|flow| flow.now)) {
            put(&mut self.system_flows, flow.id, flow);
        }
    }
}

impl AccountState {
    /// Current = latest as-of date, then latest recorded: a back-dated balance does not move the present.
    fn record(&mut self, balance: Balance) {
        if self.balance.as_ref().is_none_or(|current| current.as_of_date <= balance.as_of_date) {
            self.balance = Some(balance);
        }
    }
}

fn put<K: Ord, V>(things: &mut BTreeMap<K, V>, id: K, thing: V) {
    things.insert(id, thing);
}

fn take<K: Ord, V>(things: &mut BTreeMap<K, V>, id: K) {
    things.remove(&id);
}

//! The one way in: a command becomes facts, then what follows from them, or a refusal.
//!
//! It works on a draft, so a refusal leaves no trace. Whatever the command was, it ends in [`super::reconcile`]: system flows are
//! regenerated in the same batch as their cause, by every way in, and where nothing changed nothing is appended.

use super::command::{Actor, Command, Creator, HouseholdPatch, Intent};
use super::error::{Checks, HouseholdError, Rule};
use super::event::Event;
use super::facts::{Assumptions, Member, Pin, Profile, Scenario};
use super::projectable::Told;
use super::state::{Household, Opening};
use super::{
    accounts, adopt, baseline, changes, decisions, flows, goals, incomes, life_events, members, projectable, reconcile, scenarios,
};
use crate::calendar::Date;
use crate::ids::{HouseholdId, UserId};
use crate::tax::TaxTables;
use crate::text::Name;
use crate::vocabulary::{Relationship, Role};

/// A household while a command is decided: facts are recorded one after the other, each on top of those before.
pub(super) struct Draft {
    /// As it would be.
    pub(super) household: Household,
    /// What would have happened.
    pub(super) events: Vec<Event>,
    /// Which day it is for the household.
    pub(super) today: Date,
}

impl Draft {
    /// Records a fact.
    pub(super) fn record(&mut self, event: Event) {
        self.household.fold(event.clone());
        self.events.push(event);
    }

    /// The opened household; every intent but the opening needs one.
    pub(super) fn opening(&self) -> Result<&Opening, HouseholdError> {
        self.household.opening.as_ref().ok_or(HouseholdError::NoSuchHousehold)
    }
}

impl Household {
    /// What would happen if `command` were carried out: the events, in order, none where nothing changes.
    ///
    /// # Errors
    /// [`HouseholdError`]: the command is refused, and nothing has happened.
    pub fn decide(&self, command: Command, tables: &TaxTables) -> Result<Vec<Event>, HouseholdError> {
        let Command { decided_at, actor, intent } = command;
        let zone = match (&self.opening, &intent) {
            (Some(opening), _) => opening.profile.time_zone,
            (None, Intent::OpenHousehold { profile, .. }) => profile.time_zone,
            (None, _) => return Err(HouseholdError::NoSuchHousehold),
        };
        self.authorise(actor, &intent)?;
        let mut draft = Draft { household: self.clone(), events: Vec::new(), today: zone.date_at(decided_at) };
        let told = Told::by(&intent);
        carry_out(&mut draft, intent, tables)?;
        if let Some(told) = told {
            projectable::check(self, &draft, told, tables)?;
        }
        reconcile::system_flows(&mut draft, tables)?;
        Ok(draft.events)
    }

    /// The role is looked up in the state that the decision is made on: an access that was revoked meanwhile makes the append fail,
    /// and the next look at it is refused.
    fn authorise(&self, actor: Actor, intent: &Intent) -> Result<(), HouseholdError> {
        let Actor::User(user) = actor else { return Ok(()) };
        if matches!(intent, Intent::OpenHousehold { .. }) {
            return Ok(());
        }
        let role = self.role_of(user).ok_or(HouseholdError::NoSuchHousehold)?;
        let managing = matches!(
            intent,
            Intent::GrantMembership { .. } | Intent::ChangeMembership { .. } | Intent::RevokeMembership { .. } | Intent::ChangeHousehold(_)
        );
        // Whoever may enter may also leave.
        let leaving = matches!(intent, Intent::RevokeMembership { user_id } if *user_id == user);
        match role {
            Role::Owner => Ok(()),
            Role::Admin | Role::Member | Role::Viewer | Role::Auditor if leaving => Ok(()),
            Role::Admin if !self.touches_ownership(intent) => Ok(()),
            Role::Member if !managing => Ok(()),
            Role::Admin | Role::Member | Role::Viewer | Role::Auditor => Err(HouseholdError::NotAllowed { role }),
        }
    }

    /// Makes somebody owner, or takes it from one: else an admin could make themselves owner and throw the owners out.
    fn touches_ownership(&self, intent: &Intent) -> bool {
        let is_owner = |user: &UserId| self.role_of(*user) == Some(Role::Owner);
        matches!(intent, Intent::GrantMembership { role: Role::Owner, .. } | Intent::ChangeMembership { role: Role::Owner, .. })
            || matches!(intent, Intent::ChangeMembership { user_id, .. } | Intent::RevokeMembership { user_id } if is_owner(user_id))
    }
}

fn carry_out(draft: &mut Draft, intent: Intent, tables: &TaxTables) -> Result<(), HouseholdError> {
    match intent {
        Intent::OpenHousehold { id, profile, creator } => open(draft, id, profile, creator, tables),
        Intent::ChangeHousehold(patch) => change_household(draft, patch, tables),
        Intent::AddMember { id, member } => members::add(draft, id, member),
        Intent::ChangeMember { id, patch } => members::change(draft, id, patch),
        Intent::RemoveMember { id } => members::remove(draft, id),
        Intent::GrantMembership { user_id, role } => members::grant(draft, user_id, role),
        Intent::ChangeMembership { user_id, role } => members::change_role(draft, user_id, role),
        Intent::RevokeMembership { user_id } => members::revoke(draft, user_id),
        Intent::OpenAccount { id, account, holding } => accounts::open(draft, id, account, holding),
        Intent::ChangeAccount { id, patch, holding } => accounts::change(draft, id, patch, holding),
        Intent::RemoveAccount { id } => accounts::remove(draft, id),
        Intent::RecordBalances { account_id, balances } => accounts::record_balances(draft, account_id, balances),
        Intent::CreateAssetGroup { id, name } => accounts::create_group(draft, id, name),
        Intent::RenameAssetGroup { id, name } => accounts::rename_group(draft, id, name),
        Intent::RemoveAssetGroup { id } => accounts::remove_group(draft, id),
        Intent::AddIncome { id, income, withholding } => incomes::add(draft, id, income, withholding),
        Intent::ChangeIncome { id, patch, withholding } => incomes::change(draft, id, patch, withholding),
        Intent::RemoveIncome { id } => incomes::remove(draft, id),
        Intent::SetWithholding { income_id, withholding } => incomes::set_withholding(draft, income_id, withholding),
        Intent::SetSelfEmployment { income_id, self_employment } => incomes::set_self_employment(draft, income_id, self_employment),
        Intent::AddPretaxDeduction { income_id, id, deduction } => incomes::add_pretax(draft, income_id, id, deduction),
        Intent::ChangePretaxDeduction { income_id, id, patch } => incomes::change_pretax(draft, income_id, id, patch),
        Intent::RemovePretaxDeduction { income_id, id } => incomes::remove_pretax(draft, income_id, id),
        Intent::AddPosttaxDeduction { income_id, id, deduction } => incomes::add_posttax(draft, income_id, id, deduction),
        Intent::ChangePosttaxDeduction { income_id, id, patch } => incomes::change_posttax(draft, income_id, id, patch),
        Intent::RemovePosttaxDeduction { income_id, id } => incomes::remove_posttax(draft, income_id, id),
        Intent::AddFlow { id, flow } => flows::add(draft, id, flow),
        Intent::ChangeFlow { id, patch } => flows::change(draft, id, patch),
        Intent::RemoveFlow { id } => flows::remove(draft, id),
        Intent::RegenerateFlows => Ok(()), // all the ways in meet behind this match
        Intent::PinBaseline { as_of_date, version } => baseline::pin(draft, Pin { as_of_date, version }),
        Intent::UnpinBaseline => baseline::unpin(draft),
        Intent::ChangeScenario { id, patch, assumptions } => scenarios::change(draft, id, patch, assumptions, tables),
        Intent::CreateScenario { id, scenario } => scenarios::create(draft, id, scenario, tables),
        Intent::CreateScenarioWith { id, scenario, changes } => {
            scenarios::create(draft, id, scenario, tables)?;
            changes::add_all(draft, id, changes)
        }
        Intent::AddScenarioChanges { scenario_id, changes } => changes::add_all(draft, scenario_id, changes),
        Intent::ApplyTemplate { application, target, seed } => life_events::apply(draft, &application, target, seed, tables),
        Intent::RemoveScenario { id } => scenarios::remove(draft, id),
        Intent::ArchiveScenario { id } => scenarios::archive(draft, id),
        Intent::UnarchiveScenario { id } => scenarios::unarchive(draft, id),
        Intent::CloneScenario { id, of, name } => scenarios::duplicate(draft, id, of, name),
        Intent::MergeScenario { into, from, seed } => changes::merge(draft, into, from, seed),
        Intent::AdoptScenario { id, seed } => adopt::adopt(draft, id, seed, tables),
        Intent::AddScenarioChange { scenario_id, id, change } => changes::add(draft, scenario_id, id, change),
        Intent::ChangeScenarioChange { scenario_id, id, patch } => changes::change(draft, scenario_id, id, patch),
        Intent::RemoveScenarioChange { scenario_id, id } => changes::remove(draft, scenario_id, id),
        Intent::ReorderScenarioChanges { scenario_id, order } => changes::reorder(draft, scenario_id, order),
        Intent::AddGoal { id, goal } => goals::add(draft, id, goal),
        Intent::ChangeGoal { id, patch } => goals::change(draft, id, patch),
        Intent::RemoveGoal { id } => goals::remove(draft, id),
        Intent::DraftDecision { id, decision } => decisions::draft(draft, id, decision, tables),
        Intent::ChangeDecision { id, patch } => decisions::change(draft, id, patch, tables),
        Intent::RemoveDecision { id } => decisions::remove(draft, id),
        Intent::CompleteDecision { id, scenario_id, seed } => decisions::complete(draft, id, scenario_id, seed, tables),
    }
}

fn open(draft: &mut Draft, id: HouseholdId, profile: Profile, creator: Option<Creator>, tables: &TaxTables) -> Result<(), HouseholdError> {
    if draft.household.opening.is_some() {
        return Err(HouseholdError::AlreadyOpened);
    }
    let (opened_on, tax_year) = (draft.today, reconcile::tax_year(draft.today, tables)?);
    check_state(&profile, tax_year, tables)?;
    draft.record(Event::HouseholdOpened { id, profile, opened_on, tax_year });
    if let Some(Creator { user_id, member_id, name }) = creator {
        draft.record(Event::MembershipGranted { user_id, role: Role::Owner });
        let member = Member {
            name,
            relationship: Relationship::Oneself,
            date_of_birth: None,
            employment_status: None,
            is_primary: true,
            user_id: Some(user_id),
        };
        draft.record(Event::MemberAdded { id: member_id, member });
    }
    let scenario = Scenario {
        name: Name::parse("Current Trajectory").map_err(|_| HouseholdError::NoSuchHousehold)?,
        is_baseline: true,
        projection_months: 120,
        assumptions: Assumptions::default(),
        description: None,
        parent_id: None,
        start_date: None,
        archived: false,
        adopted_on: None,
    };
    draft.record(Event::ScenarioCreated { id: id.baseline(), scenario });
    Ok(())
}

fn change_household(draft: &mut Draft, patch: HouseholdPatch, tables: &TaxTables) -> Result<(), HouseholdError> {
    let opening = draft.opening()?;
    let (was, tax_year) = (opening.profile.clone(), opening.tax_year);
    let profile = patch.over(&was);
    if profile == was {
        return Ok(());
    }
    check_state(&profile, tax_year, tables)?;
    draft.record(Event::HouseholdChanged { profile, was });
    Ok(())
}

/// A state whose income tax is not known yet is refused when it is said, not in the middle of a paycheck later.
fn check_state(profile: &Profile, tax_year: i32, tables: &TaxTables) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    let supported = tables.in_force(tax_year).and_then(|year| profile.state.map_or(Ok(()), |state| year.supports(state)));
    if let Err(error) = supported {
        checks.require(false, "state", || Rule::Tax(error));
    }
    checks.finish()
}

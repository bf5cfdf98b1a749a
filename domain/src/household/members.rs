//! People, and who may see or change the household.

use super::command::MemberPatch;
use super::decide::Draft;
use super::error::{Checks, Conflict, HouseholdError, Rule, Thing};
use super::event::Event;
use super::facts::Member;
use crate::ids::{MemberId, UserId};
use crate::vocabulary::Role;

const MOST_MEMBERS: usize = 50;

pub(super) fn add(draft: &mut Draft, id: MemberId, member: Member) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    let second = member.is_primary && draft.household.members.values().any(|other| other.is_primary);
    checks.require(!second, "is_primary", || Rule::NotAllowedHere("a household has one primary member"));
    check(&mut checks, draft, &member);
    checks.finish()?;
    if draft.household.members.len() >= MOST_MEMBERS {
        return Err(Conflict::Full { things: "members", most: MOST_MEMBERS }.into());
    }
    draft.record(Event::MemberAdded { id, member });
    Ok(())
}

pub(super) fn change(draft: &mut Draft, id: MemberId, patch: MemberPatch) -> Result<(), HouseholdError> {
    let was = find(draft, id)?;
    let member = patch.over(&was);
    let mut checks = Checks::default();
    check(&mut checks, draft, &member);
    checks.finish()?;
    if member != was {
        draft.record(Event::MemberChanged { id, member, was });
    }
    Ok(())
}

pub(super) fn remove(draft: &mut Draft, id: MemberId) -> Result<(), HouseholdError> {
    let was = find(draft, id)?;
    if was.is_primary {
        return Err(Conflict::PrimaryMember.into());
    }
    let home = &draft.household;
    let account =
        home.accounts.values().find(|state| state.account.member_id == Some(id)).map(|state| format!("the account {}", state.account.name));
    let income =
        home.incomes.values().find(|state| state.income.member_id == Some(id)).map(|state| format!("the income {}", state.income.name));
    let flow = home.flows.values().find(|flow| flow.member_id == Some(id)).map(|flow| format!("the flow {}", flow.name));
    let goal = home.goals.values().find(|goal| goal.kind.member() == Some(id)).map(|goal| format!("the goal {}", goal.name));
    if let Some(by) = income.or(account).or(flow).or(goal) {
        return Err(Conflict::InUse { by }.into());
    }
    draft.record(Event::MemberRemoved { id, was });
    Ok(())
}

fn find(draft: &Draft, id: MemberId) -> Result<Member, HouseholdError> {
    draft.household.members.get(&id).cloned().ok_or(HouseholdError::NotFound { thing: Thing::Member, id: id.0 })
}

fn check(checks: &mut Checks, draft: &Draft, member: &Member) {
    let born = member.date_of_birth.unwrap_or(draft.today);
    checks.require(born <= draft.today, "date_of_birth", || Rule::InTheFuture { today: draft.today });
    let earliest = chrono::NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(chrono::NaiveDate::MIN);
    checks.require(born >= earliest, "date_of_birth", || Rule::OutOfRange { min: earliest.to_string(), max: draft.today.to_string() });
}

pub(super) fn grant(draft: &mut Draft, user_id: UserId, role: Role) -> Result<(), HouseholdError> {
    match draft.household.role_of(user_id) {
        Some(_) => Err(Conflict::AlreadyGranted.into()),
        None => {
            draft.record(Event::MembershipGranted { user_id, role });
            Ok(())
        }
    }
}

pub(super) fn change_role(draft: &mut Draft, user_id: UserId, role: Role) -> Result<(), HouseholdError> {
    let was = role_of(draft, user_id)?;
    if was == role {
        return Ok(());
    }
    keep_an_owner(draft, was)?;
    draft.record(Event::MembershipChanged { user_id, role, was });
    Ok(())
}

pub(super) fn revoke(draft: &mut Draft, user_id: UserId) -> Result<(), HouseholdError> {
    let was = role_of(draft, user_id)?;
    keep_an_owner(draft, was)?;
    draft.record(Event::MembershipRevoked { user_id, was });
    Ok(())
}

fn role_of(draft: &Draft, user_id: UserId) -> Result<Role, HouseholdError> {
    draft.household.role_of(user_id).ok_or(HouseholdError::NotFound { thing: Thing::Membership, id: user_id.0 })
}

fn keep_an_owner(draft: &Draft, losing: Role) -> Result<(), HouseholdError> {
    let owners = draft.household.memberships.values().filter(|role| **role == Role::Owner).count();
    if losing == Role::Owner && owners <= 1 { Err(Conflict::LastOwner.into()) } else { Ok(()) }
}

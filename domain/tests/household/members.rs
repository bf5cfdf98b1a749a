//! People, and who may see or change the household.

use domain::household::HouseholdError;
use domain::household::command::{HouseholdPatch, Intent, MemberPatch};
use domain::household::error::{Conflict, Thing};
use domain::household::facts::Member;
use domain::vocabulary::{EmploymentStatus, Relationship, Role};

use super::support::*;

fn granted(who: &str, role: Role) -> Intent {
    Intent::GrantMembership { user_id: user(who), role }
}
fn changed(who: &str, role: Role) -> Intent {
    Intent::ChangeMembership { user_id: user(who), role }
}
fn revoked(who: &str) -> Intent {
    Intent::RevokeMembership { user_id: user(who) }
}
fn renamed(text: &str) -> Intent {
    Intent::ChangeHousehold(HouseholdPatch { name: Some(name(text)), ..Default::default() })
}

/// Ada's household, with somebody of every other role.
fn shared() -> Home {
    given([
        opened("Ada"),
        granted("Bo", Role::Admin),
        granted("Cy", Role::Member),
        granted("Di", Role::Viewer),
        granted("Ed", Role::Auditor),
    ])
}

#[test]
fn a_person_joins_changes_and_leaves() {
    let home = given([opened("Ada")]).when(joined("Max", Relationship::Child)).then(["member.added"]);
    let patch = MemberPatch { employment_status: Some(Some(EmploymentStatus::Student)), ..Default::default() };
    let change = Intent::ChangeMember { id: id("Max"), patch };
    let home = home.when(change.clone()).then(["member.changed"]);
    home.when(change).then([]);
    let home = home.when(Intent::RemoveMember { id: id("Max") }).then(["member.removed"]);
    assert_eq!(home.state().members.len(), 1);
}

#[test]
fn nobody_is_born_tomorrow_or_before_1900() {
    let home = given([opened("Ada")]);
    home.when(born("Ada", "2026-11-24")).then_invalid([("date_of_birth", "in_the_future")]);
    home.when(born("Ada", "1899-12-31")).then_invalid([("date_of_birth", "out_of_range")]);
    home.when(born("Ada", "2026-11-23")).then(["member.changed"]);
}

#[test]
fn a_household_has_one_primary_member_and_keeps_it() {
    let home = given([opened("Ada")]);
    assert_eq!(home.when(Intent::RemoveMember { id: id("Ada") }).refused(), Conflict::PrimaryMember.into());
    let second = Member { is_primary: true, ..person("Eve", Relationship::Spouse) };
    home.when(Intent::AddMember { id: id("Eve"), member: second }).then_invalid([("is_primary", "not_allowed_here")]);
}

#[test]
fn somebody_who_still_earns_cannot_leave() {
    let bo = domain::household::facts::Income { member_id: Some(id("Bo")), ..salary("Acme", "96000.00") };
    let home = given([opened("Ada"), joined("Bo", Relationship::Spouse), earning(bo)]);
    let refusal = home.when(Intent::RemoveMember { id: id("Bo") }).refused();
    assert_eq!(refusal, Conflict::InUse { by: "the income Acme".to_owned() }.into());
}

#[test]
fn owner_admin_and_member_may_write_and_the_readers_may_not() {
    for (who, role) in [("Ada", None), ("Bo", None), ("Cy", None), ("Di", Some(Role::Viewer)), ("Ed", Some(Role::Auditor))] {
        let outcome = shared().when_by(by(who), salaried("Acme", "96000.00"));
        match role {
            None => drop(outcome.then(["income_source.added", "account.opened", "account.opened", "system_flows.generated"])),
            Some(role) => assert_eq!(outcome.refused(), HouseholdError::NotAllowed { role }),
        }
    }
}

#[test]
fn only_owner_and_admin_manage_the_household_and_its_access() {
    for intent in [renamed("Ours"), granted("Flo", Role::Viewer), changed("Di", Role::Member), revoked("Bo")] {
        for (who, role) in [("Cy", Role::Member), ("Di", Role::Viewer), ("Ed", Role::Auditor)] {
            assert_eq!(shared().when_by(by(who), intent.clone()).refused(), HouseholdError::NotAllowed { role }, "{who}: {intent:?}");
        }
        shared().when_by(by("Bo"), intent.clone()).done();
        shared().when_by(by("Ada"), intent).done();
    }
}

#[test]
fn whoever_may_enter_may_also_leave() {
    for who in ["Bo", "Cy", "Di", "Ed"] {
        shared().when_by(by(who), revoked(who)).then(["membership.revoked"]);
    }
    assert_eq!(shared().when_by(by("Ada"), revoked("Ada")).refused(), Conflict::LastOwner.into());
}

/// Without this an admin could make themselves owner and throw the owners out.
#[test]
fn only_an_owner_gives_or_takes_ownership() {
    let two_owners = shared().and([granted("Ann", Role::Owner)]);
    for intent in [granted("Flo", Role::Owner), changed("Bo", Role::Owner), changed("Ann", Role::Member), revoked("Ann")] {
        let refusal = two_owners.when_by(by("Bo"), intent.clone()).refused();
        assert_eq!(refusal, HouseholdError::NotAllowed { role: Role::Admin }, "{intent:?}");
        two_owners.when_by(by("Ada"), intent).done();
    }
}

/// Otherwise a stranger could tell the households that exist from those that do not.
#[test]
fn a_stranger_sees_no_household() {
    assert_eq!(shared().when_by(by("Eve"), Intent::RegenerateFlows).refused(), HouseholdError::NoSuchHousehold);
    let home = shared().and([revoked("Cy")]);
    assert_eq!(home.when_by(by("Cy"), Intent::RegenerateFlows).refused(), HouseholdError::NoSuchHousehold);
}

#[test]
fn a_household_keeps_an_owner() {
    let home = shared();
    assert_eq!(home.when(revoked("Ada")).refused(), Conflict::LastOwner.into());
    assert_eq!(home.when(changed("Ada", Role::Admin)).refused(), Conflict::LastOwner.into());
    let home = home.and([granted("Ann", Role::Owner)]).when(revoked("Ada")).then(["membership.revoked"]);
    assert_eq!(home.when(revoked("Ann")).refused(), Conflict::LastOwner.into());
}

#[test]
fn an_access_is_granted_once_and_changed_afterwards() {
    let home = shared();
    assert_eq!(home.when(granted("Di", Role::Member)).refused(), Conflict::AlreadyGranted.into());
    home.when(changed("Di", Role::Viewer)).then([]);
    let home = home.when(changed("Di", Role::Member)).then(["membership.changed"]);
    assert_eq!(home.state().role_of(user("Di")), Some(Role::Member));
    let nobody = HouseholdError::NotFound { thing: Thing::Membership, id: user("Eve").0 };
    assert_eq!(home.when(changed("Eve", Role::Member)).refused(), nobody);
}

//! The household itself, its people, and who may see or change it.

use domain::calendar::Date;
use domain::household::Household;
use domain::ids::{MemberId, UserId};
use domain::text::Name;
use domain::vocabulary::{EmploymentStatus, FilingStatus, Relationship, Role, State};
use uuid::Uuid;

use super::table::read_model;

read_model! {
    /// A household.
    pub struct HouseholdRow in "households" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What it is called.
        name: String,
        /// ISO 4217.
        currency: String,
        /// IANA name.
        time_zone: String,
        /// On the federal return.
        filing_status: FilingStatus,
        /// Of residence.
        state: Option<State>,
        /// Whose tables the system flows are made with.
        tax_year: i32,
        /// The day, in its own time zone.
        opened_on: Date,
    }
}

impl HouseholdRow {
    /// The row of an opened household.
    #[must_use]
    pub fn of(home: &Household) -> Option<Self> {
        let opening = home.opening.as_ref()?;
        let profile = &opening.profile;
        Some(Self {
            id: opening.id.0,
            name: profile.name.to_string(),
            currency: profile.currency.as_str().to_owned(),
            time_zone: profile.time_zone.as_str().to_owned(),
            filing_status: profile.filing_status,
            state: profile.state,
            tax_year: opening.tax_year,
            opened_on: opening.opened_on,
        })
    }
}

read_model! {
    /// A person of a household.
    pub struct MemberRow in "members" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What they are called.
        name: Name,
        /// To the one who opened the household.
        relationship: Relationship,
        /// Ages decide about credits and limits.
        date_of_birth: Option<Date>,
        /// What they do for a living.
        employment_status: Option<EmploymentStatus>,
        /// The one who opened the household.
        is_primary: bool,
        /// The user who is this person.
        user_id: Option<Uuid>,
    }
}

impl MemberRow {
    /// The row of a member.
    #[must_use]
    pub fn of(home: &Household, id: MemberId) -> Option<Self> {
        let member = home.members.get(&id)?;
        Some(Self {
            id: id.0,
            name: member.name.clone(),
            relationship: member.relationship,
            date_of_birth: member.date_of_birth,
            employment_status: member.employment_status,
            is_primary: member.is_primary,
            user_id: member.user_id.map(Uuid::from),
        })
    }
}

read_model! {
    /// A user's access to a household.
    pub struct MembershipRow in "memberships" key ["user_id"] removed_by "user_id" {
        /// Whose.
        user_id: Uuid,
        /// What they may do.
        role: Role,
    }
}

impl MembershipRow {
    /// The row of a membership.
    #[must_use]
    pub fn of(home: &Household, user: UserId) -> Option<Self> {
        home.role_of(user).map(|role| Self { user_id: user.0, role })
    }
}

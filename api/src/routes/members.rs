//! The people of a household.

use domain::calendar::Date;
use domain::household::Intent;
use domain::household::command::MemberPatch;
use domain::household::facts::Member;
use domain::ids::MemberId;
use domain::text::Name;
use domain::vocabulary::{EmploymentStatus, Relationship};
use projections::queries::Selection;
use projections::read_models::households::MemberRow;
use uuid::Uuid;

use super::households::PageQuery;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Adds a person.
    pub struct NewMember {
        /// What they are called.
        name: Name,
        /// To the one who opened the household.
        relationship: Relationship,
        /// Ages decide about credits and limits.
        date_of_birth: Option<Date>,
        /// What they do for a living.
        employment_status: Option<EmploymentStatus>,
    }
}

body! {
    /// Changes a person; what is not mentioned stays.
    pub struct MemberChange {
        /// What they are called.
        name: Given<Name>,
        /// To the one who opened the household.
        relationship: Given<Relationship>,
        /// Ages decide about credits and limits.
        date_of_birth: Patch<Date>,
        /// What they do for a living.
        employment_status: Patch<EmploymentStatus>,
    }
}

pub fn routes() -> Routes {
    Routes::tagged("members")
        .get("/api/v1/members", list, Doc::query("List the people").parameters::<PageQuery>().lists::<MemberRow>())
        .post("/api/v1/members", add, Doc::command("Add a person").body::<NewMember>().creates::<MemberRow>())
        .get("/api/v1/members/{id}", show, Doc::query("Show a person").answers::<MemberRow>())
        .patch("/api/v1/members/{id}", change, Doc::command("Change a person").body::<MemberChange>().answers::<MemberRow>())
        .delete("/api/v1/members/{id}", remove, Doc::command("Remove a person").answers::<Removed>())
}

async fn list(request: QueryRequest, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let key = |row: &MemberRow| vec![row.id.to_string()];
    request.list::<MemberRow>(Selection::BY_ID, Vec::new(), (page.limit, page.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, id: Path<MemberId>) -> Result<Answer, Problem> {
    request.one::<MemberRow>(id.into_inner().0, "member").await
}

async fn add(request: CommandRequest, new: Json<NewMember>) -> Result<Answer, Problem> {
    let id = MemberId(Uuid::now_v7());
    let member = Member {
        name: new.name.clone(),
        relationship: new.relationship,
        date_of_birth: new.date_of_birth,
        employment_status: new.employment_status,
        is_primary: false,
        user_id: None,
    };
    let made = Made::Created(format!("/api/v1/members/{id}"));
    request.run(new.digest, |_| Intent::AddMember { id, member }, made, |home, _| MemberRow::of(home, id)).await
}

async fn change(request: CommandRequest, id: Path<MemberId>, change: Json<MemberChange>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    let patch = MemberPatch {
        name: change.name.0.clone(),
        relationship: change.relationship.0,
        date_of_birth: change.date_of_birth.into_option(),
        employment_status: change.employment_status.into_option(),
    };
    request.run(change.digest, |_| Intent::ChangeMember { id, patch }, Made::Changed, |home, _| MemberRow::of(home, id)).await
}

async fn remove(request: CommandRequest, id: Path<MemberId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveMember { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

//! Households and who may enter them.

use actix_web::web::Data;
use domain::household::Intent;
use domain::household::command::{Creator, HouseholdPatch};
use domain::household::facts::{Currency, Profile, TimeZone};
use domain::ids::{HouseholdId, MemberId, UserId};
use domain::text::Name;
use domain::vocabulary::{FilingStatus, Role, State};
use projections::queries::{KeyPart, Selection};
use projections::read_models::households::{HouseholdRow, MembershipRow};
use projections::users::Users;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::auth::Email;
use crate::body::{Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::{Caller, CursorText, Limit, Paging, Path, next_page};
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Opens a household; its creator becomes owner and primary member.
    pub struct NewHousehold {
        /// What it is called.
        name: Name,
        /// On the federal return; `single` where left out.
        filing_status: Option<FilingStatus>,
        /// Of residence; none where no state taxes the household.
        state: Option<State>,
        /// ISO 4217; `USD` where left out.
        currency: Option<String>,
        /// IANA name; `UTC` where left out.
        time_zone: Option<String>,
    }
    check |body, at| {
        if body.currency.as_deref().is_some_and(|code| Currency::parse(code).is_none()) {
            at.refuse_field("currency", "unknown_currency", "must be an ISO 4217 code of a currency with cents, such as USD");
        }
        if body.time_zone.as_deref().is_some_and(|name| TimeZone::parse(name).is_none()) {
            at.refuse_field("time_zone", "unknown_time_zone", "must be an IANA time zone, such as America/New_York");
        }
    }
}

body! {
    /// Changes a household; what is not mentioned stays.
    pub struct HouseholdChange {
        /// What it is called.
        name: Given<Name>,
        /// On the federal return.
        filing_status: Given<FilingStatus>,
        /// Of residence; null where no state taxes the household.
        state: Patch<State>,
        /// IANA name.
        time_zone: Given<String>,
    }
    check |body, at| {
        if body.time_zone.0.as_deref().is_some_and(|name| TimeZone::parse(name).is_none()) {
            at.refuse_field("time_zone", "unknown_time_zone", "must be an IANA time zone, such as America/New_York");
        }
    }
}

body! {
    /// Lets a registered user into the household.
    pub struct NewMembership {
        /// The address that they registered with.
        email: Email,
        /// What they may do.
        role: Role,
    }
}

body! {
    /// Changes what a user may do.
    pub struct MembershipChange {
        /// What they may do from now on.
        role: Role,
    }
}

/// A household in the list of those that a user may enter.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct HouseholdEntry {
    /// Itself.
    #[serde(flatten)]
    household: HouseholdRow,
    /// What the user may do in it.
    role: Role,
    /// Meant where no other is chosen.
    is_default: bool,
    /// Its own version.
    version: i64,
}

/// A user's access to a household.
#[derive(Serialize, ToSchema)]
pub struct MembershipView {
    /// In paths: that of the user.
    id: Uuid,
    /// Whose, and what they may do.
    #[serde(flatten)]
    membership: MembershipRow,
}

impl From<MembershipRow> for MembershipView {
    fn from(membership: MembershipRow) -> Self {
        Self { id: membership.user_id, membership }
    }
}

body! {
    /// A page of a list.
    pub struct PageQuery {
        /// At most so many items.
        limit: Option<Limit>,
        /// `next_cursor` of the page before.
        cursor: Option<CursorText>,
    }
}

pub fn routes() -> Routes {
    Routes::tagged("households")
        .get(
            "/api/v1/households",
            list,
            Doc::user("List the households that you may enter").parameters::<PageQuery>().lists::<HouseholdEntry>(),
        )
        .post("/api/v1/households", open, Doc::opening("Open a household").body::<NewHousehold>().creates::<HouseholdRow>())
        .get("/api/v1/households/{id}", show, Doc::query("Show a household").answers::<HouseholdRow>())
        .patch("/api/v1/households/{id}", change, Doc::command("Change a household").body::<HouseholdChange>().answers::<HouseholdRow>())
        .post(
            "/api/v1/households/{id}/set-default",
            set_default,
            Doc::command("Make a household the default one").body::<Nothing>().answers::<HouseholdRow>(),
        )
        .get(
            "/api/v1/households/{id}/memberships",
            memberships,
            Doc::query("List who may enter").parameters::<PageQuery>().lists::<MembershipView>(),
        )
        .post(
            "/api/v1/households/{id}/memberships",
            grant,
            Doc::command("Let a registered user in").body::<NewMembership>().creates::<MembershipView>(),
        )
        .patch(
            "/api/v1/households/{id}/memberships/{user_id}",
            change_role,
            Doc::command("Change what a user may do").body::<MembershipChange>().answers::<MembershipView>(),
        )
        .delete("/api/v1/households/{id}/memberships/{user_id}", revoke, Doc::command("Take a user's access away").answers::<Removed>())
}

async fn open(request: CommandRequest, new: Json<NewHousehold>, users: Data<Users>) -> Result<Answer, Problem> {
    let user_id = request.caller().user_id;
    let user = users.find(user_id).await?.ok_or_else(|| Problem::unauthenticated("this user is no more"))?;
    let name = user.name.as_deref().and_then(|name| Name::parse(name).ok()).or_else(|| Name::parse(&user.email).ok());
    let name = name.ok_or_else(|| Problem::unauthenticated("this user has neither name nor address"))?;
    // With a key, the same request means the same household: its id follows from the key.
    let id = match request.idempotency_key() {
        Some(key) => HouseholdId(Uuid::new_v5(&user_id.0, key.as_bytes())),
        None => HouseholdId(Uuid::now_v7()),
    };
    let profile = Profile {
        name: new.name.clone(),
        currency: new.currency.as_deref().and_then(Currency::parse).unwrap_or_default(),
        time_zone: new.time_zone.as_deref().and_then(TimeZone::parse).unwrap_or_default(),
        filing_status: new.filing_status.unwrap_or(FilingStatus::Single),
        state: new.state,
    };
    let creator = Some(Creator { user_id, member_id: MemberId(Uuid::now_v7()), name });
    request.open(id, new.digest, Intent::OpenHousehold { id, profile, creator }, |home, _| HouseholdRow::of(home)).await
}

async fn list(caller: Caller, store: Data<projections::store::Store>, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let Paging { limit, after } = Paging::<(Uuid,)>::of(page.limit, page.cursor.as_ref())?;
    let fetched = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let rows = store.households_of(caller.user_id, after.map(|(id,)| id), fetched).await?;
    let key = |row: &(Value, i64)| vec![row.0.get("id").cloned().unwrap_or_default()];
    let (rows, next_cursor) = next_page(rows, limit, key)?;
    let items: Result<Vec<HouseholdEntry>, _> =
        rows.into_iter().map(|(household, version)| serde_json::from_value(with_version(household, version))).collect();
    Answer::list(None, &items.map_err(|error| Problem::internal(&error))?, next_cursor.as_deref())
}

fn with_version(mut household: Value, version: i64) -> Value {
    if let Some(fields) = household.as_object_mut() {
        fields.insert("version".to_owned(), version.into());
    }
    household
}

async fn show(request: QueryRequest, id: Path<HouseholdId>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.of_household(id).one::<HouseholdRow>(id.0, "household").await
}

async fn change(request: CommandRequest, id: Path<HouseholdId>, change: Json<HouseholdChange>) -> Result<Answer, Problem> {
    let patch = HouseholdPatch {
        name: change.name.0.clone(),
        time_zone: change.time_zone.0.as_deref().and_then(TimeZone::parse),
        filing_status: change.filing_status.0,
        state: change.state.into_option(),
    };
    request
        .of_household(id.into_inner())
        .run(change.digest, |_| Intent::ChangeHousehold(patch), Made::Changed, |home, _| HouseholdRow::of(home))
        .await
}

/// What a user looks at first is theirs, not a fact of the household: nothing is appended.
async fn set_default(request: CommandRequest, id: Path<HouseholdId>, users: Data<Users>, _: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    let request = request.of_household(id);
    let version = request.checked_version().await?;
    let not_there = || Problem::no_household();
    if !users.set_default_household(request.caller().user_id, id).await? {
        return Err(not_there());
    }
    let found = request.store().one::<HouseholdRow>(request.asker(), id.0).await?;
    let row = found.and_then(|found| found.value).ok_or_else(not_there)?;
    Answer::done(version, &[], &row)
}

async fn memberships(request: QueryRequest, id: Path<HouseholdId>, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let by_user = Selection { condition: "true", order: "user_id", behind: "user_id > ($4::text[])[1]::uuid", key: &[KeyPart::Id] };
    let key = |row: &MembershipRow| vec![row.user_id.to_string()];
    request.of_household(id.into_inner()).list_as(by_user, Vec::new(), (page.limit, page.cursor.as_ref()), key, MembershipView::from).await
}

async fn grant(request: CommandRequest, id: Path<HouseholdId>, new: Json<NewMembership>, users: Data<Users>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    let invited = users.credentials(new.email.as_str()).await?.map(|user| user.user_id);
    let Some(user_id) = invited else {
        return Err(Problem::invalid("email", "unknown_user", "belongs to nobody here: ask them to register first"));
    };
    let location = format!("/api/v1/households/{id}/memberships/{user_id}");
    let intent = Intent::GrantMembership { user_id, role: new.role };
    request
        .of_household(id)
        .run(new.digest, |_| intent, Made::Created(location), |home, _| MembershipRow::of(home, user_id).map(MembershipView::from))
        .await
}

async fn change_role(
    request: CommandRequest,
    path: Path<(HouseholdId, UserId)>,
    change: Json<MembershipChange>,
) -> Result<Answer, Problem> {
    let (id, user_id) = path.into_inner();
    let intent = Intent::ChangeMembership { user_id, role: change.role };
    request
        .of_household(id)
        .run(change.digest, |_| intent, Made::Changed, |home, _| MembershipRow::of(home, user_id).map(MembershipView::from))
        .await
}

async fn revoke(request: CommandRequest, path: Path<(HouseholdId, UserId)>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let (id, user_id) = path.into_inner();
    let intent = Intent::RevokeMembership { user_id };
    request.of_household(id).run(nothing.digest, |_| intent, Made::Changed, |_, _| Some(Removed { id: user_id.0 })).await
}

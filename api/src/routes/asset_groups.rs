//! Accounts that belong together, such as a house and its mortgage.

use domain::household::Intent;
use domain::ids::AssetGroupId;
use domain::text::Name;
use projections::queries::Selection;
use projections::read_models::accounts::AssetGroupRow;
use uuid::Uuid;

use super::households::PageQuery;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Json, Nothing, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Names a group; accounts join it through their `asset_group_id`.
    pub struct AssetGroupBody {
        /// What it is called.
        name: Name,
    }
}

pub fn routes() -> Routes {
    Routes::tagged("asset groups")
        .get("/api/v1/asset-groups", list, Doc::query("List the asset groups").parameters::<PageQuery>().lists::<AssetGroupRow>())
        .post("/api/v1/asset-groups", create, Doc::command("Make an asset group").body::<AssetGroupBody>().creates::<AssetGroupRow>())
        .get("/api/v1/asset-groups/{id}", show, Doc::query("Show an asset group").answers::<AssetGroupRow>())
        .patch(
            "/api/v1/asset-groups/{id}",
            rename,
            Doc::command("Rename an asset group").body::<AssetGroupBody>().answers::<AssetGroupRow>(),
        )
        .delete("/api/v1/asset-groups/{id}", remove, Doc::command("Remove an asset group; its accounts stay").answers::<Removed>())
}

async fn list(request: QueryRequest, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let key = |row: &AssetGroupRow| vec![row.id.to_string()];
    request.list::<AssetGroupRow>(Selection::BY_ID, Vec::new(), (page.limit, page.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, id: Path<AssetGroupId>) -> Result<Answer, Problem> {
    request.one::<AssetGroupRow>(id.into_inner().0, "asset group").await
}

async fn create(request: CommandRequest, new: Json<AssetGroupBody>) -> Result<Answer, Problem> {
    let (id, digest, name) = (AssetGroupId(Uuid::now_v7()), new.digest, new.body.name);
    let made = Made::Created(format!("/api/v1/asset-groups/{id}"));
    request.run(digest, |_| Intent::CreateAssetGroup { id, name }, made, |home, _| AssetGroupRow::of(home, id)).await
}

async fn rename(request: CommandRequest, id: Path<AssetGroupId>, change: Json<AssetGroupBody>) -> Result<Answer, Problem> {
    let (id, digest, name) = (id.into_inner(), change.digest, change.body.name);
    request.run(digest, |_| Intent::RenameAssetGroup { id, name }, Made::Changed, |home, _| AssetGroupRow::of(home, id)).await
}

async fn remove(request: CommandRequest, id: Path<AssetGroupId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveAssetGroup { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

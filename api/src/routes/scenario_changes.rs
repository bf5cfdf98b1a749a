//! What scenarios do differently: their changes one by one, in order, in sentences, and from one scenario into another.

use domain::calendar::Date;
use domain::household::{Event, Household, Intent, described, effective_changes};
use domain::ids::{ChangeId, ScenarioId};
use domain::projection::changes::PlannedChange;
use domain::projection::changes::inherit::{self, Merge};
use projections::queries::{KeyPart, Selection};
use projections::read_models::scenarios::{ScenarioChangeRow, ScenarioRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change_body::{ChangeOrder, ChangePatchBody, MergeFrom, NewChangeBody};
use super::households::PageQuery;
use super::life_events::today;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Json, Nothing, Query};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

/// A scenario in sentences.
#[derive(Serialize, ToSchema)]
pub struct DescriptionView {
    /// Which.
    id: ScenarioId,
    /// What it is called.
    name: String,
    /// All lines, one below the other.
    text: String,
    /// One for each change that holds, in the order in which they apply.
    lines: Vec<LineView>,
}

/// A change as a sentence.
#[derive(Serialize, ToSchema)]
pub struct LineView {
    /// Which.
    change_id: ChangeId,
    /// The ancestor that it is inherited from; none for the scenario's own.
    inherited_from: Option<ScenarioId>,
    /// From which day on.
    effective_date: Date,
    /// Such as `From March 2027: Acme becomes 110,000.00 a year`.
    line: String,
}

/// What a merge did.
#[derive(Serialize, ToSchema)]
pub struct MergeView {
    /// The scenario that was merged into.
    id: ScenarioId,
    /// The new changes.
    copied: Vec<ChangeId>,
    /// Changes of the other scenario that were there already, by content.
    skipped: Vec<ChangeId>,
    /// Copied, though of the same kind about the same on the same days as one that was there: which of the two, somebody should decide.
    conflicts: Vec<ConflictView>,
}

/// Two changes that contradict each other.
#[derive(Serialize, ToSchema)]
pub struct ConflictView {
    /// The one of the other scenario.
    change_id: ChangeId,
    /// The one that was there.
    with_change_id: ChangeId,
    /// What is the matter.
    reason: &'static str,
}

/// The changes of a scenario after it was put in order.
#[derive(Serialize, ToSchema)]
pub struct OrderView {
    /// The scenario.
    id: ScenarioId,
    /// Its changes, as they stand now.
    change_ids: Vec<ChangeId>,
}

/// A scenario's changes by day and order.
const OF_SCENARIO: Selection = Selection {
    condition: "scenario_id = ($3::text[])[1]::uuid",
    order: "effective_date, \"order\", id",
    behind: "(effective_date, \"order\", id) > (($4::text[])[1]::date, ($4::text[])[2]::integer, ($4::text[])[3]::uuid)",
    key: &[KeyPart::Date, KeyPart::Integer, KeyPart::Id],
};

pub fn routes() -> Routes {
    const ALL: &str = "/api/v1/scenarios/{id}/changes";
    const ONE: &str = "/api/v1/scenarios/{id}/changes/{change_id}";
    Routes::tagged("scenarios")
        .get(
            ALL,
            list,
            Doc::query("List the changes of a scenario")
                .parameters::<PageQuery>()
                .lists::<ScenarioChangeRow>()
                .details("Its own, by day and order. What it inherits is in its description."),
        )
        .post(ALL, add, Doc::command("Let a scenario do something differently").body::<NewChangeBody>().creates::<ScenarioChangeRow>())
        .post(
            "/api/v1/scenarios/{id}/changes/reorder",
            reorder,
            Doc::command("Put the changes of a scenario in another order").body::<ChangeOrder>().answers::<OrderView>(),
        )
        .get(ONE, show, Doc::query("Show a change").answers::<ScenarioChangeRow>())
        .patch(ONE, change, Doc::command("Change a change").body::<ChangePatchBody>().answers::<ScenarioChangeRow>())
        .delete(ONE, remove, Doc::command("Remove a change").answers::<Removed>())
        .get(
            "/api/v1/scenarios/{id}/description",
            description,
            Doc::query("Describe a scenario in sentences")
                .answers::<DescriptionView>()
                .details("Every change that holds, inherited ones included, in the order in which they apply."),
        )
        .post(
            "/api/v1/scenarios/{id}/merge",
            merge,
            Doc::command("Merge another scenario into this one")
                .body::<MergeFrom>()
                .answers::<MergeView>()
                .details("Copies what holds in the other one and is not here yet. A second time it changes nothing."),
        )
}

async fn list(request: QueryRequest, id: Path<Uuid>, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.require::<ScenarioRow>(id, "scenario").await?;
    let key = |row: &ScenarioChangeRow| vec![row.effective_date.to_string(), row.order.to_string(), row.id.to_string()];
    request.list::<ScenarioChangeRow>(OF_SCENARIO, vec![Some(id.to_string())], (page.limit, page.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, path: Path<(ScenarioId, ChangeId)>) -> Result<Answer, Problem> {
    let (scenario, id) = path.into_inner();
    let this_one = Selection { condition: "scenario_id = ($3::text[])[1]::uuid AND id = ($3::text[])[2]::uuid", ..Selection::BY_ID };
    request.first::<ScenarioChangeRow>(this_one, vec![Some(scenario.to_string()), Some(id.to_string())], "change").await
}

async fn add(request: CommandRequest, scenario: Path<ScenarioId>, new: Json<NewChangeBody>) -> Result<Answer, Problem> {
    let (scenario_id, id, digest) = (scenario.into_inner(), ChangeId(Uuid::now_v7()), new.digest);
    let change = new.body.into();
    let made = Made::Created(format!("/api/v1/scenarios/{scenario_id}/changes/{id}"));
    let intent = |_| Intent::AddScenarioChange { scenario_id, id, change };
    request.run(digest, intent, made, |home, _| ScenarioChangeRow::of(home, scenario_id, id)).await
}

async fn change(request: CommandRequest, path: Path<(ScenarioId, ChangeId)>, change: Json<ChangePatchBody>) -> Result<Answer, Problem> {
    let ((scenario_id, id), digest) = (path.into_inner(), change.digest);
    let patch = change.body.into();
    let intent = |_| Intent::ChangeScenarioChange { scenario_id, id, patch };
    request.run(digest, intent, Made::Changed, |home, _| ScenarioChangeRow::of(home, scenario_id, id)).await
}

async fn remove(request: CommandRequest, path: Path<(ScenarioId, ChangeId)>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let (scenario_id, id) = path.into_inner();
    let intent = |_| Intent::RemoveScenarioChange { scenario_id, id };
    request.run(nothing.digest, intent, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn reorder(request: CommandRequest, id: Path<ScenarioId>, told: Json<ChangeOrder>) -> Result<Answer, Problem> {
    let (scenario_id, digest, order) = (id.into_inner(), told.digest, told.body.change_ids);
    let shown = order.clone();
    let intent = |_| Intent::ReorderScenarioChanges { scenario_id, order };
    request.run(digest, intent, Made::Changed, |_, _| Some(OrderView { id: scenario_id, change_ids: shown.clone() })).await
}

async fn merge(request: CommandRequest, id: Path<ScenarioId>, told: Json<MergeFrom>) -> Result<Answer, Problem> {
    let (into, from, digest, seed) = (id.into_inner(), told.source_scenario_id, told.digest, Uuid::now_v7());
    let intent = |_| Intent::MergeScenario { into, from, seed };
    request.run(digest, intent, Made::Changed, |home, events| Some(merged(home, events, into, from))).await
}

/// What the merge did follows from the state behind it and from what it added.
fn merged(home: &Household, events: &[Event], into: ScenarioId, from: ScenarioId) -> MergeView {
    let added = events.iter().filter_map(|event| if let Event::ScenarioChangeAdded { id, .. } = event { Some(*id) } else { None });
    let copied: Vec<ChangeId> = added.collect();
    let mut before = effective_changes(home, into);
    before.retain(|planned| !copied.contains(&planned.id));
    let Merge { skipped, conflicts, .. } = inherit::merge(&effective_changes(home, from), &before);
    let reason = "of the same kind, about the same, on the same days";
    let conflict = |clash: inherit::Clash| ConflictView { change_id: clash.change_id, with_change_id: clash.with_change_id, reason };
    MergeView { id: into, copied, skipped, conflicts: conflicts.into_iter().map(conflict).collect() }
}

async fn description(request: QueryRequest, id: Path<ScenarioId>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    let found = request.state().await?;
    let home = &found.value.household;
    let scenario = home.scenarios.get(&id).ok_or_else(|| Problem::not_found("scenario", ""))?;
    let lines: Vec<LineView> =
        described(home, id, today(home)).into_iter().map(|(planned, line)| line_view(home, id, &planned, line)).collect();
    let text = lines.iter().map(|line| line.line.as_str()).collect::<Vec<_>>().join("\n");
    let view = DescriptionView { id, name: scenario.name.to_string(), text, lines };
    Ok(request.unless_known(Answer::read(found.version.unsigned_abs(), &view)?))
}

fn line_view(home: &Household, scenario: ScenarioId, planned: &PlannedChange, line: String) -> LineView {
    let owns = |id: &ScenarioId| home.scenario_changes.get(id).is_some_and(|changes| changes.contains_key(&planned.id));
    let owner = home.ancestors(scenario).map(|(id, _)| id).find(owns);
    let inherited_from = owner.filter(|owner| *owner != scenario);
    LineView { change_id: planned.id, inherited_from, effective_date: planned.change.effective_date, line }
}

//! Scenarios and their projections. Every answer names the version that it reflects, and whether it was stored or computed now.

use std::borrow::Cow;

use domain::household::Intent;
use domain::ids::ScenarioId;
use domain::projection::ENGINE_VERSION;
use domain::projection::journal::Dialect;
use projections::forecasts::{Found, start_month};
use projections::queries::{AsOf, Selection};
use projections::read_models::scenarios::ScenarioRow;
use projections::store::Store;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::projection_csv::to_csv;
use super::projection_shape::ProjectionShape;
use super::scenario_body::{CloneName, NewScenario, ScenarioList, ScenarioPatchBody, to_u16};
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, Nothing, Query, body};
use crate::clock;
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Which months, in which form.
    pub struct ProjectionQuery {
        /// 1 … 600; the scenario's own horizon where left out.
        months: Option<Between<1, 600>>,
        /// `json` (where left out), `csv`, or a journal for `beancount` or `hledger`.
        format: Option<String>,
        /// `full` (where left out), or `summary` without the breakdowns.
        detail: Option<String>,
    }
    check |query, at| {
        if query.format.as_deref().is_some_and(|format| !["json", "csv", "beancount", "hledger"].contains(&format)) {
            at.refuse_field("format", "unknown_word", "must be one of: json, csv, beancount, hledger");
        }
        if query.detail.as_deref().is_some_and(|detail| !["full", "summary"].contains(&detail)) {
            at.refuse_field("detail", "unknown_word", "must be one of: full, summary");
        }
    }
}

/// What a projection reflects. On the wire the projection's own fields follow in the same object: see [`ProjectionShape`].
#[derive(Serialize)]
struct Reflects<'a> {
    scenario_id: ScenarioId,
    household_version: i64,
    version: i64,
    tables_version: &'a str,
    start_month: String,
    source: &'static str,
    /// In the answer to a command: it changed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<[&'a str; 0]>,
}

pub fn routes() -> Routes {
    Routes::tagged("scenarios")
        .get(
            "/api/v1/scenarios",
            list,
            Doc::query("List the scenarios")
                .parameters::<ScenarioList>()
                .lists::<ScenarioRow>()
                .details("Without those that are archived, unless they are asked for."),
        )
        .post("/api/v1/scenarios", create, Doc::command("Make a scenario").body::<NewScenario>().creates::<ScenarioRow>())
        .get("/api/v1/scenarios/{id}", show, Doc::query("Show a scenario").answers::<ScenarioRow>())
        .patch(
            "/api/v1/scenarios/{id}",
            change,
            Doc::command("Change what a scenario assumes").body::<ScenarioPatchBody>().answers::<ScenarioRow>(),
        )
        .delete(
            "/api/v1/scenarios/{id}",
            remove,
            Doc::command("Remove a scenario")
                .answers::<Removed>()
                .details("With its changes. Not the baseline, and not one that others inherit from."),
        )
        .post("/api/v1/scenarios/{id}/clone", duplicate, Doc::command("Copy a scenario").body::<CloneName>().creates::<ScenarioRow>())
        .post("/api/v1/scenarios/{id}/archive", archive, Doc::command("Put a scenario away").body::<Nothing>().answers::<ScenarioRow>())
        .post(
            "/api/v1/scenarios/{id}/unarchive",
            unarchive,
            Doc::command("Take a scenario out of the archive").body::<Nothing>().answers::<ScenarioRow>(),
        )
        .get(
            "/api/v1/scenarios/{id}/projections",
            projection,
            Doc::query("Show a scenario's projection")
                .parameters::<ProjectionQuery>()
                .answers::<ProjectionShape>()
                .also("text/csv")
                .also("text/plain"),
        )
        .post(
            "/api/v1/scenarios/{id}/compute",
            compute,
            Doc::command("Compute a scenario's projection")
                .body::<Nothing>()
                .answers::<ProjectionShape>()
                .details("Changes nothing: `events` is empty. GET answers the same."),
        )
}

async fn list(request: QueryRequest, query: Query<ScenarioList>) -> Result<Answer, Problem> {
    let selection = Selection { condition: "archived = ($3::text[])[1]::boolean", ..Selection::BY_ID };
    let args = vec![Some(query.archived.unwrap_or(false).to_string())];
    let key = |row: &ScenarioRow| vec![row.id.to_string()];
    request.list::<ScenarioRow>(selection, args, (query.limit, query.cursor.as_ref()), key).await
}

async fn create(request: CommandRequest, new: Json<NewScenario>) -> Result<Answer, Problem> {
    let (id, digest) = (ScenarioId(Uuid::now_v7()), new.digest);
    let scenario = new.body.into_command();
    let made = Made::Created(format!("/api/v1/scenarios/{id}"));
    request.run(digest, |_| Intent::CreateScenario { id, scenario }, made, |home, _| ScenarioRow::of(home, id)).await
}

async fn remove(request: CommandRequest, id: Path<ScenarioId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveScenario { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn duplicate(request: CommandRequest, of: Path<ScenarioId>, name: Json<CloneName>) -> Result<Answer, Problem> {
    let (of, id, digest, name) = (of.into_inner(), ScenarioId(Uuid::now_v7()), name.digest, name.body.name);
    let made = Made::Created(format!("/api/v1/scenarios/{id}"));
    request.run(digest, |_| Intent::CloneScenario { id, of, name }, made, |home, _| ScenarioRow::of(home, id)).await
}

async fn archive(request: CommandRequest, id: Path<ScenarioId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::ArchiveScenario { id }, Made::Changed, |home, _| ScenarioRow::of(home, id)).await
}

async fn unarchive(request: CommandRequest, id: Path<ScenarioId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::UnarchiveScenario { id }, Made::Changed, |home, _| ScenarioRow::of(home, id)).await
}

async fn show(request: QueryRequest, id: Path<Uuid>) -> Result<Answer, Problem> {
    request.one::<ScenarioRow>(id.into_inner(), "scenario").await
}

async fn change(request: CommandRequest, id: Path<ScenarioId>, change: Json<ScenarioPatchBody>) -> Result<Answer, Problem> {
    let (id, digest) = (id.into_inner(), change.digest);
    let (patch, assumptions) = change.body.into_command();
    let intent = |_| Intent::ChangeScenario { id, patch, assumptions };
    request.run(digest, intent, Made::Changed, |home, _| ScenarioRow::of(home, id)).await
}

async fn projection(request: QueryRequest, id: Path<ScenarioId>, query: Query<ProjectionQuery>) -> Result<Answer, Problem> {
    if let Some(dialect) = query.format.as_deref().and_then(Dialect::parse) {
        return journal(&request, id.into_inner(), query.months.map(to_u16), dialect).await;
    }
    let found = forecast(&request, id.into_inner(), query.months.map(to_u16)).await?;
    let tag = etag(&found);
    let version = found.version.unsigned_abs();
    let answer = if query.format.as_deref() == Some("csv") {
        Answer::text(Some(version), "text/csv; charset=utf-8", as_csv(&found).map_err(unreadable)?).with_etag(tag)
    } else {
        let summary = query.detail.as_deref() == Some("summary");
        Answer::json_text(version, as_json(request.store(), &found, summary, None).map_err(unreadable)?).with_etag(tag)
    };
    Ok(request.unless_known(answer))
}

/// The same forecast as a ledger that other tools check.
async fn journal(request: &QueryRequest, id: ScenarioId, months: Option<u16>, dialect: Dialect) -> Result<Answer, Problem> {
    let (state, now) = (request.state().await?, clock::now());
    let text = request.store().journal(&state, id, months, now, dialect).await?;
    let start_month = start_month(&state.value.household, id, now);
    let tag = format!("{}.{start_month}.{ENGINE_VERSION}", state.version);
    let answer = Answer::text(Some(state.version.unsigned_abs()), "text/plain; charset=utf-8", text).with_etag(tag);
    Ok(request.unless_known(answer))
}

async fn compute(request: CommandRequest, id: Path<ScenarioId>, _: Json<Nothing>) -> Result<Answer, Problem> {
    request.checked_version().await?;
    let found = request.store().forecast(request.asker(), id.into_inner(), None, clock::now()).await?;
    let found = found.ok_or_else(Problem::no_household)?;
    let json = as_json(request.store(), &found, false, Some([])).map_err(unreadable)?;
    Ok(Answer::json_text(found.version.unsigned_abs(), json).with_etag(etag(&found)))
}

async fn forecast(request: &QueryRequest, id: ScenarioId, months: Option<u16>) -> Result<AsOf<Found>, Problem> {
    let found = request.store().forecast(request.asker(), id, months, clock::now()).await?;
    request.there(found)
}

/// The turn of a month changes a live forecast as an event does. Months, format and detail are part of the address, not of the tag.
fn etag(found: &AsOf<Found>) -> String {
    let forecast = &found.value.forecast;
    format!("{}.{}.{ENGINE_VERSION}", found.version, forecast.start_month)
}

/// What it reflects and the projection, as one object. A stored projection is text already: it is joined, not parsed.
///
/// # Errors
/// A stored text that is no projection.
pub fn as_json(store: &Store, found: &AsOf<Found>, summary: bool, events: Option<[&str; 0]>) -> Result<String, serde_json::Error> {
    let Found { forecast, source } = &found.value;
    let reflects = Reflects {
        scenario_id: forecast.scenario_id,
        household_version: found.version,
        version: found.version,
        tables_version: store.tables().version(),
        start_month: forecast.start_month.to_string(),
        source: source.as_str(),
        events,
    };
    let head = serde_json::to_string(&reflects)?;
    let projection = if summary { Cow::Owned(without_breakdowns(&forecast.json)?) } else { Cow::Borrowed(forecast.json.as_str()) };
    Ok(format!("{},{}", head.trim_end_matches('}'), projection.trim_start_matches('{')))
}

/// The projection as a table.
///
/// # Errors
/// A stored text that is no projection.
pub fn as_csv(found: &AsOf<Found>) -> Result<String, serde_json::Error> {
    Ok(to_csv(&found.value.forecast.projection()?))
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it on")]
fn unreadable(error: serde_json::Error) -> Problem {
    Problem::internal(&error)
}

fn without_breakdowns(json: &str) -> Result<String, serde_json::Error> {
    const BREAKDOWNS: &[&str] =
        &["income_by_category", "taxes_by_category", "expense_by_category", "assets_by_class", "liabilities_by_class", "balances"];
    let mut projection: Value = serde_json::from_str(json)?;
    if let Some(Value::Array(months)) = projection.get_mut("months") {
        for month in months.iter_mut().filter_map(Value::as_object_mut) {
            month.retain(|name, _| !BREAKDOWNS.contains(&name.as_str()));
        }
    }
    serde_json::to_string(&projection)
}

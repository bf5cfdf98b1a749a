//! The baseline and its projection. Every answer names the version that it reflects, and whether it was stored or computed now.

use std::borrow::Cow;

use chrono::Utc;
use domain::household::command::{AssumptionsPatch, ScenarioPatch};
use domain::household::{Event, Household, Intent};
use domain::ids::ScenarioId;
use domain::projection::ENGINE_VERSION;
use domain::rate::Rate;
use domain::text::Name;
use projections::forecasts::Found;
use projections::queries::{AsOf, Part, Selection};
use projections::read_models::scenarios::ScenarioRow;
use projections::store::Store;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::households::PageQuery;
use super::projection_csv::to_csv;
use super::projection_shape::ProjectionShape;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Which months, in which form.
    pub struct ProjectionQuery {
        /// 1 … 600; the scenario's own horizon where left out.
        months: Option<Between<1, 600>>,
        /// `json` (where left out) or `csv`.
        format: Option<String>,
        /// `full` (where left out), or `summary` without the breakdowns.
        detail: Option<String>,
    }
    check |query, at| {
        if query.format.as_deref().is_some_and(|format| !["json", "csv"].contains(&format)) {
            at.refuse_field("format", "unknown_word", "must be one of: json, csv");
        }
        if query.detail.as_deref().is_some_and(|detail| !["full", "summary"].contains(&detail)) {
            at.refuse_field("detail", "unknown_word", "must be one of: full, summary");
        }
    }
}

body! {
    /// Changes what a scenario assumes; what is not mentioned stays.
    pub struct ScenarioChange {
        /// What it is called.
        name: Given<Name>,
        /// 1 … 600.
        projection_months: Given<Between<1, 600>>,
        /// A year.
        inflation_rate: Given<Rate> where growth,
        /// A year.
        investment_return_rate: Given<Rate> where growth,
        /// A year.
        salary_growth_rate: Given<Rate> where growth,
        /// A year.
        cash_yield_rate: Given<Rate> where growth,
        /// A year; null for inflation.
        property_appreciation_rate: Patch<Rate> where growth,
        /// Bring withholding and liability together in April.
        settle_taxes: Given<bool>,
        /// Index the thresholds of years beyond the last known law by inflation.
        index_thresholds: Given<bool>,
    }
}

body! {
    /// What to do with the baseline.
    pub struct BaselineAction {
        /// `refresh`. To pin and unpin it is not supported yet.
        action: String,
        /// False, or left out: it is done before the answer is sent.
        is_async as "async": Option<bool>,
        /// Even while another refresh runs. None ever does: each is done before its answer.
        force: Option<bool>,
    }
    check |body, at| {
        match body.action.as_str() {
            "refresh" => {}
            "pin" | "unpin" => at.refuse_field("action", "not_supported", "is not supported yet: the baseline follows reality"),
            _ => at.refuse_field("action", "unknown_word", "must be one of: refresh"),
        }
        if body.is_async == Some(true) {
            at.refuse_field("async", "not_supported", "is not supported: a refresh takes less time than asking for it");
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

/// Every household has exactly one.
const BASELINE: Selection = Selection { condition: "is_baseline", ..Selection::BY_ID };

pub fn routes() -> Routes {
    Routes::tagged("scenarios")
        .get("/api/v1/scenarios", list, Doc::query("List the scenarios").parameters::<PageQuery>().lists::<ScenarioRow>())
        .get("/api/v1/scenarios/baseline", baseline, Doc::query("Show the baseline").answers::<ScenarioRow>())
        .post(
            "/api/v1/scenarios/baseline",
            refresh,
            Doc::command("Bring the baseline up to date").body::<BaselineAction>().answers::<ScenarioRow>().details(
                "A baseline is never stale; this derives the system flows anew, by today's tables, and computes the projection now.",
            ),
        )
        .get("/api/v1/scenarios/{id}", show, Doc::query("Show a scenario").answers::<ScenarioRow>())
        .patch(
            "/api/v1/scenarios/{id}",
            change,
            Doc::command("Change what a scenario assumes").body::<ScenarioChange>().answers::<ScenarioRow>(),
        )
        .get(
            "/api/v1/scenarios/{id}/projections",
            projection,
            Doc::query("Show a scenario's projection").parameters::<ProjectionQuery>().answers::<ProjectionShape>().also("text/csv"),
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

async fn list(request: QueryRequest, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let key = |row: &ScenarioRow| vec![row.id.to_string()];
    request.list::<ScenarioRow>(Selection::BY_ID, Vec::new(), (page.limit, page.cursor.as_ref()), key).await
}

async fn baseline(request: QueryRequest) -> Result<Answer, Problem> {
    let part = Part { limit: 1, ..Part::default() };
    let found = request.store().list::<ScenarioRow>(request.asker(), BASELINE, part).await?;
    let found = request.there(found)?;
    let row = found.value.first().ok_or_else(|| Problem::not_found("scenario", ""))?;
    Ok(request.unless_known(Answer::read(found.version.unsigned_abs(), row)?))
}

async fn show(request: QueryRequest, id: Path<Uuid>) -> Result<Answer, Problem> {
    request.one::<ScenarioRow>(id.into_inner(), "scenario").await
}

async fn change(request: CommandRequest, id: Path<ScenarioId>, change: Json<ScenarioChange>) -> Result<Answer, Problem> {
    let (id, digest, change) = (id.into_inner(), change.digest, change.body);
    let patch = ScenarioPatch { name: change.name.0, projection_months: change.projection_months.0.map(to_u16) };
    let assumptions = AssumptionsPatch {
        inflation_rate: change.inflation_rate.0,
        investment_return_rate: change.investment_return_rate.0,
        salary_growth_rate: change.salary_growth_rate.0,
        cash_yield_rate: change.cash_yield_rate.0,
        property_appreciation_rate: change.property_appreciation_rate.into_option(),
        settle_taxes: change.settle_taxes.0,
        index_thresholds: change.index_thresholds.0,
    };
    let intent = |_| Intent::ChangeScenario { id, patch, assumptions };
    request.run(digest, intent, Made::Changed, |home, _| ScenarioRow::of(home, id)).await
}

async fn refresh(request: CommandRequest, action: Json<BaselineAction>) -> Result<Answer, Problem> {
    let (store, asker) = (request.shared_store(), request.asker());
    let baseline = |home: &Household| home.scenarios.iter().find(|(_, scenario)| scenario.is_baseline).map(|(id, _)| *id);
    let view = |home: &Household, _: &[Event]| baseline(home).and_then(|id| ScenarioRow::of(home, id));
    let answer = request.run(action.digest, |_| Intent::RegenerateFlows, Made::Changed, view).await?;
    let part = Part { limit: 1, ..Part::default() };
    let found = store.list::<ScenarioRow>(asker, BASELINE, part).await?;
    if let Some(row) = found.and_then(|found| found.value.into_iter().next()) {
        store.forecast(asker, ScenarioId(row.id), None, Utc::now()).await?;
    }
    Ok(answer)
}

async fn projection(request: QueryRequest, id: Path<ScenarioId>, query: Query<ProjectionQuery>) -> Result<Answer, Problem> {
    let found = forecast(&request, id.into_inner(), query.months.map(to_u16)).await?;
    let tag = etag(&found);
    let version = found.version.unsigned_abs();
    let answer = if query.format.as_deref() == Some("csv") {
        let parsed = found.value.forecast.projection().map_err(|error| Problem::internal(&error))?;
        Answer::text(Some(version), "text/csv; charset=utf-8", to_csv(&parsed)).with_etag(tag)
    } else {
        let summary = query.detail.as_deref() == Some("summary");
        Answer::json_text(version, shown(request.store(), &found, summary, None)?).with_etag(tag)
    };
    Ok(request.unless_known(answer))
}

async fn compute(request: CommandRequest, id: Path<ScenarioId>, _: Json<Nothing>) -> Result<Answer, Problem> {
    request.checked_version().await?;
    let found = request.store().forecast(request.asker(), id.into_inner(), None, Utc::now()).await?;
    let found = found.ok_or_else(Problem::no_household)?;
    Ok(Answer::json_text(found.version.unsigned_abs(), shown(request.store(), &found, false, Some([]))?).with_etag(etag(&found)))
}

async fn forecast(request: &QueryRequest, id: ScenarioId, months: Option<u16>) -> Result<AsOf<Found>, Problem> {
    let found = request.store().forecast(request.asker(), id, months, Utc::now()).await?;
    request.there(found)
}

/// The turn of a month changes a live forecast as an event does. Months, format and detail are part of the address, not of the tag.
fn etag(found: &AsOf<Found>) -> String {
    let forecast = &found.value.forecast;
    format!("{}.{}.{ENGINE_VERSION}", found.version, forecast.start_month)
}

/// What it reflects and the projection, as one object. A stored projection is text already: it is joined, not parsed.
fn shown(store: &Store, found: &AsOf<Found>, summary: bool, events: Option<[&str; 0]>) -> Result<String, Problem> {
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
    let head = serde_json::to_string(&reflects).map_err(|error| Problem::internal(&error))?;
    let projection = if summary { Cow::Owned(without_breakdowns(&forecast.json)?) } else { Cow::Borrowed(forecast.json.as_str()) };
    Ok(format!("{},{}", head.trim_end_matches('}'), projection.trim_start_matches('{')))
}

fn without_breakdowns(json: &str) -> Result<String, Problem> {
    const BREAKDOWNS: &[&str] =
        &["income_by_category", "taxes_by_category", "expense_by_category", "assets_by_class", "liabilities_by_class", "balances"];
    let mut projection: Value = serde_json::from_str(json).map_err(|error| Problem::internal(&error))?;
    if let Some(Value::Array(months)) = projection.get_mut("months") {
        for month in months.iter_mut().filter_map(Value::as_object_mut) {
            month.retain(|name, _| !BREAKDOWNS.contains(&name.as_str()));
        }
    }
    serde_json::to_string(&projection).map_err(|error| Problem::internal(&error))
}

fn to_u16<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> u16 {
    u16::try_from(number.get()).unwrap_or(u16::MAX)
}

//! Jobs: one resource for everything that takes longer than a request.

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use domain::household::HouseholdError;
use domain::ids::ScenarioId;
use projections::jobs::{Cancelled, JobId, JobResult, JobRow, JobState, Jobs, StoredResult};
use projections::queries::{AsOf, Part};
use projections::read_models::scenarios::ScenarioRow;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, Nothing, Query, body};
use crate::command::{CommandRequest, Entered};
use crate::extract::{CursorText, Limit, Paging, Path, next_page, not_a_cursor};
use crate::jobs::{Export, ExportFormat, Wish, Work, begin};
use crate::problem::Problem;
use crate::query::QueryRequest;

/// Every state, as a filter.
const STATES: [&str; 5] = ["queued", "running", "succeeded", "failed", "cancelled"];

body! {
    /// Which jobs to list.
    pub struct JobQuery {
        /// At most so many items.
        limit: Option<Limit>,
        /// `next_cursor` of the page before.
        cursor: Option<CursorText>,
        /// Only those in this state.
        state: Option<String>,
    }
    check |query, at| {
        if query.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
            at.refuse_field("state", "unknown_word", format!("must be one of: {}", STATES.join(", ")));
        }
    }
}

body! {
    /// Which projection to export.
    pub struct NewExport {
        /// `json`, `csv`, `beancount` or `hledger`.
        format: String,
        /// 1 … 600; the scenario's own horizon where left out.
        months: Option<Between<1, 600>>,
    }
    check |body, at| {
        if ExportFormat::parse(&body.format).is_none() {
            at.refuse_field("format", "unknown_word", format!("must be one of: {}", ExportFormat::WORDS));
        }
    }
}

/// A job, but for its result.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobSummary {
    /// Which.
    id: Uuid,
    /// What kind of work.
    kind: String,
    /// What exactly.
    #[schema(value_type = Object)]
    parameters: Value,
    /// How far it is.
    state: JobState,
    /// In percent.
    progress: u8,
    /// Why it failed.
    error: Option<JobError>,
    /// Who wanted it.
    requested_by: Uuid,
    /// When.
    requested_at: DateTime<Utc>,
    /// When it was begun, the last time.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// It is kept until then at least.
    expires_at: Option<DateTime<Utc>>,
    /// Somebody does not want it any more; one that runs stops at its next step.
    cancel_requested: bool,
}

/// Why a job failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobError {
    /// Where in its work.
    stage: String,
    /// A sentence.
    message: String,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    #[serde(flatten)]
    summary: JobSummary,
    /// Null until it has succeeded. Of a document: `{"media_type", "size_bytes", "href"}`.
    #[schema(value_type = Value)]
    result: Option<Box<RawValue>>,
}

/// A result that is not shown inside its job.
#[derive(Serialize)]
struct Document<'a> {
    media_type: &'a str,
    size_bytes: usize,
    href: String,
}

impl From<JobRow> for JobSummary {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            parameters: row.parameters,
            state: row.state,
            progress: row.progress,
            error: row.error_stage.zip(row.error_message).map(|(stage, message)| JobError { stage, message }),
            requested_by: row.requested_by,
            requested_at: row.requested_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            expires_at: row.expires_at,
            cancel_requested: row.cancel_requested,
        }
    }
}

impl JobView {
    /// A job with what it came to.
    ///
    /// # Errors
    /// A stored result that is not what it says: a fault.
    pub fn of(row: JobRow, result: Option<StoredResult>) -> Result<Self, Problem> {
        let result = result.map(|result| shown(row.id, result)).transpose().map_err(|error| Problem::internal(&error))?;
        Ok(Self { summary: row.into(), result })
    }
}

fn shown(id: Uuid, result: StoredResult) -> Result<Box<RawValue>, serde_json::Error> {
    if result.media_type == JobResult::JSON {
        return RawValue::from_string(result.text);
    }
    let href = format!("/api/v1/jobs/{id}/result");
    serde_json::value::to_raw_value(&Document { media_type: &result.media_type, size_bytes: result.text.len(), href })
}

pub fn routes() -> Routes {
    Routes::tagged("jobs")
        .get("/api/v1/jobs", list, Doc::query("List the jobs, the newest first").parameters::<JobQuery>().lists::<JobSummary>())
        .get(
            "/api/v1/jobs/{id}",
            show,
            Doc::query("Show a job").answers::<JobView>().details("Its `ETag` changes with the job, not with the household."),
        )
        .get(
            "/api/v1/jobs/{id}/result",
            result,
            Doc::query("Fetch a job's result as a document")
                .also("text/csv")
                .also("application/json")
                .also("text/plain")
                .details("In the form that the job was asked for. 409 where there is no result: the job has not ended yet, or failed."),
        )
        .post(
            "/api/v1/jobs/{id}/cancel",
            cancel,
            Doc::command("Cancel a job").body::<Nothing>().answers::<JobView>().details(
                "One that waits is cancelled at once, one that runs at its next step. 409 where it has ended: what is done stays done.",
            ),
        )
        .post(
            "/api/v1/scenarios/{id}/exports",
            export,
            Doc::command("Export a scenario's projection").body::<NewExport>().accepts::<JobView>().details(
                "As of the household's head when the job runs. The document is at `/jobs/{id}/result` once the job has succeeded.",
            ),
        )
}

async fn list(request: QueryRequest, jobs: Data<Jobs>, query: Query<JobQuery>) -> Result<Answer, Problem> {
    let Paging { limit, after } = Paging::<Vec<String>>::of(query.limit, query.cursor.as_ref())?;
    if after.as_ref().is_some_and(|key| !JobRow::NEWEST_FIRST.reads(key)) {
        return Err(not_a_cursor());
    }
    let fetched = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let part = Part { args: vec![query.state.clone()], cursor: after.unwrap_or_default(), limit: fetched };
    let found = jobs.list(request.asker(), part).await?;
    let found = request.there(found)?;
    let (rows, next_cursor) = next_page(found.value, limit, |row: &JobRow| vec![row.id.to_string()])?;
    let items: Vec<JobSummary> = rows.into_iter().map(JobSummary::from).collect();
    let answer = Answer::list(Some(found.version.unsigned_abs()), &items, next_cursor.as_deref())?;
    Ok(request.unless_known(answer.with_etag_of_its_content()))
}

async fn show(request: QueryRequest, jobs: Data<Jobs>, id: Path<JobId>) -> Result<Answer, Problem> {
    let AsOf { version, value: (row, result), .. } = find(&request, &jobs, id.into_inner()).await?;
    let answer = Answer::read(version.unsigned_abs(), &JobView::of(row, result)?)?;
    Ok(request.unless_known(answer.with_etag_of_its_content()))
}

async fn result(request: QueryRequest, jobs: Data<Jobs>, id: Path<JobId>) -> Result<Answer, Problem> {
    let AsOf { version, value: (row, result), .. } = find(&request, &jobs, id.into_inner()).await?;
    let Some(result) = result else {
        return Err(Problem::conflict("no-result", format!("there is no result: the job is {}", row.state.as_str())));
    };
    let answer = Answer::text(Some(version.unsigned_abs()), &result.media_type, result.text);
    Ok(request.unless_known(answer.with_etag_of_its_content()))
}

async fn find(request: &QueryRequest, jobs: &Jobs, id: JobId) -> Result<AsOf<(JobRow, Option<StoredResult>)>, Problem> {
    let found = request.there(jobs.find(request.asker(), id).await?)?;
    let as_of = found.with(());
    let job = found.value.ok_or_else(|| Problem::not_found("job", ""))?;
    Ok(as_of.with(job))
}

async fn cancel(request: CommandRequest, jobs: Data<Jobs>, id: Path<JobId>, _: Json<Nothing>) -> Result<Answer, Problem> {
    request.checked_version().await?;
    let found = jobs.cancel(request.asker(), id.into_inner()).await?.ok_or_else(Problem::no_household)?;
    match found.value {
        None => Err(Problem::not_found("job", "")),
        Some(Cancelled::NotAllowed(role)) => Err(HouseholdError::NotAllowed { role }.into()),
        Some(Cancelled::TooLate(_)) => Err(Problem::conflict("ended-already", "the job has ended: what is done stays done")),
        Some(Cancelled::Yes(row)) => Answer::done(found.version.unsigned_abs(), &[], &JobView::of(row, None)?),
    }
}

async fn export(request: CommandRequest, jobs: Data<Jobs>, id: Path<ScenarioId>, new: Json<NewExport>) -> Result<Answer, Problem> {
    let gate = match request.enter(new.digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let scenario_id = id.into_inner();
    let scenario = request.store().one::<ScenarioRow>(request.asker(), scenario_id.0).await?;
    if scenario.is_none_or(|found| found.value.is_none()) {
        return Err(Problem::not_found("scenario", ""));
    }
    let months = new.months.map(|months| u16::try_from(months.get()).unwrap_or(u16::MAX));
    let format = ExportFormat::parse(&new.format).unwrap_or(ExportFormat::Json);
    let work = Work::ProjectionExport(Export { scenario_id, format, months });
    let wish = Wish::of(&request, gate.household_id, work, false);
    begin(&request, &jobs, &gate, new.digest, &wish).await
}

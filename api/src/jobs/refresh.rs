//! Bringing a baseline up to date: the system flows through the aggregate, then its projection, stored at the head.
//!
//! Done once more it appends nothing and stores the same; so it does not matter how often a job of it is taken over.

use domain::household::{Actor, Command, Event, Intent};
use domain::ids::{HouseholdId, ScenarioId};
use projections::forecasts::ForecastError;
use projections::jobs::{Claimed, JobResult, Progress, Unfinished};
use projections::store::{Answer, Asker, Decided, Executed, Metadata, Request, Store, Version};
use projections::track::Stage;
use serde::Serialize;

use super::failure;
use crate::clock;

/// What a refresh came to, as the result of its job.
#[derive(Debug, Serialize)]
pub struct Refreshed {
    /// The baseline.
    pub scenario_id: ScenarioId,
    /// The version that its projection reflects.
    pub household_version: Version,
    /// Month 1 of it.
    pub start_month: String,
    /// `stored` where it was there already, `computed` where it was not.
    pub source: &'static str,
}

impl Refreshed {
    /// As it is kept.
    #[must_use]
    pub fn result(&self) -> JobResult {
        // Plain data always serialises.
        JobResult { media_type: JobResult::JSON, text: serde_json::to_string(self).unwrap_or_default() }
    }
}

/// The projection of a household's baseline as of its head, computed and stored where it was not there. `None` where the asker may not enter.
///
/// # Errors
/// [`ForecastError`].
pub async fn project(store: &Store, asker: Asker, household_id: HouseholdId) -> Result<Option<Refreshed>, ForecastError> {
    let found = store.forecast(asker, household_id.baseline(), None, clock::now()).await?;
    Ok(found.map(|found| Refreshed {
        scenario_id: found.value.forecast.scenario_id,
        household_version: found.version,
        start_month: found.value.forecast.start_month.to_string(),
        source: found.value.source.as_str(),
    }))
}

/// As a job.
pub(super) async fn run(store: &Store, job: &Claimed, progress: &Progress) -> Result<JobResult, Unfinished> {
    let (household_id, user_id) = (job.key.household_id, job.origin.requested_by);
    let asker = Asker { user_id, household_id: Some(household_id) };
    progress.step(Stage::Request, 0)?;
    let gate = store.gate(asker, None).await.map_err(|error| failure::store(Stage::Request, error))?;
    let gate = gate.ok_or_else(|| failure::no_access(Stage::Request))?;
    progress.step(Stage::Append, 10)?;
    let decided_at = clock::now();
    let request = Request {
        household_id,
        command: Command { decided_at, actor: Actor::User(user_id), intent: Intent::RegenerateFlows },
        metadata: Metadata {
            actor_kind: "user",
            actor_id: user_id.to_string(),
            role: None, // the store names the one of the state that is decided on
            request_id: job.origin.request_id.clone(),
            correlation_id: job.origin.request_id.clone(),
            causation_id: Some(job.key.id.to_string()),
            trace_id: job.origin.trace_id.clone(),
            span_id: job.origin.span_id.clone(),
            idempotency_key: None,
            decided_at,
        },
        seen: gate.head,
        expected_version: None,
        idempotency: None,
    };
    let answer = |decided: &Decided<'_>| {
        Ok(Answer { status: 200, location: None, body: decided.events.iter().map(Event::name).collect::<Vec<_>>().join(",") })
    };
    match store.execute(request, answer).await.map_err(failure::execute)? {
        Executed::Answered { answer, version } => tracing::debug!(version, events = answer.body, "system flows are as they should be"),
        Executed::Replayed(_) => {} // without a key, nothing is
    }
    progress.step(Stage::Project, 50)?;
    let refreshed = project(store, asker, household_id).await.map_err(failure::forecast)?;
    let refreshed = refreshed.ok_or_else(|| failure::no_access(Stage::Project))?;
    Ok(refreshed.result())
}

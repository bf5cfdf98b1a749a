//! What holds for every route, whatever its handler asks for.
//!
//! An address that takes no query parameters refuses them, as one that takes some refuses those that it does not know: `?as_of=…` that
//! nobody reads would be answered with today's figures. And of a household that is not the caller's, nothing is said but 404, not even
//! what is wrong with the body: the bodies are read before the gate is asked, so the gate is asked again before a complaint goes out.

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest};
use domain::ids::HouseholdId;
use projections::store::{Asker, Store};
use uuid::Uuid;

use super::table::Audience;
use crate::body::{Nothing, Query};
use crate::clock;
use crate::extract::{Caller, HouseholdChoice};
use crate::problem::Problem;
use crate::telemetry;

/// Middleware of one route.
///
/// # Errors
/// Those of the handler, and the two refusals of this file.
pub async fn watch(
    audience: Audience,
    takes_parameters: bool,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    if let Some(pattern) = request.match_pattern() {
        telemetry::routed(pattern);
    }
    heal(audience, request.request()).await?;
    let refused = if takes_parameters { None } else { unknown_parameters(audience, request.request()).await };
    let response = match refused {
        Some(problem) => request.error_response(problem),
        None => next.call(request).await?,
    };
    let complains = matches!(
        response.status(),
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY
    );
    let is_about_a_household = matches!(audience, Audience::HouseholdQuery | Audience::HouseholdCommand);
    if complains && is_about_a_household && is_stranger(response.request()).await? {
        return Ok(response.error_response(Problem::no_household()));
    }
    Ok(response)
}

/// Where the read models are in another program's form, what this request reads is brought to ours first.
async fn heal(audience: Audience, request: &HttpRequest) -> Result<(), Problem> {
    let mut nothing = Payload::None;
    let Ok(store) = Data::<Store>::from_request(request, &mut nothing).await else { return Ok(()) };
    if audience == Audience::Public || !store.heals_on_access() {
        return Ok(());
    }
    let Some(asker) = asker(request).await else { return Ok(()) };
    Ok(store.heal(asker, clock::now()).await?)
}

async fn unknown_parameters(audience: Audience, request: &HttpRequest) -> Option<Problem> {
    if request.query_string().is_empty() {
        return None;
    }
    let mut nothing = Payload::None;
    if audience != Audience::Public
        && let Err(nobody) = Caller::from_request(request, &mut nothing).await
    {
        return Some(nobody);
    }
    Query::<Nothing>::from_request(request, &mut nothing).await.err()
}

/// Whether the household that is asked for is not the caller's. A header that names none is a mistake that anybody may be told.
async fn is_stranger(request: &HttpRequest) -> Result<bool, Problem> {
    let mut nothing = Payload::None;
    let Some(asker) = asker(request).await else { return Ok(false) };
    let Ok(store) = Data::<Store>::from_request(request, &mut nothing).await else { return Ok(false) };
    Ok(store.gate(asker, None).await?.is_none())
}

/// Who asks, for which household; none where that is not said in a way that can be understood.
async fn asker(request: &HttpRequest) -> Option<Asker> {
    let mut nothing = Payload::None;
    let caller = Caller::from_request(request, &mut nothing).await.ok()?;
    let HouseholdChoice(chosen) = HouseholdChoice::from_request(request, &mut nothing).await.ok()?;
    Some(Asker { user_id: caller.user_id, household_id: in_the_path(request).or(chosen) })
}

/// The household of `/households/{id}/…`, which goes before the header's.
#[must_use]
pub fn in_the_path(request: &HttpRequest) -> Option<HouseholdId> {
    let is_a_household = request.match_pattern().is_some_and(|pattern| pattern.starts_with("/api/v1/households/{id}"));
    let id = request.match_info().get("id").filter(|_| is_a_household)?;
    Uuid::try_parse(id).ok().map(HouseholdId)
}

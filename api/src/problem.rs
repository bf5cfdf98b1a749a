//! Every error that a client sees: RFC 9457, `application/problem+json`.
//!
//! One type, so that one place decides what leaves the house: a stable `type`, a sentence for people, the fields at fault, and
//! the trace under which an operator finds the rest. What went wrong inside (a database's message, a path, a stack) is logged
//! where the problem is made and never part of it.

use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use projections::database::DatabaseError;
use projections::track::Stage;
use serde::Serialize;
use utoipa::ToSchema;

use crate::telemetry;

/// The media type of RFC 9457.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: `liability.interest_rate`, `changes[2].name`; the name of a header or query parameter; empty for the body as a whole.
    pub field: String,
    /// Which rule: stable, for programs.
    pub code: &'static str,
    /// What to do about it: for people.
    pub message: String,
}

impl FieldError {
    /// A field, the rule that it breaks, and a sentence.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// A problem as it goes out. Made by the constructors only, so that a status and its type always belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    slug: &'static str,
    title: &'static str,
    status: StatusCode,
    detail: String,
    errors: Vec<FieldError>,
    current_version: Option<u64>,
    job_id: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    trace_id: Option<String>,
}

/// The JSON of a problem.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView<'a> {
    /// Which kind of problem: a stable URN.
    #[serde(rename = "type")]
    type_: String,
    /// The kind, in words.
    title: &'a str,
    /// The status code once more.
    status: u16,
    /// What happened this time.
    detail: &'a str,
    /// Every field at fault, all of them at once.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// With 412: the household's version now.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<u64>,
    /// With 409 on work that runs already: the job that does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<&'a str>,
    /// The trace of the request, for whoever reports it.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

impl Problem {
    fn new(status: StatusCode, slug: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            slug,
            title,
            status,
            detail: detail.into(),
            errors: Vec::new(),
            current_version: None,
            job_id: None,
            headers: Vec::new(),
            trace_id: telemetry::current().map(|ids| ids.trace_id),
        }))
    }

    /// 400: not even well-formed.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "The request is malformed", detail)
    }

    /// 400: a header that does not parse; names it.
    pub fn malformed_header(name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut problem = Self::malformed(format!("the header {name} {message}"));
        problem.0.errors.push(FieldError::new(name, "malformed_header", message));
        problem
    }

    /// 401: nobody, or nobody any more.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Authentication is needed", detail)
            .header(header::WWW_AUTHENTICATE, "Bearer realm=\"effluent\"")
    }

    /// 401 for a bearer token that was sent and is not (or no longer) good (RFC 6750 § 3.1).
    pub fn invalid_token(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid-token", "The token is not valid", detail)
            .header(header::WWW_AUTHENTICATE, "Bearer realm=\"effluent\", error=\"invalid_token\"")
    }

    /// 403: the caller sees the household, and may not do this in it. Never for another household's things: those are 404.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404: not there, or not for this caller: the two must look alike.
    pub fn not_found(what: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let detail = if detail.is_empty() { format!("there is no such {what}") } else { detail };
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// 405, with the methods that the address does know.
    pub fn method_not_allowed(allow: &str) -> Self {
        let detail = format!("this address answers {allow}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed here", detail)
            .header(header::ALLOW, allow)
    }

    /// 408: the body did not arrive in time.
    pub fn too_slow(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "request-timeout", "The request took too long to arrive", detail)
    }

    /// 409: what is there already stands against it. `slug` is the kind, such as `email-taken`.
    pub fn conflict(slug: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, slug, "The request conflicts with what is there", detail)
    }

    /// 409: the same work runs already, as this job.
    pub fn runs_already(job_id: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut problem = Self::conflict("runs-already", detail);
        problem.0.job_id = Some(job_id.into());
        problem
    }

    /// Whether it says which job does the same work.
    #[must_use]
    pub fn names_a_job(&self) -> bool {
        self.0.job_id.is_some()
    }

    /// 412: `If-Match` names a version that is not the current one.
    #[must_use]
    pub fn version_behind(current: u64) -> Self {
        let detail = format!("the household is at version {current}: read it again, then decide");
        let mut problem = Self::new(StatusCode::PRECONDITION_FAILED, "version-behind", "The household has changed meanwhile", detail)
            .header(header::ETAG, &format!("\"{current}\""))
            .header(crate::answer::HOUSEHOLD_VERSION, &current.to_string());
        problem.0.current_version = Some(current);
        problem
    }

    /// 404 for a household: also what a user hears who has none yet, so it says what to do then.
    #[must_use]
    pub fn no_household() -> Self {
        Self::not_found("household", "there is no such household; if you have none yet, open one with POST /api/v1/households")
    }

    /// 412: `X-Min-Version` names a version that the household has not reached.
    #[must_use]
    pub fn version_ahead(current: u64) -> Self {
        let detail = format!("the household is only at version {current}: nothing newer has happened");
        let mut problem = Self::new(StatusCode::PRECONDITION_FAILED, "version-ahead", "The household is not there yet", detail)
            .header(header::ETAG, &format!("\"{current}\""))
            .header(crate::answer::HOUSEHOLD_VERSION, &current.to_string());
        problem.0.current_version = Some(current);
        problem
    }

    /// 413, with the limit in bytes.
    #[must_use]
    pub fn too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The body is too large",
            format!("a body may have at most {limit_bytes} bytes"),
        )
    }

    /// 415: not in a form that this address reads.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body's type is not supported", detail)
            .header(header::ACCEPT, "application/json")
    }

    /// 422 with one field at fault.
    pub fn invalid(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError::new(field, code, message)])
    }

    /// 422 with every field at fault.
    #[must_use]
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.field.is_empty() => format!("the body {}", only.message),
            [only] => format!("{} {}", only.field, only.message),
            several => format!("{} fields are not valid: see errors", several.len()),
        };
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not valid", detail);
        problem.0.errors = errors;
        problem
    }

    /// 422 about the request as a whole, such as an idempotency key that came with another body before.
    pub fn unprocessable(slug: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, slug, "The request is not valid", detail)
    }

    /// 429, with the seconds to wait.
    #[must_use]
    pub fn too_many_requests(retry_after_seconds: u64) -> Self {
        let detail = format!("try again in {retry_after_seconds} s");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail)
            .header(header::RETRY_AFTER, &retry_after_seconds.to_string())
    }

    /// 503: it will work again, just not now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is not available right now", detail)
            .header(header::RETRY_AFTER, RETRY_AFTER_UNAVAILABLE_SECONDS)
    }

    /// 503 to those who ask whether the server is ready: each part that is missing.
    #[must_use]
    pub fn not_ready(missing: Vec<FieldError>) -> Self {
        let parts: Vec<&str> = missing.iter().map(|part| part.message.as_str()).collect();
        let mut problem = Self::unavailable(parts.join("; "));
        problem.0.errors = missing;
        problem
    }

    /// 500: a bug of ours. The cause is reported here, under the trace that the client is told.
    pub fn internal(cause: &dyn Error) -> Self {
        telemetry::fault(cause, None);
        Self::failed_inside()
    }

    /// The same, where the error says more exactly than the request at which stage it happened.
    pub fn internal_at(stage: Stage, cause: &dyn Error) -> Self {
        telemetry::fault(cause, Some(stage));
        Self::failed_inside()
    }

    fn failed_inside() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server failed",
            "this is a fault of the server; the trace id finds it",
        )
    }

    /// With one more response header; a value that cannot stand in a header is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The fields at fault.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
}

/// How long a client should wait while the database is away: longer than a failover's first seconds, shorter than patience.
const RETRY_AFTER_UNAVAILABLE_SECONDS: &str = "2";

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.0.status.as_u16(), self.0.title, self.0.detail)
    }
}
impl Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status);
        for (name, value) in &self.0.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        let view = ProblemView {
            type_: format!("urn:effluent:problem:{}", self.0.slug),
            title: self.0.title,
            status: self.0.status.as_u16(),
            detail: &self.0.detail,
            errors: &self.0.errors,
            current_version: self.0.current_version,
            job_id: self.0.job_id.as_deref(),
            trace_id: self.0.trace_id.as_deref(),
        };
        response
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type(CONTENT_TYPE)
            .body(serde_json::to_vec(&view).unwrap_or_default())
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(cause) => {
                telemetry::unavailable(&cause);
                Self::unavailable("the database does not answer")
            }
            DatabaseError::Failed(cause) => Self::internal(&cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use serde_json::{Value, json};

    async fn rendered(problem: Problem) -> (HttpResponse, Value) {
        let body = to_bytes(problem.error_response().into_body()).await.unwrap();
        (problem.error_response(), serde_json::from_slice(&body).unwrap())
    }

    #[actix_web::test]
    async fn all_fields_at_fault_go_out_at_once() {
        let problem = Problem::invalid_fields(vec![
            FieldError::new("name", "missing", "is missing"),
            FieldError::new("current_balance", "too_many_decimals", "has more than two decimals"),
        ]);
        let (response, body) = rendered(problem).await;
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        assert_eq!(body["type"], "urn:effluent:problem:invalid");
        assert_eq!(body["status"], 422);
        assert_eq!(
            body["errors"][1],
            json!({"field": "current_balance", "code": "too_many_decimals", "message": "has more than two decimals"})
        );
    }

    #[actix_web::test]
    async fn a_client_that_is_behind_is_told_the_current_version() {
        let (response, body) = rendered(Problem::version_behind(17)).await;
        assert_eq!((response.status().as_u16(), body["current_version"].as_u64()), (412, Some(17)));
        assert_eq!(response.headers().get("etag").unwrap(), "\"17\"");
        assert_eq!(response.headers().get("x-household-version").unwrap(), "17");
    }

    #[actix_web::test]
    async fn whoever_must_wait_is_told_how_long() {
        for (problem, status, seconds) in
            [(Problem::too_many_requests(7), 429, "7"), (Problem::unavailable("the database does not answer"), 503, "2")]
        {
            let (response, _) = rendered(problem).await;
            assert_eq!((response.status().as_u16(), response.headers().get("retry-after").unwrap().to_str().unwrap()), (status, seconds));
        }
    }

    #[actix_web::test]
    async fn a_fault_inside_keeps_its_cause_inside() {
        let cause = std::io::Error::other("password authentication failed for user \"effluent\" at /var/run/secret");
        let (response, body) = rendered(Problem::internal(&cause)).await;
        assert_eq!(response.status().as_u16(), 500);
        assert!(!body.to_string().contains("password") && !body.to_string().contains("/var/run"), "{body}");
    }

    #[actix_web::test]
    async fn a_401_says_how_to_authenticate() {
        let (response, _) = rendered(Problem::unauthenticated("send a bearer token")).await;
        assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer realm=\"effluent\"");
    }
}

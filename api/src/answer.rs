//! Answers: a status, a body, and the version of the household that they are about.
//!
//! One type for queries and commands, plain data, so that the answer to a command can be stored with its idempotency key and
//! given again as it was. Every answer about a household says its version three times over: in the body, in `ETag` and in
//! `X-Household-Version`.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::extract::IfNoneMatch;
use crate::problem::Problem;

/// `X-Household-Version`.
pub const HOUSEHOLD_VERSION: HeaderName = HeaderName::from_static("x-household-version");
/// `Idempotency-Hit`, on an answer that is given again.
pub const IDEMPOTENCY_HIT: HeaderName = HeaderName::from_static("idempotency-hit");

/// What goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The household's version, where it is about one.
    pub version: Option<u64>,
    /// The ETag without its quotes, where it is not just the version.
    pub etag: Option<String>,
    /// Where the thing that was made can be found.
    pub location: Option<String>,
    /// Media type of the body.
    pub content_type: String,
    /// The body.
    pub body: String,
    /// True for an answer that is given again.
    #[serde(skip)]
    pub replayed: bool,
}

/// A view with the version that it reflects, and for a command the names of the events that it led to.
#[derive(Serialize)]
struct Versioned<'a, V> {
    #[serde(flatten)]
    view: &'a V,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<&'a [&'a str]>,
}

/// A page of a list.
#[derive(Serialize)]
struct Page<'a, V> {
    items: &'a [V],
    next_cursor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

impl Answer {
    fn json<V: Serialize>(status: StatusCode, version: Option<u64>, body: &V) -> Result<Self, Problem> {
        let body = serde_json::to_string(body).map_err(|error| Problem::internal(&error))?;
        Ok(Self {
            status: status.as_u16(),
            version,
            etag: None,
            location: None,
            content_type: "application/json".to_owned(),
            body,
            replayed: false,
        })
    }

    /// 200, about no household.
    ///
    /// # Errors
    /// The view does not serialize: a bug, and a 500.
    pub fn plain<V: Serialize>(view: &V) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, None, view)
    }

    /// 201, about no household.
    ///
    /// # Errors
    /// The view does not serialize: a bug, and a 500.
    pub fn plain_created<V: Serialize>(view: &V) -> Result<Self, Problem> {
        Self::json(StatusCode::CREATED, None, view)
    }

    /// 204.
    #[must_use]
    pub fn empty() -> Self {
        let status = StatusCode::NO_CONTENT.as_u16();
        Self { status, version: None, etag: None, location: None, content_type: String::new(), body: String::new(), replayed: false }
    }

    /// 200 to a query: the view's own fields, and `version`.
    ///
    /// # Errors
    /// The view does not serialize: a bug, and a 500.
    pub fn read<V: Serialize>(version: u64, view: &V) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, Some(version), &Versioned { view, version, events: None })
    }

    /// 200 to a command: the view's own fields, `version` and `events`.
    ///
    /// # Errors
    /// The view does not serialize: a bug, and a 500.
    pub fn done<V: Serialize>(version: u64, events: &[&str], view: &V) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, Some(version), &Versioned { view, version, events: Some(events) })
    }

    /// 201 to a command, with `Location`.
    ///
    /// # Errors
    /// The view does not serialize: a bug, and a 500.
    pub fn created<V: Serialize>(version: u64, events: &[&str], location: String, view: &V) -> Result<Self, Problem> {
        let answer = Self::json(StatusCode::CREATED, Some(version), &Versioned { view, version, events: Some(events) })?;
        Ok(Self { location: Some(location), ..answer })
    }

    /// 202 to a command: work that goes on as a job, with its `Location`.
    ///
    /// # Errors
    /// The view does not serialize: a bug, and a 500.
    pub fn begun<V: Serialize>(version: u64, location: String, view: &V) -> Result<Self, Problem> {
        let answer = Self::json(StatusCode::ACCEPTED, Some(version), &Versioned { view, version, events: Some(&[]) })?;
        Ok(Self { location: Some(location), ..answer })
    }

    /// 200 to a query for a list: `{"items", "next_cursor"}`, and `version` where it is about a household.
    ///
    /// # Errors
    /// A view does not serialize: a bug, and a 500.
    pub fn list<V: Serialize>(version: Option<u64>, items: &[V], next_cursor: Option<&str>) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, version, &Page { items, next_cursor, version })
    }

    /// 200 with JSON that is text already.
    #[must_use]
    pub fn json_text(version: u64, body: String) -> Self {
        Self::text(Some(version), "application/json", body)
    }

    /// 200 with a body that is not JSON, such as CSV.
    #[must_use]
    pub fn text(version: Option<u64>, content_type: &str, body: String) -> Self {
        let status = StatusCode::OK.as_u16();
        Self { status, version, etag: None, location: None, content_type: content_type.to_owned(), body, replayed: false }
    }

    /// With an ETag of its own, such as a projection's `17.2026-11.3`.
    #[must_use]
    pub fn with_etag(self, etag: String) -> Self {
        Self { etag: Some(etag), ..self }
    }

    /// With an ETag that follows from the body: for what changes without any event, such as a job's progress.
    #[must_use]
    pub fn with_etag_of_its_content(self) -> Self {
        let digest = Sha256::digest(self.body.as_bytes());
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let etag = format!("{}.{digest}", self.version.unwrap_or_default());
        self.with_etag(etag)
    }

    /// As an answer that is given again: `Idempotency-Hit: true`.
    #[must_use]
    pub fn as_replayed(self) -> Self {
        Self { replayed: true, ..self }
    }

    /// 304 without a body where the client has this one already.
    #[must_use]
    pub fn unless_known(self, known: &IfNoneMatch) -> Self {
        match self.entity_tag() {
            Some(tag) if known.matches(&tag) => {
                Self { status: StatusCode::NOT_MODIFIED.as_u16(), body: String::new(), content_type: String::new(), ..self }
            }
            _ => self,
        }
    }

    fn entity_tag(&self) -> Option<String> {
        self.etag.clone().or_else(|| self.version.map(|version| version.to_string()))
    }

    fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if let Some(tag) = self.entity_tag() {
            response.insert_header((header::ETAG, format!("\"{tag}\"")));
            // A cache may keep it, and must ask each time: nothing is ever read stale.
            response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
        } else {
            response.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        if let Some(version) = self.version {
            response.insert_header((HOUSEHOLD_VERSION, version.to_string()));
        }
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if self.replayed {
            response.insert_header((IDEMPOTENCY_HIT, "true"));
        }
        if self.content_type.is_empty() {
            return response.finish();
        }
        response.content_type(self.content_type).body(self.body)
    }
}

impl Responder for Answer {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_about_a_household_names_its_version_in_body_and_headers() {
        let answer = Answer::created(7, &["account.opened"], "/api/v1/accounts/1".to_owned(), &json!({"id": "1"})).unwrap();
        assert_eq!(answer.body, r#"{"id":"1","version":7,"events":["account.opened"]}"#);
        let response = answer.into_response();
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!((response.status().as_u16(), header("etag"), header("x-household-version")), (201, "\"7\"".into(), "7".into()));
        assert_eq!(header("location"), "/api/v1/accounts/1");
    }

    #[test]
    fn what_the_client_has_already_is_not_sent_again() {
        let answer = Answer::read(7, &json!({"id": "1"})).unwrap().with_etag("7.2026-11.3".to_owned());
        let known = IfNoneMatch::parse("\"6\", W/\"7.2026-11.3\"").unwrap();
        let response = answer.clone().unless_known(&known).into_response();
        assert_eq!((response.status().as_u16(), response.headers().get("etag").unwrap().to_str().unwrap()), (304, "\"7.2026-11.3\""));
        assert_eq!(answer.unless_known(&IfNoneMatch::parse("\"7\"").unwrap()).status, 200);
    }

    #[test]
    fn a_stored_answer_is_the_same_again_but_for_the_mark() {
        let first = Answer::done(8, &[], &json!({"id": "1"})).unwrap();
        let stored = serde_json::to_string(&first).unwrap();
        let again: Answer = serde_json::from_str(&stored).unwrap();
        assert_eq!(again, first);
        assert_eq!(again.as_replayed().into_response().headers().get("idempotency-hit").unwrap(), "true");
    }
}

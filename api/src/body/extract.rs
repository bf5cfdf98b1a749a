//! Bodies and query parameters as arguments of a handler.

use std::future::{Future, Ready, ready};
use std::ops::Deref;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, web};
use sha2::{Digest as _, Sha256};

use super::{Body, Value, fields, from_value};
use crate::problem::Problem;

/// A body may have this many bytes.
pub const BODY_LIMIT_BYTES: usize = 1024 * 1024;
/// A body must arrive within this time: whoever sends a byte a minute does not keep a connection for ever.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// SHA-256 of method, path and body: two requests with one idempotency key are one request iff these agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest(pub [u8; 32]);

/// The JSON body of a request, read with all its problems at once. An empty body counts as `{}`.
#[derive(Debug)]
pub struct Json<T> {
    /// What it says.
    pub body: T,
    /// What it is, for idempotency.
    pub digest: Digest,
}

impl<T> Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.body
    }
}

impl<T: Body> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_bytes(&request, payload).await?;
            if !bytes.is_empty() {
                refuse_other_types(&request)?;
            }
            Ok(Self { body: parse(&bytes)?, digest: digest(&request, &bytes) })
        })
    }
}

async fn read_bytes(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::unsupported_media_type("bodies are read as they are: send no Content-Encoding"));
    }
    let reading = web::Payload::from_request(request, &mut { payload }).await.map_err(|error| Problem::malformed(error.to_string()))?;
    match tokio::time::timeout(BODY_TIMEOUT, reading.to_bytes_limited(BODY_LIMIT_BYTES)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(broken))) => Err(Problem::malformed(format!("the body did not arrive whole: {broken}"))),
        Ok(Err(_)) => Err(Problem::too_large(BODY_LIMIT_BYTES)),
        Err(_) => Err(Problem::too_slow(format!("the body did not arrive within {} s", BODY_TIMEOUT.as_secs()))),
    }
}

/// A body without a type is taken for JSON (nothing else is read here); one that says to be something else is refused.
fn refuse_other_types(request: &HttpRequest) -> Result<(), Problem> {
    let Some(content_type) = request.headers().get(header::CONTENT_TYPE) else { return Ok(()) };
    let text = content_type.to_str().unwrap_or_default();
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let essence = essence.trim().to_ascii_lowercase();
    if essence != "application/json" && !(essence.starts_with("application/") && essence.ends_with("+json")) {
        return Err(Problem::unsupported_media_type(format!(
            "send application/json, not {}",
            if essence.is_empty() { "this" } else { &essence }
        )));
    }
    let charset = parameters.split(';').filter_map(|one| one.trim().split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    match charset {
        Some((_, set)) if !set.trim_matches('"').eq_ignore_ascii_case("utf-8") => Err(Problem::unsupported_media_type("send UTF-8")),
        _ => Ok(()),
    }
}

/// Reads a body from the bytes that came.
fn parse<T: Body>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| Problem::malformed(format!("the body is not UTF-8: {error}")))?;
    let text = if text.trim().is_empty() { "{}" } else { text };
    let value = Value::parse(text).map_err(|error| Problem::malformed(format!("the body is not JSON: {error}")))?;
    from_value(value).map_err(Problem::invalid_fields)
}

fn digest(request: &HttpRequest, bytes: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(request.method().as_str());
    hash.update(b" ");
    hash.update(request.path());
    hash.update(b"\n");
    hash.update(bytes);
    Digest(hash.finalize().into())
}

/// A body that may also come as a table.
#[derive(Debug)]
pub enum JsonOrCsv<T> {
    /// `application/json`, or nothing said.
    Json(T),
    /// `text/csv`.
    Csv(String),
}

/// A body that may also come as a table, with what it is for idempotency.
#[derive(Debug)]
pub struct Upload<T> {
    /// What it says.
    pub content: JsonOrCsv<T>,
    /// What it is, for idempotency.
    pub digest: Digest,
}

impl<T: Body> FromRequest for Upload<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = read_bytes(&request, payload).await?;
            let digest = digest(&request, &bytes);
            let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            if content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/csv")) {
                let table = std::str::from_utf8(&bytes).map_err(|error| Problem::malformed(format!("the table is not UTF-8: {error}")))?;
                return Ok(Self { content: JsonOrCsv::Csv(table.to_owned()), digest });
            }
            refuse_other_types(&request)?;
            Ok(Self { content: JsonOrCsv::Json(parse(&bytes)?), digest })
        })
    }
}

/// The query parameters of a request, read with all their problems at once; a parameter that is not known is refused, so that
/// a misspelt filter does not quietly answer with everything.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Body> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(fields::from_query(request.query_string()).map(Self).map_err(Problem::invalid_fields))
    }
}

#[cfg(test)]
pub(super) fn parse_for_tests<T: Body>(bytes: &[u8]) -> Result<T, Problem> {
    parse(bytes)
}

//! One request's span, ids and log line. The outermost middleware but for the trimming of slashes: what is inside can fail, or
//! even panic, and the client still gets a problem with a trace id instead of a closed connection.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use futures_util::FutureExt;
use opentelemetry::Context;
use opentelemetry::trace::{SpanId, TraceContextExt, TraceId};
use tracing::field::Empty;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use super::{TraceParent, http};
use crate::problem::Problem;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A client's own request id is taken over up to this length.
const LONGEST_REQUEST_ID: usize = 128;

/// What a request is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestIds {
    /// The trace that it is part of: 32 hex digits.
    pub trace_id: String,
    /// The client's id for it, or ours.
    pub request_id: String,
    parent: TraceParent,
}

tokio::task_local! {
    static CURRENT: RequestIds;
}

/// The ids of the request that is being answered on this task; `None` outside of one.
#[must_use]
pub fn current() -> Option<RequestIds> {
    CURRENT.try_with(Clone::clone).ok()
}

impl RequestIds {
    fn of(span: &Span, incoming: Option<TraceParent>, headers: &HeaderMap) -> Self {
        // The exporter's ids where there is one; else the caller's trace, or a new one.
        let recorded = span.context().span().span_context().clone();
        let parent = if recorded.is_valid() {
            TraceParent { trace_id: recorded.trace_id(), span_id: recorded.span_id(), sampled: recorded.is_sampled() }
        } else {
            let (trace, span) = (Uuid::new_v4(), Uuid::new_v4());
            let trace_id = incoming.map_or_else(|| TraceId::from_bytes(trace.into_bytes()), |parent| parent.trace_id);
            TraceParent { trace_id, span_id: SpanId::from_bytes(span.as_u64_pair().0.to_be_bytes()), sampled: false }
        };
        let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let request_id = request_id.filter(|id| (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()));
        let request_id = request_id.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
        Self { trace_id: parent.trace_id.to_string(), request_id, parent }
    }

    fn write_to(&self, headers: &mut HeaderMap) {
        for (name, value) in [(TRACEPARENT, self.parent.to_string()), (REQUEST_ID, self.request_id.clone())] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
}

/// Middleware: span, ids, log line, and the net under a panic.
///
/// # Errors
/// Those of what is inside, and a problem where it panicked.
pub async fn trace_request(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let incoming = request.headers().get(TRACEPARENT).and_then(|header| header.to_str().ok()).and_then(TraceParent::parse);
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %request.method(),
        http.route = Empty,
        http.response.status_code = Empty,
        url.path = request.path(),
        trace_id = Empty,
        request_id = Empty,
        user.id = Empty,
    );
    if let Some(parent) = incoming {
        // An error here means that no exporter listens, and then there is no parent to be had.
        drop(span.set_parent(Context::new().with_remote_span_context(parent.to_remote_context())));
    }
    let ids = RequestIds::of(&span, incoming, request.headers());
    span.record("trace_id", &ids.trace_id).record("request_id", &ids.request_id);
    let started = Instant::now();
    CURRENT.scope(ids.clone(), answered(request, next, ids, started).instrument(span)).await
}

async fn answered(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    ids: RequestIds,
    started: Instant,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let method = request.method().clone();
    let active = http::Active::begin();
    let mut result = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(result) => result.map(ServiceResponse::map_into_boxed_body),
        Err(panic) => Err(Problem::internal(&Panicked(panic_message(panic.as_ref()))).into()),
    };
    let (status, route) = match &mut result {
        Ok(response) => {
            ids.write_to(response.headers_mut());
            (response.status(), response.request().match_pattern())
        }
        Err(error) => (error.as_response_error().status_code(), None),
    };
    drop(active);
    record(&method, status, route.as_deref().unwrap_or("none"), started);
    result
}

fn record(method: &actix_web::http::Method, status: StatusCode, route: &str, started: Instant) {
    let span = Span::current();
    // Not the field `otel.name`: it counts only until the span's ids have been asked for.
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route).record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    let took = started.elapsed();
    http::answered(method, route, status, took);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(http.route = route, http.response.status_code = status.as_u16(), duration_ms, "{method} {}", status.as_u16());
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

/// What a panic said.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_owned())
}

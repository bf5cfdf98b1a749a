//! One request's span, ids and log line. The outermost middleware but for the trimming of slashes: what is inside can fail, or
//! even panic, and the client still gets a problem with a trace id instead of a closed connection.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use futures_util::FutureExt;
use opentelemetry::Context;
use opentelemetry::trace::{SpanId, TraceContextExt, TraceId};
use tracing::field::Empty;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use super::current::{CURRENT, Current};
use super::{TraceParent, http, is_tracing};
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

impl RequestIds {
    /// In the caller's trace, or in one of its own.
    fn new(incoming: Option<TraceParent>, headers: &HeaderMap) -> Self {
        let (trace, span) = (Uuid::new_v4(), Uuid::new_v4());
        let trace_id = incoming.map_or_else(|| TraceId::from_bytes(trace.into_bytes()), |parent| parent.trace_id);
        let span_id = SpanId::from_bytes(span.as_u64_pair().0.to_be_bytes());
        Self::of(TraceParent { trace_id, span_id, sampled: false }, headers)
    }

    fn of(parent: TraceParent, headers: &HeaderMap) -> Self {
        let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let request_id = request_id.filter(|id| (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()));
        let request_id = request_id.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
        Self { trace_id: parent.trace_id.to_string(), request_id, parent }
    }

    /// The span of the request where it is recorded by an exporter: what the events say, so that a projection can continue the trace.
    #[must_use]
    pub fn recorded_span(&self) -> Option<String> {
        self.parent.sampled.then(|| self.parent.span_id.to_string())
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
    let (span, ids) = if is_tracing() { exported(&request, incoming) } else { logged(&request, incoming) };
    let current = Rc::new(Current::new(ids, request.method().clone()));
    let started = Instant::now();
    CURRENT.scope(Rc::clone(&current), answered(request, next, current, started).instrument(span)).await
}

/// A span for the log alone. It has its ids from the start: the formatter reads and writes all of a span's fields again for each that is
/// added, and this is on the way of every request.
fn logged(request: &ServiceRequest, incoming: Option<TraceParent>) -> (Span, RequestIds) {
    let ids = RequestIds::new(incoming, request.headers());
    let span = tracing::info_span!(
        "request",
        http.request.method = %request.method(),
        url.path = request.path(),
        trace_id = ids.trace_id,
        request_id = ids.request_id,
        user.id = Empty,
    );
    (span, ids)
}

/// A span that is exported as well: only once it is there does it have an id, and a trace where the caller has none.
fn exported(request: &ServiceRequest, incoming: Option<TraceParent>) -> (Span, RequestIds) {
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
        household = Empty,
    );
    if let Some(parent) = incoming {
        // An error here means that no exporter listens, and then there is no parent to be had.
        drop(span.set_parent(Context::new().with_remote_span_context(parent.to_remote_context())));
    }
    let recorded = span.context().span().span_context().clone();
    let ids = if recorded.is_valid() {
        let own = TraceParent { trace_id: recorded.trace_id(), span_id: recorded.span_id(), sampled: recorded.is_sampled() };
        RequestIds::of(own, request.headers())
    } else {
        RequestIds::new(incoming, request.headers())
    };
    span.record("trace_id", &ids.trace_id).record("request_id", &ids.request_id);
    (span, ids)
}

async fn answered(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    current: Rc<Current>,
    started: Instant,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let method = request.method().clone();
    let active = http::Active::begin();
    let mut result = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(result) => result.map(ServiceResponse::map_into_boxed_body),
        Err(panic) => Err(Problem::internal(&Panicked(panic_message(panic.as_ref()))).into()),
    };
    drop(active);
    let (status, route) = match &mut result {
        Ok(response) => {
            current.ids.write_to(response.headers_mut());
            // What is answered without a route of ours: the document and its page, and addresses that nobody knows.
            let found = current.route().is_none().then(|| response.request().match_pattern()).flatten();
            (response.status(), found)
        }
        Err(error) => (error.as_response_error().status_code(), None),
    };
    record(&method, status, current.route().or(route.as_deref()).unwrap_or("none"), &current, started);
    result
}

fn record(method: &Method, status: StatusCode, route: &str, current: &Current, started: Instant) {
    let (took, household) = (started.elapsed(), current.household().map(tracing::field::display));
    if is_tracing() {
        let span = Span::current();
        // Not the field `otel.name`: it counts only until the span's ids have been asked for.
        span.context().span().update_name(format!("{method} {route}"));
        span.record("http.route", route).record("http.response.status_code", status.as_u16()).record("household", &household);
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
        }
    }
    http::answered(method, route, status, took);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(http.route = route, http.response.status_code = status.as_u16(), household, duration_ms, "{method} {}", status.as_u16());
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);

/// What a panic said.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_owned())
}

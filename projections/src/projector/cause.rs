//! Why a household is brought up to date, as a trace tells it.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::subscription::Recorded;

/// The request behind the last event that is covered.
#[derive(Clone, Debug, Default)]
pub(super) struct Cause {
    trace_id: Option<String>,
    span_id: Option<String>,
}

impl Cause {
    pub(super) fn of(event: &Recorded) -> Self {
        Self { trace_id: event.trace_id.clone(), span_id: event.span_id.clone() }
    }

    pub(super) fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Makes a span part of that request's trace. Only one that was exported can have parts, and only those have a span to name.
    pub(super) fn adopt(&self, span: &Span) {
        let parent = self.trace_id.as_deref().zip(self.span_id.as_deref()).and_then(|(trace_id, span_id)| {
            let (trace_id, span_id) = (TraceId::from_hex(trace_id).ok()?, SpanId::from_hex(span_id).ok()?);
            Some(SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, true, TraceState::default()))
        });
        if let Some(parent) = parent {
            // Without an exporter a span is no part of anything, and nothing is lost.
            drop(span.set_parent(Context::new().with_remote_span_context(parent)));
        }
    }
}

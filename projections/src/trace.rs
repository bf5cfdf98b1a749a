//! A trace that goes on where another process, or a later moment, takes up what a request has caused.
//!
//! An event's metadata names the trace of its request, and the request's span where that was recorded by an exporter. Who does something about
//! the event later makes a span of its own and hangs it there, so that one trace shows the request and all that came of it.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Makes a span, which has not been entered yet, a part of the trace that an event belongs to. Without ids, or with none that can be read, the
/// span begins a trace of its own.
pub fn continue_from(span: &Span, trace_id: Option<&str>, span_id: Option<&str>) {
    if let Some(cause) = cause(trace_id, span_id) {
        // An error here means that no exporter listens: there is nothing to be a part of.
        drop(span.set_parent(Context::new().with_remote_span_context(cause)));
    }
}

fn cause(trace_id: Option<&str>, span_id: Option<&str>) -> Option<SpanContext> {
    let (trace_id, span_id) = (TraceId::from_hex(trace_id?).ok()?, SpanId::from_hex(span_id?).ok()?);
    // Sampled: a span that is not leaves no id in the metadata.
    let cause = SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, true, TraceState::default());
    cause.is_valid().then_some(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_and_valid_pair_of_ids_is_a_cause() {
        let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        assert!(cause(Some(trace), Some(span)).is_some_and(|cause| cause.is_sampled() && cause.is_remote()));
        for (trace, span) in [(None, Some(span)), (Some(trace), None), (Some(trace), Some("x")), (Some(trace), Some("0000000000000000"))] {
            assert!(cause(trace, span).is_none(), "{trace:?} {span:?}");
        }
    }
}

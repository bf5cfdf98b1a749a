//! Logs and traces. Logs go to standard error, traces over OTLP where the standard `OTEL_EXPORTER_OTLP_ENDPOINT` says to.
//!
//! Every request has a trace id, exporter or not: it is in each of its log lines, in every problem that is answered, and in the
//! response's `traceparent`, so that a client's report, the log and the trace are found by one word.

mod request;
mod traceparent;

pub use request::{RequestIds, current, trace_request};
pub use traceparent::TraceParent;

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::config::{Config, LogFormat};

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The exporter cannot be built.
    #[error("traces cannot be exported over OTLP")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// There is a subscriber already.
    #[error("logging is set up already")]
    Twice(#[from] TryInitError),
}

/// Sends what is left when it is dropped; to be kept until the process ends.
#[must_use]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.take().map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Sets up logs and traces for this process. Must run outside of an async runtime: the exporter has threads of its own.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(config: &Config) -> Result<Telemetry, TelemetryError> {
    let provider = config.otlp_endpoint.is_some().then(exporting).transpose()?;
    let traces = provider.as_ref().map(|provider| {
        let tracer = provider.tracer("effluent");
        tracing_opentelemetry::layer().with_tracer(tracer).with_filter(LevelFilter::INFO)
    });
    let filter = EnvFilter::try_new(&config.log.value).unwrap_or_else(|_| EnvFilter::new("info"));
    let as_json = match config.log_format.value {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let logs = if as_json {
        fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(std::io::stderr).with_filter(filter).boxed()
    } else {
        fmt::layer().with_target(false).with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr).with_filter(filter).boxed()
    };
    tracing_subscriber::registry().with(traces).with(logs).try_init()?;
    log_panics();
    Ok(Telemetry(provider))
}

/// A panic is a log line like any other fault, on the trace of the request that it ends.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "{}", request::panic_message(panic.payload()));
    }));
}

/// Spans in batches, from a thread of their own; endpoint, headers and time-out are read from the standard variables.
fn exporting() -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;
    let mut resource = Resource::builder();
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("effluent");
    }
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build())
}

//! Logs, traces and metrics. Logs go to standard error, metrics to whoever scrapes them ([`crate::metrics_server`]), and all three over
//! OTLP where the standard `OTEL_EXPORTER_OTLP_ENDPOINT` says to.
//!
//! Every request has a trace id, exporter or not: it is in each of its log lines, in every problem that is answered, and in the
//! response's `traceparent`, so that a client's report, the log and the trace are found by one word.
//!
//! What a command does inside (`gate`, `load`, `decide`, `append`, `query`) are spans of the level DEBUG in `projections`: they are made where
//! they are exported, and cost nothing where they are not. Their fields name households and versions, never what somebody has entered.

mod current;
mod http;
mod otlp;
mod process;
mod request;
mod traceparent;

pub use current::{about, at, current, fault, routed, unavailable};
pub use request::{RequestIds, trace_request};
pub use traceparent::TraceParent;

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::global;
use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use projections::signals;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, fmt};

use self::otlp::Collector;
use crate::config::{Config, LogFormat};

/// What the exporters say themselves is not exported: each batch would be the reason for the next.
const NEVER_EXPORTED: &str = "opentelemetry=off,hyper=off,reqwest=off";

/// Whether spans leave this process.
static TRACING: AtomicBool = AtomicBool::new(false);

fn is_tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

/// Why nothing can be logged or counted.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The exporter cannot be built.
    #[error("nothing can be exported over OTLP")]
    Exporter(#[from] ExporterBuildError),
    /// Nobody could scrape.
    #[error("metrics cannot be set up")]
    Metrics(#[from] OTelSdkError),
    /// There is a subscriber already.
    #[error("logging is set up already")]
    Twice(#[from] TryInitError),
}

/// Sends what is left when it is dropped; to be kept until the process ends.
#[must_use]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
    metrics: SdkMeterProvider,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        let traces = self.traces.as_ref().map(SdkTracerProvider::shutdown);
        for result in traces.into_iter().chain([self.metrics.shutdown()]).chain(self.logs.as_ref().map(SdkLoggerProvider::shutdown)) {
            if let Err(error) = result {
                tracing::warn!(%error, "the last traces, metrics or logs could not be sent");
            }
        }
    }
}

/// Sets up logs, traces and metrics for this process. Must run outside of an async runtime (the exporters have threads of their own), and
/// before the first instrument is used.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(config: &Config) -> Result<Telemetry, TelemetryError> {
    let collector = config.otlp_endpoint.as_ref().map(|endpoint| Collector(&endpoint.value));
    let resource = otlp::resource();
    let traces = collector.as_ref().map(|collector| collector.traces(&resource)).transpose()?.flatten();
    let logs = collector.as_ref().map(|collector| collector.logs(&resource)).transpose()?.flatten();
    let metrics = count(collector.as_ref(), resource)?;

    let filter = || EnvFilter::try_new(&config.log.value).unwrap_or_else(|_| EnvFilter::new("info"));
    let exported_spans = traces.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("effluent"))
            .with_filter(filter_fn(is_traced).with_max_level_hint(LevelFilter::DEBUG))
    });
    let exported_lines = logs.as_ref().map(|provider| {
        let filter = NEVER_EXPORTED.split(',').filter_map(|directive| directive.parse().ok()).fold(filter(), EnvFilter::add_directive);
        OpenTelemetryTracingBridge::new(provider).with_filter(filter)
    });
    let as_json = match config.log_format.value {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let lines = if as_json {
        fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(std::io::stderr).with_filter(filter()).boxed()
    } else {
        fmt::layer()
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .with_filter(filter())
            .boxed()
    };
    tracing_subscriber::registry().with(exported_spans).with(exported_lines).with(lines).try_init()?;
    TRACING.store(traces.is_some(), Ordering::Relaxed);
    log_panics();
    Ok(Telemetry { traces, logs, metrics })
}

/// Our own spans down to DEBUG; of events, and of others' spans, what is worth a line.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    let is_ours = metadata.target().starts_with("projections") || metadata.target().starts_with("api");
    let most = if metadata.is_span() && is_ours { Level::DEBUG } else { Level::INFO };
    *metadata.level() <= most
}

/// Metrics for whoever scrapes, and for the collector where there is one.
fn count(collector: Option<&Collector<'_>>, resource: Resource) -> Result<SdkMeterProvider, TelemetryError> {
    let scraped =
        opentelemetry_prometheus::exporter().with_registry(prometheus::default_registry().clone()).scope_info_enabled(false).build()?;
    let mut provider = SdkMeterProvider::builder().with_reader(scraped).with_resource(resource);
    if let Some(exporter) = collector.map(Collector::metrics).transpose()?.flatten() {
        provider = provider.with_periodic_exporter(exporter);
    }
    let provider = provider.build();
    global::set_meter_provider(provider.clone());
    signals::begin();
    process::watch();
    Ok(provider)
}

/// A panic is a log line like any other fault, on the trace of the request that it ends.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "{}", request::panic_message(panic.payload()));
    }));
}

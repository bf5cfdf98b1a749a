//! What leaves the process over OTLP: traces, metrics and logs, each in batches and from threads of their own.
//!
//! The standard variables say where to and how (`OTEL_EXPORTER_OTLP_*`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`,
//! `OTEL_METRIC_EXPORT_INTERVAL`, `OTEL_BSP_*`, and `OTEL_{TRACES,METRICS,LOGS}_EXPORTER=none`); most of them are read by OpenTelemetry itself.
//! Deliberately absent: the protocols of particular vendors. A collector nearby speaks those, and has the keys.

use opentelemetry::KeyValue;
use opentelemetry_otlp::{ExporterBuildError, LogExporter, MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_sdk::trace::SdkTracerProvider;
use uuid::Uuid;

/// A collector that is sent what this process has to say.
pub(super) struct Collector<'a>(pub &'a str);

impl Collector<'_> {
    /// Sends spans; `None` where the operator does not want them.
    pub(super) fn traces(&self, resource: &Resource) -> Result<Option<SdkTracerProvider>, ExporterBuildError> {
        if is_unwanted("OTEL_TRACES_EXPORTER") {
            return Ok(None);
        }
        let mut exporter = SpanExporter::builder().with_http();
        if let Some(endpoint) = self.endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "v1/traces") {
            exporter = exporter.with_endpoint(endpoint);
        }
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter.build()?).with_resource(resource.clone());
        Ok(Some(provider.build()))
    }

    /// Sends the values of the instruments, every minute unless `OTEL_METRIC_EXPORT_INTERVAL` says otherwise.
    pub(super) fn metrics(&self) -> Result<Option<MetricExporter>, ExporterBuildError> {
        if is_unwanted("OTEL_METRICS_EXPORTER") {
            return Ok(None);
        }
        let mut exporter = MetricExporter::builder().with_http();
        if let Some(endpoint) = self.endpoint("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "v1/metrics") {
            exporter = exporter.with_endpoint(endpoint);
        }
        exporter.build().map(Some)
    }

    /// Sends log lines, each with the trace that it was written on.
    pub(super) fn logs(&self, resource: &Resource) -> Result<Option<SdkLoggerProvider>, ExporterBuildError> {
        if is_unwanted("OTEL_LOGS_EXPORTER") {
            return Ok(None);
        }
        let mut exporter = LogExporter::builder().with_http();
        if let Some(endpoint) = self.endpoint("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "v1/logs") {
            exporter = exporter.with_endpoint(endpoint);
        }
        let provider = SdkLoggerProvider::builder().with_batch_exporter(exporter.build()?).with_resource(resource.clone());
        Ok(Some(provider.build()))
    }

    /// Said here, since the collector may be named in the file, which OpenTelemetry does not read; a signal's own variable goes first.
    fn endpoint(&self, own_variable: &str, path: &str) -> Option<String> {
        std::env::var_os(own_variable).is_none().then(|| format!("{}/{path}", self.0.trim_end_matches('/')))
    }
}

fn is_unwanted(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|wanted| wanted == "none")
}

/// Who speaks. What the operator has set (`OTEL_RESOURCE_ATTRIBUTES`, and `OTEL_SERVICE_NAME` before all) wins over what we know.
pub(super) fn resource() -> Resource {
    let ours = [
        KeyValue::new("service.name", "effluent"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        // Two processes that count the same things must not overwrite each other's sums.
        KeyValue::new("service.instance.id", Uuid::new_v4().to_string()),
    ];
    let theirs = EnvResourceDetector::new();
    let resource = Resource::builder_empty().with_attributes(ours).with_detectors(&[Box::new(TelemetryResourceDetector), Box::new(theirs)]);
    match std::env::var("OTEL_SERVICE_NAME") {
        Ok(name) if !name.is_empty() => resource.with_service_name(name).build(),
        _ => resource.build(),
    }
}

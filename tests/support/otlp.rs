//! A receiver of OTLP over HTTP, as a collector has one: it decodes what a server exports with OpenTelemetry's own message types, and keeps it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

/// Servers export several times a second in tests; a busy machine may take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A receiver on a port of its own. It ends with the test process.
#[derive(Clone, Debug)]
pub struct OtlpReceiver {
    address: String,
    received: Arc<Mutex<Received>>,
}

/// All that has arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Spans that have ended.
    pub spans: Vec<Span>,
    /// Names of metrics.
    pub metrics: BTreeSet<String>,
    /// Log lines.
    pub lines: Vec<Line>,
    /// The resources that spoke: their attributes, without repetitions.
    pub resources: BTreeSet<BTreeMap<String, String>>,
}

/// A span; ids are hexadecimal.
#[derive(Clone, Debug)]
pub struct Span {
    /// What it is called.
    pub name: String,
    /// Which trace it belongs to.
    pub trace_id: String,
    /// Its own id.
    pub id: String,
    /// The span that it is part of; empty for the first of a trace.
    pub parent_id: String,
    /// Its fields.
    pub attributes: BTreeMap<String, String>,
}

/// A log line.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// On which trace; empty outside of any.
    pub trace_id: String,
}

impl OtlpReceiver {
    /// Listens from now on.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("its port"));
        let received = Arc::new(Mutex::new(Received::default()));
        let kept = Arc::clone(&received);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                thread::spawn(move || while receive(&connection, &kept).is_some() {});
            }
        });
        Self { address, received }
    }

    /// What a server needs to be told to send everything here, and soon.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &self.address),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
        ]
    }

    /// What has arrived once it is enough.
    pub async fn wait_until(&self, what: &str, enough: impl Fn(&Received) -> bool) -> Received {
        let begun = Instant::now();
        loop {
            let received = self.received.lock().unwrap().clone();
            if enough(&received) {
                return received;
            }
            assert!(begun.elapsed() < PATIENCE, "{what} did not arrive, but {received:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Received {
    /// The spans of a trace.
    pub fn trace(&self, trace_id: &str) -> Vec<&Span> {
        self.spans.iter().filter(|span| span.trace_id == trace_id).collect()
    }
}

/// Reads one request and answers it; `None` at the end of the connection.
fn receive(connection: &TcpStream, kept: &Mutex<Received>) -> Option<()> {
    let mut reader = BufReader::new(connection);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            text => head.push(text.to_ascii_lowercase()),
        }
    }
    let path = head.first()?.split(' ').nth(1)?.to_owned();
    let length = head.iter().find_map(|line| line.strip_prefix("content-length:")).map(|length| length.trim().parse::<usize>());
    let mut body = vec![0; length.expect("a length").expect("a number")];
    reader.read_exact(&mut body).ok()?;
    keep(&path, &body, &mut kept.lock().unwrap());
    // An empty message says that all was taken.
    (&*connection).write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n").ok()
}

fn keep(path: &str, body: &[u8], kept: &mut Received) {
    match path {
        "/v1/traces" => {
            for group in ExportTraceServiceRequest::decode(body).expect("traces").resource_spans {
                kept.resources.insert(speaker(group.resource));
                kept.spans.extend(group.scope_spans.into_iter().flat_map(|scope| scope.spans).map(|span| Span {
                    name: span.name,
                    trace_id: hex(&span.trace_id),
                    id: hex(&span.span_id),
                    parent_id: hex(&span.parent_span_id),
                    attributes: texts(&span.attributes),
                }));
            }
        }
        "/v1/metrics" => {
            for group in ExportMetricsServiceRequest::decode(body).expect("metrics").resource_metrics {
                kept.resources.insert(speaker(group.resource));
                kept.metrics.extend(group.scope_metrics.into_iter().flat_map(|scope| scope.metrics).map(|metric| metric.name));
            }
        }
        "/v1/logs" => {
            for group in ExportLogsServiceRequest::decode(body).expect("logs").resource_logs {
                kept.resources.insert(speaker(group.resource));
                kept.lines.extend(
                    group
                        .scope_logs
                        .into_iter()
                        .flat_map(|scope| scope.log_records)
                        .map(|line| Line { text: line.body.as_ref().map(text).unwrap_or_default(), trace_id: hex(&line.trace_id) }),
                );
            }
        }
        other => panic!("a collector has nothing at {other}"),
    }
}

fn speaker(resource: Option<Resource>) -> BTreeMap<String, String> {
    texts(&resource.unwrap_or_default().attributes)
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    attributes.iter().map(|pair| (pair.key.clone(), pair.value.as_ref().map(text).unwrap_or_default())).collect()
}

fn text(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(flag)) => flag.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

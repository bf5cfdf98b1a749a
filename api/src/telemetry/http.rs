//! The HTTP server's own metrics, with the names and labels of OpenTelemetry's semantic conventions.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use opentelemetry::metrics::{Histogram, UpDownCounter};
use opentelemetry::{KeyValue, global};

/// The steps that the conventions advise, in seconds.
const SECONDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

struct Instruments {
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| {
    let meter = global::meter("effluent");
    Instruments {
        duration: meter
            .f64_histogram("http.server.request.duration")
            .with_unit("s")
            .with_boundaries(SECONDS.to_vec())
            .with_description("From the head of a request to the head of its answer, by method, route and status")
            .build(),
        active: meter.i64_up_down_counter("http.server.active_requests").with_description("Requests that are being answered").build(),
    }
});

/// A request that is being answered, until it is dropped: also where its client went away and nobody finishes it.
pub(super) struct Active(());

impl Active {
    pub(super) fn begin() -> Self {
        INSTRUMENTS.active.add(1, &[]);
        Self(())
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        INSTRUMENTS.active.add(-1, &[]);
    }
}

/// A request was answered. `route` is a pattern, not an address: there are as many as the program has.
pub(super) fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let labels = [
        KeyValue::new("http.request.method", known(method)),
        KeyValue::new("http.route", route.to_owned()),
        KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
    ];
    INSTRUMENTS.duration.record(took.as_secs_f64(), &labels);
}

/// A client may invent methods; the conventions have one word for all of them.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

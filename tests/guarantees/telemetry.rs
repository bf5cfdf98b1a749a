//! What operators see: metrics that move when the thing that they name happens, one trace per command from the request to the projection,
//! and errors that say whose, in which command and at which stage.

use serde_json::json;
use support::{OtlpReceiver, TestServer};

#[tokio::test]
async fn requests_are_measured_by_method_route_and_status() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let before = server.metrics().await;
    home.get("/accounts/{Checking}").await.expect_status(200);
    home.get("/accounts/01890a5d-ac96-774b-bcce-b302099a8057").await.expect_status(404);
    let after = server.metrics().await;
    let count = "http_server_request_duration_seconds_count";
    for status in ["200", "404"] {
        let labels = [("http_request_method", "GET"), ("http_route", "/api/v1/accounts/{id}"), ("http_response_status_code", status)];
        assert_eq!(after.growth(&before, count, &labels), 1.0, "{status}");
    }
    for present in
        ["process_cpu_time_seconds_total", "process_memory_usage_bytes", "db_client_connection_count", "db_client_connection_max"]
    {
        assert!(after.value(present, &[]).is_some_and(|value| value > 0.0), "{present} in {:?}", after.names());
    }
}

#[tokio::test]
async fn everything_is_exported_over_otlp_where_an_endpoint_is_set() {
    let receiver = OtlpReceiver::start();
    let server = TestServer::start_with(&receiver.settings()).await;
    let home = server.household().await;
    let answer = home.post("/accounts", json!({"name": "Jar", "account_type": "cash"})).await.expect_status(201);
    let trace_id = answer.header("traceparent").unwrap().split('-').nth(1).unwrap().to_owned();
    let received = receiver
        .wait_until("a trace, its log line and the metrics", |received| {
            !received.trace(&trace_id).is_empty()
                && received.lines.iter().any(|line| line.trace_id == trace_id)
                && received.metrics.contains("effluent.commands")
        })
        .await;
    assert!(received.metrics.contains("http.server.request.duration"), "{:?}", received.metrics);
    assert_eq!(received.resources.len(), 1, "{:?}", received.resources);
    let speaker = received.resources.first().unwrap();
    assert_eq!(speaker["service.name"], "effluent");
    assert!(speaker.contains_key("service.instance.id") && speaker.contains_key("service.version"), "{speaker:?}");
}

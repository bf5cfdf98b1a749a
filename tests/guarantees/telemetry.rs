//! What operators see: metrics that move when the thing that they name happens, one trace per command from the request to the projection,
//! and errors that say whose, in which command and at which stage.

use serde_json::json;
use sqlx::Executor;
use support::{Client, OtlpReceiver, TestServer};

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

/// The fault: a 500 whose cause nobody finds, or a log that says what failed and not for whom.
#[tokio::test]
async fn a_fault_is_reported_once_with_household_command_stage_and_the_trace_that_its_client_is_told() {
    let server = TestServer::start().await;
    let home = server.household_earning("Acme", "96000.00").await;
    let mut owner = server.database().connect().await;
    let before = server.metrics().await;
    owner
        .execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await
        .unwrap();
    let raise = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(500);
    assert_reported(&home, raise.at("/trace_id"), "append", "PATCH /api/v1/income-sources/{id}");
    owner.execute("DROP TRIGGER refuse ON events").await.unwrap();

    // A stream that does not hang together, met by a process that has not seen it before.
    owner
        .execute("ALTER TABLE events DISABLE TRIGGER USER; UPDATE events SET prev_hash = sha256(prev_hash) WHERE sequence = 3; ALTER TABLE events ENABLE TRIGGER USER")
        .await
        .unwrap();
    let other = home.through(&server.another().await);
    let damaged = other.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(500);
    assert_reported(&other, damaged.at("/trace_id"), "load", "PATCH /api/v1/income-sources/{id}");

    let after = server.metrics().await;
    assert_eq!(after.growth(&before, "effluent_errors_total", &[("stage", "append"), ("kind", "internal")]), 1.0);
    assert_eq!(after.growth(&before, "effluent_errors_total", &[]), 1.0);
    let elsewhere = other.server().metrics().await;
    assert_eq!(elsewhere.value("effluent_errors_total", &[("stage", "load"), ("kind", "internal")]), Some(1.0));
}

fn assert_reported(home: &Client, trace_id: &str, stage: &str, command: &str) {
    let log = home.server().log();
    let lines: Vec<serde_json::Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let reports: Vec<_> = lines.iter().filter(|line| line["level"] == "ERROR").collect();
    let [report] = reports.as_slice() else { panic!("not one report, but {reports:#?}") };
    let household = home.id("household");
    let said = (report["stage"].as_str(), report["command"].as_str(), report["household"].as_str(), report["span"]["trace_id"].as_str());
    assert_eq!(said, (Some(stage), Some(command), Some(household.as_str()), Some(trace_id)), "{report:#}");
    assert!(report["error"].as_str().is_some_and(|error| !error.is_empty()), "{report:#}");
}

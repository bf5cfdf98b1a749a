//! What operators see: metrics that move when the thing that they name happens, one trace per command from the request to the projection,
//! and errors that say whose, in which command and at which stage.

use serde_json::json;
use sqlx::Executor;
use support::{Client, OtlpReceiver, Received, TestServer};

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
                // Counters begin at 0, and are sent before anything has been measured: this one is there once a request has been.
                && received.metrics.contains("http.server.request.duration")
        })
        .await;
    assert_eq!(received.resources.len(), 1, "{:?}", received.resources);
    let speaker = received.resources.first().unwrap();
    assert_eq!(speaker["service.name"], "effluent");
    assert!(speaker.contains_key("service.instance.id") && speaker.contains_key("service.version"), "{speaker:?}");
}

/// The fault: a trace that ends with the answer, so that nobody can see what a slow or failed projection came from. The command goes to one
/// process, and another one projects.
#[tokio::test(flavor = "multi_thread")]
async fn one_trace_shows_a_command_from_its_request_to_its_projection_in_another_process() {
    let receiver = OtlpReceiver::start();
    let mut settings = receiver.settings();
    let server = TestServer::start_with(&settings).await;
    let home = server.household_earning("Acme", "96000.00").await;
    settings.push(("EFFLUENT_PROJECTOR", "on"));
    let _projecting = TestServer::start_on(server.database().clone(), &settings).await;

    // What came before is projected first: else the raise would be projected along with it, and be a part of that trace.
    let version = home.version().await;
    let projected = format!("SELECT count(*) FROM scenario_projections WHERE household_version = {version}");
    let begun = std::time::Instant::now();
    while server.database().number(&projected).await == 0 {
        assert!(begun.elapsed().as_secs() < 60, "the projector of the other process does not project");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    let caller = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let traced = home.with_header("traceparent", &format!("00-{}-{}-01", caller.0, caller.1));
    let raise = traced.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(200);
    let whole = |received: &Received| {
        let names: Vec<&str> = received.trace(caller.0).iter().map(|span| span.name.as_str()).collect();
        ["PATCH /api/v1/income-sources/{id}", "load", "decide", "append", "statement", "catch_up", "project"]
            .iter()
            .all(|name| names.contains(name))
    };
    let received = receiver.wait_until("the whole trace", whole).await;
    let spans = received.trace(caller.0);
    let one = |name: &str, parent: &str| {
        let found = spans.iter().find(|span| span.name == name && span.parent_id == parent);
        *found.unwrap_or_else(|| panic!("no {name} below {parent} in {spans:#?}"))
    };
    let request = one("PATCH /api/v1/income-sources/{id}", caller.1);
    one("load", &request.id);
    let decide = one("decide", &request.id);
    let append = one("append", &request.id);
    one("statement", &append.id);
    let catch_up = one("catch_up", &request.id);
    let project = one("project", &catch_up.id);
    for span in [request, decide, append, catch_up, project] {
        assert_eq!(span.attributes.get("household"), Some(&home.id("household")), "{span:?}");
    }
    assert_eq!(append.attributes["version"], raise.version().to_string());
    assert_eq!(project.attributes["version"], raise.version().to_string());
    // Households and versions are named, and nothing that somebody has entered.
    let all = format!("{:?} {:?}", received.spans, received.lines);
    assert!(!all.contains("104000") && !all.contains("Acme") && !all.contains("example.com"));

    let kept = "SELECT count(DISTINCT (metadata->>'trace_id', metadata->>'span_id')) FROM events WHERE metadata->>'trace_id' = \
                '4bf92f3577b34da6a3ce929d0e0e4736' AND length(metadata->>'span_id') = 16";
    assert_eq!(server.database().number(kept).await, 1, "the events do not name their trace");

    // A query, and a refusal, are traces too; a problem names its own.
    let refused = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "-1.00"})).await.expect_status(422);
    let trace_id = refused.at("/trace_id").to_owned();
    home.with_header("traceparent", &format!("00-{trace_id}-{}-01", caller.1)).get("/accounts").await.expect_status(200);
    let both = |received: &Received| {
        let names: Vec<&str> = received.trace(&trace_id).iter().map(|span| span.name.as_str()).collect();
        names.contains(&"query") && names.contains(&"PATCH /api/v1/income-sources/{id}")
    };
    receiver.wait_until("a refusal and a query", both).await;
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
    assert_reported(&home, raise.at("/trace_id"), "append", "PATCH /api/v1/income-sources/{id}").await;
    owner.execute("DROP TRIGGER refuse ON events").await.unwrap();

    // A stream that does not hang together, met by a process that has not seen it before.
    owner
        .execute("ALTER TABLE events DISABLE TRIGGER USER; UPDATE events SET prev_hash = sha256(prev_hash) WHERE sequence = 3; ALTER TABLE events ENABLE TRIGGER USER")
        .await
        .unwrap();
    let other = home.through(&server.another().await);
    let damaged = other.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(500);
    assert_reported(&other, damaged.at("/trace_id"), "load", "PATCH /api/v1/income-sources/{id}").await;

    let after = server.metrics().await;
    assert_eq!(after.growth(&before, "effluent_errors_total", &[("stage", "append"), ("kind", "internal")]), 1.0);
    assert_eq!(after.growth(&before, "effluent_errors_total", &[]), 1.0);
    let elsewhere = other.server().metrics().await;
    assert_eq!(elsewhere.value("effluent_errors_total", &[("stage", "load"), ("kind", "internal")]), Some(1.0));
}

async fn assert_reported(home: &Client, trace_id: &str, stage: &str, command: &str) {
    let reports = || -> Vec<serde_json::Value> {
        let log = home.server().log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.filter(|line| line["level"] == "ERROR").collect()
    };
    // The answer may be here before the log has come through its pipe.
    let asked = std::time::Instant::now();
    while reports().is_empty() && asked.elapsed() < std::time::Duration::from_secs(10) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let reports = reports();
    let [report] = reports.as_slice() else { panic!("not one report, but {reports:#?}") };
    let household = home.id("household");
    let said = (report["stage"].as_str(), report["command"].as_str(), report["household"].as_str(), report["span"]["trace_id"].as_str());
    assert_eq!(said, (Some(stage), Some(command), Some(household.as_str()), Some(trace_id)), "{report:#}");
    assert!(report["error"].as_str().is_some_and(|error| !error.is_empty()), "{report:#}");
}

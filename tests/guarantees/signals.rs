//! The five signals that operators watch, each moved by what it is named for; and a dashboard and alert rules that name nothing else than what
//! a server really tells.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use sqlx::Executor;
use support::{HeldUp, Metrics, TestServer};

const FLOWS: &str = "effluent_flow_generation_total";

#[tokio::test]
async fn flow_generation_counts_what_was_generated_unchanged_and_failed() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let before = server.metrics().await;
    let moved = |now: &Metrics| ["generated", "unchanged", "failed"].map(|outcome| now.growth(&before, FLOWS, &[("outcome", outcome)]));

    home.salary("Acme", "96000.00").await;
    assert_eq!(moved(&server.metrics().await), [1.0, 0.0, 0.0]);
    home.post("/flows/regenerate", json!({})).await.expect_status(200);
    assert_eq!(moved(&server.metrics().await), [1.0, 1.0, 0.0]);
    let mut owner = server.database().connect().await;
    owner
        .execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$; \
             CREATE TRIGGER refuse BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await
        .unwrap();
    home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(500);
    let now = server.metrics().await;
    assert_eq!(moved(&now), [1.0, 1.0, 1.0]);
    assert_eq!(now.growth(&before, "effluent_flow_generation_duration_seconds_count", &[("outcome", "generated")]), 1.0);
}

/// Two processes that know nothing of each other's turns, on one household.
#[tokio::test(flavor = "multi_thread")]
async fn contention_counts_decisions_that_were_made_again() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let other = server.another().await;
    let begun = std::time::Instant::now();
    loop {
        let writers = [&server, &other].into_iter().flat_map(|server| vec![server; 4]).enumerate().map(|(n, server)| {
            let home = home.through(server);
            tokio::spawn(async move {
                for round in 0..10 {
                    let body = json!({"name": format!("Jar {n} {round}"), "account_type": "cash", "current_balance": "1.00"});
                    home.post("/accounts", body).await.expect_status(201);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let both = [server.metrics().await, other.metrics().await];
        let sum = |name: &str| both.iter().map(|metrics| metrics.value(name, &[]).unwrap_or(0.0)).sum::<f64>();
        let (conflicts, commands) = (sum("effluent_command_conflicts_total"), sum("effluent_commands_total"));
        assert!(sum("effluent_command_retries_count") == commands && commands >= 80.0, "{commands} commands");
        if conflicts > 0.0 && sum("effluent_command_retries_sum") > 0.0 {
            return;
        }
        assert!(begun.elapsed().as_secs() < 30, "eight writers in two processes have not met once");
    }
}

#[tokio::test]
async fn reads_of_projections_count_by_where_they_came_from() {
    let server = TestServer::start_with(&[("EFFLUENT_PROJECTOR", "off")]).await; // so that nobody is faster than the reader
    let home = server.household_earning("Acme", "96000.00").await;
    let before = server.metrics().await;
    for (stored, computed) in [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0)] {
        let shown = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
        let now = server.metrics().await;
        let growth = |source| now.growth(&before, "effluent_projection_reads_total", &[("source", source)]);
        assert_eq!((growth("stored"), growth("computed")), (stored, computed), "{}", shown.at("/source"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_refresh_that_comes_while_one_runs_counts_as_a_duplicate() {
    let server = TestServer::start().await;
    let home = server.household_earning("Acme", "96000.00").await;
    let held = HeldUp::every_cold_load(&server).await;
    let before = server.metrics().await;
    let moved = |now: &Metrics| {
        ["completed", "duplicate", "failed"].map(|outcome| now.growth(&before, "effluent_baseline_refresh_total", &[("outcome", outcome)]))
    };
    let refresh = || home.post("/scenarios/baseline", json!({"action": "refresh", "async": true}));
    let first = refresh().await.expect_status(202);
    refresh().await.expect_status(409);
    refresh().await.expect_status(409);
    assert_eq!(moved(&server.metrics().await), [0.0, 2.0, 0.0]);
    held.release().await;
    let job = format!("/jobs/{}", first.at("/id"));
    until("the job ends", async || home.get(&job).await.expect_status(200).at("/state") == "succeeded").await;
    until("it is counted", async || moved(&server.metrics().await) == [1.0, 2.0, 0.0]).await;
}

/// The fault: whoever reports the lag is who lags. So every process asks the database, and says so also where no projector runs at all.
#[tokio::test(flavor = "multi_thread")]
async fn lag_and_parked_households_are_told_by_every_process_also_where_nobody_projects() {
    let server = TestServer::start_with(&[("EFFLUENT_PROJECTOR", "off")]).await;
    let home = server.household_earning("Acme", "96000.00").await;
    let unlucky = server.household_earning("Acme", "96000.00").await;
    let told = async |server: &TestServer, name: &str| server.metrics().await.value(name, &[]);
    let (lag, age, parked) = ("effluent_projector_lag_events", "effluent_projector_lag_seconds", "effluent_projector_parked_households");
    until("the lag is told", async || told(&server, lag).await >= Some(10.0)).await;
    assert!(told(&server, age).await > Some(0.0));
    assert_eq!(told(&server, parked).await, Some(0.0));

    // A stream that cannot be folded: its projection fails, and only its.
    let mut owner = server.database().connect().await;
    let damage =
        format!("UPDATE events SET prev_hash = sha256(prev_hash) WHERE sequence = 3 AND household_id = '{}'", unlucky.id("household"));
    for statement in ["ALTER TABLE events DISABLE TRIGGER USER", &damage, "ALTER TABLE events ENABLE TRIGGER USER"] {
        owner.execute(statement).await.unwrap();
    }
    let projecting = TestServer::start_on(server.database().clone(), &[("EFFLUENT_PROJECTOR", "on")]).await;
    for process in [&projecting, &server] {
        until("one is parked, and the others are covered", async || {
            (told(process, parked).await, told(process, lag).await) == (Some(1.0), Some(0.0))
        })
        .await;
    }
    let shown = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    assert_eq!(shown.at("/source"), "stored", "the other household's projection was not kept");
    // An error is reported once, where it is given up on.
    assert_eq!(projecting.metrics().await.value("effluent_errors_total", &[("stage", "load"), ("kind", "internal")]), Some(1.0));
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so().await {
        assert!(begun.elapsed().as_secs() < 60, "not within a minute: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The fault: a panel that shows nothing, and an alert that never fires, because a name was changed or mistyped.
#[tokio::test]
async fn dashboard_and_alerts_name_only_what_a_server_tells_and_every_signal_is_on_both() {
    let server = TestServer::start().await;
    let home = server.household_earning("Acme", "96000.00").await;
    home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    home.post("/scenarios/baseline", json!({"action": "refresh"})).await.expect_status(200);
    until("lag and jobs are told", async || {
        let now = server.metrics().await;
        now.value("effluent_projector_lag_events", &[]).is_some() && now.value("effluent_jobs_unfinished", &[]).is_some()
    })
    .await;
    let metrics = server.metrics().await;
    let told = metrics.names();
    let dashboard: Value = serde_json::from_str(&shipped("ops/grafana/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let shown: Vec<&str> = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten())
        .filter_map(|target| target["expr"].as_str())
        .collect();
    let rules = shipped("ops/prometheus/alerts.yml");
    let alerts: Vec<&str> = rules.split("- alert:").skip(1).collect();
    let expressions: Vec<&str> = alerts.iter().map(|alert| alert.split("expr:").nth(1).unwrap().split("labels:").next().unwrap()).collect();
    assert!(shown.len() > 20 && alerts.len() > 5);

    for expression in shown.iter().chain(&expressions) {
        let named = metrics_in(expression);
        assert!(!named.is_empty(), "no metric in {expression}");
        for name in named {
            assert!(told.contains(name.as_str()) || name == "up", "nobody tells {name}: {expression}; told are {told:#?}");
        }
    }
    for (signal, name) in [
        ("flow_generation", FLOWS),
        ("contention", "effluent_command_conflicts_total"),
        ("baseline_refresh", "effluent_baseline_refresh_total"),
        ("projector_lag", "effluent_projector_lag_events"),
        ("projector_lag", "effluent_projector_parked_households"),
        ("freshness", "effluent_projection_reads_total"),
    ] {
        assert!(shown.iter().any(|expression| metrics_in(expression).contains(name)), "no panel shows {name}");
        let rule = alerts.iter().zip(&expressions).find(|(_, expression)| metrics_in(expression).contains(name));
        let (rule, _) = rule.unwrap_or_else(|| panic!("no alert looks at {name}"));
        assert!(rule.contains(&format!("signal: {signal}")), "{name}: {rule}");
    }
    // What an alert says to look up is there.
    let readme = shipped("ops/README.md");
    let headings: BTreeSet<String> =
        readme.lines().filter_map(|line| line.strip_prefix("### ")).map(|title| title.to_lowercase().replace(' ', "-")).collect();
    for alert in &alerts {
        let anchor = alert.split("runbook: ops/README.md#").nth(1).and_then(|rest| rest.split_whitespace().next());
        assert!(anchor.is_some_and(|anchor| headings.contains(anchor)), "{anchor:?} is not in {headings:?}");
    }
}

fn shipped(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of metrics in an expression: words of several parts, outside of selectors, ranges and groupings, that are no function.
fn metrics_in(expression: &str) -> BTreeSet<String> {
    let mut plain = expression.to_owned();
    for (open, close) in [("{", "}"), ("[", "]"), ("by (", ")")] {
        while let Some((before, (_, after))) = plain.split_once(open).and_then(|(before, rest)| Some((before, rest.split_once(close)?))) {
            plain = format!("{before} {after}");
        }
    }
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.contains('_') && *word != "histogram_quantile" || *word == "up").map(str::to_owned).collect()
}

//! Jobs over HTTP: one resource for everything long. The predecessor's bugs 1 (another household could read a task), 2 (a batch blocked a
//! worker), 5 (a result was gone before its client asked), 6 (some tasks had no status), 12 and 13 (double clicks did the work twice).

use std::time::Duration;

use serde_json::{Value, json};
use support::{Answer, Client, HeldUp, TestServer};

use crate::family::{assert_fields, assert_problem, assert_versioned, ended, family};

async fn export(home: &Client, body: Value) -> Answer {
    let begun = home.post("/scenarios/{baseline}/exports", body).await.expect_status(202);
    ended(home, begun.at("/id")).await
}

#[tokio::test]
async fn a_job_has_the_shape_that_clients_rely_on_from_its_beginning_to_its_result() {
    let home = family().await;
    let begun = home.post("/scenarios/{baseline}/exports", json!({"format": "csv", "months": 24})).await.expect_status(202);
    assert_versioned(&begun);
    assert_eq!(begun.header("location"), Some(format!("/api/v1/jobs/{}", begun.at("/id")).as_str()));
    assert_fields(begun.json(), &["id", "kind", "state", "progress", "result", "error", "requested_at"]);
    assert_eq!((begun.at("/kind"), begun.at("/state"), begun.number_at("/progress")), ("projection_export", "queued", 0));
    assert_eq!(begun.value("/parameters"), &json!({"scenario_id": home.id("baseline"), "format": "csv", "months": 24}));
    let job = ended(&home, begun.at("/id")).await;
    assert_eq!((job.at("/state"), job.number_at("/progress"), job.value("/error")), ("succeeded", 100, &Value::Null));
    let result = home.get(job.at("/result/href")).await.expect_status(200);
    assert_eq!(job.number_at("/result/size_bytes"), i64::try_from(result.text().len()).unwrap());
    let direct = home.get("/scenarios/{baseline}/projections?format=csv&months=24").await.expect_status(200);
    assert_eq!((result.text(), result.header("content-type")), (direct.text(), direct.header("content-type")));
    assert_eq!(home.version().await, direct.version(), "a job is no event");

    let json = export(&home, json!({"format": "json"})).await;
    let written = home.get(json.at("/result/href")).await.expect_status(200);
    assert_eq!(written.value("/months"), home.get("/scenarios/{baseline}/projections").await.value("/months"));
}

/// In every form in which the projection itself is answered.
#[tokio::test]
async fn an_export_is_what_the_projection_answers_in_that_form() {
    let home = family().await;
    for format in ["csv", "beancount", "hledger"] {
        let job = export(&home, json!({"format": format, "months": 14})).await;
        let result = home.get(job.at("/result/href")).await.expect_status(200);
        let direct = home.get(&format!("/scenarios/{{baseline}}/projections?format={format}&months=14")).await.expect_status(200);
        assert_eq!((result.text(), result.header("content-type")), (direct.text(), direct.header("content-type")), "{format}");
        assert!(result.text().lines().count() > 14, "{format}");
    }
    let refused = home.post("/scenarios/{baseline}/exports", json!({"format": "ledger"})).await;
    assert_problem(&refused, 422);
    assert_eq!(refused.errors(), [("format", "unknown_word")]);
}

/// A job changes without any event: were its ETag the household's version, a client would be told for ever that nothing has changed.
#[tokio::test]
async fn the_etag_of_a_job_changes_with_the_job() {
    let home = family().await;
    let held = HeldUp::every_cold_load(home.server()).await;
    let begun = home.post("/scenarios/baseline", json!({"action": "refresh", "async": true})).await.expect_status(202);
    let path = format!("/jobs/{}", begun.at("/id"));
    let tag = home.get(&path).await.expect_status(200).header("etag").unwrap().to_owned();
    held.release().await;
    let job = ended(&home, begun.at("/id")).await;
    assert_ne!(job.header("etag"), Some(tag.as_str()));
    home.get(&path).header("if-none-match", &tag).await.expect_status(200);
    home.get(&path).header("if-none-match", job.header("etag").unwrap()).await.expect_status(304);
    home.get("/jobs").header("if-none-match", &tag).await.expect_status(200);
}

#[tokio::test]
async fn a_result_outlives_the_process_that_made_it_and_is_kept_for_a_day_at_least() {
    let home = family().await;
    let job = export(&home, json!({"format": "csv"})).await;
    let path = format!("/jobs/{}/result", job.at("/id"));
    let first = home.get(&path).await.expect_status(200);
    home.server().stop().await;
    home.server().start_again().await;
    assert_eq!(home.get(&path).await.expect_status(200).text(), first.text());
    let kept = "SELECT count(*) FROM jobs WHERE expires_at >= finished_at + interval '24 hours'";
    assert_eq!(home.server().database().number(kept).await, 1);
}

/// Bug 1: who knew the id of a task could read it.
#[tokio::test]
async fn a_job_of_another_household_is_not_there() {
    let home = family().await;
    let job = export(&home, json!({"format": "csv"})).await;
    let stranger = home.server().household().await;
    for path in [format!("/jobs/{}", job.at("/id")), format!("/jobs/{}/result", job.at("/id"))] {
        assert_problem(&stranger.get(&path).await, 404);
        home.get(&path).await.expect_status(200);
    }
    assert_problem(&stranger.post(&format!("/jobs/{}/cancel", job.at("/id")), json!({})).await, 404);
    assert_eq!(stranger.get("/jobs").await.expect_status(200).list_at("/items").len(), 0);
}

#[tokio::test]
async fn the_list_shows_the_newest_first_page_by_page_and_by_state() {
    let home = family().await;
    let mut ids = Vec::new();
    for months in 1..=3 {
        ids.insert(0, export(&home, json!({"format": "csv", "months": months})).await.at("/id").to_owned());
    }
    let listed = |answer: &Answer| answer.list_at("/items").iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let first = home.get("/jobs?limit=2").await.expect_status(200);
    let second = home.get(&format!("/jobs?limit=2&cursor={}", first.at("/next_cursor"))).await.expect_status(200);
    assert_eq!([listed(&first), listed(&second)].concat(), ids);
    assert!(second.value("/next_cursor").is_null() && first.value("/items/0").get("result").is_none(), "results are not in lists");
    assert_eq!(listed(&home.get("/jobs?state=succeeded").await.expect_status(200)), ids);
    assert_eq!(listed(&home.get("/jobs?state=failed").await.expect_status(200)), Vec::<String>::new());
    assert_eq!(home.get("/jobs?state=lost").await.expect_status(422).errors(), [("state", "unknown_word")]);
    assert_eq!(home.get("/jobs?cursor=W10").await.expect_status(422).errors(), [("cursor", "not_a_cursor")]);
}

#[tokio::test]
async fn a_job_that_runs_stops_at_its_next_step_and_one_that_has_ended_stays_as_it_is() {
    let home = family().await;
    let held = HeldUp::every_cold_load(home.server()).await;
    let begun = home.post("/scenarios/baseline", json!({"action": "refresh", "async": true})).await.expect_status(202);
    let cancel = format!("/jobs/{}/cancel", begun.at("/id"));
    running(&home, begun.at("/id")).await;
    let asked = home.post(&cancel, json!({})).await.expect_status(200);
    assert_versioned(&asked);
    assert_eq!((asked.at("/state"), asked.value("/cancel_requested")), ("running", &json!(true)));
    // Heard with the next heartbeat; then the work is let go on to its next step.
    let database = home.server().database();
    let beaten = "SELECT count(*) FROM jobs WHERE heartbeat_at > (SELECT to_timestamp($1))";
    let asked_at: f64 =
        sqlx::query_scalar("SELECT extract(epoch FROM clock_timestamp())::float8").fetch_one(&mut database.connect().await).await.unwrap();
    while sqlx::query_scalar::<_, i64>(beaten).bind(asked_at).fetch_one(&mut database.connect().await).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    held.release().await;
    let job = ended(&home, begun.at("/id")).await;
    assert_eq!((job.at("/state"), job.value("/result"), job.value("/error")), ("cancelled", &Value::Null, &Value::Null));
    home.post(&cancel, json!({})).await.expect_status(200); // twice is as good as once
    assert_problem(&home.get(&format!("/jobs/{}/result", begun.at("/id"))).await, 409);

    let done = export(&home, json!({"format": "csv"})).await;
    assert_problem(&home.post(&format!("/jobs/{}/cancel", done.at("/id")), json!({})).await, 409);
    assert_eq!(home.get(&format!("/jobs/{}", done.at("/id"))).await.at("/state"), "succeeded");
}

/// Until somebody works on it.
async fn running(home: &Client, id: &str) {
    let begun = std::time::Instant::now();
    while home.get(&format!("/jobs/{id}")).await.expect_status(200).at("/state") != "running" {
        assert!(begun.elapsed().as_secs() < 60, "nobody takes it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Bugs 12 and 13: a double click did the work twice.
#[tokio::test]
async fn a_request_for_a_job_that_is_sent_again_under_its_key_begins_none() {
    let home = family().await;
    let ask = |body: Value| home.post("/scenarios/{baseline}/exports", body).idempotency_key("once");
    let first = ask(json!({"format": "csv"})).await.expect_status(202);
    let again = ask(json!({"format": "csv"})).await.expect_status(202);
    assert_eq!(
        (again.text(), again.header("location"), again.header("idempotency-hit")),
        (first.text(), first.header("location"), Some("true"))
    );
    assert_problem(&ask(json!({"format": "json"})).await, 422);
    assert_eq!(home.get("/jobs").await.list_at("/items").len(), 1);
}

/// What cannot be projected says where it failed, and why.
#[tokio::test]
async fn what_a_job_is_refused_for_is_told_with_its_stage() {
    let home = family().await;
    let held = HeldUp::every_cold_load(home.server()).await;
    let begun = home.post("/scenarios/baseline", json!({"action": "refresh", "async": true})).await.expect_status(202);
    running(&home, begun.at("/id")).await;
    // The job acts with the rights that its asker has now.
    let database = home.server().database();
    let mut owner = database.connect().await;
    sqlx::query("DELETE FROM memberships").execute(&mut owner).await.unwrap();
    held.release().await;
    // Which stage is a matter of how far it had come.
    let query = "SELECT count(*) FROM jobs WHERE state = 'failed' AND error_stage IS NOT NULL AND error_message LIKE '%no access%'";
    let begun = std::time::Instant::now();
    while database.number(query).await == 0 {
        assert!(begun.elapsed().as_secs() < 60, "the job has not failed for want of access");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn an_export_of_what_is_not_there_begins_nothing() {
    let home = family().await;
    assert_problem(&home.post("/scenarios/01890a5d-ac96-774b-bcce-b302099a8057/exports", json!({"format": "csv"})).await, 404);
    let refused = home.post("/scenarios/{baseline}/exports", json!({"format": "xml", "months": 601})).await;
    assert_problem(&refused, 422);
    assert_eq!(home.get("/jobs").await.list_at("/items").len(), 0);
    let version = home.version().await;
    assert_problem(&home.post("/scenarios/{baseline}/exports", json!({"format": "csv"})).if_match(version - 1).await, 412);
    // A household that floods the workers stands in everybody's way.
    let held = HeldUp::every_cold_load(home.server()).await;
    for _ in 0..20 {
        home.post("/scenarios/baseline", json!({"action": "refresh", "async": true, "force": true})).await.expect_status(202);
    }
    let flooded = home.post("/scenarios/baseline", json!({"action": "refresh", "async": true, "force": true})).await;
    assert_problem(&flooded, 429);
    assert!(flooded.header("retry-after").is_some());
    held.release().await;
}

/// Bug 2: long work held up a worker, and with it the requests behind it.
#[tokio::test]
async fn requests_are_answered_while_jobs_run() {
    let server = TestServer::start().await;
    let home = crate::family::of(&server).await;
    let held = HeldUp::every_cold_load(&server).await;
    for _ in 0..8 {
        home.post("/scenarios/baseline", json!({"action": "refresh", "async": true, "force": true})).await.expect_status(202);
    }
    for _ in 0..20 {
        home.get("/accounts").await.expect_status(200);
    }
    held.release().await;
}

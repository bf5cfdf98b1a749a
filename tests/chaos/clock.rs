//! A clock that is stepped back, as a machine's is that wakes up, is restored, or is set right.

use serde_json::{Value, json};
use support::{Client, TestServer};

use crate::QUIET;
use crate::chaos::assert_no_drift;

/// The faults: a token "from the future" that is refused, a rotation that counts as a second use, a key that has "expired" before it was used, events
/// ordered by their times. Each promise is tried before the step, behind it by an hour, and behind it by a day.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_stepped_back_costs_nobody_anything() {
    let server = TestServer::start_with(QUIET).await;
    let email = "ada@example.com";
    let registered = json!({"email": email, "password": "correct horse battery staple", "name": "Ada"});
    server.anonymous().post("/api/auth/register", registered).await.expect_status(201);
    let home = server.anonymous().logged_in(email).await.household(json!({"name": "Home", "filing_status": "single", "state": "TX"})).await;
    home.salary("Acme", "96000.00").await;

    let open = |home: &Client| home.post("/accounts", json!({"name": "Once", "account_type": "savings"})).idempotency_key("once");
    let first = open(&home).await.expect_status(201);
    let mut version = home.version().await;
    for (step, salary) in [(0, "97200.00"), (-3_600, "98400.00"), (-86_400, "99600.00")] {
        server.step_clock(step).await;
        let again = open(&home).await.expect_status(201); // with the token of before
        assert_eq!((again.header("idempotency-hit"), again.text()), (Some("true"), first.text()), "by {step} s");
        let raised = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": salary})).await.expect_status(200);
        assert!(raised.version() > version, "by {step} s: {raised}");
        version = raised.version();
        let forecast = home.get("/scenarios/{baseline}/projections?months=2").header("x-min-version", &version.to_string()).await;
        assert_eq!(forecast.expect_status(200).version(), version);
        // Both tokens of before the step still serve, and what is handed out behind it does.
        let renewed = home.post("/api/auth/token/refresh", json!({"refresh": home.id("refresh")})).await.expect_status(200);
        home.name("refresh", renewed.at("/refresh"));
        home.with_header("authorization", &format!("Bearer {}", renewed.at("/access"))).get("/accounts").await.expect_status(200);
        home.logged_in(email).await.get("/accounts").await.expect_status(200);
    }
    assert_it_was_stepped(&home).await;
    assert_no_drift(server.database()).await;
}

/// Later events say earlier times, and are later events all the same.
async fn assert_it_was_stepped(home: &Client) {
    let sql = "SELECT metadata FROM events WHERE household_id::text = $1 AND event_type = 'income_source.changed' ORDER BY sequence";
    let mut database = home.server().database().connect().await;
    let metadata: Vec<Value> = sqlx::query_scalar(sql).bind(home.id("household")).fetch_all(&mut database).await.expect("events");
    let decided: Vec<&str> = metadata.iter().filter_map(|metadata| metadata["decided_at"].as_str()).collect();
    assert!(decided.len() == 3 && decided.is_sorted_by(|earlier, later| earlier > later), "{decided:?}");
}

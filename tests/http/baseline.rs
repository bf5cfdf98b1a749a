//! The baseline: brought up to date, pinned to a day, let go again.

use std::time::Duration;

use serde_json::{Value, json};
use support::{Answer, Client, HeldUp};

use crate::family::{assert_problem, assert_versioned, ended, family};

async fn act(home: &Client, body: Value) -> Answer {
    home.post("/scenarios/baseline", body).await
}

async fn projection(home: &Client) -> Answer {
    home.get("/scenarios/{baseline}/projections").await.expect_status(200)
}

async fn today(home: &Client) -> String {
    day(home, 0).await
}

/// So many days ago, where the family lives.
async fn day(home: &Client, ago: i64) -> String {
    let sql = format!("SELECT ((now() - interval '{ago} days') AT TIME ZONE 'America/Chicago')::date::text");
    sqlx::query_scalar(&sql).fetch_one(&mut home.server().database().connect().await).await.unwrap()
}

/// Ten who refresh at once, of whom nine are told which job does it; the ten are one.
#[tokio::test(flavor = "multi_thread")]
async fn ten_refreshes_at_once_are_one_refresh() {
    let home = family().await;
    let held = HeldUp::every_cold_load(home.server()).await;
    let another = home.through(&home.server().another().await);
    let sent: Vec<_> = (0..10)
        .map(|n| {
            let home = if n % 2 == 0 { &home } else { &another };
            let asynchronous = n % 3 == 0;
            tokio::spawn(home.post("/scenarios/baseline", json!({"action": "refresh", "async": asynchronous})).try_send())
        })
        .collect();
    // Nine are answered while the first one is held up; it may be one that is answered at once, or one that waits.
    while sent.iter().filter(|one| one.is_finished()).count() < 9 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    held.release().await;
    let (mut carried_out, mut duplicates) = (Vec::new(), Vec::new());
    for one in sent {
        let answer = one.await.unwrap().unwrap();
        if answer.status() == 409 { duplicates.push(answer) } else { carried_out.push(answer) }
    }
    assert_eq!((carried_out.len(), duplicates.len()), (1, 9), "{carried_out:?}");
    assert!([200, 202].contains(&carried_out[0].status()), "{}", carried_out[0]);
    let jobs = home.get("/jobs").await.expect_status(200);
    assert_eq!(jobs.list_at("/items").len(), 1, "{jobs}");
    for answer in &duplicates {
        assert_problem(answer, 409);
        assert_eq!(answer.at("/job_id"), jobs.at("/items/0/id"));
    }
    let done = ended(&home, jobs.at("/items/0/id")).await;
    assert_eq!((done.at("/state"), done.at("/kind")), ("succeeded", "baseline_refresh"));
    assert_eq!(done.at("/result/scenario_id"), home.get("/scenarios/baseline").await.at("/id"));
    let metrics = [home.server().metrics().await, another.server().metrics().await];
    let counted = |outcome| {
        metrics.iter().filter_map(|metrics| metrics.value("effluent_baseline_refresh_total", &[("outcome", outcome)])).sum::<f64>()
    };
    assert_eq!((counted("completed"), counted("duplicate"), counted("failed")), (1.0, 9.0, 0.0));
    // And the next one is a new one.
    assert_versioned(&act(&home, json!({"action": "refresh"})).await.expect_status(200));
    assert_eq!(home.get("/jobs").await.list_at("/items").len(), 2);
}

#[tokio::test]
async fn a_refresh_that_is_forced_runs_beside_the_one_that_runs() {
    let home = family().await;
    let held = HeldUp::every_cold_load(home.server()).await;
    let first = act(&home, json!({"action": "refresh", "async": true})).await.expect_status(202);
    assert_eq!(act(&home, json!({"action": "refresh"})).await.expect_status(409).at("/job_id"), first.at("/id"));
    let forced = act(&home, json!({"action": "refresh", "async": true, "force": true})).await.expect_status(202);
    assert_ne!(forced.at("/id"), first.at("/id"));
    held.release().await;
    for job in [first, forced] {
        assert_eq!(ended(&home, job.at("/id")).await.at("/state"), "succeeded");
    }
    act(&home, json!({"action": "refresh"})).await.expect_status(200);
}

#[tokio::test]
async fn a_refresh_that_is_sent_again_under_its_key_is_answered_as_the_first_time() {
    let home = family().await;
    for asynchronous in [false, true] {
        let key = format!("refresh-{asynchronous}");
        let ask = || home.post("/scenarios/baseline", json!({"action": "refresh", "async": asynchronous})).idempotency_key(&key);
        let (first, again) = (ask().await, ask().await);
        assert_eq!((first.status(), first.text(), again.header("idempotency-hit")), (again.status(), again.text(), Some("true")));
        if asynchronous {
            ended(&home, first.at("/id")).await;
        }
    }
    assert_eq!(home.get("/jobs").await.list_at("/items").len(), 2);
}

#[tokio::test]
async fn a_pinned_projection_does_not_move_until_it_is_let_go() {
    let home = family().await;
    let before = projection(&home).await;
    let (facts, today) = (home.version().await, today(&home).await);
    let pinned = act(&home, json!({"action": "pin"})).await.expect_status(200);
    assert_versioned(&pinned);
    assert_eq!((pinned.at("/mode"), pinned.events()), ("pinned", vec!["scenario.pinned"]));
    assert_eq!(pinned.value("/pinned_to"), &json!({"as_of_date": today, "version": facts}));
    assert_eq!(home.get("/scenarios/baseline").await.value("/pinned_to"), pinned.value("/pinned_to"));
    home.post("/accounts/{Checking}", json!({"current_balance": "99000.00"})).await.expect_status(200);
    home.delete("/flows/{Groceries}").await.expect_status(200);
    let now = home.version().await;
    for _ in 0..2 {
        let still = projection(&home).await;
        assert_eq!(still.number_at("/household_version"), i64::try_from(now).unwrap());
        assert_eq!((still.value("/months"), still.value("/opening")), (before.value("/months"), before.value("/opening")));
        act(&home, json!({"action": "refresh"})).await.expect_status(200);
    }
    let database = home.server().database();
    while database.number(&format!("SELECT count(*) FROM scenario_projections WHERE household_version = {now}")).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    database.effluent(&["projections", "verify"]).await; // what is stored is what a replay up to that day makes of it
    let live = act(&home, json!({"action": "unpin"})).await.expect_status(200);
    assert_eq!((live.at("/mode"), live.value("/pinned_to"), live.events()), ("live", &Value::Null, vec!["scenario.unpinned"]));
    let moved = projection(&home).await;
    assert_eq!(moved.value("/opening/balances")[home.id("Checking")], "99000.00");
    assert_eq!(before.value("/opening/balances")[home.id("Checking")], "8000.00");
}

/// What it assumes is a plan and not a reality: an edit that had no effect would be a lie.
#[tokio::test]
async fn what_a_pinned_baseline_assumes_stays_editable() {
    let home = family().await;
    act(&home, json!({"action": "pin"})).await.expect_status(200);
    let before = projection(&home).await;
    home.patch("/scenarios/{baseline}", json!({"projection_months": 12, "investment_return_rate": "0.01"})).await.expect_status(200);
    let after = projection(&home).await;
    assert_eq!(after.list_at("/months").len(), 12);
    assert_ne!(after.value("/months/0/change/investment_growth"), before.value("/months/0/change/investment_growth"));
    assert_eq!(after.value("/opening"), before.value("/opening"));
}

#[tokio::test]
async fn pinning_to_the_same_again_appends_nothing_and_a_day_that_is_not_known_is_refused() {
    let home = family().await;
    act(&home, json!({"action": "unpin"})).await.expect_status(200);
    let pinned = act(&home, json!({"action": "pin", "as_of_date": today(&home).await})).await.expect_status(200);
    for again in [json!({"action": "pin"}), json!({"action": "pin", "as_of_date": today(&home).await})] {
        let answer = act(&home, again).await.expect_status(200);
        assert_eq!((answer.events().len(), answer.version()), (0, pinned.version()));
    }
    for (ago, code) in [(-1, "in_the_future"), (1, "out_of_range")] {
        let refused = act(&home, json!({"action": "pin", "as_of_date": day(&home, ago).await})).await;
        assert_problem(&refused, 422);
        assert_eq!(refused.errors(), [("as_of_date", code)], "{refused}");
    }
    assert_eq!(home.version().await, pinned.version());
}

/// A history of weeks, made by moving the stored instants back: nobody can wait for one.
#[tokio::test]
async fn a_baseline_is_pinned_to_what_was_known_at_the_end_of_a_day() {
    let home = family().await;
    let (then, known_then) = (projection(&home).await, home.version().await);
    let mut owner = home.server().database().connect().await;
    for sql in [
        "ALTER TABLE events DISABLE TRIGGER events_refuse_change".to_owned(),
        "UPDATE events SET recorded_at = recorded_at - interval '40 days'".to_owned(),
        format!(
            "UPDATE events SET payload = jsonb_set(payload::jsonb, '{{data,opened_on}}', to_jsonb('{}'::text))::json WHERE sequence = 1",
            day(&home, 40).await
        ),
    ] {
        sqlx::query(&sql).execute(&mut owner).await.unwrap();
    }
    home.server().kill9();
    home.server().start_again().await;
    home.post("/accounts/{Checking}", json!({"current_balance": "99000.00"})).await.expect_status(200);
    let as_of_date = day(&home, 20).await;
    let pinned = act(&home, json!({"action": "pin", "as_of_date": as_of_date})).await.expect_status(200);
    assert_eq!(pinned.value("/pinned_to"), &json!({"as_of_date": as_of_date, "version": known_then}));
    let shown = projection(&home).await;
    assert_eq!(shown.at("/months/0/date")[..7], as_of_date[..7], "it starts in the month of its day");
    assert_eq!(shown.value("/opening"), then.value("/opening"));
    assert!(shown.header("etag").unwrap().contains(&as_of_date[..7]), "{shown}");
    let export = home.post("/scenarios/{baseline}/exports", json!({"format": "json"})).await.expect_status(202);
    let export = home.get(ended(&home, export.at("/id")).await.at("/result/href")).await.expect_status(200);
    assert_eq!(export.value("/months"), shown.value("/months"), "one place decides what is projected");
}

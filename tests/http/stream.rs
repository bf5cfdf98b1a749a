//! A household's news: each version once, in order, to those who may see it, for as long as they may.

use std::time::{Duration, Instant};

use api::auth::Tokens;
use api::config::Secret;
use domain::calendar::Instant as Time;
use domain::ids::UserId;
use reqwest::Method;
use serde_json::json;
use support::{Client, EventStream, StreamEvent, TestServer};

use crate::family::assert_problem;

const STREAM: &str = "/households/{household}/events/stream";

async fn watch(home: &Client) -> EventStream {
    opened(home.get(STREAM)).await
}

async fn watch_behind(home: &Client, version: u64) -> EventStream {
    opened(home.get(STREAM).header("last-event-id", &version.to_string())).await
}

async fn opened(request: support::Request) -> EventStream {
    let stream = request.open().await.unwrap();
    assert_eq!((stream.status(), stream.header("content-type")), (200, Some(EventStream::CONTENT_TYPE)));
    stream
}

async fn next_version(stream: &mut EventStream) -> StreamEvent {
    stream.next_named("version").await.expect("the stream has ended")
}

async fn save(home: &Client, amount: u64) -> u64 {
    home.post("/accounts/{Checking}", json!({"current_balance": format!("{amount}.00")})).await.expect_status(200).version()
}

#[tokio::test]
async fn it_begins_at_the_present_and_tells_of_each_new_version_and_of_what_is_ready() {
    let home = TestServer::start().await.household_earning("Acme", "96000.00").await;
    // A client that takes compressed answers gets its events at once all the same.
    let mut stream = opened(home.get(STREAM).header("accept-encoding", "gzip, br")).await;
    assert!(stream.block().await.unwrap().starts_with("retry: "));
    let present = next_version(&mut stream).await;
    assert_eq!(present.version(), home.version().await);
    assert_eq!(stream.header("x-household-version"), Some(present.version().to_string().as_str()));
    let raise = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(200);
    for (version, name) in (present.version() + 1..=raise.version()).zip(["income_source.changed", "system_flows.generated"]) {
        let event = next_version(&mut stream).await;
        assert_eq!((event.version(), event.data["type"].as_str()), (version, Some(name)));
        assert!(event.data["recorded_at"].as_str().unwrap().ends_with('Z'), "{event:?}");
    }
    let read = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    let ready = stream.next_named("projection").await.unwrap();
    let expected =
        json!({"scenario_id": read.at("/scenario_id"), "household_version": raise.version(), "start_month": read.at("/start_month")});
    assert_eq!((ready.id, ready.data), (None, expected));
}

#[tokio::test]
async fn it_tells_how_far_jobs_are() {
    let home = TestServer::start().await.household().await;
    let mut stream = watch(&home).await;
    let begun = home.post("/scenarios/baseline", json!({"action": "refresh", "async": true})).await.expect_status(202);
    loop {
        let job = stream.next_named("job").await.unwrap();
        assert_eq!((job.id, &job.data["id"]), (None, begun.value("/id")));
        assert_eq!(job.data["kind"], begun.at("/kind"));
        if job.data["state"] == "succeeded" {
            assert_eq!(job.data["progress"], 100);
            break;
        }
    }
    // Who comes a moment later still learns how it ended.
    let again = watch(&home).await.next_named("job").await.unwrap();
    assert_eq!((&again.data["id"], &again.data["state"]), (begun.value("/id"), &json!("succeeded")));
}

/// More than a page, from the first event on.
#[tokio::test]
async fn whoever_names_the_last_event_misses_none_and_gets_none_twice() {
    let home = TestServer::start().await.household().await;
    for amount in 0..230 {
        save(&home, amount).await;
    }
    let head = home.version().await;
    for behind in [0, 1, head - 101, head - 100, head - 1] {
        let mut stream = watch_behind(&home, behind).await;
        for expected in behind + 1..=head {
            assert_eq!(next_version(&mut stream).await.version(), expected, "behind {behind}");
        }
        drop(stream);
    }
    let mut at_the_head = watch_behind(&home, head).await;
    let next = save(&home, 1_000).await;
    assert_eq!(next_version(&mut at_the_head).await.version(), next);
}

#[tokio::test]
async fn an_id_that_is_none_of_this_stream_is_refused() {
    let home = TestServer::start().await.household().await;
    for garbage in ["", "x", "-1", "1.5", "99999999999999999999"] {
        assert_problem(&home.get(STREAM).header("last-event-id", garbage).await, 400);
    }
    let ahead = home.get(STREAM).header("last-event-id", &(home.version().await + 1).to_string()).await;
    assert_problem(&ahead, 412);
    let head = home.request(Method::HEAD, STREAM).await.expect_status(200);
    assert_eq!(head.header("content-type"), Some(EventStream::CONTENT_TYPE));
}

#[tokio::test]
async fn events_of_other_households_never_appear() {
    let server = TestServer::start().await;
    let (home, other) = (server.household().await, server.household().await);
    let mut stream = watch_behind(&home, 0).await;
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for amount in 0..20 {
        theirs.push(save(&other, amount).await);
        other.get("/scenarios/{baseline}/projections").await.expect_status(200);
        mine.push(save(&home, amount).await);
    }
    let (last, baseline) = (*mine.last().unwrap(), home.get("/scenarios/baseline").await.at("/id").to_owned());
    home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    let mut seen = 0;
    loop {
        let event = stream.next().await.unwrap();
        match event.name.as_str() {
            "version" => {
                seen += 1;
                assert_eq!(event.version(), seen);
            }
            _ => assert_eq!(event.data["scenario_id"], baseline.as_str(), "{event:?}"),
        }
        if event.name == "projection" && event.data["household_version"] == last {
            break;
        }
    }
    assert_eq!(seen, last);
    // Through the walls: with the id alone nobody gets in.
    let stranger = home.with_header("authorization", &format!("Bearer {}", other.id("access")));
    assert_problem(&stranger.get(STREAM).await, 404);
}

#[tokio::test]
async fn it_ends_with_the_membership() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let grace = server.anonymous();
    grace
        .post("/api/auth/register", json!({"email": "grace@example.com", "password": "correct horse battery staple"}))
        .await
        .expect_status(201);
    let granted =
        home.post("/households/{household}/memberships", json!({"email": "grace@example.com", "role": "viewer"})).await.expect_status(201);
    home.name("grace", granted.at("/id"));
    let grace = grace.logged_in("grace@example.com").await;
    let guest = home.with_header("authorization", &format!("Bearer {}", grace.id("access")));
    let (mut hers, mut mine) = (watch(&guest).await, watch(&home).await);
    assert_eq!(next_version(&mut hers).await.version(), granted.version());
    home.delete("/households/{household}/memberships/{grace}").await;
    let after = save(&home, 1).await;
    while next_version(&mut mine).await.version() < after {}
    assert_eq!(hers.next().await, None, "she sees what she may not see any more");
    assert_problem(&guest.get(STREAM).await, 404);
}

#[tokio::test]
async fn it_ends_with_the_access_token() {
    let home = TestServer::start().await.household().await;
    let tokens = Tokens::new(&Secret::new(support::JWT_SECRET));
    let good_for = Duration::from_secs(3);
    let issued = Time::from(std::time::SystemTime::now() + good_for - Duration::from_secs(15 * 60));
    let token = tokens.issue(UserId(home.id("user").parse().unwrap()), "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(), issued);
    let mut stream = watch(&home.with_header("authorization", &format!("Bearer {token}"))).await;
    let mut lasting = watch(&home).await;
    next_version(&mut stream).await;
    assert_eq!(stream.next().await, None);
    // Not the server's end, or the database's.
    next_version(&mut lasting).await;
    assert_eq!(save(&home, 1).await, next_version(&mut lasting).await.version());
}

/// actix finishes what has begun, for up to half a minute: a stream would never be finished.
#[tokio::test]
async fn a_server_that_is_stopped_ends_its_streams_at_once() {
    let home = TestServer::start().await.household().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut stream = watch(&home).await;
        next_version(&mut stream).await;
        streams.push(stream);
    }
    let asked = Instant::now();
    home.server().terminate();
    for mut stream in streams {
        assert_eq!(stream.next().await, None);
    }
    assert!(home.server().stop().await.success());
    assert!(asked.elapsed() < Duration::from_secs(20), "it took {:?}", asked.elapsed());
}

#[tokio::test]
async fn one_user_cannot_open_streams_without_end() {
    let server = TestServer::start().await;
    let (home, other) = (server.household().await, server.household().await);
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(watch(&home).await);
    }
    let refused = home.get(STREAM).await;
    assert_problem(&refused, 429);
    assert!(refused.header("retry-after").is_some());
    drop(watch(&other).await);
    drop(streams);
    // The server hears of a client that went away when it next looks at the connection.
    let begun = Instant::now();
    while home.get(STREAM).open().await.unwrap().status() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "seats of those who left are never free");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

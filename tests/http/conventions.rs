//! What holds for every address: conditions, keys, the choice of the household, statuses, headers (spec 04, Conventions).

use reqwest::Method;
use serde_json::json;
use support::TestServer;

use crate::family::{assert_problem, assert_versioned};

#[tokio::test]
async fn a_command_holds_only_for_the_version_that_it_was_meant_for() {
    let home = TestServer::start().await.household().await;
    let version = home.version().await;
    let behind = home.patch("/accounts/{Checking}", json!({"notes": "late"})).if_match(version - 1).await;
    assert_problem(&behind, 412);
    let current = i64::try_from(version).unwrap();
    assert_eq!((behind.number_at("/current_version"), behind.version()), (current, version));
    assert_eq!(behind.header("etag"), Some(format!("\"{version}\"").as_str()));
    let done = home.patch("/accounts/{Checking}", json!({"notes": "in time"})).if_match(version).await.expect_status(200);
    assert_eq!(done.version(), version + 1);
    assert_problem(&home.delete("/accounts/{Checking}").if_match(version).await, 412);
    assert_problem(&home.post("/scenarios/{baseline}/compute", json!({})).if_match(version).await, 412);
    home.patch("/accounts/{Checking}", json!({"notes": "any"})).header("if-match", "*").await.expect_status(200);
    for malformed in ["17", "\"17", "\"x\"", ""] {
        let answer = home.patch("/accounts/{Checking}", json!({"notes": "half a condition"})).header("if-match", malformed).await;
        assert_problem(&answer, 400);
        assert_eq!(answer.errors(), [("If-Match", "malformed_header")]);
    }
    assert_eq!(home.version().await, version + 2);
}

#[tokio::test]
async fn what_a_reader_has_already_is_not_sent_again() {
    let home = TestServer::start().await.household().await;
    for path in ["/accounts", "/accounts/{Checking}", "/members", "/households/{household}", "/scenarios/baseline", "/flows"] {
        let read = home.get(path).await.expect_status(200);
        assert_versioned(&read);
        let tag = read.header("etag").unwrap().to_owned();
        let known = home.get(path).header("if-none-match", &format!("\"0\", {tag}")).await.expect_status(304);
        assert_eq!((known.text().as_str(), known.header("etag"), known.version()), ("", Some(tag.as_str()), read.version()));
        let head = home.request(Method::HEAD, path).await.expect_status(200);
        assert_eq!((head.text().as_str(), head.version()), ("", read.version()));
        home.get(path).header("if-none-match", "\"0\"").await.expect_status(200);
        assert_problem(&home.get(path).header("x-min-version", &(read.version() + 1).to_string()).await, 412);
    }
}

#[tokio::test]
async fn a_command_that_is_sent_again_with_its_key_is_answered_and_not_carried_out_again() {
    let home = TestServer::start().await.household().await;
    let body = || json!({"name": "Jar", "account_type": "cash", "current_balance": "1.00"});
    let first = home.post("/accounts", body()).idempotency_key("jar-1").await.expect_status(201);
    assert_eq!(first.header("idempotency-hit"), None);
    home.patch("/accounts/{Checking}", json!({"notes": "meanwhile"})).await.expect_status(200);
    let again = home.post("/accounts", body()).idempotency_key("jar-1").await.expect_status(201);
    assert_eq!((again.text(), again.header("location")), (first.text(), first.header("location")));
    assert_eq!((again.header("idempotency-hit"), again.version()), (Some("true"), first.version()));
    let other = home.post("/accounts", json!({"name": "Box", "account_type": "cash"})).idempotency_key("jar-1").await;
    assert_problem(&other, 422);
    assert_eq!(other.at("/type"), "urn:effluent:problem:idempotency-key-reused");
    assert_eq!(home.version().await, first.version() + 1);

    // A refusal is not kept: whoever mends the body may keep the key. What changed nothing is kept.
    assert_problem(&home.post("/accounts", json!({"name": "", "account_type": "cash"})).idempotency_key("jar-2").await, 422);
    home.post("/accounts", body()).idempotency_key("jar-2").await.expect_status(201);
    for hit in [None, Some("true")] {
        let nothing = home.post("/flows/regenerate", json!({})).idempotency_key("again").await.expect_status(200);
        assert_eq!((nothing.header("idempotency-hit"), nothing.events().len()), (hit, 0));
    }
    // The keys of two users, and of two households, are different keys.
    let neighbour = home.server().household().await;
    neighbour.post("/accounts", body()).idempotency_key("jar-1").await.expect_status(201);
    for malformed in ["a b", &"k".repeat(256)] {
        assert_problem(&home.post("/accounts", body()).idempotency_key(malformed).await, 400);
    }
}

#[tokio::test]
async fn a_household_that_is_opened_twice_with_one_key_is_one_household() {
    let ada = TestServer::start().await.user().await;
    let open = |name: &str| ada.post("/households", json!({"name": name})).idempotency_key("first-home");
    let first = open("Home").await.expect_status(201);
    let again = open("Home").await.expect_status(201);
    assert_eq!((again.text(), again.header("idempotency-hit")), (first.text(), Some("true")));
    assert_problem(&open("Other").await, 422);
    assert_eq!(ada.get("/households").await.list_at("/items").len(), 1);
}

#[tokio::test]
async fn the_header_chooses_the_household_and_without_it_the_default_one_is_meant() {
    let server = TestServer::start().await;
    let (home, neighbour) = (server.household().await, server.household().await);
    let chosen = home.get("/accounts").await.expect_status(200);
    assert_eq!(home.without_header("x-household-id").get("/accounts").await.text(), chosen.text());
    assert_problem(&home.with_header("x-household-id", &neighbour.id("household")).get("/accounts").await, 404);
    for nobodys in ["00000000-0000-0000-0000-000000000000", "01890a5d-ac96-774b-bcce-b302099a8057"] {
        assert_problem(&home.with_header("x-household-id", nobodys).get("/accounts").await, 404);
    }
    for malformed in ["mine", "1", "01890a5d-ac96-774b-bcce-b302099a805"] {
        let answer = home.with_header("x-household-id", malformed).get("/accounts").await;
        assert_problem(&answer, 400);
        assert_eq!(answer.errors(), [("X-Household-ID", "malformed_header")]);
    }
    let homeless = server.user().await;
    assert_problem(&homeless.get("/accounts").await, 404);
    assert_eq!(homeless.get("/households").await.expect_status(200).list_at("/items").len(), 0);
}

#[tokio::test]
async fn every_refusal_is_a_problem_with_a_trace() {
    let home = TestServer::start().await.household().await;
    let nobody = home.without_header("authorization");
    let unauthenticated = nobody.get("/accounts").await;
    assert_problem(&unauthenticated, 401);
    assert!(unauthenticated.header("www-authenticate").unwrap().starts_with("Bearer"));
    // Nobody's body is not even read.
    assert_problem(&nobody.request(Method::POST, "/accounts").raw("{").await, 401);
    assert_problem(&home.get("/nowhere").await, 404);
    assert_problem(&home.get("/accounts/not-an-id").await, 404);
    assert_problem(&home.get("/accounts/%00").await, 404);
    for (method, path, allow) in [
        (Method::DELETE, "/accounts", "GET, HEAD, POST"),
        (Method::PUT, "/accounts/{Checking}", "GET, HEAD, PATCH, POST, DELETE"),
        (Method::GET, "/flows/regenerate", "POST"),
        (Method::POST, "/health/live", "GET, HEAD"),
        (Method::DELETE, "/api/openapi.json", "GET, HEAD"),
        (Method::OPTIONS, "/members", "GET, HEAD, POST"),
    ] {
        let answer = home.request(method, path).await;
        assert_problem(&answer, 405);
        let sorted = |list: &str| list.split(", ").map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(sorted(answer.header("allow").unwrap()), sorted(allow), "{path}");
    }
    let mebibyte = home.request(Method::POST, "/accounts").raw(vec![b' '; (1 << 20) + 1]).await;
    assert_problem(&mebibyte, 413);
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "multipart/form-data"] {
        let answer = home.request(Method::POST, "/accounts").raw(r#"{"name": "x"}"#).header("content-type", content_type).await;
        assert_problem(&answer, 415);
    }
    assert_problem(&home.post("/accounts", json!({})).header("content-encoding", "gzip").await, 415);
}

/// `?as_of=` that nobody reads would be answered with today's figures.
#[tokio::test]
async fn a_query_parameter_that_is_not_known_is_refused_everywhere() {
    let home = TestServer::start().await.household().await;
    let version = home.version().await;
    for path in ["/accounts", "/accounts/{Checking}", "/households", "/households/{household}", "/scenarios/baseline", "/health/live"] {
        let answer = home.get(&format!("{path}?as_of=2020-01-01")).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors(), [("as_of", "unknown_field")], "{path}");
    }
    assert_problem(&home.post("/accounts?dry_run=true", json!({"name": "x", "account_type": "cash"})).await, 422);
    assert_problem(&home.without_header("authorization").get("/accounts/{Checking}?as_of=2020-01-01").await, 401);
    assert_eq!(home.version().await, version);
}

/// A cursor comes from outside like everything else.
#[tokio::test]
async fn a_cursor_that_is_none_of_the_list_is_refused() {
    let home = TestServer::start().await.household().await;
    // ["x"], ["1","x"], ["0","x"], [], [1], {}, ["2026-02-30","1"], and one of another list.
    for cursor in ["x", "WyJ4Il0", "WyIxIiwieCJd", "WyIwIiwieCJd", "W10", "WzFd", "e30", "WyIyMDI2LTAyLTMwIiwiMSJd", &"a".repeat(2000), ""]
    {
        for path in
            ["/accounts", "/accounts/{Checking}/balances", "/flows", "/members", "/households", "/households/{household}/memberships"]
        {
            let answer = home.get(&format!("{path}?cursor={cursor}")).await;
            assert_problem(&answer, 422);
            assert_eq!(answer.errors(), [("cursor", "not_a_cursor")], "{path} {cursor}");
        }
    }
    for limit in ["0", "201", "-1", "many"] {
        assert_problem(&home.get(&format!("/accounts?limit={limit}")).await, 422);
    }
}

#[tokio::test]
async fn ids_of_request_and_trace_come_back() {
    let home = TestServer::start().await.household().await;
    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let traced = home.with_header("traceparent", &format!("00-{trace}-{parent}-01")).with_header("x-request-id", "mine-17");
    for answer in [traced.get("/accounts").await, traced.get("/nowhere").await, traced.patch("/accounts/{Checking}", json!({"x": 1})).await]
    {
        assert_eq!(answer.header("x-request-id"), Some("mine-17"));
        let parts: Vec<_> = answer.header("traceparent").unwrap().split('-').collect();
        assert_eq!((parts[0], parts[1], parts[2] != parent), ("00", trace, true));
    }
    let own = home.get("/accounts").await;
    assert!(own.header("x-request-id").is_some_and(|id| !id.is_empty()));
    let malformed = home.with_header("traceparent", "00-zz").get("/accounts").await.expect_status(200);
    assert_eq!(malformed.header("traceparent").unwrap().len(), 55);
}

#[tokio::test]
async fn answers_are_compressed_as_the_client_allows() {
    let home = TestServer::start().await.household().await;
    let path = "/scenarios/{baseline}/projections";
    let plain = home.get(path).header("accept-encoding", "identity").await.expect_status(200);
    assert_eq!(plain.header("content-encoding"), None);
    for encoding in ["gzip", "br"] {
        let packed = home.get(path).header("accept-encoding", encoding).await.expect_status(200);
        assert_eq!(packed.header("content-encoding"), Some(encoding));
        assert!(packed.header("vary").is_some_and(|vary| vary.eq_ignore_ascii_case("accept-encoding")));
        assert!(packed.bytes().len() < plain.bytes().len() / 4, "{encoding}: {} of {}", packed.bytes().len(), plain.bytes().len());
        assert_eq!(packed.header("etag"), plain.header("etag"));
    }
}

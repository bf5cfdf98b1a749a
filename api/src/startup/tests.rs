//! What every address does, whatever it is for. No database: the pool would connect when it is first used.

use actix_web::body::{MessageBody, to_bytes};
use actix_web::http::Method;
use actix_web::test::{self, TestRequest};
use projections::database::{DatabaseUrl, connect_lazily};
use serde_json::Value;

use super::*;
use crate::config::Flags;

fn parts() -> Parts {
    let config = Config::from_sources(&Flags::default(), &|_| None).unwrap();
    // Port 1 answers nobody, at once.
    let url = DatabaseUrl::parse("postgres://nobody@127.0.0.1:1/none").unwrap();
    Parts::new(&config, connect_lazily(&url, 1)).unwrap()
}

struct Reply {
    status: u16,
    headers: actix_web::http::header::HeaderMap,
    body: Value,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

async fn reply(request: TestRequest) -> Reply {
    let application = test::init_service(application!(parts())).await;
    let response = test::call_service(&application, request.to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body().boxed()).await.unwrap();
    Reply { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
}

fn post(uri: &str, content_type: &str, body: impl Into<web::Bytes>) -> TestRequest {
    TestRequest::post().uri(uri).insert_header(("content-type", content_type)).set_payload(body)
}

#[actix_web::test]
async fn an_unknown_address_is_a_problem_with_the_trace_of_the_request() {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let reply =
        reply(TestRequest::get().uri("/api/v1/nothing").insert_header(("traceparent", parent)).insert_header(("x-request-id", "mine-1")))
            .await;
    assert_eq!((reply.status, reply.header("content-type")), (404, "application/problem+json"));
    assert_eq!(reply.body["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert!(reply.header("traceparent").starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{}", reply.header("traceparent"));
    assert_eq!(reply.header("x-request-id"), "mine-1");
}

#[actix_web::test]
async fn a_wrong_method_is_told_the_right_ones_on_every_address() {
    for entry in routes::all().entries() {
        let uri = entry.path.replace("{id}", "01890a5d-ac96-774b-bcce-b302099a8057");
        let reply = reply(TestRequest::default().method(Method::TRACE).uri(&uri)).await;
        assert_eq!(reply.status, 405, "{uri}");
        assert!(reply.header("allow").contains(entry.method.as_str()), "{uri} {}", reply.header("allow"));
    }
}

#[actix_web::test]
async fn a_slash_at_the_end_changes_nothing() {
    assert_eq!(reply(TestRequest::get().uri("/health/live/")).await.status, 200);
    assert_eq!(reply(TestRequest::get().uri("/health/live")).await.body["status"], "ok");
}

#[actix_web::test]
async fn a_bad_body_is_a_clear_problem_on_every_route_that_takes_one() {
    for entry in routes::all().entries().filter(|entry| entry.doc.body.is_some() && entry.doc.audience == routes::table::Audience::Public) {
        let json = "application/json";
        assert_eq!(reply(post(entry.path, json, "{")).await.status, 400, "{}", entry.path);
        assert_eq!(reply(post(entry.path, json, "[]")).await.status, 422, "{}", entry.path);
        assert_eq!(reply(post(entry.path, "text/plain", "{}")).await.status, 415, "{}", entry.path);
        assert_eq!(reply(post(entry.path, json, vec![b' '; 1024 * 1024 + 1])).await.status, 413, "{}", entry.path);
        let unknown = reply(post(entry.path, json, r#"{"no_such_field": 1}"#)).await;
        assert_eq!((unknown.status, unknown.body["errors"][0]["code"].as_str()), (422, Some("unknown_field")), "{}", entry.path);
    }
}

#[actix_web::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let mut body = br#"{"refresh": "x"}"#.to_vec();
    body.resize(1024 * 1024, b' ');
    // Read, and refused for what it says: the token is none.
    assert_eq!(reply(post("/api/auth/token/refresh", "application/json; charset=utf-8", body)).await.status, 401);
}

#[actix_web::test]
async fn while_the_database_is_away_the_answer_is_503_and_not_a_hang() {
    let log_in = r#"{"email": "ada@example.com", "password": "correct horse"}"#;
    let reply = reply(post("/api/auth/token", "application/json", log_in)).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, "2"));
    assert_eq!(reply.body["type"], "urn:effluent:problem:unavailable");
}

#[actix_web::test]
async fn the_document_and_its_page_are_served_without_logging_in() {
    let document = reply(TestRequest::get().uri("/api/openapi.json")).await;
    assert_eq!(document.body["openapi"], "3.1.0");
    for uri in ["/api/docs", "/api/docs/", "/api/docs/swagger-ui-bundle.js", "/api/docs/swagger-initializer.js"] {
        assert_eq!(reply(TestRequest::get().uri(uri)).await.status, 200, "{uri}");
    }
    assert_eq!(reply(TestRequest::get().uri("/api/docs/no-such-file")).await.status, 404);
    assert_eq!(reply(TestRequest::post().uri("/api/docs")).await.status, 405);
}

#[actix_web::test]
async fn a_handler_that_panics_answers_with_a_problem() {
    async fn panics() -> &'static str {
        panic!("as this test wants")
    }
    let application = test::init_service(App::new().route("/panic", web::get().to(panics)).wrap(from_fn(telemetry::trace_request))).await;
    let error = test::try_call_service(&application, TestRequest::get().uri("/panic").to_request()).await.unwrap_err();
    let response = error.error_response();
    assert_eq!(response.status().as_u16(), 500);
    let body = to_bytes(response.into_body()).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert!(body["trace_id"].as_str().is_some_and(|id| id.len() == 32) && !body.to_string().contains("as this test wants"), "{body}");
}

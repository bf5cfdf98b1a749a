//! The OpenAPI document keeps its word: every answer has a status that its route names, and the shape that it describes.

use serde_json::json;
use support::{Answer, Client, TestServer};

use crate::contract::{Contract, Operation};
use crate::family;

#[track_caller]
fn assert_described(contract: &Contract, operation: &Operation, answer: &Answer) {
    assert!(operation.statuses().contains(&answer.status()), "{operation} does not say that it answers {answer}");
    let content = answer.header("content-type").unwrap_or_default();
    if content == "application/json" {
        let schema = contract.answer(operation, answer.status()).unwrap_or_else(|| panic!("{operation} describes no JSON with {answer}"));
        let complaints = contract.complaints(schema, answer.json());
        assert!(complaints.is_empty(), "{operation}: {complaints:#?} in {answer}");
    }
}

/// Each does what it is for; commands that remove come last.
#[tokio::test]
async fn every_route_answers_what_the_document_says() {
    let server = TestServer::start().await;
    let home = family::of(&server).await;
    family::with_more(&home).await;
    let contract = Contract::of(&server).await;
    for email in ["grace@example.com", "somebody@example.com"] {
        server
            .anonymous()
            .post("/api/auth/register", json!({"email": email, "password": "correct horse battery staple"}))
            .await
            .expect_status(201);
    }
    let mut operations = contract.operations();
    operations.sort_by_key(|operation| {
        (operation.method == "DELETE", operation.path.contains("logout"), std::cmp::Reverse(operation.path.len()))
    });
    for operation in &operations {
        let answer = operation.request(&home).json(contract.fitting(operation)).await;
        assert_described(&contract, operation, &answer);
        let expected = match (operation.method.as_str(), operation.path.as_str()) {
            // Registered already; the last owner.
            ("POST", "/api/auth/register") | ("DELETE", "/api/v1/households/{id}/memberships/{user_id}") => 409,
            // He earns in the shop; a flow goes there.
            ("DELETE", "/api/v1/members/{id}" | "/api/v1/accounts/{id}") => 409,
            // Which actions are offered follows from figures that the routes before it have changed; `actions` looks at its shape.
            ("POST", "/api/v1/actions/apply") => answer.status(),
            // It has ended.
            ("POST", "/api/v1/jobs/{id}/cancel") => 409,
            _ => *operation.statuses().first().unwrap(),
        };
        assert_eq!(answer.status(), expected, "{operation}: {answer}");
    }
}

#[tokio::test]
async fn refusals_are_among_the_statuses_of_their_route() {
    let server = TestServer::start().await;
    let home = family::of(&server).await;
    family::with_more(&home).await;
    let contract = Contract::of(&server).await;
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    let nobody = home.without_header("authorization");
    let astray = home.with_header("x-household-id", "01890a5d-ac96-774b-bcce-b302099a8057");
    for operation in &contract.operations() {
        for (client, body) in [(&nobody, "{}"), (&astray, "{}"), (&home, "{"), (&home, "[]"), (&home, r#"{"unknown": 1}"#)] {
            let answer = send(operation, client, body).await;
            assert_described(&contract, operation, &answer);
        }
        let conditions = operation.request(&home).header("if-match", "\"0\"").header("x-household-id", "mine").raw("{}").await;
        assert_described(&contract, operation, &conditions);
        let large = operation.request(&home).raw(vec![b' '; 2 << 20]).header("content-type", "text/plain").await;
        assert_described(&contract, operation, &large);
    }
}

async fn send(operation: &Operation, client: &Client, body: &'static str) -> Answer {
    // Deleting with a body that is not looked at would delete: what there is to refuse is in the body.
    operation.request(client).raw(body).await
}

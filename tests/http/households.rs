//! Households, who may enter them, and who lives there.

use serde_json::json;
use support::TestServer;

use crate::family::{assert_fields, assert_problem, assert_versioned};

#[tokio::test]
async fn whoever_opens_a_household_lives_in_it_and_finds_it_by_default() {
    let ada = TestServer::start().await.user().await;
    let opened = ada.post("/households/", json!({"name": "Home"})).await.expect_status(201);
    assert_versioned(&opened);
    assert_eq!(opened.header("location"), Some(format!("/api/v1/households/{}", opened.at("/id")).as_str()));
    assert_fields(opened.json(), &["id", "name", "filing_status", "state", "currency", "time_zone", "version", "events"]);
    assert_eq!((opened.at("/currency"), opened.at("/filing_status"), opened.events()[0]), ("USD", "single", "household.opened"));
    let members = ada.get("/members").await.expect_status(200);
    assert_versioned(&members);
    assert_eq!((members.list_at("/items").len(), members.value("/next_cursor").is_null()), (1, true));
    assert_fields(members.value("/items/0"), &["id", "name", "relationship", "date_of_birth", "employment_status", "is_primary"]);
    assert_eq!((members.at("/items/0/relationship"), members.value("/items/0/is_primary")), ("self", &json!(true)));

    let second = ada.post("/households", json!({"name": "Cabin"})).await.expect_status(201);
    assert_eq!(ada.get("/accounts").await.version(), opened.version(), "the first one stays the default");
    let chosen = ada.post(&format!("/households/{}/set-default", second.at("/id")), json!({})).await.expect_status(200);
    assert_eq!((chosen.at("/id"), chosen.events().len()), (second.at("/id"), 0));
    assert_versioned(&chosen);
    let listed = ada.get("/households").await.expect_status(200);
    let default: Vec<_> = listed.list_at("/items").iter().filter(|home| home["is_default"] == true).map(|home| &home["id"]).collect();
    assert_eq!(default, [second.value("/id")]);
}

#[tokio::test]
async fn a_household_is_changed_by_its_own_words_and_a_repetition_appends_nothing() {
    let home = TestServer::start().await.household().await;
    let moved =
        home.patch("/households/{household}", json!({"state": "FL", "filing_status": "head_of_household"})).await.expect_status(200);
    assert_versioned(&moved);
    assert_eq!((moved.at("/state"), moved.at("/filing_status"), moved.at("/name")), ("FL", "head_of_household", "Home"));
    assert!(moved.events().contains(&"household.changed"), "{moved}");
    let again = home.patch("/households/{household}", json!({"state": "FL"})).await.expect_status(200);
    assert_eq!((again.version(), again.events().len()), (moved.version(), 0));
    let nowhere = home.patch("/households/{household}", json!({"state": null})).await.expect_status(200);
    assert!(nowhere.value("/state").is_null());
}

#[tokio::test]
async fn people_come_change_and_go() {
    let home = TestServer::start().await.household().await;
    let born = home.create("members", "Mia", json!({"relationship": "child", "date_of_birth": "2024-02-29"})).await;
    assert_versioned(&born);
    assert_eq!((born.at("/date_of_birth"), born.value("/employment_status").is_null()), ("2024-02-29", true));
    assert_eq!(born.header("location"), Some(format!("/api/v1/members/{}", born.at("/id")).as_str()));
    let renamed = home.patch("/members/{Mia}", json!({"name": "Mia Sofia", "date_of_birth": null})).await.expect_status(200);
    assert_eq!((renamed.at("/name"), renamed.value("/date_of_birth").is_null()), ("Mia Sofia", true));
    let gone = home.delete("/members/{Mia}").await.expect_status(200);
    assert_versioned(&gone);
    assert_eq!(gone.at("/id"), home.id("Mia"));
    assert_problem(&home.get("/members/{Mia}").await, 404);
    let self_id = home.get("/members").await.at("/items/0/id").to_owned();
    assert_problem(&home.delete(&format!("/members/{self_id}")).await, 409);
}

#[tokio::test]
async fn a_viewer_reads_and_a_revoked_member_is_a_stranger_at_once_through_every_server() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let email = "grace@example.com";
    server
        .anonymous()
        .post("/api/auth/register", json!({"email": email, "password": "correct horse battery staple"}))
        .await
        .expect_status(201);
    let grace = server.anonymous().logged_in(email).await.with_header("x-household-id", &home.id("household"));
    assert_problem(&grace.get("/accounts").await, 404);

    let granted = home.post("/households/{household}/memberships", json!({"email": email, "role": "viewer"})).await.expect_status(201);
    assert_versioned(&granted);
    assert_eq!(granted.at("/id"), granted.at("/user_id"));
    home.name("Grace", granted.at("/id"));
    let elsewhere = server.another().await;
    for grace in [&grace, &grace.through(&elsewhere)] {
        grace.get("/accounts").await.expect_status(200);
        assert_problem(&grace.post("/accounts", json!({"name": "Mine", "account_type": "cash"})).await, 403);
    }
    let promoted = home.patch("/households/{household}/memberships/{Grace}", json!({"role": "member"})).await.expect_status(200);
    assert_eq!(promoted.at("/role"), "member");
    grace.through(&elsewhere).post("/accounts", json!({"name": "Mine", "account_type": "cash"})).await.expect_status(201);
    let listed = home.get("/households/{household}/memberships").await.expect_status(200);
    assert_eq!(listed.list_at("/items").len(), 2);
    assert_fields(listed.value("/items/0"), &["id", "user_id", "role"]);

    home.delete("/households/{household}/memberships/{Grace}").await.expect_status(200);
    for grace in [&grace, &grace.through(&elsewhere)] {
        assert_problem(&grace.get("/accounts").await, 404);
        assert_problem(&grace.post("/accounts", json!({"name": "Mine", "account_type": "cash"})).await, 404);
    }
    assert_problem(&home.delete("/households/{household}/memberships/{user}").await, 409);
}

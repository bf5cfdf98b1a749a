//! What a process remembers is never believed: a command that another process has changed the ground for is decided anew.
//!
//! A command of a household that the process remembers is appended without asking the database first, which saves a round trip. The
//! faults that this could bring: a household that is no longer the user's default one is written to, a membership that was revoked still
//! opens the door, a fact is refused or passed over because of what used to be. The guards: the append itself checks version and hash of
//! the head, and the default household; and whatever is not appended is said only after the database was asked. Here the second
//! process changes the ground, and the first one has not heard of it.

use serde_json::json;
use support::{Client, TestServer};

use crate::household::{assert_stream_is_whole, events_after, home_through};

fn balance(home: &Client, amount: &str) -> support::Request {
    home.post("/accounts/{Checking}", json!({"current_balance": amount}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_household_that_is_not_named_is_the_default_one_of_now() {
    let server = TestServer::start().await;
    let one = server.household_earning("Acme", "96000.00").await;
    let by_default = one.without_header("x-household-id");
    let opened = |n: u32| by_default.post("/members", json!({"name": format!("Kit {n}"), "relationship": "child"}));
    for n in 0..3 {
        opened(n).await.expect_status(201); // by now the process knows which one is meant
    }
    let version = one.version().await;
    let two = one.through(&server.another().await).household(json!({"name": "Two", "filing_status": "single", "state": "TX"})).await;
    two.post("/households/{household}/set-default", json!({})).await.expect_status(200);
    opened(9).await.expect_status(201);
    assert_eq!(one.version().await, version, "the household that was the default one has been written to");
    assert_eq!(two.get("/members?limit=100").await.list_at("/items").iter().filter(|member| member["name"] == "Kit 9").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_their_access_through_another_process_can_do_nothing_more() {
    let homes = home_through(2).await;
    let email = "grace@example.com";
    let register = json!({"email": email, "password": "correct horse battery staple"});
    let grace_id = homes[0].server().anonymous().post("/api/auth/register", register).await.expect_status(201).at("/user_id").to_owned();
    homes[0].post("/households/{household}/memberships", json!({"email": email, "role": "member"})).await.expect_status(201);
    let grace = homes[0].logged_in(email).await;
    balance(&grace, "1.00").await.expect_status(200);
    homes[1].patch(&format!("/households/{{household}}/memberships/{grace_id}"), json!({"role": "viewer"})).await.expect_status(200);
    balance(&grace, "2.00").await.expect_status(403);
    homes[1].patch(&format!("/households/{{household}}/memberships/{grace_id}"), json!({"role": "member"})).await.expect_status(200);
    balance(&grace, "3.00").await.expect_status(200);
    homes[1].delete(&format!("/households/{{household}}/memberships/{grace_id}")).await.expect_status(200);
    balance(&grace, "4.00").await.expect_status(404);
    assert_eq!(homes[0].get("/accounts/{Checking}").await.at("/current_balance"), "3.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_refused_or_passed_over_for_what_used_to_be() {
    let homes = home_through(2).await;
    balance(&homes[0], "17.00").await.expect_status(200);
    balance(&homes[1], "18.00").await.expect_status(200);
    // To the first process, this is what is there already.
    let version = homes[1].version().await;
    assert_eq!(balance(&homes[0], "17.00").await.expect_status(200).events(), ["balance.recorded"]);
    assert_eq!(events_after(&homes[0], version).await.len(), 1);
    // And this is something that is not there.
    let savings = homes[1].account("Savings", "savings", "1.00").await;
    homes[0].patch(&format!("/accounts/{}", savings.at("/id")), json!({"name": "Rainy days"})).await.expect_status(200);
    homes[1].delete("/accounts/{Savings}").await.expect_status(200);
    homes[0].patch(&format!("/accounts/{}", savings.at("/id")), json!({"name": "Sunny days"})).await.expect_status(404);
    assert_stream_is_whole(&homes[0]).await;
}

/// Between these two zones it is never the same day.
#[tokio::test(flavor = "multi_thread")]
async fn the_day_of_a_command_is_that_of_the_time_zone_of_now() {
    let homes = home_through(2).await;
    let zone = |zone: &str| homes[1].patch("/households/{household}", json!({"time_zone": zone}));
    zone("Pacific/Niue").await.expect_status(200);
    // Opened in the west: a balance of a later day would hide those of this one.
    let purse = format!("/accounts/{}", homes[1].account("Purse", "cash", "0.50").await.at("/id"));
    let told = |amount: &str| homes[0].patch(&purse, json!({"current_balance": amount}));
    let west = told("1.00").await.expect_status(200);
    zone("Pacific/Kiritimati").await.expect_status(200);
    let east = told("2.00").await.expect_status(200);
    assert!(east.at("/balance_as_of") > west.at("/balance_as_of"), "{east} {west}");
}

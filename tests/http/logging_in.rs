//! Registering, logging in, staying logged in, logging out.

use serde_json::json;
use support::{Client, TestServer};

const PASSWORD: &str = "correct horse battery staple";

async fn refreshed(client: &Client, token: &str) -> (u16, String) {
    let answer = client.post("/api/auth/token/refresh", json!({"refresh": token})).await;
    (answer.status(), if answer.status() == 200 { answer.at("/refresh").to_owned() } else { String::new() })
}

/// Somebody who has just logged in, and her refresh token.
async fn logged_in() -> (Client, String) {
    let user = TestServer::start().await.user().await;
    let token = user.id("refresh");
    (user, token)
}

#[tokio::test]
async fn one_mailbox_is_one_user() {
    let anybody = TestServer::start().await.anonymous();
    let registration = |email: &str| json!({"email": email, "password": PASSWORD});
    anybody.post("/api/auth/register", registration("Grace@Example.com")).await.expect_status(201);
    anybody.post("/api/auth/register", registration("grace@example.COM")).await.expect_status(409);
    anybody.post("/api/auth/token", registration(" GRACE@example.com")).await.expect_status(200);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let anybody = TestServer::start().await.anonymous();
    anybody.post("/api/auth/register", json!({"email": "grace@example.com", "password": PASSWORD})).await.expect_status(201);
    let mut answers = Vec::new();
    for email in ["grace@example.com", "nobody@example.com"] {
        let answer = anybody.post("/api/auth/token", json!({"email": email, "password": "correct horse"})).await.expect_status(401);
        answers.push((answer.at("/type").to_owned(), answer.at("/detail").to_owned()));
    }
    assert_eq!(answers[0], answers[1]);
}

/// A client whose answer was lost asks again, and two tabs of one browser ask at once: neither is a thief.
#[tokio::test]
async fn ten_who_refresh_with_one_token_at_once_get_one_successor() {
    let (user, token) = logged_in().await;
    let asked: Vec<_> = (0..10)
        .map(|_| (user.clone(), token.clone()))
        .map(|(user, token)| tokio::spawn(async move { refreshed(&user, &token).await }))
        .collect();
    let mut answers = Vec::new();
    for one in asked {
        answers.push(one.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 200), "{answers:?}");
    assert_ne!(answers[0].1, token);
}

/// Without it, a stolen token would be good for as long as the thief keeps refreshing.
#[tokio::test]
async fn a_token_that_is_used_again_after_its_successor_closes_the_session() {
    let (user, first) = logged_in().await;
    let (_, second) = refreshed(&user, &first).await;
    let (_, third) = refreshed(&user, &second).await;
    assert_eq!(refreshed(&user, &first).await.0, 401);
    assert_eq!(refreshed(&user, &third).await.0, 401, "the family outlives the theft");
}

/// The same with a successor that nobody has used: after the grace, not before.
#[tokio::test]
async fn a_token_that_is_used_again_late_closes_the_session() {
    let (user, first) = logged_in().await;
    let (_, second) = refreshed(&user, &first).await;
    let mut database = user.server().database().connect().await;
    let ago = "UPDATE refresh_tokens SET used_at = used_at - interval '11 seconds' WHERE used_at IS NOT NULL";
    sqlx::query(ago).execute(&mut database).await.unwrap();
    assert_eq!(refreshed(&user, &first).await.0, 401);
    assert_eq!(refreshed(&user, &second).await.0, 401, "the family outlives the theft");
}

#[tokio::test]
async fn logging_out_ends_the_session_and_no_other() {
    let (user, here) = logged_in().await;
    let email = "grace@example.com";
    user.post("/api/auth/register", json!({"email": email, "password": PASSWORD})).await.expect_status(201);
    let there = user.logged_in(email).await.id("refresh");
    user.without_header("authorization").post("/api/auth/logout", json!({"refresh": here})).await.expect_status(204);
    assert_eq!(refreshed(&user, &here).await.0, 401);
    assert_eq!(refreshed(&user, &there).await.0, 200);
}

#[tokio::test]
async fn no_password_and_no_token_is_stored() {
    let (user, token) = logged_in().await;
    let database = user.server().database();
    for table in ["users", "sessions", "refresh_tokens"] {
        let holds = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{PASSWORD}%' OR t::text LIKE '%{token}%'");
        assert_eq!(database.number(&holds).await, 0, "{table}");
    }
    assert_eq!(database.number("SELECT count(*) FROM users WHERE password_hash LIKE '$argon2id$%'").await, 1);
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused_and_says_so() {
    let (user, token) = logged_in().await;
    for wrong in ["Bearer ", "Bearer x.y.z", "Basic YTpi", &format!("Bearer {token}")] {
        let answer = user.with_header("authorization", wrong).get("/households").await.expect_status(401);
        assert!(answer.header("www-authenticate").is_some_and(|how| how.starts_with("Bearer")), "{wrong}");
    }
}

//! What an operator relies on: an end that is asked for is clean, and a database that goes away comes back without a restart.

use serde_json::json;
use sqlx::{Connection, Executor};
use support::{Answer, Database, Shutdown, TestServer};

#[tokio::test]
async fn a_server_that_is_asked_to_end_ends_well_and_starts_again() {
    let server = TestServer::start().await;
    let user = server.user().await;
    let status = server.stop().await;
    assert!(status.success(), "{status}: {}", server.log());
    server.start_again().await;
    user.get("/health/ready").await.expect_status(200);
}

/// The fault: every pooled connection is dead at once, and new ones are refused. A 500, a hang, or a pool that stays poisoned
/// after the database is back would each be a failure.
#[tokio::test]
async fn a_database_that_is_away_is_a_503_and_its_return_needs_no_restart() {
    let database = Database::create_on_own_postgres().await;
    let server = TestServer::start_on(database.clone(), &[]).await;
    let log_in = || server.anonymous().post("/api/auth/token", json!({"email": "nobody@example.com", "password": "a guess of mine"}));
    log_in().await.expect_status(401);
    for shutdown in [Shutdown::Fast, Shutdown::Kill] {
        database.halt(shutdown).await;
        let away = log_in().await.expect_status(503);
        assert!(away.header("retry-after").is_some(), "no Retry-After in {away}");
        assert_eq!(away.header("content-type"), Some("application/problem+json"));
        server.anonymous().get("/health/ready").await.expect_status(503);
        server.anonymous().get("/health/live").await.expect_status(200);
        database.resume().await;
        // A request that meets a connection of before is told to come back, as its Retry-After says; soon none is.
        let back = std::time::Instant::now();
        loop {
            let answer = log_in().await;
            if answer.status() == 401 {
                break;
            }
            assert!(answer.expect_status(503).header("retry-after").is_some(), "a 503 without Retry-After");
            assert!(back.elapsed().as_secs() < 30, "the database is back, and the server does not see it");
        }
        server.anonymous().get("/health/ready").await.expect_status(200);
    }
}

#[tokio::test]
async fn a_server_sees_nothing_of_the_database_of_another() {
    let (one, other) = (TestServer::start().await, TestServer::start().await);
    let email = "ada@example.com";
    one.anonymous().post("/api/auth/register", json!({"email": email, "password": "correct horse battery"})).await.expect_status(201);
    let log_in =
        |server: &TestServer| server.anonymous().post("/api/auth/token", json!({"email": email, "password": "correct horse battery"}));
    log_in(&one).await.expect_status(200);
    log_in(&one.another().await).await.expect_status(200);
    log_in(&other).await.expect_status(401);
}

/// The fault: an operator sees 503 and no reason, or a process takes requests that it cannot answer.
#[tokio::test]
async fn readiness_names_each_part_that_is_missing() {
    let database = Database::create_on_own_postgres().await; // roles belong to all of a PostgreSQL
    let server = TestServer::start_on(database.clone(), &[("EFFLUENT_PROJECTOR", "on")]).await;
    let ready = || async { server.anonymous().get("/health/ready").await };
    let parts = |answer: &Answer| answer.errors().iter().map(|(part, code)| format!("{part} {code}")).collect::<Vec<_>>();
    let begun = std::time::Instant::now();
    let whole = json!({"database": "ok", "migrations": "ok", "role": "effluent_app", "projector": "ok"});
    while ready().await.expect_status(200).json()["parts"] != whole {
        assert!(begun.elapsed().as_secs() < 30, "the projector of this process has not said that it is there: {}", ready().await);
    }

    let mut owner = database.connect().await;
    owner.execute("CREATE TABLE kept AS SELECT * FROM _sqlx_migrations; DELETE FROM _sqlx_migrations WHERE version = 2").await.unwrap();
    let behind = ready().await.expect_status(503);
    assert_eq!(parts(&behind), ["migrations missing"], "{behind}");
    assert!(behind.at("/detail").contains("0002"), "{behind}");

    owner.execute("ALTER ROLE effluent_app RENAME TO effluent_gone").await.unwrap();
    assert_eq!(parts(&ready().await.expect_status(503)), ["role missing", "migrations missing"]);
    // Also where every connection has to be made anew, which the missing role prevents.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    owner.execute(cut).await.unwrap();
    let begun = std::time::Instant::now();
    loop {
        let lost = ready().await.expect_status(503);
        if parts(&lost) == ["role missing"] {
            break; // the first to ask meets a connection that was cut
        }
        assert!(begun.elapsed().as_secs() < 30, "{lost}");
    }

    owner
        .execute("ALTER ROLE effluent_gone RENAME TO effluent_app; INSERT INTO _sqlx_migrations SELECT * FROM kept WHERE version = 2")
        .await
        .unwrap();
    ready().await.expect_status(200);
    owner.close().await.unwrap();
    database.halt(Shutdown::Fast).await;
    let away = ready().await.expect_status(503);
    assert_eq!(parts(&away), ["database away"], "{away}");
    server.anonymous().get("/health/live").await.expect_status(200);
}

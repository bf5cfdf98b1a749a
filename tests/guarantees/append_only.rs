//! An event that was written stays as it was, whoever connects; and a household's rows lie together.
//!
//! The fault: an UPDATE by a tool, a migration or a patched server would rewrite history that auditors rely on, and nobody would see
//! it before the chain is checked. The guards are the database's own: triggers that refuse everybody, also the owner, and
//! privileges that do not even let the server's role try. Were either left out of a migration, one of these statements would succeed.

use std::collections::BTreeSet;

use projections::database::{DatabaseUrl, connect};
use sqlx::{Connection, PgConnection, Row};
use support::{Client, TestServer};

use crate::household::stored_events;

/// What somebody might try.
const CHANGES: [&str; 5] = [
    "UPDATE events SET payload = '{}'",
    "UPDATE events SET recorded_at = now() - interval '1 day'",
    "DELETE FROM events",
    "DELETE FROM events WHERE sequence > 1",
    "TRUNCATE events",
];

/// The SQLSTATE with which a statement is refused; rolled back if it is not.
async fn refusal(database: &mut PgConnection, role: Option<&str>, statement: &str) -> Option<String> {
    let mut transaction = database.begin().await.unwrap();
    if let Some(role) = role {
        sqlx::query(&format!("SET LOCAL ROLE {role}")).execute(&mut *transaction).await.unwrap();
    }
    let error = sqlx::query(statement).execute(&mut *transaction).await.err()?;
    Some(error.as_database_error().unwrap_or_else(|| panic!("{error}")).code().unwrap().into_owned())
}

async fn home() -> Client {
    TestServer::start().await.household_earning("Acme", "96000.00").await
}

#[tokio::test]
async fn the_owner_of_the_events_cannot_change_them() {
    let home = home().await;
    let before = stored_events(&home, "events").await.len();
    let mut owner = home.server().database().connect().await;
    for statement in CHANGES {
        assert_eq!(refusal(&mut owner, None, statement).await.as_deref(), Some("23001"), "{statement}");
    }
    assert_eq!(stored_events(&home, "events").await.len(), before);
}

#[tokio::test]
async fn the_role_of_the_server_may_only_read_and_append_events() {
    let home = home().await;
    let mut database = home.server().database().connect().await;
    for role in ["effluent_app", "effluent_auditor"] {
        for statement in CHANGES {
            assert_eq!(refusal(&mut database, Some(role), statement).await.as_deref(), Some("42501"), "{role}: {statement}");
        }
    }
    for (role, expected) in [("effluent_app", "INSERT SELECT"), ("effluent_auditor", "SELECT")] {
        let sql = "SELECT string_agg(kind, ' ' ORDER BY kind) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) kind \
                   WHERE has_table_privilege($1, 'events', kind)";
        let held: Option<String> = sqlx::query_scalar(sql).bind(role).fetch_one(&mut database).await.unwrap();
        assert_eq!(held.as_deref(), Some(expected), "{role}");
    }
    // Neither could take the triggers away, which only an owner can, nor become one.
    let disable = "ALTER TABLE events DISABLE TRIGGER ALL";
    assert_eq!(refusal(&mut database, Some("effluent_app"), disable).await.as_deref(), Some("42501"));
}

/// Privileges that the server's role has not are worth nothing if the server acts as somebody else.
#[tokio::test]
async fn the_pool_of_the_server_acts_as_that_role() {
    let server = TestServer::start().await;
    let pool = connect(&DatabaseUrl::parse(&server.database().url()).unwrap(), 1).await.unwrap();
    let role: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(&pool).await.unwrap();
    assert_eq!(role, "effluent_app");
}

/// One household, one shard: that holds only while every key of its tables begins with it.
#[tokio::test]
async fn every_key_of_a_households_table_begins_with_the_household() {
    let server = TestServer::start().await;
    let mut database = server.database().connect().await;
    let sql = "SELECT t.relname::text AS name, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'household_id') AS of_household, \
               coalesce((SELECT array_agg(first.attname::text) FROM pg_index i JOIN pg_attribute first ON first.attrelid = t.oid \
               AND first.attnum = i.indkey[0] WHERE i.indrelid = t.oid AND i.indisunique), '{}') AS first_columns, \
               EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary) AS has_key, \
               (SELECT count(*) FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'f') AS foreign_keys \
               FROM pg_class t WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')";
    let tables = sqlx::query(sql).fetch_all(&mut database).await.unwrap();
    let mut others = BTreeSet::new();
    let mut checked = 0;
    for table in &tables {
        let name: String = table.get("name");
        if !table.get::<bool, _>("of_household") {
            others.insert(name);
            continue;
        }
        checked += 1;
        assert!(table.get::<bool, _>("has_key"), "{name} has no primary key");
        for first in table.get::<Vec<String>, _>("first_columns") {
            assert_eq!(first, "household_id", "a key of {name} begins with {first}");
        }
        assert_eq!(table.get::<i64, _>("foreign_keys"), 0, "{name} points elsewhere: does that key begin with the household?");
    }
    assert!(checked >= 15, "only {checked} tables of a household were found");
    // Of the processes and of the people; everything else belongs to somebody's household.
    let known =
        ["_sqlx_migrations", "projector_buckets", "projectors", "read_models_form", "rebuilds", "refresh_tokens", "sessions", "users"];
    assert_eq!(others, known.map(str::to_owned).into(), "tables without a household");
}

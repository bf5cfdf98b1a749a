//! Stops a writer inside its transaction: everything is written, nothing is committed.
//!
//! How: a trigger takes, behind each event that is inserted, a shared advisory lock on the event's own place; a test that holds that
//! lock exclusively stops whoever writes this event, sees the backend that waits, and lets it go on, cancels it or ends it. No sleep,
//! no luck, and no knowledge of how the store is written.

use std::time::Duration;

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::kit::Place;

/// For one table of events.
#[derive(Clone, Debug)]
pub struct Brakes {
    url: String,
}

/// One event that cannot be written for the time being.
pub struct Held {
    connection: PgConnection,
    key: i64,
}

impl Brakes {
    /// Fits brakes to a table whose streams are told apart by this column.
    pub async fn fit(url: &str, table: &str, stream: &str) -> Self {
        let mut owner = PgConnection::connect(url).await.unwrap();
        let function = format!(
            "CREATE FUNCTION {table}_brake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             PERFORM pg_advisory_xact_lock_shared(hashtextextended(NEW.{stream}::text || ':' || NEW.sequence::text, 0)); RETURN NULL; END $$"
        );
        let trigger = format!("CREATE TRIGGER {table}_brake AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_brake()");
        for statement in [function, trigger] {
            sqlx::query(&statement).execute(&mut owner).await.unwrap();
        }
        Self { url: url.to_owned() }
    }

    /// Whoever writes this event stops right behind writing it.
    pub async fn hold(&self, (stream, number): Place) -> Held {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let key: i64 =
            sqlx::query_scalar("SELECT hashtextextended($1, 0)").bind(place(stream, number)).fetch_one(&mut connection).await.unwrap();
        sqlx::query("SELECT pg_advisory_lock($1)").bind(key).execute(&mut connection).await.unwrap();
        Held { connection, key }
    }
}

fn place(stream: Uuid, number: i64) -> String {
    format!("{stream}:{number}")
}

impl Held {
    /// The backend of the writer that has stopped here, as soon as there is one.
    pub async fn stopped(&mut self) -> Result<i32, String> {
        let sql = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objsubid = 1 \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
                   AND classid::bigint = ($1::bigint >> 32) & 4294967295 AND objid::bigint = $1::bigint & 4294967295 LIMIT 1";
        for _ in 0..2_000 {
            if let Some(pid) = sqlx::query_scalar(sql).bind(self.key).fetch_optional(&mut self.connection).await.unwrap() {
                return Ok(pid);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("the writer did not come to where it should have stopped".to_owned())
    }

    /// Its writer goes on.
    pub async fn release(mut self) {
        sqlx::query("SELECT pg_advisory_unlock($1)").bind(self.key).execute(&mut self.connection).await.unwrap();
    }

    /// The writer's statement is cancelled, its transaction rolled back.
    pub async fn cancel(&mut self, pid: i32) {
        sqlx::query("SELECT pg_cancel_backend($1)").bind(pid).execute(&mut self.connection).await.unwrap();
    }

    /// The writer's backend is ended, and its connection with it.
    pub async fn kill(&mut self, pid: i32) {
        sqlx::query("SELECT pg_terminate_backend($1)").bind(pid).execute(&mut self.connection).await.unwrap();
    }
}

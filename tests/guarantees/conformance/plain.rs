//! A store of streams in one table, as one would write it down in an afternoon; and what one would get wrong.

use sqlx::{PgPool, Row};
use support::Database;
use uuid::Uuid;

use super::brake::Brakes;
use super::kit::{Fact, Place, Reader, Refusal, Stream, Subject};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// `ON CONFLICT DO NOTHING`, and nobody looks at what was done.
    SwallowsConflicts,
    /// The next number is the last one plus one, and no unique key stands behind it.
    MaxPlusOneWithoutKey,
    /// A transaction for each fact.
    FactByFact,
    /// Its readers remember the last position that they saw.
    RemembersLastPosition,
}

/// One table.
#[derive(Clone)]
pub struct Plain {
    pool: PgPool,
    brakes: Brakes,
    table: String,
    flaw: Option<Flaw>,
}

/// Follows the table: by transaction and position, or, wrongly, by position alone.
pub struct Following {
    store: Plain,
    transaction: String,
    position: i64,
}

impl Plain {
    pub async fn create(database: &Database, flaw: Option<Flaw>) -> Self {
        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(8).connect(&database.url()).await.unwrap();
        let table = flaw.map_or("plain".to_owned(), |flaw| format!("plain_{flaw:?}").to_lowercase());
        let key = if flaw == Some(Flaw::MaxPlusOneWithoutKey) { "" } else { ", PRIMARY KEY (stream, sequence)" };
        let sql = format!(
            "CREATE TABLE {table} (stream uuid NOT NULL, sequence bigint NOT NULL, fact bigint NOT NULL, \
             position bigint GENERATED ALWAYS AS IDENTITY, transaction xid8 NOT NULL DEFAULT pg_current_xact_id(){key})"
        );
        sqlx::query(&sql).execute(&pool).await.unwrap();
        let brakes = Brakes::fit(&database.url(), &table, "stream").await;
        Self { pool, brakes, table, flaw }
    }

    /// How many were written, in one statement.
    async fn insert(&self, stream: Uuid, after: i64, facts: &[Fact]) -> Result<u64, Refusal> {
        let table = &self.table;
        let insert = format!(
            "INSERT INTO {table} (stream, sequence, fact) SELECT $1, $2 + f.number, f.fact FROM unnest($3::bigint[]) WITH ORDINALITY AS f (fact, number)"
        );
        let sql = if self.flaw == Some(Flaw::SwallowsConflicts) {
            format!("{insert} ON CONFLICT DO NOTHING")
        } else {
            format!("{insert} WHERE (SELECT coalesce(max(sequence), 0) FROM {table} WHERE stream = $1) = $2")
        };
        let facts: Vec<i64> = facts.iter().copied().map(i64::from).collect();
        match sqlx::query(&sql).bind(stream).bind(after).bind(facts).execute(&self.pool).await {
            Ok(done) => Ok(done.rows_affected()),
            Err(error) if error.as_database_error().is_some_and(|refused| refused.is_unique_violation()) => Err(Refusal::Conflict),
            Err(error) => Err(Refusal::Failed(error.to_string())),
        }
    }
}

impl Subject for Plain {
    type Reader = Following;

    async fn open(&self) -> Stream {
        Stream { id: Uuid::now_v7(), version: 0 }
    }

    async fn append(&self, stream: Uuid, after: i64, facts: Vec<Fact>) -> Result<i64, Refusal> {
        let last = after + i64::try_from(facts.len()).unwrap();
        if self.flaw == Some(Flaw::FactByFact) {
            for (number, fact) in (after..).zip(facts) {
                if self.insert(stream, number, &[fact]).await? == 0 {
                    return Err(Refusal::Conflict);
                }
            }
            return Ok(last);
        }
        let written = self.insert(stream, after, &facts).await?;
        if written == 0 && self.flaw != Some(Flaw::SwallowsConflicts) { Err(Refusal::Conflict) } else { Ok(last) }
    }

    async fn read(&self, stream: Uuid) -> Vec<(i64, Fact)> {
        let sql = format!("SELECT sequence, fact FROM {} WHERE stream = $1 ORDER BY sequence", self.table);
        let rows = sqlx::query(&sql).bind(stream).fetch_all(&self.pool).await.unwrap();
        rows.iter().map(|row| (row.get(0), Fact::try_from(row.get::<i64, _>(1)).unwrap())).collect()
    }

    async fn reader(&self) -> Following {
        Following { store: self.clone(), transaction: "0".to_owned(), position: 0 }
    }

    fn brakes(&self) -> Option<&Brakes> {
        Some(&self.brakes)
    }
}

impl Reader for Following {
    async fn more(&mut self) -> Result<Vec<Place>, String> {
        let wanted = if self.store.flaw == Some(Flaw::RemembersLastPosition) {
            "position > $2 AND $1::text::xid8 IS NOT NULL ORDER BY position"
        } else {
            "(transaction, position) > ($1::text::xid8, $2) AND transaction < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY transaction, position"
        };
        // Not `AS transaction`: ORDER BY would take the text for the number.
        let sql = format!("SELECT stream, sequence, position, transaction::text AS read_to FROM {} WHERE {wanted}", self.store.table);
        let rows = sqlx::query(&sql)
            .bind(&self.transaction)
            .bind(self.position)
            .fetch_all(&self.store.pool)
            .await
            .map_err(|error| error.to_string())?;
        if let Some(last) = rows.last() {
            (self.transaction, self.position) = (last.get("read_to"), last.get("position"));
        }
        Ok(rows.iter().map(|row| (row.get("stream"), row.get("sequence"))).collect())
    }
}

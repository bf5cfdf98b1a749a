//! postgres-es as it comes, on a table of its own.

use postgres_es::PostgresEventRepository;
use sqlx::PgPool;
use support::Database;
use uuid::Uuid;

use super::brake::Brakes;
use super::facts::{Rereading, persist, read};
use super::kit::{Fact, Refusal, Stream, Subject};

/// As postgres-es 0.5 lays it out.
const TABLE: &str = "CREATE TABLE stock_events (aggregate_type text NOT NULL, aggregate_id text NOT NULL, \
    sequence bigint CHECK (sequence >= 0) NOT NULL, event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, \
    metadata json NOT NULL, PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

#[derive(Clone)]
pub struct Stock {
    pool: PgPool,
    brakes: Brakes,
}

impl Stock {
    pub async fn create(database: &Database) -> Self {
        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(8).connect(&database.url()).await.unwrap();
        sqlx::query(TABLE).execute(&pool).await.unwrap();
        Self { pool, brakes: Brakes::fit(&database.url(), "stock_events", "aggregate_id").await }
    }

    fn repository(&self) -> PostgresEventRepository {
        PostgresEventRepository::new(self.pool.clone()).with_tables("stock_events", "stock_snapshots")
    }
}

impl Subject for Stock {
    type Reader = Rereading<PostgresEventRepository>;

    async fn open(&self) -> Stream {
        Stream { id: Uuid::now_v7(), version: 0 }
    }

    async fn append(&self, stream: Uuid, after: i64, facts: Vec<Fact>) -> Result<i64, Refusal> {
        persist(&self.repository(), stream, after, facts).await
    }

    async fn read(&self, stream: Uuid) -> Vec<(i64, Fact)> {
        read(&self.repository(), stream).await
    }

    async fn reader(&self) -> Self::Reader {
        Rereading::new(self.repository())
    }

    fn brakes(&self) -> Option<&Brakes> {
        Some(&self.brakes)
    }
}

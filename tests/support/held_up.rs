//! Work that is held up in the middle, for as long as a test wants: so that "while it runs" is a fact and not a matter of luck.

use sqlx::PgConnection;
use sqlx::{Connection, Executor};

use crate::TestServer;

/// Whoever has to load a household from the database waits: commands, and computations of projections. Lists, single rows and jobs are read all
/// the same.
#[derive(Debug)]
pub struct HeldUp(PgConnection);

impl HeldUp {
    /// Starts the server again, so that it has nothing in memory, and locks what it would load from.
    pub async fn every_cold_load(server: &TestServer) -> Self {
        server.kill9();
        server.start_again().await;
        Self::loads(server).await
    }

    /// Locks what a process without a memory would load from.
    pub async fn loads(server: &TestServer) -> Self {
        let mut lock = server.database().connect().await;
        lock.execute("BEGIN; LOCK TABLE snapshots IN ACCESS EXCLUSIVE MODE").await.expect("a lock");
        Self(lock)
    }

    /// Lets everybody go on.
    pub async fn release(mut self) {
        self.0.execute("ROLLBACK").await.expect("the end of the lock");
        self.0.close().await.expect("the test's database");
    }
}

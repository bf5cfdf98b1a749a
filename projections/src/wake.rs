//! Who waits for something to happen in the database is woken; nobody depends on it.
//!
//! A process that appended events, stored a projection or moved a job on *announces* it: after its commit, at most a hundred times a
//! second, without saying what. Whoever waits looks into the database for what is new to them. Why not `pg_notify` inside the append: a
//! transaction that notifies commits under a lock of the whole database, so that commits wait for each other's disk. Why without a
//! payload: a wake that is lost (a crash between commit and announcement, a connection pooler that swallows LISTEN) must cost time and
//! nothing else, so every waiter polls as well, and nothing may be read from a wake but "look now".

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::{Notify, watch};

use crate::connections::Connections;
use crate::database::{self, DatabaseError, DatabaseUrl};

/// The channel of PostgreSQL's LISTEN and NOTIFY.
const CHANNEL: &str = "effluent";
/// With a commit that does not wait for the disk: a notification has a transaction of its own, and a hundred more waits a second are felt by
/// those who have something to keep.
const NOTIFY: &str =
    "WITH manner AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) SELECT pg_notify($1, '') FROM manner";
/// Announcements within this time are one.
const GATHERED_FOR: Duration = Duration::from_millis(10);
/// A listener that lost its connection tries again after this.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Tells the other processes (and this one) that there is something new. Cheap to clone; costs its caller nothing.
#[derive(Clone, Debug, Default)]
pub struct Announcer(Arc<Notify>);

impl Announcer {
    /// There is something new. To be called after the commit.
    pub fn announce(&self) {
        self.0.notify_one();
    }

    /// Passes announcements on, until it is dropped. One that fails is not repeated: those who wait poll as well.
    pub async fn run(self, pool: Connections) {
        loop {
            self.0.notified().await;
            if let Err(error) = announce_now(&pool).await {
                tracing::debug!(%error, "an announcement was not passed on");
            }
            tokio::time::sleep(GATHERED_FOR).await;
        }
    }
}

/// Passes one announcement on at once: for a command line, which ends before an [`Announcer`] would have gathered any.
///
/// # Errors
/// The database.
pub async fn announce_now(pool: &Connections) -> Result<(), DatabaseError> {
    sqlx::query(NOTIFY).bind(CHANNEL).execute(pool).await?;
    Ok(())
}

/// Hears announcements for all who wait in this process.
#[derive(Debug)]
pub struct Listener(watch::Sender<u64>);

impl Default for Listener {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Listener {
    /// Somebody who waits.
    #[must_use]
    pub fn waiter(&self) -> Waiter {
        Waiter(self.0.subscribe())
    }

    /// Listens until it is dropped. Whenever the connection is lost it comes back, and everybody is woken: something may have been missed.
    pub async fn run(self: Arc<Self>, url: DatabaseUrl) {
        loop {
            if let Err(error) = self.listen(&url).await {
                tracing::warn!(%error, "not listening for announcements: polling until the database is back");
            }
            tokio::time::sleep(RECONNECT_AFTER).await;
        }
    }

    async fn listen(&self, url: &DatabaseUrl) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(&database::listening_pool(url)).await?;
        listener.listen(CHANNEL).await?;
        loop {
            self.0.send_modify(|heard| *heard = heard.wrapping_add(1));
            if listener.try_recv().await?.is_none() {
                return Ok(()); // the connection was lost
            }
        }
    }
}

/// Waits for announcements.
#[derive(Clone, Debug)]
pub struct Waiter(watch::Receiver<u64>);

impl Waiter {
    /// Returns at the next announcement since the last call, and after `at_most` in any case.
    pub async fn next(&mut self, at_most: Duration) {
        match tokio::time::timeout(at_most, self.0.changed()).await {
            Ok(Ok(())) | Err(_) => {}
            // Nobody listens any more: only the time is left.
            Ok(Err(_)) => tokio::time::sleep(at_most).await,
        }
    }
}

//! Connections that come back without a round trip.
//!
//! Why: sqlx 0.8 pings a connection whenever it returns to its pool, so that a command of two statements cost four round trips
//! (measured: our store beside the stock one went from 1.6 to 2.4 times its rate; see benches/README.md). Here a connection whose statement was read to its end (sqlx's
//! executor reads up to `ReadyForQuery`) is kept for the next statement as it is. One whose statement was given up half-way, or failed
//! in any other way than by the database's refusal, goes back to sqlx's pool, which tests it.
//!
//! A connection is lent, where there is a choice, to the thread that opened it: its socket is watched by that thread's event loop, and
//! another thread would hear of an answer only through it.
//!
//! A statement is sent to `&Connections`, and its result is read whole. A transaction, or a result that is read bit by bit, needs a
//! connection to itself: [`Connections::lease`].

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection as _, Describe, Either, Error, Execute, Executor, PgPool, Postgres};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::database::{ACQUIRE_TIMEOUT, TRUSTED_WHILE_IDLE_FOR, is_unavailable};

/// A connection that nobody needed for so long is given back to the pool, which closes it.
const KEPT_WHILE_IDLE_FOR: Duration = Duration::from_secs(10 * 60);
/// So is one of this age, so that a process follows a database that moved, and no backend grows old.
const OLDEST: Duration = Duration::from_secs(30 * 60);

/// Connections for single statements, on a pool. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: PgPool,
    /// Whom they act as; `None` where that is whoever logs in.
    role: Option<&'static str>,
    idle: Mutex<VecDeque<Kept>>,
    /// One for each connection of the pool: whoever has one finds a connection, kept here or in the pool.
    turns: Semaphore,
}

#[derive(Debug)]
struct Kept {
    connection: PoolConnection<Postgres>,
    opened_by: ThreadId,
    opened: Instant,
    idle_since: Instant,
}

/// How the connections are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Lent, or on their way to somebody.
    pub used: u64,
    /// Open, and waiting for somebody.
    pub idle: u64,
    /// At most so many are open.
    pub most: u64,
}

/// A look at connections that does not keep them open.
#[derive(Clone, Debug)]
pub(crate) struct Watched(Weak<Shared>);

impl Watched {
    /// How they are used now; `None` once they are gone.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let shared = self.0.upgrade()?;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let most = u64::from(shared.pool.options().get_max_connections());
        Some(Usage {
            used: most.saturating_sub(count(shared.turns.available_permits())),
            idle: count(shared.idle().len().saturating_add(shared.pool.num_idle())),
            most,
        })
    }
}

/// A connection that is lent. Dropped, it goes back to the pool, which rolls back what was left open, and tests it.
pub struct Lease<'a> {
    shared: &'a Arc<Shared>,
    kept: Kept,
    _turn: SemaphorePermit<'a>,
}

impl Connections {
    /// On a pool, which nobody else may use, and whose connections act as this role.
    #[must_use]
    pub(crate) fn on(pool: PgPool, role: Option<&'static str>) -> Self {
        let turns = Semaphore::new(usize::try_from(pool.options().get_max_connections()).unwrap_or(1));
        Self(Arc::new(Shared { pool, role, idle: Mutex::default(), turns }))
    }

    /// The role that they act as; `None` where that is whoever logs in.
    pub(crate) fn role(&self) -> Option<&'static str> {
        self.0.role
    }

    /// For whoever reports how they are used.
    pub(crate) fn watched(&self) -> Watched {
        Watched(Arc::downgrade(&self.0))
    }

    /// Closes all of them, and waits for those that are lent.
    pub async fn close(&self) {
        let closed = self.0.pool.close();
        self.0.idle().clear();
        closed.await;
    }

    /// A connection to oneself.
    ///
    /// # Errors
    /// None is free for [`ACQUIRE_TIMEOUT`], or the database cannot be reached.
    pub async fn lease(&self) -> Result<Lease<'_>, Error> {
        tokio::time::timeout(ACQUIRE_TIMEOUT, self.lent()).await.unwrap_or(Err(Error::PoolTimedOut))
    }

    async fn lent(&self) -> Result<Lease<'_>, Error> {
        let shared = &self.0;
        let _turn = shared.turns.acquire().await.map_err(|_| Error::PoolClosed)?;
        while let Some(mut kept) = shared.take() {
            if kept.idle_since.elapsed() <= TRUSTED_WHILE_IDLE_FOR || kept.connection.ping().await.is_ok() {
                return Ok(Lease { shared, kept, _turn });
            }
        }
        let connection = shared.pool.acquire().await?;
        let now = Instant::now();
        Ok(Lease { shared, kept: Kept { connection, opened_by: thread::current().id(), opened: now, idle_since: now }, _turn })
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that this thread opened and used last, else the one that anybody used last.
    fn take(&self) -> Option<Kept> {
        let (mut idle, here) = (self.idle(), thread::current().id());
        let last_of_this_thread = idle.iter().rposition(|kept| kept.opened_by == here);
        last_of_this_thread.and_then(|position| idle.remove(position)).or_else(|| idle.pop_back())
    }

    fn give_back(&self, mut kept: Kept) {
        if self.pool.is_closed() || kept.opened.elapsed() > OLDEST {
            return; // dropped: home to the pool, which closes it
        }
        kept.idle_since = Instant::now();
        let mut idle = self.idle();
        idle.push_back(kept);
        if idle.front().is_some_and(|longest| longest.idle_since.elapsed() > KEPT_WHILE_IDLE_FOR) {
            idle.pop_front();
        }
    }
}

impl Drop for Shared {
    /// There may be no runtime any more, and sqlx needs one to take a connection back: these are just closed.
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        idle.drain(..).for_each(|kept| drop(kept.connection.leak()));
    }
}

impl Lease<'_> {
    /// Keeps the connection where the statement was read to its end: it succeeded, or the database refused it.
    fn end<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        let read_to_its_end = match &result {
            Ok(_) => true,
            Err(error @ Error::Database(_)) => !is_unavailable(error), // such as the last words of a server that stops
            Err(_) => false,
        };
        if read_to_its_end {
            self.shared.give_back(self.kept);
        }
        result
    }
}

impl Deref for Lease<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.kept.connection
    }
}
impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.kept.connection
    }
}

type Step = Either<PgQueryResult, PgRow>;

impl<'c> Executor<'c> for &'c Connections {
    type Database = Postgres;

    /// Not bit by bit: all of it is read before the first row is handed out.
    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let whole = async move {
            let mut lease = self.lease().await?;
            let result = lease.fetch_many(query).try_collect::<Vec<Step>>().await;
            lease.end(result)
        };
        whole.map_ok(|steps| stream::iter(steps).map(Ok)).try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(async move {
            let mut lease = self.lease().await?;
            let result = lease.fetch_optional(query).await;
            lease.end(result)
        })
    }

    fn prepare_with<'e, 'q: 'e>(self, sql: &'q str, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement<'q>, Error>>
    where
        'c: 'e,
    {
        Box::pin(async move { self.lease().await?.prepare_with(sql, parameters).await })
    }

    #[doc(hidden)]
    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        Box::pin(async move { self.lease().await?.describe(sql).await })
    }
}

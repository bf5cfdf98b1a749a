//! The read models, made anew from the streams: compared with what is stored ([`verify`]), or put in its place ([`rebuild`]).
//!
//! Both replay every stream from its first event, checking the chain from event to event, and make every row that follows from it by
//! the very functions that write rows inside a command (`row = f(state)`, see [`crate::read_models`]). The rows exist in memory only,
//! beside the live ones: nothing is announced, no flow is derived, no signal is raised. `batch` reads some households on one snapshot of the
//! database and folds them on a thread of its own; `compare` says what differs, row by row and column by column; `switch` writes what
//! differs, and only that, in one transaction under the locks of the heads, onto the heads that were compared. So a reader sees all of
//! a household in one form or in the other, an append that commits meanwhile is never overwritten (that household is looked at again), and
//! a writer waits for one batch's writes at most: milliseconds, and nothing where nothing differs.
//!
//! Heads are read models here, too: where a stream ends follows from the stream. Idempotency records do not, and are left alone.
//!
//! Limits: memory follows the rows of a batch (some 5,000 events, at most 200 households) times the workers, and the longest stream's state.
//! Deliberately absent: a second set of tables to swap. Tables are shared by all households, and a swap of them would need every writer
//! to stop.

mod batch;
mod compare;
mod decode;
mod forecasts;
mod form;
mod history;
mod households;
mod layout;
mod replay;
mod report;
mod runs;
mod scope;
mod switch;

use std::sync::Arc;
use std::time::Instant;

use domain::ids::HouseholdId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::{Connection as _, Executor as _, Postgres, Transaction};
use uuid::Uuid;

use self::batch::{Work, examine};
use self::compare::{Examined, Repair};
use self::forecasts::Law;
pub use self::form::{Form, Healing, READ_MODELS_VERSION, fingerprint};
use self::households::{Batch, Households, Totals};
use self::layout::Layout;
pub use self::report::{Difference, Finding, Progress, Report, Unwatched, Watch};
use self::runs::{Run, Wanted};
pub use self::scope::{Model, Scope};
use crate::connections::{Connections, Lease};
use crate::database::DatabaseError;
use crate::store::{Store, StoreError};
use crate::track::{Context, Stage, track};

/// How often a household is compared without its lock before it is locked first: one that changes all the time would never be caught.
const ATTEMPTS_WITHOUT_LOCK: u32 = 3;
/// How a transaction begins that only looks: one moment for all of its statements.
const READ_ONLY: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
/// How one begins that writes: after a lock it must see what was committed before.
const READ_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// A batch takes longer than a request may; its values are read as ISO text, whatever the server's habit.
const LIMITS: &str = "SET LOCAL statement_timeout = '1h'; SET LOCAL datestyle = 'ISO'";
/// A rebuild that is lost in a crash is done again; what a client writes behind it flushes it as well.
const NOT_SYNCED: &str = "SET LOCAL synchronous_commit = off";

/// Why read models could not be verified or rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The household could not be loaded.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A read model's table is not what this program needs.
    #[error("the table {table} has no column {column}: run `effluent migrate`")]
    OldSchema {
        /// Which table.
        table: &'static str,
        /// Its missing column.
        column: String,
    },
    /// There is one rebuild at a time.
    #[error(
        "another rebuild is running: for {running_seconds} s, {households} of {households_in_all} households done; one that was killed can be \
         resumed 15 s after its end"
    )]
    Busy {
        /// Since it began.
        running_seconds: i64,
        /// Done.
        households: i64,
        /// To do.
        households_in_all: i64,
    },
    /// This process was silent for so long that another one has taken the rebuild over.
    #[error("another process has taken this rebuild over")]
    TakenOver,
    /// A stream is damaged, so that the household cannot be brought to this program's form.
    #[error("the stream of household {0} is damaged: `effluent projections verify --household {0}` says where")]
    Damaged(HouseholdId),
    /// A programming error.
    #[error("the rebuild failed: {0}")]
    Internal(String),
}

impl From<sqlx::Error> for RebuildError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Why a rebuild was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody asked for it.
    Command,
    /// The tables are in another form than this program's.
    Form,
}

impl Cause {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Form => "form",
        }
    }
}

/// Replays the streams and compares them with the tables. Writes nothing, locks nothing, and may run beside anything.
///
/// # Errors
/// [`RebuildError`]. A difference is none: it is in the report.
pub async fn verify(store: &Store, scope: &Scope, watch: &mut impl Watch) -> Result<Report, RebuildError> {
    let pool = store.pool();
    let work = work(store, scope, false).await?;
    let (households, totals) = Households::begin(pool, scope, None).await?;
    let mut course = Course::begin(Report::default(), totals, watch);
    let look = |batch: Batch| {
        let work = Arc::clone(&work);
        async move { Ok((compare_batch(pool, &batch.ids, &work).await?, batch.done_to)) }
    };
    let mut examined = batches(households).map_ok(look).try_buffered(scope.workers.max(1)).boxed();
    while let Some((batch, _)) = examined.try_next().await? {
        course.add(batch);
    }
    Ok(course.end())
}

/// Replays the streams and puts what follows from them in the place of what is stored, household by household, while reads and writes go
/// on. One that was killed is resumed. A household alone needs no turn: it is done in one transaction.
///
/// # Errors
/// [`RebuildError`]; what was done until then stays done. A damaged stream is none: it is in the report, and the others go on.
pub async fn rebuild(store: &Store, scope: &Scope, cause: Cause, watch: &mut impl Watch) -> Result<Report, RebuildError> {
    let pool = store.pool();
    let work = work(store, scope, true).await?;
    if scope.household.is_some() {
        let (households, totals) = Households::begin(pool, scope, None).await?;
        let course = Course::begin(Report::default(), totals, watch);
        return rebuild_all(pool, households, &work, scope, None, course).await;
    }
    let form = fingerprint(store.tables());
    let run = Run::claim(pool, Wanted { model: scope.model, fingerprint: &form, cause }).await?;
    let rebuilt = async {
        let (households, totals) = Households::begin(pool, scope, run.done_to).await?;
        let course = Course::begin(run.before.clone(), totals, watch);
        let report = rebuild_all(pool, households, &work, scope, Some(&run), course).await?;
        // A household whose stream is damaged is still in its old form: that must not be forgotten.
        let whole = scope.model.is_none() && report.damaged == 0;
        run.finish(whole.then_some(form.as_str())).await?;
        Ok(report)
    };
    let rebuilt = rebuilt.await;
    if rebuilt.is_err() {
        run.release().await;
    }
    rebuilt
}

async fn rebuild_all(
    pool: &Connections,
    households: Households,
    work: &Arc<Work>,
    scope: &Scope,
    run: Option<&Run>,
    mut course: Course<'_, impl Watch>,
) -> Result<Report, RebuildError> {
    let rebuild = |batch: Batch| {
        let work = Arc::clone(work);
        async move { Ok((rebuild_batch(pool, batch.ids, &work).await?, batch.done_to)) }
    };
    let mut rebuilt = batches(households).map_ok(rebuild).try_buffered(scope.workers.max(1)).boxed();
    while let Some((batch, done_to)) = rebuilt.try_next().await? {
        course.add(batch);
        if let Some(run) = run {
            run.note(done_to, &course.report, &course.progress).await?;
        }
    }
    drop(rebuilt);
    Ok(course.end())
}

fn batches(households: Households) -> impl stream::Stream<Item = Result<Batch, RebuildError>> {
    stream::try_unfold(households, |mut households| async move { Ok(households.next().await?.map(|batch| (batch, households))) })
}

async fn work(store: &Store, scope: &Scope, refresh: bool) -> Result<Arc<Work>, RebuildError> {
    let layout = Layout::read(&mut *store.pool().lease().await?).await?;
    Ok(Arc::new(Work { layout, model: scope.model, law: Law { tables: store.tables(), now: scope.now, refresh } }))
}

/// Begins a transaction with room for a batch.
async fn begin_long<'a>(lease: &'a mut Lease<'_>, how: &'static str) -> Result<Transaction<'a, Postgres>, sqlx::Error> {
    let mut transaction = lease.begin_with(how).await?;
    transaction.execute(LIMITS).await?;
    Ok(transaction)
}

/// Some households as of one moment, without a lock.
async fn compare_batch(pool: &Connections, ids: &[Uuid], work: &Arc<Work>) -> Result<Vec<Examined>, RebuildError> {
    let mut lease = pool.lease().await?;
    let mut transaction = begin_long(&mut lease, READ_ONLY).await?;
    let examined = examine(&mut transaction, ids, work).await?;
    transaction.commit().await?;
    Ok(examined)
}

/// Compares some households and switches those that differ; those that have moved on meanwhile are looked at again.
async fn rebuild_batch(pool: &Connections, ids: Vec<Uuid>, work: &Arc<Work>) -> Result<Vec<Examined>, RebuildError> {
    let (mut done, mut left) = (Vec::with_capacity(ids.len()), ids);
    for _ in 0..ATTEMPTS_WITHOUT_LOCK {
        let examined = compare_batch(pool, &left, work).await?;
        let moved = switch_batch(pool, &examined, work).await?;
        done.extend(examined.into_iter().filter(|examined| !moved.contains(&examined.household.0)));
        left = moved;
        if left.is_empty() {
            return Ok(done);
        }
    }
    for id in left {
        done.push(rebuild_locked(pool, id, work).await?);
    }
    Ok(done)
}

/// Writes the repairs of a batch; gives the households whose head is not the one that was compared.
async fn switch_batch(pool: &Connections, examined: &[Examined], work: &Work) -> Result<Vec<Uuid>, RebuildError> {
    let ids: Vec<Uuid> = examined.iter().filter_map(|examined| examined.repair.as_ref().map(|repair| repair.household)).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    match switch_now(pool, examined, &ids, work).await {
        // Somebody else's transaction was in the way, and the database has chosen this one to go.
        Err(RebuildError::Database(DatabaseError::Unavailable(error))) if was_rolled_back(&error) => Ok(ids),
        other => other,
    }
}

/// A deadlock or a failed serialization (class 40 of SQLSTATE).
fn was_rolled_back(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|refusal| refusal.code()).is_some_and(|code| code.starts_with("40"))
}

async fn switch_now(pool: &Connections, examined: &[Examined], ids: &[Uuid], work: &Work) -> Result<Vec<Uuid>, RebuildError> {
    let mut lease = pool.lease().await?;
    let mut transaction = begin_long(&mut lease, READ_WRITE).await?;
    transaction.execute(NOT_SYNCED).await?;
    let heads = switch::lock_heads(&mut transaction, ids).await?;
    let stands = |repair: &Repair| heads.iter().find(|(id, _)| *id == repair.household).map(|(_, head)| head) == repair.seen.as_ref();
    let (standing, moved): (Vec<&Repair>, Vec<&Repair>) =
        examined.iter().filter_map(|examined| examined.repair.as_ref()).partition(|repair| stands(repair));
    let moved = moved.into_iter().map(|repair| repair.household).collect();
    switch::write(&mut transaction, &standing, work).await?;
    transaction.commit().await?;
    Ok(moved)
}

/// A household that changes all the time: its head is locked first, so that its writers wait until it is done.
async fn rebuild_locked(pool: &Connections, id: Uuid, work: &Arc<Work>) -> Result<Examined, RebuildError> {
    let mut lease = pool.lease().await?;
    let mut transaction = begin_long(&mut lease, READ_WRITE).await?;
    switch::lock_heads(&mut transaction, &[id]).await?;
    let mut examined = examine(&mut transaction, &[id], work).await?;
    let examined = examined.pop().ok_or_else(|| RebuildError::Internal("a household was not looked at".to_owned()))?;
    if let Some(repair) = &examined.repair {
        switch::write(&mut transaction, &[repair], work).await?;
    }
    transaction.commit().await?;
    Ok(examined)
}

/// A run on its way.
struct Course<'a, W> {
    report: Report,
    progress: Progress,
    begun: Instant,
    watch: &'a mut W,
}

impl<'a, W: Watch> Course<'a, W> {
    fn begin(before: Report, totals: Totals, watch: &'a mut W) -> Self {
        let progress = Progress {
            households: before.households,
            households_in_all: totals.households,
            events: before.events,
            events_in_all: totals.events,
            events_before: before.events,
            ..Progress::default()
        };
        Self { report: before, progress, begun: Instant::now(), watch }
    }

    fn add(&mut self, batch: Vec<Examined>) {
        for examined in batch {
            let report = &mut self.report;
            report.households = report.households.saturating_add(1);
            report.events = report.events.saturating_add(examined.events);
            report.rows = report.rows.saturating_add(examined.rows);
            if examined.damaged {
                report.damaged = report.damaged.saturating_add(1);
                let context = Context { stage: Stage::Rebuild, household: Some(examined.household), command: None };
                track(&RebuildError::Damaged(examined.household), context);
            }
            for difference in examined.differences {
                self.watch.difference(&difference);
                report.differences = report.differences.saturating_add(1);
                if report.first.len() < report::MOST_KEPT {
                    report.first.push(difference);
                }
            }
        }
        self.progress.households = self.report.households;
        self.progress.events = self.report.events;
        self.progress.took = self.begun.elapsed();
        self.watch.progress(&self.progress);
    }

    fn end(mut self) -> Report {
        self.report.took = self.begun.elapsed();
        self.report
    }
}

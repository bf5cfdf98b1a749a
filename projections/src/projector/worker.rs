//! From a page of events to households that are up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::ids::HouseholdId;
use tokio::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

use super::Clock;
use super::bench::Bench;
use super::leases::HeldBucket;
use super::look::{self, Found};
use super::parking::to_retry;
use super::upkeep::Upkeep;
use super::work::{Done, Fault, bring_up};
use super::write::{Batch, Checkpoint, ToPark, write};
use crate::database::DatabaseError;
use crate::store::Store;
use crate::subscription::{Position, Recorded, SubscriptionError, bucket_of, page};
use crate::trace;
use crate::track::{Context, track};

/// Events a page: a burst of one household within it is one computation.
const EVENTS_A_PAGE: i64 = 1_000;
/// Households that are written together: a forecast is some hundred kilobytes.
const HOUSEHOLDS_A_WRITE: usize = 16;
/// Buckets that nothing happens in have their checkpoint moved along this often, so that whoever takes them over need not read far.
const MOVED_ALONG_EVERY: Duration = Duration::from_secs(10);

/// Why a pass ended early.
#[derive(Debug, thiserror::Error)]
pub enum ProjectorError {
    /// The events cannot be read.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// Nothing can be read or written.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl ProjectorError {
    /// Whether it will pass by itself.
    pub(super) const fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Database(DatabaseError::Unavailable(_)) | Self::Subscription(SubscriptionError::Database(DatabaseError::Unavailable(_)))
        )
    }
}

/// What a pass has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Events read.
    pub events: usize,
    /// Households brought up to date.
    pub households: usize,
    /// Forecasts computed for that; those that were there already are not among them.
    pub forecasts: usize,
    /// Households that failed.
    pub parked: usize,
    /// Buckets that turned out to be another's, so that nothing was written of them.
    pub lost_buckets: usize,
    /// There is more to do at once.
    pub is_more: bool,
}

/// How far a bucket of ours has been read.
#[derive(Clone, Copy, Debug)]
struct Covered {
    fencing: i64,
    read: Position,
    /// As the database has it.
    stored: Position,
    /// It is another's by now, or the lease had run out: nothing is to be done for it before the next renewal.
    is_lost: bool,
}

pub(super) struct Worker {
    store: Store,
    id: Uuid,
    clock: Clock,
    bench: Bench,
    covered: BTreeMap<i32, Covered>,
    upkeep: Upkeep,
    moved_along: Instant,
}

/// Why a household is brought up to date: the request of its last event on the page.
#[derive(Clone, Debug, Default)]
struct Cause {
    trace_id: Option<String>,
    /// Of the request's span, where that was exported.
    span_id: Option<String>,
}

type Causes = BTreeMap<HouseholdId, Cause>;

impl Cause {
    fn of(event: &Recorded) -> Self {
        Self { trace_id: event.trace_id.clone(), span_id: event.span_id.clone() }
    }
}

impl Worker {
    pub(super) fn new(store: Store, id: Uuid, clock: Clock, bench: Bench) -> Self {
        Self { store, id, clock, bench, covered: BTreeMap::new(), upkeep: Upkeep::due_at_once(), moved_along: Instant::now() }
    }

    /// These buckets are ours, by a renewal since the last pass, and no others.
    pub(super) fn follow(&mut self, held: &[HeldBucket]) {
        let mut covered = BTreeMap::new();
        for HeldBucket { bucket, fencing, checkpoint } in held.iter().copied() {
            let known = self.covered.get(&bucket).copied().filter(|known| known.fencing == fencing && !known.is_lost);
            if known.is_none() {
                self.upkeep.begin_again();
            }
            let new = Covered { fencing, read: checkpoint, stored: checkpoint, is_lost: false };
            covered.insert(bucket, known.unwrap_or(new));
        }
        self.covered = covered;
    }

    fn buckets(&self) -> Vec<i32> {
        self.covered.iter().filter(|(_, covered)| !covered.is_lost).map(|(bucket, _)| *bucket).collect()
    }

    /// One page of events, then what was asked for, then some upkeep where no event waits. After a fault nothing is covered until the next
    /// renewal has read the checkpoints anew: a database that crashed may have lost what was written last, and gives its transaction
    /// ids to others, so that a position which is only remembered may lie beyond events that are yet to come.
    pub(super) async fn pass(&mut self) -> Result<Progress, ProjectorError> {
        let passed = self.pass_on().await;
        if passed.is_err() {
            self.covered.clear();
        }
        passed
    }

    async fn pass_on(&mut self) -> Result<Progress, ProjectorError> {
        let mut progress = Progress::default();
        let buckets = self.buckets();
        let Some(from) = self.covered.values().filter(|covered| !covered.is_lost).map(|covered| covered.read).min() else {
            return Ok(progress);
        };
        let page = page(self.store.pool(), from, Some(&buckets), EVENTS_A_PAGE).await?;
        progress.is_more = !page.is_last;
        let events: Vec<&Recorded> = page.events.iter().filter(|event| self.is_new(event)).collect();
        progress.events = events.len();
        for (events, up_to) in chunks(&events, page.up_to) {
            let causes: Causes = events.iter().map(|event| (event.household_id, Cause::of(event))).collect();
            let touched: BTreeSet<i32> = causes.keys().copied().map(bucket_of).collect();
            self.bring_up_all(causes, &touched, up_to, &mut progress).await?;
            for covered in self.covered.values_mut() {
                covered.read = covered.read.max(up_to);
            }
        }
        let asked = to_retry(self.store.pool(), &buckets, i64::try_from(HOUSEHOLDS_A_WRITE).unwrap_or(1)).await?;
        self.look_after(asked, &mut progress).await?;
        if page.is_last {
            let behind = self.upkeep.some(self.store.pool(), self.store.tables().version(), &buckets, (self.clock)()).await?;
            progress.is_more |= !behind.is_empty();
            self.look_after(behind, &mut progress).await?;
            self.move_along(&mut progress).await?;
        }
        Ok(progress)
    }

    /// A bucket that was taken over a moment ago may be behind the others: the page begins where it is.
    fn is_new(&self, event: &Recorded) -> bool {
        self.covered.get(&bucket_of(event.household_id)).is_some_and(|covered| event.position > covered.read)
    }

    /// Households without an event.
    async fn look_after(&mut self, households: Vec<HouseholdId>, progress: &mut Progress) -> Result<(), ProjectorError> {
        for some in households.chunks(HOUSEHOLDS_A_WRITE) {
            let causes = some.iter().map(|household| (*household, Cause::default())).collect();
            self.bring_up_all(causes, &BTreeSet::new(), Position::START, progress).await?;
        }
        Ok(())
    }

    /// Brings households up to date, and these buckets' checkpoints with them.
    async fn bring_up_all(
        &mut self,
        causes: Causes,
        touched: &BTreeSet<i32>,
        up_to: Position,
        progress: &mut Progress,
    ) -> Result<(), ProjectorError> {
        if causes.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = causes.keys().map(|household| household.0).collect();
        let found = look::at(self.store.pool(), &ids, self.store.tables().version()).await?;
        let checkpoints = touched.iter().map(|bucket| Checkpoint { bucket: *bucket, up_to }).collect();
        let mut batch = Batch { checkpoints, ..Batch::default() };
        for (household_id, cause) in causes {
            let Some(found) = found.get(&household_id) else { continue };
            match self.bring_up(household_id, found, &cause).await? {
                Ok(done) => batch.done.push(done),
                Err(fault) => batch.parked.push(parked(household_id, found, fault)),
            }
        }
        self.write(batch, progress).await
    }

    async fn bring_up(&self, household_id: HouseholdId, found: &Found, cause: &Cause) -> Result<Result<Done, Fault>, DatabaseError> {
        let span = tracing::debug_span!(
            "catch_up",
            household = %household_id,
            version = found.head.version,
            trace_id = cause.trace_id
        );
        trace::continue_from(&span, cause.trace_id.as_deref(), cause.span_id.as_deref());
        match bring_up(&self.store, &self.bench, household_id, found, (self.clock)()).instrument(span).await {
            Ok(done) => Ok(Ok(done)),
            Err(fault) => fault.or_unavailable().map(Err),
        }
    }

    /// Writes a batch. Where the database refuses it, each household is written by itself, and the one that cannot be is parked.
    async fn write(&mut self, batch: Batch, progress: &mut Progress) -> Result<(), ProjectorError> {
        match self.write_whole(&batch, progress).await {
            Err(DatabaseError::Failed(error)) => {
                tracing::warn!(%error, households = batch.done.len(), "a batch was refused: writing household by household");
            }
            written => return Ok(written?),
        }
        let mut rest = Batch { parked: batch.parked, checkpoints: batch.checkpoints, ..Batch::default() };
        for done in batch.done {
            let (household_id, version) = (done.household_id, done.version);
            let alone = Batch { done: vec![done], ..Batch::default() };
            match self.write_whole(&alone, progress).await {
                Err(refused @ DatabaseError::Failed(_)) => {
                    rest.parked.push(tracked(ToPark { household_id, version, fault: Fault::Refused(refused) }));
                }
                written => written?,
            }
        }
        Ok(self.write_whole(&rest, progress).await?)
    }

    async fn write_whole(&mut self, batch: &Batch, progress: &mut Progress) -> Result<(), DatabaseError> {
        let held = |bucket: i32| self.covered.get(&bucket).filter(|covered| !covered.is_lost).map(|covered| covered.fencing);
        let written = write(self.store.pool(), self.id, self.store.tables().version(), held, batch).await?;
        let is_ours = |household: HouseholdId| written.buckets.contains(&bucket_of(household));
        for checkpoint in &batch.checkpoints {
            if let Some(covered) = self.covered.get_mut(&checkpoint.bucket)
                && written.buckets.contains(&checkpoint.bucket)
            {
                covered.stored = covered.stored.max(checkpoint.up_to);
            }
        }
        for bucket in batch.buckets() {
            if let Some(covered) = self.covered.get_mut(&bucket)
                && !written.buckets.contains(&bucket)
                && !covered.is_lost
            {
                covered.is_lost = true;
                progress.lost_buckets = progress.lost_buckets.saturating_add(1);
                tracing::info!(bucket, "a bucket is another's by now: nothing was written of it");
            }
        }
        let done = batch.done.iter().filter(|done| is_ours(done.household_id));
        for done in done {
            progress.households = progress.households.saturating_add(1);
            progress.forecasts = progress.forecasts.saturating_add(done.forecasts.len());
        }
        progress.parked = progress.parked.saturating_add(batch.parked.iter().filter(|parked| is_ours(parked.household_id)).count());
        if written.forecasts > 0 {
            self.store.announcer().announce();
        }
        Ok(())
    }

    /// Buckets that nothing happened in: their checkpoints are far behind what has been read of them.
    async fn move_along(&mut self, progress: &mut Progress) -> Result<(), ProjectorError> {
        if self.moved_along.elapsed() < MOVED_ALONG_EVERY {
            return Ok(());
        }
        let behind = self.covered.iter().filter(|(_, covered)| !covered.is_lost && covered.stored < covered.read);
        let checkpoints = behind.map(|(bucket, covered)| Checkpoint { bucket: *bucket, up_to: covered.read }).collect();
        self.write_whole(&Batch { checkpoints, ..Batch::default() }, progress).await?;
        self.moved_along = Instant::now();
        Ok(())
    }
}

/// Some events after the other, each time of so many households, and how far they cover the order. The last one covers the page; where there
/// are no events at all, there is one without any.
fn chunks<'a>(events: &'a [&'a Recorded], up_to: Position) -> Vec<(&'a [&'a Recorded], Position)> {
    let mut chunks = Vec::new();
    let (mut begin, mut households) = (0, BTreeSet::new());
    for (index, event) in events.iter().enumerate() {
        if households.len() == HOUSEHOLDS_A_WRITE && !households.contains(&event.household_id) {
            let chunk = events.get(begin..index).unwrap_or_default();
            chunks.push((chunk, chunk.last().map_or(Position::START, |last| last.position)));
            (begin, households) = (index, BTreeSet::new());
        }
        households.insert(event.household_id);
    }
    chunks.push((events.get(begin..).unwrap_or_default(), up_to));
    chunks
}

fn parked(household_id: HouseholdId, found: &Found, fault: Fault) -> ToPark {
    tracked(ToPark { household_id, version: found.head.version, fault })
}

fn tracked(parked: ToPark) -> ToPark {
    track(&parked.fault, Context { stage: parked.fault.stage(), household: Some(parked.household_id), command: Some("projector") });
    parked
}

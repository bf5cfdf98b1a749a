//! Processes that keep forecasts and metric history up to date, in any number.
//!
//! Nothing that they do is needed for a true answer: a query that finds no forecast of the head computes it. They only make it likely that
//! it finds one. So they may be slow, be killed, or be stopped for an hour; what they may not do is write something wrong.
//!
//! - **Sharing** (`leases`): households are divided into buckets, each bucket has at most one owner, and every change of owner raises the
//!   bucket's fencing number. A process says each second that it is alive, by the database's clock; three seconds without, and its
//!   buckets are anybody's. When one joins, the others give back what is more than their share.
//! - **Working** (`worker`): a page of the global order becomes a set of households; each is brought up to its *head*, once, however many of
//!   its events are on the page. What is stored already is not computed.
//! - **Writing** (`write`): one statement holds rows and checkpoint, and begins by locking the buckets under their fencing numbers. A process that
//!   was paused past its lease therefore writes nothing, whenever it wakes up, and a crash leaves either both or neither. One
//!   statement rather than a transaction: nobody can be paused while holding the lock.
//! - **Parking** (`parking`): a household whose forecast fails is set aside with its error, and tried again when its next event comes, or when an
//!   operator says so. The others go on.
//! - **Manners** (`bench`): what computes runs on a thread of low priority, and waits a moment after the first event of a burst.
//!
//! Deliberately absent: a queue (the events are it), and any order between households.

mod bench;
mod leases;
mod look;
mod parking;
mod sizes;
mod upkeep;
mod work;
mod worker;
mod write;

pub mod lag;

use std::pin::pin;
use std::time::Duration;

use domain::calendar::Instant;
use tokio::sync::watch;
use uuid::Uuid;

use self::bench::Bench;
use self::leases::{HeldBucket, Leases, RENEWED_EVERY};
pub use self::parking::{Parked, RetryAsked, ask_for_retry, parked};
pub use self::sizes::{ModelSize, sizes};
use self::worker::Worker;
pub use self::worker::{Progress, ProjectorError};
use crate::database::DatabaseError;
use crate::store::Store;
use crate::track::{Context, Stage, track, track_unavailable};
use crate::wake::Waiter;

/// Whoever waits for events looks for them this often, also where nobody announces any.
const LOOKED_EVERY: Duration = Duration::from_secs(1);
/// From the first event of a burst to its projection: the rest of the burst comes meanwhile, and the client's own query goes first.
const GATHERED_FOR: Duration = Duration::from_millis(75);
/// Between attempts while the database is away, or while something is wrong that an operator has to mend.
const BACK_OFF: Duration = Duration::from_secs(1);

/// Tells the time. Leases do not ask it: they go by the database's clock.
pub type Clock = fn() -> Instant;

/// One that takes its share of the households and keeps them up to date.
pub struct Projector {
    leases: Leases,
    worker: Worker,
}

impl Projector {
    /// One that has no buckets yet.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn new(store: Store, clock: Clock) -> std::io::Result<Self> {
        let id = Uuid::now_v7();
        Ok(Self { leases: Leases::new(store.pool().clone(), id, this_process()), worker: Worker::new(store, id, clock, Bench::set_up()?) })
    }

    /// Says that this one is alive, and takes or gives back buckets, as its share demands; gives how many it has. To be called each second.
    ///
    /// # Errors
    /// The database.
    pub async fn renew(&mut self) -> Result<usize, DatabaseError> {
        let held = self.leases.renew().await?;
        let number = held.len();
        self.worker.follow(&held);
        Ok(number)
    }

    /// Brings the households of one page of events up to date.
    ///
    /// # Errors
    /// [`ProjectorError`]; what was not written is done again by the first pass after the next renewal.
    pub async fn pass(&mut self) -> Result<Progress, ProjectorError> {
        self.worker.pass().await
    }

    /// Gives all buckets back at once.
    ///
    /// # Errors
    /// The database; the leases run out by themselves.
    pub async fn leave(&self) -> Result<(), DatabaseError> {
        self.leases.leave().await
    }

    /// Works until `stop` returns, and gives all buckets back.
    pub async fn run(self, waiter: Waiter, stop: impl Future<Output = ()>) {
        let Self { leases, mut worker } = self;
        let (held, holding) = watch::channel(Renewal::default());
        tokio::select! {
            () = pin!(stop) => {} // whatever was under way is dropped: it is written or not, and never half
            () = renew_for_ever(&leases, held) => {}
            () = work_for_ever(&mut worker, holding, waiter) => {}
        }
        if let Err(error) = leases.leave().await {
            tracing::warn!(%error, "the buckets of this projector were not given back: their leases run out by themselves");
        }
    }
}

/// How operators see it: machine and process, as `db7:4711`.
fn this_process() -> String {
    format!("{}:{}", rustix::system::uname().nodename().to_string_lossy(), std::process::id())
}

/// What the last renewal found.
#[derive(Default)]
struct Renewal {
    /// Counts them: a bucket that turned out to be lost is ours again only by a later one.
    number: u64,
    held: Vec<HeldBucket>,
}

/// Apart from the work: a household that takes long to compute must not cost the lease.
async fn renew_for_ever(leases: &Leases, renewals: watch::Sender<Renewal>) {
    let mut trouble = Trouble::default();
    loop {
        match leases.renew().await {
            Ok(held) => {
                trouble.over();
                let before = renewals.borrow().held.len();
                if before != held.len() {
                    tracing::info!(buckets = held.len(), before, "the share of this projector has changed");
                }
                renewals.send_modify(|renewal| *renewal = Renewal { number: renewal.number.wrapping_add(1), held });
            }
            Err(error) => {
                trouble.met(&error.into());
                // Nothing is held for certain, nor covered: see `Worker::pass`.
                renewals.send_modify(|renewal| *renewal = Renewal { number: renewal.number.wrapping_add(1), held: Vec::new() });
            }
        }
        tokio::time::sleep(RENEWED_EVERY).await;
    }
}

async fn work_for_ever(worker: &mut Worker, mut renewals: watch::Receiver<Renewal>, mut waiter: Waiter) {
    let (mut trouble, mut followed) = (Trouble::default(), 0);
    loop {
        {
            let renewal = renewals.borrow_and_update();
            if renewal.number != followed {
                worker.follow(&renewal.held);
                followed = renewal.number;
            }
        }
        match worker.pass().await {
            Ok(progress) => {
                trouble.over();
                if progress.is_more {
                    continue;
                }
            }
            Err(error) => {
                trouble.met(&error);
                tokio::time::sleep(BACK_OFF).await;
                continue;
            }
        }
        tokio::select! {
            () = waiter.next(LOOKED_EVERY) => tokio::time::sleep(GATHERED_FOR).await,
            changed = renewals.changed() => if changed.is_err() { return },
        }
    }
}

/// What goes on being wrong is said once.
#[derive(Default)]
struct Trouble(Option<String>);

impl Trouble {
    fn met(&mut self, error: &ProjectorError) {
        let said = error.to_string();
        if self.0.as_ref() == Some(&said) {
            return;
        }
        let context = Context { stage: Stage::Project, household: None, command: Some("projector") };
        if error.is_unavailable() {
            track_unavailable(error, context);
        } else {
            track(error, context);
        }
        self.0 = Some(said);
    }

    fn over(&mut self) {
        if self.0.take().is_some() {
            tracing::info!("the projector goes on");
        }
    }
}

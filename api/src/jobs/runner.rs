//! Runs jobs, in any process that has one of these: a few at once, each on a thread of its own.
//!
//! Why a thread of its own: work computes for seconds, and must hold up neither a request nor the heartbeats that say that it lives. So a
//! kind of work is written as if it were alone: it may compute for as long as it likes between two steps of its progress, and may await.
//!
//! How it ends with its process: asked to stop, the next step of each job fails, and the job is given back, for another process to take at
//! once. One that makes no step for [`GRACE`] is given back over its head: what it still writes is refused. Killed, its lease runs out.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use projections::database::DatabaseError;
use projections::jobs::{BEAT, Claim, Claimed, Interrupted, JobResult, JobState, Jobs, LEASE, Progress, Unfinished};
use projections::signals;
use projections::trace;
use projections::track::{Context, Stage, track, track_unavailable};
use projections::wake::Waiter;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing::Span;

use crate::background::Stop;

/// Woken by announcements; looks by itself this often.
const POLL: Duration = Duration::from_secs(1);
/// Looks at most this often: under load there is an announcement every few milliseconds, and most are about something else.
const GATHERED_FOR: Duration = Duration::from_millis(50);
/// What waits is counted this often.
const COUNT_EVERY: Duration = Duration::from_secs(5);
/// Old jobs are removed this often.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// A job that does not end in this time, once it was asked to, is given back without being asked.
const GRACE: Duration = Duration::from_secs(5);
/// What a client is told of a fault inside; the operators find the rest in the log, under the job's id.
const FAULT: &str = "it failed inside; the operators can find the cause under the id of this job";

/// What jobs do.
pub trait Works: Send + Sync + 'static {
    /// Does one, to its end or to a step of its progress that fails. May be done again: see [`projections::jobs`].
    fn run(&self, job: &Claimed, progress: &Progress) -> impl Future<Output = Result<JobResult, Unfinished>>;

    /// One ended, after so long: for whoever counts.
    fn ended(&self, job: &Claimed, how: JobState, took: Duration);
}

/// The work ended without a word.
#[derive(Debug, thiserror::Error)]
#[error("the work panicked")]
struct Panicked;

/// Runs jobs.
pub struct Runner<W> {
    jobs: Jobs,
    works: Arc<W>,
    most_at_once: usize,
    worker: String,
}

impl<W: Works> Runner<W> {
    /// One that does at most so many at once.
    #[must_use]
    pub fn new(jobs: Jobs, works: W, most_at_once: usize) -> Self {
        Self { jobs, works: Arc::new(works), most_at_once, worker: worker_name() }
    }

    /// Runs until it is asked to stop, and everything that it had begun has ended or was given back.
    pub async fn run(self, mut stop: Stop, mut waiter: Waiter) {
        let mut running = JoinSet::new();
        let (mut looked_for_dead, mut counted, mut expired) = (None, None, None);
        loop {
            if is_due(&mut looked_for_dead, POLL) {
                self.take_over().await;
            }
            if is_due(&mut counted, COUNT_EVERY)
                && let Ok((waiting, running)) = self.jobs.unfinished().await
            {
                signals::jobs_unfinished(waiting, running);
            }
            if is_due(&mut expired, EXPIRE_EVERY)
                && let Err(error) = self.jobs.remove_expired().await
            {
                tracing::warn!(%error, "old jobs were not removed: trying again later");
            }
            self.begin(&mut running, &stop).await;
            tokio::select! {
                () = stop.asked() => break,
                () = waiter.next(POLL) => tokio::time::sleep(GATHERED_FOR).await,
                Some(_) = running.join_next() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn begin(&self, running: &mut JoinSet<()>, stop: &Stop) {
        let free = self.most_at_once.saturating_sub(running.len());
        if free == 0 {
            return;
        }
        match self.jobs.take(&self.worker, free).await {
            Ok(claims) => {
                for claim in claims {
                    running.spawn(work_on(Arc::clone(&self.works), claim, stop.clone()));
                }
            }
            Err(error) => tracing::debug!(%error, "no jobs were taken: trying again later"),
        }
    }

    async fn take_over(&self) {
        match self.jobs.take_over().await {
            Ok(failed) => failed.iter().for_each(|job| self.works.ended(job, JobState::Failed, LEASE)),
            Err(error) => tracing::debug!(%error, "no jobs were taken over: trying again later"),
        }
    }
}

/// This process, for operators who look at the table.
#[must_use]
pub fn worker_name() -> String {
    format!("process {}", std::process::id())
}

/// Whether so much time has passed since the last time that this was so.
fn is_due(last: &mut Option<Instant>, every: Duration) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= every);
    if due {
        *last = Some(Instant::now());
    }
    due
}

/// From a claim to its end.
async fn work_on<W: Works>(works: Arc<W>, claim: Claim, mut stop: Stop) {
    let (job, progress, begun) = (claim.claimed(), claim.progress(), Instant::now());
    let span = tracing::info_span!(
        "job",
        job_id = %job.key.id,
        household = %job.key.household_id,
        kind = job.kind,
        attempt = job.attempts,
        trace_id = job.origin.trace_id,
    );
    trace::continue_from(&span, job.origin.trace_id.as_deref(), job.origin.span_id.as_deref());
    let mut result = Box::pin(on_a_thread(Arc::clone(&works), Arc::clone(&job), progress.clone(), span));
    let result = tokio::select! {
        result = &mut result => result,
        () = stop.asked() => {
            progress.interrupt(Interrupted::Stopping);
            tokio::time::timeout(GRACE, result).await.unwrap_or(Err(Unfinished::Interrupted(Interrupted::Stopping)))
        }
    };
    match settle(claim, result).await {
        Ok(Some(how)) => works.ended(&job, how, begun.elapsed()),
        Ok(None) => {} // it goes on elsewhere
        Err(error) => {
            tracing::warn!(%error, job = %job.key.id, "the end of a job was not written: its lease runs out, and it is done again")
        }
    }
}

async fn on_a_thread<W: Works>(works: Arc<W>, job: Arc<Claimed>, progress: Progress, span: Span) -> Result<JobResult, Unfinished> {
    let (sender, done) = oneshot::channel();
    let (runtime, at) = (Handle::current(), progress.clone());
    let body = move || {
        let result = span.in_scope(|| runtime.block_on(works.run(&job, &progress)));
        // Nobody waits any more where the job was given back over its head.
        drop(sender.send(result));
    };
    thread::Builder::new().name("job".to_owned()).spawn(body).map_err(|error| Unfinished::fault(Stage::Job, error))?;
    done.await.unwrap_or_else(|_| Err(Unfinished::fault(at.at().0, Panicked)))
}

/// Writes down what became of it; gives how it ended, where it did.
async fn settle(claim: Claim, result: Result<JobResult, Unfinished>) -> Result<Option<JobState>, DatabaseError> {
    let (job, (stage, _)) = (claim.claimed(), claim.progress().at());
    let (how, written) = match result {
        Ok(result) => (Some(JobState::Succeeded), claim.succeed(&result).await?),
        Err(Unfinished::Interrupted(Interrupted::Cancelled)) => (Some(JobState::Cancelled), claim.cancel().await?),
        Err(Unfinished::Interrupted(Interrupted::Stopping)) => (None, claim.give_back().await?),
        Err(Unfinished::Interrupted(Interrupted::TakenOver)) => {
            claim.leave();
            (None, false)
        }
        Err(Unfinished::Unavailable(error)) => {
            track_unavailable(&error, about(&job, stage));
            tokio::time::sleep(BEAT).await;
            (None, claim.give_back().await?)
        }
        Err(Unfinished::Refused { stage, message }) => (Some(JobState::Failed), claim.fail(stage, &message).await?),
        Err(Unfinished::Fault { stage, cause }) => {
            track(cause.as_ref(), about(&job, stage));
            (Some(JobState::Failed), claim.fail(stage, FAULT).await?)
        }
    };
    if !written {
        tracing::warn!(job = %job.key.id, stage = stage.as_str(), "a job was taken over: what came of it here is nobody's");
    }
    Ok(how.filter(|_| written))
}

fn about(job: &Claimed, stage: Stage) -> Context<'_> {
    Context { stage, household: Some(job.key.household_id), command: Some(&job.kind) }
}

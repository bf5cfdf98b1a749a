//! Where forecasts are computed: a thread of their own, of low priority.
//!
//! Why a thread: a computation takes milliseconds, in which the leases have to be renewed and the listening goes on. Why low priority: on a
//! machine whose cores are busy with commands and queries, those go first; on an idle one it makes no difference.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

/// A tenth of the processor time that a thread of ordinary priority gets beside it (Linux: the weights of nice 10 and 0 are 110 and 1024).
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// A thread that does one thing after the other.
pub(super) struct Bench(Sender<Job>);

/// It did not come to an end.
#[derive(Debug, thiserror::Error)]
#[error("a panic: {0}")]
pub(super) struct Panicked(String);

impl Bench {
    /// It ends when it is dropped.
    pub(super) fn set_up() -> std::io::Result<Self> {
        let (sender, jobs) = channel::<Job>();
        thread::Builder::new().name("projector".to_owned()).spawn(move || {
            give_way();
            jobs.into_iter().for_each(|job| job());
        })?;
        Ok(Self(sender))
    }

    /// Does something there, and waits for it.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
        let (done, outcome) = oneshot::channel();
        let span = tracing::Span::current();
        let job = move || {
            let result = span.in_scope(|| catch_unwind(AssertUnwindSafe(work)));
            // Nobody waits any more: the process is about to end.
            drop(done.send(result.map_err(|panic| Panicked(said(panic.as_ref())))));
        };
        // The thread outlives every job, since it catches what they throw.
        let gone = || Panicked("the thread has ended".to_owned());
        self.0.send(Box::new(job)).map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

#[cfg(target_os = "linux")]
fn give_way() {
    // On Linux a process's priority is that of the thread that asks. Where it is refused, it works at the ordinary one.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "the projector's thread keeps its priority");
    }
}
#[cfg(not(target_os = "linux"))]
fn give_way() {}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_next_one_is_done() {
        let bench = Bench::set_up().unwrap();
        let failed = bench.run(|| assert_eq!(1 + 1, 3, "arithmetic")).await.unwrap_err();
        assert!(failed.to_string().contains("arithmetic"), "{failed}");
        assert_eq!(bench.run(|| 2).await.unwrap(), 2);
    }
}

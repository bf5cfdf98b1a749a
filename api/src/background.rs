//! What runs beside the answering of requests, in `serve` and in the processes that only project.
//!
//! Nothing here is needed for a true answer: a process whose background stands still answers the same, only later. Each task ends when it is
//! asked to ([`Stop`]), finishing the small piece that it is at; [`Background::stop`] waits for all of them.

use std::sync::Arc;
use std::time::Duration;

use projections::database::DatabaseUrl;
use projections::projector::{self, Projector};
use projections::rebuild::{Form, RebuildError, Report, Scope};
use projections::store::Store;
use projections::track::Chain;
use projections::wake::{Listener, Waiter};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A rebuild that failed, mostly since the database was away.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);
use crate::clock;

/// A task that does not end in this time is left behind: the process ends without it.
const DRAIN: Duration = Duration::from_secs(10);

/// Tells a task to end. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Returns when the task shall end.
    pub async fn asked(&mut self) {
        // An error says that nobody is left to ask: that is the end as well.
        drop(self.0.wait_for(|asked| *asked).await);
    }
}

/// Until it has succeeded, or nothing more can be done.
async fn rebuild(store: &Store) {
    tracing::info!("the read models are in another form than this program's: rebuilding them, healing on access meanwhile");
    loop {
        // One worker: requests go first.
        match store.rebuild_for_form(&Scope::everything(clock::now())).await {
            Ok(Report { damaged: 0, households, events, took, .. }) => {
                return tracing::info!(households, events, ?took, "the read models are in this program's form");
            }
            Ok(Report { damaged, .. }) => {
                return tracing::error!(
                    damaged,
                    "streams are damaged: households go on being healed on access, and the next start tries again"
                );
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "the read models are not all rebuilt yet: trying again");
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
            }
        }
    }
}

/// The tasks of a process.
pub struct Background {
    stop: watch::Sender<bool>,
    listener: Arc<Listener>,
    /// End by themselves once they are asked to.
    tasks: Vec<JoinHandle<()>>,
    /// Are just dropped.
    helpers: Vec<JoinHandle<()>>,
}

impl Background {
    /// Starts what every process has: it announces what it does, hears what others do, and keeps the forecasts that it computed.
    #[must_use]
    pub fn start(store: &Store, url: &DatabaseUrl) -> Self {
        let listener = Arc::new(Listener::default());
        let helpers = vec![
            tokio::spawn(store.announcer().clone().run(store.pool().clone())),
            tokio::spawn(Arc::clone(&listener).run(url.clone())),
            tokio::spawn(store.clone().keep_what_is_computed()),
        ];
        Self { stop: watch::Sender::new(false), listener, tasks: Vec::new(), helpers }
    }

    /// Somebody who waits for announcements.
    #[must_use]
    pub fn waiter(&self) -> Waiter {
        self.listener.waiter()
    }

    /// Adds a task, which gets its way to hear that it shall end.
    pub fn add<F: Future<Output = ()> + Send + 'static>(&mut self, task: impl FnOnce(Stop) -> F) {
        self.tasks.push(tokio::spawn(task(Stop(self.stop.subscribe()))));
    }

    /// Brings the read models to this program's form, where they are in another one: in the background, while households that are asked for
    /// are healed on access. To be called before the first answer is given.
    ///
    /// # Errors
    /// The database.
    pub async fn bring_read_models_to_form(&mut self, store: &Store) -> Result<(), RebuildError> {
        if store.check_form().await? == Form::Another {
            let store = store.clone();
            self.add(|mut stop| async move {
                tokio::select! {
                    () = rebuild(&store) => {}
                    () = stop.asked() => tracing::info!("the read models are not all rebuilt yet: the next process goes on"),
                }
            });
        }
        Ok(())
    }

    /// Keeps forecasts up to date in this process, for its share of the households.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn project(&mut self, store: &Store) -> std::io::Result<()> {
        let projector = Projector::new(store.clone(), clock::now)?;
        let waiter = self.waiter();
        self.add(move |mut stop| async move { projector.run(waiter, stop.asked()).await });
        Ok(())
    }

    /// Reports how far the projectors are behind, whichever processes they are in.
    pub fn watch_projectors(&mut self, store: &Store) {
        self.helpers.push(tokio::spawn(projector::lag::watch(store.pool().clone())));
    }

    /// Adds what need not be asked to end: it is just dropped.
    pub fn add_helper(&mut self, helper: impl Future<Output = ()> + Send + 'static) {
        self.helpers.push(tokio::spawn(helper));
    }

    /// Asks every task to end, and waits for them, at most [`DRAIN`] in all.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let ended = async {
            for task in self.tasks {
                if let Err(error) = task.await {
                    tracing::error!(%error, "a background task failed");
                }
            }
        };
        if tokio::time::timeout(DRAIN, ended).await.is_err() {
            tracing::warn!("a background task does not end: leaving it behind");
        }
        for helper in self.helpers {
            helper.abort();
        }
    }
}

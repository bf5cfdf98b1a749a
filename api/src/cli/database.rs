//! The database of a subcommand: the one that the configuration names, else a private one that lives as long as the subcommand.
//!
//! A private one has nobody else to look after it: where it ends by itself, it is started again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use projections::database::{self, DatabaseUrl};

use super::Failure;
use crate::config::Config;
use crate::private_postgres::PrivatePostgres;

/// How often the private server is looked after.
const LOOKED_AFTER_EVERY: Duration = Duration::from_millis(500);

/// A database that runs.
pub struct Database {
    /// Where it is.
    pub url: DatabaseUrl,
    private: Option<Arc<Private>>,
}

/// `None` once it was closed.
type Private = Mutex<Option<PrivatePostgres>>;

impl Database {
    /// Finds or starts it. Starting one for the first time fetches and creates it, which takes a while.
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        if let Some(url) = &config.database_url {
            return Ok(Self { url: url.value.clone(), private: None });
        }
        let folder = config.data_dir.value.clone();
        let private = tokio::task::spawn_blocking(move || PrivatePostgres::start(&folder)).await??;
        let url = DatabaseUrl::parse(&private.url())?;
        let private = Arc::new(Mutex::new(Some(private)));
        let looked_after = Arc::downgrade(&private);
        thread::Builder::new().name("postgres".to_owned()).spawn(move || look_after(&looked_after))?;
        Ok(Self { url, private: Some(private) })
    }

    /// A private one that another process started: it ends when that process does.
    pub fn belongs_to_another(&self) -> bool {
        self.private.as_ref().is_some_and(|private| locked(private).as_ref().is_some_and(|private| !private.is_owner()))
    }

    /// Brings its schema up to date; gives how many migrations that took.
    pub async fn migrate(&self) -> Result<usize, Failure> {
        let mut owner = database::connect_as_owner(&self.url).await?;
        Ok(database::migrate(&mut owner).await?)
    }

    /// Stops it, where it was started here.
    pub async fn close(self) -> Result<(), Failure> {
        if let Some(private) = self.private {
            // In two steps: the lock is not held while it ends.
            tokio::task::spawn_blocking(move || {
                let private = locked(&private).take();
                private.map_or(Ok(()), PrivatePostgres::stop)
            })
            .await??;
        }
        Ok(())
    }
}

/// Starts the private server again whenever it has ended, until it is closed here. Its clients reconnect by themselves.
fn look_after(private: &Weak<Private>) {
    loop {
        thread::sleep(LOOKED_AFTER_EVERY);
        let Some(private) = private.upgrade() else { return };
        let mut private = locked(&private);
        let Some(server) = private.as_mut() else { return };
        match server.revive() {
            Ok(false) => {}
            Ok(true) => tracing::warn!("the private PostgreSQL had ended: it was started again"),
            Err(error) => tracing::error!(%error, "the private PostgreSQL has ended, and does not start: trying again"),
        }
    }
}

fn locked(private: &Private) -> MutexGuard<'_, Option<PrivatePostgres>> {
    private.lock().unwrap_or_else(PoisonError::into_inner)
}

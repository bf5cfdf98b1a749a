//! The database of a subcommand: the one that the configuration names, else a private one that lives as long as the subcommand.

use projections::database::{self, DatabaseUrl};

use super::Failure;
use crate::config::Config;
use crate::private_postgres::PrivatePostgres;

/// A database that runs.
pub struct Database {
    /// Where it is.
    pub url: DatabaseUrl,
    private: Option<PrivatePostgres>,
}

impl Database {
    /// Finds or starts it. Starting one for the first time fetches and creates it, which takes a while.
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        if let Some(url) = &config.database_url {
            return Ok(Self { url: url.value.clone(), private: None });
        }
        let folder = config.data_dir.value.clone();
        let private = tokio::task::spawn_blocking(move || PrivatePostgres::start(&folder)).await??;
        Ok(Self { url: DatabaseUrl::parse(&private.url())?, private: Some(private) })
    }

    /// A private one that another process started: it ends when that process does.
    pub fn belongs_to_another(&self) -> bool {
        self.private.as_ref().is_some_and(|private| !private.is_owner())
    }

    /// Brings its schema up to date; gives how many migrations that took.
    pub async fn migrate(&self) -> Result<usize, Failure> {
        let mut owner = database::connect_as_owner(&self.url).await?;
        Ok(database::migrate(&mut owner).await?)
    }

    /// Stops it, where it was started here.
    pub async fn close(self) -> Result<(), Failure> {
        if let Some(private) = self.private {
            tokio::task::spawn_blocking(move || private.stop()).await??;
        }
        Ok(())
    }
}

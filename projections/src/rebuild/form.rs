//! The form of the read models: which tables and columns, what they mean, and by which engine and law forecasts are made.
//!
//! The database remembers by which form its tables were written last. A program of another form does not answer from them as they are.
//! Each process that finds another form at its start *heals on access* until the tables are rebuilt: before a request about a household is
//! answered, that household is brought to this program's form, under the lock of its head. Meanwhile one of the processes rebuilds all of
//! them in the background. So an answer may take longer for a while; it is never one of the old form.
//!
//! A household that was healed is healed again when it has a new head: the append may have been one of an older program that still
//! runs beside this one. What an older program writes after the rebuild has ended is not noticed; so it is rebuilt once more by hand, or by the
//! next start that finds another form, after the last of them has gone (`effluent projections verify` says whether that is needed).

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::calendar::Instant;
use domain::ids::HouseholdId;
use domain::projection::ENGINE_VERSION;
use domain::tax::TaxTables;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::replay::hex;
use super::{Cause, RebuildError, Report, Scope, Unwatched, rebuild};
use crate::read_models::TABLES;
use crate::store::{Asker, Store, Version};

/// Raise it whenever a column of a read model means something else than before, though it is called the same. Other columns are noticed
/// by themselves.
pub const READ_MODELS_VERSION: u32 = 1;

/// How often a process that waits for another one's rebuild looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// This program's form of the read models, as the database remembers it.
#[must_use]
pub fn fingerprint(tables: &TaxTables) -> String {
    let mut shape = String::new();
    for table in TABLES {
        // Writing to a String cannot fail.
        let _ = write!(shape, "{} {:?} {:?} {:?};", table.name, table.key, table.columns, table.numeric);
    }
    let shape: String = hex(&Sha256::digest(shape)).chars().take(16).collect();
    format!("read models {READ_MODELS_VERSION}, shape {shape}, engine {ENGINE_VERSION}, law {}", tables.version())
}

/// In which form the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In this program's.
    Current,
    /// In another one, or nobody knows in which.
    Another,
}

/// Whether households are healed on access, and which have been.
#[derive(Debug, Default)]
pub struct Healing {
    needed: AtomicBool,
    /// As of which version each was brought to this program's form.
    healed: Mutex<HashMap<HouseholdId, Version>>,
}

impl Store {
    /// Compares the form of the tables with this program's. A database without households is in any form: this one is recorded. Where the
    /// form is another one, households are healed on access from here on, until [`Self::rebuild_for_form`] has ended.
    ///
    /// # Errors
    /// The database.
    pub async fn check_form(&self) -> Result<Form, RebuildError> {
        let form = self.read_form().await?;
        self.healing().needed.store(form == Form::Another, Ordering::SeqCst);
        Ok(form)
    }

    async fn read_form(&self) -> Result<Form, RebuildError> {
        let own = fingerprint(self.tables());
        let sql = "WITH first AS (INSERT INTO read_models_form (fingerprint) SELECT $1 WHERE NOT EXISTS (SELECT FROM heads) \
                   ON CONFLICT DO NOTHING RETURNING fingerprint) \
                   SELECT EXISTS (SELECT FROM first) OR EXISTS (SELECT FROM read_models_form WHERE fingerprint = $1)";
        let current: bool = sqlx::query_scalar(sql).bind(own).fetch_one(self.pool()).await?;
        Ok(if current { Form::Current } else { Form::Another })
    }

    /// Brings the tables to this program's form, or waits until another process has; then nothing is healed on access any more.
    ///
    /// # Errors
    /// [`RebuildError`]; what was done until then stays done, and households go on being healed on access.
    pub async fn rebuild_for_form(&self, scope: &Scope) -> Result<Report, RebuildError> {
        loop {
            if self.read_form().await? == Form::Current {
                self.healing().end();
                return Ok(Report::default());
            }
            match rebuild(self, scope, Cause::Form, &mut Unwatched).await {
                Ok(report) if report.damaged == 0 => {
                    self.healing().end();
                    return Ok(report);
                }
                Ok(report) => return Ok(report),
                Err(RebuildError::Busy { .. } | RebuildError::TakenOver) => tokio::time::sleep(LOOK_EVERY).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the tables are of another form, so that [`Self::heal`] has something to do.
    #[must_use]
    pub fn heals_on_access(&self) -> bool {
        self.healing().needed.load(Ordering::SeqCst)
    }

    /// Before a request is answered: brings the household that it is about to this program's form; each of the asker's, where none is named.
    ///
    /// # Errors
    /// [`RebuildError::Damaged`] where one cannot be brought to this program's form; the database.
    pub async fn heal(&self, asker: Asker, now: Instant) -> Result<(), RebuildError> {
        if !self.heals_on_access() {
            return Ok(());
        }
        // A user's default one is also found where its membership is what has to be healed.
        let sql = "SELECT household_id, version FROM heads WHERE household_id = $1 OR $1 IS NULL AND household_id IN \
                   (SELECT household_id FROM memberships WHERE user_id = $2 UNION \
                    SELECT default_household_id FROM users WHERE user_id = $2)";
        let named = asker.household_id.map(|id| id.0);
        let heads: Vec<(Uuid, Version)> = sqlx::query_as(sql).bind(named).bind(asker.user_id.0).fetch_all(self.pool()).await?;
        for (id, version) in heads {
            self.heal_one(HouseholdId(id), version, now).await?;
        }
        Ok(())
    }

    async fn heal_one(&self, id: HouseholdId, version: Version, now: Instant) -> Result<(), RebuildError> {
        if self.healing().healed().get(&id) == Some(&version) {
            return Ok(());
        }
        let report = rebuild(self, &Scope::household(id, now), Cause::Form, &mut Unwatched).await?;
        if report.damaged > 0 {
            return Err(RebuildError::Damaged(id));
        }
        // Where it has moved meanwhile, the next one who asks heals it once more.
        self.healing().healed().insert(id, version);
        Ok(())
    }
}

impl Healing {
    /// For a new store.
    #[must_use]
    pub fn not_needed() -> Arc<Self> {
        Arc::default()
    }

    fn end(&self) {
        self.needed.store(false, Ordering::SeqCst);
        self.healed().clear();
    }

    fn healed(&self) -> std::sync::MutexGuard<'_, HashMap<HouseholdId, Version>> {
        self.healed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

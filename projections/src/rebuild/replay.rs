//! A household's stream, folded from its first event on, with what is compared on the way.

use std::collections::BTreeMap;

use domain::calendar::Instant;
use domain::household::{Event, Household};
use domain::ids::{AccountId, HouseholdId};
use futures_util::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::decode::decode;
use super::report::Finding;
use crate::read_models::accounts::BalanceRow;
use crate::store::hash_chain::{GENESIS, Hash};
use crate::store::{STATE_FORM, Version};

/// Every event of some households (`$1`), a household at a time, in the order of each stream. One lookup in the key a household: a
/// sort of all of them together would cost more than their reading.
pub(super) const EVENTS: &str = "SELECT e.household_id, e.sequence, e.event_type, e.event_version, e.payload, e.prev_hash, e.hash, e.recorded_at \
     FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (SELECT household_id, sequence, event_type, event_version, \
     payload::text AS payload, prev_hash, hash, recorded_at FROM events WHERE household_id = wanted.id \
     AND aggregate_type = 'household' AND aggregate_id = wanted.id::text ORDER BY sequence) e";

/// The events of one household (`$1`) up to a version (`$2`), in the same columns.
const EVENTS_UNTIL: &str = "SELECT household_id, sequence, event_type, event_version, payload::text AS payload, prev_hash, hash, recorded_at \
     FROM events WHERE household_id = $1 AND aggregate_type = 'household' AND aggregate_id = $1::text AND sequence <= $2 ORDER BY sequence";

/// A snapshot as it lies in its table.
#[derive(Debug)]
pub(super) struct StoredSnapshot {
    pub(super) version: Version,
    pub(super) form: i32,
    pub(super) state: String,
    pub(super) hash: Vec<u8>,
}

/// What is known of a stream so far.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) id: Uuid,
    pub(super) home: Household,
    pub(super) version: Version,
    pub(super) hash: Hash,
    pub(super) recorded_at: Option<Instant>,
    /// Of every account that is still there, in the order in which they were recorded.
    pub(super) balances: BTreeMap<AccountId, Vec<BalanceRow>>,
    /// Events that were read, those behind a damage included.
    pub(super) events: u64,
    /// The first thing that is wrong with the stream, and at which version.
    pub(super) damage: Option<(Version, String)>,
    /// One of a form that this program reads, to be compared when its version is reached.
    snapshot: Option<StoredSnapshot>,
    /// What is wrong with it.
    pub(super) snapshot_findings: Vec<Finding>,
}

impl Replay {
    /// Before the first event.
    pub(super) fn begin(id: Uuid, snapshot: Option<StoredSnapshot>) -> Self {
        Self {
            id,
            home: Household::default(),
            version: 0,
            hash: GENESIS,
            recorded_at: None,
            balances: BTreeMap::new(),
            events: 0,
            damage: None,
            // Of another form it is another program's, passed over by the store as well.
            snapshot: snapshot.filter(|snapshot| snapshot.form == STATE_FORM),
            snapshot_findings: Vec::new(),
        }
    }

    /// The version that its baseline is pinned to, if it is.
    pub(super) fn pinned_to(&self) -> Option<Version> {
        let (baseline, _) = self.home.baseline()?;
        Version::try_from(self.home.pin_of(baseline)?.version).ok()
    }

    /// The household as of an earlier version of the same stream. Read again, since nobody knows on the way which version will be wanted; few
    /// households are pinned.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn earlier(&mut self, version: Version, connection: &mut PgConnection) -> Result<Option<Household>, sqlx::Error> {
        let mut then = Self::begin(self.id, None);
        let mut events = sqlx::query(EVENTS_UNTIL).bind(self.id).bind(version).fetch(connection);
        while let Some(row) = events.try_next().await? {
            then.take(&row)?;
        }
        if then.version != version && self.damage.is_none() {
            self.damage = Some((version, "a baseline is pinned to it, and it is not there".to_owned()));
        }
        Ok((then.version == version).then_some(then.home))
    }

    /// Whose.
    pub(super) fn household(&self) -> HouseholdId {
        HouseholdId(self.id)
    }

    /// Takes the next row of [`EVENTS`].
    ///
    /// # Errors
    /// A column that is not what the table says. A stream that is damaged is no error: it is noted, and the rest of it is passed over.
    pub(super) fn take(&mut self, row: &PgRow) -> Result<(), sqlx::Error> {
        self.events = self.events.saturating_add(1);
        if self.damage.is_some() {
            return Ok(());
        }
        let sequence: Version = row.try_get(1)?;
        let (previous, own): (&[u8], &[u8]) = (row.try_get(5)?, row.try_get(6)?);
        if sequence != self.version.saturating_add(1) || previous != self.hash {
            self.damage = Some((sequence, format!("it does not follow from version {}", self.version)));
            return Ok(());
        }
        let event = match decode(row.try_get(2)?, row.try_get(3)?, row.try_get(4)?) {
            Ok(event) => event,
            Err(problem) => {
                self.damage = Some((sequence, problem.to_string()));
                return Ok(());
            }
        };
        self.keep_balance(sequence, &event);
        self.home.fold(event);
        self.version = sequence;
        // The table's constraint leaves no other length; were it gone, the next link would not hold.
        self.hash = own.try_into().unwrap_or_default();
        self.recorded_at = row.try_get(7)?;
        if self.snapshot.as_ref().is_some_and(|snapshot| snapshot.version == sequence)
            && let Some(snapshot) = self.snapshot.take()
        {
            self.compare(&snapshot);
        }
        Ok(())
    }

    /// Balances are rows of events; those of an account that is removed go with it.
    fn keep_balance(&mut self, version: Version, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "of all events, these two are about rows of balances")]
        match event {
            Event::BalanceRecorded { account_id, balance, .. } if self.home.accounts.contains_key(account_id) => {
                self.balances.entry(*account_id).or_default().push(BalanceRow::of(*account_id, version, balance));
            }
            Event::AccountRemoved { id, .. } => drop(self.balances.remove(id)),
            _ => {}
        }
    }

    fn compare(&mut self, snapshot: &StoredSnapshot) {
        let mut differs =
            |column, expected, found| self.snapshot_findings.push(Finding::Column { column, expected: Some(expected), found: Some(found) });
        if snapshot.hash != self.hash {
            differs("hash", hex(&self.hash), hex(&snapshot.hash));
        }
        if serde_json::from_str(&snapshot.state).ok().as_ref() != Some(&self.home) {
            // A state is plain data; were it ever not to be written, the difference would still be told.
            differs("state", serde_json::to_string(&self.home).unwrap_or_default(), snapshot.state.clone());
        }
    }

    /// Behind the last event: a snapshot whose version was never reached is of another stream.
    pub(super) fn end(&mut self) {
        if let Some(snapshot) = self.snapshot.take()
            && self.damage.is_none()
        {
            let expected = Some(format!("1 to {}", self.version));
            self.snapshot_findings.push(Finding::Column { column: "version", expected, found: Some(snapshot.version.to_string()) });
        }
    }
}

/// As it is shown.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

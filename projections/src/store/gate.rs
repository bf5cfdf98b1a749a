//! The first round trip of every request but a command that was guessed right: who asks, for which household, where its stream ends, and
//! whether this key was answered.

use domain::household::facts::TimeZone;
use domain::ids::{HouseholdId, UserId};
use domain::vocabulary::Role;
use sqlx::Row as _;

use super::{Head, Store, StoreError, Version};

/// Who asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    /// Who.
    pub user_id: UserId,
    /// For which household; the user's default one where it is not said.
    pub household_id: Option<HouseholdId>,
}

/// An open gate: the user is a member of this household now.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Which household.
    pub household_id: HouseholdId,
    /// What the user may do.
    pub role: Role,
    /// Where its stream ends.
    pub head: Head,
    /// Decides which day it is for the household.
    pub time_zone: TimeZone,
    /// The first answer to this idempotency key, where there was one within 24 hours.
    pub replay: Option<Replay>,
}

/// The first answer to an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Of the request that it answered: another request with the same key is a mistake of the client.
    pub request_hash: Vec<u8>,
    /// HTTP status.
    pub status: u16,
    /// The household's version then.
    pub version: Version,
    /// Header of a creation.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// `$1` household (or null), `$2` user: one row where the user is a member. Said with `household_id = $1` where it is known, so that a
/// sharding proxy can route it.
pub(crate) const fn gate_sql(known: bool) -> &'static str {
    if known {
        "gate AS (SELECT h.household_id, h.version, h.hash, m.role, false AS is_default FROM heads h JOIN memberships m ON m.household_id = $1 AND m.user_id = $2 \
         WHERE h.household_id = $1)"
    } else {
        // The default one, where its owner may still enter it; else the first that they may enter.
        "gate AS (SELECT h.household_id, h.version, h.hash, m.role, m.household_id IS NOT DISTINCT FROM u.default_household_id AS is_default \
         FROM users u JOIN memberships m ON m.user_id = u.user_id JOIN heads h ON h.household_id = m.household_id WHERE u.user_id = $2 AND $1::uuid IS NULL \
         ORDER BY m.household_id = u.default_household_id DESC NULLS LAST, m.household_id LIMIT 1)"
    }
}

impl Store {
    /// Opens the gate, or not: `None` where there is no such household or the user is not a member of it, which look alike.
    ///
    /// # Errors
    /// The database.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn gate(&self, asker: Asker, idempotency_key: Option<&str>) -> Result<Option<Gate>, StoreError> {
        let sql = format!(
            "WITH {} SELECT gate.household_id, gate.version, gate.hash, gate.role, gate.is_default, home.time_zone, \
             i.request_hash, i.status, i.version AS answered_version, i.location, i.body \
             FROM gate JOIN households home ON home.household_id = gate.household_id \
             LEFT JOIN idempotency_keys i ON i.household_id = gate.household_id AND i.user_id = $2 AND i.idempotency_key = $3 \
             AND i.recorded_at > now() - interval '24 hours'",
            gate_sql(asker.household_id.is_some())
        );
        let household = asker.household_id.map(|id| id.0);
        let row = sqlx::query(&sql).bind(household).bind(asker.user_id.0).bind(idempotency_key).fetch_optional(&self.pool).await?;
        let gate = row.as_ref().map(read).transpose()?;
        if asker.household_id.is_none() {
            match (&gate, row.map(|row| row.try_get("is_default")).transpose()?) {
                (Some(gate), Some(true)) => self.defaults.insert(asker.user_id, gate.household_id),
                _ => self.defaults.invalidate(&asker.user_id),
            }
        }
        Ok(gate)
    }

    /// The first answer to a key of a household that may not exist yet: for the command that opens one.
    ///
    /// # Errors
    /// The database.
    pub async fn replay(&self, household: HouseholdId, user: UserId, key: &str) -> Result<Option<Replay>, StoreError> {
        let asker = Asker { user_id: user, household_id: Some(household) };
        Ok(self.gate(asker, Some(key)).await?.and_then(|gate| gate.replay))
    }
}

/// The head that the gate saw.
pub(crate) fn read_head(row: &sqlx::postgres::PgRow) -> Result<Head, StoreError> {
    let hash: Vec<u8> = row.try_get("hash")?;
    // The table's constraints leave no other length; a head of zeros is nobody's, so that nothing cached would pass for it.
    Ok(Head { version: row.try_get("version")?, hash: hash.try_into().unwrap_or_default() })
}

fn read(row: &sqlx::postgres::PgRow) -> Result<Gate, StoreError> {
    let role: String = row.try_get("role")?;
    let request_hash: Option<Vec<u8>> = row.try_get("request_hash")?;
    let replay = match request_hash {
        None => None,
        Some(request_hash) => Some(Replay {
            request_hash,
            status: u16::try_from(row.try_get::<i32, _>("status")?).unwrap_or(500),
            version: row.try_get("answered_version")?,
            location: row.try_get("location")?,
            body: row.try_get("body")?,
        }),
    };
    let household_id = HouseholdId(row.try_get("household_id")?);
    let version = row.try_get("version")?;
    let role =
        Role::parse(&role).ok_or_else(|| StoreError::Damaged { household_id, version, problem: format!("unknown role {role:?}") })?;
    let time_zone = TimeZone::parse(row.try_get("time_zone")?).unwrap_or_default();
    Ok(Gate { household_id, role, head: read_head(row)?, time_zone, replay })
}

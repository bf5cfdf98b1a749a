//! Lists and single things from the inline read models: one statement, hence one snapshot of the database, with the membership check
//! and the version that the answer names.

use chrono::Datelike as _;
use domain::ids::HouseholdId;
use domain::vocabulary::Role;
use serde_json::Value;
use sqlx::Row as _;
use uuid::Uuid;

use crate::read_models::table::{Row, Table};
use crate::store::{Asker, Store, StoreError, Version, gate_sql};

/// What was read, and as of when.
#[derive(Clone, Debug)]
pub struct AsOf<T> {
    /// Whose it is.
    pub household_id: HouseholdId,
    /// What the asker may do there.
    pub role: Role,
    /// The version that it reflects: the stream's head, in the same snapshot of the database.
    pub version: Version,
    /// What was read.
    pub value: T,
}

/// Which rows, in which order: fixed texts with `{}`-less SQL over `args`, an array of text (`($3::text[])[1]` is the first).
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// A condition beside the household's.
    pub condition: &'static str,
    /// Columns of a unique order.
    pub order: &'static str,
    /// The condition that a row lies behind the cursor, over `cursor`, an array of text (`($4::text[])[1]` is the first).
    pub behind: &'static str,
    /// What that array holds: a cursor comes from outside, and what the database cannot cast would be a fault of ours.
    pub key: &'static [KeyPart],
}

/// A part of the key by which a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// `uuid`.
    Id,
    /// `date`.
    Date,
    /// `integer`.
    Integer,
    /// `bigint`.
    Version,
}

impl KeyPart {
    fn reads(self, text: &str) -> bool {
        match self {
            Self::Id => text.len() == 36 && Uuid::try_parse(text).is_ok(),
            Self::Date => text.parse().is_ok_and(|date: domain::calendar::Date| date.year() > 0),
            Self::Integer => text.parse::<i32>().is_ok(),
            Self::Version => text.parse::<i64>().is_ok(),
        }
    }
}

impl Selection {
    /// All rows, by id: things that people made in the order in which they made them, since their ids are ordered by time.
    pub const BY_ID: Self = Self { condition: "true", order: "id", behind: "id > ($4::text[])[1]::uuid", key: &[KeyPart::Id] };

    /// Whether these texts are a key of this list.
    #[must_use]
    pub fn reads(&self, key: &[String]) -> bool {
        self.key.len() == key.len() && self.key.iter().zip(key).all(|(part, text)| part.reads(text))
    }
}

/// A part of a list.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// For the condition.
    pub args: Vec<Option<String>>,
    /// Where the last page ended; empty for the first.
    pub cursor: Vec<String>,
    /// At most so many rows.
    pub limit: i64,
}

impl Store {
    /// A part of a list; `None` where there is no such household for this asker.
    ///
    /// # Errors
    /// The database.
    #[tracing::instrument(level = "debug", name = "query", skip_all, fields(table = R::TABLE.name))]
    pub async fn list<R: Row>(&self, asker: Asker, selection: Selection, part: Part) -> Result<Option<AsOf<Vec<R>>>, StoreError> {
        let Table { name, .. } = R::TABLE;
        let Selection { condition, order, behind, key: _ } = selection;
        let sql = format!(
            "WITH {gate} SELECT gate.household_id, gate.version, gate.role, (SELECT coalesce(json_agg(page), '[]'::json)::text FROM \
             (SELECT {columns} FROM {name} WHERE household_id = gate.household_id AND ({condition}) \
             AND (cardinality($4::text[]) = 0 OR ({behind})) ORDER BY {order} LIMIT $5) page) AS rows \
             FROM gate WHERE $3::text[] IS NOT NULL",
            gate = gate_sql(asker.household_id.is_some()),
            columns = R::TABLE.as_json(),
        );
        let row = sqlx::query(&sql)
            .bind(asker.household_id.map(|id| id.0))
            .bind(asker.user_id.0)
            .bind(part.args)
            .bind(part.cursor)
            .bind(part.limit)
            .fetch_optional(self.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let as_of = read_gate(&row)?;
        let text: String = row.try_get("rows")?;
        let value = serde_json::from_str(&text).map_err(|error| as_of.damaged(name, &error))?;
        Ok(Some(as_of.with(value)))
    }

    /// One thing by its id; `None` where there is no such household for this asker, `Some` of `None` where it has no such thing.
    ///
    /// # Errors
    /// The database.
    pub async fn one<R: Row>(&self, asker: Asker, id: Uuid) -> Result<Option<AsOf<Option<R>>>, StoreError> {
        let selection = Selection { condition: by_key(R::TABLE), order: "1", behind: "true", key: &[] };
        let part = Part { args: vec![Some(id.to_string())], cursor: Vec::new(), limit: 1 };
        let found = self.list::<R>(asker, selection, part).await?;
        Ok(found.map(|found| {
            let (as_of, rows) = found.split();
            as_of.with(rows.into_iter().next())
        }))
    }

    /// The households that a user may enter, in the order of their ids, with their versions.
    ///
    /// # Errors
    /// The database.
    #[tracing::instrument(level = "debug", name = "query", skip_all, fields(table = "households"))]
    pub async fn households_of(
        &self,
        user: domain::ids::UserId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<(Value, Version)>, StoreError> {
        let sql = "SELECT to_json(page)::text AS household, version FROM (SELECT h.id, h.name, h.currency, h.time_zone, h.filing_status, h.state, \
                   h.tax_year, h.opened_on, m.role, h.household_id = u.default_household_id AS is_default FROM memberships m \
                   JOIN households h ON h.household_id = m.household_id JOIN users u ON u.user_id = m.user_id \
                   WHERE m.user_id = $1 AND ($2::uuid IS NULL OR m.household_id > $2) ORDER BY m.household_id LIMIT $3) page \
                   JOIN heads ON heads.household_id = page.id ORDER BY page.id";
        let rows = sqlx::query(sql).bind(user.0).bind(after).bind(limit).fetch_all(self.pool()).await?;
        rows.iter()
            .map(|row| {
                let household: String = row.try_get("household")?;
                let value = serde_json::from_str(&household).unwrap_or(Value::Null);
                Ok((value, row.try_get("version")?))
            })
            .collect()
    }
}

/// `($3::text[])[1]` is the id, whatever the column is called.
fn by_key(table: &Table) -> &'static str {
    match table.removed_by {
        "income_id" => "income_id = ($3::text[])[1]::uuid",
        "user_id" => "user_id = ($3::text[])[1]::uuid",
        "account_id" => "account_id = ($3::text[])[1]::uuid",
        _ => "id = ($3::text[])[1]::uuid",
    }
}

/// The columns of the gate, as every query selects them.
pub(crate) fn read_gate(row: &sqlx::postgres::PgRow) -> Result<AsOf<()>, StoreError> {
    let (household_id, version, role): (Uuid, Version, String) =
        (row.try_get("household_id")?, row.try_get("version")?, row.try_get("role")?);
    let household_id = HouseholdId(household_id);
    let role =
        Role::parse(&role).ok_or_else(|| StoreError::Damaged { household_id, version, problem: format!("unknown role {role:?}") })?;
    Ok(AsOf { household_id, role, version, value: () })
}

impl<T> AsOf<T> {
    /// The same moment, another value.
    pub fn with<U>(&self, value: U) -> AsOf<U> {
        AsOf { household_id: self.household_id, role: self.role, version: self.version, value }
    }

    fn split(self) -> (AsOf<()>, T) {
        (self.with(()), self.value)
    }

    pub(crate) fn damaged(&self, table: &str, error: &serde_json::Error) -> StoreError {
        StoreError::Damaged { household_id: self.household_id, version: self.version, problem: format!("a row of {table}: {error}") }
    }
}

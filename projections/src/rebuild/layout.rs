//! How the tables of the read models look in this database, and the statements that follow from that.
//!
//! Values travel as text in both directions: one form for every type, compared and written without a struct per table. The types come
//! from the catalogue, so that a column that is tampered with to hold what no struct could read is still compared.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::PgConnection;

use super::RebuildError;
use crate::read_models::TABLES;
use crate::read_models::table::{Table, listed, quoted};

/// A value as text; none is null.
pub(super) type Cell = Option<String>;

/// When two texts are one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// When they are the same.
    Text,
    /// `numeric`: 5 is 5.00.
    Numeric,
    /// `json`: spaces and the order of fields say nothing.
    Json,
}

impl Kind {
    fn of(data_type: &str) -> Self {
        match data_type {
            "json" | "jsonb" => Self::Json,
            other if other.starts_with("numeric") => Self::Numeric,
            _ => Self::Text,
        }
    }

    /// Whether two values are the same.
    pub(super) fn same(self, one: Option<&str>, other: Option<&str>) -> bool {
        let (Some(one), Some(other)) = (one, other) else { return one.is_none() && other.is_none() };
        one == other
            || match self {
                Self::Text => false,
                Self::Numeric => canonical_number(one) == canonical_number(other),
                Self::Json => match (serde_json::from_str::<Value>(one), serde_json::from_str::<Value>(other)) {
                    (Ok(one), Ok(other)) => one == other,
                    _ => false,
                },
            }
    }
}

/// The text of a number without what says nothing: zeros at the end of a fraction, and the sign of zero.
fn canonical_number(text: &str) -> &str {
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    if text == "-0" { "0" } else { text }
}

/// One table.
#[derive(Debug)]
pub(super) struct TableLayout {
    pub(super) table: &'static Table,
    /// Of each of [`Table::columns`].
    pub(super) kinds: Vec<Kind>,
    /// `$1` households: their rows, `household_id` first, then every column as text.
    pub(super) select: String,
    /// `$1` households, then an array of texts for each column.
    pub(super) upsert: String,
    /// `$1` households, then an array of texts for each part of the key.
    pub(super) remove: String,
}

impl TableLayout {
    fn of(table: &'static Table, types: &BTreeMap<String, String>) -> Result<Self, RebuildError> {
        let type_of = |column: &str| {
            let missing = || RebuildError::OldSchema { table: table.name, column: column.to_owned() };
            types.get(column).map(String::as_str).ok_or_else(missing)
        };
        let data_types = table.columns.iter().map(|column| type_of(column)).collect::<Result<Vec<_>, _>>()?;
        let key_types = table.key.iter().map(|column| type_of(column)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            table,
            kinds: data_types.iter().map(|data_type| Kind::of(data_type)).collect(),
            select: select(table),
            upsert: upsert(table, &data_types),
            remove: remove(table, &key_types),
        })
    }

    /// A row as the program writes it, column by column.
    pub(super) fn cells(&self, mut row: Value) -> Vec<Cell> {
        let cell = |column: &&str| match row.get_mut(*column).map(Value::take) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(other) => Some(other.to_string()),
        };
        self.table.columns.iter().map(cell).collect()
    }

    /// The key of a row, for people and for finding its fellow.
    pub(super) fn key<'a>(&self, cell: impl Fn(&str) -> Option<&'a str>) -> String {
        let parts: Vec<String> = self.table.key.iter().map(|column| format!("{column}={}", cell(column).unwrap_or("null"))).collect();
        parts.join(" ")
    }

    /// Where a column stands in a row.
    pub(super) fn position(&self, column: &str) -> usize {
        self.table.columns.iter().position(|name| *name == column).unwrap_or(usize::MAX)
    }
}

fn select(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| format!("{}::text", quoted(column))).collect();
    format!("SELECT household_id, {} FROM {} WHERE household_id = ANY($1)", columns.join(", "), table.name)
}

fn upsert(table: &Table, types: &[&str]) -> String {
    let names = listed(table.columns);
    let (mut arrays, mut values) = (String::from("$1::uuid[]"), String::from("new.household_id"));
    for (number, (column, data_type)) in (2_usize..).zip(table.columns.iter().zip(types)) {
        arrays.push_str(&format!(", ${number}::text[]"));
        values.push_str(&format!(", new.{}::{data_type}", quoted(column)));
    }
    let others = table.columns.iter().filter(|column| !table.key.contains(column)).map(|column| quoted(column));
    let changes: Vec<String> = others.map(|column| format!("{column} = excluded.{column}")).collect();
    let on_conflict = if changes.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", changes.join(", ")) };
    format!(
        "INSERT INTO {name} (household_id, {names}) SELECT {values} FROM unnest({arrays}) AS new (household_id, {names}) \
         ON CONFLICT (household_id, {key}) DO {on_conflict}",
        name = table.name,
        key = listed(table.key),
    )
}

fn remove(table: &Table, key_types: &[&str]) -> String {
    let (mut arrays, mut condition) = (String::from("$1::uuid[]"), String::from("old.household_id = gone.household_id"));
    for (number, (column, data_type)) in (2_usize..).zip(table.key.iter().zip(key_types)) {
        arrays.push_str(&format!(", ${number}::text[]"));
        let column = quoted(column);
        condition.push_str(&format!(" AND old.{column} = gone.{column}::{data_type}"));
    }
    format!(
        "DELETE FROM {name} old USING unnest({arrays}) AS gone (household_id, {key}) WHERE {condition}",
        name = table.name,
        key = listed(table.key),
    )
}

/// All tables.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) tables: Vec<TableLayout>,
}

impl Layout {
    /// As this database has it.
    ///
    /// # Errors
    /// The database; or a table that does not have a column of its struct.
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, RebuildError> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        let columns: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT t.name, a.attname::text, format_type(a.atttypid, a.atttypmod) FROM unnest($1::text[]) AS t (name) \
             JOIN pg_attribute a ON a.attrelid = to_regclass(t.name) WHERE a.attnum > 0 AND NOT a.attisdropped",
        )
        .bind(names)
        .fetch_all(connection)
        .await?;
        let mut types: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (table, column, data_type) in columns {
            types.entry(table).or_default().insert(column, data_type);
        }
        let nothing = BTreeMap::new();
        let tables = TABLES.iter().map(|table| TableLayout::of(table, types.get(table.name).unwrap_or(&nothing)));
        Ok(Self { tables: tables.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value_and_json_by_content() {
        for (kind, one, other, same) in [
            (Kind::Numeric, "5.00", "5", true),
            (Kind::Numeric, "0.0650", "0.065", true),
            (Kind::Numeric, "-0.00", "0", true),
            (Kind::Numeric, "100", "1", false),
            (Kind::Numeric, "5.00", "5.01", false),
            (Kind::Numeric, "NaN", "0", false),
            (Kind::Json, r#"{"a":1,"b":[2]}"#, r#"{ "b": [2], "a": 1 }"#, true),
            (Kind::Json, "[1,2]", "[2,1]", false),
            (Kind::Json, "null", "0", false),
            (Kind::Text, "5.00", "5", false),
        ] {
            assert_eq!(kind.same(Some(one), Some(other)), same, "{kind:?} {one} {other}");
        }
        assert!(Kind::Json.same(None, None) && !Kind::Json.same(None, Some("null")) && !Kind::Text.same(Some(""), None));
    }
}

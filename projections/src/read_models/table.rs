//! A read model is a table whose rows are a pure function of a household's state (or, for balances, of an event): the same struct is
//! written to the table, read from it, and answered over HTTP, and the same function serves the inline write, a rebuild and a check.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// Where rows of one kind lie.
#[derive(Debug)]
pub struct Table {
    /// Its name in the database.
    pub name: &'static str,
    /// What identifies a row of a household.
    pub key: &'static [&'static str],
    /// Every column but `household_id`, in the order of the struct.
    pub columns: &'static [&'static str],
    /// Those that are `numeric`: read as text, so that no amount passes through a float.
    pub numeric: &'static [&'static str],
    /// The column by which rows are removed.
    pub removed_by: &'static str,
}

impl Table {
    /// The statement part that writes rows, given the parameter that holds them as a JSON array. `json`, since parsing it into `jsonb` first
    /// costs more than reading it once; and from `head`, so that nothing is written where that did not move.
    pub(crate) fn upsert(&self, parameter: usize) -> String {
        let Self { name, .. } = self;
        let columns = listed(self.columns);
        let key = listed(self.key);
        let others = self.columns.iter().filter(|column| !self.key.contains(column)).map(|column| quoted(column));
        let changes: Vec<String> = others.map(|column| format!("{column} = excluded.{column}")).collect();
        let on_conflict = if changes.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", changes.join(", ")) };
        format!(
            "{name}_written AS (INSERT INTO {name} (household_id, {columns}) \
             SELECT $1, {columns} FROM head, json_populate_recordset(NULL::{name}, ${parameter}::json) \
             ON CONFLICT (household_id, {key}) DO {on_conflict})"
        )
    }

    /// The statement part that removes rows, given the parameter that holds their ids.
    pub(crate) fn removal(&self, parameter: usize) -> String {
        let Self { name, removed_by, .. } = self;
        format!("{name}_removed AS (DELETE FROM {name} USING head WHERE household_id = $1 AND {removed_by} = ANY(${parameter}))")
    }

    /// The columns as they are read: a row as JSON, amounts and rates as text.
    pub(crate) fn as_json(&self) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| (quoted(column), self.numeric.contains(column)))
            .map(|(column, is_numeric)| if is_numeric { format!("{column}::text AS {column}") } else { column })
            .collect();
        columns.join(", ")
    }
}

/// A column as SQL names it: the contract calls one `order`.
pub(crate) fn quoted(column: &str) -> String {
    format!("\"{column}\"")
}

/// Several of them.
pub(crate) fn listed(columns: &[&str]) -> String {
    columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

/// A row of a read model.
pub trait Row: Serialize + DeserializeOwned {
    /// Where it lies.
    const TABLE: &'static Table;
}

/// Rows to write and rows to remove, by table; what one batch of events does to the read models.
#[derive(Debug, Default)]
pub struct Changes {
    /// Of each table.
    pub tables: Vec<TableChanges>,
}

/// What a batch does to one table.
#[derive(Debug)]
pub struct TableChanges {
    /// Which.
    pub table: &'static Table,
    /// Whole rows.
    pub rows: Vec<Value>,
    /// Values of [`Table::removed_by`].
    pub removed: Vec<Uuid>,
}

impl Changes {
    fn of(&mut self, table: &'static Table) -> &mut TableChanges {
        let position = self.tables.iter().position(|changes| changes.table.name == table.name);
        let position = position.unwrap_or_else(|| {
            self.tables.push(TableChanges { table, rows: Vec::new(), removed: Vec::new() });
            self.tables.len().saturating_sub(1)
        });
        // Present: it was found or pushed just now.
        #[expect(clippy::indexing_slicing, reason = "the position was found or made on the line above")]
        &mut self.tables[position]
    }

    /// Writes a row.
    pub(crate) fn put<R: Row>(&mut self, row: &R) {
        // A row is plain data: text, numbers, lists. Were it ever not, its column would be missing and the database would refuse.
        let value = serde_json::to_value(row).unwrap_or(Value::Null);
        self.of(R::TABLE).rows.push(value);
    }

    /// Removes the rows that have this id.
    pub(crate) fn remove<R: Row>(&mut self, id: Uuid) {
        self.remove_from(R::TABLE, id);
    }

    /// The same, from a table that is none of the read models.
    pub(crate) fn remove_from(&mut self, table: &'static Table, id: Uuid) {
        self.of(table).removed.push(id);
    }
}

/// A row struct and its table from one list of fields. `@numeric` marks a column that is `numeric` in the database.
macro_rules! read_model {
    (
        $(#[$meta:meta])*
        pub struct $row:ident in $table:literal key [$($key:literal),+] removed_by $removed_by:literal {
            $($(#[$doc:meta])* $field:ident: $(@$numeric:ident)? $type:ty),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub struct $row { $($(#[$doc])* pub $field: $type),+ }

        impl $crate::read_models::table::Row for $row {
            const TABLE: &'static $crate::read_models::table::Table = &$crate::read_models::table::Table {
                name: $table,
                key: &[$($key),+],
                columns: &[$(stringify!($field)),+],
                numeric: &[$($crate::read_models::table::read_model!(@if_numeric $($numeric)? $field)),+],
                removed_by: $removed_by,
            };
        }
    };
    (@if_numeric numeric $field:ident) => { stringify!($field) };
    (@if_numeric $field:ident) => { "" };
}
pub(crate) use read_model;

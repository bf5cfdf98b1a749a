//! How large the read models are.

use serde::Serialize;

use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::read_models::TABLES;

/// Written by projectors, beside those that commands write.
const OF_PROJECTORS: [&str; 2] = ["scenario_projections", "metric_history"];

/// A read model and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelSize {
    /// Its table.
    pub name: &'static str,
    /// Counted, not estimated.
    pub rows: i64,
    /// With its indexes.
    pub bytes: i64,
}

/// The sizes of all read models.
///
/// # Errors
/// The database.
pub async fn sizes(pool: &Connections) -> Result<Vec<ModelSize>, DatabaseError> {
    let mut sizes = Vec::new();
    for name in TABLES.iter().map(|table| table.name).chain(OF_PROJECTORS) {
        let sql = format!("SELECT count(*), pg_total_relation_size('{name}'::regclass) FROM {name}");
        let (rows, bytes) = sqlx::query_as(&sql).fetch_one(pool).await?;
        sizes.push(ModelSize { name, rows, bytes });
    }
    Ok(sizes)
}

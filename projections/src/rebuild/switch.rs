//! From the rows that are there to those that should be: in one transaction, so that no reader sees a half.
//!
//! The rows were compared on a snapshot, without any lock; here the heads are locked, in the order of their ids, and a household whose
//! head is not the one that the comparison saw is left alone, to be looked at again. An append that wins is thus never overwritten.
//!
//! Why the head's row is removed and put back: an append that waits for the lock goes on with the snapshot that it took before, and
//! a row that is inserted here would be invisible to its DELETE: were it the very thing that the command removes, it would stay for
//! ever. An UPDATE that waited for a row which is gone finds nothing, so the append writes nothing, and the command is decided again, on
//! what is there now. (`tests/guarantees/rebuild.rs` holds up an append just there.)

use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};
use uuid::Uuid;

use super::batch::Work;
use super::compare::{HeadRow, Repair};
use super::layout::Cell;
use super::{RebuildError, forecasts, history};
use crate::store::STATE_FORM;

/// Locks the heads of some households, in the order of their ids; appends to them wait until the transaction ends.
///
/// # Errors
/// The database.
pub(super) async fn lock_heads(connection: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, HeadRow)>, sqlx::Error> {
    let sql = "SELECT household_id, version, hash, recorded_at FROM heads WHERE household_id = ANY($1) ORDER BY household_id FOR UPDATE";
    let rows = sqlx::query(sql).bind(ids).fetch_all(connection).await?;
    let read = |row: &sqlx::postgres::PgRow| {
        let head = HeadRow { version: row.try_get(1)?, hash: row.try_get(2)?, recorded_at: row.try_get(3)? };
        Ok((row.try_get(0)?, head))
    };
    rows.iter().map(read).collect()
}

/// Writes what differs, for households whose heads are locked and as they were seen.
///
/// # Errors
/// The database; the transaction is to be given up.
pub(super) async fn write(connection: &mut PgConnection, repairs: &[&Repair], work: &Work) -> Result<(), RebuildError> {
    write_heads(connection, repairs).await?;
    for (number, layout) in work.layout.tables.iter().enumerate() {
        let of_table = || repairs.iter().filter_map(|repair| repair.tables.get(number).map(|table| (repair.household, table)));
        let removed: Vec<(Uuid, &[Cell])> =
            of_table().flat_map(|(id, table)| table.removed.iter().map(move |key| (id, key.as_slice()))).collect();
        let rows: Vec<(Uuid, &[Cell])> =
            of_table().flat_map(|(id, table)| table.rows.iter().map(move |row| (id, row.as_slice()))).collect();
        if !removed.is_empty() {
            bind_columns(sqlx::query(&layout.remove), &removed, layout.table.key.len()).execute(&mut *connection).await?;
        }
        if !rows.is_empty() {
            bind_columns(sqlx::query(&layout.upsert), &rows, layout.table.columns.len()).execute(&mut *connection).await?;
        }
    }
    write_snapshots(connection, repairs).await?;
    write_forecasts(connection, repairs, work).await?;
    for repair in repairs {
        history::write(connection, repair.household, &repair.history).await?;
    }
    Ok(())
}

/// Rows as one array a column.
fn bind_columns<'q>(
    query: Query<'q, Postgres, PgArguments>,
    rows: &[(Uuid, &'q [Cell])],
    columns: usize,
) -> Query<'q, Postgres, PgArguments> {
    let households: Vec<Uuid> = rows.iter().map(|(household, _)| *household).collect();
    (0..columns).fold(query.bind(households), |query, number| {
        let column: Vec<Option<&str>> = rows.iter().map(|(_, row)| row.get(number).and_then(Option::as_deref)).collect();
        query.bind(column)
    })
}

async fn write_heads(connection: &mut PgConnection, repairs: &[&Repair]) -> Result<(), sqlx::Error> {
    let touched: Vec<Uuid> = repairs.iter().map(|repair| repair.household).collect();
    sqlx::query("DELETE FROM heads WHERE household_id = ANY($1)").bind(touched).execute(&mut *connection).await?;
    let heads = || repairs.iter().filter_map(|repair| repair.head.as_ref().map(|head| (repair.household, head)));
    sqlx::query(
        "INSERT INTO heads (household_id, version, hash, recorded_at) \
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::timestamptz[])",
    )
    .bind(heads().map(|(id, _)| id).collect::<Vec<_>>())
    .bind(heads().map(|(_, head)| head.version).collect::<Vec<_>>())
    .bind(heads().map(|(_, head)| head.hash.as_slice()).collect::<Vec<_>>())
    .bind(heads().map(|(_, head)| head.recorded_at).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_snapshots(connection: &mut PgConnection, repairs: &[&Repair]) -> Result<(), sqlx::Error> {
    for repair in repairs {
        let Some(replacement) = &repair.snapshot else { continue };
        match replacement {
            None => sqlx::query("DELETE FROM snapshots WHERE household_id = $1").bind(repair.household),
            Some((version, state, hash)) => sqlx::query(
                "INSERT INTO snapshots (household_id, version, form, state, hash) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (household_id) DO UPDATE \
                 SET version = excluded.version, form = excluded.form, state = excluded.state, hash = excluded.hash",
            )
            .bind(repair.household)
            .bind(version)
            .bind(STATE_FORM)
            .bind(state)
            .bind(hash),
        }
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn write_forecasts(connection: &mut PgConnection, repairs: &[&Repair], work: &Work) -> Result<(), sqlx::Error> {
    let all = || repairs.iter().flat_map(|repair| repair.forecasts.iter().map(move |(scenario, forecast)| (repair, *scenario, forecast)));
    let gone = || all().filter(|(_, _, forecast)| forecast.is_none());
    if gone().next().is_some() {
        sqlx::query(forecasts::REMOVE)
            .bind(gone().map(|(repair, _, _)| repair.household).collect::<Vec<_>>())
            .bind(gone().map(|(_, scenario, _)| scenario).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
    }
    let kept = || all().filter_map(|(repair, scenario, forecast)| forecast.as_ref().map(|forecast| (repair, scenario, forecast)));
    if kept().next().is_some() {
        sqlx::query(forecasts::WRITE)
            .bind(kept().map(|(repair, _, _)| repair.household).collect::<Vec<_>>())
            .bind(kept().map(|(_, scenario, _)| scenario).collect::<Vec<_>>())
            .bind(kept().map(|(repair, _, _)| repair.version).collect::<Vec<_>>())
            .bind(kept().map(|(repair, _, _)| repair.hash.as_slice()).collect::<Vec<_>>())
            .bind(kept().map(|(_, _, forecast)| forecast.start_month.as_str()).collect::<Vec<_>>())
            .bind(kept().map(|(_, _, forecast)| forecast.months).collect::<Vec<_>>())
            .bind(kept().map(|(_, _, forecast)| forecast.json.as_str()).collect::<Vec<_>>())
            .bind(domain::projection::ENGINE_VERSION)
            .bind(work.law.tables.version())
            .execute(connection)
            .await?;
    }
    Ok(())
}

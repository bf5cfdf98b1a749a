//! Some households at once: everything about them read from one connection, folded and compared on a thread of its own meanwhile.
//!
//! Events are not collected: they pass through a short channel to the thread that folds them, so that memory follows the largest
//! household's rows and not the length of its stream.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::RebuildError;
use super::compare::{Examined, HeadRow, Stored, compare};
use super::forecasts::{self, Law, StoredForecast};
use super::history::{self, History};
use super::layout::Layout;
use super::replay::{EVENTS, Replay, StoredSnapshot};
use super::scope::Model;
use crate::store::Version;
use domain::projection::ENGINE_VERSION;

/// Rows that are handed to the folding thread together.
const CHUNK: usize = 256;
/// Chunks that may wait for it.
const WAITING: usize = 8;

/// What is compared, and with what.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) layout: Layout,
    pub(super) model: Option<Model>,
    pub(super) law: Law,
}

impl Work {
    fn wants(&self, model: Model) -> bool {
        self.model.is_none_or(|wanted| wanted == model)
    }
}

/// Compares some households with their streams. The connection shows one moment: it is in a transaction whose snapshot stands, or holds
/// the locks of their heads.
///
/// # Errors
/// The database. A damaged stream is none: it is a difference.
pub(super) async fn examine(connection: &mut PgConnection, ids: &[Uuid], work: &Arc<Work>) -> Result<Vec<Examined>, RebuildError> {
    let stored = read_stored(connection, ids, work).await?;
    let (snapshots, history) = (read_snapshots(connection, ids, work).await?, read_history(connection, ids, work).await?);
    let (sender, receiver) = mpsc::channel(WAITING);
    let folding = {
        let (ids, work) = (ids.to_vec(), Arc::clone(work));
        tokio::task::spawn_blocking(move || {
            Folding { work, stored, snapshots, history, examined: Vec::new(), pinned: Vec::new() }.run(&ids, receiver)
        })
    };
    let mut events = sqlx::query(EVENTS).bind(ids).fetch(&mut *connection);
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(row) = events.try_next().await? {
        chunk.push(row);
        if chunk.len() >= CHUNK && sender.send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))).await.is_err() {
            break; // it has given up, and says why
        }
    }
    drop(events);
    drop(sender.send(chunk).await);
    drop(sender);
    let (mut examined, pinned) = folding.await.map_err(|panic| RebuildError::Internal(panic.to_string()))??;
    for (mut replay, stored, version) in pinned {
        let then = replay.earlier(version, connection).await?;
        examined.push(compare(replay, stored, then.as_ref(), &work.layout, work.model, work.law)?);
    }
    // In the order of their ids: whoever locks several does so in this order.
    examined.sort_by_key(|examined| examined.household);
    Ok(examined)
}

type ById<T> = HashMap<Uuid, T>;

/// The rows of the read models, by household.
async fn read_stored(connection: &mut PgConnection, ids: &[Uuid], work: &Work) -> Result<ById<Stored>, sqlx::Error> {
    let empty = || Stored { tables: work.layout.tables.iter().map(|_| Vec::new()).collect(), ..Stored::default() };
    let mut stored: ById<Stored> = ids.iter().map(|id| (*id, empty())).collect();
    let heads = "SELECT household_id, version, hash, recorded_at FROM heads WHERE household_id = ANY($1)";
    for row in sqlx::query(heads).bind(ids).fetch_all(&mut *connection).await? {
        if let Some(stored) = stored.get_mut(&row.try_get(0)?) {
            stored.head = Some(HeadRow { version: row.try_get(1)?, hash: row.try_get(2)?, recorded_at: row.try_get(3)? });
        }
    }
    for (number, table) in work.layout.tables.iter().enumerate() {
        if !work.wants(Model::of(table.table)) {
            continue;
        }
        for row in sqlx::query(&table.select).bind(ids).fetch_all(&mut *connection).await? {
            let rows = stored.get_mut(&row.try_get(0)?).and_then(|stored| stored.tables.get_mut(number));
            if let Some(rows) = rows {
                rows.push(row);
            }
        }
    }
    if work.wants(Model::SCENARIO_PROJECTIONS) {
        let query = sqlx::query(forecasts::STORED).bind(ids).bind(ENGINE_VERSION).bind(work.law.tables.version());
        for row in query.fetch_all(&mut *connection).await? {
            if let Some(stored) = stored.get_mut(&row.try_get(0)?) {
                stored.forecasts.push(StoredForecast::read(&row)?);
            }
        }
    }
    Ok(stored)
}

async fn read_snapshots(connection: &mut PgConnection, ids: &[Uuid], work: &Work) -> Result<ById<StoredSnapshot>, sqlx::Error> {
    let mut snapshots = ById::new();
    if work.wants(Model::SNAPSHOTS) {
        let sql = "SELECT household_id, version, form, state, hash FROM snapshots WHERE household_id = ANY($1)";
        for row in sqlx::query(sql).bind(ids).fetch_all(connection).await? {
            let snapshot =
                StoredSnapshot { version: row.try_get(1)?, form: row.try_get(2)?, state: row.try_get(3)?, hash: row.try_get(4)? };
            snapshots.insert(row.try_get(0)?, snapshot);
        }
    }
    Ok(snapshots)
}

async fn read_history(connection: &mut PgConnection, ids: &[Uuid], work: &Work) -> Result<ById<History>, sqlx::Error> {
    let mut histories: ById<History> = ById::new();
    if work.wants(Model::METRIC_HISTORY) {
        for row in sqlx::query(history::STORED).bind(ids).fetch_all(connection).await? {
            let (id, version, day, metrics) = history::read(&row)?;
            histories.entry(id).or_default().entry(version).or_default().push((day, metrics));
        }
    }
    Ok(histories)
}

/// What was compared, and what waits for more to be read.
type Folded = (Vec<Examined>, Vec<(Replay, Stored, Version)>);

/// The work of the thread that folds.
struct Folding {
    work: Arc<Work>,
    stored: ById<Stored>,
    snapshots: ById<StoredSnapshot>,
    history: ById<History>,
    examined: Vec<Examined>,
    /// Those whose baseline looks at an earlier version, which is still to be read.
    pinned: Vec<(Replay, Stored, Version)>,
}

impl Folding {
    fn run(mut self, ids: &[Uuid], mut chunks: mpsc::Receiver<Vec<PgRow>>) -> Result<Folded, sqlx::Error> {
        let mut without_events: BTreeSet<Uuid> = ids.iter().copied().collect();
        let mut current: Option<Replay> = None;
        while let Some(rows) = chunks.blocking_recv() {
            for row in rows {
                let id: Uuid = row.try_get(0)?;
                let mut replay = match current.take() {
                    Some(replay) if replay.id == id => replay,
                    other => {
                        other.map_or(Ok(()), |ended| self.end(ended))?;
                        without_events.remove(&id);
                        self.begin(id)
                    }
                };
                replay.take(&row)?;
                current = Some(replay);
            }
        }
        current.map_or(Ok(()), |ended| self.end(ended))?;
        for id in without_events {
            let nothing = self.begin(id);
            self.end(nothing)?;
        }
        Ok((self.examined, self.pinned))
    }

    fn begin(&mut self, id: Uuid) -> Replay {
        Replay::begin(id, self.snapshots.remove(&id), self.history.remove(&id).unwrap_or_default())
    }

    fn end(&mut self, replay: Replay) -> Result<(), sqlx::Error> {
        let stored = self.stored.remove(&replay.id).unwrap_or_default();
        match replay.pinned_to() {
            Some(version) if !stored.forecasts.is_empty() => self.pinned.push((replay, stored, version)),
            Some(_) | None => {
                let Work { layout, model, law } = &*self.work;
                self.examined.push(compare(replay, stored, None, layout, *model, *law)?);
            }
        }
        Ok(())
    }
}

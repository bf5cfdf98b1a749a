//! Which households there are, in batches of about the same work.

use std::collections::VecDeque;

use sqlx::Row as _;
use uuid::Uuid;

use super::RebuildError;
use super::scope::Scope;
use crate::connections::Connections;
use crate::read_models::TABLES;

/// A batch is closed when it has this many events …
const EVENTS_IN_A_BATCH: i64 = 5_000;
/// … or this many households, so that those who wait for one of them do not wait for many.
const HOUSEHOLDS_IN_A_BATCH: usize = 200;
/// Heads that are read at once.
const PAGE: i64 = 5_000;

/// Households that are looked at together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) ids: Vec<Uuid>,
    /// Every household with a head up to this one is in this batch or in one before it.
    pub(super) done_to: Option<Uuid>,
}

/// The way through all households: those with a head in the order of their ids, then whatever lies around without one.
#[derive(Debug)]
pub(super) struct Households {
    pool: Connections,
    after: Option<Uuid>,
    /// Those that are created meanwhile need neither: the way ends.
    until: Option<Uuid>,
    page: VecDeque<(Uuid, i64)>,
    rest: Option<Vec<Uuid>>,
}

/// How much there is to do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) households: u64,
    pub(super) events: u64,
}

impl Households {
    /// From behind `after` on; gives also how much there is in all.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn begin(pool: &Connections, scope: &Scope, after: Option<Uuid>) -> Result<(Self, Totals), RebuildError> {
        let only = scope.household.map(|id| id.0);
        let row = sqlx::query(
            "SELECT count(*) AS households, coalesce(sum(version), 0)::bigint AS events FROM heads WHERE $1::uuid IS NULL OR household_id = $1",
        )
        .bind(only)
        .fetch_one(pool)
        .await?;
        let totals = Totals {
            households: row.try_get::<i64, _>("households")?.unsigned_abs(),
            events: row.try_get::<i64, _>("events")?.unsigned_abs(),
        };
        let pool = pool.clone();
        if let Some(only) = only {
            return Ok((Self { pool, after: None, until: None, page: VecDeque::new(), rest: Some(vec![only]) }, totals));
        }
        let until: Option<Uuid> =
            sqlx::query_scalar("SELECT household_id FROM heads ORDER BY household_id DESC LIMIT 1").fetch_optional(&pool).await?;
        let rest = without_a_head(&pool).await?;
        Ok((Self { pool, after, until, page: VecDeque::new(), rest: Some(rest) }, totals))
    }

    /// The next batch.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn next(&mut self) -> Result<Option<Batch>, RebuildError> {
        if self.page.is_empty() {
            self.read_page().await?;
        }
        let (mut ids, mut events) = (Vec::new(), 0_i64);
        while let Some((id, version)) = self.page.pop_front() {
            ids.push(id);
            events = events.saturating_add(version);
            if events >= EVENTS_IN_A_BATCH || ids.len() >= HOUSEHOLDS_IN_A_BATCH {
                break;
            }
        }
        if let Some(last) = ids.last().copied() {
            return Ok(Some(Batch { ids, done_to: Some(last) }));
        }
        let rest = self.rest.take().filter(|rest| !rest.is_empty());
        Ok(rest.map(|ids| Batch { ids, done_to: None }))
    }

    async fn read_page(&mut self) -> Result<(), RebuildError> {
        let Some(until) = self.until else { return Ok(()) };
        let sql = "SELECT household_id, version FROM heads WHERE ($1::uuid IS NULL OR household_id > $1) AND household_id <= $2 \
                   ORDER BY household_id LIMIT $3";
        let rows: Vec<(Uuid, i64)> = sqlx::query_as(sql).bind(self.after).bind(until).bind(PAGE).fetch_all(&self.pool).await?;
        self.page = rows.into();
        match self.page.back() {
            Some((last, _)) => self.after = Some(*last),
            None => self.until = None,
        }
        Ok(())
    }
}

/// Households that have rows or events, but no head: nobody can reach them, and nobody but a check would find them. Each statement sees
/// one moment, in which a household that is being opened has both or neither.
async fn without_a_head(pool: &Connections) -> Result<Vec<Uuid>, RebuildError> {
    // Events are many: one look into the key for each household, instead of a walk over all of them.
    let mut statements = vec![
        "WITH RECURSIVE stream (household_id) AS ((SELECT household_id FROM events ORDER BY household_id LIMIT 1) UNION ALL \
         SELECT (SELECT e.household_id FROM events e WHERE e.household_id > stream.household_id ORDER BY e.household_id LIMIT 1) \
         FROM stream WHERE stream.household_id IS NOT NULL) \
         SELECT household_id FROM stream WHERE household_id IS NOT NULL AND NOT EXISTS (SELECT FROM heads WHERE heads.household_id = stream.household_id)"
            .to_owned(),
    ];
    let others = ["snapshots", "scenario_projections", "metric_history"].into_iter();
    statements.extend(TABLES.iter().map(|table| table.name).chain(others).map(|name| {
        format!("SELECT DISTINCT household_id FROM {name} t WHERE NOT EXISTS (SELECT FROM heads WHERE heads.household_id = t.household_id)")
    }));
    let mut found = Vec::new();
    let mut lease = pool.lease().await?;
    let mut transaction = super::begin_long(&mut lease, super::READ_ONLY).await?;
    for statement in &statements {
        let ids: Vec<Uuid> = sqlx::query_scalar(statement).fetch_all(&mut *transaction).await?;
        found.extend(ids);
    }
    transaction.commit().await?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

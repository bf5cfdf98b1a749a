//! Rows and checkpoint in one statement, under the fencing numbers of the buckets that they are of.
//!
//! The statement begins by locking the buckets that are still ours: same owner, same fencing number, and a lease that has not run out. What is of
//! any other bucket is not written. Whoever takes a bucket over needs the same row, and so comes before the whole of this or after it.
//!
//! The commit does not wait for the disk: after a crash of the database rows and checkpoint are both as they were, and the work is done again.

use domain::ids::HouseholdId;
use domain::projection::ENGINE_VERSION;
use uuid::Uuid;

use super::work::{Done, Fault};
use crate::connections::Connections;
use crate::database::DatabaseError;
use crate::forecasts::KEPT_UNLESS_OLDER;
use crate::store::Version;
use crate::subscription::{Position, bucket_of};
use crate::track::Chain;

/// A household that could not be brought up to date.
#[derive(Debug)]
pub(super) struct ToPark {
    pub(super) household_id: HouseholdId,
    pub(super) version: Version,
    pub(super) fault: Fault,
}

/// How far a bucket has been covered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpoint {
    pub(super) bucket: i32,
    pub(super) up_to: Position,
}

/// What is written together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) done: Vec<Done>,
    pub(super) parked: Vec<ToPark>,
    pub(super) checkpoints: Vec<Checkpoint>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Written {
    /// The buckets that were ours.
    pub(super) buckets: Vec<i32>,
    /// Forecasts that are the stored ones now.
    pub(super) forecasts: i64,
}

/// Writes a batch, as the owner of these buckets under these fencing numbers.
pub(super) async fn write(
    pool: &Connections,
    owner: Uuid,
    tables_version: &str,
    fencing_of: impl Fn(i32) -> Option<i64>,
    batch: &Batch,
) -> Result<Written, DatabaseError> {
    let (buckets, fencings): (Vec<i32>, Vec<i64>) =
        batch.buckets().into_iter().filter_map(|bucket| Some((bucket, fencing_of(bucket)?))).unzip();
    let forecasts = Forecasts::of(batch);
    let each_done = |of: fn(&Done) -> Uuid| batch.done.iter().map(of).collect::<Vec<_>>();
    let sql = format!("{MINE}, {PROJECTED} {KEPT_UNLESS_OLDER} RETURNING 1), {MEASURED}, {UNPARKED}, {PARKED}, {COVERED} {ANSWER}");
    let (buckets, forecasts) = sqlx::query_as(&sql)
        .bind(owner)
        .bind(buckets)
        .bind(fencings)
        .bind(forecasts.households)
        .bind(forecasts.scenarios)
        .bind(forecasts.versions)
        .bind(forecasts.hashes)
        .bind(forecasts.start_months)
        .bind(forecasts.months)
        .bind(forecasts.projections)
        .bind(ENGINE_VERSION)
        .bind(tables_version)
        .bind(each_done(|done| done.household_id.0))
        .bind(batch.done.iter().map(|done| done.as_of_date).collect::<Vec<_>>())
        .bind(batch.done.iter().map(|done| done.version).collect::<Vec<_>>())
        .bind(batch.done.iter().map(|done| done.metrics.as_str()).collect::<Vec<_>>())
        .bind(batch.parked.iter().map(|parked| parked.household_id.0).collect::<Vec<_>>())
        .bind(batch.parked.iter().map(|parked| parked.version).collect::<Vec<_>>())
        .bind(batch.parked.iter().map(|parked| parked.fault.stage().as_str()).collect::<Vec<_>>())
        .bind(batch.parked.iter().map(|parked| text_of(&parked.fault)).collect::<Vec<_>>())
        .bind(batch.checkpoints.iter().map(|checkpoint| checkpoint.bucket).collect::<Vec<_>>())
        .bind(batch.checkpoints.iter().map(|checkpoint| checkpoint.up_to.transaction_id().to_string()).collect::<Vec<_>>())
        .bind(batch.checkpoints.iter().map(|checkpoint| checkpoint.up_to.global_position()).collect::<Vec<_>>())
        .fetch_one(pool)
        .await?;
    Ok(Written { buckets, forecasts })
}

impl Batch {
    /// Those that anything here is of, in order, once each.
    pub(super) fn buckets(&self) -> Vec<i32> {
        let households = self.done.iter().map(|done| done.household_id).chain(self.parked.iter().map(|parked| parked.household_id));
        let mut buckets: Vec<i32> = households.map(bucket_of).chain(self.checkpoints.iter().map(|checkpoint| checkpoint.bucket)).collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }
}

/// `$1` owner · `$2`, `$3` buckets and their fencing numbers.
const MINE: &str = "WITH manner AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), \
     mine AS MATERIALIZED (SELECT b.bucket FROM manner, projector_buckets b \
     JOIN unnest($2::integer[], $3::bigint[]) AS held (bucket, fencing) ON held.bucket = b.bucket AND held.fencing = b.fencing \
     WHERE b.owner = $1 AND EXISTS (SELECT FROM projectors p WHERE p.projector_id = $1 AND p.lease_until > clock_timestamp()) \
     ORDER BY b.bucket FOR UPDATE OF b)";

/// `$4` … `$10` the columns of the forecasts · `$11` engine · `$12` law. Only of a stream that still ends where it was computed: any other is of no
/// use to anybody. In the order of their keys, as everybody who writes several does.
const PROJECTED: &str = "projected AS (INSERT INTO scenario_projections \
     (household_id, scenario_id, household_version, hash, start_month, engine_version, tables_version, months, projection) \
     SELECT f.household_id, f.scenario_id, f.version, f.hash, f.start_month, $11, $12, f.months, f.projection \
     FROM unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::bytea[], $8::text[], $9::integer[], $10::text[]) \
     AS f (household_id, scenario_id, version, hash, start_month, months, projection) \
     JOIN heads h ON h.household_id = f.household_id AND h.version = f.version AND h.hash = f.hash \
     WHERE household_bucket(f.household_id) IN (SELECT bucket FROM mine) ORDER BY f.household_id, f.scenario_id";

/// `$13` … `$16` the columns of the metrics: of a new month, or when they have changed; what names its day is no change.
const MEASURED: &str = "measured AS (INSERT INTO metric_history (household_id, as_of_date, version, metrics) \
     SELECT m.household_id, m.as_of_date, m.version, m.metrics \
     FROM (SELECT household_id, as_of_date, version, metrics::jsonb AS metrics \
     FROM unnest($13::uuid[], $14::date[], $15::bigint[], $16::text[]) AS u (household_id, as_of_date, version, metrics)) m \
     LEFT JOIN LATERAL (SELECT last.as_of_date, last.version, last.metrics FROM metric_history last \
     WHERE last.household_id = m.household_id ORDER BY last.as_of_date DESC, last.version DESC LIMIT 1) last ON true \
     WHERE household_bucket(m.household_id) IN (SELECT bucket FROM mine) AND (last.version IS NULL \
     OR last.version <= m.version AND last.as_of_date <= m.as_of_date \
     AND (date_trunc('month', last.as_of_date) < date_trunc('month', m.as_of_date) \
     OR last.metrics - 'as_of_date' <> m.metrics - 'as_of_date')) \
     ORDER BY m.household_id ON CONFLICT ON CONSTRAINT metric_history_pkey DO NOTHING)";

const UNPARKED: &str = "unparked AS (DELETE FROM parked_households \
     WHERE household_id = ANY ($13) AND household_bucket(household_id) IN (SELECT bucket FROM mine))";

/// `$17` … `$20` the columns of the parked.
const PARKED: &str = "parked AS (INSERT INTO parked_households (household_id, version, stage, error, attempts) \
     SELECT p.household_id, p.version, p.stage, p.error, 1 \
     FROM unnest($17::uuid[], $18::bigint[], $19::text[], $20::text[]) AS p (household_id, version, stage, error) \
     WHERE household_bucket(p.household_id) IN (SELECT bucket FROM mine) ORDER BY p.household_id \
     ON CONFLICT ON CONSTRAINT parked_households_pkey DO UPDATE SET version = excluded.version, stage = excluded.stage, \
     error = excluded.error, attempts = parked_households.attempts + 1, parked_at = now(), retry = false)";

/// `$21` … `$23` the checkpoints, which never go back.
const COVERED: &str = "covered AS (UPDATE projector_buckets b SET transaction_id = c.transaction_id, global_position = c.global_position \
     FROM (SELECT bucket, transaction_id::xid8 AS transaction_id, global_position \
     FROM unnest($21::integer[], $22::text[], $23::bigint[]) AS u (bucket, transaction_id, global_position)) c \
     WHERE b.bucket = c.bucket AND b.bucket IN (SELECT bucket FROM mine) \
     AND (b.transaction_id, b.global_position) < (c.transaction_id, c.global_position))";

const ANSWER: &str = "SELECT array(SELECT bucket FROM mine), (SELECT count(*) FROM projected)";

/// Forecasts by column.
#[derive(Default)]
struct Forecasts<'a> {
    households: Vec<Uuid>,
    scenarios: Vec<Uuid>,
    versions: Vec<Version>,
    hashes: Vec<&'a [u8]>,
    start_months: Vec<String>,
    months: Vec<i32>,
    projections: Vec<&'a str>,
}

impl<'a> Forecasts<'a> {
    fn of(batch: &'a Batch) -> Self {
        let mut columns = Self::default();
        for forecast in batch.done.iter().flat_map(|done| &done.forecasts) {
            columns.households.push(forecast.household_id.0);
            columns.scenarios.push(forecast.scenario_id.0);
            columns.versions.push(forecast.head.version);
            columns.hashes.push(forecast.head.hash.as_slice());
            columns.start_months.push(forecast.start_month.to_string());
            columns.months.push(i32::from(forecast.months));
            columns.projections.push(&forecast.json);
        }
        columns
    }
}

/// An error as it is kept: whole, on one line, without what PostgreSQL cannot hold.
fn text_of(fault: &Fault) -> String {
    Chain(fault).to_string().replace('\0', "")
}

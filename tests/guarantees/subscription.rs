//! Whoever follows the global order meets every event once, in an order that never changes behind them.
//!
//! The race: positions are handed out before the commit. A reader who remembers the last position seen has passed by whatever commits
//! later with a lower one. Each test plays one way to skip, and runs beside the real reader a naive one that does: where that one did not
//! skip, the test would prove nothing.
//!
//! Transactions of other tests on the same PostgreSQL may hold the reader up at any moment, so it is asked until it has got there.

use std::time::{Duration, Instant};

use projections::subscription::{BUCKETS, Page, Position, SubscriptionError, bucket_of, page};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor};
use support::{Database, TestServer};

const PATIENCE: Duration = Duration::from_secs(30);

/// Appends an event to a household of a number, as any transaction does that the store sends.
async fn append(to: &mut PgConnection, household: u32, sequence: i64) {
    let sql = "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, household_id, \
               prev_hash, hash) VALUES ('household', $1, $2, 'test.happened', '1', '{}', '{}', $1::uuid, sha256('a'), sha256('b'))";
    sqlx::query(sql).bind(household_id(household)).bind(sequence).execute(to).await.unwrap();
}

fn household_id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// What a reader has met: households by number, in order.
#[derive(Default)]
struct Reader {
    at: Position,
    met: Vec<u32>,
}

impl Reader {
    async fn read(&mut self, connection: &mut PgConnection, limit: i64) -> Page {
        let read = page(connection, self.at, None, limit).await.unwrap();
        self.take(read)
    }

    fn take(&mut self, read: Page) -> Page {
        for event in &read.events {
            assert!(event.position > self.at, "{event:?} does not follow {}", self.at);
            self.at = event.position;
            self.met.push(u32::from_str_radix(&event.household_id.0.to_string()[28..], 16).unwrap());
        }
        assert!(read.up_to >= self.at, "{read:?}");
        self.at = read.up_to;
        read
    }

    async fn read_until(&mut self, connection: &mut PgConnection, number: usize) {
        let begun = Instant::now();
        while self.met.len() < number {
            self.read(connection, 2).await;
            assert!(begun.elapsed() < PATIENCE, "met {:?}", self.met);
        }
    }
}

/// The household numbers behind a position, by position alone.
async fn naively(connection: &mut PgConnection, after: &mut i64, condition: &str) -> Vec<u32> {
    let sql = format!("SELECT global_position, household_id::text FROM events WHERE global_position > $1 AND {condition} ORDER BY 1");
    let rows: Vec<(i64, String)> = sqlx::query_as(&sql).bind(*after).fetch_all(connection).await.unwrap();
    *after = rows.last().map_or(*after, |(position, _)| *position);
    rows.iter().map(|(_, id)| u32::from_str_radix(&id[28..], 16).unwrap()).collect()
}

#[tokio::test]
async fn a_transaction_that_began_early_and_commits_late_is_not_passed_by() {
    let database = Database::create().await;
    let (mut early, mut later, mut eyes) = (database.connect().await, database.connect().await, database.connect().await);
    let mut held_open = early.begin().await.unwrap();
    append(&mut held_open, 1, 1).await;
    append(&mut later, 2, 1).await;
    append(&mut later, 3, 1).await;

    let (mut reader, mut seen) = (Reader::default(), 0);
    let first = reader.read(&mut eyes, 10).await;
    assert_eq!(first.events, [], "the first transaction is still open: nothing behind it may be read");
    assert_eq!(naively(&mut eyes, &mut seen, "true").await, [2, 3]);
    held_open.commit().await.unwrap();
    append(&mut later, 4, 1).await;

    assert_eq!(naively(&mut eyes, &mut seen, "true").await, [4], "the naive reader is meant to skip household 1");
    reader.read_until(&mut eyes, 4).await;
    assert_eq!(reader.met, [1, 2, 3, 4]);
}

/// Trap b: the younger transaction takes the lower position, and is still open when the older one is read.
#[tokio::test]
async fn a_lower_position_of_a_younger_transaction_is_not_passed_by() {
    // A PostgreSQL of its own: the naive reader needs nobody else to hold its bound back.
    let database = Database::create_on_own_postgres().await;
    let (mut old, mut young, mut eyes) = (database.connect().await, database.connect().await, database.connect().await);
    let (mut older, mut younger) = (old.begin().await.unwrap(), young.begin().await.unwrap());
    older.execute("SELECT pg_current_xact_id()").await.unwrap();
    append(&mut younger, 1, 1).await;
    append(&mut older, 2, 1).await;
    older.commit().await.unwrap();

    let (mut reader, mut seen) = (Reader::default(), 0);
    reader.read_until(&mut eyes, 1).await;
    assert_eq!(reader.met, [2]);
    // The half-naive reader minds the bound, and remembers a position.
    let bound = "transaction_id < pg_snapshot_xmin(pg_current_snapshot())";
    assert_eq!(naively(&mut eyes, &mut seen, bound).await, [2]);
    younger.commit().await.unwrap();

    reader.read_until(&mut eyes, 2).await;
    assert_eq!(reader.met, [2, 1]);
    assert_eq!(naively(&mut eyes, &mut seen, bound).await, [0; 0], "the half-naive reader is meant to skip household 1");
}

/// Trap c: something commits while a page is being read. Reading takes as long as this test wants it to.
#[tokio::test]
async fn what_commits_while_a_page_is_read_is_neither_in_it_nor_covered_by_it() {
    let database = Database::create_on_own_postgres().await;
    let (mut writer, mut owner, mut eyes) = (database.connect().await, database.connect().await, database.connect().await);
    let slow = "CREATE OR REPLACE FUNCTION household_bucket(household_id uuid) RETURNS integer LANGUAGE plpgsql VOLATILE AS \
                $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN 0; END $$";
    append(&mut writer, 1, 1).await;
    owner.execute(slow).await.unwrap();
    owner.execute("SELECT pg_advisory_lock(1)").await.unwrap();

    // Both begin to read, and stand still at the first event.
    let naive = tokio::spawn({
        let mut eyes = database.connect().await;
        async move {
            let rows: Vec<i64> = sqlx::query_scalar("SELECT sequence FROM events WHERE household_bucket(household_id) = 0")
                .fetch_all(&mut eyes)
                .await
                .unwrap();
            let bound: String =
                sqlx::query_scalar("SELECT pg_snapshot_xmin(pg_current_snapshot())::text").fetch_one(&mut eyes).await.unwrap();
            (rows.len(), Position::below_transaction(bound.parse().unwrap()))
        }
    });
    let real = tokio::spawn(async move {
        let begun = Instant::now();
        let mut read = page(&mut eyes, Position::START, Some(&[0]), 10).await.unwrap();
        while read.events.is_empty() && begun.elapsed() < PATIENCE {
            read = page(&mut eyes, Position::START, Some(&[0]), 10).await.unwrap();
        }
        (eyes, read)
    });
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let begun = Instant::now();
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut writer).await.unwrap() < 2 {
        assert!(begun.elapsed() < PATIENCE, "nobody reads");
    }
    append(&mut writer, 2, 1).await;
    let last: String =
        sqlx::query_scalar("SELECT max(transaction_id::text::bigint)::text FROM events").fetch_one(&mut writer).await.unwrap();
    let last = Position::below_transaction(last.parse().unwrap());
    owner.execute("SELECT pg_advisory_unlock(1)").await.unwrap();

    let (mut eyes, read) = real.await.unwrap();
    let mut reader = Reader::default();
    let read = reader.take(read);
    assert!((reader.met.as_slice(), read.up_to) <= ([1].as_slice(), last), "covers what it does not show: {read:?}");
    let (rows, covered) = naive.await.unwrap();
    assert_eq!(rows, 1);
    assert!(covered > last, "the naive reader, with a bound of a later snapshot, is meant to cover what it has not seen: {covered}");
    reader.read_until(&mut eyes, 2).await;
    assert_eq!(reader.met, [1, 2]);
}

/// A long transaction of anybody, in whatever database of the cluster, costs time and no event.
#[tokio::test]
async fn a_long_transaction_elsewhere_in_the_cluster_holds_a_reader_up_and_makes_it_skip_nothing() {
    let (database, elsewhere) = (Database::create().await, Database::create().await);
    let (mut writer, mut eyes, mut other) = (database.connect().await, database.connect().await, elsewhere.connect().await);
    let mut long = other.begin().await.unwrap();
    long.execute("SELECT pg_current_xact_id()").await.unwrap();
    let mut reader = Reader::default();
    for number in 1..=5 {
        append(&mut writer, number, 1).await;
        assert_eq!(reader.read(&mut eyes, 10).await.events, []);
    }
    long.rollback().await.unwrap();
    reader.read_until(&mut eyes, 5).await;
    assert_eq!(reader.met, [1, 2, 3, 4, 5]);
}

/// Trap a: a dump brings its transaction ids along. In a cluster that has not come so far, they are out of every reader's sight, and a
/// checkpoint among them passes over all that is appended from now on.
#[tokio::test]
async fn a_dump_that_was_restored_into_a_younger_cluster_is_found_out() {
    let database = Database::create().await;
    let mut owner = database.connect().await;
    append(&mut owner, 1, 1).await;
    let ahead = Position::new(1 << 40, 7);
    let refused = page(&mut owner, ahead, None, 10).await.unwrap_err();
    assert!(matches!(refused, SubscriptionError::Restored { what: "the place to read from", .. }), "{refused}");

    let restored = "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, household_id, \
                    prev_hash, hash, transaction_id) SELECT aggregate_type, aggregate_id, 2, event_type, event_version, payload, metadata, \
                    household_id, prev_hash, hash, '1099511627776' FROM events";
    owner.execute(restored).await.unwrap();
    append(&mut owner, 2, 1).await;
    let refused = page(&mut owner, Position::START, None, 10).await.unwrap_err();
    assert!(matches!(refused, SubscriptionError::Restored { what: "an event", found: 0x100_0000_0000, .. }), "{refused}");
    assert!(refused.to_string().contains("effluent doctor --restamp"), "it says what to do: {refused}");
}

/// The way back from trap a. What is mended is the order alone: an event is as append-only as before.
#[tokio::test]
async fn the_doctor_finds_a_restored_dump_and_mends_its_order() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let database = server.database();
    let well = database.run(&["doctor"]).await;
    assert!(well.code == Some(0), "{well:?}");
    let mut owner = database.connect().await;
    let restored = "ALTER TABLE events DISABLE TRIGGER USER; UPDATE events SET transaction_id = '1099511627776'; \
                    ALTER TABLE events ENABLE TRIGGER USER";
    owner.execute(restored).await.unwrap();
    let ill = database.run(&["doctor"]).await;
    assert!(ill.code == Some(1) && ill.output.contains("effluent doctor --restamp"), "{ill:?}");

    let mended = database.run(&["doctor", "--restamp"]).await;
    assert!(mended.code == Some(0), "{mended:?}");
    home.account("Another", "cash", "1.00").await;
    let events = database.number("SELECT count(*) FROM events").await;
    let (begun, mut at, mut versions) = (Instant::now(), Position::START, Vec::new());
    while i64::try_from(versions.len()).unwrap() < events {
        let read = page(&mut owner, at, None, 2).await.unwrap();
        at = read.up_to;
        versions.extend(read.events.iter().map(|event| event.version));
        assert!(begun.elapsed() < PATIENCE, "{versions:?}");
    }
    assert_eq!(versions, (1..=events).collect::<Vec<_>>(), "the order of a household's events has changed");
    owner.execute("UPDATE events SET transaction_id = '1'").await.unwrap_err();
}

#[tokio::test]
async fn a_transaction_reads_past_its_own_events_and_takes_them_for_nobody_elses() {
    let database = Database::create().await;
    let (mut writer, mut eyes) = (database.connect().await, database.connect().await);
    let mut own = writer.begin().await.unwrap();
    append(&mut own, 1, 1).await;
    assert_eq!(Reader::default().read(&mut own, 10).await.events, []);
    own.commit().await.unwrap();
    Reader::default().read_until(&mut eyes, 1).await;
}

/// The schema and the program must put a household into the same bucket, and every household into one.
#[tokio::test]
async fn every_event_is_in_exactly_one_bucket() {
    let database = Database::create().await;
    let (mut writer, mut eyes) = (database.connect().await, database.connect().await);
    for number in 0..200 {
        append(&mut writer, number, 1).await;
    }
    let mut everything = Reader::default();
    everything.read_until(&mut eyes, 200).await;
    let mut met = 0;
    for (bucket, wanted) in (0..BUCKETS).zip([4].into_iter().cycle()) {
        let read = page(&mut eyes, Position::START, Some(&[bucket]), 1_000).await.unwrap();
        assert!(read.events.iter().all(|event| bucket_of(event.household_id) == bucket), "{read:?}");
        assert!((3..=wanted).contains(&read.events.len()), "bucket {bucket}: {read:?}");
        assert!(read.is_last && read.up_to >= everything.at);
        met += read.events.len();
    }
    assert_eq!(met, 200);
}

//! How fast read models are made anew: of a thousand households with some hundred events each, from tables that are empty, and from
//! tables in which nothing differs.
//!
//! The households are the large one (10 accounts, 3 incomes, 15 flows, and the system flows that follow) with a year of balances. One is
//! written by the store; the others are copies of its stream under other ids, since deciding a hundred thousand events would take longer
//! than everything else here. The limit is the specification's.

use std::time::{Duration, Instant};

use api::private_postgres::PrivatePostgres;
use benches::household::{command, large_intents};
use domain::calendar::Date;
use domain::household::Intent;
use domain::household::facts::Balance;
use domain::ids::{AccountId, HouseholdId};
use domain::money::Money;
use domain::tax::TaxTables;
use domain::vocabulary::State;
use projections::database::{self, DatabaseUrl};
use projections::rebuild::{Cause, Report as Rebuilt, Scope, Unwatched, rebuild, verify};
use projections::store::{Answer, Decided, Head, Metadata, Request, Store};
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use crate::ROUNDS;
use crate::load::Run;
use crate::meter::{Meter, Tally};
use crate::report::{Report, Wanted};
use crate::wanted;
use crate::world::World;

const FROM_NOTHING: &str = "rebuild of all read models, from empty tables";
const UNCHANGED: &str = "rebuild of all read models, nothing differs";
const VERIFIED: &str = "verification of all read models";
/// Events a second.
const LIMIT: f64 = 50_000.0;
const HOUSEHOLDS: u32 = 1_000;
/// Balances that are recorded of the first accounts, beside all that the large household is made of.
const BALANCES: u32 = 60;
const READ_TABLES: &str = "households, members, memberships, accounts, balances, asset_groups, income_sources, withholding, deductions, \
    self_employment, flows, scenarios, goals, decision_runs, snapshots, scenario_projections";

/// The three lines, each over the same database in turns.
pub async fn measure(world: &World, report: &mut Report) {
    if ![FROM_NOTHING, UNCHANGED, VERIFIED].into_iter().any(wanted) {
        return;
    }
    let (store, mut connection) = create(&world.postgres).await;
    let mut meter = Meter::new(world.server.process_id(), &world.postgres.url_of("rebuilt")).await;
    let scope = Scope::everything(command(Intent::RegenerateFlows).decided_at).with_workers(workers());
    let mut tallies = [(FROM_NOTHING, Tally::default()), (UNCHANGED, Tally::default()), (VERIFIED, Tally::default())];
    for _ in 0..ROUNDS {
        connection.execute(format!("TRUNCATE {READ_TABLES}").as_str()).await.expect("the owner");
        for (what, tally) in &mut tallies {
            meter.checkpoint().await;
            let (before, begun) = (meter.read().await, Instant::now());
            let done = match *what {
                VERIFIED => verify(&store, &scope, &mut Unwatched).await,
                _ => rebuild(&store, &scope, Cause::Command, &mut Unwatched).await,
            };
            let (done, took) = (done.expect("a rebuild"), begun.elapsed());
            assert_eq!(done.is_clean(), *what != FROM_NOTHING, "{what}: {done:?}");
            tally.add(run(&done, took), before, meter.read().await);
        }
    }
    for (what, tally) in &tallies {
        let (rate, limit) = (format!("{:.0} events/s", tally.rate()), format!("limit {LIMIT:.0} events/s"));
        let asked_for = if *what == VERIFIED { Wanted::Nothing } else { Wanted::AtLeast(1.0) };
        report.ratio(what, rate, limit, tally.rate() / LIMIT, asked_for);
        report.cost(what, tally);
    }
    store.pool().close().await;
}

fn run(done: &Rebuilt, took: Duration) -> Run {
    Run { operations: done.events, duration: took.as_secs_f64(), latencies_ms: vec![took.as_secs_f64() * 1e3] }
}

/// As the command does it.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get) + 1
}

/// A database with the households' streams; its owner's connection is given along.
async fn create(postgres: &PrivatePostgres) -> (Store, PgConnection) {
    let mut superuser = PgConnection::connect(&postgres.url()).await.expect("PostgreSQL");
    superuser.execute("CREATE DATABASE rebuilt").await.expect("a superuser");
    let url = DatabaseUrl::parse(&postgres.url_of("rebuilt")).expect("an address");
    database::migrate(&mut database::connect_as_owner(&url).await.expect("PostgreSQL")).await.expect("the migrations");
    let tables = TaxTables::shipped().expect("the law that is shipped");
    let pool = database::connect(&url, workers() as u32 + 2).await.expect("PostgreSQL");
    let store = Store::new(pool, tables, 10);

    let id = HouseholdId(Uuid::from_u128(0xEFF1_0E47));
    for intent in large_intents(id, State::California).expect("a household that keeps the rules").into_iter().chain(balances()) {
        execute(&store, id, intent).await;
    }
    let mut owner = PgConnection::connect(&postgres.url_of("rebuilt")).await.expect("PostgreSQL");
    let copy = format!(
        "CREATE TEMPORARY TABLE copies AS SELECT gen_random_uuid() AS id FROM generate_series(2, {HOUSEHOLDS}); \
         INSERT INTO events (household_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, prev_hash, hash) \
         SELECT c.id, aggregate_type, c.id::text, sequence, event_type, event_version, replace(payload::text, '{id}', c.id::text)::json, \
         metadata, prev_hash, hash FROM copies c, events ORDER BY sequence, c.id; \
         INSERT INTO heads (household_id, version, hash) SELECT c.id, version, hash FROM heads, copies c; DROP TABLE copies; VACUUM ANALYZE"
    );
    // One statement after the other: the last one takes no transaction around it.
    for statement in copy.split(';') {
        owner.execute(statement).await.expect("the owner");
    }
    (store, owner)
}

fn balances() -> impl Iterator<Item = Intent> {
    let day = |number: u32| Date::default() + chrono::Days::new(u64::from(number));
    (0..BALANCES).map(move |number| {
        let balance = Money::from_cents(100_000 + i64::from(number));
        let balance = Balance { as_of_date: day(number), balance, cost_basis: None, market_value: None };
        Intent::RecordBalances { account_id: AccountId(Uuid::from_u128(1 + u128::from(number % 4))), balances: vec![balance] }
    })
}

async fn execute(store: &Store, household_id: HouseholdId, intent: Intent) {
    let command = command(intent);
    let metadata = Metadata {
        actor_kind: "system",
        actor_id: "bench".to_owned(),
        role: None,
        request_id: None,
        correlation_id: None,
        causation_id: None,
        trace_id: None,
        span_id: None,
        idempotency_key: None,
        decided_at: command.decided_at,
    };
    let request = Request { household_id, command, metadata, seen: Head::NOTHING, expected_version: None, idempotency: None };
    let answer = |_: &Decided<'_>| Ok(Answer { status: 200, location: None, body: String::new() });
    store.execute(request, answer).await.expect("a command that is carried out");
}

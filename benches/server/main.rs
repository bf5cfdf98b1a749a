//! The whole server beside PostgreSQL itself: `make bench`. See `benches/README.md` for the method.
//!
//! A figure alone says little: a disk's mood moves all of them sixfold. So every load alternates with its reference, and what is
//! asked for is their ratio.

mod http;
mod load;
mod meter;
mod pgbench;
mod rebuild;
mod report;
mod store;
mod world;

use std::time::{Duration, Instant};

use benches::household::{command, large_inputs, large_state};
use benches::large_household;
use domain::household::Intent;
use domain::projection::project;
use domain::system_flows::system_flows;
use domain::tax::TaxTables;
use fastrand::Rng;

use crate::http::{Connection, request, write_request};
use crate::load::run;
use crate::meter::{Meter, Tally};
use crate::pgbench::{Reference, Shape};
use crate::report::{Report, Wanted};
use crate::store::Stores;
use crate::world::{HOUSEHOLDS, World};

/// How often a load and its reference take turns.
const ROUNDS: u64 = 3;
/// How long each turn is.
const TURN: Duration = Duration::from_secs(2);

const STORED: &str = "stored projection, 120 months";
const COMPUTED: &str = "projection after a command, one client";
const LONG_STREAM: &str = "a command on a stream of 100,000 events";

fn main() {
    let mut report = Report::default();
    // One thread for all clients: a generator that took more would take it from what it measures.
    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    pure_parts(&mut report);
    let world = clients.block_on(World::create());
    clients.block_on(over_http(&world, &mut report));
    let threads = tokio::runtime::Runtime::new().expect("a runtime");
    threads.block_on(commands_without_http(&world, &mut report));
    threads.block_on(rebuild::measure(&world, &mut report));
    report.print();
}

/// Whether a line is to be measured: `cargo bench -p benches --bench server -- projection` asks for those that say so.
fn wanted(what: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| what.contains(&word))
}

/// The domain on one core, beside the limits that it has to keep.
fn pure_parts(report: &mut Report) {
    let tables = TaxTables::shipped().expect("the law that is shipped");
    let of_2026 = tables.in_force(2026).expect("the law of 2026");
    let (inputs, home) = (large_inputs(of_2026.year()), large_state(tables).expect("a household that keeps the rules"));
    let mut line = |what: &str, limit_us: f64, work: &dyn Fn()| {
        if !wanted(what) {
            return;
        }
        let took_us = median_us(work);
        report.ratio(what, format!("{took_us:.1} µs"), format!("limit {limit_us} µs"), took_us / limit_us, Wanted::AtMost(1.0));
    };
    line("system flows, large household", 100.0, &|| drop(std::hint::black_box(system_flows(&inputs, of_2026))));
    line("regenerate flows, nothing changed", 100.0, &|| drop(std::hint::black_box(home.decide(command(Intent::RegenerateFlows), tables))));
    for (months, limit_us) in [(120, 500.0), (360, 1_500.0)] {
        let plan = large_household(months);
        line(&format!("{months} months, large household"), limit_us, &|| drop(std::hint::black_box(project(&plan, tables))));
    }
}

fn median_us(work: &dyn Fn()) -> f64 {
    let begun = Instant::now();
    let mut times_us = Vec::new();
    while begun.elapsed() < Duration::from_millis(500) {
        let one = Instant::now();
        work();
        times_us.push(one.elapsed().as_secs_f64() * 1e6);
    }
    times_us.sort_by(f64::total_cmp);
    times_us[times_us.len() / 2]
}

async fn over_http(world: &World, report: &mut Report) {
    let mut meter = Meter::new(world.server.process_id(), &world.postgres.url()).await;
    // Warm: states in the cache, statements prepared, and rows of the kind that the reference copies.
    balance_commands(world, false, Duration::from_secs(1), 0).await;
    if pgbench::program(&world.postgres).is_none() {
        println!(
            "this PostgreSQL comes without pgbench: nothing to compare the server with (Debian has it in `postgresql-contrib` or `postgresql-<major>`)"
        );
        return;
    }
    let reference = Reference::create(&world.postgres, world.folder.clone(), HOUSEHOLDS).await;
    for (one_household, what, wanted) in [
        (false, "balance commands, many households", Wanted::AtLeast(0.5)),
        (true, "balance commands, one household", Wanted::AtLeast(0.5)),
    ] {
        if self::wanted(what) {
            commands_beside_pgbench(world, &reference, &mut meter, one_household, (what, wanted), report).await;
        }
    }
    if wanted(STORED) {
        stored_projection(world, &reference, &mut meter, report).await;
    }
    if wanted(COMPUTED) {
        computed_projection(world, report).await;
    }
}

/// One balance command after the other, over HTTP, of random amounts.
async fn balance_commands(world: &World, one_household: bool, duration: Duration, seed: u64) -> load::Run {
    let next = |rng: &mut Rng, buffer: &mut Vec<u8>| {
        let target = if one_household { &world.targets[0] } else { &world.targets[rng.usize(..world.targets.len())] };
        let (dollars, cents) = (rng.u32(1..10_000_000), rng.u8(0..100));
        let body = format!(r#"{{"current_balance": "{dollars}.{cents:02}"}}"#);
        write_request(buffer, "POST", &target.path, Some(&target.asker), &body);
    };
    run(world.server.address, duration, seed, next).await
}

async fn commands_beside_pgbench(
    world: &World,
    reference: &Reference,
    meter: &mut Meter,
    one_household: bool,
    (what, wanted): (&str, Wanted),
    report: &mut Report,
) {
    let (mut ours, mut statement, mut transaction) = (Tally::default(), Tally::default(), Tally::default());
    let versions_before = sum_of_versions(world).await;
    meter.checkpoint().await;
    for round in 0..ROUNDS {
        let before = meter.read().await;
        let done = balance_commands(world, one_household, TURN, 1_000 * (round + 1)).await;
        ours.add(done, before, meter.read().await);
        for (tally, shape) in [(&mut statement, Shape::Statement), (&mut transaction, Shape::Transaction)] {
            let before = meter.read().await;
            let done = reference.write(&world.postgres, shape, one_household, TURN);
            tally.add(done, before, meter.read().await);
        }
    }
    // Each answer was an event: a rate of commands that changed nothing would be another figure.
    assert_eq!(sum_of_versions(world).await - versions_before, i64::try_from(ours.operations).expect("a number of commands"));
    let rate = |tally: &Tally| format!("{:.0}/s", tally.rate());
    let as_statement = format!("pgbench, one statement: {}", rate(&statement));
    report.ratio(what, rate(&ours), as_statement, ours.rate() / statement.rate(), wanted);
    let as_transaction = format!("pgbench, a transaction: {}", rate(&transaction));
    report.ratio(what, rate(&ours), as_transaction, ours.rate() / transaction.rate(), Wanted::Nothing);
    report.cost(what, &ours);
    report.cost("  pgbench, one statement", &statement);
    report.cost("  pgbench, a transaction", &transaction);
}

async fn sum_of_versions(world: &World) -> i64 {
    let mut connection = sqlx::Connection::connect(&world.postgres.url()).await.expect("PostgreSQL");
    let sum = sqlx::query_scalar("SELECT sum(version)::bigint FROM heads").fetch_one::<&mut sqlx::PgConnection>(&mut connection);
    sum.await.expect("the heads")
}

async fn stored_projection(world: &World, reference: &Reference, meter: &mut Meter, report: &mut Report) {
    let ask = request("GET", &world.baseline, Some(&world.demo), &serde_json::Value::Null);
    assert_eq!(source(&Connection::open(world.server.address).await.json(&ask).await), "computed");
    let mut connection: sqlx::PgConnection = sqlx::Connection::connect(&world.postgres.url()).await.expect("PostgreSQL");
    let keys: (uuid::Uuid, uuid::Uuid) = sqlx::query_as("SELECT household_id, scenario_id FROM scenario_projections")
        .fetch_one(&mut connection)
        .await
        .expect("the one stored");
    let script = format!("SELECT projection FROM scenario_projections WHERE household_id = '{}' AND scenario_id = '{}';\n", keys.0, keys.1);
    let (mut ours, mut select) = (Tally::default(), Tally::default());
    for round in 0..ROUNDS {
        let before = meter.read().await;
        let done = run(world.server.address, TURN, round, |_: &mut Rng, buffer: &mut Vec<u8>| buffer.clone_from(&ask)).await;
        ours.add(done, before, meter.read().await);
        let before = meter.read().await;
        let done = reference.run(&world.postgres, &world.postgres.url(), &script, load::CLIENTS, TURN);
        select.add(done, before, meter.read().await);
    }
    assert_eq!(source(&Connection::open(world.server.address).await.json(&ask).await), "stored");
    let rate = |tally: &Tally| format!("{:.0}/s", tally.rate());
    let reference = format!("pgbench, SELECT of its row: {}", rate(&select));
    report.ratio(STORED, rate(&ours), reference, ours.rate() / select.rate(), Wanted::AtLeast(0.4));
    report.cost(STORED, &ours);
    report.cost("  pgbench, SELECT of its row", &select);
}

fn source(projection: &serde_json::Value) -> String {
    world::text(projection, "/source")
}

/// One client: a command, the projection after it, and the same once more.
async fn computed_projection(world: &World, report: &mut Report) {
    let ask = request("GET", &world.baseline, Some(&world.demo), &serde_json::Value::Null);
    let mut connection = Connection::open(world.server.address).await;
    let mut times_ms = [("computed", Vec::new()), ("stored", Vec::new())];
    for number in 0..200 {
        let change = serde_json::json!({"current_balance": format!("{}.00", 1_000 + number)});
        connection.json(&request("POST", &world.checking, Some(&world.demo), &change)).await;
        for (wanted, times_ms) in &mut times_ms {
            let asked = Instant::now();
            let answer = connection.send(&ask).await;
            times_ms.push(asked.elapsed().as_secs_f64() * 1e3);
            let shown = String::from_utf8_lossy(answer.body);
            assert!(shown.contains(&format!(r#""source":"{wanted}""#)), "expected a projection that is {wanted}");
        }
    }
    let [computed, stored] = times_ms.map(|(_, mut times_ms)| {
        times_ms.sort_by(f64::total_cmp);
        times_ms[times_ms.len() / 2]
    });
    let reference = format!("stored: {stored:.2} ms");
    report.ratio(COMPUTED, format!("{computed:.2} ms"), reference, computed / stored, Wanted::AtMost(3.0));
}

async fn commands_without_http(world: &World, report: &mut Report) {
    let mut meter = Meter::new(world.server.process_id(), &world.postgres.url()).await;
    let stores = Stores::create(&world.postgres).await;
    for (events, wanted) in [(1, 1.5), (12, 3.0)] {
        let what = format!("commands of {events} event{}, our store", if events == 1 { "" } else { "s" });
        if !self::wanted(&what) {
            continue;
        }
        let (mut ours, mut stock) = (Tally::default(), Tally::default());
        meter.checkpoint().await;
        for round in 0..ROUNDS {
            for (tally, is_ours) in [(&mut ours, true), (&mut stock, false)] {
                let before = meter.read().await;
                let done = stores.run(is_ours, events, TURN, 1_000 * round).await;
                tally.add(done, before, meter.read().await);
            }
        }
        let (rate, reference) = (format!("{:.0}/s", ours.rate()), format!("stock PostgresCqrs: {:.0}/s", stock.rate()));
        report.ratio(&what, rate, reference, ours.rate() / stock.rate(), Wanted::AtLeast(wanted));
        report.cost(&what, &ours);
        report.cost("  stock PostgresCqrs", &stock);
    }
    if !wanted(LONG_STREAM) {
        return;
    }
    let (short_ms, long_ms) = stores.short_and_long(100_000, 300).await;
    let reference = format!("on one of 100: {short_ms:.2} ms");
    report.ratio(LONG_STREAM, format!("{long_ms:.2} ms"), reference, long_ms / short_ms, Wanted::AtMost(1.2));
}

//! The whole server beside PostgreSQL itself: `make bench`. See `benches/README.md` for the method.
//!
//! A figure alone says little: a disk's mood moves all of them sixfold. So every load alternates with its reference, and what is
//! asked for is their ratio.

mod http;
mod load;
mod meter;
mod pgbench;
mod pure;
mod rebuild;
mod report;
mod store;
mod world;

use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::join_all;

use crate::http::{Connection, request, write_request};
use crate::load::run;
use crate::meter::{Meter, Tally};
use crate::pgbench::{Reference, Shape};
use crate::report::{Report, Wanted};
use crate::store::Stores;
use crate::world::{HOUSEHOLDS, Projectors, World, households};

/// How often a load and its reference take turns.
const ROUNDS: u64 = 3;
/// How long each turn is.
const TURN: Duration = Duration::from_secs(2);

const MANY: &str = "balance commands, many households";
const MANY_ALONE: &str = "balance commands, many households, projectors elsewhere";
const ONE: &str = "balance commands, one household";
const MEMORY: &str = "memory of serve, 10,000 households touched";
const STORED: &str = "stored projection, 120 months";
const COMPUTED: &str = "projection after a command, one client";
const LONG_STREAM: &str = "a command on a stream of 100,000 events";

fn main() {
    let mut report = Report::default();
    // One thread for all clients: a generator that took more would take it from what it measures.
    let clients = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    pure::measure(&mut report);
    let mut world = clients.block_on(World::create());
    clients.block_on(over_http(&mut world, &mut report));
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

async fn over_http(world: &mut World, report: &mut Report) {
    // Warm: states in the cache, statements prepared, and rows of the kind that the reference copies.
    balance_commands(world, false, Duration::from_secs(1), 0).await;
    if pgbench::program(&world.postgres).is_some() {
        beside_pgbench(world, report).await;
    } else {
        println!(
            "this PostgreSQL comes without pgbench: nothing to compare the server with (Debian has it in `postgresql-contrib` or `postgresql-<major>`)"
        );
    }
    if wanted(COMPUTED) {
        computed_projection(world, report).await;
    }
    if wanted(MEMORY) {
        memory(world, report).await;
    }
}

async fn beside_pgbench(world: &mut World, report: &mut Report) {
    let reference = Reference::create(&world.postgres, world.folder.clone(), HOUSEHOLDS).await;
    for (what, one_household, least) in [(MANY, false, 0.7), (ONE, true, 0.5)] {
        if wanted(what) {
            commands_beside_pgbench(world, &reference, one_household, (what, Wanted::AtLeast(least)), report).await;
        }
    }
    if wanted(STORED) {
        stored_projection(world, &reference, report).await;
    }
    if wanted(MANY_ALONE) {
        world.restart(Projectors::Elsewhere);
        balance_commands(world, false, Duration::from_secs(1), 0).await;
        commands_beside_pgbench(world, &reference, false, (MANY_ALONE, Wanted::Nothing), report).await;
        world.restart(Projectors::Within);
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
    one_household: bool,
    (what, wanted): (&str, Wanted),
    report: &mut Report,
) {
    let mut meter = Meter::new(world.server.process_id(), &world.postgres.url()).await;
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
    report.ratio(what, rate(&ours), as_transaction, ours.rate() / transaction.rate(), wanted);
    report.cost(what, &ours);
    report.cost("  pgbench, one statement", &statement);
    report.cost("  pgbench, a transaction", &transaction);
}

async fn sum_of_versions(world: &World) -> i64 {
    let mut connection = sqlx::Connection::connect(&world.postgres.url()).await.expect("PostgreSQL");
    let sum = sqlx::query_scalar("SELECT sum(version)::bigint FROM heads").fetch_one::<&mut sqlx::PgConnection>(&mut connection);
    sum.await.expect("the heads")
}

async fn stored_projection(world: &World, reference: &Reference, report: &mut Report) {
    let mut meter = Meter::new(world.server.process_id(), &world.postgres.url()).await;
    let ask = request("GET", &world.baseline, Some(&world.demo), &serde_json::Value::Null);
    let mut connection = Connection::open(world.server.address).await;
    while source(&connection.json(&ask).await) != "stored" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut database: sqlx::PgConnection = sqlx::Connection::connect(&world.postgres.url()).await.expect("PostgreSQL");
    let home: uuid::Uuid = sqlx::query_scalar("SELECT household_id FROM scenarios WHERE id::text = $1")
        .bind(&world.scenario)
        .fetch_one(&mut database)
        .await
        .expect("the demo household");
    let script =
        format!("SELECT projection FROM scenario_projections WHERE household_id = '{home}' AND scenario_id = '{}';\n", world.scenario);
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

/// Ten thousand households, of which a new process is told one balance each and asked for its accounts.
async fn memory(world: &mut World, report: &mut Report) {
    const NUMBER: usize = 10_000;
    const LIMIT_MB: f64 = 300.0;
    let targets = households(world.server.address, &world.demo, NUMBER).await;
    world.restart(Projectors::Within);
    let (begun_mb, address) = (world.server.memory_mb().0, world.server.address);
    let clients = (0..load::CLIENTS).map(|client| {
        let targets = targets.iter().skip(client).step_by(load::CLIENTS);
        async move {
            let mut connection = Connection::open(address).await;
            for target in targets {
                let change = serde_json::json!({"current_balance": "17.00"});
                connection.json(&request("POST", &target.path, Some(&target.asker), &change)).await;
                connection.json(&request("GET", "/api/v1/accounts", Some(&target.asker), &serde_json::Value::Null)).await;
            }
        }
    });
    join_all(clients).await;
    let (now_mb, most_mb) = world.server.memory_mb();
    let measured = format!("{now_mb:.0} MB, at most {most_mb:.0} MB (at first {begun_mb:.0})");
    report.ratio(MEMORY, measured, format!("limit {LIMIT_MB} MB"), most_mb / LIMIT_MB, Wanted::AtMost(1.0));
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

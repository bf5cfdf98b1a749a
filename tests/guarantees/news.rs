//! A household's news are complete, whoever dies, and cost nothing, whoever sleeps.
//!
//! The faults: a process is killed while its clients watch, and what happened until they are connected again is never told, or told twice;
//! and a client that does not read makes the server hold what it does not take. The guards: the number of the last event is all that a
//! stream remembers, and the client has it; and nothing is read from the database before there is room for it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use support::{Client, EventStream, TestServer};

use crate::household::home_through;

const STREAM: &str = "/households/{household}/events/stream";
/// Events that nobody could take at once: some 14 megabytes as they are sent.
const MANY: i64 = 100_000;
const SLEEPERS: usize = 8;

/// Without `Last-Event-ID` (a stream that begins at the present head when it is connected again), versions are missing.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_through_kill_9_is_told_of_each_version_once_and_in_order() {
    let homes = home_through(2).await;
    let begun_at = homes[0].version().await;
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = homes.iter().map(|home| tokio::spawn(write(home.clone(), Arc::clone(&done)))).collect();
    let mut told = vec![begun_at];
    for round in 0..4 {
        let mut stream = connect(&homes[round % 2], *told.last().unwrap()).await;
        let enough = told.len() + 30;
        let server = homes[round % 2].server();
        while let Some(event) = stream.next_named("version").await {
            told.push(event.version());
            if told.len() == enough {
                server.kill9(); // in the middle of the writers' commands; what was sent already still arrives
            }
        }
        server.start_again().await;
    }
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    let head = homes[0].version().await;
    let mut stream = connect(&homes[1], *told.last().unwrap()).await;
    while *told.last().unwrap() < head {
        told.push(stream.next_named("version").await.unwrap().version());
    }
    assert!(told.len() > 120, "{}", told.len());
    let all: Vec<u64> = (begun_at..=head).collect();
    assert_eq!(told, all);
}

/// Were pages read ahead of the client (a task that fills a channel without bounds), the server would hold all of them for each sleeper.
#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_read_hold_neither_memory_nor_connections_nor_writers() {
    let server = TestServer::start().await;
    let (home, other) = (server.household().await, server.household().await);
    let head = lengthen(&home).await;
    let before = resident_bytes(&server);
    let mut sleepers: Vec<TcpStream> = (0..SLEEPERS).map(|_| ask_and_sleep(&home)).collect();
    // A client that reads sees all of it meanwhile.
    let mut stream = connect(&home, 0).await;
    let most = AtomicU64::new(0);
    for expected in 1..=head {
        assert_eq!(stream.next_named("version").await.unwrap().version(), expected);
        if expected % 5_000 == 0 {
            most.fetch_max(resident_bytes(&server), Ordering::Relaxed);
            let asked = Instant::now();
            let saved = other.post("/accounts/{Checking}", json!({"current_balance": format!("{expected}.00")})).await.expect_status(200);
            assert!(asked.elapsed() < Duration::from_secs(5), "a command took {:?}", asked.elapsed());
            assert!(saved.version() > 0);
        }
    }
    let grown = most.into_inner().saturating_sub(before) / 1_000_000;
    assert!(grown < 40, "the server has grown by {grown} MB for {SLEEPERS} clients that do not read");
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                AND (state = 'active' OR state LIKE 'idle in transaction%')";
    let begun = Instant::now();
    while server.database().number(busy).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "a connection is held");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // They were not thrown out, nor forgotten: there is something for them to read.
    for sleeper in &mut sleepers {
        let mut first = [0; 12];
        sleeper.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
    }
}

async fn connect(home: &Client, behind: u64) -> EventStream {
    let stream = home.get(STREAM).header("last-event-id", &behind.to_string()).open().await.unwrap();
    assert_eq!(stream.status(), 200);
    stream
}

/// Balances, one after the other, whatever becomes of them.
async fn write(home: Client, done: Arc<AtomicBool>) {
    let mut amount = 0;
    while !done.load(Ordering::SeqCst) {
        amount += 1;
        let sent = home.post("/accounts/{Checking}", json!({"current_balance": format!("{amount}.00")})).try_send().await;
        if sent.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await; // killed; it is started again
        }
    }
}

/// Makes the household's stream very long, behind the program's back; gives its new head. No command of it is possible afterwards.
async fn lengthen(home: &Client) -> u64 {
    let head = i64::try_from(home.version().await).unwrap();
    let mut database = home.server().database().connect().await;
    let more = "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, household_id, \
                prev_hash, hash) SELECT 'household', $1, n, 'account.balance_recorded', '1', '{}', '{}', $1::uuid, h, h \
                FROM generate_series($2 + 1, $2 + $3) n, decode(repeat('07', 32), 'hex') h";
    sqlx::query(more).bind(home.id("household")).bind(head).bind(MANY).execute(&mut database).await.unwrap();
    sqlx::query("UPDATE heads SET version = version + $2 WHERE household_id = $1::uuid")
        .bind(home.id("household"))
        .bind(MANY)
        .execute(&mut database)
        .await
        .unwrap();
    u64::try_from(head + MANY).unwrap()
}

/// Asks for everything, and takes nothing of it.
fn ask_and_sleep(home: &Client) -> TcpStream {
    let address = home.server().address().trim_start_matches("http://").to_owned();
    let mut socket = TcpStream::connect(&address).unwrap();
    let (household, access) = (home.id("household"), home.id("access"));
    let request = format!(
        "GET /api/v1/households/{household}/events/stream HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {access}\r\nLast-Event-ID: 0\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).unwrap();
    socket
}

/// What the server's process holds in memory.
fn resident_bytes(server: &TestServer) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process_id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

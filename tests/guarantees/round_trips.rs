//! A command costs one round trip to the database, however long the stream is, and whether or not it says which household it means.
//!
//! The fault: a statement more for the idempotency record, one for each read model, a transaction that is begun and committed by hand,
//! a question before each command for what the append checks anyway, or a load of the whole history before each decision; nobody would notice on a developer's machine, where a trip costs nothing. So
//! a proxy between the server and PostgreSQL counts what really crosses the wire: a trip is a `Sync` or a simple query from the server, and
//! the bytes that come back tell a short answer from a history.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::json;
use support::{Client, Database, TestServer};

/// What crossed the wire since the proxy was started.
#[derive(Debug, Default)]
struct Wire {
    trips: AtomicU64,
    bytes_back: AtomicU64,
}

/// What one command cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    trips: u64,
    bytes_back: u64,
}

impl Wire {
    fn now(&self) -> Cost {
        Cost { trips: self.trips.load(Ordering::SeqCst), bytes_back: self.bytes_back.load(Ordering::SeqCst) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_costs_one_round_trip_however_long_the_stream_is() {
    let database = Database::create().await;
    let wire = Arc::new(Wire::default());
    let url = proxied(&database.url(), &wire);
    // One connection, so that it is warm after the first command: each connection prepares its statements once.
    let server = TestServer::start_on(database, &[("DATABASE_URL", &url), ("EFFLUENT_DB_CONNECTIONS", "1")]).await;
    let home = server.household().await;

    let short = cost_from(&home, &wire, 10).await;
    let long = cost_from(&home, &wire, 310).await;
    assert!(short.trips >= 1 && short.bytes_back > 0, "nothing went through the proxy: {short:?}");
    assert_eq!((short.trips, long.trips), (1, 1));
    // Some digits more of the version, not 300 events more.
    assert!(long.bytes_back <= short.bytes_back + 32, "{short:?} at 10 events, {long:?} at 310");

    let by_default = home.without_header("x-household-id");
    assert_eq!(cost_from(&by_default, &wire, 400).await.trips, 1);
}

/// What the cheapest of ten balances costs from a version on: now and then the process has something else to say (an announcement to the
/// others, a snapshot), but a question before each command would be before this one, too.
async fn cost_from(home: &Client, wire: &Wire, version: u64) -> Cost {
    for n in home.version().await..version {
        record_balance(home, n).await;
    }
    let mut costs = Vec::new();
    for n in 0..10 {
        let before = wire.now();
        record_balance(home, version + n).await;
        let after = wire.now();
        costs.push(Cost { trips: after.trips - before.trips, bytes_back: after.bytes_back - before.bytes_back });
    }
    costs.into_iter().min().unwrap()
}

async fn record_balance(home: &Client, n: u64) {
    home.post("/accounts/{Checking}", json!({"current_balance": format!("{}.50", 1_000 + n)})).await.expect_status(200);
}

/// The same address through a proxy that counts.
fn proxied(url: &str, wire: &Arc<Wire>) -> String {
    let (before, rest) = url.rsplit_once('@').unwrap();
    let (target, path) = rest.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (target, wire) = (target.to_owned(), Arc::clone(wire));
    thread::spawn(move || {
        for server_side in listener.incoming().map_while(Result::ok) {
            let database_side = TcpStream::connect(&target).unwrap();
            let (to_database, to_server) = (database_side.try_clone().unwrap(), server_side.try_clone().unwrap());
            let (sent, answered) = (Arc::clone(&wire), Arc::clone(&wire));
            thread::spawn(move || forward(server_side, to_database, &mut Messages::new(&sent)));
            thread::spawn(move || {
                forward(database_side, to_server, &mut |bytes: &[u8]| {
                    answered.bytes_back.fetch_add(bytes.len() as u64, Ordering::SeqCst);
                })
            });
        }
    });
    format!("{before}@{address}/{path}?sslmode=disable")
}

trait Watch {
    fn see(&mut self, bytes: &[u8]);
}

impl<F: FnMut(&[u8])> Watch for F {
    fn see(&mut self, bytes: &[u8]) {
        self(bytes);
    }
}

/// Passes on what comes, counted before it is passed on: whoever has the answer finds it counted.
fn forward(mut from: TcpStream, mut to: TcpStream, watch: &mut impl Watch) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        watch.see(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Cuts what a server sends into PostgreSQL's messages: a type (which the first one lacks), a length that counts itself, a body.
struct Messages<'a> {
    wire: &'a Wire,
    unread: Vec<u8>,
    started: bool,
}

impl<'a> Messages<'a> {
    fn new(wire: &'a Wire) -> Self {
        Self { wire, unread: Vec::new(), started: false }
    }

    fn take(&mut self) -> Option<u8> {
        let type_length = usize::from(self.started);
        let length = self.unread.get(type_length..type_length + 4)?;
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let message: Vec<u8> = (self.unread.len() >= type_length + length).then(|| self.unread.drain(..type_length + length).collect())?;
        let kind = if self.started { message[0] } else { 0 };
        self.started = true;
        Some(kind)
    }
}

impl Watch for Messages<'_> {
    fn see(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
        while let Some(kind) = self.take() {
            match kind {
                // A bare `Sync` too: that is a pool which tries a connection, and waits for the answer as for any other.
                b'S' | b'Q' | b'H' => {
                    self.wire.trips.fetch_add(1, Ordering::SeqCst);
                }
                _ => {}
            }
        }
    }
}

//! Clients that ask one after the other, as fast as they are answered, for a stated time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::join_all;

use crate::http::Connection;

/// How many clients ask at once, here and in `pgbench`.
pub const CLIENTS: usize = 16;

/// What came of it.
#[derive(Debug, Default)]
pub struct Run {
    /// Answered with success.
    pub operations: u64,
    /// Seconds.
    pub duration: f64,
    /// Of each operation, in milliseconds.
    pub latencies_ms: Vec<f64>,
}

/// Lets the clients ask what `next` writes. An answer other than success ends the measurement: its figures would say nothing.
pub async fn run(address: SocketAddr, duration: Duration, seed: u64, next: impl Fn(&mut Rng, &mut Vec<u8>)) -> Run {
    let connections = join_all((0..CLIENTS).map(|_| Connection::open(address))).await;
    let begun = Instant::now();
    let clients = connections.into_iter().zip(seed..).map(|(connection, seed)| client(connection, begun + duration, seed, &next));
    let latencies_ms: Vec<f64> = join_all(clients).await.into_iter().flatten().collect();
    Run { operations: latencies_ms.len() as u64, duration: begun.elapsed().as_secs_f64(), latencies_ms }
}

async fn client(mut connection: Connection, until: Instant, seed: u64, next: &impl Fn(&mut Rng, &mut Vec<u8>)) -> Vec<f64> {
    let (mut rng, mut request, mut latencies_ms) = (Rng::with_seed(seed), Vec::new(), Vec::new());
    while Instant::now() < until {
        next(&mut rng, &mut request);
        let asked = Instant::now();
        let answer = connection.send(&request).await;
        assert!(answer.status < 300, "answered with {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        latencies_ms.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    latencies_ms
}

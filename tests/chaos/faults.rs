//! What is done to servers and database while clients work, in an order that a seed chooses.
//!
//! Every fault is over when its function returns, but for what it left broken: connections that are gone, caches that are wrong. The history
//! is told from when to when clients may have felt it; an answer outside of those times has no excuse.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use support::{Database, Proxy, Shutdown, TestProjector, TestServer};

use crate::history::{History, Trouble};

/// A lease lasts three seconds.
const LONGER_THAN_A_LEASE: Duration = Duration::from_millis(3_500);

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `kill -9` of a server, which is started again.
    KillServer,
    /// SIGTERM to a server, which is started again.
    StopServer,
    /// PostgreSQL is asked to end its sessions and restart.
    RestartFast,
    /// PostgreSQL is told to restart at once, without a shutdown checkpoint.
    RestartImmediate,
    /// Every process of PostgreSQL is killed.
    KillPostgres,
    /// PostgreSQL ends every session but this one.
    EndSessions,
    /// The network between a server and PostgreSQL is cut.
    CutNetwork,
    /// A server's clock is stepped back by an hour or a day.
    StepClockBack,
    /// `kill -9` of a projector; another one is started.
    KillProjector,
    /// A projector is stopped for longer than its lease lasts, and wakes up when others have its households.
    PauseProjector,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::KillServer,
        Self::StopServer,
        Self::RestartFast,
        Self::RestartImmediate,
        Self::KillPostgres,
        Self::EndSessions,
        Self::CutNetwork,
        Self::StepClockBack,
        Self::KillProjector,
        Self::PauseProjector,
    ];
}

/// Who injects faults, and into what.
pub struct Injector<'a> {
    /// The servers, by the number that the history knows them by.
    pub servers: &'a [TestServer],
    /// The way of each to the database.
    pub ways: &'a [Proxy],
    /// The database, on a PostgreSQL of its own.
    pub database: &'a Database,
    /// Beside those that run inside of the servers.
    pub projectors: Vec<Arc<TestProjector>>,
    /// Who is told.
    pub history: &'a History,
    /// What chooses.
    pub rng: Rng,
}

impl Injector<'_> {
    /// Injects a fault; gives a line that tells of it.
    pub async fn inject(&mut self, fault: Fault) -> String {
        let (from, server) = (self.history.now(), self.rng.usize(0..self.servers.len()));
        let about = match fault {
            Fault::KillServer => {
                self.servers[server].kill9();
                self.pause().await;
                self.servers[server].start_again().await;
                format!("server {server} killed with -9 and started again")
            }
            Fault::StopServer => {
                let status = self.servers[server].stop().await;
                assert!(status.success(), "a server that was asked to end ended with {status}");
                self.pause().await;
                self.servers[server].start_again().await;
                format!("server {server} asked to end and started again")
            }
            Fault::RestartFast => self.restart(Shutdown::Fast).await,
            Fault::RestartImmediate => self.restart(Shutdown::Immediate).await,
            Fault::KillPostgres => self.restart(Shutdown::Kill).await,
            Fault::EndSessions => {
                let all_others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
                format!("{} sessions of PostgreSQL ended", self.database.number(all_others).await)
            }
            Fault::CutNetwork => {
                self.ways[server].cut();
                format!("the network between server {server} and PostgreSQL cut")
            }
            Fault::StepClockBack => {
                let seconds = [3_600, 86_400][self.rng.usize(0..2)];
                self.servers[server].step_clock(-seconds).await;
                format!("the clock of server {server} stepped back by {seconds} s")
            }
            Fault::KillProjector => {
                let projector = self.rng.usize(0..self.projectors.len());
                self.projectors[projector].kill9();
                self.projectors[projector] = Arc::new(TestProjector::start(self.database).await);
                format!("projector {projector} killed with -9, and another one started")
            }
            Fault::PauseProjector => {
                let projector = self.rng.usize(0..self.projectors.len());
                let paused = Arc::clone(&self.projectors[projector]);
                paused.pause();
                tokio::spawn(async move {
                    tokio::time::sleep(LONGER_THAN_A_LEASE).await;
                    paused.wake();
                });
                format!("projector {projector} stopped for {LONGER_THAN_A_LEASE:?}, while the rest goes on")
            }
        };
        let until = self.history.now();
        let process = match fault {
            Fault::KillServer | Fault::StopServer => Some(server),
            Fault::RestartFast | Fault::RestartImmediate | Fault::KillPostgres | Fault::EndSessions | Fault::CutNetwork => None,
            // Nobody may feel these.
            Fault::StepClockBack | Fault::KillProjector | Fault::PauseProjector => return told(from, until, &about),
        };
        self.history.add_trouble(Trouble { process, from, until });
        told(from, until, &about)
    }

    /// A random time, long enough for clients to run into what is broken.
    pub async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.rng.u64(20..300))).await;
    }

    async fn restart(&mut self, shutdown: Shutdown) -> String {
        self.database.halt(shutdown).await;
        self.pause().await;
        self.database.resume().await;
        format!("PostgreSQL restarted ({shutdown:?})")
    }
}

fn told(from: Duration, until: Duration, about: &str) -> String {
    format!("{:>7.3} s … {:>7.3} s  {about}", from.as_secs_f64(), until.as_secs_f64())
}

//! Random clients, random faults, and a checker that explains every answer afterwards.
//!
//! The other tests ask whether a promise holds in a situation that somebody thought of. Here nobody has: clients make up commands and queries
//! as they go (`generator`), several processes answer them while faults are injected (`faults`), and every call is kept with its
//! answer (`history`). Then the streams are read straight from the table and replayed in a plain model (`model`), and each answer has to be explained by
//! it (`checker`): what was acknowledged is there once, what was refused could be refused, what was read stood so at the version
//! that the answer names, and nobody's household ever goes back.
//!
//! That the checker would notice is a test of its own (`planted`): it runs against databases whose schema has been doctored into the bugs that
//! this design is built against, and has to complain of each. Deliberately absent: the program's own fold, its rows, its rules. The model
//! knows little, and what it knows it knows from the events' JSON alone.

mod chaos;
mod checker;
mod client;
mod disk;
mod doubled;
mod explain;
mod faults;
mod generator;
mod history;
mod model;
mod planted;
mod private;
mod stream;
mod timeline;

use std::collections::BTreeSet;

use support::TestServer;

use crate::client::{Crowd, ended};

/// A log line for each of thousands of requests would hide what went wrong.
const QUIET: &[(&str, &str)] = &[("EFFLUENT_LOG", "warn")];
/// As many clients as keep two cores busy without waiting for each other all the time.
const CLIENTS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_to_random_clients_through_three_processes_is_explained() {
    let first = TestServer::start_with(QUIET).await;
    let (second, third) = (first.another().await, first.another().await);
    let crowd = Crowd::new(vec![first.clone(), second, third], 2, seed()).await;
    ended(crowd.work(CLIENTS, 60)).await;
    let report = checker::check(&crowd.history, &crowd.households(), &mut first.database().connect().await).await;
    println!("{report}");
    report.assert_explained();
    // It has seen something of everything.
    let seen: BTreeSet<&str> = report.counts.keys().copied().collect();
    assert_eq!(seen, BTreeSet::from(["acknowledged", "answered again", "projections", "reads", "refused"]), "{report}");
}

/// The seed of `CHAOS_SEED`, else a new one; printed, so that a run can be tried again.
fn seed() -> u64 {
    let seed = std::env::var("CHAOS_SEED").ok().map_or_else(|| fastrand::u64(..), |seed| seed.parse().expect("CHAOS_SEED is a number"));
    println!("CHAOS_SEED={seed}");
    seed
}

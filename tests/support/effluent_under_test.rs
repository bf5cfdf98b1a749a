//! The real `effluent`, with two additions. It ends when its standard input ends, so a server never outlives the tests that started it, also
//! where these were killed. And its clock can be stepped: a line with a number of seconds on its standard input sets it to be off by so
//! much; once it is, a line on standard error says so. Signals reach it directly, since nothing stands in between.

use std::io::{self, BufRead};
use std::process::{ExitCode, exit};
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};

/// By how many seconds the clock is wrong.
static OFF_BY: AtomicI64 = AtomicI64::new(0);

fn main() -> ExitCode {
    api::clock::replace(stepped);
    thread::spawn(|| {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if let Ok(seconds) = line.trim().parse() {
                OFF_BY.store(seconds, Ordering::SeqCst);
                eprintln!("the clock is off by {seconds} s");
            }
        }
        exit(3);
    });
    api::main()
}

fn stepped() -> DateTime<Utc> {
    Utc::now() + TimeDelta::seconds(OFF_BY.load(Ordering::SeqCst))
}

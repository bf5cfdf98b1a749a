//! The real `effluent`, with one addition: it ends when its standard input ends. So a server never outlives the tests that
//! started it, also where these were killed. Signals reach it directly, since nothing stands in between.

use std::io;
use std::process::{ExitCode, exit};
use std::thread;

fn main() -> ExitCode {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        exit(3);
    });
    api::main()
}

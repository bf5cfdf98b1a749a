//! Commands of the program that end by themselves, such as `effluent projections verify`.

use std::process::{Child, Stdio};

use crate::Database;
use crate::database::blocking;
use crate::server::effluent;

/// A command that runs; it ends with this value.
#[derive(Debug)]
pub struct Running(Option<Child>);

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit code; none where it was killed.
    pub code: Option<i32>,
    /// What was asked for.
    pub output: String,
    /// How it went.
    pub log: String,
}

impl Database {
    /// Starts a command of the program on this database.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut command = effluent(arguments, &self.url());
        // The program under test ends with its standard input, so that has to stay open while it works.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Running(Some(child.unwrap_or_else(|error| panic!("{command:?}: {error}"))))
    }

    /// Runs one to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).ended().await
    }
}

impl Running {
    /// Ends it as `kill -9` does.
    pub fn kill9(&mut self) {
        let child = self.0.as_mut().expect("a process");
        child.kill().expect("a process");
        child.wait().expect("a process");
    }

    /// Waits for its end.
    pub async fn ended(mut self) -> Ended {
        let mut child = self.0.take().expect("a process");
        blocking(move || {
            let tie = child.stdin.take();
            let output = child.wait_with_output().expect("its output");
            drop(tie);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            Ended { code: output.status.code(), output: text(&output.stdout), log: text(&output.stderr) }
        })
        .await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

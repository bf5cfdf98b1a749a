//! Processes that project, and what the command line says about them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::Database;
use crate::database::blocking;
use crate::server::{collect, effluent};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running `effluent projector`. It ends when this is dropped.
#[derive(Debug)]
pub struct TestProjector {
    child: Mutex<Child>,
    log: Arc<Mutex<String>>,
}

impl TestProjector {
    /// One more on a database; it projects when this returns.
    pub async fn start(database: &Database) -> Self {
        let url = database.url();
        blocking(move || {
            let mut command = effluent(&["projector"], &url);
            let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
            let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
            let log = collect(child.stderr.take().expect("a pipe"));
            let output = child.stdout.take().expect("a pipe");
            let (sender, begun) = channel();
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if line == "effluent projects" {
                        let _ = sender.send(());
                    }
                }
            });
            if begun.recv_timeout(PATIENCE).is_err() {
                let _ = child.kill();
                panic!("the projector does not begin; it ended with {:?} and said:\n{}", child.wait(), log.lock().unwrap());
            }
            Self { child: Mutex::new(child), log }
        })
        .await
    }

    /// The number of the process: the last part of what `projections status` calls it.
    pub fn id(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// What it has written to its standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends it as `kill -9` does.
    pub fn kill9(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().expect("the projector's process");
        child.wait().expect("the projector's process");
    }

    /// Stops it in the middle of whatever it is doing (SIGSTOP), until [`Self::wake`].
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on (SIGCONT).
    pub fn wake(&self) {
        self.signal("CONT");
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    pub async fn stop(&self) -> ExitStatus {
        self.signal("TERM");
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.lock().unwrap().try_wait().expect("the projector's process") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the projector does not end; it said:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn signal(&self, name: &str) {
        let status = Command::new("/bin/sh").args(["-c", r#"kill -s "$1" "$2""#, "sh", name, &self.id().to_string()]).status();
        assert!(status.expect("a shell").success(), "the projector's process is gone");
    }
}

impl Drop for TestProjector {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
        if thread::panicking() {
            eprintln!("--- what the projector said:\n{}", self.log.lock().map(|log| log.clone()).unwrap_or_default());
        }
    }
}

/// Runs a command of the program on a database; what it printed, and how it ended.
pub async fn run_effluent(database: &Database, arguments: &[&str]) -> Output {
    let (url, arguments): (_, Vec<String>) = (database.url(), arguments.iter().map(|&argument| argument.to_owned()).collect());
    blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = effluent(&arguments, &url);
        // The program under test ends with its standard input, so that has to stay open while it works.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let tie = child.stdin.take();
        let output = child.wait_with_output().expect("its output");
        drop(tie);
        output
    })
    .await
}

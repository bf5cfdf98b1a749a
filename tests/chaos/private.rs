//! The PostgreSQL that `effluent serve` runs for itself where it is given none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Database, TestServer};
use tokio::time::{Duration, Instant, sleep};

use crate::QUIET;

const PATIENCE: Duration = Duration::from_secs(60);

/// The fault: it is killed, as the kernel does when memory runs out, or it gave up on a full disk. Nobody else looks after it: without a process
/// that starts it again, whoever typed `make run` has a server that answers 503 until it is restarted by hand.
#[tokio::test(flavor = "multi_thread")]
async fn a_private_postgres_that_is_killed_comes_back_without_a_restart_of_the_server() {
    let folder = std::env::temp_dir().join(format!("effluent-private-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let settings = [QUIET, &[("DATABASE_URL", ""), ("EFFLUENT_DATA_DIR", folder.to_str().unwrap())]].concat();
    let server = TestServer::start_on(Database::create().await, &settings).await;
    let home = server.household_earning("Acme", "96000.00").await;
    let version = home.version().await;
    let pid_file = find(&folder, "postmaster.pid").expect("a cluster");
    let pid = fs::read_to_string(&pid_file).unwrap().lines().next().unwrap().to_owned();
    assert!(Command::new("/bin/sh").args(["-c", r#"kill -s KILL "$1""#, "sh", &pid]).status().unwrap().success());

    let begun = Instant::now();
    loop {
        let answer = home.get("/households/{household}").await;
        if answer.status() == 200 && fs::read_to_string(&pid_file).is_ok_and(|now| now.lines().next() != Some(&pid)) {
            assert_eq!(answer.version(), version);
            break;
        }
        assert!(answer.status() == 200 || (answer.status() == 503 && answer.header("retry-after").is_some()), "{answer}");
        assert!(begun.elapsed() < PATIENCE, "it does not come back: {answer}");
        sleep(Duration::from_millis(50)).await;
    }
    home.account("Savings", "savings", "1.00").await;
    server.stop().await;
    fs::remove_dir_all(folder).unwrap();
}

/// The first file of a name in or below a folder.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    entries.into_iter().find_map(|path| if path.ends_with(name) { Some(path) } else { find(&path, name) })
}

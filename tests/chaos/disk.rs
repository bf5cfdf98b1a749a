//! A disk that is full: commands are refused until there is room, nothing that was acknowledged is lost, and the same processes go on.
//!
//! The disk is a real one, a few megabytes of memory that are mounted as a file system, so the error is the operating system's own. That takes root (or
//! a machine where this is allowed). Elsewhere the tables' half of it is tried with a trigger that raises the same error, and the
//! output says so; the write-ahead log's half cannot be tried without a disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::{Connection, Executor};
use support::{Database, Shutdown, TestServer};
use tokio::time::{Instant, sleep, timeout};

use crate::chaos::assert_no_drift;
use crate::checker::check;
use crate::client::{Crowd, ended};
use crate::history::{Call, Trouble};
use crate::{CLIENTS, QUIET, seed};

/// What is waited for at most: clients that run into the full disk, processes that have recovered from it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The tables and their indexes lie on the small disk, the log does not: PostgreSQL refuses a statement that needs another page.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disk_without_room_for_the_tables_is_a_503_until_there_is_room() {
    let database = Database::create_on_own_postgres().await;
    let mut owner = database.connect().await;
    let disk = SmallDisk::mount(12);
    if let Some(disk) = &disk {
        let space = disk.path.join("space");
        // PostgreSQL makes the folder itself, so that it is its account's own.
        owner.execute(format!("COPY (SELECT) TO PROGRAM 'mkdir {}'", space.display()).as_str()).await.expect("a folder");
        owner.execute(format!("CREATE TABLESPACE small LOCATION '{}'", space.display()).as_str()).await.expect("a tablespace");
        for what in ["TABLE", "INDEX"] {
            owner.execute(format!("ALTER {what} ALL IN TABLESPACE pg_default SET TABLESPACE small").as_str()).await.expect("to move");
        }
    }
    let full = async || match &disk {
        Some(disk) => disk.fill(),
        None => drop(database.connect().await.execute(NO_ROOM).await.expect("a trigger")),
    };
    let room = async || match &disk {
        Some(disk) => disk.make_room(),
        None => drop(database.connect().await.execute("DROP TRIGGER no_room ON events").await.expect("no trigger")),
    };
    fills(&database, full, room).await;
}

/// The log lies on the small disk: PostgreSQL panics and starts its processes anew, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disk_without_room_for_the_log_is_a_503_until_there_is_room() {
    let Some(disk) = SmallDisk::mount(64) else { return };
    let database = Database::create_on_own_postgres().await;
    let log: String = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut database.connect().await).await.expect("a folder");
    let (log, keep) = (Path::new(&log).join("pg_wal"), Path::new(&log).with_file_name("keep"));
    database.halt(Shutdown::Fast).await;
    let moved = format!("mv {0} {1}/log && ln -s {1}/log {0}", log.display(), disk.path.display());
    assert!(Command::new("/bin/sh").args(["-c", &moved]).status().expect("a shell").success(), "{moved}");
    database.resume().await;
    // Whether it recovers without a new file, or gives up, depends on how full the last one was. Its folder must outlast that.
    File::create(&keep).expect("a file");

    let full = async || {
        disk.fill();
        // The files that are there would last for long: they are passed over, until the next one does not fit.
        let mut owner = database.connect().await;
        while owner.execute("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()").await.is_ok() {}
    };
    let room = async || {
        disk.make_room();
        // It starts its processes anew by itself; where it has given up, whoever runs it starts it.
        let begun = Instant::now();
        while sqlx::PgConnection::connect(&database.url()).await.is_err() {
            if begun.elapsed() > Duration::from_millis(1_500) {
                println!("PostgreSQL has given up: started by hand");
                database.halt(Shutdown::Kill).await;
                database.resume().await;
            }
            sleep(Duration::from_millis(50)).await;
        }
        let _ = fs::remove_file(&keep);
    };
    fills(&database, full, room).await;
}

/// Clients work; the disk fills; it is emptied; clients work.
async fn fills(database: &Database, full: impl AsyncFnOnce(), room: impl AsyncFnOnce()) {
    let first = TestServer::start_on(database.clone(), QUIET).await;
    let servers = vec![first.clone(), first.another().await];
    let crowd = Crowd::new(servers, 2, seed()).await;
    let working = crowd.work(CLIENTS, usize::MAX);
    let history = &crowd.history;
    let acknowledged = |from: Duration, process: usize| {
        history.any(|call| call.started > from && call.process == process && call.ask.action.is_command() && call.succeeded().is_some())
    };
    until("clients are at work", || acknowledged(Duration::ZERO, 0) && acknowledged(Duration::ZERO, 1)).await;

    let from = history.now();
    full().await;
    let refused = |call: &Call| call.started > from && call.answered().is_some_and(|answered| answered.status == 503);
    until("the full disk is felt", || history.any(refused)).await;
    sleep(Duration::from_millis(500)).await;
    room().await;
    let back = history.now();
    history.add_trouble(Trouble { process: None, from, until: back });

    until("both processes have recovered", || acknowledged(back, 0) && acknowledged(back, 1)).await;
    crowd.stop();
    timeout(PATIENCE, ended(working)).await.expect("a client waits for ever");
    let report = check(history, &crowd.households(), &mut database.connect().await).await;
    println!("full from {from:.1?} to {back:.1?}: {report}");
    report.assert_explained();
    assert_no_drift(database).await;
}

async fn until(what: &str, reached: impl Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

const NO_ROOM: &str = "
    CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION no_room();";

/// A file system of a few megabytes. It ends with this value.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Mounts one, where that is allowed.
    fn mount(megabytes: u32) -> Option<Self> {
        let path = std::env::temp_dir().join(format!("effluent-disk-{}-{megabytes}", std::process::id()));
        fs::create_dir(&path).expect("a folder");
        let options = format!("size={megabytes}m,mode=1777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&path).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self { path }),
            other => {
                let _ = fs::remove_dir(&path);
                eprintln!("!!! NO FULL DISK WAS TRIED: none can be mounted here ({other:?}); run this test as root !!!");
                None
            }
        }
    }

    /// Leaves no room.
    fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("a file");
        while ballast.write_all(&[0; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).expect("the file");
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: PostgreSQL, which ends after this, still has files there.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
        let _ = fs::remove_dir(&self.path);
    }
}

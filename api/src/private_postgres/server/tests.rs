//! A real server each: what a person relies on who types `make run` twice, stops it by force, or pulls the plug.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection};

use super::*;

/// A folder of its own per test; what is fetched is shared with the rest of the repository.
fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let unique = format!("effluent-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    std::env::temp_dir().join(unique)
}

fn options() -> Options {
    Options::for_tests(&Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(".data").join("postgresql"))
}

/// Of a server whose data stay when it ends.
fn kept() -> Options {
    Options { temporary: false, ..options() }
}

async fn ask(server: &PrivatePostgres, statement: &'static str) -> String {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap()
}

async fn tell(server: &PrivatePostgres, statement: &'static str) {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn a_fresh_server_answers_and_is_as_durable_as_asked() {
    let server = PrivatePostgres::start_with(&folder("fresh"), &options()).unwrap();
    let said = ask(&server, "SELECT concat_ws(' ', current_database(), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('server_encoding'))").await;
    assert_eq!(said, "effluent off on UTF8");

    let durable = PrivatePostgres::start_with(&folder("durable"), &Options { durable: true, ..options() }).unwrap();
    assert_eq!(ask(&durable, "SELECT current_setting('fsync') || current_setting('full_page_writes')").await, "onon");
}

/// A clone under /root is closed to the account that has to run the server for root: this is the test that a bare machine needs.
#[tokio::test]
async fn a_server_runs_for_a_clone_wherever_that_lies() {
    let shared = options().fetched.unwrap();
    let data_dir = shared.with_file_name(format!("test-{}", std::process::id()));
    fs::create_dir_all(&shared).unwrap();
    fs::create_dir_all(&data_dir).unwrap();
    std::os::unix::fs::symlink(&shared, data_dir.join("postgresql")).unwrap(); // what is fetched is fetched once
    let server = PrivatePostgres::start(&data_dir).unwrap();
    assert_eq!(ask(&server, "SELECT 'alive'").await, "alive");
    assert_eq!(ask(&server, "SELECT current_setting('fsync')").await, "on");
    let directory = server.files.directory.clone();
    server.stop().unwrap();
    fs::remove_dir_all(directory).unwrap();
    fs::remove_dir_all(data_dir).unwrap();
}

#[tokio::test]
async fn data_are_there_after_a_stop_and_a_start() {
    let folder = folder("kept");
    let server = PrivatePostgres::start_with(&folder, &kept()).unwrap();
    tell(&server, "CREATE TABLE kept AS SELECT 'still here' AS word").await;
    server.stop().unwrap();
    let again = PrivatePostgres::start_with(&folder, &options()).unwrap();
    assert!(again.is_owner());
    assert_eq!(ask(&again, "SELECT word FROM kept").await, "still here");
}

#[tokio::test]
async fn a_second_start_uses_the_running_server_and_leaves_it_running() {
    let folder = folder("shared");
    let first = PrivatePostgres::start_with(&folder, &options()).unwrap();
    let second = PrivatePostgres::start_with(&folder, &options()).unwrap();
    assert_eq!((first.is_owner(), second.is_owner(), second.url()), (true, false, first.url()));
    second.stop().unwrap();
    assert_eq!(ask(&first, "SELECT 'alive'").await, "alive");
}

#[test]
fn of_two_that_start_at_once_one_owns_the_server_and_both_can_use_it() {
    let folder = folder("race");
    let start = || PrivatePostgres::start_with(&folder, &options()).unwrap();
    let (one, other) = std::thread::scope(|scope| {
        let handle = scope.spawn(start);
        (start(), handle.join().unwrap())
    });
    assert_eq!((one.is_owner() ^ other.is_owner(), one.url()), (true, other.url()));
}

#[tokio::test]
async fn every_acknowledged_commit_survives_each_way_of_ending() {
    let mut server = PrivatePostgres::start_with(&folder("ends"), &options()).unwrap();
    let url = server.url();
    tell(&server, "CREATE TABLE ends (way text)").await;
    for (way, insert) in [
        (Shutdown::Fast, "INSERT INTO ends VALUES ('fast')"),
        (Shutdown::Immediate, "INSERT INTO ends VALUES ('immediate')"),
        (Shutdown::Kill, "INSERT INTO ends VALUES ('kill')"),
    ] {
        tell(&server, insert).await;
        server.halt(way).unwrap();
        assert!(PgConnection::connect(&url).await.is_err(), "it should have ended");
        server.resume().unwrap();
    }
    assert_eq!(ask(&server, "SELECT string_agg(way, ' ') FROM ends").await, "fast immediate kill");
    assert_eq!(server.url(), url);
}

/// A killed server leaves its `postmaster.pid`. In containers process ids repeat, and PostgreSQL then refuses to start because
/// "another postmaster" runs: this test's own process stands in for the stranger with the same id.
#[tokio::test]
async fn what_a_killed_server_left_does_not_prevent_a_start() {
    let folder = folder("stale");
    let mut server = PrivatePostgres::start_with(&folder, &kept()).unwrap();
    let pid_file = server.files.pid.clone();
    let left = fs::read_to_string(&pid_file).unwrap();
    server.halt(Shutdown::Kill).unwrap();
    let stranger = format!("{}\n{}", std::process::id(), left.split_once('\n').unwrap().1);
    fs::write(&pid_file, stranger).unwrap();
    drop(server);
    let again = PrivatePostgres::start_with(&folder, &options()).unwrap();
    assert_eq!(ask(&again, "SELECT 'alive'").await, "alive");
}

/// The tie: the starter is a process of its own (this very test, told by a variable) and is killed as `kill -9` does.
#[test]
fn a_server_ends_with_its_starter_even_when_that_is_killed() {
    const FOLDER: &str = "EFFLUENT_TEST_STARTER";
    if let Some(folder) = std::env::var_os(FOLDER) {
        let server = PrivatePostgres::start_with(Path::new(&folder), &options()).unwrap();
        fs::write(Path::new(&folder).with_extension("port"), server.port().to_string()).unwrap();
        loop {
            std::thread::park();
        }
    }
    let folder = folder("tied");
    let announced = folder.with_extension("port");
    let mut starter = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "private_postgres::server::tests::a_server_ends_with_its_starter_even_when_that_is_killed"])
        .env(FOLDER, &folder)
        .spawn()
        .unwrap();
    let patience = |what: &str, done: &mut dyn FnMut() -> bool| {
        let begun = Instant::now();
        while !done() {
            assert!(begun.elapsed() < PATIENCE, "{what}");
            sleep(STEP);
        }
    };
    patience("the starter never announced a port", &mut || {
        assert!(starter.try_wait().unwrap().is_none(), "the starter failed");
        fs::read_to_string(&announced).is_ok_and(|port| !port.is_empty())
    });
    let port = fs::read_to_string(&announced).unwrap().parse().unwrap();
    assert!(super::super::folder::accepts_connections(port));
    starter.kill().unwrap();
    starter.wait().unwrap();
    patience("the server outlives its starter", &mut || !super::super::folder::accepts_connections(port));
    patience("a temporary folder outlives its server", &mut || !folder.exists());
    fs::remove_file(announced).unwrap();
}

#[test]
fn data_of_another_major_version_are_refused_and_left_alone() {
    let folder = folder("other-major");
    let cluster = folder.join("data");
    fs::create_dir_all(&cluster).unwrap();
    fs::write(cluster.join("PG_VERSION"), "13\n").unwrap();
    let error = PrivatePostgres::start_with(&folder, &options()).unwrap_err().to_string();
    assert!(error.contains("was written by PostgreSQL 13"), "{error}");
    assert_eq!(error.lines().count(), 1);
    assert!(cluster.join("PG_VERSION").exists());
    fs::remove_dir_all(folder).unwrap();
}

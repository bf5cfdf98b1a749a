//! One PostgreSQL per test process, and a database per test.
//!
//! A database is copied from a template that the program itself has migrated, by `effluent migrate`, once per process: copying
//! takes tens of milliseconds, migrating would take longer for each test and prove nothing new.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use api::private_postgres::{Options, PrivatePostgres, Shutdown};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use crate::server::run_to_end;

const TEMPLATE: &str = "migrated";

/// A database of one test's own, dropped with the last clone of this.
#[derive(Clone, Debug)]
pub struct Database(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    postgres: Arc<Postgres>,
    name: String,
}

/// A PostgreSQL with a migrated template in it.
#[derive(Debug)]
struct Postgres {
    server: Mutex<PrivatePostgres>,
}

impl Database {
    /// A migrated database on the PostgreSQL that the tests of this process share.
    pub async fn create() -> Self {
        // Never dropped: a process that ends closes the tie to its PostgreSQL, which then ends and removes its folder.
        static SHARED: OnceLock<Arc<Postgres>> = OnceLock::new();
        let postgres = blocking(|| Arc::clone(SHARED.get_or_init(Postgres::start))).await;
        Self::create_on(postgres).await
    }

    /// A database with nothing in it, not even the schema, on the PostgreSQL that the tests of this process share.
    pub async fn create_empty() -> Self {
        let migrated = Self::create().await;
        let name = format!("{}_empty", migrated.0.name);
        migrated.0.postgres.tell(&format!("CREATE DATABASE {name}")).await;
        Self(Arc::new(Inner { postgres: Arc::clone(&migrated.0.postgres), name }))
    }

    /// A migrated database on a PostgreSQL of its own, which this test may halt and restart.
    pub async fn create_on_own_postgres() -> Self {
        Self::create_on(blocking(Postgres::start).await).await
    }

    async fn create_on(postgres: Arc<Postgres>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        postgres.tell(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
        Self(Arc::new(Inner { postgres, name }))
    }

    /// Its address, with the password.
    pub fn url(&self) -> String {
        self.0.postgres.server.lock().unwrap().url_of(&self.0.name)
    }

    /// The port of its PostgreSQL on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.0.postgres.server.lock().unwrap().port()
    }

    /// A connection as the owner of everything, to look behind the program's back.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("the test's database")
    }

    /// The number that a query with one row and one `bigint` column answers.
    pub async fn number(&self, query: &str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.connect().await).await.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// Ends the PostgreSQL; only sensible on one of the test's own.
    pub async fn halt(&self, shutdown: Shutdown) {
        let postgres = Arc::clone(&self.0.postgres);
        blocking(move || postgres.server.lock().unwrap().halt(shutdown).expect("PostgreSQL ends")).await;
    }

    /// Starts the PostgreSQL again, on the same port.
    pub async fn resume(&self) {
        let postgres = Arc::clone(&self.0.postgres);
        blocking(move || postgres.server.lock().unwrap().resume().expect("PostgreSQL starts again")).await;
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // In a thread of its own: the runtime of the test is on its way out. That of the process may be, too: then all of it goes.
        let (postgres, name) = (Arc::clone(&self.postgres), self.name.clone());
        thread::spawn(move || on_a_runtime(async move { postgres.try_tell(&format!("DROP DATABASE {name} WITH (FORCE)")).await }));
    }
}

impl Postgres {
    fn start() -> Arc<Self> {
        let options = Options::for_tests(&repository().join(".data/postgresql"));
        let server = PrivatePostgres::start_with(&unique_folder(), &options).unwrap_or_else(|error| panic!("{error}"));
        let template = server.url_of(TEMPLATE);
        let postgres = Self { server: Mutex::new(server) };
        on_a_runtime(postgres.tell(&format!("CREATE DATABASE {TEMPLATE}")));
        run_to_end(&["migrate"], &template);
        Arc::new(postgres)
    }

    async fn tell(&self, statement: &str) {
        self.try_tell(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    async fn try_tell(&self, statement: &str) -> Result<(), sqlx::Error> {
        let url = self.server.lock().unwrap().url();
        let mut connection = PgConnection::connect(&url).await?;
        connection.execute(statement).await?;
        connection.close().await
    }
}

/// The root of the repository: binaries that were fetched once serve all tests and `make run`.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Under the system's temporary folder, which every account can reach.
fn unique_folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    std::env::temp_dir().join(format!("effluent-tests-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Runs what blocks without holding up the test's runtime.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Runs a future where there is no runtime.
fn on_a_runtime<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

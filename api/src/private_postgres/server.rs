//! One private server: created on first use, run, reused, stopped.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Instant;

use super::account::{Account, is_root};
use super::binaries::{Binaries, OLDEST_MAJOR};
use super::fetch::{fetch, say};
use super::folder::{Folder, free_port};
use super::process::{NAME, Process, wait_for_end};
use super::{Doing, PATIENCE, PrivatePostgresError, STEP};

/// Where root keeps what it unpacks. Not in the data folder: the account that runs the server has to reach it without any
/// capability, since PostgreSQL asks `access(2)` about its own programs, and that ignores them.
const FETCHED_BY_ROOT: &str = "/var/lib/effluent/postgresql";

/// How a server is run. The default is one for data that matter.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether commits survive a power cut (`fsync`). Off makes tests several times faster; a crash of the server itself loses
    /// nothing even then, because `synchronous_commit` stays on: the operating system has every acknowledged commit.
    pub durable: bool,
    /// The TCP port on 127.0.0.1; a free one where it is `None`.
    pub port: Option<u16>,
    /// The server's limit on connections.
    pub max_connections: u16,
    /// Whether the folder is removed when the server ends, also where its starter was killed. For tests.
    pub temporary: bool,
    /// Where fetched binaries are kept: beside the server's folder by default, so that more than one server can share them. Root
    /// keeps them in `/var/lib/effluent`, for the whole machine.
    pub fetched: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { durable: true, port: None, max_connections: 100, temporary: false, fetched: None }
    }
}

impl Options {
    /// For tests: fast, many connections, gone afterwards; binaries are shared through `fetched`.
    #[must_use]
    pub fn for_tests(fetched: &Path) -> Self {
        Self { durable: false, port: None, max_connections: 400, temporary: true, fetched: Some(fetched.to_owned()) }
    }
}

/// How a running server is ended, in falling order of courtesy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Sessions end, data are written (SIGINT).
    Fast,
    /// Everything stops at once; the next start recovers (SIGQUIT).
    Immediate,
    /// SIGKILL, as the kernel does when memory runs out.
    Kill,
}

impl Shutdown {
    /// The signal's name, as `kill -s` takes it.
    pub(super) const fn signal(self) -> &'static str {
        match self {
            Self::Fast => "INT",
            Self::Immediate => "QUIT",
            Self::Kill => "KILL",
        }
    }
}

/// A private PostgreSQL that runs. The process that started it owns it: the server ends with this value, and with that process,
/// however it ends. A value for a server that another process owns only knows its address and stops nothing.
#[derive(Debug)]
pub struct PrivatePostgres {
    files: Folder,
    options: Options,
    port: u16,
    password: String,
    /// What is needed to run it; `None` where another process owns the server.
    owned: Option<Process>,
}

impl PrivatePostgres {
    /// Starts the server of a data folder (in `postgres` below it), or finds it running.
    ///
    /// # Errors
    /// One line that says what to do, see [`PrivatePostgresError`].
    pub fn start(data_dir: &Path) -> Result<Self, PrivatePostgresError> {
        let options = Options { fetched: Some(data_dir.join("postgresql")), ..Options::default() };
        match Self::start_with(&data_dir.join("postgres"), &options) {
            Err(PrivatePostgresError::NoAccount { directory, account, .. }) => {
                let elsewhere = elsewhere(&directory);
                say(&format!("{account} cannot reach {}, so the database lies in {}", directory.display(), elsewhere.display()));
                Self::start_with(&elsewhere, &options)
            }
            started => started,
        }
    }

    /// Starts a server whose folder is `directory`, or finds it running.
    ///
    /// # Errors
    /// One line that says what to do, see [`PrivatePostgresError`].
    pub fn start_with(directory: &Path, options: &Options) -> Result<Self, PrivatePostgresError> {
        let files = Folder::create(directory)?;
        let begun = Instant::now();
        loop {
            if let Some(lock) = files.try_lock()? {
                return Self::start_locked(files, options.clone(), lock);
            }
            if let Some(port) = files.port_of_running_server() {
                let password = files.password()?;
                return Ok(Self { files, options: options.clone(), port, password, owned: None });
            }
            if begun.elapsed() > PATIENCE {
                return Err(PrivatePostgresError::Busy { directory: files.directory, waited_s: PATIENCE.as_secs() });
            }
            sleep(STEP);
        }
    }

    /// The lock says that no process of the server is left, and keeps others from starting one.
    fn start_locked(files: Folder, options: Options, lock: File) -> Result<Self, PrivatePostgresError> {
        let fetched = match &options.fetched {
            _ if is_root()? => PathBuf::from(FETCHED_BY_ROOT),
            Some(folder) => folder.clone(),
            None => files.directory.with_file_name("postgresql"),
        };
        let binaries = find_or_fetch(&files.cluster, &fetched)?;
        let account = Account::for_server(&files.directory, &binaries)?;
        account.own(&files.log)?; // where root has just made it in a user's folder
        let owned = Process { binaries, account, watch: None };
        let password = if files.cluster.exists() { files.password()? } else { owned.create_cluster(&files, &options)? };
        let mut server = Self { files, port: 0, password, owned: Some(owned), options };
        server.run(lock)?;
        Ok(server)
    }

    /// The address of the database `effluent`, with the password.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of(NAME)
    }

    /// The address of another database of this server, with the password. The database need not exist yet.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://{NAME}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether this process started the server, and so also ends it.
    #[must_use]
    pub const fn is_owner(&self) -> bool {
        self.owned.is_some()
    }

    /// One of PostgreSQL's programs (`psql`, `pgbench`), where the installation has it.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<Command> {
        let binaries = &self.owned.as_ref()?.binaries;
        let path = Some(binaries.tool(name)).filter(|path| path.is_file())?;
        let mut command = Command::new(path);
        command.envs(binaries.environment());
        Some(command)
    }

    /// Stops the server and waits until it has ended; nothing where another process owns it.
    ///
    /// # Errors
    /// [`PrivatePostgresError::DidNotStop`] after a minute.
    pub fn stop(mut self) -> Result<(), PrivatePostgresError> {
        self.end()
    }

    /// For fault tests: ends the server in the given way, waits for its end, and keeps its data; [`Self::resume`] starts it again.
    ///
    /// # Errors
    /// [`PrivatePostgresError::DidNotStop`] after a minute.
    pub fn halt(&mut self, shutdown: Shutdown) -> Result<(), PrivatePostgresError> {
        let Some(watch) = self.owned.as_mut().and_then(|owned| owned.watch.as_mut()) else { return Ok(()) };
        File::create(&self.files.keep).doing("create", &self.files.keep)?;
        if let Some(tie) = watch.stdin.as_mut() {
            // A tie that is broken belongs to a script that has ended, and so has the server.
            let _ = writeln!(tie, "{}", shutdown.signal());
        }
        wait_for_end(watch)?;
        if let Some(owned) = self.owned.as_mut() {
            owned.watch = None;
        }
        Ok(())
    }

    /// Starts a halted server again, on the same port.
    ///
    /// # Errors
    /// As for [`Self::start_with`]; [`PrivatePostgresError::Busy`] where processes of the halted server are still there after minutes.
    pub fn resume(&mut self) -> Result<(), PrivatePostgresError> {
        if self.owned.as_ref().is_none_or(|owned| owned.watch.is_some()) {
            return Ok(());
        }
        self.options.port = Some(self.port);
        let begun = Instant::now();
        loop {
            if let Some(lock) = self.files.try_lock()? {
                return self.run(lock);
            }
            if begun.elapsed() > PATIENCE {
                return Err(PrivatePostgresError::Busy { directory: self.files.directory.clone(), waited_s: PATIENCE.as_secs() });
            }
            sleep(STEP);
        }
    }

    /// Starts the server again, on the same port, where it has ended without having been asked to here: it was killed, or a full disk was more
    /// than it could recover from. Gives whether that was so.
    ///
    /// # Errors
    /// As for [`Self::resume`]; to be tried again later.
    pub fn revive(&mut self) -> Result<bool, PrivatePostgresError> {
        let Some(owned) = self.owned.as_mut() else { return Ok(false) };
        if let Some(watch) = owned.watch.as_mut() {
            if watch.try_wait().doing("wait for", Path::new("postgres"))?.is_none() {
                return Ok(false);
            }
            owned.watch = None;
        }
        self.resume()?;
        Ok(true)
    }

    /// [`Self::halt`] and [`Self::resume`].
    ///
    /// # Errors
    /// Those of the two.
    pub fn restart(&mut self, shutdown: Shutdown) -> Result<(), PrivatePostgresError> {
        self.halt(shutdown)?;
        self.resume()
    }

    /// Runs the server until it accepts connections. A free port can be taken by somebody else before the server has it: then another.
    fn run(&mut self, lock: File) -> Result<(), PrivatePostgresError> {
        let Some(owned) = self.owned.as_mut() else { return Ok(()) };
        let _ = fs::remove_file(&self.files.keep); // of an earlier halt
        let mut attempts = 0;
        loop {
            attempts += 1;
            self.port = match self.options.port {
                Some(port) => port,
                None => free_port().doing("find a free port on", Path::new("127.0.0.1"))?,
            };
            match owned.run_once(&self.files, &self.options, self.port, &lock) {
                Err(PrivatePostgresError::DidNotStart { reason, .. })
                    if reason.contains("Address already in use") && self.options.port.is_none() && attempts < 5 => {}
                outcome => return outcome,
            }
        }
    }

    /// Closes the tie, upon which the script stops the server, and waits for both.
    fn end(&mut self) -> Result<(), PrivatePostgresError> {
        let Some(owned) = self.owned.as_mut() else { return Ok(()) };
        let Some(mut watch) = owned.watch.take() else {
            if self.options.temporary && self.files.keep.exists() {
                fs::remove_dir_all(&self.files.directory).doing("remove", &self.files.directory)?; // halted: nobody else will
            }
            return Ok(());
        };
        drop(watch.stdin.take());
        wait_for_end(&mut watch)
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            say(&error.to_string());
        }
    }
}

/// The binaries for a cluster: of the major version that wrote it, any where there is none yet.
fn find_or_fetch(cluster: &Path, fetched: &Path) -> Result<Binaries, PrivatePostgresError> {
    let written = fs::read_to_string(cluster.join("PG_VERSION")).ok();
    let major = written.and_then(|text| text.trim().parse().ok());
    if let Some(found) = Binaries::find(fetched, major)? {
        return Ok(found);
    }
    if let Some(needed) = major.filter(|&needed| needed < OLDEST_MAJOR) {
        let reason = format!("and is older than {OLDEST_MAJOR}");
        return Err(PrivatePostgresError::OtherMajor { directory: cluster.to_owned(), needed, reason });
    }
    fetch(fetched, major).map_err(|error| match (error, major) {
        (PrivatePostgresError::NotFound { reason }, Some(needed)) => {
            PrivatePostgresError::OtherMajor { directory: cluster.to_owned(), needed, reason }
        }
        (error, _) => error,
    })
}

/// A place that every account can reach, for a folder that none but root can: named after it, as `root-effluent-.data-postgres`.
fn elsewhere(directory: &Path) -> PathBuf {
    let name: Vec<_> = directory.components().filter_map(|part| part.as_os_str().to_str()).filter(|part| *part != "/").collect();
    Path::new("/var/lib/effluent").join(name.join("-"))
}

#[cfg(test)]
mod tests;

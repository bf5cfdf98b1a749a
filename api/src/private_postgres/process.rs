//! The programs of PostgreSQL at work: creating a cluster, and the server itself, tied to this process.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::account::Account;
use super::binaries::Binaries;
use super::fetch::say;
use super::folder::{Folder, accepts_connections};
use super::server::{Options, Shutdown};
use super::{Doing, PATIENCE, PrivatePostgresError, STEP, last_lines};

/// The script that ties a server to the process that started it.
const WATCH: &str = include_str!("watch.sh");

/// The superuser of the cluster, and the database that it is created with.
pub(super) const NAME: &str = "effluent";

/// How long a fast shutdown may take: it writes what is only in memory, at most a few hundred megabytes.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Process {
    pub(super) binaries: Binaries,
    pub(super) account: Account,
    /// The watching script. Its standard input is the tie: closed, it stops the server.
    pub(super) watch: Option<Child>,
}

impl Process {
    /// Creates the cluster and the database. Under another name first: a half-made cluster of a killed process is never taken for one.
    pub(super) fn create_cluster(&self, files: &Folder, options: &Options) -> Result<String, PrivatePostgresError> {
        let password = random_password()?;
        let mut file =
            File::options().create(true).write(true).truncate(true).mode(0o600).open(&files.password).doing("create", &files.password)?;
        file.write_all(password.as_bytes()).doing("write", &files.password)?;
        self.account.own(&files.password)?; // initdb reads it under that account
        let mut outcome = Ok(());
        for locale in ["C.UTF-8", "C"] {
            // The first is better at letters beyond ASCII, the second exists everywhere.
            let _ = fs::remove_dir_all(&files.new_cluster);
            let mut initdb = self.command("initdb");
            initdb.arg("--pgdata").arg(&files.new_cluster).arg("--pwfile").arg(&files.password);
            initdb.args(["--username", NAME, "--auth=scram-sha-256", "--encoding=UTF8", "--locale", locale]);
            if !options.durable {
                initdb.arg("--no-sync");
            }
            outcome = finish("initdb", initdb.stdin(Stdio::null()), b"");
            if outcome.is_ok() {
                break;
            }
        }
        outcome?;
        // The server in its single-user mode: one statement, no client needed.
        let mut single = self.command("postgres");
        single.arg("--single").arg("-D").arg(&files.new_cluster).args(["-c", "timezone=GMT", "-c", "log_timezone=GMT", "postgres"]);
        finish("postgres --single", single.stdin(Stdio::piped()), format!("CREATE DATABASE {NAME}\n").as_bytes())?;
        fs::rename(&files.new_cluster, &files.cluster).doing("name", &files.cluster)?;
        Ok(password)
    }

    /// Starts the server on one port and waits until it accepts connections or has ended.
    pub(super) fn run_once(&mut self, files: &Folder, options: &Options, port: u16, lock: &File) -> Result<(), PrivatePostgresError> {
        // The lock has proved it stale; left there, it would stop a start whose process id happens to be in use by something else.
        let _ = fs::remove_file(&files.pid);
        let log_start = lock.metadata().doing("look at", &files.log)?.len();
        let (end, remove) = if options.temporary { (Shutdown::Immediate, Some(&files.directory)) } else { (Shutdown::Fast, None) };
        let mut shell = self.account.command(Path::new("/bin/sh"));
        shell.args(["-c", WATCH, "effluent-postgres", end.signal()]);
        shell.arg(remove.map(|folder| folder.as_os_str()).unwrap_or_default());
        shell.arg(self.binaries.tool("postgres")).arg("-D").arg(&files.cluster).args(settings(options, port));
        self.prepare(&mut shell);
        // A group of its own: Ctrl-C in the terminal is for the starter, which still has commands to finish.
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null());
        shell.stderr(lock.try_clone().doing("pass on", &files.log)?);
        let mut watch = shell.spawn().doing("run", Path::new("/bin/sh"))?;

        let begun = Instant::now();
        let mut said = false;
        while !(files.server_is_ready() && accepts_connections(port)) {
            if watch.try_wait().doing("wait for", Path::new("postgres"))?.is_some() {
                let log = fs::read(&files.log).unwrap_or_default();
                let new = log.get(usize::try_from(log_start).unwrap_or_default()..).unwrap_or_default();
                let reason = last_lines(&String::from_utf8_lossy(new), 4);
                return Err(PrivatePostgresError::DidNotStart { reason, log: files.log.clone() });
            }
            if begun.elapsed() > PATIENCE {
                let reason = format!("it was not ready within {} s", PATIENCE.as_secs());
                return Err(PrivatePostgresError::DidNotStart { reason, log: files.log.clone() });
            }
            if begun.elapsed() > Duration::from_secs(5) && !said {
                say("PostgreSQL is still starting (after a crash it first replays its log)");
                said = true;
            }
            sleep(STEP);
        }
        self.watch = Some(watch);
        Ok(())
    }

    /// A program of PostgreSQL's, under the account that runs them all.
    fn command(&self, name: &str) -> Command {
        let mut command = self.account.command(&self.binaries.tool(name));
        self.prepare(&mut command);
        command
    }

    /// A plain environment: `PGDATA`, `PGOPTIONS`, a locale or a time zone of the user's would change what the programs do or say.
    fn prepare(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("LC_ALL", "C").envs(self.binaries.environment()).current_dir("/");
    }
}

/// The server's settings, as arguments: the files of the cluster stay as initdb made them, so that a newer program can choose anew.
fn settings(options: &Options, port: u16) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={}", options.max_connections),
        "logging_collector=off".to_owned(),
        "log_destination=stderr".to_owned(),
        // The only zone that is built in: the server also starts where the zone data are missing.
        "timezone=GMT".to_owned(),
        "log_timezone=GMT".to_owned(),
        // Compiling a query takes longer than any of ours run, and its compiler is not among what `fetch` unpacks.
        "jit=off".to_owned(),
    ];
    if !options.durable {
        settings.extend(["fsync=off".to_owned(), "full_page_writes=off".to_owned()]);
    }
    settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
}

/// 128 random bits in hexadecimal, which no address needs to escape.
fn random_password() -> Result<String, PrivatePostgresError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other).doing("read", Path::new("the system's random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Runs a program to its end, with `input` where its standard input is a pipe.
fn finish(program: &'static str, command: &mut Command, input: &[u8]) -> Result<(), PrivatePostgresError> {
    let path = Path::new(program);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().doing("run", path)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input).doing("write to", path)?;
    }
    let output = child.wait_with_output().doing("wait for", path)?;
    if output.status.success() {
        return Ok(());
    }
    let output = last_lines(&String::from_utf8_lossy(&output.stderr), 4);
    Err(PrivatePostgresError::Program { program, output })
}

/// Waits for the watching script, and so for the server.
pub(super) fn wait_for_end(watch: &mut Child) -> Result<(), PrivatePostgresError> {
    let begun = Instant::now();
    while watch.try_wait().doing("wait for", Path::new("postgres"))?.is_none() {
        if begun.elapsed() > STOP_PATIENCE {
            return Err(PrivatePostgresError::DidNotStop { waited_s: STOP_PATIENCE.as_secs() });
        }
        sleep(STEP);
    }
    Ok(())
}

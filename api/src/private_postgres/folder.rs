//! The folder of one server: its files, and the lock that says whether the server runs.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::{Doing, PrivatePostgresError, STEP};

/// A log longer than this is begun anew at the next start.
const LOG_LIMIT_BYTES: u64 = 8 << 20;

/// The files of one server.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) directory: PathBuf,
    pub(super) cluster: PathBuf,
    pub(super) new_cluster: PathBuf,
    pub(super) pid: PathBuf,
    pub(super) password: PathBuf,
    pub(super) log: PathBuf,
    /// There while a temporary server is halted, see `watch.sh`.
    pub(super) keep: PathBuf,
}

impl Folder {
    pub(super) fn create(directory: &Path) -> Result<Self, PrivatePostgresError> {
        if let Some(parent) = directory.parent() {
            fs::create_dir_all(parent).doing("create", parent)?; // as open as the user's other folders, so that others can walk in
        }
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error).doing("create", directory),
            _ => {}
        }
        let directory = fs::canonicalize(directory).doing("find", directory)?;
        if fs::metadata(&directory).doing("look at", &directory)?.mode() & 0o077 != 0 {
            fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).doing("close to others", &directory)?;
        }
        let cluster = directory.join("data");
        let (new_cluster, pid) = (directory.join("data.part"), cluster.join("postmaster.pid"));
        let (password, log) = (directory.join("password"), directory.join("server.log"));
        let keep = directory.join("keep");
        Ok(Self { directory, cluster, new_cluster, pid, password, log, keep })
    }

    /// The log, locked; `None` while a process holds it: one that starts the server, or the server itself.
    pub(super) fn try_lock(&self) -> Result<Option<File>, PrivatePostgresError> {
        let log = File::options().create(true).append(true).mode(0o600).open(&self.log).doing("open", &self.log)?;
        match log.try_lock() {
            Ok(()) => {
                if log.metadata().is_ok_and(|known| known.len() > LOG_LIMIT_BYTES) {
                    log.set_len(0).doing("shorten", &self.log)?;
                }
                Ok(Some(log))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(source).doing("lock", &self.log),
        }
    }

    pub(super) fn password(&self) -> Result<String, PrivatePostgresError> {
        fs::read_to_string(&self.password).doing("read", &self.password)
    }

    /// The port and the status in `postmaster.pid`: its lines 4 and 8.
    fn postmaster(&self) -> Option<(u16, String)> {
        let text = fs::read_to_string(&self.pid).ok()?;
        let mut lines = text.lines();
        let port = lines.nth(3)?.trim().parse().ok()?;
        Some((port, lines.nth(3)?.trim().to_owned()))
    }

    pub(super) fn server_is_ready(&self) -> bool {
        self.postmaster().is_some_and(|(_, status)| status == "ready")
    }

    /// For whoever did not get the lock: the port of the server that holds it, once it accepts connections. Read twice, because
    /// a starter that has just locked has not yet removed what a killed server left.
    pub(super) fn port_of_running_server(&self) -> Option<u16> {
        let known = self.postmaster().filter(|(port, status)| status == "ready" && accepts_connections(*port))?;
        sleep(STEP);
        (self.postmaster()? == known).then_some(known.0)
    }
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

pub(super) fn accepts_connections(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), Duration::from_secs(1)).is_ok()
}

//! Who runs the server.
//!
//! PostgreSQL refuses root, so root hands it to the account `postgres` of the installed package, else to `nobody`. Such an account
//! often cannot even walk to the data: a clone under /root (mode 0700) is closed to it. Then the server keeps exactly one
//! capability, the one that lets it walk there, and nothing else of root's (`setpriv` of util-linux does that; a container
//! without the milder one usually has the stronger). Each way is tried for real before it is chosen.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::binaries::Binaries;
use super::{Doing, PrivatePostgresError};

/// Capabilities that let an account walk through folders closed to it, the milder first.
const WALK: [&str; 2] = ["dac_read_search", "dac_override"];

/// The account that PostgreSQL's programs run under.
#[derive(Clone, Debug)]
pub(super) enum Account {
    /// That of this process.
    Mine,
    /// Another one, since this process is root's.
    Other {
        uid: u32,
        gid: u32,
        /// A capability that the programs keep.
        keeps: Option<&'static str>,
    },
}

impl Account {
    /// The account for a server in `directory`, which exists and becomes that account's own.
    ///
    /// # Errors
    /// [`PrivatePostgresError::NoAccount`] where no account can reach the folder and the binaries.
    pub(super) fn for_server(directory: &Path, binaries: &Binaries) -> Result<Self, PrivatePostgresError> {
        if !is_root()? {
            return Ok(Self::Mine);
        }
        // The data stay with whom they belong to: a user's folder stays the user's when root starts the server once.
        let owner = fs::metadata(directory).doing("look at", directory)?;
        let (name, uid, gid) = match owner.uid() {
            0 => account_of_this_machine(),
            uid => (uid.to_string(), uid, owner.gid()),
        };
        if owner.uid() == 0 {
            own_everything(directory, uid, gid).doing("hand over", directory)?;
        }
        let mut reason = String::new();
        for keeps in [None].into_iter().chain(WALK.map(Some)) {
            let account = Self::Other { uid, gid, keeps };
            match account.reaches(directory, binaries) {
                Ok(()) => return Ok(account),
                Err(error) => reason = error,
            }
        }
        Err(PrivatePostgresError::NoAccount { account: name, directory: directory.to_owned(), reason })
    }

    /// A command under this account.
    pub(super) fn command(&self, program: &Path) -> Command {
        match *self {
            Self::Mine => Command::new(program),
            Self::Other { uid, gid, keeps: None } => {
                let mut command = Command::new(program);
                command.uid(uid).gid(gid); // the standard library drops root's other groups with these
                command
            }
            Self::Other { uid, gid, keeps: Some(capability) } => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups");
                command.arg(format!("--inh-caps=-all,+{capability}")).arg(format!("--ambient-caps=-all,+{capability}"));
                command.arg("--").arg(program);
                command
            }
        }
    }

    /// Makes `path` this account's own.
    pub(super) fn own(&self, path: &Path) -> Result<(), PrivatePostgresError> {
        match *self {
            Self::Mine => Ok(()),
            Self::Other { uid, gid, .. } => chown(path, Some(uid), Some(gid)).doing("hand over", path),
        }
    }

    /// Whether this account can work in `directory` and run the binaries: by doing both. A program of PostgreSQL's that cannot
    /// find itself complains and goes on, so its complaint counts.
    fn reaches(&self, directory: &Path, binaries: &Binaries) -> Result<(), String> {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", r#"cd "$1" && test -w "$1" && "$2" --version"#, "sh"]).arg(directory).arg(binaries.tool("initdb"));
        command.env("LC_ALL", "C").envs(binaries.environment()).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
        let output = command.output().map_err(|error| error.to_string())?;
        let complaint = super::last_lines(&String::from_utf8_lossy(&output.stderr), 1);
        if output.status.success() && complaint.is_empty() { Ok(()) } else { Err(complaint) }
    }
}

/// Whether this process is root's: asked of `id`, since the standard library does not say.
pub(super) fn is_root() -> Result<bool, PrivatePostgresError> {
    let output = Command::new("id").arg("-u").stdin(Stdio::null()).output().doing("run", Path::new("id"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim() == "0")
}

/// `postgres` where a package has made that account, else `nobody`: name, user and group.
fn account_of_this_machine() -> (String, u32, u32) {
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = |wanted: &str| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let (name, _password, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            (name == wanted).then_some(())?;
            Some((name.to_owned(), uid.parse().ok()?, gid.parse().ok()?))
        })
    };
    named("postgres").or_else(|| named("nobody")).unwrap_or_else(|| ("65534".to_owned(), 65_534, 65_534))
}

/// Hands a folder and all that is in it to an account, the folder itself last: its owner then says that all of it is handed over.
/// Links are not followed.
fn own_everything(path: &Path, uid: u32, gid: u32) -> io::Result<()> {
    let known = fs::symlink_metadata(path)?;
    if known.is_dir() {
        for entry in fs::read_dir(path)? {
            own_everything(&entry?.path(), uid, gid)?;
        }
    }
    lchown(path, Some(uid), Some(gid))
}

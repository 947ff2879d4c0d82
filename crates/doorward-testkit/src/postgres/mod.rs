//! A real PostgreSQL for tests: a [`Cluster`] of its own in a temporary directory, on a Unix socket and a port of
//! 127.0.0.1 that was free. No service of the system is touched.
//!
//! A cluster that is started costs a second or two, so tests that do it no harm share one: [`Cluster::of_this_process`]
//! and a [`Database`] each. A test that stops, kills or pauses its cluster starts one for itself. A guardian, a process
//! beside the test's, stops the cluster and removes its directory when the test's is gone: on drop, at the end, after a
//! panic, and after `kill -9`.
//!
//! Linux only: a process's children are read from `/proc`.

#![expect(clippy::expect_used, clippy::panic, reason = "tests stand on it, and fail by panicking")]

mod bouncer;
mod database;
mod disk;
mod guardian;
mod programs;
mod session;
mod settings;

use std::{
    collections::BTreeMap,
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::{self, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

pub use bouncer::Bouncer;
pub use database::Database;
pub use disk::Disk;
pub use session::Session;
pub use settings::Settings;

use crate::log::Log;
use guardian::Guardian;
use programs::Programs;
use rustix::process::{Pid, Signal, kill_process};

/// The superuser of every cluster.
const USER: &str = "doorward";
/// How often a port is tried that was free a moment ago, and is taken. Each try lasts as long as a start.
const PORT_TRIES: u32 = 100;

/// A server with data of its own. What it says to whom asks while it is stopped is what a database that is down says:
/// nothing. Threads may share it; of its faults one happens at a time.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    programs: Programs,
    password: Option<String>,
    port: u16,
    parameters: Mutex<BTreeMap<String, String>>,
    running: Mutex<Option<Running>>,
    databases: AtomicU64,
    guardian: Option<Guardian>,
}

/// The server's processes.
#[derive(Debug)]
struct Running {
    postmaster: Child,
    log: Log,
}

impl Cluster {
    /// Starts a cluster with the settings that tests want: see [`Settings`].
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Settings::new().start()
    }

    /// The cluster that the tests of this process share, started by whoever asks first. It ends with the process. Nobody
    /// stops or pauses it: others are at work.
    ///
    /// # Panics
    /// As [`Cluster::start`].
    pub fn of_this_process() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Settings::new().with("max_connections", "300").start())
    }

    fn with(settings: Settings) -> Self {
        let directory = tempfile::Builder::new().prefix("doorward-postgres-").tempdir();
        let directory = directory.expect("a temporary directory can be made").keep();
        let guardian = Guardian::of(&directory);
        let programs = Programs::find();
        if let Some(account) = programs.account() {
            let (user, group) = (Some(account.user), Some(account.group));
            unix::fs::chown(&directory, user, group).expect("root can give a directory away");
        }
        let Settings { parameters, files, password } = settings;
        let mut cluster = Self {
            directory,
            programs,
            password,
            port: 0,
            parameters: Mutex::new(parameters),
            running: Mutex::new(None),
            databases: AtomicU64::new(0),
            guardian: Some(guardian),
        };
        cluster.initialize();
        for (name, contents) in &files {
            cluster.write(&cluster.data().join(name), contents);
        }
        cluster.start_on_a_free_port();
        cluster
    }

    fn initialize(&self) {
        let mut initdb = self.programs.command("initdb");
        initdb.current_dir(&self.directory).arg("--pgdata").arg(self.data());
        initdb.args(["--no-sync", "--no-locale", "--encoding=UTF8", "--username", USER]);
        if let Some(password) = &self.password {
            let file = self.directory.join("password");
            self.write(&file, password.as_bytes());
            initdb.arg("--auth=scram-sha-256").arg("--pwfile").arg(file);
        } else {
            initdb.arg("--auth=trust");
        }
        let done = initdb.stdin(Stdio::null()).output().expect("initdb can be run");
        assert!(done.status.success(), "initdb failed: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Writes a file that only the server may read, as it demands of private keys.
    fn write(&self, path: &Path, contents: &[u8]) {
        use std::{io::Write, os::unix::fs::OpenOptionsExt};
        let opened = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
        let mut file = opened.expect("the cluster's directory can be written to");
        file.write_all(contents).expect("the cluster's directory can be written to");
        if let Some(account) = self.programs.account() {
            unix::fs::fchown(&file, Some(account.user), Some(account.group))
                .expect("root can give a file away");
        }
    }

    fn start_on_a_free_port(&mut self) {
        for _ in 0..PORT_TRIES {
            self.port = free_port().expect("there is a free port");
            match self.try_to_start() {
                Ok(running) => return *self.running() = Some(running),
                Err(log) => assert!(port_is_taken(&log), "PostgreSQL did not start: {log}"),
            }
        }
        panic!("no port stayed free");
    }

    /// Starts it again after [`Cluster::stop`] or [`Cluster::kill`], on the same port, with the parameters that are set
    /// by now. It accepts connections when this returns.
    ///
    /// # Panics
    /// When it runs, or does not start.
    pub fn start_again(&self) {
        let mut running = self.running();
        assert!(running.is_none(), "the cluster runs");
        for _ in 0..PORT_TRIES {
            match self.try_to_start() {
                Ok(started) => return *running = Some(started),
                // A client of somebody's may have been given the port; it will not keep it.
                Err(log) => assert!(port_is_taken(&log), "PostgreSQL did not start again: {log}"),
            }
        }
        panic!("port {} did not become free again", self.port);
    }

    /// # Errors
    /// What the server said instead of accepting connections.
    fn try_to_start(&self) -> Result<Running, String> {
        let mut postgres = self.programs.command("postgres");
        postgres.current_dir(&self.directory).arg("-D").arg(self.data());
        for (name, value) in self.parameters.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            postgres.arg("-c").arg(format!("{name}={value}"));
        }
        postgres.arg("-c").arg(format!("port={}", self.port));
        postgres.arg("-c").arg(format!("unix_socket_directories={}", self.directory.display()));
        // Not of our process group: Ctrl-C at a terminal is the guardian's to answer.
        let spawned = postgres
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut postmaster = spawned.expect("postgres can be run");
        let log = Log::read(postmaster.stderr.take().expect("its standard error is a pipe"));
        if log.wait_for(0, |line| line.contains("database system is ready to accept connections")).is_some() {
            return Ok(Running { postmaster, log });
        }
        let said = log.text();
        // It has ended, or will not answer any more; either way it is not to be there when it is tried again.
        let _ = postmaster.kill();
        let _ = postmaster.wait();
        log.ended();
        Err(said)
    }

    /// Sets a parameter of `postgresql.conf`, in force from the next start.
    pub fn set(&self, parameter: &str, value: &str) {
        let mut parameters = self.parameters.lock().unwrap_or_else(PoisonError::into_inner);
        parameters.insert(parameter.to_owned(), value.to_owned());
    }

    /// Stops it as an operator does ("fast"): connections are ended, everything is written out. All of its processes are
    /// gone when this returns.
    ///
    /// # Panics
    /// When it does not run.
    pub fn stop(&self) {
        self.end(|postmaster, _| vec![(postmaster, Signal::INT)]);
    }

    /// Ends all of its processes without warning, as when the machine of the database is gone: `kill -9`.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        self.end(|postmaster, children| {
            let all = children.into_iter().chain([postmaster]);
            all.map(|process| (process, Signal::KILL)).collect()
        });
    }

    /// [`Cluster::stop`] and [`Cluster::start_again`].
    ///
    /// # Panics
    /// As they do.
    pub fn restart(&self) {
        self.stop();
        self.start_again();
    }

    /// Ends it by signals to the postmaster and its children, which stand still meanwhile if they are to be counted.
    fn end(&self, signals: impl FnOnce(Pid, Vec<Pid>) -> Vec<(Pid, Signal)>) {
        let Running { mut postmaster, log } = self.running().take().expect("the cluster runs");
        let pid = Pid::from_child(&postmaster);
        let signals = signals(pid, freeze(pid));
        for (process, signal) in signals {
            // A child may have ended of its own accord.
            let _ = kill_process(process, signal);
        }
        thaw(pid);
        postmaster.wait().expect("the postmaster is our child");
        log.ended();
    }

    /// Lets all of its processes stand still (SIGSTOP): connections stay open and nothing is answered, until
    /// [`Cluster::resume`].
    ///
    /// # Panics
    /// When it does not run.
    pub fn pause(&self) {
        freeze(self.postmaster());
    }

    /// Lets it go on after [`Cluster::pause`].
    ///
    /// # Panics
    /// When it does not run.
    pub fn resume(&self) {
        thaw(self.postmaster());
    }

    fn postmaster(&self) -> Pid {
        Pid::from_child(&self.running().as_ref().expect("the cluster runs").postmaster)
    }

    /// A new empty database, which is dropped with what is returned. Costs a twentieth of a second.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn fresh_database(&self) -> Database<'_> {
        Database::make(self, self.next_name(), "template0")
    }

    fn next_name(&self) -> String {
        format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed))
    }

    /// What it logged since its latest start.
    #[must_use]
    pub fn log(&self) -> String {
        self.running().as_ref().map_or_else(String::new, |running| running.log.text())
    }

    /// Where it listens, and what a [`Link`](crate::proxy::Link) leads to.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// The directory of its Unix socket.
    pub fn socket_directory(&self) -> &Path {
        &self.directory
    }

    /// Its superuser.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// Its superuser's password; none where everybody is trusted.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let guardian = self.guardian.take().map(Guardian::call);
        if let Some(Running { mut postmaster, log }) = self.running().take() {
            // Whoever is not waited for is still there.
            let _ = postmaster.wait();
            log.ended();
        }
        if let Some(mut guardian) = guardian {
            let _ = guardian.wait();
        }
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn port_is_taken(log: &str) -> bool {
    log.contains("Address already in use")
}

/// Stops a postmaster, and then its children, of which there are no more from then on. Gives the children.
fn freeze(postmaster: Pid) -> Vec<Pid> {
    let stop = |process: Pid| {
        if kill_process(process, Signal::STOP).is_ok() {
            while !stands_still(process) {
                std::thread::yield_now();
            }
        }
    };
    stop(postmaster);
    let children = children(postmaster);
    children.iter().copied().for_each(stop);
    children
}

/// Lets the children go on, and then the postmaster.
fn thaw(postmaster: Pid) {
    for process in children(postmaster).into_iter().chain([postmaster]) {
        let _ = kill_process(process, Signal::CONT);
    }
}

fn children(process: Pid) -> Vec<Pid> {
    let list = format!("/proc/{0}/task/{0}/children", process.as_raw_pid());
    let list = fs::read_to_string(list).unwrap_or_default();
    list.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}

/// Whether a process is stopped, or gone.
fn stands_still(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_pid())).unwrap_or_default();
    // The name, in parentheses, may hold anything.
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_none_or(|state| matches!(state, 'T' | 't' | 'Z' | 'X'))
}

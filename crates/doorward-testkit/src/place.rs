//! The real binary, in a directory of its own. For tests of the crate that makes it, which cargo tells where it is.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests stand on it, and fail by panicking"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value as Json;

use crate::log::Log;

/// How long a command may take, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Hashing that tests can afford.
const CHEAP: [(&str, &str); 2] =
    [("DOORWARD_PASSWORD__ARGON2__MEMORY_KIB", "64"), ("DOORWARD_PASSWORD__ARGON2__ITERATIONS", "1")];

/// What cargo tells the tests of the crate whose binary it is.
const BINARY: &str = "CARGO_BIN_EXE_doorward";

/// A working directory, and what is run in it.
#[derive(Debug)]
pub struct Place {
    directory: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Place {
    /// An empty one, where hashing a password costs little.
    ///
    /// # Panics
    /// When there is no temporary directory to be had.
    #[must_use]
    pub fn new() -> Self {
        let environment = CHEAP.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { directory: tempfile::tempdir().unwrap(), environment }
    }

    /// With one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The path of a file in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Puts a file there.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // The most careless umask there is: what the server makes must be private all the same. A file that may not
        // grow is to fail as on a full disk, and not to end the process by a signal.
        let script = "umask 000; trap '' XFSZ; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        let binary =
            std::env::var_os(BINARY).unwrap_or_else(|| panic!("cargo sets {BINARY} when it runs a test"));
        command.args(["-c", script]).arg(binary).args(arguments);
        command.current_dir(self.directory.path());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command with `input` on its standard input. One that does not end, such as a server that should have refused to start,
    /// is killed, so that its test fails instead of standing still.
    ///
    /// # Panics
    /// When it cannot be run, or writes what is no text.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Done {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read its input is gone before it is written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let pid = Pid::from_child(&child);
        let (ended, end) = mpsc::channel::<()>();
        let watch = thread::spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        let output = child.wait_with_output().unwrap();
        drop(ended);
        watch.join().unwrap();
        Done::new(arguments, output)
    }

    /// Runs a command with nothing on its standard input.
    ///
    /// # Panics
    /// As [`Place::run_with_input`].
    pub fn run(&self, arguments: &[&str]) -> Done {
        self.run_with_input(arguments, "")
    }

    /// Runs a command that succeeds, and reads its JSON.
    ///
    /// # Panics
    /// When it does not succeed.
    pub fn json(&self, arguments: &[&str]) -> Json {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        self.run(&arguments).succeeded().json()
    }

    /// Starts a server on a free port.
    ///
    /// # Panics
    /// When it does not start to listen.
    #[must_use]
    pub fn serve(&self, arguments: &[&str]) -> Server {
        let mut server = self.starting(arguments);
        server.listens();
        server
    }

    /// Starts a server without waiting until it listens: its address is not known before [`Server::listens`].
    ///
    /// # Panics
    /// When there is no process to be had.
    #[must_use]
    pub fn starting(&self, arguments: &[&str]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = self
            .command(&all)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Log::read(child.stderr.take().unwrap());
        let output = BufReader::new(child.stdout.take().unwrap());
        Server { child, log, read: 0, output, address: String::new() }
    }
}

/// A command that ended.
#[derive(Debug)]
pub struct Done {
    command: String,
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
}

impl Done {
    fn new(arguments: &[&str], output: Output) -> Self {
        Self {
            command: arguments.join(" "),
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with 0.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{}: {}", self.command, self.stderr);
        self
    }

    /// It ended with `code`, and one message that holds each of `parts`.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn failed(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}: {}", self.command, self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "{}: {:?} lacks {part:?}", self.command, self.stderr);
        }
        self
    }

    /// What it wrote to its standard output, which is JSON.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.command, self.stdout))
    }
}

/// A server that runs; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: Log,
    /// How many lines of the log were looked at.
    read: usize,
    output: BufReader<ChildStdout>,
    /// Where it listens.
    pub address: String,
}

impl Server {
    /// Waits until it listens; its address is known from then on.
    ///
    /// # Panics
    /// When it does not start to listen.
    pub fn listens(&mut self) {
        self.address = self.wait_for("server.listening")["address"].as_str().unwrap().to_owned();
    }

    /// Reads the log on until this event.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn wait_for(&mut self, event: &str) -> Json {
        let parse = |line: &str| -> Json {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        let Some((read, line)) = self.log.wait_for(self.read, |line| parse(line)["event"] == event) else {
            panic!("the log ended without {event}: {}", self.log.text())
        };
        self.read = read;
        parse(&line)
    }

    /// Reads standard output until a line that holds `part`.
    ///
    /// # Panics
    /// When none comes.
    #[track_caller]
    pub fn printed(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "standard output ended without {part}");
            if line.contains(part) {
                return line.trim().to_owned();
            }
        }
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Lets it write no file beyond so many bytes, as on a full disk; none is no limit any more.
    ///
    /// # Panics
    /// When it is gone.
    pub fn limit_file_size(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).unwrap();
    }

    /// Waits for its end; gives the exit code, and what it had printed.
    ///
    /// # Panics
    /// When it printed what is no text.
    #[must_use]
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }

    /// Stops it as an operator does; gives all that it has logged.
    ///
    /// # Panics
    /// When it does not end well.
    #[track_caller]
    #[must_use]
    pub fn stop_and_read_log(self) -> String {
        self.signal(Signal::TERM);
        let log = self.log.ended();
        assert_eq!(self.end().0, Some(0));
        log
    }

    /// Stops it as an operator does.
    ///
    /// # Panics
    /// When it does not end well.
    #[track_caller]
    pub fn stop(self) {
        self.signal(Signal::TERM);
        assert_eq!(self.end().0, Some(0));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The permission bits of a file.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).unwrap().mode() & 0o777
}

/// One request on a connection of its own; gives the whole answer. `headers` end with a line end each.
///
/// # Panics
/// When there is no answer.
pub fn request(address: &str, method: &str, path: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// [`request`] with GET.
///
/// # Panics
/// As [`request`].
#[must_use]
pub fn get(address: &str, path: &str) -> String {
    request(address, "GET", path, "", "")
}

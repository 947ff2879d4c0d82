//! The real binary, in a directory of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::Value as Json;

/// How long a command may take, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Hashing that tests can afford.
const CHEAP: [(&str, &str); 2] =
    [("DOORWARD_PASSWORD__ARGON2__MEMORY_KIB", "64"), ("DOORWARD_PASSWORD__ARGON2__ITERATIONS", "1")];

/// A working directory, and what is run in it.
pub(crate) struct Place {
    directory: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let environment = CHEAP.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { directory: tempfile::tempdir().unwrap(), environment }
    }

    /// With one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // The most careless umask there is: what the server makes must be private all the same. A file that may not
        // grow is to fail as on a full disk, and not to end the process by a signal.
        let script = "umask 000; trap '' XFSZ; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_doorward")]).args(arguments);
        command.current_dir(self.directory.path());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command with `input` on its standard input. One that does not end, such as a server that should have refused to start,
    /// is killed, so that its test fails instead of standing still.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Done {
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

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        self.run_with_input(arguments, "")
    }

    /// Runs a command that succeeds, and reads its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Json {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        self.run(&arguments).succeeded().json()
    }

    /// Starts a server on a free port.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        let mut server = self.starting(arguments);
        server.address = server.wait_for("server.listening")["address"].as_str().unwrap().to_owned();
        server
    }

    /// Starts a server without waiting until it listens: its address is not known.
    pub(crate) fn starting(&self, arguments: &[&str]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = self
            .command(&all)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let output = BufReader::new(child.stdout.take().unwrap());
        Server { child, log, read: String::new(), output, address: String::new() }
    }
}

/// A command that ended.
pub(crate) struct Done {
    command: String,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
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

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{}: {}", self.command, self.stderr);
        self
    }

    /// It ended with `code`, and one message that holds each of `parts`.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}: {}", self.command, self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "{}: {:?} lacks {part:?}", self.command, self.stderr);
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.command, self.stdout))
    }
}

/// A server that runs; killed when dropped.
pub(crate) struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    /// What was read of the log.
    read: String,
    output: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Server {
    /// Reads the log until this event.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, event: &str) -> Json {
        let seen = self.read.len();
        loop {
            let mut line = String::new();
            let more = self.log.read_line(&mut line).unwrap();
            assert_ne!(more, 0, "the log ended without {event}: {}", &self.read[seen..]);
            self.read.push_str(&line);
            let entry: Json = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if entry["event"] == event {
                return entry;
            }
        }
    }

    /// Reads standard output until a line that holds `part`.
    #[track_caller]
    pub(crate) fn printed(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "standard output ended without {part}");
            if line.contains(part) {
                return line.trim().to_owned();
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Lets it write no file beyond so many bytes, as on a full disk; none is no limit any more.
    pub(crate) fn limit_file_size(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).unwrap();
    }

    /// Waits for its end; gives the exit code, and what it had printed.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }

    /// Stops it as an operator does; gives all that it has logged.
    #[track_caller]
    pub(crate) fn stop_and_read_log(mut self) -> String {
        self.signal(Signal::TERM);
        self.log.read_to_string(&mut self.read).unwrap();
        let log = std::mem::take(&mut self.read);
        assert_eq!(self.end().0, Some(0));
        log
    }

    /// Stops it as an operator does.
    #[track_caller]
    pub(crate) fn stop(self) {
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
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).unwrap().mode() & 0o777
}

/// One request on a connection of its own; gives the whole answer. `headers` end with a line end each.
pub(crate) fn request(address: &str, method: &str, path: &str, headers: &str, body: &str) -> String {
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

pub(crate) fn get(address: &str, path: &str) -> String {
    request(address, "GET", path, "", "")
}

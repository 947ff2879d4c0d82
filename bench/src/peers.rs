//! Servers that are not Doorward, beside which it is measured: those of `bench/peers`, and one that does nothing.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use tempfile::TempDir;

use crate::child::Child;
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::scenarios::Surroundings;

/// A running one, in a directory of its own; killed when dropped.
pub(crate) struct Peer {
    child: Child,
    address: SocketAddr,
    /// Goes after the process: fields are dropped in this order.
    _directory: TempDir,
}

impl Peer {
    /// Starts `program`, whose first line says where it listens.
    pub(crate) fn start(
        surroundings: &Surroundings,
        program: &Path,
        arguments: &[&str],
    ) -> Result<Self, Failure> {
        if !fs::exists(program).unwrap_or_default() {
            let program = program.display();
            return Err(Failure::new(format!("{program} is not there: `make bench` builds the peers first")));
        }
        let directory = surroundings.directory()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(directory.path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = Child::start(&mut command, program)?;
        let mut line = String::new();
        if let Some(output) = child.output() {
            let read = BufReader::new(output).read_line(&mut line);
            read.map_err(|error| Failure::io(program.display(), error))?;
        }
        let address = line.trim().parse().map_err(|error| Failure::io(program.display(), error))?;
        Ok(Self { child, address, _directory: directory })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn watched(&self) -> Watched {
        Watched::process(self.child.id())
    }
}

/// What the server answers that does nothing.
const CANNED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// The server that does nothing: answers whatever ends as a request does, without a look at it, until it is killed. What
/// it is asked comes in one piece, from the only client there is.
pub(crate) fn run_canned() -> Result<(), Failure> {
    serve_canned().map_err(|error| Failure::io("the canned answer", error))
}

const LISTENER: Token = Token(usize::MAX);

fn serve_canned() -> std::io::Result<()> {
    let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(256));
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("{}", listener.local_addr()?);
    let (mut streams, mut request) = (Vec::<TcpStream>::new(), [0; 16 * 1024]);
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Some(mut stream) = accepted(&listener)? {
                    poll.registry().register(&mut stream, Token(streams.len()), Interest::READABLE)?;
                    streams.push(stream);
                }
            } else if let Some(stream) = streams.get_mut(event.token().0) {
                // Who is gone gets no answer, and is forgotten with the process.
                let length = stream.read(&mut request).unwrap_or_default();
                if request.get(..length).is_some_and(|request| request.ends_with(b"\r\n\r\n")) {
                    let _ = stream.write(CANNED);
                }
            }
        }
    }
}

fn accepted(listener: &TcpListener) -> std::io::Result<Option<TcpStream>> {
    match listener.accept() {
        Ok((stream, _)) => Ok(Some(stream)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

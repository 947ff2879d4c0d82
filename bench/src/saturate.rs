//! As many requests as servers answer, from one thread that costs as little as it can.
//!
//! A thread for each connection, as elsewhere in the bench, costs more than the server it asks: two switches of threads
//! for each answer. Here one thread serves all connections, and for each answer it reads once, compares, and writes
//! once. It says what it cost, so that a reader sees whether the server was the limit or the client.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::cpu;
use crate::failure::Failure;
use crate::http::{Answer, Connection, PATIENCE, Request, connect};
use crate::stopwatch;

/// Who is asked, and what: each connection sends these requests in turn.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Vec<Request>,
}

impl Asked {
    /// The same request each time.
    pub(crate) fn always(address: SocketAddr, request: Request) -> Self {
        Self { address, requests: vec![request] }
    }
}

/// Connections that each send their next request as soon as the last is answered.
pub(crate) struct Saturation {
    poll: Poll,
    events: Events,
    lines: Vec<Line>,
}

/// What came of it.
pub(crate) struct Saturated {
    pub(crate) answers: u64,
    /// From the first request to the last answer.
    pub(crate) took: Duration,
    /// CPU time of the thread that asked.
    pub(crate) client: Duration,
}

impl Saturated {
    pub(crate) fn rate(&self) -> f64 {
        self.answers as f64 / self.took.as_secs_f64()
    }

    /// How much of its core the client used: where this is near 1, the client was what was measured.
    pub(crate) fn client_share(&self) -> f64 {
        self.client.as_secs_f64() / self.took.as_secs_f64()
    }
}

impl Saturation {
    /// Opens so many connections, spread over those who are asked. Each request is answered once before, which `check`
    /// looks at; every later answer has to have the same status line, and as long a head and a body.
    ///
    /// # Errors
    /// Where a server cannot be reached, or `check` refuses its answer.
    pub(crate) fn open(
        asked: &[Asked],
        connections: usize,
        check: fn(Answer) -> Result<Answer, Failure>,
    ) -> Result<Self, Failure> {
        let poll = Poll::new().map_err(failed)?;
        let mut lists = Vec::new();
        for Asked { address, requests } in asked {
            let mut before = Connection::to(*address);
            let questions = requests.iter().map(|request| {
                let shape = Shape::of(&check(before.send(request)?)?);
                Ok::<_, Failure>(Question { request: request.clone(), shape })
            });
            lists.push((*address, questions.collect::<Result<Arc<[_]>, _>>()?));
        }
        let mut lines = Vec::with_capacity(connections);
        for ((address, questions), number) in lists.into_iter().cycle().zip(0..connections) {
            // Far from each other: else all connections would ask the same at the same time.
            let first = number * questions.len() / connections;
            let mut line = Line::open(address, questions, first).map_err(failed)?;
            poll.registry().register(&mut line.stream, Token(number), Interest::READABLE).map_err(failed)?;
            lines.push(line);
        }
        Ok(Self { poll, events: Events::with_capacity(connections.max(1)), lines })
    }

    /// Asks for so long, and then until everything is answered.
    ///
    /// # Errors
    /// The first answer that is not as the first one was, or does not come.
    pub(crate) fn run(&mut self, duration: Duration) -> Result<Saturated, Failure> {
        let (before, started) = (cpu::this_thread(), stopwatch::now());
        for line in &mut self.lines {
            line.ask()?;
        }
        let (mut unanswered, mut answers) = (self.lines.len(), 0);
        while unanswered > 0 {
            match self.poll.poll(&mut self.events, Some(PATIENCE)) {
                // Somebody stopped the process and let it go on.
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled.map_err(failed)?,
            }
            if self.events.is_empty() {
                return Err(Failure::new("a server does not answer, or less than it did at first"));
            }
            let goes_on = started.elapsed() < duration;
            for event in &self.events {
                let Some(line) = self.lines.get_mut(event.token().0) else { continue };
                if !line.is_answered()? {
                    continue;
                }
                answers += 1;
                if goes_on {
                    line.ask()?;
                } else {
                    unanswered -= 1;
                }
            }
        }
        let took = started.elapsed();
        Ok(Saturated { answers, took, client: cpu::this_thread().saturating_sub(before) })
    }
}

/// What tells in a moment whether an answer is the one that is expected.
struct Shape {
    status_line: Vec<u8>,
    /// What ends the head, and where.
    head_end: std::ops::Range<usize>,
    length: usize,
}

impl Shape {
    fn of(answer: &Answer) -> Self {
        let (head, length) = (answer.head().as_bytes(), answer.head().len() + answer.body().len());
        let line = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
        let status_line = head.iter().copied().take(line).collect();
        Self { status_line, head_end: head.len().saturating_sub(4)..head.len(), length }
    }

    fn fits(&self, answer: &[u8]) -> bool {
        answer.len() == self.length
            && answer.starts_with(&self.status_line)
            && answer.get(self.head_end.clone()) == Some(b"\r\n\r\n")
    }
}

/// A request, and what its answer has to be like.
struct Question {
    request: Request,
    shape: Shape,
}

/// One connection.
struct Line {
    stream: TcpStream,
    questions: Arc<[Question]>,
    /// Which of them was asked last, or is the first to be.
    current: usize,
    /// One byte longer than the longest answer, so that a longer one is noticed.
    buffer: Vec<u8>,
    received: usize,
}

impl Line {
    fn open(address: SocketAddr, questions: Arc<[Question]>, first: usize) -> std::io::Result<Self> {
        let stream = connect(address)?;
        stream.set_nonblocking(true)?;
        let longest = questions.iter().map(|question| question.shape.length).max();
        let buffer = vec![0; longest.unwrap_or_default() + 1];
        Ok(Self { stream: TcpStream::from_std(stream), questions, current: first, buffer, received: 0 })
    }

    fn ask(&mut self) -> Result<(), Failure> {
        self.received = 0;
        self.current = if self.current + 1 < self.questions.len() { self.current + 1 } else { 0 };
        let question =
            self.questions.get(self.current).ok_or_else(|| Failure::new("there is nothing to ask"))?;
        // Nothing is on its way, so it fits into what the kernel buffers.
        self.stream.write_all(question.request.bytes()).map_err(failed)
    }

    /// Takes what has come. A look whether there is more is spared: more of an unfinished answer is an event of its own,
    /// and after a whole one there is nothing.
    fn is_answered(&mut self) -> Result<bool, Failure> {
        let room = self.buffer.get_mut(self.received..).unwrap_or_default();
        match self.stream.read(room) {
            Ok(0) => return Err(Failure::new("a server closed a connection on which it was asked")),
            Ok(count) => self.received += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(failed(error)),
        }
        let Some(Question { shape, .. }) = self.questions.get(self.current) else { return Ok(false) };
        if self.received < shape.length {
            return Ok(false);
        }
        let answer = self.buffer.get(..self.received).unwrap_or_default();
        if shape.fits(answer) {
            return Ok(true);
        }
        let said = String::from_utf8_lossy(answer);
        Err(Failure::new(format!("an answer is not as the first one was: {said}")))
    }
}

fn failed(error: std::io::Error) -> Failure {
    Failure::io("the load", error)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};
    use std::thread;
    use std::time::Duration;

    use super::{Asked, Saturation};
    use crate::http::Request;
    use crate::server::let_in;

    const OK: [&str; 3] = ["HTTP/1.1 200 O", "K\r\nContent-Length: 4\r\n\r", "\nyes!"];

    /// Answers each request with these pieces, but the second one of a connection with `later`; counts all of them.
    fn server(later: &'static [&'static str]) -> (SocketAddr, Arc<AtomicU64>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, answered) = (listener.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
        let count = Arc::clone(&answered);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, count) = (stream.unwrap(), Arc::clone(&count));
                thread::spawn(move || answer(stream, later, &count));
            }
        });
        (address, answered)
    }

    fn answer(mut stream: TcpStream, later: &[&str], count: &AtomicU64) {
        stream.set_nodelay(true).unwrap();
        let (mut request, mut pieces) = ([0; 1024], &OK[..]);
        while stream.read(&mut request).is_ok_and(|length| length > 0) {
            count.fetch_add(1, Ordering::SeqCst);
            for piece in pieces {
                stream.write_all(piece.as_bytes()).unwrap();
            }
            pieces = later;
        }
    }

    /// Answers with the path that it was asked for, and notes it.
    fn echo() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, noted) = (stream.unwrap(), Arc::clone(&noted));
                thread::spawn(move || {
                    let mut request = [0; 1024];
                    while let Ok(length @ 1..) = stream.read(&mut request) {
                        let text = String::from_utf8_lossy(&request[..length]);
                        let path = text.split(' ').nth(1).unwrap().to_owned();
                        noted.lock().unwrap().push(path.clone());
                        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", path.len());
                        stream.write_all((head + &path).as_bytes()).unwrap();
                    }
                });
            }
        });
        (address, asked)
    }

    #[test]
    fn each_connection_sends_all_requests_in_turn_and_answers_may_differ_in_length() {
        let (address, noted) = echo();
        let requests = ["/a", "/long"].map(|path| Request::new("GET", path, "", "")).to_vec();
        let mut load = Saturation::open(&[Asked { address, requests }], 2, let_in).unwrap();
        for _ in 0..3 {
            assert_eq!(load.run(Duration::ZERO).unwrap().answers, 2);
        }
        let noted = noted.lock().unwrap();
        let of = |path: &str| noted.iter().filter(|noted| *noted == path).count();
        // Each once while it was opened; then both connections three times each, one ahead of the other.
        assert_eq!((of("/a"), of("/long")), (4, 4), "{noted:?}");
    }

    fn open(addresses: &[SocketAddr], connections: usize) -> Saturation {
        let asked: Vec<_> = addresses
            .iter()
            .map(|address| Asked::always(*address, Request::new("GET", "/", "", "")))
            .collect();
        Saturation::open(&asked, connections, let_in).unwrap()
    }

    #[test]
    fn every_answer_is_counted_once_however_it_is_cut() {
        let (address, answered) = server(&OK);
        let mut load = open(&[address], 3);
        assert_eq!(answered.load(Ordering::SeqCst), 1);
        assert_eq!(load.run(Duration::ZERO).unwrap().answers, 3);
        let more = load.run(Duration::from_millis(20)).unwrap().answers;
        assert_eq!(answered.load(Ordering::SeqCst), 4 + more);
    }

    #[test]
    fn connections_are_spread_over_all_who_are_asked() {
        let ((one, by_one), (other, by_other)) = (server(&OK), server(&OK));
        assert_eq!(open(&[one, other], 5).run(Duration::ZERO).unwrap().answers, 5);
        assert_eq!((by_one.load(Ordering::SeqCst), by_other.load(Ordering::SeqCst)), (4, 3));
    }

    #[test]
    fn an_answer_unlike_the_first_ends_it() {
        for unlike in [
            &["HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nyes!"][..],
            &["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlonger"],
            &["HTTP/1.1 200 OK\r\nContent-Length: 03\r\n\r\nyes"],
        ] {
            let (address, _) = server(unlike);
            let mut load = open(&[address], 1);
            assert!(load.run(Duration::ZERO).is_ok());
            let failure = load.run(Duration::ZERO).err().unwrap().to_string();
            assert!(failure.contains("not as the first one"), "{failure}");
        }
    }
}

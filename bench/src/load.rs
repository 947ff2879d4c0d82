//! Load: steady at a paced rate, or as much as so many connections can make.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::failure::Failure;
use crate::http::{Answer, Connection, Request};
use crate::stopwatch;

/// Requests on a schedule, whatever becomes of earlier ones.
#[derive(Clone, Copy)]
pub(crate) struct Paced {
    /// Connections that take turns.
    pub(crate) connections: u32,
    /// Requests a second, of all connections together.
    pub(crate) rate: u32,
    /// For how long.
    pub(crate) duration: Duration,
}

impl Paced {
    /// Latencies from the *intended* start of each request: one that has to wait because an earlier one is late counts
    /// its waiting too, as a user would (no coordinated omission).
    ///
    /// # Errors
    /// The first answer that `check` refuses, or that does not come.
    pub(crate) fn run(
        self,
        address: SocketAddr,
        request: &Request,
        check: fn(Answer) -> Result<Answer, Failure>,
    ) -> Result<Vec<Duration>, Failure> {
        let period = Duration::from_secs(1) / self.rate.max(1);
        let turn = period * self.connections.max(1);
        let begin = stopwatch::now() + Duration::from_millis(10);
        let end = begin + self.duration;
        let threads: Vec<_> = (0..self.connections.max(1))
            .map(|number| {
                let (request, first) = (request.clone(), begin + period * number);
                std::thread::spawn(move || {
                    let mut connection = Connection::to(address);
                    // Opened outside the schedule: these clients have been here before.
                    check(connection.send(&request)?)?;
                    let (mut intended, mut latencies) = (first, Vec::new());
                    while intended < end {
                        stopwatch::wait_until(intended);
                        check(connection.send(&request)?)?;
                        latencies.push(intended.elapsed());
                        intended += turn;
                    }
                    Ok(latencies)
                })
            })
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            let latencies: Result<_, Failure> = joined(thread);
            all.append(&mut latencies?);
        }
        Ok(all)
    }
}

/// Sends a number of requests over several connections at once, each as soon as the one before it is answered.
///
/// # Errors
/// The first answer that `check` refuses, or that does not come.
pub(crate) fn crowd(
    address: SocketAddr,
    connections: u64,
    numbers: Range<u64>,
    request: impl Fn(u64) -> Request + Clone + Send + 'static,
    check: fn(Answer) -> Result<Answer, Failure>,
) -> Result<(), Failure> {
    let next = Arc::new(AtomicU64::new(numbers.start));
    let threads: Vec<_> = (0..connections)
        .map(|_| {
            let (next, request, end) = (Arc::clone(&next), request.clone(), numbers.end);
            std::thread::spawn(move || {
                let mut connection = Connection::to(address);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return Ok(());
                    }
                    check(connection.send(&request(number))?)?;
                }
            })
        })
        .collect();
    threads.into_iter().try_for_each(joined)
}

/// Connections that each send their next request as soon as the last is answered, until they are told to stop.
pub(crate) struct Flood {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<Result<(), Failure>>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    answered: AtomicU64,
    turned_away: AtomicU64,
    latencies: Mutex<Vec<Duration>>,
}

/// What became of a flood.
pub(crate) struct Flooded {
    /// Answers that were expected.
    pub(crate) answered: u64,
    /// Answers 503 `overloaded`; who gets one waits a moment.
    pub(crate) turned_away: u64,
    /// Of the answers that were expected.
    pub(crate) latencies: Vec<Duration>,
}

/// How long a connection waits that was turned away; the server asks for more, but the queue is to stay full.
const AFTER_OVERLOAD: Duration = Duration::from_millis(50);

impl Flood {
    /// Starts it. `request` makes the request of a number; numbers come once each.
    pub(crate) fn start(
        address: SocketAddr,
        connections: usize,
        request: impl Fn(u64) -> Request + Clone + Send + 'static,
        check: fn(Answer) -> Result<Answer, Failure>,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let numbers = Arc::new(AtomicU64::new(0));
        let threads = (0..connections)
            .map(|_| {
                let (shared, numbers, request) = (Arc::clone(&shared), Arc::clone(&numbers), request.clone());
                std::thread::spawn(move || {
                    shared.flood(address, || request(numbers.fetch_add(1, Ordering::Relaxed)), check)
                })
            })
            .collect();
        Self { shared, threads }
    }

    /// Expected answers so far.
    pub(crate) fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// How often the server said so far that it is overloaded.
    pub(crate) fn turned_away(&self) -> u64 {
        self.shared.turned_away.load(Ordering::Relaxed)
    }

    /// Lets requests that run be answered, and ends.
    pub(crate) fn stop(self) -> Result<Flooded, Failure> {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            joined(thread)?;
        }
        let mut latencies = self.shared.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Flooded {
            answered: self.shared.answered.load(Ordering::Relaxed),
            turned_away: self.shared.turned_away.load(Ordering::Relaxed),
            latencies: std::mem::take(&mut *latencies),
        })
    }
}

impl Shared {
    fn flood(
        &self,
        address: SocketAddr,
        next: impl Fn() -> Request,
        check: fn(Answer) -> Result<Answer, Failure>,
    ) -> Result<(), Failure> {
        let mut connection = Connection::to(address);
        let mut latencies = Vec::new();
        while !self.stop.load(Ordering::Relaxed) {
            let started = stopwatch::now();
            let answer = connection.send(&next())?;
            if answer.status == 503 && answer.code() == "overloaded" {
                self.turned_away.fetch_add(1, Ordering::Relaxed);
                stopwatch::wait(AFTER_OVERLOAD);
            } else {
                check(answer)?;
                latencies.push(started.elapsed());
                self.answered.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.latencies.lock().unwrap_or_else(PoisonError::into_inner).append(&mut latencies);
        Ok(())
    }
}

fn joined<T>(thread: JoinHandle<Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().map_err(|_| Failure::new("a thread of the load ended abruptly"))?
}

//! `POST /auth/v1/refresh` over 64 connections, and what the server spends on it by kind of work.

use std::time::Duration;

use super::{CALLERS, pieces, store::WRITER};
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::report::Report;
use crate::scenarios::{Surroundings, UNGUARDED};
use crate::server::Server;
use crate::statistics::{Sorted, median};
use crate::stopwatch;
use crate::visitor::{Visitor, at_once};

/// Refreshes of each connection in a round.
const REFRESHES: usize = 100;

/// What the server calls its threads, by what they do.
const READERS: &str = "doorward-reader";
const HTTP: &str = "tokio-";

/// CPU time of the server, by what it was spent on.
#[derive(Clone, Copy)]
struct Spent {
    all: Duration,
    writing: Duration,
    reading: Duration,
    serving: Duration,
}

impl Spent {
    fn by(server: &Watched) -> Result<Self, Failure> {
        Ok(Self {
            all: server.cpu_time()?,
            writing: server.cpu_time_of_threads(WRITER)?,
            reading: server.cpu_time_of_threads(READERS)?,
            serving: server.cpu_time_of_threads(HTTP)?,
        })
    }

    /// What was spent since `before` for each of so many, in µs.
    fn micros_each(self, before: Self, count: usize) -> [f64; 4] {
        [
            (self.all, before.all),
            (self.writing, before.writing),
            (self.reading, before.reading),
            (self.serving, before.serving),
        ]
        .map(|(now, before)| now.saturating_sub(before).as_secs_f64() * 1e6 / count as f64)
    }
}

pub(in crate::scenarios) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    // Hashing takes no time here: 64 users are made and log in, before anything is measured.
    let mut settings = UNGUARDED.to_vec();
    settings.extend([("PASSWORD__ARGON2__MEMORY_KIB", "8"), ("PASSWORD__ARGON2__ITERATIONS", "1")]);
    let server = Server::start(surroundings, &settings)?;
    let mut visitors = Vec::new();
    for number in 0..CALLERS {
        let name = format!("visitor-{number}");
        server.add_user(&name, false)?;
        visitors.push(Visitor::log_in(server.address(), &name)?);
    }
    let (watched, count) = (server.watched(), CALLERS * REFRESHES);
    let (mut a_second, mut p50, mut p99) = (Vec::new(), Vec::new(), Vec::new());
    let mut spent = [const { Vec::new() }; 4];
    let mut pieces = pieces::Rounds::default();
    for _ in 0..surroundings.rounds {
        pieces.measure()?;
        let (before, started) = (Spent::by(&watched)?, stopwatch::now());
        let latencies;
        (visitors, latencies) = at_once(visitors, REFRESHES, Visitor::refresh)?;
        a_second.push(count as f64 / started.elapsed().as_secs_f64());
        for (all, micros) in spent.iter_mut().zip(Spent::by(&watched)?.micros_each(before, count)) {
            all.push(micros);
        }
        let latencies = Sorted::micros(&latencies);
        p50.push(latencies.median());
        p99.push(latencies.quantile(990));
    }
    let mut report = Report::default();
    report.figure(format!("{CALLERS} connections: a second"), median(&a_second), "");
    report.figure("p50", median(&p50), "µs");
    report.figure("p99", median(&p99), "µs");
    let [all, writing, reading, serving] = spent.map(|micros| median(&micros));
    let share = |micros: f64| micros / all * 100.0;
    report.figure("CPU of the server for each", all, "µs");
    report.figure("store, writing: CPU", writing, "µs");
    report.figure("store, writing: share", share(writing), "%");
    report.figure("store, reading: CPU", reading, "µs");
    report.figure("store, reading: share", share(reading), "%");
    let (signing, macs) = (pieces.signing(), pieces.macs());
    report.figure("signing the access token: CPU", signing, "µs");
    report.figure("signing the access token: share", share(signing), "%");
    report.figure("MACs of refresh, CSRF and device tokens, made and checked: CPU", macs, "µs");
    report.figure("the same: share", share(macs), "%");
    report.figure("HTTP and what else: CPU", serving - signing - macs, "µs");
    report.figure("HTTP and what else: share", share(serving - signing - macs), "%");
    report.note(
        "CPU of the server's process by thread: the one that writes, those that read, those that serve; what signing and MACs \
         take of the latter is measured beside it in the bench's own process, on the same input",
    );
    report.note("the clients share the machine's cores with the server: the rate is that of both together");
    Ok(report)
}

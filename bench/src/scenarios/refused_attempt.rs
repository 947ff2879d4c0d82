//! A refused login attempt must be cheap, or refusing is itself a way to keep the server busy; and it must not wait
//! behind those that are hashed, or a flood would keep everybody waiting who is to be told "not now".

use std::time::Duration;

use super::Surroundings;
use crate::failure::Failure;
use crate::http::{Answer, Connection, Request};
use crate::load::{Flood, Paced};
use crate::report::{Report, Wanted};
use crate::server::{ADMINISTRATOR, Server, hashed, let_in, wrong_login};
use crate::statistics::{Sorted, median};
use crate::stopwatch;

/// How much cheaper than a hashed attempt a refused one is to be.
const TIMES_CHEAPER: f64 = 200.0;

/// Attempts of one kind in a round. Refused ones are many, so that what is measured is long enough.
const HASHED_A_ROUND: u64 = 16;
const REFUSED_A_ROUND: u64 = 1536;

/// One connection pays for every wake-up by itself; an attack comes over many, which share them.
const CONNECTIONS: [u64; 2] = [1, 64];

/// A server, and the attempts that it refuses for one reason.
struct Kind {
    name: &'static str,
    server: Server,
    request: fn(u64) -> Request,
    check: fn(Answer) -> Result<Answer, Failure>,
    /// Attempts made so far: each has a number of its own.
    made: u64,
    /// µs of each round, for each of [`CONNECTIONS`].
    micros: [Vec<f64>; 2],
}

impl Kind {
    fn measure(&mut self) -> Result<(), Failure> {
        for (micros, connections) in self.micros.iter_mut().zip(CONNECTIONS) {
            let numbers = self.made..self.made + REFUSED_A_ROUND;
            self.made = numbers.end;
            micros.push(self.server.cpu_micros(connections, numbers, self.request, self.check)?);
        }
        Ok(())
    }
}

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let hashing = Server::start(surroundings, &super::UNGUARDED)?;
    let mut kinds = kinds(surroundings)?;
    let (mut hashed_micros, mut signed_in) = (Vec::new(), CONNECTIONS.map(|_| Vec::new()));
    for round in 0..u64::from(surroundings.rounds) {
        let numbers = round * HASHED_A_ROUND..(round + 1) * HASHED_A_ROUND;
        hashed_micros.push(hashing.cpu_micros(1, numbers, nobody, hashed)?);
        for kind in &mut kinds {
            kind.measure()?;
        }
        for (micros, connections) in signed_in.iter_mut().zip(CONNECTIONS) {
            let verify = hashing.verify_request();
            let request = move |_| verify.clone();
            micros.push(hashing.cpu_micros(connections, 0..REFUSED_A_ROUND, request, let_in)?);
        }
    }
    let mut report = Report::default();
    let hashed_micros = median(&hashed_micros);
    report.figure("hashed: CPU", hashed_micros, "µs");
    for kind in &kinds {
        for (micros, connections) in kind.micros.iter().zip(CONNECTIONS) {
            let (name, micros) = (format!("{}, {connections} conn.", kind.name), median(micros));
            report.figure(format!("{name}: CPU"), micros, "µs");
            let times = hashed_micros / micros;
            report.wanted(format!("{name}: times cheaper"), times, "×", Wanted::AtLeast(TIMES_CHEAPER));
        }
    }
    for (micros, connections) in signed_in.iter().zip(CONNECTIONS) {
        let name = format!("signed-in request, for comparison, {connections} conn.: CPU");
        report.figure(name, median(micros), "µs");
    }
    drop(kinds);
    beside_a_full_queue(surroundings, &mut report)?;
    report.note(
        "CPU is that of the whole server process, system calls included, for one attempt on kept-alive connections; median of \
         the rounds",
    );
    Ok(report)
}

fn kinds(surroundings: &Surroundings) -> Result<Vec<Kind>, Failure> {
    let kind = |name, settings: &[(&str, &str)], request: fn(u64) -> Request, check| {
        let server = Server::start(surroundings, settings)?;
        // The one attempt that makes the server refuse the next ones. What it answers itself differs.
        Connection::to(server.address()).send(&request(0))?;
        Ok::<_, Failure>(Kind {
            name,
            server,
            request,
            check,
            made: 1,
            micros: CONNECTIONS.map(|_| Vec::new()),
        })
    };
    let locking = [("LOCKOUT__THRESHOLD", "1"), ("RATE_LIMIT__LOGIN", "1000000/second")];
    let limiting = [("RATE_LIMIT__LOGIN", "1/hour")];
    Ok(vec![
        kind("locked account, one address", &locking, from_one_address, locked)?,
        kind("locked account, an address each", &locking, from_an_address_each, locked)?,
        kind("delayed account, one address", &DELAYING, from_one_address, delayed)?,
        kind("rate limited address", &limiting, from_one_address, limited)?,
    ])
}

/// One failure delays its account for the whole scenario.
const DELAYING: [(&str, &str); 4] = [
    ("LOCKOUT__THRESHOLD", "1000000"),
    ("THROTTLE__ACCOUNT_DELAYS", "15m"),
    ("THROTTLE__ADDRESS_DELAYS", "0s"),
    ("RATE_LIMIT__LOGIN", "1000000/second"),
];

fn nobody(number: u64) -> Request {
    wrong_login(&format!("nobody-{number}"), number)
}

fn from_one_address(_: u64) -> Request {
    wrong_login(ADMINISTRATOR, 0)
}

fn from_an_address_each(number: u64) -> Request {
    wrong_login(ADMINISTRATOR, number)
}

fn locked(answer: Answer) -> Result<Answer, Failure> {
    answer.expect(429, "account_locked")
}

fn delayed(answer: Answer) -> Result<Answer, Failure> {
    answer.expect(429, "too_many_attempts")
}

fn limited(answer: Answer) -> Result<Answer, Failure> {
    answer.expect(429, "rate_limited")
}

const BESIDE: Paced = Paced { connections: 4, rate: 100, duration: Duration::from_secs(4) };

/// How long filling the queue may take.
const FILLING: Duration = Duration::from_secs(30);

fn beside_a_full_queue(surroundings: &Surroundings, report: &mut Report) -> Result<(), Failure> {
    let server = Server::start(surroundings, &DELAYING)?;
    Connection::to(server.address()).send(&from_one_address(0))?;
    let idle = BESIDE.run(server.address(), &from_one_address(0), delayed)?;
    // Each thread hashes one and 32 wait for it; a few more connections keep the queue full.
    let flood = Flood::start(server.address(), surroundings.machine.cores * 33 + 16, nobody, hashed);
    let patience = stopwatch::now() + FILLING;
    while flood.turned_away() == 0 {
        if stopwatch::now() > patience {
            return Err(Failure::new("the hashing queue did not fill up"));
        }
        stopwatch::wait(Duration::from_millis(10));
    }
    let beside = BESIDE.run(server.address(), &from_one_address(0), delayed);
    let flooded = flood.stop()?;
    let (idle, beside) = (Sorted::micros(&idle), Sorted::micros(&beside?));
    let waiting = Sorted::micros(&flooded.latencies);
    for (name, latencies) in [
        ("idle", &idle),
        ("hashing queue full", &beside),
        ("(hashed attempts then, for comparison)", &waiting),
    ] {
        report.figure(format!("refused, {name}: p50"), latencies.median(), "µs");
        report.figure(format!("refused, {name}: p99"), latencies.quantile(990), "µs");
    }
    report.note(format!(
        "while the queue was full {} attempts were hashed and {} answered 503",
        flooded.answered, flooded.turned_away
    ));
    Ok(())
}

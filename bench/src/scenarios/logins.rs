//! Logins a second: each is a hash that is meant to be slow, so all that Doorward can do is to add little to it, and to
//! keep the memory it takes from hash to hash.

use std::time::Duration;

use super::{ITERATIONS, MEMORY_KIB, Surroundings, UNGUARDED};
use crate::busy::{self, Hashed};
use crate::failure::Failure;
use crate::http::Request;
use crate::load::Flood;
use crate::report::{Report, Wanted};
use crate::server::{Server, let_in, right_login};
use crate::statistics::{Sorted, median};
use crate::stopwatch;

/// As many as there are users, so that nobody's sessions are all there is to write to.
const CONNECTIONS: usize = 64;

/// Of each of the two in a round.
const DURATION: Duration = Duration::from_secs(5);

/// What is wanted: logins a second against bare hashes a second.
const SHARE: f64 = 0.9;

/// Resident memory: without hashing, and for each core that hashes.
const MEMORY_MIB: f64 = 30.0;
const MEMORY_MIB_A_CORE: f64 = 20.0;

/// How many a second, and what each took of the processor.
#[derive(Default)]
struct Rounds {
    a_second: Vec<f64>,
    cpu_micros: Vec<f64>,
}

impl Rounds {
    fn add(&mut self, count: u64, took: Duration, cpu: Duration) {
        let count = count as f64;
        self.a_second.push(count / took.as_secs_f64());
        self.cpu_micros.push(cpu.as_secs_f64() * 1e6 / count);
    }
}

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let cores = surroundings.machine.cores;
    let (memory, iterations) = (MEMORY_KIB.to_string(), ITERATIONS.to_string());
    let mut settings = UNGUARDED.to_vec();
    settings
        .extend([("PASSWORD__ARGON2__MEMORY_KIB", &*memory), ("PASSWORD__ARGON2__ITERATIONS", &*iterations)]);
    let server = Server::start(surroundings, &settings)?;
    for number in 0..CONNECTIONS {
        server.add_user(&format!("user-{number}"), false)?;
    }
    // As after any start: setting passwords has left something in memory that logging in does not need.
    let (server, _) = Server::start_over(surroundings, server.into_data(), &settings)?;
    let watched = server.watched();
    let before_mib = watched.resident()?.now_mib;
    let (mut bare, mut logins, mut latencies) = (Rounds::default(), Rounds::default(), Vec::new());
    let mut resident_mib = 0.0_f64;
    for _ in 0..surroundings.rounds {
        let started = stopwatch::now();
        let go_on = move || started.elapsed() < DURATION;
        let Hashed { hashes, cpu } = busy::hash_while(cores, MEMORY_KIB, ITERATIONS, go_on)?;
        bare.add(hashes, started.elapsed(), cpu);

        let flood = Flood::start(server.address(), CONNECTIONS, right_login_of, let_in);
        let (cpu, started, before) = (watched.cpu_time()?, stopwatch::now(), flood.answered());
        stopwatch::wait(DURATION);
        let used = watched.cpu_time()?.saturating_sub(cpu);
        logins.add(flood.answered() - before, started.elapsed(), used);
        resident_mib = resident_mib.max(watched.resident()?.now_mib);
        let flooded = flood.stop()?;
        if flooded.turned_away > 0 {
            return Err(Failure::new("the server was overloaded by connections that its queue has room for"));
        }
        latencies.extend(flooded.latencies);
    }
    let peak_mib = watched.resident()?.peak_mib;

    let mut report = Report::default();
    let [logins_a_second, bare_a_second] = [&logins, &bare].map(|rounds| median(&rounds.a_second));
    let [login_micros, hash_micros] = [&logins, &bare].map(|rounds| median(&rounds.cpu_micros));
    report.figure(format!("bare Argon2id, {cores} threads"), bare_a_second, "a second");
    report.figure(format!("logins, {CONNECTIONS} connections"), logins_a_second, "a second");
    report.wanted("logins against bare hashes", logins_a_second / bare_a_second, "×", Wanted::AtLeast(SHARE));
    report.figure("bare hash: CPU", hash_micros, "µs");
    report.figure("login: CPU of the server", login_micros, "µs");
    report.wanted(
        "CPU of a bare hash against that of a login",
        hash_micros / login_micros,
        "×",
        Wanted::AtLeast(SHARE),
    );
    let latencies = Sorted::micros(&latencies);
    report.figure("login: p50", latencies.median() / 1000.0, "ms");
    report.figure("login: p99", latencies.quantile(990) / 1000.0, "ms");
    let allowed = MEMORY_MIB + MEMORY_MIB_A_CORE * cores as f64;
    report.figure("resident memory after the start", before_mib, "MiB");
    report.wanted("resident memory under that load", resident_mib, "MiB", Wanted::AtMost(allowed));
    report.wanted("most resident memory ever", peak_mib, "MiB", Wanted::AtMost(allowed));
    report.note(format!(
        "both hash at {MEMORY_KIB} KiB and {ITERATIONS} passes in {cores} threads that keep their memory, {} s a round each, by \
         turns; the clients share the cores with the server",
        DURATION.as_secs()
    ));
    Ok(report)
}

fn right_login_of(number: u64) -> Request {
    right_login(&format!("user-{}", number % CONNECTIONS as u64), number)
}

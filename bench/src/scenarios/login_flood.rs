//! A flood of logins must not keep those waiting who are signed in.
//!
//! Hashing takes every core, so anything beside it waits for one. The honest comparison is therefore the same request
//! beside a process that is as busy and not ours: what is worse than that is Doorward's doing.

use std::time::Duration;

use super::{ITERATIONS, MEMORY_KIB, Surroundings, UNGUARDED};
use crate::busy;
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::load::{Flood, Paced};
use crate::report::{Report, Wanted};
use crate::server::{Server, hashed, let_in, wrong_login};
use crate::statistics::{Sorted, median};
use crate::stopwatch;

const CONNECTIONS: usize = 64;

const PACED: Paced = Paced { connections: 8, rate: 200, duration: Duration::from_secs(8) };

/// What is wanted: the p99 under the flood against that beside the busy process.
const TIMES_SLOWER: f64 = 3.0;

/// Resident memory, without what the hashes need.
const MEMORY_MIB: f64 = 40.0;

/// The p50 and p99 of each round, in µs.
#[derive(Default)]
struct Rounds {
    p50: Vec<f64>,
    p99: Vec<f64>,
    worst: Vec<f64>,
}

impl Rounds {
    fn add(&mut self, latencies: &[Duration]) {
        let latencies = Sorted::micros(latencies);
        self.p50.push(latencies.median());
        self.p99.push(latencies.quantile(990));
        self.worst.push(latencies.max());
    }

    fn report(&self, name: &str, report: &mut Report) {
        report.figure(format!("verify, {name}: p50"), median(&self.p50), "µs");
        report.figure(format!("verify, {name}: p99"), median(&self.p99), "µs");
        report.figure(format!("verify, {name}: slowest"), median(&self.worst), "µs");
    }
}

/// How busy the machine was kept, in cores.
#[derive(Default)]
struct Busyness(Vec<f64>);

impl Busyness {
    /// Does `work`, and adds how much of the cores `watched` had meanwhile.
    fn during<T>(
        &mut self,
        watched: &Watched,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (before, started) = (watched.cpu_time()?, stopwatch::now());
        let done = work()?;
        let used = watched.cpu_time()?.saturating_sub(before);
        self.0.push(used.as_secs_f64() / started.elapsed().as_secs_f64());
        Ok(done)
    }
}

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let cores = surroundings.machine.cores;
    let (memory, iterations) = (MEMORY_KIB.to_string(), ITERATIONS.to_string());
    let mut settings = UNGUARDED.to_vec();
    settings.push(("PASSWORD__ARGON2__MEMORY_KIB", &memory));
    settings.push(("PASSWORD__ARGON2__ITERATIONS", &iterations));
    let server = Server::start(surroundings, &settings)?;
    let (watched, request) = (server.watched(), server.verify_request());
    let verify = || PACED.run(server.address(), &request, let_in);

    let (mut idle, mut beside, mut flooded) = (Rounds::default(), Rounds::default(), Rounds::default());
    let (mut busy_cores, mut flood_cores) = (Busyness::default(), Busyness::default());
    let (mut logins_a_second, mut resident_mib) = (Vec::new(), 0.0_f64);
    let idle_mib = watched.resident()?.now_mib;
    for _ in 0..surroundings.rounds {
        idle.add(&verify()?);

        let other = busy::start(&surroundings.own, cores, MEMORY_KIB, ITERATIONS)?;
        beside.add(&busy_cores.during(&Watched::process(other.id()), verify)?);
        drop(other);

        let flood = Flood::start(
            server.address(),
            CONNECTIONS,
            |number| wrong_login(&format!("nobody-{number}"), number),
            hashed,
        );
        let (before, started) = (flood.answered(), stopwatch::now());
        let latencies = flood_cores.during(&watched, verify);
        logins_a_second.push((flood.answered() - before) as f64 / started.elapsed().as_secs_f64());
        resident_mib = resident_mib.max(watched.resident()?.now_mib);
        flood.stop()?;
        flooded.add(&latencies?);
    }

    let mut report = Report::default();
    idle.report("idle", &mut report);
    beside.report("beside a busy process", &mut report);
    flooded.report("under the flood", &mut report);
    report.wanted(
        "p99 under the flood against beside a busy process",
        median(&flooded.p99) / median(&beside.p99),
        "×",
        Wanted::AtMost(TIMES_SLOWER),
    );
    report.figure("cores the busy process had", median(&busy_cores.0), "cores");
    report.figure("cores the server had under the flood", median(&flood_cores.0), "cores");
    report.figure("logins under the flood", median(&logins_a_second), "a second");
    let allowed = MEMORY_MIB + cores as f64 * f64::from(MEMORY_KIB) / 1024.0;
    report.figure("resident memory before", idle_mib, "MiB");
    report.wanted("resident memory under the flood", resident_mib, "MiB", Wanted::AtMost(allowed));
    report.wanted("most resident memory ever", watched.resident()?.peak_mib, "MiB", Wanted::AtMost(allowed));
    report.figure("data directory afterwards", server.data_mib(), "MiB");
    report.note(format!(
        "{CONNECTIONS} connections of logins with an unknown name and an address each; {} verifications a second, {} s a \
         round, latency from the intended start; the median of the rounds' quantiles",
        PACED.rate,
        PACED.duration.as_secs()
    ));
    Ok(report)
}

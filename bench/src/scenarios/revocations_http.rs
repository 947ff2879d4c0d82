//! What live revocations cost a request that is verified over HTTP, and the server that knows them in memory.
//!
//! Servers that differ in nothing but how many revocations they found at their start verify the same users by turns, each
//! kept to the same core. Sessions change with every request: what is looked up of one is not at hand from the last.

use crate::cores::Cores;
use crate::failure::Failure;
use crate::populate;
use crate::report::{Report, Wanted};
use crate::saturate::Asked;
use crate::server::{Server, let_in};
use crate::turns::{CONNECTIONS, TURN, Turns, report_shares, times};
use crate::visitor::Visitor;

use super::{Surroundings, UNGUARDED};

/// Live revocations of each server, and how much more a request may cost than on the first, in per cent.
const REVOCATIONS: [(u64, f64); 3] = [(0, 0.0), (10_000, 3.0), (1_000_000, 10.0)];

/// All of a server with the most of them.
const MEMORY_MIB: f64 = 150.0;

/// Users of each server, a session each, who make requests by turns.
const USERS: u64 = 1024;

/// Turns of each server in a round.
const TURNS: u32 = 3;

/// A server, and what was measured of it.
struct Subject {
    server: Server,
    asked: Asked,
    start_millis: f64,
    turns: Turns,
}

impl Subject {
    fn start(surroundings: &Surroundings, cores: &Cores, revocations: u64) -> Result<Self, Failure> {
        // Hashing takes no time here: users log in before anything is measured.
        let mut settings = UNGUARDED.to_vec();
        settings.extend([("PASSWORD__ARGON2__MEMORY_KIB", "8"), ("PASSWORD__ARGON2__ITERATIONS", "1")]);
        let server = Server::start(surroundings, &settings)?;
        let names = (0..USERS).map(|number| format!("visitor-{number:04}"));
        names.clone().try_for_each(|name| server.add_user(&name, false))?;
        let data = server.into_data();
        populate::revoke(&data, revocations)?;
        let (server, took) = cores.as_server(0, || Server::start_over(surroundings, data, &settings))?;
        let signed_in = names.map(|name| Ok(Visitor::log_in(server.address(), &name)?.verify_request()));
        let asked = Asked { address: server.address(), requests: signed_in.collect::<Result<_, Failure>>()? };
        Ok(Self { server, asked, start_millis: took.as_secs_f64() * 1e3, turns: Turns::default() })
    }
}

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let cores = Cores::look()?;
    let start = |(revocations, _)| Subject::start(surroundings, &cores, revocations);
    let mut subjects = REVOCATIONS.into_iter().map(start).collect::<Result<Vec<_>, _>>()?;
    for turn in 0..surroundings.rounds * TURNS {
        // Each is the first as often as the last.
        let first = usize::try_from(turn).unwrap_or_default() % REVOCATIONS.len();
        let (later, sooner) = subjects.split_at_mut(first);
        for Subject { server, asked, turns, .. } in sooner.iter_mut().chain(later) {
            turns.add(std::slice::from_ref(asked), &[server.watched()], let_in, &cores)?;
        }
    }
    let mut report = Report::default();
    for (subject, (revocations, percent)) in subjects.iter().zip(REVOCATIONS) {
        let name = format!("{revocations} revocations");
        subject.turns.report(&name, &mut report);
        if let Some(none) = subjects.first().filter(|_| revocations > 0) {
            let more = (times(&subject.turns.micros, &none.turns.micros) - 1.0) * 100.0;
            report.wanted(format!("{name}: CPU, more than without"), more, "%", Wanted::AtMost(percent));
        }
        let resident = subject.server.watched().resident()?.peak_mib;
        let memory = format!("{name}: the most resident memory");
        report.wanted(memory, resident, "MiB", Wanted::AtMost(MEMORY_MIB));
        report.figure(format!("{name}: from exec to the first 200"), subject.start_millis, "ms");
    }
    report_shares(subjects.iter().map(|subject| &subject.turns), &mut report);
    report.note(format!(
        "{CONNECTIONS} connections that are kept alive, {USERS} users by turns, of whom none is in the set; {} s a turn, \
         medians of the turns; CPU is that of the whole server process, system calls included; {}",
        TURN.as_secs(),
        cores.note()
    ));
    Ok(report)
}

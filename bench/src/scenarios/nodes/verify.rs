//! Verification by several nodes: servers as they ship, over HTTP.
//!
//! Nodes do not know of each other there and ask no database, so what one of them does must not depend on how many there
//! are. That is what CPU time a request tells. Throughput grows with the nodes only as far as there are cores for them.

use super::cluster;
use super::statements::Statements;
use crate::cores::Cores;
use crate::failure::Failure;
use crate::report::{Report, Wanted};
use crate::saturate::Asked;
use crate::scenarios::Surroundings;
use crate::server::{Server, let_in};
use crate::statistics::median;
use crate::stopwatch;
use crate::turns::{CONNECTIONS, TURN, Turns, report_shares, times};

/// How many nodes are asked, by turns.
const ASKED: [usize; 3] = [1, 2, 3];

/// How much more PostgreSQL may be asked meanwhile than while nobody asks the nodes: nothing, but for when a turn begins
/// and ends.
const TIMES_AS_MANY_STATEMENTS: f64 = 1.1;

/// How much more CPU a request may cost with three nodes than with one.
const TIMES_DEARER: f64 = 1.1;

pub(in crate::scenarios) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let (cluster, cores) = (cluster(), Cores::look()?);
    let database = cluster.fresh_database();
    let nodes = Server::start_nodes(surroundings, &database.url(), ASKED.len(), &cores)?;
    let statements = Statements::of(&database);
    let (asked, watched): (Vec<_>, Vec<_>) = nodes
        .iter()
        .map(|node| (Asked::always(node.address(), node.verify_request()), node.watched()))
        .unzip();
    let mut measured = ASKED.map(|_| Turns::default());
    let (mut while_asked, mut idle) = (Vec::new(), Vec::new());
    for _ in 0..surroundings.rounds {
        for (turns, count) in measured.iter_mut().zip(ASKED) {
            let asked = asked.get(..count).unwrap_or_default();
            let watched = watched.get(..count).unwrap_or_default();
            while_asked.push(statements.rate_during(|| turns.add(asked, watched, let_in, &cores))?);
        }
        idle.push(statements.rate_during(|| {
            stopwatch::wait(TURN);
            Ok(())
        })?);
    }
    let mut report = Report::default();
    for (turns, count) in measured.iter().zip(ASKED) {
        let nodes = if count == 1 { "1 node".to_owned() } else { format!("{count} nodes") };
        turns.report(&nodes, &mut report);
    }
    report_shares(&measured, &mut report);
    let [one, .., three] = &measured;
    report.wanted(
        "CPU of the nodes a request, three nodes against one",
        times(&three.micros, &one.micros),
        "×",
        Wanted::AtMost(TIMES_DEARER),
    );
    let (idle, asked) = (median(&idle), median(&while_asked));
    report.figure("statements of PostgreSQL while nobody asks the nodes", idle, "a second");
    report.figure("statements of PostgreSQL while they are asked", asked, "a second");
    report.wanted(
        "statements, asked against not",
        asked / idle,
        "×",
        Wanted::AtMost(TIMES_AS_MANY_STATEMENTS),
    );
    report.note(format!(
        "servers as they ship, on one PostgreSQL, asked over {CONNECTIONS} connections that are kept alive, {} s a turn; {}",
        TURN.as_secs(),
        cores.note()
    ));
    report.note(
        "the nodes, the client and PostgreSQL share this machine: with more nodes than cores beside the client's, nodes share \
         cores and throughput cannot grow; CPU a request is the figure that tells",
    );
    report.note(
        "all statements of all three nodes: those that they read the feed of revocations with, asked or not",
    );
    Ok(report)
}

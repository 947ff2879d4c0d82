//! Verification by several nodes: servers as they ship, over HTTP.
//!
//! Nodes do not know of each other there and ask no database, so what one of them does must not depend on how many there
//! are. That is what CPU time a request tells. Throughput grows with the nodes only as far as there are cores for them.

use std::time::Duration;

use super::cluster;
use super::statements::Statements;
use crate::cores::Cores;
use crate::failure::Failure;
use crate::report::{Report, Wanted};
use crate::saturate::{Asked, Saturation};
use crate::scenarios::Surroundings;
use crate::server::{Server, let_in};
use crate::statistics::median;
use crate::stopwatch;

/// How many nodes are asked, by turns.
const ASKED: [usize; 3] = [1, 2, 3];

/// Connections, spread over the nodes that are asked.
const CONNECTIONS: usize = 64;

/// For how long they ask, in each turn, and before it, so that what is measured has begun.
const TURN: Duration = Duration::from_secs(1);
const BEFORE: Duration = Duration::from_millis(100);

/// How much more PostgreSQL may be asked meanwhile than while nobody asks the nodes: nothing, but for when a turn begins
/// and ends.
const TIMES_AS_MANY_STATEMENTS: f64 = 1.1;

/// How much more CPU a request may cost with three nodes than with one.
const TIMES_DEARER: f64 = 1.1;

/// Of each turn that so many nodes were asked in.
#[derive(Default)]
struct Turns {
    rates: Vec<f64>,
    micros: Vec<f64>,
    client_shares: Vec<f64>,
    statements: Vec<f64>,
}

pub(in crate::scenarios) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let (cluster, cores) = (cluster(), Cores::look()?);
    let database = cluster.fresh_database();
    let nodes = Server::start_nodes(surroundings, &database.url(), ASKED.len(), &cores)?;
    let statements = Statements::of(&database);
    let (mut measured, mut idle) = (ASKED.map(|_| Turns::default()), Vec::new());
    for _ in 0..surroundings.rounds {
        for (turns, count) in measured.iter_mut().zip(ASKED) {
            turns.add(nodes.get(..count).unwrap_or_default(), &cores, &statements)?;
        }
        let (before, started) = (statements.so_far()?, stopwatch::now());
        stopwatch::wait(TURN);
        idle.push((statements.so_far()? - before) / started.elapsed().as_secs_f64());
    }
    let mut report = Report::default();
    for (turns, count) in measured.iter().zip(ASKED) {
        turns.report(count, &mut report);
    }
    let [one, .., three] = &measured;
    report.wanted(
        "CPU of the nodes a request, three nodes against one",
        median(&three.micros) / median(&one.micros),
        "×",
        Wanted::AtMost(TIMES_DEARER),
    );
    let (idle, asked) = (median(&idle), median(&three.statements));
    report.figure("statements of PostgreSQL while nobody asks the nodes", idle, "a second");
    report.figure("statements of PostgreSQL while all three are asked", asked, "a second");
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

impl Turns {
    fn add(&mut self, nodes: &[Server], cores: &Cores, statements: &Statements<'_>) -> Result<(), Failure> {
        let asked: Vec<_> = nodes
            .iter()
            .map(|node| Asked { address: node.address(), request: node.verify_request() })
            .collect();
        let cpu = || nodes.iter().map(|node| node.watched().cpu_time()).sum::<Result<Duration, _>>();
        let (statements_before, started) = (statements.so_far()?, stopwatch::now());
        let (done, used) = cores.as_client(|| {
            let mut load = Saturation::open(&asked, CONNECTIONS, let_in)?;
            load.run(BEFORE)?;
            let before = cpu()?;
            let done = load.run(TURN)?;
            Ok((done, cpu()?.saturating_sub(before)))
        })?;
        let statements = statements.so_far()? - statements_before;
        self.statements.push(statements / started.elapsed().as_secs_f64());
        self.rates.push(done.rate());
        self.micros.push(used.as_secs_f64() * 1e6 / done.answers as f64);
        self.client_shares.push(done.client_share() * 100.0);
        Ok(())
    }

    fn report(&self, count: usize, report: &mut Report) {
        let nodes = if count == 1 { "1 node".to_owned() } else { format!("{count} nodes") };
        report.figure(format!("{nodes}: answers"), median(&self.rates), "a second");
        report.figure(format!("{nodes}: CPU of the nodes a request"), median(&self.micros), "µs");
        report.figure(format!("{nodes}: the client's share of its core"), median(&self.client_shares), "%");
    }
}

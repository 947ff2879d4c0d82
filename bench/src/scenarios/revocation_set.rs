//! The revocation set is looked at with every request, on every node: what it costs must not depend on how much was
//! revoked lately, nor on how fast more is.
//!
//! Nodes with and without revocations are verifiers in this process that verify the same tokens by turns: seen from
//! outside, HTTP would hide the difference that is looked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorward::platform::SystemClock;

use super::Surroundings;
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::node::{ACCESS_TTL, BATCH, Node, World, batch, wall};
use crate::random::Random;
use crate::report::{Report, Wanted};
use crate::statistics::{Sorted, median};
use crate::stopwatch;

/// Live revocations of each node that is compared. The first has none.
const REVOCATIONS: [usize; 3] = [0, 10_000, 1_000_000];

/// How much more a verification may cost on the second and the third, in percent.
const PERCENT_MORE: [f64; 3] = [0.0, 3.0, 10.0];

/// All that a node may need for the most of them.
const MEMORY_MIB: f64 = 150.0;

/// Signed-in users, a session each, who make requests in no order; a quarter of the tokens that a node remembers.
const USERS: usize = 4096;

/// Turns of all nodes in a round. Each is short, so that what is compared meets the same surroundings.
const TURNS: usize = 48;

/// Tokens that a node has not seen, in a turn: an Ed25519 verification each.
const NEW_TOKENS: usize = 64;

/// Revocations that arrive while a node verifies, a second; the feed is read ten times in it.
const ARRIVING: usize = 1000;
const TICK: Duration = Duration::from_millis(100);

const SEED: u64 = 6;

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut world = World::new(Arc::new(SystemClock::new()), USERS, SEED)?;
    let own = Watched::process(std::process::id());
    // They remember their tokens before one of them learns anything, so that their memory is laid out alike.
    let nodes = REVOCATIONS.map(|_| Node::new(&world)).into_iter().collect::<Result<Vec<_>, _>>()?;
    nodes.iter().try_for_each(|node| node.nanos(&world.tokens).map(drop))?;
    for (node, revocations) in nodes.iter().zip(REVOCATIONS) {
        let before = own.resident()?.now_mib;
        let longest = node.learn(&mut world.random, revocations)?;
        let grown = own.resident()?.now_mib - before;
        if revocations > 0 {
            let name = format!("{revocations} revocations");
            report.figure(format!("{name}: memory"), grown, "MiB");
            let longest = longest.as_secs_f64() * 1e3;
            report.figure(format!("{name}: slowest batch of {BATCH} at start"), longest, "ms");
        }
    }
    let peak = own.resident()?.peak_mib;
    report.wanted(
        "this process with all of them: most resident memory",
        peak,
        "MiB",
        Wanted::AtMost(MEMORY_MIB),
    );
    compare(surroundings, &mut world, &nodes, &mut report)?;
    if let Some(largest) = nodes.last() {
        beside_a_writer(surroundings, &world, largest, &mut report)?;
        forgetting(largest, &mut report)?;
    }
    report.note(format!(
        "seen: {USERS} tokens in turn; medians of {} rounds with {TURNS} turns of each node; new: {NEW_TOKENS} tokens a turn \
         that the node has not seen; nobody who is verified is in the set (seed {SEED})",
        surroundings.rounds
    ));
    Ok(report)
}

fn compare(
    surroundings: &Surroundings,
    world: &mut World,
    nodes: &[Node],
    report: &mut Report,
) -> Result<(), Failure> {
    let turns = usize::try_from(surroundings.rounds).unwrap_or(1) * TURNS;
    let seen = by_turns(nodes, turns, |node, _| node.nanos_seen(&world.tokens))?;
    // Afterwards: they drive out what a node remembers.
    let Some(issuer) = nodes.first() else { return Ok(()) };
    let mut unseen = Vec::new();
    for _ in 0..turns {
        unseen.push(world.issue(issuer, NEW_TOKENS)?);
    }
    let new = by_turns(nodes, turns, |node, turn| node.nanos(unseen.get(turn).map_or(&[], |tokens| tokens)))?;
    for (kind, turns) in [("seen", &seen), ("new", &new)] {
        let Some((none, _)) = turns.split_first() else { continue };
        for ((revocations, most), nanos) in REVOCATIONS.iter().zip(PERCENT_MORE).zip(turns) {
            let name = format!("{kind} token, {revocations} revocations");
            let sorted = Sorted::of(nanos.iter().copied());
            report.figure(format!("{name}: median"), sorted.median(), "ns");
            report.figure(format!("{name}: least disturbed tenth"), sorted.quantile(100), "ns");
            if *revocations > 0 {
                // Of turns that followed each other, so that both met the same surroundings.
                let ratios = Sorted::of(nanos.iter().zip(none).map(|(with, without)| with / without));
                let more = (ratios.median() - 1.0) * 100.0;
                report.wanted(format!("{name}: more than without"), more, "%", Wanted::AtMost(most));
            }
        }
    }
    Ok(())
}

/// What `measure` says of each node in each turn. Each node is the first as often as the last.
fn by_turns(
    nodes: &[Node],
    turns: usize,
    measure: impl Fn(&Node, usize) -> Result<f64, Failure>,
) -> Result<Vec<Vec<f64>>, Failure> {
    let mut measured = vec![Vec::new(); nodes.len()];
    for turn in 0..turns {
        let mut order: Vec<_> = nodes.iter().zip(&mut measured).collect();
        order.rotate_left(turn % nodes.len().max(1));
        for (node, values) in order {
            values.push(measure(node, turn)?);
        }
    }
    Ok(measured)
}

/// Verifies while revocations arrive, against verifying while none do.
fn beside_a_writer(
    surroundings: &Surroundings,
    world: &World,
    node: &Node,
    report: &mut Report,
) -> Result<(), Failure> {
    let (mut alone, mut beside, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..surroundings.rounds {
        for _ in 0..TURNS {
            alone.push(node.nanos_seen(&world.tokens)?);
        }
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let random = Random::seeded(SEED + 1 + u64::from(round));
            let writer = scope.spawn(|| write(node, random, &stop));
            let measured = (0..TURNS).try_for_each(|_| {
                beside.push(node.nanos_seen(&world.tokens)?);
                Ok(())
            });
            stop.store(true, Ordering::Relaxed);
            ticks.append(&mut writer.join().map_err(|_| Failure::new("the writer ended abruptly"))??);
            measured
        })?;
    }
    let (largest, ticks) = (REVOCATIONS.iter().max().copied().unwrap_or_default(), Sorted::micros(&ticks));
    let name = format!("seen token, {largest} revocations");
    report.figure(format!("{name}, no writer"), median(&alone), "ns");
    report.figure(format!("{name}, {ARRIVING} more a second"), median(&beside), "ns");
    let more = (median(&beside) / median(&alone) - 1.0) * 100.0;
    report.figure(format!("{name}, {ARRIVING} more a second: more than without"), more, "%");
    report.figure(
        format!("taking over {} and forgetting, {largest} known: p50", ARRIVING / 10),
        ticks.median(),
        "µs",
    );
    report.figure(
        format!("taking over {} and forgetting, {largest} known: slowest", ARRIVING / 10),
        ticks.max(),
        "µs",
    );
    Ok(())
}

fn write(node: &Node, mut random: Random, stop: &AtomicBool) -> Result<Vec<Duration>, Failure> {
    let mut ticks = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let batch = batch(&mut random, ARRIVING / 10, wall(&*node.clock)?.plus(ACCESS_TTL));
        let started = stopwatch::now();
        node.verifier.apply(&batch);
        node.confirm()?;
        ticks.push(started.elapsed());
        stopwatch::wait_until(started + TICK);
    }
    Ok(ticks)
}

/// All of it expires at once.
fn forgetting(node: &Node, report: &mut Report) -> Result<(), Failure> {
    let later = wall(&*node.clock)?.plus(ACCESS_TTL).plus(ACCESS_TTL);
    let mut ticks = Vec::new();
    while node.verifier.revocation_state().1 > 0 {
        let started = stopwatch::now();
        node.verifier.confirm(node.clock.monotonic(), later);
        ticks.push(started.elapsed());
    }
    let ticks = Sorted::micros(&ticks);
    report.figure("forgetting all: readings of the feed that it takes", ticks.count() as f64, "");
    report.figure("forgetting all: slowest of them", ticks.max(), "µs");
    Ok(())
}

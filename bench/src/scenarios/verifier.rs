//! The verifier in one process: what it costs to tell who somebody is, by a token that was seen before and by a new one,
//! of few people and of a million, in one thread and in several, and while revocations arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorward::platform::SystemClock;

use super::Surroundings;
use crate::failure::Failure;
use crate::node::{ACCESS_TTL, Node, World, batch, wall};
use crate::random::Random;
use crate::report::{Report, Wanted};
use crate::statistics::{Sorted, median};
use crate::stopwatch;

mod bare;
mod crowd;

use bare::Bare;

/// Signed-in users, who make requests in no order.
const USERS: usize = 4096;

/// Tokens that a node has not seen, in a turn.
const NEW_TOKENS: usize = 256;

/// Turns of what is compared in a round. Each is short, so that what is compared meets the same surroundings.
const TURNS: usize = 32;

/// Threads that verify at once.
const THREADS: [usize; 4] = [1, 2, 4, 8];

/// Verifications of each thread in a turn.
const VERIFICATIONS: usize = 100_000;

/// Measured passes over all tokens beside revocations, in a turn.
const PASSES: usize = 8;

/// A revocation arrives so often.
const EVERY: Duration = Duration::from_millis(1);

const SEED: u64 = 7;

/// Of those who are revoked: none of those who are verified.
const REVOKED_SEED: u64 = 1 << 32;

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut world = World::new(Arc::new(SystemClock::new()), USERS, SEED)?;
    let node = Node::new(&world)?;
    one_by_one(surroundings, &mut world, &node, &mut report)?;
    at_once(surroundings, &world, &node, &mut report)?;
    beside_revocations(surroundings, &world, &node, &mut report)?;
    crowd::run(&world, &mut report)?;
    report.note(format!(
        "seen: {USERS} tokens in turn; new: {NEW_TOKENS} a turn, and the same signatures by aws-lc-rs alone in the same \
         turn; medians of {} rounds with {TURNS} turns each (seed {SEED})",
        surroundings.rounds
    ));
    Ok(report)
}

fn one_by_one(
    surroundings: &Surroundings,
    world: &mut World,
    node: &Node,
    report: &mut Report,
) -> Result<(), Failure> {
    let (mut seen, mut new, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..turns(surroundings) {
        seen.push(node.nanos_seen(&world.tokens)?);
        let tokens = world.issue(node, NEW_TOKENS)?;
        let bare = Bare::of(&tokens)?.nanos()?;
        let ours = node.nanos(&tokens)?;
        ratios.push(ours / bare);
        new.push(ours);
    }
    report.wanted("token seen before", median(&seen), "ns", Wanted::AtMost(600.0));
    report.figure("token seen before: least disturbed tenth", Sorted::of(seen).quantile(100), "ns");
    report.figure("new token", median(&new) / 1e3, "µs");
    report.wanted("new token, of bare Ed25519", median(&ratios), "×", Wanted::AtMost(1.3));
    Ok(())
}

fn turns(surroundings: &Surroundings) -> usize {
    usize::try_from(surroundings.rounds).unwrap_or(1) * TURNS
}

fn at_once(
    surroundings: &Surroundings,
    world: &World,
    node: &Node,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut rates = THREADS.map(|_| Vec::new());
    for _ in 0..surroundings.rounds {
        for (threads, rates) in THREADS.iter().zip(&mut rates) {
            rates.push(rate(world, node, *threads)?);
        }
    }
    for (threads, rates) in THREADS.iter().zip(&rates) {
        report.figure(format!("seen tokens, {threads} threads"), median(rates) / 1e6, "million a second");
    }
    Ok(())
}

/// Verifications a second of so many threads at once.
fn rate(world: &World, node: &Node, threads: usize) -> Result<f64, Failure> {
    node.nanos(&world.tokens)?;
    let started = stopwatch::now();
    std::thread::scope(|scope| {
        let verify = |thread: usize| {
            let mut tokens = world.tokens.iter().cycle().skip(thread * USERS / threads).take(VERIFICATIONS);
            tokens.try_for_each(|token| node.verify(token))
        };
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || verify(thread))).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| ended())?)
    })?;
    Ok((threads * VERIFICATIONS) as f64 / started.elapsed().as_secs_f64())
}

fn ended() -> Failure {
    Failure::new("a thread ended abruptly")
}

/// By turns with one that writes the same to another node, so that the processor is as busy, and nothing is shared.
fn beside_revocations(
    surroundings: &Surroundings,
    world: &World,
    node: &Node,
    report: &mut Report,
) -> Result<(), Failure> {
    let elsewhere = Node::new(world)?;
    let (mut ratios, mut slowest, mut slowest_without) = (Vec::new(), Duration::ZERO, Duration::ZERO);
    for turn in 0..turns(surroundings) {
        let (with, without) = if turn % 2 == 0 {
            let with = readers_beside(world, node, node, turn)?;
            (with, readers_beside(world, node, &elsewhere, turn)?)
        } else {
            let without = readers_beside(world, node, &elsewhere, turn)?;
            (readers_beside(world, node, node, turn)?, without)
        };
        ratios.push(with.nanos / without.nanos);
        slowest = slowest.max(with.slowest);
        slowest_without = slowest_without.max(without.slowest);
    }
    let more = (median(&ratios) - 1.0) * 100.0;
    report.wanted("a revocation every millisecond: costs readers more", more, "%", Wanted::AtMost(3.0));
    let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
    report.figure("a revocation every millisecond: slowest reader", millis(slowest), "ms");
    report.figure("none, as busy: slowest reader", millis(slowest_without), "ms");
    Ok(())
}

/// What a reader met.
struct Read {
    nanos: f64,
    slowest: Duration,
}

/// Verifies on `node` while revocations arrive at `revoking`.
fn readers_beside(world: &World, node: &Node, revoking: &Node, turn: usize) -> Result<Read, Failure> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| revoke(revoking, turn, &stop));
        let read = read(world, node);
        stop.store(true, Ordering::Relaxed);
        writer.join().map_err(|_| ended())??;
        read
    })
}

/// Long enough for some tens of revocations.
fn read(world: &World, node: &Node) -> Result<Read, Failure> {
    let nanos = (0..PASSES).map(|_| node.nanos_seen(&world.tokens)).collect::<Result<Vec<_>, _>>()?;
    let nanos = median(&nanos);
    let mut slowest = Duration::ZERO;
    for token in &world.tokens {
        let started = stopwatch::now();
        node.verify(token)?;
        slowest = slowest.max(started.elapsed());
    }
    Ok(Read { nanos, slowest })
}

/// Of others in each turn: what is known already changes nothing.
fn revoke(node: &Node, turn: usize, stop: &AtomicBool) -> Result<(), Failure> {
    let mut random = Random::seeded(REVOKED_SEED + u64::try_from(turn).unwrap_or_default());
    let expires_at = wall(&*node.clock)?.plus(ACCESS_TTL);
    let mut next = stopwatch::now();
    while !stop.load(Ordering::Relaxed) {
        node.verifier.apply(&batch(&mut random, 1, expires_at));
        next += EVERY;
        stopwatch::wait_until(next);
    }
    Ok(())
}

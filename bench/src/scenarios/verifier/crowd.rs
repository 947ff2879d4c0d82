//! A million live tokens at once, in the memory that a verifier has unless it is given another.

use std::ops::Range;

use super::bare::Bare;
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::node::{Node, World};
use crate::random::Random;
use crate::report::{Report, Wanted};
use crate::statistics::Sorted;
use crate::stopwatch;

/// Tokens that are alive.
const LIVE: u64 = 1_000_000;

/// Tokens that are made at a time. All of them at once would be more memory than what is measured.
const PART: u64 = 1000;

/// Parts that are verified once more, by tokens drawn from all that are alive.
const DRAWN_PARTS: usize = 64;

/// All that is remembered of them.
const MEMORY_MIB: f64 = 32.0;

pub(super) fn run(world: &World, report: &mut Report) -> Result<(), Failure> {
    let node = Node::new(world)?;
    let own = Watched::process(std::process::id());
    let before = own.resident()?.now_mib;
    let mut slowest_new = 0.0_f64;
    for part in parts() {
        let tokens = world.issue_numbered(&node, part);
        slowest_new = slowest_new.max(Sorted::of(each(&node, &tokens)?).max());
    }
    let grown = own.resident()?.now_mib - before;

    let mut random = Random::seeded(LIVE);
    let (mut nanos, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..DRAWN_PARTS {
        let drawn = (0..PART).map(|_| random.next() % LIVE);
        let tokens = world.issue_numbered(&node, drawn);
        nanos.append(&mut each(&node, &tokens)?);
        bare.push(Bare::of(&tokens)?.nanos()?);
    }
    // Whose signature is verified takes longer than that alone; who is known takes a tenth of it.
    let half_a_signature = Sorted::of(bare).median() / 2.0;
    let known = Sorted::of(nanos.iter().copied().filter(|nanos| *nanos < half_a_signature));
    let name = format!("{LIVE} live tokens asked for in no order");
    let share = known.count() as f64 / nanos.len() as f64;
    report.wanted(format!("{name}: known"), share * 100.0, "%", Wanted::AtLeast(95.0));
    report.figure(format!("{name}: median of the known"), known.median() / 1e3, "µs");
    let mean = nanos.iter().sum::<f64>() / nanos.len() as f64;
    report.figure(format!("{name}: mean of all"), mean / 1e3, "µs");
    report.figure(format!("{name}: slowest"), Sorted::of(nanos).max() / 1e6, "ms");
    report.figure(format!("{LIVE} tokens, one after the other, new: slowest"), slowest_new / 1e6, "ms");
    report.wanted(format!("{LIVE} live tokens: memory"), grown, "MiB", Wanted::AtMost(MEMORY_MIB));
    Ok(())
}

fn parts() -> impl Iterator<Item = Range<u64>> {
    (0..LIVE / PART).map(|part| part * PART..(part + 1) * PART)
}

/// Nanoseconds that each takes.
fn each(node: &Node, tokens: &[String]) -> Result<Vec<f64>, Failure> {
    node.confirm()?;
    let nanos = tokens.iter().map(|token| {
        let started = stopwatch::now();
        node.verify(token)?;
        Ok(started.elapsed().as_secs_f64() * 1e9)
    });
    nanos.collect()
}

//! The revocation set is looked at with every request, on every node: what it costs must not depend on how much was
//! revoked lately, nor on how fast more is.
//!
//! Nodes with and without revocations are verifiers in this process that verify the same tokens by turns: seen from
//! outside, HTTP would hide the difference that is looked for.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use doorward::platform::SystemClock;
use doorward_core::access_token::{SigningKey, TokenRules};
use doorward_core::ids::{SessionId, UserId};
use doorward_core::key_ring::{KeyRing, Signer};
use doorward_core::refusal::Refusal;
use doorward_core::revocation::{Effect, Revocation, Subject};
use doorward_core::session::{SessionOfUser, Transport};
use doorward_core::signing_key::{KeyTerm, SigningKeyId};
use doorward_core::time::{Clock, Timekeeper, Timestamp};
use doorward_core::user::Epoch;
use doorward_core::verifier::Verifier;
use doorward_testkit::builders::Scene;

use super::Surroundings;
use crate::cpu::Watched;
use crate::failure::Failure;
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

/// Times that all tokens are verified in a turn before it is measured.
const UNCOUNTED: usize = 4;

/// Tokens that a node has not seen, in a turn: an Ed25519 verification each.
const NEW_TOKENS: usize = 64;

/// What the feed is read in, at most.
const BATCH: usize = 1000;

/// Revocations that arrive while a node verifies, a second; the feed is read ten times in it.
const ARRIVING: usize = 1000;
const TICK: Duration = Duration::from_millis(100);

/// The widest bound there is: a machine that is busy with something else ends no measurement.
const MAX_STALENESS: Duration = Duration::from_mins(1);

const ACCESS_TTL: Duration = Duration::from_mins(10);

const SEED: u64 = 6;

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut world = World::new()?;
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

/// Who signs in, and what they are compared by.
struct World {
    random: Random,
    clock: Arc<SystemClock>,
    signed_in: Vec<SessionOfUser>,
    /// A token of each.
    tokens: Vec<String>,
    /// For tokens that differ from all before.
    issued: u64,
}

impl World {
    fn new() -> Result<Self, Failure> {
        let (clock, mut random) = (Arc::new(SystemClock::new()), Random::seeded(SEED));
        let now = wall(&*clock)?;
        let scene = Scene::new(SEED);
        let mut signed_in: Vec<SessionOfUser> = Vec::new();
        for _ in 0..USERS {
            let mut user = scene.user().user;
            user.id = UserId::from_bytes(random.id());
            let mut session = scene.session_at(&user, now);
            session.id = SessionId::from_bytes(random.id());
            signed_in.push(SessionOfUser { session, user });
        }
        let mut world = Self { random, clock, signed_in, tokens: Vec::new(), issued: 0 };
        let issuer = Node::new(&world)?;
        world.tokens = world.issue(&issuer, USERS)?;
        world.random.shuffle(&mut world.tokens);
        Ok(world)
    }

    /// Tokens that no node has seen.
    fn issue(&mut self, issuer: &Node, count: usize) -> Result<Vec<String>, Failure> {
        let now = wall(&*self.clock)?;
        let issued = self.signed_in.iter().cycle().take(count).filter_map(|of| {
            self.issued += 1;
            let (token, _) = issuer.verifier.issue(of, u128::from(self.issued).to_be_bytes(), now)?;
            Some(token.reveal().to_owned())
        });
        Ok(issued.collect())
    }
}

fn wall(clock: &dyn Clock) -> Result<Timestamp, Failure> {
    clock.wall().map_err(|error| Failure::io("the clock", error))
}

/// A verifier as each node of an installation has one.
struct Node {
    clock: Arc<SystemClock>,
    verifier: Verifier,
}

impl Node {
    fn new(world: &World) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::clone(&world.clock) as _;
        let time = Arc::new(Timekeeper::new(clock, Timestamp::from_millis(0)));
        let rules =
            TokenRules { issuer: "bench".to_owned(), audience: "bench".to_owned(), access_ttl: ACCESS_TTL };
        let id = SigningKeyId::parse("bench").map_err(|error| Failure::io("a key's name", error))?;
        let key = SigningKey::new(id, &[1; 32]).map_err(|error| Failure::io("a signing key", error))?;
        let now = Timestamp::from_millis(0);
        let ring = KeyRing::of(vec![Signer { key, term: KeyTerm::from(now) }], now)
            .ok_or_else(|| Failure::new("a ring of one key signs"))?;
        let verifier = Verifier::new(time, rules, MAX_STALENESS, ring, world.clock.monotonic());
        Ok(Self { clock: Arc::clone(&world.clock), verifier })
    }

    /// Learns of so many revocations as a node does that starts; gives how long the slowest batch took.
    fn learn(&self, random: &mut Random, revocations: usize) -> Result<Duration, Failure> {
        let expires_at = wall(&*self.clock)?.plus(ACCESS_TTL);
        let (mut left, mut longest) = (revocations, Duration::ZERO);
        while left > 0 {
            let batch = batch(random, left.min(BATCH), expires_at);
            left -= batch.len();
            let started = stopwatch::now();
            self.verifier.apply(&batch);
            longest = longest.max(started.elapsed());
        }
        self.confirm()?;
        Ok(longest)
    }

    fn confirm(&self) -> Result<(), Failure> {
        self.verifier.confirm(self.clock.monotonic(), wall(&*self.clock)?);
        Ok(())
    }

    fn verify(&self, token: &str) -> Result<(), Failure> {
        let refused = |refusal: Refusal| Failure::new(format!("a token was refused: {}", refusal.code()));
        self.verifier
            .verify(black_box(token), Transport::Cookie)
            .map(|who| drop(black_box(who)))
            .map_err(refused)
    }

    /// Nanoseconds that one verification takes.
    fn nanos(&self, tokens: &[String]) -> Result<f64, Failure> {
        self.confirm()?;
        let started = stopwatch::now();
        tokens.iter().try_for_each(|token| self.verify(token))?;
        Ok(started.elapsed().as_secs_f64() * 1e9 / tokens.len() as f64)
    }

    /// The same of tokens that it remembers, as on a node that does nothing else: the turns of the others have driven what
    /// it reads out of the processor's caches.
    fn nanos_seen(&self, tokens: &[String]) -> Result<f64, Failure> {
        for _ in 0..UNCOUNTED {
            self.nanos(tokens)?;
        }
        self.nanos(tokens)
    }
}

/// Sessions and users, half and half.
fn batch(random: &mut Random, count: usize, expires_at: Timestamp) -> Vec<Revocation> {
    let entries = (0..count).map(|number| {
        let subject = if number % 2 == 0 {
            Subject::Session(SessionId::from_bytes(random.id()))
        } else {
            Subject::User(UserId::from_bytes(random.id()))
        };
        Revocation { subject, effect: Effect::Revoked, epoch: Epoch(1), expires_at }
    });
    entries.collect()
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

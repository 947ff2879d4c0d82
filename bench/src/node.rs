//! Verifiers in this process, as each node of an installation has one, and the people they know.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

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

use crate::failure::Failure;
use crate::random::Random;
use crate::stopwatch;

/// How long access tokens live.
pub(crate) const ACCESS_TTL: Duration = Duration::from_mins(10);

/// What the feed is read in, at most.
pub(crate) const BATCH: usize = 1000;

/// The widest bound there is: a machine that is busy with something else ends no measurement.
const MAX_STALENESS: Duration = Duration::from_mins(1);

/// Times that all tokens are verified in a turn before it is measured.
const UNCOUNTED: usize = 4;

/// Where the numbers of tokens begin that are issued by number: above all others.
const NUMBERED: u128 = 1 << 64;

/// Who signs in, and the clock that all nodes go by.
pub(crate) struct World {
    pub(crate) random: Random,
    pub(crate) clock: Arc<dyn Clock>,
    signed_in: Vec<SessionOfUser>,
    /// A token of each, in no order.
    pub(crate) tokens: Vec<String>,
    /// For tokens that differ from all before.
    issued: u64,
    /// When tokens are issued by number.
    began: Timestamp,
}

impl World {
    /// So many users with a session each; the same for the same seed and time.
    pub(crate) fn new(clock: Arc<dyn Clock>, users: usize, seed: u64) -> Result<Self, Failure> {
        let mut random = Random::seeded(seed);
        let now = wall(&*clock)?;
        let scene = Scene::new(seed);
        let mut signed_in: Vec<SessionOfUser> = Vec::new();
        for _ in 0..users {
            let mut user = scene.user().user;
            user.id = UserId::from_bytes(random.id());
            let mut session = scene.session_at(&user, now);
            session.id = SessionId::from_bytes(random.id());
            signed_in.push(SessionOfUser { session, user });
        }
        let mut world = Self { random, clock, signed_in, tokens: Vec::new(), issued: 0, began: now };
        let issuer = Node::new(&world)?;
        world.tokens = world.issue(&issuer, users)?;
        world.random.shuffle(&mut world.tokens);
        Ok(world)
    }

    /// The token of each number: the same one each time, and no other's.
    pub(crate) fn issue_numbered(
        &self,
        issuer: &Node,
        numbers: impl IntoIterator<Item = u64>,
    ) -> Vec<String> {
        let users = u64::try_from(self.signed_in.len()).unwrap_or(1).max(1);
        let tokens = numbers.into_iter().filter_map(|number| {
            let of = self.signed_in.get(usize::try_from(number % users).ok()?)?;
            let (token, _) =
                issuer.verifier.issue(of, NUMBERED.wrapping_add(number.into()).to_be_bytes(), self.began)?;
            Some(token.reveal().to_owned())
        });
        tokens.collect()
    }

    /// Tokens that no node has seen.
    pub(crate) fn issue(&mut self, issuer: &Node, count: usize) -> Result<Vec<String>, Failure> {
        let now = wall(&*self.clock)?;
        let issued = self.signed_in.iter().cycle().take(count).filter_map(|of| {
            self.issued += 1;
            let (token, _) = issuer.verifier.issue(of, u128::from(self.issued).to_be_bytes(), now)?;
            Some(token.reveal().to_owned())
        });
        Ok(issued.collect())
    }
}

/// The time by this clock.
pub(crate) fn wall(clock: &dyn Clock) -> Result<Timestamp, Failure> {
    clock.wall().map_err(|error| Failure::io("the clock", error))
}

/// The key that signs everybody's tokens.
pub(crate) fn signing_key() -> Result<SigningKey, Failure> {
    let id = SigningKeyId::parse("bench").map_err(|error| Failure::io("a key's name", error))?;
    SigningKey::new(id, &[1; 32]).map_err(|error| Failure::io("a signing key", error))
}

/// A verifier as each node of an installation has one.
pub(crate) struct Node {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) verifier: Verifier,
}

impl Node {
    pub(crate) fn new(world: &World) -> Result<Self, Failure> {
        let clock = Arc::clone(&world.clock);
        let time = Arc::new(Timekeeper::new(Arc::clone(&clock), Timestamp::from_millis(0)));
        let rules =
            TokenRules { issuer: "bench".to_owned(), audience: "bench".to_owned(), access_ttl: ACCESS_TTL };
        let key = signing_key()?;
        let now = Timestamp::from_millis(0);
        let ring = KeyRing::of(vec![Signer { key, term: KeyTerm::from(now) }], now)
            .ok_or_else(|| Failure::new("a ring of one key signs"))?;
        let verifier = Verifier::new(time, rules, MAX_STALENESS, ring, clock.monotonic());
        Ok(Self { clock, verifier })
    }

    /// Learns of so many revocations as a node does that starts; gives how long the slowest batch took.
    pub(crate) fn learn(&self, random: &mut Random, revocations: usize) -> Result<Duration, Failure> {
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

    /// Tells that everything revoked before now has been applied.
    pub(crate) fn confirm(&self) -> Result<(), Failure> {
        self.verifier.confirm(self.clock.monotonic(), wall(&*self.clock)?);
        Ok(())
    }

    /// Verifies a token that is good.
    pub(crate) fn verify(&self, token: &str) -> Result<(), Failure> {
        let refused = |refusal: Refusal| Failure::new(format!("a token was refused: {}", refusal.code()));
        self.verifier
            .verify(black_box(token), Transport::Cookie)
            .map(|who| drop(black_box(who)))
            .map_err(refused)
    }

    /// Nanoseconds that one verification takes.
    pub(crate) fn nanos(&self, tokens: &[String]) -> Result<f64, Failure> {
        self.confirm()?;
        let started = stopwatch::now();
        tokens.iter().try_for_each(|token| self.verify(token))?;
        Ok(started.elapsed().as_secs_f64() * 1e9 / tokens.len() as f64)
    }

    /// The same of tokens that it remembers, as on a node that does nothing else: the turns of the others have driven what
    /// it reads out of the processor's caches.
    pub(crate) fn nanos_seen(&self, tokens: &[String]) -> Result<f64, Failure> {
        for _ in 0..UNCOUNTED {
            self.nanos(tokens)?;
        }
        self.nanos(tokens)
    }
}

/// Revocations of nobody who is verified: sessions and users, half and half.
pub(crate) fn batch(random: &mut Random, count: usize, expires_at: Timestamp) -> Vec<Revocation> {
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

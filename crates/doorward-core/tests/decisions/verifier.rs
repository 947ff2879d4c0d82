//! The verifier: what it remembers never answers for what has changed since.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    access_token::{SigningKey, TokenRules, VerifyingKey},
    refusal::Refusal,
    revocation::{Effect, Revocation, Subject},
    session::{SessionOfUser, Transport},
    settings::MAX_STALENESS,
    signing_key::SigningKeyId,
    time::{Clock, Timekeeper},
    user::Epoch,
    verifier::{KeyRing, Verifier},
};
use doorward_testkit::{
    ManualClock,
    builders::{ACCESS_TTL, START, Scene},
};

const MILLISECOND: Duration = Duration::from_millis(1);

struct Node {
    clock: Arc<ManualClock>,
    time: Arc<Timekeeper>,
    verifier: Verifier,
    of: SessionOfUser,
}

fn key(id: &str, seed: u8) -> SigningKey {
    SigningKey::new(SigningKeyId::parse(id).unwrap(), &[seed; 32]).unwrap()
}

fn retired(key: &SigningKey) -> VerifyingKey {
    VerifyingKey::new(key.verifying().id().clone(), *key.verifying().public()).unwrap()
}

impl Node {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let dyn_clock: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let time = Arc::new(Timekeeper::new(dyn_clock, START));
        let rules =
            TokenRules { issuer: "iss".to_owned(), audience: "aud".to_owned(), access_ttl: ACCESS_TTL };
        let ring = KeyRing::new(key("first", 1), Vec::new());
        let verifier = Verifier::new(Arc::clone(&time), rules, MAX_STALENESS, ring, clock.monotonic());
        let scene = Scene::new(1);
        let user = scene.user().user;
        let of = SessionOfUser { session: scene.session(&user), user };
        Self { clock, time, verifier, of }
    }

    fn issue(&self) -> String {
        self.verifier.issue(&self.of, [1; 16], self.time.now().unwrap()).0.reveal().to_owned()
    }

    /// A token that the verifier has seen, and remembers.
    fn seen(&self) -> String {
        let token = self.issue();
        assert!(self.verify(&token).is_ok());
        token
    }

    fn verify(&self, token: &str) -> Result<(), Refusal> {
        self.verifier.verify(token, Transport::Cookie).map(drop)
    }

    /// Time passes, and the feed is confirmed as it does.
    fn live_on(&self, by: Duration) {
        self.clock.advance(by);
        self.verifier.confirm(self.clock.monotonic(), self.time.now().unwrap());
    }

    fn revoke(&self, subject: Subject, effect: Effect) {
        let expires_at = self.time.now().unwrap().plus(ACCESS_TTL);
        let epoch = Epoch(1);
        self.verifier.apply(&[Revocation { subject, effect, epoch, expires_at }]);
    }
}

#[test]
fn a_remembered_token_expires_all_the_same() {
    let node = Node::new();
    let token = node.seen();
    node.live_on(ACCESS_TTL - MILLISECOND);
    assert_eq!(node.verify(&token), Ok(()));
    node.live_on(MILLISECOND);
    assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
}

#[test]
fn a_remembered_token_is_good_on_its_own_transport_only() {
    let node = Node::new();
    let token = node.seen();
    assert_eq!(node.verifier.verify(&token, Transport::Bearer).err(), Some(Refusal::TokenInvalid));
    assert!(node.verifier.authentic_principal(&token, Transport::Bearer).is_none());
    assert!(node.verifier.authentic_principal(&token, Transport::Cookie).is_some());
}

#[test]
fn a_remembered_token_is_revoked_with_its_session_or_its_user() {
    for (subject, effect, expected) in [
        (Some(true), Effect::Revoked, Err(Refusal::SessionRevoked)),
        (Some(false), Effect::Revoked, Err(Refusal::SessionRevoked)),
        (Some(false), Effect::Outdated, Err(Refusal::SessionExpired)),
        (None, Effect::Revoked, Ok(())),
    ] {
        let node = Node::new();
        let token = node.seen();
        node.revoke(
            match subject {
                Some(true) => Subject::Session(node.of.session.id),
                Some(false) => Subject::User(node.of.user.id),
                None => Subject::Session(doorward_core::ids::SessionId::from_bytes([9; 16])),
            },
            effect,
        );
        assert_eq!(node.verify(&token), expected, "{subject:?} {effect:?}");
    }
}

#[test]
fn a_token_of_the_new_epoch_is_good_beside_the_dead_one() {
    let mut node = Node::new();
    let old = node.seen();
    node.revoke(Subject::User(node.of.user.id), Effect::Revoked);
    node.of.user.epoch = Epoch(1);
    let new = node.issue();
    assert_eq!(node.verify(&new), Ok(()));
    assert_eq!(node.verify(&old), Err(Refusal::SessionRevoked));
}

#[test]
fn a_revoked_token_stays_revoked_until_it_has_expired() {
    let node = Node::new();
    let token = node.seen();
    node.revoke(Subject::Session(node.of.session.id), Effect::Revoked);
    node.live_on(ACCESS_TTL - MILLISECOND);
    assert_eq!(node.verify(&token), Err(Refusal::SessionRevoked));
    node.live_on(MILLISECOND);
    assert!(node.verify(&token).is_err());
    // Whoever wrote the entry may have reckoned with a shorter lifetime than this node's.
    node.live_on(ACCESS_TTL - MILLISECOND);
    assert_eq!(node.verifier.revocation_state().1, 1);
    node.live_on(MILLISECOND);
    assert_eq!(node.verifier.revocation_state().1, 0, "what nobody needs is forgotten");
}

#[test]
fn a_clock_set_back_revives_nothing() {
    let node = Node::new();
    let token = node.seen();
    node.live_on(ACCESS_TTL);
    node.time.observe(node.time.now().unwrap());
    assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
    node.clock.set_wall(START.plus(ACCESS_TTL).minus(Duration::from_secs(5)));
    assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
    node.clock.set_wall(START);
    assert_eq!(node.verify(&token), Err(Refusal::ClockBehind));
}

#[test]
fn a_key_that_left_the_ring_takes_its_remembered_tokens_along() {
    let node = Node::new();
    let token = node.seen();
    node.verifier.replace_ring(KeyRing::new(key("second", 2), vec![retired(&key("first", 1))]));
    assert_eq!(node.verify(&token), Ok(()), "retired keys verify");
    assert!(!node.issue().starts_with(token.split('.').next().unwrap()), "and sign no more");
    node.verifier.replace_ring(KeyRing::new(key("second", 2), Vec::new()));
    assert_eq!(node.verify(&token), Err(Refusal::TokenInvalid));
    assert!(!node.verifier.is_authentic(&token));
}

#[test]
fn a_failure_is_not_remembered() {
    let node = Node::new();
    let token = node.issue();
    node.verifier.replace_ring(KeyRing::new(key("second", 2), Vec::new()));
    assert_eq!(node.verify(&token), Err(Refusal::TokenInvalid));
    // A node that hears of a key later than of its first token.
    node.verifier.replace_ring(KeyRing::new(key("second", 2), vec![retired(&key("first", 1))]));
    assert_eq!(node.verify(&token), Ok(()));
}

#[test]
fn a_token_that_was_seen_lends_nothing_to_one_that_resembles_it() {
    let node = Node::new();
    let token = node.seen();
    for other in [format!("{token} "), token.to_ascii_lowercase(), token[..token.len() - 1].to_owned()] {
        assert_eq!(node.verify(&other), Err(Refusal::TokenInvalid), "{other}");
    }
}

/// M-N03: after one second without confirmation a node no longer knows who was revoked.
#[test]
fn a_node_answers_for_one_second_after_the_feed_was_confirmed_and_not_longer() {
    assert_eq!(MAX_STALENESS, Duration::from_secs(1));
    let node = Node::new();
    let token = node.seen();
    node.clock.advance(MAX_STALENESS);
    assert_eq!(node.verify(&token), Ok(()));
    node.clock.advance(MILLISECOND);
    assert_eq!(node.verify(&token), Err(Refusal::RevocationStateStale));
    assert_eq!(node.verify(&node.issue()), Err(Refusal::RevocationStateStale));
    node.live_on(Duration::ZERO);
    assert_eq!(node.verify(&token), Ok(()));
}

#[test]
fn another_bound_is_in_force_at_once() {
    let node = Node::new();
    let token = node.seen();
    for bound in [Duration::from_millis(100), Duration::from_secs(60)] {
        node.verifier.replace_max_staleness(bound);
        assert_eq!(node.verifier.max_staleness(), bound);
        node.live_on(Duration::ZERO);
        node.clock.advance(bound);
        assert_eq!(node.verify(&token), Ok(()));
        node.clock.advance(MILLISECOND);
        assert_eq!(node.verify(&token), Err(Refusal::RevocationStateStale));
    }
}

#[test]
fn a_confirmation_counts_from_when_its_reading_began_and_an_older_one_not_at_all() {
    let node = Node::new();
    let token = node.seen();
    let began = node.clock.monotonic();
    node.clock.advance(MAX_STALENESS * 2);
    node.verifier.confirm(began + MAX_STALENESS, START);
    assert_eq!(node.verify(&token), Ok(()));
    // A slow reading that began before, and ends after, another one.
    node.verifier.confirm(began, START);
    assert_eq!(node.verify(&token), Ok(()));
    assert_eq!(node.verifier.revocation_state().0, MAX_STALENESS);
}

/// The staleness must not be measured by a hand that an administrator can turn back.
#[test]
fn a_wall_clock_set_back_does_not_hide_staleness() {
    let node = Node::new();
    let token = node.seen();
    node.clock.advance(MAX_STALENESS + MILLISECOND);
    node.clock.set_wall(START);
    assert_eq!(node.verify(&token), Err(Refusal::RevocationStateStale));
}

#[test]
fn a_node_that_cannot_tell_the_time_lets_nobody_in() {
    let node = Node::new();
    let token = node.seen();
    node.clock.fail(true);
    assert_eq!(node.verify(&token), Err(Refusal::ClockBehind));
    node.clock.fail(false);
    assert_eq!(node.verify(&token), Ok(()));
}

#[test]
fn a_shorter_lifetime_is_in_force_for_tokens_that_were_issued_before() {
    let node = Node::new();
    let token = node.seen();
    let shorter = Duration::from_secs(60);
    node.verifier.replace_access_ttl(shorter);
    node.live_on(shorter);
    assert_eq!(node.verify(&token), Ok(()));
    node.live_on(Duration::from_secs(1) + MILLISECOND);
    assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
}

#[test]
fn an_expired_or_revoked_token_is_still_recognised_as_ours() {
    let node = Node::new();
    let token = node.seen();
    node.revoke(Subject::Session(node.of.session.id), Effect::Revoked);
    node.live_on(ACCESS_TTL * 2);
    assert!(node.verifier.is_authentic(&token));
    assert!(!node.verifier.is_authentic("dwr_nonsense"));
}

//! The verifier: what it remembers never answers for what has changed since.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    access_token::{SigningKey, TokenRules},
    key_ring::{KeyRing, Signer},
    refusal::Refusal,
    revocation::{Effect, Revocation, Subject},
    session::{SessionOfUser, Transport},
    settings::MAX_STALENESS,
    signing_key::{KeyTerm, SigningKeyId},
    time::{Clock, Timekeeper, Timestamp},
    user::Epoch,
    verifier::{DEFAULT_CACHE_BYTES, Verifier},
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
    rules: TokenRules,
}

fn key(id: &str, seed: u8) -> SigningKey {
    SigningKey::new(SigningKeyId::parse(id).unwrap(), &[seed; 32]).unwrap()
}

/// The terms of keys one after the other, each from its time on.
fn terms<const N: usize>(signs_from: [Timestamp; N]) -> [KeyTerm; N] {
    let mut terms = signs_from.map(KeyTerm::from);
    for at in 1..N {
        terms[at - 1].retired_at = Some(signs_from[at]);
    }
    terms
}

/// A ring as it is read at `now`.
fn ring(keys: &[(&str, u8, KeyTerm)], now: Timestamp) -> KeyRing {
    let signers = keys.iter().map(|&(id, seed, term)| Signer { key: key(id, seed), term });
    KeyRing::of(signers.collect(), now).unwrap()
}

/// What a verifier may remember in tokens: all that is in them, that their signature was good and no more, nothing.
const MEMORIES: [usize; 3] = [DEFAULT_CACHE_BYTES, 32 << 10, 0];

impl Node {
    fn new() -> Self {
        Self::remembering(DEFAULT_CACHE_BYTES)
    }

    /// Nodes by what they remember: it must make no difference to who is let in.
    fn each() -> [Self; 3] {
        MEMORIES.map(Self::remembering)
    }

    fn remembering(bytes: usize) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let dyn_clock: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let time = Arc::new(Timekeeper::new(dyn_clock, START));
        let rules =
            TokenRules { issuer: "iss".to_owned(), audience: "aud".to_owned(), access_ttl: ACCESS_TTL };
        let ring = ring(&[("first", 1, KeyTerm::from(START))], START);
        let verifier =
            Verifier::new(Arc::clone(&time), rules.clone(), MAX_STALENESS, ring, clock.monotonic())
                .with_cache_bytes(bytes);
        let scene = Scene::new(1);
        let user = scene.user().user;
        let of = SessionOfUser { session: scene.session(&user), user };
        Self { clock, time, verifier, of, rules }
    }

    fn issue(&self) -> String {
        self.verifier.issue(&self.of, [1; 16], self.time.now().unwrap()).unwrap().0.reveal().to_owned()
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
    for node in Node::each() {
        let token = node.seen();
        node.live_on(ACCESS_TTL - MILLISECOND);
        assert_eq!(node.verify(&token), Ok(()));
        node.live_on(MILLISECOND);
        assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
    }
}

/// Nothing is written meanwhile that would have the store remember the wrong time: so it is in a process that only verifies.
#[test]
fn a_clock_that_ran_ahead_and_is_set_back_revives_nobody() {
    let node = Node::new();
    let token = node.seen();
    node.revoke(Subject::Session(node.of.session.id), Effect::Revoked);
    node.clock.set_wall(START.plus(10 * ACCESS_TTL));
    node.verifier.confirm(node.clock.monotonic(), node.time.now().unwrap());
    assert_eq!(
        node.verifier.revocation_state().1,
        0,
        "the revocation was not forgotten, and this shows nothing"
    );
    node.clock.set_wall(START);
    assert_eq!(node.verify(&token), Err(Refusal::ClockBehind));
}

#[test]
fn a_remembered_token_is_good_on_its_own_transport_only() {
    for node in Node::each() {
        let token = node.seen();
        assert_eq!(node.verifier.verify(&token, Transport::Bearer).err(), Some(Refusal::TokenInvalid));
        assert!(node.verifier.authentic_principal(&token, Transport::Bearer).is_none());
        assert!(node.verifier.authentic_principal(&token, Transport::Cookie).is_some());
    }
}

#[test]
fn a_remembered_token_is_revoked_with_its_session_or_its_user() {
    for (subject, effect, expected) in [
        (Some(true), Effect::Revoked, Err(Refusal::SessionRevoked)),
        (Some(false), Effect::Revoked, Err(Refusal::SessionRevoked)),
        (Some(false), Effect::Outdated, Err(Refusal::SessionExpired)),
        (None, Effect::Revoked, Ok(())),
    ] {
        for node in Node::each() {
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
}

#[test]
fn a_token_of_the_new_epoch_is_good_beside_the_dead_one() {
    for mut node in Node::each() {
        let old = node.seen();
        node.revoke(Subject::User(node.of.user.id), Effect::Revoked);
        node.of.user.epoch = Epoch(1);
        let new = node.issue();
        assert_eq!(node.verify(&new), Ok(()));
        assert_eq!(node.verify(&old), Err(Refusal::SessionRevoked));
    }
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
    for node in Node::each() {
        let token = node.seen();
        node.live_on(ACCESS_TTL);
        node.time.observe(node.time.now().unwrap());
        assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
        node.clock.set_wall(START.plus(ACCESS_TTL).minus(Duration::from_secs(5)));
        assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
        node.clock.set_wall(START);
        assert_eq!(node.verify(&token), Err(Refusal::ClockBehind));
    }
}

#[test]
fn a_key_that_left_the_ring_takes_its_remembered_tokens_along() {
    for node in Node::each() {
        let token = node.seen();
        let [first, second] = terms([START, START]);
        node.verifier.replace_ring(ring(&[("first", 1, first), ("second", 2, second)], START));
        assert_eq!(node.verify(&token), Ok(()), "retired keys verify");
        assert!(!node.issue().starts_with(token.split('.').next().unwrap()), "and sign no more");
        node.verifier.replace_ring(ring(&[("second", 2, second)], START));
        assert_eq!(node.verify(&token), Err(Refusal::TokenInvalid));
        assert!(!node.verifier.is_authentic(&token));
    }
}

#[test]
fn another_key_by_the_same_name_takes_remembered_tokens_along() {
    for node in Node::each() {
        let token = node.seen();
        let [first] = terms([START]);
        node.verifier.replace_ring(ring(&[("first", 2, first)], START));
        assert_eq!(node.verify(&token), Err(Refusal::TokenInvalid));
        assert!(!node.verifier.is_authentic(&token));
        node.verifier.replace_ring(ring(&[("first", 1, first)], START));
        assert_eq!(node.verify(&token), Ok(()));
    }
}

#[test]
fn a_failure_is_not_remembered() {
    for node in Node::each() {
        let token = node.issue();
        let [first, second] = terms([START, START]);
        node.verifier.replace_ring(ring(&[("second", 2, second)], START));
        assert_eq!(node.verify(&token), Err(Refusal::TokenInvalid));
        // A node that hears of a key later than of its first token.
        node.verifier.replace_ring(ring(&[("first", 1, first), ("second", 2, second)], START));
        assert_eq!(node.verify(&token), Ok(()));
    }
}

/// Without another ring; and no copy of the old key gives its tokens more time.
#[test]
fn a_key_signs_verifies_and_is_gone_at_its_very_millisecond() {
    let node = Node::new();
    let change = START.plus(Duration::from_secs(130));
    let [first, second] = terms([START, change]);
    node.verifier.replace_ring(ring(&[("first", 1, first), ("second", 2, second)], START));
    let published = |keys: &[(&str, u8)]| {
        let keys = keys.iter().map(|&(id, seed)| key(id, seed).verifying().published());
        assert_eq!(node.verifier.published_keys().unwrap(), keys.collect::<Vec<_>>());
    };
    let signs = |token: &str, (id, seed): (&str, u8)| {
        assert!(key(id, seed).verifying().writes(token.split('.').next().unwrap()), "{id}");
    };
    let (first, second) = (("first", 1), ("second", 2));
    node.live_on(Duration::from_secs(130) - MILLISECOND);
    published(&[first, second]);
    let last_of_the_first = node.seen();
    signs(&last_of_the_first, first);
    node.live_on(MILLISECOND);
    published(&[second, first]);
    signs(&node.seen(), second);
    assert_eq!(node.verify(&last_of_the_first), Ok(()));
    // What a key signs after its end, on a node that did not hear of it, has that end too.
    let late = key("first", 1).issue(
        &node.of,
        [1; 16],
        node.time.now().unwrap().plus(Duration::from_secs(9)),
        &node.rules,
    );
    let late = late.0.reveal().to_owned();
    node.live_on(ACCESS_TTL - MILLISECOND);
    assert_eq!(node.verify(&late), Ok(()));
    published(&[second, first]);
    node.live_on(MILLISECOND);
    published(&[second]);
    assert_eq!(node.verify(&late), Err(Refusal::SessionExpired), "a refresh mends it");
    assert!(node.verifier.is_authentic(&late), "and logout knows it");
}

#[test]
fn what_a_distrusted_key_signed_is_refused_at_once_and_a_refresh_mends_it() {
    for node in Node::each() {
        let token = node.seen();
        let [first, second] = terms([START, START]);
        let first = KeyTerm { distrusted: true, ..first };
        node.verifier.replace_ring(ring(&[("first", 1, first), ("second", 2, second)], START));
        assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
        // Whoever has the key must not be able to sign others out, or to pass cookies of theirs off as ours.
        assert!(!node.verifier.is_authentic(&token));
        assert_eq!(node.verifier.authentic_principal(&token, Transport::Cookie), None);
        let published = node.verifier.published_keys().unwrap();
        assert_eq!(published.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["second"]);
    }
}

/// Its copies may be used for a minute: one without the next key must not be handed out when that is about to sign.
#[test]
fn a_node_that_is_stale_publishes_no_keys() {
    let node = Node::new();
    node.clock.advance(MAX_STALENESS);
    assert!(node.verifier.published_keys().is_ok());
    node.clock.advance(MILLISECOND);
    assert_eq!(node.verifier.published_keys(), Err(Refusal::RevocationStateStale));
}

#[test]
fn a_token_that_was_seen_lends_nothing_to_one_that_resembles_it() {
    for node in Node::each() {
        let token = node.seen();
        for other in [format!("{token} "), token.to_ascii_lowercase(), token[..token.len() - 1].to_owned()] {
            assert_eq!(node.verify(&other), Err(Refusal::TokenInvalid), "{other}");
        }
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
    for node in Node::each() {
        let token = node.seen();
        let shorter = Duration::from_secs(60);
        node.verifier.replace_access_ttl(shorter);
        node.live_on(shorter);
        assert_eq!(node.verify(&token), Ok(()));
        node.live_on(Duration::from_secs(1) + MILLISECOND);
        assert_eq!(node.verify(&token), Err(Refusal::SessionExpired));
    }
}

#[test]
fn an_expired_or_revoked_token_is_still_recognised_as_ours() {
    for node in Node::each() {
        let token = node.seen();
        node.revoke(Subject::Session(node.of.session.id), Effect::Revoked);
        node.live_on(ACCESS_TTL * 2);
        assert!(node.verifier.is_authentic(&token));
        assert!(!node.verifier.is_authentic("dwr_nonsense"));
    }
}

/// A signature that is bad is as bad the second time, and beside a good one for the same words.
#[test]
fn a_token_with_another_signature_is_refused_each_time() {
    for node in Node::each() {
        let token = node.seen();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let flipped = if signature.starts_with('A') { "B" } else { "A" };
        for forged in [
            format!("{signed}.{flipped}{}", &signature[1..]),
            format!("{signed}.{}{flipped}{}", &signature[..40], &signature[41..]),
            format!("{}x{}.{signature}", &signed[..signed.len() - 20], &signed[signed.len() - 19..]),
        ] {
            assert_ne!(forged, token);
            assert_eq!(node.verify(&forged), Err(Refusal::TokenInvalid));
            assert_eq!(node.verify(&forged), Err(Refusal::TokenInvalid));
        }
        assert_eq!(node.verify(&token), Ok(()));
    }
}

//! Verifying a token that was seen before allocates nothing: every request of every app would pay for it.
//!
//! In a binary of its own, since counting takes an allocator of its own; it counts what the thread that asks allocates.

#![cfg(test)]

use std::hint::black_box;
use std::sync::Arc;

use allocation_counter::measure;
use doorward_core::access_token::{SigningKey, TokenRules};
use doorward_core::key_ring::{KeyRing, Signer};
use doorward_core::revocation::{Effect, Revocation, Subject};
use doorward_core::session::{SessionOfUser, Transport};
use doorward_core::settings::MAX_STALENESS;
use doorward_core::signing_key::{KeyTerm, SigningKeyId};
use doorward_core::time::{Clock, Timekeeper};
use doorward_core::user::Epoch;
use doorward_core::verifier::Verifier;
use doorward_testkit::ManualClock;
use doorward_testkit::builders::{ACCESS_TTL, START, Scene};

fn verifier() -> Verifier {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(START));
    let time = Arc::new(Timekeeper::new(Arc::clone(&clock), START));
    let key = SigningKey::new(SigningKeyId::parse("key").unwrap(), &[1; 32]).unwrap();
    let ring = KeyRing::of(vec![Signer { key, term: KeyTerm::from(START) }], START).unwrap();
    let rules = TokenRules { issuer: "iss".to_owned(), audience: "aud".to_owned(), access_ttl: ACCESS_TTL };
    Verifier::new(time, rules, MAX_STALENESS, ring, clock.monotonic())
}

fn token(verifier: &Verifier, scene: &Scene) -> String {
    let user = scene.admin().user;
    let of = SessionOfUser { session: scene.session(&user), user };
    verifier.issue(&of, scene.bytes(), START).unwrap().0.reveal().to_owned()
}

#[test]
fn verifying_a_token_seen_before_allocates_nothing() {
    let (verifier, scene) = (verifier(), Scene::new(1));
    // So that the revocation set is asked, and not only found empty.
    let revoked: Vec<_> = (0..1000)
        .map(|_| Revocation {
            subject: Subject::User(scene.user().user.id),
            effect: Effect::Revoked,
            epoch: Epoch(1),
            expires_at: START.plus(ACCESS_TTL),
        })
        .collect();
    verifier.apply(&revoked);
    let tokens: Vec<_> = (0..64).map(|_| token(&verifier, &scene)).collect();
    let verify_all = || {
        for token in &tokens {
            assert!(black_box(verifier.verify(black_box(token), Transport::Cookie)).is_ok());
        }
    };
    assert!(measure(verify_all).count_total > 0, "what is new is allocated, or nothing is counted at all");
    assert_eq!(measure(verify_all).count_total, 0);
}

/// Whoever was signed out goes on asking for a while, and pages of theirs do so in a loop.
#[test]
fn refusing_a_token_seen_before_allocates_nothing() {
    let (verifier, scene) = (verifier(), Scene::new(2));
    let token = token(&verifier, &scene);
    let seen = verifier.verify(&token, Transport::Cookie).unwrap();
    let expires_at = START.plus(ACCESS_TTL);
    let subject = Subject::Session(seen.session_id);
    verifier.apply(&[Revocation { subject, effect: Effect::Revoked, epoch: Epoch(1), expires_at }]);
    let refused = || assert!(black_box(verifier.verify(black_box(&token), Transport::Cookie)).is_err());
    assert_eq!(measure(refused).count_total, 0);
}

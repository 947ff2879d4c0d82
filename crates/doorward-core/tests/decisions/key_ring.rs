//! Which key signs, which verify, and when a new one takes over.

use std::time::Duration;

use doorward_core::{
    access_token::SigningKey,
    key_ring::{KeyRing, Signer},
    settings::GREATEST_STALENESS,
    signing_key::{
        KeyState::{Gone, Next, Signing, Verifying},
        KeyTerm, PUBLISH_AHEAD, PUBLISHED_KEYS_MAX_AGE, Rotation, RotationUnderWay, SigningKeyId, Succession,
        plan_rotation,
    },
    time::{MAX_CLOCK_LAG, Timestamp},
};
use doorward_testkit::{
    SeededEntropy,
    builders::{ACCESS_TTL, START},
};

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// The last millisecond before a time, the time itself, and the first one after it.
fn around(at: Timestamp) -> [Timestamp; 3] {
    [at.minus(MILLISECOND), at, at.plus(MILLISECOND)]
}

#[test]
fn a_key_is_what_it_is_from_one_very_millisecond_to_another() {
    let from = START;
    let retired_at = from.plus(100 * SECOND);
    let waits = KeyTerm::from(from);
    let ends = KeyTerm { retired_at: Some(retired_at), ..waits };
    let leaked = KeyTerm { distrusted: true, ..ends };
    let withdrawn = KeyTerm { retired_at: Some(from.minus(SECOND)), ..leaked };
    for (term, changes) in [
        (waits, vec![(from, [Next, Signing, Signing])]),
        (
            ends,
            vec![
                (from, [Next, Signing, Signing]),
                (retired_at, [Signing, Verifying, Verifying]),
                (retired_at.plus(ACCESS_TTL), [Verifying, Gone, Gone]),
            ],
        ),
        (leaked, vec![(from, [Gone; 3]), (retired_at, [Gone; 3])]),
        (withdrawn, vec![(from.minus(SECOND), [Gone; 3]), (from, [Gone; 3])]),
        (KeyTerm { retired_at: Some(from), ..waits }, vec![(from, [Next, Verifying, Verifying])]),
    ] {
        for (at, states) in changes {
            assert_eq!(around(at).map(|now| term.state(now, ACCESS_TTL)), states, "{term:?} at {at:?}");
        }
    }
    assert_eq!(waits.verifies_until(ACCESS_TTL), None);
    assert_eq!(ends.verifies_until(ACCESS_TTL), Some(retired_at.plus(ACCESS_TTL)));
    assert_eq!(leaked.verifies_until(ACCESS_TTL), Some(retired_at));
}

#[test]
fn a_new_key_waits_and_a_third_does_not_come_before_it_has_signed() {
    let last = KeyTerm::from(START);
    let later = |now: Timestamp| Ok((now.plus(PUBLISH_AHEAD), Succession::InTurn));
    let [before, at, after] = around(START);
    for (last, rotation, now, expected) in [
        (None, Rotation::Announced, START, Ok((START, Succession::InTurn))),
        (None, Rotation::AtOnce, START, Ok((START, Succession::InTurn))),
        (Some(&last), Rotation::Announced, before, Err(RotationUnderWay)),
        (Some(&last), Rotation::Announced, at, later(at)),
        (Some(&last), Rotation::Announced, after, later(after)),
        (Some(&last), Rotation::AtOnce, before, Ok((before, Succession::Distrusting))),
        (Some(&last), Rotation::AtOnce, after, Ok((after, Succession::Distrusting))),
    ] {
        assert_eq!(plan_rotation(last, rotation, now), expected, "{rotation:?} at {now:?}");
    }
}

/// The worst case: a node answers for as long as it may without having heard of the key, a reader keeps that answer for
/// as long as it may, and the node that signs first has a clock that is ahead as far as is borne.
#[test]
fn nobody_meets_a_key_before_they_can_know_it() {
    assert!(PUBLISH_AHEAD > GREATEST_STALENESS + PUBLISHED_KEYS_MAX_AGE + MAX_CLOCK_LAG);
}

fn signer(number: u8, term: KeyTerm) -> Signer {
    let id = SigningKeyId::parse(&number.to_string()).unwrap();
    Signer { key: SigningKey::new(id, &[number; 32]).unwrap(), term }
}

fn signing(ring: &KeyRing, now: Timestamp) -> &str {
    ring.signing(now).unwrap().verifying().id().as_str()
}

fn published(ring: &KeyRing, now: Timestamp) -> Vec<&str> {
    ring.published(now, ACCESS_TTL).map(|key| key.id().as_str()).collect()
}

/// A node behind that clock: there is no other key that it could sign with, and every node knows this one.
#[test]
fn a_first_key_signs_before_its_time_too() {
    for term in
        [KeyTerm::from(START), KeyTerm { retired_at: Some(START.plus(SECOND)), ..KeyTerm::from(START) }]
    {
        let ring = KeyRing::of(vec![signer(1, term)], START.minus(MAX_CLOCK_LAG)).unwrap();
        for now in [START.minus(MAX_CLOCK_LAG), START, START.plus(2 * SECOND)] {
            assert_eq!(signing(&ring, now), "1");
        }
    }
}

#[test]
fn there_is_no_ring_without_a_key_that_signs() {
    assert!(KeyRing::of(Vec::new(), START).is_none());
    let leaked = KeyTerm { distrusted: true, ..KeyTerm::from(START) };
    assert!(KeyRing::of(vec![signer(1, leaked)], START).is_none());
}

#[test]
fn a_distrusted_key_neither_signs_nor_is_published_whatever_its_times() {
    let waited = KeyTerm { retired_at: Some(START), distrusted: true, signs_from: START.plus(SECOND) };
    let leaked = KeyTerm { retired_at: Some(START), distrusted: true, signs_from: START.minus(SECOND) };
    let keys = || vec![signer(1, leaked), signer(2, waited), signer(3, KeyTerm::from(START))];
    for read_at in [START.minus(MAX_CLOCK_LAG), START] {
        let ring = KeyRing::of(keys(), read_at).unwrap();
        for now in [START.minus(MAX_CLOCK_LAG), START.minus(MILLISECOND), START, START.plus(2 * SECOND)] {
            assert_eq!((signing(&ring, now), published(&ring, now)), ("3", vec!["3"]), "{now:?}");
        }
        assert_eq!(ring.keys().count(), 3, "but known as ours");
    }
}

/// Whatever the rotations, whenever the ring was read, and whatever two clocks show that are five seconds apart: what one
/// node signs, the other knows until it expires, and everybody was told of long before.
#[test]
fn what_any_node_signs_any_other_believes() {
    let entropy = SeededEntropy::new(7);
    let below = |bound: u64| Duration::from_millis(entropy.below(bound));
    for _ in 0..200 {
        let mut terms = vec![KeyTerm::from(START)];
        for _ in 0..3 {
            let last = terms.last_mut().unwrap();
            let rotated = last.signs_from.plus(below(1_200_000));
            let (signs_from, _) = plan_rotation(Some(last), Rotation::Announced, rotated).unwrap();
            last.retired_at = Some(signs_from);
            terms.push(KeyTerm::from(signs_from));
        }
        let keys = || (1..).zip(&terms).map(|(number, term)| signer(number, *term)).collect();
        let times: Vec<_> = terms
            .iter()
            .flat_map(|term| around(term.signs_from))
            .chain((0..20).map(|_| START.plus(below(4_000_000))))
            .collect();
        for now in times {
            let lived: u64 = now.since(START).as_millis().try_into().unwrap();
            let read_at = START.plus(below(1 + lived));
            let ring = KeyRing::of(keys(), read_at).unwrap();
            let signs = terms.iter().filter(|term| term.state(now, ACCESS_TTL) == Signing);
            assert!(now < START || signs.count() == 1, "{now:?} {terms:?}");
            let key = ring.signing(now).unwrap().verifying().published();
            assert_eq!(published(&ring, now).first(), Some(&key.id.as_str()));
            let term = ring.term(&key).unwrap();
            let token_ends = now.plus(ACCESS_TTL).minus(MILLISECOND);
            for other in [now.minus(MAX_CLOCK_LAG), now, now.plus(MAX_CLOCK_LAG), token_ends] {
                assert_ne!(term.state(other, ACCESS_TTL), Gone, "{now:?} {other:?} {terms:?}");
            }
        }
    }
}

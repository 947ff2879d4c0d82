use std::sync::Arc;

use super::{Fingerprint, Principals, Remembered, Signatures};
use crate::{
    access_token::Principal,
    ids::{SessionId, UserId},
    session::Transport,
    signing_key::{PublishedKey, SigningKeyId},
    time::Timestamp,
    user::{Epoch, Roles},
};

/// Spreads consecutive numbers over all bits, as digests are (SplitMix64; Steele, Lea, Flood 2014).
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn digest(number: u64) -> [u8; 32] {
    let mut digest = [0; 32];
    for (at, word) in digest.chunks_exact_mut(8).enumerate() {
        word.copy_from_slice(&spread(4 * number + at as u64 + 1).to_be_bytes());
    }
    digest
}

fn fingerprint(number: u64) -> Fingerprint {
    Fingerprint::from_digest(digest(number))
}

#[test]
fn of_a_million_signatures_all_but_a_few_are_remembered_within_the_default() {
    const MILLION: u64 = 1_000_000;
    let signatures = Signatures::within(super::DEFAULT_BYTES / 4 * 3);
    (0..MILLION).for_each(|number| signatures.remember(&fingerprint(number)));
    let known = (0..MILLION).filter(|number| signatures.was_good(&fingerprint(*number))).count();
    assert!(known > 970_000, "{known}");
    assert!((MILLION..2 * MILLION).all(|number| !signatures.was_good(&fingerprint(number))));
}

#[test]
fn a_signature_that_is_used_stays_while_others_come_and_go() {
    let signatures = Signatures::within(64 << 10);
    signatures.remember(&fingerprint(0));
    for number in 1..100_000 {
        signatures.remember(&fingerprint(number));
        assert!(number % 100 != 0 || signatures.was_good(&fingerprint(0)), "after {number}");
    }
    let left = (1..90_000).filter(|number| signatures.was_good(&fingerprint(*number))).count();
    assert!(left < 40, "{left}");
}

#[test]
fn a_fingerprint_counts_as_a_whole() {
    let signatures = Signatures::within(1 << 20);
    signatures.remember(&fingerprint(1));
    assert!(signatures.was_good(&fingerprint(1)));
    for byte in 0..16 {
        let mut other = digest(1);
        other[byte] ^= 1;
        assert!(!signatures.was_good(&Fingerprint::from_digest(other)), "{byte}");
    }
    // And where it is looked for is part of it: in the set that the first bit after it chooses, it is not.
    let mut elsewhere = digest(1);
    elsewhere[16] ^= 128;
    assert!(!signatures.was_good(&Fingerprint::from_digest(elsewhere)));
}

#[test]
fn a_token_is_known_by_all_of_its_text_and_its_key() {
    let key = key(1);
    let known = Fingerprint::of("header.payload.signature", &key);
    let signatures = Signatures::within(1 << 20);
    signatures.remember(&known);
    assert!(signatures.was_good(&Fingerprint::of("header.payload.signature", &key)));
    assert!(!signatures.was_good(&Fingerprint::of("header.pbyload.signature", &key)));
    assert!(!signatures.was_good(&Fingerprint::of("header.payload.signature", &self::key(2))));
}

fn key(public: u8) -> PublishedKey {
    PublishedKey { id: SigningKeyId::parse("key").unwrap(), public: [public; 32] }
}

/// The text of a token, longer by `more`.
fn token(number: u64, more: usize) -> String {
    let signature: String = (0..6).map(|part| format!("{:016x}", spread(6 * number + part))).collect();
    format!("header.{number}{}.{}", "p".repeat(500 + more), &signature[..86])
}

fn remember(principals: &Principals, number: u64, more: usize, roles: usize) {
    let principal = Principal {
        user_id: UserId::from_bytes(u128::from(number).to_be_bytes()),
        username: "ann".to_owned(),
        email: Some("ann@example.com".to_owned()),
        roles: Roles::parse((0..roles).map(|role| format!("role-{role}"))).unwrap(),
        session_id: SessionId::from_bytes([0; 16]),
        transport: Transport::Cookie,
        aal: 1,
        auth_time: Timestamp::default(),
        must_change_password: false,
        has_factor: false,
        expires_at: Timestamp::default(),
        issued_at: Timestamp::default(),
        session_epoch: Epoch(0),
        user_epoch: Epoch(0),
    };
    principals.remember(Remembered::new(&token(number, more), Arc::new(principal), key(1)));
}

fn knows(principals: &Principals, number: u64, more: usize) -> bool {
    principals.get(&token(number, more)).is_some_and(|found| {
        found
            .as_ref()
            .is_some_and(|known| known.principal.user_id.as_bytes() == &u128::from(number).to_be_bytes())
    })
}

#[test]
fn four_thousand_users_at_once_are_remembered_within_the_default() {
    let principals = Principals::within(super::DEFAULT_BYTES / 4);
    (0..4096).for_each(|number| remember(&principals, number, 0, 1));
    let known = (0..4096).filter(|number| knows(&principals, *number, 0)).count();
    assert!(known > 4050, "{known}");
}

#[test]
fn tokens_take_no_more_than_they_may_however_large_they_are() {
    const BYTES: usize = 1 << 20;
    let principals = Principals::within(BYTES);
    for number in 0..20_000 {
        remember(
            &principals,
            number,
            usize::try_from(number % 7).unwrap() * 500,
            1 + usize::try_from(number % 32).unwrap(),
        );
        assert!(number % 1000 != 0 || principals.bytes() <= BYTES, "after {number}");
    }
    assert!(principals.bytes() > BYTES / 2, "{}", principals.bytes());
    // One that takes more than there is for all of its set is not remembered, and drives nobody out.
    let before = principals.bytes();
    remember(&principals, 0, 20_000, 1);
    assert_eq!(principals.bytes(), before);
}

#[test]
fn a_token_that_is_used_stays_while_others_come_and_go() {
    let principals = Principals::within(1 << 20);
    remember(&principals, 0, 0, 1);
    for number in 1..20_000 {
        remember(&principals, number, 0, 1);
        assert!(number % 100 != 0 || knows(&principals, 0, 0), "after {number}");
    }
    assert!(!knows(&principals, 1, 0));
}

#[test]
fn a_token_that_shares_its_signature_with_another_is_not_taken_for_it() {
    let principals = Principals::within(1 << 20);
    remember(&principals, 1, 0, 1);
    let other = token(1, 0).replacen("header", "heaver", 1);
    assert!(principals.get(&token(1, 0)).is_some());
    assert!(principals.get(&other).is_none());
}

#[test]
fn without_any_memory_nothing_is_remembered() {
    let (principals, signatures) = (Principals::within(0), Signatures::within(0));
    remember(&principals, 1, 0, 1);
    signatures.remember(&fingerprint(1));
    assert!(!knows(&principals, 1, 0) && !signatures.was_good(&fingerprint(1)));
}

/// Few places, so that everybody writes where others read.
#[test]
fn whoever_asks_while_others_write_is_told_of_the_very_token() {
    let principals = Principals::within(40 << 10);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let principals = &principals;
            scope.spawn(move || {
                for number in (0..200).cycle().skip(thread * 50).take(4_000) {
                    remember(principals, number, 0, 1);
                    if let Some(found) = principals.get(&token(number, 0)) {
                        let known = found.as_ref().unwrap();
                        assert_eq!(known.principal.user_id.as_bytes(), &u128::from(number).to_be_bytes());
                    }
                }
            });
        }
    });
}

#[test]
fn what_was_never_written_is_nobodys_signature() {
    let signatures = Signatures::within(64 << 10);
    assert!(!signatures.was_good(&Fingerprint::from_digest([0; 32])));
    signatures.remember(&Fingerprint::from_digest([0; 32]));
    assert!(signatures.was_good(&Fingerprint::from_digest([0; 32])));
}

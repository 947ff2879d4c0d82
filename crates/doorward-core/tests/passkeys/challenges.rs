//! A challenge is good for its ceremony, its user and five minutes.

use std::time::Duration;

use doorward_core::{
    ids::{PendingId, SessionId},
    master::ServerKeys,
    passkey::{
        AuthenticationCeremony, Ceremony, Challenge, LiveChallenge, PasskeyError, RegistrationCeremony,
    },
    time::Timestamp,
};
use doorward_testkit::{SeededEntropy, authenticator::Authenticator};

use crate::stage::{
    ANN, AUTHENTICATIONS, BOB, NOW, ORIGIN, PASSWORDLESS, PENDING, REGISTRATION, SECOND_FACTOR, SESSION,
    STEP_UP, Stage, master,
};

const TOO_FAR_AHEAD: Duration = Duration::from_millis(30_001);

/// The bytes of a new challenge, as a browser sends them back.
fn issued<C: Ceremony>(ceremony: C, keys: &ServerKeys, now: Timestamp) -> Vec<u8> {
    let entropy = SeededEntropy::new(3);
    Challenge::issue(ceremony, keys, &entropy, now).unwrap().as_bytes().to_vec()
}

fn is_live<C: Ceremony>(ceremony: C, bytes: &[u8], keys: &ServerKeys, now: Timestamp) -> bool {
    match LiveChallenge::verify(ceremony, bytes, keys, now) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error, PasskeyError::WrongChallenge);
            false
        }
    }
}

#[test]
fn a_challenge_lives_for_exactly_five_minutes() {
    let keys = Stage::new().keys;
    let bytes = issued(PASSWORDLESS, &keys, NOW);
    let at = |millis| NOW.plus(Duration::from_millis(millis));
    assert!(is_live(PASSWORDLESS, &bytes, &keys, NOW));
    assert!(is_live(PASSWORDLESS, &bytes, &keys, at(299_999)));
    assert!(!is_live(PASSWORDLESS, &bytes, &keys, at(300_000)));
}

#[test]
fn a_challenge_of_another_node_may_be_thirty_seconds_ahead_and_no_more() {
    let keys = Stage::new().keys;
    let bytes = issued(PASSWORDLESS, &keys, NOW);
    assert!(is_live(PASSWORDLESS, &bytes, &keys, NOW.minus(Duration::from_secs(30))));
    assert!(!is_live(PASSWORDLESS, &bytes, &keys, NOW.minus(TOO_FAR_AHEAD)));
}

#[test]
fn the_end_of_time_is_no_way_around_the_expiry() {
    let keys = Stage::new().keys;
    for now in [Timestamp::from_millis(i64::MAX), Timestamp::from_millis(i64::MIN)] {
        let bytes = issued(PASSWORDLESS, &keys, now);
        assert!(!is_live(PASSWORDLESS, &bytes, &keys, NOW), "{now:?}");
    }
}

#[test]
fn a_challenge_is_none_of_another_ceremony() {
    let keys = Stage::new().keys;
    let of_bob = AuthenticationCeremony::SecondFactor { user: BOB, pending: PENDING };
    let of_another_login =
        AuthenticationCeremony::SecondFactor { user: ANN, pending: PendingId::from_bytes([9; 16]) };
    let of_another_session =
        AuthenticationCeremony::StepUp { user: ANN, session: SessionId::from_bytes([9; 16]) };
    let bobs_step_up = AuthenticationCeremony::StepUp { user: BOB, session: SESSION };
    // The same bytes where a session's id stands: only the purpose differs.
    let as_step_up = AuthenticationCeremony::StepUp { user: ANN, session: SessionId::from_bytes([4; 16]) };
    let ceremonies = [
        SECOND_FACTOR,
        STEP_UP,
        PASSWORDLESS,
        of_bob,
        of_another_login,
        of_another_session,
        bobs_step_up,
        as_step_up,
    ];
    for issued_for in ceremonies {
        let bytes = issued(issued_for, &keys, NOW);
        for presented_in in ceremonies {
            let live = is_live(presented_in, &bytes, &keys, NOW);
            assert_eq!(live, issued_for == presented_in, "{issued_for:?} in {presented_in:?}");
        }
        assert!(!is_live(REGISTRATION, &bytes, &keys, NOW), "{issued_for:?}");
    }
}

#[test]
fn a_registration_is_of_one_user_and_one_session() {
    let keys = Stage::new().keys;
    let bytes = issued(REGISTRATION, &keys, NOW);
    assert!(is_live(REGISTRATION, &bytes, &keys, NOW));
    assert!(!is_live(RegistrationCeremony { user: BOB, ..REGISTRATION }, &bytes, &keys, NOW));
    let session = SessionId::from_bytes([9; 16]);
    assert!(!is_live(RegistrationCeremony { session, ..REGISTRATION }, &bytes, &keys, NOW));
    for ceremony in AUTHENTICATIONS {
        assert!(!is_live(ceremony, &bytes, &keys, NOW), "{ceremony:?}");
    }
}

#[test]
fn what_was_issued_under_a_previous_master_secret_is_live_and_under_a_foreign_one_is_not() {
    let old = ServerKeys::derive(&master('A'), &[]).unwrap();
    let rotated = ServerKeys::derive(&master('E'), &[master('A')]).unwrap();
    let foreign = ServerKeys::derive(&master('E'), &[]).unwrap();
    let bytes = issued(STEP_UP, &old, NOW);
    assert!(is_live(STEP_UP, &bytes, &rotated, NOW));
    assert!(!is_live(STEP_UP, &bytes, &foreign, NOW));
}

#[test]
fn a_changed_byte_makes_it_no_challenge() {
    let keys = Stage::new().keys;
    let bytes = issued(SECOND_FACTOR, &keys, NOW);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(!is_live(SECOND_FACTOR, &changed, &keys, NOW), "byte {at}");
    }
    assert!(!is_live(SECOND_FACTOR, &bytes[1..], &keys, NOW));
    assert!(!is_live(SECOND_FACTOR, &[bytes.as_slice(), &[0]].concat(), &keys, NOW));
    assert!(!is_live(SECOND_FACTOR, &[], &keys, NOW));
}

#[test]
fn challenges_differ_though_they_are_issued_at_once() {
    let stage = Stage::new();
    let next =
        || Challenge::issue(PASSWORDLESS, &stage.keys, &stage.entropy, NOW).unwrap().as_bytes().to_vec();
    assert_ne!(next(), next());
}

#[test]
fn without_randomness_there_is_no_challenge() {
    let stage = Stage::new();
    stage.entropy.fail(true);
    assert!(Challenge::issue(PASSWORDLESS, &stage.keys, &stage.entropy, NOW).is_err());
}

#[test]
fn a_spent_challenge_is_remembered_by_one_hash_until_it_is_dead_anyway() {
    let keys = Stage::new().keys;
    let rotated = ServerKeys::derive(&master('E'), &[master('A')]).unwrap();
    let bytes = issued(PASSWORDLESS, &keys, NOW);
    let spent = LiveChallenge::verify(PASSWORDLESS, &bytes, &keys, NOW).unwrap().spent();
    let later = NOW.plus(Duration::from_secs(200));
    assert_eq!(LiveChallenge::verify(PASSWORDLESS, &bytes, &rotated, later).unwrap().spent(), spent);
    assert!(!is_live(PASSWORDLESS, &bytes, &keys, spent.expires_at));
    assert!(is_live(PASSWORDLESS, &bytes, &keys, spent.expires_at.minus(Duration::from_millis(1))));
    let other = issued(PASSWORDLESS, &keys, later);
    assert_ne!(LiveChallenge::verify(PASSWORDLESS, &other, &keys, later).unwrap().spent().hash, spent.hash);
}

#[test]
fn an_answer_to_one_live_challenge_is_none_to_another() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    let answer = phone.get(&stage.request_options(STEP_UP, &[])).unwrap();
    let other = LiveChallenge::verify(STEP_UP, &issued(STEP_UP, &stage.keys, NOW), &stage.keys, NOW).unwrap();
    let response = doorward_core::passkey::AuthenticationResponse::parse(&answer).unwrap();
    let refused = stage.relying_party.finish_authentication(&response, &passkey, &other);
    assert_eq!(refused, Err(PasskeyError::WrongChallenge));

    let answer = Authenticator::at(ORIGIN).create(&stage.creation_options(&[])).unwrap();
    let bytes = issued(REGISTRATION, &stage.keys, NOW);
    let other = LiveChallenge::verify(REGISTRATION, &bytes, &stage.keys, NOW).unwrap();
    let response = doorward_core::passkey::RegistrationResponse::parse(&answer).unwrap();
    let refused = stage.relying_party.finish_registration(&response, &other);
    assert_eq!(refused, Err(PasskeyError::WrongChallenge));
}

//! Showing a passkey.

use doorward_core::passkey::{Authenticated, AuthenticationCeremony, PasskeyError};
use doorward_testkit::authenticator::{Authenticator, UserHandle, edit};
use serde_json::{Value, json};

use crate::stage::{ANN, AUTHENTICATIONS, BOB, ORIGIN, PASSWORDLESS, PENDING, SECOND_FACTOR, STEP_UP, Stage};

/// Where the flags are in authenticator data.
const FLAGS_AT: usize = 32;

#[test]
fn options_ask_for_any_passkey_or_for_the_allowed_ones() {
    let stage = Stage::new();
    let (_, passkey) = stage.phone();
    let allowed = json!([{
        "type": "public-key",
        "id": passkey.id.to_string(),
        "transports": ["hybrid", "internal"],
    }]);
    for (ceremony, passkeys, allowed, verification) in [
        (PASSWORDLESS, vec![], json!([]), "required"),
        (SECOND_FACTOR, vec![passkey.clone()], allowed.clone(), "preferred"),
        (STEP_UP, vec![passkey], allowed, "preferred"),
    ] {
        let mut options = stage.request_options(ceremony, &passkeys);
        assert!(options.pointer_mut("/publicKey/challenge").map(Value::take).unwrap().is_string());
        assert_eq!(
            options,
            json!({"publicKey": {
                "rpId": "auth.example.com",
                "challenge": null,
                "timeout": 300_000,
                "allowCredentials": allowed,
                "userVerification": verification,
            }})
        );
    }
}

#[test]
fn a_passkey_authenticates_in_every_ceremony() {
    let stage = Stage::new();
    for synced in [false, true] {
        let mut phone = Authenticator { backup_eligible: synced, ..Authenticator::at(ORIGIN) };
        let passkey = stage.register(&mut phone).unwrap();
        for ceremony in AUTHENTICATIONS {
            let sign_count = phone.sign_count;
            let shown = stage.authenticate(ceremony, &passkey, &mut phone);
            let id = passkey.id.clone();
            let expected = Authenticated { id, user_id: ANN, user_verified: true, sign_count, synced };
            assert_eq!(shown, Ok(expected), "{ceremony:?}");
        }
    }
}

#[test]
fn the_user_has_to_be_verified_only_where_there_was_no_password() {
    let stage = Stage::new();
    for verified_at_registration in [true, false] {
        let mut key = Authenticator { user_verified: verified_at_registration, ..Authenticator::at(ORIGIN) };
        let passkey = stage.register(&mut key).unwrap();
        key.user_verified = false;
        for ceremony in [SECOND_FACTOR, STEP_UP] {
            let shown = stage.authenticate(ceremony, &passkey, &mut key).unwrap();
            assert!(!shown.user_verified, "{ceremony:?}");
        }
        let refused = stage.authenticate(PASSWORDLESS, &passkey, &mut key);
        assert_eq!(refused, Err(PasskeyError::UserNotVerified));
        key.user_verified = true;
        assert!(stage.authenticate(PASSWORDLESS, &passkey, &mut key).unwrap().user_verified);
    }
}

#[test]
fn somebody_has_to_be_present() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    phone.user_present = false;
    for ceremony in AUTHENTICATIONS {
        let refused = stage.authenticate(ceremony, &passkey, &mut phone);
        assert_eq!(refused, Err(PasskeyError::Invalid), "{ceremony:?}");
    }
}

#[test]
fn a_key_does_not_become_one_that_is_backed_up() {
    let stage = Stage::new();
    // What was registered, and what is shown: (eligible, backed up).
    for (registered, shown, fits) in [
        ((false, false), (true, false), false),
        ((false, false), (true, true), false),
        ((false, false), (false, true), false),
        ((true, false), (false, false), false),
        ((true, false), (true, true), true),
        ((true, true), (true, false), true),
    ] {
        let mut phone = Authenticator::at(ORIGIN);
        (phone.backup_eligible, phone.backed_up) = registered;
        let passkey = stage.register(&mut phone).unwrap();
        (phone.backup_eligible, phone.backed_up) = shown;
        let result = stage.authenticate(SECOND_FACTOR, &passkey, &mut phone);
        assert_eq!(result.is_ok(), fits, "{registered:?} {shown:?}");
        assert!(fits || result == Err(PasskeyError::Invalid));
    }
}

#[test]
fn a_counter_rises_or_stays_at_zero() {
    let stage = Stage::new();
    let (mut phone, mut passkey) = stage.phone();
    for (stored, presented, fits) in [
        (0, 0, true),
        (0, 1, true),
        (1, 2, true),
        (7, u32::MAX, true),
        (1, 1, false),
        (8, 7, false),
        (1, 0, false),
        (u32::MAX, u32::MAX, false),
    ] {
        (passkey.sign_count, phone.sign_count, phone.counts) = (stored, presented, false);
        let result = stage.authenticate(SECOND_FACTOR, &passkey, &mut phone);
        if fits {
            assert_eq!(result.map(|shown| shown.sign_count), Ok(presented));
        } else {
            assert_eq!(result, Err(PasskeyError::CounterRegressed { stored, presented }));
        }
    }
}

/// Or a stranger could have anybody's passkey suspected.
#[test]
fn a_counter_is_believed_only_if_it_was_signed() {
    let stage = Stage::new();
    let (mut phone, mut passkey) = stage.phone();
    passkey.sign_count = 100;
    let mut answer = phone.get(&stage.request_options(PASSWORDLESS, &[])).unwrap();
    edit(&mut answer, "signature", |signature| *signature.last_mut().unwrap() ^= 1);
    assert_eq!(stage.finish_authentication(PASSWORDLESS, &passkey, &answer), Err(PasskeyError::Invalid));
}

#[test]
fn nothing_that_was_signed_can_be_changed() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    phone.user_verified = false;
    let answer = phone.get(&stage.request_options(SECOND_FACTOR, &[])).unwrap();
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, &str, Change); 6] = [
        ("another signature", "signature", |bytes| bytes[20] ^= 1),
        ("no signature", "signature", Vec::clear),
        ("a verified user", "authenticatorData", |bytes| bytes[FLAGS_AT] |= 4),
        ("a higher counter", "authenticatorData", |bytes| bytes[FLAGS_AT + 1] = 1),
        ("more data", "authenticatorData", |bytes| bytes.push(0)),
        ("a space", "clientDataJSON", |bytes| bytes.push(b' ')),
    ];
    for (what, member, change) in changes {
        let mut changed = answer.clone();
        edit(&mut changed, member, change);
        let refused = stage.finish_authentication(SECOND_FACTOR, &passkey, &changed);
        assert_eq!(refused, Err(PasskeyError::Invalid), "{what}");
    }
    let mut short = answer.clone();
    edit(&mut short, "authenticatorData", |bytes| bytes.truncate(36));
    let refused = stage.finish_authentication(SECOND_FACTOR, &passkey, &short);
    assert_eq!(refused, Err(PasskeyError::Malformed));
    assert!(stage.finish_authentication(SECOND_FACTOR, &passkey, &answer).is_ok());
}

#[test]
fn a_registration_is_no_authentication() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    phone.client_data_type = Some("webauthn.create".to_owned());
    for ceremony in AUTHENTICATIONS {
        assert_eq!(stage.authenticate(ceremony, &passkey, &mut phone), Err(PasskeyError::Invalid));
    }
}

#[test]
fn an_answer_to_another_question_is_none() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    let of_bob = AuthenticationCeremony::SecondFactor { user: BOB, pending: PENDING };
    let others = [
        stage.request_options(STEP_UP, &[]),
        stage.request_options(of_bob, &[]),
        stage.creation_options(&[]),
    ];
    for other in others {
        phone.challenge = other["publicKey"]["challenge"].as_str().map(ToOwned::to_owned);
        let refused = stage.authenticate(SECOND_FACTOR, &passkey, &mut phone);
        assert_eq!(refused, Err(PasskeyError::WrongChallenge));
    }
    phone.challenge = Some(String::new());
    assert_eq!(stage.authenticate(SECOND_FACTOR, &passkey, &mut phone), Err(PasskeyError::WrongChallenge));
}

#[test]
fn a_passkey_of_somebody_else_is_no_second_factor() {
    let stage = Stage::new();
    let (mut phone, mut passkey) = stage.phone();
    passkey.user_id = BOB;
    // Bob's own key would say that it is Bob's, an old one nothing.
    for user_handle in [UserHandle::Absent, UserHandle::Other(BOB.as_bytes().to_vec())] {
        phone.user_handle = user_handle;
        for ceremony in [SECOND_FACTOR, STEP_UP] {
            let refused = stage.authenticate(ceremony, &passkey, &mut phone);
            assert_eq!(refused, Err(PasskeyError::Invalid), "{ceremony:?} {:?}", phone.user_handle);
        }
    }
    assert!(stage.authenticate(PASSWORDLESS, &passkey, &mut phone).is_ok(), "it does log Bob in");
}

#[test]
fn a_passkey_answers_for_itself_only() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    let (_, other) = stage.phone();
    for ceremony in AUTHENTICATIONS {
        let refused = stage.authenticate(ceremony, &other, &mut phone);
        assert_eq!(refused, Err(PasskeyError::Invalid), "{ceremony:?}");
        // The row of one with the key of another.
        let mixed =
            doorward_core::passkey::Passkey { credential: other.credential.clone(), ..passkey.clone() };
        let refused = stage.authenticate(ceremony, &mixed, &mut phone);
        assert_eq!(refused, Err(PasskeyError::Invalid), "{ceremony:?}");
        // The name of one on the answer of another.
        let mut renamed = phone.get(&stage.request_options(ceremony, &[])).unwrap();
        renamed["id"] = other.id.to_string().into();
        renamed["rawId"] = other.id.to_string().into();
        let refused = stage.finish_authentication(ceremony, &other, &renamed);
        assert_eq!(refused, Err(PasskeyError::Invalid), "{ceremony:?}");
    }
}

#[test]
fn the_user_handle_names_the_user_and_is_needed_where_nothing_else_does() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    for ceremony in AUTHENTICATIONS {
        for other in [BOB.as_bytes().to_vec(), vec![], ANN.as_bytes()[..15].to_vec()] {
            phone.user_handle = UserHandle::Other(other);
            let refused = stage.authenticate(ceremony, &passkey, &mut phone);
            assert_eq!(refused, Err(PasskeyError::Invalid), "{ceremony:?} {:?}", phone.user_handle);
        }
        phone.user_handle = UserHandle::Absent;
        let mut answer = phone.get(&stage.request_options(ceremony, &[])).unwrap();
        let known_before = ceremony != PASSWORDLESS;
        assert_eq!(stage.finish_authentication(ceremony, &passkey, &answer).is_ok(), known_before);
        answer["response"]["userHandle"] = Value::Null;
        assert_eq!(stage.finish_authentication(ceremony, &passkey, &answer).is_ok(), known_before);
    }
}

#[test]
fn what_a_browser_adds_is_ignored() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    let mut answer = phone.get(&stage.request_options(PASSWORDLESS, &[])).unwrap();
    answer["clientExtensionResults"] = json!({"appid": true, "largeBlob": 1});
    answer["authenticatorAttachment"] = json!("somewhere");
    answer["response"]["new"] = json!({"member": null});
    assert!(stage.finish_authentication(PASSWORDLESS, &passkey, &answer).is_ok());
}

//! Adding a passkey.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::passkey::PasskeyError;
use doorward_testkit::authenticator::{Algorithm, Authenticator, Declined, edit};
use serde_json::{Value, json};

use crate::stage::{ANN, NOW, ORIGIN, PASSWORDLESS, SECOND_FACTOR, Stage};

/// Where authenticator data begin in an attestation object of the test authenticator.
const AUTH_DATA_AT: usize = 30;
const FLAGS_AT: usize = AUTH_DATA_AT + 32;
/// Where the length of the credential id is.
const ID_LENGTH_AT: usize = AUTH_DATA_AT + 37 + 16;

#[test]
fn options_ask_for_what_the_design_says() {
    let stage = Stage::new();
    let (_, passkey) = stage.phone();
    let mut options = stage.creation_options(std::slice::from_ref(&passkey));
    let challenge = options.pointer_mut("/publicKey/challenge").map(Value::take).unwrap();
    assert!(challenge.as_str().unwrap().len() > 22, "more than 16 bytes");
    assert_eq!(
        options,
        json!({"publicKey": {
            "rp": {"id": "auth.example.com", "name": "Example"},
            "user": {"id": BASE64_URL_SAFE_NO_PAD.encode(ANN.as_bytes()), "name": "Ann", "displayName": "Ann"},
            "challenge": null,
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
            "timeout": 300_000,
            "excludeCredentials": [{
                "type": "public-key",
                "id": passkey.id.to_string(),
                "transports": ["hybrid", "internal"],
            }],
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": true,
                "userVerification": "preferred",
            },
            "attestation": "none",
        }})
    );
}

#[test]
fn a_new_passkey_is_what_the_authenticator_made() {
    let stage = Stage::new();
    for (user_verified, synced) in [(true, false), (false, true)] {
        let mut phone = Authenticator { user_verified, sign_count: 41, ..Authenticator::at(ORIGIN) };
        phone.backup_eligible = synced;
        let answer = phone.create(&stage.creation_options(&[])).unwrap();
        let new = stage.finish_registration(&answer).unwrap();
        assert_eq!(new.id.to_string(), answer["id"]);
        assert_eq!((new.sign_count, new.synced, new.user_verified), (41, synced, user_verified));
        let passkey = new.named("Phone".parse().unwrap(), NOW);
        assert_eq!((passkey.user_id, passkey.created_at, passkey.last_used_at), (ANN, NOW, None));
        assert_eq!((passkey.sign_count, passkey.synced), (41, synced));
        assert_eq!(phone.create(&stage.creation_options(&[passkey])), Err(Declined::AlreadyRegistered));
    }
}

#[test]
fn both_algorithms_that_are_asked_for_work() {
    let stage = Stage::new();
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let mut phone = Authenticator { algorithm, ..Authenticator::at(ORIGIN) };
        let passkey = stage.register(&mut phone).unwrap();
        assert!(stage.authenticate(PASSWORDLESS, &passkey, &mut phone).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn an_algorithm_that_nobody_asked_for_is_refused() {
    let stage = Stage::new();
    for algorithm in [Algorithm::Es384, Algorithm::EdDsa] {
        let mut phone = Authenticator { algorithm, ..Authenticator::at(ORIGIN) };
        assert_eq!(stage.register(&mut phone).err(), Some(PasskeyError::Invalid), "{algorithm:?}");
    }
}

#[test]
fn a_key_for_es256_is_on_p_256() {
    let stage = Stage::new();
    let mut phone = Authenticator { algorithm: Algorithm::Es384, ..Authenticator::at(ORIGIN) };
    let mut answer = phone.create(&stage.creation_options(&[])).unwrap();
    edit(&mut answer, "attestationObject", |object| {
        // `3: -35` becomes `3: -7`, and the bytes around it one less.
        let at = object.windows(3).position(|bytes| bytes == [0x03, 0x38, 0x22]).unwrap();
        object.splice(at..at + 3, [0x03, 0x26]);
        object[AUTH_DATA_AT - 1] -= 1;
    });
    assert_eq!(stage.finish_registration(&answer).err(), Some(PasskeyError::Invalid));
}

#[test]
fn somebody_has_to_be_present_and_may_be_unverified() {
    let stage = Stage::new();
    let mut nobody = Authenticator { user_present: false, ..Authenticator::at(ORIGIN) };
    assert_eq!(stage.register(&mut nobody).err(), Some(PasskeyError::Invalid));
    let mut somebody = Authenticator { user_verified: false, ..Authenticator::at(ORIGIN) };
    assert!(stage.register(&mut somebody).is_ok());
}

#[test]
fn backed_up_without_being_eligible_is_a_contradiction() {
    let stage = Stage::new();
    let mut broken = Authenticator { backed_up: true, ..Authenticator::at(ORIGIN) };
    assert_eq!(stage.register(&mut broken).err(), Some(PasskeyError::Invalid));
    let mut synced = Authenticator { backup_eligible: true, backed_up: true, ..Authenticator::at(ORIGIN) };
    assert!(stage.register(&mut synced).unwrap().synced);
}

#[test]
fn an_authentication_is_no_registration() {
    let stage = Stage::new();
    let mut confused = Authenticator::at(ORIGIN);
    confused.client_data_type = Some("webauthn.get".to_owned());
    assert_eq!(stage.register(&mut confused).err(), Some(PasskeyError::Invalid));
}

#[test]
fn the_id_that_is_named_is_the_id_that_was_made() {
    let stage = Stage::new();
    let answer = Authenticator::at(ORIGIN).create(&stage.creation_options(&[])).unwrap();
    let mut renamed = answer.clone();
    renamed["id"] = "AAAA".into();
    assert_eq!(stage.finish_registration(&renamed).err(), Some(PasskeyError::Malformed), "two names");
    renamed["rawId"] = "AAAA".into();
    assert_eq!(stage.finish_registration(&renamed).err(), Some(PasskeyError::Invalid), "another name");
    assert!(stage.finish_registration(&answer).is_ok());
}

/// The library would take 4096 bytes.
#[test]
fn an_id_longer_than_the_standard_allows_is_refused() {
    let stage = Stage::new();
    for (length, fits) in [(1023, true), (1024, false)] {
        let mut answer = Authenticator::at(ORIGIN).create(&stage.creation_options(&[])).unwrap();
        let id = vec![7; length];
        edit(&mut answer, "attestationObject", |object| {
            let data_end = object.len();
            let key = object[ID_LENGTH_AT + 2 + 32..data_end].to_vec();
            let mut data = object[AUTH_DATA_AT..ID_LENGTH_AT].to_vec();
            data.extend(u16::try_from(length).unwrap().to_be_bytes());
            data.extend(&id);
            data.extend(key);
            object.truncate(AUTH_DATA_AT - 2);
            object.push(0x59);
            object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            object.extend(data);
        });
        for member in ["id", "rawId"] {
            answer[member] = BASE64_URL_SAFE_NO_PAD.encode(&id).into();
        }
        assert_eq!(stage.finish_registration(&answer).is_ok(), fits, "{length}");
    }
}

#[test]
fn an_attestation_nobody_asked_for_is_not_looked_at() {
    let stage = Stage::new();
    let mut phone = Authenticator::at(ORIGIN);
    let mut answer = phone.create(&stage.creation_options(&[])).unwrap();
    edit(&mut answer, "attestationObject", |object| {
        // `"fmt": "none"` becomes `"fmt": "tpm!"`, and the statement no map.
        let none = object.windows(4).position(|bytes| bytes == b"none").unwrap();
        object[none..none + 4].copy_from_slice(b"tpm!");
        let statement = object.windows(8).position(|bytes| bytes == b"attStmt\xa0").unwrap();
        object[statement + 7] = 0x80;
    });
    let passkey = stage.finish_registration(&answer).unwrap().named("Phone".parse().unwrap(), NOW);
    assert!(stage.authenticate(SECOND_FACTOR, &passkey, &mut phone).is_ok());
}

#[test]
fn without_a_key_there_is_no_passkey() {
    let stage = Stage::new();
    let mut answer = Authenticator::at(ORIGIN).create(&stage.creation_options(&[])).unwrap();
    edit(&mut answer, "attestationObject", |object| object[FLAGS_AT] &= !0x40);
    assert_eq!(stage.finish_registration(&answer).err(), Some(PasskeyError::Invalid));
}

/// Chromium has security keys protect what it makes discoverable, and they say so.
#[test]
fn extensions_nobody_asked_for_do_no_harm() {
    let stage = Stage::new();
    for name in ["credProtect", "thirdPartyPayment"] {
        let mut key = Authenticator { extensions: vec![(name.to_owned(), 2)], ..Authenticator::at(ORIGIN) };
        let passkey = stage.register(&mut key).unwrap();
        assert!(stage.authenticate(SECOND_FACTOR, &passkey, &mut key).is_ok(), "{name}");
    }
}

#[test]
fn what_a_browser_adds_is_ignored() {
    let stage = Stage::new();
    let mut answer = Authenticator::at(ORIGIN).create(&stage.creation_options(&[])).unwrap();
    answer["clientExtensionResults"] = json!({"credProps": {"rk": true}, "prf": {"enabled": "maybe"}});
    answer["new"] = json!({"member": [1, 2, 3]});
    answer["response"]["new"] = json!(null);
    answer["response"]["transports"] = json!(["smart-card", "usb", "teleport"]);
    let passkey = stage.finish_registration(&answer).unwrap().named("Key".parse().unwrap(), NOW);
    let options = stage.request_options(SECOND_FACTOR, &[passkey]);
    assert_eq!(options["publicKey"]["allowCredentials"][0]["transports"], json!(["usb"]));

    answer["response"].as_object_mut().unwrap().remove("transports");
    answer.as_object_mut().unwrap().remove("clientExtensionResults");
    assert!(stage.finish_registration(&answer).is_ok());
}

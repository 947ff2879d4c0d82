//! What is stored of a passkey.

use doorward_core::passkey::{PasskeyId, PasskeyName, StoredCredential};

use serde_json::Value;

use crate::stage::{SECOND_FACTOR, Stage};

#[test]
fn an_id_has_one_to_1023_bytes_and_reads_back() {
    for length in [1, 2, 16, 1023] {
        let id = PasskeyId::from_bytes(vec![0xfb; length]).unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
    }
    for length in [0, 1024] {
        let bytes = vec![0xfb; length];
        assert!(PasskeyId::from_bytes(bytes).is_err(), "{length}");
    }
    for text in ["", "AA==", "A", "A/AA", &"A".repeat(1366), &"é".repeat(4)] {
        assert!(text.parse::<PasskeyId>().is_err(), "{text}");
    }
}

#[test]
fn a_name_is_trimmed_and_short_enough_to_be_shown() {
    assert_eq!("  Ann's Schlüssel \t".parse::<PasskeyName>().unwrap().as_str(), "Ann's Schlüssel");
    assert!("ü".repeat(64).parse::<PasskeyName>().is_ok());
    for bad in ["", " ", "a\nb", "a\0b", &"ü".repeat(65)] {
        assert!(bad.parse::<PasskeyName>().is_err(), "{bad:?}");
    }
}

#[test]
fn a_credential_works_after_it_was_stored_and_nothing_else_is_one() {
    let stage = Stage::new();
    let (mut phone, mut passkey) = stage.phone();
    passkey.credential = StoredCredential::parse(passkey.credential.as_bytes().to_vec()).unwrap();
    assert!(stage.authenticate(SECOND_FACTOR, &passkey, &mut phone).is_ok());
    for bytes in [&b""[..], b"{}", b"null", &passkey.credential.as_bytes()[1..]] {
        assert!(StoredCredential::parse(bytes.to_vec()).is_err());
    }
}

/// Passkeys outlive versions of the library: what was stored once has to be read for ever.
#[test]
fn what_webauthn_rs_core_0_6_wrote_is_read() {
    let rest = r#""counter":1,"transports":["hybrid","internal"],"user_verified":true,"backup_eligible":false,
        "backup_state":false,"registration_policy":"preferred","extensions":{"cred_protect":"NotRequested",
        "hmac_create_secret":"NotRequested","appid":"NotRequested","cred_props":"NotRequested"},
        "attestation":{"data":"None","metadata":"None"},"attestation_format":"none""#;
    let es256 = r#"{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1",
        "x":"QNMObHEJmhTsbdgQTEOLmsqDvEBkOGsDzgeqli2zU1E","y":"c62qeIrGjoWnDF82LbzT-3ZNpJLoLq81sHEAIjOlkPY"}}}"#;
    let rs256 = r#"{"type_":"RS256","key":{"RSA":{"n":"qOnQnCwDzXbaI7805BbCig","e":[1,0,1]}}}"#;
    for key in [es256, rs256] {
        let written = format!(r#"{{"cred_id":"aNKT3N5do_DYOYmAesCRvQ","cred":{key},{rest}}}"#);
        let read: Value = serde_json::from_str(&written).unwrap();
        assert!(StoredCredential::parse(written.into_bytes()).is_ok(), "{read}");
    }
}

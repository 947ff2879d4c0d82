//! Whatever is sent, nothing panics, and nothing is logged of it.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::passkey::{AuthenticationResponse, PasskeyError, RegistrationResponse};
use doorward_testkit::authenticator::{Authenticator, edit};
use proptest::prelude::*;
use serde_json::{Value, json};
use tracing::{Event, Metadata, Subscriber, span};

use crate::stage::{ORIGIN, PASSWORDLESS, SECOND_FACTOR, Stage};

/// JSON that looks like an answer, or does not.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..64)
            .prop_map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes).into()),
        Just("public-key".into()),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let name = prop_oneof![
            Just("id".to_owned()),
            Just("rawId".to_owned()),
            Just("type".to_owned()),
            Just("response".to_owned()),
            Just("clientDataJSON".to_owned()),
            Just("attestationObject".to_owned()),
            Just("authenticatorData".to_owned()),
            Just("signature".to_owned()),
            Just("userHandle".to_owned()),
            Just("transports".to_owned()),
            ".{0,4}",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..10)
                .prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

/// Writes `noise` over, into or instead of the end of something.
fn disturb(bytes: &mut Vec<u8>, at: usize, noise: &[u8], how: u8) {
    let at = at % (bytes.len() + 1);
    let end = (at + noise.len()).min(bytes.len());
    match how {
        0 => drop(bytes.splice(at..end, noise.iter().copied())),
        1 => drop(bytes.splice(at..at, noise.iter().copied())),
        2 => drop(bytes.splice(at.., noise.iter().copied())),
        _ => drop(bytes.drain(at..end)),
    }
}

proptest! {
    #[test]
    fn any_json_is_parsed_or_refused(value in json_value()) {
        let stage = Stage::new();
        prop_assert!(stage.finish_registration(&value).is_err());
        prop_assert!(AuthenticationResponse::parse(&value).is_err() || value.is_object());
    }

    #[test]
    fn disturbed_registrations_do_not_panic(
        member in prop_oneof![Just("attestationObject"), Just("clientDataJSON")],
        at in any::<usize>(),
        noise in proptest::collection::vec(any::<u8>(), 0..8),
        how in 0..4_u8,
    ) {
        static ANSWER: LazyLock<(Stage, Value)> = LazyLock::new(|| {
            let stage = Stage::new();
            let answer = Authenticator::at(ORIGIN).create(&stage.creation_options(&[])).unwrap();
            (stage, answer)
        });
        let (stage, mut answer) = (&ANSWER.0, ANSWER.1.clone());
        edit(&mut answer, member, |bytes| disturb(bytes, at, &noise, how));
        let _: Result<_, PasskeyError> = stage.finish_registration(&answer);
    }

    #[test]
    fn disturbed_authentications_are_refused(
        member in prop_oneof![Just("authenticatorData"), Just("clientDataJSON"), Just("signature")],
        at in any::<usize>(),
        noise in proptest::collection::vec(any::<u8>(), 0..8),
        how in 0..4_u8,
    ) {
        static ANSWER: LazyLock<(Stage, doorward_core::passkey::Passkey, Value)> = LazyLock::new(|| {
            let stage = Stage::new();
            let (mut phone, passkey) = stage.phone();
            let answer = phone.get(&stage.request_options(PASSWORDLESS, &[])).unwrap();
            (stage, passkey, answer)
        });
        let (stage, passkey, mut answer) = (&ANSWER.0, &ANSWER.1, ANSWER.2.clone());
        edit(&mut answer, member, |bytes| disturb(bytes, at, &noise, how));
        let result = stage.finish_authentication(PASSWORDLESS, passkey, &answer);
        prop_assert_eq!(result.is_ok(), answer == ANSWER.2);
    }
}

#[test]
fn nothing_longer_than_anybody_sends_is_taken() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    let answer = phone.get(&stage.request_options(SECOND_FACTOR, &[])).unwrap();
    for (member, most) in
        [("clientDataJSON", 4096), ("authenticatorData", 4096), ("signature", 4096), ("userHandle", 64)]
    {
        for (length, error) in [(most, None), (most + 1, Some(PasskeyError::Malformed))] {
            let mut long = answer.clone();
            // Client data stay JSON, with a space or many behind them.
            edit(&mut long, member, |bytes| bytes.resize(length, b' '));
            assert_eq!(AuthenticationResponse::parse(&long).err(), error, "{member} {length}");
            assert!(stage.finish_authentication(SECOND_FACTOR, &passkey, &long).is_err());
        }
    }
    let mut long = Authenticator::at(ORIGIN).create(&stage.creation_options(&[])).unwrap();
    edit(&mut long, "attestationObject", |bytes| bytes.resize(16_385, 0));
    assert_eq!(RegistrationResponse::parse(&long).err(), Some(PasskeyError::Malformed));
    // 4097 bytes of authenticator data in an object that is short enough.
    let object = [b"\xa1\x68authData\x59\x10\x01".as_slice(), &[0; 4097]].concat();
    edit(&mut long, "attestationObject", |bytes| *bytes = object);
    assert_eq!(RegistrationResponse::parse(&long).err(), Some(PasskeyError::Malformed));
}

#[test]
fn what_is_no_public_key_is_refused() {
    let stage = Stage::new();
    let (mut phone, _) = stage.phone();
    let answer = phone.get(&stage.request_options(SECOND_FACTOR, &[])).unwrap();
    for (pointer, value) in [
        ("/type", json!("password")),
        ("/id", json!("AAAA")),
        ("/rawId", json!("AAAA")),
        ("/rawId", json!(7)),
        ("/response", json!([])),
        ("/response/signature", json!("AA==")),
        ("/response/signature", json!("+/+/")),
        ("/response/authenticatorData", json!(null)),
        ("/response/clientDataJSON", json!("e30")),
        ("/response/userHandle", json!([1])),
    ] {
        let mut changed = answer.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        let refused = AuthenticationResponse::parse(&changed).err();
        assert_eq!(refused, Some(PasskeyError::Malformed), "{pointer}");
    }
}

/// Two readers of one text must not read two things: the one that checks the origin is not the one that verifies.
#[test]
fn client_data_that_say_a_thing_twice_are_refused() {
    let stage = Stage::new();
    let (mut phone, _) = stage.phone();
    for member in ["\"origin\":\"https://evil.test\"", "\"challenge\":\"AAAA\"", "\"crossOrigin\":true"] {
        let mut twice = phone.get(&stage.request_options(SECOND_FACTOR, &[])).unwrap();
        edit(&mut twice, "clientDataJSON", |json| {
            json.pop();
            json.extend(format!(",{member}}}").into_bytes());
        });
        assert_eq!(AuthenticationResponse::parse(&twice).err(), Some(PasskeyError::Malformed), "{member}");
    }
}

/// Counts what it is told.
struct Listener(Arc<AtomicUsize>);

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn the_library_logs_nothing_of_what_strangers_send() {
    let heard = Arc::new(AtomicUsize::new(0));
    tracing::subscriber::with_default(Listener(Arc::clone(&heard)), || {
        tracing::error!("somebody listens");
        assert_eq!(heard.load(Ordering::SeqCst), 1);
        let stage = Stage::new();
        let (mut phone, passkey) = stage.phone();
        let mut answer = phone.get(&stage.request_options(PASSWORDLESS, &[])).unwrap();
        assert!(stage.finish_authentication(PASSWORDLESS, &passkey, &answer).is_ok());
        edit(&mut answer, "authenticatorData", |data| data.truncate(20));
        let refused = stage.finish_authentication(PASSWORDLESS, &passkey, &answer);
        assert_eq!(refused, Err(PasskeyError::Malformed));
    });
    assert_eq!(heard.load(Ordering::SeqCst), 1);
}

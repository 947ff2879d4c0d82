//! Access tokens: what is believed, and everything else that is not (RFC 8725).

use std::time::Duration;

use aws_lc_rs::{hmac, signature::Ed25519KeyPair};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD as BASE64},
};
use doorward_core::{
    access_token::{CLOCK_LEEWAY, Principal, SigningKey, TokenRules, VerifyingKey, check_lifetime, read},
    refusal::Refusal,
    session::{Session, SessionOfUser, Transport},
    signing_key::SigningKeyId,
    time::Timestamp,
    user::{Epoch, User},
};
use doorward_testkit::builders::{ACCESS_TTL, START, Scene};
use serde_json::{Value as Json, json};

const SEED: [u8; 32] = [7; 32];
const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

fn rules() -> TokenRules {
    TokenRules {
        issuer: "https://auth.example.com/auth".to_owned(),
        audience: "https://auth.example.com".to_owned(),
        access_ttl: ACCESS_TTL,
    }
}

fn kid(text: &str) -> SigningKeyId {
    SigningKeyId::parse(text).unwrap()
}

fn key() -> SigningKey {
    SigningKey::new(kid("ours"), &SEED).unwrap()
}

fn somebody() -> SessionOfUser {
    let scene = Scene::new(1);
    let mut user = scene.admin().user;
    user.email = Some("ann@example.com".parse().unwrap());
    let session = scene.session(&user);
    SessionOfUser { session, user }
}

fn token() -> String {
    key().issue(&somebody(), [9; 16], START, &rules()).0.reveal().to_owned()
}

fn believed(token: &str) -> Result<Principal, Refusal> {
    let key = key();
    read(token, [key.verifying()].into_iter(), &rules()).map(|(principal, _)| principal)
}

#[track_caller]
fn assert_refused(token: &str, why: &str) {
    assert_eq!(believed(token).err(), Some(Refusal::TokenInvalid), "{why}: {token}");
}

fn segments(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

fn claims() -> Json {
    serde_json::from_slice(&BASE64.decode(segments(&token())[1]).unwrap()).unwrap()
}

/// Signs anything with our own key: what only a mistake of ours could produce.
fn signed(header: &str, payload: &str) -> String {
    let signing_input = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
    let signature = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap().sign(signing_input.as_bytes());
    format!("{signing_input}.{}", BASE64.encode(signature))
}

const HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ours"}"#;

#[test]
fn what_was_issued_reads_back_whole() {
    let of = somebody();
    let (token, expires_at) = key().issue(&of, [9; 16], START, &rules());
    assert_eq!(expires_at, START.plus(ACCESS_TTL));
    let principal = believed(token.reveal()).unwrap();
    let SessionOfUser { session, user } = of;
    assert_eq!(
        principal,
        Principal {
            user_id: user.id,
            username: user.username.as_str().to_owned(),
            email: Some("ann@example.com".to_owned()),
            roles: user.roles,
            session_id: session.id,
            transport: Transport::Cookie,
            aal: 1,
            auth_time: START,
            must_change_password: false,
            has_factor: false,
            expires_at,
            issued_at: START,
            session_epoch: Epoch(0),
            user_epoch: Epoch(0),
        }
    );
}

#[test]
fn a_token_carries_the_claims_of_the_contract_and_no_others() {
    let of = somebody();
    let expected = json!({
        "iss": "https://auth.example.com/auth",
        "aud": "https://auth.example.com",
        "sub": of.user.id.to_string(),
        "sid": of.session.id.to_string(),
        "jti": BASE64.encode([9; 16]),
        "iat": START.as_seconds(),
        "nbf": START.as_seconds(),
        "exp": START.as_seconds() + 900,
        "auth_time": START.as_seconds(),
        "aal": 1,
        "amr": ["pwd"],
        "roles": ["admin"],
        "name": of.user.username.as_str(),
        "email": "ann@example.com",
        "pwc": false,
        "mfa": false,
        "tr": "cookie",
        "sv": 0,
        "uv": 0,
        "bnd": "off",
    });
    assert_eq!(claims(), expected);
    assert_eq!(BASE64.decode(segments(&token())[0]).unwrap(), HEADER.as_bytes());
}

#[test]
fn a_token_never_outlives_its_session() {
    let mut of = somebody();
    of.session.idle_expires_at = START.plus(Duration::from_millis(90_999));
    let (token, expires_at) = key().issue(&of, [9; 16], START, &rules());
    assert_eq!(expires_at, START.plus(Duration::from_secs(90)));
    assert_eq!(believed(token.reveal()).unwrap().expires_at, expires_at);
}

/// Algorithm confusion (RFC 8725, 2.1): the token says how it wants to be verified.
#[test]
fn a_token_does_not_choose_its_algorithm() {
    let token = token();
    let [ours, payload, signature] = segments(&token);
    let public = *key().verifying().public();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(public)}).to_string();
    for alg in ["none", "None", "nOnE", "HS256", "HS512", "RS256", "ES256", "EdDSA", "Ed25519", ""] {
        for typ in ["at+jwt", "JWT"] {
            let header = json!({"alg": alg, "typ": typ, "kid": "ours"}).to_string();
            let header = BASE64.encode(header);
            if header == ours {
                continue;
            }
            assert_refused(&format!("{header}.{payload}."), "unsigned");
            assert_refused(&format!("{header}.{payload}.{signature}"), "with our signature");
            // HMAC keyed with what everybody knows: our public key, in each form it is published in.
            for secret in [public.as_slice(), BASE64.encode(public).as_bytes(), jwk.as_bytes(), b""] {
                let input = format!("{header}.{payload}");
                let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                let tag = BASE64.encode(hmac::sign(&hmac_key, input.as_bytes()));
                assert_refused(&format!("{input}.{tag}"), "HMAC keyed with our public key");
            }
        }
    }
    let hmac_key = hmac::Key::new(hmac::HMAC_SHA512, &public);
    let tag = BASE64.encode(hmac::sign(&hmac_key, format!("{ours}.{payload}").as_bytes()));
    assert_refused(&format!("{ours}.{payload}.{tag}"), "a 64-byte HMAC under our own header");
    assert_refused(&format!("{ours}.{payload}."), "no signature under our own header");
    assert_refused(&format!("{ours}.{payload}"), "no third segment");
}

#[test]
fn only_keys_of_the_ring_verify_and_each_only_under_its_own_name() {
    let of = somebody();
    let issued_by = |id: &str, seed: u8| {
        let key = SigningKey::new(kid(id), &[seed; 32]).unwrap();
        key.issue(&of, [9; 16], START, &rules()).0.reveal().to_owned()
    };
    assert!(believed(&issued_by("ours", 7)).is_ok());
    assert_refused(&issued_by("ours", 8), "another key under our name");
    assert_refused(&issued_by("theirs", 7), "our key under another name");
    assert_refused(&issued_by("theirs", 8), "a foreign key");
    assert_refused(&issued_by("our", 7), "a prefix of the name");
    let (ours, theirs) = (key(), SigningKey::new(kid("theirs"), &[8; 32]).unwrap());
    let ring: [&VerifyingKey; 2] = [ours.verifying(), theirs.verifying()];
    let (_, signed_by) = read(&issued_by("theirs", 8), ring.into_iter(), &rules()).unwrap();
    assert_eq!(*signed_by, kid("theirs"));
    assert!(read(&issued_by("theirs", 7), ring.into_iter(), &rules()).is_err(), "names swapped in one ring");
}

#[test]
fn a_header_says_exactly_what_ours_say() {
    let payload = claims().to_string();
    assert!(believed(&signed(HEADER, &payload)).is_ok(), "the forge of this test works");
    for header in [
        r#"{"typ":"at+jwt","alg":"EdDSA","kid":"ours"}"#,
        r#"{"kid":"ours","alg":"EdDSA","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ours" }"#,
        r#"{"alg":"EdDSA","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"JWT","kid":"ours"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ours","crit":["b64"],"b64":false}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ours","jku":"https://evil.example/jwks.json"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"ours","jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"}}"#,
        r#"{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"ours"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"../ours"}"#,
        "{}",
        "",
    ] {
        assert_refused(&signed(header, &payload), header);
    }
}

#[test]
fn a_token_of_another_issuer_or_for_another_audience_is_none() {
    let issued_by = |issuer: &str, audience: &str| {
        let rules =
            TokenRules { issuer: issuer.to_owned(), audience: audience.to_owned(), access_ttl: ACCESS_TTL };
        key().issue(&somebody(), [9; 16], START, &rules).0.reveal().to_owned()
    };
    let TokenRules { issuer, audience, .. } = rules();
    assert!(believed(&issued_by(&issuer, &audience)).is_ok());
    for other in
        ["", "https://auth.example.com/auth/", "https://AUTH.example.com/auth", "https://evil.example"]
    {
        assert_refused(&issued_by(other, &audience), "issuer");
        assert_refused(&issued_by(&issuer, other), "audience");
    }
    assert_refused(&issued_by(&audience, &issuer), "swapped");
}

#[test]
fn every_claim_is_there_and_of_its_type() {
    let good = claims();
    let forged = |claims: &Json| signed(HEADER, &claims.to_string());
    assert!(believed(&forged(&good)).is_ok());
    for name in good.as_object().unwrap().keys() {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove(name);
        // No mail address is the same as none.
        if name != "email" {
            assert_refused(&forged(&changed), &format!("without {name}"));
        }
        changed[name] = json!({"unexpected": true});
        assert_refused(&forged(&changed), name);
    }
    for (name, value) in [
        ("exp", json!("1800000900")),
        ("exp", json!(1_800_000_900.5)),
        ("exp", json!(1e300)),
        ("aal", json!(256)),
        ("aal", json!(-1)),
        ("aud", json!(["https://auth.example.com"])),
        ("roles", json!(["Not A Role"])),
        ("sub", json!("")),
        ("sub", json!("AAAAAAAAAAAAAAAAAAAAAB")),
        ("sid", json!("AAAAAAAAAAAAAAAAAAAAA=")),
        ("tr", json!("Cookie")),
        ("tr", json!("")),
        ("sv", json!(-1)),
        ("pwc", json!(0)),
    ] {
        let mut changed = good.clone();
        changed[name] = value;
        assert_refused(&forged(&changed), name);
    }
    for payload in ["", "null", "[]", "{}", "{\"iss\":", "\u{fffd}", &format!("{good}{good}")] {
        assert_refused(&signed(HEADER, payload), "payload");
    }
}

#[test]
fn a_token_that_differs_in_one_character_is_none() {
    let token = token();
    for at in 0..token.len() {
        for other in [b'A', b'B', b'.', b'=', b' ', 0] {
            let mut changed = token.clone().into_bytes();
            if changed[at] != other {
                changed[at] = other;
                assert_refused(&String::from_utf8(changed).unwrap(), &format!("character {at}"));
            }
        }
    }
}

/// One meaning has one spelling: else a token could be varied to pass by whatever compares texts.
#[test]
fn base64_that_is_not_canonical_is_none() {
    let token = token();
    let [header, payload, signature] = segments(&token);
    // 64 bytes take 86 characters; the last four bits of the last one say nothing, and must be zero.
    let (body, last) = signature.split_at(85);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.find(last).unwrap();
    assert_eq!(value % 16, 0);
    for trailing in 1..16 {
        let other = &alphabet[value + trailing..=value + trailing];
        assert_refused(&format!("{header}.{payload}.{body}{other}"), "trailing bits");
    }
    for padding in ["=", "=="] {
        assert_refused(&format!("{header}.{payload}.{signature}{padding}"), "padded signature");
        assert_refused(&format!("{header}.{payload}{padding}.{signature}"), "padded payload");
        assert_refused(&format!("{header}{padding}.{payload}.{signature}"), "padded header");
    }
    let bytes = BASE64.decode(signature).unwrap();
    let standard = BASE64_STANDARD_NO_PAD.encode(bytes);
    if standard != signature {
        assert_refused(&format!("{header}.{payload}.{standard}"), "the other alphabet");
    }
}

#[test]
fn a_token_has_three_segments_and_nothing_around_them() {
    let token = token();
    let [header, payload, signature] = segments(&token);
    for changed in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}.{header}.{payload}.{signature}"),
        format!("{header}..{payload}.{signature}"),
        format!("{header}.{payload}"),
        format!("{payload}.{header}.{signature}"),
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("\t{token}"),
        format!("{header}. {payload}.{signature}"),
        format!("{header}.{payload}\r\n.{signature}"),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("\u{feff}{token}"),
        format!("{token}\0"),
        // JWE, and the JSON serialisation of JWS.
        format!("{header}.{payload}.{signature}.{payload}.{signature}"),
        json!({"protected": header, "payload": payload, "signature": signature}).to_string(),
    ] {
        assert_refused(&changed, "form");
    }
}

#[test]
fn a_signature_has_sixty_four_bytes_and_one_form() {
    let token = token();
    let [header, payload, signature] = segments(&token);
    let bytes = BASE64.decode(signature).unwrap();
    for length in 0..64 {
        assert_refused(&format!("{header}.{payload}.{}", BASE64.encode(&bytes[..length])), "truncated");
    }
    for extra in 1..4 {
        let long = [bytes.as_slice(), &vec![0; extra]].concat();
        assert_refused(&format!("{header}.{payload}.{}", BASE64.encode(long)), "too long");
    }
    assert_refused(&format!("{header}.{payload}.{}", BASE64.encode([0; 64])), "zeros");
    // S + L signs the same message, unless S is checked to be below the order L (RFC 8032, 5.1.7).
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut malleated = bytes;
    let mut carry = 0;
    for (byte, add) in malleated[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum % 256).unwrap();
        carry = sum / 256;
    }
    assert_eq!(carry, 0);
    assert_refused(&format!("{header}.{payload}.{}", BASE64.encode(malleated)), "S + L");
}

#[test]
fn nothing_longer_than_a_token_can_be_is_looked_at() {
    let mut claims = claims();
    let pad = |claims: &mut Json, length: usize| {
        claims["name"] = json!("x".repeat(length));
        signed(HEADER, &claims.to_string())
    };
    let base = pad(&mut claims, 0).len();
    // Three characters of a name take four of base64.
    let fits = (4096 - base) / 4 * 3 - 3;
    assert!(believed(&pad(&mut claims, fits)).is_ok());
    assert_refused(&pad(&mut claims, fits + 9), "too long");
    assert_refused(&".".repeat(1_000_000), "far too long");
}

fn principal(issued_at: Timestamp, expires_at: Timestamp) -> Principal {
    Principal { issued_at, expires_at, ..believed(&token()).unwrap() }
}

#[test]
fn a_token_ends_at_exp_without_leeway() {
    let principal = principal(START, START.plus(ACCESS_TTL));
    let at = |now| check_lifetime(&principal, now, ACCESS_TTL);
    assert_eq!(at(START), Ok(()));
    assert_eq!(at(principal.expires_at.minus(MILLISECOND)), Ok(()));
    assert_eq!(at(principal.expires_at), Err(Refusal::SessionExpired));
    assert_eq!(at(principal.expires_at.plus(MILLISECOND)), Err(Refusal::SessionExpired));
}

#[test]
fn a_token_from_the_future_is_borne_for_thirty_seconds_of_leeway() {
    assert_eq!(CLOCK_LEEWAY, Duration::from_secs(30));
    for (ahead, expected) in [
        (Duration::ZERO, Ok(())),
        (CLOCK_LEEWAY, Ok(())),
        (CLOCK_LEEWAY + MILLISECOND, Err(Refusal::TokenInvalid)),
        (Duration::from_secs(3600), Err(Refusal::TokenInvalid)),
    ] {
        let issued_at = START.plus(ahead);
        let principal = principal(issued_at, issued_at.plus(ACCESS_TTL));
        assert_eq!(check_lifetime(&principal, START, ACCESS_TTL), expected, "{ahead:?}");
    }
}

#[test]
fn the_later_of_iat_and_nbf_counts() {
    for (iat, nbf) in [(40, 0), (0, 40)] {
        let mut claims = claims();
        claims["iat"] = json!(START.as_seconds() + iat);
        claims["nbf"] = json!(START.as_seconds() + nbf);
        let principal = believed(&signed(HEADER, &claims.to_string())).unwrap();
        assert_eq!(check_lifetime(&principal, START, ACCESS_TTL), Err(Refusal::TokenInvalid));
        assert_eq!(check_lifetime(&principal, START.plus(SECOND * 10), ACCESS_TTL), Ok(()));
    }
}

/// A key that leaked, or a lifetime that was configured too long, must not give tokens that live for ever.
#[test]
fn a_token_issued_longer_ago_than_any_lives_is_refused_whatever_its_exp_says() {
    let principal = principal(START, START.plus(Duration::from_hours(24 * 365)));
    let at = |since_issue| check_lifetime(&principal, START.plus(since_issue), ACCESS_TTL);
    assert_eq!(at(ACCESS_TTL), Ok(()));
    // `iat` is a whole second, rounded down.
    assert_eq!(at(ACCESS_TTL + SECOND), Ok(()));
    assert_eq!(at(ACCESS_TTL + SECOND + MILLISECOND), Err(Refusal::SessionExpired));
}

#[test]
fn what_a_token_says_is_what_was_true_when_it_was_issued() {
    let of = somebody();
    let session = Session { transport: Transport::Bearer, epoch: Epoch(3), ..of.session };
    let user = User { must_change_password: true, epoch: Epoch(5), email: None, ..of.user };
    let of = SessionOfUser { session, user };
    let principal = believed(key().issue(&of, [0; 16], START, &rules()).0.reveal()).unwrap();
    assert_eq!(principal.transport, Transport::Bearer);
    assert!(principal.must_change_password);
    assert_eq!(principal.email, None);
    assert_eq!((principal.session_epoch, principal.user_epoch), (Epoch(3), Epoch(5)));
}

//! Access tokens: nothing but what our key signed is believed, and what it signed is read back as it was.
//!
//! The first byte chooses: a token as it stands; a good token with one byte of it replaced; or a payload that is
//! signed with our own key, as a damaged or newer node might.

use std::{sync::LazyLock, time::Duration};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::{
    access_token::{SigningKey, TokenRules, check_lifetime, read},
    signing_key::SigningKeyId,
    time::Timestamp,
};

const SEED: [u8; 32] = [7; 32];
const HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"fuzz"}"#;
const CLAIMS: &str = r#"{"iss":"i","aud":"a","sub":"AAAAAAAAAAAAAAAAAAAAAA","sid":"AAAAAAAAAAAAAAAAAAAAAA","jti":"x","iat":1,"nbf":1,"exp":2,"auth_time":1,"aal":1,"amr":["pwd"],"roles":[],"name":"n","email":null,"pwc":false,"tr":"cookie","sv":0,"uv":0,"bnd":"off"}"#;

/// Made once: making keys and signing is what would take nearly all of the time.
static PAIR: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&SEED).expect("the seed is one"));
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let id = SigningKeyId::parse("fuzz").expect("the id is one");
    SigningKey::new(id, &SEED).expect("the seed is one")
});
static GOOD: LazyLock<String> = LazyLock::new(|| sign(CLAIMS.as_bytes()));

fn sign(payload: &[u8]) -> String {
    let mut token = BASE64_URL_SAFE_NO_PAD.encode(HEADER);
    token.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = PAIR.sign(token.as_bytes());
    token.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
    token
}

/// Panics when a promise is broken.
pub fn check(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let rules =
        TokenRules { issuer: "i".to_owned(), audience: "a".to_owned(), access_ttl: Duration::from_secs(900) };
    let verify = |token: &str| read(token, std::iter::once(KEY.verifying()), &rules).map(|(who, _)| who);
    match choice % 3 {
        0 => {
            // Nobody but us has the key: a token that fuzzing finds would be a forgery.
            let Ok(text) = str::from_utf8(rest) else { return };
            assert!(verify(text).is_err() || text == *GOOD, "{text}");
        }
        1 => {
            let good = &*GOOD;
            let [high, low, byte, ..] = rest else { return };
            let mut changed = good.clone().into_bytes();
            let at = usize::from(u16::from_be_bytes([*high, *low])) % changed.len();
            changed[at] = *byte;
            let Ok(changed) = String::from_utf8(changed) else { return };
            assert!(changed == *good || verify(&changed).is_err(), "{changed}");
        }
        _ => {
            if let Ok(who) = verify(&sign(rest)) {
                // However absurd the claims that were signed: no overflow, and never beyond its own end.
                for now in [i64::MIN, 0, i64::MAX].map(Timestamp::from_millis) {
                    let alive = check_lifetime(&who, now, rules.access_ttl).is_ok();
                    assert!(!alive || now < who.expires_at);
                }
            }
        }
    }
}

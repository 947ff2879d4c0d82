//! What is counted.

use std::hint::black_box;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::{hmac, signature};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::client::UserAgent;
use doorward_core::refresh::{Presenter, decide};
use doorward_core::session::{Generation, Transport};
use http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::Failure;
use crate::cookies::Presented;
use crate::prepared::{NOW, Prepared};

/// Something that is counted.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// A bare operation of a library whose instructions are taken off.
    pub(crate) less: Option<&'static str>,
    /// How often it is run, the first and the second time.
    pub(crate) times: (u64, u64),
}

/// A verifier has no room here for whom a token speaks for.
const SIGNATURES_ONLY: usize = 32 << 10;

/// What the browser calls itself.
pub(crate) const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// Tokens that nobody has seen before are made beforehand.
const NEW_TOKENS: u64 = 64;

/// All of it; the figures are recorded by name.
pub(crate) const COUNTED: [Operation; 6] = [
    Operation {
        name: "verify_seen",
        about: "the verifier, by a token that it has seen before",
        less: None,
        times: (1000, 3000),
    },
    Operation {
        name: "verify_signature_seen",
        about: "the verifier, by a token of which it has kept that its signature was good, less bare SHA-256",
        less: Some("bare_sha256"),
        times: (1000, 3000),
    },
    Operation {
        name: "verify_new",
        about: "the verifier, by tokens that it has not seen before, less bare Ed25519",
        less: Some("bare_ed25519"),
        times: (NEW_TOKENS / 2, NEW_TOKENS),
    },
    Operation {
        name: "refresh_decision",
        about: "what becomes of a refresh token",
        less: None,
        times: (1000, 9000),
    },
    Operation {
        name: "csrf_check",
        about: "a CSRF token that is good, less bare HMAC",
        less: Some("bare_hmac"),
        times: (1000, 3000),
    },
    Operation { name: "cookie_parsing", about: "our cookie among others'", less: None, times: (1000, 3000) },
];

/// Runs the operation of this name so often.
pub(crate) fn repeat(name: &str, times: u64) -> Result<(), Failure> {
    let mut operation = prepare(name)?;
    for _ in 0..times {
        if !operation() {
            return Err(Failure::of(name, "it went otherwise than expected, and something else was counted"));
        }
    }
    Ok(())
}

/// Tells each time whether it went as expected.
type Run = Box<dyn FnMut() -> bool>;

fn prepare(name: &str) -> Result<Run, Failure> {
    let prepared = Prepared::new()?;
    match name {
        "verify_seen" => verify_seen(prepared),
        "verify_signature_seen" => {
            let verifier = prepared.verifier.with_cache_bytes(SIGNATURES_ONLY);
            verify_seen(Prepared { verifier, ..prepared })
        }
        "bare_sha256" => bare_sha256(&prepared),
        "verify_new" => verify_new(prepared),
        "bare_ed25519" => bare_ed25519(&prepared),
        "refresh_decision" => Ok(refresh_decision(prepared)),
        "csrf_check" => csrf_check(prepared),
        "bare_hmac" => Ok(bare_hmac()),
        "cookie_parsing" => cookie_parsing(&prepared),
        _ => Err(Failure::of(name, "there is no such operation")),
    }
}

fn verify_seen(prepared: Prepared) -> Result<Run, Failure> {
    let token = prepared.token(1)?;
    Ok(Box::new(move || prepared.verifier.verify(black_box(&token), Transport::Cookie).is_ok()))
}

fn bare_sha256(prepared: &Prepared) -> Result<Run, Failure> {
    let token = prepared.token(1)?;
    Ok(Box::new(move || digest(&SHA256, black_box(token.as_bytes())).as_ref().len() == 32))
}

fn verify_new(prepared: Prepared) -> Result<Run, Failure> {
    let mut tokens = tokens(&prepared)?.into_iter();
    Ok(Box::new(move || {
        tokens.next().is_some_and(|token| {
            prepared.verifier.verify(black_box(&token), Transport::Cookie).map(black_box).is_ok()
        })
    }))
}

fn tokens(prepared: &Prepared) -> Result<Vec<String>, Failure> {
    (0..NEW_TOKENS).map(|number| prepared.token(number)).collect()
}

/// The very tokens of [`verify_new`], their signatures decoded beforehand.
fn bare_ed25519(prepared: &Prepared) -> Result<Run, Failure> {
    let public = signature::ParsedPublicKey::new(&signature::ED25519, prepared.public)
        .map_err(|error| Failure::of("the key", error))?;
    let signed = tokens(prepared)?.into_iter().filter_map(|token| {
        let (signed, signature) = token.rsplit_once('.')?;
        Some((signed.to_owned(), BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?))
    });
    let mut signed = signed.collect::<Vec<_>>().into_iter();
    Ok(Box::new(move || {
        signed
            .next()
            .is_some_and(|(signed, signature)| public.verify_sig(signed.as_bytes(), &signature).is_ok())
    }))
}

fn refresh_decision(prepared: Prepared) -> Run {
    let browser = UserAgent::new(BROWSER);
    let (facts, grace) = (prepared.of, Duration::from_mins(1));
    // The predecessor, presented once more: what asks the most questions.
    let presented = Generation(facts.session.refresh.generation.0 - 1);
    let expected = decide(&facts, presented, presenter(&browser), NOW, grace);
    Box::new(move || {
        let (facts, presenter) = (black_box(&facts), black_box(presenter(&browser)));
        decide(facts, presented, presenter, NOW, grace) == expected
    })
}

const fn presenter(user_agent: &UserAgent) -> Presenter<'_> {
    Presenter { user_agent, device: None, address: None }
}

fn csrf_check(prepared: Prepared) -> Result<Run, Failure> {
    let session = prepared.of.session.id;
    let token = prepared.csrf_token()?;
    Ok(Box::new(move || prepared.keys.verify_csrf_token(black_box(&token), session)))
}

/// A message as long as that of a CSRF token.
fn bare_hmac() -> Run {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
    let message = [9; 34];
    let tag = hmac::sign(&key, &message);
    Box::new(move || hmac::verify(&key, black_box(&message), tag.as_ref()).is_ok())
}

fn cookie_parsing(prepared: &Prepared) -> Result<Run, Failure> {
    let token = prepared.token(1)?;
    let line = format!(
        "theme=dark; _ga=GA1.1.1234567890.1700000000; __Host-dw_csrf={}; __Host-dw_session={token}; lang=en",
        "c".repeat(64)
    );
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::try_from(line).map_err(|error| Failure::of("a header", error))?);
    Ok(Box::new(move || {
        let read = Presented::read(black_box(&headers), "__Host-dw_session");
        read.candidates().len() == 1
    }))
}

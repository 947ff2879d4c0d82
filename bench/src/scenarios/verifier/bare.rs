//! Ed25519 alone, by the library that the verifier uses: what a new token costs at least.

use std::hint::black_box;

use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::failure::Failure;
use crate::node::signing_key;
use crate::stopwatch;

/// What was signed, its signature decoded beforehand, and the key.
pub(super) struct Bare {
    key: ParsedPublicKey,
    signed: Vec<(String, Vec<u8>)>,
}

impl Bare {
    /// Of these tokens.
    pub(super) fn of(tokens: &[String]) -> Result<Self, Failure> {
        let public = *signing_key()?.verifying().public();
        let key = ParsedPublicKey::new(&ED25519, public).map_err(|error| Failure::io("the key", error))?;
        let signed = tokens.iter().filter_map(|token| {
            let (signed, signature) = token.rsplit_once('.')?;
            Some((signed.to_owned(), BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?))
        });
        Ok(Self { key, signed: signed.collect() })
    }

    /// Nanoseconds that one verification takes.
    pub(super) fn nanos(&self) -> Result<f64, Failure> {
        let started = stopwatch::now();
        for (signed, signature) in &self.signed {
            let verified = self.key.verify_sig(black_box(signed.as_bytes()), black_box(signature));
            verified.map_err(|_| Failure::new("a signature of ours is bad"))?;
        }
        Ok(started.elapsed().as_secs_f64() * 1e9 / self.signed.len() as f64)
    }
}

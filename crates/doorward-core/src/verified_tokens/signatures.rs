//! Which tokens' signatures were good.
//!
//! A token is known by 128 bits of its SHA-256 and by the set that further bits of it choose: whoever wants another text
//! taken for it has to find a second preimage of more bits than forging the signature takes. The two halves are written
//! one after the other, and a reader between them sees halves of two tokens, which is no more a text that anybody has.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use zerocopy::FromZeros;

use super::recency::{choose_victim, note_use};
use crate::signing_key::PublishedKey;

/// Tokens of a set: two words each, and one for who gives way, fill four lines of the processor's cache.
const WAYS: usize = 15;
const SET_WORDS: usize = 32;
const SET_BYTES: usize = SET_WORDS * size_of::<u64>();

/// What a token is known by.
#[derive(Clone, Copy)]
pub(crate) struct Fingerprint {
    halves: [u64; 2],
    set: u32,
}

impl Fingerprint {
    /// That of a token and the key that it is said to be signed by: the name in its header may become another key's.
    pub(crate) fn of(token: &str, key: &PublishedKey) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        // As good as hashing it, and cheaper: a text for another key still has to meet all of the bits that are compared.
        bytes.iter_mut().zip(key.public).for_each(|(byte, public)| *byte ^= public);
        Self::from_digest(bytes)
    }

    pub(super) fn from_digest(digest: [u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, ..] = digest;
        let [first, second] = [[a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]].map(u64::from_be_bytes);
        // Nought is what was never written.
        let halves = [first.max(1), second];
        Self { halves, set: u32::from_be_bytes([q, r, s, t]) }
    }
}

/// See the [module](self). Its pages are taken from the system when they are first written to.
pub(crate) struct Signatures {
    sets: Box<[[AtomicU64; SET_WORDS]]>,
}

impl Signatures {
    /// Remembers nothing yet, and never more than so many bytes. Nothing at all where the memory is not to be had.
    pub(crate) fn within(bytes: usize) -> Self {
        let sets = <[[AtomicU64; SET_WORDS]]>::new_box_zeroed_with_elems(bytes / SET_BYTES);
        Self { sets: sets.unwrap_or_default() }
    }

    /// Whether a signature over the token of this fingerprint was found good.
    pub(crate) fn was_good(&self, fingerprint: &Fingerprint) -> bool {
        let Some((firsts, seconds, state)) = self.set(fingerprint) else { return false };
        let [first, second] = fingerprint.halves;
        let found = firsts.iter().zip(seconds).position(|(known_first, known_second)| {
            known_first.load(Ordering::Acquire) == first && known_second.load(Ordering::Relaxed) == second
        });
        if let Some(way) = found {
            note_use(state, way);
        }
        found.is_some()
    }

    /// Remembers that it was.
    pub(crate) fn remember(&self, fingerprint: &Fingerprint) {
        let Some((firsts, seconds, state)) = self.set(fingerprint) else { return };
        let way = choose_victim(state, WAYS);
        let [first, second] = fingerprint.halves;
        if let (Some(known_first), Some(known_second)) = (firsts.get(way), seconds.get(way)) {
            known_first.store(0, Ordering::Relaxed);
            known_second.store(second, Ordering::Relaxed);
            known_first.store(first, Ordering::Release);
        }
    }

    fn set(&self, fingerprint: &Fingerprint) -> Option<(&[AtomicU64], &[AtomicU64], &AtomicU64)> {
        let set = self.sets.get(super::place(fingerprint.set, self.sets.len()))?;
        let (firsts, rest) = set.split_at_checked(WAYS)?;
        let (seconds, rest) = rest.split_at_checked(WAYS)?;
        Some((firsts, seconds, rest.first()?))
    }
}

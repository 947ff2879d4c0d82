//! Whom the tokens used lately speak for.
//!
//! A token is looked for by its signature: 64 bits of it are compared at once, and whoever does not hold the token does
//! not come further, so that the time of what follows tells nobody anything. Then the whole text is compared: two tokens
//! that differ in one bit share nothing.

use std::sync::{
    Arc, Mutex, TryLockError,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::{ArcSwapOption, Guard};

use super::recency::{choose_victim, note_use};
use crate::{access_token::Principal, signing_key::PublishedKey};

/// Tokens of a set at most.
const WAYS: usize = 16;

/// What a token takes of somebody of whom nothing unusual is said.
const USUAL_BYTES: usize = 1024;

/// An Ed25519 signature in base64url.
const SIGNATURE_CHARACTERS: usize = 86;

/// So many characters of it say where to look, and for what: 96 bits.
const LOOKED_AT: usize = 16;

/// An allocation takes so much beyond what was asked for, about.
const ALLOCATION_BYTES: usize = 16;

/// A token whose signature was good.
pub(crate) struct Remembered {
    token: Box<str>,
    /// Whom it speaks for.
    pub(crate) principal: Arc<Principal>,
    /// Who signed it.
    pub(crate) key: PublishedKey,
}

impl Remembered {
    pub(crate) fn new(token: &str, principal: Arc<Principal>, key: PublishedKey) -> Self {
        Self { token: token.into(), principal, key }
    }

    /// What it takes, the key's name aside, which all tokens of the key share.
    fn bytes(&self) -> usize {
        let own = size_of::<Self>() + self.token.len() + 2 * ALLOCATION_BYTES;
        own + self.principal.bytes() + ALLOCATION_BYTES
    }
}

/// See the [module](self).
pub(crate) struct Principals {
    sets: Box<[Set]>,
}

#[derive(Default)]
struct Set {
    /// What the token at the same place is looked for by.
    tags: [AtomicU64; WAYS],
    tokens: [ArcSwapOption<Remembered>; WAYS],
    recency: AtomicU64,
    /// What the tokens take. Held by whoever replaces one; nobody waits for it.
    bytes: Mutex<[usize; WAYS]>,
}

impl Principals {
    /// Remembers nothing yet, and never more than so many bytes.
    pub(crate) fn within(bytes: usize) -> Self {
        let sets = bytes / (size_of::<Set>() + Set::BYTES);
        Self { sets: (0..sets).map(|_| Set::default()).collect() }
    }

    /// What all that is remembered takes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let of_set = |set: &Set| {
            set.tokens.iter().filter_map(|token| Some(token.load().as_ref()?.bytes())).sum::<usize>()
        };
        self.sets.iter().map(|set| size_of::<Set>() + of_set(set)).sum()
    }

    /// What is remembered of this very token.
    pub(crate) fn get(&self, token: &str) -> Option<Guard<Option<Arc<Remembered>>>> {
        let (set, tag) = self.place(token)?;
        let way = set.tags.iter().position(|known| known.load(Ordering::Acquire) == tag)?;
        let found = set.tokens.get(way)?.load();
        if found.as_ref().is_none_or(|known| *known.token != *token) {
            return None;
        }
        note_use(&set.recency, way);
        Some(found)
    }

    /// Remembers a token, unless somebody else is changing the same set just now, or it alone is more than a set holds.
    pub(crate) fn remember(&self, remembered: Remembered) {
        if let Some((set, tag)) = self.place(&remembered.token) {
            set.insert(tag, remembered);
        }
    }

    fn place(&self, token: &str) -> Option<(&Set, u64)> {
        let signature = token.as_bytes().last_chunk::<SIGNATURE_CHARACTERS>()?;
        let (looked_at, _) = signature.split_first_chunk::<LOOKED_AT>()?;
        let bits = u128::from_ne_bytes(*looked_at);
        // By odd numbers, which lose nothing: letters differ in few of their bits.
        let folded = u64::try_from(bits >> 64).unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default();
        let tag = folded.wrapping_mul(0xd6e8_feb8_6659_fd93);
        let upper = u32::try_from(tag >> 32).unwrap_or_default();
        // Nought is the tag of places that hold nothing.
        Some((self.sets.get(super::place(upper, self.sets.len()))?, tag.max(1)))
    }
}

impl Set {
    /// What the tokens of a set take at most.
    const BYTES: usize = WAYS * USUAL_BYTES;

    fn insert(&self, tag: u64, remembered: Remembered) {
        let mut bytes = match self.bytes.try_lock() {
            Ok(bytes) => bytes,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let own = remembered.bytes();
        let is_known = self.tags.iter().any(|known| known.load(Ordering::Relaxed) == tag);
        if is_known || own > Self::BYTES {
            return;
        }
        // Two rounds of the hand free every place, unless somebody keeps using what is there.
        for _ in 0..2 * WAYS {
            let way = choose_victim(&self.recency, WAYS);
            let (Some(known_tag), Some(token)) = (self.tags.get(way), self.tokens.get(way)) else { return };
            if let Some(known) = bytes.get_mut(way) {
                *known = 0;
            }
            known_tag.store(0, Ordering::Relaxed);
            if bytes.iter().sum::<usize>() + own <= Self::BYTES {
                if let Some(known) = bytes.get_mut(way) {
                    *known = own;
                }
                token.store(Some(Arc::new(remembered)));
                known_tag.store(tag, Ordering::Release);
                return;
            }
            token.store(None);
        }
    }
}

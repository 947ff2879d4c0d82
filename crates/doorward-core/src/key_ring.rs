//! The key ring: which key signs, which verify, and which are published, decided purely from the keys and the time.
//!
//! A ring holds the keys that will sign too, so nodes change over by the clock, each by its own, without asking the
//! store at that moment. It does not matter that clocks differ: every node knows both keys long before and long after.

use std::time::Duration;

use crate::{
    access_token::{SigningKey, VerifyingKey},
    signing_key::{KeyState, KeyTerm, PublishedKey},
    time::Timestamp,
};

/// A key that signs, did, or will.
pub struct Signer {
    /// The key.
    pub key: SigningKey,
    /// When it signs.
    pub term: KeyTerm,
}

/// A key that signs no more, without the half that could.
struct Retired {
    key: VerifyingKey,
    term: KeyTerm,
}

/// See the [module](self). Never changed, only replaced: deciding takes no lock and allocates nothing.
pub struct KeyRing {
    /// Signs until the first of the others does, also where a clock is behind the time at which it was made.
    /// None in a process that issues no tokens.
    first: Option<Signer>,
    /// In the order in which they sign.
    next: Vec<Signer>,
    retired: Vec<Retired>,
}

impl KeyRing {
    /// The ring of all `keys` from `now` on, for as long as there are no others; none if not one of them signs or will.
    #[must_use]
    pub fn of(mut keys: Vec<Signer>, now: Timestamp) -> Option<Self> {
        keys.sort_by_key(|signer| signer.term.signs_from);
        let signs_no_more =
            |term: &KeyTerm| term.distrusted || term.retired_at.is_some_and(|retired_at| retired_at <= now);
        let (retired, signers): (Vec<_>, Vec<_>) =
            keys.into_iter().partition(|signer| signs_no_more(&signer.term));
        let mut signers = signers.into_iter();
        Some(Self {
            first: Some(signers.next()?),
            next: signers.collect(),
            retired: retired
                .into_iter()
                .map(|Signer { key, term }| Retired { key: key.into_verifying(), term })
                .collect(),
        })
    }

    /// A ring that verifies only, of a process that issues no tokens: by the keys that the server publishes, for as long
    /// as it does.
    #[must_use]
    pub fn verifying_only(published: Vec<VerifyingKey>) -> Self {
        let term = KeyTerm::from(Timestamp::default());
        let retired = published.into_iter().map(|key| Retired { key, term }).collect();
        Self { first: None, next: Vec::new(), retired }
    }

    /// The key that signs at `now`: the last one whose time has come. There always is one, but where the ring only
    /// verifies.
    #[must_use]
    pub fn signing(&self, now: Timestamp) -> Option<&SigningKey> {
        let come = self.next.iter().rev().find(|signer| signer.term.signs_from <= now);
        Some(&come.or(self.first.as_ref())?.key)
    }

    /// Every key, those included whose tokens have all expired or are not believed: for telling what is signed by us at
    /// all.
    pub fn keys(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.entries().map(|(key, _)| key)
    }

    /// The keys that offline verifiers are to know at `now`, given how long tokens live: the one that signs first.
    pub fn published(&self, now: Timestamp, access_ttl: Duration) -> impl Iterator<Item = &VerifyingKey> {
        let signing = self.signing(now).map(SigningKey::verifying);
        let others = self
            .entries()
            .filter(move |(key, term)| {
                signing.is_none_or(|signing| key.id() != signing.id())
                    && term.state(now, access_ttl) != KeyState::Gone
            })
            .map(|(key, _)| key);
        signing.into_iter().chain(others)
    }

    /// The term of a key, if the ring holds it: not that of another key that goes by its name now.
    #[must_use]
    pub fn term(&self, wanted: &PublishedKey) -> Option<KeyTerm> {
        let is_wanted = |key: &VerifyingKey| key.id() == &wanted.id && key.public() == &wanted.public;
        self.entries().find(|(key, _)| is_wanted(key)).map(|(_, term)| term)
    }

    fn entries(&self) -> impl Iterator<Item = (&VerifyingKey, KeyTerm)> {
        let signers = self.first.iter().chain(&self.next);
        let signers = signers.map(|signer| (signer.key.verifying(), signer.term));
        signers.chain(self.retired.iter().map(|retired| (&retired.key, retired.term)))
    }
}

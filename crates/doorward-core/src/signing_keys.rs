//! The life of signing keys: made, sealed, opened, rotated, retired.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::{
    access_token::{InvalidKey, SigningKey, VerifyingKey},
    audit::EventName,
    authority::{Authority, Caller, StartError},
    client::Client,
    entropy::{Entropy, EntropyFailed},
    ids::SessionId,
    master::{SealedUnder, ServerKeys},
    refusal::Refusal,
    signing_key::{KeyTerm, SealedSigningKey, SigningKeyId, Succession},
    store::{Store, StoreError, Write},
    time::{Timekeeper, Timestamp},
    verifier::KeyRing,
};

/// A key older than this is replaced by itself.
pub const SIGNING_KEY_MAX_AGE: Duration = Duration::from_secs(90 * 24 * 3600);

/// The signing keys in the store cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeysUnusable {
    /// They were sealed under another master secret.
    #[error(
        "signing key {0} was sealed under another master secret: give the right one, or give the one it was sealed \
         under as the previous master secret"
    )]
    OtherMasterSecret(SigningKeyId),
    /// What was opened is no key.
    #[error("signing key {0} is damaged")]
    Damaged(SigningKeyId),
}

fn context(id: &SigningKeyId) -> Vec<u8> {
    [b"signing key ", id.as_str().as_bytes()].concat()
}

/// A new key, sealed.
fn generate(
    keys: &ServerKeys,
    entropy: &dyn Entropy,
    now: Timestamp,
) -> Result<SealedSigningKey, EntropyFailed> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(seed.as_mut_slice())?;
    // Any 22 characters that no other key has will do.
    let id = SigningKeyId::parse(&SessionId::generate(entropy)?.to_string()).map_err(|_| EntropyFailed)?;
    let key = SigningKey::new(id.clone(), seed.as_slice()).map_err(|_| EntropyFailed)?;
    let sealed_private = keys.seal(entropy, &context(&id), seed.as_slice())?;
    let public = *key.verifying().public();
    Ok(SealedSigningKey { id, public, sealed_private, created_at: now, term: KeyTerm::from(now) })
}

fn open(keys: &ServerKeys, sealed: &SealedSigningKey) -> Result<(SigningKey, SealedUnder), KeysUnusable> {
    let id = &sealed.id;
    let (seed, under) = keys
        .open(&context(id), &sealed.sealed_private)
        .map_err(|_| KeysUnusable::OtherMasterSecret(id.clone()))?;
    let key = SigningKey::new(id.clone(), &seed).map_err(|InvalidKey| KeysUnusable::Damaged(id.clone()))?;
    // The published half is not sealed: whoever can write the store must not be able to plant theirs.
    if *key.verifying().public() == sealed.public {
        Ok((key, under))
    } else {
        Err(KeysUnusable::Damaged(id.clone()))
    }
}

/// Reads the ring from the store; makes the first key where there is none; seals anew what was sealed under a
/// previous master secret.
pub(crate) async fn load_ring(
    store: &dyn Store,
    keys: &ServerKeys,
    entropy: &dyn Entropy,
    time: &Timekeeper,
    access_ttl: Duration,
) -> Result<KeyRing, StartError> {
    loop {
        let now = time.now()?;
        let sealed = store.signing_keys().await?;
        let Some(current) = sealed.iter().find(|key| key.term.retired_at.is_none()) else {
            let audit = Caller::system().event(EventName::SigningKeyCreated, now);
            let first = generate(keys, entropy, now)?;
            let write = Write { now, revocations_expire_at: now, audit: audit.with("kid", &first.id) };
            match store.add_signing_key(write, first, None, Succession::InTurn).await {
                // Another process was faster, or this one succeeded: read again either way.
                Ok(()) | Err(StoreError::Stale) => continue,
                Err(error) => return Err(error.into()),
            }
        };
        let (signing, under) = open(keys, current)?;
        let mut to_reseal = Vec::new();
        if under == SealedUnder::Previous {
            to_reseal.push(current);
        }
        let mut retired = Vec::new();
        for key in sealed.iter().filter(|key| key.id != current.id) {
            let alive = key.term.retired_at.is_none_or(|at| at.plus(access_ttl) > now);
            let (opened, under) = open(keys, key)?;
            if under == SealedUnder::Previous {
                to_reseal.push(key);
            }
            if alive {
                let public = *opened.verifying().public();
                retired.push(
                    VerifyingKey::new(key.id.clone(), public)
                        .map_err(|InvalidKey| KeysUnusable::Damaged(key.id.clone()))?,
                );
            }
        }
        reseal(store, keys, entropy, &to_reseal).await?;
        return Ok(KeyRing::new(signing, retired));
    }
}

async fn reseal(
    store: &dyn Store,
    keys: &ServerKeys,
    entropy: &dyn Entropy,
    which: &[&SealedSigningKey],
) -> Result<(), StartError> {
    if which.is_empty() {
        return Ok(());
    }
    let mut resealed = Vec::new();
    for key in which {
        let context = context(&key.id);
        let (seed, _) = keys
            .open(&context, &key.sealed_private)
            .map_err(|_| KeysUnusable::OtherMasterSecret(key.id.clone()))?;
        let sealed_private = keys.seal(entropy, &context, &seed)?;
        resealed.push(SealedSigningKey { sealed_private, ..(*key).clone() });
    }
    Ok(store.reseal_signing_keys(resealed).await?)
}

impl Authority {
    /// Every signing key, newest first.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, Refusal> {
        Ok(self.store.signing_keys().await?)
    }

    /// Makes a new key sign, and retires the others: they verify until the last token they signed has expired.
    /// In force on this node at once, on others when they next read the feed. The new key.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn rotate_signing_key(&self, caller: &Caller) -> Result<SealedSigningKey, Refusal> {
        let now = self.time.now()?;
        let current = self.store.signing_keys().await?.into_iter().find(|key| key.term.retired_at.is_none());
        let key = generate(&self.keys, self.entropy.as_ref(), now)?;
        let mut audit = caller.event(EventName::SigningKeyCreated, now).with("kid", &key.id);
        if let Some(current) = &current {
            audit = audit.with("retired", &current.id);
        }
        let current = current.map(|key| key.id);
        self.store.add_signing_key(self.write(now, audit), key.clone(), current, Succession::InTurn).await?;
        self.follow_feed().await.map_err(|_| Refusal::StoreUnavailable)?;
        Ok(key)
    }

    /// Replaces the signing key when it has grown too old. Tells whether it did.
    ///
    /// # Errors
    /// As [`Authority::rotate_signing_key`].
    pub async fn rotate_aged_signing_key(&self) -> Result<bool, Refusal> {
        let now = self.time.now()?;
        let keys = self.store.signing_keys().await?;
        let aged = keys
            .iter()
            .find(|key| key.term.retired_at.is_none())
            .is_some_and(|key| now.since(key.created_at) >= SIGNING_KEY_MAX_AGE);
        if aged {
            self.rotate_signing_key(&Caller { client: Client::default(), ..Caller::system() }).await?;
        }
        Ok(aged)
    }
}

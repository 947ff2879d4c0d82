//! The life of signing keys: made, sealed, opened, rotated, retired.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::{
    access_token::{InvalidKey, SigningKey},
    audit::EventName,
    authority::{Authority, Caller, StartError},
    entropy::{Entropy, EntropyFailed},
    ids::SessionId,
    key_ring::{KeyRing, Signer},
    master::{SealedUnder, ServerKeys},
    refusal::Refusal,
    signing_key::{
        KeyTerm, ListedKey, Rotation, RotationUnderWay, SealedSigningKey, SigningKeyId, Succession,
        plan_rotation,
    },
    store::{Store, StoreError, Write},
    time::{Timekeeper, Timestamp},
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

/// A new key that signs from `signs_from`, sealed.
fn generate(
    keys: &ServerKeys,
    entropy: &dyn Entropy,
    now: Timestamp,
    signs_from: Timestamp,
) -> Result<SealedSigningKey, EntropyFailed> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(seed.as_mut_slice())?;
    // Any 22 characters that no other key has will do.
    let id = SigningKeyId::parse(&SessionId::generate(entropy)?.to_string()).map_err(|_| EntropyFailed)?;
    let key = SigningKey::new(id.clone(), seed.as_slice()).map_err(|_| EntropyFailed)?;
    let sealed_private = keys.seal(entropy, &context(&id), seed.as_slice())?;
    let public = *key.verifying().public();
    Ok(SealedSigningKey { id, public, sealed_private, created_at: now, term: KeyTerm::from(signs_from) })
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

/// Reads the ring from the store; makes the first key where there is none, which signs at once; seals anew what was sealed
/// under a previous master secret.
pub(crate) async fn load_ring(
    store: &dyn Store,
    keys: &ServerKeys,
    entropy: &dyn Entropy,
    time: &Timekeeper,
) -> Result<KeyRing, StartError> {
    loop {
        let now = time.now()?;
        let sealed = store.signing_keys().await?;
        let (mut opened, mut to_reseal) = (Vec::new(), Vec::new());
        for key in &sealed {
            let (signing, under) = open(keys, key)?;
            if under == SealedUnder::Previous {
                to_reseal.push(key);
            }
            opened.push(Signer { key: signing, term: key.term });
        }
        reseal(store, keys, entropy, &to_reseal).await?;
        if let Some(ring) = KeyRing::of(opened, now) {
            return Ok(ring);
        }
        let audit = Caller::system().event(EventName::SigningKeyCreated, now);
        let first = generate(keys, entropy, now, now)?;
        let write = Write { now, revocations_expire_at: now, audit: audit.with("kid", &first.id) };
        match store.add_signing_key(write, first, None, Succession::InTurn).await {
            // Another process was faster, or this one succeeded: read again either way.
            Ok(()) | Err(StoreError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
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
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn signing_keys(&self) -> Result<Vec<ListedKey>, Refusal> {
        let keys = self.store.signing_keys().await?;
        let (now, access_ttl) = (self.time.now()?, self.settings().lifetimes.access_ttl);
        Ok(keys.iter().map(|key| ListedKey::of(key, now, access_ttl)).collect())
    }

    /// Replaces the key that signs, and tells which key does from when. What the one before signed stays good until it
    /// expires, unless it is replaced [at once](Rotation::AtOnce). Of two callers one replaces it, and the other learns that
    /// a new key waits; two who do so at once both do, one after the other.
    ///
    /// # Errors
    /// - [`Refusal::RotationUnderWay`]: a new key waits already, and nothing was changed.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn rotate_signing_key(
        &self,
        caller: &Caller,
        rotation: Rotation,
    ) -> Result<ListedKey, Refusal> {
        loop {
            let now = self.time.now()?;
            let keys = self.store.signing_keys().await?;
            let last = keys.into_iter().find(|key| key.term.retired_at.is_none());
            let (signs_from, succession) = plan_rotation(last.as_ref().map(|last| &last.term), rotation, now)
                .map_err(|RotationUnderWay| Refusal::RotationUnderWay)?;
            let key = generate(&self.keys, self.entropy.as_ref(), now, signs_from)?;
            let mut audit = caller
                .event(EventName::SigningKeyCreated, now)
                .with("kid", &key.id)
                .with("signs_after_seconds", signs_from.since(now).as_secs());
            if let Some(last) = &last {
                audit = audit.with("retired", &last.id);
            }
            if succession == Succession::Distrusting {
                audit = audit.because("distrusted");
            }
            let last = last.map(|key| key.id);
            match self.store.add_signing_key(self.write(now, audit), key.clone(), last, succession).await {
                Ok(()) => {
                    self.follow_feed().await.map_err(|_| Refusal::StoreUnavailable)?;
                    return Ok(ListedKey::of(&key, now, self.settings().lifetimes.access_ttl));
                }
                // Somebody else replaced it meanwhile: decided again on what is so now.
                Err(StoreError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Replaces the signing key when it has signed for too long. Tells whether it did.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn rotate_aged_signing_key(&self) -> Result<bool, Refusal> {
        let now = self.time.now()?;
        let keys = self.store.signing_keys().await?;
        let aged = keys
            .iter()
            .find(|key| key.term.retired_at.is_none())
            .is_some_and(|key| now.since(key.term.signs_from) >= SIGNING_KEY_MAX_AGE);
        if !aged {
            return Ok(false);
        }
        match self.rotate_signing_key(&Caller::system(), Rotation::Announced).await {
            Ok(_) => Ok(true),
            // Another node was faster.
            Err(Refusal::RotationUnderWay) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }
}

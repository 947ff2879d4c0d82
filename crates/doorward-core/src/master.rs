//! The master secret, and the keys that are derived from it, one for each use.
//!
//! Nothing here has a default: a secret is generated or given. A previous master secret still verifies and opens
//! what it made, and never signs or seals (M-C06).

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf, hmac,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::{
    audit_chain::AuditChainKey,
    entropy::{Entropy, EntropyFailed},
    secret::TokenHash,
};

/// The one secret of an installation: 32 random bytes, written as base64url without padding.
#[derive(Clone)]
pub struct MasterSecret(Zeroizing<[u8; 32]>);

/// A text that is no master secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a master secret is 32 bytes in base64url without padding (43 characters)")]
pub struct InvalidMasterSecret;

impl MasterSecret {
    /// A new one.
    ///
    /// # Errors
    /// [`EntropyFailed`] when there is no randomness.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyFailed> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// Reads [`MasterSecret::to_text`].
    ///
    /// # Errors
    /// [`InvalidMasterSecret`], which does not repeat what was given.
    pub fn parse(text: &str) -> Result<Self, InvalidMasterSecret> {
        let decoded =
            Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| InvalidMasterSecret)?);
        let mut bytes = Zeroizing::new([0; 32]);
        if decoded.len() != bytes.len() {
            return Err(InvalidMasterSecret);
        }
        bytes.copy_from_slice(&decoded);
        Ok(Self(bytes))
    }

    /// The text to keep.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSecret(…)")
    }
}

/// What a derived key is for. Its label keeps keys of different uses apart (RFC 5869, `info`).
#[derive(Clone, Copy)]
pub(crate) enum KeyUse {
    Refresh,
    Csrf,
    Device,
    Link,
    Pending,
    RecoveryCode,
    Ceremony,
    Guard,
    Audit,
    Sealing,
}

impl KeyUse {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Refresh => b"doorward v1 refresh",
            Self::Csrf => b"doorward v1 csrf",
            Self::Device => b"doorward v1 device",
            Self::Link => b"doorward v1 link",
            Self::Pending => b"doorward v1 pending",
            Self::RecoveryCode => b"doorward v1 recovery code",
            Self::Ceremony => b"doorward v1 ceremony",
            Self::Guard => b"doorward v1 guard",
            Self::Audit => b"doorward v1 audit",
            Self::Sealing => b"doorward v1 sealing",
        }
    }
}

/// The keys derived from the master secret, and from the previous ones.
pub struct ServerKeys {
    current: DerivedKeys,
    previous: Vec<DerivedKeys>,
}

struct DerivedKeys {
    refresh: hmac::Key,
    csrf: hmac::Key,
    device: hmac::Key,
    link: hmac::Key,
    pending: hmac::Key,
    recovery_code: hmac::Key,
    ceremony: hmac::Key,
    guard: hmac::Key,
    audit: hmac::Key,
    sealing: LessSafeKey,
}

/// The keys could not be derived: the platform's cryptography is broken.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("keys could not be derived from the master secret")]
pub struct DerivationFailed;

/// What was sealed cannot be opened: it was sealed under another master secret, or changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed under another master secret, or changed since")]
pub struct CannotOpen;

impl ServerKeys {
    /// Derives every key.
    ///
    /// # Errors
    /// [`DerivationFailed`], which no input causes.
    pub fn derive(current: &MasterSecret, previous: &[MasterSecret]) -> Result<Self, DerivationFailed> {
        Ok(Self {
            current: DerivedKeys::derive(current)?,
            previous: previous.iter().map(DerivedKeys::derive).collect::<Result<_, _>>()?,
        })
    }

    /// The key that signs.
    pub(crate) fn signing(&self, key_use: KeyUse) -> &hmac::Key {
        self.current.hmac(key_use)
    }

    /// Whether `tag` is the HMAC of `message` under the current or a previous key. Takes the same time wherever
    /// they differ.
    pub(crate) fn verify(&self, key_use: KeyUse, message: &[u8], tag: &[u8]) -> bool {
        self.all().any(|keys| hmac::verify(keys.hmac(key_use), message, tag).is_ok())
    }

    /// The hashes that `secret` may be stored under: by the current key first, then by the previous ones.
    pub(crate) fn hashes(&self, key_use: KeyUse, secret: &str) -> Vec<TokenHash> {
        self.all().map(|keys| TokenHash::of(keys.hmac(key_use), secret)).collect()
    }

    /// Seals `plain` for storage; `context` must be given again to open it.
    pub(crate) fn seal(
        &self,
        entropy: &dyn Entropy,
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, EntropyFailed> {
        let nonce: [u8; 12] = entropy.bytes()?;
        let mut sealed = plain.to_vec();
        self.current
            .sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .map_err(|_| EntropyFailed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`ServerKeys::seal`] made, under the current or a previous secret. Tells whether it was sealed
    /// under the current one.
    pub(crate) fn open(
        &self,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<(Zeroizing<Vec<u8>>, SealedUnder), CannotOpen> {
        let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(CannotOpen)?;
        for (index, keys) in self.all().enumerate() {
            let mut in_out = Zeroizing::new(sealed.to_vec());
            let nonce = Nonce::assume_unique_for_key(*nonce);
            if let Ok(plain) = keys.sealing.open_in_place(nonce, Aad::from(context), &mut in_out) {
                let under = if index == 0 { SealedUnder::Current } else { SealedUnder::Previous };
                return Ok((Zeroizing::new(plain.to_vec()), under));
            }
        }
        Err(CannotOpen)
    }

    /// The key that chains the audit log, for the store: the MAC of a row is made in the transaction that inserts it.
    #[must_use]
    pub fn audit_chain_key(&self) -> AuditChainKey {
        let key_of = |keys: &DerivedKeys| keys.hmac(KeyUse::Audit).clone();
        let previous: Vec<_> = self.previous.iter().map(key_of).collect();
        AuditChainKey::new(&key_of(&self.current), previous.iter())
    }

    fn all(&self) -> impl Iterator<Item = &DerivedKeys> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

/// Which master secret something was sealed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedUnder {
    /// The current one.
    Current,
    /// A previous one: it has to be sealed anew before that one is thrown away.
    Previous,
}

impl DerivedKeys {
    fn derive(master: &MasterSecret) -> Result<Self, DerivationFailed> {
        let extracted =
            hkdf::Salt::new(hkdf::HKDF_SHA256, b"doorward master secret").extract(master.0.as_slice());
        let expand = |key_use: KeyUse| {
            let mut key = Zeroizing::new([0; 32]);
            extracted
                .expand(&[key_use.label()], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(key.as_mut_slice()))
                .map_err(|_| DerivationFailed)?;
            Ok::<_, DerivationFailed>(key)
        };
        let hmac_key = |key_use| Ok(hmac::Key::new(hmac::HMAC_SHA256, expand(key_use)?.as_slice()));
        Ok(Self {
            refresh: hmac_key(KeyUse::Refresh)?,
            csrf: hmac_key(KeyUse::Csrf)?,
            device: hmac_key(KeyUse::Device)?,
            link: hmac_key(KeyUse::Link)?,
            pending: hmac_key(KeyUse::Pending)?,
            recovery_code: hmac_key(KeyUse::RecoveryCode)?,
            ceremony: hmac_key(KeyUse::Ceremony)?,
            guard: hmac_key(KeyUse::Guard)?,
            audit: hmac_key(KeyUse::Audit)?,
            sealing: UnboundKey::new(&AES_256_GCM, expand(KeyUse::Sealing)?.as_slice())
                .map(LessSafeKey::new)
                .map_err(|_| DerivationFailed)?,
        })
    }

    const fn hmac(&self, key_use: KeyUse) -> &hmac::Key {
        match key_use {
            KeyUse::Refresh => &self.refresh,
            KeyUse::Csrf => &self.csrf,
            KeyUse::Device => &self.device,
            KeyUse::Pending => &self.pending,
            KeyUse::RecoveryCode => &self.recovery_code,
            KeyUse::Ceremony => &self.ceremony,
            KeyUse::Guard => &self.guard,
            KeyUse::Audit => &self.audit,
            // The sealing key is no HMAC key; nothing asks for it here.
            KeyUse::Link | KeyUse::Sealing => &self.link,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;
    impl Entropy for Zeros {
        fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed> {
            destination.fill(7);
            Ok(())
        }
    }

    fn master(byte: u8) -> MasterSecret {
        MasterSecret(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_master_secret_reads_back_and_nothing_else_is_one() {
        let text = master(1).to_text();
        assert_eq!(text.len(), 43);
        assert_eq!(*MasterSecret::parse(&text).unwrap().0, [1; 32]);
        for bad in ["", "short", &"A".repeat(42), &"A".repeat(44), &format!("{}=", *text)] {
            assert!(MasterSecret::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_previous_secret_verifies_and_opens_and_never_signs() {
        let old = ServerKeys::derive(&master(1), &[]).unwrap();
        let rotated = ServerKeys::derive(&master(2), &[master(1)]).unwrap();
        let tag = hmac::sign(old.signing(KeyUse::Csrf), b"message");
        assert!(rotated.verify(KeyUse::Csrf, b"message", tag.as_ref()));
        assert_ne!(hmac::sign(rotated.signing(KeyUse::Csrf), b"message").as_ref(), tag.as_ref());

        let sealed = old.seal(&Zeros, b"context", b"private").unwrap();
        let (plain, under) = rotated.open(b"context", &sealed).unwrap();
        assert_eq!((plain.as_slice(), under), (b"private".as_slice(), SealedUnder::Previous));
        let new = ServerKeys::derive(&master(2), &[]).unwrap();
        assert_eq!(new.open(b"context", &sealed).err(), Some(CannotOpen));
        assert!(!new.verify(KeyUse::Csrf, b"message", tag.as_ref()));
    }

    #[test]
    fn keys_of_different_uses_differ() {
        let keys = ServerKeys::derive(&master(1), &[]).unwrap();
        let tag = hmac::sign(keys.signing(KeyUse::Csrf), b"message");
        for other in [
            KeyUse::Refresh,
            KeyUse::Device,
            KeyUse::Link,
            KeyUse::Pending,
            KeyUse::RecoveryCode,
            KeyUse::Ceremony,
            KeyUse::Guard,
            KeyUse::Audit,
        ] {
            assert!(!keys.verify(other, b"message", tag.as_ref()));
        }
    }

    #[test]
    fn what_was_sealed_opens_only_unchanged_and_in_its_context() {
        let keys = ServerKeys::derive(&master(1), &[]).unwrap();
        let mut sealed = keys.seal(&Zeros, b"context", b"private").unwrap();
        assert!(keys.open(b"other", &sealed).is_err());
        sealed[13] ^= 1;
        assert!(keys.open(b"context", &sealed).is_err());
        assert!(keys.open(b"context", b"short").is_err());
    }
}

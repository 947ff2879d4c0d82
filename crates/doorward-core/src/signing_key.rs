//! Ed25519 signing keys: generated, sealed under the master secret, published as JWKS, rotated by command or age.

use std::fmt;

use crate::{ids::NotAnId, time::Timestamp};

/// A key's `kid`: 1 to 64 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SigningKeyId(String);

impl SigningKeyId {
    /// Reads a `kid`.
    ///
    /// # Errors
    /// [`NotAnId`] for anything else than 1 to 64 characters of base64url.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SigningKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A signing key as the store keeps it: nothing that could sign without the master secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSigningKey {
    /// Its `kid`.
    pub id: SigningKeyId,
    /// The public key.
    pub public: [u8; 32],
    /// The private key, sealed under the master secret.
    pub sealed_private: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From here on it signs no more; it verifies until the last token it signed has expired.
    pub retired_at: Option<Timestamp>,
}

impl fmt::Debug for SealedSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSigningKey({})", self.id)
    }
}

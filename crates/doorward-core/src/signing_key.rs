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
    /// When it was made; published from then on.
    pub created_at: Timestamp,
    /// When it signs, and what what it signed is worth.
    pub term: KeyTerm,
}

/// When a key signs, and what what it signed is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTerm {
    /// From here on it signs. Until then it is published and verifies, so that whoever meets the first token it signs
    /// knows it already.
    pub signs_from: Timestamp,
    /// From here on it signs no more, because the next one does: its `signs_from`, which may lie ahead. What it signed
    /// before is believed until it expires.
    pub retired_at: Option<Timestamp>,
    /// Nothing it signed is believed any more: it may have leaked.
    pub distrusted: bool,
}

impl KeyTerm {
    /// The term of a key that signs from `signs_from`, and that no other follows yet.
    #[must_use]
    pub const fn from(signs_from: Timestamp) -> Self {
        Self { signs_from, retired_at: None, distrusted: false }
    }
}

/// How a new signing key takes over from those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Succession {
    /// At its `signs_from`: until then the one before it signs, and what that signed stays good until it expires.
    InTurn,
    /// As with [`Succession::InTurn`], and nothing that others signed is believed any more, from the moment a node hears
    /// of it: one of them may have leaked.
    Distrusting,
}

impl fmt::Debug for SealedSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSigningKey({})", self.id)
    }
}

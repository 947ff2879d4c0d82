//! Ed25519 signing keys: generated, sealed under the master secret, published as JWKS, rotated by command or age.

use std::{fmt, sync::Arc, time::Duration};

use crate::{ids::NotAnId, time::Timestamp};

/// A key's `kid`: 1 to 64 characters of base64url. Clones share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SigningKeyId(Arc<str>);

impl SigningKeyId {
    /// Reads a `kid`.
    ///
    /// # Errors
    /// [`NotAnId`] for anything else than 1 to 64 characters of base64url.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
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

/// A key as everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its `kid`.
    pub id: SigningKeyId,
    /// The Ed25519 public key.
    pub public: [u8; 32],
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

    /// What the key is for at `now`, where tokens live for `access_ttl`.
    ///
    /// A retired key needs no margin for clocks that differ: whoever signs with it does so before `retired_at` by the
    /// same clock that writes the token's end, so no token of its ends later than `access_ttl` after that.
    #[must_use]
    pub fn state(&self, now: Timestamp, access_ttl: Duration) -> KeyState {
        if self.distrusted {
            return KeyState::Gone;
        }
        match self.retired_at {
            Some(retired_at) if now >= retired_at.plus(access_ttl) => KeyState::Gone,
            Some(retired_at) if now >= retired_at => KeyState::Verifying,
            Some(_) | None if now < self.signs_from => KeyState::Next,
            Some(_) | None => KeyState::Signing,
        }
    }

    /// From when on nothing is believed that the key signed, where tokens live for `access_ttl`; none while no other is
    /// to follow it.
    #[must_use]
    pub fn verifies_until(&self, access_ttl: Duration) -> Option<Timestamp> {
        let retired_at = self.retired_at?;
        Some(if self.distrusted { retired_at } else { retired_at.plus(access_ttl) })
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is published and verifies, and will sign.
    Next,
    /// It signs.
    Signing,
    /// It verifies what it signed before it was retired.
    Verifying,
    /// Nothing it signed is believed any more: all of it has expired, or the key is distrusted.
    Gone,
}

impl KeyState {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Verifying => "verifying",
            Self::Gone => "retired",
        }
    }
}

/// A key as it is shown: nothing of its private half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// Its `kid`.
    pub id: SigningKeyId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it signs.
    pub term: KeyTerm,
    /// What it is for right now.
    pub state: KeyState,
    /// See [`KeyTerm::verifies_until`].
    pub verifies_until: Option<Timestamp>,
}

impl ListedKey {
    /// A key as it is shown at `now`, where tokens live for `access_ttl`.
    #[must_use]
    pub fn of(key: &SealedSigningKey, now: Timestamp, access_ttl: Duration) -> Self {
        Self {
            id: key.id.clone(),
            created_at: key.created_at,
            term: key.term,
            state: key.term.state(now, access_ttl),
            verifies_until: key.term.verifies_until(access_ttl),
        }
    }
}

/// How a signing key is to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new key is made known first, and signs [`PUBLISH_AHEAD`] later. No request is refused.
    Announced,
    /// A key has leaked: the new one signs at once, and nothing that another signed is believed any more. Nobody is signed
    /// out: sessions refresh their access tokens. Nodes that have not heard of it yet refuse tokens of the new key.
    AtOnce,
}

/// A copy of the published keys may be used for so long (`Cache-Control` of the JWKS).
pub const PUBLISHED_KEYS_MAX_AGE: Duration = Duration::from_secs(60);

/// So long before it signs a new key is published, so that nobody meets a token of a key they do not know: 60 s that a
/// node may be behind the store and still answer, at most ([`GREATEST_STALENESS`](crate::settings::GREATEST_STALENESS)); 60 s for which a copy of what it published is used
/// ([`PUBLISHED_KEYS_MAX_AGE`]); 5 s by which a clock may be ahead of the one the time was chosen by
/// ([`MAX_CLOCK_LAG`](crate::time::MAX_CLOCK_LAG)); 5 s on the way.
pub const PUBLISH_AHEAD: Duration = Duration::from_secs(130);

/// From when a new key is to sign, and how it takes over, given the term of the last one.
///
/// # Errors
/// [`RotationUnderWay`]: the last one waits itself, and is announced already. A third key would take its place only to
/// let everybody wait again.
pub fn plan_rotation(
    last: Option<&KeyTerm>,
    rotation: Rotation,
    now: Timestamp,
) -> Result<(Timestamp, Succession), RotationUnderWay> {
    match (last, rotation) {
        // Nobody knows any key yet: there is nothing to wait for.
        (None, _) => Ok((now, Succession::InTurn)),
        (Some(_), Rotation::AtOnce) => Ok((now, Succession::Distrusting)),
        (Some(last), Rotation::Announced) if now < last.signs_from => Err(RotationUnderWay),
        (Some(_), Rotation::Announced) => Ok((now.plus(PUBLISH_AHEAD), Succession::InTurn)),
    }
}

/// A new key is announced already, and waits to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a new key waits to sign already")]
pub struct RotationUnderWay;

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

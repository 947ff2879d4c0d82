//! A passkey as the store keeps it.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use webauthn_rs_core::proto::Credential;

use crate::{
    ids::{NotAnId, UserId},
    time::Timestamp,
    user::InvalidValue,
};

/// A credential id, as the authenticator chose it: 1 to 1023 bytes (WebAuthn Level 3, 6.5.1). Written as base64url.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PasskeyId(Vec<u8>);

impl PasskeyId {
    /// The longest one, in bytes.
    pub const MAX_BYTES: usize = 1023;

    /// From its bytes.
    ///
    /// # Errors
    /// [`NotAnId`] where there are none, or too many.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, NotAnId> {
        if (1..=Self::MAX_BYTES).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(NotAnId) }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for PasskeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl fmt::Debug for PasskeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasskeyId({self})")
    }
}

impl FromStr for PasskeyId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Self::from_bytes(BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAnId)?)
    }
}

/// What its owner calls a passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 64;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PasskeyName {
    type Err = InvalidValue;

    /// Takes what somebody typed, without the space around it.
    fn from_str(typed: &str) -> Result<Self, InvalidValue> {
        let name = typed.trim();
        if name.is_empty() {
            return Err(InvalidValue::PasskeyNameEmpty);
        }
        if name.chars().count() > Self::MAX_CHARS {
            return Err(InvalidValue::PasskeyNameTooLong);
        }
        if name.chars().any(char::is_control) {
            return Err(InvalidValue::PasskeyNameControl);
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for PasskeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What verifies a passkey's signatures: its public key and what it said of itself when it was registered, in the form
/// of `webauthn-rs-core` (JSON). Opaque to everyone but the ceremonies; holds no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCredential(Vec<u8>);

/// Bytes that are no stored credential: the row was changed, or written by a version after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a stored credential")]
pub struct NotACredential;

impl StoredCredential {
    /// Takes what [`StoredCredential::as_bytes`] gave.
    ///
    /// # Errors
    /// [`NotACredential`].
    pub fn parse(bytes: Vec<u8>) -> Result<Self, NotACredential> {
        let stored = Self(bytes);
        stored.credential().map(|_| stored)
    }

    /// What to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn of(credential: &Credential) -> Result<Self, NotACredential> {
        serde_json::to_vec(credential).map(Self).map_err(|_| NotACredential)
    }

    pub(super) fn credential(&self) -> Result<Credential, NotACredential> {
        serde_json::from_slice(&self.0).map_err(|_| NotACredential)
    }
}

impl fmt::Debug for StoredCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredCredential(…)")
    }
}

/// A passkey of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Names it among all passkeys of the installation.
    pub id: PasskeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What they call it.
    pub name: PasskeyName,
    /// What verifies its signatures.
    pub credential: StoredCredential,
    /// The highest signature counter seen; zero for authenticators that do not count. This one counts, whatever
    /// [`Passkey::credential`] says.
    pub sign_count: u32,
    /// It may be on several devices, or come back from a backup (backup eligible, WebAuthn Level 3, 6.1.3). Never changes.
    pub synced: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

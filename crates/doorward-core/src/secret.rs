//! Bearer secrets by type: what is presented and what is stored are different types, so that the store cannot be
//! given a plain one (M-N07).
//!
//! A token reads `dwX_<payload><checksum>`: a prefix that says what it is, base64url of the payload, and six
//! characters of CRC-32 over everything before them, so that secret scanners recognise one without asking us.

use std::fmt;

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// A secret in plain text on its way to or from its owner. Never stored, never shown by `Debug`.
#[derive(Clone)]
pub struct PlainToken(Zeroizing<String>);

impl PlainToken {
    /// Takes a secret as its owner presents it.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Encodes `payload` under `prefix`, with a checksum.
    #[must_use]
    pub fn encode(prefix: TokenPrefix, payload: &[u8]) -> Self {
        let mut text = String::with_capacity(4 + payload.len() * 4 / 3 + 8);
        text.push_str(prefix.as_str());
        BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut text);
        let checksum = crc32fast::hash(text.as_bytes()).to_be_bytes();
        BASE64_URL_SAFE_NO_PAD.encode_string(checksum, &mut text);
        Self::new(text)
    }

    /// The plain text, to be handed to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(…)")
    }
}

/// What a token is for, as its first four characters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPrefix {
    /// `dwr_`: refresh token.
    Refresh,
    /// `dwd_`: known device.
    Device,
    /// `dws_`: one-time link (setup, invitation, reset).
    Link,
    /// `dwp_`: pending login.
    Pending,
}

impl TokenPrefix {
    /// The four characters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "dwr_",
            Self::Device => "dwd_",
            Self::Link => "dws_",
            Self::Pending => "dwp_",
        }
    }

    /// The payload of `unverified`, where prefix, encoding, length and checksum are right. Says nothing about
    /// whether we issued it.
    #[must_use]
    pub fn decode<const N: usize>(self, unverified: &str) -> Option<[u8; N]> {
        let encoded = unverified.strip_prefix(self.as_str())?;
        // Exact length first: nothing an attacker sends makes us decode more than one token's worth.
        if encoded.len() != (N * 4).div_ceil(3) + 6 {
            return None;
        }
        let (payload, checksum) = encoded.split_at_checked(encoded.len() - 6)?;
        let body = unverified.get(..unverified.len() - 6)?;
        let mut expected = [0; 6];
        BASE64_URL_SAFE_NO_PAD
            .encode_slice(crc32fast::hash(body.as_bytes()).to_be_bytes(), &mut expected)
            .ok()?;
        if expected != checksum.as_bytes() {
            return None;
        }
        let mut bytes = [0; N];
        let written = BASE64_URL_SAFE_NO_PAD.decode_slice(payload, &mut bytes).ok()?;
        (written == N).then_some(bytes)
    }
}

/// HMAC-SHA256 of a secret under a server key: all that is ever stored of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes `secret` under `key`.
    #[must_use]
    pub fn of(key: &hmac::Key, secret: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hmac::sign(key, secret.as_bytes()).as_ref());
        Self(bytes)
    }

    /// From its bytes, as the store keeps them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_one_changed_character_does_not() {
        let token = PlainToken::encode(TokenPrefix::Device, b"sixteen bytes ok");
        let text = token.reveal();
        assert!(text.starts_with("dwd_"));
        assert_eq!(TokenPrefix::Device.decode(text), Some(*b"sixteen bytes ok"));
        assert_eq!(TokenPrefix::Refresh.decode::<16>(text), None);
        assert_eq!(TokenPrefix::Device.decode::<15>(text), None);
        for at in 4..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(TokenPrefix::Device.decode::<16>(&changed), None, "{changed}");
        }
    }

    #[test]
    fn garbage_is_no_token_and_no_panic() {
        for text in ["", "dwd_", "dwd_é", "dwd_éééééééééééééé", "dwd_AAAAAAAAAAAAAAAAAAAAAAAAAAA\u{301}"]
        {
            assert_eq!(TokenPrefix::Device.decode::<16>(text), None);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = PlainToken::encode(TokenPrefix::Link, b"secret");
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}

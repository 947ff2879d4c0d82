//! Identifiers: 128 random bits each, opaque to everyone, written as 22 characters of base64url.

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::entropy::{Entropy, EntropyFailed};

/// A text that is not an identifier of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A new one.
            ///
            /// # Errors
            /// [`EntropyFailed`] when there is no randomness.
            pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyFailed> {
                entropy.bytes().map(Self)
            }

            /// From its sixteen bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Its sixteen bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Its text in ASCII, for where a formatter costs more than the text.
            #[must_use]
            pub fn text(&self) -> [u8; 22] {
                let mut text = [0; 22];
                // Sixteen bytes are always 22 characters; zeros would be no text of anything.
                let _ = BASE64_URL_SAFE_NO_PAD.encode_slice(self.0, &mut text);
                text
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if text.len() != 22 {
                    return Err(NotAnId);
                }
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAnId)?;
                bytes.try_into().map(Self).map_err(|_| NotAnId)
            }
        }
    };
}

id!(
    /// Names a user for ever; never given to somebody else.
    UserId
);
id!(
    /// Names a session.
    SessionId
);
id!(
    /// Names a login that waits for its second factor.
    PendingId
);
id!(
    /// Names a browser that has logged in to one account before. Not a secret: what the browser presents is a
    /// [device token](crate::device) that carries a MAC.
    DeviceId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let id = UserId::from_bytes(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn what_is_not_exactly_an_id_is_refused() {
        for text in [
            "",
            "AAAAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAA/",
            "AAAAAAAAAAAAAAAAAAAAAB",
        ] {
            assert_eq!(text.parse::<SessionId>(), Err(NotAnId), "{text}");
        }
    }
}

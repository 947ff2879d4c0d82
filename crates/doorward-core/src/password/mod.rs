//! Passwords: what is asked of them, and how they are hashed.

mod hashing;
mod policy;

use std::fmt;

pub use hashing::{HashingCost, HashingPool, HashingWork, InvalidCost, PasswordVerdict};
pub use policy::{MAX_PASSWORD_BYTES, PasswordPolicy, PlainPassword};

/// A stored password: an Argon2id hash in PHC format, which carries its own parameters and salt.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash as the store keeps it.
    #[must_use]
    pub const fn from_phc(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

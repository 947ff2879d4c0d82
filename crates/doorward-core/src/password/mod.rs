//! Passwords: what is asked of new ones, and how they are hashed.

mod breached;
mod common;
mod hashing;
mod invalid;
mod lanes;
mod policy;
mod screening;
mod similar;
mod strength;

use std::fmt;

pub use breached::{BreachedPasswords, LookUpFailed, Sha1};
pub use common::common_passwords_filter;
pub use hashing::{HashingCost, HashingPool, HashingWork, InvalidCost, PasswordVerdict};
pub use invalid::{HelpsLittle, InvalidPassword, WeakBecause, Weakness};
pub use lanes::Lane;
pub use policy::{MAX_PASSWORD_BYTES, PasswordOwner, PasswordPolicy, PlainPassword};

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

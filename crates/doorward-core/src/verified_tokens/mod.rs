//! What the verifier remembers of tokens whose signature was good, within a bound of bytes.
//!
//! Two things, since a token takes a kilobyte with all that is in it, and sixteen bytes without:
//! - [`Principals`]: the token's text and whom it speaks for, of the tokens used lately. Found without hashing, decoding or
//!   allocating anything.
//! - [`Signatures`]: of very many more tokens, that their signature was good, which is nearly all that a verification
//!   costs. The rest of it is done again each time.
//!
//! Nothing is remembered but a good signature, and what a token says: lifetime, transport, key ring and revocations are
//! asked at every use. Reading takes no lock; whoever writes and finds somebody else writing to the same place goes
//! without. See decision 0027.

mod principals;
mod recency;
mod signatures;
#[cfg(test)]
mod tests;

pub(crate) use principals::{Principals, Remembered};
pub(crate) use signatures::{Fingerprint, Signatures};

/// What a verifier remembers takes so many bytes at most, unless another bound is chosen.
pub const DEFAULT_BYTES: usize = 32 << 20;

/// Of these bytes one in so many is for tokens with all that is in them.
const PRINCIPALS_SHARE: usize = 4;

/// See the [module](self). Shared by all threads.
pub(crate) struct VerifiedTokens {
    pub(crate) principals: Principals,
    pub(crate) signatures: Signatures,
}

impl VerifiedTokens {
    /// Remembers nothing yet, and never more than about so many bytes. Memory is taken as it is needed.
    pub(crate) fn within(bytes: usize) -> Self {
        let principals = bytes / PRINCIPALS_SHARE;
        Self {
            principals: Principals::within(principals),
            signatures: Signatures::within(bytes - principals),
        }
    }
}

/// Which of `sets` 32 random bits choose; each as often as any other, without a division.
fn place(bits: u32, sets: usize) -> usize {
    usize::try_from((u64::from(bits) * sets as u64) >> 32).unwrap_or_default()
}

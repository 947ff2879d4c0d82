//! CSRF tokens bound to a session, or to a pending login (OWASP's HMAC-based token pattern): a random value and a MAC
//! over the length-prefixed id and that value. Nothing is stored; tokens issued earlier for the same session stay
//! valid, so that other tabs and open forms survive a refresh.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    entropy::{Entropy, EntropyFailed},
    ids::{PendingId, SessionId},
    master::{KeyUse, ServerKeys},
    secret::PlainToken,
};

const RANDOM_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// What a CSRF token is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsrfSubject {
    /// A session.
    Session(SessionId),
    /// A login that waits for its second factor.
    Pending(PendingId),
}

impl From<SessionId> for CsrfSubject {
    fn from(id: SessionId) -> Self {
        Self::Session(id)
    }
}

impl From<PendingId> for CsrfSubject {
    fn from(id: PendingId) -> Self {
        Self::Pending(id)
    }
}

impl ServerKeys {
    /// A new CSRF token.
    ///
    /// # Errors
    /// [`EntropyFailed`] when there is no randomness.
    pub fn issue_csrf_token(
        &self,
        entropy: &dyn Entropy,
        subject: impl Into<CsrfSubject>,
    ) -> Result<PlainToken, EntropyFailed> {
        let random: [u8; RANDOM_BYTES] = entropy.bytes()?;
        let tag = hmac::sign(self.signing(KeyUse::Csrf), &message(subject.into(), &random));
        Ok(PlainToken::new(BASE64_URL_SAFE_NO_PAD.encode([random.as_slice(), tag.as_ref()].concat())))
    }

    /// Whether `unverified` is a CSRF token of ours for this subject.
    #[must_use]
    pub fn verify_csrf_token(&self, unverified: &str, subject: impl Into<CsrfSubject>) -> bool {
        let mut bytes = [0; RANDOM_BYTES + TAG_BYTES];
        if unverified.len() != 64 || BASE64_URL_SAFE_NO_PAD.decode_slice(unverified, &mut bytes).is_err() {
            return false;
        }
        let subject = subject.into();
        bytes
            .split_first_chunk()
            .is_some_and(|(random, tag)| self.verify(KeyUse::Csrf, &message(subject, random), tag))
    }
}

fn message(subject: CsrfSubject, random: &[u8; RANDOM_BYTES]) -> [u8; 2 + 16 + RANDOM_BYTES] {
    let mut message = [0; 2 + 16 + RANDOM_BYTES];
    // The first byte tells the kinds apart: a pending login's token is never good for a session.
    let (kind, id) = match &subject {
        CsrfSubject::Session(id) => ([16], id.as_bytes()),
        CsrfSubject::Pending(id) => ([16 | 0x80], id.as_bytes()),
    };
    let parts = [kind.as_slice(), id.as_slice(), &[16], random.as_slice()];
    for (slot, byte) in message.iter_mut().zip(parts.into_iter().flatten()) {
        *slot = *byte;
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master::MasterSecret;

    struct Counter(std::sync::atomic::AtomicU8);
    impl Entropy for Counter {
        fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed> {
            destination.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            Ok(())
        }
    }

    fn keys(text: &str) -> ServerKeys {
        ServerKeys::derive(&MasterSecret::parse(&text.repeat(43)).unwrap(), &[]).unwrap()
    }

    #[test]
    fn every_token_of_the_session_is_valid_and_no_other() {
        let (keys, entropy) = (keys("A"), Counter(0.into()));
        let (mine, other) = (SessionId::from_bytes([1; 16]), SessionId::from_bytes([2; 16]));
        let first = keys.issue_csrf_token(&entropy, mine).unwrap();
        let second = keys.issue_csrf_token(&entropy, mine).unwrap();
        assert_ne!(first.reveal(), second.reveal());
        assert!(
            keys.verify_csrf_token(first.reveal(), mine) && keys.verify_csrf_token(second.reveal(), mine)
        );
        assert!(!keys.verify_csrf_token(first.reveal(), other));
        assert!(!keys.verify_csrf_token(first.reveal(), PendingId::from_bytes([1; 16])));
        assert!(!self::keys("E").verify_csrf_token(first.reveal(), mine));
        for garbage in ["", "x", &"A".repeat(64), &"=".repeat(64), &"é".repeat(32)] {
            assert!(!keys.verify_csrf_token(garbage, mine));
        }
    }
}

//! Challenges that vouch for themselves: purpose, time and a random value under a MAC that also covers whom the ceremony
//! is for. Nobody fills the store with ceremonies that are never finished, and a challenge of one ceremony is none of
//! another.

use std::time::Duration;

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};

use crate::{
    entropy::{Entropy, EntropyFailed},
    ids::{PendingId, SessionId, UserId},
    master::{KeyUse, ServerKeys},
    passkey::PasskeyError,
    time::Timestamp,
};

/// How long a challenge can be answered.
pub(super) const LIFETIME: Duration = Duration::from_mins(5);
/// How far ahead of this node's clock another one's may be.
const CLOCK_LEEWAY: Duration = Duration::from_secs(30);

const RANDOM_BYTES: usize = 16;
const BODY_BYTES: usize = 1 + 8 + RANDOM_BYTES;
const TAG_BYTES: usize = 32;
/// The length of a challenge; Level 3 (13.4.3) asks for 16 bytes or more.
const BYTES: usize = BODY_BYTES + TAG_BYTES;

/// What a challenge is for, and for whom. Two ceremonies that differ in anything have no challenge in common.
pub trait Ceremony: sealed::Bound {}

mod sealed {
    /// What the MAC covers besides the challenge itself.
    pub trait Bound: Clone {
        /// Its first byte.
        fn purpose(&self) -> u8;
        /// Of one length for one purpose.
        fn binding(&self) -> [[u8; 16]; 2];
    }
}

/// A user adds a passkey in one of their sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationCeremony {
    /// Whose passkey it will be.
    pub user: UserId,
    /// The session that asked.
    pub session: SessionId,
}

/// A passkey shows who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationCeremony {
    /// After the password.
    SecondFactor {
        /// Who knew the password.
        user: UserId,
        /// The pending login.
        pending: PendingId,
    },
    /// Once more, in a session.
    StepUp {
        /// Whose session it is.
        user: UserId,
        /// The session to step up from.
        session: SessionId,
    },
    /// Without a password: any discoverable passkey, and its authenticator verifies the user.
    Passwordless,
}

impl AuthenticationCeremony {
    /// Who has to be authenticated, where that is known before.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::SecondFactor { user, .. } | Self::StepUp { user, .. } => Some(*user),
            Self::Passwordless => None,
        }
    }

    /// Whether the authenticator has to verify its user: where there was no password it is the second factor.
    pub(super) const fn demands_user_verification(&self) -> bool {
        match self {
            Self::SecondFactor { .. } | Self::StepUp { .. } => false,
            Self::Passwordless => true,
        }
    }
}

impl Ceremony for RegistrationCeremony {}
impl sealed::Bound for RegistrationCeremony {
    fn purpose(&self) -> u8 {
        1
    }

    fn binding(&self) -> [[u8; 16]; 2] {
        [*self.user.as_bytes(), *self.session.as_bytes()]
    }
}

impl Ceremony for AuthenticationCeremony {}
impl sealed::Bound for AuthenticationCeremony {
    fn purpose(&self) -> u8 {
        match self {
            Self::SecondFactor { .. } => 2,
            Self::StepUp { .. } => 3,
            Self::Passwordless => 4,
        }
    }

    fn binding(&self) -> [[u8; 16]; 2] {
        match self {
            Self::SecondFactor { user, pending } => [*user.as_bytes(), *pending.as_bytes()],
            Self::StepUp { user, session } => [*user.as_bytes(), *session.as_bytes()],
            Self::Passwordless => [[0; 16]; 2],
        }
    }
}

/// A challenge to be put into options.
#[derive(Clone, Debug)]
pub struct Challenge<C> {
    pub(super) ceremony: C,
    pub(super) bytes: [u8; BYTES],
}

impl<C: Ceremony> Challenge<C> {
    /// A new one, good for five minutes from `now` on.
    ///
    /// # Errors
    /// [`EntropyFailed`] when there is no randomness.
    pub fn issue(
        ceremony: C,
        keys: &ServerKeys,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Self, EntropyFailed> {
        let random: [u8; RANDOM_BYTES] = entropy.bytes()?;
        let issued_at = now.as_millis().to_be_bytes();
        let body = [[ceremony.purpose()].as_slice(), &issued_at, &random].concat();
        let tag = hmac::sign(keys.signing(KeyUse::Ceremony), &message(&body, &ceremony));
        let mut bytes = [0; BYTES];
        for (slot, byte) in bytes.iter_mut().zip(body.iter().chain(tag.as_ref())) {
            *slot = *byte;
        }
        Ok(Self { ceremony, bytes })
    }

    /// What the browser sends back in its client data.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A challenge that was answered. One that is remembered already belongs to an answer that is sent a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentChallenge {
    /// SHA-256 of the challenge. No MAC: it must be the same before and after the master secret is rotated, and a
    /// challenge is no secret.
    pub hash: [u8; 32],
    /// From then on no challenge of this hash is live, and it can be forgotten.
    pub expires_at: Timestamp,
}

/// Proof that a challenge is ours, for this ceremony and in time. Not that it is answered for the first time: see
/// [`LiveChallenge::spent`].
#[derive(Clone, Debug)]
pub struct LiveChallenge<C> {
    pub(super) ceremony: C,
    bytes: [u8; BYTES],
    expires_at: Timestamp,
}

impl<C: Ceremony> LiveChallenge<C> {
    /// Recognises a challenge that came back.
    ///
    /// # Errors
    /// [`PasskeyError::WrongChallenge`] where it is not ours, for something or somebody else, five minutes old, or
    /// from more than 30 seconds in the future.
    pub fn verify(
        ceremony: C,
        unverified: &[u8],
        keys: &ServerKeys,
        now: Timestamp,
    ) -> Result<Self, PasskeyError> {
        let bytes: [u8; BYTES] = unverified.try_into().map_err(|_| PasskeyError::WrongChallenge)?;
        let issued_at = issued_at(&bytes, &ceremony, keys).ok_or(PasskeyError::WrongChallenge)?;
        let expires_at = issued_at.plus(LIFETIME);
        if issued_at > now.plus(CLOCK_LEEWAY) || now >= expires_at {
            return Err(PasskeyError::WrongChallenge);
        }
        Ok(Self { ceremony, bytes, expires_at })
    }

    /// What the store has to remember in the transaction that acts on the answer.
    #[must_use]
    pub fn spent(&self) -> SpentChallenge {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.bytes).as_ref());
        SpentChallenge { hash, expires_at: self.expires_at }
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn issued_at(bytes: &[u8; BYTES], ceremony: &impl Ceremony, keys: &ServerKeys) -> Option<Timestamp> {
    let (body, tag) = bytes.split_first_chunk::<BODY_BYTES>()?;
    let (purpose, rest) = body.split_first()?;
    let (millis, _) = rest.split_first_chunk::<8>()?;
    let ours = *purpose == ceremony.purpose() && keys.verify(KeyUse::Ceremony, &message(body, ceremony), tag);
    ours.then(|| Timestamp::from_millis(i64::from_be_bytes(*millis)))
}

fn message(body: &[u8], ceremony: &impl Ceremony) -> Vec<u8> {
    [body, ceremony.binding().as_flattened()].concat()
}

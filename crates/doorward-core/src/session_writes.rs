//! What is asked of a store about sessions, and what it answers.

use crate::{
    client::UserAgent,
    guard::{FailedAttempt, Subject},
    ids::{DeviceId, SessionId, UserId},
    password::PasswordHash,
    revocation::Revocation,
    second_factor::{FactorUse, PendingId, SecondProof},
    session::{Generation, Session, SessionLimit, SessionOfUser},
    time::Timestamp,
};

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// The session, at generation zero and epoch zero, of the very user the operation is about; another's is
    /// refused as [`StoreError::Unavailable`](crate::store::StoreError::Unavailable), for only a defect could ask for it.
    pub session: Session,
    /// The limit to enforce among the live sessions of the same user and transport, this one included.
    pub limit: SessionLimit,
    /// The sessions that were presented with the login: revoked first, whoever owns them, and not counted.
    pub replaces: Vec<SessionId>,
    /// Who has just shown everything that was asked: their failures are forgotten. If they are locked by now, which
    /// somebody who tried at the same time may have caused, the operation is refused with [`StoreError::Locked`](crate::store::StoreError::Locked), so
    /// that many guesses at once are worth no more than one after the other.
    pub forgives: Option<Subject>,
}

/// What a session was earned with, checked, and used up where it can be used once, as the session opens.
#[derive(Clone, Debug, Default)]
pub struct SessionProof {
    /// The password hash that was verified; the stored one must still be the same. None where a passkey alone was shown,
    /// or where a session is stepped up.
    pub password: Option<PasswordHash>,
    /// The second factor.
    pub second: SecondProof,
    /// The pending login that this completes: it must be alive, and is gone afterwards.
    pub pending: Option<PendingId>,
    /// The session that is stepped up: it must be alive and the same user's, and ends.
    pub steps_up: Option<SessionId>,
    /// The attempt that this completes, as it is counted and recorded in place of the session where its subject is locked by
    /// now ([`StoreError::Locked`](crate::store::StoreError::Locked)). It is the work of any other failure, in the very transaction, after one
    /// reading more: the time of the answer is not to tell whoever guesses many at once which of them was right.
    pub attempt: Option<Box<FailedAttempt>>,
    /// Until when the second factor may be skipped on the session's device; [`MAX_TRUSTED_DEVICES`] are trusted at most.
    ///
    /// [`MAX_TRUSTED_DEVICES`]: crate::second_factor::MAX_TRUSTED_DEVICES
    pub trust_until: Option<Timestamp>,
}

impl SessionProof {
    /// A password and nothing else.
    #[must_use]
    pub fn password(verified: PasswordHash) -> Self {
        Self { password: Some(verified), ..Self::default() }
    }

    /// Whether it can open a session at all: by a password, by a passkey, or by a factor where a session is stepped up.
    /// Anything less only a defect could ask for; stores refuse it as [`StoreError::Unavailable`](crate::store::StoreError::Unavailable).
    #[must_use]
    pub const fn shows_enough(&self) -> bool {
        match (&self.password, &self.second) {
            (Some(_), _) | (None, SecondProof::Given(FactorUse::Passkey { .. })) => true,
            (None, SecondProof::Given(FactorUse::Totp { .. } | FactorUse::RecoveryCode(_))) => {
                self.steps_up.is_some()
            }
            (None, SecondProof::None | SecondProof::TrustedDevice(_)) => false,
        }
    }
}

/// What opening a session gave.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The session and its user, as of the same transaction.
    pub opened: SessionOfUser,
    /// What was added to the feed.
    pub revocations: Vec<Revocation>,
}

/// What a revoking write did.
#[derive(Clone, Debug, Default)]
pub struct Revoked {
    /// The sessions that were alive and are not any more, in no particular order.
    pub sessions: Vec<SessionId>,
    /// What was added to the feed.
    pub revocations: Vec<Revocation>,
}

/// A refresh token spent: moves the family to its next generation.
#[derive(Clone, Debug)]
pub struct AdvanceRefresh {
    /// The session.
    pub id: SessionId,
    /// The generation that is spent.
    pub expected: Generation,
    /// The new idle end; the store caps it at the absolute end.
    pub idle_expires_at: Timestamp,
    /// The spender's device.
    pub device: Option<DeviceId>,
    /// The spender's user agent and address replace those of the session.
    pub user_agent: UserAgent,
    /// See [`AdvanceRefresh::user_agent`].
    pub address: Option<std::net::IpAddr>,
}

/// The predecessor of a family's current generation presented once more.
#[derive(Clone, Copy, Debug)]
pub struct RepeatRefresh {
    /// The session.
    pub id: SessionId,
    /// The family's current generation, the successor of what was presented.
    pub current: Generation,
    /// The store refuses ([`StoreError::Stale`](crate::store::StoreError::Stale)) once it has been repeated so often, so that the bound holds
    /// exactly under any interleaving without racers standing in each other's way.
    pub max_repeats: u32,
    /// Whether the repeat came from another address than the spender's.
    pub elsewhere: bool,
}

/// Which sessions a revocation is about.
#[derive(Clone, Copy, Debug)]
pub enum RevokeWhich {
    /// One, if it belongs to this user (any user's when `owner` is none).
    One {
        /// The session.
        id: SessionId,
        /// Who must own it.
        owner: Option<UserId>,
    },
    /// All of a user's, except one.
    AllOf {
        /// The user.
        user: UserId,
        /// The session that stays.
        except: Option<SessionId>,
    },
    /// Everybody's.
    Everyone,
}

/// Which sessions to list, newest first; only live ones.
#[derive(Clone, Copy, Debug)]
pub struct SessionFilter {
    /// Only this user's.
    pub user_id: Option<UserId>,
}

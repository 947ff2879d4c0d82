//! What can happen.

use doorward_core::{
    ids::{PendingId, SessionId, UserId},
    passkey::SpentChallenge,
    password::PasswordHash,
    second_factor::{ClaimCode, FactorChange, FactorUse, PendingLogin, SecondProof, TotpEnrolment},
    session::Session,
    store::{NewUser, SessionProof},
    time::Timestamp,
};

/// Something that was done.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    Came(NewUser),
    Began(PendingLogin),
    Ended(PendingId),
    Claimed(ClaimCode),
    /// By what, and when.
    Opened(Box<Session>, SessionProof, Timestamp),
    Revoked(SessionId),
    Enrolled(UserId, TotpEnrolment),
    Changed(UserId, FactorChange),
    Unlocked(UserId),
    DevicesForgotten(UserId),
    PasswordSet(UserId, PasswordHash),
    Disabled(UserId),
    Enabled(UserId),
}

impl Fact {
    pub(crate) fn changes_factors_of(&self, user: UserId) -> bool {
        matches!(self, Self::Changed(owner, ..) if *owner == user)
    }

    /// Whoever was about to get in with the password alone has to begin anew.
    pub(crate) fn ends_pending_of(&self, user: UserId) -> bool {
        match self {
            Self::PasswordSet(owner, _) | Self::Disabled(owner) => *owner == user,
            _ => self.changes_factors_of(user),
        }
    }

    /// What is being set up is no longer.
    pub(crate) fn ends_enrolment_of(&self, user: UserId) -> bool {
        matches!(self, Self::PasswordSet(owner, _) if *owner == user) || self.changes_factors_of(user)
    }

    pub(crate) fn ends_trust_of(&self, user: UserId) -> bool {
        match self {
            Self::PasswordSet(owner, _) | Self::DevicesForgotten(owner) => *owner == user,
            _ => self.changes_factors_of(user),
        }
    }

    pub(crate) fn ends_session(&self, id: SessionId, owner: UserId) -> bool {
        match self {
            Self::Revoked(revoked) => *revoked == id,
            Self::Opened(_, proof, _) => proof.steps_up == Some(id),
            Self::PasswordSet(user, _) | Self::Disabled(user) => *user == owner,
            _ => false,
        }
    }

    pub(crate) fn opens_for(&self, user: UserId) -> Option<(&Session, &SessionProof)> {
        match self {
            Self::Opened(session, proof, _) if session.user_id == user => Some((session, proof)),
            _ => None,
        }
    }

    pub(crate) fn completes(&self) -> Option<PendingId> {
        match self {
            Self::Opened(_, proof, _) => proof.pending,
            _ => None,
        }
    }

    /// The challenge that this was the answer to.
    pub(crate) fn answered(&self) -> Option<SpentChallenge> {
        match self {
            Self::Opened(_, SessionProof { second: SecondProof::Given(used), .. }, _) => match used {
                FactorUse::Passkey { challenge, .. } => Some(*challenge),
                FactorUse::Totp { .. } | FactorUse::RecoveryCode(_) => None,
            },
            Self::Changed(_, FactorChange::AddPasskey { challenge, .. }) => Some(*challenge),
            _ => None,
        }
    }

    /// A code of any kind was right.
    pub(crate) fn shows_a_code(&self) -> bool {
        matches!(
            self,
            Self::Opened(
                _,
                SessionProof {
                    second: SecondProof::Given(FactorUse::Totp { .. } | FactorUse::RecoveryCode(_)),
                    ..
                },
                _
            )
        )
    }

    /// When something that began with this ends by itself.
    pub(crate) fn ending(&self) -> Option<Timestamp> {
        match self {
            Self::Began(login) => Some(login.expires_at),
            Self::Enrolled(_, enrolment) => Some(enrolment.expires_at),
            Self::Opened(_, SessionProof { trust_until: Some(end), .. }, _) => Some(*end),
            _ => self.answered().map(|challenge| challenge.expires_at),
        }
    }
}

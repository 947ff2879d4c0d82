//! Why somebody is refused: the closed list of stable codes that decisions give. The HTTP side maps each to one
//! problem document, in one place.

use std::time::Duration;

pub use crate::broken_rule::{BrokenRule, FieldError};
use crate::{
    entropy::EntropyFailed,
    store::{Conflict, StoreError},
    time::TimeError,
};

/// A refusal, with what its receiver may know of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refusal {
    /// Nobody is logged in.
    NotAuthenticated,
    /// Name or password is wrong; which one is not said. Or no passkey of ours was shown.
    InvalidCredentials,
    /// The second factor that was shown is not right, or was used before; or it is due and was not shown.
    MfaCodeInvalid,
    /// The access token, or the session, is past its end.
    SessionExpired,
    /// The session was revoked.
    SessionRevoked,
    /// The access token is not one of ours, or not for this use.
    TokenInvalid,
    /// The refresh token is not one of ours, or not for this use.
    RefreshTokenInvalid,
    /// A spent refresh token came back; its session is dead now.
    RefreshTokenReused,
    /// The CSRF token is missing or not this session's.
    CsrfFailed,
    /// The request comes from another site.
    CrossSiteRefused,
    /// The account is disabled; said only to who knows the password.
    AccountDisabled,
    /// The password has to be changed first.
    PasswordChangeRequired,
    /// A stronger or fresher authentication is needed.
    StepUpRequired,
    /// A second factor has to be set up first. To whoever stepped up in vain a [`Refusal::StepUpRequired`] would say nothing.
    EnrolmentRequired,
    /// Who is calling is known, and may not do this.
    Forbidden,
    /// No such thing, or not the caller's.
    NotFound,
    /// The name is taken.
    NameTaken,
    /// The user must have a second factor, and this is the last one.
    FactorRequired,
    /// The user has as many passkeys as allowed.
    TooManyPasskeys,
    /// The passkey is registered already.
    PasskeyTaken,
    /// There is a single operator, and no account beside theirs.
    SingleOperator,
    /// A new signing key is announced already, and waits to sign.
    RotationUnderWay,
    /// Setup was completed before.
    SetupComplete,
    /// It would remove the last administrator.
    LastAdmin,
    /// Well-shaped values break rules.
    Invalid(Vec<FieldError>),
    /// Too many attempts from this address, or by this device.
    RateLimited {
        /// When the next one is worth while.
        retry_after: Duration,
    },
    /// The last attempt failed too recently.
    TooManyAttempts {
        /// When the next one is let through.
        retry_after: Duration,
    },
    /// So many attempts failed that strangers may not try this account for a while, or this device may not.
    AccountLocked {
        /// What remains of the lock.
        retry_after: Duration,
    },
    /// So many codes were wrong that codes of the authenticator app are not heeded any more.
    FactorLocked,
    /// The user has as many sessions as allowed.
    SessionLimitReached,
    /// Nobody has completed setup yet.
    SetupRequired,
    /// More password hashing is asked for than this machine can do.
    Overloaded {
        /// When the next attempt is worth while.
        retry_after: Duration,
    },
    /// The store cannot be reached: the outcome is unknown, so the answer is no.
    StoreUnavailable,
    /// This node has not been able to confirm for too long that nothing was revoked.
    RevocationStateStale,
    /// This node's clock is behind.
    ClockBehind,
}

/// Whose fault a refusal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// Who is calling is not known (401).
    Unauthenticated,
    /// Who is calling may not (403).
    Denied,
    /// The request cannot be carried out as it is (404, 409, 422).
    Request,
    /// Too many or too soon (429).
    Throttled,
    /// We cannot answer now (503).
    Unavailable,
}

impl Refusal {
    /// One refusal of each code, for whoever explains them.
    #[must_use]
    pub const fn one_of_each() -> [Self; 35] {
        [
            Self::NotAuthenticated,
            Self::InvalidCredentials,
            Self::MfaCodeInvalid,
            Self::SessionExpired,
            Self::SessionRevoked,
            Self::TokenInvalid,
            Self::RefreshTokenInvalid,
            Self::RefreshTokenReused,
            Self::CsrfFailed,
            Self::CrossSiteRefused,
            Self::AccountDisabled,
            Self::PasswordChangeRequired,
            Self::StepUpRequired,
            Self::EnrolmentRequired,
            Self::Forbidden,
            Self::NotFound,
            Self::NameTaken,
            Self::FactorRequired,
            Self::TooManyPasskeys,
            Self::PasskeyTaken,
            Self::SingleOperator,
            Self::RotationUnderWay,
            Self::SetupComplete,
            Self::LastAdmin,
            Self::Invalid(Vec::new()),
            Self::RateLimited { retry_after: Duration::ZERO },
            Self::TooManyAttempts { retry_after: Duration::ZERO },
            Self::AccountLocked { retry_after: Duration::ZERO },
            Self::FactorLocked,
            Self::SessionLimitReached,
            Self::SetupRequired,
            Self::Overloaded { retry_after: Duration::ZERO },
            Self::StoreUnavailable,
            Self::RevocationStateStale,
            Self::ClockBehind,
        ]
    }

    /// The stable code, as problem documents and audit events carry it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAuthenticated => "not_authenticated",
            Self::InvalidCredentials => "invalid_credentials",
            Self::MfaCodeInvalid => "mfa_code_invalid",
            Self::SessionExpired => "session_expired",
            Self::SessionRevoked => "session_revoked",
            Self::TokenInvalid => "token_invalid",
            Self::RefreshTokenInvalid => "refresh_token_invalid",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::CsrfFailed => "csrf_failed",
            Self::CrossSiteRefused => "cross_site_refused",
            Self::AccountDisabled => "account_disabled",
            Self::PasswordChangeRequired => "password_change_required",
            Self::StepUpRequired | Self::EnrolmentRequired => "step_up_required",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::NameTaken
            | Self::FactorRequired
            | Self::TooManyPasskeys
            | Self::PasskeyTaken
            | Self::SingleOperator
            | Self::RotationUnderWay => "conflict",
            Self::SetupComplete => "setup_complete",
            Self::LastAdmin => "last_admin",
            Self::Invalid(_) => "validation_failed",
            Self::RateLimited { .. } => "rate_limited",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::AccountLocked { .. } | Self::FactorLocked => "account_locked",
            Self::SessionLimitReached => "session_limit_reached",
            Self::SetupRequired => "setup_required",
            Self::Overloaded { .. } => "overloaded",
            Self::StoreUnavailable => "store_unavailable",
            Self::RevocationStateStale => "revocation_state_stale",
            Self::ClockBehind => "clock_behind",
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn kind(&self) -> RefusalKind {
        match self {
            Self::NotAuthenticated
            | Self::InvalidCredentials
            | Self::MfaCodeInvalid
            | Self::SessionExpired
            | Self::SessionRevoked
            | Self::TokenInvalid
            | Self::RefreshTokenInvalid
            | Self::RefreshTokenReused => RefusalKind::Unauthenticated,
            Self::CsrfFailed
            | Self::CrossSiteRefused
            | Self::AccountDisabled
            | Self::PasswordChangeRequired
            | Self::StepUpRequired
            | Self::EnrolmentRequired
            | Self::Forbidden => RefusalKind::Denied,
            Self::NotFound
            | Self::NameTaken
            | Self::FactorRequired
            | Self::TooManyPasskeys
            | Self::PasskeyTaken
            | Self::SingleOperator
            | Self::RotationUnderWay
            | Self::SetupComplete
            | Self::LastAdmin
            | Self::Invalid(_) => RefusalKind::Request,
            Self::RateLimited { .. }
            | Self::TooManyAttempts { .. }
            | Self::AccountLocked { .. }
            | Self::FactorLocked
            | Self::SessionLimitReached => RefusalKind::Throttled,
            Self::SetupRequired
            | Self::Overloaded { .. }
            | Self::StoreUnavailable
            | Self::RevocationStateStale
            | Self::ClockBehind => RefusalKind::Unavailable,
        }
    }

    /// How long to wait, where waiting helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after }
            | Self::TooManyAttempts { retry_after }
            | Self::AccountLocked { retry_after }
            | Self::Overloaded { retry_after } => Some(*retry_after),
            Self::StoreUnavailable | Self::RevocationStateStale | Self::ClockBehind => {
                Some(Duration::from_secs(1))
            }
            Self::NotAuthenticated
            | Self::InvalidCredentials
            | Self::MfaCodeInvalid
            | Self::SessionExpired
            | Self::SessionRevoked
            | Self::TokenInvalid
            | Self::RefreshTokenInvalid
            | Self::RefreshTokenReused
            | Self::CsrfFailed
            | Self::CrossSiteRefused
            | Self::AccountDisabled
            | Self::PasswordChangeRequired
            | Self::StepUpRequired
            | Self::EnrolmentRequired
            | Self::Forbidden
            | Self::NotFound
            | Self::NameTaken
            | Self::FactorRequired
            | Self::TooManyPasskeys
            | Self::PasskeyTaken
            | Self::SingleOperator
            | Self::RotationUnderWay
            | Self::SetupComplete
            | Self::LastAdmin
            | Self::Invalid(_)
            | Self::FactorLocked
            | Self::SessionLimitReached
            | Self::SetupRequired => None,
        }
    }

    /// One value, of those that only programs write, that breaks a rule.
    #[must_use]
    pub fn invalid(field: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        FieldError::new(field, BrokenRule::Request { code, detail: detail.into() }).into()
    }
}

/// One value that breaks a rule.
impl From<FieldError> for Refusal {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

/// What a store error means to the caller, unless a use case knows better.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound | StoreError::AlreadySpent => Self::NotFound,
            StoreError::Conflict(Conflict::NameTaken) => Self::NameTaken,
            StoreError::Conflict(Conflict::SetupComplete) => Self::SetupComplete,
            StoreError::Conflict(Conflict::LastAdmin) => Self::LastAdmin,
            StoreError::Conflict(Conflict::SessionLimit) => Self::SessionLimitReached,
            StoreError::Conflict(Conflict::FactorRequired) => Self::FactorRequired,
            StoreError::Conflict(Conflict::TooManyPasskeys) => Self::TooManyPasskeys,
            StoreError::Conflict(Conflict::PasskeyTaken) => Self::PasskeyTaken,
            // How long the lock lasts is known only where the time is: use cases that can meet one say so themselves.
            StoreError::Locked { .. } => Self::AccountLocked { retry_after: Duration::ZERO },
            // A use case that can decide again does; one that cannot must not guess.
            StoreError::Stale | StoreError::Unavailable(_) => Self::StoreUnavailable,
        }
    }
}

impl From<TimeError> for Refusal {
    fn from(error: TimeError) -> Self {
        match error {
            TimeError::Behind | TimeError::Failed => Self::ClockBehind,
        }
    }
}

impl From<EntropyFailed> for Refusal {
    fn from(_: EntropyFailed) -> Self {
        Self::Overloaded { retry_after: Duration::from_secs(1) }
    }
}

//! What an operator can choose of the use cases.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    guard::GuardPolicy,
    mode::Mode,
    passkey::RelyingParty,
    password::{BreachedPasswords, HashingCost, PasswordPolicy},
    rate_limit::Rate,
    second_factor::SecondFactorPolicy,
    secret::PlainToken,
    session::{SessionLifetimes, SessionLimit},
};

/// Settings that take effect on the next use, but for those that say otherwise.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whom there is to log in. Stays as it was at start.
    pub mode: Mode,
    /// How long sessions live.
    pub lifetimes: SessionLifetimes,
    /// The bound on revocation: no node lets in a session that was revoked longer ago than this, and one that cannot
    /// confirm who was revoked for so long lets nobody in. Whoever runs [`Authority::follow_feed`] does so at a tenth of it.
    ///
    /// [`Authority::follow_feed`]: crate::authority::Authority::follow_feed
    pub max_staleness: Duration,
    /// What the verifier remembers of tokens takes so many bytes at most. Stays as it was at start.
    pub token_cache_bytes: usize,
    /// How many a user may have; counted by transport.
    pub session_limit: SessionLimit,
    /// How long after a refresh token was spent its bearer may ask for the successor again.
    pub reuse_grace: Duration,
    /// What is asked of new passwords.
    pub password: PasswordPolicy,
    /// Passwords that are refused because they are known from breaches.
    pub breached_passwords: Option<Arc<dyn BreachedPasswords>>,
    /// What hashing them costs.
    pub hashing_cost: HashingCost,
    /// What failed attempts lead to.
    pub guard: GuardPolicy,
    /// Attempts at passwords and setup tokens by address, or by known device.
    pub login_rate: Rate,
    /// How long audit events are kept; none is for ever.
    pub audit_retention: Option<Duration>,
    /// Who needs a second factor, and when it may be skipped.
    pub second_factors: SecondFactorPolicy,
    /// Whom passkeys are made for; none where there can be none, because the public URL names no domain.
    pub relying_party: Option<Arc<RelyingParty>>,
    /// What authenticator apps show as the name of this installation.
    pub issuer: String,
    /// A setup token that the operator chose.
    pub setup_token: Option<PlainToken>,
}

/// The bound on revocation unless another is chosen (M-N03).
pub const MAX_STALENESS: Duration = Duration::from_secs(1);
/// The least bound on revocation: under load, a feed that is read every 10 ms is no longer read in time.
pub const LEAST_STALENESS: Duration = Duration::from_millis(100);
/// The greatest bound on revocation.
pub const GREATEST_STALENESS: Duration = Duration::from_secs(60);

/// How long one-time links live.
pub const INVITATION_TTL: Duration = Duration::from_secs(7 * 24 * 3600);
/// See [`INVITATION_TTL`].
pub const RESET_TTL: Duration = Duration::from_secs(24 * 3600);

/// Two lifetimes contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifetimeContradiction {
    /// A refresh token must outlive the access token, or it could never be used.
    IdleNotLongerThanAccess,
    /// A session cannot idle longer than it lives.
    IdleLongerThanAbsolute,
    /// An access token without lifetime is none.
    NoAccessLifetime,
}

impl fmt::Display for LifetimeContradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IdleNotLongerThanAccess => "session.idle_ttl must be longer than session.access_ttl",
            Self::IdleLongerThanAbsolute => "session.idle_ttl must not be longer than session.absolute_ttl",
            Self::NoAccessLifetime => "session.access_ttl must be at least one second",
        })
    }
}

impl std::error::Error for LifetimeContradiction {}

impl SessionLifetimes {
    /// Whether the lifetimes fit together.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), LifetimeContradiction> {
        if self.access_ttl < Duration::from_secs(1) {
            Err(LifetimeContradiction::NoAccessLifetime)
        } else if self.idle_ttl <= self.access_ttl {
            Err(LifetimeContradiction::IdleNotLongerThanAccess)
        } else if self.idle_ttl > self.absolute_ttl {
            Err(LifetimeContradiction::IdleLongerThanAbsolute)
        } else {
            Ok(())
        }
    }
}

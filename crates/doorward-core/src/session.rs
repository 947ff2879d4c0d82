//! A session: one login on one device, and what its refresh tokens may still do.

use std::{net::IpAddr, time::Duration};

use crate::{
    client::UserAgent,
    ids::{DeviceId, SessionId, UserId},
    time::Timestamp,
    user::{Epoch, User},
};

/// The way a session's tokens travel. A token is good only on the transport it was issued for, so that what an
/// app behind the proxy sees in a cookie cannot be replayed as a bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// In `HttpOnly` cookies.
    Cookie,
    /// In the Authorization header.
    Bearer,
}

impl Transport {
    /// As the `tr` claim and the store name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }

    /// Reads [`Transport::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cookie, Self::Bearer].into_iter().find(|transport| transport.as_str() == text)
    }
}

/// How somebody proved who they are (RFC 8176).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthMethod {
    /// A password: `pwd`.
    Password,
    /// A one-time code, by an authenticator app or from the list of recovery codes: `otp`.
    OneTimeCode,
    /// A passkey that cannot leave its device: `hwk`.
    HardwareKey,
    /// A passkey that its owner's devices share: `swk`.
    SoftwareKey,
    /// The passkey has verified its user, by PIN or biometrics: `user`.
    UserVerified,
    /// More than one factor: `mfa`.
    MultipleFactors,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: [Self; 6] = [
        Self::Password,
        Self::OneTimeCode,
        Self::HardwareKey,
        Self::SoftwareKey,
        Self::UserVerified,
        Self::MultipleFactors,
    ];

    /// The RFC 8176 value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimeCode => "otp",
            Self::HardwareKey => "hwk",
            Self::SoftwareKey => "swk",
            Self::UserVerified => "user",
            Self::MultipleFactors => "mfa",
        }
    }

    /// Reads [`AuthMethod::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// How, and when, the person behind a session last proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// NIST SP 800-63B authentication assurance level: 1 for a single factor, 2 for two.
    pub aal: u8,
    /// The methods used.
    pub amr: Vec<AuthMethod>,
    /// When they were used; the beginning of time once the user's factors have changed since, which makes it too long
    /// ago for everybody who asks.
    pub auth_time: Timestamp,
}

impl Authentication {
    /// By a password alone.
    #[must_use]
    pub fn by_password(now: Timestamp) -> Self {
        Self { aal: 1, amr: vec![AuthMethod::Password], auth_time: now }
    }
}

/// One login on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// How its tokens travel.
    pub transport: Transport,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last refreshed, or opened.
    pub last_seen_at: Timestamp,
    /// It ends here, whatever happens.
    pub expires_at: Timestamp,
    /// It ends here unless it is refreshed before; never later than [`Session::expires_at`].
    pub idle_expires_at: Timestamp,
    /// How its owner proved who they are.
    pub authentication: Authentication,
    /// The user agent that spent its refresh token last, or opened it.
    pub user_agent: UserAgent,
    /// The address that spent its refresh token last, or opened it.
    pub address: Option<IpAddr>,
    /// The known device that spent its refresh token last, or opened it.
    pub device: Option<DeviceId>,
    /// The state of its refresh family.
    pub refresh: RefreshState,
    /// Raised by revocation; access tokens carry it as `sv`.
    pub epoch: Epoch,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// What the store remembers of a refresh family: one row a session, however often it is refreshed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshState {
    /// The generation of the token that may be spent next.
    pub generation: Generation,
    /// A random value that the tokens' MAC covers. Without it, and the server key, no token can be made.
    pub nonce: [u8; 16],
    /// When the predecessor of [`RefreshState::generation`] was spent; none for a session never refreshed.
    pub spent_at: Option<Timestamp>,
    /// How often the predecessor was presented again since.
    pub repeats: u32,
    /// Whether one of these repeats came from another address than the spender's.
    pub repeated_elsewhere: bool,
    /// How many generations running, before this one, were repeated from elsewhere.
    pub elsewhere_streak: u32,
}

/// Counts the refreshes of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

impl Generation {
    /// The generation after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Session {
    /// Whether the session is alive: neither revoked nor past one of its ends.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.ends_at()
    }

    /// The earlier of its two ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.idle_expires_at)
    }
}

/// A session and the user it belongs to, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOfUser {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
}

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetimes {
    /// An access token's lifetime.
    pub access_ttl: Duration,
    /// A session ends after so long without a refresh.
    pub idle_ttl: Duration,
    /// A session ends after so long, whatever happens.
    pub absolute_ttl: Duration,
}

/// How many sessions of one transport a user may have at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimit {
    /// The most; 0 is without limit.
    pub max_per_user: u32,
    /// What happens past it.
    pub on_limit: OnLimit,
}

/// What happens to a login past the session limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLimit {
    /// The oldest sessions are revoked.
    RevokeOldest,
    /// The login is refused.
    Refuse,
}

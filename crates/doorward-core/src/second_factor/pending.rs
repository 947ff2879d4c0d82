//! The state between password and second factor: a token that is good for showing the factor, once, for five minutes,
//! and for nothing else. Only its hash is stored.

use std::time::Duration;

use super::code::FactorMethod;
use crate::{
    authority::Authority,
    entropy::{Entropy, EntropyFailed},
    guard::Subject,
    ids::{SessionId, UserId},
    master::{KeyUse, ServerKeys},
    password::PasswordHash,
    refusal::Refusal,
    secret::{PlainToken, TokenHash, TokenPrefix},
    store::UserCredentials,
    time::Timestamp,
    user::User,
};

pub use crate::ids::PendingId;

/// How long a login waits for its second factor.
pub const PENDING_TTL: Duration = Duration::from_secs(300);

/// How many codes are examined before the password is asked for again.
pub const CODES_PER_LOGIN: u32 = 5;

/// A login whose password was right, waiting for the second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingLogin {
    /// Names it; its CSRF tokens are made for it.
    pub id: PendingId,
    /// The HMAC of its token.
    pub hash: TokenHash,
    /// Whose it is.
    pub user_id: UserId,
    /// It is dead from here on.
    pub expires_at: Timestamp,
    /// So many codes may still be examined.
    pub tries_left: u32,
    /// Whether the device is to be trusted afterwards.
    pub trust_device: bool,
}

/// A login that becomes a pending one.
#[derive(Clone, Debug)]
pub struct BeginPending {
    /// The pending login.
    pub login: PendingLogin,
    /// The sessions that were presented with the login: revoked, whoever owns them.
    pub replaces: Vec<SessionId>,
    /// The pending login that was presented with it.
    pub supersedes: Option<PendingId>,
    /// Who has shown the right password: refused if they are locked by now.
    pub unless_locked: Subject,
}

/// A pending login's token.
pub(crate) struct PendingToken {
    pub(crate) token: PlainToken,
    pub(crate) hash: TokenHash,
}

impl ServerKeys {
    pub(crate) fn new_pending_token(&self, entropy: &dyn Entropy) -> Result<PendingToken, EntropyFailed> {
        let secret: [u8; 24] = entropy.bytes()?;
        let token = PlainToken::encode(TokenPrefix::Pending, &secret);
        let hash = TokenHash::of(self.signing(KeyUse::Pending), token.reveal());
        Ok(PendingToken { token, hash })
    }

    /// The hashes that a pending login's token may be stored under; none if it cannot be one.
    pub(crate) fn pending_hashes(&self, unverified: &str) -> Vec<TokenHash> {
        match TokenPrefix::Pending.decode::<24>(unverified) {
            Some(_) => self.hashes(KeyUse::Pending, unverified),
            None => Vec::new(),
        }
    }
}

/// A pending login as whoever it is handed to sees it.
#[derive(Clone, Debug)]
pub struct PendingIssued {
    /// Its token, for the cookie.
    pub token: PlainToken,
    /// A CSRF token for it.
    pub csrf_token: PlainToken,
    /// What it can be completed with.
    pub methods: Vec<FactorMethod>,
    /// For how long it lives.
    pub lifetime: Duration,
}

/// A live pending login that was presented.
#[derive(Clone, Debug)]
pub struct PendingFound {
    /// The login.
    pub login: PendingLogin,
    /// Its user.
    pub user: User,
    pub(super) verified: PasswordHash,
}

impl PendingFound {
    /// What it can be completed with.
    #[must_use]
    pub fn methods(&self) -> Vec<FactorMethod> {
        FactorMethod::of(self.user.factors)
    }
}

impl Authority {
    /// The live pending login that a token names.
    ///
    /// # Errors
    /// - [`Refusal::NotAuthenticated`]: there is none: completed, superseded, expired, or out of tries.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn pending_login(&self, unverified: &str) -> Result<PendingFound, Refusal> {
        let now = self.time.now()?;
        let hashes = self.keys.pending_hashes(unverified);
        let (login, UserCredentials { user, password }) =
            self.store.pending(&hashes, now).await?.ok_or(Refusal::NotAuthenticated)?;
        let verified = password.ok_or(Refusal::NotAuthenticated)?;
        Ok(PendingFound { login, user, verified })
    }

    /// Ends a pending login: its bearer gave up, logged out, or logged in otherwise.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn end_pending_login(&self, id: PendingId) -> Result<(), Refusal> {
        Ok(self.store.end_pending(id).await?)
    }
}

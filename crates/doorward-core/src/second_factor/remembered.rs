//! What is remembered of second factors: the part of the [store](crate::store) that they need. What holds for every
//! method there holds here.
//!
//! Nothing that somebody can do makes any of it grow without bound:
//! - *authenticator apps*, in force and being set up: one of each a user; the latter are gone half an hour later.
//! - *recovery codes*: as many as were made last, ten.
//! - *passkeys*: so many a user as [`FactorChange::AddPasskey`] says, twenty.
//! - *trusted devices*: [`MAX_TRUSTED_DEVICES`] a user, each to its end.
//! - *pending logins*: each costs whoever begins it a right password, and so a slot of the password lanes and a login of
//!   the rate limit; it is gone after five minutes. None gives way to another: whoever found out the password could end
//!   the owner's.
//! - *spent challenges*: each costs the signature of a passkey and comes with a session that opens or a passkey that is
//!   added, or it is not kept; it is gone five minutes after it was issued. Options that nobody answers leave nothing.
//! - *codes running*: a number, which stops at its highest.
//!
//! What has an end goes at the first [clean-up](crate::store::CleanUp) past it.

use async_trait::async_trait;

use super::{
    pending::{BeginPending, PendingId, PendingLogin},
    totp::TotpState,
};
use crate::{
    ids::{DeviceId, SessionId, UserId},
    passkey::{Passkey, PasskeyId, SpentChallenge},
    password::PasswordHash,
    revocation::Revocation,
    secret::TokenHash,
    store::{Revoked, StoreError, UserCredentials, Write},
    time::Timestamp,
    user::{Epoch, User},
};

/// So many codes of an account may be examined running, none of them right, before its authenticator app is locked.
pub const MAX_CODES_RUNNING: u32 = 100;

/// On so many devices a user may skip the second factor; of more, the trust that ends first does so at once. So that
/// nobody who logs in again and again, each time on a new device, fills the store.
pub const MAX_TRUSTED_DEVICES: u32 = 50;

/// How the second factor of a session was shown.
#[derive(Clone, Debug, Default)]
pub enum SecondProof {
    /// Not at all. Opens nothing for somebody who has a factor.
    #[default]
    None,
    /// Not this time: it was shown on this device lately, which was to be trusted.
    TrustedDevice(DeviceId),
    /// By this, which is used up as the session opens.
    Given(FactorUse),
}

/// A factor that was shown, to be used up in the transaction that opens the session: [`StoreError::AlreadySpent`] if
/// somebody else used it up first, and nothing is opened.
#[derive(Clone, Debug)]
pub enum FactorUse {
    /// A code of an authenticator app.
    Totp {
        /// The app that it was examined by, which must be the one still: another may have taken its place since.
        sealed: Vec<u8>,
        /// After the code: its step must be later than the last one used.
        state: TotpState,
    },
    /// A recovery code with one of these hashes.
    RecoveryCode(Vec<TokenHash>),
    /// A passkey.
    Passkey {
        /// Which one.
        id: PasskeyId,
        /// Its counter now: later than the one before, or both are zero.
        sign_count: u32,
        /// Whether its owner's devices may share it ([`Passkey::synced`], which never changes): said of the session.
        synced: bool,
        /// The challenge that it signed.
        challenge: SpentChallenge,
    },
}

/// Whose code is to be examined.
#[derive(Clone, Copy, Debug)]
pub struct ClaimCode {
    /// The account.
    pub user: UserId,
    /// The pending login that it is for, if there is one; it loses one of its tries.
    pub pending: Option<PendingId>,
}

/// What a code is examined by.
#[derive(Clone, Debug)]
pub struct CodeFacts {
    /// The authenticator app; none if the user has none.
    pub totp: Option<SealedTotp>,
    /// So many codes of the account have been examined running, with this one, since the last that was right. More
    /// than [`MAX_CODES_RUNNING`]: the authenticator app is locked.
    pub running: u32,
    /// So many more the pending login has; none where there is no pending login.
    pub tries_left: u32,
}

/// An authenticator app's secret, sealed under the master secret, and what is remembered of its codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTotp {
    /// The secret.
    pub sealed: Vec<u8>,
    /// Which codes are spent, and how its clock runs.
    pub state: TotpState,
}

/// An authenticator app that is being set up: it counts for nothing until a code of it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpEnrolment {
    /// Where it was begun: for every other session of the user nothing is being set up. Whoever has stolen one can put
    /// an end to what the owner has begun, and cannot have the owner scan another secret in its place.
    pub session: SessionId,
    /// The secret, sealed under the master secret.
    pub sealed: Vec<u8>,
    /// It is forgotten from here on.
    pub expires_at: Timestamp,
}

/// A change of somebody's factors.
#[derive(Clone, Debug)]
pub enum FactorChange {
    /// The authenticator app that was being set up takes effect, in place of any other.
    ConfirmTotp {
        /// The session that the app was being set up in.
        session: SessionId,
        /// The enrolment that was confirmed; [`StoreError::Stale`] if it is another by now, or expired.
        sealed: Vec<u8>,
        /// After the code that confirmed it.
        state: TotpState,
        /// The recovery codes from now on.
        recovery_codes: Vec<TokenHash>,
    },
    /// The authenticator app goes.
    RemoveTotp(LastFactor),
    /// One more passkey.
    AddPasskey {
        /// The passkey.
        passkey: Passkey,
        /// The challenge that it was made for; [`StoreError::AlreadySpent`] if it was used before.
        challenge: SpentChallenge,
        /// Recovery codes for somebody who has none left; passed over otherwise.
        recovery_codes: Vec<TokenHash>,
        /// So many passkeys a user may have.
        most: u32,
    },
    /// A passkey goes.
    RemovePasskey(PasskeyId, LastFactor),
    /// New recovery codes, in place of all others.
    ReplaceRecoveryCodes(Vec<TokenHash>),
    /// Everything goes.
    Reset,
}

/// Whoever changes their own factors, as the access token that they asked with tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskedBy {
    /// The session: alive, and theirs.
    pub session: SessionId,
    /// The user's epoch.
    pub epoch: Epoch,
}

/// Whether the last factor may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastFactor {
    /// It may; recovery codes go with it.
    MayGo,
    /// It may not: [`Conflict::FactorRequired`](crate::store::Conflict::FactorRequired).
    Stays,
}

/// A change of factors' effect.
#[derive(Clone, Debug)]
pub struct FactorsChanged {
    /// The user afterwards.
    pub user: User,
    /// What was added to the feed.
    pub revocations: Vec<Revocation>,
    /// Whether recovery codes that came with a passkey took effect.
    pub recovery_codes_made: bool,
}

/// What is remembered of second factors. See the [module](self).
#[async_trait]
pub trait FactorStore: Send + Sync + 'static {
    /// Begins the pending state of a login, provided the user still has the password hash that was verified and a
    /// factor, and is not disabled: ends the sessions and the pending logins that were presented with it, and writes
    /// the new one.
    ///
    /// # Errors
    /// - [`StoreError::Stale`]: the user was removed or disabled, or has another password or no factor by now.
    /// - [`StoreError::Locked`]: as [`Store::open_session`](crate::store::Store::open_session); nothing is forgiven.
    async fn begin_pending(
        &self,
        write: Write,
        verified: &PasswordHash,
        begin: BeginPending,
    ) -> Result<Revoked, StoreError>;

    /// A live pending login with tries left by the hashes its token may have, with its user.
    async fn pending(
        &self,
        hashes: &[TokenHash],
        now: Timestamp,
    ) -> Result<Option<(PendingLogin, UserCredentials)>, StoreError>;

    /// Ends a pending login; no error if there is none.
    async fn end_pending(&self, id: PendingId) -> Result<(), StoreError>;

    /// Claims the right to have one code examined, before it is: however many race, of a pending login no more are
    /// examined than it has tries, and each counts for the account. The last try ends the pending login's life but for
    /// this very code: it is gone unless that opens the session.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: no such user, or the pending login is not theirs, has expired or no tries left.
    async fn claim_code(&self, now: Timestamp, claim: ClaimCode) -> Result<CodeFacts, StoreError>;

    /// Whether the second factor may be skipped on this device.
    async fn is_trusted(&self, user: UserId, device: DeviceId, now: Timestamp) -> Result<bool, StoreError>;

    /// Keeps an authenticator app that is being set up, in place of any other of that user, whichever session began it.
    /// A [step-up](crate::store::SessionProof::steps_up) of its session takes it along to the new one. It ends with any
    /// change of the user's factors or password.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: no such user.
    async fn begin_totp_enrolment(
        &self,
        write: Write,
        user: UserId,
        enrolment: TotpEnrolment,
    ) -> Result<(), StoreError>;

    /// The authenticator app that a user is setting up in this session.
    async fn totp_enrolment(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<TotpEnrolment>, StoreError>;

    /// Changes somebody's factors; raises their epoch (older access tokens are
    /// [`Effect::Outdated`](crate::revocation::Effect::Outdated)), makes the
    /// [`auth_time`](crate::session::Authentication::auth_time) of each of their live sessions the beginning of time, and
    /// forgets their trusted devices, pending logins and the authenticator app that is being set up. A confirmed or removed authenticator app starts counting codes
    /// anew, and so does a reset. Somebody whose last factor goes, and whose password
    /// [needs one](crate::store::ChangePassword::needs_second_factor), has to change it; the event tells so.
    ///
    /// # Errors
    /// - [`StoreError::NotFound`]: no such user, or none of their factors is what is to be removed, or they have no factor
    ///   that new recovery codes could stand in for.
    /// - [`StoreError::Stale`]: the session of `asked_by`, where it is given, is not alive or not the user's, or the user's
    ///   epoch is another. A token is believed for a while after it was looked at: somebody whose session is ended
    ///   meanwhile must not leave a factor of theirs behind.
    /// - what [`FactorChange`] says.
    /// - [`Conflict::TooManyPasskeys`](crate::store::Conflict::TooManyPasskeys),
    ///   [`Conflict::PasskeyTaken`](crate::store::Conflict::PasskeyTaken): whoever has it.
    async fn change_factors(
        &self,
        write: Write,
        user: UserId,
        asked_by: Option<AskedBy>,
        change: FactorChange,
    ) -> Result<FactorsChanged, StoreError>;

    /// A user's passkeys, oldest first.
    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>, StoreError>;

    /// A passkey, with its user.
    async fn passkey(&self, id: &PasskeyId) -> Result<Option<(Passkey, UserCredentials)>, StoreError>;

    /// Whether a challenge was answered before: for whoever wants to tell an answer that is sent again from another one.
    /// What makes it good once is that it is spent in the transaction that acts on it.
    async fn is_spent(&self, challenge: &SpentChallenge) -> Result<bool, StoreError>;

    /// The sealed secrets of authenticator apps of at most `limit` users, in the order of these, those that are being set up
    /// included; for the rotation of the master secret.
    async fn sealed_totp(
        &self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<(UserId, Vec<u8>)>, StoreError>;

    /// Puts `sealed` in the place of `expected`, wherever it stands for that user; nothing else changes, nothing is
    /// audited.
    async fn reseal_totp(&self, user: UserId, expected: &[u8], sealed: Vec<u8>) -> Result<(), StoreError>;
}

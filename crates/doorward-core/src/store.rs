//! The port to what is remembered. Methods are shaped by use case and atomic; there is no way to do half of one.
//!
//! What holds for every method:
//! - *Atomic*: it happens wholly or not at all, also when the process dies in the middle; of racing callers each
//!   sees the effect of those before it.
//! - *Durable*: once it answers, its effect survives the loss of power.
//! - *Timeless*: `now` is a parameter. A write records it, and [`Feed::highest_time`] reports the highest ever
//!   recorded.
//! - *Audited*: [`Write::audit`] is written in the same transaction as the change, and only if the change happens;
//!   each session that dies along the way gets [`AuditEvent::of_revoked_session`]. Every event hangs in a
//!   [chain](crate::audit_chain), which it joins in that transaction: one that is rolled back leaves no gap.
//! - *Announced*: what makes access tokens invalid adds a [`Revocation`] to the feed in the same transaction and
//!   returns it.
//!
//! Every method may fail with [`StoreError::Unavailable`]: the outcome is unknown, and callers deny.

use std::{collections::HashMap, ops::ControlFlow};

use async_trait::async_trait;

pub use crate::{
    account_state::AccountState,
    clean_up::{AuditRetention, CleanUp, CleanedUp},
    session_writes::{
        AdvanceRefresh, OpenSession, Opened, RepeatRefresh, RevokeWhich, Revoked, SessionFilter, SessionProof,
    },
};

use crate::{
    audit::{AuditEntry, AuditEvent, AuditFilter},
    audit_chain::{ChainHead, ChainedEntry},
    audit_report::AuditReport,
    audit_verification::AuditVerification,
    console_store::ConsoleStore,
    guard::{AttemptRecord, FailedAttempt, FailureRecorded, Subject},
    ids::{SessionId, UserId},
    link::{Link, LinkPurpose},
    node::NodeStore,
    page::{Page, PageRequest},
    password::PasswordHash,
    revocation::{FeedEntry, Revocation},
    second_factor::FactorStore,
    secret::TokenHash,
    session::{Session, SessionOfUser},
    signing_key::{SealedSigningKey, SigningKeyId, Succession},
    time::Timestamp,
    user::{Email, NormalisedName, Roles, User, Username},
    user_search::UserFilter,
};

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What it is about does not exist (any more).
    #[error("not found")]
    NotFound,
    /// Somebody else moved first: the caller decides again on fresh facts.
    #[error("changed meanwhile")]
    Stale,
    /// A single-use secret was used before.
    #[error("already spent")]
    AlreadySpent,
    /// The subject of the attempt is locked; nothing was changed, but for what is recorded of the attempt itself
    /// ([`SessionProof::attempt`]).
    #[error("locked")]
    Locked {
        /// The end of the lock.
        until: Timestamp,
    },
    /// A rule of the store stands against it.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The store cannot be reached or is broken; whether the operation happened is unknown. Callers deny.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The rules of the store that an operation can run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The name is, or once was, somebody else's.
    NameTaken,
    /// Setup is complete already.
    SetupComplete,
    /// The last enabled administrator would be gone.
    LastAdmin,
    /// The user has as many live sessions as allowed, and the policy is to refuse.
    SessionLimit,
    /// The user must have a second factor, and this is the last one.
    FactorRequired,
    /// The user has as many passkeys as allowed.
    TooManyPasskeys,
    /// The passkey is registered already.
    PasskeyTaken,
}

/// What accompanies every write.
#[derive(Clone, Debug)]
pub struct Write {
    /// The time decided with.
    pub now: Timestamp,
    /// No access token issued before this write can be alive from here on: the lifetime of feed entries.
    pub revocations_expire_at: Timestamp,
    /// The event to record with it.
    pub audit: AuditEvent,
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The user; its epoch is zero, and it has no factors.
    pub user: User,
    /// The password, hashed; none for an invited user, who cannot log in until they have chosen one.
    pub password: Option<PasswordHash>,
}

/// A user with what only the login may see.
#[derive(Clone, Debug)]
pub struct UserCredentials {
    /// The user.
    pub user: User,
    /// The password, hashed; none for a user who has not chosen one yet.
    pub password: Option<PasswordHash>,
}

/// What a login decides by, as of one moment.
#[derive(Clone, Debug)]
pub struct LoginFacts {
    /// The user of the name, if it is somebody's.
    pub credentials: Option<UserCredentials>,
    /// What is remembered of the account, or of the unknown name.
    pub name: AttemptRecord,
    /// What is remembered of the other subjects, in the order they were asked for.
    pub others: Vec<AttemptRecord>,
}

/// How the right to complete setup was shown.
#[derive(Clone, Debug)]
pub enum SetupProof {
    /// By a one-time link whose hash (under the current or a previous key) is among these.
    Link(Vec<TokenHash>),
    /// By the token of the configuration, which the caller has compared.
    Configured,
}

/// Changes to a user; `None` leaves a member as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChanges {
    /// New roles.
    pub roles: Option<Roles>,
    /// Disable or enable. Disabling revokes every session.
    pub disabled: Option<bool>,
    /// Demand a new password, or stop demanding it.
    pub must_change_password: Option<bool>,
    /// A new mail address, or none any more.
    pub email: Option<Option<Email>>,
}

/// A password change.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// Whose.
    pub user: UserId,
    /// The stored hash that was verified; [`StoreError::Stale`] if it is another by now. `None` when an
    /// administrator or a one-time link sets the password whatever it was.
    pub expected: Option<PasswordHash>,
    /// The new one.
    pub new: PasswordHash,
    /// Whether the user has to change it again at the next login.
    pub must_change_password: bool,
    /// Whether it is shorter than policy wants it where nothing else protects the account. Remembered beside the hash,
    /// until the next change: when the last factor goes, or is gone by now, the user has to change it.
    pub needs_second_factor: bool,
    /// The session to open in the same transaction, if any.
    pub open: Option<OpenSession>,
}

/// A password change's effect.
#[derive(Clone, Debug)]
pub struct PasswordChanged {
    /// The user afterwards.
    pub user: User,
    /// The session that was opened, if one was asked for.
    pub opened: Option<SessionOfUser>,
    /// What was added to the feed.
    pub revocations: Vec<Revocation>,
}

/// A part of the revocation feed, and what else a node watches.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Entries in order of their sequence.
    pub entries: Vec<FeedEntry>,
    /// The last sequence number ever given out. When it is above the last entry's, either entries were cut off by
    /// the limit, or they have expired.
    pub last_seq: u64,
    /// The highest time any write has recorded.
    pub highest_time: Timestamp,
    /// Changes whenever a signing key is added, retired or removed.
    pub signing_keys_version: u64,
    /// Whether setup is complete.
    pub setup_complete: bool,
}

/// Takes one event after the other, and says when it has enough.
pub type AuditSink = Box<dyn FnMut(ChainedEntry) -> ControlFlow<()> + Send>;

/// Is told now and then how many rows were read, and of about how many.
pub type AuditProgress = Box<dyn FnMut(u64, u64) + Send>;

/// What is remembered. See the [module](self) for what holds for every method.
#[async_trait]
pub trait Store: FactorStore + ConsoleStore + NodeStore {
    // Setup and links

    /// Makes the first administrator, opens their session, and ends setup: exactly once, however many race. All
    /// setup links are gone afterwards.
    ///
    /// # Errors
    /// - [`Conflict::SetupComplete`]: setup was completed before (checked first).
    /// - [`StoreError::NotFound`]: no such setup link.
    /// - [`Conflict::NameTaken`]: somebody was given that name before setup.
    async fn complete_setup(
        &self,
        write: Write,
        proof: SetupProof,
        user: NewUser,
        open: OpenSession,
    ) -> Result<Opened, StoreError>;

    /// Whether `proof` is good, without using it up. So that hashing a password is not done for a liar.
    ///
    /// # Errors
    /// As [`Store::complete_setup`], the name aside.
    async fn check_setup_proof(&self, proof: &SetupProof) -> Result<(), StoreError>;

    /// Keeps a one-time link. One with a user replaces every other link of that user.
    ///
    /// # Errors
    /// - [`StoreError::NotFound`]: the user does not exist.
    /// - [`Conflict::SetupComplete`]: a setup link after setup.
    async fn add_link(&self, write: Write, link: Link) -> Result<(), StoreError>;

    /// A live link by the hashes its token may have (under the current or a previous key), with its user. Never a
    /// setup link, which has no user: see [`Store::check_setup_proof`].
    async fn link(
        &self,
        hashes: &[TokenHash],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Link, User)>, StoreError>;

    /// Uses up a link: as [`Store::change_password`], provided the link is alive, of `purpose` and the same user's.
    ///
    /// # Errors
    /// - [`StoreError::AlreadySpent`]: no such link, or expired.
    /// - as [`Store::change_password`].
    async fn redeem_link(
        &self,
        write: Write,
        hash: TokenHash,
        purpose: LinkPurpose,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError>;

    // Users

    /// Makes a user, and a link for them where one is given.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`]: the name is or was somebody's.
    async fn create_user(&self, write: Write, user: NewUser, link: Option<Link>) -> Result<User, StoreError>;

    /// The user of this id.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The user of this id, with the password hash.
    async fn credentials(&self, id: UserId) -> Result<Option<UserCredentials>, StoreError>;

    /// The user of this name, with the password hash.
    async fn credentials_by_name(&self, name: &NormalisedName)
    -> Result<Option<UserCredentials>, StoreError>;

    /// What a login by this name decides by. Where the name is nobody's, `unknown` stands in for the account; the
    /// work is the same.
    async fn login_facts(
        &self,
        name: &NormalisedName,
        unknown: Subject,
        others: &[Subject],
    ) -> Result<LoginFacts, StoreError>;

    /// Users: all of them, oldest first; or those whom a search finds, in the order of [`FoundBy::cursor`], each once. A
    /// cursor stays good when the user it stands at is changed or removed.
    ///
    /// [`FoundBy::cursor`]: crate::user_search::FoundBy::cursor
    async fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<User>, StoreError>;

    /// The names of these users as they are now; whoever was removed has none.
    async fn usernames(&self, ids: &[UserId]) -> Result<HashMap<UserId, Username>, StoreError>;

    /// What state the accounts of these users are in; whoever was removed is in none.
    async fn account_states(&self, ids: &[UserId]) -> Result<HashMap<UserId, AccountState>, StoreError>;

    /// Changes a user and raises their epoch: older access tokens are [`Effect::Outdated`]; disabling revokes
    /// every session, ends every pending login and makes them [`Effect::Revoked`] instead. The epoch is raised even if
    /// every member had that value before: whoever asks for a change can rely on older tokens being read anew.
    ///
    /// [`Effect::Outdated`]: crate::revocation::Effect::Outdated
    /// [`Effect::Revoked`]: crate::revocation::Effect::Revoked
    ///
    /// # Errors
    /// - [`StoreError::NotFound`]
    /// - [`Conflict::LastAdmin`]: no enabled administrator would be left.
    async fn change_user(
        &self,
        write: Write,
        id: UserId,
        changes: UserChanges,
    ) -> Result<(User, Vec<Revocation>), StoreError>;

    /// Removes a user with their links, factors and pending logins, and revokes every session. The name stays taken for
    /// ever.
    ///
    /// # Errors
    /// As [`Store::change_user`].
    async fn delete_user(&self, write: Write, id: UserId) -> Result<Revoked, StoreError>;

    /// Sets a password, raises the user's epoch and [`User::device_epoch`], revokes every session, every link, every
    /// pending login and the trust in every device of theirs, and opens a new session where one is given. The feed gets
    /// one entry about the user, which stands for all their sessions, and one more only if the new session replaces
    /// somebody else's.
    ///
    /// # Errors
    /// - [`StoreError::NotFound`]: no such user.
    /// - [`StoreError::Stale`]: the stored hash is not the expected one (any more), or the user is disabled, or has a
    ///   factor that the session lacks, while one is to be opened.
    async fn change_password(
        &self,
        write: Write,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError>;

    /// Replaces a stored hash by one of the same password with other parameters; nothing else changes, nothing is
    /// audited. Does nothing when the stored hash is not `expected` any more.
    async fn upgrade_password_hash(
        &self,
        user: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError>;

    // Sessions

    /// Opens a session, provided its user is not disabled and the [proof](SessionProof) still holds, uses up what can be
    /// used once, and enforces the session limit: afterwards at most `max_per_user` sessions of that user and transport
    /// are alive. The oldest give way, by time of opening; the new one never does.
    ///
    /// For a user who has a factor no session opens without one, whatever operation it is part of: not below `aal` 2
    /// unless the device is trusted ([`SecondProof::TrustedDevice`]).
    ///
    /// # Errors
    /// - [`StoreError::Locked`]: before anything else is looked at where `proof` holds the attempt, which is then recorded.
    /// - [`StoreError::Stale`]: the user was removed or disabled, or has another password by now, or has a factor that was
    ///   not shown, or the device is not trusted (any more).
    /// - [`StoreError::AlreadySpent`]: the factor was used up.
    /// - [`StoreError::NotFound`]: the pending login was completed or has ended, or the session to step up is not alive.
    /// - [`Conflict::SessionLimit`]: the limit is reached and the policy is to refuse; nothing was changed, the
    ///   session that would have been replaced included.
    async fn open_session(
        &self,
        write: Write,
        proof: SessionProof,
        open: OpenSession,
    ) -> Result<Opened, StoreError>;

    /// A session, alive or not, with its user; none if either is gone.
    async fn session(&self, id: SessionId) -> Result<Option<SessionOfUser>, StoreError>;

    /// A session, alive or not, whether or not its user still exists.
    async fn session_alone(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Live sessions, newest first.
    async fn sessions(
        &self,
        filter: SessionFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Session>, StoreError>;

    /// Moves a refresh family to its next generation if, and only if, it is still at the expected one and the
    /// session is alive at `write.now`. Of two racing callers exactly one succeeds.
    ///
    /// The repeat counters start anew; a generation that was repeated elsewhere lengthens the streak, another ends
    /// it.
    ///
    /// # Errors
    /// - [`StoreError::Stale`]: somebody else moved it; nothing was written.
    /// - [`StoreError::NotFound`]: no such session, or it is not alive, or its user is gone or disabled or has to
    ///   change the password.
    async fn advance_refresh(
        &self,
        write: Write,
        advance: AdvanceRefresh,
    ) -> Result<SessionOfUser, StoreError>;

    /// Counts one more presentation of a generation's predecessor, if the family is still where the caller saw it
    /// and alive at `now`. Nothing else changes and nothing is audited: the client gets what it was given before.
    ///
    /// # Errors
    /// As [`Store::advance_refresh`].
    async fn repeat_refresh(
        &self,
        now: Timestamp,
        repeat: RepeatRefresh,
    ) -> Result<SessionOfUser, StoreError>;

    /// Revokes sessions that are alive; revoking what is dead or absent is no error and changes nothing (and
    /// writes no event). For [`RevokeWhich::AllOf`] without exception, and for [`RevokeWhich::Everyone`], the epoch
    /// of each user who had a live session is raised too, and the feed gets one entry about that user, which stands
    /// for all their sessions; otherwise it gets one about each session.
    ///
    /// Everyone's are ended some users at a time, each with an event of its own: whoever is told of a failure does not know
    /// how far it came, and ends the rest by asking again.
    ///
    /// `reason` goes into each session's event. A session that [`Write::audit`] itself is about gets none beside it,
    /// and that event names the session's owner ([`AuditEvent::of_owner`]).
    async fn revoke_sessions(
        &self,
        write: Write,
        which: RevokeWhich,
        reason: &'static str,
    ) -> Result<Revoked, StoreError>;

    // Failed attempts

    /// What is remembered of these subjects, in this order, as of one moment.
    async fn attempts(&self, subjects: &[Subject]) -> Result<Vec<AttemptRecord>, StoreError>;

    /// Counts a failed attempt by [`FailedAttempt::apply`] and writes [`FailedAttempt::events`]. Of N racing failures
    /// N are counted, and one of them is the one that locks.
    ///
    /// Remembers at most [`SubjectKind::most_remembered`] subjects of a kind, or a few more for a moment; those that
    /// expire first give way.
    ///
    /// [`SubjectKind::most_remembered`]: crate::guard::SubjectKind::most_remembered
    async fn record_failure(&self, failed: FailedAttempt) -> Result<FailureRecorded, StoreError>;

    /// Forgets what is remembered of a user's account, devices and sessions, and how many of their codes were wrong;
    /// audited even if that is nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: no such user.
    async fn unlock(&self, write: Write, user: UserId) -> Result<(), StoreError>;

    /// Raises a user's [`User::device_epoch`], and trusts none of their devices any more: a device that becomes known
    /// again may keep its id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: no such user.
    async fn forget_devices(&self, write: Write, user: UserId) -> Result<(), StoreError>;

    // The feed

    /// The feed after sequence number `after`, at most `limit` entries.
    async fn feed(&self, after: u64, limit: u32) -> Result<Feed, StoreError>;

    // Signing keys

    /// Every signing key, newest first.
    async fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError>;

    /// Adds a key that signs from its `signs_from` on; every other signs no more from then on, or from when it retired
    /// before that, in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::Stale`]: the key that none follows is not `expected_last` (several nodes rotate at once).
    async fn add_signing_key(
        &self,
        write: Write,
        key: SealedSigningKey,
        expected_last: Option<SigningKeyId>,
        succession: Succession,
    ) -> Result<(), StoreError>;

    /// Seals the private parts anew (rotation of the master secret); unknown ids are passed over.
    async fn reseal_signing_keys(&self, keys: Vec<SealedSigningKey>) -> Result<(), StoreError>;

    /// Removes every signing key, so that nothing signed before verifies any more; every one-time link and pending login:
    /// one that was used since the backup would be good again; and the trust in every device: it may have been withdrawn
    /// since. For restores; audited even if there was none.
    async fn drop_keys_and_links(&self, write: Write) -> Result<(), StoreError>;

    // Audit and upkeep

    /// Records an event by itself.
    async fn record(&self, event: AuditEvent) -> Result<(), StoreError>;

    /// Events, newest first.
    async fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEntry>, StoreError>;

    /// Events that concern this user, newest first, but for [`EventName::SessionRefreshed`].
    ///
    /// [`EventName::SessionRefreshed`]: crate::audit::EventName::SessionRefreshed
    async fn activity(&self, user: UserId, page: PageRequest) -> Result<Page<AuditEntry>, StoreError>;

    /// Hands every event that `filter` lets through to `sink`, oldest first and as of one moment, until it has enough.
    /// Where the chains of the whole log ended at that moment.
    async fn export_audit(&self, filter: &AuditFilter, sink: AuditSink)
    -> Result<Vec<ChainHead>, StoreError>;

    /// Checks the whole log against its chains, as of one moment, in bounded memory.
    async fn verify_audit(
        &self,
        how: AuditVerification,
        progress: AuditProgress,
    ) -> Result<AuditReport, StoreError>;

    /// Where the audit log's chains end.
    async fn audit_heads(&self) -> Result<Vec<ChainHead>, StoreError>;

    /// Removes what no decision needs any more, and records [`CleanUp::decided_at`].
    async fn clean_up(&self, what: CleanUp) -> Result<CleanedUp, StoreError>;

    /// Whether reads and durable writes work right now, for readiness.
    async fn check(&self) -> Result<(), StoreError>;
}

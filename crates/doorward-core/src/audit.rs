//! The audit log: what happened, to whom, from where, and why it was refused. Never a secret.

use std::{fmt, net::IpAddr, str::FromStr};

use crate::{
    client::{Client, UserAgent},
    ids::{NotAnId, SessionId, UserId},
    time::Timestamp,
};

macro_rules! event_names {
    ($($(#[$doc:meta])* $variant:ident = $text:literal $outcome:ident;)*) => {
        /// The constant names of events, as the audit log and the log lines carry them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventName { $($(#[$doc])* $variant,)* }

        impl EventName {
            /// Every name.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Whether the event tells of a change or of a refusal.
            #[must_use]
            pub const fn outcome(self) -> Outcome {
                match self { $(Self::$variant => Outcome::$outcome,)* }
            }
        }
    };
}

event_names! {
    /// The first administrator was made.
    SetupCompleted = "setup.completed" Success;
    /// A setup attempt was refused.
    SetupRefused = "setup.refused" Refused;
    /// A one-time setup token was issued.
    SetupTokenIssued = "setup.token_issued" Success;
    /// A login succeeded; a session was opened.
    LoginSucceeded = "login.succeeded" Success;
    /// A login was refused.
    LoginRefused = "login.refused" Refused;
    /// So many attempts failed that an account, or one of its devices or sessions, is locked for a while.
    AccountLocked = "account.locked" Refused;
    /// The failures counted against an account were forgotten.
    AccountUnlocked = "account.unlocked" Success;
    /// The known devices of an account are strangers from now on.
    DevicesForgotten = "account.devices_forgotten" Success;
    /// A session was revoked.
    SessionRevoked = "session.revoked" Success;
    /// Several sessions of a user were revoked at once; each has its own event too.
    SessionsRevoked = "session.many_revoked" Success;
    /// Its owner logged out.
    LoggedOut = "session.logged_out" Success;
    /// A refresh token was exchanged for its successor.
    SessionRefreshed = "session.refreshed" Success;
    /// A refresh was refused.
    RefreshRefused = "session.refresh_refused" Refused;
    /// A spent refresh token came back: the session was revoked.
    RefreshReused = "session.refresh_reused" Refused;
    /// A password was changed by its owner.
    PasswordChanged = "password.changed" Success;
    /// A password change was refused.
    PasswordChangeRefused = "password.change_refused" Refused;
    /// A password was set by an administrator.
    PasswordSet = "password.set" Success;
    /// A password was right, and the second factor is due.
    LoginPending = "mfa.pending" Success;
    /// A second factor that was shown for a login was refused.
    FactorRefused = "mfa.refused" Refused;
    /// So many codes were wrong that the authenticator app's are not heeded any more.
    FactorLocked = "mfa.locked" Refused;
    /// An authenticator app is being set up.
    TotpEnrolmentBegan = "mfa.totp_enrolment_began" Success;
    /// A code that was to confirm an authenticator app was refused.
    TotpEnrolmentRefused = "mfa.totp_enrolment_refused" Refused;
    /// An authenticator app was confirmed.
    TotpEnabled = "mfa.totp_enabled" Success;
    /// An authenticator app was removed.
    TotpRemoved = "mfa.totp_removed" Success;
    /// Recovery codes were made; older ones are dead.
    RecoveryCodesMade = "mfa.recovery_codes_made" Success;
    /// A recovery code was used.
    RecoveryCodeUsed = "mfa.recovery_code_used" Success;
    /// An administrator removed every factor of a user.
    FactorsReset = "mfa.factors_reset" Success;
    /// A passkey was registered.
    PasskeyAdded = "passkey.added" Success;
    /// A passkey was removed.
    PasskeyRemoved = "passkey.removed" Success;
    /// The registration of a passkey was refused.
    PasskeyRefused = "passkey.refused" Refused;
    /// A passkey's counter went back: there may be two of it.
    PasskeyCloneSuspected = "passkey.clone_suspected" Refused;
    /// A session was exchanged for one with a stronger or fresher authentication.
    SteppedUp = "session.stepped_up" Success;
    /// Somebody signed in failed to prove who they are anew.
    StepUpRefused = "session.step_up_refused" Refused;
    /// A user was made.
    UserCreated = "user.created" Success;
    /// A user was changed.
    UserChanged = "user.changed" Success;
    /// A user was removed.
    UserDeleted = "user.deleted" Success;
    /// An invitation link was issued.
    InvitationIssued = "link.invitation_issued" Success;
    /// A reset link was issued.
    ResetIssued = "link.reset_issued" Success;
    /// A one-time link was used.
    LinkUsed = "link.used" Success;
    /// A one-time link was refused.
    LinkRefused = "link.refused" Refused;
    /// A request that a cookie authenticates came from elsewhere or without its CSRF token.
    CsrfRefused = "request.csrf_refused" Refused;
    /// Somebody without the role asked for an administrator's operation.
    AdminRefused = "request.admin_refused" Refused;
    /// A signing key was made.
    SigningKeyCreated = "key.created" Success;
    /// A signing key signs no more.
    SigningKeyRetired = "key.retired" Success;
    /// Retention removed the oldest events.
    AuditTrimmed = "audit.trimmed" Success;
    /// An administrator began to take the audit log away as a file.
    AuditExported = "audit.exported" Success;
    /// Where the audit log ended could not be trusted: somebody wrote to the database.
    AuditChainRestarted = "audit.chain_restarted" Refused;
    /// The events before this one were written by a version that chained none: nothing vouches for them.
    AuditChainBegan = "audit.chain_began" Success;
    /// Every session was ended by a restore.
    AllSessionsEnded = "session.all_ended" Success;
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an event tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something changed: logged at INFO.
    Success,
    /// Somebody was refused: logged at WARN.
    Refused,
}

impl Outcome {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
        }
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not proved who they are.
    Anonymous,
    /// A signed-in user.
    User(UserId),
    /// Whoever may run commands on the machine.
    CommandLine,
    /// Doorward itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::User(id) => write!(f, "{id}"),
            Self::CommandLine => f.write_str("command-line"),
            Self::System => f.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        match text {
            "anonymous" => Ok(Self::Anonymous),
            "command-line" => Ok(Self::CommandLine),
            "system" => Ok(Self::System),
            id => id.parse().map(Self::User),
        }
    }
}

/// One event. Written in the same transaction as the change it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// What happened.
    pub name: EventName,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Whom it concerns.
    pub user_id: Option<UserId>,
    /// The session it concerns.
    pub session_id: Option<SessionId>,
    /// From where.
    pub address: Option<IpAddr>,
    /// With what.
    pub user_agent: UserAgent,
    /// In which request.
    pub request_id: Option<String>,
    /// The error code of a refusal, or the cause of a revocation.
    pub reason: Option<String>,
    /// What else is worth knowing, as `name=value`; never a secret.
    pub details: Vec<(String, String)>,
}

impl AuditEvent {
    /// An event caused by `client`.
    #[must_use]
    pub fn new(name: EventName, at: Timestamp, actor: Actor, client: &Client) -> Self {
        Self {
            name,
            at,
            actor,
            user_id: None,
            session_id: None,
            address: client.address,
            user_agent: client.user_agent.clone(),
            request_id: client.request_id.clone(),
            reason: None,
            details: Vec::new(),
        }
    }

    /// Concerning this user.
    #[must_use]
    pub fn about_user(mut self, id: UserId) -> Self {
        self.user_id = Some(id);
        self
    }

    /// Concerning this session.
    #[must_use]
    pub fn about_session(mut self, id: SessionId) -> Self {
        self.session_id = Some(id);
        self
    }

    /// For this reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.details.push((name.to_owned(), value.to_string()));
        self
    }

    /// The event as it stands in the log at this place.
    #[must_use]
    pub fn into_entry(self, seq: u64) -> AuditEntry {
        AuditEntry {
            seq,
            name: self.name.as_str().to_owned(),
            outcome: self.name.outcome().as_str().to_owned(),
            at: self.at,
            actor: self.actor.to_string(),
            user_id: self.user_id,
            session_id: self.session_id,
            address: self.address,
            user_agent: self.user_agent.as_str().to_owned(),
            request_id: self.request_id,
            reason: self.reason,
            details: self.details,
        }
    }

    /// The same event; one about `session` is about its owner too, so that an account's history tells of the ends of
    /// its sessions whoever ended them. Stores know the owner of a session only when they end it.
    #[must_use]
    pub fn of_owner(&self, session: SessionId, owner: UserId) -> Self {
        let mut event = self.clone();
        if event.session_id == Some(session) {
            event.user_id.get_or_insert(owner);
        }
        event
    }

    /// The same event; one by which the user's password becomes `due` tells that the user has to choose another.
    #[must_use]
    pub fn of_password(&self, due: bool) -> Self {
        let event = self.clone();
        if due { event.with("must_change_password", true) } else { event }
    }

    /// The event of a recovery code that was used up as part of this one.
    #[must_use]
    pub fn of_recovery_code_used(&self, left: u32) -> Self {
        Self { name: EventName::RecoveryCodeUsed, details: Vec::new(), ..self.clone() }.with("left", left)
    }

    /// The event of one session that died as part of this one: past the session limit, or with all others of its
    /// user. Stores write one for each, so that bulk revocation is as visible as any other (M-A16).
    #[must_use]
    pub fn of_revoked_session(&self, session: SessionId, user: UserId, reason: &str) -> Self {
        Self { name: EventName::SessionRevoked, details: Vec::new(), ..self.clone() }
            .about_user(user)
            .about_session(session)
            .because(reason)
    }
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the log.
    pub seq: u64,
    /// The name as it was written; a newer version may have written one this version does not know.
    pub name: String,
    /// `success` or `refused`.
    pub outcome: String,
    /// When.
    pub at: Timestamp,
    /// Who did it: a user's id, `anonymous`, `command-line` or `system`.
    pub actor: String,
    /// Whom it concerns.
    pub user_id: Option<UserId>,
    /// The session it concerns.
    pub session_id: Option<SessionId>,
    /// From where.
    pub address: Option<IpAddr>,
    /// With what.
    pub user_agent: String,
    /// In which request.
    pub request_id: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What else is worth knowing.
    pub details: Vec<(String, String)>,
}

/// A part of the log, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPart {
    /// The events of it that were asked for.
    pub entries: Vec<AuditEntry>,
    /// The last place that was looked at: what comes after it is the next part.
    pub upto: u64,
}

/// Which events to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only those concerning this user.
    pub user_id: Option<UserId>,
    /// Only those of this name.
    pub name: Option<String>,
    /// Only those from this very address.
    pub address: Option<IpAddr>,
    /// Only those at or after this time.
    pub after: Option<Timestamp>,
    /// Only those before this time.
    pub before: Option<Timestamp>,
}

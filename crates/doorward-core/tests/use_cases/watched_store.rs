//! A store that counts what is asked of it, and fails when it is told to.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use doorward_core::{
    account_state::AccountState,
    audit::{AuditEntry, AuditEvent, AuditFilter, AuditPart},
    audit_chain::ChainHead,
    audit_report::AuditReport,
    audit_verification::AuditVerification,
    console_store::ConsoleStore,
    guard::{AttemptRecord, FailedAttempt, FailureRecorded, Lock, Subject},
    ids::{DeviceId, SessionId, UserId},
    link::{Link, LinkPurpose},
    node::{Node, NodeStore},
    page::{Page, PageRequest},
    passkey::{Passkey, PasskeyId, SpentChallenge},
    password::PasswordHash,
    revocation::Revocation,
    second_factor::{
        AskedBy, BeginPending, ClaimCode, CodeFacts, FactorChange, FactorStore, FactorsChanged, PendingId,
        PendingLogin, TotpEnrolment,
    },
    secret::TokenHash,
    session::{Session, SessionOfUser},
    signing_key::{SealedSigningKey, SigningKeyId, Succession},
    statistics::{EventCount, Gauges},
    store::{
        AdvanceRefresh, AuditProgress, AuditSink, ChangePassword, CleanUp, CleanedUp, Feed, LoginFacts,
        NewUser, OpenSession, Opened, PasswordChanged, RepeatRefresh, RevokeWhich, Revoked, SessionFilter,
        SessionProof, SetupProof, Store, StoreError, UserChanges, UserCredentials, Write,
    },
    time::Timestamp,
    user::{NormalisedName, User, Username},
    user_search::UserFilter,
};

/// What happens to the one call that is told to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    /// It does not happen.
    Undone,
    /// It happens, and nobody is told.
    AnswerLost,
}

/// What somebody else does to the store.
type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What lies between a node and its store. A call that is given up on the way there has not happened; on the way back it
/// has.
#[async_trait]
pub(crate) trait Line: Send + Sync {
    /// One way. The error is what the node is told.
    async fn pass(&self) -> Result<(), StoreError>;
}

pub(crate) struct WatchedStore {
    inner: Arc<dyn Store>,
    line: Option<Arc<dyn Line>>,
    watch: Mutex<Watch>,
}

#[derive(Default)]
struct Watch {
    calls: Vec<&'static str>,
    /// How many more calls go well, and what happens to the one after.
    failing: Option<(usize, Failing)>,
    /// What happens right before the next call of this name.
    overtaken: Option<(&'static str, Meanwhile)>,
}

impl WatchedStore {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, line: None, watch: Mutex::default() }
    }

    /// A store at the other end of a line.
    pub(crate) fn behind(line: Arc<dyn Line>, inner: Arc<dyn Store>) -> Self {
        Self { line: Some(line), ..Self::new(inner) }
    }

    /// The calls since this was asked last.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.watch.lock().unwrap().calls)
    }

    /// After `calls` more calls, one fails.
    pub(crate) fn fail_after(&self, calls: usize, failing: Failing) {
        self.watch.lock().unwrap().failing = Some((calls, failing));
    }

    /// Right before the next call of `name`, somebody else is faster and does `meanwhile`.
    pub(crate) fn overtake<F>(&self, name: &'static str, meanwhile: impl FnOnce(Arc<dyn Store>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let meanwhile = meanwhile(Arc::clone(&self.inner));
        self.watch.lock().unwrap().overtaken = Some((name, Box::pin(meanwhile)));
    }

    async fn watched<T>(
        &self,
        name: &'static str,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let overtaken = self.watch.lock().unwrap().overtaken.take_if(|(wanted, _)| *wanted == name);
        if let Some((_, meanwhile)) = overtaken {
            meanwhile.await;
        }
        match self.fate(name) {
            None => match &self.line {
                None => call.await,
                Some(line) => {
                    line.pass().await?;
                    let answer = call.await;
                    line.pass().await?;
                    answer
                }
            },
            Some(failing) => {
                if failing == Failing::AnswerLost {
                    drop(call.await);
                }
                Err(StoreError::Unavailable("the test wants the store to fail".into()))
            }
        }
    }

    fn fate(&self, name: &'static str) -> Option<Failing> {
        let mut watch = self.watch.lock().unwrap();
        watch.calls.push(name);
        let (left, failing) = watch.failing?;
        watch.failing = left.checked_sub(1).map(|left| (left, failing));
        (left == 0).then_some(failing)
    }
}

macro_rules! watch {
    ($port:ident: $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl $port for WatchedStore {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.watched(stringify!($name), self.inner.$name($($argument),*)).await
            })*
        }
    };
}

watch! {
    Store:
    complete_setup(write: Write, proof: SetupProof, user: NewUser, open: OpenSession) -> Opened;
    check_setup_proof(proof: &SetupProof) -> ();
    add_link(write: Write, link: Link) -> ();
    link(hashes: &[TokenHash], purpose: LinkPurpose, now: Timestamp) -> Option<(Link, User)>;
    redeem_link(write: Write, hash: TokenHash, purpose: LinkPurpose, change: ChangePassword) -> PasswordChanged;
    create_user(write: Write, user: NewUser, link: Option<Link>) -> User;
    user(id: UserId) -> Option<User>;
    credentials(id: UserId) -> Option<UserCredentials>;
    credentials_by_name(name: &NormalisedName) -> Option<UserCredentials>;
    login_facts(name: &NormalisedName, unknown: Subject, others: &[Subject]) -> LoginFacts;
    attempts(subjects: &[Subject]) -> Vec<AttemptRecord>;
    record_failure(failed: FailedAttempt) -> FailureRecorded;
    unlock(write: Write, user: UserId) -> ();
    forget_devices(write: Write, user: UserId) -> ();
    users(filter: &UserFilter, page: PageRequest) -> Page<User>;
    usernames(ids: &[UserId]) -> HashMap<UserId, Username>;
    account_states(ids: &[UserId]) -> HashMap<UserId, AccountState>;
    change_user(write: Write, id: UserId, changes: UserChanges) -> (User, Vec<Revocation>);
    delete_user(write: Write, id: UserId) -> Revoked;
    change_password(write: Write, change: ChangePassword) -> PasswordChanged;
    upgrade_password_hash(user: UserId, expected: &PasswordHash, new: &PasswordHash) -> ();
    open_session(write: Write, proof: SessionProof, open: OpenSession) -> Opened;
    session(id: SessionId) -> Option<SessionOfUser>;
    session_alone(id: SessionId) -> Option<Session>;
    sessions(filter: SessionFilter, now: Timestamp, page: PageRequest) -> Page<Session>;
    advance_refresh(write: Write, advance: AdvanceRefresh) -> SessionOfUser;
    repeat_refresh(now: Timestamp, repeat: RepeatRefresh) -> SessionOfUser;
    revoke_sessions(write: Write, which: RevokeWhich, reason: &'static str) -> Revoked;
    feed(after: u64, limit: u32) -> Feed;
    signing_keys() -> Vec<SealedSigningKey>;
    add_signing_key(write: Write, key: SealedSigningKey, expected_last: Option<SigningKeyId>, succession: Succession) -> ();
    reseal_signing_keys(keys: Vec<SealedSigningKey>) -> ();
    drop_keys_and_links(write: Write) -> ();
    record(event: AuditEvent) -> ();
    audit(filter: &AuditFilter, page: PageRequest) -> Page<AuditEntry>;
    activity(user: UserId, page: PageRequest) -> Page<AuditEntry>;
    export_audit(filter: &AuditFilter, sink: AuditSink) -> Vec<ChainHead>;
    verify_audit(how: AuditVerification, progress: AuditProgress) -> AuditReport;
    audit_heads() -> Vec<ChainHead>;
    clean_up(what: CleanUp) -> CleanedUp;
    check() -> ();
}

watch! {
    NodeStore:
    report_node(node: Node, forget_before: Timestamp) -> ();
    remove_node(name: &str) -> ();
    nodes() -> Vec<Node>;
}

watch! {
    ConsoleStore:
    lockouts(now: Timestamp, page: PageRequest) -> Page<Lock>;
    audit_after(filter: &AuditFilter, after: u64, limit: u32) -> AuditPart;
    event_counts(from: Timestamp, until: Timestamp) -> Vec<EventCount>;
    gauges_at(now: Timestamp) -> Gauges;
    samples(from: Timestamp, until: Timestamp) -> Vec<Gauges>;
    keep_sample(sample: Gauges) -> ();
}

watch! {
    FactorStore:
    begin_pending(write: Write, verified: &PasswordHash, begin: BeginPending) -> Revoked;
    pending(hashes: &[TokenHash], now: Timestamp) -> Option<(PendingLogin, UserCredentials)>;
    end_pending(id: PendingId) -> ();
    claim_code(now: Timestamp, claim: ClaimCode) -> CodeFacts;
    is_trusted(user: UserId, device: DeviceId, now: Timestamp) -> bool;
    begin_totp_enrolment(write: Write, user: UserId, enrolment: TotpEnrolment) -> ();
    totp_enrolment(user: UserId, session: SessionId, now: Timestamp) -> Option<TotpEnrolment>;
    change_factors(write: Write, user: UserId, asked_by: Option<AskedBy>, change: FactorChange) -> FactorsChanged;
    passkeys(user: UserId) -> Vec<Passkey>;
    passkey(id: &PasskeyId) -> Option<(Passkey, UserCredentials)>;
    is_spent(challenge: &SpentChallenge) -> bool;
    sealed_totp(after: Option<UserId>, limit: u32) -> Vec<(UserId, Vec<u8>)>;
    reseal_totp(user: UserId, expected: &[u8], sealed: Vec<u8>) -> ();
}

//! A store that counts what is asked of it, and fails when it is told to.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use doorward_core::{
    audit::{AuditEntry, AuditEvent, AuditFilter},
    ids::{SessionId, UserId},
    link::{Link, LinkPurpose},
    page::{Page, PageRequest},
    password::PasswordHash,
    revocation::Revocation,
    secret::TokenHash,
    session::{Session, SessionOfUser},
    signing_key::{SealedSigningKey, SigningKeyId},
    store::{
        AdvanceRefresh, ChangePassword, CleanUp, CleanedUp, Feed, NewUser, OpenSession, Opened,
        PasswordChanged, RepeatRefresh, RevokeWhich, Revoked, SessionFilter, SetupProof, Store, StoreError,
        UserChanges, UserCredentials, Write,
    },
    time::Timestamp,
    user::{NormalisedName, User},
};

/// What happens to the one call that is told to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    /// It does not happen.
    Undone,
    /// It happens, and nobody is told.
    AnswerLost,
}

pub(crate) struct WatchedStore {
    inner: Arc<dyn Store>,
    watch: Mutex<Watch>,
}

#[derive(Default)]
struct Watch {
    calls: Vec<&'static str>,
    /// How many more calls go well, and what happens to the one after.
    failing: Option<(usize, Failing)>,
}

impl WatchedStore {
    pub(crate) fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, watch: Mutex::default() }
    }

    /// The calls since this was asked last.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.watch.lock().unwrap().calls)
    }

    /// After `calls` more calls, one fails.
    pub(crate) fn fail_after(&self, calls: usize, failing: Failing) {
        self.watch.lock().unwrap().failing = Some((calls, failing));
    }

    async fn watched<T>(
        &self,
        name: &'static str,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        match self.fate(name) {
            None => call.await,
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
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl Store for WatchedStore {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.watched(stringify!($name), self.inner.$name($($argument),*)).await
            })*
        }
    };
}

watch! {
    complete_setup(write: Write, proof: SetupProof, user: NewUser, open: OpenSession) -> Opened;
    check_setup_proof(proof: &SetupProof) -> ();
    add_link(write: Write, link: Link) -> ();
    link(hashes: &[TokenHash], purpose: LinkPurpose, now: Timestamp) -> Option<(Link, User)>;
    redeem_link(write: Write, hash: TokenHash, purpose: LinkPurpose, change: ChangePassword) -> PasswordChanged;
    create_user(write: Write, user: NewUser, link: Option<Link>) -> User;
    user(id: UserId) -> Option<User>;
    credentials(id: UserId) -> Option<UserCredentials>;
    credentials_by_name(name: &NormalisedName) -> Option<UserCredentials>;
    users(page: PageRequest) -> Page<User>;
    change_user(write: Write, id: UserId, changes: UserChanges) -> (User, Vec<Revocation>);
    delete_user(write: Write, id: UserId) -> Revoked;
    change_password(write: Write, change: ChangePassword) -> PasswordChanged;
    upgrade_password_hash(user: UserId, expected: &PasswordHash, new: &PasswordHash) -> ();
    open_session(write: Write, verified: &PasswordHash, open: OpenSession) -> Opened;
    session(id: SessionId) -> Option<SessionOfUser>;
    session_alone(id: SessionId) -> Option<Session>;
    sessions(filter: SessionFilter, now: Timestamp, page: PageRequest) -> Page<Session>;
    advance_refresh(write: Write, advance: AdvanceRefresh) -> SessionOfUser;
    repeat_refresh(now: Timestamp, repeat: RepeatRefresh) -> SessionOfUser;
    revoke_sessions(write: Write, which: RevokeWhich, reason: &'static str) -> Revoked;
    feed(after: u64, limit: u32) -> Feed;
    signing_keys() -> Vec<SealedSigningKey>;
    add_signing_key(write: Write, key: SealedSigningKey, expected_current: Option<SigningKeyId>) -> ();
    reseal_signing_keys(keys: Vec<SealedSigningKey>) -> ();
    drop_keys_and_links(write: Write) -> ();
    record(event: AuditEvent) -> ();
    audit(filter: &AuditFilter, page: PageRequest) -> Page<AuditEntry>;
    clean_up(what: CleanUp) -> CleanedUp;
    check() -> ();
}

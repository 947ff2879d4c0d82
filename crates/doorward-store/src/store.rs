//! The port, operation by operation.

use std::collections::HashMap;

use async_trait::async_trait;
use doorward_core::{
    account_state::AccountState,
    audit::{AuditEntry, AuditEvent, AuditFilter},
    audit_chain::ChainHead,
    audit_report::AuditReport,
    audit_verification::AuditVerification,
    guard::{AttemptRecord, FailedAttempt, FailureRecorded, Subject},
    ids::{SessionId, UserId},
    link::{Link, LinkPurpose},
    page::{Page, PageRequest},
    password::PasswordHash,
    revocation::Revocation,
    secret::TokenHash,
    session::{Session, SessionOfUser},
    signing_key::{SealedSigningKey, SigningKeyId, Succession},
    store::{
        AdvanceRefresh, AuditProgress, AuditSink, ChangePassword, CleanUp, CleanedUp, Feed, LoginFacts,
        NewUser, OpenSession, Opened, PasswordChanged, RepeatRefresh, RevokeWhich, Revoked, SessionFilter,
        SessionProof, SetupProof, Store, StoreError, UserChanges, UserCredentials, Write,
    },
    time::Timestamp,
    user::{NormalisedName, User, Username},
    user_search::UserFilter,
};
use rusqlite::Connection;

use super::{
    SqliteStore, attempts, audit, audit_chain, audit_reading, audit_retention, cleanup, link, password,
    refresh, revocation, session, setup, signing_key, sql, user, user_search,
};

#[async_trait]
impl Store for SqliteStore {
    async fn complete_setup(
        &self,
        write: Write,
        proof: SetupProof,
        user: NewUser,
        open: OpenSession,
    ) -> Result<Opened, StoreError> {
        self.writer
            .write(Some(write.now), move |c| setup::complete_setup(c, &write, &proof, &user, &open))
            .await
    }

    async fn check_setup_proof(&self, proof: &SetupProof) -> Result<(), StoreError> {
        let proof = proof.clone();
        self.readers.read(move |c| setup::check_setup_proof(c, &proof)).await
    }

    async fn add_link(&self, write: Write, link: Link) -> Result<(), StoreError> {
        self.writer.write(Some(write.now), move |c| link::add_link(c, &write, &link)).await
    }

    async fn link(
        &self,
        hashes: &[TokenHash],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Link, User)>, StoreError> {
        let hashes = hashes.to_vec();
        self.readers.read(move |c| link::link(c, &hashes, purpose, now)).await
    }

    async fn redeem_link(
        &self,
        write: Write,
        hash: TokenHash,
        purpose: LinkPurpose,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        self.writer
            .write(Some(write.now), move |c| link::redeem_link(c, &write, hash, purpose, &change))
            .await
    }

    async fn create_user(&self, write: Write, user: NewUser, link: Option<Link>) -> Result<User, StoreError> {
        self.writer.write(Some(write.now), move |c| user::create_user(c, &write, &user, link.as_ref())).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.readers.read(move |c| user::user(c, id)).await
    }

    async fn credentials(&self, id: UserId) -> Result<Option<UserCredentials>, StoreError> {
        self.readers.read(move |c| user::credentials(c, id)).await
    }

    async fn credentials_by_name(
        &self,
        name: &NormalisedName,
    ) -> Result<Option<UserCredentials>, StoreError> {
        let name = name.clone();
        self.readers.read(move |c| user::credentials_by_name(c, &name)).await
    }

    async fn login_facts(
        &self,
        name: &NormalisedName,
        unknown: Subject,
        others: &[Subject],
    ) -> Result<LoginFacts, StoreError> {
        let (name, others) = (name.clone(), others.to_vec());
        self.readers.read(move |c| attempts::login_facts(c, &name, unknown, &others)).await
    }

    async fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<User>, StoreError> {
        let sought = filter.sought();
        let found = move |c: &Connection| match sought {
            Some(sought) => user_search::search(c, &sought, &page),
            None => user::users(c, page),
        };
        self.readers.read(found).await
    }

    async fn usernames(&self, ids: &[UserId]) -> Result<HashMap<UserId, Username>, StoreError> {
        let ids = ids.to_vec();
        self.readers.read(move |c| user::usernames(c, &ids)).await
    }

    async fn account_states(&self, ids: &[UserId]) -> Result<HashMap<UserId, AccountState>, StoreError> {
        let ids = ids.to_vec();
        self.readers.read(move |c| user::account_states(c, &ids)).await
    }

    async fn change_user(
        &self,
        write: Write,
        id: UserId,
        changes: UserChanges,
    ) -> Result<(User, Vec<Revocation>), StoreError> {
        self.writer.write(Some(write.now), move |c| user::change_user(c, &write, id, changes)).await
    }

    async fn delete_user(&self, write: Write, id: UserId) -> Result<Revoked, StoreError> {
        self.writer.write(Some(write.now), move |c| user::delete_user(c, &write, id)).await
    }

    async fn change_password(
        &self,
        write: Write,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        self.writer.write(Some(write.now), move |c| password::change_password(c, &write, &change)).await
    }

    async fn upgrade_password_hash(
        &self,
        user: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let (expected, new) = (expected.clone(), new.clone());
        self.writer.write(None, move |c| password::upgrade_password_hash(c, user, &expected, &new)).await
    }

    async fn open_session(
        &self,
        write: Write,
        proof: SessionProof,
        open: OpenSession,
    ) -> Result<Opened, StoreError> {
        self.writer.write(Some(write.now), move |c| session::open_session(c, &write, &proof, &open)).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionOfUser>, StoreError> {
        self.readers.read(move |c| session::session(c, id)).await
    }

    async fn session_alone(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.readers.read(move |c| session::session_alone(c, id)).await
    }

    async fn sessions(
        &self,
        filter: SessionFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        self.readers.read(move |c| session::sessions(c, filter, now, page)).await
    }

    async fn advance_refresh(
        &self,
        write: Write,
        advance: AdvanceRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        self.writer.write(Some(write.now), move |c| refresh::advance_refresh(c, &write, &advance)).await
    }

    async fn repeat_refresh(
        &self,
        now: Timestamp,
        repeat: RepeatRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        self.writer.write(Some(now), move |c| refresh::repeat_refresh(c, now, repeat)).await
    }

    async fn revoke_sessions(
        &self,
        write: Write,
        which: RevokeWhich,
        reason: &'static str,
    ) -> Result<Revoked, StoreError> {
        self.writer
            .write(Some(write.now), move |c| revocation::revoke_sessions(c, &write, which, reason))
            .await
    }

    async fn attempts(&self, subjects: &[Subject]) -> Result<Vec<AttemptRecord>, StoreError> {
        let subjects = subjects.to_vec();
        self.readers.read(move |c| attempts::attempts(c, &subjects)).await
    }

    async fn record_failure(&self, failed: FailedAttempt) -> Result<FailureRecorded, StoreError> {
        self.writer.write(Some(failed.now), move |c| attempts::record_failure(c, &failed)).await
    }

    async fn unlock(&self, write: Write, user: UserId) -> Result<(), StoreError> {
        self.writer.write(Some(write.now), move |c| attempts::unlock(c, &write, user)).await
    }

    async fn forget_devices(&self, write: Write, user: UserId) -> Result<(), StoreError> {
        self.writer.write(Some(write.now), move |c| attempts::forget_devices(c, &write, user)).await
    }

    async fn feed(&self, after: u64, limit: u32) -> Result<Feed, StoreError> {
        self.readers.read(move |c| revocation::feed(c, after, limit)).await
    }

    async fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError> {
        self.readers.read(signing_key::signing_keys).await
    }

    async fn add_signing_key(
        &self,
        write: Write,
        key: SealedSigningKey,
        expected_last: Option<SigningKeyId>,
        succession: Succession,
    ) -> Result<(), StoreError> {
        self.writer
            .write(Some(write.now), move |c| {
                signing_key::add_signing_key(c, &write, &key, expected_last.as_ref(), succession)
            })
            .await
    }

    async fn reseal_signing_keys(&self, keys: Vec<SealedSigningKey>) -> Result<(), StoreError> {
        self.writer.write(None, move |c| signing_key::reseal_signing_keys(c, &keys)).await
    }

    async fn drop_keys_and_links(&self, write: Write) -> Result<(), StoreError> {
        self.writer.write(Some(write.now), move |c| signing_key::drop_keys_and_links(c, &write)).await
    }

    async fn record(&self, event: AuditEvent) -> Result<(), StoreError> {
        self.writer.write(Some(event.at), move |c| audit::append(c, &event)).await
    }

    async fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEntry>, StoreError> {
        let filter = filter.clone();
        self.readers.read(move |c| audit::entries(c, &filter, page)).await
    }

    async fn activity(&self, user: UserId, page: PageRequest) -> Result<Page<AuditEntry>, StoreError> {
        self.readers.read(move |c| audit::activity(c, user, page)).await
    }

    async fn export_audit(
        &self,
        filter: &AuditFilter,
        mut sink: AuditSink,
    ) -> Result<Vec<ChainHead>, StoreError> {
        let filter = filter.clone();
        self.readers.read(move |c| audit_reading::export(c, &filter, &mut sink)).await
    }

    async fn verify_audit(
        &self,
        how: AuditVerification,
        mut progress: AuditProgress,
    ) -> Result<AuditReport, StoreError> {
        let key = self.key.clone();
        self.readers.read(move |c| audit_reading::verify(c, &key, how, &mut progress)).await
    }

    async fn audit_heads(&self) -> Result<Vec<ChainHead>, StoreError> {
        self.readers.read(audit_chain::heads).await
    }

    async fn clean_up(&self, what: CleanUp) -> Result<CleanedUp, StoreError> {
        let key = self.key.clone();
        let expired = match what.audit {
            Some(retention) => {
                let key = key.clone();
                self.readers.read(move |c| audit_retention::expired(c, &key, retention)).await?
            }
            None => None,
        };
        let clean_up = move |c: &Connection| {
            if let (Some(expired), Some(retention)) = (expired, what.audit) {
                audit_retention::let_go(c, &key, expired, retention)?;
            }
            let audit_events = audit_retention::remove(c, &key, what.limit)?;
            Ok(CleanedUp { audit_events, ..cleanup::clean_up(c, what)? })
        };
        self.writer.write(Some(what.decided_at()), clean_up).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.readers.read(setup::is_complete).await?;
        // Changes nothing, and yet is written: only a write that reaches the disk shows that writes do.
        self.writer
            .write(None, |c| sql::change(c, "UPDATE state SET highest_time = highest_time", []).map(|_| ()))
            .await
    }
}

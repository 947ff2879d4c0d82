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

use super::{MemoryStore, state::State};

#[async_trait]
impl Store for MemoryStore {
    async fn complete_setup(
        &self,
        write: Write,
        proof: SetupProof,
        user: NewUser,
        open: OpenSession,
    ) -> Result<Opened, StoreError> {
        self.write(Some(write.now), |state| state.complete_setup(&write, &proof, &user, &open))
    }

    async fn check_setup_proof(&self, proof: &SetupProof) -> Result<(), StoreError> {
        self.read(|state| state.check_setup_proof(proof))?
    }

    async fn add_link(&self, write: Write, link: Link) -> Result<(), StoreError> {
        self.write(Some(write.now), |state| state.add_link(&write, link))
    }

    async fn link(
        &self,
        hashes: &[TokenHash],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Link, User)>, StoreError> {
        self.read(|state| state.link(hashes, purpose, now))
    }

    async fn redeem_link(
        &self,
        write: Write,
        hash: TokenHash,
        purpose: LinkPurpose,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        self.write(Some(write.now), |state| state.redeem_link(&write, hash, purpose, &change))
    }

    async fn create_user(&self, write: Write, user: NewUser, link: Option<Link>) -> Result<User, StoreError> {
        self.write(Some(write.now), |state| state.create_user(&write, &user, link))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.read(|state| state.users.get(&id).map(|found| found.user.clone()))
    }

    async fn credentials(&self, id: UserId) -> Result<Option<UserCredentials>, StoreError> {
        self.read(|state| state.users.get(&id).cloned())
    }

    async fn credentials_by_name(
        &self,
        name: &NormalisedName,
    ) -> Result<Option<UserCredentials>, StoreError> {
        self.read(|state| state.credentials_by_name(name))
    }

    async fn login_facts(
        &self,
        name: &NormalisedName,
        unknown: Subject,
        others: &[Subject],
    ) -> Result<LoginFacts, StoreError> {
        self.read(|state| state.login_facts(name, unknown, others))
    }

    async fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<User>, StoreError> {
        self.read(|state| state.users(filter, page))
    }

    async fn usernames(&self, ids: &[UserId]) -> Result<HashMap<UserId, Username>, StoreError> {
        self.read(|state| state.usernames(ids))
    }

    async fn account_states(&self, ids: &[UserId]) -> Result<HashMap<UserId, AccountState>, StoreError> {
        self.read(|state| state.account_states(ids))
    }

    async fn change_user(
        &self,
        write: Write,
        id: UserId,
        changes: UserChanges,
    ) -> Result<(User, Vec<Revocation>), StoreError> {
        self.write(Some(write.now), |state| state.change_user(&write, id, changes))
    }

    async fn delete_user(&self, write: Write, id: UserId) -> Result<Revoked, StoreError> {
        self.write(Some(write.now), |state| state.delete_user(&write, id))
    }

    async fn change_password(
        &self,
        write: Write,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        self.write(Some(write.now), |state| state.change_password(&write, &change))
    }

    async fn upgrade_password_hash(
        &self,
        user: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        self.write(None, |state| {
            if let Some(found) = state.users.get_mut(&user)
                && found.password.as_ref() == Some(expected)
            {
                found.password = Some(new.clone());
            }
            Ok(())
        })
    }

    async fn open_session(
        &self,
        write: Write,
        proof: SessionProof,
        open: OpenSession,
    ) -> Result<Opened, StoreError> {
        self.write(Some(write.now), |state| state.open_session(&write, &proof, &open))?
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionOfUser>, StoreError> {
        self.read(|state| state.session(id))
    }

    async fn session_alone(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.read(|state| state.sessions.get(&id).cloned())
    }

    async fn sessions(
        &self,
        filter: SessionFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        self.read(|state| state.sessions(filter, now, page))
    }

    async fn advance_refresh(
        &self,
        write: Write,
        advance: AdvanceRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        self.write(Some(write.now), |state| state.advance_refresh(&write, &advance))
    }

    async fn repeat_refresh(
        &self,
        now: Timestamp,
        repeat: RepeatRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        self.write(Some(now), |state| state.repeat_refresh(now, repeat))
    }

    async fn revoke_sessions(
        &self,
        write: Write,
        which: RevokeWhich,
        reason: &'static str,
    ) -> Result<Revoked, StoreError> {
        self.write(Some(write.now), |state| state.revoke_sessions(&write, which, reason))
    }

    async fn attempts(&self, subjects: &[Subject]) -> Result<Vec<AttemptRecord>, StoreError> {
        self.read(|state| state.attempts(subjects))
    }

    async fn record_failure(&self, failed: FailedAttempt) -> Result<FailureRecorded, StoreError> {
        self.write(Some(failed.now), |state| Ok(state.record_failure(&failed)))
    }

    async fn unlock(&self, write: Write, user: UserId) -> Result<(), StoreError> {
        self.write(Some(write.now), |state| state.unlock(&write, user))
    }

    async fn forget_devices(&self, write: Write, user: UserId) -> Result<(), StoreError> {
        self.write(Some(write.now), |state| state.forget_devices(&write, user))
    }

    async fn feed(&self, after: u64, limit: u32) -> Result<Feed, StoreError> {
        self.read(|state| state.feed(after, limit))
    }

    async fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError> {
        self.read(State::signing_keys)
    }

    async fn add_signing_key(
        &self,
        write: Write,
        key: SealedSigningKey,
        expected_last: Option<SigningKeyId>,
        succession: Succession,
    ) -> Result<(), StoreError> {
        self.write(Some(write.now), |state| {
            state.add_signing_key(&write, key, expected_last.as_ref(), succession)
        })
    }

    async fn reseal_signing_keys(&self, keys: Vec<SealedSigningKey>) -> Result<(), StoreError> {
        self.write(None, |state| {
            state.reseal_signing_keys(&keys);
            Ok(())
        })
    }

    async fn drop_keys_and_links(&self, write: Write) -> Result<(), StoreError> {
        self.write(Some(write.now), |state| {
            state.drop_keys_and_links(&write);
            Ok(())
        })
    }

    async fn record(&self, event: AuditEvent) -> Result<(), StoreError> {
        self.write(Some(event.at), |state| {
            state.record(&event);
            Ok(())
        })
    }

    async fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEntry>, StoreError> {
        self.read(|state| state.audit(filter, page))
    }

    async fn activity(&self, user: UserId, page: PageRequest) -> Result<Page<AuditEntry>, StoreError> {
        self.read(|state| state.activity(user, page))
    }

    async fn export_audit(
        &self,
        filter: &AuditFilter,
        sink: AuditSink,
    ) -> Result<Vec<ChainHead>, StoreError> {
        self.read(|state| state.export_audit(filter, sink))
    }

    async fn verify_audit(
        &self,
        how: AuditVerification,
        _progress: AuditProgress,
    ) -> Result<AuditReport, StoreError> {
        self.read(|state| state.verify_audit(how))
    }

    async fn audit_heads(&self) -> Result<Vec<ChainHead>, StoreError> {
        self.read(State::audit_heads)
    }

    async fn clean_up(&self, what: CleanUp) -> Result<CleanedUp, StoreError> {
        self.write(Some(what.decided_at()), |state| Ok(state.clean_up(what)))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.write(None, |_| Ok(()))
    }
}

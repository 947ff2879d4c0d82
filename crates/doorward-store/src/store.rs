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

use super::{
    attempts, audit, audit_chain, audit_reading, audit_retention, cleanup,
    database::{Database, Reading, reads, writes},
    link, password, refresh, revocation, session, setup, signing_key, user, user_search,
};

/// A store on a database. See [`SqliteStore`](crate::SqliteStore) and [`PostgresStore`](crate::PostgresStore) for what
/// they promise.
pub struct SqlStore<D> {
    pub(crate) database: D,
}

impl<D: Database> SqlStore<D> {
    /// See [`audit_chain::reseal`].
    pub(crate) async fn reseal_chains(&self) -> Result<(), StoreError> {
        let key = self.database.audit_chain_key().clone();
        self.database.write(None, writes!(key => |sql| audit_chain::reseal(sql, key))).await
    }

    /// Tells a family that moved from a session that may not refresh.
    async fn why_not(
        &self,
        refreshed: Result<SessionOfUser, StoreError>,
        id: SessionId,
        now: Timestamp,
    ) -> Result<SessionOfUser, StoreError> {
        match refreshed {
            Err(StoreError::Stale) => Err(self
                .database
                .read(Reading::Snapshot, reads!(id, now => |sql| refresh::why_not(sql, *id, *now)))
                .await?),
            other => other,
        }
    }
}

#[async_trait]
impl<D: Database> Store for SqlStore<D> {
    async fn complete_setup(
        &self,
        write: Write,
        proof: SetupProof,
        user: NewUser,
        open: OpenSession,
    ) -> Result<Opened, StoreError> {
        self.database.write(Some(write.now), writes!(write, proof, user, open => |sql| setup::complete_setup(sql, write, proof, user, open)))
            .await
    }

    async fn check_setup_proof(&self, proof: &SetupProof) -> Result<(), StoreError> {
        let proof = proof.clone();
        self.database
            .read(Reading::Snapshot, reads!(proof => |sql| setup::check_setup_proof(sql, proof)))
            .await
    }

    async fn add_link(&self, write: Write, link: Link) -> Result<(), StoreError> {
        self.database
            .write(Some(write.now), writes!(write, link => |sql| link::add_link(sql, write, link)))
            .await
    }

    async fn link(
        &self,
        hashes: &[TokenHash],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<(Link, User)>, StoreError> {
        let hashes = hashes.to_vec();
        self.database
            .read(
                Reading::Snapshot,
                reads!(hashes, purpose, now => |sql| link::link(sql, hashes, *purpose, *now)),
            )
            .await
    }

    async fn redeem_link(
        &self,
        write: Write,
        hash: TokenHash,
        purpose: LinkPurpose,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        self.database.write(Some(write.now), writes!(write, hash, purpose, change => |sql| link::redeem_link(sql, write, *hash, *purpose, change)))
            .await
    }

    async fn create_user(&self, write: Write, user: NewUser, link: Option<Link>) -> Result<User, StoreError> {
        self.database
            .write(
                Some(write.now),
                writes!(write, user, link => |sql| user::create_user(sql, write, user, link.as_ref())),
            )
            .await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.database.read(Reading::Snapshot, reads!(id => |sql| user::user(sql, *id))).await
    }

    async fn credentials(&self, id: UserId) -> Result<Option<UserCredentials>, StoreError> {
        self.database.read(Reading::Snapshot, reads!(id => |sql| user::credentials(sql, *id))).await
    }

    async fn credentials_by_name(
        &self,
        name: &NormalisedName,
    ) -> Result<Option<UserCredentials>, StoreError> {
        let name = name.clone();
        self.database
            .read(Reading::Snapshot, reads!(name => |sql| user::credentials_by_name(sql, name)))
            .await
    }

    async fn login_facts(
        &self,
        name: &NormalisedName,
        unknown: Subject,
        others: &[Subject],
    ) -> Result<LoginFacts, StoreError> {
        let (name, others) = (name.clone(), others.to_vec());
        self.database
            .read(
                Reading::Snapshot,
                reads!(name, unknown, others => |sql| attempts::login_facts(sql, name, *unknown, others)),
            )
            .await
    }

    async fn users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<User>, StoreError> {
        match filter.sought() {
            Some(sought) => {
                self.database
                    .read(
                        Reading::Snapshot,
                        reads!(sought, page => |sql| user_search::search(sql, sought, page)),
                    )
                    .await
            }
            None => {
                self.database
                    .read(Reading::Snapshot, reads!(page => |sql| user::users(sql, page.clone())))
                    .await
            }
        }
    }

    async fn usernames(&self, ids: &[UserId]) -> Result<HashMap<UserId, Username>, StoreError> {
        let ids = ids.to_vec();
        self.database.read(Reading::Snapshot, reads!(ids => |sql| user::usernames(sql, ids))).await
    }

    async fn account_states(&self, ids: &[UserId]) -> Result<HashMap<UserId, AccountState>, StoreError> {
        let ids = ids.to_vec();
        self.database.read(Reading::Snapshot, reads!(ids => |sql| user::account_states(sql, ids))).await
    }

    async fn change_user(
        &self,
        write: Write,
        id: UserId,
        changes: UserChanges,
    ) -> Result<(User, Vec<Revocation>), StoreError> {
        self.database
            .write(
                Some(write.now),
                writes!(write, id, changes => |sql| user::change_user(sql, write, *id, changes.clone())),
            )
            .await
    }

    async fn delete_user(&self, write: Write, id: UserId) -> Result<Revoked, StoreError> {
        self.database
            .write(Some(write.now), writes!(write, id => |sql| user::delete_user(sql, write, *id)))
            .await
    }

    async fn change_password(
        &self,
        write: Write,
        change: ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        self.database
            .write(
                Some(write.now),
                writes!(write, change => |sql| password::change_password(sql, write, change)),
            )
            .await
    }

    async fn upgrade_password_hash(
        &self,
        user: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let (expected, new) = (expected.clone(), new.clone());
        self.database.write(None, writes!(user, expected, new => |sql| password::upgrade_password_hash(sql, *user, expected, new))).await
    }

    async fn open_session(
        &self,
        write: Write,
        proof: SessionProof,
        open: OpenSession,
    ) -> Result<Opened, StoreError> {
        self.database
            .write(
                Some(write.now),
                writes!(write, proof, open => |sql| session::open_session(sql, write, proof, open)),
            )
            .await?
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionOfUser>, StoreError> {
        self.database.read(Reading::Snapshot, reads!(id => |sql| session::session(sql, *id))).await
    }

    async fn session_alone(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.database.read(Reading::Snapshot, reads!(id => |sql| session::session_alone(sql, *id))).await
    }

    async fn sessions(
        &self,
        filter: SessionFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Session>, StoreError> {
        self.database
            .read(
                Reading::Snapshot,
                reads!(filter, now, page => |sql| session::sessions(sql, *filter, *now, page.clone())),
            )
            .await
    }

    async fn advance_refresh(
        &self,
        write: Write,
        advance: AdvanceRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        let (id, now) = (advance.id, write.now);
        self.why_not(
            self.database
                .write(
                    Some(now),
                    writes!(write, advance => |sql| refresh::advance_refresh(sql, write, advance)),
                )
                .await,
            id,
            now,
        )
        .await
    }

    async fn repeat_refresh(
        &self,
        now: Timestamp,
        repeat: RepeatRefresh,
    ) -> Result<SessionOfUser, StoreError> {
        let id = repeat.id;
        self.why_not(
            self.database
                .write(Some(now), writes!(now, repeat => |sql| refresh::repeat_refresh(sql, *now, repeat)))
                .await,
            id,
            now,
        )
        .await
    }

    async fn revoke_sessions(
        &self,
        write: Write,
        which: RevokeWhich,
        reason: &'static str,
    ) -> Result<Revoked, StoreError> {
        let (mut revoked, mut after) = (Revoked::default(), None);
        loop {
            let write = write.clone();
            let part = self.database.write(
                Some(write.now),
                writes!(write, which, after, reason => |sql| {
                    revocation::revoke_sessions(sql, write, which, *after, reason)
                }),
            );
            let (Revoked { sessions, revocations }, last) = part.await?;
            revoked.sessions.extend(sessions);
            revoked.revocations.extend(revocations);
            if last.is_none() {
                return Ok(revoked);
            }
            after = last;
        }
    }

    async fn attempts(&self, subjects: &[Subject]) -> Result<Vec<AttemptRecord>, StoreError> {
        let subjects = subjects.to_vec();
        self.database
            .read(Reading::Snapshot, reads!(subjects => |sql| attempts::attempts(sql, subjects)))
            .await
    }

    async fn record_failure(&self, failed: FailedAttempt) -> Result<FailureRecorded, StoreError> {
        self.database
            .write(Some(failed.now), writes!(failed => |sql| attempts::record_failure(sql, failed)))
            .await
    }

    async fn unlock(&self, write: Write, user: UserId) -> Result<(), StoreError> {
        self.database
            .write(Some(write.now), writes!(write, user => |sql| attempts::unlock(sql, write, *user)))
            .await
    }

    async fn forget_devices(&self, write: Write, user: UserId) -> Result<(), StoreError> {
        self.database
            .write(Some(write.now), writes!(write, user => |sql| attempts::forget_devices(sql, write, *user)))
            .await
    }

    async fn feed(&self, after: u64, limit: u32) -> Result<Feed, StoreError> {
        self.database
            .read(Reading::Feed, reads!(after, limit => |sql| revocation::feed(sql, *after, *limit)))
            .await
    }

    async fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError> {
        self.database.read(Reading::Feed, reads!(=> |sql| signing_key::signing_keys(sql))).await
    }

    async fn add_signing_key(
        &self,
        write: Write,
        key: SealedSigningKey,
        expected_last: Option<SigningKeyId>,
        succession: Succession,
    ) -> Result<(), StoreError> {
        self.database
            .write(
                Some(write.now),
                writes!(write, key, expected_last, succession => |sql| {
                    signing_key::add_signing_key(sql, write, key, expected_last.as_ref(), *succession)
                }),
            )
            .await
    }

    async fn reseal_signing_keys(&self, keys: Vec<SealedSigningKey>) -> Result<(), StoreError> {
        self.database.write(None, writes!(keys => |sql| signing_key::reseal_signing_keys(sql, keys))).await
    }

    async fn drop_keys_and_links(&self, write: Write) -> Result<(), StoreError> {
        self.database
            .write(Some(write.now), writes!(write => |sql| signing_key::drop_keys_and_links(sql, write)))
            .await
    }

    async fn record(&self, event: AuditEvent) -> Result<(), StoreError> {
        self.database.write(Some(event.at), writes!(event => |sql| audit::record(sql, event))).await
    }

    async fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEntry>, StoreError> {
        let filter = filter.clone();
        self.database
            .read(Reading::Snapshot, reads!(filter, page => |sql| audit::entries(sql, filter, page.clone())))
            .await
    }

    async fn activity(&self, user: UserId, page: PageRequest) -> Result<Page<AuditEntry>, StoreError> {
        self.database
            .read(Reading::Snapshot, reads!(user, page => |sql| audit::activity(sql, *user, page.clone())))
            .await
    }

    async fn export_audit(
        &self,
        filter: &AuditFilter,
        mut sink: AuditSink,
    ) -> Result<Vec<ChainHead>, StoreError> {
        let filter = filter.clone();
        self.database
            .read(Reading::LongSnapshot, move |sql| {
                Box::pin(async move { audit_reading::export(sql, &filter, &mut sink).await })
            })
            .await
    }

    async fn verify_audit(
        &self,
        how: AuditVerification,
        mut progress: AuditProgress,
    ) -> Result<AuditReport, StoreError> {
        let key = self.database.audit_chain_key().clone();
        self.database
            .read(Reading::LongSnapshot, move |sql| {
                Box::pin(async move { audit_reading::verify(sql, &key, how, &mut progress).await })
            })
            .await
    }

    async fn audit_heads(&self) -> Result<Vec<ChainHead>, StoreError> {
        self.database.read(Reading::Snapshot, reads!(=> |sql| audit_chain::heads(sql))).await
    }

    async fn clean_up(&self, what: CleanUp) -> Result<CleanedUp, StoreError> {
        let key = self.database.audit_chain_key().clone();
        let expired = match what.audit {
            Some(retention) => {
                let key = key.clone();
                self.database
                    .read(
                        Reading::LongSnapshot,
                        reads!(key, retention => |sql| audit_retention::expired(sql, key, *retention)),
                    )
                    .await?
            }
            None => Vec::new(),
        };
        self.database
            .write(
                Some(what.decided_at()),
                writes!(what, key, expired => |sql| cleanup::clean_up(sql, *what, key, expired)),
            )
            .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.database.read(Reading::Snapshot, reads!(=> |sql| setup::is_complete(sql))).await?;
        // Changes nothing, and yet is written: only a write that reaches the disk shows that writes do.
        self.database.write(None, writes!(=> |sql| setup::write_nothing(sql))).await
    }
}

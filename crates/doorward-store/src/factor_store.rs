//! The port to second factors, operation by operation.

use async_trait::async_trait;
use doorward_core::{
    ids::{DeviceId, SessionId, UserId},
    passkey::{Passkey, PasskeyId, SpentChallenge},
    password::PasswordHash,
    second_factor::{
        AskedBy, BeginPending, ClaimCode, CodeFacts, FactorChange, FactorStore, FactorsChanged, PendingId,
        PendingLogin, TotpEnrolment,
    },
    secret::TokenHash,
    store::{Revoked, StoreError, UserCredentials, Write},
    time::Timestamp,
};

use super::{
    database::{Database, Reading, reads, writes},
    second_factor::{change, passkey, pending, totp, trust},
    store::SqlStore,
};

#[async_trait]
impl<D: Database> FactorStore for SqlStore<D> {
    async fn begin_pending(
        &self,
        write: Write,
        verified: &PasswordHash,
        begin: BeginPending,
    ) -> Result<Revoked, StoreError> {
        let verified = verified.clone();
        self.database
            .write(
                Some(write.now),
                writes!(write, verified, begin => |sql| pending::begin_pending(sql, write, verified, begin)),
            )
            .await
    }

    async fn pending(
        &self,
        hashes: &[TokenHash],
        now: Timestamp,
    ) -> Result<Option<(PendingLogin, UserCredentials)>, StoreError> {
        let hashes = hashes.to_vec();
        self.database
            .read(Reading::Snapshot, reads!(hashes, now => |sql| pending::pending(sql, hashes, *now)))
            .await
    }

    async fn end_pending(&self, id: PendingId) -> Result<(), StoreError> {
        self.database.write(None, writes!(id => |sql| pending::end_pending(sql, *id))).await
    }

    async fn claim_code(&self, now: Timestamp, claim: ClaimCode) -> Result<CodeFacts, StoreError> {
        self.database
            .write(Some(now), writes!(now, claim => |sql| pending::claim_code(sql, *now, *claim)))
            .await
    }

    async fn is_trusted(&self, user: UserId, device: DeviceId, now: Timestamp) -> Result<bool, StoreError> {
        self.database
            .read(
                Reading::Snapshot,
                reads!(user, device, now => |sql| trust::is_trusted(sql, *user, *device, *now)),
            )
            .await
    }

    async fn begin_totp_enrolment(
        &self,
        write: Write,
        user: UserId,
        enrolment: TotpEnrolment,
    ) -> Result<(), StoreError> {
        self.database
            .write(
                Some(write.now),
                writes!(write, user, enrolment => |sql| totp::begin_enrolment(sql, write, *user, enrolment)),
            )
            .await
    }

    async fn totp_enrolment(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<TotpEnrolment>, StoreError> {
        self.database
            .read(
                Reading::Snapshot,
                reads!(user, session, now => |sql| totp::enrolment(sql, *user, *session, *now)),
            )
            .await
    }

    async fn change_factors(
        &self,
        write: Write,
        user: UserId,
        asked_by: Option<AskedBy>,
        change: FactorChange,
    ) -> Result<FactorsChanged, StoreError> {
        self.database.write(Some(write.now), writes!(write, user, asked_by, change => |sql| change::change_factors(sql, write, *user, *asked_by, change)))
            .await
    }

    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>, StoreError> {
        self.database.read(Reading::Snapshot, reads!(user => |sql| passkey::passkeys(sql, *user))).await
    }

    async fn passkey(&self, id: &PasskeyId) -> Result<Option<(Passkey, UserCredentials)>, StoreError> {
        let id = id.clone();
        self.database.read(Reading::Snapshot, reads!(id => |sql| passkey::passkey(sql, id))).await
    }

    async fn is_spent(&self, challenge: &SpentChallenge) -> Result<bool, StoreError> {
        let hash = challenge.hash;
        self.database.read(Reading::Snapshot, reads!(hash => |sql| passkey::is_spent(sql, *hash))).await
    }

    async fn sealed_totp(
        &self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<(UserId, Vec<u8>)>, StoreError> {
        self.database
            .read(Reading::Snapshot, reads!(after, limit => |sql| totp::sealed(sql, *after, *limit)))
            .await
    }

    async fn reseal_totp(&self, user: UserId, expected: &[u8], sealed: Vec<u8>) -> Result<(), StoreError> {
        let expected = expected.to_vec();
        self.database
            .write(None, writes!(user, expected, sealed => |sql| totp::reseal(sql, *user, expected, sealed)))
            .await
    }
}

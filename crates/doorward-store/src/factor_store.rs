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
    SqliteStore,
    second_factor::{change, passkey, pending, totp, trust},
};

#[async_trait]
impl FactorStore for SqliteStore {
    async fn begin_pending(
        &self,
        write: Write,
        verified: &PasswordHash,
        begin: BeginPending,
    ) -> Result<Revoked, StoreError> {
        let verified = verified.clone();
        self.writer
            .write(Some(write.now), move |c| pending::begin_pending(c, &write, &verified, &begin))
            .await
    }

    async fn pending(
        &self,
        hashes: &[TokenHash],
        now: Timestamp,
    ) -> Result<Option<(PendingLogin, UserCredentials)>, StoreError> {
        let hashes = hashes.to_vec();
        self.readers.read(move |c| pending::pending(c, &hashes, now)).await
    }

    async fn end_pending(&self, id: PendingId) -> Result<(), StoreError> {
        self.writer.write(None, move |c| pending::end_pending(c, id)).await
    }

    async fn claim_code(&self, now: Timestamp, claim: ClaimCode) -> Result<CodeFacts, StoreError> {
        self.writer.write(Some(now), move |c| pending::claim_code(c, now, claim)).await
    }

    async fn is_trusted(&self, user: UserId, device: DeviceId, now: Timestamp) -> Result<bool, StoreError> {
        self.readers.read(move |c| trust::is_trusted(c, user, device, now)).await
    }

    async fn begin_totp_enrolment(
        &self,
        write: Write,
        user: UserId,
        enrolment: TotpEnrolment,
    ) -> Result<(), StoreError> {
        self.writer.write(Some(write.now), move |c| totp::begin_enrolment(c, &write, user, &enrolment)).await
    }

    async fn totp_enrolment(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<TotpEnrolment>, StoreError> {
        self.readers.read(move |c| totp::enrolment(c, user, session, now)).await
    }

    async fn change_factors(
        &self,
        write: Write,
        user: UserId,
        asked_by: Option<AskedBy>,
        change: FactorChange,
    ) -> Result<FactorsChanged, StoreError> {
        self.writer
            .write(Some(write.now), move |c| change::change_factors(c, &write, user, asked_by, &change))
            .await
    }

    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>, StoreError> {
        self.readers.read(move |c| passkey::passkeys(c, user)).await
    }

    async fn passkey(&self, id: &PasskeyId) -> Result<Option<(Passkey, UserCredentials)>, StoreError> {
        let id = id.clone();
        self.readers.read(move |c| passkey::passkey(c, &id)).await
    }

    async fn is_spent(&self, challenge: &SpentChallenge) -> Result<bool, StoreError> {
        let hash = challenge.hash;
        self.readers.read(move |c| passkey::is_spent(c, hash)).await
    }

    async fn sealed_totp(
        &self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<(UserId, Vec<u8>)>, StoreError> {
        self.readers.read(move |c| totp::sealed(c, after, limit)).await
    }

    async fn reseal_totp(&self, user: UserId, expected: &[u8], sealed: Vec<u8>) -> Result<(), StoreError> {
        let expected = expected.to_vec();
        self.writer.write(None, move |c| totp::reseal(c, user, &expected, &sealed)).await
    }
}

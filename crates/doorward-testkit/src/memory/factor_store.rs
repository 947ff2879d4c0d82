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

use super::MemoryStore;

#[async_trait]
impl FactorStore for MemoryStore {
    async fn begin_pending(
        &self,
        write: Write,
        verified: &PasswordHash,
        begin: BeginPending,
    ) -> Result<Revoked, StoreError> {
        self.write(Some(write.now), |state| state.begin_pending(&write, verified, begin))
    }

    async fn pending(
        &self,
        hashes: &[TokenHash],
        now: Timestamp,
    ) -> Result<Option<(PendingLogin, UserCredentials)>, StoreError> {
        self.read(|state| state.pending(hashes, now))
    }

    async fn end_pending(&self, id: PendingId) -> Result<(), StoreError> {
        self.write(None, |state| {
            state.end_pending(id);
            Ok(())
        })
    }

    async fn claim_code(&self, now: Timestamp, claim: ClaimCode) -> Result<CodeFacts, StoreError> {
        self.write(Some(now), |state| state.claim_code(now, claim))
    }

    async fn is_trusted(&self, user: UserId, device: DeviceId, now: Timestamp) -> Result<bool, StoreError> {
        self.read(|state| state.factors.is_trusted(user, device, now))
    }

    async fn begin_totp_enrolment(
        &self,
        write: Write,
        user: UserId,
        enrolment: TotpEnrolment,
    ) -> Result<(), StoreError> {
        self.write(Some(write.now), |state| state.begin_totp_enrolment(&write, user, enrolment))
    }

    async fn totp_enrolment(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<TotpEnrolment>, StoreError> {
        self.read(|state| state.factors.enrolment(user, session, now))
    }

    async fn change_factors(
        &self,
        write: Write,
        user: UserId,
        asked_by: Option<AskedBy>,
        change: FactorChange,
    ) -> Result<FactorsChanged, StoreError> {
        self.write(Some(write.now), |state| state.change_factors(&write, user, asked_by, &change))
    }

    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>, StoreError> {
        self.read(|state| state.factors.passkeys_of(user))
    }

    async fn passkey(&self, id: &PasskeyId) -> Result<Option<(Passkey, UserCredentials)>, StoreError> {
        self.read(|state| state.passkey(id))
    }

    async fn is_spent(&self, challenge: &SpentChallenge) -> Result<bool, StoreError> {
        self.read(|state| state.factors.is_spent(challenge))
    }

    async fn sealed_totp(
        &self,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<(UserId, Vec<u8>)>, StoreError> {
        self.read(|state| state.factors.sealed(after, limit))
    }

    async fn reseal_totp(&self, user: UserId, expected: &[u8], sealed: Vec<u8>) -> Result<(), StoreError> {
        self.write(None, |state| {
            state.factors.reseal(user, expected, &sealed);
            Ok(())
        })
    }
}

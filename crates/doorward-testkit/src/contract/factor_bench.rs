//! What the rules of second factors are tried on.

use doorward_core::{
    audit::EventName,
    ids::{DeviceId, SessionId},
    passkey::Passkey,
    password::PasswordHash,
    second_factor::{
        BeginPending, ClaimCode, CodeFacts, FactorChange, FactorUse, FactorsChanged, PendingLogin,
        TotpEnrolment,
        totp::{Step, TotpState},
    },
    secret::TokenHash,
    session::Session,
    store::{NewUser, Opened, Revoked, SessionProof, StoreError},
    time::Timestamp,
};

use super::{Bench, attempts::account};
use crate::{
    builders::{START, opening, write},
    factors::both,
};

/// The step of the code by which authenticator apps are confirmed here.
pub(super) const CONFIRMED_AT: u64 = 1000;

impl Bench {
    /// Makes a user with an authenticator app; the user as it is now, with the recovery codes.
    pub(super) async fn with_app(&self) -> (NewUser, Vec<TokenHash>) {
        let mut user = self.user().await;
        let codes = self.add_app(&mut user).await;
        (user, codes)
    }

    /// Gives `user` an authenticator app; the recovery codes.
    pub(super) async fn add_app(&self, user: &mut NewUser) -> Vec<TokenHash> {
        let enrolment = self.begin_app(user).await;
        let codes = self.scene.recovery_codes();
        let change = confirmation(&enrolment, &codes);
        user.user = self.change_factors(user, change).await.unwrap().user;
        codes
    }

    /// Begins to set up an authenticator app.
    pub(super) async fn begin_app(&self, user: &NewUser) -> TotpEnrolment {
        self.begin_app_in(user, self.scene.totp_enrolment().session).await
    }

    /// Begins to set up an authenticator app in this session.
    pub(super) async fn begin_app_in(&self, user: &NewUser, session: SessionId) -> TotpEnrolment {
        let enrolment = TotpEnrolment { session, ..self.scene.totp_enrolment() };
        let began = write(EventName::TotpEnrolmentBegan, START);
        self.store.begin_totp_enrolment(began, user.user.id, enrolment.clone()).await.unwrap();
        enrolment
    }

    /// Gives `user` a passkey, and no recovery codes.
    pub(super) async fn add_passkey(&self, user: &mut NewUser) -> Passkey {
        let passkey = self.scene.passkey(&user.user);
        user.user = self.change_factors(user, self.addition(&passkey)).await.unwrap().user;
        passkey
    }

    /// The addition of a passkey, by a challenge of its own.
    pub(super) fn addition(&self, passkey: &Passkey) -> FactorChange {
        let challenge = self.scene.challenge();
        let passkey = passkey.clone();
        FactorChange::AddPasskey { passkey, challenge, recovery_codes: Vec::new(), most: 20 }
    }

    pub(super) async fn change_factors(
        &self,
        user: &NewUser,
        change: FactorChange,
    ) -> Result<FactorsChanged, StoreError> {
        let changed = write(EventName::TotpEnabled, START);
        self.store.change_factors(changed, user.user.id, None, change).await
    }

    /// Begins the pending state of a login at the beginning.
    pub(super) async fn begin_pending(
        &self,
        user: &NewUser,
        begin: BeginPending,
    ) -> Result<Revoked, StoreError> {
        let verified = user.password.clone().unwrap();
        self.store.begin_pending(write(EventName::LoginPending, START), &verified, begin).await
    }

    /// A pending login of `user`.
    pub(super) async fn pending_login(&self, user: &NewUser) -> PendingLogin {
        let login = self.scene.pending_login(&user.user);
        self.begin_pending(user, waiting(user, login.clone())).await.unwrap();
        login
    }

    /// Whether a pending login is alive at the beginning.
    pub(super) async fn waits(&self, login: &PendingLogin) -> bool {
        self.store.pending(&[login.hash], START).await.unwrap().is_some()
    }

    /// Claims a code at the beginning.
    pub(super) async fn claim(
        &self,
        user: &NewUser,
        pending: Option<&PendingLogin>,
    ) -> Result<CodeFacts, StoreError> {
        let claim = ClaimCode { user: user.user.id, pending: pending.map(|login| login.id) };
        self.store.claim_code(START, claim).await
    }

    /// Opens a strong session of `user` at the beginning.
    pub(super) async fn open_by(&self, user: &NewUser, proof: SessionProof) -> Result<Opened, StoreError> {
        self.open_as(self.scene.strong_session(&user.user), START, proof).await
    }

    /// Opens this session.
    pub(super) async fn open_as(
        &self,
        session: Session,
        now: Timestamp,
        proof: SessionProof,
    ) -> Result<Opened, StoreError> {
        self.store.open_session(write(EventName::LoginSucceeded, now), proof, opening(session)).await
    }

    /// The code of a step, of the app of `user`.
    pub(super) async fn code(&self, user: &NewUser, step: u64) -> FactorUse {
        let secrets = self.store.sealed_totp(None, u32::MAX).await.unwrap();
        let of_user = secrets.into_iter().find(|(owner, _)| *owner == user.user.id);
        let state = TotpState { last_step: Some(Step(step)), drift: 0 };
        FactorUse::Totp { sealed: of_user.map(|(_, sealed)| sealed).unwrap_or_default(), state }
    }

    /// The password that `user` was made with, and the code of a step.
    pub(super) async fn by_code(&self, user: &NewUser, step: u64) -> SessionProof {
        both(user, self.code(user, step).await)
    }

    /// Has `user` trust a new device until then, by the code of this step.
    pub(super) async fn trusted_device(&self, user: &NewUser, step: u64, until: Timestamp) -> DeviceId {
        let device = DeviceId::from_bytes(self.scene.bytes());
        let session = Session { device: Some(device), ..self.scene.strong_session(&user.user) };
        let proof = SessionProof { trust_until: Some(until), ..self.by_code(user, step).await };
        self.open_as(session, START, proof).await.unwrap();
        device
    }
}

/// A pending login that replaces nothing.
pub(super) fn waiting(user: &NewUser, login: PendingLogin) -> BeginPending {
    BeginPending { login, replaces: Vec::new(), supersedes: None, unless_locked: account(user) }
}

/// The confirmation of an authenticator app.
pub(super) fn confirmation(enrolment: &TotpEnrolment, codes: &[TokenHash]) -> FactorChange {
    let state = TotpState { last_step: Some(Step(CONFIRMED_AT)), drift: 0 };
    let TotpEnrolment { session, sealed, .. } = enrolment.clone();
    FactorChange::ConfirmTotp { session, sealed, state, recovery_codes: codes.to_vec() }
}

/// The user with another password.
pub(super) fn with_password(user: &NewUser, password: PasswordHash) -> NewUser {
    NewUser { user: user.user.clone(), password: Some(password) }
}

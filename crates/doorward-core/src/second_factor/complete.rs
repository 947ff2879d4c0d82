//! The second step of a login: a pending login and a factor become a session.

use super::{
    code::{CodeFailure, CodeVerdict, FactorMethod, PresentedCode},
    pending::PendingFound,
    remembered::{FactorUse, SecondProof},
};
use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    guard::Subject,
    refusal::Refusal,
    session::{AuthMethod, Authentication, Transport},
    sign_in::{Origin, SignedIn},
    store::{OpenSession, SessionProof, StoreError},
    time::Timestamp,
};

impl FactorUse {
    /// What it is.
    #[must_use]
    pub const fn method(&self) -> FactorMethod {
        match self {
            Self::Totp { .. } => FactorMethod::Totp,
            Self::RecoveryCode(_) => FactorMethod::RecoveryCode,
            Self::Passkey { .. } => FactorMethod::Passkey,
        }
    }

    /// What it adds to how somebody has authenticated before (RFC 8176, NIST SP 800-63B-4).
    #[must_use]
    pub fn added_to(&self, before: &[AuthMethod], now: Timestamp) -> Authentication {
        let by = match self {
            Self::Totp { .. } | Self::RecoveryCode(_) => AuthMethod::OneTimeCode,
            Self::Passkey { synced: true, .. } => AuthMethod::SoftwareKey,
            Self::Passkey { synced: false, .. } => AuthMethod::HardwareKey,
        };
        let mut amr = before.to_vec();
        for method in [by, AuthMethod::MultipleFactors] {
            if !amr.contains(&method) {
                amr.push(method);
            }
        }
        Authentication { aal: 2, amr, auth_time: now }
    }
}

impl Authority {
    /// Completes a login by a code.
    ///
    /// # Errors
    /// - [`Refusal::MfaCodeInvalid`]: wrong, or used before. [`Authority::pending_login`] tells whether more may be tried.
    /// - [`Refusal::FactorLocked`]: only a recovery code or an administrator helps.
    /// - [`Refusal::NotAuthenticated`]: the pending login is over.
    /// - [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`]: as a login.
    /// - [`Refusal::SessionLimitReached`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn complete_login(
        &self,
        pending: &PendingFound,
        code: PresentedCode<'_>,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let now = self.time.now()?;
        self.admit_factor(&pending.user, origin, EventName::FactorRefused, now).await?;
        match self.examine_code(pending.user.id, Some(pending.login.id), code).await? {
            CodeVerdict::Right(shown) => self.complete_with(pending, shown, origin).await,
            CodeVerdict::Wrong(failure) => {
                let event = factor_refused(pending, code.method(), origin, now);
                Err(self.refuse_factor(failure, event, origin).await?)
            }
        }
    }

    /// Completes a login by a factor that was found right.
    pub(crate) async fn complete_with(
        &self,
        pending: &PendingFound,
        shown: FactorUse,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let now = self.time.now()?;
        let user = &pending.user;
        let method = shown.method();
        let authentication = shown.added_to(&[AuthMethod::Password], now);
        let mut open = self.new_session(user.id, origin, authentication, now)?;
        open.forgives = Some(match origin.device.filter(|device| device.is_known_to(user)) {
            Some(device) => Subject::device(device),
            None => Subject::account(user.id),
        });
        let trust = self.settings().second_factors.trust_device;
        let trusts = pending.login.trust_device && origin.transport == Transport::Cookie;
        let proof = SessionProof {
            password: Some(pending.verified.clone()),
            second: SecondProof::Given(shown),
            pending: Some(pending.login.id),
            steps_up: None,
            attempt: None,
            trust_until: trust.filter(|_| trusts).map(|days| now.plus(days)),
        };
        let audit = AuditEvent::new(EventName::LoginSucceeded, now, Actor::User(user.id), &origin.client)
            .about_user(user.id)
            .about_session(open.session.id)
            .with("transport", origin.transport.as_str())
            .with("factor", method.as_str());
        let opened = match self.open_completed(&audit, proof.clone(), open.clone(), now).await {
            // Somebody guesses passwords meanwhile. Who has shown the right one, and a factor, is not kept out by that;
            // the lock stays.
            Err(StoreError::Locked { .. }) => {
                let open = OpenSession { forgives: None, ..open };
                self.open_completed(&audit, proof, open, now).await
            }
            opened => opened,
        };
        match opened {
            Ok(signed_in) => signed_in,
            Err(StoreError::AlreadySpent) => {
                let event = factor_refused(pending, method, origin, now);
                Err(self.refuse_factor(CodeFailure::of(Refusal::MfaCodeInvalid), event, origin).await?)
            }
            Err(StoreError::NotFound | StoreError::Stale) => Err(Refusal::NotAuthenticated),
            Err(error) => {
                let refusal = Refusal::from(error);
                if refusal == Refusal::SessionLimitReached {
                    let event = factor_refused(pending, method, origin, now);
                    self.record_refused(event.because(refusal.code())).await?;
                }
                Err(refusal)
            }
        }
    }

    async fn open_completed(
        &self,
        audit: &AuditEvent,
        proof: SessionProof,
        open: OpenSession,
        now: Timestamp,
    ) -> Result<Result<SignedIn, Refusal>, StoreError> {
        let opened = self.store.open_session(self.write(now, audit.clone()), proof, open).await?;
        self.turned_away.changed();
        self.applied(now, &opened.revocations);
        Ok(self.signed_in(opened.opened, now))
    }
}

pub(crate) fn factor_refused(
    pending: &PendingFound,
    method: FactorMethod,
    origin: &Origin,
    now: Timestamp,
) -> AuditEvent {
    AuditEvent::new(EventName::FactorRefused, now, Actor::Anonymous, &origin.client)
        .about_user(pending.user.id)
        .with("factor", method.as_str())
}

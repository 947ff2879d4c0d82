//! What follows a right password: the session, or the wait for the second factor.

use std::time::Duration;

use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    password::PasswordVerdict,
    refusal::Refusal,
    second_factor::{
        BeginPending, FactorMethod, PendingId, PendingIssued, PendingLogin, PresentedCode, SecondProof,
        code::{CodeFailure, CodeVerdict},
        pending::{CODES_PER_LOGIN, PENDING_TTL, PendingToken},
    },
    session::{AuthMethod, Authentication, Transport},
    sign_in::{Origin, SignedIn},
    store::{SessionProof, StoreError, UserCredentials},
    time::Timestamp,
    user::User,
};

use super::{
    LoginStep, PresentedProofs,
    admission::{Examined, login_refused},
};

impl Authority {
    pub(super) async fn open_after_login(
        &self,
        known: &UserCredentials,
        login: &Examined,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<SignedIn, LoginStep> {
        let Some(verified) = &known.password else { return Err(Refusal::InvalidCredentials.into()) };
        let authentication = match &login.shown {
            SecondProof::None | SecondProof::TrustedDevice(_) => Authentication::by_password(now),
            SecondProof::Given(shown) => shown.added_to(&[AuthMethod::Password], now),
        };
        let mut open = self.new_session(known.user.id, origin, authentication, now).map_err(Refusal::from)?;
        // Only what is complete in all its factors.
        let complete = !matches!(login.shown, SecondProof::TrustedDevice(_));
        open.forgives = complete.then_some(login.attempt.subject);
        let actor = Actor::User(known.user.id);
        let mut audit = AuditEvent::new(EventName::LoginSucceeded, now, actor, &origin.client)
            .about_user(known.user.id)
            .about_session(open.session.id)
            .with("transport", origin.transport.as_str());
        match &login.shown {
            SecondProof::None => {}
            SecondProof::TrustedDevice(_) => audit = audit.with("factor", "trusted_device"),
            SecondProof::Given(shown) => audit = audit.with("factor", shown.method().as_str()),
        }
        // What remains of a lock is counted from now, and not from when the attempt came in: it may have waited for its hash.
        let examined_at = self.now()?;
        let too_late = Refusal::AccountLocked { retry_after: Duration::ZERO };
        let refused = login_refused(Some(known.user.id), &too_late, origin, examined_at);
        let proof = SessionProof {
            second: login.shown.clone(),
            attempt: Some(Box::new(self.unless_locked(&login.attempt, refused))),
            ..SessionProof::password(verified.clone())
        };
        let opened = self.store.open_session(self.write(now, audit), proof, open).await;
        self.turned_away.changed();
        match opened {
            Ok(opened) => {
                self.applied(now, &opened.revocations);
                if let Some(presented) = origin.pending {
                    self.end_pending_login(presented).await?;
                }
                Ok(self.signed_in(opened.opened, now)?)
            }
            Err(StoreError::Stale | StoreError::NotFound) => Err(LoginStep::Again),
            Err(StoreError::AlreadySpent) => {
                let event = login_refused(Some(known.user.id), &Refusal::MfaCodeInvalid, origin, now);
                let failure = CodeFailure::of(Refusal::MfaCodeInvalid);
                Err(self.refuse_factor(failure, event, origin).await?.into())
            }
            // The right password, too late: whoever guesses many at once must not learn which one it was.
            Err(StoreError::Locked { until }) => {
                Err(Refusal::AccountLocked { retry_after: until.since(self.now()?) }.into())
            }
            Err(error) => {
                let refusal = Refusal::from(error);
                if refusal == Refusal::SessionLimitReached {
                    let event = login_refused(Some(known.user.id), &refusal, origin, self.now()?);
                    self.record_refused(event).await?;
                }
                Err(refusal.into())
            }
        }
    }

    /// The second factor: not asked for on a trusted device; examined if it came along; due otherwise, where a login can
    /// wait for it.
    pub(super) async fn examine_second(
        &self,
        user: &User,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
    ) -> Result<SecondProof, Refusal> {
        let now = self.time.now()?;
        let device = origin.device.filter(|device| device.is_known_to(user)).map(|device| device.id);
        if let (Some(device), Some(_)) = (device, self.settings().second_factors.trust_device)
            && self.store.is_trusted(user.id, device, now).await?
        {
            return Ok(SecondProof::TrustedDevice(device));
        }
        let refused = || login_refused(Some(user.id), &Refusal::MfaCodeInvalid, origin, now);
        match (proofs.code, origin.transport) {
            (None, Transport::Cookie) => Ok(SecondProof::None),
            (None, Transport::Bearer) => {
                self.record_refused(refused()).await?;
                Err(Refusal::MfaCodeInvalid)
            }
            (Some(typed), _) => {
                match self.examine_code(user.id, None, PresentedCode::of_either_kind(typed)).await? {
                    CodeVerdict::Right(shown) => Ok(SecondProof::Given(shown)),
                    CodeVerdict::Wrong(failure) => {
                        Err(self.refuse_factor(failure, refused(), origin).await?)
                    }
                }
            }
        }
    }

    /// Begins the state in which a login waits for its second factor.
    pub(super) async fn wait_for_factor(
        &self,
        known: &UserCredentials,
        login: &Examined,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
    ) -> Result<PendingIssued, LoginStep> {
        let now = self.now()?;
        let Some(verified) = &known.password else { return Err(Refusal::InvalidCredentials.into()) };
        let user = &known.user;
        let entropy = self.entropy.as_ref();
        let PendingToken { token, hash } = self.keys.new_pending_token(entropy).map_err(Refusal::from)?;
        let id = PendingId::generate(entropy).map_err(Refusal::from)?;
        let csrf_token = self.keys.issue_csrf_token(entropy, id).map_err(Refusal::from)?;
        let waiting = PendingLogin {
            id,
            hash,
            user_id: user.id,
            expires_at: now.plus(PENDING_TTL),
            tries_left: CODES_PER_LOGIN,
            trust_device: proofs.trust_device,
        };
        let begin = BeginPending {
            login: waiting,
            replaces: origin.replaces.clone(),
            supersedes: origin.pending,
            unless_locked: login.attempt.subject,
        };
        let audit = AuditEvent::new(EventName::LoginPending, now, Actor::User(user.id), &origin.client)
            .about_user(user.id);
        match self.store.begin_pending(self.write(now, audit), verified, begin).await {
            Ok(ended) => {
                self.applied(now, &ended.revocations);
                if login.progress.password == Some(PasswordVerdict::RightButOutdated) {
                    self.upgrade_hash(known, proofs).await;
                }
                let methods = FactorMethod::of(user.factors);
                Ok(PendingIssued { token, csrf_token, methods, lifetime: PENDING_TTL })
            }
            Err(StoreError::Stale | StoreError::NotFound) => Err(LoginStep::Again),
            Err(StoreError::Locked { until }) => {
                let refusal = Refusal::AccountLocked { retry_after: until.since(now) };
                Err(self.refuse_login(login, refusal, origin).await?.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

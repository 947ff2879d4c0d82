//! Step-up: somebody signed in proves anew, or more strongly, who they are. A new session takes the place of the one it
//! came from, so that whoever copied that one's cookies gains nothing.

use super::{
    code::{CodeVerdict, PresentedCode},
    remembered::{FactorUse, SecondProof},
};
use crate::{
    access_token::Principal,
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    guard::Attempt,
    password::PasswordHash,
    refusal::Refusal,
    session::{Authentication, SessionOfUser},
    sign_in::{Origin, SignedIn},
    store::{SessionProof, StoreError, UserCredentials},
};

/// What somebody shows.
#[derive(Clone, Copy)]
pub enum StepUpProof<'a> {
    /// The password: enough for those who have no second factor.
    Password(&'a str),
    /// A code.
    Code(PresentedCode<'a>),
}

/// A step-up under way.
pub(crate) struct SteppingUp {
    pub(crate) before: SessionOfUser,
    attempt: Attempt,
    refused: AuditEvent,
}

impl Authority {
    /// Exchanges a session for one with a fresh, or stronger, authentication. When it has answered, the old one's tokens
    /// are good for nothing.
    ///
    /// # Errors
    /// - [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`], [`Refusal::AccountLocked`]: too many attempts in this
    ///   session.
    /// - [`Refusal::InvalidCredentials`]: the password is wrong.
    /// - [`Refusal::MfaCodeInvalid`], [`Refusal::FactorLocked`]: as for a login.
    /// - [`Refusal::StepUpRequired`]: a password, of somebody who has a second factor.
    /// - [`Refusal::SessionRevoked`]: the session ended meanwhile.
    /// - [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn step_up(
        &self,
        principal: &Principal,
        proof: StepUpProof<'_>,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let stepping = self.begin_step_up(principal, origin).await?;
        let user = principal.user_id;
        match proof {
            StepUpProof::Password(typed) => {
                let known = self.store.credentials(user).await?.ok_or(Refusal::SessionRevoked)?;
                if known.user.factors.any() {
                    return Err(self.step_up_refused(&stepping, Refusal::StepUpRequired).await);
                }
                let UserCredentials { password, .. } = known;
                self.confirm_password(typed, password.as_ref(), &stepping.attempt, stepping.refused.clone())
                    .await?;
                self.open_stepped_up(&stepping, password, SecondProof::None, origin).await
            }
            StepUpProof::Code(code) => match self.examine_code(user, None, code).await? {
                CodeVerdict::Right(shown) => self.step_up_with(&stepping, shown, origin).await,
                CodeVerdict::Wrong(failure) => {
                    let event = stepping.refused.clone().with("factor", code.method().as_str());
                    let refusal = self.refuse_factor_in_session(&stepping.attempt, failure, event).await?;
                    Err(refusal)
                }
            },
        }
    }

    /// Judges who wants to step up: by their session, as a password change does.
    pub(crate) async fn begin_step_up(
        &self,
        principal: &Principal,
        origin: &Origin,
    ) -> Result<SteppingUp, Refusal> {
        let now = self.time.now()?;
        let refused =
            AuditEvent::new(EventName::StepUpRefused, now, Actor::User(principal.user_id), &origin.client)
                .about_user(principal.user_id)
                .about_session(principal.session_id);
        let attempt = self.admit_in_session(principal, &refused, origin).await?;
        let before = self.store.session(principal.session_id).await?.ok_or(Refusal::SessionRevoked)?;
        Ok(SteppingUp { before, attempt, refused })
    }

    /// Opens the session by a factor that was found right.
    pub(crate) async fn step_up_with(
        &self,
        stepping: &SteppingUp,
        shown: FactorUse,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        self.open_stepped_up(stepping, None, SecondProof::Given(shown), origin).await
    }

    /// Counts a factor that is no code and was not right.
    pub(crate) async fn step_up_failed(&self, stepping: &SteppingUp, refusal: Refusal) -> Refusal {
        let event = stepping.refused.clone().because(refusal.code());
        match self.count_failure(&stepping.attempt, true, refusal, event).await {
            Ok(refusal) | Err(refusal) => refusal,
        }
    }

    async fn open_stepped_up(
        &self,
        stepping: &SteppingUp,
        password: Option<PasswordHash>,
        second: SecondProof,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let now = self.time.now()?;
        let SessionOfUser { session: before, user } = &stepping.before;
        // Others may have tried at the same time.
        if let Err(locked) = self.check_not_locked_by_now(stepping.attempt.subject).await? {
            return Err(self.step_up_refused(stepping, locked).await);
        }
        let amr = &before.authentication.amr;
        let (authentication, by) = match &second {
            SecondProof::Given(shown) => (shown.added_to(amr, now), shown.method().as_str()),
            SecondProof::None | SecondProof::TrustedDevice(_) => {
                (Authentication::by_password(now), "password")
            }
        };
        let mut open = self.new_session(user.id, origin, authentication, now)?;
        // Not everything was shown that a login takes: it lives no longer for it.
        open.session.expires_at = open.session.expires_at.min(before.expires_at);
        open.session.idle_expires_at = open.session.idle_expires_at.min(open.session.expires_at);
        open.session.transport = before.transport;
        open.replaces.retain(|replaced| *replaced != before.id);
        open.forgives = Some(stepping.attempt.subject);
        let audit = AuditEvent::new(EventName::SteppedUp, now, Actor::User(user.id), &origin.client)
            .about_user(user.id)
            .about_session(open.session.id)
            .with("factor", by);
        let proof = SessionProof { password, second, steps_up: Some(before.id), ..SessionProof::default() };
        match self.store.open_session(self.write(now, audit), proof, open).await {
            Ok(opened) => {
                self.applied(now, &opened.revocations);
                self.signed_in(opened.opened, now)
            }
            Err(StoreError::AlreadySpent) => {
                Err(self.step_up_failed(stepping, Refusal::MfaCodeInvalid).await)
            }
            Err(StoreError::NotFound) => Err(Refusal::SessionRevoked),
            // The password or the factors are others by now.
            Err(StoreError::Stale) => Err(Refusal::SessionExpired),
            Err(StoreError::Locked { until }) => {
                let refusal = Refusal::AccountLocked { retry_after: until.since(now) };
                Err(self.step_up_refused(stepping, refusal).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Records a refusal that counts for nothing; the refusal to answer with.
    async fn step_up_refused(&self, stepping: &SteppingUp, refusal: Refusal) -> Refusal {
        let event = stepping.refused.clone().because(refusal.code());
        match self.record_refused(event).await {
            Ok(()) => refusal,
            Err(unrecorded) => unrecorded,
        }
    }
}

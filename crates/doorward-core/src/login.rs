//! Login: a sequence of proofs. Which proof comes next, and whether the ones given suffice, is one pure decision;
//! the use case asks it again after every proof. A further factor is a further [`Proof`], not another login.

use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    password::{PasswordHash, PasswordVerdict, PlainPassword},
    refusal::Refusal,
    sign_in::{Origin, SignedIn},
    store::{StoreError, UserCredentials},
    time::Timestamp,
    user::{NormalisedName, User},
};

/// A way of proving who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password of the account.
    Password,
}

/// The proofs that came with a login.
#[derive(Clone, Copy, Default)]
pub struct PresentedProofs<'a> {
    /// The password, as typed.
    pub password: Option<&'a str>,
}

/// What a login came to.
#[derive(Debug)]
pub enum LoginOutcome {
    /// The proofs suffice: a session is open.
    Authenticated(Box<SignedIn>),
    /// The proofs given were good; this one is still missing.
    MoreProofNeeded(Proof),
}

/// What is known of a login after the proofs examined so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What became of the password; none when it was not examined yet.
    pub password: Option<PasswordVerdict>,
}

/// What a login needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Examine this proof.
    Examine(Proof),
    /// Refuse.
    Refuse(Refusal),
    /// Open the session.
    Open,
}

/// Decides how a login goes on. An unknown user goes the same way as a known one with a wrong password.
#[must_use]
pub fn decide(user: Option<&User>, progress: Progress) -> Next {
    match (progress.password, user) {
        (None, _) => Next::Examine(Proof::Password),
        (Some(PasswordVerdict::Wrong), _) | (Some(_), None) => Next::Refuse(Refusal::InvalidCredentials),
        // Only somebody who knows the password is told that the account is disabled (M-D05).
        (Some(_), Some(user)) if user.disabled => Next::Refuse(Refusal::AccountDisabled),
        (Some(PasswordVerdict::Right | PasswordVerdict::RightButOutdated), Some(_)) => Next::Open,
    }
}

/// How often a login is decided again when its user changed meanwhile.
const MAX_DECISIONS: u32 = 3;

impl Authority {
    /// Logs somebody in.
    ///
    /// Takes the same work for known and unknown names: one look-up, one hash, one event.
    ///
    /// # Errors
    /// - [`Refusal::RateLimited`]: too many attempts from this address.
    /// - [`Refusal::InvalidCredentials`]
    /// - [`Refusal::AccountDisabled`]: only with the right password.
    /// - [`Refusal::SessionLimitReached`]: where the policy is to refuse.
    /// - [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn login(
        &self,
        username: &str,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
    ) -> Result<LoginOutcome, Refusal> {
        let now = self.time.now()?;
        self.login_limiter.admit(origin.client.address, now, self.settings().login_rate)?;
        for _ in 0..MAX_DECISIONS {
            match self.try_login(username, proofs, origin, now).await {
                Err(LoginStep::Again) => {}
                Err(LoginStep::Refused(refusal)) => return Err(refusal),
                Ok(outcome) => return Ok(outcome),
            }
        }
        Err(Refusal::StoreUnavailable)
    }

    async fn try_login(
        &self,
        username: &str,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<LoginOutcome, LoginStep> {
        let known = self.store.credentials_by_name(&NormalisedName::of(username)).await?;
        let user = known.as_ref().map(|known| &known.user);
        let mut progress = Progress { password: None };
        loop {
            match decide(user, progress) {
                Next::Examine(Proof::Password) => {
                    let Some(typed) = proofs.password else {
                        return Ok(LoginOutcome::MoreProofNeeded(Proof::Password));
                    };
                    let stored = known.as_ref().and_then(|known| known.password.as_ref());
                    progress.password = Some(self.examine_password(typed, stored).await?);
                }
                Next::Refuse(refusal) => {
                    // The name that was typed is not recorded: people type passwords into the wrong field.
                    let event =
                        AuditEvent::new(EventName::LoginRefused, now, Actor::Anonymous, &origin.client)
                            .because(refusal.code());
                    let event = user.map(|user| user.id).into_iter().fold(event, AuditEvent::about_user);
                    self.record(event).await?;
                    return Err(refusal.into());
                }
                Next::Open => {
                    let Some(known) = &known else { return Err(Refusal::InvalidCredentials.into()) };
                    let signed_in = self.open_after_login(known, origin, now).await?;
                    if progress.password == Some(PasswordVerdict::RightButOutdated) {
                        self.upgrade_hash(known, proofs).await;
                    }
                    return Ok(LoginOutcome::Authenticated(Box::new(signed_in)));
                }
            }
        }
    }

    /// Compares a typed password with a stored hash, at the same cost when there is none.
    pub(crate) async fn examine_password(
        &self,
        typed: &str,
        stored: Option<&PasswordHash>,
    ) -> Result<PasswordVerdict, Refusal> {
        match PlainPassword::presented(typed) {
            Some(password) => self.hashing.verify(password, stored, self.settings().hashing_cost).await,
            // No account can have it, whoever's it is: nothing is given away by not hashing it.
            None => Ok(PasswordVerdict::Wrong),
        }
    }

    async fn open_after_login(
        &self,
        known: &UserCredentials,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<SignedIn, LoginStep> {
        let Some(verified) = &known.password else { return Err(Refusal::InvalidCredentials.into()) };
        let open = self.new_session(known.user.id, origin, now).map_err(Refusal::from)?;
        let actor = Actor::User(known.user.id);
        let audit = AuditEvent::new(EventName::LoginSucceeded, now, actor, &origin.client)
            .about_user(known.user.id)
            .about_session(open.session.id)
            .with("transport", origin.transport.as_str());
        match self.store.open_session(self.write(now, audit), verified, open).await {
            Ok(opened) => {
                self.applied(now, &opened.revocations);
                Ok(self.signed_in(opened.opened, now)?)
            }
            Err(StoreError::Stale | StoreError::NotFound) => Err(LoginStep::Again),
            Err(error) => {
                let refusal = Refusal::from(error);
                if refusal == Refusal::SessionLimitReached {
                    let event = AuditEvent::new(EventName::LoginRefused, now, actor, &origin.client)
                        .about_user(known.user.id)
                        .because(refusal.code());
                    self.record(event).await?;
                }
                Err(refusal.into())
            }
        }
    }

    /// Makes the stored hash anew at the current cost. A failure is of no consequence: the next login tries again.
    async fn upgrade_hash(&self, known: &UserCredentials, proofs: PresentedProofs<'_>) {
        let (Some(expected), Some(password)) =
            (&known.password, proofs.password.and_then(PlainPassword::presented))
        else {
            return;
        };
        if let Ok(new) = self.hashing.hash(password, self.settings().hashing_cost).await {
            drop(self.store.upgrade_password_hash(known.user.id, expected, &new).await);
        }
    }
}

enum LoginStep {
    /// The user changed meanwhile: decide again on fresh facts.
    Again,
    Refused(Refusal),
}

impl From<Refusal> for LoginStep {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for LoginStep {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

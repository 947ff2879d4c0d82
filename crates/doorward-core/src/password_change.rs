//! Password change: re-authenticates, revokes every older session and token of the user, opens a new session.

use crate::{
    access_token::Principal,
    audit::{Actor, AuditEvent, EventName},
    authority::{Authority, Caller},
    guard::{Attempt, Subject},
    ids::UserId,
    password::{InvalidPassword, Lane, PasswordHash, PasswordOwner, PasswordVerdict, PlainPassword},
    rate_limit::Source,
    refusal::{FieldError, Refusal},
    session::Authentication,
    sign_in::{Origin, SignedIn},
    store::{ChangePassword, StoreError},
};

/// How often a change is decided again when the stored hash was made anew meanwhile.
const MAX_DECISIONS: u32 = 3;

impl Authority {
    /// Changes the password of whoever is logged in. When it has answered, no older session, refresh token or
    /// access token of the user is good for anything.
    ///
    /// # Errors
    /// - [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`], [`Refusal::AccountLocked`]: too many attempts in this
    ///   session.
    /// - [`Refusal::StepUpRequired`]: the user has a second factor, and has not shown it lately.
    /// - [`Refusal::InvalidCredentials`]: the current password is wrong.
    /// - [`Refusal::Invalid`]: the new one breaks the policy, or is the current one.
    /// - [`Refusal::NotAuthenticated`]: the account was removed or disabled meanwhile.
    /// - [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn change_password(
        &self,
        principal: &Principal,
        current: &str,
        new: &str,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let now = self.time.now()?;
        let settings = self.settings();
        let actor = Actor::User(principal.user_id);
        let event = |name| AuditEvent::new(name, now, actor, &origin.client).about_user(principal.user_id);
        let refused = event(EventName::PasswordChangeRefused).about_session(principal.session_id);
        let attempt = self.admit_in_session(principal, &refused, origin).await?;
        let session = attempt.subject;
        let before = self.store.session(principal.session_id).await?.ok_or(Refusal::NotAuthenticated)?;
        if before.user.factors.any() {
            // The password is one factor, and shown again here; the other one has to have been shown lately.
            if let Err(refusal) = principal.check_fresh(now) {
                self.record_refused(refused.because(refusal.code())).await?;
                return Err(refusal);
            }
        }
        let owner = PasswordOwner::from(&before.user);
        let chosen = self.choose_password(new, "new_password", owner).await?;
        let needs_second_factor = chosen.needs_second_factor(&settings.password);
        let mut hashed = None;
        for _ in 0..MAX_DECISIONS {
            let known = self.store.credentials(principal.user_id).await?.ok_or(Refusal::NotAuthenticated)?;
            if known.user.disabled {
                return Err(Refusal::NotAuthenticated);
            }
            self.confirm_password(current, known.password.as_ref(), &attempt, refused.clone()).await?;
            if PlainPassword::presented(current).is_some_and(|current| current.is_same_as(&chosen)) {
                return Err(FieldError::new("new_password", InvalidPassword::Unchanged).into());
            }
            let new = match &hashed {
                Some(hash) => Clone::clone(hash),
                None => {
                    let hash = self.hashing.hash(chosen.clone(), settings.hashing_cost).await?;
                    hashed.insert(hash).clone()
                }
            };
            let authentication = if before.user.factors.any() {
                before.session.authentication.clone()
            } else {
                Authentication::by_password(now)
            };
            let mut open = self.new_session(principal.user_id, origin, authentication, now)?;
            open.forgives = Some(session);
            let audit = event(EventName::PasswordChanged).about_session(open.session.id);
            let change = ChangePassword {
                user: principal.user_id,
                expected: known.password,
                new,
                must_change_password: false,
                needs_second_factor,
                open: Some(open),
            };
            match self.store.change_password(self.write(now, audit), change).await {
                Ok(changed) => {
                    self.applied(now, &changed.revocations);
                    return self.signed_in(changed.opened.ok_or(Refusal::StoreUnavailable)?, now);
                }
                Err(StoreError::Stale | StoreError::NotFound) => {}
                Err(StoreError::Locked { until }) => {
                    let refusal = Refusal::AccountLocked { retry_after: until.since(self.time.now()?) };
                    self.record_refused(refused.because(refusal.code())).await?;
                    return Err(refusal);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::StoreUnavailable)
    }

    /// Lets somebody signed in try to show again who they are, if neither the rate limit nor the guard stands against
    /// their session. `refused` is the event of a refusal.
    pub(crate) async fn admit_in_session(
        &self,
        principal: &Principal,
        refused: &AuditEvent,
        origin: &Origin,
    ) -> Result<Attempt, Refusal> {
        let session = Subject::session(principal.session_id, principal.user_id);
        let attempt = self.judge_session(session, origin.client.address).await?;
        let source = Some(Source::Session(principal.session_id));
        let rate = self.settings().login_rate;
        let admitted = self.limiter.admit(source, refused.at, rate).and_then(|()| attempt.standing.check());
        if let Err(refusal) = admitted {
            self.record_refused(refused.clone().because(refusal.code())).await?;
            return Err(refusal);
        }
        Ok(attempt)
    }

    /// Examines the password that somebody has to show again in a session, and counts it if it is wrong. `refused` is
    /// the event of a refusal.
    pub(crate) async fn confirm_password(
        &self,
        typed: &str,
        stored: Option<&PasswordHash>,
        attempt: &Attempt,
        refused: AuditEvent,
    ) -> Result<(), Refusal> {
        // Sessions can be had by the hundred as well: asked for the unchanged password, each costs a hash and counts as
        // no failure.
        let lane = attempt.subject.owner.map_or(Lane::Known, |user| self.lane_of(user, refused.at));
        let verdict = self.examine_password(typed, stored, lane).await?;
        // Now, and not when the attempt came in: it may have waited for its hash.
        let now = self.time.now()?;
        let refused = AuditEvent { at: now, ..refused };
        if verdict == PasswordVerdict::Wrong {
            let refusal = Refusal::InvalidCredentials;
            let refused = refused.because(refusal.code());
            return Err(self.count_failure(attempt, true, refusal, refused).await?);
        }
        match self.check_not_locked_by_now(attempt.subject).await? {
            Ok(()) => Ok(()),
            Err(locked) => {
                let refused = refused.because(locked.code());
                Err(self.count_failure(attempt, false, locked, refused).await?)
            }
        }
    }

    /// Sets somebody's password without asking for the old one, revokes all their sessions, and makes them change
    /// it at the next login where `must_change_password`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`], [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`],
    /// [`Refusal::ClockBehind`]
    pub async fn set_password(
        &self,
        caller: &Caller,
        user: UserId,
        new: &str,
        must_change_password: bool,
    ) -> Result<(), Refusal> {
        let now = self.time.now()?;
        let settings = self.settings();
        let owner = self.user(user).await?;
        let chosen = self.choose_password(new, "password", (&owner).into()).await?;
        let needs_second_factor = chosen.needs_second_factor(&settings.password);
        let new = self.hashing.hash(chosen, settings.hashing_cost).await?;
        let audit = caller.event(EventName::PasswordSet, now).about_user(user);
        let change = ChangePassword {
            user,
            expected: None,
            new,
            must_change_password,
            needs_second_factor,
            open: None,
        };
        let changed = self.store.change_password(self.write(now, audit), change).await?;
        self.applied(now, &changed.revocations);
        Ok(())
    }
}

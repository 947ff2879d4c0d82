//! Password change: re-authenticates, revokes every older session and token of the user, opens a new session.

use crate::{
    access_token::Principal,
    audit::{Actor, AuditEvent, EventName},
    authority::{Authority, Caller},
    ids::UserId,
    password::{PasswordVerdict, PlainPassword},
    refusal::Refusal,
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
    /// - [`Refusal::RateLimited`]: too many attempts from this address.
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
        self.login_limiter.admit(origin.client.address, now, settings.login_rate)?;
        let actor = Actor::User(principal.user_id);
        let event = |name| AuditEvent::new(name, now, actor, &origin.client).about_user(principal.user_id);
        let chosen = PlainPassword::chosen(new, "new_password", &settings.password)?;
        let mut hashed = None;
        for _ in 0..MAX_DECISIONS {
            let known = self.store.credentials(principal.user_id).await?.ok_or(Refusal::NotAuthenticated)?;
            if known.user.disabled {
                return Err(Refusal::NotAuthenticated);
            }
            let verdict = self.examine_password(current, known.password.as_ref()).await?;
            if verdict == PasswordVerdict::Wrong {
                let refusal = Refusal::InvalidCredentials;
                let event = event(EventName::PasswordChangeRefused).about_session(principal.session_id);
                self.record(event.because(refusal.code())).await?;
                return Err(refusal);
            }
            if PlainPassword::presented(current).is_some_and(|current| current.is_same_as(&chosen)) {
                return Err(Refusal::invalid(
                    "new_password",
                    "unchanged",
                    "choose another password than the current one",
                ));
            }
            let new = match &hashed {
                Some(hash) => Clone::clone(hash),
                None => {
                    let hash = self.hashing.hash(chosen.clone(), settings.hashing_cost).await?;
                    hashed.insert(hash).clone()
                }
            };
            let open = self.new_session(principal.user_id, origin, now)?;
            let audit = event(EventName::PasswordChanged).about_session(open.session.id);
            let change = ChangePassword {
                user: principal.user_id,
                expected: known.password,
                new,
                must_change_password: false,
                open: Some(open),
            };
            match self.store.change_password(self.write(now, audit), change).await {
                Ok(changed) => {
                    self.applied(now, &changed.revocations);
                    return self.signed_in(changed.opened.ok_or(Refusal::StoreUnavailable)?, now);
                }
                Err(StoreError::Stale | StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::StoreUnavailable)
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
        let chosen = PlainPassword::chosen(new, "password", &settings.password)?;
        let new = self.hashing.hash(chosen, settings.hashing_cost).await?;
        let audit = caller.event(EventName::PasswordSet, now).about_user(user);
        let change = ChangePassword { user, expected: None, new, must_change_password, open: None };
        let changed = self.store.change_password(self.write(now, audit), change).await?;
        self.applied(now, &changed.revocations);
        Ok(())
    }
}

//! Signing in by passkey: after the password, instead of it, or once more in a session.

use super::{
    AuthenticationCeremony, AuthenticationResponse, Challenge, LiveChallenge, PasskeyError, RequestOptions,
};
use crate::{
    access_token::Principal,
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    refusal::Refusal,
    second_factor::{FactorUse, PendingFound, SecondProof, factor_refused},
    session::{AuthMethod, Authentication},
    sign_in::{Origin, SignedIn},
    store::{SessionProof, StoreError, UserCredentials},
    user::NormalisedName,
};

/// What a passkey was found to show.
struct Shown {
    known: UserCredentials,
    factor: FactorUse,
    synced: bool,
}

/// Why a passkey shows nothing.
struct Failed {
    why: PasskeyError,
    /// Whose it is, if it is known.
    known: Option<UserCredentials>,
}

impl Authority {
    /// What a browser is asked, so that a passkey completes a pending login, or signs in by itself where there is none.
    ///
    /// # Errors
    /// - [`Refusal::NotFound`]: there are no passkeys here, because the public URL names no domain.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn passkey_login_options(
        &self,
        pending: Option<&PendingFound>,
    ) -> Result<RequestOptions, Refusal> {
        match pending {
            None => self.passkey_options(AuthenticationCeremony::Passwordless).await,
            Some(pending) => self.passkey_options(second_factor(pending)).await,
        }
    }

    /// What a browser is asked, so that a passkey steps a session up.
    ///
    /// # Errors
    /// As [`Authority::passkey_login_options`].
    pub async fn passkey_step_up_options(&self, principal: &Principal) -> Result<RequestOptions, Refusal> {
        self.passkey_options(step_up(principal)).await
    }

    async fn passkey_options(&self, ceremony: AuthenticationCeremony) -> Result<RequestOptions, Refusal> {
        let now = self.time.now()?;
        let relying_party = self.relying_party()?;
        let allowed = match ceremony.user() {
            Some(user) => self.store.passkeys(user).await?,
            None => Vec::new(),
        };
        let challenge = Challenge::issue(ceremony, &self.keys, self.entropy.as_ref(), now)?;
        Ok(relying_party.start_authentication(&challenge, &allowed))
    }

    /// Completes a pending login by a passkey.
    ///
    /// # Errors
    /// As [`Authority::complete_login`]; a passkey is never locked.
    pub async fn complete_login_by_passkey(
        &self,
        pending: &PendingFound,
        response: &AuthenticationResponse,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let now = self.time.now()?;
        self.admit_factor(&pending.user, origin, EventName::FactorRefused, now).await?;
        match self.examine_passkey(response, second_factor(pending)).await? {
            Ok(shown) => self.complete_with(pending, shown.factor, origin).await,
            Err(failed) => {
                let event = factor_refused(pending, crate::second_factor::FactorMethod::Passkey, origin, now);
                self.refuse_passkey(&failed, Refusal::MfaCodeInvalid, event, origin).await
            }
        }
    }

    /// Signs in by a passkey alone, which has verified its user.
    ///
    /// # Errors
    /// - [`Refusal::InvalidCredentials`]: no passkey of ours, or it does not verify.
    /// - [`Refusal::AccountDisabled`]
    /// - [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`]: by address.
    /// - [`Refusal::SessionLimitReached`], [`Refusal::NotFound`], [`Refusal::StoreUnavailable`],
    ///   [`Refusal::ClockBehind`]
    pub async fn login_by_passkey(
        &self,
        response: &AuthenticationResponse,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let now = self.time.now()?;
        self.relying_party()?;
        self.admit_bearer(origin, EventName::LoginRefused, now).await?;
        let refused = AuditEvent::new(EventName::LoginRefused, now, Actor::Anonymous, &origin.client)
            .with("factor", "passkey");
        let Shown { known, factor, synced } =
            match self.examine_passkey(response, AuthenticationCeremony::Passwordless).await? {
                Ok(shown) => shown,
                Err(failed) => {
                    return self.refuse_passkey(&failed, Refusal::InvalidCredentials, refused, origin).await;
                }
            };
        let user = &known.user;
        let refused = refused.about_user(user.id);
        if let Err(refusal) = self.may_sign_in(&known) {
            self.record_refused(refused.because(refusal.code())).await?;
            return Err(refusal);
        }
        let key = if synced { AuthMethod::SoftwareKey } else { AuthMethod::HardwareKey };
        let amr = vec![key, AuthMethod::UserVerified, AuthMethod::MultipleFactors];
        let open = self.new_session(user.id, origin, Authentication { aal: 2, amr, auth_time: now }, now)?;
        let audit = AuditEvent::new(EventName::LoginSucceeded, now, Actor::User(user.id), &origin.client)
            .about_user(user.id)
            .about_session(open.session.id)
            .with("transport", origin.transport.as_str())
            .with("factor", "passkey");
        let proof = SessionProof { second: SecondProof::Given(factor), ..SessionProof::default() };
        match self.store.open_session(self.write(now, audit), proof, open).await {
            Ok(opened) => {
                self.applied(now, &opened.revocations);
                if let Some(presented) = origin.pending {
                    self.end_pending_login(presented).await?;
                }
                self.signed_in(opened.opened, now)
            }
            // Answered before, or the passkey or its user went meanwhile.
            Err(StoreError::AlreadySpent | StoreError::Stale | StoreError::NotFound) => {
                let failed = Failed { why: PasskeyError::WrongChallenge, known: Some(known) };
                self.refuse_passkey(&failed, Refusal::InvalidCredentials, refused, origin).await
            }
            Err(error) => {
                let refusal = Refusal::from(error);
                if refusal == Refusal::SessionLimitReached {
                    self.record_refused(refused.because(refusal.code())).await?;
                }
                Err(refusal)
            }
        }
    }

    /// Steps a session up by a passkey.
    ///
    /// # Errors
    /// As [`Authority::step_up`].
    pub async fn step_up_by_passkey(
        &self,
        principal: &Principal,
        response: &AuthenticationResponse,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        let stepping = self.begin_step_up(principal, origin).await?;
        match self.examine_passkey(response, step_up(principal)).await? {
            Ok(shown) => self.step_up_with(&stepping, shown.factor, origin).await,
            Err(failed) => {
                self.report_clone(&failed, origin).await?;
                Err(self.step_up_failed(&stepping, Refusal::MfaCodeInvalid).await)
            }
        }
    }

    async fn examine_passkey(
        &self,
        response: &AuthenticationResponse,
        ceremony: AuthenticationCeremony,
    ) -> Result<Result<Shown, Failed>, Refusal> {
        let now = self.time.now()?;
        let relying_party = self.relying_party()?;
        let live = LiveChallenge::verify(ceremony, response.unverified_challenge(), &self.keys, now);
        let live = match live {
            Ok(live) => live,
            Err(why) => return Ok(Err(Failed { why, known: None })),
        };
        let Some((passkey, known)) = self.store.passkey(&response.id).await? else {
            return Ok(Err(Failed { why: PasskeyError::Invalid, known: None }));
        };
        let finished = relying_party.finish_authentication(response, &passkey, &live);
        // A page that is sent again brings the same answer, with a counter that is not higher by now: no sign of a copy.
        let finished = match finished {
            Err(PasskeyError::CounterRegressed { .. }) if self.store.is_spent(&live.spent()).await? => {
                Err(PasskeyError::WrongChallenge)
            }
            finished => finished,
        };
        Ok(match finished {
            Ok(shown) => {
                let synced = shown.synced;
                let factor = FactorUse::Passkey {
                    id: shown.id,
                    sign_count: shown.sign_count,
                    synced,
                    challenge: live.spent(),
                };
                Ok(Shown { known, factor, synced })
            }
            Err(why) => Err(Failed { why, known: Some(known) }),
        })
    }

    /// Whether the owner of a passkey that verified may sign in at all: they are told why not, since they have shown who
    /// they are.
    fn may_sign_in(&self, known: &UserCredentials) -> Result<(), Refusal> {
        let user = &known.user;
        // Whoever is left over from before there was a single operator has no other door either.
        let name = self.settings().mode.account_name(user.username.as_str());
        if *user.username.normalised() != NormalisedName::of(name) {
            return Err(Refusal::InvalidCredentials);
        }
        if user.disabled { Err(Refusal::AccountDisabled) } else { Ok(()) }
    }

    async fn refuse_passkey(
        &self,
        failed: &Failed,
        refusal: Refusal,
        event: AuditEvent,
        origin: &Origin,
    ) -> Result<SignedIn, Refusal> {
        self.report_clone(failed, origin).await?;
        let mut event = event.because(refusal.code()).with("cause", failed.why.as_str());
        if let Some(known) = &failed.known {
            event = event.about_user(known.user.id);
        }
        self.count_address_failure(origin.client.address, event).await?;
        Err(refusal)
    }

    /// Reports a counter that went back. Only whoever holds the key can make us.
    async fn report_clone(&self, failed: &Failed, origin: &Origin) -> Result<(), Refusal> {
        let (PasskeyError::CounterRegressed { stored, presented }, Some(known)) = (failed.why, &failed.known)
        else {
            return Ok(());
        };
        let now = self.time.now()?;
        let event = AuditEvent::new(EventName::PasskeyCloneSuspected, now, Actor::Anonymous, &origin.client)
            .about_user(known.user.id)
            .because(failed.why.as_str())
            .with("counter", stored)
            .with("presented", presented);
        self.record(event).await
    }
}

const fn second_factor(pending: &PendingFound) -> AuthenticationCeremony {
    AuthenticationCeremony::SecondFactor { user: pending.login.user_id, pending: pending.login.id }
}

const fn step_up(principal: &Principal) -> AuthenticationCeremony {
    AuthenticationCeremony::StepUp { user: principal.user_id, session: principal.session_id }
}

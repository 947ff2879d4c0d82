//! Setting up and removing factors. Each change makes older access tokens outdated and every authentication of the user
//! stale, so that whoever holds another session of theirs can do nothing sensitive without showing the new factors.

use std::time::Duration;

use super::{
    code::sealing_context,
    recovery_code::{RecoveryCode, generate_ten},
    remembered::{AskedBy, FactorChange, FactorsChanged, LastFactor, TotpEnrolment},
    totp::{self, TotpSecret, TotpState, TotpVerdict},
};
use crate::{
    access_token::Principal,
    audit::{AuditEvent, EventName},
    authority::{Authority, Caller},
    ids::UserId,
    master::KeyUse,
    refusal::Refusal,
    secret::{PlainToken, TokenHash},
    sign_in::SignedIn,
    store::StoreError,
    time::Timestamp,
    user::User,
};

/// How long an authenticator app may take to be confirmed.
const ENROLMENT_TTL: Duration = Duration::from_secs(1800);

/// An authenticator app that is being set up.
#[derive(Debug)]
pub struct BegunTotp {
    /// The secret, to be shown to its owner only.
    pub secret: TotpSecret,
    /// All that an app needs, as a URI.
    pub uri: PlainToken,
}

/// What a change of factors leaves whoever made it with.
#[derive(Debug)]
pub struct FactorsAfter {
    /// The user afterwards.
    pub user: User,
    /// Fresh tokens of the same session: the ones it had tell of the old factors.
    pub signed_in: SignedIn,
    /// New recovery codes; shown once. Empty if none were made.
    pub recovery_codes: Vec<RecoveryCode>,
    /// Whether those that came with a passkey took effect.
    pub(crate) recovery_codes_made: bool,
}

impl Authority {
    /// Begins to set up an authenticator app, in place of any that was begun before. It is this session's alone, and that
    /// of a step-up of it. One that is in use stays so until
    /// the new one is confirmed.
    ///
    /// # Errors
    /// [`Refusal::StepUpRequired`], [`Refusal::NotAuthenticated`], [`Refusal::StoreUnavailable`],
    /// [`Refusal::ClockBehind`]
    pub async fn begin_totp(&self, principal: &Principal, caller: &Caller) -> Result<BegunTotp, Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let id = principal.user_id;
        let secret = TotpSecret::generate(self.entropy.as_ref())?;
        let sealed = self.keys.seal(self.entropy.as_ref(), &sealing_context(id), secret.as_bytes())?;
        let enrolment =
            TotpEnrolment { session: principal.session_id, sealed, expires_at: now.plus(ENROLMENT_TTL) };
        let audit = caller.event(EventName::TotpEnrolmentBegan, now).about_user(id);
        let begun = self.store.begin_totp_enrolment(self.write(now, audit), id, enrolment).await;
        begun.map_err(own)?;
        self.time.observe(now);
        Ok(self.begun(principal, secret))
    }

    /// The authenticator app that somebody is setting up in this session, to be shown again.
    ///
    /// # Errors
    /// - [`Refusal::StepUpRequired`]
    /// - [`Refusal::NotFound`]: they are setting up none here, or took too long.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn begun_totp(&self, principal: &Principal) -> Result<BegunTotp, Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let enrolment = self.enrolment(principal, now).await?;
        let secret = self.open_totp(principal.user_id, &enrolment.sealed)?;
        Ok(self.begun(principal, secret))
    }

    async fn enrolment(&self, principal: &Principal, now: Timestamp) -> Result<TotpEnrolment, Refusal> {
        let begun = self.store.totp_enrolment(principal.user_id, principal.session_id, now).await?;
        begun.ok_or(Refusal::NotFound)
    }

    fn begun(&self, principal: &Principal, secret: TotpSecret) -> BegunTotp {
        let uri = secret.otpauth_uri(&self.settings().issuer, &principal.username);
        BegunTotp { secret, uri }
    }

    /// Puts the authenticator app in force that was being set up in this session, by a code of it. Recovery codes are made anew.
    ///
    /// # Errors
    /// - [`Refusal::StepUpRequired`]
    /// - [`Refusal::MfaCodeInvalid`], which is recorded.
    /// - [`Refusal::NotFound`]: none is being set up here, or it took too long.
    /// - [`Refusal::SessionExpired`]: the user's factors, roles or state changed since the token was issued.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn confirm_totp(
        &self,
        principal: &Principal,
        code: &str,
        caller: &Caller,
    ) -> Result<FactorsAfter, Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let id = principal.user_id;
        let enrolment = self.enrolment(principal, now).await?;
        let secret = self.open_totp(id, &enrolment.sealed)?;
        let TotpVerdict::Right { step, drift } = totp::examine(&secret, code, now, TotpState::default())
        else {
            let event = caller.event(EventName::TotpEnrolmentRefused, now).about_user(id);
            self.record_refused(event.because(Refusal::MfaCodeInvalid.code())).await?;
            return Err(Refusal::MfaCodeInvalid);
        };
        let (codes, hashes) = self.new_recovery_codes()?;
        let state = TotpState { last_step: Some(step), drift };
        let TotpEnrolment { session, sealed, .. } = enrolment;
        let change = FactorChange::ConfirmTotp { session, sealed, state, recovery_codes: hashes };
        let mut after =
            self.change_own_factors(principal, caller, EventName::TotpEnabled, change, now).await?;
        after.recovery_codes = codes;
        Ok(after)
    }

    /// Removes the authenticator app.
    ///
    /// # Errors
    /// - [`Refusal::StepUpRequired`]
    /// - [`Refusal::NotFound`]: there is none.
    /// - [`Refusal::FactorRequired`]: it is the last factor, and policy demands one.
    /// - [`Refusal::SessionExpired`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn remove_totp(&self, principal: &Principal, caller: &Caller) -> Result<FactorsAfter, Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let change = FactorChange::RemoveTotp(self.last_factor_of(principal));
        self.change_own_factors(principal, caller, EventName::TotpRemoved, change, now).await
    }

    /// Makes ten new recovery codes; the old ones are dead.
    ///
    /// # Errors
    /// - [`Refusal::StepUpRequired`]
    /// - [`Refusal::NotFound`]: there is no factor that they could stand in for.
    /// - [`Refusal::SessionExpired`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn replace_recovery_codes(
        &self,
        principal: &Principal,
        caller: &Caller,
    ) -> Result<FactorsAfter, Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let (codes, hashes) = self.new_recovery_codes()?;
        let change = FactorChange::ReplaceRecoveryCodes(hashes);
        let mut after =
            self.change_own_factors(principal, caller, EventName::RecoveryCodesMade, change, now).await?;
        after.recovery_codes = codes;
        Ok(after)
    }

    /// Whether the last factor of somebody may go.
    pub(crate) fn last_factor_of(&self, principal: &Principal) -> LastFactor {
        let required = self.settings().second_factors.required.applies_to(&principal.roles);
        if required { LastFactor::Stays } else { LastFactor::MayGo }
    }

    /// New recovery codes, and what is stored of them.
    pub(crate) fn new_recovery_codes(&self) -> Result<(Vec<RecoveryCode>, Vec<TokenHash>), Refusal> {
        let codes = generate_ten(self.entropy.as_ref())?;
        let key = self.keys.signing(KeyUse::RecoveryCode);
        let hashes = codes.iter().map(|code| TokenHash::of(key, code.normal_form())).collect();
        Ok((codes.into(), hashes))
    }

    /// Changes the factors of whoever asks, and gives the session that asked the tokens that tell of it.
    pub(crate) async fn change_own_factors(
        &self,
        principal: &Principal,
        caller: &Caller,
        name: EventName,
        change: FactorChange,
        now: Timestamp,
    ) -> Result<FactorsAfter, Refusal> {
        let audit = caller.event(name, now).about_session(principal.session_id);
        let asked_by = AskedBy { session: principal.session_id, epoch: principal.user_epoch };
        let done = self.change_factors(principal.user_id, audit, Some(asked_by), change, now).await?;
        let of = self.store.session(principal.session_id).await?.ok_or(Refusal::SessionRevoked)?;
        if !of.session.is_live(now) {
            return Err(Refusal::SessionRevoked);
        }
        Ok(FactorsAfter {
            user: done.user,
            signed_in: self.signed_in(of, now)?,
            recovery_codes: Vec::new(),
            recovery_codes_made: done.recovery_codes_made,
        })
    }

    pub(super) async fn change_factors(
        &self,
        user: UserId,
        audit: AuditEvent,
        asked_by: Option<AskedBy>,
        change: FactorChange,
        now: Timestamp,
    ) -> Result<FactorsChanged, Refusal> {
        let write = self.write(now, audit.about_user(user));
        let done =
            self.store.change_factors(write, user, asked_by, change).await.map_err(|error| match error {
                // Decided on facts that are history: whoever asks has to look again.
                StoreError::Stale => Refusal::SessionExpired,
                other => other.into(),
            })?;
        self.applied(now, &done.revocations);
        Ok(done)
    }
}

/// Whoever asks for something of their own, and is gone.
fn own(error: StoreError) -> Refusal {
    match error {
        StoreError::NotFound => Refusal::NotAuthenticated,
        other => other.into(),
    }
}

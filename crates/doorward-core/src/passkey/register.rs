//! A user adds, lists and removes passkeys.

use super::{
    Challenge, CreationOptions, LiveChallenge, Passkey, PasskeyError, PasskeyId, PasskeyName,
    RegistrationCeremony, RegistrationResponse, RelyingParty,
};
use crate::{
    access_token::Principal,
    audit::EventName,
    authority::{Authority, Caller},
    refusal::Refusal,
    second_factor::{FactorChange, FactorsAfter},
    user::User,
};
use std::sync::Arc;

/// How many passkeys a user may have.
const MOST_PASSKEYS: u32 = 20;

impl Authority {
    /// Whom passkeys are made for.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]: nobody, because the public URL names no domain.
    pub(crate) fn relying_party(&self) -> Result<Arc<RelyingParty>, Refusal> {
        self.settings().relying_party.clone().ok_or(Refusal::NotFound)
    }

    /// What a browser is asked, so that it makes a passkey.
    ///
    /// # Errors
    /// - [`Refusal::StepUpRequired`]
    /// - [`Refusal::NotFound`]: there are no passkeys here, because the public URL names no domain.
    /// - [`Refusal::NotAuthenticated`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn passkey_registration_options(
        &self,
        principal: &Principal,
    ) -> Result<CreationOptions, Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let relying_party = self.relying_party()?;
        let user: User = self.store.user(principal.user_id).await?.ok_or(Refusal::NotAuthenticated)?;
        let existing = self.store.passkeys(user.id).await?;
        let challenge = Challenge::issue(registration(principal), &self.keys, self.entropy.as_ref(), now)?;
        Ok(relying_party.start_registration(&challenge, &user.username, &existing))
    }

    /// Adds the passkey that a browser made. Recovery codes come with it for somebody who has none.
    ///
    /// # Errors
    /// - [`Refusal::StepUpRequired`]
    /// - [`Refusal::Invalid`]: what came is no passkey of ours, made for this session and lately.
    /// - [`Refusal::TooManyPasskeys`], [`Refusal::PasskeyTaken`]
    /// - [`Refusal::NotFound`]: there are no passkeys here.
    /// - [`Refusal::SessionExpired`]: the user's factors, roles or state changed since the token was issued.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn add_passkey(
        &self,
        principal: &Principal,
        name: PasskeyName,
        response: &RegistrationResponse,
        caller: &Caller,
    ) -> Result<(Passkey, FactorsAfter), Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let relying_party = self.relying_party()?;
        let live =
            LiveChallenge::verify(registration(principal), response.unverified_challenge(), &self.keys, now);
        let made =
            live.and_then(|live| Ok((relying_party.finish_registration(response, &live)?, live.spent())));
        let (made, challenge) = match made {
            Ok(made) => made,
            Err(error) => return Err(self.passkey_refused(principal, error, caller).await),
        };
        let passkey = made.named(name, now);
        let (codes, hashes) = self.new_recovery_codes()?;
        let change = FactorChange::AddPasskey {
            passkey: passkey.clone(),
            challenge,
            recovery_codes: hashes,
            most: MOST_PASSKEYS,
        };
        let added = self.change_own_factors(principal, caller, EventName::PasskeyAdded, change, now).await;
        let mut after = match added {
            // The challenge was answered before.
            Err(Refusal::NotFound) => {
                return Err(self.passkey_refused(principal, PasskeyError::WrongChallenge, caller).await);
            }
            added => added?,
        };
        if after.recovery_codes_made {
            after.recovery_codes = codes;
        }
        Ok((passkey, after))
    }

    async fn passkey_refused(&self, principal: &Principal, why: PasskeyError, caller: &Caller) -> Refusal {
        let refusal = Refusal::invalid("credential", why.as_str(), why.to_string());
        let now = match self.time.now() {
            Ok(now) => now,
            Err(behind) => return behind.into(),
        };
        let event = caller
            .event(EventName::PasskeyRefused, now)
            .about_user(principal.user_id)
            .about_session(principal.session_id)
            .because(refusal.code())
            .with("cause", why.as_str());
        match self.record_refused(event).await {
            Ok(()) => refusal,
            Err(unrecorded) => unrecorded,
        }
    }

    /// The passkeys of whoever asks, oldest first.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn passkeys(&self, principal: &Principal) -> Result<Vec<Passkey>, Refusal> {
        Ok(self.store.passkeys(principal.user_id).await?)
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// - [`Refusal::StepUpRequired`]
    /// - [`Refusal::NotFound`]: they have no such passkey.
    /// - [`Refusal::FactorRequired`]: it is the last factor, and policy demands one.
    /// - [`Refusal::SessionExpired`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn remove_passkey(
        &self,
        principal: &Principal,
        id: PasskeyId,
        caller: &Caller,
    ) -> Result<FactorsAfter, Refusal> {
        let now = self.time.now()?;
        principal.check_fresh(now)?;
        let change = FactorChange::RemovePasskey(id, self.last_factor_of(principal));
        self.change_own_factors(principal, caller, EventName::PasskeyRemoved, change, now).await
    }
}

const fn registration(principal: &Principal) -> RegistrationCeremony {
    RegistrationCeremony { user: principal.user_id, session: principal.session_id }
}

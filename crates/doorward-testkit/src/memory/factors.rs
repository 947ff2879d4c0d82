//! Second factors: what is kept of them, and changing them.

use std::collections::BTreeMap;

use doorward_core::{
    ids::{DeviceId, SessionId, UserId},
    passkey::{Passkey, PasskeyId, SpentChallenge},
    revocation::Effect,
    second_factor::{
        AskedBy, FactorChange, FactorsChanged, LastFactor, PendingLogin, SealedTotp, TotpEnrolment,
        totp::TotpState,
    },
    secret::TokenHash,
    session::Session,
    store::{CleanUp, Conflict, StoreError, UserCredentials, Write},
    time::Timestamp,
    user::Factors,
};

use super::{audit::remove_earliest, foreign_passkey, state::State};

/// What is kept of second factors, of all users.
#[derive(Clone, Default)]
pub(super) struct FactorState {
    pub(super) totp: BTreeMap<UserId, SealedTotp>,
    pub(super) enrolments: Vec<(UserId, TotpEnrolment)>,
    pub(super) recovery_codes: Vec<(UserId, TokenHash)>,
    pub(super) passkeys: BTreeMap<PasskeyId, Passkey>,
    pub(super) trusted: Vec<(UserId, DeviceId, Timestamp)>,
    pub(super) pending: Vec<PendingLogin>,
    pub(super) spent_challenges: Vec<SpentChallenge>,
    /// So many codes were examined since the last one that was right.
    pub(super) codes_running: BTreeMap<UserId, u32>,
}

impl FactorState {
    /// What a user can show.
    fn of(&self, user: UserId) -> Factors {
        let count = |found: usize| u32::try_from(found).unwrap_or(u32::MAX);
        Factors {
            totp: self.totp.contains_key(&user),
            passkeys: count(self.passkeys.values().filter(|passkey| passkey.user_id == user).count()),
            recovery_codes_left: count(self.recovery_codes.iter().filter(|code| code.0 == user).count()),
        }
    }

    pub(super) fn end_pending_of(&mut self, user: UserId) {
        self.pending.retain(|login| login.user_id != user);
    }

    /// Forgets a user who is gone.
    pub(super) fn forget(&mut self, user: UserId) {
        self.remove_factors_of(user);
        self.trust_none_of(user);
        self.end_pending_of(user);
        self.end_enrolment_of(user);
    }

    fn remove_factors_of(&mut self, user: UserId) {
        self.totp.remove(&user);
        self.recovery_codes.retain(|code| code.0 != user);
        self.passkeys.retain(|_, passkey| passkey.user_id != user);
        self.codes_running.remove(&user);
    }

    fn replace_recovery_codes(&mut self, user: UserId, hashes: &[TokenHash]) {
        self.recovery_codes.retain(|code| code.0 != user);
        self.recovery_codes.extend(hashes.iter().map(|hash| (user, *hash)));
    }

    pub(super) fn enrolment(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Option<TotpEnrolment> {
        let begun = self.enrolments.iter().find(|(owner, _)| *owner == user).map(|(_, begun)| begun);
        begun.filter(|begun| begun.session == session && now < begun.expires_at).cloned()
    }

    pub(super) fn end_enrolment_of(&mut self, user: UserId) {
        self.enrolments.retain(|enrolment| enrolment.0 != user);
    }

    /// What was being set up in one session goes on in another.
    pub(super) fn move_enrolment(&mut self, from: &Session, to: SessionId) {
        for (owner, begun) in &mut self.enrolments {
            if *owner == from.user_id && begun.session == from.id {
                begun.session = to;
            }
        }
    }

    pub(super) fn is_spent(&self, challenge: &SpentChallenge) -> bool {
        self.spent_challenges.iter().any(|spent| spent.hash == challenge.hash)
    }

    pub(super) fn spend_challenge(&mut self, challenge: SpentChallenge) -> Result<(), StoreError> {
        if self.is_spent(&challenge) {
            return Err(StoreError::AlreadySpent);
        }
        self.spent_challenges.push(challenge);
        Ok(())
    }

    pub(super) fn passkeys_of(&self, user: UserId) -> Vec<Passkey> {
        let of_user = self.passkeys.values().filter(|passkey| passkey.user_id == user);
        let mut found: Vec<_> = of_user.cloned().collect();
        // Sorted by id already.
        found.sort_by_key(|passkey| passkey.created_at);
        found
    }

    fn confirm_totp(
        &mut self,
        user: UserId,
        now: Timestamp,
        (session, sealed): (SessionId, &[u8]),
        state: TotpState,
    ) -> Result<(), StoreError> {
        if self.enrolment(user, session, now).is_none_or(|enrolment| enrolment.sealed != sealed) {
            return Err(StoreError::Stale);
        }
        self.totp.insert(user, SealedTotp { sealed: sealed.to_vec(), state });
        self.codes_running.remove(&user);
        Ok(())
    }

    fn remove_totp(&mut self, user: UserId) -> Result<(), StoreError> {
        self.codes_running.remove(&user);
        self.totp.remove(&user).map(|_| ()).ok_or(StoreError::NotFound)
    }

    fn add_passkey(&mut self, user: UserId, passkey: &Passkey, most: u32) -> Result<(), StoreError> {
        if passkey.user_id != user {
            return Err(foreign_passkey());
        }
        if self.passkeys.contains_key(&passkey.id) {
            return Err(StoreError::Conflict(Conflict::PasskeyTaken));
        }
        if self.of(user).passkeys >= most {
            return Err(StoreError::Conflict(Conflict::TooManyPasskeys));
        }
        self.passkeys.insert(passkey.id.clone(), passkey.clone());
        Ok(())
    }

    /// Moves a passkey's counter on, if that is later than before or it does not count at all.
    pub(super) fn advance_passkey(
        &mut self,
        user: UserId,
        id: &PasskeyId,
        sign_count: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let goes_on = |passkey: &&mut Passkey| {
            let counts_not = passkey.sign_count == 0 && sign_count == 0;
            passkey.user_id == user && (passkey.sign_count < sign_count || counts_not)
        };
        let passkey = self.passkeys.get_mut(id).filter(goes_on).ok_or(StoreError::AlreadySpent)?;
        passkey.sign_count = sign_count;
        passkey.last_used_at = Some(now);
        Ok(())
    }

    fn remove_passkey(&mut self, user: UserId, id: &PasskeyId) -> Result<(), StoreError> {
        match self.passkeys.get(id) {
            Some(passkey) if passkey.user_id == user => {
                self.passkeys.remove(id);
                Ok(())
            }
            _ => Err(StoreError::NotFound),
        }
    }

    /// Recovery codes stand in for a factor: they go with the last one, if that may go.
    fn after_removal(&mut self, user: UserId, last: LastFactor) -> Result<(), StoreError> {
        match (self.of(user).any(), last) {
            (true, _) => Ok(()),
            (false, LastFactor::Stays) => Err(StoreError::Conflict(Conflict::FactorRequired)),
            (false, LastFactor::MayGo) => {
                self.replace_recovery_codes(user, &[]);
                Ok(())
            }
        }
    }

    /// Whether recovery codes were made that were not asked for.
    fn apply(&mut self, user: UserId, now: Timestamp, change: &FactorChange) -> Result<bool, StoreError> {
        match change {
            FactorChange::ConfirmTotp { session, sealed, state, recovery_codes } => {
                self.confirm_totp(user, now, (*session, sealed), *state)?;
                self.replace_recovery_codes(user, recovery_codes);
            }
            FactorChange::RemoveTotp(last) => {
                self.remove_totp(user)?;
                self.after_removal(user, *last)?;
            }
            FactorChange::AddPasskey { passkey, challenge, recovery_codes, most } => {
                self.spend_challenge(*challenge)?;
                self.add_passkey(user, passkey, *most)?;
                if self.of(user).recovery_codes_left == 0 && !recovery_codes.is_empty() {
                    self.replace_recovery_codes(user, recovery_codes);
                    return Ok(true);
                }
            }
            FactorChange::RemovePasskey(id, last) => {
                self.remove_passkey(user, id)?;
                self.after_removal(user, *last)?;
            }
            FactorChange::ReplaceRecoveryCodes(_) if !self.of(user).any() => {
                return Err(StoreError::NotFound);
            }
            FactorChange::ReplaceRecoveryCodes(hashes) => self.replace_recovery_codes(user, hashes),
            FactorChange::Reset => self.remove_factors_of(user),
        }
        Ok(false)
    }

    pub(super) fn sealed(&self, after: Option<UserId>, limit: u32) -> Vec<(UserId, Vec<u8>)> {
        let in_force = self.totp.iter().map(|(user, totp)| (*user, 1, totp.sealed.clone()));
        let begun = self.enrolments.iter().map(|(user, begun)| (*user, 2, begun.sealed.clone()));
        let mut found: Vec<_> = in_force.chain(begun).filter(|secret| Some(secret.0) > after).collect();
        found.sort();
        let mut owners: Vec<_> = found.iter().map(|secret| secret.0).collect();
        owners.dedup();
        owners.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let last = owners.last().copied();
        found
            .into_iter()
            .take_while(|secret| Some(secret.0) <= last)
            .map(|(user, _, sealed)| (user, sealed))
            .collect()
    }

    pub(super) fn reseal(&mut self, user: UserId, expected: &[u8], anew: &[u8]) {
        let in_force = self.totp.iter_mut().map(|(owner, totp)| (*owner, &mut totp.sealed));
        let begun = self.enrolments.iter_mut().map(|(owner, begun)| (*owner, &mut begun.sealed));
        for (owner, sealed) in in_force.chain(begun) {
            if owner == user && sealed == expected {
                *sealed = anew.to_vec();
            }
        }
    }

    pub(super) fn clean_up(&mut self, what: CleanUp) -> u32 {
        let CleanUp { now, limit, .. } = what;
        let expired = |end: Timestamp| Some(end).filter(|end| *end <= now);
        remove_earliest(&mut self.pending, limit, |login| expired(login.expires_at))
            + remove_earliest(&mut self.enrolments, limit, |(_, begun)| expired(begun.expires_at))
            + remove_earliest(&mut self.trusted, limit, |trusted| expired(trusted.2))
            + remove_earliest(&mut self.spent_challenges, limit, |spent| expired(spent.expires_at))
    }
}

impl State {
    /// Tells of a user's factors as they are now.
    pub(super) fn refresh_factors(&mut self, user: UserId) -> Result<Factors, StoreError> {
        let factors = self.factors.of(user);
        self.user_mut(user)?.user.factors = factors;
        Ok(factors)
    }

    pub(super) fn begin_totp_enrolment(
        &mut self,
        write: &Write,
        user: UserId,
        enrolment: TotpEnrolment,
    ) -> Result<(), StoreError> {
        self.user_mut(user)?;
        self.factors.end_enrolment_of(user);
        self.factors.enrolments.push((user, enrolment));
        self.record(&write.audit);
        Ok(())
    }

    pub(super) fn passkey(&self, id: &PasskeyId) -> Option<(Passkey, UserCredentials)> {
        let passkey = self.factors.passkeys.get(id)?;
        Some((passkey.clone(), self.users.get(&passkey.user_id)?.clone()))
    }

    pub(super) fn change_factors(
        &mut self,
        write: &Write,
        id: UserId,
        asked_by: Option<AskedBy>,
        change: &FactorChange,
    ) -> Result<FactorsChanged, StoreError> {
        let epoch = self.user_mut(id)?.user.epoch;
        if let Some(asked_by) = asked_by {
            let session = self.sessions.get(&asked_by.session);
            let alive = session.is_some_and(|session| session.user_id == id && session.is_live(write.now));
            if !alive || asked_by.epoch != epoch {
                return Err(StoreError::Stale);
            }
        }
        let recovery_codes_made = self.factors.apply(id, write.now, change)?;
        let lacks_factor = !self.refresh_factors(id)?.any() && self.needs_factor.contains(&id);
        let due = &mut self.user_mut(id)?.user.must_change_password;
        let becomes_due = lacks_factor && !*due;
        *due |= lacks_factor;
        self.factors.trust_none_of(id);
        self.factors.end_pending_of(id);
        self.factors.end_enrolment_of(id);
        for session in self.sessions.values_mut() {
            if session.user_id == id && session.is_live(write.now) {
                session.authentication.auth_time = Timestamp::default();
            }
        }
        let revocations = vec![self.outdate(write, id, Effect::Outdated)?];
        self.record(&write.audit.of_password(becomes_due));
        Ok(FactorsChanged { user: self.user_mut(id)?.user.clone(), revocations, recovery_codes_made })
    }
}

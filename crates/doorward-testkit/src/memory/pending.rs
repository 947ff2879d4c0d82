//! Logins that wait for their second factor, and what sessions are earned with.

use doorward_core::{
    audit::AuditEvent,
    ids::UserId,
    password::PasswordHash,
    second_factor::{
        BeginPending, ClaimCode, CodeFacts, FactorUse, PendingId, PendingLogin, SealedTotp, SecondProof,
    },
    secret::TokenHash,
    session::Session,
    store::{OpenSession, Revoked, SessionProof, StoreError, UserCredentials, Write},
    time::Timestamp,
};

use super::{nothing_shown, revocation::ids, state::State};

impl State {
    pub(super) fn begin_pending(
        &mut self,
        write: &Write,
        verified: &PasswordHash,
        begin: BeginPending,
    ) -> Result<Revoked, StoreError> {
        let BeginPending { login, replaces, supersedes, unless_locked } = begin;
        let found = self.users.get(&login.user_id).ok_or(StoreError::Stale)?;
        if found.user.disabled || found.password.as_ref() != Some(verified) || !found.user.factors.any() {
            return Err(StoreError::Stale);
        }
        self.refuse_while_locked(write.now, unless_locked)?;
        supersedes.into_iter().for_each(|id| self.end_pending(id));
        if self.factors.pending.iter().any(|other| other.id == login.id || other.hash == login.hash) {
            return Err(super::id_in_use());
        }
        self.factors.pending.push(login);
        self.record(&write.audit);
        let ended = self.end(write, |session| replaces.contains(&session.id));
        let revocations = ended.iter().map(|session| self.announce_session(write, session)).collect();
        self.record_ended(write, &ended, "replaced");
        Ok(Revoked { sessions: ids(&ended), revocations })
    }

    pub(super) fn pending(
        &self,
        hashes: &[TokenHash],
        now: Timestamp,
    ) -> Option<(PendingLogin, UserCredentials)> {
        let alive = |login: &&PendingLogin| {
            hashes.contains(&login.hash) && now < login.expires_at && login.tries_left > 0
        };
        let login = self.factors.pending.iter().find(alive)?;
        Some((login.clone(), self.users.get(&login.user_id)?.clone()))
    }

    pub(super) fn end_pending(&mut self, id: PendingId) {
        self.factors.pending.retain(|login| login.id != id);
    }

    fn pending_of(
        &mut self,
        id: PendingId,
        user: UserId,
        now: Timestamp,
    ) -> Result<&mut PendingLogin, StoreError> {
        let mut pending = self.factors.pending.iter_mut();
        let found = pending.find(|login| login.id == id && login.user_id == user && now < login.expires_at);
        found.ok_or(StoreError::NotFound)
    }

    pub(super) fn claim_code(&mut self, now: Timestamp, claim: ClaimCode) -> Result<CodeFacts, StoreError> {
        let ClaimCode { user, pending } = claim;
        self.user_mut(user)?;
        let mut tries_left = 0;
        if let Some(id) = pending {
            let login = self.pending_of(id, user, now)?;
            tries_left = login.tries_left.checked_sub(1).ok_or(StoreError::NotFound)?;
            login.tries_left = tries_left;
        }
        let running = self.factors.codes_running.entry(user).or_default();
        *running = running.saturating_add(1);
        Ok(CodeFacts { running: *running, tries_left, totp: self.factors.totp.get(&user).cloned() })
    }

    /// Uses up what can be used once. The session that ends, and the event of a recovery code.
    pub(super) fn use_up(
        &mut self,
        write: &Write,
        open: &OpenSession,
        proof: &SessionProof,
    ) -> Result<(Vec<Session>, Option<AuditEvent>), StoreError> {
        let user = open.session.user_id;
        let stepped_up =
            self.end(write, |session| Some(session.id) == proof.steps_up && session.user_id == user);
        if proof.steps_up.is_some() && stepped_up.is_empty() {
            return Err(StoreError::NotFound);
        }
        stepped_up.iter().for_each(|session| self.factors.move_enrolment(session, open.session.id));
        if !proof.shows_enough() {
            return Err(nothing_shown());
        }
        if let Some(id) = proof.pending {
            self.pending_of(id, user, write.now)?;
            self.end_pending(id);
        }
        let event = match &proof.second {
            SecondProof::None if self.user_mut(user)?.user.factors.any() => return Err(StoreError::Stale),
            SecondProof::None | SecondProof::TrustedDevice(_) => None,
            SecondProof::Given(shown) => self.spend(write, user, shown)?,
        };
        if let (Some(until), Some(device)) = (proof.trust_until, open.session.device) {
            self.factors.trust(user, device, until);
        }
        Ok((stepped_up, event))
    }

    fn spend(
        &mut self,
        write: &Write,
        user: UserId,
        shown: &FactorUse,
    ) -> Result<Option<AuditEvent>, StoreError> {
        let factors = &mut self.factors;
        match shown {
            FactorUse::Totp { sealed, state } => {
                let is_it =
                    |totp: &&mut SealedTotp| totp.sealed == *sealed && totp.state.last_step < state.last_step;
                let totp = factors.totp.get_mut(&user).filter(is_it);
                totp.ok_or(StoreError::AlreadySpent)?.state = *state;
                factors.codes_running.remove(&user);
                Ok(None)
            }
            FactorUse::RecoveryCode(hashes) => {
                let mut codes = factors.recovery_codes.iter();
                let at = codes.position(|(owner, hash)| *owner == user && hashes.contains(hash));
                factors.recovery_codes.remove(at.ok_or(StoreError::AlreadySpent)?);
                factors.codes_running.remove(&user);
                let left = self.refresh_factors(user)?.recovery_codes_left;
                Ok(Some(write.audit.of_recovery_code_used(left)))
            }
            FactorUse::Passkey { id, sign_count, synced: _, challenge } => {
                factors.spend_challenge(*challenge)?;
                factors.advance_passkey(user, id, *sign_count, write.now)?;
                Ok(None)
            }
        }
    }

    /// Refuses a session that is not as strong as its user's factors demand.
    pub(super) fn check_strength(
        &self,
        write: &Write,
        session: &Session,
        second: &SecondProof,
    ) -> Result<(), StoreError> {
        let owner = self.users.get(&session.user_id).ok_or(StoreError::NotFound)?;
        let enough = match second {
            _ if !owner.user.factors.any() => true,
            SecondProof::TrustedDevice(device) => {
                self.factors.is_trusted(session.user_id, *device, write.now)
            }
            SecondProof::None | SecondProof::Given(_) => session.authentication.aal >= 2,
        };
        if enough { Ok(()) } else { Err(StoreError::Stale) }
    }
}

//! What stands against an operation, by what has happened. Where it is several things, the store may name any of them.

use doorward_core::{
    ids::{SessionId, UserId},
    password::PasswordHash,
    second_factor::{ClaimCode, FactorChange, FactorUse, PendingLogin, SecondProof, TotpEnrolment},
    session::Session,
    store::{SessionProof, StoreError},
    time::Timestamp,
};

use crate::history::History;

pub(crate) const STALE: &str = "Stale";
pub(crate) const NOT_FOUND: &str = "NotFound";
pub(crate) const ALREADY_SPENT: &str = "AlreadySpent";
const LAST_ONE: &str = "Conflict(FactorRequired)";
const TAKEN: &str = "Conflict(PasskeyTaken)";
const TOO_MANY: &str = "Conflict(TooManyPasskeys)";

/// An operation's answer is what history tells: its value, if nothing stands against it.
#[track_caller]
pub(crate) fn agreed<T: std::fmt::Debug>(answer: Result<T, StoreError>, against: &[&str]) -> Option<T> {
    match answer {
        Ok(value) => {
            assert!(against.is_empty(), "{against:?}, and yet: {value:?}");
            Some(value)
        }
        Err(error) => {
            assert!(against.contains(&format!("{error:?}").as_str()), "{against:?}, and not: {error:?}");
            None
        }
    }
}

/// The reasons that hold.
fn those_that_hold<const N: usize>(reasons: [(bool, &'static str); N]) -> Vec<&'static str> {
    reasons.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
}

impl History {
    pub(crate) fn against_beginning(&self, login: &PendingLogin, shown: &PasswordHash) -> Vec<&'static str> {
        let user = login.user_id;
        those_that_hold([
            (self.password(user).as_ref() != Some(shown), STALE),
            (self.is_disabled(user), STALE),
            (!self.factors(user).any(), STALE),
        ])
    }

    pub(crate) fn against_claiming(&self, claim: ClaimCode, now: Timestamp) -> Vec<&'static str> {
        let Some(id) = claim.pending else { return Vec::new() };
        let found = self.pending(id).filter(|login| login.user_id == claim.user && now < login.expires_at);
        those_that_hold([(found.is_none_or(|login| login.tries_left == 0), NOT_FOUND)])
    }

    pub(crate) fn against_opening(
        &self,
        session: &Session,
        proof: &SessionProof,
        now: Timestamp,
    ) -> Vec<&'static str> {
        let user = session.user_id;
        let is_owners = |login: &PendingLogin| login.user_id == user && now < login.expires_at;
        let over = proof.pending.is_some_and(|id| self.pending(id).is_none_or(|login| !is_owners(&login)));
        let dead = proof.steps_up.is_some_and(|id| !self.is_session_of(user, id));
        let any = self.factors(user).any();
        let (weak, spent) = match &proof.second {
            SecondProof::None => (any, false),
            SecondProof::TrustedDevice(device) => (any && !self.is_trusted(user, *device, now), false),
            SecondProof::Given(used) => {
                (any && session.authentication.aal < 2, !self.could_be_used(user, used))
            }
        };
        those_that_hold([
            (proof.password.is_some() && proof.password != self.password(user), STALE),
            (self.is_disabled(user), STALE),
            (over, NOT_FOUND),
            (dead, NOT_FOUND),
            (weak, STALE),
            (spent, ALREADY_SPENT),
        ])
    }

    fn could_be_used(&self, user: UserId, used: &FactorUse) -> bool {
        match used {
            FactorUse::Totp { sealed, state } => {
                let app = self.app(user).filter(|app| app.sealed == *sealed);
                app.is_some_and(|app| app.state.last_step < state.last_step)
            }
            FactorUse::RecoveryCode(hashes) => {
                let left = self.codes(user);
                hashes.iter().any(|hash| left.contains(hash.as_bytes()))
            }
            FactorUse::Passkey { id, sign_count, challenge, .. } => {
                let goes_on = |before: u32| before < *sign_count || (before, *sign_count) == (0, 0);
                let passkeys = self.passkeys(user);
                let signed = passkeys.iter().any(|passkey| passkey.id == *id && goes_on(passkey.sign_count));
                signed && !self.is_spent(challenge)
            }
        }
    }

    fn is_session_of(&self, user: UserId, id: SessionId) -> bool {
        self.session(id).is_some_and(|known| known.is_alive && known.user == user)
    }

    pub(crate) fn against_changing(
        &self,
        user: UserId,
        session: Option<SessionId>,
        change: &FactorChange,
        now: Timestamp,
    ) -> Vec<&'static str> {
        let mut against = self.against(user, change, now);
        against.extend(session.filter(|id| !self.is_session_of(user, *id)).map(|_| STALE));
        against
    }

    fn against(&self, user: UserId, change: &FactorChange, now: Timestamp) -> Vec<&'static str> {
        match change {
            FactorChange::ConfirmTotp { session, sealed, .. } => {
                let is_it = |begun: &TotpEnrolment| begun.session == *session && begun.sealed == *sealed;
                let begun = self.enrolment(user).filter(is_it);
                those_that_hold([(begun.is_none_or(|begun| now >= begun.expires_at), STALE)])
            }
            FactorChange::RemoveTotp(last) => those_that_hold([
                (self.app(user).is_none(), NOT_FOUND),
                (!self.may_go(user, *last), LAST_ONE),
            ]),
            FactorChange::AddPasskey { passkey, challenge, most, .. } => those_that_hold([
                (self.is_spent(challenge), ALREADY_SPENT),
                (self.owns_passkey(&passkey.id), TAKEN),
                (self.factors(user).passkeys >= *most, TOO_MANY),
            ]),
            FactorChange::RemovePasskey(id, last) => those_that_hold([
                (self.passkeys(user).iter().all(|passkey| passkey.id != *id), NOT_FOUND),
                (!self.may_go(user, *last), LAST_ONE),
            ]),
            FactorChange::ReplaceRecoveryCodes(_) => {
                those_that_hold([(!self.factors(user).any(), NOT_FOUND)])
            }
            FactorChange::Reset => Vec::new(),
        }
    }
}

//! What has happened, all of it and in order. Nothing is ever removed or summed up: each question is answered by reading
//! from the beginning.

use std::collections::BTreeSet;

use doorward_core::{
    ids::{DeviceId, PendingId, SessionId, UserId},
    passkey::{Passkey, PasskeyId, SpentChallenge},
    password::PasswordHash,
    second_factor::{
        FactorChange, FactorUse, LastFactor, PendingLogin, SecondProof, TotpEnrolment, totp::TotpState,
    },
    secret::TokenHash,
    store::{NewUser, SessionProof},
    time::Timestamp,
    user::Factors,
};

use crate::fact::Fact;

/// What has happened.
#[derive(Default)]
pub(crate) struct History(pub(crate) Vec<Fact>);

/// An authenticator app in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct App {
    pub(crate) sealed: Vec<u8>,
    pub(crate) state: TotpState,
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) user: UserId,
    /// The beginning of time after a change of factors.
    pub(crate) auth_time: Timestamp,
    /// Nothing has ended it.
    pub(crate) is_alive: bool,
}

impl History {
    /// The facts after the last one that `is_end`.
    fn since(&self, is_end: impl Fn(&Fact) -> bool) -> &[Fact] {
        let end = self.0.iter().rposition(is_end).map_or(0, |at| at + 1);
        &self.0[end..]
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = &NewUser> {
        self.0.iter().filter_map(|fact| match fact {
            Fact::Came(user) => Some(user),
            _ => None,
        })
    }

    /// Every pending login that ever began.
    pub(crate) fn begun(&self) -> impl Iterator<Item = PendingLogin> {
        self.0.iter().filter_map(|fact| match fact {
            Fact::Began(login) => Some(login.clone()),
            _ => None,
        })
    }

    /// Every authenticator app that a user ever began to set up.
    pub(crate) fn enrolled(&self, user: UserId) -> impl Iterator<Item = TotpEnrolment> {
        self.0.iter().filter_map(move |fact| match fact {
            Fact::Enrolled(owner, enrolment) if *owner == user => Some(enrolment.clone()),
            _ => None,
        })
    }

    /// Every session that a user ever had.
    pub(crate) fn sessions_of(&self, user: UserId) -> impl Iterator<Item = SessionId> {
        self.0.iter().filter_map(move |fact| fact.opens_for(user)).map(|(session, _)| session.id)
    }

    pub(crate) fn password(&self, user: UserId) -> Option<PasswordHash> {
        self.0.iter().rev().find_map(|fact| match fact {
            Fact::PasswordSet(owner, password) if *owner == user => Some(password.clone()),
            Fact::Came(owner) if owner.user.id == user => owner.password.clone(),
            _ => None,
        })
    }

    pub(crate) fn is_disabled(&self, user: UserId) -> bool {
        let last = self.0.iter().rev().find_map(|fact| match fact {
            Fact::Disabled(owner) if *owner == user => Some(true),
            Fact::Enabled(owner) if *owner == user => Some(false),
            _ => None,
        });
        last.unwrap_or(false)
    }

    pub(crate) fn app(&self, user: UserId) -> Option<App> {
        let mut app = None;
        for fact in &self.0 {
            match fact {
                Fact::Changed(owner, change) if *owner == user => match change {
                    FactorChange::ConfirmTotp { sealed, state, .. } => {
                        app = Some(App { sealed: sealed.clone(), state: *state });
                    }
                    FactorChange::RemoveTotp(_) | FactorChange::Reset => app = None,
                    _ => {}
                },
                _ => {
                    if let Some((
                        _,
                        SessionProof { second: SecondProof::Given(FactorUse::Totp { state, .. }), .. },
                    )) = fact.opens_for(user)
                        && let Some(app) = &mut app
                    {
                        app.state = *state;
                    }
                }
            }
        }
        app
    }

    pub(crate) fn passkeys(&self, user: UserId) -> Vec<Passkey> {
        let mut found: Vec<Passkey> = Vec::new();
        for fact in &self.0 {
            match fact {
                Fact::Changed(owner, change) if *owner == user => match change {
                    FactorChange::AddPasskey { passkey, .. } => found.push(passkey.clone()),
                    FactorChange::RemovePasskey(id, _) => found.retain(|passkey| passkey.id != *id),
                    FactorChange::Reset => found.clear(),
                    _ => {}
                },
                Fact::Opened(
                    session,
                    SessionProof {
                        second: SecondProof::Given(FactorUse::Passkey { id, sign_count, .. }),
                        ..
                    },
                    now,
                ) if session.user_id == user => {
                    for passkey in found.iter_mut().filter(|passkey| passkey.id == *id) {
                        passkey.sign_count = *sign_count;
                        passkey.last_used_at = Some(*now);
                    }
                }
                _ => {}
            }
        }
        found.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        found
    }

    pub(crate) fn owns_passkey(&self, id: &PasskeyId) -> bool {
        self.users().any(|user| self.passkeys(user.user.id).iter().any(|passkey| passkey.id == *id))
    }

    /// Its recovery codes that were not used yet.
    pub(crate) fn codes(&self, user: UserId) -> BTreeSet<[u8; 32]> {
        let mut codes = BTreeSet::new();
        let all = |hashes: &[TokenHash]| hashes.iter().map(|hash| *hash.as_bytes()).collect::<BTreeSet<_>>();
        let (mut app, mut passkeys) = (false, 0_u32);
        for fact in &self.0 {
            match fact {
                Fact::Changed(owner, change) if *owner == user => {
                    match change {
                        FactorChange::ConfirmTotp { recovery_codes, .. } => {
                            app = true;
                            codes = all(recovery_codes);
                        }
                        FactorChange::ReplaceRecoveryCodes(recovery_codes) => codes = all(recovery_codes),
                        FactorChange::AddPasskey { recovery_codes, .. } => {
                            passkeys += 1;
                            if codes.is_empty() {
                                codes = all(recovery_codes);
                            }
                        }
                        FactorChange::RemoveTotp(_) => app = false,
                        FactorChange::RemovePasskey(..) => passkeys -= 1,
                        FactorChange::Reset => (app, passkeys) = (false, 0),
                    }
                    if !app && passkeys == 0 {
                        codes.clear();
                    }
                }
                _ => {
                    if let Some((
                        _,
                        SessionProof { second: SecondProof::Given(FactorUse::RecoveryCode(hashes)), .. },
                    )) = fact.opens_for(user)
                    {
                        for hash in hashes {
                            codes.remove(hash.as_bytes());
                        }
                    }
                }
            }
        }
        codes
    }

    pub(crate) fn factors(&self, user: UserId) -> Factors {
        Factors {
            totp: self.app(user).is_some(),
            passkeys: self.passkeys(user).len().try_into().unwrap(),
            recovery_codes_left: self.codes(user).len().try_into().unwrap(),
        }
    }

    /// The app that is being set up, expired or not, with the session that this has come to.
    pub(crate) fn enrolment(&self, user: UserId) -> Option<TotpEnrolment> {
        let mut begun: Option<TotpEnrolment> = None;
        for fact in self.since(|fact| fact.ends_enrolment_of(user)) {
            match fact {
                Fact::Enrolled(owner, enrolment) if *owner == user => begun = Some(enrolment.clone()),
                Fact::Opened(new, proof, _) => {
                    if let Some(begun) = begun.as_mut().filter(|begun| proof.steps_up == Some(begun.session))
                    {
                        begun.session = new.id;
                    }
                }
                _ => {}
            }
        }
        begun
    }

    /// A pending login with the tries that are left, if it was not ended in any way; expired or not.
    pub(crate) fn pending(&self, id: PendingId) -> Option<PendingLogin> {
        let at = self.0.iter().position(|fact| matches!(fact, Fact::Began(login) if login.id == id))?;
        let Fact::Began(login) = &self.0[at] else { return None };
        let mut login = login.clone();
        for fact in &self.0[at..] {
            let ended = matches!(fact, Fact::Ended(ended) if *ended == id);
            if ended || fact.completes() == Some(id) || fact.ends_pending_of(login.user_id) {
                return None;
            }
            if matches!(fact, Fact::Claimed(claim) if claim.pending == Some(id)) {
                login.tries_left -= 1;
            }
        }
        Some(login)
    }

    /// So many codes were examined since the last that was right.
    pub(crate) fn running(&self, user: UserId) -> usize {
        let since = self.since(|fact| match fact {
            Fact::Unlocked(owner) => *owner == user,
            Fact::Changed(
                owner,
                FactorChange::ConfirmTotp { .. } | FactorChange::RemoveTotp(_) | FactorChange::Reset,
            ) => *owner == user,
            _ => fact.opens_for(user).is_some() && fact.shows_a_code(),
        });
        since.iter().filter(|fact| matches!(fact, Fact::Claimed(claim) if claim.user == user)).count()
    }

    pub(crate) fn is_trusted(&self, user: UserId, device: DeviceId, now: Timestamp) -> bool {
        let since = self.since(|fact| fact.ends_trust_of(user));
        let until = since.iter().rev().find_map(|fact| {
            let (session, proof) = fact.opens_for(user)?;
            proof.trust_until.filter(|_| session.device == Some(device))
        });
        until.is_some_and(|until| now < until)
    }

    pub(crate) fn is_spent(&self, challenge: &SpentChallenge) -> bool {
        self.0.iter().filter_map(Fact::answered).any(|answered| answered.hash == challenge.hash)
    }

    /// A session as it should be.
    pub(crate) fn session(&self, id: SessionId) -> Option<Known> {
        let mut found: Option<Known> = None;
        for fact in &self.0 {
            match (&mut found, fact) {
                (None, Fact::Opened(session, ..)) if session.id == id => {
                    let auth_time = session.authentication.auth_time;
                    found = Some(Known { user: session.user_id, auth_time, is_alive: true });
                }
                (Some(known), fact) if known.is_alive => {
                    if fact.changes_factors_of(known.user) {
                        known.auth_time = Timestamp::default();
                    }
                    known.is_alive = !fact.ends_session(id, known.user);
                }
                _ => {}
            }
        }
        found
    }

    /// Whether a factor may go.
    pub(crate) fn may_go(&self, user: UserId, last: LastFactor) -> bool {
        let Factors { totp, passkeys, .. } = self.factors(user);
        last == LastFactor::MayGo || u32::from(totp) + passkeys > 1
    }
}

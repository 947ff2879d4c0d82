//! What is done next: at random, and mostly what could succeed, or only just not.

use std::time::Duration;

use doorward_core::{
    guard::Subject,
    ids::{DeviceId, SessionId, UserId},
    passkey::{Passkey, SpentChallenge},
    password::PasswordHash,
    second_factor::{
        BeginPending, ClaimCode, FactorChange, FactorUse, LastFactor, MAX_CODES_RUNNING, PendingLogin,
        SecondProof, TotpEnrolment,
        pending::PENDING_TTL,
        totp::{Step, TotpState},
    },
    secret::TokenHash,
    session::{Authentication, Session},
    store::{CleanUp, NewUser, SessionProof},
    time::Timestamp,
};
use doorward_testkit::builders::{START, Scene, clean_up_to};

use crate::{fact::Fact, history::History};

/// The clocks of two nodes are never further apart. Clean-up spares what any of them may still decide by.
pub(crate) const LEEWAY: Duration = Duration::from_secs(15);
const TRUSTED_FOR: Duration = Duration::from_mins(40);
const ENROLLING_FOR: Duration = Duration::from_mins(30);
const CHALLENGED_FOR: Duration = Duration::from_mins(5);
/// So few that users run into it.
const MOST_PASSKEYS: u32 = 3;

#[derive(Debug)]
pub(crate) enum Action {
    Begin(PasswordHash, BeginPending),
    End(PendingLogin),
    /// One code, or many one after the other.
    Claim(ClaimCode, u32),
    Open(Session, SessionProof),
    Enrol(UserId, TotpEnrolment),
    /// In a session, or by an administrator.
    Change(UserId, Option<SessionId>, FactorChange),
    /// On what is known to be old.
    ChangeLate(UserId, SessionId, FactorChange),
    Unlock(UserId),
    ForgetDevices(UserId),
    SetPassword(UserId, PasswordHash),
    Disable(UserId, bool),
    Revoke(SessionId),
    CleanUp(CleanUp),
    Restart,
}

/// Chooses.
pub(crate) struct Schedule {
    pub(crate) scene: Scene,
    pub(crate) users: Vec<NewUser>,
    pub(crate) devices: Vec<DeviceId>,
    /// The furthest that any clock has come.
    pub(crate) latest: Timestamp,
}

impl Schedule {
    pub(crate) fn new(seed: u64) -> Self {
        let scene = Scene::new(seed);
        let users = vec![scene.user(), scene.user()];
        let devices = (0..3).map(|_| DeviceId::from_bytes(scene.bytes())).collect();
        Self { scene, users, devices, latest: START }
    }

    fn below(&self, bound: u64) -> u64 {
        self.scene.entropy().below(bound)
    }

    fn one_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of these, mostly a late one.
    fn recent<T: Clone>(&self, among: &[T]) -> Option<T> {
        let count = among.len() as u64;
        let back = if self.one_in(4) { self.below(count) } else { self.below(count.min(3)) };
        among.iter().rev().nth(usize::try_from(back).unwrap()).cloned()
    }

    /// The furthest that every clock has come.
    pub(crate) fn earliest(&self) -> Timestamp {
        self.latest.minus(LEEWAY)
    }

    /// The clock of some node.
    pub(crate) fn now(&self) -> Timestamp {
        let behind = self.below(u64::try_from(LEEWAY.as_millis()).unwrap() + 1);
        self.latest.minus(Duration::from_millis(if self.one_in(2) { 0 } else { behind }))
    }

    /// Time goes on; often to where something ends, a millisecond before or after, by the first clock or the last.
    pub(crate) fn tick(&mut self, history: &History) {
        let ends: Vec<_> =
            history.0.iter().filter_map(Fact::ending).filter(|end| self.earliest() < *end).collect();
        let soonest = ends.iter().min().copied().filter(|_| !self.one_in(8));
        let end = soonest.or_else(|| self.recent(&ends)).filter(|_| self.one_in(8));
        let on = match end {
            Some(end) => {
                let lag = if self.one_in(2) { LEEWAY } else { Duration::ZERO };
                end.plus(lag).plus(Duration::from_millis(self.below(3))).minus(Duration::from_millis(1))
            }
            None => {
                let seconds = match self.below(48) {
                    0 => 400,
                    1 => 45,
                    2..6 => 20,
                    6..16 => 1,
                    _ => 0,
                };
                self.latest.plus(Duration::from_secs(seconds))
            }
        };
        self.latest = self.latest.max(on);
    }

    pub(crate) fn choose(&self, history: &History, now: Timestamp) -> Action {
        let user = self.users[usize::from(self.one_in(3))].user.id;
        match self.below(68) {
            0..9 => self.beginning(history, user, now),
            9..19 => self.claim(history, user),
            19..37 => self.opening(history, user, now),
            37..41 | 64.. => {
                let begun = self.scene.totp_enrolment();
                let session = self.session_of(history, user).unwrap_or(begun.session);
                Action::Enrol(user, TotpEnrolment { session, expires_at: now.plus(ENROLLING_FOR), ..begun })
            }
            41..52 => {
                let change = self.factor_change(history, user, now);
                let owner = if self.one_in(12) { self.users[0].user.id } else { user };
                match self.session_of(history, owner).filter(|_| !self.one_in(4)) {
                    Some(session) if self.one_in(12) => Action::ChangeLate(user, session, change),
                    session => Action::Change(user, session, change),
                }
            }
            52 => Action::Unlock(user),
            53 => Action::ForgetDevices(user),
            54 if self.one_in(2) => Action::SetPassword(user, self.scene.password()),
            54 => Action::Disable(user, true),
            55 | 56 => Action::Disable(user, false),
            57 => self.session_of(history, user).map_or(Action::Restart, Action::Revoke),
            58 => self.login(history).map_or(Action::Restart, Action::End),
            59 => Action::Restart,
            60..64 => Action::CleanUp(clean_up_to(self.earliest(), if self.one_in(2) { 1 } else { 100 })),
        }
    }

    fn beginning(&self, history: &History, user: UserId, now: Timestamp) -> Action {
        let owner = self.users.iter().find(|owner| owner.user.id == user).unwrap();
        let login =
            PendingLogin { expires_at: now.plus(PENDING_TTL), ..self.scene.pending_login(&owner.user) };
        let begin = BeginPending {
            login,
            replaces: self.session_of(history, user).into_iter().filter(|_| self.one_in(8)).collect(),
            supersedes: self.login(history).map(|login| login.id).filter(|_| self.one_in(8)),
            unless_locked: Subject::account(user),
        };
        Action::Begin(self.shown(history, user), begin)
    }

    /// Mostly one that waits still.
    fn login(&self, history: &History) -> Option<PendingLogin> {
        let ended_too = self.one_in(4);
        let begun: Vec<_> =
            history.begun().filter(|login| ended_too || history.pending(login.id).is_some()).collect();
        self.recent(&begun)
    }

    /// Mostly one that is alive.
    fn session_of(&self, history: &History, user: UserId) -> Option<SessionId> {
        let ended_too = self.one_in(6);
        let is_alive = |id: &SessionId| history.session(*id).is_some_and(|known| known.is_alive);
        let sessions: Vec<_> = history.sessions_of(user).filter(|id| ended_too || is_alive(id)).collect();
        self.recent(&sessions)
    }

    /// Mostly the right password.
    fn shown(&self, history: &History, user: UserId) -> PasswordHash {
        let wrong = self.one_in(16).then(|| self.scene.password());
        wrong.unwrap_or_else(|| history.password(user).unwrap())
    }

    fn claim(&self, history: &History, user: UserId) -> Action {
        let pending = self.login(history).filter(|_| !self.one_in(3));
        let user = pending.as_ref().filter(|_| !self.one_in(12)).map_or(user, |login| login.user_id);
        let times = match &pending {
            None if self.one_in(12) => MAX_CODES_RUNNING + 1,
            Some(_) if self.one_in(3) => 6,
            _ => 1,
        };
        Action::Claim(ClaimCode { user, pending: pending.map(|login| login.id) }, times)
    }

    fn opening(&self, history: &History, user: UserId, now: Timestamp) -> Action {
        let pending = self.login(history).filter(|_| self.one_in(2));
        let user = pending.as_ref().filter(|_| !self.one_in(12)).map_or(user, |login| login.user_id);
        let steps_up = self.session_of(history, user).filter(|_| pending.is_none() && self.one_in(3));
        let device = self.recent(&self.devices);
        let second = match self.below(13) {
            0 | 1 => SecondProof::None,
            2..4 => SecondProof::TrustedDevice(device.unwrap()),
            4..8 => SecondProof::Given(self.code_of_app(history, user, now)),
            8..10 => SecondProof::Given(FactorUse::RecoveryCode(vec![self.recovery_code(history, user)])),
            _ => SecondProof::Given(self.signature(history, user, now)),
        };
        let is_passkey = matches!(second, SecondProof::Given(FactorUse::Passkey { .. }));
        let is_given = matches!(second, SecondProof::Given(_));
        let needs_none = steps_up.is_some() && is_given || is_passkey && pending.is_none() && self.one_in(2);
        let proof = SessionProof {
            password: (!needs_none).then(|| self.shown(history, user)),
            second,
            pending: pending.map(|login| login.id),
            steps_up,
            attempt: None,
            trust_until: (is_given && !self.one_in(4)).then(|| now.plus(TRUSTED_FOR)),
        };
        let aal = if is_given && !self.one_in(16) { 2 } else { 1 };
        Action::Open(self.session(user, device, aal, now), proof)
    }

    fn session(&self, user: UserId, device: Option<DeviceId>, aal: u8, now: Timestamp) -> Session {
        let owner = self.users.iter().find(|owner| owner.user.id == user).unwrap();
        let session = self.scene.session_at(&owner.user, now);
        let authentication = Authentication { aal, ..session.authentication };
        Session { device, authentication, idle_expires_at: session.expires_at, ..session }
    }

    /// Of now, or of a step beside: the same one again and again.
    fn code(&self, now: Timestamp) -> TotpState {
        let Step(step) = Step::at(now);
        let drift = i8::try_from(self.below(3)).unwrap() - 1;
        TotpState { last_step: Some(Step(step.saturating_add_signed(drift.into()))), drift }
    }

    /// Mostly of the app in force; of one that was begun otherwise, which may have been in force, or come to be.
    fn code_of_app(&self, history: &History, user: UserId, now: Timestamp) -> FactorUse {
        let begun: Vec<_> = history.enrolled(user).map(|begun| begun.sealed).collect();
        let in_force = history.app(user).map(|app| app.sealed).filter(|_| !self.one_in(6));
        let sealed = in_force.or_else(|| self.recent(&begun)).unwrap_or_default();
        FactorUse::Totp { sealed, state: self.code(now) }
    }

    /// One that was ever made, mostly of the last ones, used or not.
    fn recovery_code(&self, history: &History, user: UserId) -> TokenHash {
        let made = history.0.iter().filter_map(|fact| match fact {
            Fact::Changed(
                owner,
                FactorChange::ConfirmTotp { recovery_codes, .. }
                | FactorChange::AddPasskey { recovery_codes, .. }
                | FactorChange::ReplaceRecoveryCodes(recovery_codes),
            ) if *owner == user => Some(recovery_codes),
            _ => None,
        });
        let lists: Vec<_> = made.collect();
        let list = self.recent(&lists);
        list.and_then(|codes| self.recent(codes)).unwrap_or_else(|| self.scene.token_hash())
    }

    /// One that is alive, as core takes no other: a new one, or one that was answered before.
    fn challenge(&self, history: &History, now: Timestamp) -> SpentChallenge {
        let answered = history.0.iter().filter_map(Fact::answered).filter(|old| now < old.expires_at);
        let answered: Vec<_> = answered.collect();
        let again = self.recent(&answered).filter(|_| self.one_in(4));
        again.unwrap_or_else(|| {
            let issued = Duration::from_millis(self.below(200_000));
            SpentChallenge { expires_at: now.plus(CHALLENGED_FOR).minus(issued), ..self.scene.challenge() }
        })
    }

    fn signature(&self, history: &History, user: UserId, now: Timestamp) -> FactorUse {
        let owner = if self.one_in(12) { self.users[0].user.id } else { user };
        let known = self.recent(&history.passkeys(owner));
        let Passkey { id, sign_count, .. } = known.unwrap_or_else(|| self.scene.passkey(&self.users[0].user));
        FactorUse::Passkey {
            id,
            sign_count: (sign_count + u32::try_from(self.below(3)).unwrap()).saturating_sub(1),
            synced: false,
            challenge: self.challenge(history, now),
        }
    }

    fn factor_change(&self, history: &History, user: UserId, now: Timestamp) -> FactorChange {
        let last = if self.one_in(3) { LastFactor::Stays } else { LastFactor::MayGo };
        let owner = self.users.iter().find(|owner| owner.user.id == user).unwrap();
        let recovery_codes = self.scene.recovery_codes();
        match self.below(32) {
            0..13 => {
                let enrolled: Vec<_> = history.enrolled(user).collect();
                let begun = self.recent(&enrolled).unwrap_or_else(|| self.scene.totp_enrolment());
                let TotpEnrolment { session, sealed, .. } = begun;
                // Mostly where it has come to.
                let moved = history.enrolment(user).filter(|moved| moved.sealed == sealed && !self.one_in(6));
                let session = moved.map_or(session, |moved| moved.session);
                FactorChange::ConfirmTotp { session, sealed, state: self.code(now), recovery_codes }
            }
            13..17 => FactorChange::RemoveTotp(last),
            17..26 => {
                let known = self.recent(&history.passkeys(user)).filter(|_| self.one_in(8));
                let passkey = known.unwrap_or_else(|| {
                    let passkey = self.scene.passkey(&owner.user);
                    Passkey { created_at: now, ..passkey }
                });
                let challenge = self.challenge(history, now);
                FactorChange::AddPasskey { passkey, challenge, recovery_codes, most: MOST_PASSKEYS }
            }
            26..29 => {
                let passkey = self.recent(&history.passkeys(user));
                let passkey = passkey.unwrap_or_else(|| self.scene.passkey(&owner.user));
                FactorChange::RemovePasskey(passkey.id, last)
            }
            29 => FactorChange::ReplaceRecoveryCodes(recovery_codes),
            _ => FactorChange::Reset,
        }
    }
}

//! What is asked of second factors.

use std::time::Duration;

use doorward_core::{
    ids::{DeviceId, UserId},
    passkey::{Passkey, SpentChallenge},
    password::PasswordHash,
    second_factor::{
        AskedBy, BeginPending, ClaimCode, FactorChange, FactorUse, LastFactor, PendingLogin, SecondProof,
        TotpEnrolment,
        totp::{Step, TotpState},
    },
    secret::TokenHash,
    session::Session,
    store::{NewUser, SessionProof, Store, Write},
    time::Timestamp,
    user::Epoch,
};
use doorward_testkit::builders::{START, Scene};

use crate::{
    Cast,
    operation::{in_any_order, shown},
};

/// Few of everything. No two of a kind end at once: which of them a limited clean-up takes first is not said.
pub(crate) struct Factors {
    pending: Vec<PendingLogin>,
    enrolments: Vec<(UserId, TotpEnrolment)>,
    codes: Vec<TokenHash>,
    passkeys: Vec<Passkey>,
    challenges: Vec<SpentChallenge>,
}

#[derive(Debug)]
pub(crate) enum FactorOperation {
    Begin(PasswordHash, BeginPending),
    End(PendingLogin),
    Claim(ClaimCode),
    Enrol(UserId, TotpEnrolment),
    Change(UserId, Option<AskedBy>, FactorChange),
    Reseal(UserId, Vec<u8>, Vec<u8>),
}

fn ending(number: usize) -> Timestamp {
    START.plus(Duration::from_millis(number as u64 * 37 % 401))
}

/// A device of its own for each session, so that the trust in no two ends at once.
pub(crate) fn on_its_device(number: usize, session: &mut Session) {
    session.device = Some(DeviceId::from_bytes([u8::try_from(number).unwrap(); 16]));
    session.authentication.aal = if number.is_multiple_of(4) { 1 } else { 2 };
}

impl Factors {
    pub(crate) fn new(scene: &Scene, users: &[NewUser], sessions: &[Session]) -> Self {
        let user = |number: usize| &users[number % users.len()].user;
        Self {
            pending: (0..10)
                .map(|number| PendingLogin {
                    expires_at: ending(number + 5),
                    tries_left: 2,
                    ..scene.pending_login(user(number))
                })
                .collect(),
            enrolments: (0..2 * users.len())
                .map(|number| {
                    let owner = user(number).id;
                    let mut sessions = sessions.iter().filter(|session| session.user_id == owner);
                    let begun = TotpEnrolment {
                        session: sessions.nth(number / users.len()).unwrap().id,
                        expires_at: ending(number + 5),
                        ..scene.totp_enrolment()
                    };
                    (owner, begun)
                })
                .collect(),
            codes: scene.recovery_codes(),
            passkeys: (0..8).map(|number| scene.passkey(user(number))).collect(),
            challenges: (0..40)
                .map(|number| SpentChallenge { expires_at: ending(number + 3), ..scene.challenge() })
                .collect(),
        }
    }
}

impl Cast {
    /// What a session is earned with..
    pub(crate) fn proof(&self, password: PasswordHash, session: &Session) -> SessionProof {
        let alone = self.below(8) == 0;
        let (password, second) = match self.below(10) {
            0 => (Some(password), SecondProof::TrustedDevice(self.one_of(&self.sessions).device.unwrap())),
            1..4 => (Some(password), SecondProof::Given(self.code(session))),
            4 | 5 => (Some(password), SecondProof::Given(FactorUse::RecoveryCode(self.some_codes()))),
            6 | 7 => (self.maybe(password), SecondProof::Given(self.signature(session))),
            _ => (Some(password), SecondProof::None),
        };
        SessionProof {
            password: password.filter(|_| !alone),
            second,
            pending: self.seldom(|cast| cast.one_of(&cast.factors.pending).id),
            steps_up: self.seldom(|cast| cast.one_of(&cast.sessions).id),
            attempt: self.seldom(|cast| Box::new(cast.failure())),
            trust_until: self.maybe(session.expires_at),
        }
    }

    fn code(&self, session: &Session) -> FactorUse {
        let enrolments = self.factors.enrolments.iter();
        let of_owner: Vec<_> = enrolments.filter(|begun| begun.0 == session.user_id).cloned().collect();
        // Mostly late enough: the app has to be the right one besides.
        let last_step = if self.below(8) == 0 { None } else { Some(Step(self.below(90))) };
        let state = TotpState { last_step, ..self.state() };
        FactorUse::Totp { sealed: self.one_of(&of_owner).1.sealed, state }
    }

    fn signature(&self, session: &Session) -> FactorUse {
        let signer = match self.below(8) {
            0 => self.one_of(&self.factors.passkeys),
            _ => {
                let passkeys = self.factors.passkeys.iter();
                let of_owner: Vec<_> =
                    passkeys.filter(|passkey| passkey.user_id == session.user_id).cloned().collect();
                self.one_of(&of_owner)
            }
        };
        FactorUse::Passkey {
            id: signer.id,
            sign_count: u32::try_from(self.below(9)).unwrap(),
            synced: false,
            challenge: self.one_of(&self.factors.challenges),
        }
    }

    fn seldom<T>(&self, value: impl FnOnce(&Self) -> T) -> Option<T> {
        (self.below(8) == 0).then(|| value(self))
    }

    /// Mostly in a session of theirs, alive or not.
    fn asker(&self, user: UserId) -> AskedBy {
        let of_user: Vec<_> =
            self.sessions.iter().filter(|session| session.user_id == user).cloned().collect();
        let session = if self.below(8) == 0 { self.one_of(&self.sessions) } else { self.one_of(&of_user) };
        AskedBy { session: session.id, epoch: Epoch(self.below(3)) }
    }

    fn state(&self) -> TotpState {
        TotpState {
            last_step: self.maybe(Step(self.below(60))),
            drift: i8::try_from(self.below(3)).unwrap() - 1,
        }
    }

    fn some_codes(&self) -> Vec<TokenHash> {
        let (first, count) = (self.index(8), self.index(4));
        self.factors.codes.iter().copied().skip(first).take(count).collect()
    }

    fn factor_change(&self) -> (UserId, FactorChange) {
        let last = self.one_of(&[LastFactor::MayGo, LastFactor::Stays]);
        let passkey = self.one_of(&self.factors.passkeys);
        let (enrolled, TotpEnrolment { session, sealed, .. }) = self.one_of(&self.factors.enrolments);
        match self.below(40) {
            0..14 => {
                let (state, recovery_codes) = (self.state(), self.some_codes());
                (enrolled, FactorChange::ConfirmTotp { session, sealed, state, recovery_codes })
            }
            14..17 => (enrolled, FactorChange::RemoveTotp(last)),
            17..30 => {
                let user = if self.below(8) == 0 { enrolled } else { passkey.user_id };
                let (challenge, recovery_codes) = (self.one_of(&self.factors.challenges), self.some_codes());
                (user, FactorChange::AddPasskey { passkey, challenge, recovery_codes, most: 2 })
            }
            30..34 => (passkey.user_id, FactorChange::RemovePasskey(passkey.id, last)),
            34..39 => (enrolled, FactorChange::ReplaceRecoveryCodes(self.some_codes())),
            _ => (enrolled, FactorChange::Reset),
        }
    }

    pub(crate) fn choose_of_factors(&self) -> FactorOperation {
        let login = self.one_of(&self.factors.pending);
        match self.below(16) {
            0..3 => {
                let owner = self.users.iter().find(|user| user.user.id == login.user_id).unwrap();
                let verified = owner.password.clone().filter(|_| self.below(8) > 0);
                let begin = BeginPending {
                    login,
                    replaces: self.seldom(|cast| cast.one_of(&cast.sessions).id).into_iter().collect(),
                    supersedes: self.seldom(|cast| cast.one_of(&cast.factors.pending).id),
                    unless_locked: self.one_of(&self.subjects),
                };
                FactorOperation::Begin(verified.unwrap_or(self.one_of(&self.passwords)), begin)
            }
            3 => FactorOperation::End(login),
            4..7 => {
                let user = if self.below(8) == 0 { self.one_of(&self.users).user.id } else { login.user_id };
                FactorOperation::Claim(ClaimCode { user, pending: self.maybe(login.id) })
            }
            7..10 => {
                let (user, enrolment) = self.one_of(&self.factors.enrolments);
                FactorOperation::Enrol(user, enrolment)
            }
            10..15 => {
                let (user, change) = self.factor_change();
                FactorOperation::Change(user, self.seldom(|cast| cast.asker(user)), change)
            }
            _ => {
                let [one, another] = [(); 2].map(|()| self.one_of(&self.factors.enrolments));
                FactorOperation::Reseal(one.0, one.1.sealed, another.1.sealed)
            }
        }
    }

    /// All that can be seen of factors.
    pub(crate) async fn look_at_factors(&self, store: &dyn Store, seen: &mut Vec<String>) {
        for login in &self.factors.pending {
            let found = store.pending(&[login.hash], self.now).await;
            seen.push(shown(found.map(|found| found.map(|(login, owner)| (login, owner.user)))));
        }
        for user in &self.users {
            let id = user.user.id;
            seen.push(shown(store.passkeys(id).await));
        }
        for session in &self.sessions {
            seen.push(shown(store.totp_enrolment(session.user_id, session.id, self.now).await));
            seen.push(shown(store.is_trusted(session.user_id, session.device.unwrap(), self.now).await));
        }
        for passkey in &self.factors.passkeys {
            let found = store.passkey(&passkey.id).await;
            seen.push(shown(found.map(|found| found.map(|(passkey, owner)| (passkey, owner.user)))));
        }
        for challenge in &self.factors.challenges {
            seen.push(shown(store.is_spent(challenge).await));
        }
        let middle = self.users[0].user.id;
        for (after, limit) in [(None, 100), (None, 2), (Some(middle), 1), (Some(middle), 0)] {
            seen.push(shown(store.sealed_totp(after, limit).await));
        }
    }
}

/// What a session is opened with.
pub(crate) fn name_of_proof(proof: &SessionProof) -> &'static str {
    match (&proof.second, &proof.password) {
        (SecondProof::None, _) => "open by a password",
        (SecondProof::TrustedDevice(_), _) => "open on a trusted device",
        (SecondProof::Given(FactorUse::Totp { .. }), _) => "open by a code",
        (SecondProof::Given(FactorUse::RecoveryCode(_)), _) => "open by a recovery code",
        (SecondProof::Given(FactorUse::Passkey { .. }), Some(_)) => "open by a password and a passkey",
        (SecondProof::Given(FactorUse::Passkey { .. }), None) => "open by a passkey",
    }
}

impl FactorOperation {
    /// Its kind.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Begin(..) => "begin",
            Self::End(_) => "end",
            Self::Claim(_) => "claim",
            Self::Enrol(..) => "enrol",
            Self::Reseal(..) => "reseal",
            Self::Change(_, _, change) => match change {
                FactorChange::ConfirmTotp { .. } => "confirm an app",
                FactorChange::RemoveTotp(_) => "remove an app",
                FactorChange::AddPasskey { .. } => "add a passkey",
                FactorChange::RemovePasskey(..) => "remove a passkey",
                FactorChange::ReplaceRecoveryCodes(_) => "replace recovery codes",
                FactorChange::Reset => "reset",
            },
        }
    }

    pub(crate) async fn run(&self, store: &dyn Store, write: Write) -> String {
        match self {
            Self::Begin(verified, begin) => {
                shown(store.begin_pending(write, verified, begin.clone()).await.map(in_any_order))
            }
            Self::End(login) => shown(store.end_pending(login.id).await),
            Self::Claim(claim) => shown(store.claim_code(write.now, *claim).await),
            Self::Enrol(user, enrolment) => {
                shown(store.begin_totp_enrolment(write, *user, enrolment.clone()).await)
            }
            Self::Change(user, asked_by, change) => {
                shown(store.change_factors(write, *user, *asked_by, change.clone()).await)
            }
            Self::Reseal(user, expected, sealed) => {
                shown(store.reseal_totp(*user, expected, sealed.clone()).await)
            }
        }
    }
}

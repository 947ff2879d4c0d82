//! Does what is chosen, and holds each answer against history.

use std::path::{Path, PathBuf};

use doorward_core::{
    audit::EventName,
    ids::{SessionId, UserId},
    password::PasswordHash,
    second_factor::{
        AskedBy, BeginPending, ClaimCode, FactorChange, FactorStore as _, FactorUse, MAX_CODES_RUNNING,
        SecondProof,
    },
    session::Session,
    store::{ChangePassword, CleanUp, RevokeWhich, SessionProof, Store as _, UserChanges, Write},
    time::Timestamp,
    user::Epoch,
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::builders::{audit_key, opening, write};

use crate::{
    expected::{STALE, agreed},
    fact::Fact,
    history::History,
    schedule::{Action, Schedule},
};

/// A database and what has happened to it.
pub(crate) struct Run {
    pub(crate) history: History,
    pub(crate) schedule: Schedule,
    pub(crate) path: PathBuf,
    pub(crate) store: SqliteStore,
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default(), audit_key()).unwrap()
}

fn at(now: Timestamp) -> Write {
    write(EventName::LoginSucceeded, now)
}

impl Run {
    pub(crate) async fn new(seed: u64, path: PathBuf) -> Self {
        let (store, schedule) = (open(&path), Schedule::new(seed));
        let mut history = History::default();
        for user in &schedule.users {
            store.create_user(at(schedule.latest), user.clone(), None).await.unwrap();
            history.0.push(Fact::Came(user.clone()));
        }
        Self { history, schedule, path, store }
    }

    /// What to do next, and when.
    pub(crate) fn next(&mut self) -> (Timestamp, Action) {
        self.schedule.tick(&self.history);
        let now = self.schedule.now();
        (now, self.schedule.choose(&self.history, now))
    }

    /// Does it. What that was, if it happened.
    pub(crate) async fn do_and_compare(&mut self, action: Action, now: Timestamp) -> Vec<&'static str> {
        let history = &mut self.history.0;
        match action {
            Action::Begin(shown, begin) => return self.begin(&shown, begin, now).await,
            Action::Claim(claim, times) => return self.claim(claim, times, now).await,
            Action::Open(session, proof) => return self.open(session, proof, now).await,
            Action::Change(user, session, change) => {
                return self.change(user, session, change, now).await;
            }
            Action::ChangeLate(user, session, change) => {
                let Epoch(epoch) = self.store.user(user).await.unwrap().unwrap().epoch;
                let late = Some(AskedBy { session, epoch: Epoch(epoch + 1) });
                agreed(self.store.change_factors(at(now), user, late, change).await, &[STALE]);
            }
            Action::End(login) => {
                self.store.end_pending(login.id).await.unwrap();
                history.push(Fact::Ended(login.id));
            }
            Action::Enrol(user, enrolment) => {
                self.store.begin_totp_enrolment(at(now), user, enrolment.clone()).await.unwrap();
                history.push(Fact::Enrolled(user, enrolment));
            }
            Action::Unlock(user) => {
                self.store.unlock(at(now), user).await.unwrap();
                history.push(Fact::Unlocked(user));
            }
            Action::ForgetDevices(user) => {
                self.store.forget_devices(at(now), user).await.unwrap();
                history.push(Fact::DevicesForgotten(user));
            }
            Action::SetPassword(user, new) => {
                let change = ChangePassword {
                    user,
                    expected: None,
                    new: new.clone(),
                    must_change_password: false,
                    needs_second_factor: false,
                    open: None,
                };
                self.store.change_password(at(now), change).await.unwrap();
                history.push(Fact::PasswordSet(user, new));
            }
            Action::Disable(user, disabled) => {
                let changes = UserChanges { disabled: Some(disabled), ..UserChanges::default() };
                self.store.change_user(at(now), user, changes).await.unwrap();
                history.push(if disabled { Fact::Disabled(user) } else { Fact::Enabled(user) });
            }
            Action::Revoke(id) => {
                let which = RevokeWhich::One { id, owner: None };
                self.store.revoke_sessions(at(now), which, "model").await.unwrap();
                history.push(Fact::Revoked(id));
            }
            Action::CleanUp(what) => return self.clean_up(what).await,
            Action::Restart => self.store = open(&self.path),
        }
        Vec::new()
    }

    async fn clean_up(&self, what: CleanUp) -> Vec<&'static str> {
        let removed = self.store.clean_up(what).await.unwrap().factor_rests;
        if removed > 0 { vec!["cleaned up"] } else { Vec::new() }
    }

    async fn begin(
        &mut self,
        shown: &PasswordHash,
        begin: BeginPending,
        now: Timestamp,
    ) -> Vec<&'static str> {
        let against = self.history.against_beginning(&begin.login, shown);
        let answer = self.store.begin_pending(at(now), shown, begin.clone()).await;
        if agreed(answer, &against).is_none() {
            return Vec::new();
        }
        let history = &mut self.history.0;
        history.extend(begin.replaces.into_iter().map(Fact::Revoked));
        history.extend(begin.supersedes.map(Fact::Ended));
        history.push(Fact::Began(begin.login));
        vec!["login began to wait"]
    }

    async fn claim(&mut self, claim: ClaimCode, times: u32, now: Timestamp) -> Vec<&'static str> {
        let mut claimed = Vec::new();
        for _ in 0..times {
            let against = self.history.against_claiming(claim, now);
            let Some(facts) = agreed(self.store.claim_code(now, claim).await, &against) else { continue };
            self.history.0.push(Fact::Claimed(claim));
            let left =
                claim.pending.and_then(|id| self.history.pending(id)).map_or(0, |login| login.tries_left);
            let running = u32::try_from(self.history.running(claim.user)).unwrap();
            assert_eq!((facts.running, facts.tries_left), (running, left));
            let app = facts.totp.map(|totp| (totp.sealed, totp.state));
            assert_eq!(app, self.history.app(claim.user).map(|app| (app.sealed, app.state)));
            claimed.push(match claim.pending {
                Some(_) if left == 0 => "last code of a login claimed",
                Some(_) => "code of a login claimed",
                None => "code claimed",
            });
            if running > MAX_CODES_RUNNING {
                claimed.push("more codes than are examined");
            }
        }
        claimed
    }

    async fn open(&mut self, session: Session, proof: SessionProof, now: Timestamp) -> Vec<&'static str> {
        let against = self.history.against_opening(&session, &proof, now);
        let answer = self.store.open_session(at(now), proof.clone(), opening(session.clone())).await;
        let Some(opened) = agreed(answer, &against) else { return Vec::new() };
        let ways = [
            Some(way(&proof)),
            proof.pending.map(|_| "completed a login that waited"),
            proof.steps_up.map(|_| "stepped up"),
        ];
        self.history.0.push(Fact::Opened(Box::new(session.clone()), proof, now));
        assert_eq!(opened.opened.user.factors, self.history.factors(session.user_id));
        ways.into_iter().flatten().collect()
    }

    async fn change(
        &mut self,
        user: UserId,
        session: Option<SessionId>,
        change: FactorChange,
        now: Timestamp,
    ) -> Vec<&'static str> {
        let against = self.history.against_changing(user, session, &change, now);
        let epoch = self.store.user(user).await.unwrap().unwrap().epoch;
        let asked_by = session.map(|session| AskedBy { session, epoch });
        let answer = self.store.change_factors(at(now), user, asked_by, change.clone()).await;
        let Some(changed) = agreed(answer, &against) else { return Vec::new() };
        let had_codes = !self.history.codes(user).is_empty();
        let adds = matches!(change, FactorChange::AddPasskey { .. });
        assert_eq!(changed.recovery_codes_made, adds && !had_codes);
        assert!(changed.user.epoch > epoch);
        let name = match change {
            FactorChange::ConfirmTotp { .. } => "app confirmed",
            FactorChange::RemoveTotp(_) => "app removed",
            FactorChange::AddPasskey { .. } => "passkey added",
            FactorChange::RemovePasskey(..) => "passkey removed",
            FactorChange::ReplaceRecoveryCodes(_) => "recovery codes replaced",
            FactorChange::Reset => "reset",
        };
        self.history.0.push(Fact::Changed(user, change));
        assert_eq!(changed.user.factors, self.history.factors(user));
        vec![name]
    }
}

fn way(proof: &SessionProof) -> &'static str {
    match (&proof.second, &proof.password) {
        (SecondProof::None, _) => "opened by a password",
        (SecondProof::TrustedDevice(_), _) => "opened on a trusted device",
        (SecondProof::Given(FactorUse::Totp { .. }), _) => "opened by a code",
        (SecondProof::Given(FactorUse::RecoveryCode(_)), _) => "opened by a recovery code",
        (SecondProof::Given(FactorUse::Passkey { .. }), Some(_)) => "opened by a passkey",
        (SecondProof::Given(FactorUse::Passkey { .. }), None) => "opened by a passkey alone",
    }
}

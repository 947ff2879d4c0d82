//! Factors are set up, changed and removed, and every older authentication is stale afterwards.

use doorward_core::{
    audit::EventName,
    ids::{SessionId, UserId},
    revocation::{Effect, Subject},
    second_factor::{
        AskedBy, FactorChange, FactorUse, FactorsChanged, LastFactor, TotpEnrolment,
        totp::{Step, TotpState},
    },
    secret::TokenHash,
    session::Session,
    store::{Conflict, NewUser, RevokeWhich, StoreError},
    time::Timestamp,
    user::{Epoch, Factors},
};

use super::{
    Bench,
    bench::{after, around},
    factor_bench::{CONFIRMED_AT, confirmation},
    refused,
};
use crate::{
    builders::{START, write},
    factors::both,
};

const NONE: Factors = Factors { totp: false, passkeys: 0, recovery_codes_left: 0 };

impl Bench {
    pub(super) async fn factors(&self, user: &NewUser) -> Factors {
        self.store.user(user.user.id).await.unwrap().unwrap().factors
    }

    /// Whether a recovery code opens a session; uses it up.
    pub(super) async fn opens(&self, user: &NewUser, code: TokenHash) -> bool {
        let code = FactorUse::RecoveryCode(vec![code]);
        match self.open_by(user, both(user, code)).await {
            Ok(_) => true,
            Err(StoreError::AlreadySpent) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// What `user` is setting up in a session.
    pub(super) async fn begun(
        &self,
        user: &NewUser,
        session: SessionId,
        now: Timestamp,
    ) -> Option<TotpEnrolment> {
        self.store.totp_enrolment(user.user.id, session, now).await.unwrap()
    }

    pub(super) async fn confirm(
        &self,
        user: &NewUser,
        enrolment: &TotpEnrolment,
        now: Timestamp,
    ) -> Result<FactorsChanged, StoreError> {
        let change = confirmation(enrolment, &self.scene.recovery_codes());
        self.store.change_factors(write(EventName::TotpEnabled, now), user.user.id, None, change).await
    }
}

/// The newest one, until its end; it changes nothing else.
pub async fn an_app_that_is_being_set_up_counts_for_nothing_yet(bench: Bench) {
    let (user, other) = (bench.user().await, bench.user().await);
    let [first, second] = [bench.begin_app(&user).await, bench.begin_app(&user).await];
    assert_ne!(first, second);
    for (now, alive) in around(second.expires_at).into_iter().zip([true, false, false]) {
        assert_eq!(bench.begun(&user, second.session, now).await, alive.then(|| second.clone()));
        assert_eq!(bench.begun(&user, first.session, now).await, None);
        assert_eq!(bench.begun(&other, second.session, now).await, None);
    }
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(user.user.clone()));
    bench.sign_in(&user).await;
    let began = || write(EventName::TotpEnrolmentBegan, START);
    let nobody = UserId::from_bytes(bench.scene.bytes());
    refused!(bench.store.begin_totp_enrolment(began(), nobody, first).await, StoreError::NotFound);
    let names = bench.event_names(2).await;
    assert_eq!(names, ["mfa.totp_enrolment_began", "mfa.totp_enrolment_began", "login.succeeded"]);
}

/// The very one that was examined, in time, once.
pub async fn the_app_that_was_examined_takes_effect(bench: Bench) {
    let user = bench.user().await;
    let [superseded, begun] = [bench.begin_app(&user).await, bench.begin_app(&user).await];
    let [last, end, later] = around(begun.expires_at);
    let before = bench.everything(&[]).await;
    for (enrolment, now) in [(&superseded, START), (&begun, end), (&begun, later)] {
        refused!(bench.confirm(&user, enrolment, now).await, StoreError::Stale);
    }
    assert_eq!(bench.everything(&[]).await, before);
    bench.claim(&user, None).await.unwrap();
    let codes = bench.scene.recovery_codes();
    let change = confirmation(&begun, &codes);
    let changed = write(EventName::TotpEnabled, last);
    let done = bench.store.change_factors(changed, user.user.id, None, change).await.unwrap();
    assert_eq!(done.user.factors, Factors { totp: true, passkeys: 0, recovery_codes_left: 10 });
    assert!(!done.recovery_codes_made);
    assert_eq!(bench.begun(&user, begun.session, START).await, None);
    let facts = bench.claim(&user, None).await.unwrap();
    assert_eq!(facts.running, 1, "codes are counted anew");
    let totp = facts.totp.unwrap();
    assert_eq!(totp.sealed, begun.sealed);
    assert_eq!(totp.state, TotpState { last_step: Some(Step(CONFIRMED_AT)), drift: 0 });
    refused!(bench.confirm(&user, &begun, START).await, StoreError::Stale);

    // Another app takes its place, and other codes that of the codes.
    let another = bench.begin_app(&user).await;
    bench.open_by(&user, bench.by_code(&user, CONFIRMED_AT + 5).await).await.unwrap();
    let done = bench.confirm(&user, &another, START).await.unwrap();
    assert_eq!(done.user.factors, Factors { totp: true, passkeys: 0, recovery_codes_left: 10 });
    let totp = bench.claim(&user, None).await.unwrap().totp.unwrap();
    assert_eq!((totp.sealed, totp.state.last_step), (another.sealed, Some(Step(CONFIRMED_AT))));
    assert!(!bench.opens(&user, codes[0]).await);
}

/// It was examined, and then another app took the place of the one that it is a code of.
pub async fn a_code_of_an_app_that_was_replaced_spends_nothing(bench: Bench) {
    let (mut user, _) = bench.with_app().await;
    let examined = bench.code(&user, CONFIRMED_AT + 1).await;
    bench.add_app(&mut user).await;
    let before = bench.claim(&user, None).await.unwrap().totp;
    let stale = || both(&user, examined.clone());
    refused!(bench.open_by(&user, stale()).await, StoreError::AlreadySpent);
    assert_eq!(bench.claim(&user, None).await.unwrap().totp, before);
    bench.change_factors(&user, FactorChange::RemoveTotp(LastFactor::MayGo)).await.unwrap();
    refused!(bench.open_by(&user, stale()).await, StoreError::AlreadySpent);
    bench.add_app(&mut user).await;
    let code = bench.by_code(&user, CONFIRMED_AT + 1).await;
    bench.open_by(&user, code).await.unwrap();
}

/// Tokens are outdated, sessions live on and are stale, and nobody else notices.
pub async fn a_change_of_factors_makes_every_authentication_stale(bench: Bench) {
    let ((user, _), (other, _)) = (bench.with_app().await, bench.with_app().await);
    let mut sessions = Vec::new();
    for (owner, step) in [(&user, 1), (&user, 2), (&user, 3), (&other, 1)] {
        let code = bench.by_code(owner, CONFIRMED_AT + step).await;
        sessions.push(bench.open_by(owner, code).await.unwrap().opened.session);
    }
    let which = RevokeWhich::One { id: sessions[0].id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
    let ended = Session { expires_at: after(3), ..bench.scene.strong_session(&user.user) };
    bench.open_as(ended.clone(), START, bench.by_code(&user, CONFIRMED_AT + 4).await).await.unwrap();
    let user = NewUser { user: bench.store.user(user.user.id).await.unwrap().unwrap(), ..user };
    let (events, entries) = (bench.events().await.len(), bench.feed().await.entries.len());

    let change = || FactorChange::ReplaceRecoveryCodes(bench.scene.recovery_codes());
    let made = || write(EventName::RecoveryCodesMade, after(3));
    let epoch = user.user.epoch;
    let before = bench.everything(&[&sessions[1]]).await;
    let by = |session: &Session, epoch| Some(AskedBy { session: session.id, epoch });
    for stale in [
        by(&sessions[1], Epoch(epoch.0 - 1)),
        by(&sessions[1], epoch.next()),
        // Revoked, past its end, somebody else's, nobody's.
        by(&sessions[0], epoch),
        by(&ended, epoch),
        by(&sessions[3], epoch),
        by(&bench.scene.session(&user.user), epoch),
    ] {
        let done = bench.store.change_factors(made(), user.user.id, stale, change()).await;
        refused!(done, StoreError::Stale);
    }
    assert_eq!(bench.everything(&[&sessions[1]]).await, before);
    let asked_by = by(&sessions[1], epoch);
    let done = bench.store.change_factors(made(), user.user.id, asked_by, change()).await.unwrap();
    assert_eq!(done.user.epoch, epoch.next());
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(done.user));
    assert_eq!(done.revocations.len(), 1);
    let told = done.revocations[0];
    assert_eq!(
        (told.subject, told.effect, told.epoch),
        (Subject::User(user.user.id), Effect::Outdated, epoch.next())
    );
    assert_eq!(bench.told().await[entries..], done.revocations);
    assert_eq!(bench.event_names(events).await, ["mfa.recovery_codes_made"]);
    for (session, stale) in [
        (&sessions[0], false),
        (&sessions[1], true),
        (&sessions[2], true),
        (&sessions[3], false),
        (&ended, false),
    ] {
        let mut expected = bench.session(session.id).await;
        let since = expected.authentication.auth_time;
        assert_eq!(since, if stale { Timestamp::from_millis(0) } else { START });
        expected.authentication.auth_time = START;
        assert_eq!(Session { revoked_at: None, epoch: Epoch(0), ..expected }, *session);
    }
    let nobody = bench.store.change_factors(made(), UserId::from_bytes(bench.scene.bytes()), None, change());
    refused!(nobody.await, StoreError::NotFound);
}

/// Where policy demands a factor the last one stays; recovery codes stand in for one, and go with the last.
pub async fn the_last_factor_goes_only_where_it_may(bench: Bench) {
    let (mut user, codes) = bench.with_app().await;
    let passkey = bench.add_passkey(&mut user).await;
    let remove_app = FactorChange::RemoveTotp;
    let remove_passkey = |last| FactorChange::RemovePasskey(passkey.id.clone(), last);
    bench.claim(&user, None).await.unwrap();
    // Not the last: it goes whatever the policy.
    let done = bench.change_factors(&user, remove_app(LastFactor::Stays)).await.unwrap();
    assert_eq!(done.user.factors, Factors { totp: false, passkeys: 1, recovery_codes_left: 10 });
    let facts = bench.claim(&user, None).await.unwrap();
    assert_eq!((facts.running, facts.totp), (1, None));
    let before = bench.everything(&[]).await;
    refused!(
        bench.change_factors(&user, remove_passkey(LastFactor::Stays)).await,
        StoreError::Conflict(Conflict::FactorRequired)
    );
    refused!(bench.change_factors(&user, remove_app(LastFactor::MayGo)).await, StoreError::NotFound);
    assert_eq!(bench.everything(&[]).await, before);
    assert!(bench.opens(&user, codes[0]).await);
    let done = bench.change_factors(&user, remove_passkey(LastFactor::MayGo)).await.unwrap();
    assert_eq!(done.user.factors, NONE);
    refused!(bench.change_factors(&user, remove_passkey(LastFactor::MayGo)).await, StoreError::NotFound);
    assert!(!bench.opens(&user, codes[1]).await);
    bench.sign_in(&user).await;
    // The same for an app that is the last.
    let (user, codes) = bench.with_app().await;
    refused!(
        bench.change_factors(&user, remove_app(LastFactor::Stays)).await,
        StoreError::Conflict(Conflict::FactorRequired)
    );
    let done = bench.change_factors(&user, remove_app(LastFactor::MayGo)).await.unwrap();
    assert_eq!(done.user.factors, NONE);
    assert!(!bench.opens(&user, codes[0]).await);
}

/// Old ones are dead; who has no factor needs none.
pub async fn new_recovery_codes_take_the_place_of_the_old_ones(bench: Bench) {
    let (user, old) = bench.with_app().await;
    assert!(bench.opens(&user, old[0]).await);
    bench.claim(&user, None).await.unwrap();
    let new = bench.scene.recovery_codes();
    let done = bench.change_factors(&user, FactorChange::ReplaceRecoveryCodes(new.clone())).await.unwrap();
    assert_eq!(done.user.factors, Factors { totp: true, passkeys: 0, recovery_codes_left: 10 });
    assert_eq!(bench.claim(&user, None).await.unwrap().running, 2);
    assert!(!bench.opens(&user, old[1]).await);
    assert!(bench.opens(&user, new[0]).await);
    let plain = bench.user().await;
    let change = FactorChange::ReplaceRecoveryCodes(bench.scene.recovery_codes());
    refused!(bench.change_factors(&plain, change).await, StoreError::NotFound);
    assert_eq!(bench.factors(&plain).await, NONE);
}

/// Everything goes, what is being set up included; for somebody who has nothing it is no error.
pub async fn a_reset_removes_every_factor(bench: Bench) {
    let ((mut user, codes), (other, _)) = (bench.with_app().await, bench.with_app().await);
    let passkey = bench.add_passkey(&mut user).await;
    let begun = bench.begin_app(&user).await;
    bench.claim(&user, None).await.unwrap();
    for _ in 0..2 {
        let done = bench.change_factors(&user, FactorChange::Reset).await.unwrap();
        assert_eq!(done.user.factors, NONE);
        assert_eq!(bench.factors(&user).await, NONE);
        assert!(bench.store.passkey(&passkey.id).await.unwrap().is_none());
        refused!(bench.confirm(&user, &begun, START).await, StoreError::Stale);
    }
    let facts = bench.claim(&user, None).await.unwrap();
    assert_eq!((facts.running, facts.totp), (1, None));
    assert!(!bench.opens(&user, codes[0]).await);
    bench.sign_in(&user).await;
    assert_eq!(bench.factors(&other).await, other.user.factors);
}

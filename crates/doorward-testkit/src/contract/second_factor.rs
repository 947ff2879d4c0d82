//! Factors are set up, changed and removed, and every older authentication is stale afterwards.

use doorward_core::{
    audit::EventName,
    ids::UserId,
    revocation::{Effect, Subject},
    second_factor::{
        FactorChange, FactorUse, FactorsChanged, LastFactor, TotpEnrolment,
        totp::{Step, TotpState},
    },
    secret::TokenHash,
    session::Session,
    store::{CleanUp, Conflict, NewUser, RevokeWhich, StoreError},
    time::Timestamp,
    user::{Epoch, Factors},
};

use super::{
    Bench,
    bench::{after, around},
    factor_bench::{CONFIRMED_AT, confirmation, waiting},
    refused,
};
use crate::{
    builders::{START, write},
    factors::{both, code_of},
};

const NONE: Factors = Factors { totp: false, passkeys: 0, recovery_codes_left: 0 };

impl Bench {
    async fn factors(&self, user: &NewUser) -> Factors {
        self.store.user(user.user.id).await.unwrap().unwrap().factors
    }

    /// Whether a recovery code opens a session; uses it up.
    async fn opens(&self, user: &NewUser, code: TokenHash) -> bool {
        let code = FactorUse::RecoveryCode(vec![code]);
        match self.open_by(user, both(user, code)).await {
            Ok(_) => true,
            Err(StoreError::AlreadySpent) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn begun(&self, user: &NewUser, now: Timestamp) -> Option<TotpEnrolment> {
        self.store.totp_enrolment(user.user.id, now).await.unwrap()
    }

    async fn confirm(
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
        assert_eq!(bench.begun(&user, now).await, alive.then(|| second.clone()));
        assert_eq!(bench.begun(&other, now).await, None);
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
    assert_eq!(bench.begun(&user, START).await, None);
    let facts = bench.claim(&user, None).await.unwrap();
    assert_eq!(facts.running, 1, "codes are counted anew");
    let totp = facts.totp.unwrap();
    assert_eq!(totp.sealed, begun.sealed);
    assert_eq!(totp.state, TotpState { last_step: Some(Step(CONFIRMED_AT)), drift: 0 });
    refused!(bench.confirm(&user, &begun, START).await, StoreError::Stale);

    // Another app takes its place, and other codes that of the codes.
    let another = bench.begin_app(&user).await;
    bench.open_by(&user, both(&user, code_of(CONFIRMED_AT + 5))).await.unwrap();
    let done = bench.confirm(&user, &another, START).await.unwrap();
    assert_eq!(done.user.factors, Factors { totp: true, passkeys: 0, recovery_codes_left: 10 });
    let totp = bench.claim(&user, None).await.unwrap().totp.unwrap();
    assert_eq!((totp.sealed, totp.state.last_step), (another.sealed, Some(Step(CONFIRMED_AT))));
    assert!(!bench.opens(&user, codes[0]).await);
}

/// Tokens are outdated, sessions live on and are stale, and nobody else notices.
pub async fn a_change_of_factors_makes_every_authentication_stale(bench: Bench) {
    let ((user, _), (other, _)) = (bench.with_app().await, bench.with_app().await);
    let mut sessions = Vec::new();
    for (owner, step) in [(&user, 1), (&user, 2), (&user, 3), (&other, 1)] {
        let code = code_of(CONFIRMED_AT + step);
        sessions.push(bench.open_by(owner, both(owner, code)).await.unwrap().opened.session);
    }
    let which = RevokeWhich::One { id: sessions[0].id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();
    let ended = Session { expires_at: after(3), ..bench.scene.strong_session(&user.user) };
    bench.open_as(ended.clone(), START, both(&user, code_of(CONFIRMED_AT + 4))).await.unwrap();
    let user = NewUser { user: bench.store.user(user.user.id).await.unwrap().unwrap(), ..user };
    let (events, entries) = (bench.events().await.len(), bench.feed().await.entries.len());

    let change = || FactorChange::ReplaceRecoveryCodes(bench.scene.recovery_codes());
    let made = || write(EventName::RecoveryCodesMade, after(3));
    let epoch = user.user.epoch;
    let before = bench.everything(&[&sessions[1]]).await;
    for stale in [Epoch(epoch.0 - 1), epoch.next()] {
        let done = bench.store.change_factors(made(), user.user.id, Some(stale), change()).await;
        refused!(done, StoreError::Stale);
    }
    assert_eq!(bench.everything(&[&sessions[1]]).await, before);
    let done = bench.store.change_factors(made(), user.user.id, Some(epoch), change()).await.unwrap();
    assert_eq!(done.user.epoch, epoch.next());
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(done.user));
    assert_eq!(done.revocations.len(), 1);
    let told = done.revocations[0];
    assert_eq!(
        (told.subject, told.effect, told.epoch),
        (Subject::User(user.user.id), Effect::Outdated, epoch.next())
    );
    assert_eq!(bench.feed().await.entries[entries..], done.revocations);
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

/// A new master secret: every sealed secret is found, in parts, and replaced where it is still the one.
pub async fn sealed_secrets_are_listed_and_sealed_anew(bench: Bench) {
    let (store, mut expected) = (&bench.store, Vec::new());
    for number in 0..4 {
        let user = if number == 2 { bench.user().await } else { bench.with_app().await.0 };
        let in_force = bench.claim(&user, None).await.unwrap().totp.map(|totp| totp.sealed);
        expected.extend(in_force.map(|sealed| (user.user.id, 1, sealed)));
        if number > 1 {
            expected.push((user.user.id, 2, bench.begin_app(&user).await.sealed));
        }
    }
    expected.sort();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let batch = store.sealed_totp(after, 1).await.unwrap();
        let Some((last, _)) = batch.last() else { break };
        assert!(batch.iter().all(|(user, _)| user == last), "a batch is of one user here");
        after = Some(*last);
        found.extend(batch);
    }
    let plain: Vec<_> = expected.into_iter().map(|(user, _, sealed)| (user, sealed)).collect();
    assert_eq!(found, plain);
    assert_eq!(store.sealed_totp(None, 10).await.unwrap(), plain);
    let (before, mut anew) = (bench.everything(&[]).await, plain.clone());
    for (at, (user, sealed)) in plain.iter().enumerate() {
        // Of somebody else, or another by now: it stays.
        store.reseal_totp(*user, b"another", vec![0]).await.unwrap();
        store.reseal_totp(UserId::from_bytes(bench.scene.bytes()), sealed, vec![0]).await.unwrap();
        anew[at].1 = vec![7, u8::try_from(at).unwrap()];
        store.reseal_totp(*user, sealed, anew[at].1.clone()).await.unwrap();
        assert_eq!(store.sealed_totp(None, 10).await.unwrap(), anew);
    }
    assert_eq!(bench.everything(&[]).await, before);
}

/// Each kind at its end, so many at a time, and nothing that counts.
pub async fn what_is_left_of_factors_is_cleaned_up_at_its_end(bench: Bench) {
    let end = after(1_000_000);
    let (mut user, _) = bench.with_app().await;
    let factors = bench.factors(&user).await;
    bench.add_passkey(&mut user).await;
    let passkeys_challenge = START.plus(std::time::Duration::from_mins(5));
    for step in 1..=2 {
        bench.trusted_device(&user, CONFIRMED_AT + step, end).await;
        let other = bench.user().await;
        let enrolment = TotpEnrolment { expires_at: end, ..bench.scene.totp_enrolment() };
        let began = write(EventName::TotpEnrolmentBegan, START);
        bench.store.begin_totp_enrolment(began, other.user.id, enrolment).await.unwrap();
        let mut login = bench.scene.pending_login(&user.user);
        login.expires_at = end;
        bench.begin_pending(&user, waiting(&user, login)).await.unwrap();
    }
    let long_ago = Timestamp::from_millis(0);
    let up_to = |now, limit| CleanUp {
        now,
        sessions_ended_before: long_ago,
        keys_retired_before: long_ago,
        attempts_expired_before: long_ago,
        audit: None,
        limit,
    };
    let removed = async |now, limit| bench.store.clean_up(up_to(now, limit)).await.unwrap().factor_rests;
    for (now, expected) in around(passkeys_challenge).into_iter().zip([0, 1, 0]) {
        assert_eq!(removed(now, 10).await, expected);
    }
    let [before, at, _] = around(end);
    for (now, limit, expected) in [(before, 10, 0), (at, 1, 3), (at, 1, 3), (at, 10, 0)] {
        assert_eq!(removed(now, limit).await, expected);
    }
    assert_eq!(bench.factors(&user).await, Factors { passkeys: 1, ..factors });
    assert!(bench.claim(&user, None).await.unwrap().totp.is_some());
}

/// Apps, what is spent of them, codes, passkeys, logins that wait, devices, challenges, counts.
pub async fn factors_are_there_after_a_restart(bench: Bench) {
    let (mut user, codes) = bench.with_app().await;
    let passkey = bench.add_passkey(&mut user).await;
    let enrolment = bench.begin_app(&user).await;
    let device = bench.trusted_device(&user, CONFIRMED_AT + 1, after(9)).await;
    let login = bench.pending_login(&user).await;
    assert!(bench.opens(&user, codes[0]).await);
    let signed = bench.scene.signed_by(&passkey, 3);
    bench.open_by(&user, both(&user, signed.clone())).await.unwrap();
    let claimed = bench.claim(&user, Some(&login)).await.unwrap();
    let before = bench.everything(&[]).await;
    let bench = bench.restarted();
    assert_eq!(bench.everything(&[]).await, before);
    assert_eq!(bench.begun(&user, START).await, Some(enrolment));
    assert!(bench.store.is_trusted(user.user.id, device, START).await.unwrap());
    let facts = bench.claim(&user, Some(&login)).await.unwrap();
    assert_eq!((facts.running, facts.tries_left), (claimed.running + 1, claimed.tries_left - 1));
    assert_eq!(facts.totp, claimed.totp);
    assert_eq!(facts.totp.unwrap().state.last_step, Some(Step(CONFIRMED_AT + 1)));
    assert!(!bench.opens(&user, codes[0]).await && bench.opens(&user, codes[1]).await);
    assert_eq!(bench.store.passkeys(user.user.id).await.unwrap()[0].sign_count, 3);
    refused!(bench.open_by(&user, both(&user, signed)).await, StoreError::AlreadySpent);
}

//! Who forgets failed attempts, and when: a success, an administrator, clean-up; and nobody else.

use std::fmt::Debug;

use doorward_core::{
    audit::EventName,
    guard::{AttemptRecord, FailedAttempt, Standing, Subject},
    ids::SessionId,
    link::LinkPurpose,
    password::PasswordHash,
    session::{OnLimit, Session, SessionLimit},
    store::{ChangePassword, CleanUp, OpenSession, SessionProof, StoreError, UserChanges},
    time::Timestamp,
    user::Epoch,
};

use super::{
    Bench,
    attempts::{LOCK, WINDOW, account, failure, forgiving, locks_after, one_of_each},
    bench::{after, around},
    refused,
};
use crate::builders::{START, opening, write};

/// The end of the lock that refused an operation.
fn refusing_lock<T: Debug>(result: Result<T, StoreError>) -> Timestamp {
    match result {
        Err(StoreError::Locked { until }) => until,
        other => panic!("{other:?}"),
    }
}

impl Bench {
    /// Cleans failed attempts up, and nothing else; how many records went.
    async fn attempts_removed(&self, until: Timestamp, limit: u32) -> u32 {
        let long_ago = Timestamp::from_millis(0);
        let what = CleanUp {
            now: long_ago,
            sessions_ended_before: long_ago,
            keys_retired_before: long_ago,
            attempts_expired_before: until,
            statistics_before: Timestamp::from_millis(0),
            audit: None,
            limit,
        };
        self.store.clean_up(what).await.unwrap().attempts
    }
}

/// Of a stranger's success the account's failures, of a device's its own, and never those of an address.
pub async fn a_success_forgives_its_subject_and_nobody_else(bench: Bench) {
    let policy = locks_after(100);
    let user = bench.user().await;
    let subjects = one_of_each(&bench, &user);
    let strangers = account(&bench.user().await);
    let all: Vec<_> = subjects.into_iter().chain([strangers]).collect();
    for forgiven in &subjects[..3] {
        for subject in &all {
            bench.fail(*subject, START, &policy).await;
        }
        let before = bench.store.attempts(&all).await.unwrap();
        let open = forgiving(bench.scene.session(&user.user), *forgiven);
        bench.open(&user, START, open).await.unwrap();
        let expected: Vec<_> = all
            .iter()
            .zip(before)
            .map(|(subject, record)| if subject == forgiven { AttemptRecord::default() } else { record })
            .collect();
        assert_eq!(bench.store.attempts(&all).await.unwrap(), expected);
    }
    // A session that forgives nobody, as after setup, leaves everything as it is.
    let before = bench.store.attempts(&all).await.unwrap();
    bench.sign_in(&user).await;
    assert_eq!(bench.store.attempts(&all).await.unwrap(), before);
}

/// Only a success that was one is worth anything.
pub async fn a_login_that_was_refused_forgives_nothing(bench: Bench) {
    let policy = locks_after(100);
    let (user, _) = bench.signed_in().await;
    bench.fail(account(&user), START, &policy).await;
    let before = bench.remembers(account(&user)).await;
    let limit = SessionLimit { max_per_user: 1, on_limit: OnLimit::Refuse };
    let open = OpenSession { limit, ..forgiving(bench.scene.session(&user.user), account(&user)) };
    refused!(bench.open(&user, START, open).await, StoreError::Conflict(_));
    assert_eq!(bench.remembers(account(&user)).await, before);
    let open = forgiving(bench.scene.session(&user.user), account(&user));
    let login = write(EventName::LoginSucceeded, START);
    refused!(
        bench.store.open_session(login, SessionProof::password(bench.scene.password()), open).await,
        StoreError::Stale
    );
    assert_eq!(bench.remembers(account(&user)).await, before);
}

/// The right password came too late: it opens nothing, ends nothing and leaves no trace, until the lock has ended.
pub async fn a_success_while_locked_changes_nothing(bench: Bench) {
    let policy = locks_after(1);
    let (user, session) = bench.signed_in().await;
    let until = bench.fail(account(&user), START, &policy).await.unwrap();
    let record = bench.remembers(account(&user)).await;
    let open = OpenSession {
        replaces: vec![session.id],
        ..forgiving(bench.scene.session_at(&user.user, until), account(&user))
    };
    let [early, end, _] = around(until);
    let before = bench.everything(&[&session]).await;
    for now in [START, early] {
        assert_eq!(refusing_lock(bench.open(&user, now, open.clone()).await), until);
        assert_eq!(bench.everything(&[&session]).await, before);
        assert_eq!(bench.remembers(account(&user)).await, record);
    }
    // Whoever forgives somebody else, as a known device does, is not held up.
    let id = SessionId::from_bytes(bench.scene.bytes());
    let [_, device, ..] = one_of_each(&bench, &user);
    let by_device = forgiving(Session { id, ..bench.scene.session(&user.user) }, device);
    bench.open(&user, START, by_device).await.unwrap();
    bench.open(&user, end, open).await.unwrap();
    assert_eq!(bench.remembers(account(&user)).await, AttemptRecord::default());
}

/// As the failure of a wrong guess is, and before anything else is looked at: neither answer nor trace tell the two apart.
pub async fn a_success_that_is_an_attempt_is_recorded_while_locked(bench: Bench) {
    let policy = locks_after(1);
    let (user, session) = bench.signed_in().await;
    let [.., address] = one_of_each(&bench, &user);
    let attempt = FailedAttempt { address: Some(address), ..failure(account(&user), START, &policy) };
    let tries = async |now, password: PasswordHash| {
        let attempt = FailedAttempt { now, counts: false, ..attempt.clone() };
        let proof = SessionProof { attempt: Some(Box::new(attempt)), ..SessionProof::password(password) };
        let open = OpenSession { replaces: vec![session.id], ..opening(bench.scene.session(&user.user)) };
        // It came in long before it was examined.
        bench.store.open_session(write(EventName::LoginSucceeded, START), proof, open).await
    };
    let password = user.password.clone().unwrap();
    let until = bench.fail(account(&user), START, &policy).await.unwrap();
    let record = bench.remembers(account(&user)).await;
    let [early, end, _] = around(until);
    for now in [START, early] {
        for password in [&password, &bench.scene.password()] {
            let (before, first) = (bench.session(session.id).await, bench.events().await.len());
            assert_eq!(refusing_lock(tries(now, password.clone()).await), until);
            assert_eq!(bench.session(session.id).await, before);
            assert_eq!(bench.remembers(account(&user)).await, record);
            let [refused] = bench.events().await.split_off(first).try_into().unwrap();
            assert_eq!(refused.name, EventName::LoginRefused.as_str());
            assert_eq!(refused.reason.as_deref(), Some("account_locked"));
        }
    }
    // For the address each of them counts, as a wrong guess does.
    let rules = policy.rules(address.kind);
    let counted = [START, START, early, early]
        .iter()
        .fold(AttemptRecord::default(), |record, time| record.after_failure(*time, &rules).0);
    assert_eq!(bench.remembers(address).await, counted);
    // The lock has ended while it was examined. Nothing is forgiven that was not asked for.
    tries(end, password).await.unwrap();
    assert_eq!(bench.remembers(account(&user)).await, record);
}

/// Neither the password nor a session, a link or the device epoch is other than before.
pub async fn a_password_change_while_locked_changes_nothing(bench: Bench) {
    let policy = locks_after(1);
    let (user, session) = bench.signed_in().await;
    let subject = Subject::session(session.id, user.user.id);
    let link = bench.scene.link(LinkPurpose::Reset, &user.user);
    bench.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    let until = bench.fail(subject, START, &policy).await.unwrap();
    let [early, end, _] = around(until);
    let change = ChangePassword {
        user: user.user.id,
        expected: user.password.clone(),
        new: bench.scene.password(),
        must_change_password: false,
        needs_second_factor: false,
        open: Some(forgiving(bench.scene.session_at(&user.user, until), subject)),
    };
    let before = bench.everything(&[&session]).await;
    for now in [START, early] {
        let changed =
            bench.store.change_password(write(EventName::PasswordChanged, now), change.clone()).await;
        assert_eq!(refusing_lock(changed), until);
        let redeemed = write(EventName::LinkUsed, now);
        let redeemed = bench.store.redeem_link(redeemed, link.hash, link.purpose, change.clone()).await;
        assert_eq!(refusing_lock(redeemed), until);
        assert_eq!(bench.everything(&[&session]).await, before);
        assert!(bench.store.link(&[link.hash], link.purpose, now).await.unwrap().is_some());
    }
    bench.store.change_password(write(EventName::PasswordChanged, end), change).await.unwrap();
    assert_eq!(bench.remembers(subject).await, AttemptRecord::default());
}

/// Their account, devices and sessions; neither an address nor anybody else's.
pub async fn unlocking_forgets_everything_of_one_user(bench: Bench) {
    let policy = locks_after(2);
    let (user, other) = (bench.user().await, bench.user().await);
    let (theirs, others) = (one_of_each(&bench, &user), one_of_each(&bench, &other));
    for subject in theirs.into_iter().chain(others) {
        bench.fail(subject, START, &policy).await;
    }
    // Some are locked, some only counted.
    bench.fail(theirs[0], START, &policy).await;
    bench.fail(theirs[1], START, &policy).await;
    bench.fail(others[0], START, &policy).await;
    let kept: Vec<_> = theirs[3..].iter().chain(&others).copied().collect();
    let before = bench.store.attempts(&kept).await.unwrap();
    bench.store.unlock(write(EventName::AccountUnlocked, after(1)), user.user.id).await.unwrap();
    assert_eq!(bench.store.attempts(&theirs[..3]).await.unwrap(), vec![AttemptRecord::default(); 3]);
    assert_eq!(bench.store.attempts(&kept).await.unwrap(), before);
    // Nobody is logged out, and no device forgotten.
    assert_eq!(bench.store.user(user.user.id).await.unwrap(), Some(user.user.clone()));
    assert_eq!(bench.fail(theirs[0], after(2), &policy).await, None);

    // Where there is nothing to forget it is audited all the same; where there is nobody, not.
    let events = bench.events().await.len();
    let unlocked = || write(EventName::AccountUnlocked, after(3));
    bench.store.unlock(unlocked(), bench.user().await.user.id).await.unwrap();
    assert_eq!(bench.event_names(events).await, ["user.created", "account.unlocked"]);
    let before = bench.everything(&[]).await;
    refused!(bench.store.unlock(unlocked(), bench.scene.user().user.id).await, StoreError::NotFound);
    assert_eq!(bench.everything(&[]).await, before);
}

/// By an administrator, by every way to another password, and by nothing else.
pub async fn devices_are_forgotten_with_the_password_or_by_hand(bench: Bench) {
    let user = bench.user().await;
    let id = user.user.id;
    let change = || ChangePassword {
        user: id,
        expected: None,
        new: bench.scene.password(),
        must_change_password: false,
        needs_second_factor: false,
        open: None,
    };
    let epoch = async || bench.store.user(id).await.unwrap().unwrap().device_epoch;
    let policy = locks_after(1);
    let [account, device, ..] = one_of_each(&bench, &user);
    bench.fail(account, START, &policy).await;
    bench.fail(device, START, &policy).await;
    let locks = bench.store.attempts(&[account, device]).await.unwrap();

    let events = bench.events().await.len();
    let session = bench.sign_in(&user).await;
    bench.store.forget_devices(write(EventName::DevicesForgotten, after(1)), id).await.unwrap();
    assert_eq!(epoch().await, Epoch(1));
    assert_eq!(bench.event_names(events).await, ["login.succeeded", "account.devices_forgotten"]);
    assert_eq!(bench.session(session.id).await, session);

    let changed = bench.store.change_password(write(EventName::PasswordSet, START), change()).await.unwrap();
    assert_eq!((changed.user.device_epoch, epoch().await), (Epoch(2), Epoch(2)));
    let link = bench.scene.link(LinkPurpose::Reset, &user.user);
    bench.store.add_link(write(EventName::ResetIssued, START), link.clone()).await.unwrap();
    let used = write(EventName::LinkUsed, START);
    let changed = bench.store.redeem_link(used, link.hash, link.purpose, change()).await.unwrap();
    assert_eq!((changed.user.device_epoch, epoch().await), (Epoch(3), Epoch(3)));

    let disabled = UserChanges { disabled: Some(true), ..UserChanges::default() };
    let (changed, _) =
        bench.store.change_user(write(EventName::UserChanged, START), id, disabled).await.unwrap();
    bench.store.unlock(write(EventName::AccountUnlocked, START), bench.user().await.user.id).await.unwrap();
    assert_eq!((changed.device_epoch, epoch().await), (Epoch(3), Epoch(3)));
    // None of it lifts a lock.
    assert_eq!(bench.store.attempts(&[account, device]).await.unwrap(), locks);

    let before = bench.everything(&[]).await;
    let forgotten = write(EventName::DevicesForgotten, START);
    refused!(bench.store.forget_devices(forgotten, bench.scene.user().user.id).await, StoreError::NotFound);
    assert_eq!(bench.everything(&[]).await, before);
}

/// For the process beside this one, and after a restart; to the millisecond.
pub async fn failures_and_locks_survive_a_restart(bench: Bench) {
    let policy = locks_after(3);
    let user = bench.user().await;
    let subjects = one_of_each(&bench, &user);
    for (number, subject) in (1..).zip(subjects) {
        for time in 0..number {
            bench.fail(subject, after(time), &policy).await;
        }
    }
    let before = bench.store.attempts(&subjects).await.unwrap();
    assert_eq!(bench.beside().attempts(&subjects).await.unwrap(), before);
    let bench = bench.restarted();
    assert_eq!(bench.store.attempts(&subjects).await.unwrap(), before);
    // Two counted, the third locks.
    assert_eq!(bench.fail(subjects[1], after(5), &policy).await, Some(after(5).plus(LOCK)));
    assert_eq!(bench.fail(subjects[2], after(5), &policy).await, Some(after(2).plus(LOCK)));
}

/// When the last failure is out of the window, the lock over and the wait as well, whichever is latest.
pub async fn records_are_cleaned_up_when_nothing_depends_on_them(bench: Bench) {
    let counts = locks_after(2);
    let mut locks_briefly = locks_after(2);
    locks_briefly.lockout.duration = WINDOW / 10;
    let mut waits_long = locks_after(3);
    waits_long.account.delays = vec![2 * WINDOW];
    for (policy, failures, end) in [
        (&counts, vec![START, after(0)], START.plus(LOCK)),
        (&counts, vec![START], START.plus(WINDOW)),
        (&counts, vec![after(1_000), after(11_000)], after(11_000).plus(WINDOW)),
        (&locks_briefly, vec![START, after(5)], after(5).plus(WINDOW / 10)),
        (&waits_long, vec![START, after(5)], after(5).plus(2 * WINDOW)),
    ] {
        let user = bench.user().await;
        for time in &failures {
            bench.fail(account(&user), *time, policy).await;
        }
        let record = bench.remembers(account(&user)).await;
        assert_eq!(record.expires_at(&policy.rules(account(&user).kind)), end);
        for (now, removed) in around(end).into_iter().zip([0, 1, 0]) {
            assert_eq!(bench.attempts_removed(now, 10).await, removed, "{failures:?}");
            let left = if now < end { record.clone() } else { AttemptRecord::default() };
            assert_eq!(bench.remembers(account(&user)).await, left, "{failures:?}");
        }
        let rules = policy.rules(account(&user).kind);
        assert_eq!(record.standing(end, &rules), Standing::Clear);
    }
}

/// So many of each kind, those that expired first; the time it was decided with is the highest from then on.
pub async fn records_are_cleaned_up_a_part_at_a_time(bench: Bench) {
    let policy = locks_after(100);
    let mut expiring = Vec::new();
    for at in [3, 1, 5, 2, 4] {
        let user = bench.user().await;
        for subject in one_of_each(&bench, &user) {
            bench.fail(subject, after(at), &policy).await;
            expiring.push((at, subject));
        }
    }
    let end = after(4).plus(WINDOW);
    for (left, removed) in [(vec![1, 2, 3, 4, 5], 0), (vec![3, 4, 5], 10), (vec![5], 10), (vec![5], 0)] {
        // The first with room for none, the others for two of each kind.
        let limit = if left.len() == 5 { 0 } else { 2 };
        assert_eq!(bench.attempts_removed(end, limit).await, removed);
        for (at, subject) in &expiring {
            let found = bench.remembers(*subject).await != AttemptRecord::default();
            assert_eq!(found, left.contains(at), "{subject:?} at {at}");
        }
    }
    assert_eq!(bench.feed().await.highest_time, end);
}

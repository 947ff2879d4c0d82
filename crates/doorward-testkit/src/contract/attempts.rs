//! What is remembered of failed attempts, and what it leads to.

use std::{net::Ipv4Addr, num::NonZeroU32, time::Duration};

use doorward_core::{
    audit::EventName,
    device::KnownDevice,
    guard::{AttemptRecord, FailedAttempt, GuardPolicy, Lockout, Subject, SubjectKind, Throttle},
    ids::{DeviceId, SessionId},
    session::Session,
    store::{NewUser, OpenSession},
    time::Timestamp,
    user::Epoch,
};

use super::{
    Bench,
    bench::{after, around},
};
use crate::builders::{START, opening, write};

pub(super) const WINDOW: Duration = Duration::from_secs(10);
pub(super) const LOCK: Duration = Duration::from_mins(10);

/// Locks after so many failures; nobody has to wait.
pub(super) fn locks_after(threshold: u32) -> GuardPolicy {
    GuardPolicy {
        lockout: Lockout { threshold: NonZeroU32::new(threshold).unwrap(), window: WINDOW, duration: LOCK },
        account: Throttle::default(),
        address: Throttle { free_failures: 100, delays: vec![Duration::from_secs(1)] },
    }
}

/// A failure of `subject` from nowhere.
pub(super) fn failure(subject: Subject, now: Timestamp, policy: &GuardPolicy) -> FailedAttempt {
    let audit = write(EventName::LoginRefused, now).audit.because("invalid_credentials");
    FailedAttempt { now, counts: true, subject, address: None, audit, recorded: true, policy: policy.clone() }
}

/// What is remembered after these failures.
fn remembered(times: &[Timestamp], subject: Subject, policy: &GuardPolicy) -> AttemptRecord {
    let rules = policy.rules(subject.kind);
    times.iter().fold(AttemptRecord::default(), |record, time| record.after_failure(*time, &rules).0)
}

/// The opening of a session for somebody who has shown everything that was asked.
pub(super) fn forgiving(session: Session, subject: Subject) -> OpenSession {
    OpenSession { forgives: Some(subject), ..opening(session) }
}

pub(super) fn account(user: &NewUser) -> Subject {
    Subject::account(user.user.id)
}

/// One of each kind; the first three are the user's.
pub(super) fn one_of_each(bench: &Bench, user: &NewUser) -> [Subject; 5] {
    let id = user.user.id;
    let epoch = Epoch(0);
    let device = KnownDevice { id: DeviceId::from_bytes(bench.scene.bytes()), user_id: id, epoch };
    [
        Subject::account(id),
        Subject::device(device),
        Subject::session(SessionId::from_bytes(bench.scene.bytes()), id),
        Subject { kind: SubjectKind::UnknownName, key: bench.scene.bytes(), owner: None },
        Subject::address(Ipv4Addr::from(bench.scene.bytes::<4>()).into()),
    ]
}

impl Bench {
    /// Counts a failure; the end of the lock, if it is locked then.
    pub(super) async fn fail(
        &self,
        subject: Subject,
        now: Timestamp,
        policy: &GuardPolicy,
    ) -> Option<Timestamp> {
        self.store.record_failure(failure(subject, now, policy)).await.unwrap().locked_until
    }

    /// What is remembered of a subject.
    pub(super) async fn remembers(&self, subject: Subject) -> AttemptRecord {
        let [record] = self.store.attempts(&[subject]).await.unwrap().try_into().unwrap();
        record
    }
}

/// Each subject by itself, in the order asked for; of those that never failed, nothing.
pub async fn failures_are_remembered_of_their_subject_alone(bench: Bench) {
    let policy = locks_after(100);
    let user = bench.user().await;
    let subjects = one_of_each(&bench, &user);
    for (failures, subject) in subjects.into_iter().enumerate() {
        for _ in 0..failures {
            assert_eq!(bench.fail(subject, START, &policy).await, None);
        }
    }
    let expected: Vec<_> = subjects
        .into_iter()
        .enumerate()
        .map(|(failures, subject)| remembered(&vec![START; failures], subject, &policy))
        .collect();
    assert_eq!(bench.store.attempts(&subjects).await.unwrap(), expected);
    let backwards: Vec<_> = subjects.into_iter().rev().collect();
    let found = bench.store.attempts(&backwards).await.unwrap();
    assert!(found.iter().rev().eq(&expected));
    assert_eq!(bench.store.attempts(&[]).await.unwrap(), []);
    // The same key is another subject of another kind.
    let disguised = Subject { kind: subjects[0].kind, ..subjects[4] };
    assert_eq!(bench.remembers(disguised).await, AttemptRecord::default());
}

/// An attempt has two subjects, and both are counted at once.
pub async fn a_failure_counts_for_its_address_as_well(bench: Bench) {
    let policy = locks_after(2);
    let user = bench.user().await;
    let [account, _, _, _, address] = one_of_each(&bench, &user);
    let failed = |now| FailedAttempt { address: Some(address), ..failure(account, now, &policy) };
    for (now, locked) in [(START, false), (after(1), true), (after(2), true)] {
        let recorded = bench.store.record_failure(failed(now)).await.unwrap();
        assert_eq!(recorded.locked_until, locked.then(|| after(1).plus(LOCK)));
    }
    // The third was examined, and came too late to count for the account: nobody is locked for longer by it.
    let times = [START, after(1), after(2)];
    assert_eq!(bench.remembers(account).await, remembered(&times[..2], account, &policy));
    assert_eq!(bench.remembers(address).await, remembered(&times, address, &policy));
    assert_eq!(bench.feed().await.highest_time, after(2));
}

/// A name in any form, with what is remembered of the account; a name that is nobody's, with what is remembered of it.
pub async fn a_login_is_told_of_the_account_or_of_the_name(bench: Bench) {
    let policy = locks_after(100);
    let user = bench.user().await;
    let [account, device, _, unknown, address] = one_of_each(&bench, &user);
    for (failures, subject) in [(1, account), (2, unknown), (3, address), (4, device)] {
        for _ in 0..failures {
            bench.fail(subject, START, &policy).await;
        }
    }
    let record = |failures, subject| remembered(&vec![START; failures], subject, &policy);
    let nobody = bench.scene.user();
    for (who, name) in [(Some(&user), record(1, account)), (None, record(2, unknown))] {
        let typed = who.unwrap_or(&nobody).user.username.normalised();
        for (others, found) in [
            (vec![], vec![]),
            (vec![address, device], vec![record(3, address), record(4, device)]),
            (vec![device, address], vec![record(4, device), record(3, address)]),
        ] {
            let facts = bench.store.login_facts(typed, unknown, &others).await.unwrap();
            let known = facts.credentials.map(|known| (known.user, known.password));
            assert_eq!(known, who.map(|user| (user.user.clone(), user.password.clone())));
            assert_eq!((facts.name, facts.others), (name.clone(), found));
        }
    }
}

/// By every millisecond of the window and of the lock, which the window's end does not shorten.
pub async fn the_failure_that_crosses_the_threshold_locks(bench: Bench) {
    let policy = locks_after(2);
    for (second, locks) in around(START.plus(WINDOW)).into_iter().zip([true, false, false]) {
        let user = bench.user().await;
        assert_eq!(bench.fail(account(&user), START, &policy).await, None);
        let until = locks.then(|| second.plus(LOCK));
        assert_eq!(bench.fail(account(&user), second, &policy).await, until);
        let record = bench.remembers(account(&user)).await;
        assert_eq!(record, remembered(&[START, second], account(&user), &policy));
        if let Some(until) = until {
            for (now, locked) in around(until).into_iter().zip([true, false, false]) {
                assert_eq!(record.lock_at(now), locked.then_some(until));
            }
            // Attempts until then change nothing; the first after it is the first of a new count.
            let [before, end, _] = around(until);
            assert_eq!(bench.fail(account(&user), before, &policy).await, Some(until));
            assert_eq!(bench.remembers(account(&user)).await, record);
            assert_eq!(bench.fail(account(&user), end, &policy).await, None);
            let anew = remembered(&[end], account(&user), &policy);
            assert_eq!(bench.remembers(account(&user)).await, anew);
        }
    }
}

/// The right password of a disabled account is no failure, and does not get past a lock either.
pub async fn what_does_not_count_changes_nothing_and_hears_of_the_lock(bench: Bench) {
    let policy = locks_after(2);
    let user = bench.user().await;
    let [account, _, _, _, address] = one_of_each(&bench, &user);
    let quiet = FailedAttempt { counts: false, address: Some(address), ..failure(account, START, &policy) };
    for failures in 0..2 {
        for _ in 0..3 {
            let recorded = bench.store.record_failure(quiet.clone()).await.unwrap();
            assert_eq!(recorded.locked_until, None);
        }
        let expected = remembered(&vec![START; failures], account, &policy);
        assert_eq!(bench.remembers(account).await, expected);
        bench.fail(account, START, &policy).await;
    }
    assert_eq!(bench.remembers(address).await, AttemptRecord::default());
    // As a failure would: whoever asks from the same address afterwards is not to learn that it was none.
    let recorded = bench.store.record_failure(quiet).await.unwrap();
    assert_eq!(recorded.locked_until, Some(START.plus(LOCK)));
    assert_eq!(bench.remembers(address).await, remembered(&[START], address, &policy));
}

/// With the reason that the client is told; a lock in an event of its own, also when refusals are only counted.
pub async fn failures_and_locks_are_audited(bench: Bench) {
    let policy = locks_after(2);
    let user = bench.user().await;
    for (recorded, expected) in [
        (
            true,
            vec![
                ("login.refused", "invalid_credentials"),
                ("login.refused", "account_locked"),
                ("account.locked", "account_locked"),
                ("login.refused", "account_locked"),
            ],
        ),
        (false, vec![("account.locked", "account_locked")]),
    ] {
        let before = bench.events().await.len();
        bench.store.unlock(write(EventName::AccountUnlocked, START), user.user.id).await.unwrap();
        for _ in 0..3 {
            let failed = FailedAttempt { recorded, ..failure(account(&user), START, &policy) };
            bench.store.record_failure(failed).await.unwrap();
        }
        let events = bench.events().await;
        let told = events.iter().skip(before + 1);
        let told: Vec<_> = told.map(|event| (&*event.name, event.reason.as_deref().unwrap())).collect();
        assert_eq!(told, expected);
        let lock = events.iter().rfind(|event| event.name == "account.locked").unwrap();
        let details = [("subject", "account"), ("seconds", "600")];
        assert!(lock.details.iter().map(|(name, value)| (&**name, &**value)).eq(details), "{lock:?}");
    }
}

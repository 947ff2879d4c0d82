//! What is locked is listed for administrators.

use doorward_core::{
    audit::EventName,
    guard::{GuardPolicy, Lock, LockedSubject, Subject, SubjectKind},
    page::PageRequest,
    second_factor::{FactorChange, LastFactor, MAX_CODES_RUNNING},
    store::NewUser,
    time::Timestamp,
};

use super::{
    Bench,
    attempts::{LOCK, account, locks_after, one_of_each},
    bench::{after, around},
};
use crate::builders::{START, write};

impl Bench {
    /// Everything that is locked at `now`, read `limit` at a time.
    async fn locked(&self, now: Timestamp, limit: u32) -> Vec<Lock> {
        let mut found = Vec::new();
        let mut page = PageRequest { after: None, limit };
        loop {
            let part = self.store.lockouts(now, page.clone()).await.unwrap();
            assert!(part.items.len() <= usize::try_from(limit).unwrap());
            found.extend(part.items);
            let Some(next) = part.next else { return found };
            page.after = Some(next);
        }
    }

    /// Has somebody's codes be wrong so often that their app is locked.
    async fn lock_app(&self, user: &NewUser) {
        for _ in 0..MAX_CODES_RUNNING {
            self.claim(user, None).await.unwrap();
        }
    }
}

fn until(subject: LockedSubject, now: Timestamp) -> Lock {
    Lock { subject, until: Some(now.plus(LOCK)) }
}

fn endless(user: &NewUser) -> Lock {
    Lock { subject: LockedSubject::AuthenticatorApp(user.user.id), until: None }
}

/// Whose it is, until when; addresses never.
pub async fn every_kind_of_lock_is_listed_until_its_last_millisecond(bench: Bench) {
    let policy = locks_after(2);
    let user = bench.user().await;
    let id = user.user.id;
    for subject in one_of_each(&bench, &user) {
        bench.fail(subject, START, &policy).await;
    }
    assert_eq!(bench.locked(START, 10).await, [], "one failure locks nobody");
    for (at, subject) in one_of_each(&bench, &user).into_iter().enumerate() {
        let at = after(u64::try_from(at).unwrap());
        bench.fail(subject, at, &policy).await;
        bench.fail(subject, at, &policy).await;
    }
    // What belongs to somebody first, and each part by its end, the soonest last.
    let expected = [
        until(LockedSubject::Session(id), after(2)),
        until(LockedSubject::Device(id), after(1)),
        until(LockedSubject::Account(id), after(0)),
        until(LockedSubject::UnknownName, after(3)),
    ];
    for limit in [1, 2, 3, 4, 5] {
        assert_eq!(bench.locked(after(4), limit).await, expected, "{limit} at a time");
    }
    for (now, left) in around(after(0).plus(LOCK)).into_iter().zip([4, 3, 2]) {
        assert_eq!(bench.locked(now, 2).await.len(), left, "{now:?}");
    }
    assert_eq!(bench.locked(after(2).plus(LOCK), 2).await, expected[3..]);
    assert_eq!(bench.locked(after(3).plus(LOCK), 2).await, []);
}

/// Many that end at the same moment, of all kinds: each once.
pub async fn locks_are_listed_part_by_part(bench: Bench) {
    let policy = locks_after(1);
    let mut expected = 0;
    for number in 0..5 {
        let user = bench.user().await;
        for subject in one_of_each(&bench, &user) {
            bench.fail(subject, after(number % 2), &policy).await;
            expected += usize::from(subject.kind != SubjectKind::Address);
        }
    }
    let whole = bench.locked(after(2), 100).await;
    assert_eq!(whole.len(), expected);
    for limit in [1, 2, 3, 7, 20, 21] {
        assert_eq!(bench.locked(after(2), limit).await, whole, "{limit} at a time");
    }
    let parts: Vec<_> = whole.iter().map(|lock| (lock.subject.user().is_none(), lock.until)).collect();
    assert!(parts.is_sorted_by_key(|(nobodys, until)| (*nobodys, std::cmp::Reverse(*until))));
}

/// A lock that was lifted, or forgiven, is none; a user who is gone has no app.
pub async fn what_is_locked_no_more_is_not_listed(bench: Bench) {
    let policy: GuardPolicy = locks_after(1);
    let [ann, ben] = [bench.user().await, bench.user().await];
    bench.fail(account(&ann), START, &policy).await;
    bench.fail(account(&ben), START, &policy).await;
    bench.store.unlock(write(EventName::AccountUnlocked, START), ann.user.id).await.unwrap();
    assert_eq!(bench.locked(START, 10).await, [until(LockedSubject::Account(ben.user.id), START)]);
    // The next failure after the end finds no lock, and begins none.
    let later = START.plus(LOCK);
    bench.fail(account(&ben), later, &locks_after(2)).await;
    assert_eq!(bench.locked(later, 10).await, []);
    assert_eq!(bench.fail(Subject::account(ben.user.id), later, &policy).await, Some(later.plus(LOCK)));
    assert_eq!(bench.locked(later, 10).await.len(), 1);
}

/// Without an end, and first, whatever else there is; and only of somebody who has one.
pub async fn a_locked_authenticator_app_is_listed_first(bench: Bench) {
    let mut apps = Vec::new();
    for _ in 0..3 {
        apps.push(bench.with_app().await.0);
    }
    let without = bench.user().await;
    for _ in 0..MAX_CODES_RUNNING - 1 {
        bench.claim(&apps[0], None).await.unwrap();
    }
    assert_eq!(bench.locked(START, 10).await, []);
    bench.claim(&apps[0], None).await.unwrap();
    bench.claim(&apps[0], None).await.unwrap();
    bench.lock_app(&apps[1]).await;
    bench.lock_app(&apps[2]).await;
    bench.lock_app(&without).await;
    bench.fail(account(&without), START, &locks_after(1)).await;
    apps.sort_by_key(|user| std::cmp::Reverse(user.user.id));
    let mut expected: Vec<_> = apps.iter().map(endless).collect();
    expected.push(until(LockedSubject::Account(without.user.id), START));
    for limit in [1, 2, 3, 4, 5] {
        assert_eq!(bench.locked(START, limit).await, expected, "{limit} at a time");
    }
    let remove = FactorChange::RemoveTotp(LastFactor::MayGo);
    bench.change_factors(&apps[0], remove).await.unwrap();
    bench.store.unlock(write(EventName::AccountUnlocked, START), apps[1].user.id).await.unwrap();
    bench.store.delete_user(write(EventName::UserDeleted, START), apps[2].user.id).await.unwrap();
    assert_eq!(bench.locked(START, 10).await, expected[3..]);
}

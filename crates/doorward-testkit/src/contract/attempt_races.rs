//! Guessing many at once is worth no more than one after the other. The log tells in which order racers were served:
//! what is remembered afterwards has to be what that order leads to.

use std::{future::Future, net::Ipv4Addr, pin::Pin, sync::Arc};

use doorward_core::{
    audit::EventName,
    guard::{AttemptRecord, FailedAttempt, GuardPolicy, Subject, SubjectKind},
    store::{ChangePassword, CleanUp, NewUser, SessionFilter, SessionProof, Store, StoreError},
    time::Timestamp,
};

use super::{
    Bench,
    attempts::{LOCK, WINDOW, account, failure, forgiving, locks_after},
    bench::{ALL, race},
};
use crate::builders::{START, write};

const ROUNDS: usize = 10;

/// What a racer came to.
#[derive(Debug)]
enum Came {
    /// A failure was counted, or refused by this lock.
    Failed(Option<Timestamp>),
    /// A success was let in, or refused by this lock.
    Succeeded(Result<(), Timestamp>),
    Unlocked,
}

type Racer = Pin<Box<dyn Future<Output = Came> + Send>>;

fn fails(store: Arc<dyn Store>, subject: Subject, policy: &GuardPolicy) -> Racer {
    let failed = from_here(failure(subject, START, policy));
    Box::pin(async move { Came::Failed(store.record_failure(failed).await.unwrap().locked_until) })
}

/// Everybody races from the same address, whose record is changed beside the subject's.
fn from_here(attempt: FailedAttempt) -> FailedAttempt {
    FailedAttempt { address: Some(Subject::address(Ipv4Addr::LOCALHOST.into())), ..attempt }
}

/// Succeeds, as an attempt that is recorded while locked where `policy` says by which rules.
fn succeeds(bench: &Bench, store: Arc<dyn Store>, user: &NewUser, policy: Option<&GuardPolicy>) -> Racer {
    let open = forgiving(bench.scene.session(&user.user), account(user));
    let attempt = policy.map(|policy| failure(account(user), START, policy));
    let attempt = attempt.map(|attempt| Box::new(from_here(FailedAttempt { counts: false, ..attempt })));
    let proof = SessionProof { attempt, ..SessionProof::password(user.password.clone().unwrap()) };
    Box::pin(async move {
        match store.open_session(write(EventName::LoginSucceeded, START), proof, open).await {
            Ok(_) => Came::Succeeded(Ok(())),
            Err(StoreError::Locked { until }) => Came::Succeeded(Err(until)),
            Err(other) => panic!("{other:?}"),
        }
    })
}

fn unlocks(store: Arc<dyn Store>, user: &NewUser) -> Racer {
    let id = user.user.id;
    Box::pin(async move {
        store.unlock(write(EventName::AccountUnlocked, START), id).await.unwrap();
        Came::Unlocked
    })
}

/// What the events of a race lead to, one after the other, and how many logins succeeded and locks were made.
struct Replayed {
    record: AttemptRecord,
    successes: usize,
    locks: usize,
    refused_by_lock: usize,
}

/// Replays the events from the `first` on; each has to be possible where it stands.
async fn replay(bench: &Bench, first: usize, policy: &GuardPolicy, subject: Subject) -> Replayed {
    let rules = policy.rules(subject.kind);
    let mut replayed =
        Replayed { record: AttemptRecord::default(), successes: 0, locks: 0, refused_by_lock: 0 };
    for event in bench.events().await.into_iter().skip(first) {
        let locked = replayed.record.lock_at(START).is_some();
        match &*event.name {
            "login.refused" => {
                let (record, outcome) = replayed.record.after_failure(START, &rules);
                replayed.record = record;
                let reason =
                    if outcome.locked_until().is_some() { "account_locked" } else { "invalid_credentials" };
                assert_eq!(event.reason.as_deref(), Some(reason));
                replayed.refused_by_lock += usize::from(outcome.locked_until().is_some());
            }
            "account.locked" => replayed.locks += 1,
            "login.succeeded" => {
                assert!(!locked, "somebody got past a lock");
                replayed.successes += 1;
                replayed.record = AttemptRecord::default();
            }
            "account.unlocked" => replayed.record = AttemptRecord::default(),
            other => panic!("{other}"),
        }
    }
    replayed
}

/// Of N failures N count, through whichever handle: the next one locks, or one of them did.
pub async fn racing_failures_count_each(bench: Bench) {
    let handle = bench.handles();
    for (threshold, locked) in [(13, false), (12, true), (7, true), (1, true)] {
        let policy = locks_after(threshold);
        for _ in 0..ROUNDS / 2 {
            let user = bench.user().await;
            let first = bench.events().await.len();
            let came = race((0..12).map(|racer| fails(handle(racer), account(&user), &policy))).await;
            let until = START.plus(LOCK);
            let refused = came.iter().filter(|came| matches!(came, Came::Failed(Some(end)) if *end == until));
            // The one that locks is told so, and everybody after it.
            let expected = if locked { 12 - usize::try_from(threshold).unwrap() + 1 } else { 0 };
            assert_eq!(refused.count(), expected, "{came:?}");
            let replayed = replay(&bench, first, &policy, account(&user)).await;
            assert_eq!((replayed.locks, replayed.refused_by_lock), (usize::from(locked), expected));
            assert_eq!(bench.remembers(account(&user)).await, replayed.record);
            if !locked {
                assert_eq!(bench.fail(account(&user), START, &policy).await, Some(until));
            }
        }
    }
}

/// One address, many names: every failure counts for it, whoever's account was tried.
pub async fn racing_failures_of_many_accounts_count_for_their_address(bench: Bench) {
    let handle = bench.handles();
    let policy = locks_after(100);
    let address = Subject::address([192, 0, 2, 77].into());
    let mut users = Vec::new();
    for _ in 0..12 {
        users.push(bench.user().await);
    }
    race(users.iter().enumerate().map(|(racer, user)| {
        let mut failed = failure(account(user), START, &policy);
        failed.address = Some(address);
        let store = handle(racer);
        async move { store.record_failure(failed).await.unwrap() }
    }))
    .await;
    let rules = policy.rules(address.kind);
    let expected = (0..12).fold(AttemptRecord::default(), |record, _| record.after_failure(START, &rules).0);
    assert_eq!(bench.remembers(address).await, expected);
}

/// A thief guesses many at once, and one of the guesses is right: after the failure that locks, nothing is let in.
pub async fn a_success_never_gets_past_the_lock_of_a_racer(bench: Bench) {
    let handle = bench.handles();
    let policy = locks_after(4);
    let (mut in_time, mut too_late) = (0, 0);
    for round in 0..3 * ROUNDS {
        let user = bench.user().await;
        let first = bench.events().await.len();
        let came = race((0..12).map(|racer| {
            if racer % 6 == round % 6 {
                succeeds(&bench, handle(racer / 2), &user, (racer < 6).then_some(&policy))
            } else {
                fails(handle(racer / 2), account(&user), &policy)
            }
        }))
        .await;
        let replayed = replay(&bench, first, &policy, account(&user)).await;
        assert_eq!(bench.remembers(account(&user)).await, replayed.record);
        let count = |wanted: fn(&Came) -> bool| came.iter().filter(|came| wanted(came)).count();
        let succeeded = count(|came| matches!(came, Came::Succeeded(Ok(()))));
        let refused = count(|came| matches!(came, Came::Succeeded(Err(_))));
        assert_eq!((succeeded, succeeded + refused), (replayed.successes, 2));
        let sessions = SessionFilter { user_id: Some(user.user.id) };
        let alive = bench.store.sessions(sessions, START, ALL).await.unwrap();
        assert_eq!(alive.items.len(), succeeded);
        in_time += succeeded;
        too_late += refused;
    }
    // Or the race was none.
    assert!(too_late > 0, "{in_time} in time, {too_late} too late");
}

/// Failures before it are forgotten, failures after it count, and none is both or neither.
pub async fn unlocking_races_failures(bench: Bench) {
    let handle = bench.handles();
    for (round, threshold) in (0..2 * ROUNDS).zip([3, 100].into_iter().cycle()) {
        let policy = locks_after(threshold);
        let user = bench.user().await;
        let first = bench.events().await.len();
        race((0..9).map(|racer| {
            if racer == round % 9 {
                unlocks(handle(racer), &user)
            } else {
                fails(handle(racer), account(&user), &policy)
            }
        }))
        .await;
        let replayed = replay(&bench, first, &policy, account(&user)).await;
        assert_eq!(bench.remembers(account(&user)).await, replayed.record);
    }
}

/// Whoever shows the password in a locked session has changed nothing; whoever came before the lock, everything.
pub async fn a_password_change_never_gets_past_the_lock_of_a_racer(bench: Bench) {
    let handle = bench.handles();
    let policy = locks_after(3);
    for round in 0..2 * ROUNDS {
        let (user, session) = bench.signed_in().await;
        let subject = Subject::session(session.id, user.user.id);
        let new = bench.scene.password();
        let first = bench.events().await.len();
        let came = race((0..6).map(|racer| {
            if racer != round % 6 {
                return fails(handle(racer), subject, &policy);
            }
            let change = ChangePassword {
                user: user.user.id,
                expected: user.password.clone(),
                new: new.clone(),
                must_change_password: false,
                needs_second_factor: false,
                open: Some(forgiving(bench.scene.session(&user.user), subject)),
            };
            let store = handle(racer);
            Box::pin(async move {
                match store.change_password(write(EventName::PasswordChanged, START), change).await {
                    Ok(_) => Came::Succeeded(Ok(())),
                    Err(StoreError::Locked { until }) => Came::Succeeded(Err(until)),
                    Err(other) => panic!("{other:?}"),
                }
            })
        }))
        .await;
        let changed = came.iter().any(|came| matches!(came, Came::Succeeded(Ok(()))));
        let found = bench.store.credentials(user.user.id).await.unwrap().unwrap();
        let expected = if changed { Some(new) } else { user.password.clone() };
        assert_eq!((found.password, found.user.device_epoch.0), (expected, u64::from(changed)));
        assert_eq!(bench.session(session.id).await.revoked_at.is_some(), changed);
        let names = bench.event_names(first).await;
        let lock = names.iter().position(|name| name == "account.locked");
        let change = names.iter().position(|name| name == "password.changed");
        assert_eq!(change.is_some(), changed);
        // Five failures are enough for a lock, unless the change forgave some of them.
        assert!(lock.is_some() || changed, "{names:?}");
        assert!(change.is_none_or(|change| lock.is_none_or(|lock| change < lock)), "{names:?}");
    }
}

/// A record that had expired, and does not any more, stays.
pub async fn clean_up_races_failures(bench: Bench) {
    let handle = bench.handles();
    let policy = locks_after(100);
    let rules = policy.rules(SubjectKind::Account);
    let now = START.plus(WINDOW);
    for _ in 0..ROUNDS {
        let user = bench.user().await;
        bench.fail(account(&user), START, &policy).await;
        race((0..9).map(|racer| {
            let store = handle(racer);
            let failed = failure(account(&user), now, &policy);
            async move {
                if racer % 3 == 0 {
                    let what = CleanUp {
                        now: START,
                        sessions_ended_before: START,
                        keys_retired_before: START,
                        attempts_expired_before: now,
                        statistics_before: Timestamp::from_millis(0),
                        audit: None,
                        limit: 100,
                    };
                    store.clean_up(what).await.unwrap();
                } else {
                    store.record_failure(failed).await.unwrap();
                }
            }
        }))
        .await;
        let expected = (0..6).fold(AttemptRecord::default(), |record, _| record.after_failure(now, &rules).0);
        assert_eq!(bench.remembers(account(&user)).await, expected);
    }
}

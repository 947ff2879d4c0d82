//! What the console draws: counts of events, gauges, samples.

use std::time::Duration;

use doorward_core::{
    audit::{AuditEvent, EventName},
    guard::Subject,
    second_factor::MAX_CODES_RUNNING,
    session::Session,
    statistics::{EventCount, Gauges, HOUR, SAMPLED_EVERY},
    store::{CleanUp, CleanedUp, RevokeWhich, StoreError, UserChanges},
    time::Timestamp,
};

use super::{
    Bench,
    attempts::{LOCK, account, locks_after, one_of_each},
    bench::{after, around, race},
    refused,
};
use crate::builders::{START, clean_up_to, opening, write};

/// The whole of time.
const EVER: (Timestamp, Timestamp) = (Timestamp::from_millis(0), Timestamp::from_millis(i64::MAX));

impl Bench {
    async fn counts(&self, (from, until): (Timestamp, Timestamp)) -> Vec<EventCount> {
        self.store.event_counts(from, until).await.unwrap()
    }

    async fn record(&self, event: AuditEvent) {
        self.store.record(event).await.unwrap();
    }

    async fn samples(&self, (from, until): (Timestamp, Timestamp)) -> Vec<Gauges> {
        self.store.samples(from, until).await.unwrap()
    }

    /// Users, live sessions and locked accounts at `now`.
    async fn gauges(&self, now: Timestamp) -> (u64, u64, u64) {
        let Gauges { as_of, users, live_sessions, locked_accounts } =
            self.store.gauges_at(now).await.unwrap();
        assert_eq!(as_of, now);
        (users, live_sessions, locked_accounts)
    }
}

fn count(hour: Timestamp, name: EventName, reason: Option<&str>, count: u64) -> EventCount {
    EventCount { hour, name: name.as_str().to_owned(), reason: reason.map(str::to_owned), count }
}

fn refusal(at: Timestamp, reason: &str) -> AuditEvent {
    write(EventName::LoginRefused, at).audit.because(reason)
}

/// By hour, name and reason; each for as many as it tells of; from any time on, before any time.
pub async fn every_event_is_counted_in_its_hour(bench: Bench) {
    let hour = START.beginning_of(HOUR);
    let next = hour.plus(HOUR);
    for at in around(next) {
        bench.record(refusal(at, "invalid_credentials")).await;
    }
    bench.record(refusal(next, "account_locked")).await;
    bench.record(refusal(next, "account_locked").with("count", 90).with("seconds", 59)).await;
    bench.record(write(EventName::LoggedOut, next).audit).await;
    // Later in the log, and earlier by its time.
    bench.record(refusal(hour, "invalid_credentials")).await;
    let expected = [
        count(hour, EventName::LoginRefused, Some("invalid_credentials"), 2),
        count(next, EventName::LoginRefused, Some("account_locked"), 91),
        count(next, EventName::LoginRefused, Some("invalid_credentials"), 2),
        count(next, EventName::LoggedOut, None, 1),
    ];
    assert_eq!(bench.counts(EVER).await, expected);
    for (from, until, range) in [
        (hour, next, 0..1),
        (hour.plus(Duration::from_millis(1)), next, 0..0),
        (hour.plus(Duration::from_millis(1)), next.plus(HOUR), 1..4),
        (next, next.plus(Duration::from_millis(1)), 1..4),
        (hour, next.plus(Duration::from_millis(1)), 0..4),
        (next, hour, 0..0),
    ] {
        assert_eq!(bench.counts((from, until)).await, expected[range], "{from:?} {until:?}");
    }
}

/// What did not happen is not counted; what happened is, also by several processes at once, and after a restart.
pub async fn events_are_counted_as_often_as_they_are_in_the_log(bench: Bench) {
    bench.set_up().await;
    let (user, session) = bench.signed_in().await;
    let mut heir = bench.scene.user();
    heir.user.username = user.user.username.clone();
    refused!(
        bench.store.create_user(write(EventName::UserCreated, START), heir, None).await,
        StoreError::Conflict(_)
    );
    let everyone = RevokeWhich::One { id: session.id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), everyone, "x").await.unwrap();
    let handle = bench.handles();
    race((0..200).map(|racer| {
        let store = handle(racer);
        async move { store.record(refusal(after(1), "invalid_credentials")).await.unwrap() }
    }))
    .await;
    drop(handle);
    let bench = bench.restarted();
    let events = bench.events().await;
    let counts = bench.counts(EVER).await;
    assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), u64::try_from(events.len()).unwrap());
    for EventCount { name, count, .. } in counts {
        assert_eq!(events.iter().filter(|event| event.name == name).count(), usize::try_from(count).unwrap());
    }
}

/// Users whoever they are, sessions while they live, and each account that is locked in whatever way once.
pub async fn gauges_tell_what_there_is_now(bench: Bench) {
    assert_eq!(bench.gauges(START).await, (0, 0, 0));
    let (ann, _) = bench.signed_in().await;
    let (ben, revoked) = bench.signed_in().await;
    let ending = Session { expires_at: after(100), ..bench.scene.session(&ann.user) };
    let idle = Session { idle_expires_at: after(50), ..bench.scene.session(&ann.user) };
    for session in [ending, idle] {
        bench.open(&ann, START, opening(session)).await.unwrap();
    }
    assert_eq!(bench.gauges(START).await, (2, 4, 0));
    let one = RevokeWhich::One { id: revoked.id, owner: None };
    bench.store.revoke_sessions(write(EventName::LoggedOut, START), one, "x").await.unwrap();
    for (at, live) in [(49, 3), (50, 2), (99, 2), (100, 1)] {
        assert_eq!(bench.gauges(after(at)).await.1, live, "{at}");
    }
    let disabled = UserChanges { disabled: Some(true), ..UserChanges::default() };
    bench.store.change_user(write(EventName::UserChanged, START), ben.user.id, disabled).await.unwrap();
    let policy = locks_after(1);
    for subject in one_of_each(&bench, &ann) {
        bench.fail(subject, START, &policy).await;
    }
    assert_eq!(
        bench.gauges(START).await,
        (2, 3, 1),
        "devices, sessions and names that are nobody's are no accounts"
    );
    let (app, _) = bench.with_app().await;
    for _ in 0..MAX_CODES_RUNNING {
        bench.claim(&app, None).await.unwrap();
    }
    bench.fail(account(&app), START, &policy).await;
    assert_eq!(bench.gauges(START).await, (3, 3, 2));
    bench.store.unlock(write(EventName::AccountUnlocked, START), app.user.id).await.unwrap();
    bench.fail(Subject::account(ben.user.id), START, &policy).await;
    for (now, locked) in around(START.plus(LOCK)).into_iter().zip([2, 0, 0]) {
        assert_eq!(bench.gauges(now).await.2, locked);
    }
}

/// The first of a quarter of an hour stays, whichever node took it.
pub async fn one_sample_of_each_quarter_of_an_hour_is_kept(bench: Bench) {
    let quarter = START.beginning_of(SAMPLED_EVERY);
    let sample = |at: u64, users| Gauges {
        as_of: quarter.plus(Duration::from_millis(at)),
        users,
        live_sessions: users + 1,
        locked_accounts: users + 2,
    };
    let length = u64::try_from(SAMPLED_EVERY.as_millis()).unwrap();
    let handle = bench.handles();
    for (racer, kept) in
        [sample(7, 1), sample(0, 2), sample(length - 1, 3), sample(length, 4), sample(2 * length - 1, 5)]
            .into_iter()
            .enumerate()
    {
        handle(racer).keep_sample(kept).await.unwrap();
    }
    let expected = [sample(7, 1), sample(length, 4)];
    assert_eq!(bench.samples(EVER).await, expected);
    let at = |at: u64| quarter.plus(Duration::from_millis(at));
    for (from, until, range) in [
        (at(7), at(length), 0..1),
        (at(8), at(length), 0..0),
        (at(0), at(7), 0..0),
        (at(0), at(8), 0..1),
        (at(8), at(length + 1), 1..2),
        (at(length), at(0), 0..0),
    ] {
        assert_eq!(bench.samples((from, until)).await, expected[range], "{from:?} {until:?}");
    }
}

/// The oldest first, so many at once; what is younger stays.
pub async fn old_statistics_are_cleaned_up(bench: Bench) {
    let hour = START.beginning_of(HOUR);
    let times: Vec<_> = (0..4).map(|number| hour.plus(number * HOUR)).collect();
    for at in &times {
        bench.record(refusal(*at, "a")).await;
        bench.record(refusal(*at, "b")).await;
        let sample = Gauges { as_of: *at, users: 1, live_sessions: 1, locked_accounts: 1 };
        bench.store.keep_sample(sample).await.unwrap();
    }
    let clean_up = async |before: Timestamp, limit| {
        let what = CleanUp { statistics_before: before, ..clean_up_to(Timestamp::from_millis(0), limit) };
        let CleanedUp { statistics, .. } = bench.store.clean_up(what).await.unwrap();
        (statistics, bench.counts(EVER).await.len(), bench.samples(EVER).await.len())
    };
    for (before, left) in around(times[0]).into_iter().zip([(0, 8, 4), (0, 8, 4), (3, 6, 3)]) {
        assert_eq!(clean_up(before, 100).await, left, "{before:?}");
    }
    assert_eq!(clean_up(times[3], 1).await, (2, 5, 2));
    let hours: Vec<_> = bench.counts(EVER).await.iter().map(|count| count.hour).collect();
    assert_eq!(hours[0], times[1], "the other of the oldest");
    assert_eq!(clean_up(times[3], 100).await, (4, 2, 1));
    assert_eq!(clean_up(times[3], 100).await, (0, 2, 1));
    assert_eq!(bench.samples(EVER).await[0].as_of, times[3]);
}

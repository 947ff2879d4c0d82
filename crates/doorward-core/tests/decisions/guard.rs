//! `AttemptRecord`: what failures lead to, at every bound, and the same as if all of them were remembered.
//!
//! Times are milliseconds; windows, delays and locks are short, so that a table shows them.

use std::{num::NonZeroU32, time::Duration};

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    client::Client,
    guard::{
        AfterFailure, AttemptRecord, FailedAttempt, GuardPolicy, Lockout, Standing, Subject, SubjectKind,
        SubjectRules, Throttle,
    },
    ids::UserId,
    time::Timestamp,
};
use proptest::prelude::*;

const WINDOW: u64 = 1_000;
const LOCK: u64 = 600;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000).plus(ms(millis))
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn throttle(free_failures: u32, delays: &[u64]) -> Throttle {
    Throttle { free_failures, delays: delays.iter().copied().map(ms).collect() }
}

fn rules(threshold: u32, free_failures: u32, delays: &[u64]) -> SubjectRules {
    let threshold = NonZeroU32::new(threshold).unwrap();
    let lockout = Lockout { threshold, window: ms(WINDOW), duration: ms(LOCK) };
    SubjectRules { lockout: Some(lockout), window: ms(WINDOW), throttle: throttle(free_failures, delays) }
}

/// As addresses have them.
fn never_locks(free_failures: u32, delays: &[u64]) -> SubjectRules {
    SubjectRules { lockout: None, ..rules(1, free_failures, delays) }
}

/// The record after failures at these times, none of which locks.
fn failed(times: impl IntoIterator<Item = u64>, rules: &SubjectRules) -> AttemptRecord {
    times.into_iter().fold(AttemptRecord::default(), |record, time| {
        let (record, outcome) = record.after_failure(at(time), rules);
        assert_eq!(outcome, AfterFailure::Counted, "{time}");
        record
    })
}

/// How long an attempt has to wait for a delay; none when it is locked.
fn delay(record: &AttemptRecord, now: u64, rules: &SubjectRules) -> Option<u64> {
    match record.standing(at(now), rules) {
        Standing::Clear => Some(0),
        Standing::Delayed { remaining } => Some(u64::try_from(remaining.as_millis()).unwrap()),
        Standing::Locked { .. } => None,
    }
}

fn locked(remaining: u64) -> Standing {
    Standing::Locked { remaining: ms(remaining) }
}

#[test]
fn whoever_never_failed_may_try() {
    let record = AttemptRecord::default();
    assert_eq!(record.standing(at(0), &rules(1, 0, &[100])), Standing::Clear);
    assert_eq!(record.locked_until(), None);
    assert!(record.failure_bytes().is_empty());
}

#[test]
fn each_failure_has_its_delay_and_the_last_one_repeats() {
    for (throttle, after_failures) in [
        ((0, &[100, 200, 400][..]), &[0, 100, 200, 400, 400, 400][..]),
        ((2, &[100, 200]), &[0, 0, 0, 100, 200, 200]),
        ((5, &[100]), &[0, 0, 0, 0, 0, 0, 100]),
        // None at all, for as long as one likes.
        ((0, &[]), &[0, 0, 0, 0]),
        ((3, &[]), &[0, 0, 0, 0, 0]),
        // Zero is none, wherever it stands.
        ((0, &[0, 0, 300]), &[0, 0, 0, 300, 300]),
        ((0, &[300, 0]), &[0, 300, 0, 0]),
        ((0, &[0]), &[0, 0, 0]),
    ] {
        for rules in [never_locks(throttle.0, throttle.1), rules(1_000, throttle.0, throttle.1)] {
            for (failures, expected) in after_failures.iter().enumerate() {
                let record = failed(std::iter::repeat_n(0, failures), &rules);
                assert_eq!(delay(&record, 0, &rules), Some(*expected), "{throttle:?} after {failures}");
            }
        }
    }
}

#[test]
fn a_delay_ends_at_its_very_millisecond_and_counts_from_the_last_failure() {
    let rules = rules(10, 0, &[100, 200]);
    let record = failed([0, 150], &rules);
    for (now, expected) in [(150, 200), (151, 199), (349, 1), (350, 0), (351, 0)] {
        assert_eq!(delay(&record, now, &rules), Some(expected), "{now}");
    }
}

#[test]
fn a_failure_counts_until_it_is_as_old_as_the_window() {
    for (second, total) in [(WINDOW - 1, 2), (WINDOW, 1), (WINDOW + 1, 1)] {
        // By the delay of the second failure.
        let delays = rules(10, 0, &[100, 200]);
        let record = failed([0, second], &delays);
        assert_eq!(delay(&record, second, &delays), Some(total * 100), "{second}");
        // By whether it locks.
        let locks = rules(2, 0, &[]);
        let (_, outcome) = failed([0], &locks).after_failure(at(second), &locks);
        let expected = if total == 2 {
            AfterFailure::Locked { until: at(second + LOCK) }
        } else {
            AfterFailure::Counted
        };
        assert_eq!(outcome, expected, "{second}");
    }
}

#[test]
fn what_ages_out_while_somebody_waits_changes_nothing_of_what_they_were_told() {
    let rules = rules(10, 0, &[100, 200, 400]);
    // The first two are out of the window at 1,000 and 1,100; the third was told to wait until 1,300.
    let record = failed([0, 100, 900], &rules);
    for (now, expected) in [(900, 400), (999, 301), (1_000, 300), (1_100, 200), (1_299, 1), (1_300, 0)] {
        assert_eq!(delay(&record, now, &rules), Some(expected), "{now}");
    }
}

#[test]
fn a_delay_longer_than_the_window_lasts_as_long_as_was_told() {
    let rules = rules(10, 0, &[3 * WINDOW]);
    let record = failed([0], &rules);
    for (now, expected) in [(WINDOW - 1, 2_001), (WINDOW, 2_000), (2_999, 1), (3_000, 0)] {
        assert_eq!(delay(&record, now, &rules), Some(expected), "{now}");
    }
    assert_eq!(record.expires_at(&rules), at(3 * WINDOW));
}

#[test]
fn the_failure_that_crosses_the_threshold_locks_and_not_the_one_before() {
    for threshold in [1, 2, 3, 10] {
        let rules = rules(threshold, 0, &[]);
        let record = failed(1..u64::from(threshold), &rules);
        assert_eq!(record.standing(at(20), &rules), Standing::Clear);
        let (record, outcome) = record.after_failure(at(20), &rules);
        assert_eq!(outcome, AfterFailure::Locked { until: at(20 + LOCK) }, "{threshold}");
        assert_eq!(outcome.locked_until(), record.locked_until());
        for (now, standing) in [
            (20, locked(LOCK)),
            (21, locked(LOCK - 1)),
            (20 + LOCK - 1, locked(1)),
            (20 + LOCK, Standing::Clear),
            (20 + LOCK + 1, Standing::Clear),
        ] {
            assert_eq!(record.standing(at(now), &rules), standing, "threshold {threshold} at {now}");
        }
    }
}

#[test]
fn a_lock_outlives_the_window_of_its_failures_and_a_window_its_lock() {
    for duration in [5 * WINDOW, WINDOW / 5] {
        let mut rules = rules(2, 0, &[]);
        rules.lockout.as_mut().unwrap().duration = ms(duration);
        let (record, _) = failed([0], &rules).after_failure(at(10), &rules);
        assert_eq!(record.standing(at(10 + duration - 1), &rules), locked(1));
        assert_eq!(record.standing(at(10 + duration), &rules), Standing::Clear);
        assert_eq!(record.expires_at(&rules), at(10 + duration));
    }
}

#[test]
fn failures_during_a_lock_change_nothing() {
    let rules = rules(2, 0, &[100]);
    let (record, _) = failed([0], &rules).after_failure(at(10), &rules);
    let until = at(10 + LOCK);
    for now in [10, 11, 300, 10 + LOCK - 1] {
        let (after, outcome) = record.clone().after_failure(at(now), &rules);
        assert_eq!(outcome, AfterFailure::WasLocked { until });
        assert_eq!(after, record);
    }
}

#[test]
fn a_lock_spends_its_failures() {
    // The lock ends within the window of the failures that led to it.
    let rules = rules(3, 0, &[10, 20]);
    let (record, _) = failed([0, 1], &rules).after_failure(at(2), &rules);
    let end = 2 + LOCK;
    assert_eq!(record.standing(at(end), &rules), Standing::Clear);
    let (record, outcome) = record.after_failure(at(end), &rules);
    assert_eq!(outcome, AfterFailure::Counted);
    assert_eq!(delay(&record, end, &rules), Some(10));
    let (record, outcome) = record.after_failure(at(end + 10), &rules);
    assert_eq!((outcome, delay(&record, end + 10, &rules)), (AfterFailure::Counted, Some(20)));
    let (_, outcome) = record.after_failure(at(end + 30), &rules);
    assert_eq!(outcome, AfterFailure::Locked { until: at(end + 30 + LOCK) });
}

#[test]
fn failures_of_one_millisecond_count_each() {
    let rules = rules(5, 0, &[10, 20, 30, 40]);
    let mut record = AttemptRecord::default();
    for expected in [10, 20, 30, 40] {
        let (next, outcome) = record.after_failure(at(7), &rules);
        assert_eq!((outcome, delay(&next, 7, &rules)), (AfterFailure::Counted, Some(expected)));
        record = next;
    }
    let (_, outcome) = record.after_failure(at(7), &rules);
    assert_eq!(outcome, AfterFailure::Locked { until: at(7 + LOCK) });
}

/// Examined at the same time, counted a little out of order.
#[test]
fn the_order_in_which_failures_are_counted_makes_no_difference() {
    let rules = rules(10, 0, &[100, 200, 300]);
    for times in [[5, 6, 7], [7, 6, 5], [6, 7, 5], [5, 7, 6]] {
        assert_eq!(failed(times, &rules), failed([5, 6, 7], &rules), "{times:?}");
    }
    let locks = self::rules(3, 0, &[]);
    let (_, outcome) = failed([7, 6], &locks).after_failure(at(5), &locks);
    assert_eq!(outcome, AfterFailure::Locked { until: at(5 + LOCK) });
}

/// Two nodes' clocks differ by a little.
#[test]
fn a_failure_from_the_future_counts_and_makes_nobody_wait_longer_than_its_delay() {
    let rules = rules(3, 0, &[100, 200]);
    let record = failed([2_000], &rules);
    for (now, expected) in [(0, 100), (1_999, 100), (2_000, 100), (2_001, 99), (2_100, 0)] {
        assert_eq!(delay(&record, now, &rules), Some(expected), "{now}");
    }
    let record = failed([2_000, 500], &rules);
    let (_, outcome) = record.after_failure(at(500), &rules);
    assert_eq!(outcome, AfterFailure::Locked { until: at(500 + LOCK) });
}

#[test]
fn an_address_is_never_locked_and_waits_longest_from_then_on() {
    let rules = never_locks(5, &[10, 20]);
    let record = failed(std::iter::repeat_n(0, 10_000), &rules);
    assert_eq!(delay(&record, 0, &rules), Some(20));
    let record = failed((0..10_000).map(|n| n / 10), &rules);
    assert_eq!(delay(&record, 999, &rules), Some(20));
    assert!(record.failure_bytes().len() <= 7 * 12, "{}", record.failure_bytes().len());
}

#[test]
fn whatever_the_threshold_a_record_stays_small() {
    let rules = rules(50_000, 0, &[1, 2]);
    let record = failed((0..49_999).map(|n| n / 50), &rules);
    assert!(record.failure_bytes().len() <= 128 * 12, "{}", record.failure_bytes().len());
    let (_, outcome) = record.after_failure(at(999), &rules);
    assert_eq!(outcome, AfterFailure::Locked { until: at(999 + LOCK) });
}

/// Moments are merged here, and none may be dragged along with the present: 200 failures a window never are 300.
#[test]
fn steady_failures_below_a_high_threshold_never_lock() {
    let rules = rules(300, 0, &[]);
    failed((0..20 * WINDOW).step_by(5), &rules);
}

#[test]
fn stored_bytes_read_back_and_damaged_ones_do_not() {
    let rules = rules(10, 0, &[]);
    let record = failed([5, 5, 9], &rules);
    let bytes = record.failure_bytes();
    assert_eq!(AttemptRecord::from_stored(&bytes, None), Some(record));
    let (locked, _) = AttemptRecord::default().after_failure(at(0), &self::rules(1, 0, &[]));
    let stored = AttemptRecord::from_stored(&locked.failure_bytes(), locked.locked_until());
    assert_eq!(stored, Some(locked));
    for length in (0..bytes.len()).filter(|length| length % 12 != 0) {
        assert_eq!(AttemptRecord::from_stored(&bytes[..length], None), None);
    }
}

fn attempt(now: u64, counts: bool, recorded: bool, policy: &GuardPolicy) -> FailedAttempt {
    let now = at(now);
    let audit = AuditEvent::new(EventName::LoginRefused, now, Actor::Anonymous, &Client::default());
    FailedAttempt {
        now,
        counts,
        subject: Subject::account(UserId::from_bytes([1; 16])),
        address: Some(Subject::address([192, 0, 2, 1].into())),
        audit: audit.because("its own reason").about_user(UserId::from_bytes([1; 16])),
        recorded,
        policy: policy.clone(),
    }
}

fn policy(threshold: u32) -> GuardPolicy {
    GuardPolicy {
        lockout: rules(threshold, 0, &[]).lockout.unwrap(),
        account: throttle(0, &[100]),
        address: throttle(0, &[50]),
    }
}

#[test]
fn every_kind_but_addresses_is_locked_and_has_the_delays_of_accounts() {
    let policy = policy(3);
    for kind in SubjectKind::ALL {
        let rules = policy.rules(kind);
        let (lockout, throttle) = match kind {
            SubjectKind::Address => (None, &policy.address),
            _ => (Some(policy.lockout), &policy.account),
        };
        assert_eq!(
            (rules.lockout, &rules.throttle, rules.window),
            (lockout, throttle, ms(WINDOW)),
            "{kind:?}"
        );
    }
}

#[test]
fn a_failed_attempt_counts_for_its_subject_and_its_address() {
    let policy = policy(2);
    let attempt = attempt(0, true, true, &policy);
    let subjects: Vec<_> = attempt.subjects().map(|(subject, _)| subject.kind).collect();
    assert_eq!(subjects, [SubjectKind::Account, SubjectKind::Address]);
    let (records, outcome) = attempt.apply(vec![AttemptRecord::default(); 2]);
    assert_eq!(outcome, AfterFailure::Counted);
    let waits: Vec<_> =
        attempt.subjects().zip(&records).map(|((_, rules), record)| delay(record, 0, &rules)).collect();
    assert_eq!(waits, [Some(100), Some(50)]);
    let (records, outcome) = attempt.apply(records);
    assert_eq!(outcome, AfterFailure::Locked { until: at(LOCK) });
    let locks: Vec<_> = records.iter().map(AttemptRecord::locked_until).collect();
    assert_eq!(locks, [Some(at(LOCK)), None]);
}

/// The right password of a disabled account: it neither counts nor locks, and yet hears of a lock.
#[test]
fn what_does_not_count_changes_nothing_and_is_told_of_a_lock() {
    let policy = policy(2);
    let counted = attempt(0, true, true, &policy);
    let quiet = attempt(1, false, true, &policy);
    let clear = vec![AttemptRecord::default(); 2];
    let (once, _) = counted.apply(clear.clone());
    let (twice, _) = counted.apply(once.clone());
    let until = at(LOCK);
    for (records, expected) in [(clear, AfterFailure::Counted), (once, AfterFailure::Counted)] {
        let (after, outcome) = quiet.apply(records.clone());
        assert_eq!((after, outcome), (records, expected));
    }
    // While it is locked nothing tells it from a failure, by its address either.
    let (after, outcome) = quiet.apply(twice.clone());
    let failed = FailedAttempt { counts: true, ..quiet.clone() };
    assert_eq!((&after, outcome), (&failed.apply(twice.clone()).0, AfterFailure::WasLocked { until }));
    assert_eq!(after.first(), twice.first());
    assert_ne!(after.get(1), twice.get(1));
}

#[test]
fn the_events_tell_what_the_client_is_told_and_a_lock_is_never_left_out() {
    let policy = policy(2);
    let until = at(LOCK);
    let told = |recorded, outcome| {
        let events = attempt(0, true, recorded, &policy).events(outcome);
        events.into_iter().map(|event| (event.name, event.reason.unwrap())).collect::<Vec<_>>()
    };
    let refused = |reason: &str| (EventName::LoginRefused, reason.to_owned());
    let lock = (EventName::AccountLocked, "account_locked".to_owned());
    assert_eq!(told(true, AfterFailure::Counted), [refused("its own reason")]);
    assert_eq!(told(true, AfterFailure::Locked { until }), [refused("account_locked"), lock.clone()]);
    assert_eq!(told(true, AfterFailure::WasLocked { until }), [refused("account_locked")]);
    assert_eq!(told(false, AfterFailure::Counted), []);
    assert_eq!(told(false, AfterFailure::Locked { until }), [lock]);
    assert_eq!(told(false, AfterFailure::WasLocked { until }), []);
    let [_, lock] =
        attempt(0, true, true, &policy).events(AfterFailure::Locked { until }).try_into().unwrap();
    assert_eq!(lock.user_id, Some(UserId::from_bytes([1; 16])));
    let details = [("subject", "account"), ("seconds", "0")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(lock.details, details);
}

/// What the guard would be if memory cost nothing.
#[derive(Clone, Default)]
struct Naive {
    failures: Vec<Timestamp>,
    locked_until: Option<Timestamp>,
}

impl Naive {
    fn within(&self, end: Timestamp, window: Duration) -> usize {
        self.failures.iter().filter(|at| **at <= end && end.since(**at) < window).count()
    }

    fn standing(&self, now: Timestamp, rules: &SubjectRules) -> Standing {
        if let Some(until) = self.locked_until.filter(|until| now < *until) {
            return Standing::Locked { remaining: until.since(now) };
        }
        let Some(last) = self.failures.last() else { return Standing::Clear };
        let counted = self.within(*last, rules.window).saturating_sub(rules.throttle.free_failures as usize);
        let delays = &rules.throttle.delays;
        let step = counted.min(delays.len()).checked_sub(1);
        let remaining = last.plus(step.map_or(Duration::ZERO, |step| delays[step])).since(now);
        if remaining.is_zero() { Standing::Clear } else { Standing::Delayed { remaining } }
    }

    fn fail(&mut self, now: Timestamp, rules: &SubjectRules) -> AfterFailure {
        if let Some(until) = self.locked_until.filter(|until| now < *until) {
            return AfterFailure::WasLocked { until };
        }
        self.failures.push(now);
        match rules.lockout {
            Some(lockout) if self.within(now, rules.window) >= lockout.threshold.get() as usize => {
                let until = now.plus(lockout.duration);
                *self = Self { failures: Vec::new(), locked_until: Some(until) };
                AfterFailure::Locked { until }
            }
            _ => AfterFailure::Counted,
        }
    }
}

fn any_rules(thresholds: std::ops::RangeInclusive<u32>) -> impl Strategy<Value = SubjectRules> {
    let delays = prop::collection::vec(0..2_000u64, 0..6);
    (proptest::option::weighted(0.8, thresholds), 1..1_500u64, 1..3_000u64, 0..4u32, delays).prop_map(
        |(threshold, window, duration, free_failures, delays)| {
            let window = ms(window);
            let lockout = threshold.and_then(NonZeroU32::new).map(|threshold| Lockout {
                threshold,
                window,
                duration: ms(duration),
            });
            SubjectRules { lockout, window, throttle: throttle(free_failures, &delays) }
        },
    )
}

/// Many at once, some close together, a few far apart.
fn steps() -> impl Strategy<Value = Vec<u64>> {
    let step = prop_oneof![3 => Just(0), 5 => 1..60u64, 2 => 1..800u64, 1 => 500..4_000u64];
    prop::collection::vec(step, 1..120)
}

proptest! {
    /// Thresholds up to 128 cannot need more moments than are told apart.
    #[test]
    fn a_record_decides_as_if_it_remembered_every_failure(rules in any_rules(1..=12), steps in steps()) {
        let (mut record, mut naive, mut now) = (AttemptRecord::default(), Naive::default(), at(0));
        for step in steps {
            now = now.plus(ms(step));
            prop_assert_eq!(record.standing(now, &rules), naive.standing(now, &rules));
            let (next, outcome) = record.after_failure(now, &rules);
            prop_assert_eq!(outcome, naive.fail(now, &rules));
            // As it is stored and read again.
            record = AttemptRecord::from_stored(&next.failure_bytes(), next.locked_until()).unwrap();
            prop_assert_eq!(&record, &next);
        }
    }

    /// A record that has expired may be removed, and one that has not may not.
    #[test]
    fn a_record_matters_until_it_expires_and_no_longer(rules in any_rules(1..=12), steps in steps()) {
        let (mut record, mut now) = (AttemptRecord::default(), at(0));
        for step in steps {
            now = now.plus(ms(step));
            record = record.after_failure(now, &rules).0;
            let end = record.expires_at(&rules);
            for late in [end, end.plus(ms(1))] {
                prop_assert_eq!(record.standing(late, &rules), Standing::Clear);
                let forgotten = AttemptRecord::default().after_failure(late, &rules);
                prop_assert_eq!(record.clone().after_failure(late, &rules), forgotten);
            }
            let early = end.minus(ms(1));
            // Where nothing is ever locked, what is left of a failure may be without consequence.
            if rules.lockout.is_some() && early >= now {
                let differs = record.standing(early, &rules) != Standing::Clear
                    || record.clone().after_failure(early, &rules)
                        != AttemptRecord::default().after_failure(early, &rules);
                prop_assert!(differs);
            }
        }
    }

}

proptest! {
    // Hundreds of failures in each.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Where moments are merged, a lock comes a 64th of the window earlier at most, and never later.
    #[test]
    fn a_high_threshold_locks_on_time(threshold in 129..400u32, steps in prop::collection::vec(0..12u64, 600)) {
        let rules = rules(threshold, 0, &[]);
        let longer = ms(WINDOW + WINDOW.div_ceil(64));
        let mut wider = rules.clone();
        wider.window = longer;
        let (mut record, mut naive, mut early, mut now) =
            (AttemptRecord::default(), Naive::default(), Naive::default(), at(0));
        for step in steps {
            now = now.plus(ms(step));
            let (next, outcome) = record.after_failure(now, &rules);
            let (exact, earliest) = (naive.fail(now, &rules), early.fail(now, &wider));
            record = next;
            prop_assert!(record.failure_bytes().len() <= 128 * 12);
            match outcome {
                // From here on the three would count different failures.
                AfterFailure::Locked { .. } => {
                    prop_assert_eq!(earliest, outcome);
                    break;
                }
                AfterFailure::Counted => prop_assert_eq!(exact, outcome),
                AfterFailure::WasLocked { .. } => prop_assert!(false),
            }
            if earliest != AfterFailure::Counted {
                early = naive.clone();
            }
        }
    }
}

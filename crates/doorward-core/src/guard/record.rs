//! What is remembered of a subject, and the two decisions about it: may it try, and what does a failure change.

use std::time::Duration;

use super::rules::SubjectRules;
use crate::time::Timestamp;

/// The most moments that are told apart. Beyond it, which takes a threshold far above the default, failures of the same
/// [`CELLS`]th of the window are remembered as if all were the youngest of them: a lock may then come so much earlier,
/// never later.
const MAX_MOMENTS: usize = 128;

/// Into so many parts is a window divided where there are too many moments. Few enough that what a window holds, which
/// lies in one part more, is at most [`MAX_MOMENTS`]; and the parts stand still, so that however often moments are
/// merged, none is moved by more than one part.
const CELLS: u32 = 64;

/// Bytes of one moment: its time and how many failures it had.
const MOMENT_BYTES: usize = 12;

/// What is remembered of a subject's failures. A subject that never failed has the default one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The failures that may still matter, oldest first.
    failures: Vec<Moment>,
    /// The end of its lock.
    locked_until: Option<Timestamp>,
}

/// Failures of one millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    at: Timestamp,
    count: u32,
}

/// Whether a subject may try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Clear,
    /// It has to wait after its last failure.
    Delayed {
        /// For so long.
        remaining: Duration,
    },
    /// It failed too often.
    Locked {
        /// For so long.
        remaining: Duration,
    },
}

/// What a failure changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// It was counted.
    Counted,
    /// It was the one too many: the subject is locked from now on.
    Locked {
        /// Until then.
        until: Timestamp,
    },
    /// The subject was locked already, by somebody who tried at the same time; nothing changed.
    WasLocked {
        /// Until then, as before.
        until: Timestamp,
    },
}

impl AfterFailure {
    /// The end of the lock, if there is one.
    #[must_use]
    pub const fn locked_until(self) -> Option<Timestamp> {
        match self {
            Self::Counted => None,
            Self::Locked { until } | Self::WasLocked { until } => Some(until),
        }
    }
}

impl AttemptRecord {
    /// A record as a store kept it; none if the bytes are not those of [`AttemptRecord::failure_bytes`].
    #[must_use]
    pub fn from_stored(failures: &[u8], locked_until: Option<Timestamp>) -> Option<Self> {
        let (moments, rest) = failures.as_chunks::<MOMENT_BYTES>();
        let moments = moments.iter().map(|bytes| {
            let (at, count) = bytes.split_first_chunk::<8>()?;
            let at = Timestamp::from_millis(i64::from_be_bytes(*at));
            Some(Moment { at, count: u32::from_be_bytes(count.try_into().ok()?) })
        });
        let failures = moments.collect::<Option<Vec<_>>>()?;
        rest.is_empty().then_some(Self { failures, locked_until })
    }

    /// The failures as a store keeps them.
    #[must_use]
    pub fn failure_bytes(&self) -> Vec<u8> {
        let bytes = |moment: &Moment| {
            [moment.at.as_millis().to_be_bytes().as_slice(), &moment.count.to_be_bytes()].concat()
        };
        self.failures.iter().flat_map(bytes).collect()
    }

    /// The end of its last lock, past or not.
    #[must_use]
    pub const fn locked_until(&self) -> Option<Timestamp> {
        self.locked_until
    }

    /// Whether the subject may try at `now`. Changes nothing: an attempt that has to wait does not make the wait
    /// longer.
    #[must_use]
    pub fn standing(&self, now: Timestamp, rules: &SubjectRules) -> Standing {
        if let Some(until) = self.lock_at(now) {
            return Standing::Locked { remaining: until.since(now) };
        }
        let Some((last, delay)) = self.last_delay(rules) else { return Standing::Clear };
        // A failure that another node saw a moment later than our now makes nobody wait longer than the delay.
        let remaining = last.min(now).plus(delay).since(now);
        if remaining.is_zero() { Standing::Clear } else { Standing::Delayed { remaining } }
    }

    /// The record after a failure at `now`.
    ///
    /// A lock spends the failures that led to it: after it, counting starts anew.
    #[must_use]
    pub fn after_failure(mut self, now: Timestamp, rules: &SubjectRules) -> (Self, AfterFailure) {
        if let Some(until) = self.lock_at(now) {
            return (self, AfterFailure::WasLocked { until });
        }
        self.locked_until = None;
        self.failures.retain(|moment| is_within(moment.at, now, rules.window));
        self.add(now);
        if let Some(lockout) = rules.lockout
            && self.total() >= u64::from(lockout.threshold.get())
        {
            let until = now.plus(lockout.duration);
            self = Self { failures: Vec::new(), locked_until: Some(until) };
            return (self, AfterFailure::Locked { until });
        }
        self.fold(rules);
        (self, AfterFailure::Counted)
    }

    /// From when on nothing of it matters any more.
    #[must_use]
    pub fn expires_at(&self, rules: &SubjectRules) -> Timestamp {
        let forgotten = self.last_delay(rules).map(|(last, delay)| last.plus(delay.max(rules.window)));
        // A record of nothing has expired at any time.
        forgotten.max(self.locked_until).unwrap_or(Timestamp::from_millis(i64::MIN))
    }

    /// The end of its lock, if it is locked at `now`.
    #[must_use]
    pub fn lock_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| *until > now)
    }

    /// When the last failure was, and how long to wait after it. It is as many as there were in the window when it
    /// happened: what ages out while somebody waits does not change what they were told.
    fn last_delay(&self, rules: &SubjectRules) -> Option<(Timestamp, Duration)> {
        let last = self.failures.last()?.at;
        Some((last, rules.delay_after(self.failures_within(last, rules.window))))
    }

    fn failures_within(&self, now: Timestamp, window: Duration) -> u64 {
        let within = self.failures.iter().filter(|moment| is_within(moment.at, now, window));
        within.map(|moment| u64::from(moment.count)).sum()
    }

    fn total(&self) -> u64 {
        self.failures.iter().map(|moment| u64::from(moment.count)).sum()
    }

    fn add(&mut self, now: Timestamp) {
        // Failures that were examined at the same time may be counted a little out of order.
        let place = self.failures.partition_point(|moment| moment.at < now);
        match self.failures.get_mut(place) {
            Some(moment) if moment.at == now => moment.count = moment.count.saturating_add(1),
            Some(_) | None => self.failures.insert(place, Moment { at: now, count: 1 }),
        }
    }

    /// Forgets the oldest failures beyond those that matter, and merges moments beyond what is kept.
    fn fold(&mut self, rules: &SubjectRules) {
        let failures_that_matter = rules.failures_that_matter();
        while let Some(oldest) = self.failures.first() {
            if self.total().saturating_sub(u64::from(oldest.count)) < failures_that_matter {
                break;
            }
            self.failures.remove(0);
        }
        if self.failures.len() > MAX_MOMENTS {
            let cell = i64::try_from((rules.window / CELLS).as_millis()).unwrap_or(i64::MAX).max(1);
            self.failures.dedup_by(|younger, older| {
                let same = younger.at.as_millis().div_euclid(cell) == older.at.as_millis().div_euclid(cell);
                if same {
                    older.at = younger.at;
                    older.count = older.count.saturating_add(younger.count);
                }
                same
            });
        }
        // Only what other nodes saw in our future can be more than that.
        while self.failures.len() > MAX_MOMENTS {
            let oldest = self.failures.remove(0);
            if let Some(next) = self.failures.first_mut() {
                next.count = next.count.saturating_add(oldest.count);
            }
        }
    }
}

/// A failure counts until it is as old as the window. One from the future, by another node's clock, counts.
fn is_within(at: Timestamp, now: Timestamp, window: Duration) -> bool {
    now.since(at) < window
}

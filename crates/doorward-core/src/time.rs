//! Time as it is given to decisions: integers, UTC, never ambient.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// How far the wall clock may lag behind the highest time the store has recorded before this node refuses to
/// decide anything ([`TimeError::Behind`]).
pub const MAX_CLOCK_LAG: Duration = Duration::from_secs(5);

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch, as JWTs carry them (RFC 7519, `NumericDate`).
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant moved forward; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This instant moved back; stops at the beginning of time instead of wrapping.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; zero when it lies in the future, because a stepped clock must never make an
    /// elapsed time negative.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// The source of time. Given at construction; may fail, and failure denies.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, UTC.
    ///
    /// # Errors
    /// [`ClockFailed`] when the platform cannot tell the time.
    fn wall(&self) -> Result<Timestamp, ClockFailed>;

    /// Time since an arbitrary start that never goes back, and that counts on while the process is stopped.
    fn monotonic(&self) -> Duration;
}

/// The platform could not tell the time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the clock cannot be read")]
pub struct ClockFailed;

/// Why no trustworthy time is to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The clock could not be read.
    #[error("the clock cannot be read")]
    Failed,
    /// The wall clock is more than [`MAX_CLOCK_LAG`] behind the store: deciding by it would revive what is dead.
    #[error("the wall clock is behind the highest time recorded in the store")]
    Behind,
}

/// The time decisions are made with: the later of the wall clock and the highest time the store has recorded, so
/// that a clock set back neither revives a revoked token nor prolongs a lifetime.
///
/// Safe to share between threads; reading takes no lock.
pub struct Timekeeper {
    clock: Arc<dyn Clock>,
    highest_millis: AtomicI64,
}

impl Timekeeper {
    /// Keeps time by `clock`, never earlier than `highest_recorded`.
    pub fn new(clock: Arc<dyn Clock>, highest_recorded: Timestamp) -> Self {
        Self { clock, highest_millis: AtomicI64::new(highest_recorded.as_millis()) }
    }

    /// The time to decide with.
    ///
    /// # Errors
    /// [`TimeError`] when the clock fails, or lags behind the store by more than [`MAX_CLOCK_LAG`].
    pub fn now(&self) -> Result<Timestamp, TimeError> {
        let wall = self.clock.wall().map_err(|ClockFailed| TimeError::Failed)?;
        let highest = Timestamp(self.highest_millis.load(Ordering::Acquire));
        if highest.since(wall) > MAX_CLOCK_LAG { Err(TimeError::Behind) } else { Ok(wall.max(highest)) }
    }

    /// Tells of a time that the store has recorded.
    pub fn observe(&self, recorded: Timestamp) {
        self.highest_millis.fetch_max(recorded.as_millis(), Ordering::AcqRel);
    }

    /// See [`Clock::monotonic`].
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(i64);
    impl Clock for Fixed {
        fn wall(&self) -> Result<Timestamp, ClockFailed> {
            Ok(Timestamp(self.0))
        }
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn keeper(wall: i64, highest: i64) -> Timekeeper {
        Timekeeper::new(Arc::new(Fixed(wall)), Timestamp(highest))
    }

    #[test]
    fn the_later_of_wall_clock_and_recorded_time_counts() {
        assert_eq!(keeper(10_000, 4_000).now(), Ok(Timestamp(10_000)));
        assert_eq!(keeper(10_000, 12_000).now(), Ok(Timestamp(12_000)));
    }

    #[test]
    fn five_seconds_of_lag_are_borne_and_one_millisecond_more_is_not() {
        assert_eq!(keeper(10_000, 15_000).now(), Ok(Timestamp(15_000)));
        assert_eq!(keeper(10_000, 15_001).now(), Err(TimeError::Behind));
    }

    #[test]
    fn observed_time_never_goes_back() {
        let keeper = keeper(10_000, 0);
        keeper.observe(Timestamp(13_000));
        keeper.observe(Timestamp(11_000));
        assert_eq!(keeper.now(), Ok(Timestamp(13_000)));
    }

    #[test]
    fn elapsed_time_is_never_negative() {
        assert_eq!(Timestamp(1).since(Timestamp(5)), Duration::ZERO);
        assert_eq!(Timestamp(i64::MIN).since(Timestamp(i64::MAX)), Duration::ZERO);
    }
}

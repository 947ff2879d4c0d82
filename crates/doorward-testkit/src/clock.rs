//! A clock that stands still until a test moves it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use doorward_core::time::{Clock, ClockFailed, Timestamp};

/// A [`Clock`] that a test moves: forward as time passes, or either of its hands alone, in either direction, as a
/// stepped or broken clock does. Safe to share between threads.
#[derive(Debug)]
pub struct ManualClock {
    hands: Mutex<Hands>,
}

#[derive(Clone, Copy, Debug)]
struct Hands {
    wall: Timestamp,
    monotonic: Duration,
    fails: bool,
}

impl ManualClock {
    /// A clock that shows `wall`; a second has passed since its monotonic hand started.
    #[must_use]
    pub const fn at(wall: Timestamp) -> Self {
        Self { hands: Mutex::new(Hands { wall, monotonic: Duration::from_secs(1), fails: false }) }
    }

    /// Lets time pass: both hands move.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.wall = hands.wall.plus(by);
        hands.monotonic = hands.monotonic.saturating_add(by);
    }

    /// Sets the wall clock alone, as an administrator or NTP does.
    pub fn set_wall(&self, wall: Timestamp) {
        self.hands().wall = wall;
    }

    /// Sets the monotonic hand alone; backwards too, which no sound platform does.
    pub fn set_monotonic(&self, monotonic: Duration) {
        self.hands().monotonic = monotonic;
    }

    /// From now on the wall clock cannot be read, or can be read again.
    pub fn fail(&self, fails: bool) {
        self.hands().fails = fails;
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Result<Timestamp, ClockFailed> {
        let hands = self.hands();
        if hands.fails { Err(ClockFailed) } else { Ok(hands.wall) }
    }

    fn monotonic(&self) -> Duration {
        self.hands().monotonic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_on_both_hands_and_each_can_be_set_alone() {
        let clock = ManualClock::at(Timestamp::from_millis(5_000));
        clock.advance(Duration::from_millis(250));
        assert_eq!(clock.wall().unwrap(), Timestamp::from_millis(5_250));
        assert_eq!(clock.monotonic(), Duration::from_millis(1_250));
        clock.set_wall(Timestamp::from_millis(1));
        assert_eq!(clock.monotonic(), Duration::from_millis(1_250));
        clock.set_monotonic(Duration::ZERO);
        assert_eq!(clock.wall().unwrap(), Timestamp::from_millis(1));
    }

    #[test]
    fn a_broken_clock_can_be_mended() {
        let clock = ManualClock::at(Timestamp::from_millis(0));
        clock.fail(true);
        assert!(clock.wall().is_err());
        clock.fail(false);
        assert!(clock.wall().is_ok());
    }
}

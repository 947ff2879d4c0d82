//! The operating system's time and randomness, for everybody who has no reason to give others.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use doorward_core::entropy::{Entropy, EntropyFailed};
use doorward_core::time::{Clock, ClockFailed, Timestamp};

/// The operating system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time counts from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that others are given instead of")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that others are given instead of")]
    fn wall(&self) -> Result<Timestamp, ClockFailed> {
        // A clock before 1970 is one that was never set.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| ClockFailed)?;
        i64::try_from(since.as_millis()).map(Timestamp::from_millis).map_err(|_| ClockFailed)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The randomness of AWS-LC, which seeds itself from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the one source that others are given instead of")]
    fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed> {
        rand::fill(destination).map_err(|_| EntropyFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_a_time_after_this_was_written() {
        let clock = SystemClock::new();
        assert!(clock.wall().unwrap() > Timestamp::from_seconds(1_700_000_000));
        let earlier = clock.monotonic();
        assert!(clock.monotonic() >= earlier);
    }

    #[test]
    fn no_two_draws_are_alike() {
        let entropy: &dyn Entropy = &SystemEntropy;
        assert_ne!(entropy.bytes::<32>().unwrap(), entropy.bytes::<32>().unwrap());
    }
}

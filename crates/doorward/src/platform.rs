//! The operating system's time and randomness, for everybody who has no reason to give others.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use doorward_core::entropy::{Entropy, EntropyFailed};
use doorward_core::time::{Clock, ClockFailed, Timestamp};

/// The operating system's clocks.
///
/// Monotonic time counts while the machine is suspended where the system has such a clock (on Linux,
/// `CLOCK_BOOTTIME`): a laptop, or a virtual machine that was frozen and thawed, must not believe that what it knew
/// about revocations before is fresh.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Since,
}

/// A moment, and the clock it was read from.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug)]
struct Since(Duration);

#[cfg(target_os = "linux")]
impl Since {
    fn now() -> Self {
        use rustix::time::{ClockId, clock_gettime};
        let read = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(read.tv_sec).unwrap_or_default();
        Self(Duration::new(seconds, u32::try_from(read.tv_nsec).unwrap_or_default()))
    }

    fn elapsed(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

/// A moment, and the clock it was read from.
#[cfg(not(target_os = "linux"))]
#[derive(Clone, Copy, Debug)]
struct Since(std::time::Instant);

#[cfg(not(target_os = "linux"))]
impl Since {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock that others are given instead of")]
    fn now() -> Self {
        Self(std::time::Instant::now())
    }

    fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

impl SystemClock {
    /// A clock whose monotonic time counts from now.
    #[must_use]
    pub fn new() -> Self {
        Self { started: Since::now() }
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

/// The operating system's randomness, asked for each time. AWS-LC's own, which is seeded from it among others, would first
/// measure the processor's jitter for tens of milliseconds: most of what a start takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the one source that others are given instead of")]
    fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed> {
        getrandom::fill(destination).map_err(|_| EntropyFailed)
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

    /// Only a machine that was suspended since its start tells it from the clock that stands still meanwhile.
    #[cfg(target_os = "linux")]
    #[test]
    fn monotonic_time_is_the_time_since_the_machine_started_suspension_included() {
        let uptime = || {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            Duration::from_secs_f64(text.split(' ').next().unwrap().parse().unwrap())
        };
        // The kernel rounds it to hundredths of a second.
        let hundredth = Duration::from_millis(10);
        let (before, read, after) = (uptime(), Since::now().0, uptime());
        assert!(before <= read && read < after + hundredth, "{before:?} {read:?} {after:?}");
    }

    #[test]
    fn no_two_draws_are_alike() {
        let entropy: &dyn Entropy = &SystemEntropy;
        assert_ne!(entropy.bytes::<32>().unwrap(), entropy.bytes::<32>().unwrap());
    }
}

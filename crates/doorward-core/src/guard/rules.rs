//! What failures lead to, as the operator chose it.

use std::{num::NonZeroU32, time::Duration};

use super::subject::SubjectKind;

/// When a subject is locked, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// So many failures lock.
    pub threshold: NonZeroU32,
    /// Within so long.
    pub window: Duration,
    /// For so long.
    pub duration: Duration,
}

/// How long to wait after a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    /// So many failures cost nothing.
    pub free_failures: u32,
    /// The waits after each further one; the last one from then on. Zero is no wait.
    pub delays: Vec<Duration>,
}

/// What the operator chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardPolicy {
    /// When accounts, devices and sessions are locked. Its window is also how long failures count for delays.
    pub lockout: Lockout,
    /// The waits of accounts, devices and sessions.
    pub account: Throttle,
    /// The waits of addresses, which are never locked: many people share one.
    pub address: Throttle,
}

impl Default for GuardPolicy {
    /// Ten failures within a quarter of an hour lock for a quarter of an hour; waits grow to 16 s for an account and,
    /// after five failures, to 5 s for an address.
    fn default() -> Self {
        const QUARTER: Duration = Duration::from_secs(900);
        let threshold = const { NonZeroU32::new(10).unwrap() };
        Self {
            lockout: Lockout { threshold, window: QUARTER, duration: QUARTER },
            account: Throttle {
                free_failures: 0,
                delays: [1, 2, 4, 8, 16].map(Duration::from_secs).to_vec(),
            },
            address: Throttle {
                free_failures: 5,
                delays: [500, 1_000, 2_000, 4_000, 5_000].map(Duration::from_millis).to_vec(),
            },
        }
    }
}

/// The rules of one kind of subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectRules {
    /// When it is locked, if ever.
    pub lockout: Option<Lockout>,
    /// How long failures count.
    pub window: Duration,
    /// How long to wait after them.
    pub throttle: Throttle,
}

impl GuardPolicy {
    /// The rules for subjects of `kind`.
    #[must_use]
    pub fn rules(&self, kind: SubjectKind) -> SubjectRules {
        let window = self.lockout.window;
        match kind {
            SubjectKind::Account | SubjectKind::UnknownName | SubjectKind::Device | SubjectKind::Session => {
                SubjectRules { lockout: Some(self.lockout), window, throttle: self.account.clone() }
            }
            SubjectKind::Address => SubjectRules { lockout: None, window, throttle: self.address.clone() },
        }
    }
}

impl SubjectRules {
    /// How long to wait after the `failures`-th failure within the window.
    #[must_use]
    pub(super) fn delay_after(&self, failures: u64) -> Duration {
        let Some(counted) = failures.checked_sub(u64::from(self.throttle.free_failures)) else {
            return Duration::ZERO;
        };
        let Some(step) = counted.checked_sub(1) else { return Duration::ZERO };
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        let delays = &self.throttle.delays;
        delays.get(step).or(delays.last()).copied().unwrap_or_default()
    }

    /// How many failures there is a difference between: older ones need not be remembered.
    pub(super) fn failures_that_matter(&self) -> u64 {
        let delays = u64::try_from(self.throttle.delays.len()).unwrap_or(u64::MAX);
        let throttled = u64::from(self.throttle.free_failures).saturating_add(delays);
        let threshold = self.lockout.map_or(0, |lockout| u64::from(lockout.threshold.get()));
        throttled.max(threshold)
    }
}

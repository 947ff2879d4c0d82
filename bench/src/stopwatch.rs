//! The bench's only access to the clock, and its only way to wait.

use std::time::{Duration, Instant};

/// Now, for measuring how long something takes.
#[expect(clippy::disallowed_methods, reason = "measuring time is what a benchmark is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Waits until `moment`, to some 50 µs.
pub(crate) fn wait_until(moment: Instant) {
    loop {
        let left = moment.saturating_duration_since(now());
        if left.is_zero() {
            return;
        }
        // It may wake early, for no reason: hence the loop.
        std::thread::park_timeout(left);
    }
}

/// Waits so long.
pub(crate) fn wait(duration: Duration) {
    wait_until(now() + duration);
}

/// Waits so long, while other tasks go on.
#[expect(
    clippy::disallowed_methods,
    reason = "a pause between what is measured is no test's wait for an event"
)]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

//! Hearing of revocations at once: what a PostgreSQL notifies wakes the reading of the feed. A hint and no truth: without it the feed is
//! read every tenth of a second all the same.

use std::time::Duration;

use doorward::Doorward;
use doorward_store::postgres::{Address, CHANNEL, ConnectError, Notifications};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

/// How often a connection that was lost is opened again.
const TRY_AGAIN_EVERY: Duration = Duration::from_secs(1);

/// Listens for as long as it is polled, on a connection of its own.
pub(super) async fn run(address: Address, doorward: Doorward) {
    let mut ticks = interval(TRY_AGAIN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lost = false;
    loop {
        ticks.tick().await;
        match address.listen(CHANNEL).await {
            Ok(notifications) => {
                if lost {
                    info!(
                        event = "feed.hint_recovered",
                        "revocations of other nodes are heard of at once again"
                    );
                }
                lost = false;
                heed(notifications, &doorward).await;
                tell(&mut lost, None);
            }
            Err(error) => tell(&mut lost, Some(&error)),
        }
    }
}

async fn heed(mut notifications: Notifications, doorward: &Doorward) {
    // What was notified before there was a connection.
    doorward.hint_feed();
    while notifications.next().await {
        doorward.hint_feed();
    }
}

/// Once, not every second.
fn tell(lost: &mut bool, error: Option<&ConnectError>) {
    if !*lost {
        *lost = true;
        warn!(
            event = "feed.hint_lost",
            error = error.map(tracing::field::display),
            "nothing is heard from the database: revocations of other nodes are read of every tenth of a second"
        );
    }
}

//! What goes on beside requests: following the revocation feed, cleaning up, replacing aged keys.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::authority::Authority;
use doorward_core::store::CleanedUp;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::{error, info, warn};

/// Five times within the staleness bound of one second, so that one slow read does not stop anybody.
const FOLLOW_FEED_EVERY: Duration = Duration::from_millis(200);
const CLEAN_UP_EVERY: Duration = Duration::from_secs(600);
const LOOK_AT_KEYS_EVERY: Duration = Duration::from_secs(3_600);
const METRICS_UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Starts every task. They end when `stopping` says so, or with the set.
pub(super) fn spawn(
    tasks: &mut JoinSet<()>,
    authority: &Arc<Authority>,
    metrics: &PrometheusHandle,
    stopping: &watch::Receiver<bool>,
) {
    // The feed is followed until the set is dropped: requests that drain need fresh revocations too.
    tasks.spawn(follow_feed(Arc::clone(authority)));
    tasks.spawn(until(stopping.clone(), clean_up(Arc::clone(authority))));
    tasks.spawn(until(stopping.clone(), replace_aged_keys(Arc::clone(authority))));
    tasks.spawn(until(stopping.clone(), keep_metrics_small(metrics.clone())));
}

async fn until(mut stopping: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    // After a stall the next one follows a period later, not all the missed ones at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn follow_feed(authority: Arc<Authority>) {
    let mut ticks = every(FOLLOW_FEED_EVERY);
    let mut failing = false;
    loop {
        ticks.tick().await;
        match authority.follow_feed().await {
            Ok(()) if failing => {
                failing = false;
                info!(event = "feed.recovered", "the revocation feed is confirmed again");
            }
            Ok(()) => {}
            // Once, not five times a second.
            Err(error) if !failing => {
                failing = true;
                let error = crate::failure::with_causes(&error);
                error!(
                    event = "feed.failed",
                    error,
                    "the revocation feed cannot be confirmed: within a second nobody is let in any more"
                );
            }
            Err(_) => {}
        }
        let (staleness, entries) = authority.verifier().revocation_state();
        metrics::gauge!("doorward_revocation_staleness_seconds").set(staleness.as_secs_f64());
        metrics::gauge!("doorward_revocations").set(f64::from(u32::try_from(entries).unwrap_or(u32::MAX)));
    }
}

async fn clean_up(authority: Arc<Authority>) {
    let mut ticks = every(CLEAN_UP_EVERY);
    loop {
        ticks.tick().await;
        loop {
            match authority.clean_up().await {
                Ok(removed) if removed == CleanedUp::default() => break,
                Ok(removed) => info!(
                    event = "cleanup.removed",
                    sessions = removed.sessions,
                    links = removed.links,
                    revocations = removed.revocations,
                    signing_keys = removed.signing_keys,
                    "removed what no decision needs any more"
                ),
                Err(refusal) => {
                    warn!(
                        event = "cleanup.failed",
                        code = refusal.code(),
                        "cannot clean up; trying again later"
                    );
                    break;
                }
            }
        }
    }
}

async fn replace_aged_keys(authority: Arc<Authority>) {
    let mut ticks = every(LOOK_AT_KEYS_EVERY);
    loop {
        ticks.tick().await;
        match authority.rotate_aged_signing_key().await {
            Ok(true) => info!(event = "key.aged_out", "the signing key was replaced because of its age"),
            Ok(false) => {}
            Err(refusal) => {
                warn!(
                    event = "key.rotation_failed",
                    code = refusal.code(),
                    "cannot replace the aged signing key"
                );
            }
        }
    }
}

async fn keep_metrics_small(metrics: PrometheusHandle) {
    let mut ticks = every(METRICS_UPKEEP_EVERY);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}

//! What goes on beside requests: following the revocation feed, cleaning up, replacing aged keys, keeping samples, telling of
//! this node.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    audit_budget::BUDGET_WINDOW,
    authority::Authority,
    node::{NodeIdentity, REPORTED_EVERY},
    refusal::Refusal,
    store::CleanedUp,
};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::{error, info, warn};

use crate::app::Doorward;

/// How often the feed is read within the bound on revocation, so that one slow read does not stop anybody,
const READS_WITHIN_BOUND: u32 = 10;
/// and how often at least: nobody gains by hearing of a revocation late.
const FOLLOW_FEED_EVERY: Duration = Duration::from_millis(100);
/// Hints are heeded no more often: one reading brings what many of them are about.
const HEED_HINTS_EVERY: Duration = Duration::from_millis(10);
const CLEAN_UP_EVERY: Duration = Duration::from_secs(600);
/// A few times within the quarter of an hour of which one sample is kept.
const SAMPLE_GAUGES_EVERY: Duration = Duration::from_secs(240);
const LOOK_AT_KEYS_EVERY: Duration = Duration::from_secs(3_600);

impl Doorward {
    /// Follows the revocation feed, cleans up, replaces aged signing keys, keeps samples for the console, and records how
    /// many refusals were only counted ([`Authority::record_counted_refusals`], to be called once more at the end), for as
    /// long as it is polled. A program
    /// that serves requests runs it beside them, until the last of them is answered: without it the verifier stops
    /// letting anybody in once the bound on revocation is past.
    pub async fn run_background(&self) {
        let authority = self.authority();
        tokio::join!(
            follow_feed(self.clone()),
            clean_up(Arc::clone(authority)),
            replace_aged_keys(Arc::clone(authority)),
            record_counted_refusals(Arc::clone(authority)),
            sample_gauges(Arc::clone(authority)),
            report_node(self.clone()),
        );
    }

    /// Takes leave of the other nodes, at the end of a process that tells of itself.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]: the others will find out by themselves.
    pub async fn leave(&self) -> Result<(), Refusal> {
        match &self.0.fixed.node_name {
            Some(name) => self.authority().remove_node(name).await,
            None => Ok(()),
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    // After a stall the next one follows a period later, not all the missed ones at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn follow_feed(doorward: Doorward) {
    let authority = doorward.authority();
    let mut ticks = every(FOLLOW_FEED_EVERY);
    let mut heeded = every(HEED_HINTS_EVERY);
    let mut failing = false;
    loop {
        let period = FOLLOW_FEED_EVERY.min(authority.verifier().max_staleness() / READS_WITHIN_BOUND);
        if ticks.period() != period {
            ticks = every(period);
        }
        tokio::select! {
            _ = ticks.tick() => {}
            () = doorward.0.feed_hint.notified() => { heeded.tick().await; }
        }
        match authority.follow_feed().await {
            Ok(()) if failing => {
                failing = false;
                info!(event = "feed.recovered", "the revocation feed is confirmed again");
            }
            Ok(()) => {}
            // Once, not five times a second.
            Err(error) if !failing => {
                failing = true;
                error!(
                    event = "feed.failed",
                    error = &error as &dyn std::error::Error,
                    "the revocation feed cannot be confirmed: once revocation.max_staleness is past, nobody is let in any more"
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
                    attempts = removed.attempts,
                    factor_rests = removed.factor_rests,
                    audit_events = removed.audit_events,
                    statistics = removed.statistics,
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

async fn record_counted_refusals(authority: Arc<Authority>) {
    let mut ticks = every(BUDGET_WINDOW);
    loop {
        ticks.tick().await;
        if let Err(refusal) = authority.record_counted_refusals().await {
            warn!(
                event = "audit.counts_late",
                code = refusal.code(),
                "cannot record how many refusals there were; trying again later"
            );
        }
    }
}

async fn sample_gauges(authority: Arc<Authority>) {
    let mut ticks = every(SAMPLE_GAUGES_EVERY);
    loop {
        ticks.tick().await;
        if let Err(refusal) = authority.sample_gauges().await {
            warn!(
                event = "statistics.sample_late",
                code = refusal.code(),
                "cannot keep a sample of how many users and sessions there are; trying again later"
            );
        }
    }
}

async fn report_node(doorward: Doorward) {
    let Some(name) = doorward.0.fixed.node_name.clone() else { return };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let mut ticks = every(REPORTED_EVERY);
    let mut identity = None;
    loop {
        ticks.tick().await;
        // Nobody is told of a failure here: what stands in its way stands in the feed's, and is told there.
        let Ok(now) = doorward.authority().now() else { continue };
        let identity: &NodeIdentity = identity.get_or_insert_with(|| NodeIdentity {
            name: name.clone(),
            version: version.clone(),
            started_at: now,
        });
        let _ = doorward.authority().report_node(identity.clone()).await;
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

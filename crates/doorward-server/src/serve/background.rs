//! What goes on beside requests.

use std::time::Duration;

use doorward::Doorward;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::interval;

const METRICS_UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Starts every task. They end when `stopping` says so, or with the set.
pub(super) fn spawn(
    tasks: &mut JoinSet<()>,
    doorward: &Doorward,
    metrics: &PrometheusHandle,
    stopping: &watch::Receiver<bool>,
) {
    // Until the set is dropped: requests that drain need fresh revocations too.
    let doorward = doorward.clone();
    tasks.spawn(async move { doorward.run_background().await });
    tasks.spawn(until(stopping.clone(), keep_metrics_small(metrics.clone())));
}

async fn until(mut stopping: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

async fn keep_metrics_small(metrics: PrometheusHandle) {
    let mut ticks = interval(METRICS_UPKEEP_EVERY);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}

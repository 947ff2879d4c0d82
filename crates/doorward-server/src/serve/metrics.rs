//! Metrics: recorded everywhere, shown on `http.admin_listen` only.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use doorward_core::audit_chain::ChainHead;
use doorward_core::authority::Authority;
use doorward_store::postgres::PoolStatus;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};

use crate::Failure;
use crate::open_store::OpenStore;

/// Upper bounds of durations, in seconds: from a verified token to a hashed password.
const SECONDS: [f64; 12] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// How often recorded durations are folded into their buckets, whether or not anybody asks for them.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Starts recording for the whole process.
pub(super) fn install() -> Result<PrometheusHandle, Failure> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS);
    let builder = builder.map_err(|error| Failure::failed("cannot start metrics", error))?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| Failure::failed("cannot start metrics", error))?;
    metrics::describe_gauge!(
        "doorward_revocation_staleness_seconds",
        metrics::Unit::Seconds,
        "How long ago the revocation feed was last confirmed; above revocation.max_staleness nobody is let in"
    );
    metrics::describe_gauge!("doorward_revocations", "Revocations kept in memory");
    metrics::describe_gauge!("doorward_connections", "Open connections");
    metrics::describe_gauge!("doorward_store_connections", "Connections to PostgreSQL, by what they do");
    metrics::describe_gauge!("doorward_store_waiting", "Operations that wait for a connection to PostgreSQL");
    metrics::describe_counter!("doorward_password_hashes_total", "Passwords hashed, at logins and elsewhere");
    metrics::gauge!("doorward_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// The admin listener's routes. Nothing here asks who is calling: the listener's address is the protection.
pub(super) fn routes(metrics: PrometheusHandle, authority: Arc<Authority>, store: OpenStore) -> Router {
    let render = async move || {
        let (staleness, entries) = authority.verifier().revocation_state();
        metrics::gauge!("doorward_revocation_staleness_seconds").set(staleness.as_secs_f64());
        metrics::gauge!("doorward_revocations").set(f64::from(u32::try_from(entries).unwrap_or(u32::MAX)));
        metrics::counter!("doorward_password_hashes_total").absolute(authority.hashing_work().hashes);
        pool(&store);
        let text = metrics.render() + &chain_heads(&authority).await;
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
    };
    Router::new().route("/metrics", get(render))
}

/// What the connections to PostgreSQL do; nothing with SQLite, which has none.
fn pool(store: &OpenStore) {
    let OpenStore::Postgres(store) = store else { return };
    let PoolStatus { connections, idle, waiting } = store.pool_status();
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    metrics::gauge!("doorward_store_connections", "state" => "idle").set(number(idle));
    metrics::gauge!("doorward_store_connections", "state" => "in_use")
        .set(number(connections.saturating_sub(idle)));
    metrics::gauge!("doorward_store_waiting").set(number(waiting));
}

/// Where the audit log's chains end. Made anew for whoever asks, and not recorded: each MAC would be one more label set, for
/// ever. Left out while the store does not answer.
async fn chain_heads(authority: &Authority) -> String {
    let mut text = String::new();
    for head in authority.audit_heads().await.unwrap_or_default() {
        if text.is_empty() {
            text.push_str(HEAD_INFO);
        }
        let ChainHead { chain, position } = head;
        // A node's name may hold what ends a label (Prometheus text format, "escaping").
        let chain = chain.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let (seq, mac) = (position.seq, position.mac);
        text.push_str(&format!("doorward_audit_chain_head_info{{chain=\"{chain}\",mac=\"{mac}\"}} {seq}\n"));
    }
    text
}

const HEAD_INFO: &str = "# HELP doorward_audit_chain_head_info Where the audit log ends: its last row. Kept elsewhere, it shows \
                         whether the log was cut off\n# TYPE doorward_audit_chain_head_info gauge\n";

/// Keeps what is recorded from growing.
pub(super) async fn keep_small(metrics: PrometheusHandle) {
    let mut ticks = interval(UPKEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}

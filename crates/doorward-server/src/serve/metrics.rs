//! Metrics: recorded everywhere, shown on `http.admin_listen` only.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::Failure;

/// Upper bounds of durations, in seconds: from a verified token to a hashed password.
const SECONDS: [f64; 12] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

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
        "How long ago the revocation feed was last confirmed; above 1 nobody is let in"
    );
    metrics::describe_gauge!("doorward_revocations", "Revocations kept in memory");
    metrics::describe_gauge!("doorward_connections", "Open connections");
    metrics::gauge!("doorward_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

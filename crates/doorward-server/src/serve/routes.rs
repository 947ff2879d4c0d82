//! What each listener serves.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

/// The admin listener's routes. Nothing here asks who is calling: the listener's address is the protection.
pub(super) fn admin(metrics: PrometheusHandle) -> Router {
    let render = async move || {
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render())
    };
    Router::new().route("/metrics", get(render))
}

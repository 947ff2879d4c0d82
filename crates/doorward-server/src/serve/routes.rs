//! What each listener serves.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use doorward_core::authority::Authority;
use metrics_exporter_prometheus::PrometheusHandle;

/// The public listener's routes.
pub(super) fn public(authority: &Arc<Authority>) -> Router {
    let authority = Arc::clone(authority);
    let ready = move || {
        let authority = Arc::clone(&authority);
        async move {
            if authority.check_ready().await.is_ok() {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    };
    Router::new().route("/healthz", get(async || StatusCode::OK)).route("/readyz", get(ready))
}

/// The admin listener's routes. Nothing here asks who is calling: the listener's address is the protection.
pub(super) fn admin(metrics: PrometheusHandle) -> Router {
    let render = async move || {
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render())
    };
    Router::new().route("/metrics", get(render))
}

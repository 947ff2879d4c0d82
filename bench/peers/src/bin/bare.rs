//! Axum with next to nothing in it: the limit of what a server on axum can do.

use std::error::Error;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = Router::new().route("/auth/verify/default", get(headers)).route("/json", get(json));
    doorward_peers::serve(app).await
}

/// What Doorward reads of a request that it verifies.
const READ: [&str; 5] =
    ["cookie", "x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"];

/// What Doorward answers then, as long as it does: values that are always the same cost nothing to make.
const ANSWERED: [(&str, &str); 13] = [
    ("x-auth-user-id", "5_jbhYx2GjpqAbOQ7iphRA"),
    ("x-auth-user", "administrator"),
    ("x-auth-email", ""),
    ("x-auth-roles", "admin"),
    ("x-auth-session-id", "VqIHvzFv7nkomlz255u9GA"),
    ("x-auth-aal", "1"),
    ("x-auth-method", "cookie"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-request-id", "9d73976c03e83018-00000001"),
];

/// Reads the same headers as Doorward and sends the same; knows nobody.
async fn headers(headers: HeaderMap) -> Response {
    let is_text = |name| headers.get(name).is_some_and(|value| value.to_str().is_ok());
    if READ.into_iter().all(is_text) {
        ANSWERED.into_response()
    } else {
        StatusCode::BAD_REQUEST.into_response()
    }
}

/// 150 bytes.
const JSON: &str = r#"{"id":"5_jbhYx2GjpqAbOQ7iphRA","username":"administrator","roles":["admin"],"session":"VqIHvzFv7nkomlz255u9GA","aal":1,"method":"cookie","fresh":true}"#;
const _: () = assert!(JSON.len() == 150);

/// Answers with JSON that was made beforehand.
async fn json() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], JSON)
}

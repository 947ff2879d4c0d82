//! What each fuzz target checks, one module a target, each with one `check(data)` that panics when a promise is broken.
//!
//! The engine is only in `fuzz_targets/`, so that another one can drive the same checks. `docs/FUZZING.md` says how to
//! run them and how to add one.

pub mod access_token;
pub mod bearer_secret;
pub mod body;
pub mod configuration;
pub mod cookie_header;
pub mod forwarded_headers;
pub mod redirect_target;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Reads lines of `Name: value` as a server would; lines that no HTTP parser lets through are left out.
fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().and_then(|name| HeaderName::from_bytes(name).ok());
        let value = parts.next().and_then(|value| HeaderValue::from_bytes(value.trim_ascii()).ok());
        if let (Some(name), Some(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

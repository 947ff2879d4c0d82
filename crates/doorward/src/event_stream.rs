//! Server-sent events (WHATWG HTML 9.2), as answers that last give them.

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, header::CONTENT_TYPE};
use serde::Serialize;

use crate::long_answer::{Outlet, Over};

/// The media type.
pub(crate) const EVENT_STREAM: &str = "text/event-stream";

/// What is sent first: the reader's head start, and after how many milliseconds to come back when it ends.
pub(crate) const BEGINNING: &str = "retry: 1000\n\n";

/// The answer with this body.
pub(crate) fn response(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    // nginx would keep events back until its buffer is full.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// An event: JSON, which holds no line breaks, and the place that whoever comes back after it names.
pub(crate) fn message(name: Option<&str>, place: u64, data: &impl Serialize) -> String {
    let data = serde_json::to_string(data).unwrap_or_default();
    let name = name.map_or_else(String::new, |name| format!("event: {name}\n"));
    format!("{name}id: {place}\ndata: {data}\n\n")
}

/// Ends a stream, and tells why where its reader is not simply gone.
pub(crate) fn end(outlet: Outlet, over: &Over) {
    let code = match over {
        Over::Unwanted => None,
        Over::Refused(refusal) => Some(refusal.code()),
        Over::BeginAgain => Some("conflict"),
    };
    outlet.end_with(
        code.map_or_else(String::new, |code| format!("event: end\ndata: {{\"code\":\"{code}\"}}\n\n")),
    );
}

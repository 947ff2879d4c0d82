//! What comes back, and what holds for every answer whatever was asked.

use axum::body::Body;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value as Json;

use crate::jar::SetCookie;

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// What two answers to the same have in common: all but their ids, and what the router or the server adds.
    pub(crate) fn without_its_id(&self, method: &Method) -> (StatusCode, Vec<(String, Vec<u8>)>, String) {
        let said = self
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "content-length"].contains(&name.as_str()));
        let mut headers: Vec<_> =
            said.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        headers.sort();
        let id = self.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
        let body = if *method == Method::HEAD { String::new() } else { self.text().replace(id, "ID") };
        (self.status, headers, body)
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"));
        value.to_str().unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The JSON of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Json {
        self.is(200);
        self.json()
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The code of a problem document, which must be a whole one (RFC 9457).
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for member in ["type", "title", "detail", "code"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
        }
        assert_eq!(problem["retry_after"].is_null(), !self.has("retry-after"));
        problem["code"].as_str().unwrap().to_owned()
    }

    /// That it is a problem of this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> &Self {
        self.is(status);
        assert_eq!(self.code(), code);
        self
    }

    pub(crate) fn set_cookies(&self) -> Vec<SetCookie> {
        let headers = self.headers.get_all("set-cookie").iter();
        headers.map(|header| SetCookie::parse(header.to_str().unwrap())).collect()
    }

    /// The one `Set-Cookie` of this name.
    #[track_caller]
    pub(crate) fn cookie(&self, name: &str) -> SetCookie {
        let mut found = self.set_cookies().into_iter().filter(|cookie| cookie.name == name);
        let cookie = found.next().unwrap_or_else(|| panic!("{name} is not set: {self:?}"));
        assert!(found.next().is_none(), "{name} is set twice");
        cookie
    }

    /// What the contract promises of every response.
    #[track_caller]
    pub(crate) fn check_promises(&self, path: &str) {
        let public =
            path.contains("/static/") || path.ends_with("jwks.json") || path.ends_with("/keepalive.js");
        if !(public && self.status.is_success()) {
            assert_eq!(self.header("cache-control"), "no-store", "{path}");
        }
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(self.header("referrer-policy"), "same-origin", "{path}");
        let policy = self.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-"), "{policy}");
        assert!(!self.header("x-request-id").is_empty(), "{path}");
        if self.status.is_server_error() {
            assert_eq!(self.status, 503, "{path}: {self:?}");
        }
        if self.has("www-authenticate") {
            assert_eq!(self.status, 401);
        }
    }
}

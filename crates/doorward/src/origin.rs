//! Rule 1, where a request comes from: the defence against cross-site requests that needs no token.
//!
//! Browsers say in `Sec-Fetch-Site` how the page that made a request relates to its target, and scripts cannot change
//! it. The rule follows Go's `net/http.CrossOriginProtection`, with these differences:
//! - an `Origin` counts only if it is in the allowed list (which holds the public URL's): never because it equals `Host`,
//!   which an attacker controls by DNS rebinding, and which says nothing about the scheme;
//! - an empty `Sec-Fetch-Site` is "anything else" rather than absent, and an empty `Origin` is not allowed;
//! - a doubled or unreadable header is refused;
//! - a WebSocket handshake is checked although it is a GET, and so are all logins and setups (login CSRF).

use http::{HeaderMap, HeaderName, Method, header};

use crate::{origins::Origins, single_header::SingleHeader};

static SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a request tells about where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct OriginFacts<'h> {
    /// Whether the method changes nothing: see [`is_safe`].
    pub method_is_safe: bool,
    /// Whether an `Upgrade` header is there, of whatever protocol.
    pub has_upgrade: bool,
    /// Whether `Sec-Fetch-Mode` says `websocket`: it survives proxies that drop `Upgrade`.
    pub fetch_mode_is_websocket: bool,
    /// For `Sec-Fetch-Site` and `Origin`, which most requests need not be asked for.
    headers: &'h HeaderMap,
}

/// Which requests rule 1 is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginScope {
    /// Unsafe methods and WebSocket handshakes; everything else passes.
    UnsafeOnly,
    /// Every request: logins and setups, whatever their method.
    Always,
}

/// The request comes, or may come, from a site that is not trusted: `cross_site_refused`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request comes from an origin that is not in http.allowed_origins")]
pub struct CrossSite;

impl<'h> OriginFacts<'h> {
    /// Reads the facts of a request; allocates nothing.
    #[must_use]
    pub fn of(method: &Method, headers: &'h HeaderMap) -> Self {
        let modes = headers.get_all(&SEC_FETCH_MODE);
        Self {
            method_is_safe: is_safe(method),
            has_upgrade: headers.contains_key(header::UPGRADE),
            fetch_mode_is_websocket: modes
                .iter()
                .any(|mode| mode.as_bytes().eq_ignore_ascii_case(b"websocket")),
            headers,
        }
    }

    /// Whether the request starts a WebSocket, or may.
    #[must_use]
    pub const fn is_handshake(&self) -> bool {
        self.has_upgrade || self.fetch_mode_is_websocket
    }

    /// Rule 1.
    ///
    /// # Errors
    /// [`CrossSite`] if the rule covers the request and nothing shows that it comes from a trusted page, or from no
    /// page at all.
    pub fn check(&self, scope: OriginScope, allowed: &Origins) -> Result<(), CrossSite> {
        if scope == OriginScope::UnsafeOnly && self.method_is_safe && !self.is_handshake() {
            return Ok(());
        }
        let fetch_site = SingleHeader::read(self.headers, &SEC_FETCH_SITE);
        match (fetch_site, SingleHeader::read(self.headers, header::ORIGIN)) {
            // Which of the copies would another reader believe?
            (SingleHeader::Duplicate | SingleHeader::Unreadable, _)
            | (_, SingleHeader::Duplicate | SingleHeader::Unreadable) => Err(CrossSite),
            (SingleHeader::One("same-origin" | "none"), SingleHeader::Absent | SingleHeader::One(_)) => {
                Ok(())
            }
            // No browser from 2023 on leaves both out of an unsafe request: this is a program.
            (SingleHeader::Absent, SingleHeader::Absent) => Ok(()),
            (SingleHeader::Absent | SingleHeader::One(_), SingleHeader::One(origin))
                if allowed.allow(origin) =>
            {
                Ok(())
            }
            (SingleHeader::Absent | SingleHeader::One(_), SingleHeader::Absent | SingleHeader::One(_)) => {
                Err(CrossSite)
            }
        }
    }
}

/// Whether a method promises to change nothing (RFC 9110, 9.2.1). TRACE and whatever else exists count as unsafe.
#[must_use]
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::origins::WebOrigin;

    fn allowed() -> Origins {
        ["https://example.com", "https://trusted.example"]
            .iter()
            .map(|o| WebOrigin::parse(o).unwrap())
            .collect()
    }

    fn passes(method: &str, headers: &[(&'static str, &str)], scope: OriginScope) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        OriginFacts::of(&method, &map).check(scope, &allowed()).is_ok()
    }

    #[test]
    fn go_cross_origin_protection_vectors() {
        #[derive(serde::Deserialize)]
        struct Vectors {
            sec_fetch_site: Vec<Case>,
            trusted: Vec<Case>,
        }
        #[derive(serde::Deserialize)]
        struct Case {
            method: String,
            sec_fetch_site: Option<String>,
            origin: Option<String>,
            allow: bool,
        }
        let vectors: Vectors =
            serde_json::from_str(include_str!("../tests/vectors/go_cross_origin_protection.json")).unwrap();
        let cases: Vec<_> = vectors.sec_fetch_site.into_iter().chain(vectors.trusted).collect();
        assert_eq!(cases.len(), 16);
        for case in cases {
            let mut headers = Vec::new();
            headers.extend(case.sec_fetch_site.as_deref().map(|value| ("sec-fetch-site", value)));
            headers.extend(case.origin.as_deref().map(|value| ("origin", value)));
            let passed = passes(&case.method, &headers, OriginScope::UnsafeOnly);
            assert_eq!(passed, case.allow, "{} {headers:?}", case.method);
        }
    }

    #[test]
    fn our_own_table() {
        type Case<'a> = (&'a str, &'a [(&'static str, &'a str)], bool);
        const SITE: &str = "sec-fetch-site";
        let cases: &[Case<'_>] = &[
            ("POST", &[(SITE, "same-site"), ("origin", "https://trusted.example")], true),
            ("POST", &[(SITE, "same-origin"), ("origin", "https://elsewhere.example")], true),
            ("POST", &[(SITE, "Same-Origin")], false),
            ("POST", &[(SITE, "")], false),
            ("POST", &[(SITE, "same-origin, cross-site")], false),
            ("POST", &[(SITE, "cross-site"), ("origin", "null")], false),
            ("POST", &[("origin", "")], false),
            ("POST", &[("origin", "https://example.com/")], false),
            ("POST", &[("origin", "HTTPS://EXAMPLE.COM")], false),
            ("POST", &[("origin", "http://example.com")], false),
            ("POST", &[("origin", "https://example.com.attacker.example")], false),
            ("POST", &[("host", "attacker.example"), ("origin", "https://attacker.example")], false),
            ("TRACE", &[(SITE, "cross-site")], false),
            ("get", &[(SITE, "cross-site")], false),
            ("DELETE", &[(SITE, "cross-site")], false),
        ];
        for (method, headers, expected) in cases {
            assert_eq!(passes(method, headers, OriginScope::UnsafeOnly), *expected, "{method} {headers:?}");
        }
    }

    #[test]
    fn a_doubled_header_is_refused_even_if_both_say_the_same() {
        for twice in [("sec-fetch-site", "same-origin"), ("origin", "https://example.com")] {
            assert!(passes("POST", &[twice], OriginScope::UnsafeOnly));
            assert!(!passes("POST", &[twice, twice], OriginScope::UnsafeOnly), "{twice:?}");
        }
        let origins = [("sec-fetch-site", "same-origin"), ("origin", "https://a"), ("origin", "https://b")];
        assert!(!passes("POST", &origins, OriginScope::UnsafeOnly));
    }

    #[test]
    fn an_unreadable_header_is_refused() {
        assert!(!passes("POST", &[("origin", "https://exämple.com")], OriginScope::UnsafeOnly));
        assert!(!passes("POST", &[("sec-fetch-site", "ä")], OriginScope::UnsafeOnly));
    }

    #[test]
    fn a_websocket_handshake_from_another_site_is_refused_although_it_is_a_get() {
        let foreign = ("origin", "https://attacker.example");
        for mark in [("upgrade", "websocket"), ("upgrade", "WebSocket"), ("sec-fetch-mode", "websocket")] {
            assert!(!passes("GET", &[mark, foreign], OriginScope::UnsafeOnly), "{mark:?}");
            assert!(passes("GET", &[mark, ("origin", "https://trusted.example")], OriginScope::UnsafeOnly));
            assert!(passes("GET", &[mark], OriginScope::UnsafeOnly));
        }
        assert!(passes("GET", &[("sec-fetch-mode", "navigate"), foreign], OriginScope::UnsafeOnly));
    }

    #[test]
    fn a_login_is_checked_whatever_its_method() {
        assert!(!passes("GET", &[("sec-fetch-site", "cross-site")], OriginScope::Always));
        assert!(passes("GET", &[("sec-fetch-site", "none")], OriginScope::Always));
    }

    proptest! {
        #[test]
        fn a_cross_site_request_needs_an_allowed_origin(origin in "[ -~]{0,30}", method in "POST|PUT|PATCH|DELETE") {
            prop_assume!(!allowed().allow(&origin));
            for site in [None, Some("cross-site"), Some("same-site")] {
                let mut headers = vec![("origin", origin.as_str())];
                headers.extend(site.map(|site| ("sec-fetch-site", site)));
                prop_assert!(!passes(&method, &headers, OriginScope::UnsafeOnly));
            }
        }
    }
}

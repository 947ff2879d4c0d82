//! Getting rid of cookies that somebody else set under our names.
//!
//! A sibling subdomain, or a page once served over http, can set a cookie of our name with a longer Path or a shared
//! Domain; browsers then send both, ours perhaps second, and only the one who knows Path and Domain can remove it.
//! `cookie_ambiguous` therefore expires every combination that can have reached us, so that nobody stays stuck.

use http::HeaderValue;

use super::set::OurCookie;

/// The most headers that one answer spends on this: nginx drops an answer whose headers outgrow its 4 or 8 kB.
pub const MAX_EXPIRING_HEADERS: usize = 32;

/// Longer paths are not repeated; no browser request that we answer so has a longer one.
const MAX_PATH_BYTES: usize = 256;

/// `Set-Cookie` values that expire `cookie` on every path prefix of `request_path`, without Domain and with `host` and
/// each of its parents that has a dot, shortest path first. `host` is the request's, without port; at most
/// [`MAX_EXPIRING_HEADERS`] are given.
#[must_use]
pub fn expire_everywhere(cookie: &OurCookie, request_path: &str, host: &str) -> Vec<HeaderValue> {
    let domains = domains(host);
    let mut headers = Vec::new();
    for path in path_prefixes(request_path) {
        for domain in std::iter::once(None).chain(domains.iter().copied().map(Some)) {
            headers.extend(cookie.clear_at(path, domain));
        }
    }
    // The combination we set ourselves comes first whatever the request's path is.
    headers.retain(|header| *header != cookie.clear());
    headers.insert(0, cookie.clear());
    headers.truncate(MAX_EXPIRING_HEADERS);
    headers
}

/// The cookie paths that match a request path (RFC 6265bis, 5.1.4): `/`, `/a`, `/a/`, `/a/b`, …
fn path_prefixes(path: &str) -> impl Iterator<Item = &str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let usable = path.starts_with('/')
        && path.len() <= MAX_PATH_BYTES
        && path.bytes().all(|b| matches!(b, 0x21..=0x7e) && b != b';' && b != b',');
    let path = if usable { path } else { "/" };
    let ends = path.match_indices('/').flat_map(|(at, _)| [at, at + 1]).chain([path.len()]);
    let mut longest = 0;
    ends.filter_map(move |end| {
        let is_new = end > longest;
        longest = longest.max(end);
        if is_new { path.get(..end) } else { None }
    })
}

/// The host and its parents with a dot in them; browsers ignore those that are public suffixes.
fn domains(host: &str) -> Vec<&str> {
    let named = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    if !named {
        return Vec::new();
    }
    let is_address = host.parse::<std::net::Ipv4Addr>().is_ok();
    let parents = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    let parents = parents.filter(|parent| !is_address && parent.contains('.'));
    std::iter::once(host).chain(parents).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::cookies::{CookieKind, CookiePlan, CookieSettings};

    fn session(public_url: &str) -> OurCookie {
        let plan =
            CookiePlan::new(&CookieSettings::default(), &Url::parse(public_url).unwrap(), "/auth").unwrap();
        plan.cookie(CookieKind::Session).clone()
    }

    fn places(path: &str, host: &str) -> Vec<String> {
        let shown = |header: HeaderValue| {
            let text = header.to_str().unwrap().to_owned();
            let parts =
                text.split("; ").filter_map(|p| p.strip_prefix("Path=").or(p.strip_prefix("Domain=")));
            parts.collect::<Vec<_>>().join(" ")
        };
        expire_everywhere(&session("http://localhost"), path, host).into_iter().map(shown).collect()
    }

    #[test]
    fn every_path_that_matches_the_request_is_expired() {
        let places: Vec<_> = places("/auth/v1/session?x=/y", "localhost");
        for path in ["/", "/auth", "/auth/", "/auth/v1", "/auth/v1/", "/auth/v1/session"] {
            assert!(places.contains(&path.to_owned()), "{path}: {places:?}");
            assert!(places.contains(&format!("{path} localhost")), "{path}: {places:?}");
        }
        assert_eq!(places.len(), 12);
    }

    #[test]
    fn every_domain_that_covers_the_host_is_expired() {
        assert_eq!(
            places("/", "a.b.example.com"),
            ["/", "/ a.b.example.com", "/ b.example.com", "/ example.com"]
        );
        assert_eq!(places("/", "127.0.0.1"), ["/", "/ 127.0.0.1"]);
        assert_eq!(places("/", "evil;x"), ["/"]);
    }

    #[test]
    fn expiring_headers_repeat_secure_and_lead_with_our_own() {
        let headers = expire_everywhere(&session("https://a.example.com"), "/x", "a.example.com");
        assert_eq!(headers[0], session("https://a.example.com").clear());
        assert!(headers.iter().all(|header| {
            let text = header.to_str().unwrap();
            text.starts_with("__Host-dw_session=; Max-Age=0;") && text.contains("; Secure;")
        }));
    }

    #[test]
    fn a_deep_path_costs_a_bounded_number_of_headers() {
        assert_eq!(places(&"/a".repeat(100), "a.b.c.d.example.com").len(), MAX_EXPIRING_HEADERS);
    }

    proptest! {
        #[test]
        fn any_path_and_host_give_whole_headers(path in "\\PC{0,40}", host in "\\PC{0,30}") {
            for header in expire_everywhere(&session("http://localhost"), &path, &host) {
                let text = header.to_str().unwrap();
                prop_assert!(text.starts_with("dw_session=; Max-Age=0; Path=/"));
                prop_assert!(text.matches(';').count() <= 5);
            }
        }
    }
}

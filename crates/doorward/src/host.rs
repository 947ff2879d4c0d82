//! Which hosts a request may be addressed to: the defence against DNS rebinding.
//!
//! A page at `evil.example` whose name is made to point at us speaks to us as its own origin, with no cross-site mark
//! on its requests. It cannot help naming its own host, though, and that is not one of ours: 421 `misdirected_request`.

use std::net::IpAddr;

use http::{HeaderMap, Uri, header};
use url::Url;

use crate::{
    authority::Authority,
    origins::{Origins, WebOrigin},
    single_header::SingleHeader,
};

/// The names that requests may be addressed to, beside loopback names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

/// The request is not addressed to us, or not clearly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the Host header names neither http.public_url, nor an origin of http.allowed_origins, nor a loopback name"
)]
pub struct Misdirected;

impl Hosts {
    /// The public URL's host and those of the allowed origins.
    #[must_use]
    pub fn new(public_url: &Url, allowed_origins: &Origins) -> Self {
        let public = WebOrigin::of(public_url);
        Self(allowed_origins.iter().chain(&public).map(|origin| origin.host().to_owned()).collect())
    }

    /// Checks a request and gives the host it names, without port. The port does not count: behind a proxy it is
    /// the proxy's. Allocates nothing.
    ///
    /// # Errors
    /// [`Misdirected`] if Host is missing, doubled, malformed or not ours; and if the target is an absolute URL of a
    /// host that is not ours, since a proxy may go by either (RFC 9112, 3.2.2).
    pub fn check<'h>(&self, target: &Uri, headers: &'h HeaderMap) -> Result<&'h str, Misdirected> {
        let named = match SingleHeader::read(headers, header::HOST) {
            SingleHeader::One(host) => Authority::parse(host).ok_or(Misdirected)?,
            SingleHeader::Absent | SingleHeader::Duplicate | SingleHeader::Unreadable => {
                return Err(Misdirected);
            }
        };
        let target_is_ours = target.authority().is_none_or(|authority| {
            Authority::parse(authority.as_str()).is_some_and(|authority| self.are(&authority))
        });
        if target_is_ours && self.are(&named) { Ok(named.host) } else { Err(Misdirected) }
    }

    fn are(&self, authority: &Authority<'_>) -> bool {
        match authority.address() {
            Some(address) if address.to_canonical().is_loopback() => true,
            Some(address) => self.0.iter().any(|host| configured_address(host) == Some(address)),
            None => {
                is_localhost(authority.host)
                    || self.0.iter().any(|host| host.eq_ignore_ascii_case(authority.host))
            }
        }
    }
}

/// The address that a configured host is, if it is one; the same address may be spelt in several ways.
fn configured_address(host: &str) -> Option<IpAddr> {
    Authority::parse(host)?.address()
}

/// `localhost` and names under it, which resolve to loopback without asking anybody (RFC 6761, 6.3).
fn is_localhost(host: &str) -> bool {
    const NAME: &str = "localhost";
    let at = host.len().saturating_sub(NAME.len());
    match host.split_at_checked(at) {
        Some((before, name)) => {
            name.eq_ignore_ascii_case(NAME) && (before.is_empty() || before.ends_with('.'))
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn hosts() -> Hosts {
        let allowed = ["https://app.example.com:8443", "http://192.0.2.7", "http://[2001:db8::1]"];
        let allowed = allowed.iter().map(|origin| WebOrigin::parse(origin).unwrap()).collect();
        Hosts::new(&Url::parse("https://Auth.example.com/x").unwrap(), &allowed)
    }

    fn passes(target: &str, values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::HOST, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        hosts().check(&target.parse().unwrap(), &headers).is_ok()
    }

    #[test]
    fn our_hosts_and_loopback_names_are_ours() {
        for host in [
            "auth.example.com",
            "AUTH.example.com:9",
            "app.example.com",
            "app.example.com:1",
            "192.0.2.7:80",
            "[2001:db8::1]",
            "[2001:DB8:0::1]:80",
            "localhost",
            "LocalHost:8080",
            "a.b.localhost",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(passes("/", &[host]), "{host}");
        }
    }

    #[test]
    fn everything_else_is_misdirected() {
        for host in [
            "",
            "evil.example",
            "example.com",
            "x.app.example.com",
            "auth.example.com.evil.example",
            "evillocalhost",
            "localhost.evil.example",
            "localhost.",
            "127.1",
            "2130706433",
            "0.0.0.0",
            "128.0.0.1",
            "[::]",
            "[::2]",
            "192.0.2.8",
            "auth.example.com@evil.example",
            "auth.example.com, evil.example",
            "auth.example.com/",
            "auth.example.com:x",
            "::1",
            "ä.localhost",
            "127.0.0.1.evil.example",
        ] {
            assert!(!passes("/", &[host]), "{host}");
        }
    }

    #[test]
    fn a_missing_or_doubled_host_is_misdirected() {
        assert!(!passes("/", &[]));
        assert!(!passes("/", &["localhost", "localhost"]));
        assert!(!passes("/", &["localhost", "evil.example"]));
    }

    #[test]
    fn an_absolute_target_counts_too() {
        assert!(passes("http://localhost:8080/x", &["localhost"]));
        assert!(!passes("http://evil.example/x", &["localhost"]));
        assert!(!passes("http://localhost/x", &["evil.example"]));
    }

    #[test]
    fn the_host_is_given_without_port() {
        let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:8080"))]);
        assert_eq!(hosts().check(&Uri::from_static("/"), &headers), Ok("localhost"));
    }

    proptest! {
        #[test]
        fn a_foreign_domain_never_passes(before in "[a-z0-9.-]{0,20}", tail in "evil|com|localhost1|1") {
            let host = format!("{before}.evil.{tail}");
            prop_assert!(!passes("/", &[host.as_str()]));
        }
    }
}

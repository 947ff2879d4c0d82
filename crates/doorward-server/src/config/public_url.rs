//! The public URL: an origin (RFC 6454) whose scheme and host matter to cookies.

use std::fmt;

use doorward::origins::WebOrigin;
use url::{Host, Url};

/// The address the server is reached by from outside: an origin whose scheme and host matter to cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: Url,
    origin: WebOrigin,
}

/// What a public URL has to look like, for messages.
pub(super) const EXPECTED: &str = "write scheme://host or scheme://host:port with http or https, and no path, for instance \"https://auth.example.com\"";

impl PublicUrl {
    /// Reads a public URL; `None` where the text is not an http or https origin. A closing slash is forgiven, since
    /// browsers show one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let origin = WebOrigin::parse(text.strip_suffix('/').unwrap_or(text)).ok()?;
        let url = Url::parse(origin.as_str()).ok()?;
        Some(Self { url, origin })
    }

    /// The default, `http://localhost:8080`.
    ///
    /// # Panics
    /// Never: the text is constant, and a test reads it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a constant that a test reads")]
    pub fn localhost() -> Self {
        Self::parse("http://localhost:8080").expect("a constant URL")
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> &WebOrigin {
        &self.origin
    }

    /// As a URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.url
    }

    /// Whether people reach us over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it leads to this machine only, where browsers treat plain http as safe.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.origin.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_and_may_close_with_a_slash() {
        for (given, normal) in [
            ("https://Auth.Example.com:443/", "https://auth.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(PublicUrl::parse(given).unwrap().to_string(), normal);
        }
        for text in [
            "",
            "auth.example.com",
            "https://a.example/path",
            "https://a.example//",
            "https://u@a.example",
            "ftp://a.example",
        ] {
            assert_eq!(PublicUrl::parse(text), None, "{text:?}");
        }
        assert_eq!(PublicUrl::localhost().to_string(), "http://localhost:8080");
    }

    #[test]
    fn loopback_is_told_from_the_world() {
        for (text, loopback) in [
            ("http://localhost:8080", true),
            ("http://app.localhost", true),
            ("http://127.0.0.9", true),
            ("http://[::1]", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
    }
}

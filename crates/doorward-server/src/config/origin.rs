//! Web origins as settings give them: scheme, host and port, nothing more (RFC 6454).

use std::fmt;

use url::{Host, Url};

/// An origin in the form browsers send it: lower case, without the scheme's own port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

/// The address the server is reached by from outside: an origin whose scheme and host matter to cookies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// What an origin has to look like, for messages.
pub(super) const EXPECTED: &str = "write scheme://host or scheme://host:port with http or https, and no path, for instance \"https://app.example.com\"";

impl Origin {
    /// Reads an origin; `None` where the text is anything more or less.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse(text).map(|url| Self(url.origin().ascii_serialization()))
    }

    /// As browsers send it in `Origin`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl PublicUrl {
    /// Reads a public URL; `None` where the text is not an http or https origin.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse(text).map(Self)
    }

    /// The default, `http://localhost:8080`.
    ///
    /// # Panics
    /// Never: the text is constant, and a test reads it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a constant that a test reads")]
    pub fn localhost() -> Self {
        Self(Url::parse("http://localhost:8080").expect("a constant URL"))
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin(self.to_string())
    }

    /// As a URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether people reach us over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it leads to this machine only, where browsers treat plain http as safe.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.origin().ascii_serialization())
    }
}

fn parse(text: &str) -> Option<Url> {
    // The parser forgives what we do not: back-slashes, missing slashes, control characters, `@`, a `?` with nothing.
    let scheme = ["http://", "https://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let authority = text.get(scheme.len()..)?;
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if authority.is_empty() || !authority.chars().all(plain) {
        return None;
    }
    Url::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for (given, normal) in [
            ("https://App.Example.com", "https://app.example.com"),
            ("https://app.example.com:443/", "https://app.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(Origin::parse(given).unwrap().as_str(), normal);
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "example.com",
            "//example.com",
            "https:",
            "https://",
            "https:example.com",
            "https:/example.com",
            "https://a.example/path",
            "https://a.example//",
            "https://a.example?",
            "https://a.example#",
            "https://user@a.example",
            "https://a.example\\@b.example",
            "ftp://a.example",
            "https://a.example:0x50",
            "https://a.example:99999",
            " https://a.example",
            "https://a.example\n",
            "https://*.example.com",
        ] {
            assert_eq!(Origin::parse(text), None, "{text:?}");
        }
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

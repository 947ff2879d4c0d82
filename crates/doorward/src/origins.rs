//! Web origins (RFC 6454): the ones a deployment trusts.

use url::{Host, Url};

/// An http(s) origin in the form browsers send it: lower case, no default port, no closing slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebOrigin {
    text: String,
    host: String,
}

/// A text that names no http(s) origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no origin: write scheme and host, and a port if it is not the default, with nothing after them, \
     such as \"https://app.example.com\""
)]
pub struct NotAnOrigin {
    /// What was given.
    pub text: String,
}

impl WebOrigin {
    /// Reads a configured origin. Strict, so that nobody believes a path or a wildcard to have an effect.
    ///
    /// # Errors
    /// [`NotAnOrigin`] for anything but `http(s)://host[:port]`.
    pub fn parse(text: &str) -> Result<Self, NotAnOrigin> {
        let refused = || NotAnOrigin { text: text.to_owned() };
        let after_scheme = text.split_once("://").map(|(_, rest)| rest).ok_or_else(refused)?;
        let bare = !after_scheme.is_empty()
            && !after_scheme
                .contains(|c: char| c.is_whitespace() || c.is_control() || "/\\?#@%*".contains(c));
        let url = Url::parse(text).ok().filter(|_| bare && !text.starts_with(char::is_whitespace));
        url.as_ref().and_then(Self::of).ok_or_else(refused)
    }

    /// The origin of an http(s) URL; none for other schemes.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let host = match (url.scheme(), url.host()?) {
            ("http" | "https", Host::Domain(name)) => name.to_owned(),
            ("http" | "https", address) => address.to_string(),
            _ => return None,
        };
        Some(Self { text: url.origin().ascii_serialization(), host })
    }

    /// As browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host without port, lower case, an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// A list of trusted origins. Looking one up allocates nothing; lists are short, so it is a walk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<WebOrigin>);

impl Origins {
    /// Whether this is, byte for byte, an `Origin` header of one of these. `null` never is.
    #[must_use]
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed.text == origin)
    }

    /// Every origin.
    pub fn iter(&self) -> impl Iterator<Item = &WebOrigin> {
        self.0.iter()
    }
}

impl FromIterator<WebOrigin> for Origins {
    fn from_iter<I: IntoIterator<Item = WebOrigin>>(origins: I) -> Self {
        let mut distinct = Vec::new();
        for origin in origins {
            if !distinct.contains(&origin) {
                distinct.push(origin);
            }
        }
        Self(distinct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_kept_as_browsers_send_them() {
        for (text, origin, host) in [
            ("https://Example.com", "https://example.com", "example.com"),
            ("HTTPS://example.com:443", "https://example.com", "example.com"),
            ("http://example.com:8080", "http://example.com:8080", "example.com"),
            ("http://[::1]:3000", "http://[::1]:3000", "[::1]"),
            ("https://bücher.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            let parsed = WebOrigin::parse(text).unwrap();
            assert_eq!((parsed.as_str(), parsed.host()), (origin, host));
        }
    }

    #[test]
    fn configured_origins_are_accepted_and_refused_as_go_does() {
        #[derive(serde::Deserialize)]
        struct Vectors {
            trusted_origin_config: Vec<Case>,
        }
        #[derive(serde::Deserialize)]
        struct Case {
            origin: String,
            accept: bool,
        }
        let vectors: Vectors =
            serde_json::from_str(include_str!("../tests/vectors/go_cross_origin_protection.json")).unwrap();
        assert_eq!(vectors.trusted_origin_config.len(), 12);
        for case in vectors.trusted_origin_config {
            assert_eq!(WebOrigin::parse(&case.origin).is_ok(), case.accept, "{:?}", case.origin);
        }
    }

    #[test]
    fn what_only_looks_like_an_origin_is_refused() {
        for text in [
            "*",
            "https://*.example.com",
            "https://user@example.com",
            "https://a%2eb",
            "ftp://example.com",
            "https:example.com",
            "https:///example.com",
            "https://example.com\\",
            " https://example.com",
            "https://example.com\n",
            "file://x",
            "https://example.com:99999",
            "javascript://example.com",
        ] {
            let error = WebOrigin::parse(text).unwrap_err();
            assert_eq!(error.text, text);
        }
    }

    #[test]
    fn looking_up_is_exact() {
        let origins = Origins::from_iter([WebOrigin::parse("https://app.example.com").unwrap()]);
        assert!(origins.allow("https://app.example.com"));
        for origin in
            ["null", "", "https://app.example.com/", "https://app.example.com:443", "http://app.example.com"]
        {
            assert!(!origins.allow(origin), "{origin}");
        }
    }
}

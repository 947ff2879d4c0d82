//! Where `rd` may lead: the defence against open redirects.
//!
//! The value is the attacker's. What it names is not what it looks like, because browsers repair URLs: `\` is `/`, tabs
//! and line ends vanish, `https:evil` and `https:///evil` have a host, `//evil` keeps the scheme. So three things hold
//! together: suspicious spellings are refused before parsing; the parser is the one that browsers follow (WHATWG URL) and
//! its origin must be in the list; and what is given back is its serialisation, never the text that came in.

use url::Url;

use crate::origins::{Origins, WebOrigin};

/// Longer values are ignored, in bytes.
pub const MAX_REDIRECT_TARGET_BYTES: usize = 2048;

/// An absolute http(s) URL on a redirect origin. Only [`RedirectTarget::parse`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectTarget(Url);

impl RedirectTarget {
    /// Takes an absolute http(s) URL whose origin is in `allowed`, or a path that begins with one `/`, resolved on
    /// `public_url` (whose origin is always allowed that way). `None` for everything else: callers ignore it.
    #[must_use]
    pub fn parse(text: &str, public_url: &Url, allowed: &Origins) -> Option<Self> {
        if text.len() > MAX_REDIRECT_TARGET_BYTES || text.contains(is_never_in_a_url) {
            return None;
        }
        if text.starts_with('/') { Self::on_site(text, public_url) } else { Self::absolute(text, allowed) }
    }

    /// As it goes into a `Location` header or an attribute: ASCII, percent-encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    fn on_site(path: &str, public_url: &Url) -> Option<Self> {
        let target = public_url.join(path).ok()?;
        // `/.//evil` is `//evil` once its dots are resolved, `/%2Fevil` once an application decodes it: harmless with
        // our origin in front, but not if anything behind us takes the path apart and puts it together again.
        let is_plain = !starts_with_slash(path.get(1..)?) && !starts_with_slash(target.path().get(1..)?);
        let stays = target.origin() == public_url.origin();
        (is_plain && stays && has_no_encoded_controls(target.path())).then_some(Self(target))
    }

    fn absolute(text: &str, allowed: &Origins) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        // User names disguise (`https://app.example.com@evil`), `%` hides, and no authority at all is repaired.
        let authority = rest.split(['/', '?', '#']).next()?;
        if authority.is_empty() || authority.contains(['@', '%']) {
            return None;
        }
        let target = Url::parse(text).ok()?;
        let origin = WebOrigin::of(&target)?;
        (allowed.allow(origin.as_str()) && has_no_encoded_controls(target.path())).then_some(Self(target))
    }
}

/// What browsers drop, trim or turn into something else.
fn is_never_in_a_url(c: char) -> bool {
    c.is_control() || c.is_whitespace() || c == '\\'
}

/// Whether a slash of any spelling comes next.
fn starts_with_slash(path: &str) -> bool {
    let encoded = path
        .get(..3)
        .is_some_and(|head| head.eq_ignore_ascii_case("%2f") || head.eq_ignore_ascii_case("%5c"));
    encoded || path.starts_with(['/', '\\'])
}

/// An application that decodes its path before redirecting would write these into a header.
fn has_no_encoded_controls(path: &str) -> bool {
    path.split('%').skip(1).all(|rest| {
        let byte = rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        !byte.is_some_and(|byte| byte.is_ascii_control())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Option<String> {
        let allowed = ["https://auth.example.com", "https://app.example.com", "http://localhost:3000"];
        let allowed = allowed.iter().map(|origin| WebOrigin::parse(origin).unwrap()).collect();
        let public_url = Url::parse("https://auth.example.com").unwrap();
        RedirectTarget::parse(text, &public_url, &allowed).map(|target| target.as_str().to_owned())
    }

    #[test]
    fn targets_on_redirect_origins_are_followed() {
        for (text, target) in [
            ("https://app.example.com", "https://app.example.com/"),
            ("https://app.example.com/a?b=c#d", "https://app.example.com/a?b=c#d"),
            ("hTTpS://APP.example.COM/a", "https://app.example.com/a"),
            ("https://app.example.com:443/a", "https://app.example.com/a"),
            ("http://localhost:3000/@me?next=//x@y", "http://localhost:3000/@me?next=//x@y"),
            ("https://app.example.com/caf%C3%A9?q=a%0Ab", "https://app.example.com/caf%C3%A9?q=a%0Ab"),
            ("https://app.example.com//a", "https://app.example.com//a"),
            ("/", "https://auth.example.com/"),
            ("/a/b?c=d&e=//f", "https://auth.example.com/a/b?c=d&e=//f"),
            ("/a/../b", "https://auth.example.com/b"),
            ("/@evil.com", "https://auth.example.com/@evil.com"),
            ("/café", "https://auth.example.com/caf%C3%A9"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(target), "{text}");
        }
    }

    #[test]
    fn every_other_target_is_ignored() {
        for text in [
            "",
            "//evil",
            "///evil",
            "/\\evil",
            "\\\\evil",
            "\\/evil",
            "https:evil",
            "https:/evil",
            "https:///evil",
            "https:\\\\evil",
            "https:/\\evil",
            "https://evil",
            "https://evil/https://app.example.com",
            "https://app.example.com@evil",
            "https://app.example.com:x@evil",
            "https://user@app.example.com",
            "https://@app.example.com",
            "https://app.example.com\\@evil",
            "https://app.example.com.evil",
            "https://evil#@app.example.com",
            "https://evil?@app.example.com",
            "https://app.example.com:8443",
            "http://app.example.com",
            "https://app.example.com%2eevil",
            "https://app%2eexample.com",
            "https://app.example.com%00.evil",
            "https://app.example.com\u{3002}evil",
            "https://evil\u{2100}.example",
            "javascript:alert(1)",
            "JavaScript://app.example.com/%0aalert(1)",
            "data:text/html,x",
            "ftp://app.example.com",
            "ws://app.example.com",
            "blob:https://app.example.com/x",
            "file:///etc/passwd",
            "app.example.com",
            "app",
            "?x",
            "#x",
            "@evil",
            "./a",
            "../a",
            "%2F%2Fevil",
            "https%3A%2F%2Fevil",
            "/%2Fevil",
            "/%2fevil",
            "/%5Cevil",
            "/%5c%5cevil",
            "/.//evil",
            "/a/..//evil",
            "/%2e//evil",
            "/./%2fevil",
            "/\tevil",
            "/\t/evil",
            "/\n/evil",
            "/\r\nSet-Cookie: a=b",
            "/a b",
            " /a",
            "/a ",
            "\u{0}/a",
            "/a\u{0}",
            "/a%00",
            "/a%0d%0aSet-Cookie:%20a=b",
            "/a%7f",
            "java\nscript:alert(1)",
            "ht\ttps://app.example.com",
            " https://app.example.com",
            "https://app.example.com/\u{0}",
            "https://app.example.com/%0d%0aa",
            "https://app.example.com/\u{2028}",
            "\u{feff}//evil",
            "/\u{a0}/evil",
            "https://app.example.com:99999",
            "https://[::1",
            "null",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_target_longer_than_2048_bytes_is_ignored() {
        assert!(parse(&format!("/{}", "a".repeat(2047))).is_some());
        assert_eq!(parse(&format!("/{}", "a".repeat(2048))), None);
        assert_eq!(parse(&format!("/{}", "é".repeat(1024))), None);
    }

    #[test]
    fn a_full_width_host_is_followed_only_as_the_host_it_means() {
        assert_eq!(parse("https://ａpp.example.com/x").as_deref(), Some("https://app.example.com/x"));
        assert_eq!(parse("https://аpp.example.com/x"), None, "a Cyrillic а is another letter");
    }

    proptest! {
        #[test]
        fn whatever_is_followed_stays_on_a_redirect_origin(
            text in "(https?:)?[/\\\\]{0,3}(auth|app)?(\\.example\\.com)?[@:.%/?#\\\\a-z0-9é\t\n]{0,12}",
        ) {
            if let Some(target) = parse(&text) {
                let url = Url::parse(&target).unwrap();
                let origin = url.origin().ascii_serialization();
                prop_assert!(["https://auth.example.com", "https://app.example.com"].contains(&origin.as_str()));
                prop_assert_eq!((url.username(), url.password()), ("", None));
                prop_assert!(target.is_ascii() && !target.contains(char::is_whitespace));
                prop_assert_eq!(parse(&target), Some(target.clone()), "following it again changes nothing");
            }
        }
    }
}

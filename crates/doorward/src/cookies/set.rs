//! Building `Set-Cookie` (RFC 6265bis, 4.1): one of our cookies with its attributes, set or cleared.

use std::{borrow::Cow, time::Duration};

use http::HeaderValue;

use super::names::SameSite;

/// Browsers drop a cookie whose name and value together are longer (RFC 6265bis, 5.6).
pub const MAX_COOKIE_BYTES: usize = 4096;

/// Browsers shorten a longer life to this (RFC 6265bis, 5.5): 400 days.
pub const MAX_AGE_LIMIT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The cookie could not be set. Callers deny: a session whose cookie did not arrive must not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetCookieError {
    /// Browsers would drop it silently.
    #[error("a cookie's name and value must fit in {MAX_COOKIE_BYTES} bytes, these take {bytes}")]
    TooLong {
        /// Name and value together.
        bytes: usize,
    },
    /// The value holds something that ends or splits a cookie.
    #[error(
        "a cookie's value may hold only visible ASCII without quotes, commas, semicolons and backslashes"
    )]
    Value,
}

/// One of our cookies: its name and every attribute but the life time. Clearing repeats exactly what setting said,
/// since a cookie with another Path or Domain is another cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OurCookie {
    name: String,
    path: String,
    domain: Option<String>,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    clearing: HeaderValue,
}

/// What [`OurCookie::new`] is made from; the attributes are checked by the plan that names it.
#[derive(Clone, Debug)]
pub(super) struct Attributes {
    pub(super) path: String,
    pub(super) domain: Option<String>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: SameSite,
}

impl OurCookie {
    /// `None` when name, path or domain do not fit into a header.
    pub(super) fn new(name: String, attributes: Attributes) -> Option<Self> {
        let Attributes { path, domain, secure, http_only, same_site } = attributes;
        let fits = |text: &str| text.bytes().all(|b| matches!(b, 0x21..=0x7e) && b != b';' && b != b',');
        if !is_token(&name) || !fits(&path) || !domain.as_deref().is_none_or(fits) {
            return None;
        }
        let clearing = HeaderValue::from_static("");
        let mut cookie = Self { name, path, domain, secure, http_only, same_site, clearing };
        cookie.clearing = cookie.clear_at(&cookie.path, cookie.domain.as_deref())?;
        Some(cookie)
    }

    /// The name to read and to set, exactly.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The Path attribute.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The Domain attribute; without one the cookie stays on the host that set it.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// Whether it travels over https only.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Whether scripts cannot read it.
    #[must_use]
    pub fn http_only(&self) -> bool {
        self.http_only
    }

    /// The `Set-Cookie` value that sets it for `max_age`, in whole seconds rounded down, [`MAX_AGE_LIMIT`] at most.
    ///
    /// # Errors
    /// [`SetCookieError`] when a browser would drop or misread it.
    pub fn set(&self, value: &str, max_age: Duration) -> Result<HeaderValue, SetCookieError> {
        let bytes = self.name.len() + value.len();
        if bytes > MAX_COOKIE_BYTES {
            return Err(SetCookieError::TooLong { bytes });
        }
        if !value.bytes().all(is_cookie_octet) {
            return Err(SetCookieError::Value);
        }
        let text = self.text(value, max_age.min(MAX_AGE_LIMIT), &self.path, self.domain.as_deref());
        HeaderValue::try_from(text).map(sensitive).map_err(|_| SetCookieError::Value)
    }

    /// The `Set-Cookie` value that clears it.
    #[must_use]
    pub fn clear(&self) -> HeaderValue {
        self.clearing.clone()
    }

    /// Clears a cookie of this name that somebody set with another Path or Domain; `None` if they fit no header.
    pub(super) fn clear_at(&self, path: &str, domain: Option<&str>) -> Option<HeaderValue> {
        HeaderValue::try_from(self.text("", Duration::ZERO, path, domain)).ok()
    }

    fn text(&self, value: &str, max_age: Duration, path: &str, domain: Option<&str>) -> String {
        let domain = domain.map_or(Cow::Borrowed(""), |domain| format!("; Domain={domain}").into());
        format!(
            "{}={value}; Max-Age={}; Path={path}{domain}{}{}; SameSite={}",
            self.name,
            max_age.as_secs(),
            if self.secure { "; Secure" } else { "" },
            if self.http_only { "; HttpOnly" } else { "" },
            self.same_site.as_str(),
        )
    }
}

/// Marks a value so that `Debug` of a header map never prints a token.
fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

/// RFC 6265bis `cookie-octet`.
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

/// RFC 9110 `token`, which is what a cookie's name must be.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cookie() -> OurCookie {
        let attributes = Attributes {
            path: "/auth".to_owned(),
            domain: None,
            secure: true,
            http_only: true,
            same_site: SameSite::Strict,
        };
        OurCookie::new("__Secure-dw_refresh".to_owned(), attributes).unwrap()
    }

    #[test]
    fn clearing_repeats_every_attribute_of_setting() {
        let set = cookie().set("dwr_x", Duration::from_secs(60)).unwrap();
        let attributes = "; Path=/auth; Secure; HttpOnly; SameSite=Strict";
        assert_eq!(set, format!("__Secure-dw_refresh=dwr_x; Max-Age=60{attributes}"));
        assert_eq!(cookie().clear(), format!("__Secure-dw_refresh=; Max-Age=0{attributes}"));
    }

    #[test]
    fn a_life_is_cut_to_400_days_and_to_whole_seconds() {
        let long = cookie().set("v", Duration::from_secs(u64::MAX)).unwrap();
        assert!(long.to_str().unwrap().contains("; Max-Age=34560000;"));
        let short = cookie().set("v", Duration::from_millis(1999)).unwrap();
        assert!(short.to_str().unwrap().contains("; Max-Age=1;"));
    }

    #[test]
    fn a_cookie_that_browsers_would_drop_is_refused() {
        let room = MAX_COOKIE_BYTES - cookie().name().len();
        assert!(cookie().set(&"v".repeat(room), Duration::ZERO).is_ok());
        let too_long = cookie().set(&"v".repeat(room + 1), Duration::ZERO);
        assert_eq!(too_long, Err(SetCookieError::TooLong { bytes: MAX_COOKIE_BYTES + 1 }));
    }

    #[test]
    fn a_value_cannot_add_attributes() {
        for value in
            ["v; Domain=evil.example", "a,b", "a b", "\"v\"", "a\\b", "a\r\nSet-Cookie: x=y", "é", "\u{7f}"]
        {
            assert_eq!(cookie().set(value, Duration::ZERO), Err(SetCookieError::Value), "{value:?}");
        }
    }

    #[test]
    fn debug_of_a_set_cookie_header_hides_the_token() {
        let set = cookie().set("dwr_secret", Duration::ZERO).unwrap();
        assert!(!format!("{set:?}").contains("dwr_secret"));
    }

    proptest! {
        #[test]
        fn whatever_is_set_is_one_pair_and_known_attributes(value in "\\PC{0,60}") {
            if let Ok(header) = cookie().set(&value, Duration::from_secs(9)) {
                let parts: Vec<_> = header.to_str().unwrap().split("; ").collect();
                prop_assert_eq!(parts.len(), 6);
                prop_assert_eq!(parts[0], format!("__Secure-dw_refresh={value}"));
            }
        }
    }
}

//! Single values.

use crate::config::value::Expected;

/// Paths at the root that are taken: health checks must not move when the base path does.
const TAKEN_PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Request headers that mean something already, to browsers, proxies or us. A script cannot set most of them, and a
/// token in the others would be dropped, rewritten or misread on the way.
const TAKEN_HEADERS: [&str; 22] = [
    "accept",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-api-key",
    "x-request-id",
    "set-cookie",
];
const TAKEN_HEADER_PREFIXES: [&str; 7] =
    ["accept-", "access-control-", "proxy-", "sec-", "x-auth-", "x-forwarded-", "x-original-"];

/// The path everything lies under: `/auth`, `/a/b`.
pub(in crate::config) fn base_path(text: &str) -> Result<String, Expected> {
    let segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let well_formed =
        text.len() <= 256 && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment));
    if !well_formed {
        return Err("write a path that begins with / and does not end with one, of letters, digits and - . _ ~, for instance \"/auth\"".to_owned());
    }
    let taken =
        TAKEN_PATHS.into_iter().find(|taken| text == *taken || text.starts_with(&format!("{taken}/")));
    taken.map_or_else(
        || Ok(text.to_owned()),
        |taken| Err(format!("{taken} is taken by the health checks: write another path")),
    )
}

/// A header of ours: a token (RFC 9110, 5.1) that nobody else gives a meaning to.
pub(in crate::config) fn csrf_header(text: &str) -> Result<String, Expected> {
    if !is_token(text) || text.len() > 64 {
        return Err("write a header name, for instance \"X-CSRF-Token\"".to_owned());
    }
    let lower = text.to_ascii_lowercase();
    let taken = TAKEN_HEADERS.contains(&lower.as_str())
        || TAKEN_HEADER_PREFIXES.iter().any(|prefix| lower.starts_with(prefix));
    if taken {
        return Err(
            "this header has a meaning already: write one of your own, for instance \"X-CSRF-Token\""
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// A cookie name: a token (RFC 6265, 4.1.1).
pub(in crate::config) fn cookie_name(text: &str) -> Result<String, Expected> {
    if is_token(text) && text.len() <= 64 {
        Ok(text.to_owned())
    } else {
        Err("write a cookie name of letters, digits, - and _, for instance \"dw_session\"".to_owned())
    }
}

/// A domain name that cookies can be shared under. Whether it fits the public URL is another rule's.
pub(in crate::config) fn cookie_domain_syntax(text: &str) -> Result<String, Expected> {
    let text = domain_name(text)?;
    if !text.contains('.') {
        // `com` or `localhost`: browsers refuse cookies for whole top-level domains, so nobody could log in.
        return Err("browsers refuse cookies for a name of one part: write the registrable domain, for instance \"example.com\", or leave it out".to_owned());
    }
    Ok(text)
}

/// A domain name as browsers write them, in lower case. Whether it fits the public URL is another rule's.
pub(in crate::config) fn domain_name(text: &str) -> Result<String, Expected> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let text = text.to_ascii_lowercase();
    if text.len() > 253 || !text.split('.').all(label) || text.parse::<std::net::IpAddr>().is_ok() {
        return Err("write a domain name without a leading dot, for instance \"example.com\"".to_owned());
    }
    Ok(text)
}

/// A policy name: it becomes a path segment and part of a variable's name.
pub(in crate::config) fn policy_name(text: &str) -> Result<(), Expected> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err("write policy names of 1 to 64 characters out of a-z 0-9 _ -".to_owned())
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_paths() {
        for good in ["/auth", "/a/b", "/auth-2", "/healthzz"] {
            assert!(base_path(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/",
            "auth",
            "/auth/",
            "//auth",
            "/a//b",
            "/a/../b",
            "/.",
            "/a b",
            "/a?b",
            "/a%2e",
            "/{x}",
            "/healthz",
            "/readyz/x",
        ] {
            assert!(base_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn headers_that_mean_something_else_are_refused() {
        assert!(csrf_header("X-XSRF-TOKEN").is_ok());
        for bad in [
            "",
            "X CSRF",
            "X-CSRF:",
            "Cookie",
            "authorization",
            "Sec-Fetch-Site",
            "X-Forwarded-For",
            "Origin",
            "é",
        ] {
            assert!(csrf_header(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn cookie_names_are_tokens() {
        assert!(cookie_name("__Host-sid").is_ok());
        for bad in ["", "a b", "a=b", "a;b", "a,b", "ä", "a\n"] {
            assert!(cookie_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn cookie_domains_are_names_of_two_parts_or_more() {
        assert_eq!(cookie_domain_syntax("Example.COM").as_deref(), Ok("example.com"));
        for bad in [
            ".example.com",
            "example.com.",
            "com",
            "localhost",
            "10.0.0.1",
            "[::1]",
            "a..b",
            "-a.com",
            "a b.com",
            "example.com:80",
        ] {
            assert!(cookie_domain_syntax(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn policy_names_keep_to_their_alphabet() {
        assert!(policy_name("admin-area_2").is_ok() && policy_name(&"a".repeat(64)).is_ok());
        for bad in ["", "Admin", "a b", "a.b", "ä", "a,b", &"a".repeat(65)] {
            assert!(policy_name(bad).is_err(), "{bad}");
        }
    }
}

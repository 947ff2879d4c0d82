//! The host of a request: `name`, `name:port`, `address:port` or `[v6]:port`, and nothing else (RFC 3986, 3.2).

use std::net::{IpAddr, Ipv6Addr};

/// A host and maybe a port, as written. User names, paths and percent-encoding have no place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The host, an IPv6 address with its brackets.
    pub host: &'a str,
    /// The port; none if absent or empty.
    pub port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Takes it apart; `None` for anything that a host header should not hold.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        // A colon within brackets belongs to the address.
        let host_end = match text.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            // Hosts are short: a search for longer texts costs more than it saves.
            None => text.bytes().position(|byte| byte == b':').unwrap_or(text.len()),
        };
        let (host, rest) = text.split_at_checked(host_end)?;
        let port = match rest.strip_prefix(':') {
            Some("") => None,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
            None if rest.is_empty() => None,
            Some(_) | None => return None,
        };
        is_host(host).then_some(Self { text, host, port })
    }

    /// The host as an address, if it is one: IPv4 in four plain decimal parts, or bracketed IPv6.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self.host.strip_prefix('[') {
            Some(bracketed) => bracketed.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => self.host.parse().ok().map(IpAddr::V4),
        }
    }
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        // Underscores occur in names of containers and virtual hosts.
        None => {
            !host.is_empty()
                && host.len() <= 255
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_and_ports_are_taken_apart() {
        for (text, host, port) in [
            ("example.com", "example.com", None),
            ("Example.com:8443", "Example.com", Some(8443)),
            ("example.com:", "example.com", None),
            ("127.0.0.1:80", "127.0.0.1", Some(80)),
            ("[::1]:80", "[::1]", Some(80)),
            ("[::1]", "[::1]", None),
            ("app_1.internal", "app_1.internal", None),
        ] {
            assert_eq!(Authority::parse(text), Some(Authority { text, host, port }));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            ":80",
            "a:b",
            "a:80:80",
            "a:65536",
            "a:+80",
            "user@a",
            "a/b",
            "a b",
            "a,b",
            "a%2eb",
            "ä",
            "::1",
            "[::1",
            "[::1]x",
            "[x]",
            "[::1%25eth0]",
            "a\\b",
            "a?b",
            "a#b",
            "[127.0.0.1]",
        ] {
            assert_eq!(Authority::parse(text), None, "{text}");
        }
        assert_eq!(Authority::parse(&"a".repeat(256)), None);
    }

    #[test]
    fn only_plain_addresses_are_addresses() {
        let address = |text| Authority::parse(text).unwrap().address().map(|address| address.to_string());
        assert_eq!(address("127.0.0.1").as_deref(), Some("127.0.0.1"));
        assert_eq!(address("[::1]:8080").as_deref(), Some("::1"));
        for text in ["localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_apart_is_what_a_url_has(text in "[a-z0-9.:@/\\[\\]%-]{1,20}") {
            if let Some(authority) = Authority::parse(&text)
                && let Ok(url) = url::Url::parse(&format!("http://{text}/x"))
            {
                    prop_assert_eq!(url.path(), "/x");
                    prop_assert_eq!(url.username(), "");
                    prop_assert_eq!(url.port_or_known_default(), Some(authority.port.unwrap_or(80)));
            }
        }
    }
}

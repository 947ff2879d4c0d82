//! The client's address behind our own proxies.
//!
//! Each proxy appends the address it was spoken to from. Read from the right, everything up to and including the first
//! address that is not one of our proxies was written by one of them; whatever stands further left is the client's own
//! claim. So the answer is the right-most address that is not a trusted proxy, and a peer that is none has its headers
//! ignored. A hop that is no address (garbage, `unknown`, `_hidden`) ends the chain at the last trustworthy hop: the
//! proxy that wrote it.
//!
//! If `X-Forwarded-For` and `Forwarded` disagree, one of them is the client's, passed on by a proxy that writes only the
//! other, and nothing tells which. The safe answer is then the peer: whoever sends contradictory headers shares the
//! proxy's rate limit and cannot pick an address, neither to escape his own limit nor to use up somebody else's.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header::FORWARDED};

use crate::{
    forwarded_header::{Malformed, Parameters},
    trusted_proxies::TrustedProxies,
};

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Finds the client behind `peer`, in canonical form (an IPv4-mapped IPv6 address is an IPv4 one). Never fails,
/// allocates nothing; the work is linear in the two headers' bytes.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.trust(peer) {
        return peer;
    }
    match (x_forwarded_for(peer, headers, trusted), forwarded(peer, headers, trusted)) {
        (Some(client), None) | (None, Some(client)) => client,
        (Some(client), Some(same)) if client == same => client,
        (Some(_), Some(_)) | (None, None) => peer,
    }
}

/// Walks a chain from its left end, which needs no buffer: `client` is at each step what the walk from the right
/// would find if the chain ended here.
struct Chain<'t> {
    trusted: &'t TrustedProxies,
    client: Option<IpAddr>,
}

impl Chain<'_> {
    fn hop(&mut self, address: Option<IpAddr>) {
        self.client = match address {
            Some(address) if self.trusted.trust(address) => self.client.or(Some(address)),
            Some(client) => Some(client),
            None => None,
        };
    }
}

/// By `X-Forwarded-For`, over all its lines; none without one.
fn x_forwarded_for(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    let mut chain = Chain { trusted, client: None };
    let mut present = false;
    for line in headers.get_all(&X_FORWARDED_FOR) {
        present = true;
        for hop in line.as_bytes().split(|byte| *byte == b',') {
            chain.hop(str::from_utf8(hop).ok().and_then(|hop| node_address(hop.trim_matches([' ', '\t']))));
        }
    }
    present.then(|| chain.client.unwrap_or(peer))
}

/// By `Forwarded` (RFC 7239), over all its lines; none without one. A malformed line voids them all: an unclosed
/// quote could hide what later proxies appended to it.
fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    let mut chain = Chain { trusted, client: None };
    let mut present = false;
    for line in headers.get_all(FORWARDED) {
        present = true;
        if forwarded_line(line.as_bytes(), &mut chain).is_err() {
            return Some(peer);
        }
    }
    present.then(|| chain.client.unwrap_or(peer))
}

fn forwarded_line(line: &[u8], chain: &mut Chain<'_>) -> Result<(), Malformed> {
    let mut node: Option<&[u8]> = None;
    for parameter in Parameters::of(line) {
        let parameter = parameter?;
        if parameter.name.eq_ignore_ascii_case(b"for") && node.replace(parameter.value).is_some() {
            return Err(Malformed);
        }
        if parameter.ends_element {
            // No address has a backslash in it, so that quoted pairs need no undoing.
            chain.hop(node.take().and_then(|node| str::from_utf8(node).ok()).and_then(node_address));
        }
    }
    Ok(())
}

/// `a.b.c.d`, `a.b.c.d:port`, `v6`, `[v6]`, `[v6]:port`. In `Forwarded` the port may be obfuscated (`:_x`), the host of
/// `unknown` and `_x` is no address.
fn node_address(node: &str) -> Option<IpAddr> {
    let bare = || node.parse::<IpAddr>().ok();
    let with_port = || node.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || node.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let hidden_port = || {
        let (host, port) = node.rsplit_once(":_")?;
        let is_port =
            !port.is_empty() && port.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        // The port is not needed, only its being one; any number completes the address.
        is_port.then(|| format!("{host}:0").parse::<SocketAddr>().ok())?.map(|socket| socket.ip())
    };
    let address = bare().or_else(with_port).or_else(bracketed).or_else(hidden_port)?;
    // `fe80::1%3` names an interface of another machine.
    if node.contains('%') { None } else { Some(address.to_canonical()) }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn found(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted = TrustedProxies::parse(["10.0.0.0/8", "fd00::/8"]).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        client_address(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    fn by_xff(value: &str) -> String {
        found("10.0.0.1", &[("x-forwarded-for", value)])
    }

    fn by_forwarded(value: &str) -> String {
        found("10.0.0.1", &[("forwarded", value)])
    }

    #[test]
    fn headers_of_a_peer_that_is_not_trusted_are_ignored() {
        for header in [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")] {
            assert_eq!(found("203.0.113.9", &[header]), "203.0.113.9");
            assert_eq!(found("::ffff:203.0.113.9", &[header]), "203.0.113.9");
        }
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_is_the_client() {
        for (chain, client) in [
            ("198.51.100.1", "198.51.100.1"),
            ("6.6.6.6, 198.51.100.1", "198.51.100.1"),
            ("6.6.6.6,198.51.100.1,10.2.2.2, 10.3.3.3", "198.51.100.1"),
            ("198.51.100.1:5123, 10.2.2.2:80", "198.51.100.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443, fd00::1", "2001:db8::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("6.6.6.6, ::ffff:10.1.1.1", "6.6.6.6"),
            ("10.5.5.5, 10.2.2.2", "10.5.5.5"),
        ] {
            assert_eq!(by_xff(chain), client, "{chain}");
        }
        assert_eq!(found("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(found("::ffff:10.0.0.1", &[("x-forwarded-for", "1.2.3.4")]), "1.2.3.4");
    }

    #[test]
    fn garbage_stops_at_the_last_trustworthy_hop() {
        for garbage in [
            "",
            "unknown",
            "evil",
            "1.2.3",
            "1.2.3.4.5",
            "127.1",
            "fe80::1%3",
            "[::1",
            "1.2.3.4:x",
            "ä",
            "\"1.2.3.4\"",
        ] {
            assert_eq!(by_xff(&format!("6.6.6.6, {garbage}")), "10.0.0.1", "{garbage}");
            assert_eq!(by_xff(&format!("6.6.6.6, {garbage}, 10.2.2.2")), "10.2.2.2", "{garbage}");
            assert_eq!(by_xff(&format!("{garbage}, 6.6.6.6")), "6.6.6.6", "{garbage}");
        }
    }

    #[test]
    fn several_lines_are_one_chain() {
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1, 10.2.2.2")];
        assert_eq!(found("10.0.0.1", &lines), "198.51.100.1");
        let lines = [("forwarded", "for=6.6.6.6"), ("forwarded", "for=198.51.100.1, for=10.2.2.2")];
        assert_eq!(found("10.0.0.1", &lines), "198.51.100.1");
    }

    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        for (chain, client) in [
            ("for=198.51.100.1", "198.51.100.1"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=198.51.100.1;proto=http;by=203.0.113.43", "198.51.100.1"),
            ("for=6.6.6.6, for=198.51.100.1;host=a, for=10.1.1.1", "198.51.100.1"),
            ("for=\"198.51.100.1:_port\"", "198.51.100.1"),
            ("for=\"[2001:db8::1]:_p\"", "2001:db8::1"),
            ("for=6.6.6.6, for=unknown", "10.0.0.1"),
            ("for=6.6.6.6, for=_hidden, for=10.2.2.2", "10.2.2.2"),
            ("for=6.6.6.6, proto=https", "10.0.0.1"),
            ("for=6.6.6.6;for=7.7.7.7", "10.0.0.1"),
            ("for=\"6.6.6.6, for=198.51.100.1", "10.0.0.1"),
            ("for=6.6.6.6,", "10.0.0.1"),
        ] {
            assert_eq!(by_forwarded(chain), client, "{chain}");
        }
    }

    #[test]
    fn headers_that_disagree_give_the_peer() {
        let both = |xff, forwarded| found("10.0.0.1", &[("x-forwarded-for", xff), ("forwarded", forwarded)]);
        assert_eq!(both("198.51.100.1", "for=198.51.100.1"), "198.51.100.1");
        assert_eq!(both("198.51.100.1", "for=6.6.6.6"), "10.0.0.1");
        assert_eq!(both("6.6.6.6", "for=198.51.100.1"), "10.0.0.1");
        assert_eq!(both("198.51.100.1", "nonsense"), "10.0.0.1");
    }

    fn address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 3]>().prop_map(|[b, c, d]| IpAddr::from([10, b, c, d])),
            any::<[u8; 16]>().prop_map(IpAddr::from),
        ]
    }

    proptest! {
        /// What the client writes itself, left of what our proxies appended, never changes the answer.
        #[test]
        fn a_client_cannot_choose_its_address(claims in "[ -~]{0,60}", client in address(), proxies in 0..4_u8) {
            let trusted = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
            prop_assume!(!trusted.trust(client));
            let appended = (0..proxies).fold(client.to_string(), |chain, n| format!("{chain}, 10.0.0.{n}"));
            let found = by_xff_trusting(&trusted, &format!("{claims}, {appended}"));
            prop_assert_eq!(found, client.to_canonical());
        }

        /// The walk from the left finds what the definition, a walk from the right, finds.
        #[test]
        fn walking_from_the_left_equals_walking_from_the_right(
            hops in proptest::collection::vec(proptest::option::of(address()), 1..8),
        ) {
            let trusted = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
            let mut expected = IpAddr::from([10, 0, 0, 1]);
            for hop in hops.iter().rev() {
                let Some(hop) = hop else { break };
                expected = hop.to_canonical();
                if !trusted.trust(*hop) {
                    break;
                }
            }
            let chain: Vec<_> = hops.iter().map(|hop| hop.map_or("unknown".to_owned(), |a| a.to_string())).collect();
            prop_assert_eq!(by_xff_trusting(&trusted, &chain.join(",")), expected);
        }
    }

    fn by_xff_trusting(trusted: &TrustedProxies, value: &str) -> IpAddr {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        client_address(IpAddr::from([10, 0, 0, 1]), &headers, trusted)
    }
}

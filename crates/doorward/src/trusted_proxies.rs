//! Which peers may speak for somebody else: `http.trusted_proxies`.

use std::net::IpAddr;

use ipnet::IpNet;

/// The networks whose hosts are our own reverse proxies. Empty: every peer is a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// A text that names neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no address or network: write \"192.0.2.7\", \"10.0.0.0/8\" or \"2001:db8::/32\"")]
pub struct NotANetwork {
    /// What was given.
    pub text: String,
}

impl TrustedProxies {
    /// Reads configured addresses and networks.
    ///
    /// # Errors
    /// [`NotANetwork`] for the first text that is neither.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotANetwork> {
        texts.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this peer is one of our proxies; allocates nothing.
    #[must_use]
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// A dual-stack socket reports IPv4 peers as `::ffff:a.b.c.d`, so that networks are kept in the IPv4 form too.
fn network(text: &str) -> Result<IpNet, NotANetwork> {
    let refused = || NotANetwork { text: text.to_owned() };
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => text.parse::<IpNet>().map_err(|_| refused())?,
    };
    Ok(canonical(network))
}

fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        // A prefix of at most 128, less 96, always fits an IPv4 network.
        (address @ IpAddr::V4(_), Some(prefix)) if network.addr().is_ipv6() => {
            IpNet::new(address, prefix).unwrap_or(network)
        }
        _ => network,
    }
}

impl FromIterator<IpNet> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().map(canonical).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_of_both_families_are_trusted_in_either_notation() {
        let trusted =
            TrustedProxies::parse(["127.0.0.1", "10.0.0.0/8", "2001:db8::/32", "::ffff:192.0.2.0/120"])
                .unwrap();
        for text in
            ["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3", "::ffff:10.9.9.9", "2001:db8::7", "192.0.2.9"]
        {
            assert!(trusted.trust(text.parse().unwrap()), "{text}");
        }
        for text in ["127.0.0.2", "11.0.0.1", "2001:db9::1", "::1", "192.0.3.1", "::127.0.0.1"] {
            assert!(!trusted.trust(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn nothing_is_trusted_unless_configured() {
        assert!(!TrustedProxies::default().trust("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_named_in_the_error() {
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0.1:80", "*", "10.0.0.0/8,::1"] {
            assert!(TrustedProxies::parse([text]).unwrap_err().to_string().contains(&format!("{text:?}")));
        }
    }
}

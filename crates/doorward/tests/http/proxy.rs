//! What a reverse proxy asks in forward authentication.

use doorward::{
    config::{Config, Policy},
    trusted_proxies::TrustedProxies,
};

use crate::ask::Ask;

/// The address of the one proxy that is trusted.
pub(crate) const PROXY: &str = "10.0.0.1";

/// A configuration that trusts [`PROXY`].
pub(crate) fn trust_proxy(config: &mut Config) {
    config.trusted_proxies = TrustedProxies::parse([PROXY]).unwrap();
}

/// [`trust_proxy`], and a policy of this name.
pub(crate) fn policy(name: &str, change: impl FnOnce(&mut Policy)) -> impl FnOnce(&mut Config) {
    let mut policy = Policy::default();
    change(&mut policy);
    let name = name.to_owned();
    move |config| {
        trust_proxy(config);
        config.policies.insert(name, policy);
    }
}

/// The question of Caddy and Traefik about a request for `uri` on `localhost:8080`.
pub(crate) fn about(ask: Ask, method: &str, uri: &str) -> Ask {
    ask.from(PROXY)
        .header("x-forwarded-method", method)
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-host", "localhost:8080")
        .header("x-forwarded-uri", uri)
}

/// The question of nginx.
pub(crate) fn about_by_nginx(ask: Ask, method: &str, url: &str) -> Ask {
    ask.from(PROXY).header("x-original-method", method).header("x-original-url", url)
}

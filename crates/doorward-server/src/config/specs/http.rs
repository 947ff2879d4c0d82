//! `http.*`, `csrf.*` and `rate_limit.*`.

use doorward::origins::{Origins, WebOrigin};
use ipnet::IpNet;
use serde_json::Value as Json;

use super::Change::{Reload, Restart};
use super::{Spec, texts};
use crate::config::public_url::{self, PublicUrl};
use crate::config::rules;
use crate::config::settings::Settings;
use crate::config::value::Expected;

pub(super) const SPECS: &[Spec<Settings>] = &[
    Spec::new(
        "http.listen",
        Restart,
        "Where to listen: an IP address and a port. 127.0.0.1 is reachable from this machine only, where the reverse \
         proxy is expected to run; 0.0.0.0 and [::] are every interface.",
        |settings, value| value.socket_address().map(|address| settings.http.listen = address),
        |settings| settings.http.listen.to_string().into(),
    ),
    Spec::new(
        "http.admin_listen",
        Restart,
        "Where to serve /metrics, apart from everything else: it has no login of its own. \"off\" serves it nowhere.",
        |settings, value| {
            let given = value.unless("off")?.map(|_| value.socket_address()).transpose()?;
            settings.http.admin_listen = given;
            Ok(())
        },
        |settings| settings.http.admin_listen.map_or("off".into(), |address| address.to_string().into()),
    ),
    Spec::new(
        "http.public_url",
        Restart,
        "The address that people's browsers use: scheme, host, and the port unless it is the scheme's own. Cookies, \
         tokens and links follow from it.",
        |settings, value| {
            settings.http.public_url = PublicUrl::parse(value.text()?).ok_or(public_url::EXPECTED)?;
            Ok(())
        },
        |settings| settings.http.public_url.to_string().into(),
    ),
    Spec::new(
        "http.base_path",
        Restart,
        "The path that everything of Doorward's lies under.",
        |settings, value| rules::base_path(value.text()?).map(|path| settings.http.base_path = path),
        |settings| settings.http.base_path.as_str().into(),
    ),
    Spec::new(
        "http.trusted_proxies",
        Reload,
        "Addresses and networks of reverse proxies whose forwarding headers are believed. Name no more than your \
         own: whoever is in this list can claim any client address and any host.",
        |settings, value| value.list_of(network).map(|networks| settings.http.trusted_proxies = networks),
        |settings| texts(&settings.http.trusted_proxies),
    ),
    Spec::new(
        "http.allowed_origins",
        Reload,
        "Origins whose scripts may use the API (CORS) and whose forms may post to it (CSRF). The public URL's own is \
         always among them.",
        |settings, value| {
            value.list_of(web_origin).map(|origins| settings.http.allowed_origins = Some(origins))
        },
        |settings| origins(&settings.allowed_origins()),
    ),
    Spec::new(
        "http.redirect_origins",
        Reload,
        "Origins that a login may return to. The public URL's own is always among them.",
        |settings, value| {
            value.list_of(web_origin).map(|origins| settings.http.redirect_origins = Some(origins))
        },
        |settings| origins(&settings.redirect_origins()),
    ),
    Spec::new(
        "csrf.header",
        Restart,
        "The header in which scripts send the CSRF token.",
        |settings, value| rules::csrf_header(value.text()?).map(|name| settings.csrf_header = name),
        |settings| settings.csrf_header.as_str().into(),
    ),
    Spec::new(
        "rate_limit.login",
        Reload,
        "Logins from one address: N/second, N/minute or N/hour. Beyond it the answer is 429.",
        |settings, value| value.rate().map(|rate| settings.login_rate = rate),
        |settings| settings.login_rate.to_string().into(),
    ),
];

fn web_origin(text: &str) -> Result<WebOrigin, Expected> {
    WebOrigin::parse(text).map_err(|_| {
        "write scheme://host or scheme://host:port with http or https, and nothing after them, for instance \
         \"https://app.example.com\""
            .to_owned()
    })
}

fn network(text: &str) -> Result<IpNet, Expected> {
    text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).map_err(|_| {
        "write an address or a network, for instance \"127.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\"".to_owned()
    })
}

fn origins(origins: &Origins) -> Json {
    origins.iter().map(WebOrigin::as_str).collect()
}

//! Header lines of a request that came through a proxy, or claims to: addresses, the original request, Host, origin.

use std::net::IpAddr;

use doorward::{
    client_address::client_address,
    forwarded_request::original_request,
    host::Hosts,
    origin::{OriginFacts, OriginScope},
    origins::{Origins, WebOrigin},
    trusted_proxies::TrustedProxies,
};
use http::{HeaderValue, Method, Uri};
use url::Url;

/// Panics when a promise is broken.
pub fn check(data: &[u8]) {
    let mut headers = crate::headers(data);
    let Ok(trusted) = TrustedProxies::parse(["10.0.0.0/8", "fd00::/8"]) else { panic!("the networks are well-formed") };
    let (proxy, stranger) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([203, 0, 113, 9]));

    // A stranger's headers mean nothing.
    assert_eq!(client_address(stranger, &headers, &trusted), stranger);
    assert!(original_request(stranger, &headers, &trusted).is_err());

    if let Ok(request) = original_request(proxy, &headers, &trusted) {
        let text = request.url.to_string();
        if let Ok(url) = Url::parse(&text) {
            assert_eq!((url.scheme(), url.username(), url.password()), (request.url.scheme.as_str(), "", None));
            assert_eq!(url.fragment(), None);
            assert_eq!(url.port_or_known_default(), request.url.authority.port.or(Url::port_or_known_default(&scheme_only(&url))));
        }
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    }

    check_origin_and_host(&headers);

    // What our proxy appends decides, whatever stands before it.
    let client = IpAddr::from([198, 51, 100, 1]);
    headers.remove("forwarded");
    headers.append("x-forwarded-for", HeaderValue::from_static("198.51.100.1, 10.2.2.2"));
    assert_eq!(client_address(proxy, &headers, &trusted), client);
}

/// The same scheme without a port, for its default.
fn scheme_only(url: &Url) -> Url {
    let mut url = url.clone();
    let _ = url.set_port(None);
    url
}

fn check_origin_and_host(headers: &http::HeaderMap) {
    let Ok(ours) = WebOrigin::parse("https://app.example.com") else { panic!("the origin is well-formed") };
    let allowed = Origins::from_iter([ours]);
    let Ok(public_url) = Url::parse("https://auth.example.com") else { panic!("the URL is well-formed") };

    let unsafe_passes = OriginFacts::of(&Method::POST, headers).check(OriginScope::UnsafeOnly, &allowed).is_ok();
    let origin_is_foreign = headers.get("origin").is_some_and(|origin| origin != "https://app.example.com");
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let browser_vouches = matches!(site, Some(b"same-origin" | b"none"));
    assert!(!(unsafe_passes && origin_is_foreign && !browser_vouches));

    if let Ok(host) = Hosts::new(&public_url, &allowed).check(&Uri::from_static("/"), headers) {
        let host = host.to_ascii_lowercase();
        let ours = host.ends_with("localhost") || host.ends_with(".example.com") || host.starts_with(['1', '[']);
        assert!(ours, "{host}");
    }
}

use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

type Headers<'a> = Vec<(&'static str, &'a str)>;

const CADDY: [(&str, &str); 4] = [
    ("x-forwarded-method", "POST"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "app.example.com"),
    ("x-forwarded-uri", "/a/b?c=d"),
];
const NGINX: [(&str, &str); 2] =
    [("x-original-method", "PUT"), ("x-original-url", "https://app.example.com:8443/a?b")];

fn map(headers: &Headers<'_>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

fn read_from(peer: &str, headers: &Headers<'_>) -> Result<String, ForwardedRequestError> {
    let trusted = TrustedProxies::parse(["10.0.0.1"]).unwrap();
    let map = map(headers);
    original_request(peer.parse().unwrap(), &map, &trusted)
        .map(|request| format!("{} {}", request.method, request.url))
}

fn read(headers: &Headers<'_>) -> Result<String, ForwardedRequestError> {
    read_from("10.0.0.1", headers)
}

fn replaced<'a>(headers: &[(&'static str, &'a str)], name: &str, value: &'a str) -> Headers<'a> {
    assert!(headers.iter().any(|header| header.0 == name));
    headers.iter().map(|header| if header.0 == name { (header.0, value) } else { *header }).collect()
}

fn without<'a>(headers: &[(&'static str, &'a str)], name: &str) -> Headers<'a> {
    headers.iter().filter(|header| header.0 != name).copied().collect()
}

#[test]
fn either_family_describes_the_request() {
    assert_eq!(read(&CADDY.to_vec()).unwrap(), "POST https://app.example.com/a/b?c=d");
    assert_eq!(read(&NGINX.to_vec()).unwrap(), "PUT https://app.example.com:8443/a?b");
    assert_eq!(
        read_from("::ffff:10.0.0.1", &CADDY.to_vec()).unwrap(),
        "POST https://app.example.com/a/b?c=d"
    );
}

#[test]
fn a_peer_that_is_not_trusted_describes_nothing() {
    for headers in [CADDY.to_vec(), NGINX.to_vec(), vec![]] {
        let error = read_from("10.0.0.2", &headers).unwrap_err();
        assert_eq!(error, ForwardedRequestError::PeerNotTrusted { peer: IpAddr::from([10, 0, 0, 2]) });
        assert!(error.to_string().contains("DOORWARD_HTTP__TRUSTED_PROXIES=10.0.0.2"));
    }
}

#[test]
fn two_complete_families_are_refused() {
    let both = [CADDY.to_vec(), NGINX.to_vec()].concat();
    assert_eq!(read(&both), Err(ForwardedRequestError::Ambiguous));
    // Also if one of them holds nonsense: whose is it?
    let nonsense = [CADDY.to_vec(), replaced(&NGINX, "x-original-url", "x")].concat();
    assert_eq!(read(&nonsense), Err(ForwardedRequestError::Ambiguous));
}

#[test]
fn an_incomplete_second_family_is_ignored() {
    let caddy = [CADDY.to_vec(), vec![("x-original-method", "GET")]].concat();
    assert_eq!(read(&caddy).unwrap(), "POST https://app.example.com/a/b?c=d");
    let nginx = [NGINX.to_vec(), without(&CADDY, "x-forwarded-uri")].concat();
    assert_eq!(read(&nginx).unwrap(), "PUT https://app.example.com:8443/a?b");
}

#[test]
fn an_incomplete_family_is_refused_and_a_missing_method_is_no_get() {
    for (headers, nearest) in [(CADDY.to_vec(), "x-forwarded"), (NGINX.to_vec(), "x-original")] {
        for (name, _) in &headers {
            for incomplete in [without(&headers, name), replaced(&headers, name, "")] {
                assert_eq!(read(&incomplete), Err(ForwardedRequestError::Incomplete { missing: name }));
                assert!(name.starts_with(nearest));
            }
        }
    }
    assert_eq!(read(&vec![]), Err(ForwardedRequestError::Incomplete { missing: "x-forwarded-method" }));
}

#[test]
fn a_doubled_header_of_either_family_is_refused() {
    for (name, value) in CADDY.iter().chain(&NGINX) {
        let twice = [CADDY.to_vec(), vec![(*name, *value), (*name, *value)]].concat();
        assert_eq!(read(&twice), Err(ForwardedRequestError::Duplicate { header: name }), "{name}");
    }
}

#[test]
fn what_a_header_should_not_hold_is_refused_by_name() {
    let cases: [(&'static str, &[&str]); 6] = [
        ("x-forwarded-method", &["GET, POST", "G T", "ä"]),
        ("x-forwarded-proto", &["https,http", "ftp", "https:", " ", "ä"]),
        ("x-forwarded-host", &["a,b", "user@app", "app/x", "a b", "app:99999", "ä", "evil.com\\"]),
        ("x-forwarded-uri", &["a", "http://evil/", "*", "/a b", "/a\tb", "/ä", "/#f", "?x"]),
        ("x-original-method", &["GET POST", "ä"]),
        (
            "x-original-url",
            &[
                "/a",
                "//app/x",
                "https:app",
                "https:///x",
                "ftp://a/",
                "https://u@app/",
                "https://app?x",
                "https://app/a b",
                "https://app/ä",
                "https://app/#f",
                "javascript://app/",
                "https://app\\x/",
                "https://:80/",
            ],
        ),
    ];
    for (name, values) in cases {
        let family = if name.starts_with("x-f") { CADDY.to_vec() } else { NGINX.to_vec() };
        for value in values {
            let error = read(&replaced(&family, name, value)).unwrap_err();
            assert!(
                matches!(error, ForwardedRequestError::Invalid { header, .. } if header == name),
                "{name}: {value}: {error}"
            );
        }
    }
}

#[test]
fn websocket_schemes_count_as_what_carries_them() {
    for (proto, scheme) in [("wss", "https"), ("ws", "http"), ("HTTPS", "https"), ("Http", "http")] {
        let request = read(&replaced(&CADDY, "x-forwarded-proto", proto)).unwrap();
        assert!(request.starts_with(&format!("POST {scheme}://")), "{request}");
    }
}

#[test]
fn an_original_url_without_a_path_means_the_root() {
    assert_eq!(read(&replaced(&NGINX, "x-original-url", "http://app")).unwrap(), "PUT http://app/");
}

#[test]
fn the_case_of_a_method_is_kept() {
    let map = map(&replaced(&NGINX, "x-original-method", "get"));
    let trusted = TrustedProxies::parse(["10.0.0.1"]).unwrap();
    let request = original_request(IpAddr::from([10, 0, 0, 1]), &map, &trusted).unwrap();
    assert_ne!(request.method, Method::GET);
}

proptest! {
    /// A client behind a proxy that writes one family can add what it likes: the answer is the proxy's, or a refusal.
    #[test]
    fn a_client_cannot_replace_what_the_proxy_says(
        forged in proptest::collection::vec((0..6_usize, "[!-~]{0,20}"), 0..8),
    ) {
        let names: Vec<_> = CADDY.iter().chain(&NGINX).map(|(name, _)| *name).collect();
        let forged: Headers<'_> = forged.iter().map(|(name, value)| (names[*name], value.as_str())).collect();
        for (family, expected) in [
            (CADDY.to_vec(), "POST https://app.example.com/a/b?c=d"),
            (NGINX.to_vec(), "PUT https://app.example.com:8443/a?b"),
        ] {
            for headers in [[family.clone(), forged.clone()].concat(), [forged.clone(), family].concat()] {
                if let Ok(request) = read(&headers) {
                    prop_assert_eq!(request, expected);
                }
            }
        }
    }
}

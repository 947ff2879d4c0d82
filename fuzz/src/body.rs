//! Bodies, the first byte choosing the format: what is read is what a lenient parser reads, and nothing is recursed into.

use doorward::body::{MAX_BODY_BYTES, json, json_or_form};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    username: String,
    password: String,
    #[serde(default)]
    trust_device: bool,
}

/// Panics when a promise is broken.
pub fn check(data: &[u8]) {
    let Some((format, body)) = data.split_first() else { return };
    if format % 2 == 0 { check_json(body) } else { check_form(body) }
}

fn headers(content_type: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))])
}

fn check_json(body: &[u8]) {
    let headers = headers("application/json");
    let any = json::<serde_json::Value>(&headers, body);
    if let Ok(login) = json_or_form::<Login>(&headers, body) {
        let Ok(any) = any else { panic!("a login is JSON") };
        assert_eq!(any.get("username").and_then(|member| member.as_str()), Some(login.username.as_str()));
        assert_eq!(any.get("password").and_then(|member| member.as_str()), Some(login.password.as_str()));
        assert!(any.as_object().is_some_and(|members| members.len() <= 3));
    }
}

fn check_form(body: &[u8]) {
    let Ok(login) = json_or_form::<Login>(&headers("application/x-www-form-urlencoded"), body) else { return };
    assert!(body.len() <= MAX_BODY_BYTES);
    // Nothing was repaired and nothing picked: encoding the fields again and reading them gives the same.
    let fields: Vec<_> = url::form_urlencoded::parse(body).collect();
    let field = |name| fields.iter().filter(|field| field.0 == name).map(|field| field.1.as_ref()).collect::<Vec<_>>();
    assert_eq!(field("username"), [login.username.as_str()]);
    assert_eq!(field("password"), [login.password.as_str()]);
    assert_eq!(field("trust_device") == ["true"], login.trust_device);
    assert!(fields.len() <= 3);
}

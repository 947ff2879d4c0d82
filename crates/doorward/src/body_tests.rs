use http::{HeaderValue, header::CONTENT_TYPE};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    username: String,
    password: String,
    #[serde(default)]
    trust_device: bool,
}

fn headers(content_type: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))])
}

fn by_json(body: &str) -> Result<Login, BodyError> {
    json_or_form(&headers("application/json"), body.as_bytes())
}

fn by_form(body: &[u8]) -> Result<Login, BodyError> {
    json_or_form(&headers("application/x-www-form-urlencoded"), body)
}

fn login(username: &str, password: &str) -> Login {
    Login { username: username.to_owned(), password: password.to_owned(), trust_device: false }
}

#[test]
fn both_formats_give_the_same() {
    assert_eq!(by_json(r#"{"username":"a b","password":"ä%&"}"#), Ok(login("a b", "ä%&")));
    assert_eq!(by_form(b"username=a+b&password=%C3%A4%25%26"), Ok(login("a b", "ä%&")));
    assert!(by_form(b"username=a&password=b&trust_device=true").unwrap().trust_device);
}

#[test]
fn json_that_does_not_fit_is_malformed() {
    for body in [
        "",
        " ",
        "null",
        "[]",
        r#"["a","b"]"#,
        r#" ["a","b",true]"#,
        "\"x\"",
        "{}",
        r#"{"username":"a"}"#,
        r#"{"username":"a","password":1}"#,
        r#"{"username":"a","password":null}"#,
        r#"{"username":"a","password":"b","passwort":"c"}"#,
        r#"{"username":"a","password":"b","password":"c"}"#,
        r#"{"username":"a","password":"b"} x"#,
        r#"{"username":"a","password":"b",}"#,
        r#"{"username":"a","password":"\ud800"}"#,
        "\u{feff}{\"username\":\"a\",\"password\":\"b\"}",
        r#"{"username":"a","password":"b","trust_device":"true"}"#,
    ] {
        assert!(matches!(by_json(body), Err(BodyError::Malformed { .. })), "{body}");
    }
    let invalid_utf8 =
        json::<Login>(&headers("application/json"), b"{\"username\":\"\xff\",\"password\":\"b\"}");
    assert!(matches!(invalid_utf8, Err(BodyError::Malformed { .. })));
}

#[test]
fn a_form_that_does_not_fit_is_malformed() {
    for body in [
        &b""[..],
        b"username=a",
        b"username=a&password=b&passwort=c",
        b"username=a&password=b&password=c",
        b"username=a&password=b&pass%77ord=c",
        b"username=a&password=%",
        b"username=a&password=%4",
        b"username=a&password=%zz",
        b"username=a&password=100%+",
        b"username=a&password=%ff",
        b"username=a&password=\xff",
        b"username=a&password=%ed%a0%80",
    ] {
        assert!(
            matches!(by_form(body), Err(BodyError::Malformed { .. })),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn a_form_with_many_fields_is_malformed_also_where_others_are_ignored() {
    #[derive(Debug, Deserialize)]
    struct Anything {}
    let fields = |count: usize| (0..count).map(|n| format!("f{n}=x")).collect::<Vec<_>>().join("&");
    let form_headers = headers("application/x-www-form-urlencoded");
    assert!(form::<Anything>(&form_headers, fields(MAX_FORM_FIELDS).as_bytes()).is_ok());
    let too_many = form::<Anything>(&form_headers, fields(MAX_FORM_FIELDS + 1).as_bytes()).unwrap_err();
    assert_eq!(too_many, malformed("the form has too many fields"));
}

#[test]
fn a_body_thirty_thousand_brackets_deep_is_malformed() {
    let nested = |open: &str, depth: usize| {
        json::<serde_json::Value>(&headers("application/json"), open.repeat(depth).as_bytes())
    };
    for open in ["[", "{\"a\":"] {
        assert_eq!(
            nested(open, 60_000 / open.len()).unwrap_err(),
            malformed("the JSON is nested too deeply")
        );
    }
}

#[test]
fn depth_counts_brackets_outside_of_strings() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let read = |body: &str| json::<serde_json::Value>(&headers("application/json"), body.as_bytes());
    assert!(read(&nested(MAX_JSON_DEPTH)).is_ok());
    assert_eq!(read(&nested(MAX_JSON_DEPTH + 1)).unwrap_err(), malformed("the JSON is nested too deeply"));
    assert!(read(&format!("{{\"a\":[{}[]]}}", "[],".repeat(100))).is_ok());
    assert!(read(&format!("{{\"a\":\"\\\"{}\"}}", "[".repeat(100))).is_ok());
}

#[test]
fn a_body_of_64_kib_is_read_and_a_longer_one_is_not() {
    let body = |bytes: usize| {
        let frame = r#"{"username":"a","password":""}"#;
        frame.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - frame.len())))
    };
    assert!(by_json(&body(MAX_BODY_BYTES)).is_ok());
    assert_eq!(by_json(&body(MAX_BODY_BYTES + 1)), Err(BodyError::TooLarge));
    assert_eq!(empty(&vec![0; MAX_BODY_BYTES + 1]), Err(BodyError::TooLarge));
}

#[test]
fn a_body_without_a_type_or_of_another_one_is_unsupported() {
    let unsupported = Err(BodyError::Unsupported(UnsupportedMediaType));
    let body = br#"{"username":"a","password":"b"}"#;
    assert_eq!(json_or_form::<Login>(&HeaderMap::new(), body), unsupported);
    assert_eq!(json_or_form::<Login>(&headers("text/plain"), body), unsupported);
    assert_eq!(json::<Login>(&headers("application/x-www-form-urlencoded"), body), unsupported);
    assert_eq!(form::<Login>(&headers("application/json"), b"username=a&password=b"), unsupported);
}

#[test]
fn an_endpoint_without_members_takes_no_body() {
    assert_eq!(empty(b""), Ok(()));
    for body in [&b"{}"[..], b" ", b"x"] {
        assert!(matches!(empty(body), Err(BodyError::Malformed { .. })));
    }
}

#[test]
fn messages_do_not_repeat_what_was_sent() {
    for body in [
        r#"{"username":"a","password":"b","hunter2":1}"#,
        r#"{"username":"a","password":"b","trust_device":"hunter2"}"#,
    ] {
        assert!(!by_json(body).unwrap_err().to_string().contains("hunter2"));
    }
}

proptest! {
    #[test]
    fn what_a_browser_encodes_is_read_back(username in "\\PC{0,20}", password in any::<String>()) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("username", &username).append_pair("password", &password);
        prop_assert_eq!(by_form(form.finish().as_bytes()), Ok(login(&username, &password)));
        let json = serde_json::json!({"username": username, "password": password}).to_string();
        prop_assert_eq!(by_json(&json), Ok(login(&username, &password)));
    }

    #[test]
    fn any_bytes_are_refused_or_read(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = by_form(&body);
        let _ = json::<serde_json::Value>(&headers("application/json"), &body);
    }
}

//! Bodies that are not what they should be: refused by shape, before anything is done, and never a 5xx.

use http::Method;
use serde_json::json;

use crate::world::{PASSWORD, Plan, World};

const JSON: &str = "application/json";

#[tokio::test]
async fn an_unknown_a_missing_a_repeated_or_a_mistyped_member_is_malformed() {
    let world = World::new().await;
    let bodies = [
        json!({"username": "root", "password": PASSWORD, "remember": true}).to_string(),
        json!({"username": "root"}).to_string(),
        json!({"username": "root", "password": 12345678}).to_string(),
        json!({"username": "root", "password": null}).to_string(),
        json!(["root", PASSWORD]).to_string(),
        json!("root").to_string(),
        format!(r#"{{"username":"root","username":"root","password":"{PASSWORD}"}}"#),
        format!(r#"{{"username":"root","password":"{PASSWORD}"}} trailing"#),
        "{\"username\":\"root\",\"password\":\"\u{0}\"}".to_owned(),
        "{".to_owned(),
        String::new(),
    ];
    for body in bodies {
        let answer = world.post("/auth/v1/login").raw(JSON, body.clone().into_bytes()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "malformed_request"), "{body}");
        assert!(!answer.text().contains(PASSWORD), "the answer repeats the password");
    }
    let invalid_utf8 = b"{\"username\":\"\xff\",\"password\":\"x\"}".to_vec();
    world.post("/auth/v1/login").raw(JSON, invalid_utf8).await.refused(400, "malformed_request");
}

#[tokio::test]
async fn a_body_without_a_content_type_or_of_another_type_is_unsupported() {
    let world = World::new().await;
    let admin = world.admin().await;
    let body = json!({"username": "root", "password": PASSWORD}).to_string().into_bytes();
    let without = world.post("/auth/v1/login").raw(JSON, body.clone()).without("content-type").await;
    without.refused(415, "unsupported_media_type");
    for other in ["text/plain", "multipart/form-data; boundary=x", "application/jsonp", "text/json", ""] {
        let answer = world.post("/auth/v1/login").raw(other, body.clone()).await;
        answer.refused(415, "unsupported_media_type");
    }
    let form = [("username", "new")];
    admin.post("/auth/v1/admin/users").form(&form).await.refused(415, "unsupported_media_type");
    world.post("/auth/v1/login").raw("application/json; charset=utf-8", body).await.is(200);
}

#[tokio::test]
async fn a_body_of_64_kib_is_read_and_one_byte_more_is_too_large() {
    let world = World::new().await;
    let of_length = |length: usize| {
        let body = json!({"username": "root", "password": ""}).to_string();
        let password = "x".repeat(length - body.len());
        json!({"username": "root", "password": password}).to_string().into_bytes()
    };
    let fits = world.post("/auth/v1/login").raw(JSON, of_length(64 * 1024)).await;
    fits.refused(401, "invalid_credentials");
    let over = world.post("/auth/v1/login").raw(JSON, of_length(64 * 1024 + 1)).await;
    over.refused(413, "body_too_large");
    let huge = vec![b'x'; 1 << 20];
    world.post("/auth/v1/refresh").raw(JSON, huge).await.refused(413, "body_too_large");
}

#[tokio::test]
async fn json_30000_brackets_deep_is_malformed() {
    let world = World::new().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 30_000 / open.len();
        let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let body = format!(r#"{{"username":"root","password":{nested}}}"#);
        let answer = world.post("/auth/v1/login").raw(JSON, body.into_bytes()).await;
        answer.refused(400, "malformed_request");
        let unclosed = open.repeat(depth).into_bytes();
        world.post("/auth/v1/login").raw(JSON, unclosed).await.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn a_60_kb_password_is_a_wrong_one_at_login_and_too_long_to_be_chosen() {
    let world = World::new().await;
    let long = "x".repeat(60_000);
    world.browser().login_with("root", &long).await.refused(401, "invalid_credentials");
    world.browser().login_with("nobody", &long).await.refused(401, "invalid_credentials");
    let admin = world.admin().await;
    let user = json!({"username": "ann", "password": long});
    admin.post("/auth/v1/admin/users").json(&user).await.refused(422, "validation_failed");
}

#[tokio::test]
async fn nul_in_a_name_is_an_unknown_name_at_login_and_refused_for_a_new_user() {
    let world = World::new().await;
    for name in ["root\0", "\0root", "ro\0ot", "\0"] {
        world.browser().login(name).await.refused(401, "invalid_credentials");
    }
    let admin = world.admin().await;
    let user = json!({"username": "ann\0", "password": PASSWORD});
    let refused = admin.post("/auth/v1/admin/users").json(&user).await;
    refused.refused(422, "validation_failed");
    assert_eq!(refused.json()["errors"][0]["field"], "username");
}

#[tokio::test]
async fn names_of_every_odd_kind_are_refused_or_unknown_and_never_an_error_of_ours() {
    let world = World::new().await;
    let admin = world.admin().await;
    let long = "é".repeat(30_000);
    for name in ["", " ", "a\nb", "\u{202e}x", "' OR 1=1 --", "%00", "\u{fdfa}", &long, "\u{1f600}"] {
        world.browser().login_with(name, "x").await.refused(401, "invalid_credentials");
        let made = admin.post("/auth/v1/admin/users").json(&json!({"username": name})).await;
        assert!(matches!(made.status.as_u16(), 201 | 422), "{name:?}: {made:?}");
    }
}

#[tokio::test]
async fn a_form_with_a_field_twice_or_broken_encoding_is_malformed() {
    let world = World::new().await;
    let form = "application/x-www-form-urlencoded";
    for body in [
        "username=root&password=x&password=y",
        "username=root&password=%zz",
        "username=root&password=%ff",
        "username=root",
        "",
    ] {
        let answer = world.post("/auth/v1/login").raw(form, body.as_bytes().to_vec()).await;
        answer.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn endpoints_without_members_take_an_empty_body_and_no_other() {
    let world = Plan::at("http://localhost:8080").start().await;
    let browser = world.admin().await;
    let ann = world.user("ann", &[]).await;
    let targets = [
        (Method::POST, "/auth/v1/refresh".to_owned()),
        (Method::DELETE, "/auth/v1/sessions".to_owned()),
        (Method::POST, format!("/auth/v1/admin/users/{}/reset-link", ann.id)),
        (Method::POST, format!("/auth/v1/admin/users/{}/unlock", ann.id)),
        (Method::DELETE, format!("/auth/v1/admin/users/{}/devices", ann.id)),
        (Method::DELETE, format!("/auth/v1/admin/users/{}/sessions", ann.id)),
    ];
    for (method, target) in targets {
        let full = browser.ask(method.clone(), &target).json(&json!({"a": 1})).await;
        full.refused(400, "malformed_request");
        let empty = browser.ask(method.clone(), &target).raw(JSON, Vec::new()).await;
        assert!(empty.status.is_success(), "{method} {target}: {empty:?}");
        let bare = browser.ask(method, &target).await;
        assert!(bare.status.is_success(), "{target}: {bare:?}");
    }
}

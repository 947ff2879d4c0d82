//! `POST /v1/login/mfa`: the second step of a login, by a code.

use doorward_core::session::{OnLimit, SessionLimit};
use serde_json::json;

use crate::{
    answer::Answer,
    authenticator_app::{Person, begin, enrolled, recover, show},
    world::{BOTH, PASSWORD, Plan, World},
};

#[tokio::test]
async fn a_right_password_alone_leaves_somebody_with_a_factor_outside() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        enrolled(&world, "ann", &[]).await;
        let browser = world.browser();
        let answer = begin(&browser, "ann").await;
        let due = json!({"status": "mfa_required", "methods": ["totp", "recovery_code"], "expires_in": 300});
        assert_eq!(answer.ok(), due);
        assert_eq!(world.last_event().await.0, "mfa.pending");
        assert_eq!(browser.state().await, "not_authenticated");
        browser.refresh().await.refused(401, "not_authenticated");
        assert_eq!(browser.cookie_names(), ["dw_csrf", "dw_pending"]);
    }
}

#[tokio::test]
async fn a_code_of_the_app_completes_the_login() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = Person::pending(&world, "ann").await;
        let body = show(&browser, &ann.app.next_code().await).await.ok();
        assert_eq!((&body["status"], &body["user"]["username"]), (&json!("authenticated"), &json!("ann")));
        let session = &body["session"];
        assert_eq!((&session["aal"], &session["amr"]), (&json!(2), &json!(["pwd", "otp", "mfa"])));
        assert_eq!(browser.session_id().await, session["id"]);
        let event = world.audit().await.pop().unwrap();
        assert_eq!(event.name, "login.succeeded");
        assert!(event.details.contains(&("factor".to_owned(), "totp".to_owned())));
        browser.refresh().await.is(200);
    }
}

#[tokio::test]
async fn a_recovery_code_completes_one_login_and_is_no_change_of_factors() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        let code = &ann.recovery_codes[3];
        let browser = Person::pending(&world, "ann").await;
        let session = recover(&browser, code).await.ok()["session"].clone();
        assert_eq!((&session["aal"], &session["amr"]), (&json!(2), &json!(["pwd", "otp", "mfa"])));
        let events: Vec<_> = world.audit().await.into_iter().rev().take(2).collect();
        assert!(events.iter().any(|event| event.name == "mfa.recovery_code_used"));
        let told = ("factor".to_owned(), "recovery_code".to_owned());
        assert!(events.iter().any(|event| event.name == "login.succeeded" && event.details.contains(&told)));
        recover(&Person::pending(&world, "ann").await, code).await.refused(401, "mfa_code_invalid");
        assert_eq!(ann.browser.get("/auth/v1/me").await.ok()["mfa"]["recovery_codes_left"], 9);
    }
}

#[tokio::test]
async fn a_recovery_code_is_read_as_people_copy_it() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let codes = ann.recovery_codes.iter();
    let typed: Vec<_> = [
        |code: &str| code.to_lowercase(),
        |code: &str| code.replace('-', ""),
        |code: &str| format!(" {} ", code.replace('-', " ")),
        |code: &str| code.replace('0', "o").replace('1', "l"),
        |code: &str| code.replace('0', "O").replace('1', "I"),
        |code: &str| code.replace('-', "\u{2013}"),
    ]
    .iter()
    .zip(codes)
    .map(|(as_copied, code)| as_copied(code))
    .collect();
    for typed in typed {
        recover(&Person::pending(&world, "ann").await, &typed).await.is(200);
    }
    for code in ["", "0000-0000-0000-0000", "not a recovery code", &"0".repeat(1000)] {
        recover(&Person::pending(&world, "ann").await, code).await.refused(401, "mfa_code_invalid");
    }
    assert_eq!(world.last_event().await, ("mfa.refused".to_owned(), "mfa_code_invalid".to_owned()));
}

#[tokio::test]
async fn a_login_is_completed_once() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    let copied = browser.copied();
    show(&browser, &ann.app.next_code().await).await.is(200);
    assert!(!browser.has_cookie("dw_pending"));
    recover(&copied, &ann.recovery_codes[0]).await.refused(401, "not_authenticated");
    assert!(!copied.has_cookie("dw_pending"), "a browser keeps no cookie of a login that is over");
    // It was not looked at.
    recover(&Person::pending(&world, "ann").await, &ann.recovery_codes[0]).await.is(200);
}

#[tokio::test]
async fn without_a_login_that_waits_there_is_nothing_to_complete() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let nobody = world.browser();
    let bare = show(&nobody, &ann.app.next_code().await).await;
    bare.refused(401, "not_authenticated");
    assert!(!bare.has("set-cookie") && !bare.has("www-authenticate"));
    for token in ["", "garbage", "dwp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &"x".repeat(4000)] {
        let made_up = show(&nobody, &ann.app.code()).cookies(&format!("dw_pending={token}")).await;
        made_up.refused(401, "not_authenticated");
        assert_eq!(made_up.cookie("dw_pending").max_age(), 0);
    }
    // Somebody signed in has no login that waits either.
    show(&ann.browser, &ann.app.code()).await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn a_body_of_another_shape_counts_for_nothing() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let browser = Person::pending(&world, "ann").await;
    let code = ann.app.next_code().await;
    for body in [
        json!({}),
        json!({"code": code}),
        json!({"method": "totp"}),
        json!({"method": "passkey", "code": code}),
        json!({"method": "totp", "code": 123_456}),
        json!({"method": "totp", "code": code, "trust_device": true}),
        json!([code]),
    ] {
        browser.post("/auth/v1/login/mfa").json(&body).await.refused(400, "malformed_request");
    }
    let form = browser.post("/auth/v1/login/mfa").form(&[("method", "totp"), ("code", &code)]).await;
    form.refused(415, "unsupported_media_type");
    browser.post("/auth/v1/login/mfa").await.refused(415, "unsupported_media_type");
    show(&browser, &code).await.is(200);
}

fn names(answer: &Answer) -> Vec<(String, String, i64)> {
    let cookies = answer.set_cookies().into_iter();
    let mut rows: Vec<_> = cookies.map(|c| (c.name.clone(), c.attributes(), c.max_age())).collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn the_cookies_of_a_login_that_waits_are_those_of_the_contract() {
    let shared = |config: &mut doorward::Config| config.cookies.domain = Some("example.com".to_owned());
    let https = "https://auth.example.com";
    for (plan, pending, csrf, session, refresh) in [
        (
            Plan::at("http://localhost:8080"),
            ("dw_pending", "httponly; path=/auth; samesite=Strict"),
            ("dw_csrf", "path=/; samesite=Strict"),
            ("dw_session", "httponly; path=/; samesite=Strict"),
            ("dw_refresh", "httponly; path=/auth; samesite=Strict"),
        ),
        (
            Plan::at(https),
            ("__Secure-dw_pending", "httponly; path=/auth; samesite=Strict; secure"),
            ("__Host-dw_csrf", "path=/; samesite=Strict; secure"),
            ("__Host-dw_session", "httponly; path=/; samesite=Strict; secure"),
            ("__Secure-dw_refresh", "httponly; path=/auth; samesite=Strict; secure"),
        ),
        (
            Plan::at(https).with(shared),
            ("__Host-dw_pending", "httponly; path=/; samesite=Strict; secure"),
            ("__Secure-dw_csrf", "domain=example.com; path=/; samesite=Strict; secure"),
            ("__Secure-dw_session", "domain=example.com; httponly; path=/; samesite=Strict; secure"),
            ("__Host-dw_refresh", "httponly; path=/; samesite=Strict; secure"),
        ),
    ] {
        let world = plan.start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = world.browser();
        let row = |(name, attributes): (&str, &str), age| (name.to_owned(), attributes.to_owned(), age);
        let mut begun = vec![row(pending, 300), row(csrf, 300), row(session, 0), row(refresh, 0)];
        begun.sort();
        assert_eq!(names(&begin(&browser, "ann").await), begun);
        let done = show(&browser, &ann.app.next_code().await).await;
        done.is(200);
        let cleared = done.cookie(pending.0);
        assert_eq!((cleared.value.as_str(), cleared.max_age()), ("", 0));
        assert_eq!(cleared.attributes(), pending.1);
        assert_eq!(done.cookie(session.0).max_age(), 900);
        assert_eq!(done.cookie(csrf.0).max_age(), 7 * 24 * 3600);
        let left = browser.cookie_names();
        assert_eq!(left.len(), 4, "{left:?}");
        assert!(left.iter().any(|name| name.ends_with("dw_device")));
        browser.post("/auth/v1/logout").await.is(204);
    }
}

#[tokio::test]
async fn the_session_that_was_presented_ends_as_the_login_begins_to_wait() {
    let world = World::new().await;
    let ann = enrolled(&world, "ann", &[]).await;
    let before = ann.browser.copied();
    begin(&ann.browser, "ann").await;
    assert_eq!(before.state().await, "session_revoked");
    before.refresh().await.refused(401, "session_revoked");
    show(&ann.browser, &ann.app.next_code().await).await.is(200);
}

#[tokio::test]
async fn a_wrong_password_tells_nothing_of_factors() {
    let world = World::new().await;
    enrolled(&world, "ann", &[]).await;
    let refused = world.browser().login_with("ann", "wrong password").await;
    refused.refused(401, "invalid_credentials");
    assert!(!refused.has("set-cookie"));
    // A code with a login by cookie is no part of the request.
    let body = json!({"username": "ann", "password": PASSWORD, "code": "123456"});
    world.post("/auth/v1/login").json(&body).await.refused(400, "malformed_request");
}

#[tokio::test]
async fn a_login_past_the_limit_of_sessions_waits_on_and_its_code_is_not_used_up() {
    for storage in BOTH {
        let limit = SessionLimit { max_per_user: 1, on_limit: OnLimit::Refuse };
        let plan = Plan::at("http://localhost:8080").with(|config| config.settings.session_limit = limit);
        let world = plan.on(storage).start().await;
        let ann = enrolled(&world, "ann", &[]).await;
        let browser = Person::pending(&world, "ann").await;
        let code = ann.app.next_code().await;
        show(&browser, &code).await.refused(429, "session_limit_reached");
        let event = ("mfa.refused".to_owned(), "session_limit_reached".to_owned());
        assert_eq!(world.last_event().await, event);
        ann.browser.post("/auth/v1/logout").await.is(204);
        show(&browser, &code).await.is(200);
    }
}

//! What an attacker tried and once succeeded with, each by name.

use std::time::Duration;

use doorward_core::{
    ids::SessionId,
    secret::{PlainToken, TokenPrefix},
};
use serde_json::json;

use crate::{
    proxy::{about, trust_proxy},
    world::{PASSWORD, World},
};

/// A proxy that appends the client's path makes `/verify/default/` of the root page.
#[tokio::test]
async fn whatever_path_a_proxy_appends_the_policy_is_the_one_it_named() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    for appended in
        ["", "/", "//", "/x/", "/../nobody", "/%2e%2e/nobody", "/%ff", "?policy=nobody", "/?/nobody"]
    {
        let target = format!("/auth/verify/default{appended}");
        about(browser.get(&target), "GET", "/").await.is(200);
    }
    // In words that a proxy understands, which 404 is not to nginx.
    for nameless in ["/auth/verify", "/auth/verify/", "/auth/verify//default", "/auth/verify/default%2f"] {
        about(browser.get(nameless), "GET", "/").await.refused(403, "policy_unknown");
    }
}

/// Nobody can shorten the audit log, so nobody who is not known may lengthen it without end.
#[tokio::test]
async fn made_up_refresh_tokens_are_not_recorded() {
    let world = World::new().await;
    let browser = world.admin().await;
    let known: SessionId = browser.session_id().await.parse().unwrap();
    let before = world.audit().await.len();
    for first in [[7; 16], *known.as_bytes()] {
        let token = PlainToken::encode(TokenPrefix::Refresh, &[first.as_slice(), &[0; 40]].concat());
        let cookie = format!("dw_refresh={}", token.reveal());
        world.post("/auth/v1/refresh").cookies(&cookie).await.refused(401, "refresh_token_invalid");
    }
    assert_eq!(world.audit().await.len(), before);
    // One of ours without its CSRF token is, with whose it is.
    browser.post("/auth/v1/refresh").without_csrf().await.refused(403, "csrf_failed");
    let recorded = world.audit().await.pop().unwrap();
    assert_eq!((recorded.name.as_str(), recorded.session_id), ("request.csrf_refused", Some(known)));
    assert!(recorded.user_id.is_some());
}

/// Browsers drop the session cookie with its access token; whoever has copied the refresh token must not keep the
/// session that its owner has left by logging in again.
#[tokio::test]
async fn a_login_ends_the_session_of_which_only_the_refresh_cookie_is_left() {
    let world = World::new().await;
    let browser = world.admin().await;
    let thief = browser.copied();
    world.advance(Duration::from_secs(901)).await;
    assert!(browser.state().await == "not_authenticated");
    browser.login("root").await.is(200);
    thief.refresh().await.refused(401, "session_revoked");
    assert_eq!(browser.state().await, "200");
}

#[tokio::test]
async fn a_bearers_logout_needs_no_rule_1_unless_a_cookie_comes_along() {
    let world = World::with(|config| config.token_endpoint = true).await;
    let credentials = json!({"username": "root", "password": PASSWORD});
    let token = || async {
        let tokens = world.post("/auth/v1/token").json(&credentials).await.ok();
        tokens["access_token"].as_str().unwrap().to_owned()
    };
    let evil = "https://evil.example";
    let (alone, beside) = (token().await, token().await);
    let browser = world.admin().await;
    let logout = |ask: crate::ask::Ask| ask.header("sec-fetch-site", "cross-site").header("origin", evil);
    logout(world.post("/auth/v1/logout")).await.refused(403, "cross_site_refused");
    let cookie = format!("dw_refresh={}", browser.cookie("dw_refresh"));
    let both = world.post("/auth/v1/logout").bearer(&beside).cookies(&cookie);
    logout(both).await.refused(403, "cross_site_refused");
    world.get("/auth/v1/me").bearer(&beside).await.is(200);
    logout(world.post("/auth/v1/logout").bearer(&alone)).await.is(204);
    world.get("/auth/v1/me").bearer(&alone).await.refused(401, "session_revoked");
    assert_eq!(browser.state().await, "200");
}

#[tokio::test]
async fn a_form_may_bring_its_csrf_token_in_the_header_but_not_a_wrong_one_beside_it() {
    let world = World::new().await;
    let browser = world.admin().await;
    let form = [("current_password", "wrong"), ("new_password", "another password")];
    browser.post("/auth/password").form(&form).await.is(401);
    browser.post("/auth/password").form(&form).without_csrf().await.refused(403, "csrf_failed");
    let with_wrong = [form[0], form[1], ("csrf_token", "wrong")];
    browser.post("/auth/password").form(&with_wrong).await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn a_bearer_scheme_without_a_token_is_an_invalid_token() {
    let world = World::new().await;
    for value in ["Bearer", "bearer", "Bearer "] {
        let answer = world.get("/auth/v1/me").header("authorization", value).await;
        assert_eq!(answer.refused(401, "token_invalid").header("www-authenticate"), "Bearer");
    }
    let other = world.get("/auth/v1/me").header("authorization", "Basic eDp5").await;
    assert!(!other.refused(401, "not_authenticated").has("www-authenticate"));
}

//! Forward authentication and cross-site requests: what the policy's `csrf` asks for.

use doorward::config::CsrfPolicy;
use serde_json::json;

use crate::{
    ask::Ask,
    browser::Browser,
    proxy::{about, policy, trust_proxy},
    world::{PASSWORD, World},
};

/// A request for the app with the session cookie, whatever site it comes from: a browser that sends Strict cookies to
/// sibling hosts, or one that does not know SameSite.
fn ask(browser: &Browser, policy: &str, method: &str) -> Ask {
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    about(browser.get(&format!("/auth/verify/{policy}")).cookies(&cookies), method, "/app")
}

#[tokio::test]
async fn by_default_unsafe_methods_of_other_sites_are_refused() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "WHATEVER"] {
        ask(&browser, "default", method).await.is(200);
        let forged = ask(&browser, "default", method).cross_site().await;
        forged.refused(403, "cross_site_refused");
        let forged =
            ask(&browser, "default", method).without("sec-fetch-site").header("origin", "null").await;
        forged.refused(403, "cross_site_refused");
    }
    for method in ["GET", "HEAD", "OPTIONS"] {
        ask(&browser, "default", method).cross_site().await.is(200);
    }
}

#[tokio::test]
async fn a_websocket_handshake_of_another_site_is_refused_although_it_is_a_get() {
    let world = World::with(trust_proxy).await;
    let browser = world.admin().await;
    let evil = "https://evil.example";
    for (name, value) in [("upgrade", "websocket"), ("upgrade", "WebSocket"), ("sec-fetch-mode", "websocket")]
    {
        let handshake = || ask(&browser, "default", "GET").without("sec-fetch-site").header(name, value);
        handshake().header("origin", evil).await.refused(403, "cross_site_refused");
        handshake().header("origin", "http://localhost:8080").await.is(200);
        handshake().cross_site().await.refused(403, "cross_site_refused");
    }
}

#[tokio::test]
async fn a_policy_of_tokens_asks_unsafe_methods_for_the_header_too() {
    let world = World::with(policy("api", |p| p.csrf = CsrfPolicy::Token)).await;
    let (browser, other) = (world.admin().await, world.admin().await);
    let good = browser.cookie("dw_csrf");
    ask(&browser, "api", "GET").await.is(200);
    ask(&browser, "api", "POST").await.refused(403, "csrf_failed");
    ask(&browser, "api", "POST").csrf(&other.cookie("dw_csrf")).await.refused(403, "csrf_failed");
    ask(&browser, "api", "POST").csrf(&good).await.is(200);
    ask(&browser, "api", "POST").csrf(&good).cross_site().await.refused(403, "cross_site_refused");
    // The query is the client's.
    let by_query = browser.get(&format!("/auth/verify/api?csrf_token={good}"));
    let cookies = format!("dw_session={}", browser.cookie("dw_session"));
    about(by_query.cookies(&cookies), "POST", "/app").await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn a_policy_without_checks_leaves_them_to_the_app() {
    let world = World::with(policy("own", |p| p.csrf = CsrfPolicy::Off)).await;
    let browser = world.admin().await;
    ask(&browser, "own", "POST").cross_site().await.is(200);
}

#[tokio::test]
async fn a_bearer_token_is_exempt_from_both_rules() {
    let world = World::with(|config| {
        policy("api", |p| p.csrf = CsrfPolicy::Token)(config);
        config.token_endpoint = true;
    })
    .await;
    let body = json!({"username": "root", "password": PASSWORD});
    let tokens = world.post("/auth/v1/token").json(&body).await.ok();
    let access = tokens["access_token"].as_str().unwrap();
    for name in ["api", "default"] {
        let target = format!("/auth/verify/{name}");
        let by_bearer =
            about(world.get(&target).bearer(access), "POST", "/app").header("origin", "https://evil.example");
        by_bearer.await.is(200);
        // Not if it is the cookie that authenticates.
        let browser = world.admin().await;
        let cookies = format!("dw_session={}", browser.cookie("dw_session"));
        let by_cookie = about(world.get(&target).cookies(&cookies).bearer(access), "POST", "/app");
        by_cookie.header("origin", "https://evil.example").await.refused(403, "cross_site_refused");
    }
}

#[tokio::test]
async fn a_session_cookie_replayed_as_a_bearer_token_passes_nothing() {
    let world = World::with(trust_proxy).await;
    let session = world.admin().await.cookie("dw_session");
    let answer = about(world.get("/auth/verify/default").bearer(&session), "GET", "/app").await;
    answer.refused(401, "token_invalid");
}

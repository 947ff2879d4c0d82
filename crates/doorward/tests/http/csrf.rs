//! Cross-site request forgery: where a request comes from (rule 1), and the token that only our pages have (rule 2).

use http::Method;
use serde_json::json;

use crate::{
    ask::Ask,
    world::{PASSWORD, World},
};

/// Every state change that a cookie authenticates, with a body of the right shape.
fn state_changes(browser: &crate::browser::Browser, someone: &str) -> Vec<Ask> {
    let user = format!("/auth/v1/admin/users/{someone}");
    let passwords = json!({"current_password": PASSWORD, "new_password": "another long one"});
    vec![
        browser.post("/auth/v1/refresh"),
        browser.delete("/auth/v1/sessions"),
        browser.delete("/auth/v1/sessions/unknown"),
        browser.post("/auth/v1/password").json(&passwords),
        browser.post("/auth/v1/admin/users").json(&json!({"username": "new"})),
        browser.patch(&user).json(&json!({"roles": ["a"]})),
        browser.post(&format!("{user}/reset-link")),
        browser.post(&format!("{user}/unlock")),
        browser.delete(&format!("{user}/devices")),
        browser.delete(&format!("{user}/sessions")),
        browser.delete(&user),
    ]
}

#[tokio::test]
async fn no_state_change_by_cookie_passes_without_the_token() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let browser = world.admin().await;
    for ask in state_changes(&browser, &ann.id.to_string()) {
        ask.without_csrf().await.refused(403, "csrf_failed");
        assert_eq!(world.last_event().await, ("request.csrf_refused".to_owned(), "csrf_failed".to_owned()));
    }
    assert_eq!(browser.state().await, "200");
    browser.get(&format!("/auth/v1/admin/users/{}", ann.id)).await.is(200);
}

#[tokio::test]
async fn no_state_change_by_cookie_passes_from_another_site_although_it_has_the_token() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let browser = world.admin().await;
    for ask in state_changes(&browser, &ann.id.to_string()) {
        ask.header("sec-fetch-site", "same-site").await.refused(403, "cross_site_refused");
    }
    let event = ("request.csrf_refused".to_owned(), "cross_site_refused".to_owned());
    assert_eq!(world.last_event().await, event);
    for ask in state_changes(&browser, &ann.id.to_string()) {
        let forged = ask.without("sec-fetch-site").header("origin", "https://evil.example").await;
        forged.refused(403, "cross_site_refused");
    }
    browser.get(&format!("/auth/v1/admin/users/{}", ann.id)).await.is(200);
}

#[tokio::test]
async fn the_token_of_another_session_fails() {
    let world = World::new().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    let theirs = other.cookie("dw_csrf");
    browser.post("/auth/v1/refresh").csrf(&theirs).await.refused(403, "csrf_failed");
    browser.delete("/auth/v1/sessions").csrf(&theirs).await.refused(403, "csrf_failed");
    // Not even when the cookie carries it as well: the token is checked by its MAC, not against the cookie.
    browser.replace_cookie("dw_csrf", &theirs);
    browser.refresh().await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn made_up_and_doubled_tokens_fail() {
    let world = World::new().await;
    let browser = world.admin().await;
    let good = browser.cookie("dw_csrf");
    for bad in ["", " ", "x", &"A".repeat(64), &good[1..], &format!("{good}x"), &format!("{good},{good}")] {
        browser.delete("/auth/v1/sessions").csrf(bad).await.refused(403, "csrf_failed");
    }
    let twice = browser.delete("/auth/v1/sessions").csrf(&good).another("x-csrf-token", &good).await;
    twice.refused(403, "csrf_failed");
    let changed = browser.delete("/auth/v1/sessions").csrf(&good.to_lowercase()).await;
    changed.refused(403, "csrf_failed");
}

#[tokio::test]
async fn tokens_issued_earlier_for_the_session_stay_valid_after_a_refresh() {
    let world = World::new().await;
    let browser = world.admin().await;
    let first = browser.cookie("dw_csrf");
    browser.refresh().await.is(200);
    browser.refresh().await.is(200);
    assert_ne!(browser.cookie("dw_csrf"), first);
    browser.delete("/auth/v1/sessions").csrf(&first).await.is(200);
    browser.post("/auth/v1/refresh").csrf(&first).await.is(200);
}

#[tokio::test]
async fn a_refresh_with_only_the_refresh_cookie_needs_the_token() {
    let world = World::new().await;
    let browser = world.admin().await;
    let (refresh, csrf) = (browser.cookie("dw_refresh"), browser.cookie("dw_csrf"));
    let only = format!("dw_refresh={refresh}");
    world.post("/auth/v1/refresh").cookies(&only).await.refused(403, "csrf_failed");
    assert_eq!(world.last_event().await, ("request.csrf_refused".to_owned(), "csrf_failed".to_owned()));
    world.post("/auth/v1/refresh").cookies(&only).csrf(&csrf).await.is(200);
}

#[tokio::test]
async fn the_token_outlives_the_access_token_so_that_refresh_can_pass() {
    let world = World::new().await;
    let browser = world.admin().await;
    world.advance(crate::world::DAY).await;
    assert_eq!(browser.state().await, "not_authenticated");
    browser.refresh().await.is(200);
    assert_eq!(browser.state().await, "200");
}

#[tokio::test]
async fn a_trailing_slash_or_another_spelling_of_the_path_dodges_nothing() {
    let world = World::new().await;
    let browser = world.admin().await;
    for target in [
        "/auth/v1/refresh/",
        "/auth//v1/refresh",
        "/auth/v1/REFRESH",
        "/auth/v1/./refresh",
        "/auth/v1/refresh%2f",
        "/auth/v1/login/../refresh",
        "/auth/v1/sessions/",
        "/auth/v1/logout/",
    ] {
        let answer = browser.post(target).without_csrf().await;
        assert!(matches!(answer.status.as_u16(), 403..=405), "{target}: {answer:?}");
        assert!(!answer.has("set-cookie"), "{target}");
        let forged = world.post(target).header("origin", "https://evil.example").await;
        assert!(matches!(forged.status.as_u16(), 403..=405), "{target}");
    }
    assert_eq!(browser.state().await, "200");
}

#[tokio::test]
async fn pages_take_the_token_as_a_form_field() {
    let world = World::new().await;
    let browser = world.admin().await;
    let csrf = browser.cookie("dw_csrf");
    let elsewhere = world.admin().await;
    let bare = browser.post("/auth/account/sessions/revoke-others").without_csrf().navigation();
    bare.form(&[]).await.is(403);
    let wrong = browser.post("/auth/account/sessions/revoke-others").without_csrf().navigation();
    wrong.form(&[("csrf_token", "x")]).await.is(403);
    let good = browser.post("/auth/account/sessions/revoke-others").without_csrf().navigation();
    good.form(&[("csrf_token", &csrf)]).await.is(200);
    assert_eq!(elsewhere.state().await, "session_revoked");
    world.admin().await;
    // A page's own form carries one.
    let page = browser.get("/auth/account").navigation().await.text();
    let token = page.split("name=\"csrf_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let others = browser.post("/auth/account/sessions/revoke-others").without_csrf().navigation();
    others.form(&[("csrf_token", token)]).await.is(200);
}

#[tokio::test]
async fn rule_1_goes_by_sec_fetch_site_and_else_by_origin() {
    let world = World::new().await;
    let (ours, evil) = ("http://localhost:8080", "https://evil.example");
    let table = [
        (Some("same-origin"), None, true),
        (Some("none"), None, true),
        (Some("same-origin"), Some(ours), true),
        (Some("same-site"), None, false),
        (Some("same-site"), Some(ours), true),
        (Some("same-site"), Some(evil), false),
        (Some("cross-site"), None, false),
        (Some("cross-site"), Some(ours), true),
        (Some("cross-site"), Some(evil), false),
        (Some("cross-site"), Some("null"), false),
        (Some("Same-Origin"), None, false),
        (Some(""), None, false),
        (Some("same-origin, cross-site"), None, false),
        (None, None, true),
        (None, Some(ours), true),
        (None, Some(evil), false),
        (None, Some("null"), false),
        (None, Some(""), false),
        (None, Some("http://localhost"), false),
        (None, Some("https://localhost:8080"), false),
        (None, Some("http://localhost:8080.evil.example"), false),
    ];
    for (site, origin, passes) in table {
        let mut ask = world.post("/auth/v1/logout");
        if let Some(site) = site {
            ask = ask.header("sec-fetch-site", site);
        }
        if let Some(origin) = origin {
            ask = ask.header("origin", origin);
        }
        let answer = ask.await;
        if passes {
            assert_eq!(answer.status, 204, "{site:?} {origin:?}");
        } else {
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "cross_site_refused"));
        }
    }
}

#[tokio::test]
async fn an_allowed_origin_passes_rule_1_and_still_needs_the_token() {
    use doorward::origins::WebOrigin;
    let app = "https://app.example.com";
    let world = World::with(|config| {
        config.allowed_origins = [WebOrigin::parse(app).unwrap()].into_iter().collect();
    })
    .await;
    let browser = world.admin().await;
    let ask =
        || browser.delete("/auth/v1/sessions").header("sec-fetch-site", "same-site").header("origin", app);
    ask().await.is(200);
    ask().without_csrf().await.refused(403, "csrf_failed");
}

#[tokio::test]
async fn a_state_change_needs_the_refresh_cookie_beside_the_session_cookie() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let browser = world.admin().await;
    // What an app behind the proxy has: session cookie and CSRF token.
    let app = browser.copied();
    app.forget_cookie("dw_refresh");
    for ask in state_changes(&app, &ann.id.to_string()) {
        ask.await.refused(401, "not_authenticated");
    }
    for target in ["/auth/v1/admin/users", "/auth/v1/admin/audit", "/auth/v1/sessions?scope=all"] {
        app.get(target).await.refused(401, "not_authenticated");
    }
    app.get("/auth/v1/sessions").await.is(200);
    app.get("/auth/v1/me").await.is(200);
}

#[tokio::test]
async fn the_refresh_cookie_of_another_session_does_not_do() {
    let world = World::new().await;
    let (browser, other) = (world.admin().await, world.admin().await);
    let theirs = other.cookie("dw_refresh");
    browser.replace_cookie("dw_refresh", &theirs);
    browser.delete("/auth/v1/sessions").await.refused(401, "not_authenticated");
    browser.get("/auth/v1/admin/users").await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn a_spent_refresh_cookie_does_not_do_once_the_grace_is_over() {
    let world = World::new().await;
    let browser = world.admin().await;
    let spent = browser.cookie("dw_refresh");
    browser.refresh().await.is(200);
    browser.replace_cookie("dw_refresh", &spent);
    // A request that was on its way while another tab refreshed.
    browser.delete("/auth/v1/sessions").await.is(200);
    world.advance(crate::world::MINUTE).await;
    browser.delete("/auth/v1/sessions").await.refused(401, "not_authenticated");
}

#[tokio::test]
async fn safe_methods_need_no_token_and_change_nothing() {
    let world = World::new().await;
    let browser = world.admin().await;
    for target in ["/auth/v1/refresh", "/auth/v1/logout", "/auth/v1/login", "/auth/v1/password"] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            browser.ask(method, target).await.is(405);
        }
    }
    browser.get("/auth/logout").navigation().await.is(200);
    assert_eq!(browser.state().await, "200");
}
